//! What arrives at queues and functions, and what becomes of what cannot.

use std::time::Duration;

use serde_json::{Value, json};

use super::{FUNCTION, Fixture, call, notes, until};
use crate::sandbox::Fault;

const QUEUE: &str = "arn:aws:sqs:us-east-2:123456789012:q";

fn attributes() -> Value {
    json!({
        "kind": { "DataType": "String", "StringValue": "ride" },
        "count": { "DataType": "Number", "StringValue": "2" },
        "blob": { "DataType": "Binary", "BinaryValue": "AAH/" },
        "tags": { "DataType": "String.Array", "StringValue": "[\"a\",1]" },
    })
}

#[tokio::test]
async fn a_queue_gets_the_envelope_as_aws_lays_it_out() {
    let fixture = Fixture::new();
    let topic = fixture.topic("rides").await;
    let arn = fixture.queue(&topic, "q", json!({})).await;
    let input = json!({ "TopicArn": topic, "Message": "{\"a\": \"ü\"}\n", "Subject": "A ride", "MessageAttributes": attributes() });
    let id = fixture.ok("Publish", input).await["MessageId"].clone();
    let bare = fixture.publish(&topic, "x").await;
    let got = fixture.messages("q").await;
    assert_eq!(got[0].get("MessageAttributes"), None, "they are in the envelope");

    let body = got[0]["Body"].as_str().unwrap();
    let mut envelope: Value = serde_json::from_str(body).unwrap();
    let timestamp = envelope["Timestamp"].take();
    let timestamp = timestamp.as_str().unwrap();
    assert!(chrono::DateTime::parse_from_rfc3339(timestamp).is_ok() && timestamp.len() == 24, "{timestamp}");
    insta::assert_snapshot!(
        body.replace(timestamp, "TIME").replace(id.as_str().unwrap(), "ID").replace(arn.as_str().unwrap(), "SUBSCRIPTION"),
        @r#"
    {
      "Type" : "Notification",
      "MessageId" : "ID",
      "TopicArn" : "arn:aws:sns:us-east-2:123456789012:rides",
      "Subject" : "A ride",
      "Message" : "{\"a\": \"ü\"}\n",
      "Timestamp" : "TIME",
      "SignatureVersion" : "1",
      "Signature" : "cnlkZXMgc2FuZGJveDogbm90IHNpZ25lZA==",
      "SigningCertURL" : "https://sns.us-east-2.amazonaws.com/SimpleNotificationService-rydes.pem",
      "UnsubscribeURL" : "http://127.0.0.1:4100/?Action=Unsubscribe&SubscriptionArn=SUBSCRIPTION",
      "MessageAttributes" : {
        "kind" : {"Type":"String","Value":"ride"},
        "count" : {"Type":"Number","Value":"2"},
        "blob" : {"Type":"Binary","Value":"AAH/"},
        "tags" : {"Type":"String.Array","Value":"[\"a\",1]"}
      }
    }
    "#
    );
    let second: Value = serde_json::from_str(got[1]["Body"].as_str().unwrap()).unwrap();
    assert_eq!((second.get("Subject"), second.get("MessageAttributes")), (None, None));
    assert_eq!(second["MessageId"], bare["MessageId"]);
}

#[tokio::test]
async fn a_raw_queue_gets_the_message_and_its_attributes() {
    let fixture = Fixture::new();
    let topic = fixture.topic("rides").await;
    fixture.queue(&topic, "q", json!({ "RawMessageDelivery": "true" })).await;
    fixture.ok("Publish", json!({ "TopicArn": topic, "Message": "ride", "MessageAttributes": attributes() })).await;
    let got = fixture.messages("q").await;
    assert_eq!(got[0]["Body"], "ride");
    assert_eq!(got[0]["MessageAttributes"], attributes());
}

