//! `sns` events: subscriptions, permissions, and topics that an event makes; and events that the sandbox does not run.

use serde_json::{Value, json};

use super::build::{Build, at, items, set, truthy};
use super::compiled::Remark;
use super::http::permission;
use super::names;
use super::options::Problem;
use crate::serverless::yaml::Location;

/// Events that this module and its neighbours compile.
const COMPILED: &[&str] = &["http", "httpApi", "sns"];

impl Build<'_> {
    /// All subscriptions.
    pub(super) fn topics(&mut self) {
        for (function, event, location) in self.events("sns") {
            match Topic::of(&event) {
                Ok(topic) => self.topic(&function, &event, &topic, &location),
                Err(message) => {
                    let problem = Problem::at(Some(location), format!("the `sns` event of `{function}` {message}"));
                    self.problems.push(problem.help(
                        "Write the topic's ARN, its name, or `arn` and `topicName` below `sns`: the name is needed where the ARN is an intrinsic function.",
                    ));
                }
            }
        }
    }

    fn topic(&mut self, function: &str, event: &Value, topic: &Topic, location: &Location) {
        let endpoint = Self::target(function);
        let letters = names::letters(&topic.name);
        let arn = topic.arn.clone().unwrap_or_else(|| {
            let parts = json!(["arn:", {"Ref": "AWS::Partition"}, ":sns:", {"Ref": "AWS::Region"}, ":", {"Ref": "AWS::AccountId"}, ":", topic.name]);
            json!({"Fn::Join": ["", parts]})
        });
        let redrive = self.redrive(function, event, &letters, topic.arn.as_ref(), location);
        let subscription_id = format!("{}SnsSubscription{letters}", names::function(function));
        let mut settings = json!({});
        set(&mut settings, "FilterPolicy", truthy(event, &["filterPolicy"]).cloned());
        set(&mut settings, "FilterPolicyScope", truthy(event, &["filterPolicyScope"]).cloned());
        set(&mut settings, "RawMessageDelivery", at(event, &["rawMessageDelivery"]).cloned());
        set(&mut settings, "RedrivePolicy", redrive.clone());
        let has_settings = truthy(event, &["filterPolicy"]).is_some() || redrive.is_some();
        if topic.arn.is_some() {
            let mut properties = json!({"TopicArn": arn, "Protocol": "lambda", "Endpoint": endpoint});
            extend(&mut properties, &settings);
            // A topic of another region is subscribed to there.
            set(&mut properties, "Region", self.foreign_region(event, &arn));
            let subscription = json!({"Type": "AWS::SNS::Subscription", "Properties": properties});
            self.add(subscription_id, subscription, Some(location));
        } else {
            let id = format!("SNSTopic{letters}");
            if !self.resources.contains_key(&id) {
                let mut properties = json!({"TopicName": topic.name});
                set(&mut properties, "DisplayName", truthy(event, &["displayName"]).cloned());
                self.add(id.clone(), json!({"Type": "AWS::SNS::Topic", "Properties": properties}), Some(location));
            }
            if has_settings {
                let mut properties = json!({"Endpoint": endpoint, "Protocol": "lambda", "TopicArn": {"Ref": id}});
                extend(&mut properties, &settings);
                let subscription = json!({"Type": "AWS::SNS::Subscription", "Properties": properties});
                self.add(subscription_id, subscription, Some(location));
            } else if let Some(properties) = self.resources.get_mut(&id).map(|topic| &mut topic["Properties"]) {
                let mut subscriptions = items(properties.get("Subscription")).to_vec();
                subscriptions.push(json!({"Endpoint": endpoint, "Protocol": "lambda"}));
                set(properties, "Subscription", Some(Value::Array(subscriptions)));
            }
        }
        let id = format!("{}LambdaPermission{letters}SNS", names::function(function));
        self.add(id, permission(function, "sns.amazonaws.com", &arn), Some(location));
    }

    /// The region of a topic whose ARN is written out below `arn`, where it is not that of the option `--region`.
    fn foreign_region(&self, event: &Value, arn: &Value) -> Option<Value> {
        let text = arn.as_str().filter(|_| event.is_object())?;
        let region = text.split(':').nth(3).filter(|region| !region.is_empty() && !region.contains("${"))?;
        (region != self.region).then(|| json!(region))
    }

    /// Where messages go that cannot be handed over, and the policy that lets them in.
    fn redrive(
        &mut self,
        function: &str,
        event: &Value,
        letters: &str,
        arn: Option<&Value>,
        location: &Location,
    ) -> Option<Value> {
        let policy = truthy(event, &["redrivePolicy"])?;
        let (target, url) = if let Some(arn) = truthy(policy, &["deadLetterTargetArn"]).and_then(Value::as_str) {
            let mut parts = arn.rsplit(':');
            let (queue, account, region) =
                (parts.next()?, parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
            let url =
                json!([format!("https://sqs.{region}."), {"Ref": "AWS::URLSuffix"}, format!("/{account}/{queue}")]);
            (json!(arn), json!({"Fn::Join": ["", url]}))
        } else if let Some(id) = truthy(policy, &["deadLetterTargetRef"]) {
            (json!({"Fn::GetAtt": [id, "Arn"]}), json!({"Ref": id}))
        } else {
            let import = truthy(policy, &["deadLetterTargetImport"])?;
            (json!({"Fn::ImportValue": import.get("arn")?}), json!({"Fn::ImportValue": import.get("url")?}))
        };
        let id = format!("{letters}To{}DLQPolicy", names::function(function));
        let mut condition = json!({});
        set(&mut condition, "aws:SourceArn", arn.cloned());
        let statement = json!({
            "Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": target,
            "Condition": {"ArnEquals": condition},
        });
        let document = json!({"Version": "2012-10-17", "Id": id, "Statement": [statement]});
        let properties = json!({"PolicyDocument": document, "Queues": [url]});
        self.add(id, json!({"Type": "AWS::SQS::QueuePolicy", "Properties": properties}), Some(location));
        Some(json!({"deadLetterTargetArn": target}))
    }

    /// Names the events that are not run.
    pub(super) fn other_events(&mut self) {
        for (name, function, location) in self.declared.clone() {
            let nodes = self.event_nodes(&name);
            for (index, event) in items(at(&function, &["events"])).iter().enumerate() {
                let kind = event
                    .as_object()
                    .and_then(|event| event.keys().next())
                    .map(String::as_str)
                    .or_else(|| event.as_str());
                let Some(kind) = kind.filter(|kind| !COMPILED.contains(kind)) else { continue };
                let message = format!("the event `{kind}` of `{name}` is not run in the sandbox");
                let place = nodes.get(index).map_or_else(|| location.clone(), |node| node.location.clone());
                self.skipped.push(Remark { message, location: Some(place) });
            }
        }
    }
}

