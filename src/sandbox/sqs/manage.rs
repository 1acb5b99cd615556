//! Queues are made, found, described, changed, emptied and removed.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde_json::{Map, Value, json};

use super::fault::{fault, invalid, invalid_value, no_queue, prefixed, queue_exists};
use super::input::{integer, pairs, required, text, texts};
use super::queue::{Queue, State};
use super::settings::{self, Settings};
use super::{Queues, Sqs};
use crate::sandbox::{ACCOUNT_ID, Fault};

/// The most queues of one page.
const PAGE: usize = 1000;
/// The most tags of one queue.
const MOST_TAGS: usize = 50;

impl Sqs {
    /// `CreateQueue`.
    pub(super) fn create_queue(&self, region: &str, input: &Value) -> Result<Value, Fault> {
        let name = required(input, "QueueName")?;
        let given = pairs(input, "Attributes")?;
        let fifo = match given.iter().find(|(name, _)| *name == "FifoQueue") {
            None => false,
            Some((_, "true")) => true,
            // AWS takes no `false`: a standard queue has no such attribute.
            Some(_) => return Err(fault("InvalidAttributeName", "Unknown Attribute FifoQueue.")),
        };
        settings::check_name(name, fifo)?;
        let mut wanted = Settings::new(fifo);
        for (attribute, value) in &given {
            wanted.set(attribute, value)?;
        }
        let mut tags = BTreeMap::new();
        add_tags(&mut tags, &pairs(input, "tags")?)?;
        self.check_redrive(&wanted)?;
        let url = json!({ "QueueUrl": self.url(name) });

        let queues = self.regions.get(region);
        let mut queues = queues.write();
        if let Some(queue) = queues.get(name).cloned() {
            drop(queues);
            let state = queue.lock();
            let differs = given.iter().find(|(attribute, _)| state.settings.get(attribute) != wanted.get(attribute));
            return differs.map_or(Ok(url), |(attribute, _)| Err(queue_exists(attribute)));
        }
        let now = self.account.clock.millis() / 1000;
        queues.insert(name.to_owned(), Arc::new(Queue::new(region, name, State::new(wanted, tags, now))));
        self.account.changed();
        Ok(url)
    }

    /// The dead-letter queue of a redrive policy must be there, and of the same kind.
    fn check_redrive(&self, settings: &Settings) -> Result<(), Fault> {
        let Some(redrive) = settings.redrive() else { return Ok(()) };
        let refuse = |reason: &str| {
            Err(invalid_value("RedrivePolicy", settings.get("RedrivePolicy").unwrap_or_default(), reason))
        };
        match self.of_arn(&redrive.target) {
            None => refuse("Dead letter target does not exist."),
            Some(target) if target.lock().settings.is_fifo() != settings.is_fifo() => {
                refuse("Dead-letter queue must be same type of queue as the source.")
            }
            Some(_) => Ok(()),
        }
    }

    /// `DeleteQueue`.
    pub(super) fn delete_queue(&self, region: &str, input: &Value) -> Result<Value, Fault> {
        let queue = self.of_url(region, input)?;
        self.regions.get(region).write().remove(&queue.name);
        let mut state = queue.lock();
        state.deleted = true;
        state.messages.clear();
        drop(state);
        queue.bell.notify_waiters();
        self.account.changed();
        Ok(Value::Null)
    }

    /// `ListQueues`.
    pub(super) fn list_queues(&self, region: &str, input: &Value) -> Result<Value, Fault> {
        let prefix = text(input, "QueueNamePrefix")?.unwrap_or_default();
        let queues = self.regions.get(region);
        let names = queues.read().keys().filter(|name| name.starts_with(prefix)).cloned().collect();
        self.page(names, input, "QueueUrls")
    }

