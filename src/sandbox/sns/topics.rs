//! Topics are made, listed, described, changed, tagged and removed.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::fault::{invalid, no_resource, no_topic};
use super::input::{list, pairs, required, tags, text, texts, topic_name};
use super::paging::page;
use super::topic::{Topic, TopicState};
use super::{Sns, policy};
use crate::sandbox::{ACCOUNT_ID, Fault};

const MOST_TAGS: usize = 50;

/// What can be set of a topic. Only `Policy`, `SignatureVersion` and `DisplayName` show anywhere; the others are kept as AWS keeps them.
const SETTABLE: [&str; 6] =
    ["DisplayName", "Policy", "DeliveryPolicy", "KmsMasterKeyId", "SignatureVersion", "TracingConfig"];
/// Roles and rates by which AWS logs deliveries, `<protocol><one of these>`.
const FEEDBACK: [&str; 3] = ["SuccessFeedbackRoleArn", "SuccessFeedbackSampleRate", "FailureFeedbackRoleArn"];

impl Sns {
    /// `CreateTopic`.
    pub(super) fn create_topic(&self, region: &str, input: &Value) -> Result<Value, Fault> {
        let name = required(input, "Name")?;
        let given = pairs(input, "Attributes")?;
        if name.ends_with(".fifo") || given.contains(&("FifoTopic", "true")) {
            return Err(invalid(format!(
                "Topic Name Reason: {name} would be a FIFO topic, and the rydes sandbox runs standard topics only"
            )));
        }
        let letters = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if name.is_empty() || name.len() > 256 || !name.bytes().all(letters) {
            return Err(invalid("Topic Name"));
        }
        let mut state = TopicState::default();
        for (attribute, value) in given.iter().filter(|(attribute, _)| *attribute != "FifoTopic") {
            set(&mut state, attribute, value)?;
        }
        add_tags(&mut state.tags, &tags(input, "Tags")?)?;
        let topics = self.regions.get(region);
        let mut topics = topics.write();
        let answer = json!({ "TopicArn": super::topic::arn(region, name) });
        if let Some(topic) = topics.get(name) {
            let old = topic.lock();
            let differs = |(name, value): (&String, &String)| old.attributes.get(name) != Some(value);
            if state.attributes.iter().any(differs) {
                return Err(invalid("Attributes Reason: Topic already exists with different attributes"));
            }
            if !state.tags.is_empty() && old.tags != state.tags {
                return Err(invalid("Tags Reason: Topic already exists with different tags"));
            }
            return Ok(answer);
        }
        topics.insert(name.to_owned(), Arc::new(Topic::new(region, name, state)));
        self.account().changed();
        Ok(answer)
    }

    /// `DeleteTopic`: no error if there is none.
    pub(super) fn delete_topic(&self, region: &str, input: &Value) -> Result<Value, Fault> {
        let name = topic_name(required(input, "TopicArn")?, region, "TopicArn")?;
        if self.regions.get(region).write().remove(name).is_some() {
            self.account().changed();
        }
        Ok(Value::Null)
    }

    /// `ListTopics`.
    pub(super) fn list_topics(&self, region: &str, input: &Value) -> Result<Value, Fault> {
        let topics = self.regions.get(region);
        let topics = topics.read();
        let topics = topics.values().map(|topic| (topic.arn.clone(), json!({ "TopicArn": topic.arn })));
        page(topics.collect(), text(input, "NextToken")?, "Topics")
    }

    /// `GetTopicAttributes`.
    pub(super) fn get_topic_attributes(&self, region: &str, input: &Value) -> Result<Value, Fault> {
        let topic = self.topic(region, required(input, "TopicArn")?)?;
        let subscriptions = topic.subscriptions().len();
        let state = topic.lock();
        let mut shown: BTreeMap<String, String> = state.attributes.clone();
        shown.entry("Policy".into()).or_insert_with(|| policy::default(&topic.arn).to_string());
        shown.entry("DisplayName".into()).or_default();
        shown.insert("TopicArn".into(), topic.arn.clone());
        shown.insert("Owner".into(), ACCOUNT_ID.into());
        shown.insert("SubscriptionsConfirmed".into(), subscriptions.to_string());
        shown.insert("SubscriptionsPending".into(), "0".into());
        shown.insert("SubscriptionsDeleted".into(), state.removed.to_string());
        shown.insert("EffectiveDeliveryPolicy".into(), delivery_policy().to_string());
        Ok(json!({ "Attributes": shown }))
    }

    /// `SetTopicAttributes`.
    pub(super) fn set_topic_attributes(&self, region: &str, input: &Value) -> Result<Value, Fault> {
        let topic = self.topic(region, required(input, "TopicArn")?)?;
        let name = required(input, "AttributeName")?;
        set(&mut topic.lock(), name, text(input, "AttributeValue")?.unwrap_or_default())?;
        self.account().changed();
        Ok(Value::Null)
    }

