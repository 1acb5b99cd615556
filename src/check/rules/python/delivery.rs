//! What a call to SNS delivers, and whether that is the ride.

use super::pieces::{self, Pieces};
use super::say::{Verdict, error, replace, unsure};
use super::subject::{Subject, is_env};
use crate::python::data::{Data, Kind, What};
use crate::python::effect::{At, AwsCall, Effect};

/// One message on its way to a topic.
pub(super) struct Delivery<'p> {
    pub call: &'p AwsCall,
    topic: Option<Data>,
    topic_at: At,
    message: Data,
    message_at: At,
    /// SNS refuses it: a message by protocol without the text for every other protocol.
    refused: bool,
}

/// The messages that these effects publish; an error where that cannot be told.
pub(super) fn deliveries(effects: &[Effect]) -> Result<Vec<Delivery<'_>>, At> {
    let mut found = Vec::new();
    for effect in effects {
        let Effect::Aws(call) = effect else { continue };
        if &*call.service != "sns" || call.fails {
            continue;
        }
        let topic_name = if call.argument("TopicArn").is_some() { "TopicArn" } else { "TargetArn" };
        let topic = call.argument(topic_name).cloned();
        let topic_at = call.place(topic_name).clone();
        match &*call.operation {
            "publish" => {
                let open = call.argument("**").is_some();
                let Some(message) = call.argument("Message") else { return Err(call.at.clone()) };
                if open && topic.is_none() {
                    return Err(call.at.clone());
                }
                let structured = is_structured(call.argument("MessageStructure"));
                let refused = structured && lacks_default(message);
                let message = if structured { unwrapped(message) } else { message.clone() };
                let message_at = call.place("Message").clone();
                found.push(Delivery { call, topic, topic_at, message, message_at, refused });
            }
            "publish_batch" => {
                let entries_at = call.place("PublishBatchRequestEntries").clone();
                let Some(Data::List(entries)) = call.argument("PublishBatchRequestEntries") else {
                    return Err(entries_at);
                };
                for entry in entries.iter() {
                    let Some(message) = entry.get("Message") else { return Err(entries_at) };
                    let structured = is_structured(entry.get("MessageStructure"));
                    let (topic, topic_at) = (topic.clone(), topic_at.clone());
                    found.push(Delivery {
                        call,
                        topic,
                        topic_at,
                        message: if structured { unwrapped(message) } else { message.clone() },
                        message_at: entries_at.clone(),
                        refused: structured && lacks_default(message),
                    });
                }
            }
            _ => {}
        }
    }
    Ok(found)
}

fn is_structured(structure: Option<&Data>) -> bool {
    matches!(structure, Some(Data::Str(text)) if &**text == "json")
}

/// Whether a message by protocol certainly lacks the `default` that SNS asks for.
fn lacks_default(message: &Data) -> bool {
    message.parsed().is_some_and(|parsed| match &parsed {
        Data::Dict(dict) => !dict.open && parsed.get("default").is_none(),
        Data::Symbol(_) => false,
        _ => true,
    })
}

/// The text for Lambda in a message with `MessageStructure='json'`.
fn unwrapped(message: &Data) -> Data {
    let by_protocol = message.parsed();
    let text = by_protocol.as_ref().and_then(|parsed| parsed.get("lambda").or_else(|| parsed.get("default")));
    text.cloned().unwrap_or_else(|| message.clone())
}

/// Whether the delivery takes `ride` to the topic of `variable`.
pub(super) fn judge(
    code: &'static str,
    subject: &Subject<'_>,
    delivery: &Delivery<'_>,
    ride: &Data,
    variable: &str,
) -> Verdict {
    match judge_topic(code, delivery, variable) {
        Verdict::Right => judge_message(code, subject, delivery, ride),
        other => other,
    }
}

fn judge_topic(code: &'static str, delivery: &Delivery<'_>, variable: &str) -> Verdict {
    let at = &delivery.topic_at;
    let Some(topic) = &delivery.topic else {
        if delivery.call.argument("PhoneNumber").is_some() {
            return Verdict::Wrong(error(
                code,
                &delivery.call.at,
                "this sends a text message to a telephone; the ride belongs on the topic: TopicArn",
            ));
        }
        return Verdict::Wrong(
            error(code, &delivery.call.at, "publish() is not told to which topic: SNS refuses the call")
                .help("Give it TopicArn=sns_topic_arn."),
        );
    };
    if is_env(topic, variable) {
        return Verdict::Right;
    }
    match topic {
        Data::Str(text) => Verdict::Wrong(error(
            code,
            at,
            format!(
                "this publishes to the fixed topic '{text}'; every stage and account has its own topic, and its ARN stands in the environment variable {variable}"
            ),
        )),
        Data::Symbol(symbol) => match &symbol.what {
            What::Env(name) => Verdict::Wrong(error(
                code,
                at,
                format!(
                    "this publishes to the ARN in the environment variable {name}; serverless.yml gives the topic's ARN in {variable}"
                ),
            )),
            // A parameter of the function: what the caller gives for it is judged at the caller.
            What::Input(path) if !path.contains('.') => Verdict::Right,
            What::Unknown(label, _) | What::Made(label, _) => {
                Verdict::Unsure(unsure(code, at, format!("the topic comes from {label}, which cannot be followed")))
            }
            _ => Verdict::Wrong(error(
                code,
                at,
                format!("this is not the ARN of the topic: that stands in the environment variable {variable}"),
            )),
        },
        _ => Verdict::Wrong(error(
            code,
            at,
            format!("this is not the ARN of the topic: that stands in the environment variable {variable}"),
        )),
    }
}

