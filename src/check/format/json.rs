//! JSON, schema 1: what scripts and other programs read.

use serde_json::{Value, json};

use crate::check::{Finding, Report, TaskReport};
use crate::diagnostic::{Block, Severity};

/// Version of the schema. Keys may be added to it; none is renamed or removed.
pub const SCHEMA: u32 = 1;

pub(super) fn render(report: &Report) -> String {
    let tasks: Vec<Value> = report.tasks.iter().map(task).collect();
    let value = json!({ "schema": SCHEMA, "module": report.module, "tasks": tasks });
    format!("{value:#}\n")
}

/// One task of a report.
pub fn task(task: &TaskReport) -> Value {
    let findings: Vec<Value> = task.findings.iter().map(finding).collect();
    json!({ "id": task.id, "status": task.status, "findings": findings })
}

fn finding(finding: &Finding) -> Value {
    let Finding { diagnostic, place, edit_place } = finding;
    let edit = diagnostic.edit.as_ref().map(|edit| {
        json!({
            "title": edit.title, "file": edit.file, "text": edit.text,
            "line": edit_place.map(|place| place.line), "column": edit_place.map(|place| place.column),
            "end_line": edit_place.map(|place| place.end_line), "end_column": edit_place.map(|place| place.end_column),
        })
    });
    let (severity, because) = match diagnostic.severity {
        Severity::Note => ("note", None),
        Severity::Warning => ("warning", None),
        Severity::Error => ("error", None),
        Severity::Blocked(Block::File) => ("blocked", Some("file")),
        Severity::Blocked(Block::Target) => ("blocked", Some("target")),
        Severity::Blocked(Block::Unsure) => ("blocked", Some("not-certain")),
    };
    let mut value = json!({
        "code": diagnostic.code, "severity": severity, "message": diagnostic.message, "file": diagnostic.file,
        "line": place.map(|place| place.line), "column": place.map(|place| place.column),
        "end_line": place.map(|place| place.end_line), "end_column": place.map(|place| place.end_column),
        "help": diagnostic.help, "edit": edit,
    });
    if let Some(because) = because {
        value["because"] = json!(because);
    }
    value
}
