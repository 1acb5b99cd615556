//! Subscriptions and their attributes, and what survives a restart.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{FUNCTION, Fixture, Recorder};
use crate::sandbox::{Invoke, Service, Sns, Sqs};

const QUEUE: &str = "arn:aws:sqs:us-east-2:123456789012:q";

#[tokio::test]
async fn subscribing_again_gives_the_same_subscription() {
    let fixture = Fixture::new();
    let topic = fixture.topic("rides").await;
    let first = fixture.subscribe(&topic, "lambda", FUNCTION, json!({})).await;
    assert!(first.as_str().unwrap().starts_with(&format!("{}:", topic.as_str().unwrap())));
    assert_eq!(fixture.subscribe(&topic, "lambda", FUNCTION, json!({})).await, first);
    fixture.publish(&topic, "once").await;
    assert_eq!(fixture.lambda.events().len(), 1, "a second deploy must not deliver twice");

    let other = json!({ "TopicArn": topic, "Protocol": "lambda", "Endpoint": FUNCTION, "Attributes": { "FilterPolicy": "{\"a\":[1]}" } });
    let fault = fixture.call("Subscribe", other).await.unwrap_err();
    assert_eq!(
        fault.message,
        "Invalid parameter: Attributes Reason: Subscription already exists with different attributes"
    );
    assert_ne!(fixture.subscribe(&topic, "sqs", QUEUE, json!({})).await, first);
}

#[tokio::test]
async fn subscriptions_that_sns_does_not_make_are_refused() {
    let fixture = Fixture::new();
    let topic = fixture.topic("rides").await;
    for (protocol, endpoint, attributes, words) in [
        ("email", json!("a@example.com"), json!({}), "sandbox delivers to sqs and lambda"),
        ("https", json!("https://example.com"), json!({}), "sandbox delivers to sqs and lambda"),
        ("pigeon", json!("x"), json!({}), "does not support this protocol string: pigeon"),
        ("sqs", json!("http://127.0.0.1/q"), json!({}), "SQS endpoint ARN"),
        ("sqs", Value::Null, json!({}), "SQS endpoint ARN"),
        ("sqs", json!(FUNCTION), json!({}), "SQS endpoint ARN"),
        ("sqs", json!(format!("{QUEUE}.fifo")), json!({}), "FIFO SQS Queues can not be subscribed"),
        ("lambda", json!("record"), json!({}), "Lambda endpoint ARN"),
        ("lambda", json!(QUEUE), json!({}), "Lambda endpoint ARN"),
        ("lambda", json!(FUNCTION), json!({ "RawMessageDelivery": "true" }), "does not support raw"),
        ("sqs", json!(QUEUE), json!({ "RawMessageDelivery": "maybe" }), "RawMessageDelivery"),
        ("sqs", json!(QUEUE), json!({ "FilterPolicy": "x" }), "FilterPolicy: failed to parse JSON"),
        ("sqs", json!(QUEUE), json!({ "FilterPolicyScope": "Subject" }), "FilterPolicyScope"),
        ("sqs", json!(QUEUE), json!({ "RedrivePolicy": "{}" }), "deadLetterTargetArn"),
        ("sqs", json!(QUEUE), json!({ "Nonsense": "1" }), "AttributeName"),
    ] {
        let input = json!({ "TopicArn": topic, "Protocol": protocol, "Endpoint": endpoint, "Attributes": attributes });
        let fault = fixture.call("Subscribe", input).await.unwrap_err();
        assert_eq!((fault.code.as_str(), fault.status), ("InvalidParameter", 400));
        assert!(fault.message.contains(words), "{protocol} {endpoint} {attributes}: {fault}");
    }
    assert_eq!(fixture.ok("ListSubscriptions", json!({})).await, json!({ "Subscriptions": [] }));
}

