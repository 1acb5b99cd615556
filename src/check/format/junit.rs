//! JUnit XML: one test case a task, for the dashboards that read it.

use anyhow::Context;
use quick_junit::{NonSuccessKind, Report as Suites, TestCase, TestCaseStatus, TestSuite};

use crate::check::{Finding, Report};
use crate::diagnostic::Status;
use crate::workshop::Module;

pub(super) fn render(report: &Report, module: &Module) -> anyhow::Result<String> {
    let mut suite = TestSuite::new(report.module.as_str());
    for task in &report.tasks {
        let mut status = match task.status {
            Status::Pass | Status::Warn => TestCaseStatus::success(),
            Status::Fail => TestCaseStatus::non_success(NonSuccessKind::Failure),
            Status::Blocked if task.needs_target() => TestCaseStatus::skipped(),
            Status::Blocked => TestCaseStatus::non_success(NonSuccessKind::Error),
        };
        let words: Vec<String> = task.findings.iter().map(line).collect();
        if let Some(first) = task.findings.first().filter(|_| !task.status.is_done()) {
            status
                .set_message(first.diagnostic.message.as_str())
                .set_type(first.diagnostic.code)
                .set_description(words.join("\n"));
        }
        let title = module.task(&task.id.0).map(|task| task.title.as_str()).unwrap_or_default();
        let mut case = TestCase::new(format!("{} {title}", task.id).trim(), status);
        case.set_classname(report.module.as_str());
        if task.status == Status::Warn {
            case.set_system_out(words.join("\n"));
        }
        suite.add_test_case(case);
    }
    let mut suites = Suites::new("rydes");
    suites.add_test_suite(suite);
    let mut text = suites.to_string().context("cannot write JUnit XML")?;
    text.push('\n');
    Ok(text)
}

fn line(finding: &Finding) -> String {
    let file = finding.diagnostic.file.as_deref().unwrap_or_default();
    let place = finding.place.map(|place| format!(":{}:{}", place.line, place.column)).unwrap_or_default();
    let help = finding.diagnostic.help.as_deref().map(|help| format!(" ({help})")).unwrap_or_default();
    format!("{file}{place} {}: {}{help}", finding.diagnostic.code, finding.diagnostic.message)
}
