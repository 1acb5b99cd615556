//! Attributes of messages: what SQS takes, and the digest by which clients verify that they arrived whole.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use md5::{Digest, Md5};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::fault::invalid;
use crate::sandbox::Fault;

/// The most attributes that one message may have.
const MOST: usize = 10;

/// Attributes by name; the digest wants them in this order.
pub type Attributes = BTreeMap<String, Attribute>;

/// One attribute of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attribute {
    /// `String`, `Number`, `Binary`, or one of them with a label: `Number.float`.
    pub data_type: String,
    /// Its value.
    pub value: Payload,
}

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Payload {
    /// Of a `String` or `Number`.
    Text(String),
    /// Of a `Binary`, in Base64 as it goes over the wire.
    Binary(String),
}

impl Attribute {
    fn decoded(&self) -> Vec<u8> {
        match &self.value {
            Payload::Text(text) => text.as_bytes().to_vec(),
            Payload::Binary(encoded) => BASE64.decode(encoded).unwrap_or_default(),
        }
    }

    /// As an answer carries it.
    pub fn to_json(&self) -> Value {
        let (name, value) = match &self.value {
            Payload::Text(text) => ("StringValue", text),
            Payload::Binary(encoded) => ("BinaryValue", encoded),
        };
        json!({ name: value, "DataType": self.data_type })
    }
}

/// Reads the attributes of a message.
///
/// # Errors
/// `InvalidParameterValue` for what SQS does not take.
pub fn parse(given: &Map<String, Value>) -> Result<Attributes, Fault> {
    if given.len() > MOST {
        let count = given.len();
        return Err(invalid(format!("Number of message attributes [{count}] exceeds the allowed maximum [{MOST}].")));
    }
    given.iter().map(|(name, value)| Ok((check_name(name)?.to_owned(), attribute(name, value)?))).collect()
}

fn check_name(name: &str) -> Result<&str, Fault> {
    let lower = name.to_ascii_lowercase();
    let reason = if name.is_empty() {
        return Err(invalid("The request must contain non-empty message attribute names."));
    } else if name.len() > 256 {
        "must be shorter than 256 bytes"
    } else if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)) {
        "can only contain alphanumeric characters, hyphens, underscores, or periods"
    } else if name.starts_with('.') || name.ends_with('.') || name.contains("..") {
        "cannot start or end with a period, nor have periods in succession"
    } else if lower.starts_with("aws.") || lower.starts_with("amazon.") {
        "cannot start with AWS. or Amazon., which are reserved"
    } else {
        return Ok(name);
    };
    Err(invalid(format!("The message attribute name '{name}' is invalid: it {reason}.")))
}

fn attribute(name: &str, given: &Value) -> Result<Attribute, Fault> {
    let field = |field: &str| given.get(field).and_then(Value::as_str).unwrap_or_default();
    let data_type = field("DataType");
    let (kind, label) = data_type.split_once('.').unwrap_or((data_type, "-"));
    let problem = |problem: &str| Err(invalid(format!("The message attribute '{name}' {problem}.")));
    if data_type.is_empty() {
        return problem("must contain non-empty message attribute type");
    }
    if !matches!(kind, "String" | "Number" | "Binary") || label.is_empty() || data_type.len() > 256 {
        return problem(
            "has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String",
        );
    }
    let (member, other) =
        if kind == "Binary" { ("BinaryValue", "StringValue") } else { ("StringValue", "BinaryValue") };
    let value = field(member);
    if value.is_empty() {
        let other = if field(other).is_empty() { String::new() } else { format!(", not {other}") };
        return problem(&format!(
            "must contain non-empty message attribute value for message attribute type '{data_type}': give {member}{other}"
        ));
    }
    if kind == "Number" && !is_number(value) {
        return Err(invalid(format!("Can't cast the value of message (user) attribute '{name}' to a number.")));
    }
    if kind == "Binary" && BASE64.decode(value).is_err() {
        return problem("has a BinaryValue that is not Base64");
    }
    let value = value.to_owned();
    let value = if kind == "Binary" { Payload::Binary(value) } else { Payload::Text(value) };
    Ok(Attribute { data_type: data_type.to_owned(), value })
}

/// Whether AWS takes `text` for a number: digits with sign, fraction and exponent, but neither `inf` nor `NaN`.
pub fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte)) && text.parse::<f64>().is_ok()
}

/// How many bytes of a message's limit the attributes take: names, types and values.
pub fn size(attributes: &Attributes) -> usize {
    let one = |(name, attribute): (&String, &Attribute)| {
        let value = match &attribute.value {
            Payload::Text(text) => text.len(),
            Payload::Binary(encoded) => encoded.trim_end_matches('=').len() * 3 / 4,
        };
        name.len() + attribute.data_type.len() + value
    };
    attributes.iter().map(one).sum()
}

/// `MD5OfMessageAttributes` of these, which come in the order of their names: each piece after its length in four bytes.
pub fn digest<'a>(attributes: impl IntoIterator<Item = (&'a String, &'a Attribute)>) -> String {
    let mut md5 = Md5::new();
    let piece = |md5: &mut Md5, bytes: &[u8]| {
        md5.update(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
        md5.update(bytes);
    };
    for (name, attribute) in attributes {
        piece(&mut md5, name.as_bytes());
        piece(&mut md5, attribute.data_type.as_bytes());
        md5.update([if matches!(attribute.value, Payload::Binary(_)) { 2 } else { 1 }]);
        piece(&mut md5, &attribute.decoded());
    }
    hex(&md5.finalize())
}

/// `MD5OfMessageBody`.
pub fn digest_of(text: &str) -> String {
    hex(&Md5::digest(text.as_bytes()))
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
