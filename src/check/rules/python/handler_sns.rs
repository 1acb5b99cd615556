//! # A handler for SNS
//!
//! ## What it asks
//! `handler_sns(event, context)` reads the ride from the JSON string under `Records[0]` → `Sns` → `Message` and gives it to `_put_ride_record`. Going through all
//! records is as good. It needs no return value.
//!
//! ## Why
//! Lambda hands an SNS message over inside an envelope of its own; the text that was published stands in `Message`, and it is text: `json.loads` makes the ride of
//! it. `_put_ride_record` itself is asked for in task 3.3; calling it before it is there is fine.
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
//!     _put_ride_record(event['Records'][0]['Sns'])   # the envelope, not the ride
//! ```

use serde::Deserialize;

use super::record_handler::Handover;
use super::say::Verdict;
use super::subject::{Subject, ride, sns_call};
use crate::check::Evidence;
use crate::check::rule::{Findings, Parameters, Rule};

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
    let subject = match Subject::open(evidence, &asked.file) {
        Ok(subject) => subject,
        Err(finding) => return Ok(vec![*finding]),
    };
    let handover = Handover {
        code: CODE,
        handler: &asked.handler,
        function: &asked.function,
        call: sns_call(ride()),
        read_with: "json.loads(event['Records'][0]['Sns']['Message'])",
        answer: |_, _, _| Verdict::Right,
        answers: false,
    };
    Ok(handover.judge(&subject))
}
