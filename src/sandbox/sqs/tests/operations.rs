//! Sending, receiving, deleting, visibility, batches, long polling.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::{Fixture, bodies};

#[tokio::test]
async fn a_message_goes_in_and_comes_out_with_what_clients_verify() {
    let fixture = Fixture::new();
    let url = fixture.queue("rides", json!({})).await;
    let sent = fixture.ok("SendMessage", json!({ "QueueUrl": url, "MessageBody": "hello" })).await;
    assert_eq!(sent["MD5OfMessageBody"], "5d41402abc4b2a76b9719d911017c592");
    assert_eq!(fixture.counts(&url).await, ["1", "0", "0"]);

    let got = fixture.receive(&url).await;
    assert_eq!(bodies(&got), ["hello"]);
    assert_eq!(got[0]["MD5OfBody"], "5d41402abc4b2a76b9719d911017c592");
    assert_eq!(got[0]["MessageId"], sent["MessageId"]);
    assert_eq!(got[0]["Attributes"]["ApproximateReceiveCount"], "1");
    assert!(got[0]["Attributes"]["SentTimestamp"].as_str().unwrap().parse::<i64>().unwrap() > 1_600_000_000_000);
    assert_eq!(fixture.counts(&url).await, ["0", "1", "0"]);
    assert!(fixture.receive(&url).await.is_empty(), "it is in flight");

    fixture.ok("DeleteMessage", json!({ "QueueUrl": url, "ReceiptHandle": got[0]["ReceiptHandle"] })).await;
    assert_eq!(fixture.counts(&url).await, ["0", "0", "0"]);
    // Again is no error.
    fixture.ok("DeleteMessage", json!({ "QueueUrl": url, "ReceiptHandle": got[0]["ReceiptHandle"] })).await;
}

#[tokio::test]
async fn messages_that_sqs_does_not_take_are_refused() {
    let fixture = Fixture::new();
    let url = fixture.queue("q", json!({})).await;
    let small = fixture.queue("small", json!({ "MaximumMessageSize": "1024" })).await;
    let message = |more: Value| {
        let mut input = json!({ "QueueUrl": url, "MessageBody": "x" });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        input
    };
    let attribute = json!({ "a": { "DataType": "String", "StringValue": "x" } });
    for (input, code, words) in [
        (message(json!({ "MessageBody": "" })), "MissingParameter", "MessageBody"),
        (message(json!({ "MessageBody": null })), "MissingParameter", "MessageBody"),
        (message(json!({ "MessageBody": "a\u{1}" })), "InvalidMessageContents", "U+0001"),
        (message(json!({ "MessageBody": "\u{FFFF}" })), "InvalidMessageContents", "U+FFFF"),
        (message(json!({ "MessageBody": "x".repeat(1_048_577) })), "InvalidParameterValue", "shorter than 1048576"),
        (
            message(json!({ "MessageBody": "x".repeat(1_048_570), "MessageAttributes": attribute })),
            "InvalidParameterValue",
            "shorter",
        ),
        (
            message(json!({ "QueueUrl": small, "MessageBody": "x".repeat(1025) })),
            "InvalidParameterValue",
            "shorter than 1024",
        ),
        (message(json!({ "DelaySeconds": 901 })), "InvalidParameterValue", "DelaySeconds"),
        (message(json!({ "DelaySeconds": -1 })), "InvalidParameterValue", "DelaySeconds"),
        (message(json!({ "MessageDeduplicationId": "a" })), "InvalidParameterValue", "MessageDeduplicationId"),
        (
            message(json!({ "MessageSystemAttributes": { "Other": { "DataType": "String", "StringValue": "x" } } })),
            "InvalidParameterValue",
            "Other",
        ),
        (message(json!({ "QueueUrl": "http://127.0.0.1:1/123456789012/none" })), "QueueDoesNotExist", "does not exist"),
        (message(json!({ "QueueUrl": "http://127.0.0.1:1/999999999999/q" })), "QueueDoesNotExist", "does not exist"),
        (message(json!({ "QueueUrl": null })), "MissingParameter", "QueueUrl"),
    ] {
        let shown: String = input.to_string().chars().take(200).collect();
        let fault = fixture.call("SendMessage", input).await.unwrap_err();
        assert_eq!(fault.code, code, "{shown}");
        assert!(fault.message.contains(words), "{shown}: {}", fault.message);
        assert_eq!(fault.status, 400);
    }
    fixture.ok("SendMessage", message(json!({ "MessageBody": "x".repeat(1_048_576) }))).await;
    fixture.ok("SendMessage", message(json!({ "MessageBody": "tab\tline\ncarriage\r🦄" }))).await;
}

