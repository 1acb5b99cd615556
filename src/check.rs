//! The grader: which rules a task asks for, what they find in the learner's files, and the verdict.
//!
//! Pure: the files are read by [`crate::workshop`]'s store and handed in as [`Evidence`]; printing is left to the command line.

pub mod behaviour;
mod deployments;
mod engine;
mod evidence;
pub mod format;
mod registry;
mod report;
mod rule;
mod rules;

pub use crate::diagnostic::Status;
pub use crate::workshop::Source;
pub use deployments::{Denial, Deployed, DeployedResource, Deployments, Failure, Probe};
pub use engine::{grade, grade_task};
pub use evidence::Evidence;
pub use registry::{all, find};
pub use report::{Finding, Report, TaskReport};
pub use rule::{Findings, ParameterError, Parameters, Rule};
