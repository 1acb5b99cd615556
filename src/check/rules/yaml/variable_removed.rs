//! # The old variable is gone
//!
//! ## What it asks
//! The environment of `RequestRide` has no `RIDE_RECORD_URL` any more, neither of its own nor through `provider.environment`.
//!
//! ## Why
//! With the topic, `RequestRide` does not know who keeps the records. A leftover address suggests that it still does, and as long as it is read when you
//! deploy, this service cannot be deployed without the other.
//!
//! ## Passes
//! ```yaml
//! environment:
//!   REQUEST_UNICORN_URL: ${self:custom.request_unicorn_url}
//!   RIDES_SNS_TOPIC_ARN: !Ref RidesSnsTopic
//! ```
//!
//! ## Fails
//! ```yaml
//! environment:
//!   RIDE_RECORD_URL: ${self:custom.ride_record_url}
//!   RIDES_SNS_TOPIC_ARN: !Ref RidesSnsTopic
//! ```

use serde::Deserialize;

use super::say::{error, note, remove_lines, unsure, warning};
use crate::check::Evidence;
use crate::check::rule::{Findings, Parameters, Rule};

pub(super) static RULE: Rule =
    Rule { code: CODE, name: "variable-removed", source: include_str!("variable_removed.rs"), judge };
const CODE: &str = "RY207";

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Variable {
    service: String,
    function: String,
    variable: String,
}

impl Default for Variable {
    fn default() -> Self {
        Self {
            service: "wild-rydes".to_owned(),
            function: "RequestRide".to_owned(),
            variable: "RIDE_RECORD_URL".to_owned(),
        }
    }
}

fn judge(evidence: &Evidence, parameters: &Parameters) -> Findings {
    let old: Variable = parameters.read()?;
    let service = match evidence.service(&old.service) {
        Ok(service) => service,
        Err(blocked) => return Ok(vec![*blocked]),
    };
    // A missing function is the matter of the rule about its variables.
    let Some(function) = service.functions.get(&old.function) else { return Ok(Vec::new()) };
    let mut findings = Vec::new();
    let name = &old.variable;
    let old_variable = function.variable(name);
    if let Some(variable) = old_variable.filter(|variable| variable.entry.value.is_null()) {
        let entry = &variable.entry;
        let message = format!(
            "`{name}` is left without a value: `{}` does not get it, but its name still misleads",
            old.function
        );
        findings.push(warning(CODE, &entry.key_location, message).help("Remove the line."));
    } else if let Some(variable) = old_variable {
        let entry = &variable.entry;
        let message = if variable.inherited {
            format!("`{}` still gets `{name}` through `provider.environment`", old.function)
        } else {
            format!("`{}` still has `{name}`", old.function)
        };
        let finding = error(CODE, &entry.key_location, message)
            .help("It publishes the ride and knows nothing of who records it: remove the variable.");
        let alone = function.environment.iter().filter(|other| other.inherited == variable.inherited).count() == 1;
        // What stands elsewhere (a merge key, the provider) other functions may need.
        let own = &function.node.location;
        let is_own = own.file == entry.key_location.file
            && own.span.start <= entry.key_location.span.start
            && entry.key_location.span.end <= own.span.end;
        let shared = !is_own && service.functions.list.len() > 1;
        let text = evidence.text(&entry.key_location.file).filter(|_| !alone && !shared);
        findings.push(match remove_lines(text, entry, format!("remove {name}")) {
            Some(edit) => finding.edit(edit),
            None => finding,
        });
    } else if function.environment_unknown {
        findings.push(unsure(
            CODE,
            &function.key.location,
            format!("whether the environment still has `{name}` is known only at deployment"),
        ));
    }
    let custom = service.at(&["custom"]).and_then(|custom| custom.as_map());
    let leftover = custom.and_then(|custom| custom.entries.iter().find(|entry| entry.key.eq_ignore_ascii_case(name)));
    if let Some(entry) = leftover.filter(|_| findings.is_empty()) {
        findings.push(
            note(CODE, &entry.key_location, format!("`custom.{}` is still there", entry.key)).help(
                "Serverless looks it up at every deployment, used or not. Remove it when nothing uses it any more.",
            ),
        );
    }
    Ok(findings)
}
