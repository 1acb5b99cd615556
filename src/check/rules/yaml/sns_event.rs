//! # Subscribed to the topic
//!
//! ## What it asks
//! `PutRideRecordSns` has an event `sns` with the ARN of the topic, read from the SSM parameter `/wild-rydes/STAGE/SnsTopicArn` (STAGE is the stage). The
//! variable may stand in the event itself or under `custom`.
//!
//! ## Why
//! The topic belongs to another service. Its ARN, and nothing else, is what this service needs to know, and the parameter is the agreed place. Careful: text
//! that is no ARN is taken as a name, and Serverless makes a **new** topic of that name, to which nobody publishes.
//!
//! ## Passes
//! ```yaml
//! custom:
//!   wild_rydes_sns_topic_arn: ${ssm:/wild-rydes/${self:provider.stage}/SnsTopicArn}
//! functions:
//!   PutRideRecordSns:
//!     events:
//!       - sns: ${self:custom.wild_rydes_sns_topic_arn}
//! ```
//!
//! ## Fails
//! ```yaml
//! functions:
//!   PutRideRecordSns:
//!     events:
//!       - sns: RidesSnsTopic     # makes a new topic of this name
//! ```

use std::sync::Arc;

use serde::Deserialize;

use super::find;
use super::function_handler::no_function;
use super::http_event::slip;
use super::parameter_name::{Verdict, compare};
use super::say::{broken, error, note, place_of, unsure, warning};
use crate::check::Evidence;
use crate::check::rule::{Findings, Parameters, Rule};
use crate::diagnostic::{Diagnostic, Severity};
use crate::serverless::intrinsics::Intrinsic;
use crate::serverless::text::{Symbol, Text};
use crate::serverless::yaml::Node;
use crate::serverless::{EventKind, Function, Service};

pub(super) static RULE: Rule = Rule { code: CODE, name: "sns-event", source: include_str!("sns_event.rs"), judge };
const CODE: &str = "RY404";
/// What every ride has, so that a filter on it may let all of them pass.
const RIDE: &[&str] = &["RideId", "Unicorn", "RequestTime"];

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Subscription {
    service: String,
    function: String,
    parameter: String,
    /// The service that writes the parameter.
    publisher: String,
}

impl Default for Subscription {
    fn default() -> Self {
        Self {
            service: "wild-rydes-ride-record".to_owned(),
            function: "PutRideRecordSns".to_owned(),
            parameter: "/wild-rydes/STAGE/SnsTopicArn".to_owned(),
            publisher: "wild-rydes".to_owned(),
        }
    }
}

fn judge(evidence: &Evidence, parameters: &Parameters) -> Findings {
    let wanted: Subscription = parameters.read()?;
    let service = match evidence.service(&wanted.service) {
        Ok(service) => service,
        Err(blocked) => return Ok(vec![*blocked]),
    };
    let text = evidence.text(&service.path);
    let Some(function) = service.functions.get(&wanted.function) else {
        return Ok(vec![no_function(service, text, &wanted.function, "")]);
    };
    let mut verdicts: Vec<Vec<Diagnostic>> = Vec::new();
    for event in &function.events {
        if let EventKind::Sns(node) = &event.kind {
            let mut findings = wanted.event(service, event, node);
            findings.extend(filtered(node));
            verdicts.push(findings);
        }
    }
    if verdicts.is_empty() {
        return Ok(vec![wanted.missing(service, function, text)]);
    }
    let is_good = |findings: &Vec<Diagnostic>| {
        findings.iter().all(|finding| matches!(finding.severity, Severity::Warning | Severity::Note))
    };
    if verdicts.iter().any(is_good) {
        // One right subscription does the work; a second one that makes a topic of its own does no harm to it.
        for finding in verdicts.iter_mut().flatten().filter(|finding| finding.severity == Severity::Error) {
            finding.severity = Severity::Warning;
        }
        verdicts.push(
            evidence
                .service(&wanted.publisher)
                .ok()
                .and_then(|other| stages_differ(service, other))
                .into_iter()
                .collect(),
        );
    }
    Ok(verdicts.into_iter().flatten().collect())
}

