//! # A topic for rides
//!
//! ## What it asks
//! The service has a CloudFormation resource `RidesSnsTopic` of type `AWS::SNS::Topic` under `resources.Resources`. No property is needed.
//!
//! ## Why
//! The topic is the place where `RequestRide` hands a ride over. Whoever wants to know of rides subscribes to it, and `RequestRide` never learns who that is.
//! Everything under `resources.Resources` goes into the service's CloudFormation template; the same lines anywhere else are not read, without a word of warning.
//!
//! ## Passes
//! ```yaml
//! resources:
//!   Resources:
//!     RidesSnsTopic:
//!       Type: AWS::SNS::Topic
//! ```
//!
//! ## Fails
//! ```yaml
//! functions:
//!   RidesSnsTopic:            # functions are no place for resources
//!     Type: AWS::SNS::Topic
//! ```

use serde::Deserialize;

use super::find::{self, describe};
use super::say::{broken, conditional, error, place_of, replace, unsure, warning};
use crate::check::Evidence;
use crate::check::rule::{Findings, Parameters, Rule};
use crate::diagnostic::Diagnostic;
use crate::serverless::yaml::Node;
use crate::serverless::{Resource, Service};

pub(super) static RULE: Rule =
    Rule { code: CODE, name: "topic-resource", source: include_str!("topic_resource.rs"), judge };
const CODE: &str = "RY201";

/// The type that is asked for.
const TOPIC: &str = "AWS::SNS::Topic";
/// What CloudFormation allows beside a resource's properties.
const ATTRIBUTES: &[&str] = &[
    "Type",
    "Properties",
    "Condition",
    "DependsOn",
    "Metadata",
    "CreationPolicy",
    "UpdatePolicy",
    "DeletionPolicy",
    "UpdateReplacePolicy",
];
/// What CloudFormation allows as properties of a topic.
const PROPERTIES: &[&str] = &[
    "ArchivePolicy",
    "ContentBasedDeduplication",
    "DataProtectionPolicy",
    "DeliveryStatusLogging",
    "DisplayName",
    "FifoThroughputScope",
    "FifoTopic",
    "KmsMasterKeyId",
    "SignatureVersion",
    "Subscription",
    "Tags",
    "TopicName",
    "TracingConfig",
];

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Topic {
    pub(super) service: String,
    pub(super) resource: String,
}

impl Default for Topic {
    fn default() -> Self {
        Self { service: "wild-rydes".to_owned(), resource: "RidesSnsTopic".to_owned() }
    }
}

fn judge(evidence: &Evidence, parameters: &Parameters) -> Findings {
    let topic: Topic = parameters.read()?;
    let service = match evidence.service(&topic.service) {
        Ok(service) => service,
        Err(blocked) => return Ok(vec![*blocked]),
    };
    let id = &topic.resource;
    Ok(match service.resources.get(id) {
        Some(resource) => of_type(service, resource),
        None => vec![missing(service, evidence.text(&service.path), id)],
    })
}

fn of_type(service: &Service, resource: &Resource) -> Vec<Diagnostic> {
    let id = &resource.key.name;
    let at = &resource.key.location;
    let Some(kind) = &resource.kind else {
        let lower = resource.node.entry("type");
        let finding = match lower {
            Some(entry) => {
                error(CODE, &entry.key_location, format!("`{id}` says `type`, and CloudFormation wants `Type`"))
                    .edit(replace(&entry.key_location, "Type", "write Type with a capital T"))
            }
            None if matches!(&resource.node.value, crate::serverless::yaml::Value::Text(text) if text.as_literal().is_none()) =>
            {
                let text = resource.node.as_text().unwrap_or_default();
                match text.broken() {
                    Some(reason) => error(CODE, at, format!("`{id}` cannot be worked out: {reason}")),
                    None => return vec![unsure(CODE, at, format!("what `{id}` is depends on {text}"))],
                }
            }
            None => error(CODE, at, format!("`{id}` has no `Type`")),
        };
        return vec![finding.help(format!("Give it `Type: {TOPIC}`, indented deeper than `{id}`."))];
    };
    let place = resource.node.get("Type").map_or(at, |node| &node.location);
    let Some(literal) = kind.as_literal() else {
        if let Some(reason) = kind.broken() {
            return vec![error(CODE, place, format!("the type of `{id}` cannot be worked out: {reason}"))];
        }
        return vec![unsure(CODE, place, format!("the type of `{id}` is {kind}"))];
    };
    if literal != TOPIC {
        return vec![wrong_type(id, literal, place)];
    }
    let mut findings = Vec::new();
    findings.extend(conditional(CODE, service, resource));
    findings.extend(attributes(id, &resource.node));
    findings.extend(properties(service, resource));
    findings
}

