//! # A function that writes the record
//!
//! ## What it asks
//! `_put_ride_record(ride_record)` writes the ride as an item to the table. When that fails, it logs the failure and raises the exception again.
//!
//! ## Why
//! An exception that leaves the handler is how Lambda learns that something went wrong: the caller of the HTTP handler gets an error, and an event from SNS is tried
//! again. An exception that is swallowed loses the ride without a trace. The log tells afterwards what happened.
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
//!     except Exception as error:
//!         _logger.error(error)      # and the ride is gone: nobody tries again
//! ```

use serde::Deserialize;

use super::delivery::same_ride;
use super::say::{self, Verdict, error, near, replace, sum, unsure, warning};
use super::subject::{Setup, Subject, is_env, looks_like_ride, ride};
use crate::check::Evidence;
use crate::check::rule::{Findings, Parameters, Rule};
use crate::diagnostic::{Diagnostic, Span};
use crate::python::Call;
use crate::python::data::{Data, DictData, Native, What};
use crate::python::effect::{At, AwsCall, Effect, End, Path};
use std::rc::Rc;

pub(super) static RULE: Rule =
    Rule { code: CODE, name: "put-ride-record", source: include_str!("put_ride_record.rs"), judge };
const CODE: &str = "RY303";

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Asked {
    file: String,
    function: String,
    variable: String,
}

impl Default for Asked {
    fn default() -> Self {
        Self {
            file: "wild-rydes-ride-record/handlers/put_ride_record.py".to_owned(),
            function: "_put_ride_record".to_owned(),
            variable: "DDB_TABLE_NAME".to_owned(),
        }
    }
}

fn judge(evidence: &Evidence, parameters: &Parameters) -> Findings {
    let asked: Asked = parameters.read()?;
    let subject = match Subject::open(evidence, &asked.file) {
        Ok(subject) => subject,
        Err(finding) => return Ok(vec![*finding]),
    };
    let run = subject.run(Some((&asked.function, Call::First(ride()))), Setup::default());
    let defined = |path: &Path| {
        path.global(&asked.function)
            .is_some_and(|value| matches!(value, Data::Function(..) | Data::Object(_)) || value.is_uncertain())
    };
    if let Some(broken) = say::broken_import(CODE, &run, subject.file) {
        return Ok(vec![broken]);
    }
    if !run.paths.iter().any(defined) {
        return Ok(vec![missing(&subject, &asked)]);
    }
    let sunny = run.paths.iter().filter(|path| path.is_sunny()).map(|path| (path, look(&subject, &asked, path)));
    if let Some(finding) = sum(CODE, &run, sunny.collect()) {
        return Ok(vec![finding]);
    }
    let failing: Vec<&Path> = run.paths.iter().filter(|path| !path.is_sunny()).collect();
    let verdicts = failing.iter().map(|path| (*path, swallows(&subject, &asked, path))).collect();
    if let Some(finding) = sum(CODE, &run, verdicts) {
        return Ok(vec![finding]);
    }
    let stumbles = failing.iter().find_map(|path| match &path.end {
        End::Raised(failure) if !failure.supposed && SLIPS.contains(&&*failure.class) => Some(failure),
        _ => None,
    });
    if let Some(failure) = stumbles {
        let mut finding = say::failure(CODE, "when writing fails, handling the fault", failure, subject.file);
        finding.severity = crate::diagnostic::Severity::Warning;
        return Ok(vec![finding]);
    }
    let silent = failing.iter().find(|path| matches!(path.end, End::Raised(_)) && !logs_failure(path));
    let silent = silent.map(|_| {
        warning(CODE, &subject.place(&asked.function), "when writing fails, the exception is raised and not logged here")
            .help("It works: Lambda logs what leaves the handler. A line of your own, `_logger.exception(…)`, says which ride it was.")
    });
    Ok(silent.into_iter().collect())
}

/// Exceptions that nobody raises on purpose.
const SLIPS: &[&str] = &["NameError", "UnboundLocalError", "AttributeError", "TypeError", "KeyError", "IndexError"];

