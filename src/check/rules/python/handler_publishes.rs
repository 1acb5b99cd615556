//! # The handler publishes the ride
//!
//! ## What it asks
//! On its way to the answer, `handler` calls `_publish_ride_record` with the ride.
//!
//! ## Why
//! A function that nobody calls does nothing. And it must be the ride that is published: the consumer writes what it gets.
//!
//! ## Passes
//! ```python
//! ride = _get_ride(pickup_location)
//! _publish_ride_record(ride)
//! ```
//!
//! ## Fails
//! ```python
//! ride = _get_ride(pickup_location)
//! return response
//! _publish_ride_record(ride)
//! ```

use serde::Deserialize;

use super::look::{Look, describe};
use crate::check::Evidence;
use crate::check::rule::{Findings, Parameters, Rule};
use crate::diagnostic::Span;
use crate::python::Value;

pub(super) static RULE: Rule =
    Rule { code: CODE, name: "handler-publishes", source: include_str!("handler_publishes.rs"), judge };
const CODE: &str = "RY256";

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
            file: "wild-rydes/handlers/request_ride.py".to_owned(),
            handler: "handler".to_owned(),
            function: "_publish_ride_record".to_owned(),
        }
    }
}

fn judge(evidence: &Evidence, parameters: &Parameters) -> Findings {
    let asked: Asked = parameters.read()?;
    let look = match Look::at(CODE, evidence, &asked.file, Some(&asked.handler)) {
        Ok(look) => look,
        Err(blocked) => return Ok(blocked),
    };
    let Some(handler) = look.file.function(&asked.handler) else {
        return Ok(vec![
            look.error(Span::at(0), format!("`{}` is gone: Lambda calls it for each ride", asked.handler)),
        ]);
    };
    let calls = look.calls_of(&asked.function);
    let vague = look.vague();
    Ok(match calls.as_slice() {
        [] => match vague {
            Some(span) => {
                vec![look.not_certain(span, &format!("whether `{}` is called cannot be followed", asked.function))]
            }
            None => vec![
                look.error(
                    look.file.span(&handler.name),
                    format!("`{}` never calls `{}`", asked.handler, asked.function),
                )
                .help("Call it with the ride, before the answer is returned."),
            ],
        },
        [call] => match call.argument("ride", Some(0)) {
            _ if !call.certain || call.repeated => {
                vec![look.not_certain(call.span, "whether the ride is published depends on a condition")]
            }
            None => vec![look.error(call.span, "it is called without the ride")],
            Some(Value::Dict(entries)) if entries.iter().any(|(key, _)| *key == Value::str("RideId")) => Vec::new(),
            Some(
                value @ (Value::Argument(_)
                | Value::Field(..)
                | Value::Loads(_)
                | Value::Str(_)
                | Value::Dumps(_)
                | Value::Text(_)
                | Value::None),
            ) => {
                vec![look.error(call.span, format!("what is published is {}, not the ride", describe(value)))]
            }
            Some(_) => vec![look.not_certain(call.span, "whether this is the ride cannot be followed")],
        },
        [_, second, ..] if calls.iter().all(|call| call.certain) => {
            vec![look.error(second.span, "the ride is published more than once: every consumer would get it twice")]
        }
        [call, ..] => vec![look.not_certain(call.span, "how often the ride is published depends on a condition")],
    })
}
