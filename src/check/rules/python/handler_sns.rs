//! # A handler for SNS
//!
//! ## What it asks
//! `handler_sns(event, context)` reads the ride from the JSON string under `Records[0].Sns.Message` and calls `_put_ride_record` with it. A loop over all records is as good.
//!
//! ## Why
//! SNS wraps what was published in an envelope. The message is the very string that was given to `publish`, so `json.loads` makes the ride of it again.
//!
//! ## Passes
//! ```python
//! def handler_sns(event, context):
//!     for record in event['Records']:
//!         _put_ride_record(json.loads(record['Sns']['Message']))
//! ```
//!
//! ## Fails
//! ```python
//! def handler_sns(event, context):
//!     _put_ride_record(event['Records'][0]['Sns'])
//! ```

use serde::Deserialize;

use super::look::Look;
use super::record_call::record_call;
use crate::check::Evidence;
use crate::check::rule::{Findings, Parameters, Rule};
use crate::python::Value;

pub(super) static RULE: Rule = Rule { code: CODE, name: "handler-sns", source: include_str!("handler_sns.rs"), judge };
const CODE: &str = "RY302";

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
            handler: "handler_sns".to_owned(),
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
    let ride = Value::Argument(0).fields(&["Records"]).field(Value::Int(0)).fields(&["Sns", "Message"]);
    Ok(record_call(&look, &asked.handler, &asked.function, &ride, "json.loads(event['Records'][0]['Sns']['Message'])"))
}