/// What stands beside the ARN and changes which messages arrive.
fn filtered(node: &Node) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    let is_policy = |map: &crate::serverless::yaml::Map| !map.entries.is_empty();
    if let Some(entry) = node.entry("filterPolicy")
        && entry.value.as_map().is_some_and(is_policy)
        && !(node.get("filterPolicyScope").and_then(|scope| scope.as_str()) == Some("MessageBody")
            && entry.value.as_map().is_some_and(|map| map.entries.iter().all(|own| RIDE.contains(&&*own.key))))
    {
        let message = "SNS hands over only messages that match this filter, and rides that do not are never recorded";
        findings.push(warning(CODE, &entry.key_location, message).help(
            "Without `filterPolicyScope: MessageBody` a filter reads the attributes of a message, and not the ride in it. Leave it out: every ride is to be recorded.",
        ));
    }
    if let Some(entry) = node.entry("rawMessageDelivery")
        && entry.value.as_text().as_ref().and_then(Text::as_literal) == Some("true")
    {
        let message = "SNS has no raw delivery to functions, and Serverless does not know this key";
        findings.push(warning(CODE, &entry.key_location, message).help(
            "Leave it out: a function is always given the whole event, with the ride in `Records[0].Sns.Message`.",
        ));
    }
    findings
}

/// Both services must agree on the stage, or one looks for a parameter that the other never writes.
fn stages_differ(own: &Service, other: &Service) -> Option<Diagnostic> {
    if own.stage.option == other.stage.option && own.stage.environment == other.stage.environment {
        return None;
    }
    let sources = |service: &Service| {
        let option = service.stage.option.then(|| "`--stage`".to_owned());
        let environment = service.stage.environment.iter().map(|name| format!("`{name}`"));
        let all: Vec<String> = option.into_iter().chain(environment).collect();
        if all.is_empty() { "nothing but the file".to_owned() } else { all.join(" or ") }
    };
    let message =
        format!("this service takes its stage from {}, the one that publishes from {}", sources(own), sources(other));
    Some(
        note(CODE, &place_of(own, &["provider", "stage"]), message)
            .help("Deploy both with the same stage, set in a way that both listen to."),
    )
}

impl Subscription {
    fn help(&self) -> String {
        format!(
            "Read it from the parameter: `- sns: ${{ssm:{}}}`.",
            self.parameter.replace("STAGE", "${self:provider.stage}")
        )
    }

    fn event(&self, service: &Service, event: &crate::serverless::Event, node: &Arc<Node>) -> Vec<Diagnostic> {
        if let Some(call) = Intrinsic::of(node) {
            return vec![self.intrinsic(service, node, &call)];
        }
        let Some(map) = node.as_map() else { return self.plain(service, event, node) };
        let Some(arn) = map.get("arn").filter(|arn| !arn.is_null()) else {
            let finding = match map.entry("topicName") {
                Some(entry) => error(
                    CODE,
                    &entry.location(),
                    "`topicName` without `arn` makes a new topic of that name, to which nobody publishes",
                ),
                None => error(CODE, &event.location, "this subscription names no topic: `arn` is missing"),
            };
            return vec![finding.help(self.help())];
        };
        if Intrinsic::of(arn).is_some() || is_dynamic(arn) {
            return self.template_value(service, map.get("topicName").is_some(), arn);
        }
        self.value(service, arn)
    }

    /// `sns: text`
    fn plain(&self, service: &Service, event: &crate::serverless::Event, node: &Arc<Node>) -> Vec<Diagnostic> {
        if node.is_null() {
            let message = "the `sns` event is empty: what belongs to it is indented deeper than `sns`";
            return vec![error(CODE, &event.location, message).help(self.help())];
        }
        if is_dynamic(node) {
            let finding = error(
                CODE,
                &node.location,
                "Serverless takes this text as the name of a new topic: it does not begin with `arn:` when it reads it",
            );
            return vec![finding.help(self.help())];
        }
        self.value(service, node)
    }

