//! The sandbox beside a peer, and a ride through three services.
//!
//! `cargo bench --bench sandbox` prints operations a second against `moto_server` (made with pip in target/moto), then
//! latencies of rides: until the answer, and until the item is in the table through SNS.

#![expect(clippy::expect_used, clippy::panic, reason = "a measurement that cannot be made must stop")]

use std::collections::HashMap;
use std::time::{Duration, Instant};

use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
};
use rydes::cloud::{Connection, Requests, Target, request_rides};
use rydes::sandbox::{Happening, Options, Order, Sandbox};
use rydes::workshop::store::Folder;
use rydes::workshop::{TaskId, built_in};

#[path = "../tests/it/moto.rs"]
#[expect(clippy::unwrap_used, dead_code, reason = "written for tests, which use more of it")]
mod moto;

use moto::Moto;

const OPERATIONS: usize = 2000;
const ROUNDS: usize = 3;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("threads");
    runtime.block_on(async {
        peers().await;
        rides().await;
    });
}

/// Operations a second: ours and the peer's in turn, the median of three rounds.
async fn peers() {
    let moto = Moto::start();
    let sandbox = Sandbox::start(Options::scratch()).await.expect("a sandbox");
    let key = sandbox.account().keys.learner().clone();
    let ours = connect(&sandbox.endpoint(), &key.id, &key.secret).await;
    let peer = connect(&moto.endpoint, "AKIAIOSFODNN7EXAMPLE", "example").await;
    for connection in [&ours, &peer] {
        prepare(connection).await;
    }
    for (what, clients) in [("PutItem", 1), ("PutItem", 8), ("Publish", 1), ("Publish", 8)] {
        let (mut mine, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            mine.push(rate(&ours, what, clients, OPERATIONS).await);
            theirs.push(rate(&peer, what, clients, OPERATIONS / 4).await);
        }
        let (mine, theirs) = (median(mine), median(theirs));
        println!(
            "{what}, {clients} client(s): {mine:>8.0}/s  moto_server {theirs:>6.0}/s  ratio {:>5.1}  budget 10",
            mine / theirs
        );
    }
    sandbox.stop().await.expect("it stops");
}

async fn connect(endpoint: &str, key: &str, secret: &str) -> Connection {
    let target = Target::Sandbox {
        endpoint: endpoint.to_owned(),
        region: "us-east-2".to_owned(),
        key: key.to_owned(),
        secret: secret.to_owned(),
    };
    Connection::open(&target).await.expect("a connection")
}

async fn prepare(connection: &Connection) {
    aws_sdk_sns::Client::new(connection.config()).create_topic().name("bench").send().await.expect("a topic");
    let key = KeySchemaElement::builder().attribute_name("RideId").key_type(KeyType::Hash).build().expect("a key");
    let attribute = AttributeDefinition::builder().attribute_name("RideId").attribute_type(ScalarAttributeType::S);
    aws_sdk_dynamodb::Client::new(connection.config())
        .create_table()
        .table_name("bench")
        .key_schema(key)
        .attribute_definitions(attribute.build().expect("an attribute"))
        .billing_mode(BillingMode::PayPerRequest)
        .send()
        .await
        .expect("a table");
}

