//! One message as it is published: checked, and written as each subscription gets it.

use std::fmt::Write;

use chrono::DateTime;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::attribute::{self, Attribute};
use super::fault::{invalid, missing};
use super::input::text;
use super::topic::Subscription;
use crate::sandbox::Fault;

/// The largest message with its attributes: 256 KiB.
pub const LARGEST: usize = 256 * 1024;
/// The sandbox signs nothing: this says so, in Base64 as signatures are.
const SIGNATURE: &str = "cnlkZXMgc2FuZGJveDogbm90IHNpZ25lZA==";

/// A message.
#[derive(Debug)]
pub struct Message {
    pub id: String,
    /// For subscriptions of whose protocol there is nothing else.
    text: String,
    /// By protocol, from `MessageStructure: json`.
    by_protocol: Option<Map<String, Value>>,
    pub subject: Option<String>,
    pub attributes: Vec<Attribute>,
    pub group: Option<String>,
    /// `2012-04-25T21:49:25.719Z`.
    timestamp: String,
}

impl Message {
    /// Checks what `Publish` or an entry of `PublishBatch` gives; `millis` is now.
    ///
    /// # Errors
    /// As AWS's, for the first thing that is wrong.
    pub fn parse(input: &mut Value, millis: i64) -> Result<Self, Fault> {
        let text_of = match input.get_mut("Message").map(Value::take) {
            Some(Value::String(text)) => text,
            _ => return Err(missing("Message")),
        };
        if text_of.is_empty() {
            return Err(invalid("Empty message"));
        }
        let attributes = attribute::parse(input.get("MessageAttributes"))?;
        let subject = text(input, "Subject")?.map(str::to_owned);
        if subject.as_deref().is_some_and(|subject| !is_subject(subject)) {
            return Err(invalid("Subject"));
        }
        let (text_of, by_protocol) = match text(input, "MessageStructure")? {
            None | Some("") => (text_of, None),
            Some("json") => {
                let by_protocol = by_protocol(&text_of)?;
                (by_protocol.0, Some(by_protocol.1))
            }
            Some(other) => {
                return Err(invalid(format!("MessageStructure Reason: it can be json only, and is {other}")));
            }
        };
        if text(input, "MessageDeduplicationId")?.is_some() {
            return Err(invalid(
                "MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type",
            ));
        }
        let message = Self {
            id: Uuid::new_v4().to_string(),
            text: text_of,
            by_protocol,
            subject,
            attributes,
            group: text(input, "MessageGroupId")?.map(str::to_owned),
            timestamp: timestamp(millis),
        };
        if message.size() > LARGEST {
            return Err(invalid("Message too long"));
        }
        Ok(message)
    }

    /// What counts for the limit: the text, whichever is longest, and the attributes.
    pub fn size(&self) -> usize {
        let by_protocol = self.by_protocol.iter().flatten().filter_map(|(_, text)| text.as_str()).map(str::len);
        let text = by_protocol.max().unwrap_or_default().max(self.text.len());
        text + self.attributes.iter().map(Attribute::size).sum::<usize>()
    }

    /// The text for a protocol.
    pub fn text(&self, protocol: &str) -> &str {
        let own = self.by_protocol.as_ref().and_then(|texts| texts.get(protocol)).and_then(Value::as_str);
        own.unwrap_or(&self.text)
    }

    /// The attributes as `SendMessage` of SQS takes them.
    pub fn queue_attributes(&self) -> Value {
        let attributes = self.attributes.iter();
        Value::Object(attributes.map(|attribute| (attribute.name.clone(), attribute.for_queue())).collect())
    }

    /// The JSON document that a queue gets, laid out as AWS lays it out.
    pub fn envelope(&self, subscription: &Subscription, signature_version: &str, endpoint: &str) -> String {
        let mut out = String::with_capacity(1024 + self.text.len() * 5 / 4);
        let mut field = |name: &str, value: &str| {
            let lead = if out.is_empty() { "{\n" } else { ",\n" };
            // Writing to a string cannot fail.
            let _ = write!(out, "{lead}  \"{name}\" : {}", json!(value));
        };
        field("Type", "Notification");
        field("MessageId", &self.id);
        field("TopicArn", &subscription.topic_arn);
        if let Some(subject) = &self.subject {
            field("Subject", subject);
        }
        field("Message", self.text(subscription.endpoint.protocol()));
        field("Timestamp", &self.timestamp);
        field("SignatureVersion", signature_version);
        field("Signature", SIGNATURE);
        field("SigningCertURL", &certificate(&subscription.topic_arn));
        field("UnsubscribeURL", &unsubscribe(endpoint, &subscription.arn));
        let mut lead = ",\n  \"MessageAttributes\" : {\n";
        for attribute in &self.attributes {
            let _ = write!(out, "{lead}    {} : {}", json!(attribute.name), attribute.envelope());
            lead = ",\n";
        }
        out.push_str(if self.attributes.is_empty() { "\n}" } else { "\n  }\n}" });
        out
    }

    /// The event that a function gets.
    pub fn event(&self, subscription: &Subscription, signature_version: &str, endpoint: &str) -> Value {
        let attributes: Map<String, Value> =
            self.attributes.iter().map(|attribute| (attribute.name.clone(), attribute.envelope())).collect();
        json!({ "Records": [{
            "EventSource": "aws:sns",
            "EventVersion": "1.0",
            "EventSubscriptionArn": subscription.arn,
            "Sns": {
                "Type": "Notification",
                "MessageId": self.id,
                "TopicArn": subscription.topic_arn,
                "Subject": self.subject,
                "Message": self.text("lambda"),
                "Timestamp": self.timestamp,
                "SignatureVersion": signature_version,
                "Signature": SIGNATURE,
                "SigningCertUrl": certificate(&subscription.topic_arn),
                "UnsubscribeUrl": unsubscribe(endpoint, &subscription.arn),
                "MessageAttributes": attributes,
            },
        }] })
    }
}

fn by_protocol(text: &str) -> Result<(String, Map<String, Value>), Fault> {
    let Ok(Value::Object(texts)) = serde_json::from_str(text) else {
        return Err(invalid("Message Structure - JSON message body failed to parse"));
    };
    match texts.get("default") {
        Some(Value::String(default)) => Ok((default.clone(), texts)),
        _ => Err(invalid("Message Structure - No default entry in JSON message body")),
    }
}

/// One line of at most a hundred characters.
fn is_subject(subject: &str) -> bool {
    !subject.is_empty()
        && subject.chars().count() <= 100
        && !subject.chars().any(char::is_control)
        && !subject.starts_with(char::is_whitespace)
}

fn timestamp(millis: i64) -> String {
    let time = DateTime::from_timestamp_millis(millis).unwrap_or_default();
    time.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// Where AWS keeps its certificates; nobody needs to fetch one of the sandbox.
fn certificate(topic_arn: &str) -> String {
    let region = topic_arn.split(':').nth(3).unwrap_or_default();
    format!("https://sns.{region}.amazonaws.com/SimpleNotificationService-rydes.pem")
}

fn unsubscribe(endpoint: &str, subscription_arn: &str) -> String {
    format!("{endpoint}/?Action=Unsubscribe&SubscriptionArn={subscription_arn}")
}
