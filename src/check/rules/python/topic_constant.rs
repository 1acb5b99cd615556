//! # The topic's ARN as a constant
//!
//! ## What it asks
//! At module level, `RIDES_SNS_TOPIC_ARN` holds what the environment variable `RIDES_SNS_TOPIC_ARN` says.
//!
//! ## Why
//! The ARN differs from stage to stage and account to account, so it comes from outside. Read at module level, it is read once for each container.
//!
//! ## Passes
//! ```python
//! RIDES_SNS_TOPIC_ARN = os.environ['RIDES_SNS_TOPIC_ARN']
//! ```
//!
//! ## Fails
//! ```python
//! RIDES_SNS_TOPIC_ARN = 'arn:aws:sns:us-east-2:123456789012:rides'
//! ```

use serde::Deserialize;

use super::look::{Look, describe};
use crate::check::Evidence;
use crate::check::rule::{Findings, Parameters, Rule};
use crate::diagnostic::Span;
use crate::python::Value;

pub(super) static RULE: Rule =
    Rule { code: CODE, name: "topic-constant", source: include_str!("topic_constant.rs"), judge };
const CODE: &str = "RY252";

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Asked {
    file: String,
    constant: String,
    variable: String,
}

impl Default for Asked {
    fn default() -> Self {
        let name = "RIDES_SNS_TOPIC_ARN".to_owned();
        Self { file: "wild-rydes/handlers/request_ride.py".to_owned(), constant: name.clone(), variable: name }
    }
}

fn judge(evidence: &Evidence, parameters: &Parameters) -> Findings {
    let asked: Asked = parameters.read()?;
    let look = match Look::at(CODE, evidence, &asked.file, None) {
        Ok(look) => look,
        Err(blocked) => return Ok(blocked),
    };
    Ok(match look.run.globals.get(asked.constant.as_str()) {
        None | Some(Value::Unbound(_)) => vec![look.missing(&asked.constant, "constant")],
        Some(Value::Env { name, .. }) if **name == *asked.variable => Vec::new(),
        Some(Value::Env { name, span, .. }) => vec![look.error(
            *span,
            format!(
                "`{}` is read from the environment variable {name}, and serverless.yml sets {}",
                asked.constant, asked.variable
            ),
        )],
        Some(Value::Unknown | Value::Result(_)) => {
            vec![look.not_certain(
                Span::at(0),
                &format!("where `{}` gets its value from cannot be followed", asked.constant),
            )]
        }
        Some(other) => vec![
            look.error(
                Span::at(0),
                format!(
                    "`{}` is {} in place of the environment variable {}",
                    asked.constant,
                    describe(other),
                    asked.variable
                ),
            )
            .help(format!("Write `{} = os.environ['{}']`.", asked.constant, asked.variable)),
        ],
    })
}