/// Which topic an event means.
struct Topic {
    /// Of a topic that exists elsewhere or as a resource.
    arn: Option<Value>,
    name: String,
}

impl Topic {
    fn of(event: &Value) -> Result<Self, &'static str> {
        let last = |arn: &str| arn.rsplit(':').next().unwrap_or_default().to_owned();
        if let Some(text) = event.as_str() {
            let is_arn = text.starts_with("arn:");
            return Ok(Self {
                arn: is_arn.then(|| json!(text)),
                name: if is_arn { last(text) } else { text.to_owned() },
            });
        }
        if !event.is_object() {
            return Err("is neither text nor a mapping");
        }
        let named = truthy(event, &["topicName"]).and_then(Value::as_str).map(ToOwned::to_owned);
        let arn = truthy(event, &["arn"]).cloned();
        let name = named.or_else(|| arn.as_ref().and_then(Value::as_str).map(last));
        match (arn, name) {
            (arn, Some(name)) => Ok(Self { arn, name }),
            (Some(_), None) => Err("names its topic by an intrinsic function and has no `topicName`"),
            (None, None) => Err("names no topic"),
        }
    }
}

fn extend(properties: &mut Value, more: &Value) {
    for (key, value) in super::build::entries(Some(more)) {
        set(properties, key, Some(value.clone()));
    }
}