#[tokio::test]
async fn errors_carry_the_name_that_the_query_protocol_has_for_them() {
    let fixture = Fixture::new();
    let url = fixture.queue("q", json!({ "DelaySeconds": "1" })).await;
    for (operation, input, kind, query) in [
        (
            "GetQueueUrl",
            json!({ "QueueName": "none" }),
            "com.amazonaws.sqs#QueueDoesNotExist",
            "AWS.SimpleQueueService.NonExistentQueue;Sender",
        ),
        (
            "CreateQueue",
            json!({ "QueueName": "q", "Attributes": { "DelaySeconds": "2" } }),
            "com.amazonaws.sqs#QueueNameExists",
            "QueueAlreadyExists;Sender",
        ),
        (
            "SendMessageBatch",
            json!({ "QueueUrl": url, "Entries": [] }),
            "com.amazonaws.sqs#EmptyBatchRequest",
            "AWS.SimpleQueueService.EmptyBatchRequest;Sender",
        ),
        (
            "DeleteMessage",
            json!({ "QueueUrl": url, "ReceiptHandle": "x" }),
            "com.amazonaws.sqs#ReceiptHandleIsInvalid",
            "ReceiptHandleIsInvalid;Sender",
        ),
    ] {
        let more = fixture.call(operation, input).await.unwrap_err().more.unwrap();
        assert_eq!((&more["__type"], &more["x-amzn-query-error"]), (&json!(kind), &json!(query)));
    }
}

