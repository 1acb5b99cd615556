//! Filter policies of subscriptions: read once when they are set, then asked for each message.
//!
//! Known are exact values, `prefix`, `suffix`, `wildcard`, `equals-ignore-case`, `anything-but` (of values and of patterns), `numeric`,
//! `cidr`, `exists` and `$or`, on message attributes or, nested, on the body.

mod pattern;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

use self::pattern::Pattern;
use super::attribute::Attribute;

/// What a policy looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The message attributes.
    Attributes,
    /// The body, as JSON.
    Body,
}

/// A policy that was understood.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter {
    scope: Scope,
    rules: Rules,
}

/// All of these must hold.
type Rules = Vec<Rule>;

#[derive(Clone, Debug, PartialEq)]
enum Rule {
    /// One of the patterns matches what is under the key.
    Key(String, Vec<Pattern>),
    /// What is under the key is an object for which the rules hold.
    Inside(String, Rules),
    /// One of these holds.
    Or(Vec<Rules>),
}

/// The most keys of one policy.
const MOST_KEYS: usize = 5;
/// The most combinations of values.
const MOST_COMBINATIONS: usize = 150;

impl Filter {
    /// Reads a policy.
    ///
    /// # Errors
    /// In words, what is wrong with it.
    pub fn parse(policy: &str, scope: Scope) -> Result<Self, String> {
        let policy: Value = serde_json::from_str(policy).map_err(|error| format!("failed to parse JSON. {error}"))?;
        let policy = policy.as_object().ok_or("Filter policy must be a JSON object")?;
        let mut count = Count { keys: 0, combinations: 1 };
        let rules = rules(policy, scope, 1, &mut count)?;
        if count.keys > MOST_KEYS {
            return Err(format!("Filter policy can not have more than {MOST_KEYS} keys"));
        }
        if count.combinations > MOST_COMBINATIONS {
            return Err("Filter policy is too complex".to_owned());
        }
        Ok(Self { scope, rules })
    }

    /// Whether a message with these attributes and this body is for the subscription.
    pub fn matches(&self, attributes: &[Attribute], body: &str) -> bool {
        match self.scope {
            Scope::Attributes => holds(&self.rules, &of_attributes(attributes)),
            Scope::Body => match serde_json::from_str(body) {
                Ok(Value::Object(body)) => holds(&self.rules, &body),
                // What is no JSON object cannot have what a policy asks for.
                _ => false,
            },
        }
    }
}

struct Count {
    keys: usize,
    combinations: usize,
}

fn rules(policy: &Map<String, Value>, scope: Scope, depth: usize, count: &mut Count) -> Result<Rules, String> {
    policy
        .iter()
        .map(|(key, value)| match value {
            Value::Array(choices) if key == "$or" && is_or(choices) => {
                let branch = |choice: &Value| rules(choice.as_object().unwrap_or(&Map::new()), scope, depth, count);
                Ok(Rule::Or(choices.iter().map(branch).collect::<Result<_, _>>()?))
            }
            Value::Array(patterns) => {
                if patterns.is_empty() {
                    return Err(format!("Empty arrays are not allowed: \"{key}\""));
                }
                count.keys += 1;
                count.combinations = count.combinations.saturating_mul(patterns.len().saturating_mul(depth));
                Ok(Rule::Key(key.clone(), patterns.iter().map(Pattern::parse).collect::<Result<_, _>>()?))
            }
            Value::Object(_) if scope == Scope::Attributes => {
                Err("Filter policy scope MessageAttributes does not support nested filter policy".to_owned())
            }
            Value::Object(inside) if inside.is_empty() => Err(format!("Empty objects are not allowed: \"{key}\"")),
            Value::Object(inside) => Ok(Rule::Inside(key.clone(), rules(inside, scope, depth + 1, count)?)),
            _ => Err(format!("\"{key}\" must be an object or an array")),
        })
        .collect()
}

/// `$or` is an operator where it has two or more objects; elsewhere it is a key like any other.
fn is_or(choices: &[Value]) -> bool {
    choices.len() >= 2 && choices.iter().all(|choice| choice.as_object().is_some_and(|choice| !choice.is_empty()))
}

fn holds(rules: &Rules, object: &Map<String, Value>) -> bool {
    rules.iter().all(|rule| match rule {
        Rule::Or(choices) => choices.iter().any(|choice| holds(choice, object)),
        Rule::Key(key, patterns) => {
            let value = object.get(key);
            patterns.iter().any(|pattern| pattern.matches(value))
        }
        Rule::Inside(key, rules) => match object.get(key) {
            Some(Value::Object(inside)) => holds(rules, inside),
            // Of a list of objects, one must do.
            Some(Value::Array(items)) => items.iter().filter_map(Value::as_object).any(|inside| holds(rules, inside)),
            // What is not there may be asked not to be there.
            _ => holds(rules, &Map::new()),
        },
    })
}

/// Attributes as values: numbers for `Number`, a list for `String.Array`. Binary ones are only there or not.
fn of_attributes(attributes: &[Attribute]) -> Map<String, Value> {
    let value = |attribute: &Attribute| {
        if attribute.is_binary() {
            Value::Object(Map::new())
        } else if attribute.data_type == "String.Array" {
            serde_json::from_str(&attribute.value).unwrap_or(Value::Null)
        } else if attribute.data_type == "Number" || attribute.data_type.starts_with("Number.") {
            let number = attribute.value.parse().ok().and_then(serde_json::Number::from_f64);
            number.map_or(Value::Null, Value::Number)
        } else {
            Value::String(attribute.value.clone())
        }
    };
    attributes.iter().map(|attribute| (attribute.name.clone(), value(attribute))).collect()
}