    fn value(&self, service: &Service, node: &Arc<Node>) -> Vec<Diagnostic> {
        let Some(text) = service.text(node) else {
            return vec![error(CODE, &node.location, format!("the topic's ARN is {}", node.kind())).help(self.help())];
        };
        if let Some(reason) = text.broken() {
            return vec![
                error(CODE, &node.location, format!("the topic's ARN cannot be worked out: {reason}"))
                    .help(self.help()),
            ];
        }
        if let Some(Symbol::SsmParameter(path)) = text.as_symbol() {
            return self.path(service, node, path);
        }
        if let Some(literal) = text.as_literal() {
            return vec![literal_topic(literal, node).help(self.help())];
        }
        let only_unknown = text
            .as_symbol()
            .is_some_and(|symbol| matches!(symbol, Symbol::Unknown(_) | Symbol::Environment(_) | Symbol::Option(_)));
        let finding = match text.as_symbol() {
            Some(Symbol::StackOutput(_)) => error(
                CODE,
                &node.location,
                "the ARN is read from an output of the other stack, and the task asks for the SSM parameter",
            ),
            _ if only_unknown => {
                return vec![unsure(CODE, &node.location, format!("which topic this is depends on {text}"))];
            }
            _ if text.symbols().any(|symbol| matches!(symbol, Symbol::SsmParameter(_))) => error(
                CODE,
                &node.location,
                format!("the parameter's value already is the whole ARN, and this is `{text}`"),
            ),
            _ if text.to_string().starts_with("arn:") => error(
                CODE,
                &node.location,
                "this ARN is put together by hand, and the topic's name is made up by CloudFormation",
            ),
            _ => error(CODE, &node.location, format!("`{text}` is not the ARN of the other service's topic")),
        };
        vec![finding.help(self.help())]
    }

    fn path(&self, service: &Service, node: &Arc<Node>, path: &Text) -> Vec<Diagnostic> {
        let at = &node.location;
        match compare(path, &self.parameter, &service.stage) {
            Verdict::Same => Vec::new(),
            Verdict::OneStage(stage) => vec![
                warning(
                    CODE,
                    at,
                    format!("the stage is written out as `{stage}`: every stage would listen to the topic of that one"),
                )
                .help(self.help()),
            ],
            Verdict::Placeholder(word) => vec![
                error(
                    CODE,
                    at,
                    format!("`{word}` in the parameter's name is a placeholder of the lesson, not your stage"),
                )
                .help(self.help()),
            ],
            Verdict::Unknown => {
                vec![unsure(CODE, at, format!("whether `{path}` is `{}` is known only at deployment", self.parameter))]
            }
            Verdict::Other(reason) => vec![
                error(
                    CODE,
                    at,
                    format!("the ARN is read from `{path}`, and it stands in `{}`: {reason}", self.parameter),
                )
                .help(self.help()),
            ],
        }
    }

    /// `arn` is something that CloudFormation works out, not Serverless.
    fn template_value(&self, service: &Service, has_name: bool, arn: &Arc<Node>) -> Vec<Diagnostic> {
        let Some(text) = service.text(arn) else {
            return vec![error(CODE, &arn.location, "the topic's ARN has no value").help(self.help())];
        };
        if !has_name && !is_dynamic(arn) {
            let finding = error(
                CODE,
                &arn.location,
                "with an intrinsic function for `arn`, Serverless wants a `topicName` beside it",
            );
            return vec![finding.help(self.help())];
        }
        // A template parameter that CloudFormation fills from SSM.
        if let Some(Symbol::Ref(id)) = text.as_symbol()
            && let Some(parameter) = service.resources.parameters.iter().find(|parameter| *parameter.key == **id)
            && parameter
                .value
                .get("Type")
                .and_then(|kind| kind.as_str().map(|kind| kind.starts_with("AWS::SSM::Parameter::Value")))
                == Some(true)
            && let Some(path) = parameter.value.get("Default").and_then(|path| service.text(path))
        {
            return self.path(service, arn, &path);
        }
        match text.as_symbol() {
            Some(Symbol::SsmParameter(path)) => {
                let mut findings = self.path(service, arn, path);
                if findings.is_empty() {
                    findings.push(unsure(
                        CODE,
                        &arn.location,
                        "some versions of Serverless refuse `{{resolve:…}}` here",
                    ));
                }
                findings
            }
            Some(Symbol::Import(_) | Symbol::Unknown(_)) => {
                vec![unsure(CODE, &arn.location, format!("which topic this is depends on {text}"))]
            }
            _ => vec![
                error(CODE, &arn.location, format!("`{text}` is not the ARN that the parameter holds"))
                    .help(self.help()),
            ],
        }
    }

