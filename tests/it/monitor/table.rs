//! The table's feed: a table without a stream, one with a stream, and one that is replaced.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType, PutRequest, ScalarAttributeType,
    StreamSpecification, StreamViewType, WriteRequest,
};
use rydes::ride::{Change, Feed, Happening, Lookup, RideId, State, Table, Topology};
use serde_json::{Value, json};

use super::{Cloud, Seen};

on_both! { bare_sandbox bare_moto:
    items_of_a_plain_table_are_seen => plain
    items_of_a_stream_are_seen => streamed
    a_ride_that_was_heard_of_is_looked_up => heard_of
    every_item_is_told_once => once
    a_table_that_is_replaced_is_followed => replaced
}

/// Makes a table; gives it as the topology has it.
pub(crate) async fn create(cloud: &Cloud, name: &str, view: Option<StreamViewType>) -> Table {
    let key = KeySchemaElement::builder().attribute_name("RideId").key_type(KeyType::Hash).build().unwrap();
    let attribute = AttributeDefinition::builder().attribute_name("RideId").attribute_type(ScalarAttributeType::S);
    let stream =
        view.map(|view| StreamSpecification::builder().stream_enabled(true).stream_view_type(view).build().unwrap());
    let request = cloud.tables().create_table().table_name(name).key_schema(key);
    let request = request.attribute_definitions(attribute.build().unwrap()).billing_mode(BillingMode::PayPerRequest);
    let created = request.set_stream_specification(stream).send().await.unwrap();
    let stream = created.table_description().and_then(|table| table.latest_stream_arn()).map(str::to_owned);
    Table { name: name.to_owned(), key: "RideId".to_owned(), stream, read_capacity: None }
}

pub(crate) fn topology(table: &Table) -> Topology {
    Topology { region: "us-east-2".to_owned(), table: Some(table.clone()), ..Topology::default() }
}

pub(crate) async fn put(cloud: &Cloud, table: &Table, ride: &str, unicorn: &str) {
    let put = cloud.tables().put_item().table_name(&table.name).item("RideId", AttributeValue::S(ride.to_owned()));
    put.item("Unicorn", AttributeValue::S(unicorn.to_owned())).send().await.unwrap();
}

/// What became of a ride's item.
pub(crate) fn item_of(ride: &str) -> impl Fn(&Happening) -> Option<(Change, Lookup, Value)> {
    move |happening| match happening {
        Happening::Item { change, by, item, .. } if item["RideId"] == ride => Some((*change, *by, item.clone())),
        _ => None,
    }
}

fn items(seen: &Seen) -> Vec<String> {
    let items = seen.events.iter().filter_map(|event| match &event.happening {
        Happening::Item { item, .. } => Some(item["RideId"].as_str().unwrap().to_owned()),
        _ => None,
    });
    items.collect()
}

const BOTO3: &str = r#"
import boto3, decimal
table = boto3.resource("dynamodb").Table("rides")
table.put_item(Item={"RideId": "new", "Unicorn": {"Name": "Rocinante", "Color": "Yellow"}, "Fare": decimal.Decimal("1.5"), "Raw": b"\x00\xff", "Tags": {"b", "b"}})
"#;

async fn plain(cloud: &Cloud) {
    let table = create(cloud, "rides", None).await;
    put(cloud, &table, "old", "Bucephalus").await;
    let mut feeds = cloud.feeds(topology(&table));
    feeds.seen.live(Feed::Table).await;
    cloud.boto3(BOTO3).await;
    let (change, by, item) = feeds.seen.next("the new item", item_of("new")).await;
    assert_eq!(change, Change::Found);
    // The sandbox tells that there is something to ask for.
    assert_eq!(by, if cloud.tells() { Lookup::Get } else { Lookup::Scan });
    let expected = json!({"Fare": 1.5, "Raw": "AP8=", "RideId": "new", "Tags": ["b"], "Unicorn": {"Name": "Rocinante", "Color": "Yellow"}});
    assert_eq!(item, expected);
    put(cloud, &table, "new", "Shadowfax").await;
    assert_eq!(feeds.seen.next("the change", item_of("new")).await.0, Change::Modified);
    if cloud.tells() {
        let key = AttributeValue::S("new".to_owned());
        cloud.tables().delete_item().table_name("rides").key("RideId", key).send().await.unwrap();
        let (change, _, item) = feeds.seen.next("the removal", item_of("new")).await;
        assert_eq!((change, item), (Change::Removed, json!({"RideId": "new"})));
    }
    assert!(!items(&feeds.seen).contains(&"old".to_owned()), "what was there before is no news");
    feeds.monitor.stop().await;
}