fn wrong_type(id: &str, kind: &str, place: &crate::serverless::yaml::Location) -> Diagnostic {
    let finding = error(CODE, place, format!("`{id}` is of type `{kind}`, and a topic is `{TOPIC}`"));
    let advice = match kind {
        "AWS::SNS::Subscription" => {
            "A subscription connects a receiver to a topic; the topic itself is what others subscribe to."
        }
        "AWS::SQS::Queue" => "A queue gives each message to one receiver; a topic gives a copy to every subscriber.",
        "AWS::SNS::TopicPolicy" => "A topic policy says who may use a topic; the topic itself is wanted here.",
        _ => "The type is exactly that, capital letters and colons included.",
    };
    let finding = finding.help(advice);
    if find::is_near(kind.trim(), TOPIC) || kind.trim() == TOPIC {
        return finding.edit(replace(place, TOPIC, format!("write {TOPIC}")));
    }
    finding
}

/// Keys beside `Type` that CloudFormation refuses, most often because of a slip of indentation.
fn attributes(id: &str, node: &Node) -> Vec<Diagnostic> {
    let entries = node.as_map().map(|map| map.entries.as_slice()).unwrap_or_default();
    let strays = entries.iter().filter(|entry| !ATTRIBUTES.contains(&&*entry.key));
    let finding = |entry: &crate::serverless::yaml::Entry| {
        let key = &entry.key;
        let message = if entry.value.get("Type").is_some() {
            format!("the resource `{key}` has slipped inside `{id}`: it is indented too deep")
        } else if PROPERTIES.contains(&&**key) {
            format!("`{key}` is a property and belongs under `Properties` of `{id}`")
        } else {
            format!("CloudFormation knows no `{key}` beside `Type`: it refuses the resource `{id}`")
        };
        error(CODE, &entry.key_location, message).help("Resources stand side by side, each in the same column.")
    };
    strays.map(finding).collect()
}

fn properties(service: &Service, resource: &Resource) -> Vec<Diagnostic> {
    let Some(node) = resource.node.entry("Properties") else { return Vec::new() };
    let Some(map) = node.value.as_map() else {
        let plain = node.value.as_list().is_some() || service.text(&node.value).is_some_and(|text| !text.is_unknown());
        let finding = || {
            let kind = node.value.kind();
            error(CODE, &node.key_location, format!("`Properties` is {kind}, and CloudFormation wants a mapping"))
                .help("Leave `Properties` out: a topic needs no property at all.")
        };
        return plain.then(finding).into_iter().collect();
    };
    let mut findings = Vec::new();
    for entry in &map.entries {
        let key = &*entry.key;
        if key == "FifoTopic" && service.text(&entry.value).is_some_and(|text| text.as_literal() == Some("true")) {
            findings.push(
                error(CODE, &entry.key_location, "a FIFO topic cannot deliver to a Lambda function")
                    .help("Leave `FifoTopic` out: the order of rides does not matter here."),
            );
        } else if !PROPERTIES.contains(&key) && !key.starts_with("Fn::") {
            findings.push(unknown_property(entry));
        }
    }
    findings
}

/// CloudFormation learns new properties faster than this list: only what was surely meant as another one fails.
fn unknown_property(entry: &crate::serverless::yaml::Entry) -> Diagnostic {
    let key = &*entry.key;
    let at = &entry.key_location;
    if let Some(near) = find::nearest(PROPERTIES.iter().copied(), key) {
        return error(CODE, at, format!("a topic has no property `{key}`: CloudFormation refuses it"))
            .help(format!("Did you mean `{near}`?"));
    }
    if ["Name", "Arn", "TopicArn", "Endpoint", "Protocol"].contains(&key) {
        return error(CODE, at, format!("a topic has no property `{key}`: CloudFormation refuses it"))
            .help("A topic needs no property at all.");
    }
    warning(CODE, at, format!("`{key}` is no property of a topic that is known here; CloudFormation may refuse it"))
        .help("A topic needs no property at all.")
}