#[tokio::test]
async fn a_function_gets_an_event() {
    let fixture = Fixture::new();
    let topic = fixture.topic("rides").await;
    let arn = fixture.subscribe(&topic, "lambda", FUNCTION, json!({})).await;
    let id = fixture
        .ok("Publish", json!({ "TopicArn": topic, "Message": "ride", "MessageAttributes": attributes() }))
        .await["MessageId"]
        .clone();
    let (function, mut event) = fixture.lambda.events().remove(0);
    assert_eq!(function, FUNCTION);
    assert!(event["Records"][0]["Sns"]["Timestamp"].take().is_string());
    assert!(event["Records"][0]["Sns"]["Signature"].take().is_string());
    let unsubscribe = format!("http://127.0.0.1:4100/?Action=Unsubscribe&SubscriptionArn={}", arn.as_str().unwrap());
    assert_eq!(
        event,
        json!({ "Records": [{
            "EventSource": "aws:sns",
            "EventVersion": "1.0",
            "EventSubscriptionArn": arn,
            "Sns": {
                "Type": "Notification",
                "MessageId": id,
                "TopicArn": topic,
                "Subject": null,
                "Message": "ride",
                "Timestamp": null,
                "SignatureVersion": "1",
                "Signature": null,
                "SigningCertUrl": "https://sns.us-east-2.amazonaws.com/SimpleNotificationService-rydes.pem",
                "UnsubscribeUrl": unsubscribe,
                "MessageAttributes": {
                    "kind": { "Type": "String", "Value": "ride" },
                    "count": { "Type": "Number", "Value": "2" },
                    "blob": { "Type": "Binary", "Value": "AAH/" },
                    "tags": { "Type": "String.Array", "Value": "[\"a\",1]" },
                },
            },
        }] })
    );
}

#[tokio::test]
async fn filters_pick_by_attributes_or_body() {
    let fixture = Fixture::new();
    let topic = fixture.topic("rides").await;
    let raw = |policy: Value, scope: &str| json!({ "RawMessageDelivery": "true", "FilterPolicy": policy.to_string(), "FilterPolicyScope": scope });
    fixture.queue(&topic, "attributes", raw(json!({ "kind": ["ride"] }), "MessageAttributes")).await;
    fixture.queue(&topic, "body", raw(json!({ "n": [{ "numeric": [">", 1] }] }), "MessageBody")).await;
    fixture.queue(&topic, "all", json!({ "RawMessageDelivery": "true" })).await;
    fixture
        .ok("Publish", json!({ "TopicArn": topic, "Message": "{\"n\":1}", "MessageAttributes": attributes() }))
        .await;
    fixture.publish(&topic, "{\"n\":2}").await;
    assert_eq!(fixture.bodies("attributes").await, ["{\"n\":1}"]);
    assert_eq!(fixture.bodies("body").await, ["{\"n\":2}"]);
    assert_eq!(fixture.bodies("all").await.len(), 2);
}

/// The event bus of an earlier candidate lost messages of whoever lagged behind.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn twelve_thousand_of_twelve_thousand_arrive() {
    let fixture = std::sync::Arc::new(Fixture::new());
    let topic = fixture.topic("rides").await;
    fixture.queue(&topic, "q", json!({ "RawMessageDelivery": "true" })).await;
    fixture.subscribe(&topic, "lambda", FUNCTION, json!({})).await;
    let publishers: Vec<_> = (0..4)
        .map(|publisher| {
            let (fixture, topic) = (std::sync::Arc::clone(&fixture), topic.clone());
            tokio::spawn(async move {
                for n in 0..3_000 {
                    fixture.publish(&topic, &format!("{publisher}-{n}")).await;
                }
            })
        })
        .collect();
    for publisher in publishers {
        publisher.await.unwrap();
    }
    let queued = fixture.bodies("q").await;
    let handed: Vec<String> = fixture
        .lambda
        .events()
        .iter()
        .map(|(_, event)| event["Records"][0]["Sns"]["Message"].as_str().unwrap().to_owned())
        .collect();
    for arrived in [queued, handed] {
        assert_eq!(arrived.len(), 12_000);
        for publisher in 0..4 {
            let own = arrived.iter().filter(|text| text.starts_with(&format!("{publisher}-")));
            assert!(own.eq((0..3_000).map(|n| format!("{publisher}-{n}")).collect::<Vec<_>>().iter()), "in order");
        }
    }
}

fn throttled() -> Fault {
    Fault::sender("TooManyRequestsException", "Rate Exceeded.").status(429)
}

#[tokio::test]
async fn a_busy_function_is_tried_again_at_once_and_then_later() {
    let fixture = Fixture::new();
    let topic = fixture.topic("rides").await;
    fixture.subscribe(&topic, "lambda", FUNCTION, json!({})).await;
    fixture.lambda.fail(4, &throttled());
    fixture.publish(&topic, "ride").await;
    let left = || fixture.lambda.faults.lock().unwrap().len();
    until(|| left() == 0).await;
    assert!(fixture.lambda.events().is_empty(), "three retries at once did not help");
    // Whoever sleeps on the clock follows its jumps.
    until(|| {
        fixture.account.clock.advance(Duration::from_secs(1));
        fixture.lambda.events().len() == 1
    })
    .await;
}

