//! Runs the rules of tasks over evidence.

use super::behaviour::settle;
use super::report::{Finding, Report, TaskReport};
use super::rule::{ParameterError, Parameters, Rule};
use super::rules::needs_target;
use super::{Evidence, registry};
use crate::diagnostic::{Block, Diagnostic, Place, Severity, Status};
use crate::workshop::{Module, Task};

/// Grades `tasks` of `module`.
///
/// # Errors
/// A check that does not exist or does not take its parameters: a mistake in the module, not in the learner's work.
pub fn grade<'a>(
    module: &Module,
    tasks: impl IntoIterator<Item = &'a Task>,
    evidence: &Evidence,
) -> Result<Report, ParameterError> {
    let tasks = tasks.into_iter().map(|task| grade_task(task, evidence)).collect::<Result<_, _>>()?;
    Ok(Report { module: module.id.clone(), tasks })
}

/// Grades one task.
///
/// # Errors
/// As [`grade`].
pub fn grade_task(task: &Task, evidence: &Evidence) -> Result<TaskReport, ParameterError> {
    let mut diagnostics: Vec<Diagnostic> = Vec::new();
    for check in &task.checks {
        let rule = registry::find(&check.code)
            .ok_or_else(|| ParameterError(format!("task {}: there is no check {}", task.id, check.code)))?;
        let found = (rule.judge)(evidence, &Parameters(check.parameters.clone()))
            .map_err(|error| ParameterError(format!("task {}: check {}: {error}", task.id, check.code)))?;
        // Two rules that need the same broken file say so once.
        let offered = found.clone();
        let mended = found.into_iter().map(|mut finding| {
            if !mends(rule, &check.parameters, &finding, &offered, evidence) {
                finding.edit = None;
            }
            finding
        });
        for finding in settle(rule.code, evidence, mended.collect()) {
            let said = |other: &Diagnostic| {
                *other == finding || (finding.severity == Severity::Note && other.message == finding.message)
            };
            if !diagnostics.iter().any(said) {
                diagnostics.push(finding);
            }
        }
    }
    // Rules about deployments say nothing without one: it is said once.
    if task.deploys.is_some() && evidence.deployments().is_none() {
        diagnostics.push(needs_target());
    }
    diagnostics.sort_by_key(|diagnostic| weight(diagnostic.severity));
    let status = Status::of(diagnostics.iter().map(|diagnostic| diagnostic.severity));
    let findings = diagnostics.into_iter().map(|diagnostic| locate(diagnostic, evidence)).collect();
    Ok(TaskReport { id: task.id.clone(), status, findings })
}

/// Whether the edit that `finding` offers does what it says: made, the file still reads, and the rule no longer says the same.
/// A rule sees one place; what else stands in the file (the right key already, an anchor that others merge) can spoil the best advice.
fn mends(
    rule: &Rule,
    parameters: &toml::Table,
    finding: &Diagnostic,
    found: &[Diagnostic],
    evidence: &Evidence,
) -> bool {
    let Some(edit) = &finding.edit else { return true };
    let Some(text) = evidence.text(&edit.file) else { return false };
    let (Some(before), Some(after)) = (text.get(..edit.span.start), text.get(edit.span.end..)) else { return false };
    let changed = evidence.with(&edit.file, &format!("{before}{}{after}", edit.text));
    let Ok(again) = (rule.judge)(&changed, &Parameters(parameters.clone())) else { return false };
    let count = |findings: &[Diagnostic]| {
        findings.iter().filter(|other| (other.code, &other.message) == (finding.code, &finding.message)).count()
    };
    let readable = again.iter().all(|finding| finding.severity != Severity::Blocked(Block::File));
    readable && count(&again) < count(found)
}

fn weight(severity: Severity) -> u8 {
    match severity {
        Severity::Error => 0,
        Severity::Blocked(_) => 1,
        Severity::Warning => 2,
        Severity::Note => 3,
    }
}

fn locate(diagnostic: Diagnostic, evidence: &Evidence) -> Finding {
    let place = |file: &str, span| evidence.text(file).map(|text| Place::of(span, text));
    Finding {
        place: diagnostic.file.as_deref().zip(diagnostic.span).and_then(|(file, span)| place(file, span)),
        edit_place: diagnostic.edit.as_ref().and_then(|edit| place(&edit.file, edit.span)),
        diagnostic,
    }
}
