//! What both handlers of the record service must do: read the ride from their event and hand it to the function that writes.

use std::rc::Rc;

use super::look::{Look, describe};
use crate::diagnostic::{Diagnostic, Span};
use crate::python::Value;

/// Findings unless `handler` calls `function` with what JSON says under `ride`; `example` is how that is written.
pub(super) fn record_call(
    look: &Look<'_>,
    handler: &str,
    function: &str,
    ride: &Value,
    example: &str,
) -> Vec<Diagnostic> {
    let Some(definition) = look.file.function(handler) else {
        return vec![match look.run.globals.get(handler) {
            Some(Value::Unknown | Value::Library(_) | Value::Result(_)) => {
                look.not_certain(Span::at(0), &format!("`{handler}` is made elsewhere"))
            }
            _ => look.missing(handler, "function"),
        }];
    };
    let name = look.file.span(&definition.name);
    let count = definition.parameters.iter_non_variadic_params().count();
    if count != 2 && definition.parameters.vararg.is_none() {
        return vec![look.error(
            name,
            format!("`{handler}` takes {count} parameters; Lambda calls it with two, the event and the context"),
        )];
    }
    let calls = look.calls_of(function);
    match calls.as_slice() {
        [] => vec![match look.vague() {
            Some(span) => look.not_certain(span, &format!("whether `{function}` is called cannot be followed")),
            None => look
                .error(name, format!("`{handler}` never calls `{function}`"))
                .help(format!("Call `{function}({example})`.")),
        }],
        [call] => {
            let wanted = Value::Loads(Rc::new(ride.clone()));
            match call.arguments.first().map(|(_, value)| value) {
                _ if !call.certain => {
                    vec![look.not_certain(call.span, "whether the ride is written depends on a condition")]
                }
                None => vec![look.error(call.span, "it is called without the ride")],
                Some(value) if *value == wanted => Vec::new(),
                Some(Value::Dumps(inner)) if **inner == *ride => vec![
                    look.error(call.span, "`json.dumps` makes text of an object; here text must become an object")
                        .help(format!("Write `{example}`.")),
                ],
                Some(value) if value == ride => {
                    vec![
                        look.error(call.span, "the ride is still JSON text here; the table wants a dictionary")
                            .help(format!("Write `{example}`.")),
                    ]
                }
                Some(value) if value.is_vague() || matches!(value, Value::Result(_)) => {
                    vec![look.not_certain(call.span, "what is handed over cannot be followed")]
                }
                Some(value) => vec![
                    look.error(call.span, format!("what is handed over is {}, not the ride", describe(value)))
                        .help(format!("The ride is `{example}`.")),
                ],
            }
        }
        [first, ..] => vec![look.not_certain(first.span, "the ride is handed over at several places")],
    }
}
