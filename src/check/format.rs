//! Report formats: for people, for programs, for continuous integration.

mod github;
mod human;
mod json;
mod junit;
mod sarif;

pub use human::{Sources, finding as human_finding, summary_line};
pub use json::{SCHEMA, task as json_task};

use super::Report;
use crate::workshop::Module;

/// The report as GitHub Actions workflow commands.
pub fn github(report: &Report, module: &Module) -> String {
    github::render(report, module)
}

/// The report as JSON, schema 1.
pub fn json(report: &Report) -> String {
    json::render(report)
}

/// The report as JUnit XML: one test case a task.
///
/// # Errors
/// The XML writer fails.
pub fn junit(report: &Report, module: &Module) -> anyhow::Result<String> {
    junit::render(report, module)
}

/// The report as SARIF 2.1.0.
pub fn sarif(report: &Report) -> String {
    sarif::render(report)
}
