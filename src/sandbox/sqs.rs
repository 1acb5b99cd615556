//! SQS: queues with visibility timeouts, delays, long polling that wakes when a message arrives, dead letters, tags, and FIFO queues.
//!
//! Spoken to in AWS JSON 1.0. Not done: moving dead letters back (`StartMessageMoveTask`) and permissions by label; a queue's policy is
//! kept, shown, and asked when SNS delivers. A queue keeps at most 256 MiB.

mod attribute;
mod batch;
mod fault;
mod input;
mod manage;
mod messages;
mod policy;
mod queue;
mod receive;
mod send;
mod settings;
mod snapshot;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use serde_json::Value;

use super::{Access, Account, Call, Fault, Handling, Protocol, Regional, Service};
use queue::Queue;

pub use policy::Delivery;

/// The queues of all regions.
#[derive(Debug)]
pub struct Sqs {
    account: Arc<Account>,
    regions: Regional<Queues>,
}

/// The queues of one region, by name.
#[derive(Debug, Default)]
struct Queues(RwLock<BTreeMap<String, Arc<Queue>>>);

impl Queues {
    fn read(&self) -> RwLockReadGuard<'_, BTreeMap<String, Arc<Queue>>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, BTreeMap<String, Arc<Queue>>> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sqs {
    /// Without any queue.
    pub fn new(account: Arc<Account>) -> Self {
        Self { account, regions: Regional::default() }
    }

    /// Puts a message into the queue with this ARN, for another service of the sandbox. `attributes` are as `SendMessage` takes them:
    /// `{"name": {"DataType", "StringValue" or "BinaryValue"}}`, or `Null`.
    ///
    /// # Errors
    /// `QueueDoesNotExist`, `OverLimit` for a full queue, and what SQS refuses of messages.
    pub fn send(&self, queue_arn: &str, body: String, attributes: Value) -> Result<(), Fault> {
        let queue = self.of_arn(queue_arn).ok_or_else(fault::no_queue)?;
        let attributes = if let Value::Object(attributes) = attributes { Some(attributes) } else { None };
        self.put(&queue, policy::draft(body, attributes.as_ref(), None)?).map(drop)
    }

    async fn answer(&self, call: Call) -> Result<Value, Fault> {
        let (region, input) = (call.region.as_str(), call.input);
        match call.operation.as_str() {
            "ChangeMessageVisibility" => self.change_message_visibility(region, &input),
            "ChangeMessageVisibilityBatch" => self.change_message_visibility_batch(region, &input),
            "CreateQueue" => self.create_queue(region, &input),
            "DeleteMessage" => self.delete_message(region, &input),
            "DeleteMessageBatch" => self.delete_message_batch(region, &input),
            "DeleteQueue" => self.delete_queue(region, &input),
            "GetQueueAttributes" => self.get_queue_attributes(region, &input),
            "GetQueueUrl" => self.get_queue_url(region, &input),
            "ListDeadLetterSourceQueues" => self.list_sources(region, &input),
            "ListQueueTags" => self.list_queue_tags(region, &input),
            "ListQueues" => self.list_queues(region, &input),
            "PurgeQueue" => self.purge_queue(region, &input),
            "ReceiveMessage" => self.receive_message(region, &input).await,
            "SendMessage" => self.send_message(region, input, &call.caller),
            "SendMessageBatch" => self.send_message_batch(region, input, &call.caller),
            "SetQueueAttributes" => self.set_queue_attributes(region, &input),
            "TagQueue" => self.tag_queue(region, &input),
            "UntagQueue" => self.untag_queue(region, &input),
            unknown => Err(Fault::unknown_operation("sqs", unknown)),
        }
    }
}

impl Service for Sqs {
    fn name(&self) -> &'static str {
        "sqs"
    }

    fn protocols(&self) -> &'static [Protocol] {
        &[Protocol::Json { version: "1.0", target: "AmazonSQS" }]
    }

    /// Batches need the permission of the single operation, as on AWS.
    fn access(&self, call: &Call) -> Vec<Access> {
        let operation = call.operation.strip_suffix("Batch").unwrap_or(&call.operation);
        let url = call.input.get("QueueUrl").and_then(Value::as_str);
        let name = match url {
            Some(url) => url.rsplit('/').next().unwrap_or(url),
            None => call.input.get("QueueName").and_then(Value::as_str).unwrap_or("*"),
        };
        vec![Access { action: format!("sqs:{operation}"), resource: queue::arn(&call.region, name) }]
    }

    fn call<'a>(&'a self, call: Call) -> Handling<'a> {
        Box::pin(async move { self.answer(call).await.map(Into::into) })
    }

    fn denial(&self) -> &'static str {
        "AccessDenied"
    }

    fn snapshot(&self) -> Option<Vec<u8>> {
        self.save()
    }

    fn restore(&self, snapshot: &[u8]) -> Result<(), String> {
        self.load(snapshot)
    }
}