#[tokio::test]
async fn what_is_never_taken_ends_in_the_dead_letter_queue() {
    let fixture = Fixture::new();
    let topic = fixture.topic("rides").await;
    fixture.dead_letters("dead").await;
    let redrive = json!({ "RedrivePolicy": json!({ "deadLetterTargetArn": "arn:aws:sqs:us-east-2:123456789012:dead" }).to_string() });
    fixture.subscribe(&topic, "lambda", FUNCTION, redrive).await;
    fixture.lambda.fail(20, &throttled());
    fixture.lambda.fail(1, &Fault::sender("ResourceNotFoundException", "gone").status(404));
    fixture.publish(&topic, "ride").await;
    until(|| {
        fixture.account.clock.advance(Duration::from_secs(20));
        fixture.lambda.faults.lock().unwrap().is_empty()
    })
    .await;
    let dead = fixture.messages("dead").await;
    let envelope: Value = serde_json::from_str(dead[0]["Body"].as_str().unwrap()).unwrap();
    assert_eq!((&envelope["Type"], &envelope["Message"]), (&json!("Notification"), &json!("ride")));
    assert!(fixture.lambda.events().is_empty());
}

/// As on AWS: what is gone is not tried again.
#[tokio::test]
async fn a_missing_function_or_queue_loses_the_message_and_the_feed_says_so() {
    let fixture = Fixture::new();
    let mut feed = fixture.account.feed.listen();
    let topic = fixture.topic("rides").await;
    fixture.subscribe(&topic, "lambda", FUNCTION, json!({})).await;
    fixture.subscribe(&topic, "sqs", QUEUE, json!({})).await;
    fixture.lambda.fail(1, &Fault::sender("ResourceNotFoundException", "Function not found").status(404));
    fixture.publish(&topic, "ride").await;
    let notes = notes(&mut feed);
    assert_eq!(notes.len(), 2, "{notes:?}");
    assert!(notes[0].contains("Function not found") && notes[0].contains("it is lost"), "{notes:?}");
    assert!(notes[1].contains("QueueDoesNotExist"), "{notes:?}");
}

#[tokio::test]
async fn the_policy_of_a_queue_lets_topics_in_or_not() {
    let fixture = Fixture::new();
    let topic = fixture.topic("rides").await;
    fixture.queue(&topic, "q", json!({ "RawMessageDelivery": "true" })).await;
    let policy = |effect: &str, principal: Value, action: &str, condition: Value| json!({ "Statement": [{ "Effect": effect, "Principal": principal, "Action": action, "Resource": "*", "Condition": condition }] });
    let sns = json!({ "Service": "sns.amazonaws.com" });
    let from = |arn: &str| json!({ "ArnEquals": { "aws:SourceArn": arn } });
    for (policy, expected) in [
        (policy("Allow", sns.clone(), "sqs:SendMessage", json!({})), true),
        (policy("Allow", sns.clone(), "SQS:*", from(topic.as_str().unwrap())), true),
        (policy("Allow", json!("*"), "*", from("arn:aws:sns:*:123456789012:rid??")), true),
        (policy("Allow", json!({ "AWS": ["*"] }), "sqs:Send*", json!({})), true),
        (policy("Allow", sns.clone(), "sqs:SendMessage", from("arn:aws:sns:us-east-2:123456789012:other")), false),
        (policy("Allow", sns.clone(), "sqs:ReceiveMessage", json!({})), false),
        (policy("Allow", json!({ "Service": "events.amazonaws.com" }), "sqs:SendMessage", json!({})), false),
        (policy("Deny", sns, "sqs:SendMessage", json!({})), false),
        (json!({ "Statement": { "Effect": "Allow", "Principal": "*", "Action": ["sqs:SendMessage"] } }), true),
        (json!({}), false),
    ] {
        let set = json!({ "QueueUrl": "http://127.0.0.1:4100/123456789012/q", "Attributes": { "Policy": policy.to_string() } });
        call(&*fixture.sqs, "SetQueueAttributes", set).await.unwrap();
        fixture.publish(&topic, "x").await;
        assert_eq!(fixture.bodies("q").await.len() == 1, expected, "{policy}");
    }
}

/// It works here and would not on AWS: whoever watches is told.
#[tokio::test]
async fn a_queue_without_a_policy_takes_messages_and_the_feed_says_what_aws_would_do() {
    let fixture = Fixture::new();
    let mut feed = fixture.account.feed.listen();
    let topic = fixture.topic("rides").await;
    fixture.queue(&topic, "q", json!({})).await;
    fixture.publish(&topic, "x").await;
    fixture.publish(&topic, "y").await;
    assert_eq!(fixture.messages("q").await.len(), 2);
    let notes = notes(&mut feed);
    assert!(notes.len() == 1 && notes[0].contains("AWS would have dropped it"), "once is enough: {notes:?}");
}
