//! Discovery and the topic's feed.

use std::time::Duration;

use rydes::cloud::{Connection, Monitor, MonitorOptions, leftovers, remove};
use rydes::ride::{Feed, Happening, Role, State};
use tokio::sync::mpsc;

use super::clouds::target;
use super::{Cloud, Seen};

on_both! { sandbox moto:
    what_is_published_is_seen => published
    a_topic_that_comes_back_is_listened_to => comes_back
    what_a_killed_monitor_left_is_found_and_removed => left_behind
    without_consent_nothing_is_created => no_consent
}

fn message(happening: &Happening) -> Option<(String, Option<String>)> {
    match happening {
        Happening::Message { body, envelope, .. } => Some((body.clone(), envelope.clone())),
        _ => None,
    }
}

async fn published(cloud: &Cloud) {
    let (monitor, mut seen) = cloud.monitor();
    let topology = seen.deployed("the topic", |topology| topology.topic.is_some()).await;
    let topic = topology.topic.unwrap().arn;
    assert!(topology.ride_url.is_some_and(|url| url.ends_with("/dev/ride")));
    assert_eq!(topology.table.unwrap().key, "RideId");
    seen.live(Feed::Topic).await;
    let long = "x".repeat(200 << 10);
    let odd = ["{\"RideId\": \"r-1\"}", "not JSON", "\u{1F984} \u{7}", "[[[", &long];
    for body in odd {
        cloud.sns().publish().topic_arn(&topic).message(body).send().await.unwrap();
    }
    while seen.messages().len() < odd.len() {
        seen.next("a message", message).await;
    }
    let mut bodies: Vec<String> = seen.messages().into_iter().map(|(body, _)| body).collect();
    bodies.sort_unstable();
    let mut expected = odd.map(str::to_owned);
    expected.sort_unstable();
    assert_eq!(bodies, expected);
    assert!(
        seen.messages().iter().all(|(body, envelope)| envelope.as_ref().is_some_and(|text| text.len() > body.len()))
    );
    let own = leftovers(&cloud.connection).await.unwrap();
    assert!(own.len() == 1 && own[0].in_use && own[0].subscriptions.len() == 1, "{own:?}");
    monitor.stop().await;
    assert_eq!(leftovers(&cloud.connection).await.unwrap(), []);
}

async fn comes_back(cloud: &Cloud) {
    let (monitor, mut seen) = cloud.monitor();
    let topic = seen.deployed("the topic", |topology| topology.topic.is_some()).await.topic.unwrap().arn;
    seen.live(Feed::Topic).await;
    cloud.sns().delete_topic().topic_arn(&topic).send().await.unwrap();
    seen.state(Feed::Topic, "the topic gone", |state| matches!(state, State::Gone { .. })).await;
    let name = topic.rsplit(':').next().unwrap();
    cloud.sns().create_topic().name(name).send().await.unwrap();
    seen.live(Feed::Topic).await;
    cloud.sns().publish().topic_arn(&topic).message("again").send().await.unwrap();
    assert_eq!(seen.next("the message", message).await.0, "again");
    monitor.stop().await;
    assert_eq!(leftovers(&cloud.connection).await.unwrap(), []);
}

async fn left_behind(cloud: &Cloud) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    // Connections of its own: they end with the runtime.
    let (endpoint, key, secret) = cloud.address();
    let connection = Connection::open(&target(endpoint, &key, &secret)).await.unwrap();
    let hints = cloud.hints();
    let (sender, receiver) = mpsc::channel(64);
    let options = MonitorOptions { stage: "dev".to_owned(), creates: true, hints };
    let monitor = runtime.spawn(async move { Monitor::start(&connection, options, &sender) }).await.unwrap();
    let mut seen = Seen { receiver, events: Vec::new() };
    seen.live(Feed::Topic).await;
    // As a kill does it: no task gets to tidy up.
    runtime.shutdown_background();
    drop(monitor);
    let left = leftovers(&cloud.connection).await.unwrap();
    assert_eq!((left.len(), left[0].subscriptions.len()), (1, 1), "{left:?}");
    // Of a queue that somebody removed by hand, the subscription is found.
    let sqs = aws_sdk_sqs::Client::new(cloud.connection.config());
    sqs.delete_queue().queue_url(left[0].url.as_ref().unwrap()).send().await.unwrap();
    let left = leftovers(&cloud.connection).await.unwrap();
    assert!(left.len() == 1 && left[0].url.is_none() && !left[0].in_use, "{left:?}");
    remove(&cloud.connection, &left[0]).await.unwrap();
    assert_eq!(leftovers(&cloud.connection).await.unwrap(), []);
}

async fn no_consent(cloud: &Cloud) {
    let (sender, receiver) = mpsc::channel(64);
    let options = MonitorOptions { stage: "dev".to_owned(), creates: false, hints: cloud.hints() };
    let monitor = Monitor::start(&cloud.connection, options, &sender);
    let mut seen = Seen { receiver, events: Vec::new() };
    let off = seen.state(Feed::Topic, "the topic off", |state| matches!(state, State::Off { .. })).await;
    assert!(matches!(off, State::Off { reason } if reason.contains("subscriptions")));
    assert_eq!(leftovers(&cloud.connection).await.unwrap(), []);
    monitor.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn functions_are_known_by_what_invokes_them() {
    let cloud = Cloud::sandbox().await;
    let (monitor, mut seen) = cloud.monitor();
    let topology = seen.deployed("all", |topology| topology.missing.is_empty()).await;
    let roles: Vec<(&str, Role)> = topology.functions.iter().map(|one| (&*one.logical, one.role)).collect();
    let expected = [
        ("RequestRide", Role::Requests),
        ("GetUnicorn", Role::Fleet),
        ("PutRideRecordHttp", Role::RecordsHttp),
        ("PutRideRecordSns", Role::RecordsTopic),
        ("LoadTable", Role::Other),
    ];
    assert_eq!(roles, expected);
    assert!(topology.sandbox && topology.topic.is_some_and(|topic| topic.subscriptions.len() == 1));
    monitor.stop().await;
    cloud.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_endpoint_that_is_down_is_told_and_does_not_end_anything() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let nowhere = target(format!("http://127.0.0.1:{port}"), "AKIAIOSFODNN7EXAMPLE", "example");
    let connection = Connection::open(&nowhere).await.unwrap();
    let (sender, receiver) = mpsc::channel(64);
    let options = MonitorOptions { stage: "dev".to_owned(), creates: true, hints: None };
    let monitor = Monitor::start(&connection, options, &sender);
    let mut seen = Seen { receiver, events: Vec::new() };
    let state = seen.state(Feed::Discovery, "the trouble", |state| matches!(state, State::Failing { .. })).await;
    assert!(matches!(state, State::Failing { reason, .. } if !reason.is_empty()));
    tokio::time::timeout(Duration::from_secs(20), monitor.stop()).await.unwrap();
}
