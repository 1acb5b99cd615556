//! One ride that shows whether what is deployed works: requested, and followed to the table.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::{Instant, sleep, timeout};

use super::ride::{Requests, request_rides};
use super::target::{Connection, TargetError};
use crate::check::{Denial, Failure, Probe};
use crate::sandbox::{Activity, Happening};

/// How long a record may take: both functions may start cold.
const PATIENCE: Duration = Duration::from_secs(20);
/// Between two looks into the table.
const PAUSE: Duration = Duration::from_millis(50);
/// How long the feed may take to tell of an answer that has come.
const FEED: Duration = Duration::from_secs(2);

/// Where a ride is requested, and where its traces are looked for.
#[derive(Clone, Debug, Default)]
pub struct Route {
    /// `…/ride`.
    pub url: String,
    /// Name of the table of records, if it is there.
    pub table: Option<String>,
    /// ARN of the topic, if it is there.
    pub topic: Option<String>,
}

/// Requests a ride and follows it; `feed` tells what happens in a sandbox.
///
/// # Errors
/// AWS could not be asked. That the ride fails is no error.
pub async fn probe(
    connection: &Connection,
    route: &Route,
    feed: Option<UnboundedReceiver<Activity>>,
) -> Result<Probe, TargetError> {
    let mut probe = Probe { watched: feed.is_some(), ..Probe::default() };
    if let Some(topic) = &route.topic {
        probe.subscribers = subscribers(connection, topic).await?;
    }
    let mut watch = Watch { feed, heard: Vec::new() };
    let requests = Requests { url: route.url.clone(), count: 1, rate: None, concurrency: 1 };
    let (sender, mut outcomes) = unbounded_channel();
    let summary = request_rides(&requests, sender).await;
    summary.map_err(|error| TargetError::Request { reason: error.to_string() })?;
    if let Ok(outcome) = outcomes.try_recv() {
        probe.status = outcome.status;
        probe.ride = outcome.ride_id().map(str::to_owned);
        probe.error = outcome.error;
    }
    watch.until_answered().await;
    if let (Some(table), Some(ride)) = (&route.table, probe.ride.clone()) {
        // After the topic came and before anybody listens to it, there is nothing to wait for.
        let expected = route.topic.is_none() || !probe.subscribers.is_empty();
        let began = Instant::now();
        probe.recorded = Some(record_appears(connection, table, &ride, expected, &mut watch).await?);
        probe.waited = began.elapsed().as_secs().max(1);
    }
    watch.take();
    conclude(&mut probe, &watch.heard);
    Ok(probe)
}

/// Names of the functions that are subscribed to a topic.
async fn subscribers(connection: &Connection, topic: &str) -> Result<Vec<String>, TargetError> {
    let client = aws_sdk_sns::Client::new(connection.config());
    let mut pages = client.list_subscriptions_by_topic().topic_arn(topic).into_paginator().send();
    let mut names = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page
            .map_err(|error| TargetError::call("ListSubscriptionsByTopic", "sns:ListSubscriptionsByTopic", &error))?;
        let functions = page.subscriptions().iter().filter(|one| one.protocol() == Some("lambda"));
        names.extend(functions.filter_map(|one| one.endpoint()?.rsplit(':').next().map(str::to_owned)));
    }
    Ok(names)
}

/// Waits for the record; gives up early when the function that should write it has failed.
async fn record_appears(
    connection: &Connection,
    table: &str,
    ride: &str,
    expected: bool,
    watch: &mut Watch,
) -> Result<bool, TargetError> {
    let client = aws_sdk_dynamodb::Client::new(connection.config());
    let deadline = Instant::now() + PATIENCE;
    loop {
        watch.take();
        let has_failed = watch
            .heard
            .iter()
            .any(|happening| matches!(happening, Happening::Invoked { synchronous: false, error: Some(_), .. }));
        let key = AttributeValue::S(ride.to_owned());
        let found = client.get_item().table_name(table).key("RideId", key).consistent_read(true).send().await;
        let found =
            found.map_err(|error| TargetError::call(format!("GetItem of {table}"), "dynamodb:GetItem", &error))?;
        if found.item().is_some() {
            return Ok(true);
        }
        if !expected || has_failed || Instant::now() > deadline {
            return Ok(false);
        }
        sleep(PAUSE).await;
    }
}

