//! Topics, their attributes, permissions and tags.

use serde_json::{Value, json};

use super::Fixture;
use crate::sandbox::{Access, Call, Caller, Service};

#[tokio::test]
async fn making_a_topic_again_is_fine_unless_it_would_be_another() {
    let fixture = Fixture::new();
    let topic = fixture.topic("rides").await;
    assert_eq!(topic, "arn:aws:sns:us-east-2:123456789012:rides");
    assert_eq!(fixture.topic("rides").await, topic);
    let named =
        json!({ "Name": "named", "Attributes": { "DisplayName": "Rides" }, "Tags": [{ "Key": "a", "Value": "1" }] });
    fixture.ok("CreateTopic", named.clone()).await;
    fixture.ok("CreateTopic", named).await;
    fixture.ok("CreateTopic", json!({ "Name": "named" })).await;
    for (more, words) in [
        (json!({ "Name": "named", "Attributes": { "DisplayName": "Other" } }), "different attributes"),
        (json!({ "Name": "named", "Tags": [{ "Key": "a", "Value": "2" }] }), "different tags"),
    ] {
        let fault = fixture.call("CreateTopic", more).await.unwrap_err();
        assert_eq!(fault.code, "InvalidParameter");
        assert!(fault.message.contains(words), "{fault}");
    }
}

/// The query protocol has no other form for them.
#[tokio::test]
async fn an_empty_text_is_an_empty_list_or_map() {
    let fixture = Fixture::new();
    let topic =
        fixture.ok("CreateTopic", json!({ "Name": "rides", "Attributes": "", "Tags": "" })).await["TopicArn"].clone();
    fixture.ok("Publish", json!({ "TopicArn": topic, "Message": "x", "MessageAttributes": "" })).await;
    let batch = json!({ "TopicArn": topic, "PublishBatchRequestEntries": "" });
    assert_eq!(fixture.call("PublishBatch", batch).await.unwrap_err().code, "EmptyBatchRequest");
}

#[tokio::test]
async fn topics_that_the_sandbox_does_not_make_are_refused() {
    let fixture = Fixture::new();
    for (input, code, words) in [
        (json!({ "Name": "" }), "InvalidParameter", "Topic Name"),
        (json!({ "Name": "a b" }), "InvalidParameter", "Topic Name"),
        (json!({ "Name": "a".repeat(257) }), "InvalidParameter", "Topic Name"),
        (json!({ "Name": "a.fifo" }), "InvalidParameter", "standard topics only"),
        (json!({ "Name": "a", "Attributes": { "FifoTopic": "true" } }), "InvalidParameter", "standard topics only"),
        (json!({ "Name": "a", "Attributes": { "Nonsense": "1" } }), "InvalidParameter", "AttributeName"),
        (json!({ "Name": "a", "Attributes": { "Policy": "nonsense" } }), "InvalidParameter", "Policy"),
        (json!({ "Name": "a", "Attributes": { "SignatureVersion": "3" } }), "InvalidParameter", "SignatureVersion"),
        (json!({ "Name": "a", "Attributes": "x" }), "InvalidParameter", "map of strings"),
        (json!({}), "ValidationError", "Name"),
    ] {
        let fault = fixture.call("CreateTopic", input.clone()).await.unwrap_err();
        assert_eq!((fault.code.as_str(), fault.status), (code, 400), "{input}");
        assert!(fault.message.contains(words), "{input}: {fault}");
    }
    assert_eq!(fixture.ok("ListTopics", json!({})).await, json!({ "Topics": [] }));
}

#[tokio::test]
async fn lists_come_in_pages_of_a_hundred() {
    let fixture = Fixture::new();
    for n in 0..205 {
        fixture.topic(&format!("t{n}")).await;
    }
    let (mut token, mut sizes, mut seen) = (Value::Null, Vec::new(), std::collections::BTreeSet::new());
    loop {
        let page = fixture.ok("ListTopics", json!({ "NextToken": token })).await;
        let topics = page["Topics"].as_array().unwrap();
        sizes.push(topics.len());
        seen.extend(topics.iter().map(|topic| topic["TopicArn"].to_string()));
        token = page["NextToken"].clone();
        if token.is_null() {
            break;
        }
    }
    assert_eq!((sizes, seen.len()), (vec![100, 100, 5], 205));
    assert_eq!(fixture.call("ListTopics", json!({ "NextToken": "%" })).await.unwrap_err().code, "InvalidParameter");
}

#[tokio::test]
async fn attributes_are_shown_and_set() {
    let fixture = Fixture::new();
    let topic = fixture.topic("rides").await;
    fixture.queue(&topic, "q", json!({})).await;
    fixture
        .ok(
            "SetTopicAttributes",
            json!({ "TopicArn": topic, "AttributeName": "DisplayName", "AttributeValue": "Rides" }),
        )
        .await;
    let shown = fixture.ok("GetTopicAttributes", json!({ "TopicArn": topic })).await["Attributes"].clone();
    for (name, value) in [
        ("TopicArn", topic.as_str().unwrap()),
        ("Owner", "123456789012"),
        ("DisplayName", "Rides"),
        ("SubscriptionsConfirmed", "1"),
        ("SubscriptionsPending", "0"),
        ("SubscriptionsDeleted", "0"),
    ] {
        assert_eq!(shown[name], value, "{name}");
    }
    let policy: Value = serde_json::from_str(shown["Policy"].as_str().unwrap()).unwrap();
    assert_eq!(policy["Statement"][0]["Resource"], topic);
    let unknown = json!({ "TopicArn": topic, "AttributeName": "Owner", "AttributeValue": "me" });
    assert_eq!(fixture.call("SetTopicAttributes", unknown).await.unwrap_err().code, "InvalidParameter");
}

