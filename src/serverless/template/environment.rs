//! What is known while a template is deployed: names of resources that exist, their attributes, conditions, and where the stack lives.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::TemplateError;
use super::evaluate::evaluate;

/// Where a stack lives.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Place {
    /// `us-east-2`.
    pub region: String,
    /// 12 digits.
    pub account: String,
    /// `wild-rydes-dev`.
    pub stack_name: String,
    /// ARN of the stack.
    pub stack_id: String,
}

/// What [`evaluate`] puts in the place of intrinsic functions. The deploy adds to `refs` and `attributes` as resources come to be.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Environment {
    /// Where the stack lives.
    pub place: Place,
    /// What `Ref` returns, by logical id of a resource or name of a template parameter.
    pub refs: BTreeMap<String, Value>,
    /// What `Fn::GetAtt` returns, by logical id, then by attribute (`Arn`, `Outputs.Url`).
    pub attributes: BTreeMap<String, BTreeMap<String, Value>>,
    /// Which conditions hold; [`Environment::of`] evaluates them.
    pub conditions: BTreeMap<String, bool>,
    /// The template's `Mappings`.
    pub mappings: Map<String, Value>,
    /// Exports of other stacks in the region.
    pub exports: BTreeMap<String, String>,
    /// Values of SSM parameters that `{{resolve:ssm:…}}` and template parameters read: see [`ssm_parameters`].
    pub ssm: BTreeMap<String, String>,
}

impl Environment {
    /// What is known of `template` before any of its resources exists: its parameters' defaults, its mappings and its conditions.
    /// `ssm` holds the values of [`ssm_parameters`], `exports` the exports of other stacks.
    ///
    /// # Errors
    /// A parameter without a default, a condition that leads to itself or to a resource, or one that is malformed.
    pub fn of(
        template: &Value,
        place: Place,
        ssm: BTreeMap<String, String>,
        exports: BTreeMap<String, String>,
    ) -> Result<Self, TemplateError> {
        let section = |name: &str| template.get(name).and_then(Value::as_object).cloned().unwrap_or_default();
        let mut environment = Self { place, mappings: section("Mappings"), ssm, exports, ..Self::default() };
        for (name, parameter) in section("Parameters") {
            let value = environment.parameter(&name, &parameter)?;
            environment.refs.insert(name, value);
        }
        let conditions = section("Conditions");
        for name in conditions.keys() {
            environment.condition(name, &conditions, &mut Vec::new())?;
        }
        Ok(environment)
    }

    fn parameter(&self, name: &str, parameter: &Value) -> Result<Value, TemplateError> {
        let Some(default) = parameter.get("Default") else {
            return Err(TemplateError::new(format!(
                "the template parameter `{name}` has no `Default`, and Serverless has no way to give it a value"
            )));
        };
        let kind = parameter.get("Type").and_then(Value::as_str).unwrap_or("String");
        let text = as_text(default).unwrap_or_default();
        let text = if kind.starts_with("AWS::SSM::Parameter::Value<") {
            let found = self.ssm.get(&text).cloned();
            found.ok_or_else(|| {
                TemplateError::new(format!(
                    "there is no SSM parameter `{text}`, which the template parameter `{name}` reads"
                ))
            })?
        } else {
            text
        };
        let is_list = kind == "CommaDelimitedList" || kind.contains("List<");
        Ok(if is_list { text.split(',').map(str::trim).collect() } else { Value::from(text) })
    }

    /// Evaluates the condition `name` and those that it rests on. `ring` holds those in progress.
    fn condition(
        &mut self,
        name: &str,
        all: &Map<String, Value>,
        ring: &mut Vec<String>,
    ) -> Result<bool, TemplateError> {
        if let Some(known) = self.conditions.get(name) {
            return Ok(*known);
        }
        let Some(definition) = all.get(name) else {
            return Err(TemplateError::new(format!("there is no condition `{name}` under `Conditions`")));
        };
        if ring.iter().any(|known| known == name) {
            return Err(TemplateError::new(format!("the condition `{name}` leads back to itself")));
        }
        ring.push(name.to_owned());
        for other in named_conditions(definition) {
            self.condition(&other, all, ring)?;
        }
        ring.pop();
        let holds = match evaluate(definition, self)? {
            Value::Bool(holds) => holds,
            other => {
                return Err(TemplateError::new(format!(
                    "the condition `{name}` comes to {other}, which is neither true nor false"
                )));
            }
        };
        self.conditions.insert(name.to_owned(), holds);
        Ok(holds)
    }

    /// Whether the resource or output `definition` exists in this deployment: its `Condition` holds, or it has none.
    ///
    /// # Errors
    /// The condition is not defined.
    pub fn is_wanted(&self, definition: &Value) -> Result<bool, TemplateError> {
        match definition.get("Condition").and_then(Value::as_str) {
            None => Ok(true),
            Some(name) => self
                .conditions
                .get(name)
                .copied()
                .ok_or_else(|| TemplateError::new(format!("there is no condition `{name}` under `Conditions`"))),
        }
    }

    /// What `Ref` of one of CloudFormation's own names returns. `AWS::NoValue` is none of them.
    pub(super) fn pseudo(&self, name: &str) -> Option<Value> {
        Some(match name {
            "AWS::Region" => json!(self.place.region),
            "AWS::AccountId" => json!(self.place.account),
            "AWS::Partition" => json!("aws"),
            "AWS::URLSuffix" => json!("amazonaws.com"),
            "AWS::StackName" => json!(self.place.stack_name),
            "AWS::StackId" => json!(self.place.stack_id),
            "AWS::NotificationARNs" => json!([]),
            _ => return None,
        })
    }
}

/// A scalar as text: numbers and booleans as CloudFormation writes them.
pub(super) fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Names of conditions that a condition rests on.
fn named_conditions(definition: &Value) -> Vec<String> {
    match definition {
        Value::Array(items) => items.iter().flat_map(named_conditions).collect(),
        Value::Object(map) => match (map.len(), map.get("Condition"), map.get("Fn::If")) {
            (1, Some(Value::String(name)), _) => vec![name.clone()],
            (1, _, Some(Value::Array(items))) => {
                let own = items.first().and_then(Value::as_str).map(ToOwned::to_owned);
                own.into_iter().chain(items.iter().skip(1).flat_map(named_conditions)).collect()
            }
            _ => map.values().flat_map(named_conditions).collect(),
        },
        _ => Vec::new(),
    }
}

/// Paths of the SSM parameters that CloudFormation itself reads while it deploys `template`: `{{resolve:ssm:/path}}` and template parameters
/// of a type `AWS::SSM::Parameter::Value<…>`.
pub fn ssm_parameters(template: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let parameters = template.get("Parameters").and_then(Value::as_object);
    for parameter in parameters.into_iter().flat_map(Map::values) {
        let kind = parameter.get("Type").and_then(Value::as_str).unwrap_or_default();
        if kind.starts_with("AWS::SSM::Parameter::Value<") {
            found.extend(parameter.get("Default").and_then(as_text));
        }
    }
    dynamic(template, &mut found);
    found
}

fn dynamic(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => found.extend(super::evaluate::dynamic_references(text).map(|reference| reference.path)),
        Value::Array(items) => items.iter().for_each(|item| dynamic(item, found)),
        Value::Object(map) => map.values().for_each(|item| dynamic(item, found)),
        _ => {}
    }
}
