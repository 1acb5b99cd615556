//! Subscriptions are made, listed, described, changed and removed.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};
use uuid::Uuid;

use super::Sns;
use super::fault::{invalid, no_subscription};
use super::input::{pairs, required, subscription_id, text};
use super::paging::page;
use super::topic::{Endpoint, Subscription, Topic};
use crate::sandbox::{ACCOUNT_ID, Caller, Fault};

/// What AWS delivers to and the sandbox does not.
const ELSEWHERE: [&str; 7] = ["http", "https", "email", "email-json", "sms", "application", "firehose"];

impl Sns {
    /// `Subscribe`: a queue or function that is subscribed already keeps its subscription.
    pub(super) fn subscribe(&self, region: &str, input: &Value, caller: &Caller) -> Result<Value, Fault> {
        let topic = self.topic(region, required(input, "TopicArn")?)?;
        let endpoint = endpoint(required(input, "Protocol")?, text(input, "Endpoint")?)?;
        if let Endpoint::Queue(arn) = &endpoint
            && (arn.ends_with(".fifo") || self.deliveries.sqs.is_fifo(arn))
        {
            return Err(invalid(
                "Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics",
            ));
        }
        let id = Uuid::new_v4().to_string();
        let mut new = Subscription {
            arn: format!("{}:{id}", topic.arn),
            id,
            topic_arn: topic.arn.clone(),
            endpoint,
            attributes: BTreeMap::new(),
            principal: caller.arn(),
            raw: false,
            filter: None,
            dead_letters: None,
            warned: Arc::default(),
        };
        // The scope first: the policy is read by it.
        let mut given = pairs(input, "Attributes")?;
        given.sort_by_key(|(name, _)| *name != "FilterPolicyScope");
        for (name, value) in given {
            new.set(name, value).map_err(invalid)?;
        }
        let outcome = topic.change(|all| {
            if let Some(old) = all.iter().find(|old| old.endpoint == new.endpoint) {
                let differs = |(name, value): (&String, &String)| old.attributes.get(name) != Some(value);
                if new.attributes.iter().any(differs) {
                    return Err(invalid("Attributes Reason: Subscription already exists with different attributes"));
                }
                return Ok(old.arn.clone());
            }
            let arn = new.arn.clone();
            all.push(Arc::new(new));
            Ok(arn)
        });
        self.account().changed();
        Ok(json!({ "SubscriptionArn": outcome? }))
    }

    /// `Unsubscribe`: no error if there is none.
    pub(super) fn unsubscribe(&self, region: &str, input: &Value) -> Result<Value, Fault> {
        let (name, id) = subscription_id(required(input, "SubscriptionArn")?, region)?;
        let topic = self.regions.get(region).read().get(name).cloned();
        if let Some(topic) = topic {
            let removed = topic.change(|all| {
                let before = all.len();
                all.retain(|subscription| subscription.id != id);
                before - all.len()
            });
            topic.lock().removed += u64::try_from(removed).unwrap_or_default();
            self.account().changed();
        }
        Ok(Value::Null)
    }

    /// `ListSubscriptions`.
    pub(super) fn list_subscriptions(&self, region: &str, input: &Value) -> Result<Value, Fault> {
        let topics: Vec<Arc<Topic>> = self.regions.get(region).read().values().cloned().collect();
        let all = topics.iter().flat_map(|topic| listed(topic)).collect();
        page(all, text(input, "NextToken")?, "Subscriptions")
    }

    /// `ListSubscriptionsByTopic`.
    pub(super) fn list_subscriptions_by_topic(&self, region: &str, input: &Value) -> Result<Value, Fault> {
        let topic = self.topic(region, required(input, "TopicArn")?)?;
        page(listed(&topic).into_iter().collect(), text(input, "NextToken")?, "Subscriptions")
    }

