//! # The topic's ARN for other services
//!
//! ## What it asks
//! The service has a resource of type `AWS::SSM::Parameter` with `Type: String`, the name `/wild-rydes/STAGE/SnsTopicArn` (STAGE is the stage, most often
//! `${self:provider.stage}`) and the topic's ARN as its value. What the resource is called does not matter.
//!
//! ## Why
//! The service that keeps the records is deployed on its own and cannot `Ref` a resource of this one. A parameter at an agreed place is how it finds the topic.
//! The stage is part of the name so that every stage has its own.
//!
//! ## Passes
//! ```yaml
//! RidesSnsTopicArnSsmParam:
//!   Type: AWS::SSM::Parameter
//!   Properties:
//!     Type: String
//!     Name: /wild-rydes/${self:provider.stage}/SnsTopicArn
//!     Value: !Ref RidesSnsTopic
//! ```
//!
//! ## Fails
//! ```yaml
//! RidesSnsTopicArnSsmParam:
//!   Type: AWS::SSM::Parameter
//!   Properties:
//!     Name: /wild-rydes/STAGE/SnsTopicArn            # STAGE is a placeholder
//!     Value: !GetAtt RidesSnsTopic.TopicName         # the name, not the ARN; and Type is missing
//! ```

use serde::Deserialize;

use super::find::{self, describe};
use super::parameter_name::{Verdict, compare};
use super::say::{conditional, error, place_of, replace, unsure, warning, written_there};
use super::value::Wanted;
use crate::check::Evidence;
use crate::check::rule::{Findings, Parameters, Rule};
use crate::diagnostic::Diagnostic;
use crate::serverless::text::Text;
use crate::serverless::yaml::{Location, Node};
use crate::serverless::{Resource, Service};

pub(super) static RULE: Rule =
    Rule { code: CODE, name: "topic-parameter", source: include_str!("topic_parameter.rs"), judge };
const CODE: &str = "RY205";
const KIND: &str = "AWS::SSM::Parameter";

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameter {
    service: String,
    resource: String,
    name: String,
}

impl Default for Parameter {
    fn default() -> Self {
        Self {
            service: "wild-rydes".to_owned(),
            resource: "RidesSnsTopic".to_owned(),
            name: "/wild-rydes/STAGE/SnsTopicArn".to_owned(),
        }
    }
}

fn judge(evidence: &Evidence, parameters: &Parameters) -> Findings {
    let wanted: Parameter = parameters.read()?;
    let service = match evidence.service(&wanted.service) {
        Ok(service) => service,
        Err(blocked) => return Ok(vec![*blocked]),
    };
    let names: Vec<(&Resource, Verdict)> = service
        .resources
        .of_kind(KIND)
        .filter_map(|resource| {
            let name = service.text(resource.property("Name")?)?;
            Some((resource, compare(&name, &wanted.name, &service.stage)))
        })
        .collect();
    let right = names.iter().find(|(_, verdict)| *verdict == Verdict::Same);
    let right = right.or_else(|| names.iter().find(|(_, verdict)| matches!(verdict, Verdict::OneStage(_))));
    if let Some((resource, verdict)) = right {
        let mut findings = found(&wanted, service, resource, verdict);
        let value = resource.property_entry("Value");
        if !value.is_some_and(|value| written_there(evidence.text(&value.key_location.file), value)) {
            // What the parameter only borrows is not changed for it.
            let lent = |finding: &&mut Diagnostic| {
                finding.span.is_some() && finding.span == value.map(|value| value.value.location.span)
            };
            findings.iter_mut().filter(lent).for_each(|finding| finding.edit = None);
        }
        // With conditions, only one of them may ever be made.
        let again = names.iter().find(|(other, verdict)| {
            *verdict == Verdict::Same
                && other.key.name != resource.key.name
                && other.condition.is_none()
                && resource.condition.is_none()
        });
        if let Some((other, _)) = again {
            let message = format!(
                "`{}` has the same name as `{}`: CloudFormation makes one of them and refuses the other",
                other.key.name, resource.key.name
            );
            findings.push(error(CODE, &other.key.location, message).help("Remove one of the two."));
        }
        return Ok(findings);
    }
    let unknown = names
        .iter()
        .find(|(resource, verdict)| *verdict == Verdict::Unknown && holds_topic(&wanted, service, resource));
    Ok(vec![if let Some((resource, _)) = unknown {
        let at = resource.property("Name").map_or(&resource.key.location, |name| &name.location);
        unsure(CODE, at, format!("whether this name is `{}` is known only at deployment", wanted.name))
    } else {
        missing(&wanted, service, &names, evidence.text(&service.path))
    }])
}

