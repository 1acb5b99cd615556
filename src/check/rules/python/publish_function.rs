//! # A function that publishes the ride
//!
//! ## What it asks
//! `_publish_ride_record(ride, …)` publishes the ride to the topic once, as a JSON string.
//!
//! ## Why
//! SNS carries text. `json.dumps` makes JSON of the ride, which any consumer can read; `str(ride)` makes Python's own notation, which none should.
//!
//! ## Passes
//! ```python
//! def _publish_ride_record(ride, sns_topic_arn=RIDES_SNS_TOPIC_ARN):
//!     SNS_CLIENT.publish(TopicArn=sns_topic_arn, Message=json.dumps(ride))
//! ```
//!
//! ## Fails
//! ```python
//! def _publish_ride_record(ride, sns_topic_arn=RIDES_SNS_TOPIC_ARN):
//!     SNS_CLIENT.publish(TopicArn=sns_topic_arn, Message=ride)
//! ```

use serde::Deserialize;

use super::look::{Call, Look, describe};
use crate::check::Evidence;
use crate::check::rule::{Findings, Parameters, Rule};
use crate::diagnostic::Diagnostic;
use crate::python::Value;

pub(super) static RULE: Rule =
    Rule { code: CODE, name: "publish-function", source: include_str!("publish_function.rs"), judge };
const CODE: &str = "RY255";

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Asked {
    file: String,
    function: String,
    variable: String,
}

impl Default for Asked {
    fn default() -> Self {
        Self {
            file: "wild-rydes/handlers/request_ride.py".to_owned(),
            function: "_publish_ride_record".to_owned(),
            variable: "RIDES_SNS_TOPIC_ARN".to_owned(),
        }
    }
}

fn judge(evidence: &Evidence, parameters: &Parameters) -> Findings {
    let asked: Asked = parameters.read()?;
    let look = match Look::at(CODE, evidence, &asked.file, Some(&asked.function)) {
        Ok(look) => look,
        Err(blocked) => return Ok(blocked),
    };
    let Some(function) = look.file.function(&asked.function) else {
        let imported = matches!(
            look.run.globals.get(asked.function.as_str()),
            Some(Value::Library(_) | Value::Unknown | Value::Result(_))
        );
        let span = crate::diagnostic::Span::at(0);
        return Ok(vec![if imported {
            look.not_certain(span, &format!("`{}` is made elsewhere", asked.function))
        } else {
            look.missing(&asked.function, "function")
        }]);
    };
    let name = look.file.span(&function.name);
    let publishes: Vec<Call<'_>> = look.calls().filter(is_publish).collect();
    Ok(match publishes.as_slice() {
        [] => match look.vague() {
            Some(span) => vec![look.not_certain(span, "what is called here cannot be followed")],
            None => vec![
                look.error(name, format!("`{}` does not publish: it never calls `publish`", asked.function))
                    .help("Call `SNS_CLIENT.publish(TopicArn=…, Message=json.dumps(ride))`."),
            ],
        },
        [call] if !call.certain || call.repeated => {
            vec![look.not_certain(call.span, "whether the ride is published depends on a condition")]
        }
        [call] => one(&look, call, &asked),
        [_, second, ..] if publishes.iter().all(|call| call.certain) => {
            vec![look.error(second.span, "the ride is published more than once: every consumer would get it twice")]
        }
        [call, ..] => vec![look.not_certain(call.span, "how often the ride is published depends on a condition")],
    })
}

fn is_publish(call: &Call<'_>) -> bool {
    let Value::Method(owner, name) = call.callee else { return false };
    let is_sns = match &**owner {
        Value::Client { service, .. } => &**service == "sns",
        Value::Part(kind, _) => &**kind == "Topic",
        Value::Unbound(_) | Value::Unknown => true,
        _ => false,
    };
    is_sns && matches!(&**name, "publish" | "publish_batch")
}

fn one(look: &Look<'_>, call: &Call<'_>, asked: &Asked) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let Value::Method(owner, name) = call.callee else { return found };
    if &**name == "publish_batch"
        || call.argument("**", None).is_some()
        || call.argument("MessageStructure", None).is_some()
    {
        return vec![look.not_certain(call.span, "what this call sends cannot be followed")];
    }
    let of_resource = match &**owner {
        Value::Part(_, arn) => Some((**arn).clone()),
        _ => None,
    };
    let topic =
        of_resource.or_else(|| call.argument("TopicArn", None).or_else(|| call.argument("TargetArn", None)).cloned());
    let is_topic = |value: &Value| {
        matches!(value, Value::Env { name, .. } if **name == *asked.variable) || matches!(value, Value::Argument(1..))
    };
    match topic {
        None => found.push(look.error(call.span, "publish is told no topic: `TopicArn` is missing")),
        Some(value) if is_topic(&value) => {}
        // Before 2.5b the constant is not there yet; the task of the constant says so.
        Some(Value::Unbound(name)) if *name == *asked.variable => {}
        Some(value) if value.is_vague() || matches!(value, Value::Unbound(_) | Value::Result(_)) => {
            found.push(look.not_certain(call.span, "which topic is published to cannot be followed"));
        }
        Some(value) => {
            found.push(look.error(call.span, format!("the topic is {}, not `{}`", describe(&value), asked.variable)))
        }
    }
    match call.argument("Message", None) {
        None => found.push(look.error(call.span, "publish is given no `Message`: boto3 refuses that")),
        Some(Value::Dumps(inner)) => {
            match &**inner {
                Value::Argument(0) => {}
                inner if inner.is_vague() => {
                    found.push(look.not_certain(call.span, "what is published cannot be followed"))
                }
                Value::Dict(entries) if entries.iter().any(|(_, value)| *value == Value::Argument(0)) => {
                    found.push(look.error(
                        call.span,
                        "the ride is wrapped in another dictionary: consumers expect the ride itself",
                    ));
                }
                Value::Dict(_) | Value::Result(_) => {
                    found.push(look.not_certain(call.span, "whether this is the ride cannot be followed"))
                }
                inner => found.push(look.error(
                    call.span,
                    format!(
                        "the message is {} in place of the ride",
                        if matches!(inner, Value::Dumps(_)) {
                            describe(&Value::Dumps(inner.clone().into()))
                        } else {
                            describe(inner)
                        }
                    ),
                )),
            }
        }
        Some(value)
            if *value != Value::Argument(0)
                && (value.is_vague() || matches!(value, Value::Result(_)))
                && !matches!(value, Value::Text(_)) =>
        {
            found.push(look.not_certain(call.span, "what is published cannot be followed"));
        }
        Some(value) => found.push(
            look.error(call.span, format!("the message is {}; it must be the ride as a JSON string", describe(value)))
                .help(
                    "Write `Message=json.dumps(ride)`: SNS carries text, and the consumer reads it with `json.loads`.",
                ),
        ),
    }
    found
}
