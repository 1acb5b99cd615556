//! SARIF 2.1.0: what code hosts and editors show as scan results.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::check::{Finding, Report, TaskReport, find};
use crate::diagnostic::Severity;

pub(super) fn render(report: &Report) -> String {
    let codes: BTreeSet<&str> =
        report.tasks.iter().flat_map(|task| &task.findings).map(|finding| finding.diagnostic.code).collect();
    let rules: Vec<Value> = codes.iter().map(|code| rule(code)).collect();
    let results: Vec<Value> =
        report.tasks.iter().flat_map(|task| task.findings.iter().map(move |finding| result(task, finding))).collect();
    let value = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "rydes", "version": env!("CARGO_PKG_VERSION"), "rules": rules } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{value:#}\n")
}

fn rule(code: &str) -> Value {
    match find(code) {
        Some(rule) => {
            json!({ "id": code, "name": rule.name, "help": { "text": rule.manual(), "markdown": rule.manual() } })
        }
        None => json!({ "id": code }),
    }
}

fn result(task: &TaskReport, finding: &Finding) -> Value {
    let diagnostic = &finding.diagnostic;
    let (level, kind) = match diagnostic.severity {
        Severity::Error => ("error", "fail"),
        Severity::Warning => ("warning", "fail"),
        Severity::Note => ("note", "fail"),
        // SARIF wants level "none" for every kind but "fail".
        Severity::Blocked(_) => ("none", "open"),
    };
    let help = diagnostic.help.as_deref().map(|help| format!(". {help}")).unwrap_or_default();
    let mut value = json!({
        "ruleId": diagnostic.code, "level": level, "kind": kind,
        "message": { "text": format!("{}{help}", diagnostic.message) },
        "properties": { "task": task.id },
    });
    if let Some(file) = &diagnostic.file {
        let mut physical = json!({ "artifactLocation": { "uri": uri(file) } });
        if let Some(place) = finding.place {
            physical["region"] = json!({
                "startLine": place.line, "startColumn": place.column, "endLine": place.end_line, "endColumn": place.end_column,
            });
        }
        value["locations"] = json!([{ "physicalLocation": physical }]);
    }
    value
}

/// A relative path as a URI reference.
fn uri(path: &str) -> String {
    let keep = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    path.bytes().map(|byte| if keep(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}
