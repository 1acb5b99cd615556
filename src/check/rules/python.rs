//! Rules that read Python handlers.

use crate::check::rule::Rule;

/// In the order of their codes.
pub(in crate::check) static PYTHON: &[&Rule] = &[];
