//! The logs' feed: lines of any kind, groups that come and go, functions that are renamed, clocks that are off.

use std::time::{SystemTime, UNIX_EPOCH};

use aws_sdk_cloudwatchlogs::types::InputLogEvent;
use rydes::ride::{Feed, Function, Happening, Role, State, Topology};

use super::{Cloud, Seen};

on_both! { bare_sandbox bare_moto:
    lines_of_any_kind_are_seen_once => any_kind
    a_group_that_is_made_later_is_waited_for => made_later
    a_function_that_is_renamed_is_followed => renamed
    clocks_that_are_a_minute_off_lose_and_double_nothing => skewed
    a_group_that_is_removed_comes_back => comes_back
}

pub(crate) const GROUP: &str = "/aws/lambda/wild-rydes-dev-RequestRide";
const STREAM: &str = "2026/11/28/[$LATEST]0123456789abcdef";

pub(crate) fn topology(groups: &[&str]) -> Topology {
    let function = |group: &&str| Function {
        name: group.trim_start_matches("/aws/lambda/").to_owned(),
        logical: "RequestRide".to_owned(),
        service: "wild-rydes".to_owned(),
        role: Role::Requests,
        log_group: (*group).to_owned(),
        memory: None,
    };
    let functions = groups.iter().map(function).collect();
    Topology { region: "us-east-2".to_owned(), functions, ..Topology::default() }
}

pub(crate) async fn create(cloud: &Cloud, group: &str) {
    cloud.logs().create_log_group().log_group_name(group).send().await.unwrap();
    cloud.logs().create_log_stream().log_group_name(group).log_stream_name(STREAM).send().await.unwrap();
}

pub(crate) fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis().try_into().unwrap()
}

pub(crate) async fn put(cloud: &Cloud, group: &str, lines: &[(i64, &str)]) {
    let events =
        lines.iter().map(|(at, message)| InputLogEvent::builder().timestamp(*at).message(*message).build().unwrap());
    let request = cloud.logs().put_log_events().log_group_name(group).log_stream_name(STREAM);
    request.set_log_events(Some(events.collect())).send().await.unwrap();
}

pub(crate) fn lines(seen: &Seen) -> Vec<String> {
    let lines = seen.events.iter().filter_map(|event| match &event.happening {
        Happening::Log { message, .. } => Some(message.clone()),
        _ => None,
    });
    lines.collect()
}

/// Waits for a line.
pub(crate) async fn line(seen: &mut Seen, wanted: &str) {
    let what = format!("the line {wanted}");
    let is = |happening: &Happening| match happening {
        Happening::Log { message, .. } => (message == wanted).then_some(()),
        _ => None,
    };
    seen.until(&what, is).await;
}

const BOTO3: &str = r#"
import boto3, time
logs = boto3.client("logs")
group, stream = "/aws/lambda/wild-rydes-dev-RequestRide", "2026/11/28/[$LATEST]0123456789abcdef"
logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=[{"timestamp": int(time.time() * 1000), "message": "by boto3"}])
"#;

async fn any_kind(cloud: &Cloud) {
    create(cloud, GROUP).await;
    put(cloud, GROUP, &[(now() - 60_000, "old")]).await;
    let mut feeds = cloud.feeds(topology(&[GROUP]));
    feeds.seen.live(Feed::Logs).await;
    let long = "y".repeat(256 * 1024 - 26);
    let at = now();
    let odd = [
        "{\"RideId\": \"r-1\"}",
        "{\"not\": JSON",
        "\u{1}\u{2}\u{7f}\u{fffd}",
        "\u{1F984}",
        "twice",
        "twice",
        "[[[[",
        &long,
    ];
    put(cloud, GROUP, &odd.map(|message| (at, message))).await;
    cloud.boto3(BOTO3).await;
    line(&mut feeds.seen, "by boto3").await;
    // Once more round, so that whatever would come twice has come.
    put(cloud, GROUP, &[(now(), "end")]).await;
    line(&mut feeds.seen, "end").await;
    let mut told = lines(&feeds.seen);
    told.retain(|line| line != "old");
    told.sort_unstable();
    let mut expected: Vec<String> = odd.iter().chain(&["by boto3", "end"]).map(|line| (*line).to_owned()).collect();
    expected.sort_unstable();
    assert_eq!(told, expected);
    feeds.monitor.stop().await;
}

async fn made_later(cloud: &Cloud) {
    let mut feeds = cloud.feeds(topology(&[GROUP]));
    feeds.seen.state(Feed::Logs, "the wait", |state| matches!(state, State::Waiting { .. })).await;
    create(cloud, GROUP).await;
    put(cloud, GROUP, &[(now(), "first")]).await;
    line(&mut feeds.seen, "first").await;
    feeds.monitor.stop().await;
}

async fn renamed(cloud: &Cloud) {
    const NEXT: &str = "/aws/lambda/wild-rydes-ride-record-dev-PutRideRecordHttp";
    create(cloud, GROUP).await;
    let mut feeds = cloud.feeds(topology(&[GROUP]));
    feeds.seen.live(Feed::Logs).await;
    put(cloud, GROUP, &[(now(), "by the old name")]).await;
    line(&mut feeds.seen, "by the old name").await;
    create(cloud, NEXT).await;
    // Before the feed knows of it.
    put(cloud, NEXT, &[(now(), "by the new name")]).await;
    feeds.deploy(topology(&[NEXT]));
    put(cloud, GROUP, &[(now(), "the last of the old")]).await;
    line(&mut feeds.seen, "by the new name").await;
    line(&mut feeds.seen, "the last of the old").await;
    put(cloud, NEXT, &[(now(), "and on")]).await;
    line(&mut feeds.seen, "and on").await;
    feeds.monitor.stop().await;
}

async fn skewed(cloud: &Cloud) {
    create(cloud, GROUP).await;
    let mut feeds = cloud.feeds(topology(&[GROUP]));
    feeds.seen.live(Feed::Logs).await;
    let mut expected = Vec::new();
    for round in 0..5 {
        for (skew, what) in [(-60_000, "behind"), (0, "in time"), (60_000, "ahead")] {
            let message = format!("{what} {round}");
            put(cloud, GROUP, &[(now() + skew, &message)]).await;
            expected.push(message);
        }
        line(&mut feeds.seen, expected.last().unwrap()).await;
    }
    for message in &expected {
        line(&mut feeds.seen, message).await;
    }
    let mut told = lines(&feeds.seen);
    told.sort_unstable();
    expected.sort_unstable();
    assert_eq!(told, expected);
    feeds.monitor.stop().await;
}

async fn comes_back(cloud: &Cloud) {
    create(cloud, GROUP).await;
    let mut feeds = cloud.feeds(topology(&[GROUP]));
    feeds.seen.live(Feed::Logs).await;
    cloud.logs().delete_log_group().log_group_name(GROUP).send().await.unwrap();
    create(cloud, GROUP).await;
    put(cloud, GROUP, &[(now(), "again")]).await;
    line(&mut feeds.seen, "again").await;
    feeds.monitor.stop().await;
}
