//! Topics hand messages to queues: whether the queue's policy lets them, and the delivery itself.
//!
//! The policy is read loosely. A queue without one takes everything (on AWS it would take nothing, which [`Delivery::Unguarded`]
//! tells). With one, a statement must allow `sqs:SendMessage` to `*` or to `sns.amazonaws.com`, and none may deny it; of conditions only
//! `aws:SourceArn` counts, and the resource is taken to be the queue.

use serde_json::{Map, Value};

use super::send::Draft;
use super::{Sqs, attribute, fault};
use crate::sandbox::Fault;

/// How a queue took a message from a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// As its policy says.
    Allowed,
    /// It has no policy: AWS would have dropped the message.
    Unguarded,
}

impl Sqs {
    /// Puts a message from a topic into a queue, if the queue's policy lets the topic.
    ///
    /// # Errors
    /// As [`Sqs::send`], and `AccessDenied` (403).
    pub fn deliver(
        &self,
        queue_arn: &str,
        topic_arn: &str,
        body: String,
        attributes: &Value,
        group: Option<&str>,
    ) -> Result<Delivery, Fault> {
        let queue = self.of_arn(queue_arn).ok_or_else(fault::no_queue)?;
        let delivery = match queue.lock().settings.get("Policy") {
            None => Delivery::Unguarded,
            Some(policy) if allows(policy, topic_arn) => Delivery::Allowed,
            Some(_) => {
                let message = format!(
                    "The policy of the queue {} does not let the topic {topic_arn} send messages: it needs a statement that allows sqs:SendMessage to the service sns.amazonaws.com.",
                    queue.name
                );
                return Err(Fault::sender("AccessDenied", message).status(403));
            }
        };
        self.put(&queue, draft(body, attributes.as_object(), group)?)?;
        Ok(delivery)
    }

    /// Whether there is a FIFO queue with this ARN.
    pub fn is_fifo(&self, queue_arn: &str) -> bool {
        self.of_arn(queue_arn).is_some_and(|queue| queue.lock().settings.is_fifo())
    }
}

/// A message of another service.
pub fn draft(body: String, attributes: Option<&Map<String, Value>>, group: Option<&str>) -> Result<Draft, Fault> {
    if body.is_empty() {
        return Err(fault::missing("MessageBody"));
    }
    Ok(Draft {
        body,
        attributes: attributes.map(attribute::parse).transpose()?.unwrap_or_default(),
        trace: None,
        delay: None,
        group: group.map(str::to_owned),
        deduplication: None,
        sender: "AIDARYDESSERVICE00001".to_owned(),
    })
}

fn allows(policy: &str, topic: &str) -> bool {
    let Ok(policy) = serde_json::from_str::<Value>(policy) else { return false };
    let statements: Vec<&Value> = many(policy.get("Statement")).collect();
    let speaks = |statement: &&&Value, effect: &str| {
        statement.get("Effect").and_then(Value::as_str) == Some(effect)
            && many(statement.get("Action")).filter_map(Value::as_str).any(is_send)
            && is_for_sns(statement.get("Principal"))
            && condition_holds(statement.get("Condition").and_then(Value::as_object), topic)
    };
    statements.iter().any(|statement| speaks(&statement, "Allow"))
        && !statements.iter().any(|statement| speaks(&statement, "Deny"))
}

/// The items of a list, or the one value.
fn many(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    let (list, one) = match value {
        Some(Value::Array(list)) => (list.as_slice(), None),
        other => (&[][..], other),
    };
    list.iter().chain(one)
}

fn is_send(action: &str) -> bool {
    matches_pattern(&action.to_ascii_lowercase(), "sqs:sendmessage")
}

fn is_for_sns(principal: Option<&Value>) -> bool {
    match principal {
        Some(Value::String(all)) => all == "*",
        Some(Value::Object(kinds)) => kinds.iter().any(|(kind, who)| {
            let mut who = many(Some(who)).filter_map(Value::as_str);
            who.any(|who| who == "*" || (kind == "Service" && who == "sns.amazonaws.com"))
        }),
        _ => false,
    }
}

fn condition_holds(condition: Option<&Map<String, Value>>, topic: &str) -> bool {
    let tests = condition.into_iter().flatten().filter_map(|(_, tests)| tests.as_object()).flatten();
    let mut sources = tests.filter(|(key, _)| key.eq_ignore_ascii_case("aws:SourceArn")).map(|(_, arns)| arns);
    sources.all(|arns| many(Some(arns)).filter_map(Value::as_str).any(|pattern| matches_pattern(pattern, topic)))
}

/// Whether `text` is what `pattern` with its `*` and `?` says.
fn matches_pattern(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut from, mut star) = (0, 0, None);
    while from < text.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, from));
                at += 1;
            }
            Some(letter) if *letter == '?' || *letter == text[from] => {
                at += 1;
                from += 1;
            }
            _ => match star {
                Some((star_at, star_from)) => {
                    star = Some((star_at, star_from + 1));
                    at = star_at + 1;
                    from = star_from + 1;
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|letter| *letter == '*')
}