/// What the feed told so far.
struct Watch {
    feed: Option<UnboundedReceiver<Activity>>,
    heard: Vec<Happening>,
}

impl Watch {
    /// Takes what has come, without waiting.
    fn take(&mut self) {
        let Some(feed) = &mut self.feed else { return };
        while let Ok(activity) = feed.try_recv() {
            self.heard.push(activity.happening);
        }
    }

    /// Waits until the feed has told of the answer: it may lag behind the answer itself.
    async fn until_answered(&mut self) {
        let Some(feed) = &mut self.feed else { return };
        let told = async {
            while let Some(activity) = feed.recv().await {
                let is_answer =
                    matches!(&activity.happening, Happening::Request { route, .. } if route.ends_with("/ride"));
                self.heard.push(activity.happening);
                if is_answer {
                    return;
                }
            }
        };
        // Without it, what was heard is what is known.
        let _ = timeout(FEED, told).await;
    }
}

fn conclude(probe: &mut Probe, heard: &[Happening]) {
    let ride = probe.ride.clone().unwrap_or_default();
    let (mut topics, mut writers) = (BTreeSet::new(), BTreeSet::new());
    for happening in heard {
        match happening {
            Happening::Called { service, operation, caller, input, fault: None, .. } if !ride.is_empty() => {
                let is_of_ride = input.to_string().contains(&ride);
                match (service.as_str(), operation.as_str()) {
                    ("sns", "Publish" | "PublishBatch") if is_of_ride => {
                        topics.extend(input["TopicArn"].as_str().or(input["TargetArn"].as_str()).map(str::to_owned));
                    }
                    ("dynamodb", operation) if is_of_ride && writes(operation) => {
                        writers.extend(caller.rsplit('/').next().map(str::to_owned));
                    }
                    _ => {}
                }
            }
            Happening::Denied { action, resource, service, explicit, .. } => probe.denials.push(Denial {
                action: action.clone(),
                resource: resource.clone(),
                service: service.clone(),
                explicit: *explicit,
            }),
            Happening::Request { route, status, .. } => probe.requests.push((route.clone(), *status)),
            Happening::Invoked { function, synchronous, error: Some((kind, message)), .. } => {
                probe.failures.push(Failure {
                    function: function.clone(),
                    synchronous: *synchronous,
                    kind: kind.clone(),
                    message: message.clone(),
                });
            }
            _ => {}
        }
    }
    probe.denials.dedup();
    probe.published_to = topics.into_iter().collect();
    probe.recorded_by = writers.into_iter().collect();
}

fn writes(operation: &str) -> bool {
    matches!(
        operation,
        "PutItem"
            | "UpdateItem"
            | "BatchWriteItem"
            | "TransactWriteItems"
            | "ExecuteStatement"
            | "BatchExecuteStatement"
            | "ExecuteTransaction"
    )
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn called(service: &str, operation: &str, caller: &str, input: Value) -> Happening {
        Happening::Called {
            service: service.to_owned(),
            operation: operation.to_owned(),
            caller: format!("arn:aws:sts::123456789012:assumed-role/role/{caller}"),
            key: String::new(),
            input,
            fault: None,
        }
    }

    #[test]
    fn only_what_is_about_the_ride_counts() {
        let mut probe = Probe { ride: Some("7f".to_owned()), ..Probe::default() };
        let heard = [
            called("sns", "Publish", "a", json!({"TopicArn": "rides", "Message": "{\"RideId\": \"7f\"}"})),
            called("sns", "Publish", "a", json!({"TopicArn": "other", "Message": "hello"})),
            called("dynamodb", "PutItem", "writer", json!({"Item": {"RideId": {"S": "7f"}}})),
            called("dynamodb", "GetItem", "learner", json!({"Key": {"RideId": {"S": "7f"}}})),
            called("dynamodb", "PutItem", "elsewhere", json!({"Item": {"RideId": {"S": "80"}}})),
        ];
        conclude(&mut probe, &heard);
        assert_eq!(probe.published_to, ["rides"]);
        assert_eq!(probe.recorded_by, ["writer"]);
    }
}