#[tokio::test]
async fn subscriptions_are_listed_described_changed_and_removed() {
    let fixture = Fixture::new();
    let (rides, other) = (fixture.topic("rides").await, fixture.topic("other").await);
    let attributes =
        json!({ "FilterPolicy": "{\"Unicorn\":{\"Color\":[\"White\"]}}", "FilterPolicyScope": "MessageBody" });
    let arn = fixture.queue(&rides, "q", attributes).await;
    fixture.subscribe(&other, "lambda", FUNCTION, json!({})).await;

    let all = fixture.ok("ListSubscriptions", json!({})).await;
    assert_eq!(all["Subscriptions"].as_array().unwrap().len(), 2);
    let of_topic = fixture.ok("ListSubscriptionsByTopic", json!({ "TopicArn": rides })).await;
    assert_eq!(
        of_topic["Subscriptions"],
        json!([{ "SubscriptionArn": arn, "Owner": "123456789012", "Protocol": "sqs", "Endpoint": QUEUE, "TopicArn": rides }])
    );

    let get = || fixture.ok("GetSubscriptionAttributes", json!({ "SubscriptionArn": arn }));
    let shown = get().await["Attributes"].clone();
    for (name, value) in [
        ("Endpoint", QUEUE),
        ("Protocol", "sqs"),
        ("PendingConfirmation", "false"),
        ("RawMessageDelivery", "false"),
        ("FilterPolicyScope", "MessageBody"),
        ("ConfirmationWasAuthenticated", "true"),
    ] {
        assert_eq!(shown[name], value, "{name}");
    }
    let set = |name: &str, value: &str| {
        fixture.call(
            "SetSubscriptionAttributes",
            json!({ "SubscriptionArn": arn, "AttributeName": name, "AttributeValue": value }),
        )
    };
    set("RawMessageDelivery", "true").await.unwrap();
    assert_eq!(get().await["Attributes"]["RawMessageDelivery"], "true");
    // A nested policy and the other scope do not go together.
    assert!(set("FilterPolicyScope", "MessageAttributes").await.unwrap_err().message.contains("nested"));
    assert_eq!(get().await["Attributes"]["FilterPolicyScope"], "MessageBody");
    set("FilterPolicy", "{}").await.unwrap();
    assert_eq!(get().await["Attributes"].get("FilterPolicy"), None);
    assert!(set("Endpoint", "x").await.is_err());

    fixture.ok("Unsubscribe", json!({ "SubscriptionArn": arn })).await;
    fixture.ok("Unsubscribe", json!({ "SubscriptionArn": arn })).await;
    let gone = fixture.call("GetSubscriptionAttributes", json!({ "SubscriptionArn": arn })).await.unwrap_err();
    assert_eq!(
        (gone.code.as_str(), gone.status, gone.message.as_str()),
        ("NotFound", 404, "Subscription does not exist")
    );
    let topic = fixture.ok("GetTopicAttributes", json!({ "TopicArn": rides })).await;
    assert_eq!(topic["Attributes"]["SubscriptionsDeleted"], "1");
    for arn in ["x", rides.as_str().unwrap()] {
        assert_eq!(
            fixture.call("Unsubscribe", json!({ "SubscriptionArn": arn })).await.unwrap_err().code,
            "InvalidParameter"
        );
    }

    fixture.ok("DeleteTopic", json!({ "TopicArn": other })).await;
    assert_eq!(fixture.ok("ListSubscriptions", json!({})).await, json!({ "Subscriptions": [] }));
}

#[tokio::test]
async fn a_restart_keeps_topics_and_subscriptions() {
    let fixture = Fixture::new();
    let topic = fixture.topic("rides").await;
    fixture.ok("TagResource", json!({ "ResourceArn": topic, "Tags": [{ "Key": "a", "Value": "1" }] })).await;
    let attributes = json!({ "FilterPolicy": "{\"Unicorn\":{\"Color\":[\"White\"]}}", "FilterPolicyScope": "MessageBody", "RawMessageDelivery": "true" });
    let arn = fixture.queue(&topic, "q", attributes).await;
    let snapshot = (fixture.sns.snapshot().unwrap(), fixture.sqs.snapshot().unwrap());

    let mut later = Fixture::new();
    later.sqs = Arc::new(Sqs::new(Arc::clone(&later.account)));
    later.sqs.restore(&snapshot.1).unwrap();
    let lambda: Arc<dyn Invoke> = Arc::new(Recorder::default());
    later.sns = Sns::new(Arc::clone(&later.account), Arc::clone(&later.sqs), lambda);
    later.sns.restore(&snapshot.0).unwrap();
    let input = json!({ "SubscriptionArn": arn });
    let before = fixture.ok("GetSubscriptionAttributes", input.clone()).await;
    assert_eq!(before, later.ok("GetSubscriptionAttributes", input).await);
    assert_eq!(later.ok("ListTagsForResource", json!({ "ResourceArn": topic })).await["Tags"][0]["Value"], "1");
    for color in ["White", "Golden"] {
        later.publish(&topic, &json!({ "Unicorn": { "Color": color } }).to_string()).await;
    }
    assert_eq!(later.bodies("q").await, [r#"{"Unicorn":{"Color":"White"}}"#]);
    for broken in [&b"{}"[..], b"", br#"{"version":9,"topics":{}}"#] {
        assert!(Fixture::new().sns.restore(broken).is_err());
    }
}