    /// `AddPermission`.
    pub(super) fn add_permission(&self, region: &str, input: &Value) -> Result<Value, Fault> {
        let topic = self.topic(region, required(input, "TopicArn")?)?;
        let (accounts, actions) = (texts(input, "AWSAccountId")?, texts(input, "ActionName")?);
        let label = required(input, "Label")?;
        let mut state = topic.lock();
        let old = state.attributes.get("Policy").map(String::as_str);
        let new = policy::with_permission(old, &topic.arn, label, &accounts, &actions)?;
        state.attributes.insert("Policy".into(), new);
        self.account().changed();
        Ok(Value::Null)
    }

    /// `RemovePermission`.
    pub(super) fn remove_permission(&self, region: &str, input: &Value) -> Result<Value, Fault> {
        let topic = self.topic(region, required(input, "TopicArn")?)?;
        let label = required(input, "Label")?;
        let mut state = topic.lock();
        let old = state.attributes.get("Policy").map(String::as_str);
        let new = policy::without_permission(old, &topic.arn, label);
        state.attributes.insert("Policy".into(), new);
        self.account().changed();
        Ok(Value::Null)
    }

    /// `TagResource`.
    pub(super) fn tag_resource(&self, region: &str, input: &Value) -> Result<Value, Fault> {
        let topic = self.resource(region, input)?;
        let mut state = topic.lock();
        let mut all = state.tags.clone();
        add_tags(&mut all, &tags(input, "Tags")?)?;
        state.tags = all;
        self.account().changed();
        Ok(Value::Null)
    }

    /// `UntagResource`.
    pub(super) fn untag_resource(&self, region: &str, input: &Value) -> Result<Value, Fault> {
        let topic = self.resource(region, input)?;
        for key in list(input, "TagKeys")?.iter().filter_map(Value::as_str) {
            topic.lock().tags.remove(key);
        }
        self.account().changed();
        Ok(Value::Null)
    }

    /// `ListTagsForResource`.
    pub(super) fn list_tags(&self, region: &str, input: &Value) -> Result<Value, Fault> {
        let topic = self.resource(region, input)?;
        let state = topic.lock();
        let tags: Vec<Value> = state.tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
        Ok(json!({ "Tags": tags }))
    }

    fn resource(&self, region: &str, input: &Value) -> Result<Arc<Topic>, Fault> {
        let name = topic_name(required(input, "ResourceArn")?, region, "ResourceArn")?;
        self.regions.get(region).read().get(name).cloned().ok_or_else(no_resource)
    }

    /// The topic with this ARN.
    pub(super) fn topic(&self, region: &str, arn: &str) -> Result<Arc<Topic>, Fault> {
        let name = topic_name(arn, region, "TopicArn")?;
        self.regions.get(region).read().get(name).cloned().ok_or_else(no_topic)
    }
}

fn set(state: &mut TopicState, name: &str, value: &str) -> Result<(), Fault> {
    let feedback = |protocol: &str| name.strip_prefix(protocol).is_some_and(|rest| FEEDBACK.contains(&rest));
    let is_feedback = ["HTTP", "SQS", "Lambda", "Firehose", "Application"].into_iter().any(feedback);
    if !SETTABLE.contains(&name) && !is_feedback {
        return Err(invalid("AttributeName"));
    }
    let is_document = matches!(name, "Policy" | "DeliveryPolicy") && !value.is_empty();
    if is_document && !serde_json::from_str::<Value>(value).is_ok_and(|document| document.is_object()) {
        return Err(invalid(format!("{name} Error: it must be a JSON object")));
    }
    if name == "SignatureVersion" && !matches!(value, "1" | "2") {
        return Err(invalid(format!("SignatureVersion Reason: Invalid value [{value}]. Must be 1 or 2.")));
    }
    if name == "DisplayName" && value.chars().count() > 100 {
        return Err(invalid("DisplayName"));
    }
    if value.is_empty() {
        state.attributes.remove(name);
    } else {
        state.attributes.insert(name.to_owned(), value.to_owned());
    }
    Ok(())
}

fn add_tags(tags: &mut BTreeMap<String, String>, given: &[(&str, &str)]) -> Result<(), Fault> {
    for (key, value) in given {
        if key.is_empty() || key.chars().count() > 128 || value.chars().count() > 256 {
            return Err(invalid("Tags Reason: keys have 1 to 128 characters and values at most 256"));
        }
        tags.insert((*key).to_owned(), (*value).to_owned());
    }
    if tags.len() > MOST_TAGS {
        let message = "Could not complete request: tag quota of per resource exceeded";
        return Err(Fault::sender("TagLimitExceeded", message));
    }
    Ok(())
}

/// What AWS shows for HTTP subscriptions of a topic without a delivery policy.
fn delivery_policy() -> Value {
    json!({ "http": {
        "defaultHealthyRetryPolicy": {
            "minDelayTarget": 20, "maxDelayTarget": 20, "numRetries": 3, "numMaxDelayRetries": 0,
            "numNoDelayRetries": 0, "numMinDelayRetries": 0, "backoffFunction": "linear",
        },
        "disableSubscriptionOverrides": false,
        "defaultRequestPolicy": { "headerContentType": "text/plain; charset=UTF-8" },
    } })
}
