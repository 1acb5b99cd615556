//! # A handler for API Gateway
//!
//! ## What it asks
//! `handler_http(event, context)` reads the ride from the JSON string under `body`, gives it to `_put_ride_record`, and answers as the old handler did: status
//! 201 and `{"success": true}` as a JSON string.
//!
//! ## Why
//! The event's `body` is text: `json.loads` makes a dict of it. Writing the record is left to one function, so that a second handler, for SNS, can share it.
//! `_put_ride_record` itself is asked for in task 3.3; calling it before it is there is fine.
//!
//! ## Passes
//! ```python
//! def handler_http(event, context):
//!     _put_ride_record(json.loads(event['body']))
//!     return {'statusCode': 201, 'body': json.dumps({'success': True})}
//! ```
//!
//! ## Fails
//! ```python
//! def handler_http(event, context):
//!     _put_ride_record(json.dumps(event['body']))   # dumps writes JSON; loads reads it
//! ```

use serde::Deserialize;

use super::record_handler::Handover;
use super::say::{Verdict, error, unsure};
use super::subject::{Subject, http_call, ride};
use crate::check::Evidence;
use crate::check::rule::{Findings, Parameters, Rule};
use crate::python::data::{Data, What};
use crate::python::effect::{At, End, Path};

pub(super) static RULE: Rule =
    Rule { code: CODE, name: "handler-http", source: include_str!("handler_http.rs"), judge };
const CODE: &str = "RY301";

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Asked {
    file: String,
    handler: String,
    function: String,
}

impl Default for Asked {
    fn default() -> Self {
        Self {
            file: "wild-rydes-ride-record/handlers/put_ride_record.py".to_owned(),
            handler: "handler_http".to_owned(),
            function: "_put_ride_record".to_owned(),
        }
    }
}

fn judge(evidence: &Evidence, parameters: &Parameters) -> Findings {
    let asked: Asked = parameters.read()?;
    let subject = match Subject::open(evidence, &asked.file) {
        Ok(subject) => subject,
        Err(finding) => return Ok(vec![*finding]),
    };
    let handover = Handover {
        code: CODE,
        handler: &asked.handler,
        function: &asked.function,
        call: http_call(ride(), "/record"),
        read_with: "json.loads(event['body'])",
        answer,
        answers: true,
    };
    Ok(handover.judge(&subject))
}

fn answer(code: &'static str, path: &Path, definition: &At) -> Verdict {
    let End::Returned(answer, at) = &path.end else { return Verdict::Right };
    let at = at.as_ref().unwrap_or(definition);
    let wrong = |text: &str| Verdict::Wrong(error(code, at, text));
    match answer {
        Data::Dict(_) => {}
        Data::None => {
            return wrong("nothing is returned: API Gateway answers the caller with an error")
                .help("Return the answer of the old handler: status 201 and `{\"success\": true}`.");
        }
        other if other.is_uncertain() => return Verdict::Unsure(unsure(code, at, "the answer cannot be followed")),
        _ => return wrong("this is no answer for API Gateway: that is a dict with statusCode and body"),
    }
    let status = match answer.get("statusCode") {
        Some(Data::Int(status)) => Some(*status),
        Some(Data::Str(status)) => status.parse().ok(),
        Some(Data::Object(what)) => {
            return wrong(&format!("the status is {what} and no number: Lambda cannot write it as JSON"));
        }
        Some(Data::Symbol(_)) => {
            return Verdict::Unsure(unsure(code, at, "the status of the answer cannot be followed"));
        }
        _ => None,
    };
    match status {
        Some(201) => {}
        Some(other) => return wrong(&format!("the answer has status {other}; the old handler answers 201")),
        None => return wrong("the answer has no statusCode: API Gateway needs it, spelt so"),
    }
    match answer.get("body") {
        None => wrong("the answer has no body; the old handler answers `{\"success\": true}`"),
        Some(Data::Dict(_)) => wrong("the body is a dict; API Gateway takes only a string: json.dumps(…)"),
        Some(body) => match body.parsed() {
            Some(parsed) if parsed.get("success") == Some(&Data::Bool(true)) => Verdict::Right,
            Some(parsed) if parsed.parsed().is_some() => wrong("the body is turned into JSON twice"),
            Some(parsed) if parsed.is_uncertain() => Verdict::Right,
            Some(_) => wrong("the body says something else than the old handler's `{\"success\": true}`"),
            None if matches!(body.what(), Some(What::Repr(Data::Dict(_)))) => {
                wrong("the body is Python's own text of the dict: no JSON. `json.dumps(…)` writes it")
            }
            None if matches!(body, Data::Symbol(_)) => {
                Verdict::Unsure(unsure(code, at, "the body of the answer cannot be followed"))
            }
            None => wrong("the body is no JSON text; the old handler answers `{\"success\": true}`"),
        },
    }
}

impl Verdict {
    fn help(self, text: &str) -> Self {
        match self {
            Self::Wrong(finding) => Self::Wrong(finding.help(text)),
            other => other,
        }
    }
}
