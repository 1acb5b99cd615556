//! `rydes`: the companion for the Wild Rydes event-driven workshop, as a library that the binary and the tests call.
//!
//! Arrows between modules may only point down this list; `tests/it/architecture.rs` keeps it so.
//!
//! | module | holds |
//! | --- | --- |
//! | [`cli`] | what is typed: one file a command |
//! | [`tui`] | the terminal UI |
//! | [`settings`] | flags, environment and settings file, merged once |
//! | [`watch`] | saved files noticed |
//! | [`cloud`] | the AWS side through the AWS SDK, the same for AWS and for the sandbox |
//! | [`sandbox`] | the embedded cloud: AWS services on loopback, handlers in real Python, deploys |
//! | [`author`] | \[pure\] a module proves its own content |
//! | [`check`] | \[pure\] the grader: engine, rules, reports |
//! | [`ride`] | \[pure\] rides joined from events: rows, hops, statistics, cost |
//! | [`workshop`] | \[pure but for `store`\] module, steps, hints, patches, progress, the learner's files |
//! | [`diff`] | \[pure\] differences between two texts |
//! | [`serverless`] | \[pure\] `serverless.yml` understood |
//! | [`python`] | \[pure\] a Python handler understood |
//! | [`diagnostic`] | \[pure\] findings and their places |

pub mod author;
pub mod check;
pub mod cli;
pub mod cloud;
pub mod diagnostic;
pub mod diff;
pub mod python;
pub mod ride;
pub mod sandbox;
pub mod serverless;
pub mod settings;
pub mod tui;
pub mod watch;
pub mod workshop;
