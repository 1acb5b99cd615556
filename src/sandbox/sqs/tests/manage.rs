//! Queues made, listed, described, changed, tagged, emptied and removed; permissions.

use serde_json::json;

use super::Fixture;
use crate::sandbox::{Access, Call, Caller, Service};

#[tokio::test]
async fn making_a_queue_again_is_fine_unless_it_would_be_another() {
    let fixture = Fixture::new();
    let url = fixture.queue("q", json!({ "DelaySeconds": "5" })).await;
    assert_eq!(url, "http://127.0.0.1:4100/123456789012/q");
    assert_eq!(fixture.queue("q", json!({ "DelaySeconds": "5" })).await, url);
    assert_eq!(fixture.queue("q", json!({})).await, url);
    let other = json!({ "QueueName": "q", "Attributes": { "DelaySeconds": "6" } });
    let fault = fixture.call("CreateQueue", other).await.unwrap_err();
    assert_eq!(fault.code, "QueueNameExists");
    assert_eq!(
        fault.message,
        "A queue already exists with the same name and a different value for attribute DelaySeconds"
    );
    assert_eq!(fixture.ok("GetQueueUrl", json!({ "QueueName": "q" })).await["QueueUrl"], url);
}

#[tokio::test]
async fn queues_that_sqs_does_not_make_are_refused() {
    let fixture = Fixture::new();
    let redrive =
        |target: &str, count: &str| format!(r#"{{"deadLetterTargetArn":"{target}","maxReceiveCount":{count}}}"#);
    fixture.queue("dead", json!({})).await;
    let dead = "arn:aws:sqs:us-east-2:123456789012:dead";
    for (name, attributes, code) in [
        ("", json!({}), "MissingParameter"),
        ("a b", json!({}), "InvalidParameterValue"),
        (&*"a".repeat(81), json!({}), "InvalidParameterValue"),
        ("q.fifo", json!({}), "InvalidParameterValue"),
        ("q", json!({ "FifoQueue": "true" }), "InvalidParameterValue"),
        ("q", json!({ "FifoQueue": "false" }), "InvalidAttributeName"),
        ("q", json!({ "ContentBasedDeduplication": "true" }), "InvalidAttributeName"),
        ("q", json!({ "Unknown": "1" }), "InvalidAttributeName"),
        ("q", json!({ "QueueArn": "1" }), "InvalidAttributeName"),
        ("q", json!({ "VisibilityTimeout": "43201" }), "InvalidAttributeValue"),
        ("q", json!({ "VisibilityTimeout": "x" }), "InvalidAttributeValue"),
        ("q", json!({ "MaximumMessageSize": "1023" }), "InvalidAttributeValue"),
        ("q", json!({ "Policy": "no json" }), "InvalidAttributeValue"),
        (
            "q",
            json!({ "RedrivePolicy": redrive("arn:aws:sqs:us-east-2:123456789012:none", "3") }),
            "InvalidParameterValue",
        ),
        ("q", json!({ "RedrivePolicy": redrive(dead, "0") }), "InvalidParameterValue"),
        ("q", json!({ "RedrivePolicy": redrive(dead, "1001") }), "InvalidParameterValue"),
        ("q", json!({ "RedrivePolicy": "{}" }), "InvalidParameterValue"),
        ("q.fifo", json!({ "FifoQueue": "true", "RedrivePolicy": redrive(dead, "3") }), "InvalidParameterValue"),
    ] {
        let input = json!({ "QueueName": name, "Attributes": attributes });
        assert_eq!(fixture.code("CreateQueue", input).await, code, "{name} {attributes}");
    }
    fixture.queue("q", json!({ "RedrivePolicy": redrive(dead, "\"3\"") })).await;
}

#[tokio::test]
async fn attributes_are_shown_set_and_taken_away() {
    let fixture = Fixture::new();
    let url = fixture.queue("q", json!({})).await;
    let get = |names: serde_json::Value| {
        fixture.ok("GetQueueAttributes", json!({ "QueueUrl": url, "AttributeNames": names }))
    };
    let all = get(json!(["All"])).await["Attributes"].clone();
    for (name, value) in [
        ("VisibilityTimeout", "30"),
        ("MaximumMessageSize", "1048576"),
        ("MessageRetentionPeriod", "345600"),
        ("DelaySeconds", "0"),
        ("ReceiveMessageWaitTimeSeconds", "0"),
        ("QueueArn", "arn:aws:sqs:us-east-2:123456789012:q"),
    ] {
        assert_eq!(all[name], value, "{name}");
    }
    assert_eq!(get(json!([])).await, json!({}));
    assert_eq!(get(json!(["QueueArn"])).await["Attributes"].as_object().unwrap().len(), 1);
    assert_eq!(
        fixture.code("GetQueueAttributes", json!({ "QueueUrl": url, "AttributeNames": ["Nothing"] })).await,
        "InvalidAttributeName"
    );

    let set = |attributes: serde_json::Value| {
        fixture.call("SetQueueAttributes", json!({ "QueueUrl": url, "Attributes": attributes }))
    };
    set(json!({ "Policy": "{\"Version\":\"2012-10-17\"}", "VisibilityTimeout": "5" })).await.unwrap();
    let shown = get(json!(["Policy", "VisibilityTimeout"])).await["Attributes"].clone();
    assert_eq!((&shown["Policy"], &shown["VisibilityTimeout"]), (&json!("{\"Version\":\"2012-10-17\"}"), &json!("5")));
    set(json!({ "Policy": "" })).await.unwrap();
    assert_eq!(get(json!(["Policy"])).await, json!({}));
    // One bad value, and none is set.
    assert!(set(json!({ "DelaySeconds": "7", "VisibilityTimeout": "-1" })).await.is_err());
    assert_eq!(get(json!(["DelaySeconds"])).await["Attributes"]["DelaySeconds"], "0");
}

#[tokio::test]
async fn lists_come_in_pages_for_those_who_ask() {
    let fixture = Fixture::new();
    assert_eq!(fixture.ok("ListQueues", json!({})).await, json!({}));
    for name in ["a1", "a2", "a3", "b1"] {
        fixture.queue(name, json!({})).await;
    }
    let count = |output: &serde_json::Value| output["QueueUrls"].as_array().unwrap().len();
    assert_eq!(count(&fixture.ok("ListQueues", json!({})).await), 4);
    assert_eq!(count(&fixture.ok("ListQueues", json!({ "QueueNamePrefix": "a" })).await), 3);
    let first = fixture.ok("ListQueues", json!({ "QueueNamePrefix": "a", "MaxResults": 2 })).await;
    assert_eq!(count(&first), 2);
    let rest = fixture
        .ok("ListQueues", json!({ "QueueNamePrefix": "a", "MaxResults": 2, "NextToken": first["NextToken"] }))
        .await;
    assert_eq!((count(&rest), rest.get("NextToken")), (1, None));
    assert_eq!(fixture.code("ListQueues", json!({ "NextToken": "%%" })).await, "InvalidParameterValue");
}

#[tokio::test]
async fn purging_and_deleting() {
    let fixture = Fixture::new();
    let url = fixture.queue("q", json!({})).await;
    fixture.send(&url, "1").await;
    fixture.receive(&url).await;
    fixture.send(&url, "2").await;
    fixture.ok("PurgeQueue", json!({ "QueueUrl": url })).await;
    assert_eq!(fixture.counts(&url).await, ["0", "0", "0"]);
    assert_eq!(fixture.code("PurgeQueue", json!({ "QueueUrl": url })).await, "PurgeQueueInProgress");
    fixture.pass(61);
    fixture.ok("PurgeQueue", json!({ "QueueUrl": url })).await;

    fixture.ok("DeleteQueue", json!({ "QueueUrl": url })).await;
    assert_eq!(fixture.code("DeleteQueue", json!({ "QueueUrl": url })).await, "QueueDoesNotExist");
    assert_eq!(fixture.code("GetQueueUrl", json!({ "QueueName": "q" })).await, "QueueDoesNotExist");
}

#[tokio::test]
async fn tags() {
    let fixture = Fixture::new();
    let input = json!({ "QueueName": "q", "tags": { "a": "1" } });
    let url = fixture.ok("CreateQueue", input).await["QueueUrl"].clone();
    fixture.ok("TagQueue", json!({ "QueueUrl": url, "Tags": { "b": "2", "a": "3" } })).await;
    assert_eq!(
        fixture.ok("ListQueueTags", json!({ "QueueUrl": url })).await,
        json!({ "Tags": { "a": "3", "b": "2" } })
    );
    fixture.ok("UntagQueue", json!({ "QueueUrl": url, "TagKeys": ["a", "b", "c"] })).await;
    assert_eq!(fixture.ok("ListQueueTags", json!({ "QueueUrl": url })).await, json!({}));
    let many: serde_json::Map<_, _> = (0..51).map(|n| (n.to_string(), json!("x"))).collect();
    assert_eq!(fixture.code("TagQueue", json!({ "QueueUrl": url, "Tags": many })).await, "InvalidParameterValue");
}

#[tokio::test]
async fn unknown_operations_are_named_and_regions_keep_apart() {
    let fixture = Fixture::new();
    let fault = fixture.call("StartMessageMoveTask", json!({})).await.unwrap_err();
    assert!(fault.message.contains("StartMessageMoveTask"), "{fault}");
    let url = fixture.queue("q", json!({})).await;
    let elsewhere =
        Call { region: "eu-west-1".into(), ..call("SendMessage", json!({ "QueueUrl": url, "MessageBody": "x" })) };
    assert_eq!(fixture.sqs.call(elsewhere).await.err().unwrap().code, "QueueDoesNotExist");
}

fn call(operation: &str, input: serde_json::Value) -> Call {
    Call {
        operation: operation.into(),
        input,
        region: "us-east-2".into(),
        caller: Caller::Learner,
        request_id: String::new(),
        rest: None,
    }
}

#[test]
fn permissions_are_asked_for_on_the_queue() {
    let fixture = Fixture::new();
    let url = "http://127.0.0.1:4100/123456789012/rides";
    for (operation, input, action, name) in [
        ("SendMessage", json!({ "QueueUrl": url }), "sqs:SendMessage", "rides"),
        ("SendMessageBatch", json!({ "QueueUrl": url }), "sqs:SendMessage", "rides"),
        ("DeleteMessageBatch", json!({ "QueueUrl": url }), "sqs:DeleteMessage", "rides"),
        ("CreateQueue", json!({ "QueueName": "new" }), "sqs:CreateQueue", "new"),
        ("ListQueues", json!({}), "sqs:ListQueues", "*"),
    ] {
        let resource = format!("arn:aws:sqs:us-east-2:123456789012:{name}");
        assert_eq!(fixture.sqs.access(&call(operation, input)), [Access { action: action.into(), resource }]);
    }
    assert_eq!(fixture.sqs.denial(), "AccessDenied");
}
