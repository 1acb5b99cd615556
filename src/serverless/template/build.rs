//! A template in the making: the configuration as JSON beside its tree with places, and what was made so far.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::compiled::{CompiledFunction, Remark};
use super::names;
use super::options::{Options, Problem};
use crate::serverless::yaml::{Location, Node};

/// The template in the making.
pub(super) struct Build<'o> {
    pub(super) options: &'o Options,
    pub(super) service: String,
    pub(super) stage: String,
    pub(super) region: String,
    /// The configuration with places.
    pub(super) root: Arc<Node>,
    pub(super) provider: Value,
    /// Functions by name, in the order of the file: what is said about each, and where.
    pub(super) declared: Vec<(String, Value, Location)>,
    pub(super) resources: Map<String, Value>,
    pub(super) outputs: Map<String, Value>,
    pub(super) functions: Vec<CompiledFunction>,
    pub(super) places: BTreeMap<String, Location>,
    pub(super) skipped: Vec<Remark>,
    pub(super) warnings: Vec<Remark>,
    pub(super) problems: Vec<Problem>,
}

/// The value at the end of a path of keys; none where nothing or `null` stands.
pub(super) fn at<'v>(value: &'v Value, path: &[&str]) -> Option<&'v Value> {
    let found = path.iter().try_fold(value, |value, key| value.get(key))?;
    (!found.is_null()).then_some(found)
}

/// The same for what JavaScript takes for nothing: `false`, `0` and empty text.
pub(super) fn truthy<'v>(value: &'v Value, path: &[&str]) -> Option<&'v Value> {
    at(value, path).filter(|value| match value {
        Value::Bool(flag) => *flag,
        Value::String(text) => !text.is_empty(),
        Value::Number(number) => number.as_f64() != Some(0.0),
        _ => true,
    })
}

/// The entries of a mapping.
pub(super) fn entries(value: Option<&Value>) -> impl Iterator<Item = (&String, &Value)> {
    value.and_then(Value::as_object).into_iter().flatten()
}

/// The items of a list.
pub(super) fn items(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// `[{Key, Value}]` of mappings, the later ones winning.
pub(super) fn tags(sources: &[Option<&Value>]) -> Option<Value> {
    let mut all: Map<String, Value> = Map::new();
    for (key, value) in sources.iter().flat_map(|source| entries(*source)) {
        all.insert(key.clone(), value.clone());
    }
    (!all.is_empty()).then(|| all.into_iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect())
}

/// Text that Serverless expects where a number or boolean was written.
pub(super) fn texted(value: &Value) -> Value {
    match value {
        Value::Number(number) => Value::String(number.to_string()),
        Value::Bool(flag) => Value::String(flag.to_string()),
        other => other.clone(),
    }
}

/// A number that was written as text, as Serverless takes it.
pub(super) fn numbered(value: &Value) -> Value {
    match value.as_str().map(|text| text.trim().parse::<i64>()) {
        Some(Ok(number)) => json!(number),
        _ => value.clone(),
    }
}

/// Sets `key`, unless there is no value.
pub(super) fn set(map: &mut Value, key: &str, value: Option<Value>) {
    if let (Some(map), Some(value)) = (map.as_object_mut(), value) {
        map.insert(key.to_owned(), value);
    }
}

impl Build<'_> {
    /// Adds a resource that was made for what stands at `location`.
    pub(super) fn add(&mut self, id: impl Into<String>, resource: Value, location: Option<&Location>) {
        let id = id.into();
        if let Some(location) = location {
            self.places.insert(id.clone(), location.clone());
        }
        self.resources.insert(id, resource);
    }

    /// Where a key of the configuration stands.
    pub(super) fn location(&self, path: &[&str]) -> Option<Location> {
        let (last, before) = path.split_last()?;
        let parent = if before.is_empty() { &self.root } else { self.root.at(before)? };
        parent.entry(last).map(|entry| entry.key_location.clone())
    }

    /// ARN of a function of the service.
    pub(super) fn target(name: &str) -> Value {
        json!({"Fn::GetAtt": [names::lambda(name), "Arn"]})
    }

    /// The statements of the generated role, if there is one.
    pub(super) fn statements(&mut self) -> Option<&mut Vec<Value>> {
        let path = "/IamRoleLambdaExecution/Properties/Policies/0/PolicyDocument/Statement";
        let (id, rest) = path[1..].split_once('/')?;
        self.resources.get_mut(id)?.pointer_mut(&format!("/{rest}"))?.as_array_mut()
    }

    /// The events of a function under `kind`, each with its place.
    pub(super) fn events(&self, kind: &str) -> Vec<(String, Value, Location)> {
        let mut found = Vec::new();
        for (name, function, location) in &self.declared {
            let node = self.event_nodes(name);
            for (index, event) in items(at(function, &["events"])).iter().enumerate() {
                if let Some(value) = truthy(event, &[kind]) {
                    let place = node.get(index).map_or(location, |node| &node.location);
                    found.push((name.clone(), value.clone(), place.clone()));
                }
            }
        }
        found
    }

    /// The events of a function with their places.
    pub(super) fn event_nodes(&self, name: &str) -> Vec<Arc<Node>> {
        let functions = self.root.get("functions");
        let parts: Vec<&Arc<Node>> = match functions.and_then(|functions| functions.as_list()) {
            Some(parts) => parts.iter().collect(),
            None => functions.into_iter().collect(),
        };
        let function = parts.iter().rev().find_map(|part| part.get(name));
        let events = function.and_then(|function| function.get("events")).and_then(|events| events.as_list());
        events.map(<[Arc<Node>]>::to_vec).unwrap_or_default()
    }
}