#[tokio::test]
async fn batches_answer_for_each_entry_and_are_refused_as_a_whole() {
    let fixture = Fixture::new();
    let url = fixture.queue("q", json!({})).await;
    let entry = |id: &str, body: &str| json!({ "Id": id, "MessageBody": body });
    let big = "x".repeat(200_000);
    for (entries, code) in [
        (json!([]), "EmptyBatchRequest"),
        (json!([entry("a", "1"), entry("a", "2")]), "BatchEntryIdsNotDistinct"),
        (json!([entry("a b", "1")]), "InvalidBatchEntryId"),
        (json!([entry(&"a".repeat(81), "1")]), "InvalidBatchEntryId"),
        (Value::Array((0..11).map(|n| entry(&n.to_string(), "x")).collect()), "TooManyEntriesInBatchRequest"),
        (Value::Array((0..6).map(|n| entry(&n.to_string(), &big)).collect()), "BatchRequestTooLong"),
    ] {
        assert_eq!(fixture.code("SendMessageBatch", json!({ "QueueUrl": url, "Entries": entries })).await, code);
    }
    assert_eq!(fixture.counts(&url).await, ["0", "0", "0"], "nothing of a refused batch is sent");

    let entries = json!([entry("good", "1"), entry("empty", ""), entry("bad", "\u{2}"), entry("late", "2")]);
    let output = fixture.ok("SendMessageBatch", json!({ "QueueUrl": url, "Entries": entries })).await;
    let ids = |list: &Value| -> Vec<String> {
        list.as_array().unwrap().iter().map(|entry| entry["Id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids(&output["Successful"]), ["good", "late"]);
    assert_eq!(ids(&output["Failed"]), ["empty", "bad"]);
    assert_eq!(output["Failed"][1]["Code"], "InvalidMessageContents");
    assert_eq!(output["Failed"][1]["SenderFault"], true);

    let got = fixture.receive(&url).await;
    assert_eq!(bodies(&got), ["1", "2"]);
    let hide = json!([
        { "Id": "0", "ReceiptHandle": got[0]["ReceiptHandle"], "VisibilityTimeout": 0 },
        { "Id": "1", "ReceiptHandle": "nonsense", "VisibilityTimeout": 0 },
        { "Id": "2", "ReceiptHandle": got[1]["ReceiptHandle"], "VisibilityTimeout": 43_201 },
    ]);
    let hidden = fixture.ok("ChangeMessageVisibilityBatch", json!({ "QueueUrl": url, "Entries": hide })).await;
    assert_eq!((ids(&hidden["Successful"]), ids(&hidden["Failed"])), (vec!["0".into()], vec!["1".into(), "2".into()]));
    let delete = json!([
        { "Id": "0", "ReceiptHandle": got[0]["ReceiptHandle"] },
        { "Id": "1", "ReceiptHandle": got[1]["ReceiptHandle"] },
        { "Id": "2", "ReceiptHandle": "nonsense" },
    ]);
    let deleted = fixture.ok("DeleteMessageBatch", json!({ "QueueUrl": url, "Entries": delete })).await;
    assert_eq!(
        (ids(&deleted["Successful"]), ids(&deleted["Failed"])),
        (vec!["0".into(), "1".into()], vec!["2".into()])
    );
    assert_eq!(fixture.counts(&url).await, ["0", "0", "0"]);
}

#[tokio::test]
async fn receives_ask_within_limits() {
    let fixture = Fixture::new();
    let url = fixture.queue("q", json!({})).await;
    for (name, bad) in [
        ("MaxNumberOfMessages", 0),
        ("MaxNumberOfMessages", 11),
        ("WaitTimeSeconds", 21),
        ("WaitTimeSeconds", -1),
        ("VisibilityTimeout", 43_201),
    ] {
        let mut input = json!({ "QueueUrl": url });
        input[name] = json!(bad);
        assert_eq!(fixture.code("ReceiveMessage", input).await, "InvalidParameterValue", "{name} {bad}");
    }
    for n in 0..12 {
        fixture.send(&url, &n.to_string()).await;
    }
    assert_eq!(fixture.ok("ReceiveMessage", json!({ "QueueUrl": url })).await["Messages"].as_array().unwrap().len(), 1);
    assert_eq!(fixture.receive(&url).await.len(), 10);
    assert_eq!(bodies(&fixture.receive(&url).await), ["11"], "in the order of their sending");
}

/// Receives in the background.
fn wait_for(fixture: &Fixture, url: &Value) -> tokio::task::JoinHandle<Value> {
    let (sqs, url) = (Arc::clone(&fixture.sqs), url.clone());
    tokio::spawn(async move {
        let input = json!({ "QueueUrl": url, "WaitTimeSeconds": 20 });
        super::call(&sqs, "ReceiveMessage", input).await.unwrap_or_else(|fault| json!({ "code": fault.code }))
    })
}

/// What a background receive got, long before its own wait ends.
async fn outcome(waiting: tokio::task::JoinHandle<Value>) -> Value {
    tokio::time::timeout(Duration::from_secs(10), waiting).await.expect("the receiver was not woken").unwrap()
}

async fn until_idle() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_waiting_receiver_is_woken_by_what_arrives_and_by_what_becomes_visible() {
    let fixture = Fixture::new();
    let url = fixture.queue("q", json!({})).await;
    let waiting = wait_for(&fixture, &url);
    until_idle().await;
    fixture.send(&url, "sent").await;
    assert_eq!(outcome(waiting).await["Messages"][0]["Body"], "sent");

    // A message that another receiver gives back.
    fixture.send(&url, "given back").await;
    let got = fixture.receive(&url).await;
    let waiting = wait_for(&fixture, &url);
    until_idle().await;
    fixture
        .ok(
            "ChangeMessageVisibility",
            json!({ "QueueUrl": url, "ReceiptHandle": got[0]["ReceiptHandle"], "VisibilityTimeout": 0 }),
        )
        .await;
    assert_eq!(outcome(waiting).await["Messages"][0]["Body"], "given back");

    // A delayed message, and time passes while the receiver waits.
    let url = fixture.queue("late", json!({})).await;
    fixture.ok("SendMessage", json!({ "QueueUrl": url, "MessageBody": "late", "DelaySeconds": 600 })).await;
    let waiting = wait_for(&fixture, &url);
    until_idle().await;
    assert!(!waiting.is_finished());
    fixture.pass(601);
    assert_eq!(outcome(waiting).await["Messages"][0]["Body"], "late");

    // Two receivers and two messages: each gets one.
    let waiting = [wait_for(&fixture, &url), wait_for(&fixture, &url)];
    until_idle().await;
    fixture.send(&url, "first").await;
    fixture.send(&url, "second").await;
    let mut both = Vec::new();
    for waiting in waiting {
        both.push(outcome(waiting).await["Messages"][0]["Body"].clone());
    }
    both.sort_by_key(Value::to_string);
    assert_eq!(both, ["first", "second"]);

    // The queue goes away.
    let waiting = wait_for(&fixture, &url);
    until_idle().await;
    fixture.ok("DeleteQueue", json!({ "QueueUrl": url })).await;
    assert_eq!(outcome(waiting).await["code"], "QueueDoesNotExist");
}

#[tokio::test]
async fn a_receiver_that_leaves_takes_nothing_with_it() {
    let fixture = Fixture::new();
    let url = fixture.queue("q", json!({})).await;
    let waiting = wait_for(&fixture, &url);
    until_idle().await;
    waiting.abort();
    let _ = waiting.await;
    fixture.send(&url, "still there").await;
    assert_eq!(bodies(&fixture.receive(&url).await), ["still there"]);
}

#[tokio::test]
async fn other_services_send_by_arn() {
    let fixture = Fixture::new();
    let url = fixture.queue("dead", json!({})).await;
    let attributes = json!({ "ErrorCode": { "DataType": "Number", "StringValue": "200" } });
    fixture.sqs.send("arn:aws:sqs:us-east-2:123456789012:dead", "lost".to_owned(), attributes).unwrap();
    let got = fixture.receive(&url).await;
    assert_eq!(got[0]["MessageAttributes"]["ErrorCode"]["StringValue"], "200");
    for arn in ["arn:aws:sqs:us-east-1:123456789012:dead", "arn:aws:sqs:us-east-2:1:dead", "dead"] {
        let fault = fixture.sqs.send(arn, "x".to_owned(), Value::Null).unwrap_err();
        assert_eq!(fault.code, "QueueDoesNotExist", "{arn}");
    }
}