    /// `GetSubscriptionAttributes`.
    pub(super) fn get_subscription_attributes(&self, region: &str, input: &Value) -> Result<Value, Fault> {
        let (_, subscription) = self.subscription(region, input)?;
        let mut shown = subscription.attributes.clone();
        if shown.contains_key("FilterPolicy") {
            shown.entry("FilterPolicyScope".into()).or_insert_with(|| "MessageAttributes".into());
        }
        shown.entry("RawMessageDelivery".into()).or_insert_with(|| "false".into());
        for (name, value) in [
            ("SubscriptionArn", subscription.arn.as_str()),
            ("TopicArn", &subscription.topic_arn),
            ("Protocol", subscription.endpoint.protocol()),
            ("Endpoint", subscription.endpoint.arn()),
            ("Owner", ACCOUNT_ID),
            ("ConfirmationWasAuthenticated", "true"),
            ("PendingConfirmation", "false"),
            ("SubscriptionPrincipal", &subscription.principal),
        ] {
            shown.insert(name.to_owned(), value.to_owned());
        }
        Ok(json!({ "Attributes": shown }))
    }

    /// `SetSubscriptionAttributes`.
    pub(super) fn set_subscription_attributes(&self, region: &str, input: &Value) -> Result<Value, Fault> {
        let name = required(input, "AttributeName")?;
        let value = text(input, "AttributeValue")?.unwrap_or_default();
        let (topic, found) = self.subscription(region, input)?;
        topic.change(|all| {
            let place = all.iter_mut().find(|subscription| subscription.id == found.id);
            let place = place.ok_or_else(no_subscription)?;
            let mut changed = Subscription::clone(place);
            changed.set(name, value).map_err(invalid)?;
            *place = Arc::new(changed);
            Ok::<(), Fault>(())
        })?;
        self.account().changed();
        Ok(Value::Null)
    }

    fn subscription(&self, region: &str, input: &Value) -> Result<(Arc<Topic>, Arc<Subscription>), Fault> {
        let (name, id) = subscription_id(required(input, "SubscriptionArn")?, region)?;
        let topic = self.regions.get(region).read().get(name).cloned().ok_or_else(no_subscription)?;
        let subscription = topic.subscription(id).ok_or_else(no_subscription)?;
        Ok((topic, subscription))
    }
}

fn listed(topic: &Topic) -> Vec<(String, Value)> {
    let one = |subscription: &Arc<Subscription>| {
        let shown = json!({
            "SubscriptionArn": subscription.arn,
            "Owner": ACCOUNT_ID,
            "Protocol": subscription.endpoint.protocol(),
            "Endpoint": subscription.endpoint.arn(),
            "TopicArn": subscription.topic_arn,
        });
        (subscription.arn.clone(), shown)
    };
    topic.subscriptions().iter().map(one).collect()
}

fn endpoint(protocol: &str, endpoint: Option<&str>) -> Result<Endpoint, Fault> {
    let arn = endpoint.unwrap_or_default();
    let is_arn = |service: &str, pieces: &[usize]| {
        let parts: Vec<&str> = arn.split(':').collect();
        pieces.contains(&parts.len())
            && parts[..3] == ["arn", "aws", service]
            && parts[3..].iter().all(|part| !part.is_empty())
    };
    match protocol {
        "sqs" if is_arn("sqs", &[6]) => Ok(Endpoint::Queue(arn.to_owned())),
        "sqs" => Err(invalid("SQS endpoint ARN")),
        "lambda" if is_arn("lambda", &[7, 8]) && arn.contains(":function:") => Ok(Endpoint::Function(arn.to_owned())),
        "lambda" => Err(invalid("Lambda endpoint ARN")),
        known if ELSEWHERE.contains(&known) => Err(invalid(format!(
            "Protocol Reason: the rydes sandbox delivers to sqs and lambda, and not to {known}, which would leave this machine"
        ))),
        unknown => Err(invalid(format!("Amazon SNS does not support this protocol string: {unknown}"))),
    }
}