async fn rate(connection: &Connection, what: &str, clients: usize, operations: usize) -> f64 {
    let sns = aws_sdk_sns::Client::new(connection.config());
    let tables = aws_sdk_dynamodb::Client::new(connection.config());
    let publish = what == "Publish";
    let began = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for client in 0..clients {
        let (sns, tables) = (sns.clone(), tables.clone());
        tasks.spawn(async move {
            for index in 0..operations / clients {
                if publish {
                    let arn = "arn:aws:sns:us-east-2:123456789012:bench";
                    sns.publish().topic_arn(arn).message(ride(client, index)).send().await.expect("published");
                } else {
                    let id = AttributeValue::S(format!("{client}-{index}"));
                    let name = AttributeValue::S("Shadowfax".to_owned());
                    let item = HashMap::from([("RideId".to_owned(), id), ("Unicorn".to_owned(), name)]);
                    tables.put_item().table_name("bench").set_item(Some(item)).send().await.expect("put");
                }
            }
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.expect("a client that ends");
    }
    operations as f64 / began.elapsed().as_secs_f64()
}

fn ride(client: usize, index: usize) -> String {
    format!(r#"{{"RideId": "{client}-{index}", "Unicorn": {{"Name": "Shadowfax", "Color": "White"}}}}"#)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The finished workshop, ridden.
async fn rides() {
    let workspace = tempfile::tempdir().expect("a folder");
    let module = built_in().expect("the module");
    Folder::create(workspace.path()).and_then(|folder| folder.lay_out(&module)).expect("the starters");
    let finished = module.state_after(&TaskId("4.2".to_owned())).expect("the answers");
    let sandbox = Sandbox::start(Options::of(workspace.path())).await.expect("a sandbox");
    let deploy = |service: &'static str| {
        let deployer = sandbox.deployer().clone();
        async move {
            let (progress, _steps) = tokio::sync::mpsc::unbounded_channel();
            let order = Order { service: service.to_owned(), ..Order::default() };
            deployer.deploy(&order, &progress).await.unwrap_or_else(|error| panic!("{service}: {error}"))
        }
    };
    // As the workshop goes: the record's address must be there before the topic's.
    for service in ["wild-rydes-ride-fleet", "wild-rydes-ride-record"] {
        deploy(service).await;
    }
    for (path, text) in &finished {
        std::fs::write(workspace.path().join(path), text).expect("the finished files");
    }
    let outcome = deploy("wild-rydes").await;
    deploy("wild-rydes-ride-record").await;
    let url = outcome.endpoints.iter().find(|(method, _)| method == "POST").expect("an address").1.clone();

    let requests = |count, concurrency| Requests { url: url.clone(), count, rate: None, concurrency };
    let (outcomes, _) = tokio::sync::mpsc::unbounded_channel();
    request_rides(&requests(50, 1), outcomes.clone()).await.expect("warm rides");

    // When each ride was recorded, from the feed of the sandbox.
    let mut feed = sandbox.account().feed.listen();
    let recorded = tokio::spawn(async move {
        let mut moments: HashMap<String, Instant> = HashMap::new();
        while let Ok(activity) = feed.recv().await {
            if let Happening::Called { operation, input, fault: None, .. } = &activity.happening
                && operation == "PutItem"
                && let Some(id) = input["Item"]["RideId"]["S"].as_str()
            {
                moments.insert(id.to_owned(), Instant::now());
                if moments.len() == 500 {
                    break;
                }
            }
        }
        moments
    });
    let (outcomes, mut told) = tokio::sync::mpsc::unbounded_channel();
    let watching = tokio::spawn(async move {
        let mut began = HashMap::new();
        while let Some(outcome) = told.recv().await {
            let outcome: rydes::cloud::RideOutcome = outcome;
            let start = Instant::now() - outcome.latency;
            began.extend(outcome.ride_id().map(|id| (id.to_owned(), start)));
        }
        began
    });
    let summary = request_rides(&requests(500, 1), outcomes).await.expect("rides");
    let began = watching.await.expect("outcomes");
    let moments =
        tokio::time::timeout(Duration::from_secs(10), recorded).await.expect("all recorded").expect("moments");
    let mut whole: Vec<f64> = began
        .iter()
        .filter_map(|(id, start)| Some(moments.get(id)?.saturating_duration_since(*start).as_secs_f64() * 1000.0))
        .collect();
    whole.sort_by(f64::total_cmp);
    let p50 = summary.percentile(0.5).unwrap_or(f64::NAN);
    println!(
        "ride answered, one at a time: p50 {p50:.1} ms, p95 {:.1} ms  budget 8 ms, ratio {:.2}",
        summary.percentile(0.95).unwrap_or(f64::NAN),
        p50 / 8.0
    );
    let at = |share: f64| whole[((whole.len() - 1) as f64 * share) as usize];
    println!(
        "item in the table through SNS: p50 {:.1} ms, p95 {:.1} ms  budget 15 ms, ratio {:.2}",
        at(0.5),
        at(0.95),
        at(0.5) / 15.0
    );

    let (outcomes, _) = tokio::sync::mpsc::unbounded_channel();
    let summary = request_rides(&requests(1000, 4), outcomes).await.expect("rides");
    let rate = summary.answered as f64 / summary.elapsed.as_secs_f64();
    println!(
        "rides a second, 4 at a time: {rate:.0}  budget 100, ratio {:.2}  errors {:?}",
        rate / 100.0,
        summary.errors
    );
    sandbox.stop().await.expect("it stops");
}
