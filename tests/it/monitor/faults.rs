//! Clouds in trouble: the feeds tell what happened, go on by themselves, and lose nothing that the cloud still has.

use rydes::cloud::{Connection, Monitor, MonitorOptions, leftovers};
use rydes::ride::{Feed, Happening, State};
use tokio::sync::mpsc;

use super::clouds::target;
use super::{Cloud, Seen};
use crate::faulty::{Fault, Faulty};

/// A sandbox behind something faulty, and a monitor that sees it through that.
struct Troubled {
    cloud: Cloud,
    way: Faulty,
    connection: Connection,
}

impl Troubled {
    async fn new() -> Self {
        let cloud = Cloud::sandbox().await;
        let (endpoint, key, secret) = cloud.address();
        let way = Faulty::before(&endpoint).await;
        let connection = Connection::open(&target(way.endpoint.clone(), &key, &secret)).await.unwrap();
        Self { cloud, way, connection }
    }

    fn monitor(&self) -> (Monitor, Seen) {
        let (sender, receiver) = mpsc::channel(64);
        let options = MonitorOptions { stage: "dev".to_owned(), creates: true, hints: None };
        (Monitor::start(&self.connection, options, &sender), Seen { receiver, events: Vec::new() })
    }

    async fn publish(&self, topic: &str, body: &str) {
        self.cloud.sns().publish().topic_arn(topic).message(body).send().await.unwrap();
    }
}

fn body(happening: &Happening) -> Option<String> {
    match happening {
        Happening::Message { body, .. } => Some(body.clone()),
        _ => None,
    }
}

/// Whether a state is what a fault should come to.
fn tells(state: &State, fault: Fault) -> bool {
    match (state, fault) {
        (State::Throttled { .. }, Fault::Throttled) => true,
        (State::Denied { permission, .. }, Fault::Denied) => permission.contains(':'),
        (State::Failing { reason, .. }, Fault::Expired) => reason.contains("credentials") && reason.contains("expired"),
        (State::Failing { reason, .. }, Fault::Closed | Fault::Quota) => !reason.is_empty(),
        _ => false,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_trouble_of_the_topic_is_told_and_passes() {
    let troubled = Troubled::new().await;
    let (monitor, mut seen) = troubled.monitor();
    let topic = seen.deployed("the topic", |topology| topology.topic.is_some()).await.topic.unwrap().arn;
    seen.live(Feed::Topic).await;
    for fault in [Fault::Throttled, Fault::Denied, Fault::Expired, Fault::Closed] {
        troubled.way.put("ReceiveMessage", fault);
        // Ends a poll that runs already.
        troubled.publish(&topic, "before").await;
        seen.state(Feed::Topic, &format!("{fault:?}"), |state| tells(state, fault)).await;
        let during = format!("during {fault:?}");
        troubled.publish(&topic, &during).await;
        troubled.way.mend();
        seen.next("the message", |happening| body(happening).filter(|body| *body == during)).await;
    }
    // It keeps what comes in the meantime: no other was made.
    assert_eq!(troubled.way.calls("CreateQueue"), 1);
    monitor.stop().await;
    assert_eq!(leftovers(&troubled.cloud.connection).await.unwrap(), []);
    troubled.cloud.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_queue_that_cannot_be_made_whole_is_removed_again() {
    let troubled = Troubled::new().await;
    troubled.way.put("CreateQueue", Fault::Quota);
    let (monitor, mut seen) = troubled.monitor();
    seen.state(Feed::Topic, "the quota", |state| tells(state, Fault::Quota)).await;
    troubled.way.put("CreateQueue", Fault::Throttled);
    seen.state(Feed::Topic, "throttled", |state| tells(state, Fault::Throttled)).await;
    troubled.way.mend();
    troubled.way.put("Subscribe", Fault::Denied);
    let state = seen.state(Feed::Topic, "denied", |state| tells(state, Fault::Denied)).await;
    assert!(matches!(state, State::Denied { permission, .. } if permission == "sns:Subscribe"));
    assert_eq!(leftovers(&troubled.cloud.connection).await.unwrap(), []);
    troubled.way.mend();
    seen.live(Feed::Topic).await;
    monitor.stop().await;
    troubled.cloud.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_may_not_be_looked_up_is_named_and_the_rest_is_shown() {
    let troubled = Troubled::new().await;
    troubled.way.put("DescribeTable", Fault::Denied);
    let (monitor, mut seen) = troubled.monitor();
    let topology = seen.deployed("the rest", |topology| topology.topic.is_some()).await;
    assert!(topology.table.as_ref().is_some_and(|table| table.key == "RideId") && topology.functions.len() == 5);
    let told = |happening: &Happening| match happening {
        Happening::Health { feed: Feed::Discovery, health } if tells(&health.state, Fault::Denied) => Some(()),
        _ => None,
    };
    seen.until("what is denied", told).await;
    // What changes elsewhere is followed nonetheless.
    let topic = topology.topic.unwrap().arn;
    troubled.cloud.sns().delete_topic().topic_arn(&topic).send().await.unwrap();
    seen.deployed("the topic gone", |topology| topology.topic.is_none() && topology.functions.len() == 5).await;
    monitor.stop().await;
    troubled.cloud.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_endpoint_that_goes_down_and_comes_back_is_followed() {
    let troubled = Troubled::new().await;
    let (monitor, mut seen) = troubled.monitor();
    let topic = seen.deployed("the topic", |topology| topology.topic.is_some()).await.topic.unwrap().arn;
    seen.live(Feed::Topic).await;
    troubled.way.take_down();
    seen.state(Feed::Topic, "down", |state| tells(state, Fault::Closed)).await;
    seen.state(Feed::Discovery, "down", |state| tells(state, Fault::Closed)).await;
    troubled.way.mend();
    seen.live(Feed::Topic).await;
    troubled.publish(&topic, "back").await;
    assert_eq!(seen.next("the message", body).await, "back");
    monitor.stop().await;
    troubled.cloud.close().await;
}