fn missing(subject: &Subject<'_>, asked: &Asked) -> Diagnostic {
    let start = At { file: asked.file.as_str().into(), span: Span::at(0) };
    let slip = subject.file.functions().into_iter().find(|function| near(&function.name, &asked.function));
    if let Some(function) = slip {
        let at = At { span: function.span, ..start };
        let finding =
            error(CODE, &at, format!("the function is called {}; {} is asked for", function.name, asked.function));
        return if subject.file.reads(&function.name).is_empty() {
            finding.edit(replace(&at, asked.function.as_str(), format!("rename to {}", asked.function)))
        } else {
            finding.help("Rename it where it is defined and where it is called.")
        };
    }
    let commented = subject.is_commented_out(&format!("def {}", asked.function));
    let why = if commented { ": it stands in a comment only" } else { "" };
    error(CODE, &start, format!("the module has no function {}{why}", asked.function))
        .help(format!("`def {}(ride_record):` at the top level of the module.", asked.function))
}

fn look(subject: &Subject<'_>, asked: &Asked, path: &Path) -> Verdict {
    let definition = subject.place(&asked.function);
    match &path.end {
        End::Abandoned(why, at) => {
            return Verdict::Unsure(unsure(CODE, at.as_ref().unwrap_or(&definition), why.to_string()));
        }
        End::Raised(failure) => {
            let failure = say::placed(failure, &definition);
            let mut finding = say::failure(CODE, &asked.function, &failure, subject.file);
            if matches!(&*failure.class, "ParamValidationError" | "TypeError") && failure.message.contains("put_item()")
            {
                finding.message = format!("boto3 refuses the call: {}", failure.message);
            }
            if &*failure.class == "AttributeError"
                && failure.message.starts_with("'str' object has no attribute 'put_item'")
                && let Some((name, _)) = path.globals.iter().find(|(_, value)| is_table(value))
            {
                finding =
                    finding.help(format!("This is the table's name, which is only text; the table itself is {name}."));
            }
            return Verdict::Wrong(finding);
        }
        End::Returned(Data::Object(what), at) if what.contains("never awaited") || what.contains("has not run") => {
            let at = at.as_ref().unwrap_or(&definition);
            return Verdict::Wrong(error(
                CODE,
                at,
                format!("calling this function only makes {what}: nothing is written"),
            ));
        }
        End::Returned(..) => {}
    }
    let calls: Vec<&AwsCall> = path
        .during_call()
        .iter()
        .filter_map(|effect| match effect {
            Effect::Aws(call) if &*call.service == "dynamodb" => Some(call),
            _ => None,
        })
        .collect();
    let Some(call) = calls.iter().find(|call| writes(&call.operation)) else {
        let matters = |data: &Data| {
            looks_like_ride(data) || matches!(data, Data::Native(_) | Data::Function(..) | Data::Object(_))
        };
        if let Some((what, at)) = say::hidden(path, &matters) {
            return Verdict::Unsure(unsure(CODE, at, format!("what {what} does with this cannot be followed")));
        }
        let finding = error(CODE, &definition, format!("{} writes nothing to the table", asked.function));
        return Verdict::Wrong(finding.help("`DDB_TABLE.put_item(Item=ride_record)` writes the item."));
    };
    judge_put(asked, call)
}

fn is_table(value: &Data) -> bool {
    matches!(value, Data::Native(native) if matches!(&**native, Native::Table(..)))
}

fn writes(operation: &str) -> bool {
    matches!(operation, "put_item" | "transact_write_items" | "batch_write_item" | "update_item" | "execute_statement")
}

fn judge_put(asked: &Asked, call: &AwsCall) -> Verdict {
    let Some((table, item)) = written(call) else {
        return Verdict::Unsure(unsure(CODE, &call.at, format!("what {} writes is not followed", call.operation)));
    };
    let at = call.place("Item");
    let item = if call.resource { Some(item) } else { plain(&item) };
    let Some(item) = item else {
        let text = "the low-level client wants every value with its type, as in {'S': …}, and plain values are given";
        return Verdict::Wrong(error(CODE, at, text).help("The `Table` resource takes the dict as it is."));
    };
    if !same_ride(&item, &ride()) {
        if item.is_uncertain() {
            return Verdict::Unsure(unsure(CODE, at, "what is written cannot be followed"));
        }
        let text = if matches!(&item, Data::Dict(dict) if dict.entries.iter().any(|(_, value)| same_ride(value, &ride())))
        {
            "the ride is wrapped in another dict; the item is the ride itself"
        } else if item.get("RideId").is_none() {
            "the item has no RideId, which is the key of the table: DynamoDB refuses it"
        } else {
            "this writes only a part of the ride, or something other than it"
        };
        return Verdict::Wrong(error(CODE, at, text));
    }
    if let Some(condition) = call.argument("**") {
        let _ = condition;
    }
    match &table {
        value if is_env(value, &asked.variable) => Verdict::Right,
        Data::Str(name) => Verdict::Wrong(error(
            CODE,
            call.place("TableName"),
            format!(
                "this writes to a table called '{name}'; the table's name stands in the environment variable {}",
                asked.variable
            ),
        )),
        Data::Symbol(symbol) => match &symbol.what {
            What::Input(path) if !path.contains('.') => Verdict::Right,
            What::Env(name) => Verdict::Wrong(error(
                CODE,
                call.place("TableName"),
                format!(
                    "this writes to the table named by the environment variable {name}; serverless.yml gives the name in {}",
                    asked.variable
                ),
            )),
            _ => Verdict::Unsure(unsure(CODE, call.place("TableName"), "which table this is cannot be followed")),
        },
        _ => Verdict::Unsure(unsure(CODE, call.place("TableName"), "which table this is cannot be followed")),
    }
}

