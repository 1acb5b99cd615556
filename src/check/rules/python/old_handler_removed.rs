//! # The old handler is gone
//!
//! ## What it asks
//! The module no longer has a function `handler` at its top level, and still has `handler_http` and `handler_sns`.
//!
//! ## Why
//! Two ways to do the same thing drift apart: the next one to change the answer would have to know which of the two runs. `serverless.yml` names the new handlers
//! from task 4.1 on; until then it still names the old one, so deploy only after that.
//!
//! ## Passes
//! ```python
//! def handler_http(event, context): ...
//! def handler_sns(event, context): ...
//! ```
//!
//! ## Fails
//! ```python
//! def handler(event, context): ...        # still there
//! ```

use serde::Deserialize;

use super::say::{self, error, unsure, warning};
use super::subject::{Setup, Subject};
use crate::check::Evidence;
use crate::check::rule::{Findings, Parameters, Rule};
use crate::diagnostic::{Edit, Span};
use crate::python::data::Data;
use crate::python::effect::At;

pub(super) static RULE: Rule =
    Rule { code: CODE, name: "old-handler-removed", source: include_str!("old_handler_removed.rs"), judge };
const CODE: &str = "RY304";

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Asked {
    file: String,
    name: String,
    keep: Vec<String>,
}

impl Default for Asked {
    fn default() -> Self {
        Self {
            file: "wild-rydes-ride-record/handlers/put_ride_record.py".to_owned(),
            name: "handler".to_owned(),
            keep: vec!["handler_http".to_owned(), "handler_sns".to_owned()],
        }
    }
}

fn judge(evidence: &Evidence, parameters: &Parameters) -> Findings {
    let asked: Asked = parameters.read()?;
    let subject = match Subject::open(evidence, &asked.file) {
        Ok(subject) => subject,
        Err(finding) => return Ok(vec![*finding]),
    };
    let import = subject.run(None, Setup::default());
    if let Some(broken) = say::broken_import(CODE, &import, subject.file) {
        return Ok(vec![broken]);
    }
    let mut findings = Vec::new();
    let at = subject.place(&asked.name);
    let values: Vec<Option<&Data>> = import.paths.iter().map(|path| path.global(&asked.name)).collect();
    let function = values.iter().flatten().find_map(|value| match value {
        Data::Function(name, _) => Some(name.clone()),
        _ => None,
    });
    match function {
        Some(name) if *name == *asked.name => {
            let finding = error(CODE, &at, format!("the old function {} is still here", asked.name))
                .help("The two new handlers do its work now.");
            findings.push(match remove(&subject, &asked) {
                Some(edit) => finding.edit(edit),
                None => finding,
            });
        }
        Some(name) => findings
            .push(warning(CODE, &at, format!("{} is kept as another name for {name}", asked.name)).help(
            "The old function is gone, and this keeps serverless.yml working until task 4.1. After that, take it out.",
        )),
        None if values.iter().flatten().any(|value| value.is_uncertain()) => {
            findings.push(unsure(CODE, &at, format!("what {} is cannot be followed", asked.name)));
        }
        None if values.iter().flatten().any(|value| matches!(value, Data::None)) => findings.push(
            warning(
                CODE,
                &at,
                format!("the old function {} is still written here, though the module does not keep it", asked.name),
            )
            .help("Nothing calls it: take it out, so that the next reader does not look for its use."),
        ),
        None => {}
    }
    if let (true, Some(rest)) = (findings.is_empty(), subject.file.unreachable()) {
        let at = At { file: asked.file.as_str().into(), span: rest };
        findings.push(
            warning(
                CODE,
                &at,
                "what stands here never runs, because the function is left before it: a rest of the old one?",
            )
            .help("It does no harm. Take it out, so that the next reader does not look for its use."),
        );
    }
    for name in &asked.keep {
        let there = |value: Option<&Data>| value.is_some_and(|value| !matches!(value, Data::None));
        if !import.paths.iter().any(|path| there(path.global(name))) {
            let start = At { file: asked.file.as_str().into(), span: Span::at(0) };
            findings.push(error(
                CODE,
                &start,
                format!("the module has no {name}: without the old handler, nothing takes these events"),
            ));
        }
    }
    Ok(findings)
}

/// An edit that takes the function away, with the empty lines after it.
fn remove(subject: &Subject<'_>, asked: &Asked) -> Option<Edit> {
    let old = subject.file.function(&asked.name)?;
    let replaced = asked.keep.iter().all(|name| subject.file.function(name).is_some());
    if !replaced || !subject.file.reads(&asked.name).is_empty() {
        return None;
    }
    let text = subject.file.text();
    let start = text.get(..old.whole.start)?.rfind('\n').map_or(0, |newline| newline + 1);
    let rest = text.get(old.whole.end..)?;
    let end = old.whole.end + (rest.len() - rest.trim_start().len());
    (start == old.whole.start).then(|| Edit {
        title: format!("take {} out", asked.name),
        file: asked.file.clone(),
        span: Span::new(start, end),
        text: String::new(),
    })
}
