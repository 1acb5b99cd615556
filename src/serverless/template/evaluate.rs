//! Intrinsic functions of a template come to values: `Ref`, `Fn::GetAtt`, `Fn::Sub`, `Fn::If` and the rest, as CloudFormation computes them.

use base64::Engine;
use serde_json::{Map, Value, json};

use super::TemplateError;
use super::environment::{Environment, as_text};

/// Longest text that an evaluation may put together: twice what a whole template may be.
const MAX_LENGTH: usize = 2 * 1024 * 1024;
/// Deepest nesting that is followed.
const MAX_DEPTH: usize = 128;

/// `value` with its intrinsic functions computed. What comes to `AWS::NoValue` is left out of its list or mapping; at the very top it is
/// `null`.
///
/// # Errors
/// A name that is not known, or a function that is malformed or that CloudFormation does not have.
pub fn evaluate(value: &Value, environment: &Environment) -> Result<Value, TemplateError> {
    let mut evaluation = Evaluation { environment, budget: MAX_LENGTH };
    Ok(evaluation.value(value, 0)?.unwrap_or(Value::Null))
}

struct Evaluation<'e> {
    environment: &'e Environment,
    /// Characters that may still be put together: functions in functions must not grow without end.
    budget: usize,
}

type Found = Result<Option<Value>, TemplateError>;

