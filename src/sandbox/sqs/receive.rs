//! Messages come out of queues: receiving with or without waiting, deleting, and hiding for longer or shorter.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Map, Value, json};
use tokio::time::Instant;

use super::fault::{fault, invalid_value, missing, no_queue, prefixed};
use super::input::{integer, list, required, texts};
use super::messages::{Message, Place, Take};
use super::queue::{Queue, State};
use super::{Sqs, attribute, batch};
use crate::sandbox::Fault;

/// What a receiver wants to see of messages.
struct Wanted {
    /// Name of the queue, for receipts.
    queue: String,
    most: usize,
    /// Milliseconds, if not the queue's own.
    visibility: Option<i64>,
    wait: Duration,
    system: Vec<String>,
    names: Vec<String>,
}

impl Wanted {
    fn parse(input: &Value, queue: &str, state: &State) -> Result<Self, Fault> {
        let owned = |name: &str| Ok::<Vec<String>, Fault>(texts(input, name)?.into_iter().map(str::to_owned).collect());
        let mut system = owned("AttributeNames")?;
        system.extend(owned("MessageSystemAttributeNames")?);
        let most = integer(input, "MaxNumberOfMessages", 1..=10)?.unwrap_or(1);
        let wait = integer(input, "WaitTimeSeconds", 0..=20)?;
        let wait = wait.unwrap_or_else(|| state.settings.number("ReceiveMessageWaitTimeSeconds"));
        Ok(Self {
            queue: queue.to_owned(),
            most: usize::try_from(most).unwrap_or(1),
            visibility: integer(input, "VisibilityTimeout", 0..=43_200)?.map(|seconds| seconds * 1000),
            wait: Duration::from_secs(u64::try_from(wait).unwrap_or_default()),
            system,
            names: owned("MessageAttributeNames")?,
        })
    }
}

impl Sqs {
    /// `ReceiveMessage`. The wait is the client's and so on the clock of the wall; all other times are the sandbox's.
    pub(super) async fn receive_message(&self, region: &str, input: &Value) -> Result<Value, Fault> {
        let queue = self.of_url(region, input)?;
        let wanted = Wanted::parse(input, &queue.name, &queue.lock())?;
        let deadline = Instant::now() + wanted.wait;
        loop {
            // Listening starts before looking, so that nothing arrives unheard in between.
            let mut bell = pin!(queue.bell.notified());
            bell.as_mut().enable();
            let (messages, next) = self.take(&queue, &wanted)?;
            if !messages.is_empty() {
                return Ok(json!({ "Messages": messages }));
            }
            if Instant::now() >= deadline {
                return Ok(json!({}));
            }
            let hidden = next.map(|next| {
                let left = next.saturating_sub(self.account.clock.millis());
                // One more, because the clock's milliseconds are rounded down.
                Duration::from_millis(u64::try_from(left).unwrap_or_default() + 1)
            });
            tokio::select! {
                () = bell => {}
                () = tokio::time::sleep_until(deadline) => {}
                () = async {
                    match hidden {
                        Some(span) => self.account.clock.sleep(span).await,
                        None => std::future::pending().await,
                    }
                } => {}
            }
        }
    }

    /// What can be had now, and when the next hidden message can.
    fn take(&self, queue: &Arc<Queue>, wanted: &Wanted) -> Result<(Vec<Value>, Option<i64>), Fault> {
        let now = self.account.clock.millis();
        // Without a queue for them, there are no dead letters. It is looked up while this queue is not locked.
        let redrive = queue.lock().settings.redrive().cloned();
        let redrive = redrive.filter(|redrive| self.of_arn(&redrive.target).is_some());
        let (messages, dead, next, target) = {
            let mut state = queue.lock();
            if state.deleted {
                return Err(no_queue());
            }
            let settings = &state.settings;
            let take = Take {
                most: wanted.most,
                visibility: wanted.visibility.unwrap_or_else(|| settings.millis("VisibilityTimeout")),
                retention: settings.millis("MessageRetentionPeriod"),
                max_receives: redrive.as_ref().map(|redrive| redrive.max_receives),
                fifo: settings.is_fifo(),
            };
            let before = state.messages.next_visible();
            let taken = state.messages.take(now, take);
            // Others may wait for the time that was next until now.
            let after = state.messages.next_visible();
            if take.visibility == 0 || after.is_some_and(|after| before.is_none_or(|before| after < before)) {
                queue.bell.notify_waiters();
            }
            if taken.over_limit && taken.given.is_empty() && wanted.wait.is_zero() {
                let message =
                    "Too many messages in flight: delete some that were received, or let their visibility timeout end.";
                return Err(fault("OverLimit", message));
            }
            let given = taken.given.iter().filter_map(|&number| Some((number, state.messages.get(number)?)));
            let messages: Vec<Value> = given.map(|(number, message)| show(number, message, wanted)).collect();
            (messages, taken.dead, state.messages.next_visible(), redrive.map(|redrive| redrive.target))
        };
        if let Some(target) = target {
            self.bury(queue, &target, dead, now);
        }
        Ok((messages, next))
    }

