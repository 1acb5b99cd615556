//! # The record is no longer waited for
//!
//! ## What it asks
//! `handler` no longer calls `_post_ride_record`.
//!
//! ## Why
//! As long as it does, the user waits for the record, and a record service that is down fails the ride: the very thing that the topic is for. Left in the file
//! and never called, the function is harmless clutter.
//!
//! ## Passes
//! ```python
//! _publish_ride_record(ride)
//! ```
//!
//! ## Fails
//! ```python
//! _post_ride_record(ride)
//! _publish_ride_record(ride)
//! ```

use serde::Deserialize;

use super::look::Look;
use crate::check::Evidence;
use crate::check::rule::{Findings, Parameters, Rule};
use crate::python::Value;

pub(super) static RULE: Rule =
    Rule { code: CODE, name: "old-post-left", source: include_str!("old_post_left.rs"), judge };
const CODE: &str = "RY257";

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
            function: "_post_ride_record".to_owned(),
        }
    }
}

fn judge(evidence: &Evidence, parameters: &Parameters) -> Findings {
    let asked: Asked = parameters.read()?;
    let look = match Look::at(CODE, evidence, &asked.file, Some(&asked.handler)) {
        Ok(look) => look,
        Err(blocked) => return Ok(blocked),
    };
    if let Some(call) = look.calls_of(&asked.function).first() {
        let message =
            format!("`{}` still calls `{}`: the user goes on waiting for the record", asked.handler, asked.function);
        return Ok(vec![look.error(call.span, message).help("Remove the call; the ride is published instead.")]);
    }
    if let Some(call) =
        look.calls().find(|call| matches!(call.callee, Value::Library(path) if &**path == "requests.post"))
    {
        return Ok(vec![
            look.error(call.span, "the ride is still posted over HTTP: the user goes on waiting for the record"),
        ]);
    }
    Ok(match look.file.function(&asked.function) {
        Some(function) => vec![
            look.warning(look.file.span(&function.name), format!("nobody calls `{}` any more", asked.function))
                .help("Remove it."),
        ],
        None => Vec::new(),
    })
}