fn judge_message(code: &'static str, subject: &Subject<'_>, delivery: &Delivery<'_>, ride: &Data) -> Verdict {
    let at = &delivery.message_at;
    if delivery.refused {
        let finding = error(
            code,
            at,
            "with MessageStructure='json' SNS wants an object with the key 'default': it refuses this message",
        );
        return Verdict::Wrong(finding.help("Leave MessageStructure out, and the message is delivered as it is."));
    }
    let message = &delivery.message;
    if let Some(parsed) = message.parsed() {
        return judge_content(code, at, &parsed, ride);
    }
    let wrong = |text: String| Verdict::Wrong(error(code, at, text));
    if let Some(kind) = not_text(message) {
        let finding =
            error(code, at, format!("this publishes {kind} itself; SNS takes only a string, so the call fails"))
                .help("`json.dumps(…)` writes it as a JSON string.");
        return Verdict::Wrong(match subject.text_at(at) {
            Some(text) => finding.edit(replace(at, format!("json.dumps({text})"), "write it as JSON")),
            None => finding,
        });
    }
    match message {
        Data::Symbol(symbol) => match &symbol.what {
            What::Repr(inner) if same_ride(inner, ride) => Verdict::Wrong(
                error(code, at, "this publishes Python's own text of the ride, with single quotes: no JSON, so the receiver cannot read it")
                    .help("Use `json.dumps(…)` in place of `str(…)`."),
            ),
            What::Unknown(label, _) => Verdict::Unsure(unsure(code, at, format!("the message comes from {label}, which cannot be followed"))),
            What::Made(label, _) => Verdict::Unsure(unsure(code, at, format!("the message is made by {label}, which is not followed"))),
            What::Joined(parts) if parts.iter().any(Data::is_uncertain) => {
                Verdict::Unsure(unsure(code, at, "what this text holds cannot be followed"))
            }
            What::Joined(parts) => match pieces::read(parts) {
                Pieces::Json(content) => judge_content(code, at, &content, ride),
                Pieces::NotJson => Verdict::Wrong(
                    error(code, at, "this pieced-together text is no JSON, so the receiver cannot read it")
                        .help("`json.dumps(ride)` alone writes the ride as JSON."),
                ),
                Pieces::Unclear => {
                    Verdict::Unsure(unsure(code, at, "whether this pieced-together text is the ride as JSON does not show"))
                }
            },
            What::Input(_) if symbol.kind == Kind::Any => Verdict::Right,
            What::Env(name) => wrong(format!("this publishes the environment variable {name}, not the ride")),
            _ => wrong("this publishes something other than the ride as JSON".to_owned()),
        },
        Data::Str(text) => {
            let start: String = text.chars().take(40).collect();
            wrong(format!("this publishes the fixed text '{start}', not the ride"))
        }
        _ => wrong("this publishes something other than the ride as JSON".to_owned()),
    }
}

fn judge_content(code: &'static str, at: &At, parsed: &Data, ride: &Data) -> Verdict {
    if same_ride(parsed, ride) {
        return Verdict::Right;
    }
    if parsed.is_uncertain() {
        return Verdict::Unsure(unsure(code, at, "what this message holds cannot be followed"));
    }
    let message = if parsed.parsed().is_some_and(|inner| same_ride(&inner, ride)) {
        "the ride is turned into JSON twice: the receiver reads a string where it expects the ride".to_owned()
    } else if matches!(parsed, Data::Dict(dict) if dict.entries.iter().any(|(_, value)| same_ride(value, ride))) {
        "the ride is wrapped in another dict: the receiver looks for RideId at the top and does not find it".to_owned()
    } else if matches!(parsed, Data::List(items) if items.iter().any(|item| same_ride(item, ride))) {
        "the ride is wrapped in a list: the receiver expects the ride itself".to_owned()
    } else if let Data::Dict(dict) = parsed
        && let Data::Dict(whole) = ride
        && let Some((missing, _)) =
            whole.entries.iter().find(|(key, _)| !dict.entries.iter().any(|(other, _)| other == key))
        && dict.entries.iter().any(|entry| whole.entries.contains(entry))
    {
        let missing = if let Data::Str(key) = missing { &**key } else { "a part" };
        format!("this publishes only a part of the ride: {missing} is missing")
    } else {
        "this publishes something other than the ride".to_owned()
    };
    Verdict::Wrong(error(code, at, message))
}

/// Whether the value is the ride, perhaps with more beside it.
pub(super) fn same_ride(value: &Data, ride: &Data) -> bool {
    let (value, ride) = (value.through_json(), ride.through_json());
    match (&value, &ride) {
        (Data::Dict(dict), Data::Dict(ride)) => ride.entries.iter().all(|(key, part)| {
            dict.entries.iter().rev().find(|(name, _)| name == key).is_some_and(|(_, found)| found.same_as(part))
        }),
        (value, ride) => value.same_as(ride),
    }
}

fn not_text(value: &Data) -> Option<&'static str> {
    match value {
        Data::Dict(_) => Some("the dict"),
        Data::List(_) => Some("the list"),
        Data::None => Some("None"),
        Data::Bool(_) | Data::Int(_) | Data::Float(_) => Some("a number"),
        _ => None,
    }
}
