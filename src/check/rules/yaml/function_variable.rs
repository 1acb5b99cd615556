//! # A variable for the function
//!
//! ## What it asks
//! The environment of the function has the variable, and its value is what `Ref` returns for the resource: for `RequestRide` the variable
//! `RIDES_SNS_TOPIC_ARN` with the ARN of the topic, for the functions that keep records `DDB_TABLE_NAME` with the name of the table. Under
//! `provider.environment` it counts too, since every function inherits that.
//!
//! ## Why
//! Nobody knows an ARN or a generated name before the stack is there. CloudFormation fills it in, and the code reads it from its environment: the same code
//! runs in every stage and account.
//!
//! ## Passes
//! ```yaml
//! functions:
//!   RequestRide:
//!     environment:
//!       RIDES_SNS_TOPIC_ARN: !Ref RidesSnsTopic
//! ```
//!
//! ## Fails
//! ```yaml
//! functions:
//!   RequestRide:
//!     environment:
//!       RIDES_SNS_TOPIC_ARN: RidesSnsTopic   # a word, not the ARN
//! ```

use serde::Deserialize;

use super::find::{self, describe};
use super::function_handler::no_function;
use super::say::{broken, error, replace, unsure, written_there};
use super::value::Wanted;
use crate::check::Evidence;
use crate::check::rule::{Findings, Parameters, Rule};
use crate::diagnostic::Diagnostic;
use crate::serverless::{Function, Service};

pub(super) static RULE: Rule =
    Rule { code: CODE, name: "function-variable", source: include_str!("function_variable.rs"), judge };
const CODE: &str = "RY206";

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Variable {
    service: String,
    function: String,
    variable: String,
    resource: String,
    /// The function's name before; empty if it keeps it.
    renamed_from: String,
}

impl Default for Variable {
    fn default() -> Self {
        Self {
            service: "wild-rydes".to_owned(),
            function: "RequestRide".to_owned(),
            variable: "RIDES_SNS_TOPIC_ARN".to_owned(),
            resource: "RidesSnsTopic".to_owned(),
            renamed_from: String::new(),
        }
    }
}

fn judge(evidence: &Evidence, parameters: &Parameters) -> Findings {
    let wanted: Variable = parameters.read()?;
    let service = match evidence.service(&wanted.service) {
        Ok(service) => service,
        Err(blocked) => return Ok(vec![*blocked]),
    };
    let Some(function) = service.functions.get(&wanted.function) else {
        return Ok(vec![no_function(service, evidence.text(&service.path), &wanted.function, &wanted.renamed_from)]);
    };
    Ok(match function.variable(&wanted.variable) {
        Some(variable) => {
            let what = format!("`{}`", wanted.variable);
            let value = Wanted { code: CODE, service, resource: &wanted.resource, what: &what };
            let mut value = value.judge(&variable.entry.value);
            let entry = &variable.entry;
            if !written_there(evidence.text(&entry.key_location.file), entry)
                && let Some(finding) = &mut value
            {
                finding.edit = None;
            }
            // An empty value has no place worth pointing at.
            if let Some(finding) = &mut value
                && finding.span.is_some_and(|span| span.start == span.end)
            {
                finding.span = Some(variable.entry.key_location.span);
                finding.file = Some(variable.entry.key_location.file.to_string());
            }
            value.into_iter().collect()
        }
        None => vec![missing(&wanted, service, function, evidence.text(&service.path))],
    })
}

fn missing(wanted: &Variable, service: &Service, function: &Function, text: Option<&str>) -> Diagnostic {
    let Variable { variable: name, resource, function: owner, .. } = wanted;
    let help = format!("Under `environment` of `{owner}`, add `{name}: !Ref {resource}`.");
    let shared = service.root.get("provider").and_then(|provider| provider.entry("environment"));
    if let Some(finding) = broken(CODE, function.entry("environment")).or_else(|| broken(CODE, shared)) {
        return finding;
    }
    let near = find::nearest(function.environment.iter().map(|variable| &*variable.entry.key), name);
    if let Some(near) = near.and_then(|near| function.variable(near)) {
        let entry = &near.entry;
        return error(
            CODE,
            &entry.key_location,
            format!("the variable is called `{}`, and the code reads `{name}`", entry.key),
        )
        .help("Names of variables must match letter by letter, capitals too.")
        .edit(replace(&entry.key_location, name.as_str(), format!("rename to {name}")));
    }
    if let Some(environment) = function.entry("environment")
        && environment.value.as_list().is_some()
    {
        return error(CODE, &environment.key_location, "`environment` is a list here, and Serverless wants a mapping")
            .help("Leave out the dashes: `NAME: value`, one a line.");
    }
    let found = find::entries(&service.root, |entry| &*entry.key == name);
    if let Some(found) = found.first() {
        let at = &found.entry.key_location;
        if let ["resources", "Resources" | "extensions", made, "Properties", "Environment", "Variables"] =
            found.path.as_slice()
            && *made == format!("{owner}LambdaFunction")
        {
            return unsure(CODE, at, format!("this may change the environment of `{owner}` in the template"));
        }
        let message = match found.path.as_slice() {
            ["functions", other, "environment"] => {
                format!("`{name}` is in the environment of `{other}`; `{owner}` needs it")
            }
            ["functions", own] if own == owner => {
                format!("`{name}` stands beside `environment` of `{owner}` and belongs inside it")
            }
            ["functions", own, ..] if own == owner => {
                format!("`{name}` is part of `{owner}`, but not of its `environment`")
            }
            path => format!("`{name}` stands {}, where it is no variable of `{owner}`", describe(path)),
        };
        return error(CODE, at, message).help(help);
    }
    if function.environment_unknown {
        return unsure(
            CODE,
            &function.key.location,
            format!("whether the environment of `{owner}` has `{name}` is known only at deployment"),
        );
    }
    if let Some(comment) = find::in_comment(service, text, &[name]) {
        return error(CODE, &comment, format!("`{name}` is commented out")).help("Remove the `#` in front of it.");
    }
    let at = function.entry("environment").map_or(&function.key.location, |entry| &entry.key_location);
    error(CODE, at, format!("the environment of `{owner}` has no `{name}`")).help(help)
}