fn missing(service: &Service, text: Option<&str>, id: &str) -> Diagnostic {
    let help = format!("Under `resources`, then `Resources`, add `{id}:` and below it, indented, `Type: {TOPIC}`.");
    if let Some(found) = misplaced(service, id) {
        return found.help(help);
    }
    let names = service.resources.list.iter().map(|resource| &*resource.key.name);
    let near = find::nearest(names, id).and_then(|name| service.resources.get(name));
    let other = near.or_else(|| service.resources.of_kind(TOPIC).next());
    if let Some(other) = other {
        let name = &other.key.name;
        let finding =
            error(CODE, &other.key.location, format!("the topic is called `{name}`, and it should be called `{id}`"))
                .help(format!("The tasks that follow refer to `{id}`. Rename it, also where it is referred to."));
        let lonely = text.is_some_and(|text| !find::used_elsewhere(text, name, other.key.location.span));
        return if lonely {
            finding.edit(replace(&other.key.location, id, format!("rename to {id}")))
        } else {
            finding
        };
    }
    if let Some(comment) = find::in_comment(service, text, &[id]) {
        return error(CODE, &comment, format!("`{id}` is commented out")).help("Remove the `#` in front of its lines.");
    }
    let section = service.root.get("resources").and_then(|resources| resources.entry("Resources"));
    if let Some(finding) = broken(CODE, service.root.entry("resources")).or_else(|| broken(CODE, section)) {
        return finding;
    }
    if let Some((at, reason)) = service.resources.broken.first() {
        return error(CODE, at, format!("what stands here cannot be worked out: {reason}"))
            .help("Compare the variable with the names of your files and of the sections that it reads.");
    }
    if let Some(unknown) = service.resources.unknown.first() {
        let what = text.filter(|_| unknown.file == service.path);
        let what = what.and_then(|text| text.get(unknown.span.start..unknown.span.end));
        let what = what.filter(|what| what.starts_with('$') && !what.contains('\n'));
        let what = what.map_or("what stands here".to_owned(), |what| format!("`{what}`"));
        return unsure(CODE, unknown, format!("`{id}` may be part of {what}, which cannot be read before deployment"));
    }
    let at = place_of(service, &["resources", "Resources"]);
    error(CODE, &at, format!("there is no resource `{id}`")).help(help)
}

/// The topic in a place where CloudFormation does not look.
fn misplaced(service: &Service, id: &str) -> Option<Diagnostic> {
    let found = find::entries(&service.root, |entry| {
        &*entry.key == id
            && (entry.value.get("Type").is_some() || entry.value.is_null() || entry.value.get("type").is_some())
    });
    let found = found.into_iter().next()?;
    let at = &found.entry.key_location;
    let message = match found.path.as_slice() {
        ["functions"] => format!("you created the topic `{id}` under `functions`, where only Lambda functions stand"),
        ["resources"] => format!("`{id}` stands directly under `resources`; one level is missing: `Resources`"),
        ["Resources"] => format!("`{id}` stands under a `Resources` of its own; that belongs inside `resources`"),
        ["resources", "Resources"] => {
            format!("`Resources` is a list here, and CloudFormation wants a mapping: no dash in front of `{id}`")
        }
        ["resources", "Resources", other, ..] => {
            format!("`{id}` has slipped inside the resource `{other}`: it is indented too deep")
        }
        ["resources", "Outputs", ..] => format!("`{id}` stands under `Outputs`, and it is a resource"),
        ["resources", section, ..] => {
            format!("`{id}` stands under `resources.{section}`; the section is called `Resources`")
        }
        path => format!("you created the topic `{id}` {}, where CloudFormation does not look", describe(path)),
    };
    Some(error(CODE, at, message))
}
