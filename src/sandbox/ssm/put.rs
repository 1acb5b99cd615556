//! Writing and removing parameters.

use serde_json::{Value, json};

use super::Parameters;
use super::name::{check, find, not_found};
use super::parameter::{Parameter, Version};
use super::read::{names, text};
use super::tags::given_tags;
use crate::sandbox::service::{Call, Fault};

/// Parameters of one region.
const MOST: usize = 10_000;
/// Versions of one parameter; the oldest goes when there would be more.
const MOST_VERSIONS: usize = 100;
/// Bytes of a value in the standard and the advanced tier.
const STANDARD: usize = 4096;
const ADVANCED: usize = 8192;

const TYPES: [&str; 3] = ["String", "StringList", "SecureString"];
const TIERS: [&str; 3] = ["Standard", "Advanced", "Intelligent-Tiering"];
const DATA_TYPES: [&str; 3] = ["text", "aws:ec2:image", "aws:ssm:integration"];

fn validation(words: impl Into<String>) -> Fault {
    Fault::sender("ValidationException", words)
}

fn not_one_of(member: &str, value: &str, values: &[&str]) -> Fault {
    validation(format!(
        "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: Member must satisfy enum value set: [{}]",
        values.join(", ")
    ))
}

/// `PutParameter`.
pub(super) fn put(parameters: &mut Parameters, call: &Call, now: i64) -> Result<Value, Fault> {
    let input = &call.input;
    let name = text(input, "Name")?;
    check(name)?;
    let value = text(input, "Value")?;
    let optional = |member: &str| input[member].as_str().map(str::to_owned);
    let existing = parameters.get(name);
    let overwrite = input["Overwrite"].as_bool().unwrap_or(false);
    let tags = given_tags(input)?;
    if overwrite && !tags.is_empty() {
        return Err(validation(
            "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove overwrite flag. To \
             update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.",
        ));
    }
    if existing.is_some() && !overwrite {
        return Err(Fault::sender(
            "ParameterAlreadyExists",
            "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.",
        ));
    }
    let last = existing.and_then(|parameter| parameter.versions.last());
    let kind = optional("Type").or_else(|| last.map(|last| last.kind.clone()));
    let kind = kind.ok_or_else(|| validation("A parameter type is required when you create a parameter."))?;
    if !TYPES.contains(&kind.as_str()) {
        return Err(not_one_of("type", &kind, &TYPES));
    }
    let data_type = optional("DataType").unwrap_or_else(|| "text".to_owned());
    if !DATA_TYPES.contains(&data_type.as_str()) {
        return Err(validation(format!(
            "The following data type is not supported: {data_type} (Data type names are all lowercase.)"
        )));
    }
    let tier = tier(input, value)?;
    if value.contains("{{") && value.contains("}}") {
        return Err(validation("Parameter value can't nest another parameter. Do not use \"{{}}\" in the value."));
    }
    let allowed_pattern = optional("AllowedPattern").filter(|pattern| !pattern.is_empty());
    if let Some(pattern) = &allowed_pattern {
        check_pattern(pattern, value)?;
    }
    if existing.is_none() && parameters.len() >= MOST {
        let words = "You have exceeded the number of parameters for this AWS account.";
        return Err(Fault::sender("ParameterLimitExceeded", words));
    }
    let number = last.map_or(1, |last| last.number + 1);
    let version = Version {
        number,
        value: value.to_owned(),
        description: optional("Description").or_else(|| last.and_then(|last| last.description.clone())),
        key: (kind == "SecureString").then(|| optional("KeyId").unwrap_or_else(|| "alias/aws/ssm".to_owned())),
        kind,
        allowed_pattern,
        tier: tier.to_owned(),
        data_type,
        modified: now,
        author: call.caller.arn(),
    };
    let parameter = parameters.entry(name.to_owned()).or_insert_with(|| Parameter { versions: Vec::new(), tags });
    if parameter.versions.len() == MOST_VERSIONS {
        parameter.versions.remove(0);
    }
    parameter.versions.push(version);
    Ok(json!({"Version": number, "Tier": tier}))
}

fn tier<'a>(input: &'a Value, value: &str) -> Result<&'a str, Fault> {
    if value.is_empty() {
        return Err(validation(
            "1 validation error detected: Value '' at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1.",
        ));
    }
    let asked = input["Tier"].as_str().unwrap_or("Standard");
    let tier = match asked {
        "Intelligent-Tiering" if value.len() > STANDARD => "Advanced",
        "Intelligent-Tiering" | "Standard" => "Standard",
        "Advanced" => "Advanced",
        other => return Err(not_one_of("tier", other, &TIERS)),
    };
    let most = if tier == "Standard" { STANDARD } else { ADVANCED };
    if value.len() > most {
        let advice = if tier == "Standard" {
            " To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier."
        } else {
            ""
        };
        return Err(validation(format!(
            "{tier} tier parameters support a maximum parameter value of {most} characters.{advice}"
        )));
    }
    Ok(tier)
}

fn check_pattern(pattern: &str, value: &str) -> Result<(), Fault> {
    // Java's `matches` means all of the value.
    let compiled = regex_lite::Regex::new(&format!("^(?:{pattern})$")).map_err(|_| {
        Fault::sender("InvalidAllowedPatternException", format!("The regular expression {pattern} is not valid."))
    })?;
    if compiled.is_match(value) {
        return Ok(());
    }
    let words = format!("Parameter value, cannot be validated against allowedPattern: {pattern}");
    Err(Fault::sender("ParameterPatternMismatchException", words))
}

/// `DeleteParameter`.
pub(super) fn delete(parameters: &mut Parameters, call: &Call) -> Result<Value, Fault> {
    let name = text(&call.input, "Name")?;
    match remove(parameters, &call.region, name) {
        true => Ok(Value::Null),
        false => Err(not_found(name)),
    }
}

/// `DeleteParameters`.
pub(super) fn delete_several(parameters: &mut Parameters, call: &Call) -> Result<Value, Fault> {
    let (deleted, invalid): (Vec<&str>, Vec<&str>) =
        names(&call.input)?.into_iter().partition(|name| remove(parameters, &call.region, name));
    Ok(json!({"DeletedParameters": deleted, "InvalidParameters": invalid}))
}

fn remove(parameters: &mut Parameters, region: &str, name: &str) -> bool {
    let found = find(parameters, region, name).map(|(name, _)| name.to_owned());
    found.is_some_and(|name| parameters.remove(&name).is_some())
}