/// The parameter has the right name: what of the rest?
fn found(wanted: &Parameter, service: &Service, resource: &Resource, verdict: &Verdict) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    let at = &resource.key.location;
    let name_at = resource.property("Name").map_or(at, |name| &name.location);
    if let Verdict::OneStage(stage) = verdict {
        findings.push(
            warning(
                CODE,
                name_at,
                format!("the stage is written out as `{stage}`: other stages would share this parameter"),
            )
            .help(format!("`{}` makes one for each stage.", stage_in(&wanted.name))),
        );
    }
    findings.extend(conditional(CODE, service, resource));
    findings.extend(kind(service, resource));
    let value = resource.property("Value");
    match value {
        Some(value) => {
            let what = "the parameter's value";
            findings.extend(Wanted { code: CODE, service, resource: &wanted.resource, what }.judge(value));
        }
        None => findings.push(
            error(CODE, at, "the parameter has no `Value`")
                .help(format!("Add `Value: !Ref {}` beside its `Name`.", wanted.resource)),
        ),
    }
    findings
}

fn kind(service: &Service, resource: &Resource) -> Option<Diagnostic> {
    let Some(node) = resource.property("Type") else {
        return Some(
            error(CODE, &resource.key.location, "the parameter has no `Type` among its properties").help(
                "Add `Type: String` beside its `Name`: CloudFormation wants to know what kind of parameter it is.",
            ),
        );
    };
    let text = service.text(node).unwrap_or_default();
    match text.as_literal() {
        Some("String") => None,
        Some(other) => {
            let help = match other {
                "SecureString" => "CloudFormation cannot make encrypted parameters, and an ARN is no secret.",
                "StringList" => "A list is split at commas by whoever reads it; this is one ARN.",
                _ => "The kinds are `String` and `StringList`, with capital letters.",
            };
            let finding =
                error(CODE, &node.location, format!("the parameter's type is `{other}`, and it should be `String`"))
                    .help(help);
            Some(if node.is_null() { finding } else { finding.edit(replace(&node.location, "String", "write String")) })
        }
        None if text.broken().is_some() => Some(error(
            CODE,
            &node.location,
            format!("the parameter's type cannot be worked out: {}", text.broken().unwrap_or_default()),
        )),
        None => Some(unsure(CODE, &node.location, format!("the parameter's type is {text}"))),
    }
}

fn holds_topic(wanted: &Parameter, service: &Service, resource: &Resource) -> bool {
    let value = resource.property("Value");
    let wanted = Wanted { code: CODE, service, resource: &wanted.resource, what: "" };
    value.is_some_and(|value| wanted.judge(value).is_none())
}

fn stage_in(name: &str) -> String {
    name.replace("STAGE", "${self:provider.stage}")
}

fn missing(wanted: &Parameter, service: &Service, names: &[(&Resource, Verdict)], text: Option<&str>) -> Diagnostic {
    let help = format!(
        "Under `resources.Resources`, add a resource with `Type: {KIND}` and the properties `Type: String`, `Name: {}`, `Value: !Ref {}`.",
        stage_in(&wanted.name),
        wanted.resource
    );
    // The one that was meant: with the topic as value, or with a name that comes near.
    let last = wanted.name.rsplit('/').next().unwrap_or_default();
    let comes_near = |resource: &Resource| {
        let name = resource
            .property("Name")
            .and_then(|name| service.text(name))
            .map(|name| name.to_string())
            .unwrap_or_default();
        let end = name.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        find::is_near(end, last) || end == last || find::is_near(&name, &wanted.name)
    };
    let meant = names.iter().find(|(resource, _)| holds_topic(wanted, service, resource));
    let meant = meant.or_else(|| names.iter().find(|(resource, _)| comes_near(resource)));
    if let Some((resource, verdict)) = meant {
        return wrong_name(wanted, service, resource, verdict);
    }
    if let Some(finding) = nameless(wanted, service) {
        return finding.help(help);
    }
    if let Some(finding) = wrong_kind(wanted, service, last) {
        return finding.help(help);
    }
    if let Some(finding) = misplaced(wanted, service, last) {
        return finding.help(help);
    }
    if let Some(comment) = find::in_comment(service, text, &[last]) {
        return error(CODE, &comment, "the parameter is commented out").help("Remove the `#` in front of its lines.");
    }
    if let Some((at, reason)) = service.resources.broken.first() {
        return error(CODE, at, format!("what stands here cannot be worked out: {reason}"))
            .help("Compare the variable with the names of your files and of the sections that it reads.");
    }
    if let Some(unknown) = service.resources.unknown.first() {
        return unsure(
            CODE,
            unknown,
            "the parameter may be part of what stands here, which cannot be read before deployment",
        );
    }
    error(CODE, &place_of(service, &["resources", "Resources"]), format!("there is no SSM parameter `{}`", wanted.name))
        .help(help)
}