impl Evaluation<'_> {
    /// None for `AWS::NoValue`.
    fn value(&mut self, value: &Value, depth: usize) -> Found {
        if depth > MAX_DEPTH {
            return Err(TemplateError::new("the template is nested too deep"));
        }
        Ok(Some(match value {
            Value::String(text) => Value::String(self.text(text)?),
            Value::Array(items) => Value::Array(self.list(items, depth)?),
            Value::Object(map) => {
                if map.len() == 1
                    && let Some((name, argument)) = map.iter().next()
                    && (name == "Ref" || name == "Condition" && argument.is_string() || name.starts_with("Fn::"))
                {
                    // `{Condition: {…}}` in a policy is no condition of the template, and neither is a text of a name that is not known.
                    if name == "Condition" {
                        let known = argument.as_str().and_then(|name| self.environment.conditions.get(name));
                        return Ok(Some(known.map_or_else(|| value.clone(), |holds| json!(holds))));
                    }
                    return self.call(name, argument, depth + 1);
                }
                let mut result = Map::new();
                for (key, item) in map {
                    if let Some(item) = self.value(item, depth + 1)? {
                        result.insert(key.clone(), item);
                    }
                }
                Value::Object(result)
            }
            other => other.clone(),
        }))
    }

    fn list(&mut self, items: &[Value], depth: usize) -> Result<Vec<Value>, TemplateError> {
        let mut result = Vec::with_capacity(items.len());
        for item in items {
            result.extend(self.value(item, depth + 1)?);
        }
        Ok(result)
    }

    /// Text with `{{resolve:ssm:…}}` replaced.
    fn text(&self, text: &str) -> Result<String, TemplateError> {
        let mut result = text.to_owned();
        for reference in dynamic_references(text) {
            let value = self.environment.ssm.get(&reference.path);
            let value = value.ok_or_else(|| {
                TemplateError::new(format!(
                    "there is no SSM parameter `{}`, which `{}` reads",
                    reference.path, reference.written
                ))
            })?;
            result = result.replace(&reference.written, value);
        }
        Ok(result)
    }

    fn call(&mut self, name: &str, argument: &Value, depth: usize) -> Found {
        if name == "Ref" {
            return match argument.as_str() {
                Some("AWS::NoValue") => Ok(None),
                Some(name) => self.reference(name).map(Some),
                None => Err(malformed("Ref", "the name of a resource or parameter")),
            };
        }
        if name == "Fn::If" {
            return self.choose(argument, depth);
        }
        let value = match name {
            "Fn::GetAtt" => self.attribute(argument, depth)?,
            "Fn::Sub" => self.substitute(argument, depth)?,
            "Fn::Join" => self.join(argument, depth)?,
            "Fn::Split" => {
                let [delimiter, source] = self.arguments(name, argument, "a delimiter and a text", depth)?;
                let (delimiter, source) = (text(name, &delimiter)?, text(name, &source)?);
                if delimiter.is_empty() {
                    return Err(malformed(name, "a delimiter that is not empty"));
                }
                source.split(&delimiter).collect()
            }
            "Fn::Select" => self.select(argument, depth)?,
            "Fn::ImportValue" => {
                let export = text(name, &self.required(name, argument, depth)?)?;
                let value = self.environment.exports.get(&export);
                json!(value.ok_or_else(|| TemplateError::new(format!(
                    "no stack exports `{export}`, which `Fn::ImportValue` reads"
                )))?)
            }
            "Fn::FindInMap" => self.find(argument, depth)?,
            "Fn::Base64" => {
                let source = text(name, &self.required(name, argument, depth)?)?;
                json!(base64::engine::general_purpose::STANDARD.encode(source))
            }
            "Fn::GetAZs" => {
                let region = text(name, &self.required(name, argument, depth)?)?;
                let region = if region.is_empty() { self.environment.place.region.clone() } else { region };
                json!(["a", "b", "c"].map(|zone| format!("{region}{zone}")))
            }
            "Fn::Length" => match self.required(name, argument, depth)? {
                Value::Array(items) => json!(items.len()),
                _ => return Err(malformed(name, "a list")),
            },
            "Fn::ToJsonString" => json!(self.required(name, argument, depth)?.to_string()),
            "Fn::Equals" => {
                let [one, other] = self.arguments(name, argument, "two values", depth)?;
                json!(one == other || as_text(&one).is_some_and(|one| Some(one) == as_text(&other)))
            }
            "Fn::And" | "Fn::Or" | "Fn::Not" => {
                let items = argument.as_array().ok_or_else(|| malformed(name, "a list of conditions"))?;
                let items = self.list(items, depth)?;
                let flags: Option<Vec<bool>> = items.iter().map(flag).collect();
                let flags = flags.ok_or_else(|| malformed(name, "a list of conditions"))?;
                match (name, flags.as_slice()) {
                    ("Fn::Not", [flag]) => json!(!flag),
                    ("Fn::Not", _) => return Err(malformed(name, "a list of one condition")),
                    ("Fn::And", flags) => json!(flags.iter().all(|flag| *flag)),
                    (_, flags) => json!(flags.iter().any(|flag| *flag)),
                }
            }
            other => return Err(TemplateError::new(format!("the sandbox does not compute the function `{other}`"))),
        };
        self.spend(&value)?;
        Ok(Some(value))
    }

    fn spend(&mut self, value: &Value) -> Result<(), TemplateError> {
        let spent = match value {
            Value::String(text) => text.len(),
            Value::Array(items) => items.iter().map(|item| item.as_str().map_or(1, str::len)).sum(),
            _ => 1,
        };
        self.budget = self
            .budget
            .checked_sub(spent)
            .ok_or_else(|| TemplateError::new("the template's functions build texts without end"))?;
        Ok(())
    }

    /// An argument that must be there.
    fn required(&mut self, name: &str, argument: &Value, depth: usize) -> Result<Value, TemplateError> {
        self.value(argument, depth)?.ok_or_else(|| malformed(name, "a value, not `AWS::NoValue`"))
    }

    fn arguments<const N: usize>(
        &mut self,
        name: &str,
        argument: &Value,
        wants: &str,
        depth: usize,
    ) -> Result<[Value; N], TemplateError> {
        let items = argument.as_array().ok_or_else(|| malformed(name, wants))?;
        <[Value; N]>::try_from(self.list(items, depth)?).map_err(|_| malformed(name, wants))
    }

    fn reference(&self, name: &str) -> Result<Value, TemplateError> {
        let own = self.environment.pseudo(name).or_else(|| self.environment.refs.get(name).cloned());
        own.ok_or_else(|| {
            TemplateError::new(format!("`Ref` names `{name}`, and there is no resource or parameter of that name"))
        })
    }

    fn attribute(&mut self, argument: &Value, depth: usize) -> Result<Value, TemplateError> {
        let (resource, attribute) = match argument {
            Value::String(text) => {
                let split =
                    text.split_once('.').map(|(resource, attribute)| (resource.to_owned(), attribute.to_owned()));
                split.ok_or_else(|| malformed("Fn::GetAtt", "a resource and one of its attributes"))?
            }
            _ => {
                let [resource, attribute] =
                    self.arguments("Fn::GetAtt", argument, "a resource and one of its attributes", depth)?;
                (text("Fn::GetAtt", &resource)?, text("Fn::GetAtt", &attribute)?)
            }
        };
        self.attribute_of(&resource, &attribute)
    }

    fn attribute_of(&self, resource: &str, attribute: &str) -> Result<Value, TemplateError> {
        let Some(attributes) = self.environment.attributes.get(resource) else {
            return Err(TemplateError::new(format!(
                "`Fn::GetAtt` names `{resource}`, and there is no resource of that name"
            )));
        };
        attributes
            .get(attribute)
            .cloned()
            .ok_or_else(|| TemplateError::new(format!("`{resource}` has no attribute `{attribute}`")))
    }

    fn substitute(&mut self, argument: &Value, depth: usize) -> Result<Value, TemplateError> {
        let wants = "text, or a list of text and a mapping";
        let (template, bindings) = match argument {
            Value::String(template) => (template.as_str(), Map::new()),
            Value::Array(items) => match items.as_slice() {
                [Value::String(template)] => (template.as_str(), Map::new()),
                [Value::String(template), Value::Object(bindings)] => (template.as_str(), bindings.clone()),
                _ => return Err(malformed("Fn::Sub", wants)),
            },
            _ => return Err(malformed("Fn::Sub", wants)),
        };
        let mut result = String::new();
        for piece in pieces(template) {
            let name = match piece {
                SubPiece::Literal(literal) => {
                    result.push_str(&literal);
                    continue;
                }
                SubPiece::Name(name) => name,
            };
            let value = match bindings.get(name) {
                Some(bound) => self.required("Fn::Sub", bound, depth)?,
                None => match name.split_once('.') {
                    Some((resource, attribute)) => self.attribute_of(resource, attribute)?,
                    None => self.reference(name)?,
                },
            };
            result.push_str(&text("Fn::Sub", &value)?);
            if result.len() > self.budget {
                return Err(TemplateError::new("the template's functions build texts without end"));
            }
        }
        Ok(Value::String(self.text(&result)?))
    }

    fn join(&mut self, argument: &Value, depth: usize) -> Result<Value, TemplateError> {
        let [delimiter, list] = self.arguments("Fn::Join", argument, "a delimiter and a list", depth)?;
        let items = list.as_array().ok_or_else(|| malformed("Fn::Join", "a delimiter and a list"))?;
        let texts: Result<Vec<String>, TemplateError> = items.iter().map(|item| text("Fn::Join", item)).collect();
        // An empty YAML value as the delimiter was meant as no delimiter.
        let delimiter = if delimiter.is_null() { String::new() } else { text("Fn::Join", &delimiter)? };
        Ok(Value::String(self.text(&texts?.join(&delimiter))?))
    }

    fn select(&mut self, argument: &Value, depth: usize) -> Result<Value, TemplateError> {
        let wants = "an index and a list";
        let [index, list] = self.arguments("Fn::Select", argument, wants, depth)?;
        let index = as_text(&index).and_then(|index| index.parse::<usize>().ok());
        let (Some(index), Some(items)) = (index, list.as_array()) else { return Err(malformed("Fn::Select", wants)) };
        let found = items.get(index).cloned();
        found.ok_or_else(|| {
            TemplateError::new(format!("`Fn::Select` asks for item {index} of a list of {}", items.len()))
        })
    }

    fn find(&mut self, argument: &Value, depth: usize) -> Result<Value, TemplateError> {
        let wants = "a map and two keys";
        let items =
            argument.as_array().filter(|items| items.len() >= 3).ok_or_else(|| malformed("Fn::FindInMap", wants))?;
        let mut keys = Vec::new();
        for item in &items[..3] {
            keys.push(text("Fn::FindInMap", &self.required("Fn::FindInMap", item, depth)?)?);
        }
        let top = self.environment.mappings.get(&keys[0]);
        match top.and_then(|map| map.get(&keys[1])).and_then(|map| map.get(&keys[2])) {
            Some(value) => Ok(value.clone()),
            None => match items.get(3).and_then(|options| options.get("DefaultValue")) {
                Some(default) => self.required("Fn::FindInMap", default, depth),
                None => Err(TemplateError::new(format!(
                    "`Fn::FindInMap` asks for {}, and `Mappings` has no such entry",
                    keys.join(" → ")
                ))),
            },
        }
    }

    /// `Fn::If`: only the chosen value is computed.
    fn choose(&mut self, argument: &Value, depth: usize) -> Found {
        let Some([Value::String(condition), yes, no]) = argument.as_array().map(Vec::as_slice) else {
            return Err(malformed("Fn::If", "a condition and two values"));
        };
        match self.environment.conditions.get(condition) {
            Some(holds) => self.value(if *holds { yes } else { no }, depth),
            None => Err(TemplateError::new(format!(
                "there is no condition `{condition}` under `Conditions`, which `Fn::If` asks for"
            ))),
        }
    }
}

