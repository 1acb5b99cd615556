//! Brings what reading found in line with what running showed.

use super::{Outcome, Wrong, kind_of};
use crate::check::Evidence;
use crate::diagnostic::{Block, Diagnostic, Severity, Span};

/// The findings of the rule `code` once its trial, if there was one, has spoken.
pub(in crate::check) fn settle(
    code: &'static str,
    evidence: &Evidence,
    mut findings: Vec<Diagnostic>,
) -> Vec<Diagnostic> {
    let Some(trial) = kind_of(code).and_then(|kind| evidence.trials().iter().find(|trial| trial.subject.kind == kind))
    else {
        return findings;
    };
    if findings.iter().any(|finding| finding.severity == Severity::Blocked(Block::File)) {
        return findings;
    }
    match trial.outcome(code) {
        Outcome::Silent => findings,
        Outcome::Right => {
            findings.retain(|finding| matches!(finding.severity, Severity::Note | Severity::Warning));
            findings
        }
        Outcome::Impossible(reason) => {
            let message = format!("this was judged by reading the code alone: {reason}");
            findings.push(Diagnostic::note(code, &trial.subject.file, message));
            findings
        }
        Outcome::Wrong(wrong) => {
            if let Some(finding) = findings.iter_mut().find(|finding| finding.severity == Severity::Error) {
                let help = finding.help.take();
                finding.help = Some(help.map_or(wrong.seen.clone(), |help| format!("{help} {}", wrong.seen)));
                return findings;
            }
            let unsure = findings.iter().position(|finding| finding.severity == Severity::Blocked(Block::Unsure));
            let read = unsure.map(|place| findings.remove(place)).and_then(|finding| finding.file.zip(finding.span));
            findings.insert(0, finding(code, evidence, &trial.subject.file, &wrong, read));
            findings
        }
    }
}

fn finding(
    code: &'static str,
    evidence: &Evidence,
    file: &str,
    wrong: &Wrong,
    read: Option<(String, Span)>,
) -> Diagnostic {
    let service = file.split('/').next().unwrap_or_default();
    let seen = wrong.place.as_ref().and_then(|place| {
        let path = format!("{service}/{}", place.file);
        let span = line(evidence.text(&path)?, place.line)?;
        Some((path, span))
    });
    let defined = || {
        let span = evidence.python(file).ok()?.binding(wrong.function)?.span;
        Some((file.to_owned(), span))
    };
    let message = wrong.message.as_str();
    match seen.or(read).or_else(defined) {
        Some((path, span)) => Diagnostic::error(code, &path, message).at(span).help(wrong.seen.as_str()),
        None => Diagnostic::error(code, file, message).help(wrong.seen.as_str()),
    }
}

/// What stands in a line, without its indentation.
fn line(text: &str, number: usize) -> Option<Span> {
    let mut start = 0;
    for (index, line) in text.split_inclusive('\n').enumerate() {
        if index + 1 == number {
            let trimmed = line.trim_end();
            let begin = start + (trimmed.len() - trimmed.trim_start().len());
            return Some(Span::new(begin, start + trimmed.len()));
        }
        start += line.len();
    }
    None
}
