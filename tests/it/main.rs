//! Integration tests: one binary, one file a subject.

mod architecture;
mod command_line;
mod grading;
mod killed;
mod support;
