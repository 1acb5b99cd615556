//! What a file of the learner's holds, as the grader takes it.

use std::sync::Arc;

/// The content of one file in the workshop folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// UTF-8 text, byte-order mark included.
    Text(Arc<str>),
    /// It is there and cannot be used: too large, not UTF-8, no permission … in words.
    Unreadable(String),
}
