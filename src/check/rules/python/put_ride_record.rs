//! # One function that writes
//!
//! ## What it asks
//! `_put_ride_record(ride_record)` puts the ride into the table. When that fails, it logs the failure and raises it again.
//!
//! ## Why
//! A swallowed failure looks like success: a 201 without a record for HTTP, and for SNS a ride that is lost without a retry.
//!
//! ## Passes
//! ```python
//! def _put_ride_record(ride_record):
//!     try:
//!         DDB_TABLE.put_item(Item=ride_record)
//!     except Exception:
//!         _logger.exception('Could not write the ride record')
//!         raise
//! ```
//!
//! ## Fails
//! ```python
//! def _put_ride_record(ride_record):
//!     try:
//!         DDB_TABLE.put_item(Item=ride_record)
//!     except Exception:
//!         _logger.exception('Could not write the ride record')
//! ```

use ruff_python_ast::{ExceptHandler, Stmt};
use serde::Deserialize;

use super::look::{Call, Look, describe};
use crate::check::Evidence;
use crate::check::rule::{Findings, Parameters, Rule};
use crate::diagnostic::{Diagnostic, Span};
use crate::python::Value;

pub(super) static RULE: Rule =
    Rule { code: CODE, name: "put-ride-record", source: include_str!("put_ride_record.rs"), judge };
const CODE: &str = "RY303";

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Asked {
    file: String,
    function: String,
}

impl Default for Asked {
    fn default() -> Self {
        Self {
            file: "wild-rydes-ride-record/handlers/put_ride_record.py".to_owned(),
            function: "_put_ride_record".to_owned(),
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
        return Ok(vec![look.missing(&asked.function, "function")]);
    };
    let name = look.file.span(&function.name);
    let puts: Vec<Call<'_>> = look.calls().filter(is_put).collect();
    Ok(match puts.as_slice() {
        [] => match look.vague() {
            Some(span) => vec![look.not_certain(span, "what is called here cannot be followed")],
            None => vec![look.error(name, format!("`{}` writes nothing: it never calls `put_item`", asked.function))],
        },
        [call] if !call.certain => vec![look.not_certain(call.span, "whether the item is put depends on a condition")],
        [call] => {
            let mut found: Vec<Diagnostic> = item(&look, call).into_iter().collect();
            found.extend(failure(&look, &function.body, name, &asked.function));
            found
        }
        [_, second, ..] => vec![look.not_certain(second.span, "items are put at several places")],
    })
}

fn is_put(call: &Call<'_>) -> bool {
    let Value::Method(owner, name) = call.callee else { return false };
    let is_table = match &**owner {
        Value::Part(kind, _) => &**kind == "Table",
        Value::Client { service, .. } => &**service == "dynamodb",
        _ => false,
    };
    is_table && &**name == "put_item"
}

fn item(look: &Look<'_>, call: &Call<'_>) -> Option<Diagnostic> {
    let of_client = matches!(call.callee, Value::Method(owner, _) if matches!(**owner, Value::Client { .. }));
    match call.argument("Item", None) {
        _ if of_client => Some(look.not_certain(call.span, "whether the item is in the form that the client wants")),
        Some(Value::Argument(0)) => None,
        Some(value) if value.is_vague() || matches!(value, Value::Result(_) | Value::Dict(_)) => {
            Some(look.not_certain(call.span, "what is put cannot be followed"))
        }
        Some(value) => Some(look.error(call.span, format!("the item is {}, not the ride record", describe(value)))),
        None if call.argument("**", None).is_some() => {
            Some(look.not_certain(call.span, "what is put cannot be followed"))
        }
        None => Some(
            look.error(call.span, "put_item is given no `Item`: boto3 refuses that")
                .help("Write `put_item(Item=ride_record)`."),
        ),
    }
}

/// What becomes of a failure to write.
fn failure(look: &Look<'_>, body: &[Stmt], name: Span, function: &str) -> Option<Diagnostic> {
    let Some(attempt) = body.iter().find_map(|statement| match statement {
        Stmt::Try(attempt) => Some(attempt),
        _ => None,
    }) else {
        return Some(
            look.warning(name, format!("a failure leaves `{function}` unlogged"))
                .help("It reaches Lambda, so nothing is lost. Log it here as well: `except Exception: _logger.exception(…); raise`."),
        );
    };
    for handler in &attempt.handlers {
        let ExceptHandler::ExceptHandler(handler) = handler;
        let raises = handler.body.last().is_some_and(|last| matches!(last, Stmt::Raise(_)));
        let may_raise = handler
            .body
            .iter()
            .any(|statement| matches!(statement, Stmt::Raise(_) | Stmt::If(_) | Stmt::With(_) | Stmt::Try(_)));
        let span = look.file.span(handler);
        if !raises && may_raise {
            return Some(look.not_certain(span, "whether every failure is raised again"));
        }
        if !raises {
            return Some(
                look.error(span, "a failure to write is swallowed here: the ride is lost and nobody tries again").help(
                    "End the `except` with a bare `raise`: that is how Lambda learns that the event was not handled.",
                ),
            );
        }
        if handler.body.len() == 1 {
            return Some(
                look.warning(span, "the failure is raised again and not logged")
                    .help("Log it before: `_logger.exception('…')`."),
            );
        }
    }
    None
}
