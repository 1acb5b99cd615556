//! # The file can be read
//!
//! ## What it asks
//! The file that a task is about is there, is at most 1 MiB of UTF-8 text, and may be read.
//!
//! ## Why
//! What cannot be read cannot be graded: the task is *blocked*, not failed. Nothing is lost by it.
//!
//! ## Passes
//! ```text
//! workshop/
//!   wild-rydes/serverless.yml
//!   wild-rydes/handlers/request_ride.py
//! ```
//!
//! ## Fails
//! ```text
//! workshop/
//!   serverless.yml            the service's folder is missing: run the command one folder higher, or name the folder with --workspace
//! ```

use crate::check::rule::Rule;

/// No task asks for it: it is found on the way to what tasks ask for.
pub(super) static RULE: Rule = Rule {
    code: "RY001",
    name: "file-readable",
    source: include_str!("file_readable.rs"),
    judge: |_, _| Ok(Vec::new()),
};