    /// Moves dead letters of `queue` to their queue.
    fn bury(&self, queue: &Arc<Queue>, target: &str, dead: Vec<Message>, now: i64) {
        let Some(grave) = self.of_arn(target).filter(|_| !dead.is_empty()) else { return };
        let mut state = grave.lock();
        let fifo = state.settings.is_fifo();
        for message in dead {
            state.messages.insert(Message {
                source: Some(queue.arn.clone()),
                // A standard queue counts the retention from the first sending, a FIFO queue anew.
                sent: if fifo { now } else { message.sent },
                receives: 0,
                first_received: None,
                place: Place::Visible,
                ..message
            });
        }
        drop(state);
        grave.bell.notify_waiters();
        self.account.changed();
    }

    /// `DeleteMessage`.
    pub(super) fn delete_message(&self, region: &str, input: &Value) -> Result<Value, Fault> {
        let queue = self.of_url(region, input)?;
        self.delete(&queue, required(input, "ReceiptHandle")?)?;
        Ok(Value::Null)
    }

    /// `DeleteMessageBatch`.
    pub(super) fn delete_message_batch(&self, region: &str, input: &Value) -> Result<Value, Fault> {
        let queue = self.of_url(region, input)?;
        batch::check(input, "DeleteMessageBatchRequestEntry")?;
        Ok(batch::answer(list(input, "Entries")?.iter().map(|entry| {
            let outcome = required(entry, "ReceiptHandle").and_then(|receipt| self.delete(&queue, receipt));
            (entry["Id"].clone(), outcome.map(|()| json!({})))
        })))
    }

    fn delete(&self, queue: &Queue, handle: &str) -> Result<(), Fault> {
        let (number, receipt) = receipt(handle, &queue.name)?;
        let mut state = queue.lock();
        state.settle(self.account.clock.millis());
        // A receipt that is not the last one deletes nothing, and that is no error on standard queues.
        let in_flight = match state.messages.of_receipt(number, receipt) {
            Some(message) => matches!(message.place, Place::InFlight { .. }),
            None => return Ok(()),
        };
        if state.settings.is_fifo() && !in_flight {
            return Err(invalid_value("ReceiptHandle", handle, "The receipt handle has expired."));
        }
        state.messages.remove(number);
        let waiters = state.settings.is_fifo();
        drop(state);
        if waiters {
            queue.bell.notify_waiters();
        }
        self.account.changed();
        Ok(())
    }

    /// `ChangeMessageVisibility`.
    pub(super) fn change_message_visibility(&self, region: &str, input: &Value) -> Result<Value, Fault> {
        let queue = self.of_url(region, input)?;
        self.hide(&queue, input)?;
        Ok(Value::Null)
    }

    /// `ChangeMessageVisibilityBatch`.
    pub(super) fn change_message_visibility_batch(&self, region: &str, input: &Value) -> Result<Value, Fault> {
        let queue = self.of_url(region, input)?;
        batch::check(input, "ChangeMessageVisibilityBatchRequestEntry")?;
        let entries = list(input, "Entries")?.iter();
        Ok(batch::answer(entries.map(|entry| (entry["Id"].clone(), self.hide(&queue, entry).map(|()| json!({}))))))
    }

