//! The resolved tree as JSON, and what in it could not be resolved.

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::{Number, Value as Json, json};

use crate::serverless::text::{Part, Symbol};
use crate::serverless::yaml::{Location, Node, Value};

/// Most values that one configuration may hold once its aliases are written out.
const MAX_VALUES: usize = 400_000;

/// `node` as JSON, tags in CloudFormation's long form; none if it is larger than any template can be.
pub(super) fn json(node: &Node) -> Option<Json> {
    let mut budget = MAX_VALUES;
    convert(node, &mut budget)
}

fn convert(node: &Node, budget: &mut usize) -> Option<Json> {
    *budget = budget.checked_sub(1)?;
    let value = match &node.value {
        Value::Null => Json::Null,
        Value::Bool(flag) => Json::Bool(*flag),
        Value::Number(text) => number(text),
        Value::Text(text) => {
            let plain = text.parts().iter().all(|part| matches!(part, Part::Literal(_)));
            let written: String = text.parts().iter().map(substituted).collect();
            // Long texts that are used often cost as many values.
            *budget = budget.checked_sub(written.len() / 64)?;
            // What the old plugin for pseudo parameters left is CloudFormation's to fill in.
            if plain || node.tag == Some("Sub") { Json::String(written) } else { json!({"Fn::Sub": written}) }
        }
        Value::List(items) => Json::Array(items.iter().map(|item| convert(item, budget)).collect::<Option<_>>()?),
        Value::Map(map) => {
            let entry =
                |entry: &crate::serverless::yaml::Entry| Some((entry.key.to_string(), convert(&entry.value, budget)?));
            Json::Object(map.entries.iter().map(entry).collect::<Option<_>>()?)
        }
    };
    Some(match node.tag {
        None => value,
        Some(name @ ("Ref" | "Condition")) => json!({name: value}),
        Some("GetAtt") => match value.as_str().and_then(|text| text.split_once('.')) {
            Some((resource, attribute)) => json!({"Fn::GetAtt": [resource, attribute]}),
            None => json!({"Fn::GetAtt": value}),
        },
        Some(name) => json!({format!("Fn::{name}"): value}),
    })
}

/// A part of a text as `Fn::Sub` writes it.
fn substituted(part: &Part) -> String {
    match part {
        Part::Literal(text) => text.clone(),
        Part::Symbol(symbol) => match symbol {
            Symbol::Region => "${AWS::Region}".to_owned(),
            Symbol::AccountId => "${AWS::AccountId}".to_owned(),
            Symbol::Partition => "${AWS::Partition}".to_owned(),
            Symbol::UrlSuffix => "${AWS::URLSuffix}".to_owned(),
            Symbol::StackName => "${AWS::StackName}".to_owned(),
            Symbol::StackId => "${AWS::StackId}".to_owned(),
            Symbol::Ref(name) => format!("${{{name}}}"),
            Symbol::Attribute(resource, attribute) => format!("${{{resource}.{attribute}}}"),
            other => other.to_string(),
        },
    }
}

/// Whether CloudFormation fills a symbol in.
fn is_filled_in(symbol: &Symbol) -> bool {
    substituted(&Part::Symbol(symbol.clone())).starts_with("${")
        && !matches!(symbol, Symbol::Unknown(_) | Symbol::Broken(_) | Symbol::Environment(_) | Symbol::Option(_))
        && !matches!(symbol, Symbol::SsmParameter(_) | Symbol::StackOutput(_))
}

/// A number as JavaScript would print it.
fn number(text: &str) -> Json {
    let plain = text.replace('_', "");
    let (sign, digits) = plain.strip_prefix('-').map_or((1, plain.as_str()), |digits| (-1, digits));
    let digits = digits.strip_prefix('+').unwrap_or(digits);
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] {
        if let Some(rest) = digits.strip_prefix(prefix) {
            return i64::from_str_radix(rest, radix).map_or(Json::Null, |value| json!(sign * value));
        }
    }
    if let Ok(value) = plain.parse::<i64>() {
        return json!(value);
    }
    match plain.parse::<f64>() {
        Ok(value) if value.fract() == 0.0 && value.abs() < 9e15 => json!(value as i64),
        Ok(value) => Number::from_f64(value).map_or(Json::Null, Json::Number),
        Err(_) => Json::Null,
    }
}

/// The symbols that are left in a tree, each with the place of the value that holds it. Shared parts are looked at once.
pub(super) fn symbols(root: &Arc<Node>) -> Vec<(Symbol, Location)> {
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        if !seen.insert(Arc::as_ptr(node)) {
            continue;
        }
        match &node.value {
            Value::Text(text) => {
                found.extend(
                    text.symbols()
                        .filter(|symbol| !is_filled_in(symbol))
                        .map(|symbol| (symbol.clone(), node.location.clone())),
                );
            }
            Value::List(items) => open.extend(items.iter().rev()),
            Value::Map(map) => open.extend(map.entries.iter().rev().map(|entry| &entry.value)),
            _ => {}
        }
    }
    found
}
