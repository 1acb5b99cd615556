//! # A running target
//!
//! ## What it asks
//! The service is deployed to a target: the sandbox, or an AWS account. Then one ride is requested, and what should happen must happen.
//!
//! ## Why
//! Some things show only when they run. Without a target such a task is *blocked*: neither passed nor failed.
//!
//! ## Passes
//! ```sh
//! rydes deploy wild-rydes
//! rydes check 2.6
//! ```
//!
//! ## Fails
//! ```sh
//! rydes check 2.6        # nothing is deployed, and no target is connected
//! ```

use crate::check::rule::Rule;

/// No task asks for it: it is found on the way to what tasks ask for.
pub(super) static RULE: Rule =
    Rule { code: "RY101", name: "needs-target", source: include_str!("needs_target.rs"), judge: |_, _| Ok(Vec::new()) };
