//! `Publish` and `PublishBatch`.

use std::sync::Arc;

use serde_json::{Value, json};

use super::Sns;
use super::fault::invalid;
use super::input::{list, required, text};
use super::message::{LARGEST, Message};
use super::topic::Topic;
use crate::sandbox::Fault;

const MOST_ENTRIES: usize = 10;

impl Sns {
    /// `Publish`. When it answers, each subscription has the message or is being retried.
    pub(super) fn publish(&self, region: &str, mut input: Value) -> Result<Value, Fault> {
        let topic = self.target(region, &input)?;
        let message = Message::parse(&mut input, self.account().clock.millis())?;
        Ok(json!({ "MessageId": self.hand_out(&topic, &message) }))
    }

    fn target(&self, region: &str, input: &Value) -> Result<Arc<Topic>, Fault> {
        if text(input, "PhoneNumber")?.is_some() {
            return Err(invalid("PhoneNumber Reason: the rydes sandbox sends no text messages; publish to a TopicArn"));
        }
        match (text(input, "TopicArn")?, text(input, "TargetArn")?) {
            (Some(_), Some(_)) => Err(invalid("TopicArn or TargetArn Reason: only one of them can be given")),
            (None, None) => Err(invalid("TopicArn or TargetArn Reason: no value for required parameter")),
            (Some(arn), None) => self.topic(region, arn),
            (None, Some(arn)) if arn.contains(":endpoint/") => {
                Err(invalid("TargetArn Reason: the rydes sandbox has no mobile endpoints; publish to a TopicArn"))
            }
            (None, Some(arn)) => self.topic(region, arn),
        }
    }

    fn hand_out(&self, topic: &Topic, message: &Message) -> String {
        let id = message.id.clone();
        let subscriptions = topic.subscriptions();
        if !subscriptions.is_empty() {
            let signature_version =
                topic.lock().attributes.get("SignatureVersion").cloned().unwrap_or_else(|| "1".into());
            for subscription in subscriptions.iter() {
                self.deliveries.deliver(subscription, message, &signature_version);
            }
        }
        id
    }

    /// `PublishBatch`.
    pub(super) fn publish_batch(&self, region: &str, mut input: Value) -> Result<Value, Fault> {
        let topic = self.topic(region, required(&input, "TopicArn")?)?;
        const ENTRIES: &str = "PublishBatchRequestEntries";
        check_entries(list(&input, ENTRIES)?)?;
        let entries = input.get_mut(ENTRIES).and_then(Value::as_array_mut).map(std::mem::take).unwrap_or_default();
        let now = self.account().clock.millis();
        let messages: Vec<(Value, Result<Message, Fault>)> =
            entries.into_iter().map(|mut entry| (entry["Id"].take(), Message::parse(&mut entry, now))).collect();
        let size: usize = messages.iter().filter_map(|(_, message)| message.as_ref().ok()).map(Message::size).sum();
        if size > LARGEST {
            let message = "The length of all the messages put together is more than the limit.";
            return Err(Fault::sender("BatchRequestTooLong", message));
        }
        let (mut successful, mut failed) = (Vec::new(), Vec::new());
        for (id, message) in messages {
            match message {
                Ok(message) => successful.push(json!({ "Id": id, "MessageId": self.hand_out(&topic, &message) })),
                Err(fault) => {
                    failed.push(json!({ "Id": id, "Code": fault.code, "Message": fault.message, "SenderFault": true }))
                }
            }
        }
        Ok(json!({ "Successful": successful, "Failed": failed }))
    }
}

fn check_entries(entries: &[Value]) -> Result<(), Fault> {
    if entries.is_empty() {
        return Err(Fault::sender("EmptyBatchRequest", "The batch request doesn't contain any entries."));
    }
    if entries.len() > MOST_ENTRIES {
        let message = "The batch request contains more entries than permissible.";
        return Err(Fault::sender("TooManyEntriesInBatchRequest", message));
    }
    let mut seen = Vec::new();
    for entry in entries {
        let id = required(entry, "Id")?;
        let letters = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if id.is_empty() || id.len() > 80 || !id.bytes().all(letters) {
            let message = "The Id of a batch entry in a batch request doesn't abide by the specification.";
            return Err(Fault::sender("InvalidBatchEntryId", message));
        }
        if seen.contains(&id) {
            let message = "Two or more batch entries in the request have the same Id.";
            return Err(Fault::sender("BatchEntryIdsNotDistinct", message));
        }
        seen.push(id);
    }
    Ok(())
}