    fn hide(&self, queue: &Queue, entry: &Value) -> Result<(), Fault> {
        let handle = required(entry, "ReceiptHandle")?;
        let timeout = integer(entry, "VisibilityTimeout", 0..=43_200)?.ok_or_else(|| missing("VisibilityTimeout"))?;
        let (number, receipt) = receipt(handle, &queue.name)?;
        let now = self.account.clock.millis();
        let mut state = queue.lock();
        state.settle(now);
        let Some(message) = state.messages.of_receipt(number, receipt) else {
            let reason = "Message does not exist or is not available for visibility timeout change.";
            return Err(invalid_value("ReceiptHandle", handle, reason));
        };
        if !matches!(message.place, Place::InFlight { .. }) {
            return Err(prefixed("MessageNotInflight", "The specified message isn't in flight."));
        }
        state.messages.hide(number, now + timeout * 1000, now);
        drop(state);
        queue.bell.notify_waiters();
        Ok(())
    }
}

/// The handle of a receipt: opaque to clients, `NUMBER:RECEIPT:QUEUE` to us.
fn handle(number: u64, receipt: u64, queue: &str) -> String {
    BASE64.encode(format!("{number}:{receipt}:{queue}"))
}

fn receipt(handle: &str, queue: &str) -> Result<(u64, u64), Fault> {
    let read = || {
        let text = String::from_utf8(BASE64.decode(handle).ok()?).ok()?;
        let (number, rest) = text.split_once(':')?;
        let (receipt, name) = rest.split_once(':')?;
        (name == queue).then_some((number.parse().ok()?, receipt.parse().ok()?))
    };
    read().ok_or_else(|| fault("ReceiptHandleIsInvalid", "The input receipt handle is invalid."))
}

/// A message as a receiver sees it.
fn show(number: u64, message: &Message, wanted: &Wanted) -> Value {
    let mut shown = Map::new();
    shown.insert("MessageId".into(), json!(message.id));
    shown.insert("ReceiptHandle".into(), json!(handle(number, message.receipt, &wanted.queue)));
    shown.insert("MD5OfBody".into(), json!(message.body_md5));
    shown.insert("Body".into(), json!(message.body));
    let system = system_attributes(message, &wanted.system);
    if !system.is_empty() {
        shown.insert("Attributes".into(), Value::Object(system));
    }
    let picked: Vec<_> = message.attributes.iter().filter(|(name, _)| is_wanted(&wanted.names, name)).collect();
    if !picked.is_empty() {
        let md5 = match &message.attributes_md5 {
            Some(md5) if picked.len() == message.attributes.len() => md5.clone(),
            _ => attribute::digest(picked.iter().copied()),
        };
        shown.insert("MD5OfMessageAttributes".into(), json!(md5));
        let picked = picked.into_iter().map(|(name, attribute)| (name.clone(), attribute.to_json())).collect();
        shown.insert("MessageAttributes".into(), Value::Object(picked));
    }
    Value::Object(shown)
}

/// Names are whole, `All`, `.*`, or `prefix.*`.
fn is_wanted(names: &[String], name: &str) -> bool {
    names.iter().any(|wanted| {
        wanted == name || wanted == "All" || wanted.strip_suffix(".*").is_some_and(|prefix| name.starts_with(prefix))
    })
}

fn system_attributes(message: &Message, wanted: &[String]) -> Map<String, Value> {
    if wanted.is_empty() {
        return Map::new();
    }
    let all: [(&str, Option<String>); 9] = [
        ("SenderId", Some(message.sender.clone())),
        ("ApproximateFirstReceiveTimestamp", message.first_received.map(|millis| millis.to_string())),
        ("ApproximateReceiveCount", Some(message.receives.to_string())),
        ("SentTimestamp", Some(message.sent.to_string())),
        ("SequenceNumber", message.sequence.clone()),
        ("MessageDeduplicationId", message.deduplication.clone()),
        ("MessageGroupId", message.group.clone()),
        ("AWSTraceHeader", message.trace.clone()),
        ("DeadLetterQueueSourceArn", message.source.clone()),
    ];
    let is_wanted = |name: &str| wanted.iter().any(|wanted| wanted == name || wanted == "All");
    let shown = all.into_iter().filter(|(name, _)| is_wanted(name));
    shown.filter_map(|(name, value)| Some((name.to_owned(), json!(value?)))).collect()
}
