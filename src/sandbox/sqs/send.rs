//! Messages go into queues: one, a batch, and those that other services of the sandbox hand over.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::attribute::{self, Attributes};
use super::fault::{fault, invalid, missing, prefixed};
use super::input::{integer, map, text};
use super::messages::{Message, Place, Recent};
use super::queue::Queue;
use super::settings::LONGEST_MESSAGE;
use super::{Sqs, batch};
use crate::sandbox::{Caller, Fault};

/// A message as it is given, before the queue has a say.
pub struct Draft {
    pub body: String,
    pub attributes: Attributes,
    pub trace: Option<String>,
    /// Seconds.
    pub delay: Option<i64>,
    pub group: Option<String>,
    pub deduplication: Option<String>,
    pub sender: String,
}

impl Draft {
    /// # Errors
    /// What is wrong with the message whatever the queue.
    pub fn parse(input: &mut Value, sender: &str) -> Result<Self, Fault> {
        let body = match input.get_mut("MessageBody").map(Value::take) {
            Some(Value::String(body)) if !body.is_empty() => body,
            _ => return Err(missing("MessageBody")),
        };
        let attributes = map(input, "MessageAttributes")?.map(attribute::parse).transpose()?.unwrap_or_default();
        let owned = |name: &str| Ok::<_, Fault>(text(input, name)?.map(str::to_owned));
        Ok(Self {
            attributes,
            trace: trace(map(input, "MessageSystemAttributes")?)?,
            delay: integer(input, "DelaySeconds", 0..=900)?,
            group: owned("MessageGroupId")?,
            deduplication: owned("MessageDeduplicationId")?,
            sender: sender.to_owned(),
            body,
        })
    }

    /// What counts for the limit.
    pub fn size(&self) -> usize {
        self.body.len() + attribute::size(&self.attributes)
    }
}

fn trace(given: Option<&Map<String, Value>>) -> Result<Option<String>, Fault> {
    let mut trace = None;
    for (name, value) in given.into_iter().flatten() {
        if name != "AWSTraceHeader" {
            return Err(invalid(format!("Message system attribute name '{name}' is invalid.")));
        }
        let value = value.get("StringValue").and_then(Value::as_str);
        trace = Some(value.ok_or_else(|| missing("MessageSystemAttributes.AWSTraceHeader.StringValue"))?.to_owned());
    }
    Ok(trace)
}

/// The id of whoever sends, as `SenderId` shows it.
pub fn sender_id(caller: &Caller) -> String {
    match caller {
        Caller::Learner => "AIDARYDESLEARNER00001".to_owned(),
        Caller::Function(role) => format!("AROARYDESFUNCTION0001:{}", role.session),
    }
}

/// What a sender gets back.
pub struct Sent {
    pub id: String,
    pub body_md5: String,
    pub attributes_md5: Option<String>,
    pub trace: Option<String>,
    pub sequence: Option<String>,
}

impl Sent {
    fn to_json(&self) -> Value {
        let mut output = json!({ "MD5OfMessageBody": self.body_md5, "MessageId": self.id });
        if let Some(md5) = &self.attributes_md5 {
            output["MD5OfMessageAttributes"] = json!(md5);
        }
        if let Some(trace) = &self.trace {
            let attribute =
                attribute::Attribute { data_type: "String".into(), value: attribute::Payload::Text(trace.clone()) };
            let name = "AWSTraceHeader".to_owned();
            output["MD5OfMessageSystemAttributes"] = json!(attribute::digest([(&name, &attribute)]));
        }
        if let Some(sequence) = &self.sequence {
            output["SequenceNumber"] = json!(sequence);
        }
        output
    }
}

impl Sqs {
    /// `SendMessage`.
    pub(super) fn send_message(&self, region: &str, mut input: Value, caller: &Caller) -> Result<Value, Fault> {
        let queue = self.of_url(region, &input)?;
        let draft = Draft::parse(&mut input, &sender_id(caller))?;
        Ok(self.put(&queue, draft)?.to_json())
    }

    /// `SendMessageBatch`.
    pub(super) fn send_message_batch(&self, region: &str, mut input: Value, caller: &Caller) -> Result<Value, Fault> {
        let queue = self.of_url(region, &input)?;
        let sender = sender_id(caller);
        batch::check(&input, "SendMessageBatchRequestEntry")?;
        let entries = input.get_mut("Entries").and_then(Value::as_array_mut).map(std::mem::take).unwrap_or_default();
        let drafts: Vec<(Value, Result<Draft, Fault>)> =
            entries.into_iter().map(|mut entry| (entry["Id"].take(), Draft::parse(&mut entry, &sender))).collect();
        let size: usize = drafts.iter().filter_map(|(_, draft)| draft.as_ref().ok()).map(Draft::size).sum();
        if size > LONGEST_MESSAGE {
            let message =
                format!("Batch requests cannot be longer than {LONGEST_MESSAGE} bytes. You have sent {size} bytes.");
            return Err(prefixed("BatchRequestTooLong", message));
        }
        Ok(batch::answer(
            drafts
                .into_iter()
                .map(|(id, draft)| (id, draft.and_then(|draft| self.put(&queue, draft)).map(|sent| sent.to_json()))),
        ))
    }

