//! Troubles of the logs' and the table's feeds: each is told, none ends a feed, and nothing is lost that the cloud still has.

use rydes::cloud::Connection;
use rydes::ride::{Feed, Happening, Lookup, RideId, State, Topology};

use super::clouds::{Feeds, target};
use super::logs::{GROUP, line, now};
use super::table::item_of;
use super::{Cloud, Seen, logs, table};
use crate::faulty::{Fault, Faulty};

/// A sandbox with a table and a log group behind a proxy that can misbehave.
struct Ground {
    cloud: Cloud,
    faulty: Faulty,
    connection: Connection,
    table: rydes::ride::Table,
    topology: Topology,
}

impl Ground {
    async fn lay(is_down: bool) -> Self {
        let cloud = Cloud::bare_sandbox().await;
        let table = table::create(&cloud, "rides", None).await;
        logs::create(&cloud, GROUP).await;
        let faulty = Faulty::before(cloud.connection.config().endpoint_url().unwrap()).await;
        if is_down {
            faulty.take_down();
        }
        let provider = cloud.connection.config().credentials_provider().unwrap();
        let key = aws_sdk_sns::config::ProvideCredentials::provide_credentials(&provider).await.unwrap();
        let target = target(faulty.endpoint.clone(), key.access_key_id(), key.secret_access_key());
        let connection = Connection::open(&target).await.unwrap();
        let topology = Topology { table: Some(table.clone()), ..logs::topology(&[GROUP]) };
        Self { cloud, faulty, connection, table, topology }
    }

    fn feeds(&self) -> Feeds {
        self.cloud.feeds_over(&self.connection, self.topology.clone())
    }

    async fn close(self, feeds: Feeds) {
        feeds.monitor.stop().await;
        self.cloud.close().await;
    }
}

/// Waits for a note in the health of a feed, which may have been told already.
async fn note(seen: &mut Seen, feed: Feed, words: &str) {
    let found = |happening: &Happening| match happening {
        Happening::Health { feed: told, health } if *told == feed && health.state == State::Live => {
            health.note.as_ref().filter(|note| note.contains(words)).map(|_| ())
        }
        _ => None,
    };
    seen.until(&format!("{feed:?} with the note {words}"), found).await;
}

