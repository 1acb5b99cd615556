//! # Permission to publish
//!
//! ## What it asks
//! The role of `RequestRide` allows `sns:Publish` on the topic `RidesSnsTopic`: a statement in the list `provider.iamRoleStatements`, or in the newer
//! `provider.iam.role.statements`. A role of the function's own that allows it is as good.
//!
//! ## Why
//! A Lambda function may do nothing that its role does not allow. Without the statement the ride request fails with `AuthorizationError` when it
//! publishes. `Resource` takes the topic's ARN, and that is what `Ref` of a topic returns.
//!
//! ## Passes
//! ```yaml
//! provider:
//!   iamRoleStatements:
//!     - Effect: Allow
//!       Action: sns:Publish
//!       Resource: !Ref RidesSnsTopic
//! ```
//!
//! ## Fails
//! ```yaml
//! provider:
//!   iamRoleStatements:
//!     - Effect: Allow
//!       Action: sns:Subscribe     # not the action that sends a message
//!       Resource: RidesSnsTopic   # a word, not the ARN
//! ```

mod nearly;

use serde::Deserialize;

use super::say::{broken, error, place_of, unsure, warning};
use crate::check::Evidence;
use crate::check::rule::{Findings, Parameters, Rule};
use crate::diagnostic::Diagnostic;
use crate::serverless::{Answer, RoleSource, Service};

pub(super) static RULE: Rule =
    Rule { code: CODE, name: "publish-permission", source: include_str!("publish_permission.rs"), judge };
const CODE: &str = "RY203";

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Publish {
    pub(super) service: String,
    pub(super) function: String,
    pub(super) action: String,
    pub(super) resource: String,
}

impl Default for Publish {
    fn default() -> Self {
        Self {
            service: "wild-rydes".to_owned(),
            function: "RequestRide".to_owned(),
            action: "sns:Publish".to_owned(),
            resource: "RidesSnsTopic".to_owned(),
        }
    }
}

fn judge(evidence: &Evidence, parameters: &Parameters) -> Findings {
    let publish: Publish = parameters.read()?;
    let service = match evidence.service(&publish.service) {
        Ok(service) => service,
        Err(blocked) => return Ok(vec![*blocked]),
    };
    let permissions = service.permissions(service.functions.get(&publish.function));
    let answer = permissions.allows(service, &publish.action.to_lowercase(), &publish.resource);
    let help = || {
        format!(
            "Add to the list `provider.iamRoleStatements`: `- Effect: Allow`, `Action: {}`, `Resource: !Ref {}`.",
            publish.action, publish.resource
        )
    };
    Ok(match answer {
        Answer::Allowed(_) => both_spellings(service),
        Answer::Denied(at) => vec![
            error(
                CODE,
                &at,
                format!("this statement denies `{}` on the topic, and a `Deny` always wins", publish.action),
            )
            .help("Write `Effect: Allow`, or take the statement away if another one allows it."),
        ],
        Answer::Unknown(at, why) => {
            // A role from elsewhere makes the provider's statements idle: whoever wrote them thinks that they count.
            if matches!(permissions.source, RoleSource::External(_))
                && let Answer::Allowed(grants) =
                    idle(service).allows(service, &publish.action.to_lowercase(), &publish.resource)
                && let Some(grant) = grants.first()
            {
                // That role may well allow it: no verdict, but the learner should know.
                let finding = unsure(
                    CODE,
                    &grant.location,
                    "the function runs with a role that is described elsewhere, and this statement has no effect on that",
                );
                return Ok(vec![finding.help("`role` replaces the role that Serverless makes from these statements. Remove `role`, or add the permission to that role.")]);
            }
            if let Some(finding) = broken(CODE, service.provider_statements().0) {
                return Ok(vec![finding]);
            }
            vec![unsure(CODE, &at, format!("whether `{}` is allowed depends on {why}", publish.action))]
        }
        Answer::No => vec![match nearly::explain(&publish, service, &permissions, evidence.text(&service.path)) {
            Some(finding) if finding.help.is_some() => finding,
            Some(finding) => finding.help(help()),
            None => {
                let message = format!(
                    "nothing allows `{}` to call `{}` on `{}`",
                    publish.function, publish.action, publish.resource
                );
                let path: &[&str] = match service.provider_statements().0 {
                    Some(entry) if &*entry.key == "statements" => &["provider", "iam", "role", "statements"],
                    _ => &["provider", "iamRoleStatements"],
                };
                error(CODE, &place_of(service, path), message).help(help())
            }
        }],
    })
}

/// What the provider's statements would allow if no role stood in their way.
fn idle(service: &Service) -> crate::serverless::Permissions {
    service.generated_permissions()
}

fn both_spellings(service: &Service) -> Vec<Diagnostic> {
    let (Some(counting), Some(idle)) = service.provider_statements() else { return Vec::new() };
    let finding =
        warning(CODE, &idle.key_location, format!("`{}` has no effect beside `iam.role.statements`", idle.key));
    let _ = counting;
    vec![finding.help("Serverless reads one of the two only. Move what is still needed over and remove the other.")]
}
