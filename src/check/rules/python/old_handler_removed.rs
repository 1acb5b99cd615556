//! # The old handler is gone
//!
//! ## What it asks
//! `put_ride_record.py` has no `handler` any more.
//!
//! ## Why
//! Its two halves live on in `handler_http` and `handler_sns`. A third way in that no function uses waits to be misunderstood, and to be changed in vain.
//!
//! ## Passes
//! ```python
//! def handler_http(event, context): ...
//! def handler_sns(event, context): ...
//! ```
//!
//! ## Fails
//! ```python
//! def handler_http(event, context): ...
//! def handler(event, context): ...
//! ```

use serde::Deserialize;

use super::look::Look;
use crate::check::Evidence;
use crate::check::rule::{Findings, Parameters, Rule};
use crate::diagnostic::Span;
use crate::python::Value;

pub(super) static RULE: Rule =
    Rule { code: CODE, name: "old-handler-removed", source: include_str!("old_handler_removed.rs"), judge };
const CODE: &str = "RY304";

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Asked {
    file: String,
    handler: String,
    kept: Vec<String>,
}

impl Default for Asked {
    fn default() -> Self {
        Self {
            file: "wild-rydes-ride-record/handlers/put_ride_record.py".to_owned(),
            handler: "handler".to_owned(),
            kept: vec!["handler_http".to_owned(), "handler_sns".to_owned()],
        }
    }
}

fn judge(evidence: &Evidence, parameters: &Parameters) -> Findings {
    let asked: Asked = parameters.read()?;
    let look = match Look::at(CODE, evidence, &asked.file, None) {
        Ok(look) => look,
        Err(blocked) => return Ok(blocked),
    };
    if let Some(function) = look.file.function(&asked.handler) {
        let message = format!("`{}` is still there", asked.handler);
        return Ok(vec![
            look.error(look.file.span(&function.name), message)
                .help("Delete the whole function: its two halves live on in the new ones."),
        ]);
    }
    if matches!(look.run.globals.get(asked.handler.as_str()), Some(Value::Function(_) | Value::Unknown)) {
        return Ok(vec![
            look.error(Span::at(0), format!("the old name `{}` lives on for another function", asked.handler)),
        ]);
    }
    let gone = asked.kept.iter().filter(|name| !look.run.globals.contains_key(name.as_str()));
    Ok(gone
        .map(|name| {
            look.error(
                Span::at(0),
                format!("with the old handler, `{name}` must not go: its event would have no way in"),
            )
        })
        .collect())
}
