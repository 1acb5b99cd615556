//! Policies as IAM takes them: what it calls a malformed policy document is refused, with what is wrong in it.

use serde_json::Value;

/// The keys that a statement of a role's policy may have.
const KEYS: [&str; 7] = ["Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"];

/// What is wrong with the policies in the properties of a resource of this type, if anything is.
///
/// # Errors
/// In words, with IAM's code.
pub(super) fn check(kind: &str, properties: &Value) -> Result<(), String> {
    let documents: Vec<(&str, &Value)> = match kind {
        "AWS::IAM::Role" => {
            let inline = properties["Policies"].as_array().into_iter().flatten();
            inline
                .map(|policy| (policy["PolicyName"].as_str().unwrap_or("a policy"), &policy["PolicyDocument"]))
                .collect()
        }
        "AWS::IAM::Policy" | "AWS::IAM::ManagedPolicy" => {
            let name = properties["PolicyName"].as_str().or_else(|| properties["ManagedPolicyName"].as_str());
            vec![(name.unwrap_or("the policy"), &properties["PolicyDocument"])]
        }
        _ => Vec::new(),
    };
    for (name, document) in documents {
        document_is_sound(document)
            .map_err(|why| format!("syntax errors in the policy {name}: {why} (MalformedPolicyDocument)"))?;
    }
    Ok(())
}

fn document_is_sound(document: &Value) -> Result<(), String> {
    let statements = match &document["Statement"] {
        Value::Array(statements) => statements.as_slice(),
        statement @ Value::Object(_) => std::slice::from_ref(statement),
        _ => return Err("it has no statements".to_owned()),
    };
    statements.iter().try_for_each(|statement| {
        statement_is_sound(statement).map_err(|why| {
            let mut shown = statement.to_string();
            if shown.chars().count() > 120 {
                shown = shown.chars().take(119).chain(['…']).collect();
            }
            format!("{why} in {shown}")
        })
    })
}

fn statement_is_sound(statement: &Value) -> Result<(), String> {
    let Value::Object(members) = statement else { return Err("a statement is no mapping".to_owned()) };
    if let Some(key) = members.keys().find(|key| !KEYS.contains(&key.as_str())) {
        return Err(match key.as_str() {
            "Principal" | "NotPrincipal" => "a role's own policy names no Principal".to_owned(),
            key => format!("a statement has no {key}"),
        });
    }
    match &statement["Effect"] {
        Value::String(effect) if effect == "Allow" || effect == "Deny" => {}
        Value::Null => return Err("Effect is missing (Allow or Deny)".to_owned()),
        other => return Err(format!("Effect is Allow or Deny, not {other}")),
    }
    for action in one_of(statement, "Action", "NotAction")? {
        let is_action = action == "*" || action.split_once(':').is_some_and(|(service, _)| !service.is_empty());
        if !is_action {
            return Err(format!("an action begins with its service, as sns:Publish does, and {action:?} does not"));
        }
    }
    for resource in one_of(statement, "Resource", "NotResource")? {
        if resource != "*" && !resource.starts_with("arn:") {
            return Err(format!("a resource is an ARN or \"*\", not {resource:?}"));
        }
    }
    Ok(())
}

/// The texts below the one of two keys that is there.
fn one_of<'a>(statement: &'a Value, key: &str, other: &str) -> Result<Vec<&'a str>, String> {
    let value = match (statement.get(key), statement.get(other)) {
        (Some(value), None) | (None, Some(value)) => value,
        (None, None) => return Err(format!("{key} is missing")),
        (Some(_), Some(_)) => return Err(format!("{key} and {other} exclude each other")),
    };
    let all = match value {
        Value::Array(items) => items.iter().collect(),
        one => vec![one],
    };
    let texts: Option<Vec<&str>> = all.into_iter().map(Value::as_str).collect();
    texts.filter(|texts| !texts.is_empty()).ok_or_else(|| format!("{key} is neither text nor a list of texts"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_iam_refuses_is_refused() {
        let topic = "arn:aws:sns:us-east-2:123456789012:rides";
        let allow =
            |action: Value, resource: Value| json!([{ "Effect": "Allow", "Action": action, "Resource": resource }]);
        for (statements, wrong) in [
            (allow(json!("sns:Publish"), json!(topic)), ""),
            (allow(json!(["sns:*", "*"]), json!([topic, "*"])), ""),
            (
                json!({ "Sid": "One", "Effect": "Deny", "NotAction": "sns:Publish", "NotResource": topic, "Condition": {} }),
                "",
            ),
            (json!([]), ""),
            (Value::Null, "no statements"),
            (json!("Allow"), "no statements"),
            (json!(["sns:Publish"]), "no mapping"),
            (json!([{ "Effect": "Alow", "Action": "sns:Publish", "Resource": "*" }]), "not \"Alow\""),
            (json!([{ "Action": "sns:Publish", "Resource": "*" }]), "Effect is missing"),
            (json!([{ "Effect": "Allow", "Resource": "*" }]), "Action is missing"),
            (json!([{ "Effect": "Allow", "Action": "sns:Publish" }]), "Resource is missing"),
            (json!([{ "Effect": "Allow", "Actions": "sns:Publish", "Resource": "*" }]), "has no Actions"),
            (
                json!([{ "Effect": "Allow", "Action": "sns:Publish", "Resource": "*", "Principal": "*" }]),
                "no Principal",
            ),
            (
                json!([{ "Effect": "Allow", "Action": "a:b", "NotAction": "a:b", "Resource": "*" }]),
                "exclude each other",
            ),
            (allow(json!("Publish"), json!("*")), "\"Publish\" does not"),
            (allow(json!([]), json!("*")), "neither text nor"),
            (allow(json!("sns:Publish"), json!({ "Ref": "Topic" })), "neither text nor"),
            (allow(json!("sns:Publish"), json!("RidesSnsTopic")), "not \"RidesSnsTopic\""),
        ] {
            let properties = json!({ "Policies": [{ "PolicyName": "p", "PolicyDocument": { "Version": "2012-10-17", "Statement": statements } }] });
            match check("AWS::IAM::Role", &properties) {
                Ok(()) => assert_eq!(wrong, "", "{properties}"),
                Err(why) => assert!(!wrong.is_empty() && why.contains(wrong), "{properties}: {why}"),
            }
            let policy = properties["Policies"][0].clone();
            assert_eq!(check("AWS::IAM::Policy", &policy).is_ok(), wrong.is_empty());
        }
        assert_eq!(check("AWS::SNS::Topic", &json!({})), Ok(()));
    }
}
