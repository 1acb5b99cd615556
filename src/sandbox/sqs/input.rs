//! Reads the members of an input, with SQS's errors for those that are missing or of another type.

use serde_json::{Map, Value};

use super::fault::{fault, invalid_value, missing};
use crate::sandbox::Fault;

/// The text under `name`, if there is any.
pub fn text<'a>(input: &'a Value, name: &str) -> Result<Option<&'a str>, Fault> {
    match input.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(wrong_type(name)),
    }
}

/// The text under `name`, which must be there and not be empty.
pub fn required<'a>(input: &'a Value, name: &str) -> Result<&'a str, Fault> {
    text(input, name)?.filter(|text| !text.is_empty()).ok_or_else(|| missing(name))
}

/// The whole number under `name`, also when a client writes it as text.
pub fn integer(input: &Value, name: &str, range: std::ops::RangeInclusive<i64>) -> Result<Option<i64>, Fault> {
    let number = match input.get(name) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Number(number)) => number.as_i64(),
        Some(Value::String(text)) => text.parse().ok(),
        Some(_) => None,
    };
    let number = number.ok_or_else(|| wrong_type(name))?;
    if range.contains(&number) {
        return Ok(Some(number));
    }
    let reason = format!("Must be between {} and {}, if provided.", range.start(), range.end());
    Err(invalid_value(name, number, &reason))
}

/// The list under `name`; empty if there is none.
pub fn list<'a>(input: &'a Value, name: &str) -> Result<&'a [Value], Fault> {
    match input.get(name) {
        None | Some(Value::Null) => Ok(&[]),
        Some(Value::Array(list)) => Ok(list),
        Some(_) => Err(wrong_type(name)),
    }
}

/// The texts of the list under `name`.
pub fn texts<'a>(input: &'a Value, name: &str) -> Result<Vec<&'a str>, Fault> {
    list(input, name)?.iter().map(|item| item.as_str().ok_or_else(|| wrong_type(name))).collect()
}

/// The map under `name`, if there is one.
pub fn map<'a>(input: &'a Value, name: &str) -> Result<Option<&'a Map<String, Value>>, Fault> {
    match input.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(map)) => Ok(Some(map)),
        Some(_) => Err(wrong_type(name)),
    }
}

/// The map under `name` from text to text; empty if there is none.
pub fn pairs<'a>(input: &'a Value, name: &str) -> Result<Vec<(&'a str, &'a str)>, Fault> {
    let pairs = map(input, name)?.into_iter().flatten();
    pairs.map(|(key, value)| Ok((key.as_str(), value.as_str().ok_or_else(|| wrong_type(name))?))).collect()
}

fn wrong_type(name: &str) -> Fault {
    fault("SerializationException", format!("The value of {name} has a type that this operation does not take there."))
}
