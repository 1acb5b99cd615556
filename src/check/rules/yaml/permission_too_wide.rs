//! # No wider permission than needed
//!
//! ## What it asks
//! What allows publishing allows just that: `sns:Publish`, on this one topic. (A warning: the task is done either way.)
//!
//! ## Why
//! A function that is tricked or broken can do all that its role allows. With `sns:*` on `*` it could delete every topic of the account.
//!
//! ## Passes
//! ```yaml
//! - Effect: Allow
//!   Action: sns:Publish
//!   Resource: !Ref RidesSnsTopic
//! ```
//!
//! ## Fails
//! ```yaml
//! - Effect: Allow
//!   Action: sns:*
//!   Resource: '*'
//! ```

use super::publish_permission::Publish;
use super::say::{replace, warning};
use crate::check::Evidence;
use crate::check::rule::{Findings, Parameters, Rule};
use crate::serverless::{Answer, Coverage};

pub(super) static RULE: Rule =
    Rule { code: CODE, name: "permission-too-wide", source: include_str!("permission_too_wide.rs"), judge };
const CODE: &str = "RY204";

fn judge(evidence: &Evidence, parameters: &Parameters) -> Findings {
    let publish: Publish = parameters.read()?;
    let service = match evidence.service(&publish.service) {
        Ok(service) => service,
        Err(blocked) => return Ok(vec![*blocked]),
    };
    let permissions = service.permissions(service.functions.get(&publish.function));
    let Answer::Allowed(grants) = permissions.allows(service, &publish.action.to_lowercase(), &publish.resource) else {
        return Ok(Vec::new());
    };
    let mut findings = Vec::new();
    for grant in &grants {
        let Some(pattern) = &grant.pattern else {
            let finding = if grant.action.is_some() {
                warning(CODE, &grant.location, "this statement leaves out some resources and allows all others")
            } else {
                warning(CODE, &grant.location, "this managed policy allows far more than publishing to one topic")
            };
            findings.push(finding.help(format!(
                "A statement of your own with `{}` on `!Ref {}` is enough.",
                publish.action, publish.resource
            )));
            continue;
        };
        match grant.coverage {
            Coverage::Wide => {
                let finding = warning(CODE, pattern, "this allows publishing to more topics than the one for rides")
                    .help(format!("`!Ref {}` is the ARN of just that topic.", publish.resource));
                let edit =
                    replace(pattern, format!("!Ref {}", publish.resource), format!("allow {} only", publish.resource));
                findings.push(if grant.alone { finding.edit(edit) } else { finding });
            }
            Coverage::HardCoded => findings.push(
                warning(
                    CODE,
                    pattern,
                    "this ARN spells out account, region or stage, and is right for one of them only",
                )
                .help(format!("`!Ref {}` is right everywhere.", publish.resource)),
            ),
            _ => {}
        }
        match &grant.action {
            Some((action, at)) if is_wide(action) => {
                let finding = warning(CODE, at, format!("`{action}` allows far more than to publish"))
                    .help(format!("`{}` is all that the function does.", publish.action));
                let edit = replace(at, &*publish.action, format!("allow {} only", publish.action));
                findings.push(if grant.alone { finding.edit(edit) } else { finding });
            }
            None => findings.push(
                warning(CODE, &grant.location, "this statement leaves out some actions and allows all others")
                    .help(format!("`{}` is all that the function does.", publish.action)),
            ),
            Some(_) => {}
        }
    }
    Ok(findings)
}

/// `sns:Pub*` says what is meant; `sns:*` does not.
fn is_wide(action: &str) -> bool {
    let name = action.split_once(':').map_or(action, |(_, name)| name);
    name.find(['*', '?']).is_some_and(|index| index < 3)
}
