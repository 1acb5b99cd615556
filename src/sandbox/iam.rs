//! IAM: what the role of a function allows. Whatever no statement allows is denied; the learner may do everything.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock, Weak};

use awsim_iam_policy::{AuthzRequest, ContextValue, Decision, EvalContext, PolicyDocument, evaluate, parse_value};
use chrono::DateTime;

use super::account::{ACCOUNT_ID, Account};
use super::activity::Happening;
use super::keys::{Caller, Role};
use super::service::Access;

/// Decides, and remembers what the policies of each role mean.
#[derive(Debug, Default)]
pub(super) struct Iam {
    /// By the address of the role, which stays its own as long as the weak reference lives.
    roles: RwLock<HashMap<usize, Known>>,
}

type Known = (Weak<Role>, Arc<Permissions>);

/// The policies of a role, understood.
#[derive(Debug)]
struct Permissions {
    principal: String,
    policies: Vec<PolicyDocument>,
    /// Whether any statement has a condition: only then is there anything to know about the request.
    is_conditional: bool,
}

impl Iam {
    /// Permits all of `needed`, or tells in AWS's words what is missing; the feed hears of it.
    pub(super) fn permit(
        &self,
        account: &Account,
        caller: &Caller,
        region: &str,
        needed: &[Access],
    ) -> Result<(), String> {
        let Caller::Function(role) = caller else { return Ok(()) };
        if needed.is_empty() {
            return Ok(());
        }
        let permissions = self.permissions(account, role);
        let context =
            if permissions.is_conditional { context(account, &permissions, role, region) } else { HashMap::new() };
        for Access { action, resource } in needed {
            let request = AuthzRequest {
                principal_arn: &permissions.principal,
                principal_account: ACCOUNT_ID,
                action,
                resource_arn: resource,
                context: &context,
            };
            let policies = EvalContext { identity_policies: &permissions.policies, ..EvalContext::default() };
            let explicit = match evaluate(&request, &policies) {
                Decision::Allow => continue,
                Decision::ExplicitDeny => true,
                Decision::ImplicitDeny => false,
            };
            account.tell(Happening::Denied {
                action: action.clone(),
                resource: resource.clone(),
                role: role.name.clone(),
                service: role.service.clone(),
                explicit,
            });
            let because = match explicit {
                true => "with an explicit deny in an identity-based policy".to_owned(),
                false => format!("because no identity-based policy allows the {action} action"),
            };
            let principal = &permissions.principal;
            return Err(format!(
                "User: {principal} is not authorized to perform: {action} on resource: {resource} {because}"
            ));
        }
        Ok(())
    }

    fn permissions(&self, account: &Account, role: &Arc<Role>) -> Arc<Permissions> {
        let address = Arc::as_ptr(role) as usize;
        let known = self.roles.read().unwrap_or_else(PoisonError::into_inner).get(&address).cloned();
        if let Some((owner, permissions)) = known
            && owner.upgrade().is_some_and(|owner| Arc::ptr_eq(&owner, role))
        {
            return permissions;
        }
        let permissions = Arc::new(Permissions::of(account, role));
        let mut roles = self.roles.write().unwrap_or_else(PoisonError::into_inner);
        roles.retain(|_, (owner, _)| owner.strong_count() > 0);
        roles.insert(address, (Arc::downgrade(role), Arc::clone(&permissions)));
        permissions
    }
}

impl Permissions {
    fn of(account: &Account, role: &Arc<Role>) -> Self {
        let mut policies = Vec::with_capacity(role.policies.len());
        for policy in &role.policies {
            match parse_value(policy) {
                Ok(policy) => policies.push(policy),
                Err(error) => account.tell(Happening::Note(format!(
                    "a policy of the role {} is not valid and grants nothing: {error}",
                    role.name
                ))),
            }
        }
        let is_conditional =
            policies.iter().flat_map(|policy| &policy.statements).any(|statement| statement.condition.is_some());
        Self { principal: Caller::Function(Arc::clone(role)).arn(), policies, is_conditional }
    }
}

/// What conditions may ask about a request.
fn context(account: &Account, permissions: &Permissions, role: &Role, region: &str) -> HashMap<String, ContextValue> {
    let text = |value: &str| ContextValue::String(value.to_owned());
    let now = DateTime::from_timestamp_millis(account.clock.millis()).unwrap_or_default();
    HashMap::from([
        ("aws:RequestedRegion".to_owned(), text(region)),
        ("aws:PrincipalArn".to_owned(), text(&format!("arn:aws:iam::{ACCOUNT_ID}:role/{}", role.name))),
        ("aws:PrincipalAccount".to_owned(), text(ACCOUNT_ID)),
        ("aws:PrincipalType".to_owned(), text("AssumedRole")),
        ("aws:userid".to_owned(), text(permissions.principal.rsplit('/').next().unwrap_or_default())),
        ("aws:CurrentTime".to_owned(), ContextValue::Date(now)),
        ("aws:SourceIp".to_owned(), ContextValue::Ip("127.0.0.1".to_owned())),
        // On AWS every call of a function is encrypted.
        ("aws:SecureTransport".to_owned(), ContextValue::Bool(true)),
        ("aws:ViaAWSService".to_owned(), ContextValue::Bool(false)),
    ])
}

#[cfg(test)]
mod tests;
