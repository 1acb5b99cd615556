//! What the sandbox clock does to messages: visibility, delays, retention, dead letters, and restarts.

use serde_json::json;

use super::{Fixture, bodies};
use crate::sandbox::Service;
use crate::sandbox::sqs::Sqs;

#[tokio::test]
async fn what_is_not_deleted_comes_back() {
    let fixture = Fixture::new();
    let url = fixture.queue("q", json!({ "VisibilityTimeout": "10" })).await;
    fixture.send(&url, "x").await;
    let first = fixture.receive(&url).await;
    fixture.pass(11);
    let second = fixture.receive(&url).await;
    assert_eq!(second[0]["Attributes"]["ApproximateReceiveCount"], "2");
    assert_ne!(first[0]["ReceiptHandle"], second[0]["ReceiptHandle"]);

    // The older receipt deletes nothing and hides nothing.
    let old = json!({ "QueueUrl": url, "ReceiptHandle": first[0]["ReceiptHandle"], "VisibilityTimeout": 100 });
    fixture.ok("DeleteMessage", old.clone()).await;
    assert_eq!(fixture.counts(&url).await, ["0", "1", "0"]);
    assert_eq!(fixture.code("ChangeMessageVisibility", old).await, "InvalidParameterValue");

    let new = json!({ "QueueUrl": url, "ReceiptHandle": second[0]["ReceiptHandle"], "VisibilityTimeout": 100 });
    fixture.ok("ChangeMessageVisibility", new.clone()).await;
    fixture.pass(50);
    assert!(fixture.receive(&url).await.is_empty(), "it was hidden for longer");
    fixture.pass(51);
    assert_eq!(fixture.code("ChangeMessageVisibility", new.clone()).await, "MessageNotInflight");
    fixture.ok("DeleteMessage", new).await;
    assert_eq!(fixture.counts(&url).await, ["0", "0", "0"], "the last receipt is good also later");
}

#[tokio::test]
async fn delays_are_the_messages_own_or_the_queues() {
    let fixture = Fixture::new();
    let url = fixture.queue("q", json!({ "DelaySeconds": "60" })).await;
    fixture.send(&url, "as the queue").await;
    fixture.ok("SendMessage", json!({ "QueueUrl": url, "MessageBody": "at once", "DelaySeconds": 0 })).await;
    fixture.ok("SendMessage", json!({ "QueueUrl": url, "MessageBody": "later", "DelaySeconds": 600 })).await;
    assert_eq!(fixture.counts(&url).await, ["1", "0", "2"]);
    assert_eq!(bodies(&fixture.receive(&url).await), ["at once"]);
    fixture.pass(61);
    let got = fixture.receive(&url).await;
    assert!(bodies(&got).contains(&"as the queue") && !bodies(&got).contains(&"later"));
}

#[tokio::test]
async fn messages_do_not_outlive_the_retention() {
    let fixture = Fixture::new();
    let url = fixture.queue("q", json!({ "MessageRetentionPeriod": "60" })).await;
    fixture.send(&url, "old").await;
    fixture.pass(61);
    fixture.send(&url, "new").await;
    assert_eq!(bodies(&fixture.receive(&url).await), ["new"]);
    assert_eq!(fixture.counts(&url).await, ["0", "1", "0"]);
}

#[tokio::test]
async fn what_is_received_too_often_is_a_dead_letter() {
    let fixture = Fixture::new();
    let dead = fixture.queue("dead", json!({})).await;
    let target = "arn:aws:sqs:us-east-2:123456789012:dead";
    let policy = json!({ "deadLetterTargetArn": target, "maxReceiveCount": 2 }).to_string();
    let url = fixture.queue("q", json!({ "VisibilityTimeout": "1", "RedrivePolicy": policy })).await;
    fixture.send(&url, "poison").await;
    for _ in 0..2 {
        assert_eq!(bodies(&fixture.receive(&url).await), ["poison"]);
        fixture.pass(2);
    }
    assert!(fixture.receive(&url).await.is_empty());
    assert_eq!(fixture.counts(&url).await, ["0", "0", "0"]);
    let got = fixture.receive(&dead).await;
    assert_eq!(bodies(&got), ["poison"]);
    assert_eq!(got[0]["Attributes"]["DeadLetterQueueSourceArn"], "arn:aws:sqs:us-east-2:123456789012:q");
    assert_eq!(got[0]["Attributes"]["ApproximateReceiveCount"], "1");
    let sources = fixture.ok("ListDeadLetterSourceQueues", json!({ "QueueUrl": dead })).await;
    assert_eq!(sources["queueUrls"], json!([url]));

    // Without its queue there are no dead letters: the message stays.
    fixture.ok("DeleteQueue", json!({ "QueueUrl": dead })).await;
    fixture.send(&url, "stays").await;
    for _ in 0..4 {
        assert_eq!(bodies(&fixture.receive(&url).await), ["stays"]);
        fixture.pass(2);
    }
}

#[tokio::test]
async fn a_restart_keeps_queues_and_messages_where_they_stand() {
    let fixture = Fixture::new();
    let url = fixture.queue("q", json!({ "VisibilityTimeout": "600" })).await;
    fixture.ok("TagQueue", json!({ "QueueUrl": url, "Tags": { "team": "unicorn" } })).await;
    fixture.send(&url, "in flight").await;
    let got = fixture.receive(&url).await;
    fixture.send(&url, "visible").await;
    fixture.ok("SendMessage", json!({ "QueueUrl": url, "MessageBody": "delayed", "DelaySeconds": 600, "MessageAttributes": { "a": { "DataType": "Binary", "BinaryValue": "AAE=" } } })).await;
    let snapshot = fixture.sqs.snapshot().unwrap();

    let mut later = Fixture::new();
    later.sqs = Sqs::new(later.account.clone()).into();
    later.sqs.restore(&snapshot).unwrap();
    assert_eq!(later.counts(&url).await, ["1", "1", "1"]);
    assert_eq!(later.ok("ListQueueTags", json!({ "QueueUrl": url })).await["Tags"]["team"], "unicorn");
    later.ok("DeleteMessage", json!({ "QueueUrl": url, "ReceiptHandle": got[0]["ReceiptHandle"] })).await;
    assert_eq!(later.counts(&url).await, ["1", "0", "1"], "receipts stay good");
    assert_eq!(bodies(&later.receive(&url).await), ["visible"]);
    later.pass(601);
    let all = later.receive(&url).await;
    assert_eq!(
        all.iter().find(|message| message["Body"] == "delayed").unwrap()["MessageAttributes"]["a"]["BinaryValue"],
        "AAE="
    );

    // A new port is written into the state, and with it into bodies.
    let moved = String::from_utf8(snapshot).unwrap().replace("visible", "another");
    let later = Fixture::new();
    later.sqs.restore(moved.as_bytes()).unwrap();
    let got = later.receive(&url).await;
    assert_eq!(bodies(&got), ["another"]);
    assert_eq!(got[0]["MD5OfBody"], crate::sandbox::sqs::attribute::digest_of("another"));

    for broken in [&b"{}"[..], b"", br#"{"version":2,"queues":{}}"#] {
        assert!(Fixture::new().sqs.restore(broken).is_err());
    }
}