/// The table and the item that a call writes.
fn written(call: &AwsCall) -> Option<(Data, Data)> {
    match &*call.operation {
        "put_item" => Some((call.argument("TableName")?.clone(), call.argument("Item")?.clone())),
        "transact_write_items" => {
            let Data::List(items) = call.argument("TransactItems")? else { return None };
            let put = items.first()?.get("Put")?;
            Some((put.get("TableName")?.clone(), put.get("Item")?.clone()))
        }
        "batch_write_item" => {
            let Data::Dict(requests) = call.argument("RequestItems")? else { return None };
            let (table, requests) = requests.entries.first()?;
            let Data::List(requests) = requests else { return None };
            Some((table.clone(), requests.first()?.get("PutRequest")?.get("Item")?.clone()))
        }
        _ => None,
    }
}

/// The item behind DynamoDB's typed form; none if a value carries no type.
fn plain(item: &Data) -> Option<Data> {
    if let Some(What::Serialized(inner)) = item.what() {
        return Some(inner.clone());
    }
    let Data::Dict(dict) = item else { return item.is_uncertain().then(|| item.clone()) };
    let entries = dict.entries.iter().map(|(key, value)| Some((key.clone(), plain_value(value)?)));
    Some(Data::Dict(Rc::new(DictData { entries: entries.collect::<Option<_>>()?, open: dict.open })))
}

fn plain_value(value: &Data) -> Option<Data> {
    if let Some(What::Serialized(inner)) = value.what() {
        return Some(inner.clone());
    }
    if value.is_uncertain() && !matches!(value, Data::Dict(_)) {
        return Some(value.clone());
    }
    let Data::Dict(dict) = value else { return None };
    let [(Data::Str(kind), inner)] = dict.entries.as_slice() else { return None };
    match &**kind {
        "S" | "N" | "BOOL" | "B" => Some(inner.clone()),
        "NULL" => Some(Data::None),
        "M" => plain(inner),
        "L" => match inner {
            Data::List(items) => Some(Data::List(items.iter().map(plain_value).collect::<Option<_>>()?)),
            _ => None,
        },
        _ => None,
    }
}

/// Whether a failed write ends in a return.
fn swallows(subject: &Subject<'_>, asked: &Asked, path: &Path) -> Verdict {
    let recovers = path.during_call().iter().rev().find_map(|effect| match effect {
        Effect::Aws(call) if writes(&call.operation) => Some(!call.fails),
        _ => None,
    });
    match (&path.end, recovers) {
        (End::Returned(..), Some(false)) => {
            let at = path.during_call().iter().rev().find_map(|effect| match effect {
                Effect::Aws(call) if call.fails => Some(call.at.clone()),
                _ => None,
            });
            let at = at.unwrap_or_else(|| subject.place(&asked.function));
            Verdict::Wrong(
                error(
                    CODE,
                    &at,
                    "when this fails, the exception is swallowed: the ride is lost, and nobody tries again",
                )
                .help("Raise it again after logging it: a bare `raise` at the end of the `except` block."),
            )
        }
        _ => Verdict::Right,
    }
}

fn logs_failure(path: &Path) -> bool {
    let mut failed = false;
    path.during_call().iter().any(|effect| {
        match effect {
            Effect::Aws(call) if call.fails => failed = true,
            Effect::Log(..) | Effect::Opaque(..) if failed => return true,
            _ => {}
        }
        false
    })
}