fn wrong_name(wanted: &Parameter, service: &Service, resource: &Resource, verdict: &Verdict) -> Diagnostic {
    let node = resource.property("Name");
    let at = node.map_or(&resource.key.location, |name| &name.location);
    let text = node.and_then(|node| service.text(node)).unwrap_or_default();
    let finding = match verdict {
        Verdict::Placeholder(word) => {
            error(CODE, at, format!("`{word}` in the parameter's name is a placeholder of the lesson, not your stage"))
                .help(format!("Put the stage there: `{}`.", stage_in(&wanted.name)))
        }
        Verdict::Other(reason) if text.broken().is_some() => {
            error(CODE, at, format!("the parameter's name cannot be worked out: {reason}"))
                .help(format!("Name it `{}`.", stage_in(&wanted.name)))
        }
        Verdict::Other(reason) => error(
            CODE,
            at,
            format!("the parameter's name is `{text}`, and others look for `{}`: {reason}", wanted.name),
        )
        .help(format!("Name it `{}`.", stage_in(&wanted.name))),
        _ => error(CODE, at, format!("the parameter's name is `{text}`, and others look for `{}`", wanted.name)),
    };
    match node.filter(|node| written_here(node, at)) {
        Some(_) => finding.edit(replace(at, stage_in(&wanted.name), format!("name it {}", stage_in(&wanted.name)))),
        None => finding,
    }
}

/// Whether the text stands where the finding points, on one line.
fn written_here(node: &Node, at: &Location) -> bool {
    node.location == *at && node.as_text().is_some()
}

/// A parameter without a `Name`, or with its properties one level too high.
fn nameless(wanted: &Parameter, service: &Service) -> Option<Diagnostic> {
    let of_kind = service.resources.of_kind(KIND);
    of_kind.filter(|resource| resource.property("Name").is_none()).find_map(|resource| {
        let id = &resource.key.name;
        if let Some(entry) = resource.node.entry("Name") {
            return Some(error(
                CODE,
                &entry.key_location,
                format!("`Name` stands beside `Properties` of `{id}` and belongs inside it"),
            ));
        }
        let properties = resource.properties.as_ref().and_then(|properties| properties.as_map());
        if let Some(entry) =
            properties.and_then(|map| map.entries.iter().find(|entry| find::is_near(&entry.key, "Name")))
        {
            return Some(
                error(
                    CODE,
                    &entry.key_location,
                    format!("`{}` is no property of a parameter; it is `Name`", entry.key),
                )
                .edit(replace(&entry.key_location, "Name", "write Name")),
            );
        }
        let meant = holds_topic(wanted, service, resource) || resource.property("Value").is_none();
        meant.then(|| error(CODE, &resource.key.location, format!("the parameter `{id}` has no `Name`")))
    })
}

fn about_topic(service: &Service, wanted: &Parameter, node: &Node, last: &str) -> bool {
    let properties = node.get("Properties");
    let name = properties.and_then(|properties| properties.get("Name")).or_else(|| node.get("Name"));
    let name = name.and_then(|name| service.text(name)).unwrap_or_default().to_string();
    let value = properties.and_then(|properties| properties.get("Value")).or_else(|| node.get("Value"));
    let judge = Wanted { code: CODE, service, resource: &wanted.resource, what: "" };
    name.contains(last) || value.is_some_and(|value| judge.judge(value).is_none())
}

/// The right name and value under a type that is none.
fn wrong_kind(wanted: &Parameter, service: &Service, last: &str) -> Option<Diagnostic> {
    let others = service.resources.list.iter().filter(|resource| !resource.is(KIND));
    others.into_iter().find(|resource| about_topic(service, wanted, &resource.node, last)).map(|resource| {
        let id = &resource.key.name;
        match (&resource.kind, resource.node.get("Type")) {
            (Some(kind), Some(node)) if kind.as_literal().is_some() => {
                let finding =
                    error(CODE, &node.location, format!("`{id}` is of type `{kind}`, and a parameter is `{KIND}`"));
                if find::is_near(&kind.to_string(), KIND) || *kind == Text::literal("String") {
                    finding.edit(replace(&node.location, KIND, format!("write {KIND}")))
                } else {
                    finding
                }
            }
            (Some(kind), _) => unsure(CODE, &resource.key.location, format!("the type of `{id}` is {kind}")),
            (None, _) => error(CODE, &resource.key.location, format!("`{id}` has no `Type`")),
        }
    })
}

fn misplaced(wanted: &Parameter, service: &Service, last: &str) -> Option<Diagnostic> {
    let found = find::entries(&service.root, |entry| {
        let kind = entry.value.get("Type").and_then(|kind| kind.as_str().map(|kind| kind == KIND));
        kind == Some(true) && about_topic(service, wanted, &entry.value, last)
    });
    let found = found.into_iter().find(|found| found.path != ["resources", "Resources"])?;
    let key = &found.entry.key;
    let message = match found.path.as_slice() {
        ["resources"] => format!("`{key}` stands directly under `resources`; one level is missing: `Resources`"),
        ["resources", "Resources", other, ..] => {
            format!("`{key}` has slipped inside the resource `{other}`: it is indented too deep")
        }
        path => format!("`{key}` stands {}, where CloudFormation does not look", describe(path)),
    };
    Some(error(CODE, &found.entry.key_location, message))
}
