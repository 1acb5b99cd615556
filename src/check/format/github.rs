//! Workflow commands of GitHub Actions: annotations on the lines of a pull request.

use std::fmt::Write;

use crate::check::Report;
use crate::diagnostic::Severity;
use crate::workshop::Module;

pub(super) fn render(report: &Report, module: &Module) -> String {
    let mut out = String::new();
    for task in &report.tasks {
        let title = module.task(&task.id.0).map(|task| task.title.as_str()).unwrap_or_default();
        for finding in &task.findings {
            let diagnostic = &finding.diagnostic;
            let command = match diagnostic.severity {
                Severity::Error => "error",
                Severity::Warning | Severity::Blocked(_) => "warning",
                Severity::Note => "notice",
            };
            let mut properties =
                vec![format!("title={}", property(&format!("{} {} {title}", diagnostic.code, task.id)))];
            properties.extend(diagnostic.file.as_deref().map(|file| format!("file={}", property(file))));
            if let Some(place) = finding.place {
                properties.push(format!(
                    "line={},col={},endLine={},endColumn={}",
                    place.line, place.column, place.end_line, place.end_column
                ));
            }
            let help = diagnostic.help.as_deref().map(|help| format!("\n{help}")).unwrap_or_default();
            let _ = writeln!(
                out,
                "::{command} {}::{}",
                properties.join(","),
                data(&format!("{}{help}", diagnostic.message))
            );
        }
    }
    out
}

/// Text escaped as the runner unescapes it.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
