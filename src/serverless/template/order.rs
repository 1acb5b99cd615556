//! In which order resources come to be: after all that they name with `Ref`, `Fn::GetAtt`, `Fn::Sub` and `DependsOn`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::TemplateError;
use super::evaluate::{SubPiece, pieces};

/// Deepest nesting that is followed.
const MAX_DEPTH: usize = 160;

/// Logical ids in an order in which each comes after those that it depends on; otherwise as in the template.
/// Deleting goes backwards.
///
/// # Errors
/// Resources that depend on each other in a ring, named in its order.
pub fn order(template: &Value) -> Result<Vec<String>, TemplateError> {
    let dependencies = dependencies(template);
    let mut sorted = Vec::with_capacity(dependencies.len());
    let mut done: BTreeSet<&str> = BTreeSet::new();
    let ids: Vec<&str> = resources(template).map(|(id, _)| id.as_str()).collect();
    for id in ids {
        // A stack of our own: a chain of a thousand resources must not exhaust the program's.
        let mut path: Vec<(&str, Vec<&str>)> = vec![(id, wanted(&dependencies, id, &done))];
        while let Some((current, wants)) = path.last_mut() {
            let current = *current;
            match wants.pop() {
                Some(next) if done.contains(next) => {}
                Some(next) => {
                    if let Some(start) = path.iter().position(|(known, _)| *known == next) {
                        let ring: Vec<&str> = path[start..].iter().map(|(known, _)| *known).chain([next]).collect();
                        return Err(TemplateError::new(format!(
                            "resources depend on each other in a ring: {}",
                            ring.join(" → ")
                        )));
                    }
                    let wants = wanted(&dependencies, next, &done);
                    path.push((next, wants));
                }
                None => {
                    path.pop();
                    if done.insert(current) {
                        sorted.push(current.to_owned());
                    }
                }
            }
        }
    }
    Ok(sorted)
}

fn wanted<'d>(dependencies: &'d BTreeMap<String, BTreeSet<String>>, id: &str, done: &BTreeSet<&str>) -> Vec<&'d str> {
    let all = dependencies.get(id).into_iter().flatten().map(String::as_str);
    all.filter(|other| !done.contains(other)).rev().collect()
}

fn resources(template: &Value) -> impl Iterator<Item = (&String, &Value)> {
    template.get("Resources").and_then(Value::as_object).into_iter().flatten()
}

/// For each resource, the resources of the template that must exist before it.
pub fn dependencies(template: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let ids: BTreeSet<&str> = resources(template).map(|(id, _)| id.as_str()).collect();
    let of = |(id, resource): (&String, &Value)| {
        let mut names = BTreeSet::new();
        references(resource.get("Properties").unwrap_or(&Value::Null), &mut names);
        match resource.get("DependsOn") {
            Some(Value::String(other)) => drop(names.insert(other.clone())),
            Some(Value::Array(others)) => names.extend(others.iter().filter_map(Value::as_str).map(ToOwned::to_owned)),
            _ => {}
        }
        names.retain(|name| ids.contains(name.as_str()));
        (id.clone(), names)
    };
    resources(template).map(of).collect()
}

/// Names that `value` refers to, of resources or parameters; CloudFormation's own (`AWS::Region`) are left out.
pub(super) fn references(value: &Value, names: &mut BTreeSet<String>) {
    walk(value, names, 0);
}

fn walk(value: &Value, names: &mut BTreeSet<String>, depth: usize) {
    if depth > MAX_DEPTH {
        return;
    }
    match value {
        Value::Array(items) => items.iter().for_each(|item| walk(item, names, depth + 1)),
        Value::Object(map) => {
            if let Some((name, argument)) = map.iter().next().filter(|_| map.len() == 1) {
                match (name.as_str(), argument) {
                    ("Ref", Value::String(name)) => add(name, names),
                    ("Fn::GetAtt", Value::String(name)) => add(name.split('.').next().unwrap_or_default(), names),
                    ("Fn::GetAtt", Value::Array(items)) => {
                        add(items.first().and_then(Value::as_str).unwrap_or_default(), names);
                    }
                    ("Fn::Sub", Value::String(template)) => substituted(template, None, names),
                    ("Fn::Sub", Value::Array(items)) => {
                        let bindings = items.get(1).and_then(Value::as_object);
                        substituted(items.first().and_then(Value::as_str).unwrap_or_default(), bindings, names);
                    }
                    _ => {}
                }
            }
            map.values().for_each(|item| walk(item, names, depth + 1));
        }
        _ => {}
    }
}

fn substituted(template: &str, bindings: Option<&Map<String, Value>>, names: &mut BTreeSet<String>) {
    for piece in pieces(template) {
        if let SubPiece::Name(name) = piece
            && !bindings.is_some_and(|bindings| bindings.contains_key(name))
        {
            add(name.split('.').next().unwrap_or_default(), names);
        }
    }
}

fn add(name: &str, names: &mut BTreeSet<String>) {
    if !name.is_empty() && !name.starts_with("AWS::") {
        names.insert(name.to_owned());
    }
}
