//! # A permission is missing
//!
//! ## What it asks
//! Nothing that a function does on the way of a ride is denied by its role. No task names this check: it is found while a ride is looked at.
//!
//! ## Why
//! A function may do what a statement of its role allows, and nothing else. The finding names the statement that is missing and the place in
//! `serverless.yml` where it belongs.
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
//!   iamRoleStatements: []
//! ```

use crate::check::Evidence;
use crate::check::deployments::{Denial, Deployments};
use crate::check::rule::Rule;
use crate::diagnostic::Diagnostic;
use crate::serverless::Service;
use crate::serverless::yaml::Location;

use super::say::error;

/// No task asks for it: it is found on the way of a ride.
pub(super) static RULE: Rule =
    Rule { code: CODE, name: "permission-denied", source: include_str!("denied.rs"), judge: |_, _| Ok(Vec::new()) };
const CODE: &str = "RY107";

/// What is missing, and where it belongs.
pub(super) fn finding(evidence: &Evidence, deployments: &Deployments, denial: &Denial) -> Diagnostic {
    let Denial { action, resource, service, explicit } = denial;
    let why = if *explicit { "a statement denies it" } else { "no statement of its role allows it" };
    let named = resource_in_words(deployments, service, resource);
    let what = named.logical.as_deref().unwrap_or(resource);
    let mut finding = error(CODE, format!("a function of {service} may not do `{action}` on {what}: {why}"));
    finding.file = Some(format!("{service}/serverless.yml"));
    if let Ok(model) = evidence.service(service) {
        let at = place(model, action, *explicit);
        finding.file = Some(at.as_ref().map_or_else(|| model.path.to_string(), |at| at.file.to_string()));
        finding.span = at.map(|at| at.span);
    }
    let statement = format!("`- Effect: Allow`, `Action: {action}`, `Resource: {}`", named.reference);
    finding.help(match explicit {
        true => "A `Deny` always wins: narrow it, or take it away. Then deploy again.".to_owned(),
        false => format!("Add to the list `provider.iamRoleStatements`: {statement}. Then deploy again."),
    })
}

struct Named {
    /// Logical id, for a resource of a stack.
    logical: Option<String>,
    /// What a statement says for it.
    reference: String,
}

/// How `serverless.yml` of `service` would name the resource with this ARN.
fn resource_in_words(deployments: &Deployments, service: &str, arn: &str) -> Named {
    let name = arn.rsplit(['/', ':']).next().unwrap_or_default();
    let own = deployments.stack(service).and_then(|stack| {
        stack
            .resources
            .iter()
            .find(|resource| resource.physical == arn || (!name.is_empty() && resource.physical == name))
    });
    match own {
        Some(own) if own.kind == super::say::TOPIC => {
            Named { logical: Some(own.logical.clone()), reference: format!("!Ref {}", own.logical) }
        }
        Some(own) => Named { logical: Some(own.logical.clone()), reference: format!("!GetAtt {}.Arn", own.logical) },
        None => Named { logical: None, reference: arn.to_owned() },
    }
}

/// The statement that denies; else the list that lacks one, else the section where the list belongs.
fn place(service: &Service, action: &str, explicit: bool) -> Option<Location> {
    if explicit {
        let statements = service.permissions(None).statements;
        let denies = |statement: &&crate::serverless::Statement| {
            statement.effect == crate::serverless::Effect::Deny
                && statement.speaks_of(&action.to_lowercase()) != Some(false)
        };
        if let Some(statement) = statements.iter().find(denies) {
            return Some(statement.location.clone());
        }
    }
    let list = service.provider_statements().0.map(|entry| entry.key_location.clone());
    list.or_else(|| service.root.entry("provider").map(|entry| entry.key_location.clone()))
}
