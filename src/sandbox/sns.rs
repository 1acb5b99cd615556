//! SNS: topics, subscriptions of queues and functions with filters and dead letters, and publishing.
//!
//! Spoken to in the query protocol. Not done: FIFO topics, SMS, mobile push, e-mail and HTTP subscriptions, signatures, and the topic's
//! own policy, which is kept and shown; what a function's role allows is checked before a call arrives here.

mod attribute;
mod delivery;
mod fault;
mod filter;
mod input;
mod message;
mod paging;
mod policy;
mod publish;
mod snapshot;
mod subscriptions;
#[cfg(test)]
mod tests;
mod topic;
mod topics;

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use serde_json::Value;

use super::{Access, Account, Call, Fault, Handling, Invoke, Protocol, Regional, Service, Sqs};
use delivery::Deliveries;
use topic::Topic;

/// The topics of all regions.
pub struct Sns {
    regions: Regional<Topics>,
    deliveries: Arc<Deliveries>,
}

/// The topics of one region, by name.
#[derive(Debug, Default)]
struct Topics(RwLock<BTreeMap<String, Arc<Topic>>>);

impl Topics {
    fn read(&self) -> RwLockReadGuard<'_, BTreeMap<String, Arc<Topic>>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, BTreeMap<String, Arc<Topic>>> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sns {
    /// Without any topic; delivers to the queues of `sqs` and the functions of `invoke`.
    pub fn new(account: Arc<Account>, sqs: Arc<Sqs>, invoke: Arc<dyn Invoke>) -> Self {
        Self { regions: Regional::default(), deliveries: Arc::new(Deliveries::new(account, sqs, invoke)) }
    }

    fn account(&self) -> &Account {
        &self.deliveries.account
    }

    fn answer(&self, call: Call) -> Result<Value, Fault> {
        let (region, input) = (call.region.as_str(), call.input);
        match call.operation.as_str() {
            "AddPermission" => self.add_permission(region, &input),
            "CreateTopic" => self.create_topic(region, &input),
            "DeleteTopic" => self.delete_topic(region, &input),
            "GetSubscriptionAttributes" => self.get_subscription_attributes(region, &input),
            "GetTopicAttributes" => self.get_topic_attributes(region, &input),
            "ListSubscriptions" => self.list_subscriptions(region, &input),
            "ListSubscriptionsByTopic" => self.list_subscriptions_by_topic(region, &input),
            "ListTagsForResource" => self.list_tags(region, &input),
            "ListTopics" => self.list_topics(region, &input),
            "Publish" => self.publish(region, input),
            "PublishBatch" => self.publish_batch(region, input),
            "RemovePermission" => self.remove_permission(region, &input),
            "SetSubscriptionAttributes" => self.set_subscription_attributes(region, &input),
            "SetTopicAttributes" => self.set_topic_attributes(region, &input),
            "Subscribe" => self.subscribe(region, &input, &call.caller),
            "TagResource" => self.tag_resource(region, &input),
            "Unsubscribe" => self.unsubscribe(region, &input),
            "UntagResource" => self.untag_resource(region, &input),
            unknown => Err(Fault::unknown_operation("sns", unknown)),
        }
    }
}

impl Service for Sns {
    fn name(&self) -> &'static str {
        "sns"
    }

    fn protocols(&self) -> &'static [Protocol] {
        &[Protocol::Query { namespace: "http://sns.amazonaws.com/doc/2010-03-31/", maps: &["Attributes"] }]
    }

    /// On the topic or subscription that the call names, else on everything. A batch needs the permission of the single operation.
    fn access(&self, call: &Call) -> Vec<Access> {
        let operation = if call.operation == "PublishBatch" { "Publish" } else { &call.operation };
        let member = |name: &str| call.input.get(name).and_then(Value::as_str).map(str::to_owned);
        let named = ["TopicArn", "TargetArn", "ResourceArn", "SubscriptionArn"].into_iter().find_map(member);
        let created =
            || member("Name").filter(|_| operation == "CreateTopic").map(|name| topic::arn(&call.region, &name));
        let texted = || member("PhoneNumber").filter(|_| operation == "Publish");
        let resource = named.or_else(created).or_else(texted).unwrap_or_else(|| "*".to_owned());
        vec![Access { action: format!("sns:{operation}"), resource }]
    }

    fn call<'a>(&'a self, call: Call) -> Handling<'a> {
        Box::pin(async move { self.answer(call).map(Into::into) })
    }

    fn denial(&self) -> &'static str {
        "AuthorizationError"
    }

    fn snapshot(&self) -> Option<Vec<u8>> {
        self.save()
    }

    fn restore(&self, snapshot: &[u8]) -> Result<(), String> {
        self.load(snapshot)
    }
}
