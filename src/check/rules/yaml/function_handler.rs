//! # The function and its handler
//!
//! ## What it asks
//! The service has the function under its new name, and `handler` names the Python function that it calls: `PutRideRecordHttp` with
//! `handlers/put_ride_record.handler_http`, `PutRideRecordSns` with `handlers/put_ride_record.handler_sns`. A function that was renamed is not there twice.
//!
//! ## Why
//! One Lambda function has one handler. Requests and messages look different, so each way in gets its own function and its own handler, and both share
//! the code that writes. The name says which is which in logs and metrics; the log group changes with it.
//!
//! ## Passes
//! ```yaml
//! functions:
//!   PutRideRecordHttp:
//!     handler: handlers/put_ride_record.handler_http
//! ```
//!
//! ## Fails
//! ```yaml
//! functions:
//!   PutRideRecord:                                   # the old name
//!     handler: handlers/put_ride_record.py           # a file, not a function in it
//! ```

use serde::Deserialize;

use super::find::{self, describe};
use super::say::{error, place_of, replace, unsure};
use crate::check::Evidence;
use crate::check::rule::{Findings, Parameters, Rule};
use crate::diagnostic::Diagnostic;
use crate::serverless::text::Symbol;
use crate::serverless::{Function, Service};

pub(super) static RULE: Rule =
    Rule { code: CODE, name: "function-handler", source: include_str!("function_handler.rs"), judge };
const CODE: &str = "RY401";

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Handler {
    service: String,
    function: String,
    handler: String,
    /// The function's name before; empty if it is new.
    renamed_from: String,
}

impl Default for Handler {
    fn default() -> Self {
        Self {
            service: "wild-rydes-ride-record".to_owned(),
            function: "PutRideRecordHttp".to_owned(),
            handler: "handlers/put_ride_record.handler_http".to_owned(),
            renamed_from: "PutRideRecord".to_owned(),
        }
    }
}

fn judge(evidence: &Evidence, parameters: &Parameters) -> Findings {
    let wanted: Handler = parameters.read()?;
    let service = match evidence.service(&wanted.service) {
        Ok(service) => service,
        Err(blocked) => return Ok(vec![*blocked]),
    };
    let Some(function) = service.functions.get(&wanted.function) else {
        return Ok(vec![no_function(service, evidence.text(&service.path), &wanted.function, &wanted.renamed_from)]);
    };
    let old = Some(&*wanted.renamed_from).filter(|name| !name.is_empty()).and_then(|name| service.functions.get(name));
    let mut findings: Vec<Diagnostic> = handler(&wanted, function).into_iter().collect();
    if let Some(old) = old {
        findings.push(
            error(
                CODE,
                &old.key.location,
                format!("the old function `{}` is still there beside `{}`", old.key.name, wanted.function),
            )
            .help("The task renames it. Two functions with the same event cannot be deployed: remove the old one."),
        );
    }
    Ok(findings)
}

