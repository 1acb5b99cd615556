//! Tables of what learners might write, with the verdict that is fair.

mod clones;
mod content;
mod parameter;
mod permission;
mod ride_record;
mod topic;
mod variables;
mod wild_rydes;

use crate::check::{Evidence, Parameters, Status, find};
use crate::diagnostic::Diagnostic;
use crate::workshop::Source;

/// What `code` finds in a workshop folder whose `service` has this `serverless.yml`.
fn judge(code: &str, parameters: &str, service: &str, text: &str) -> Vec<Diagnostic> {
    let file = (format!("{service}/serverless.yml"), Source::Text(text.into()));
    let evidence = Evidence::new([file]);
    let parameters = Parameters(toml::from_str(parameters).unwrap());
    let rule = find(code).unwrap();
    (rule.judge)(&evidence, &parameters).unwrap()
}

fn words(findings: &[Diagnostic]) -> String {
    let line = |finding: &Diagnostic| {
        format!("{:?} {} — {}\n", finding.severity, finding.message, finding.help.as_deref().unwrap_or_default())
    };
    findings.iter().map(line).collect()
}

fn status(findings: &[Diagnostic]) -> Status {
    Status::of(findings.iter().map(|finding| finding.severity))
}
