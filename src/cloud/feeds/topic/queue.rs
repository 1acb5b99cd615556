//! The queue of a monitor: made, kept by its lease, removed.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_sqs::types::{DeleteMessageBatchRequestEntry, Message, MessageSystemAttributeName, QueueAttributeName};
use serde_json::json;
use uuid::Uuid;

use super::super::super::fault::Fault;
use super::super::super::janitor::{LEASE, Lease};
use super::super::super::scope::QUEUE_PREFIX;
use super::super::super::target::Connection;

/// As long as SQS lets a reader wait.
const LONG_POLL: i32 = 20;
/// Nobody waits longer for a call that removes something.
const PATIENCE: Duration = Duration::from_secs(4);

/// A queue that gets what a topic is given.
pub(super) struct Queue {
    sqs: aws_sdk_sqs::Client,
    sns: aws_sdk_sns::Client,
    url: String,
    subscription: String,
    care: Duration,
}

impl Queue {
    /// Makes a queue and subscribes it to the topic; what is half made when that fails is removed.
    pub(super) async fn make(connection: &Connection, topic: &str) -> Result<Self, Fault> {
        let (sqs, sns) = (aws_sdk_sqs::Client::new(connection.config()), aws_sdk_sns::Client::new(connection.config()));
        let name = format!("{QUEUE_PREFIX}{}", Uuid::new_v4().simple());
        let made = sqs
            .create_queue()
            .queue_name(&name)
            .set_tags(Some(Lease::of_this_process(topic).tags()))
            // What nobody fetched is of no use to anybody later.
            .attributes(QueueAttributeName::MessageRetentionPeriod, "300")
            .send()
            .await
            .map_err(|error| Fault::of("sqs:CreateQueue", &error))?;
        let url = made.queue_url().unwrap_or_default().to_owned();
        // The sandbox tells of deploys; elsewhere a subscription may vanish without a word.
        let care = if connection.is_sandbox() { Duration::from_secs(15) } else { LEASE / 20 };
        let mut queue = Self { sqs, sns, url, subscription: String::new(), care };
        match queue.subscribe(topic).await {
            Ok(subscription) => {
                queue.subscription = subscription;
                Ok(queue)
            }
            Err(fault) => {
                queue.remove().await;
                Err(fault)
            }
        }
    }

    async fn subscribe(&self, topic: &str) -> Result<String, Fault> {
        let asked = self.sqs.get_queue_attributes().queue_url(&self.url).attribute_names(QueueAttributeName::QueueArn);
        let answer = asked.send().await.map_err(|error| Fault::of("sqs:GetQueueAttributes", &error))?;
        let arn =
            answer.attributes().and_then(|all| all.get(&QueueAttributeName::QueueArn)).cloned().unwrap_or_default();
        let policy = json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
        }]});
        let attributes = HashMap::from([(QueueAttributeName::Policy, policy.to_string())]);
        let set = self.sqs.set_queue_attributes().queue_url(&self.url).set_attributes(Some(attributes));
        set.send().await.map_err(|error| Fault::of("sqs:SetQueueAttributes", &error))?;
        let subscribe =
            self.sns.subscribe().topic_arn(topic).protocol("sqs").endpoint(&arn).return_subscription_arn(true);
        let answer = subscribe.send().await.map_err(|error| Fault::of("sns:Subscribe", &error))?;
        Ok(answer.subscription_arn().unwrap_or_default().to_owned())
    }

    /// Its name.
    pub(super) fn name(&self) -> &str {
        self.url.rsplit('/').next().unwrap_or_default()
    }

    /// How often it wants to be renewed.
    pub(super) fn care(&self) -> Duration {
        self.care
    }

    /// Lengthens the lease, and looks whether the subscription is still there: [`Fault::Gone`] if it or the queue is not.
    pub(super) async fn renew(&self) -> Result<(), Fault> {
        let tags = Lease::renewed();
        let renewed = self.sqs.tag_queue().queue_url(&self.url).set_tags(Some(tags)).send().await;
        renewed.map_err(|error| Fault::of("sqs:TagQueue", &error))?;
        let asked = self.sns.get_subscription_attributes().subscription_arn(&self.subscription).send().await;
        asked.map(|_| ()).map_err(|error| Fault::of("sns:GetSubscriptionAttributes", &error))
    }

    /// Messages that are there; if there are none, `waits` for some, but not for ever.
    pub(super) async fn receive(&self, waits: bool) -> Result<Vec<Message>, Fault> {
        let received = self
            .sqs
            .receive_message()
            .queue_url(&self.url)
            .max_number_of_messages(10)
            .wait_time_seconds(if waits { LONG_POLL } else { 0 })
            .message_system_attribute_names(MessageSystemAttributeName::SentTimestamp)
            .send()
            .await;
        Ok(received.map_err(|error| Fault::of("sqs:ReceiveMessage", &error))?.messages.unwrap_or_default())
    }

    /// Deletes messages that were told. One that stays comes again, with the same id.
    pub(super) async fn delete(&self, messages: &[Message]) {
        if messages.is_empty() {
            return;
        }
        let entry = |(index, message): (usize, &Message)| {
            let handle = message.receipt_handle()?;
            DeleteMessageBatchRequestEntry::builder().id(index.to_string()).receipt_handle(handle).build().ok()
        };
        let entries = messages.iter().enumerate().filter_map(entry).collect();
        let _ = self.sqs.delete_message_batch().queue_url(&self.url).set_entries(Some(entries)).send().await;
    }

    /// Removes the subscription and the queue. What cannot be removed now is found by `rydes clean`.
    pub(super) async fn remove(self) {
        if !self.subscription.is_empty() {
            let removed = self.sns.unsubscribe().subscription_arn(&self.subscription).send();
            let _ = tokio::time::timeout(PATIENCE, removed).await;
        }
        let removed = self.sqs.delete_queue().queue_url(&self.url).send();
        let _ = tokio::time::timeout(PATIENCE, removed).await;
    }
}
