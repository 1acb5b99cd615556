//! Reads the members of an input, which over the query protocol are texts, and the ARNs in it.

use serde_json::Value;

use super::fault::{invalid, missing};
use crate::sandbox::{ACCOUNT_ID, Fault};

/// The text under `name`, if there is any.
pub fn text<'a>(input: &'a Value, name: &str) -> Result<Option<&'a str>, Fault> {
    match input.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(invalid(format!("{name} Reason: it must be a string"))),
    }
}

/// The text under `name`, which must be there.
pub fn required<'a>(input: &'a Value, name: &str) -> Result<&'a str, Fault> {
    text(input, name)?.ok_or_else(|| missing(name))
}

/// The map under `name` from text to text; empty if there is none.
pub fn pairs<'a>(input: &'a Value, name: &str) -> Result<Vec<(&'a str, &'a str)>, Fault> {
    let wrong = || invalid(format!("{name} Reason: it must be a map of strings"));
    match input.get(name) {
        value if is_empty(value) => Ok(Vec::new()),
        Some(Value::Object(map)) => {
            map.iter().map(|(key, value)| Ok((key.as_str(), value.as_str().ok_or_else(wrong)?))).collect()
        }
        _ => Err(wrong()),
    }
}

/// Not there, or empty, which over the query protocol is an empty text.
fn is_empty(value: Option<&Value>) -> bool {
    value.is_none_or(|value| value.is_null() || value == "")
}

/// The list under `name`; empty if there is none.
pub fn list<'a>(input: &'a Value, name: &str) -> Result<&'a [Value], Fault> {
    match input.get(name) {
        value if is_empty(value) => Ok(&[]),
        Some(Value::Array(list)) => Ok(list),
        _ => Err(invalid(format!("{name} Reason: it must be a list"))),
    }
}

/// The list of texts under `name`.
pub fn texts<'a>(input: &'a Value, name: &str) -> Result<Vec<&'a str>, Fault> {
    let wrong = || invalid(format!("{name} Reason: it must be a list of strings"));
    list(input, name)?.iter().map(|item| item.as_str().ok_or_else(wrong)).collect()
}

/// `[{"Key", "Value"}]` under `name`.
pub fn tags<'a>(input: &'a Value, name: &str) -> Result<Vec<(&'a str, &'a str)>, Fault> {
    list(input, name)?.iter().map(|tag| Ok((required(tag, "Key")?, required(tag, "Value")?))).collect()
}

/// The name in the ARN of a topic of `region`; `member` is where the ARN stands, for the error.
///
/// # Errors
/// `InvalidParameter`; `AuthorizationError` (403) for another account.
pub fn topic_name<'a>(arn: &'a str, region: &str, member: &str) -> Result<&'a str, Fault> {
    let parts: Vec<&str> = arn.split(':').collect();
    match parts.as_slice() {
        ["arn", "aws", "sns", there, account, name] if !name.is_empty() => {
            if *there != region {
                return Err(invalid(format!(
                    "{member} Reason: the topic is in {there}, and this request went to {region}"
                )));
            }
            if *account != ACCOUNT_ID {
                let message = format!("User is not authorized to perform this action on resource: {arn}");
                return Err(Fault::sender("AuthorizationError", message).status(403));
            }
            Ok(name)
        }
        few if few.len() < 6 => {
            Err(invalid(format!("{member} Reason: An ARN must have at least 6 elements, not {}", few.len())))
        }
        _ => Err(invalid(member)),
    }
}

/// The name of the topic and the id in the ARN of a subscription of `region`.
///
/// # Errors
/// As [`topic_name`].
pub fn subscription_id<'a>(arn: &'a str, region: &str) -> Result<(&'a str, &'a str), Fault> {
    const MEMBER: &str = "SubscriptionArn";
    match arn.split(':').count() {
        7 => {
            let (topic, id) = arn.rsplit_once(':').unwrap_or_default();
            Ok((topic_name(topic, region, MEMBER)?, id))
        }
        few if few < 6 => Err(invalid(format!("{MEMBER} Reason: An ARN must have at least 6 elements, not {few}"))),
        _ => Err(invalid(format!("{MEMBER} Reason: it is not the ARN of a subscription"))),
    }
}