    /// `ListDeadLetterSourceQueues`.
    pub(super) fn list_sources(&self, region: &str, input: &Value) -> Result<Value, Fault> {
        let target = self.of_url(region, input)?;
        let all: Vec<Arc<Queue>> = self.regions.get(region).read().values().cloned().collect();
        let is_source =
            |queue: &Arc<Queue>| queue.lock().settings.redrive().is_some_and(|redrive| redrive.target == target.arn);
        let names = all.into_iter().filter(is_source).map(|queue| queue.name.clone()).collect();
        let mut page = self.page(names, input, "queueUrls")?;
        if let Some(page) = page.as_object_mut() {
            page.entry("queueUrls").or_insert_with(|| json!([]));
        }
        Ok(page)
    }

    /// One page of the URLs of `names`, which are in order.
    fn page(&self, names: Vec<String>, input: &Value, member: &str) -> Result<Value, Fault> {
        let most = integer(input, "MaxResults", 1..=1000)?;
        let after = match text(input, "NextToken")? {
            None => None,
            Some(token) => {
                let decoded = BASE64.decode(token).ok().and_then(|name| String::from_utf8(name).ok());
                Some(decoded.ok_or_else(|| invalid_value("NextToken", token, "Invalid pagination token."))?)
            }
        };
        let size = most.and_then(|most| usize::try_from(most).ok()).unwrap_or(PAGE);
        let mut names = names.into_iter().filter(|name| after.as_ref().is_none_or(|after| name > after)).peekable();
        let page: Vec<String> = names.by_ref().take(size).collect();
        let mut output = Map::new();
        // AWS tells where to go on only to those who ask for pages.
        if let (Some(_), Some(_), Some(last)) = (most, names.peek(), page.last()) {
            output.insert("NextToken".into(), json!(BASE64.encode(last)));
        }
        if !page.is_empty() {
            let urls: Vec<String> = page.iter().map(|name| self.url(name)).collect();
            output.insert(member.to_owned(), json!(urls));
        }
        Ok(Value::Object(output))
    }

    /// `GetQueueUrl`.
    pub(super) fn get_queue_url(&self, region: &str, input: &Value) -> Result<Value, Fault> {
        let name = required(input, "QueueName")?;
        let owner = text(input, "QueueOwnerAWSAccountId")?.unwrap_or(ACCOUNT_ID);
        if owner != ACCOUNT_ID || !self.regions.get(region).read().contains_key(name) {
            return Err(no_queue());
        }
        Ok(json!({ "QueueUrl": self.url(name) }))
    }

    /// `GetQueueAttributes`.
    pub(super) fn get_queue_attributes(&self, region: &str, input: &Value) -> Result<Value, Fault> {
        let queue = self.of_url(region, input)?;
        let names = texts(input, "AttributeNames")?;
        if let Some(unknown) = names.iter().find(|name| **name != "All" && !settings::is_known(name)) {
            return Err(fault("InvalidAttributeName", format!("Unknown Attribute {unknown}.")));
        }
        let mut state = queue.lock();
        state.settle(self.account.clock.millis());
        let (visible, in_flight, delayed) = state.messages.counts();
        let own = [
            queue.arn.clone(),
            visible.to_string(),
            in_flight.to_string(),
            delayed.to_string(),
            state.created.to_string(),
            state.modified.to_string(),
        ];
        let names_of_own = [
            "QueueArn",
            "ApproximateNumberOfMessages",
            "ApproximateNumberOfMessagesNotVisible",
            "ApproximateNumberOfMessagesDelayed",
            "CreatedTimestamp",
            "LastModifiedTimestamp",
        ];
        let own = names_of_own.into_iter().zip(own.iter().map(String::as_str));
        let is_wanted = |name: &str| names.contains(&"All") || names.contains(&name);
        let shown: Map<String, Value> = own
            .chain(state.settings.iter())
            .filter(|(name, _)| is_wanted(name))
            .map(|(name, value)| (name.to_owned(), json!(value)))
            .collect();
        Ok(if shown.is_empty() { json!({}) } else { json!({ "Attributes": shown }) })
    }

