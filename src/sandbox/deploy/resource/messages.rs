//! Topics, subscriptions and queues.

use serde_json::{Map, Value, json};

use super::{Context, Made, Wanted, tags, text, words};
use crate::sandbox::deploy::stack::Resource;

pub(super) async fn create(context: &Context<'_>, wanted: Wanted<'_>) -> Result<Made, String> {
    match wanted.kind {
        "AWS::SNS::Topic" => topic(context, wanted).await,
        "AWS::SNS::Subscription" => subscription(context, wanted.properties).await,
        "AWS::SQS::Queue" => queue(context, wanted).await,
        kind => {
            policy(context, kind, wanted.properties).await?;
            Ok(Made::new(wanted.made_up_name()))
        }
    }
}

async fn topic(context: &Context<'_>, wanted: Wanted<'_>) -> Result<Made, String> {
    let (mut name, properties) = (wanted.name("TopicName"), wanted.properties);
    let is_fifo = text(&properties["FifoTopic"]).as_deref() == Some("true");
    if is_fifo && !name.ends_with(".fifo") {
        name.push_str(".fifo");
    }
    let mut attributes = Map::new();
    for key in ["DisplayName", "FifoTopic", "ContentBasedDeduplication", "KmsMasterKeyId"] {
        attributes.extend(text(&properties[key]).map(|value| (key.to_owned(), json!(value))));
    }
    let input = json!({ "Name": name, "Attributes": attributes, "Tags": tags(&properties["Tags"]) });
    let made = context.ask(&*context.parts.sns, "CreateTopic", input).await.map_err(words)?;
    let arn = made["TopicArn"].as_str().unwrap_or_default().to_owned();
    subscribe_inline(context, &arn, properties).await?;
    Ok(Made::new(arn.clone()).with("TopicArn", arn).with("TopicName", name))
}

/// Subscriptions written into the topic.
async fn subscribe_inline(context: &Context<'_>, arn: &str, properties: &Value) -> Result<(), String> {
    for entry in properties["Subscription"].as_array().into_iter().flatten() {
        let input = json!({ "TopicArn": arn, "Protocol": entry["Protocol"], "Endpoint": entry["Endpoint"] });
        context.ask(&*context.parts.sns, "Subscribe", input).await.map_err(words)?;
    }
    Ok(())
}

/// The attributes of a subscription as SNS takes them: text.
fn subscription_attributes(properties: &Value) -> Vec<(&'static str, String)> {
    let keys = ["RawMessageDelivery", "FilterPolicy", "FilterPolicyScope", "RedrivePolicy", "DeliveryPolicy"];
    let value = |value: &Value| match value {
        Value::Null => None,
        Value::Object(_) | Value::Array(_) => Some(value.to_string()),
        other => text(other),
    };
    keys.into_iter().filter_map(|key| Some((key, value(&properties[key])?))).collect()
}

async fn subscription(context: &Context<'_>, properties: &Value) -> Result<Made, String> {
    let attributes: Map<String, Value> =
        subscription_attributes(properties).into_iter().map(|(key, value)| (key.to_owned(), json!(value))).collect();
    let input = json!({
        "TopicArn": properties["TopicArn"], "Protocol": properties["Protocol"], "Endpoint": properties["Endpoint"],
        "Attributes": attributes, "ReturnSubscriptionArn": "true",
    });
    let made = context.ask(&*context.parts.sns, "Subscribe", input).await.map_err(words)?;
    let arn = made["SubscriptionArn"].as_str().unwrap_or_default().to_owned();
    Ok(Made::new(arn.clone()).with("Arn", arn))
}

/// The attributes of a queue as SQS takes them: text.
fn queue_attributes(properties: &Value) -> Map<String, Value> {
    let keys = [
        "DelaySeconds",
        "MaximumMessageSize",
        "MessageRetentionPeriod",
        "ReceiveMessageWaitTimeSeconds",
        "VisibilityTimeout",
        "FifoQueue",
        "ContentBasedDeduplication",
        "RedrivePolicy",
        "RedriveAllowPolicy",
    ];
    let value = |value: &Value| match value {
        Value::Object(_) => Some(value.to_string()),
        other => text(other),
    };
    // SQS knows no `FifoQueue: false`.
    let pairs = keys.into_iter().filter_map(|key| Some((key.to_owned(), json!(value(&properties[key])?))));
    pairs.filter(|(key, value)| key != "FifoQueue" || value == "true").collect()
}

