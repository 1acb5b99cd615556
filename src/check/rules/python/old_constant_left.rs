//! # The old address is gone
//!
//! ## What it asks
//! `RIDE_RECORD_URL` is no longer read from the environment.
//!
//! ## Why
//! Task 2.4 takes the variable away. `os.environ['RIDE_RECORD_URL']` then raises `KeyError` while Lambda imports the file, and every ride fails.
//! Read with `.get` it is harmless, and one more thing for the next reader to wonder about.
//!
//! ## Passes
//! ```python
//! RIDES_SNS_TOPIC_ARN = os.environ['RIDES_SNS_TOPIC_ARN']
//! ```
//!
//! ## Fails
//! ```python
//! RIDE_RECORD_URL = os.environ['RIDE_RECORD_URL']
//! RIDES_SNS_TOPIC_ARN = os.environ['RIDES_SNS_TOPIC_ARN']
//! ```

use serde::Deserialize;

use super::look::Look;
use crate::check::Evidence;
use crate::check::rule::{Findings, Parameters, Rule};
use crate::python::Value;

pub(super) static RULE: Rule =
    Rule { code: CODE, name: "old-constant-left", source: include_str!("old_constant_left.rs"), judge };
const CODE: &str = "RY254";

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Asked {
    file: String,
    variable: String,
}

impl Default for Asked {
    fn default() -> Self {
        Self { file: "wild-rydes/handlers/request_ride.py".to_owned(), variable: "RIDE_RECORD_URL".to_owned() }
    }
}

fn judge(evidence: &Evidence, parameters: &Parameters) -> Findings {
    let asked: Asked = parameters.read()?;
    let look = match Look::at(CODE, evidence, &asked.file, None) {
        Ok(look) => look,
        Err(blocked) => return Ok(blocked),
    };
    let left = look.run.globals.iter().find_map(|(constant, value)| match value {
        Value::Env { name, strict, span } if **name == *asked.variable => Some((constant, *strict, *span)),
        _ => None,
    });
    Ok(match left {
        None => Vec::new(),
        Some((constant, true, span)) => vec![
            look.error(span, format!("`{constant}` is still read from {}, which serverless.yml no longer sets: the import raises KeyError", asked.variable))
                .help("Remove the line: the topic's ARN takes its place."),
        ],
        Some((constant, false, span)) => {
            vec![look.warning(span, format!("`{constant}` is no longer needed")).help("It does no harm; remove it all the same.")]
        }
    })
}
