//! FIFO queues: order in a group, one receiver a group, and what was sent before.

use serde_json::{Value, json};

use super::{Fixture, bodies};

async fn fifo(fixture: &Fixture, more: Value) -> Value {
    let mut attributes = json!({ "FifoQueue": "true", "VisibilityTimeout": "10" });
    attributes.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    fixture.queue("q.fifo", attributes).await
}

fn message(url: &Value, group: &str, body: &str, id: &str) -> Value {
    json!({ "QueueUrl": url, "MessageBody": body, "MessageGroupId": group, "MessageDeduplicationId": id })
}

#[tokio::test]
async fn groups_keep_their_order_and_one_receiver() {
    let fixture = Fixture::new();
    let url = fifo(&fixture, json!({})).await;
    for (group, body) in [("a", "a1"), ("a", "a2"), ("b", "b1"), ("a", "a3")] {
        fixture.ok("SendMessage", message(&url, group, body, body)).await;
    }
    let first = fixture.receive_with(&url, json!({ "MaxNumberOfMessages": 2 })).await;
    assert_eq!(bodies(&first), ["a1", "a2"], "of one group several may come at once");
    assert_eq!(bodies(&fixture.receive(&url).await), ["b1"], "group a waits for its receiver");
    fixture.ok("DeleteMessage", json!({ "QueueUrl": url, "ReceiptHandle": first[0]["ReceiptHandle"] })).await;
    assert!(fixture.receive(&url).await.is_empty());
    fixture.pass(11);
    assert_eq!(bodies(&fixture.receive(&url).await), ["a2", "b1", "a3"], "what comes back keeps its place");
    let expired = json!({ "QueueUrl": url, "ReceiptHandle": first[1]["ReceiptHandle"] });
    fixture.ok("DeleteMessage", expired).await;
    assert_eq!(fixture.counts(&url).await, ["0", "3", "0"]);
}

#[tokio::test]
async fn what_was_sent_before_is_not_sent_again() {
    let fixture = Fixture::new();
    let url = fifo(&fixture, json!({})).await;
    let first = fixture.ok("SendMessage", message(&url, "a", "x", "same")).await;
    let second = fixture.ok("SendMessage", message(&url, "b", "y", "same")).await;
    assert_eq!((&first["MessageId"], &first["SequenceNumber"]), (&second["MessageId"], &second["SequenceNumber"]));
    assert_eq!(fixture.counts(&url).await, ["1", "0", "0"]);
    fixture.pass(301);
    fixture.ok("SendMessage", message(&url, "a", "z", "same")).await;
    assert_eq!(bodies(&fixture.receive(&url).await), ["x", "z"]);
}

#[tokio::test]
async fn fifo_queues_want_to_know_group_and_id() {
    let fixture = Fixture::new();
    let url = fifo(&fixture, json!({})).await;
    let plain = json!({ "QueueUrl": url, "MessageBody": "x" });
    assert_eq!(fixture.code("SendMessage", plain).await, "MissingParameter");
    let no_id = json!({ "QueueUrl": url, "MessageBody": "x", "MessageGroupId": "a" });
    assert_eq!(fixture.code("SendMessage", no_id.clone()).await, "InvalidParameterValue");
    let mut delayed = message(&url, "a", "x", "1");
    delayed["DelaySeconds"] = json!(1);
    assert_eq!(fixture.code("SendMessage", delayed).await, "InvalidParameterValue");

    fixture
        .ok("SetQueueAttributes", json!({ "QueueUrl": url, "Attributes": { "ContentBasedDeduplication": "true" } }))
        .await;
    fixture.ok("SendMessage", no_id.clone()).await;
    fixture.ok("SendMessage", no_id).await;
    assert_eq!(fixture.receive(&url).await.len(), 1);
}