    /// Puts a message into a queue and wakes who waits for one.
    pub(super) fn put(&self, queue: &Arc<Queue>, draft: Draft) -> Result<Sent, Fault> {
        check_text(&draft.body)?;
        let body_md5 = attribute::digest_of(&draft.body);
        let attributes_md5 = (!draft.attributes.is_empty()).then(|| attribute::digest(&draft.attributes));
        let now = self.account.clock.millis();
        let mut state = queue.lock();
        if state.deleted {
            return Err(super::fault::no_queue());
        }
        let size = draft.size();
        let longest = usize::try_from(state.settings.number("MaximumMessageSize")).unwrap_or(LONGEST_MESSAGE);
        if size > longest {
            return Err(invalid(format!(
                "One or more parameters are invalid. Reason: Message must be shorter than {longest} bytes."
            )));
        }
        if !state.messages.has_room(size) {
            return Err(fault(
                "OverLimit",
                format!(
                    "The queue {} of the sandbox is full: it keeps 256 MiB. Receive and delete messages, or purge it.",
                    queue.name
                ),
            ));
        }
        let (deduplication, key) = deduplicate(&draft, &state.settings)?;
        if let Some(key) = &key
            && let Some(recent) = state.messages.recent(key, now)
        {
            return Ok(Sent { id: recent.id, body_md5, attributes_md5, trace: draft.trace, sequence: recent.sequence });
        }
        let delay = draft.delay.map_or_else(|| state.settings.millis("DelaySeconds"), |seconds| seconds * 1000);
        let sequence = key
            .as_ref()
            .map(|_| format!("{:020}", 18_849_496_460_467_696_128 + u128::from(state.messages.next_number()) * 256));
        let message = Message {
            id: Uuid::new_v4().to_string(),
            body: draft.body,
            body_md5,
            attributes: draft.attributes,
            attributes_md5,
            trace: draft.trace,
            sender: draft.sender,
            sent: now,
            group: draft.group,
            deduplication,
            sequence,
            first_received: None,
            receives: 0,
            source: None,
            receipt: 0,
            place: if delay > 0 { Place::Delayed { until: now + delay } } else { Place::Visible },
        };
        if let Some(key) = key {
            let (id, sequence) = (message.id.clone(), message.sequence.clone());
            state.messages.remember(key, Recent { sent: now, id, sequence });
        }
        let sent = Sent {
            id: message.id.clone(),
            body_md5: message.body_md5.clone(),
            attributes_md5: message.attributes_md5.clone(),
            trace: message.trace.clone(),
            sequence: message.sequence.clone(),
        };
        state.messages.insert(message);
        drop(state);
        queue.bell.notify_waiters();
        self.account.changed();
        Ok(sent)
    }
}

/// The deduplication id that the message shows, and the key that the queue knows it by; neither on standard queues.
fn deduplicate(draft: &Draft, settings: &super::settings::Settings) -> Result<(Option<String>, Option<String>), Fault> {
    for (name, id) in [("MessageGroupId", &draft.group), ("MessageDeduplicationId", &draft.deduplication)] {
        let allowed = |byte: u8| byte.is_ascii_graphic();
        if let Some(id) = id
            && (id.is_empty() || id.len() > 128 || !id.bytes().all(allowed))
        {
            let message = format!(
                "The parameter {name} must be 1 to 128 characters long: alphanumeric characters and punctuation."
            );
            return Err(invalid(message));
        }
    }
    if !settings.is_fifo() {
        if let Some(id) = &draft.deduplication {
            let reason = "The request include parameter that is not valid for this queue type";
            return Err(super::fault::invalid_value("MessageDeduplicationId", id, reason));
        }
        return Ok((None, None));
    }
    if let Some(delay) = draft.delay.filter(|delay| *delay > 0) {
        let reason = "The request include parameter that is not valid for this queue type";
        return Err(super::fault::invalid_value("DelaySeconds", delay, reason));
    }
    let group = draft.group.as_ref().ok_or_else(|| missing("MessageGroupId"))?;
    let id = match &draft.deduplication {
        Some(id) => id.clone(),
        None if settings.is("ContentBasedDeduplication", "true") => {
            Sha256::digest(draft.body.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
        }
        None => {
            return Err(invalid(
                "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
            ));
        }
    };
    let key = if settings.is("DeduplicationScope", "messageGroup") { format!("{group} {id}") } else { id.clone() };
    Ok((Some(id), Some(key)))
}

/// Messages are text that XML can carry.
fn check_text(body: &str) -> Result<(), Fault> {
    let carried = |letter: char| {
        matches!(letter, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..)
            && !matches!(letter, '\u{FFFE}' | '\u{FFFF}')
    };
    match body.chars().find(|letter| !carried(*letter)) {
        None => Ok(()),
        Some(letter) => Err(fault(
            "InvalidMessageContents",
            format!(
                "Invalid characters found: the message body has U+{:04X}, which is not allowed. Valid are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF.",
                u32::from(letter)
            ),
        )),
    }
}