async fn streamed(cloud: &Cloud) {
    let table = create(cloud, "rides", Some(StreamViewType::NewAndOldImages)).await;
    assert!(table.stream.is_some());
    put(cloud, &table, "old", "Bucephalus").await;
    let mut feeds = cloud.feeds(topology(&table));
    feeds.seen.live(Feed::Table).await;
    // Until the shards are listened to, what is written may be from before.
    let mut number = 0;
    let first = loop {
        number += 1;
        assert!(number < 15, "the stream tells nothing: {:#?}", feeds.seen.events);
        put(cloud, &table, &format!("probe-{number}"), "Bucephalus").await;
        let probe = |happening: &Happening| match happening {
            Happening::Item { item, .. } => Some(item["RideId"].clone()),
            _ => None,
        };
        let wait = feeds.seen.next("a probe", probe);
        if let Ok(first) = tokio::time::timeout(std::time::Duration::from_secs(2), wait).await {
            break first;
        }
    };
    assert!(first.as_str().unwrap().starts_with("probe-"), "{first}");
    cloud.boto3(BOTO3).await;
    let (change, by, item) = feeds.seen.next("the new item", item_of("new")).await;
    assert_eq!((change, by), (Change::Inserted, Lookup::Stream));
    assert_eq!((&item["Unicorn"]["Name"], &item["Fare"]), (&json!("Rocinante"), &json!(1.5)));
    put(cloud, &table, "new", "Shadowfax").await;
    assert_eq!(feeds.seen.next("the change", item_of("new")).await.0, Change::Modified);
    let key = AttributeValue::S("new".to_owned());
    cloud.tables().delete_item().table_name("rides").key("RideId", key).send().await.unwrap();
    assert_eq!(feeds.seen.next("the removal", item_of("new")).await.0, Change::Removed);
    assert!(!items(&feeds.seen).contains(&"old".to_owned()));
    feeds.monitor.stop().await;
}

async fn heard_of(cloud: &Cloud) {
    let table = create(cloud, "rides", None).await;
    put(cloud, &table, "before", "Bucephalus").await;
    let mut feeds = cloud.feeds(topology(&table));
    feeds.seen.live(Feed::Table).await;
    for _ in 0..3 {
        feeds.monitor.look_for(&RideId::new("before"));
    }
    let (change, by, _) = feeds.seen.next("the item", item_of("before")).await;
    assert_eq!((change, by), (Change::Found, Lookup::Get), "what was there before is told when someone asks");
    feeds.monitor.look_for(&RideId::new("later"));
    put(cloud, &table, "later", "Shadowfax").await;
    feeds.seen.next("the later item", item_of("later")).await;
    assert_eq!(items(&feeds.seen), ["before", "later"]);
    feeds.monitor.stop().await;
}

async fn once(cloud: &Cloud) {
    let table = create(cloud, "rides", None).await;
    let mut feeds = cloud.feeds(topology(&table));
    feeds.seen.live(Feed::Table).await;
    let rides: Vec<String> = (0..200).map(|number| format!("r-{number:03}")).collect();
    for rides in rides.chunks(25) {
        let writes = rides.iter().map(|ride| {
            feeds.monitor.look_for(&RideId::new(ride));
            let item = HashMap::from([("RideId".to_owned(), AttributeValue::S(ride.clone()))]);
            WriteRequest::builder().put_request(PutRequest::builder().set_item(Some(item)).build().unwrap()).build()
        });
        let writes = writes.collect();
        cloud.tables().batch_write_item().request_items("rides", writes).send().await.unwrap();
    }
    while items(&feeds.seen).len() < rides.len() {
        feeds.seen.next("an item", |happening| matches!(happening, Happening::Item { .. }).then_some(())).await;
    }
    put(cloud, &table, "last", "Shadowfax").await;
    feeds.seen.next("the last item", item_of("last")).await;
    let mut told = items(&feeds.seen);
    told.sort_unstable();
    assert_eq!(told.split_last().map(|(last, rest)| (last.as_str(), rest)).unwrap().1.len(), rides.len());
    told.dedup();
    assert_eq!(told.len(), rides.len() + 1);
    feeds.monitor.stop().await;
}

async fn replaced(cloud: &Cloud) {
    let table = create(cloud, "rides", None).await;
    let mut feeds = cloud.feeds(topology(&table));
    feeds.seen.live(Feed::Table).await;
    cloud.tables().delete_table().table_name("rides").send().await.unwrap();
    feeds.seen.state(Feed::Table, "the table gone", |state| matches!(state, State::Gone { .. })).await;
    let renamed = create(cloud, "rides-2", None).await;
    // Before the feed knows of the table.
    put(cloud, &renamed, "early", "Rocinante").await;
    feeds.deploy(topology(&renamed));
    feeds.seen.next("the early item", item_of("early")).await;
    put(cloud, &renamed, "late", "Rocinante").await;
    feeds.seen.next("the late item", item_of("late")).await;
    feeds.deploy(Topology { region: "us-east-2".to_owned(), ..Topology::default() });
    let gone = feeds.seen.state(Feed::Table, "no table", |state| matches!(state, State::Gone { .. })).await;
    assert!(matches!(gone, State::Gone { reason } if reason.contains("rides-2")));
    feeds.monitor.stop().await;
}
