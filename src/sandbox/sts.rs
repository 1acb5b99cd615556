//! STS: who am I? Nothing else: the sandbox has one account, and its keys are handed out at start.

use serde_json::json;

use super::account::ACCOUNT_ID;
use super::keys::Caller;
use super::service::{Access, Call, Fault, Handling, Protocol, Reply, Service};

/// The service.
#[derive(Debug, Default)]
pub struct Sts;

const PROTOCOLS: [Protocol; 1] =
    [Protocol::Query { namespace: "https://sts.amazonaws.com/doc/2011-06-15/", maps: &[] }];

impl Service for Sts {
    fn name(&self) -> &'static str {
        "sts"
    }

    fn protocols(&self) -> &'static [Protocol] {
        &PROTOCOLS
    }

    /// Everybody may ask who they are, as on AWS; nothing else is done.
    fn access(&self, _call: &Call) -> Vec<Access> {
        Vec::new()
    }

    fn call<'a>(&'a self, call: Call) -> Handling<'a> {
        Box::pin(std::future::ready(answer(&call)))
    }

    fn denial(&self) -> &'static str {
        "AccessDenied"
    }
}

fn answer(call: &Call) -> Result<Reply, Fault> {
    match call.operation.as_str() {
        "GetCallerIdentity" => {
            let user = match &call.caller {
                Caller::Learner => "AIDALEARNERRYDES0SANDBOX".to_owned(),
                Caller::Function(role) => format!("AROAFUNCTIONRYDES0SANDBOX:{}", role.session),
            };
            Ok(json!({"UserId": user, "Account": ACCOUNT_ID, "Arn": call.caller.arn()}).into())
        }
        "GetSessionToken" | "AssumeRole" | "GetFederationToken" => Err(Fault::sender(
            "AccessDenied",
            "The rydes sandbox makes no temporary credentials: use the keys that `rydes env` prints, which end with it.",
        )
        .status(403)),
        operation => Err(Fault::unknown_operation("sts", operation)),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::sandbox::keys::Role;

    async fn call(operation: &str, caller: Caller) -> Result<Reply, Fault> {
        let (operation, region, request_id) = (operation.to_owned(), "us-east-2".to_owned(), String::new());
        Sts.call(Call { operation, input: json!({}), region, caller, request_id, rest: None }).await
    }

    #[tokio::test]
    async fn everybody_is_told_who_they_are() {
        let role = Role { name: "r".into(), session: "f".into(), policies: Vec::new(), service: String::new() };
        for (caller, arn) in [
            (Caller::Learner, "arn:aws:iam::123456789012:user/learner"),
            (Caller::Function(Arc::new(role)), "arn:aws:sts::123456789012:assumed-role/r/f"),
        ] {
            match call("GetCallerIdentity", caller).await {
                Ok(Reply::Output(output)) => {
                    assert_eq!((&output["Arn"], &output["Account"]), (&json!(arn), &json!(ACCOUNT_ID)))
                }
                _ => panic!("no answer"),
            }
        }
        assert!(matches!(call("GetSessionToken", Caller::Learner).await, Err(fault) if fault.status == 403));
        assert!(
            matches!(call("DecodeAuthorizationMessage", Caller::Learner).await, Err(fault) if fault.code == "UnknownOperationException")
        );
    }
}
