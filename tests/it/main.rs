//! Integration tests: one binary, one file a subject.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on must fail")]

mod architecture;
mod command_line;
mod contract;
mod deployments;
mod edits;
mod faulty;
mod grading;
mod interpreter;
mod killed;
mod lambda;
mod line_mode;
mod messages;
mod monitor;
mod moto;
mod operations;
mod replay;
mod sandbox;
mod sdk;
mod support;
mod template;
mod terminal;
mod trials;