async fn queue(context: &Context<'_>, wanted: Wanted<'_>) -> Result<Made, String> {
    let name = wanted.name("QueueName");
    let input = json!({ "QueueName": name, "Attributes": queue_attributes(wanted.properties) });
    let made = context.ask(&*context.parts.sqs, "CreateQueue", input).await.map_err(words)?;
    let url = made["QueueUrl"].as_str().unwrap_or_default().to_owned();
    let arn = context.arn("sqs", &name);
    Ok(Made::new(url.clone()).with("Arn", arn).with("QueueName", name).with("QueueUrl", url))
}

async fn policy(context: &Context<'_>, kind: &str, properties: &Value) -> Result<(), String> {
    let document = properties["PolicyDocument"].to_string();
    let of_topics = kind == "AWS::SNS::TopicPolicy";
    let subjects = if of_topics { &properties["Topics"] } else { &properties["Queues"] };
    for subject in subjects.as_array().into_iter().flatten() {
        let done = if of_topics {
            let input = json!({ "TopicArn": subject, "AttributeName": "Policy", "AttributeValue": document });
            context.ask(&*context.parts.sns, "SetTopicAttributes", input).await
        } else {
            let input = json!({ "QueueUrl": subject, "Attributes": { "Policy": document } });
            context.ask(&*context.parts.sqs, "SetQueueAttributes", input).await
        };
        done.map_err(words)?;
    }
    Ok(())
}

pub(super) async fn update(context: &Context<'_>, old: &Resource, properties: &Value) -> Result<Made, String> {
    match old.kind.as_str() {
        "AWS::SNS::Topic" => {
            let display = text(&properties["DisplayName"]).unwrap_or_default();
            let input = json!({ "TopicArn": old.physical, "AttributeName": "DisplayName", "AttributeValue": display });
            context.ask(&*context.parts.sns, "SetTopicAttributes", input).await.map_err(words)?;
            subscribe_inline(context, &old.physical, properties).await?;
        }
        "AWS::SNS::Subscription" => {
            let before = subscription_attributes(&old.properties);
            let mut now = subscription_attributes(properties);
            // What is not written any more goes back to its default.
            for (key, _) in &before {
                if !now.iter().any(|(other, _)| other == key) {
                    let default = match *key {
                        "RawMessageDelivery" => "false",
                        "FilterPolicyScope" => "MessageAttributes",
                        _ => "{}",
                    };
                    now.push((key, default.to_owned()));
                }
            }
            for (key, value) in now.into_iter().filter(|pair| !before.contains(pair)) {
                let input = json!({ "SubscriptionArn": old.physical, "AttributeName": key, "AttributeValue": value });
                context.ask(&*context.parts.sns, "SetSubscriptionAttributes", input).await.map_err(words)?;
            }
        }
        "AWS::SQS::Queue" => {
            let mut attributes = queue_attributes(properties);
            attributes.remove("FifoQueue");
            let input = json!({ "QueueUrl": old.physical, "Attributes": attributes });
            context.ask(&*context.parts.sqs, "SetQueueAttributes", input).await.map_err(words)?;
        }
        kind => policy(context, kind, properties).await?,
    }
    Ok(Made { physical: old.physical.clone(), attributes: old.attributes.clone() })
}

pub(super) async fn delete(context: &Context<'_>, old: &Resource) -> Result<(), String> {
    let sns = &*context.parts.sns;
    let done = match old.kind.as_str() {
        "AWS::SNS::Topic" => context.ask(sns, "DeleteTopic", json!({ "TopicArn": old.physical })).await,
        "AWS::SNS::Subscription" => context.ask(sns, "Unsubscribe", json!({ "SubscriptionArn": old.physical })).await,
        "AWS::SQS::Queue" => context.ask(&*context.parts.sqs, "DeleteQueue", json!({ "QueueUrl": old.physical })).await,
        _ => return Ok(()),
    };
    match done {
        // Gone already is as good: a topic takes its subscriptions along.
        Err(fault) if fault.code.contains("NotFound") || fault.code.contains("DoesNotExist") => Ok(()),
        other => other.map(drop).map_err(words),
    }
}
