//! Attributes of messages as SNS takes them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Map, Value, json};

use super::fault::invalid_attribute;
use crate::sandbox::Fault;

/// One attribute of a message.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribute {
    /// Its name.
    pub name: String,
    /// `String`, `Number`, `Binary`, `String.Array`, or one of them with a label.
    pub data_type: String,
    /// Its value, in Base64 for binary ones.
    pub value: String,
}

impl Attribute {
    /// `{"Type", "Value"}`, as in envelopes and events.
    pub fn envelope(&self) -> Value {
        json!({ "Type": self.data_type, "Value": self.value })
    }

    /// As SQS takes it, for raw delivery.
    pub fn for_queue(&self) -> Value {
        let member = if self.is_binary() { "BinaryValue" } else { "StringValue" };
        json!({ "DataType": self.data_type, member: self.value })
    }

    /// Whether its value is bytes.
    pub fn is_binary(&self) -> bool {
        self.data_type == "Binary" || self.data_type.starts_with("Binary.")
    }

    /// What it counts for the limit: name, type and value.
    pub fn size(&self) -> usize {
        let value = if self.is_binary() { self.value.trim_end_matches('=').len() * 3 / 4 } else { self.value.len() };
        self.name.len() + self.data_type.len() + value
    }
}

/// Reads the attributes of a message.
///
/// # Errors
/// `ParameterValueInvalid` for what SNS does not take.
pub fn parse(given: Option<&Value>) -> Result<Vec<Attribute>, Fault> {
    match given {
        None | Some(Value::Null) => Ok(Vec::new()),
        // No attributes over the query protocol.
        Some(Value::String(empty)) if empty.is_empty() => Ok(Vec::new()),
        Some(Value::Object(map)) => map.iter().map(|(name, value)| attribute(name, value)).collect(),
        Some(_) => Err(invalid_attribute("MessageAttributes must be a map from names to values.")),
    }
}

fn attribute(name: &str, given: &Value) -> Result<Attribute, Fault> {
    let empty = Map::new();
    let given = given.as_object().unwrap_or(&empty);
    let field = |field: &str| given.get(field).and_then(Value::as_str).filter(|text| !text.is_empty());
    let problem = |problem: &str| Err(invalid_attribute(format!("The message attribute '{name}' {problem}")));
    check_name(name)?;
    let Some(data_type) = field("DataType") else {
        return problem("must contain non-empty message attribute type.");
    };
    let kind = data_type.split('.').next().unwrap_or_default();
    if !matches!(kind, "String" | "Number" | "Binary") || data_type.ends_with('.') || data_type.len() > 256 {
        return problem(
            "has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.",
        );
    }
    let member = if kind == "Binary" { "BinaryValue" } else { "StringValue" };
    let Some(value) = field(member) else {
        return problem(&format!(
            "must contain non-empty message attribute value for message attribute type '{data_type}'."
        ));
    };
    match kind {
        "Number" if !is_number(value) => {
            return Err(invalid_attribute(format!("Could not cast message attribute '{name}' value to number.")));
        }
        "Binary" if BASE64.decode(value).is_err() => return problem("has a BinaryValue that is not Base64."),
        _ => {}
    }
    if data_type == "String.Array" && !is_array(value) {
        return problem(
            "has type String.Array: its value must be a JSON array of strings, numbers, true, false or null.",
        );
    }
    Ok(Attribute { name: name.to_owned(), data_type: data_type.to_owned(), value: value.to_owned() })
}

fn check_name(name: &str) -> Result<(), Fault> {
    let lower = name.to_ascii_lowercase();
    let is_good = !name.is_empty()
        && name.len() <= 256
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        && !name.starts_with('.')
        && !name.ends_with('.')
        && !name.contains("..")
        // These mean something to SMS and mobile push, and AWS takes them of its own.
        && (!(lower.starts_with("aws.") || lower.starts_with("amazon.")) || name.starts_with("AWS.SNS."));
    if is_good {
        return Ok(());
    }
    Err(invalid_attribute(format!(
        "Invalid message attribute name '{name}': it has 1 to 256 letters, digits, hyphens, underscores and periods, no period at its ends or after another, and does not start with AWS. or Amazon."
    )))
}

/// Digits with sign, fraction and exponent, but neither `inf` nor `NaN`.
fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte)) && text.parse::<f64>().is_ok()
}

fn is_array(text: &str) -> bool {
    let array: Option<Vec<Value>> = serde_json::from_str(text).ok();
    array.is_some_and(|items| items.iter().all(|item| !item.is_array() && !item.is_object()))
}