fn handler(wanted: &Handler, function: &Function) -> Option<Diagnostic> {
    let right = &wanted.handler;
    let name = &wanted.function;
    let Some(entry) = function.handler() else {
        let near = function
            .node
            .as_map()
            .and_then(|map| map.entries.iter().find(|entry| find::is_near(&entry.key, "handler")));
        if let Some(near) = near {
            let finding = error(
                CODE,
                &near.key_location,
                format!("`{}` is not known to Serverless; the key is `handler`", near.key),
            );
            return Some(finding.edit(replace(&near.key_location, "handler", "write handler")));
        }
        if function.node.as_map().is_none() && !function.node.is_null() {
            return Some(unsure(
                CODE,
                &function.key.location,
                format!("what `{name}` is cannot be read before deployment"),
            ));
        }
        let finding = error(CODE, &function.key.location, format!("`{name}` has no `handler`"));
        return Some(finding.help(format!("Add `handler: {right}`, indented under `{name}`.")));
    };
    let at = &entry.value.location;
    let text = entry.value.as_text().unwrap_or_default();
    let Some(written) = text.as_literal() else {
        return Some(match text.broken() {
            Some(reason) => error(CODE, at, format!("the handler of `{name}` cannot be worked out: {reason}")),
            None if !text
                .symbols()
                .all(|symbol| matches!(symbol, Symbol::Stage | Symbol::Region | Symbol::AccountId)) =>
            {
                unsure(CODE, at, format!("the handler of `{name}` is {text}"))
            }
            None => error(CODE, at, format!("the handler of `{name}` is `{text}`, and it should be `{right}`")),
        });
    };
    // Lambda reads dots and slashes of the module's path alike.
    let same = |a: &str, b: &str| match (a.rsplit_once('.'), b.rsplit_once('.')) {
        (Some((module_a, name_a)), Some((module_b, name_b))) => {
            name_a == name_b && module_a.replace('/', ".") == module_b.replace('/', ".")
        }
        _ => a == b,
    };
    if same(written, right) {
        return None;
    }
    let (module, called) = right.rsplit_once('.').unwrap_or((right, ""));
    let message = if written.is_empty() {
        format!("`{name}` has an empty `handler`")
    } else if written.contains(".py") {
        format!(
            "the handler of `{name}` is `{written}`: it names a function in a module, so `.py` does not belong there"
        )
    } else if written == format!("{module}/{called}")
        || written == format!("{module}:{called}")
        || written == format!("{module}#{called}")
    {
        format!("the handler of `{name}` is `{written}`: a dot stands between module and function")
    } else if written == module {
        format!("the handler of `{name}` names the module only, not the function `{called}` in it")
    } else if Some(written) == right.split_once('/').map(|(_, rest)| rest) {
        format!("the handler of `{name}` is `{written}`: the folder is missing")
    } else if let Some((_, other)) = written.rsplit_once('.').filter(|(own, _)| *own == module) {
        format!("`{name}` calls the function `{other}`, and it should call `{called}`")
    } else {
        format!("the handler of `{name}` is `{written}`, and it should be `{right}`")
    };
    let place = if entry.value.is_null() { &entry.key_location } else { at };
    let finding = error(CODE, place, message)
        .help(format!("Write `handler: {right}`: folder and module, a dot, and the function."));
    // A handler that comes by a merge key is another function's, too.
    let own = &function.node.location;
    let is_own = own.file == at.file && own.span.start <= at.span.start && at.span.end <= own.span.end;
    Some(if entry.value.is_null() || !is_own {
        finding
    } else {
        finding.edit(replace(at, right.as_str(), format!("call {called}")))
    })
}

/// There is no function of this name: what is there instead? The same finding whichever rule asks, so that it is said once.
pub(super) fn no_function(service: &Service, text: Option<&str>, name: &str, renamed_from: &str) -> Diagnostic {
    let code = CODE;
    if let Some(old) = service.functions.get(renamed_from) {
        return error(code, &old.key.location, format!("the function is still called `{renamed_from}`"))
            .help(format!("Rename it to `{name}`."))
            .edit(replace(&old.key.location, name, format!("rename to {name}")));
    }
    let help = format!("Add `{name}:` under `functions`, in the same column as the other functions.");
    let found = find::entries(&service.root, |entry| {
        &*entry.key == name && (entry.value.as_map().is_some() || entry.value.is_null())
    });
    if let Some(found) = found.first() {
        let message = match found.path.as_slice() {
            ["functions", other, ..] => {
                format!("`{name}` has slipped inside the function `{other}`: it is indented too deep")
            }
            path => format!("`{name}` stands {}, and functions stand under `functions`", describe(path)),
        };
        return error(code, &found.entry.key_location, message).help(help);
    }
    // `PutRideRecordHttp` and `PutRideRecordSns` are no slips for each other.
    let slips = service.functions.list.iter().filter(|function| {
        let own = &*function.key.name;
        find::is_near(own, name)
            && !(own.len() < name.len() && name.starts_with(own))
            && !["PutRideRecordHttp", "PutRideRecordSns"].contains(&own)
    });
    if let Some(slip) = slips.into_iter().next() {
        return error(
            code,
            &slip.key.location,
            format!("the function is called `{}`, and it should be called `{name}`", slip.key.name),
        )
        .help("Letters and capitals must match: other tasks and the logs go by this name.")
        .edit(replace(&slip.key.location, name, format!("rename to {name}")));
    }
    if let Some(unknown) = service.functions.unknown.first() {
        return unsure(
            code,
            unknown,
            format!("`{name}` may be part of what stands here, which cannot be read before deployment"),
        );
    }
    if let Some(comment) = find::in_comment(service, text, &[&format!("{name}:")]) {
        return error(code, &comment, format!("`{name}` is commented out"))
            .help("Remove the `#` in front of its lines.");
    }
    error(code, &place_of(service, &["functions"]), format!("there is no function `{name}`")).help(help)
}
