//! # A handler for API Gateway
//!
//! ## What it asks
//! `handler_http(event, context)` reads the ride from the JSON string under `body`, calls `_put_ride_record` with it, and answers 201 with a JSON body.
//!
//! ## Why
//! API Gateway hands the request's body over as text. The answer goes back to a caller that waits, so it needs a status and a body that is text as well.
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
//!     _put_ride_record(event['body'])
//!     return {'statusCode': 201, 'body': json.dumps({'success': True})}
//! ```

use serde::Deserialize;

use super::look::Look;
use super::record_call::record_call;
use crate::check::Evidence;
use crate::check::rule::{Findings, Parameters, Rule};
use crate::diagnostic::Diagnostic;
use crate::python::Value;

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
    let look = match Look::at(CODE, evidence, &asked.file, Some(&asked.handler)) {
        Ok(look) => look,
        Err(blocked) => return Ok(blocked),
    };
    let ride = Value::Argument(0).fields(&["body"]);
    let mut found = record_call(&look, &asked.handler, &asked.function, &ride, "json.loads(event['body'])");
    if look.file.function(&asked.handler).is_some() {
        found.extend(answer(&look));
    }
    Ok(found)
}

/// Whether it answers 201 with text.
fn answer(look: &Look<'_>) -> Option<Diagnostic> {
    let (value, span) = look.returned()?;
    let Value::Dict(entries) = value else {
        return Some(match value {
            Value::None => look
                .error(span, "it returns nothing: API Gateway makes a 502 of that")
                .help("Return a dictionary with `statusCode` 201 and a JSON `body`."),
            _ => look.not_certain(span, "what is returned cannot be followed"),
        });
    };
    if entries.iter().any(|(key, _)| key.is_vague()) {
        return Some(look.not_certain(span, "what is returned cannot be followed"));
    }
    match value.clone().field(Value::str("statusCode")) {
        Value::Int(201) => {}
        Value::Str(code) if &*code == "201" => {}
        Value::Int(code) => return Some(look.error(span, format!("it answers {code}; a record that was made is 201"))),
        Value::Unknown if entries.iter().any(|(key, _)| *key == Value::str("statusCode")) => {
            return Some(look.not_certain(span, "the status cannot be followed"));
        }
        _ => return Some(look.error(span, "the answer has no `statusCode` 201: API Gateway makes a 502 of that")),
    }
    match value.clone().field(Value::str("body")) {
        Value::Dumps(_) | Value::Str(_) => None,
        Value::Dict(_) => Some(
            look.error(span, "the answer's `body` is a dictionary; API Gateway wants text")
                .help("Write `json.dumps(…)` around it."),
        ),
        Value::Unknown if !entries.iter().any(|(key, _)| *key == Value::str("body")) => {
            Some(look.error(span, "the answer has no `body`: callers expect `{\"success\": true}`"))
        }
        _ => Some(look.not_certain(span, "the answer's body cannot be followed")),
    }
}