fn malformed(name: &str, wants: &str) -> TemplateError {
    TemplateError::new(format!("`{name}` takes {wants}"))
}

fn text(name: &str, value: &Value) -> Result<String, TemplateError> {
    as_text(value).ok_or_else(|| malformed(name, &format!("text where {} stands", kind(value))))
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Array(_) => "a list",
        Value::Object(_) => "a mapping",
        _ => "a value",
    }
}

fn flag(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

/// A piece of the template of `Fn::Sub`.
pub(super) enum SubPiece<'t> {
    Literal(String),
    /// What stands in `${…}`.
    Name(&'t str),
}

/// The template of `Fn::Sub` taken apart; `${!x}` is the text `${x}`.
pub(super) fn pieces(template: &str) -> Vec<SubPiece<'_>> {
    let mut pieces = Vec::new();
    let mut literal = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("${") {
        literal.push_str(before);
        let Some((name, after)) = after.split_once('}') else {
            literal.push_str("${");
            rest = after;
            continue;
        };
        rest = after;
        if let Some(verbatim) = name.strip_prefix('!') {
            literal.push_str(&format!("${{{verbatim}}}"));
        } else {
            pieces.push(SubPiece::Literal(std::mem::take(&mut literal)));
            pieces.push(SubPiece::Name(name.trim()));
        }
    }
    literal.push_str(rest);
    pieces.push(SubPiece::Literal(literal));
    pieces
}

/// One `{{resolve:ssm:/path}}` in a text.
pub(super) struct DynamicReference {
    /// As written, braces included.
    pub(super) written: String,
    /// The parameter's path, without a version.
    pub(super) path: String,
}

/// The references to SSM parameters in a text.
pub(super) fn dynamic_references(text: &str) -> impl Iterator<Item = DynamicReference> {
    let starts = text.match_indices("{{resolve:ssm").map(|(index, _)| index);
    starts.filter_map(|start| {
        let end = text[start..].find("}}")? + start + 2;
        let written = &text[start..end];
        let inside = written.strip_prefix("{{resolve:ssm")?.strip_suffix("}}")?;
        let inside = inside.strip_prefix("-secure").unwrap_or(inside).strip_prefix(':')?;
        // `:3` at the end asks for one version of the value.
        let path = inside.split(':').next()?.trim();
        Some(DynamicReference { written: written.to_owned(), path: path.to_owned() })
    })
}