    fn intrinsic(&self, service: &Service, node: &Arc<Node>, call: &Intrinsic) -> Diagnostic {
        let message = match call {
            Intrinsic::Ref(name) | Intrinsic::GetAtt(name, _) if service.resources.get(&name.to_string()).is_none() => {
                format!(
                    "`{name}` is a resource of the other service, and a template can refer to its own resources only"
                )
            }
            _ => "Serverless takes no intrinsic function directly under `sns`".to_owned(),
        };
        error(CODE, &node.location, message).help(self.help())
    }

    fn missing(&self, service: &Service, function: &Function, text: Option<&str>) -> Diagnostic {
        let name = &function.key.name;
        if let Some(finding) = broken(CODE, function.entry("events")) {
            return finding;
        }
        let slips = slip(CODE, function, "sns").or_else(|| {
            let other = function.events.iter().find_map(|event| match &event.kind {
                // `sqs` is one letter away, and an event of its own.
                EventKind::Other(key) if key.eq_ignore_ascii_case("sns") => Some((event, key)),
                _ => None,
            });
            other.map(|(event, key)| {
                error(
                    CODE,
                    &event.location,
                    format!("Serverless knows no event `{key}`; it is `sns`, in small letters"),
                )
            })
        });
        if let Some(finding) = slips {
            return finding.help(self.help());
        }
        if function.events_unknown {
            return unsure(
                CODE,
                &function.key.location,
                format!("which events `{name}` has is known only at deployment"),
            );
        }
        let by_hand = service.resources.of_kind("AWS::SNS::Subscription").find(|subscription| {
            let protocol = subscription.property("Protocol").and_then(|protocol| service.text(protocol));
            protocol.is_some_and(|protocol| protocol.as_literal().is_none_or(|known| known == "lambda"))
        });
        if let Some(subscription) = by_hand {
            return unsure(CODE, &subscription.key.location, "this subscription may do what an `sns` event would do");
        }
        let others = service.functions.list.iter().filter(|other| other.key.name != *name);
        let elsewhere = others.flat_map(|other| other.events.iter().map(move |event| (other, event)));
        if let Some((other, event)) = elsewhere.into_iter().find(|(_, event)| matches!(event.kind, EventKind::Sns(_))) {
            return error(
                CODE,
                &event.location,
                format!("the `sns` event is on `{}`, and it belongs to `{name}`", other.key.name),
            )
            .help(self.help());
        }
        if let Some(comment) = find::in_comment(service, text, &["sns:"]) {
            return error(CODE, &comment, "the `sns` event is commented out").help("Remove the `#` in front of it.");
        }
        let other = function.events.iter().find_map(|event| match &event.kind {
            EventKind::Other(key) => Some((event, &**key)),
            EventKind::Http { .. } => Some((event, "http")),
            EventKind::Sns(_) => None,
        });
        if let Some((event, key)) = other {
            let message = format!("`{name}` has the event `{key}`, and rides come over a topic: the event is `sns`");
            return error(CODE, &event.location, message).help(self.help());
        }
        let at = function.entry("events").map_or(&function.key.location, |entry| &entry.key_location);
        error(CODE, at, format!("`{name}` has no `sns` event: nothing invokes it")).help(self.help())
    }
}

fn is_dynamic(node: &Node) -> bool {
    node.as_text().is_some_and(|text| text.to_string().contains("{{resolve:"))
}

fn literal_topic(literal: &str, node: &Node) -> Diagnostic {
    if literal.starts_with("arn:") {
        return error(
            CODE,
            &node.location,
            "this ARN is written out: it is right for one account and one deployment of the topic only",
        );
    }
    if literal.starts_with('/') {
        return error(
            CODE,
            &node.location,
            format!("`{literal}` is the parameter's name; `${{ssm:…}}` around it reads its value"),
        );
    }
    error(
        CODE,
        &node.location,
        format!("Serverless makes a new topic called `{literal}` here, to which nobody publishes"),
    )
}
