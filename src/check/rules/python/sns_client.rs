//! # One SNS client for a container
//!
//! ## What it asks
//! At module level, `SNS_CLIENT` is a boto3 client of SNS.
//!
//! ## Why
//! Module-level code runs once for each container, the handler once for each ride. A client made above the functions keeps its connection open from ride to
//! ride; one made inside pays for a new one each time.
//!
//! ## Passes
//! ```python
//! SNS_CLIENT = boto3.client('sns')
//! ```
//!
//! ## Fails
//! ```python
//! SNS_CLIENT = boto3.client('sqs')
//! ```

use serde::Deserialize;

use super::look::Look;
use crate::check::Evidence;
use crate::check::rule::{Findings, Parameters, Rule};
use crate::diagnostic::Span;
use crate::python::Value;

pub(super) static RULE: Rule = Rule { code: CODE, name: "sns-client", source: include_str!("sns_client.rs"), judge };
const CODE: &str = "RY253";

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Asked {
    file: String,
    constant: String,
    service: String,
}

impl Default for Asked {
    fn default() -> Self {
        Self {
            file: "wild-rydes/handlers/request_ride.py".to_owned(),
            constant: "SNS_CLIENT".to_owned(),
            service: "sns".to_owned(),
        }
    }
}

fn judge(evidence: &Evidence, parameters: &Parameters) -> Findings {
    let asked: Asked = parameters.read()?;
    let look = match Look::at(CODE, evidence, &asked.file, None) {
        Ok(look) => look,
        Err(blocked) => return Ok(blocked),
    };
    let wanted = format!("`{} = boto3.client('{}')`", asked.constant, asked.service);
    let is_topic = |value: &Value| matches!(value, Value::Part(kind, _) if &**kind == "Topic");
    let other_way = look.run.globals.values().any(is_topic);
    Ok(match look.run.globals.get(asked.constant.as_str()) {
        Some(Value::Client { service, .. }) if **service == *asked.service => Vec::new(),
        Some(value) if is_topic(value) => Vec::new(),
        Some(Value::Client { service, .. }) => {
            vec![
                look.error(
                    Span::at(0),
                    format!("`{}` is a client of {service}, and the topic is one of {}", asked.constant, asked.service),
                )
                .help(format!("Write {wanted}.")),
            ]
        }
        Some(Value::Unknown | Value::Result(_)) => {
            vec![look.not_certain(Span::at(0), &format!("what `{}` is cannot be followed", asked.constant))]
        }
        None if other_way => Vec::new(),
        None | Some(Value::Unbound(_)) => vec![
            look.missing(&asked.constant, "client")
                .help(format!("Above the functions, write {wanted}: made there it outlives one invocation.")),
        ],
        Some(_) => vec![
            look.error(Span::at(0), format!("`{}` is no client of {}", asked.constant, asked.service))
                .help(format!("Write {wanted}.")),
        ],
    })
}