    /// `SetQueueAttributes`.
    pub(super) fn set_queue_attributes(&self, region: &str, input: &Value) -> Result<Value, Fault> {
        let queue = self.of_url(region, input)?;
        let given = pairs(input, "Attributes")?;
        if given.is_empty() {
            return Err(super::fault::missing("Attribute.Name"));
        }
        let mut wanted = queue.lock().settings.clone();
        for (name, value) in given {
            if name == "FifoQueue" {
                return Err(invalid("The queue type cannot be changed: FifoQueue is set when the queue is created."));
            }
            wanted.set(name, value)?;
        }
        self.check_redrive(&wanted)?;
        let mut state = queue.lock();
        state.settings = wanted;
        state.modified = self.account.clock.millis() / 1000;
        drop(state);
        self.account.changed();
        Ok(Value::Null)
    }

    /// `PurgeQueue`.
    pub(super) fn purge_queue(&self, region: &str, input: &Value) -> Result<Value, Fault> {
        let queue = self.of_url(region, input)?;
        let now = self.account.clock.millis();
        let mut state = queue.lock();
        if state.purged.is_some_and(|purged| now - purged < 60_000) {
            let name = &queue.name;
            let message = format!("Only one PurgeQueue operation on {name} is allowed every 60 seconds.");
            return Err(prefixed("PurgeQueueInProgress", message));
        }
        state.purged = Some(now);
        state.messages.clear();
        drop(state);
        self.account.changed();
        Ok(Value::Null)
    }

    /// `TagQueue`.
    pub(super) fn tag_queue(&self, region: &str, input: &Value) -> Result<Value, Fault> {
        let queue = self.of_url(region, input)?;
        let mut state = queue.lock();
        let mut tags = state.tags.clone();
        add_tags(&mut tags, &pairs(input, "Tags")?)?;
        state.tags = tags;
        self.account.changed();
        Ok(Value::Null)
    }

    /// `UntagQueue`.
    pub(super) fn untag_queue(&self, region: &str, input: &Value) -> Result<Value, Fault> {
        let queue = self.of_url(region, input)?;
        for key in texts(input, "TagKeys")? {
            queue.lock().tags.remove(key);
        }
        self.account.changed();
        Ok(Value::Null)
    }

    /// `ListQueueTags`.
    pub(super) fn list_queue_tags(&self, region: &str, input: &Value) -> Result<Value, Fault> {
        let queue = self.of_url(region, input)?;
        let state = queue.lock();
        Ok(if state.tags.is_empty() { json!({}) } else { json!({ "Tags": state.tags }) })
    }

    /// The queue of a `QueueUrl`. Host and port may be of an earlier run: the name is what counts.
    pub(super) fn of_url(&self, region: &str, input: &Value) -> Result<Arc<Queue>, Fault> {
        let url = required(input, "QueueUrl")?;
        let name = match url.rsplit_once('/') {
            Some((before, name)) if before.ends_with(ACCOUNT_ID) => name,
            Some(_) => return Err(no_queue()),
            // AWS takes the bare name too.
            None => url,
        };
        find(&self.regions.get(region), name).ok_or_else(no_queue)
    }

    /// The queue with this ARN.
    pub(super) fn of_arn(&self, arn: &str) -> Option<Arc<Queue>> {
        let (region, name) = super::queue::of_arn(arn)?;
        find(&self.regions.get(region), name)
    }

    fn url(&self, name: &str) -> String {
        format!("{}/{ACCOUNT_ID}/{name}", self.account.endpoint())
    }
}

fn find(queues: &Queues, name: &str) -> Option<Arc<Queue>> {
    queues.read().get(name).cloned()
}

fn add_tags(tags: &mut BTreeMap<String, String>, given: &[(&str, &str)]) -> Result<(), Fault> {
    for (key, value) in given {
        if key.is_empty() || key.chars().count() > 128 || value.chars().count() > 256 {
            return Err(invalid(format!(
                "Tag keys have 1 to 128 characters and tag values at most 256: '{key}' does not."
            )));
        }
        tags.insert((*key).to_owned(), (*value).to_owned());
    }
    if tags.len() > MOST_TAGS {
        return Err(invalid(format!("Too many tags added for queue: at most {MOST_TAGS} are allowed.")));
    }
    Ok(())
}
