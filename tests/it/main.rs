//! Integration tests: one binary, one file a subject.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on must fail")]

mod architecture;
mod command_line;
mod edits;
mod grading;
mod killed;
mod support;
mod template;
mod terminal;