#[tokio::test]
async fn permissions_come_and_go_by_label() {
    let fixture = Fixture::new();
    let topic = fixture.topic("rides").await;
    let add =
        json!({ "TopicArn": topic, "Label": "friend", "AWSAccountId": ["111122223333"], "ActionName": ["Publish"] });
    fixture.ok("AddPermission", add.clone()).await;
    let statements = || async {
        let shown = fixture.ok("GetTopicAttributes", json!({ "TopicArn": topic })).await;
        let policy: Value = serde_json::from_str(shown["Attributes"]["Policy"].as_str().unwrap()).unwrap();
        policy["Statement"].as_array().unwrap().clone()
    };
    let all = statements().await;
    assert_eq!(all.len(), 2);
    assert_eq!(all[1]["Principal"]["AWS"], "arn:aws:iam::111122223333:root");
    assert_eq!(all[1]["Action"], "SNS:Publish");
    assert_eq!(
        fixture.call("AddPermission", add).await.unwrap_err().message,
        "Invalid parameter: Statement already exists"
    );
    fixture.ok("RemovePermission", json!({ "TopicArn": topic, "Label": "friend" })).await;
    assert_eq!(statements().await.len(), 1);
    let odd = json!({ "TopicArn": topic, "Label": "x", "AWSAccountId": ["1"], "ActionName": ["Fly"] });
    assert_eq!(fixture.call("AddPermission", odd).await.unwrap_err().code, "InvalidParameter");
}

#[tokio::test]
async fn topics_that_are_not_there() {
    let fixture = Fixture::new();
    let none = "arn:aws:sns:us-east-2:123456789012:none";
    for operation in [
        "GetTopicAttributes",
        "SetTopicAttributes",
        "ListSubscriptionsByTopic",
        "Publish",
        "AddPermission",
        "RemovePermission",
    ] {
        let input = json!({ "TopicArn": none, "AttributeName": "DisplayName", "Message": "x", "Label": "x" });
        let fault = fixture.call(operation, input).await.unwrap_err();
        assert_eq!(
            (fault.code.as_str(), fault.status, fault.message.as_str()),
            ("NotFound", 404, "Topic does not exist"),
            "{operation}"
        );
    }
    fixture.ok("DeleteTopic", json!({ "TopicArn": none })).await;
    for (arn, code, status) in [
        ("none", "InvalidParameter", 400),
        ("arn:aws:sns:eu-west-1:123456789012:none", "InvalidParameter", 400),
        ("arn:aws:sqs:us-east-2:123456789012:none", "InvalidParameter", 400),
        ("arn:aws:sns:us-east-2:999999999999:none", "AuthorizationError", 403),
    ] {
        let fault = fixture.call("Publish", json!({ "TopicArn": arn, "Message": "x" })).await.unwrap_err();
        assert_eq!((fault.code.as_str(), fault.status), (code, status), "{arn}");
    }
}

#[tokio::test]
async fn tags() {
    let fixture = Fixture::new();
    let topic = fixture.topic("rides").await;
    let tag = |key: &str, value: &str| json!({ "Key": key, "Value": value });
    fixture.ok("TagResource", json!({ "ResourceArn": topic, "Tags": [tag("a", "1"), tag("b", "2")] })).await;
    fixture.ok("TagResource", json!({ "ResourceArn": topic, "Tags": [tag("a", "3")] })).await;
    assert_eq!(
        fixture.ok("ListTagsForResource", json!({ "ResourceArn": topic })).await,
        json!({ "Tags": [tag("a", "3"), tag("b", "2")] })
    );
    fixture.ok("UntagResource", json!({ "ResourceArn": topic, "TagKeys": ["a", "c"] })).await;
    assert_eq!(
        fixture.ok("ListTagsForResource", json!({ "ResourceArn": topic })).await,
        json!({ "Tags": [tag("b", "2")] })
    );
    let many: Vec<Value> = (0..50).map(|n| tag(&n.to_string(), "x")).collect();
    assert_eq!(
        fixture.call("TagResource", json!({ "ResourceArn": topic, "Tags": many })).await.unwrap_err().code,
        "TagLimitExceeded"
    );
    let none = json!({ "ResourceArn": "arn:aws:sns:us-east-2:123456789012:none" });
    assert_eq!(fixture.call("ListTagsForResource", none).await.unwrap_err().code, "ResourceNotFound");
}

#[tokio::test]
async fn permissions_are_asked_for_on_the_topic() {
    let fixture = Fixture::new();
    let arn = "arn:aws:sns:us-east-2:123456789012:rides";
    for (operation, input, action, resource) in [
        ("Publish", json!({ "TopicArn": arn }), "sns:Publish", arn),
        ("Publish", json!({ "TargetArn": arn }), "sns:Publish", arn),
        ("Publish", json!({ "PhoneNumber": "+1" }), "sns:Publish", "+1"),
        ("PublishBatch", json!({ "TopicArn": arn }), "sns:Publish", arn),
        ("CreateTopic", json!({ "Name": "rides" }), "sns:CreateTopic", arn),
        ("TagResource", json!({ "ResourceArn": arn }), "sns:TagResource", arn),
        ("ListTopics", json!({}), "sns:ListTopics", "*"),
    ] {
        let call = Call {
            operation: operation.into(),
            input,
            region: "us-east-2".into(),
            caller: Caller::Learner,
            request_id: String::new(),
            rest: None,
        };
        assert_eq!(fixture.sns.access(&call), [Access { action: action.into(), resource: resource.into() }]);
    }
    assert_eq!(fixture.sns.denial(), "AuthorizationError");
    let fault = fixture.call("CreatePlatformEndpoint", json!({})).await.unwrap_err();
    assert!(fault.message.contains("CreatePlatformEndpoint"), "{fault}");
}
