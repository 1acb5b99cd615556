//! The policy document of a topic: the one it starts with, and permissions added and removed by label.

use serde_json::{Value, json};

use super::fault::invalid;
use crate::sandbox::{ACCOUNT_ID, Fault};

const ACTIONS: [&str; 8] = [
    "GetTopicAttributes",
    "SetTopicAttributes",
    "AddPermission",
    "RemovePermission",
    "DeleteTopic",
    "Subscribe",
    "ListSubscriptionsByTopic",
    "Publish",
];

/// The policy of a topic that nobody gave one: its account may do everything.
pub fn default(topic: &str) -> Value {
    json!({
        "Version": "2008-10-17",
        "Id": "__default_policy_ID",
        "Statement": [{
            "Sid": "__default_statement_ID",
            "Effect": "Allow",
            "Principal": { "AWS": "*" },
            "Action": ACTIONS.map(|action| format!("SNS:{action}")),
            "Resource": topic,
            "Condition": { "StringEquals": { "AWS:SourceOwner": ACCOUNT_ID } },
        }],
    })
}

/// The policy with one more statement.
///
/// # Errors
/// `InvalidParameter` for a label that is taken and for actions that topics do not have.
pub fn with_permission(
    policy: Option<&str>,
    topic: &str,
    label: &str,
    accounts: &[&str],
    actions: &[&str],
) -> Result<String, Fault> {
    if accounts.is_empty() || actions.is_empty() {
        return Err(invalid("AddPermission needs at least one AWSAccountId and one ActionName"));
    }
    if let Some(unknown) = actions.iter().find(|action| !ACTIONS.contains(action)) {
        return Err(invalid(format!("Policy statement action out of service scope! ({unknown})")));
    }
    let (mut document, mut statements) = read(policy, topic);
    if statements.iter().any(|statement| statement["Sid"] == label) {
        return Err(invalid("Statement already exists"));
    }
    let one_or_many = |mut list: Vec<String>| if list.len() == 1 { json!(list.remove(0)) } else { json!(list) };
    statements.push(json!({
        "Sid": label,
        "Effect": "Allow",
        "Principal": { "AWS": one_or_many(accounts.iter().map(|account| format!("arn:aws:iam::{account}:root")).collect()) },
        "Action": one_or_many(actions.iter().map(|action| format!("SNS:{action}")).collect()),
        "Resource": topic,
    }));
    document["Statement"] = json!(statements);
    Ok(document.to_string())
}

/// The policy without the statement of this label.
pub fn without_permission(policy: Option<&str>, topic: &str, label: &str) -> String {
    let (mut document, mut statements) = read(policy, topic);
    statements.retain(|statement| statement["Sid"] != label);
    document["Statement"] = json!(statements);
    document.to_string()
}

fn read(policy: Option<&str>, topic: &str) -> (Value, Vec<Value>) {
    let mut document: Value =
        policy.and_then(|policy| serde_json::from_str(policy).ok()).unwrap_or_else(|| default(topic));
    let statements = match document["Statement"].take() {
        Value::Array(statements) => statements,
        Value::Null => Vec::new(),
        one => vec![one],
    };
    (document, statements)
}
