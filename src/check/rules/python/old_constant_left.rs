//! # The old constant is gone
//!
//! ## What it asks
//! Nothing in the module reads the environment variable `RIDE_RECORD_URL` any more: `RIDES_SNS_TOPIC_ARN` takes its place.
//!
//! ## Why
//! Task 2.4 takes the variable out of `serverless.yml`. `os.environ['RIDE_RECORD_URL']` then raises `KeyError` when Lambda loads the module, and every request
//! fails before the handler runs. `os.environ.get(…)` gives `None` and does no harm; then this is advice only.
//!
//! ## Passes
//! ```python
//! RIDES_SNS_TOPIC_ARN = os.environ['RIDES_SNS_TOPIC_ARN']
//! ```
//!
//! ## Fails
//! ```python
//! RIDE_RECORD_URL = os.environ['RIDE_RECORD_URL']   # KeyError once the variable is gone
//! ```

use serde::Deserialize;

use super::say::{error, warning};
use super::subject::{Setup, Subject};
use crate::check::Evidence;
use crate::check::rule::{Findings, Parameters, Rule};
use crate::diagnostic::{Edit, Span};
use crate::python::effect::Effect;

pub(super) static RULE: Rule =
    Rule { code: CODE, name: "old-constant-left", source: include_str!("old_constant_left.rs"), judge };
const CODE: &str = "RY254";

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Asked {
    file: String,
    name: String,
    variable: String,
}

impl Default for Asked {
    fn default() -> Self {
        Self {
            file: "wild-rydes/handlers/request_ride.py".to_owned(),
            name: "RIDE_RECORD_URL".to_owned(),
            variable: "RIDE_RECORD_URL".to_owned(),
        }
    }
}

fn judge(evidence: &Evidence, parameters: &Parameters) -> Findings {
    let asked: Asked = parameters.read()?;
    let subject = match Subject::open(evidence, &asked.file) {
        Ok(subject) => subject,
        Err(finding) => return Ok(vec![*finding]),
    };
    let setup = Setup { provided: subject.boto3(), unset: vec![asked.variable.as_str()], ..Setup::default() };
    let import = subject.run(None, setup);
    let failures = || import.paths.iter().flat_map(|path| &path.import_failures);
    let stops = failures().find(|failure| &*failure.class == "KeyError" && *failure.message == *asked.variable);
    if let Some(failure) = stops {
        let text = format!(
            "the environment variable {} is gone since task 2.4: this raises KeyError when Lambda loads the module",
            asked.variable
        );
        let finding = error(CODE, &failure.at, text).help("Take the line out; the topic's ARN takes its place.");
        return Ok(vec![match remove(&subject, &asked) {
            Some(edit) => finding.edit(edit),
            None => finding,
        }]);
    }
    let at = subject.place(&asked.name);
    let bound = subject.file.binding(&asked.name).is_some();
    let read = import.paths.iter().flat_map(|path| &path.effects).find_map(|effect| match effect {
        Effect::Env(name, at) if **name == *asked.variable => Some(at.clone()),
        _ => None,
    });
    if bound || read.is_some() {
        let text = format!("{} is still here, and nothing sets the variable any more", asked.name);
        let place = if bound { at } else { read.unwrap_or(at) };
        let finding = warning(CODE, &place, text)
            .help("It does no harm. Take it out, so that the next reader does not look for its use.");
        return Ok(vec![match remove(&subject, &asked) {
            Some(edit) => finding.edit(edit),
            None => finding,
        }]);
    }
    Ok(Vec::new())
}

/// An edit that takes the constant's line away, where nothing else names it.
fn remove(subject: &Subject<'_>, asked: &Asked) -> Option<Edit> {
    let bound = subject.file.binding(&asked.name)?;
    if !subject.file.reads(&asked.name).is_empty() {
        return None;
    }
    let text = subject.file.text();
    let start = text.get(..bound.whole.start)?.rfind('\n').map_or(0, |newline| newline + 1);
    let end = bound.whole.end + text.get(bound.whole.end..)?.find('\n').map_or(0, |newline| newline + 1);
    let alone = start == bound.whole.start && text.get(bound.whole.end..end)?.trim().is_empty();
    let single = text.get(bound.whole.start..)?.starts_with(&format!("{} =", asked.name));
    (alone && single).then(|| Edit {
        title: format!("take {} out", asked.name),
        file: asked.file.clone(),
        span: Span::new(start, end),
        text: String::new(),
    })
}