async fn live(seen: &mut Seen, feed: Feed) {
    let found = |happening: &Happening| match happening {
        Happening::Health { feed: told, health } => (*told == feed && health.state == State::Live).then_some(()),
        _ => None,
    };
    seen.until(&format!("{feed:?} live"), found).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_endpoint_that_is_down_at_first_is_waited_for() {
    let ground = Ground::lay(true).await;
    let mut feeds = ground.feeds();
    for feed in [Feed::Logs, Feed::Table] {
        let failing = |happening: &Happening| match happening {
            Happening::Health { feed: told, health } if *told == feed => {
                matches!(health.state, State::Failing { .. }).then_some(())
            }
            _ => None,
        };
        feeds.seen.until("the trouble", failing).await;
    }
    logs::put(&ground.cloud, GROUP, &[(now(), "while it was down")]).await;
    ground.faulty.mend();
    line(&mut feeds.seen, "while it was down").await;
    live(&mut feeds.seen, Feed::Table).await;
    table::put(&ground.cloud, &ground.table, "r", "Rocinante").await;
    feeds.seen.next("the item", item_of("r")).await;
    ground.close(feeds).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_endpoint_that_goes_down_for_a_while_loses_nothing() {
    let ground = Ground::lay(false).await;
    let mut feeds = ground.feeds();
    live(&mut feeds.seen, Feed::Table).await;
    live(&mut feeds.seen, Feed::Logs).await;
    logs::put(&ground.cloud, GROUP, &[(now(), "before")]).await;
    line(&mut feeds.seen, "before").await;
    ground.faulty.take_down();
    logs::put(&ground.cloud, GROUP, &[(now(), "meanwhile")]).await;
    table::put(&ground.cloud, &ground.table, "meanwhile", "Rocinante").await;
    let failing = |state: &State| matches!(state, State::Failing { .. });
    feeds.seen.state(Feed::Logs, "the trouble of the logs", failing).await;
    ground.faulty.mend();
    feeds.seen.until("the item", item_of("meanwhile")).await;
    line(&mut feeds.seen, "meanwhile").await;
    logs::put(&ground.cloud, GROUP, &[(now(), "after")]).await;
    line(&mut feeds.seen, "after").await;
    assert_eq!(logs::lines(&feeds.seen), ["before", "meanwhile", "after"]);
    ground.close(feeds).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn throttling_is_told_and_waited_out() {
    let ground = Ground::lay(false).await;
    ground.faulty.put_times("StartLiveTail", Fault::Throttled, 2);
    ground.faulty.put_times("FilterLogEvents", Fault::Throttled, 3);
    ground.faulty.put_times("Scan", Fault::Throttled, 2);
    ground.faulty.put_times("GetItem", Fault::Throttled, 2);
    let mut feeds = ground.feeds();
    for feed in [Feed::Logs, Feed::Table] {
        let throttled = |happening: &Happening| match happening {
            Happening::Health { feed: told, health } if *told == feed => {
                matches!(health.state, State::Throttled { .. }).then_some(())
            }
            _ => None,
        };
        feeds.seen.until("the throttling", throttled).await;
    }
    logs::put(&ground.cloud, GROUP, &[(now(), "a line")]).await;
    line(&mut feeds.seen, "a line").await;
    table::put(&ground.cloud, &ground.table, "r", "Rocinante").await;
    feeds.seen.until("the item", item_of("r")).await;
    live(&mut feeds.seen, Feed::Logs).await;
    live(&mut feeds.seen, Feed::Table).await;
    ground.close(feeds).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_permission_for_one_way_another_is_taken() {
    let ground = Ground::lay(false).await;
    for operation in ["StartLiveTail", "GetItem", "BatchGetItem"] {
        ground.faulty.put(operation, Fault::Denied);
    }
    let mut feeds = ground.feeds();
    note(&mut feeds.seen, Feed::Logs, "FilterLogEvents, for logs:StartLiveTail is denied").await;
    live(&mut feeds.seen, Feed::Table).await;
    feeds.monitor.look_for(&RideId::new("r"));
    note(&mut feeds.seen, Feed::Table, "Scan, for dynamodb:GetItem is denied").await;
    logs::put(&ground.cloud, GROUP, &[(now(), "a line")]).await;
    line(&mut feeds.seen, "a line").await;
    table::put(&ground.cloud, &ground.table, "r", "Rocinante").await;
    assert_eq!(feeds.seen.until("the item", item_of("r")).await.1, Lookup::Scan);
    ground.close(feeds).await;

    let ground = Ground::lay(false).await;
    ground.faulty.put("Scan", Fault::Denied);
    let mut feeds = ground.feeds();
    note(&mut feeds.seen, Feed::Table, "for dynamodb:Scan is denied").await;
    table::put(&ground.cloud, &ground.table, "r", "Rocinante").await;
    assert_eq!(feeds.seen.until("the item", item_of("r")).await.1, Lookup::Get);
    ground.close(feeds).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_any_permission_the_feed_says_which_one_and_the_others_go_on() {
    let ground = Ground::lay(false).await;
    for operation in ["StartLiveTail", "FilterLogEvents"] {
        ground.faulty.put(operation, Fault::Denied);
    }
    let mut feeds = ground.feeds();
    let denied = feeds.seen.state(Feed::Logs, "the denial", |state| matches!(state, State::Denied { .. })).await;
    assert!(matches!(denied, State::Denied { permission, .. } if permission == "logs:FilterLogEvents"));
    live(&mut feeds.seen, Feed::Table).await;
    table::put(&ground.cloud, &ground.table, "r", "Rocinante").await;
    feeds.seen.until("the item", item_of("r")).await;
    ground.close(feeds).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn credentials_that_expire_are_told_and_renewed_ones_are_taken() {
    let ground = Ground::lay(false).await;
    let mut feeds = ground.feeds();
    live(&mut feeds.seen, Feed::Table).await;
    live(&mut feeds.seen, Feed::Logs).await;
    for operation in ["Scan", "GetItem", "BatchGetItem", "FilterLogEvents", "StartLiveTail", "DescribeLogGroups"] {
        ground.faulty.put(operation, Fault::Expired);
    }
    table::put(&ground.cloud, &ground.table, "r", "Rocinante").await;
    let failing = |state: &State| matches!(state, State::Failing { reason, .. } if reason.contains("credentials"));
    feeds.seen.state(Feed::Table, "the trouble", failing).await;
    ground.faulty.mend();
    feeds.seen.until("the item", item_of("r")).await;
    logs::put(&ground.cloud, GROUP, &[(now(), "a line")]).await;
    line(&mut feeds.seen, "a line").await;
    assert!(ground.faulty.calls("GetItem") > 0);
    ground.close(feeds).await;
}
