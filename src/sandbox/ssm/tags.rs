//! Tags of parameters.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Parameters;
use super::name::{find, find_mut};
use super::read::text;
use crate::sandbox::service::{Call, Fault};

/// Tags of one parameter.
const MOST: usize = 50;

/// The `Tags` of a request.
pub(super) fn given_tags(input: &Value) -> Result<BTreeMap<String, String>, Fault> {
    let mut tags = BTreeMap::new();
    for tag in input["Tags"].as_array().into_iter().flatten() {
        let (Some(key), Some(value)) = (tag["Key"].as_str(), tag["Value"].as_str()) else {
            return Err(Fault::sender("ValidationException", "A tag has a Key and a Value."));
        };
        if key.is_empty() || key.chars().count() > 128 || value.chars().count() > 256 || key.starts_with("aws:") {
            let words =
                "The key of a tag has 1 to 128 characters and does not begin with aws:, its value has up to 256.";
            return Err(Fault::sender("ValidationException", words));
        }
        tags.insert(key.to_owned(), value.to_owned());
    }
    check_count(tags.len())?;
    Ok(tags)
}

fn check_count(count: usize) -> Result<(), Fault> {
    match count > MOST {
        true => Err(Fault::sender("TooManyTagsError", format!("A parameter can have {MOST} tags."))),
        false => Ok(()),
    }
}

/// The name of the parameter that a request is about.
fn resource(input: &Value) -> Result<&str, Fault> {
    let kind = text(input, "ResourceType")?;
    let words = format!("{kind} is not a valid resource type: the rydes sandbox has Parameter alone.");
    if kind == "Parameter" { text(input, "ResourceId") } else { Err(Fault::sender("InvalidResourceType", words)) }
}

fn invalid(name: &str) -> Fault {
    Fault::sender("InvalidResourceId", format!("The resource ID \"{name}\" is not valid. Verify the ID and try again."))
}

/// `ListTagsForResource`.
pub(super) fn list(parameters: &Parameters, call: &Call) -> Result<Value, Fault> {
    let name = resource(&call.input)?;
    let (_, parameter) = find(parameters, &call.region, name).ok_or_else(|| invalid(name))?;
    let tags: Vec<Value> = parameter.tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect();
    Ok(json!({ "TagList": tags }))
}

/// `AddTagsToResource`.
pub(super) fn add(parameters: &mut Parameters, call: &Call) -> Result<Value, Fault> {
    let name = resource(&call.input)?;
    let given = given_tags(&call.input)?;
    let parameter = find_mut(parameters, &call.region, name).ok_or_else(|| invalid(name))?;
    let new = given.keys().filter(|key| !parameter.tags.contains_key(*key)).count();
    check_count(parameter.tags.len() + new)?;
    parameter.tags.extend(given);
    Ok(Value::Null)
}

/// `RemoveTagsFromResource`.
pub(super) fn remove(parameters: &mut Parameters, call: &Call) -> Result<Value, Fault> {
    let name = resource(&call.input)?;
    let parameter = find_mut(parameters, &call.region, name).ok_or_else(|| invalid(name))?;
    for key in call.input["TagKeys"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        parameter.tags.remove(key);
    }
    Ok(Value::Null)
}
