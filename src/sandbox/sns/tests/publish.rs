//! What is published, and what is not.

use serde_json::{Value, json};

use super::Fixture;

#[tokio::test]
async fn messages_that_sns_does_not_take_are_refused() {
    let fixture = Fixture::new();
    let topic = fixture.topic("rides").await;
    fixture.queue(&topic, "q", json!({})).await;
    let attribute = |name: &str, value: Value| json!({ "MessageAttributes": { name: value } });
    for (more, code, words) in [
        (json!({ "Message": "" }), "InvalidParameter", "Empty message"),
        (json!({ "Message": null }), "ValidationError", "Message"),
        (json!({ "Message": "x".repeat(262_145) }), "InvalidParameter", "Message too long"),
        (
            json!({ "Message": "x".repeat(262_140), "MessageAttributes": { "a": { "DataType": "String", "StringValue": "x" } } }),
            "InvalidParameter",
            "Message too long",
        ),
        (json!({ "Subject": "" }), "InvalidParameter", "Subject"),
        (json!({ "Subject": "x".repeat(101) }), "InvalidParameter", "Subject"),
        (json!({ "Subject": "two\nlines" }), "InvalidParameter", "Subject"),
        (json!({ "MessageStructure": "xml" }), "InvalidParameter", "MessageStructure"),
        (json!({ "MessageStructure": "json" }), "InvalidParameter", "JSON message body failed to parse"),
        (
            json!({ "MessageStructure": "json", "Message": "{\"sqs\":\"x\"}" }),
            "InvalidParameter",
            "No default entry in JSON message body",
        ),
        (json!({ "MessageStructure": "json", "Message": "{\"default\":1}" }), "InvalidParameter", "No default entry"),
        (json!({ "MessageDeduplicationId": "x" }), "InvalidParameter", "MessageDeduplicationId"),
        (json!({ "PhoneNumber": "+15555550100" }), "InvalidParameter", "PhoneNumber"),
        (json!({ "TargetArn": topic }), "InvalidParameter", "TopicArn or TargetArn"),
        (
            json!({ "TopicArn": null }),
            "InvalidParameter",
            "TopicArn or TargetArn Reason: no value for required parameter",
        ),
        (
            attribute("a", json!({ "DataType": "String", "StringValue": "" })),
            "ParameterValueInvalid",
            "non-empty message attribute value",
        ),
        (attribute("a", json!({ "DataType": "String" })), "ParameterValueInvalid", "non-empty message attribute value"),
        (attribute("a", json!({ "StringValue": "x" })), "ParameterValueInvalid", "non-empty message attribute type"),
        (
            attribute("a", json!({ "DataType": "Text", "StringValue": "x" })),
            "ParameterValueInvalid",
            "supported type prefixes",
        ),
        (attribute("a", json!({ "DataType": "Number", "StringValue": "x" })), "ParameterValueInvalid", "to number"),
        (
            attribute("a", json!({ "DataType": "Binary", "StringValue": "x" })),
            "ParameterValueInvalid",
            "non-empty message attribute value",
        ),
        (
            attribute("a", json!({ "DataType": "String.Array", "StringValue": "x" })),
            "ParameterValueInvalid",
            "JSON array",
        ),
        (
            attribute("a b", json!({ "DataType": "String", "StringValue": "x" })),
            "ParameterValueInvalid",
            "attribute name",
        ),
    ] {
        let mut input = json!({ "TopicArn": topic, "Message": "x" });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let shown: String = more.to_string().chars().take(100).collect();
        let fault = fixture.call("Publish", input).await.unwrap_err();
        assert_eq!((fault.code.as_str(), fault.status), (code, 400), "{shown}");
        assert!(fault.message.contains(words), "{shown}: {fault}");
    }
    assert!(fixture.messages("q").await.is_empty());
    fixture.publish(&topic, &"x".repeat(262_144)).await;
    fixture.ok("Publish", json!({ "TargetArn": topic, "Message": "x", "Subject": "Fahrt für zwölf" })).await;
    assert_eq!(fixture.messages("q").await.len(), 2);
}

#[tokio::test]
async fn a_structure_gives_each_protocol_its_text() {
    let fixture = Fixture::new();
    let topic = fixture.topic("rides").await;
    fixture.queue(&topic, "q", json!({ "RawMessageDelivery": "true" })).await;
    fixture.subscribe(&topic, "lambda", super::FUNCTION, json!({})).await;
    let texts = json!({ "default": "all", "sqs": "queues" }).to_string();
    fixture.ok("Publish", json!({ "TopicArn": topic, "Message": texts, "MessageStructure": "json" })).await;
    assert_eq!(fixture.bodies("q").await, ["queues"]);
    assert_eq!(fixture.lambda.events()[0].1["Records"][0]["Sns"]["Message"], "all");
}

#[tokio::test]
async fn batches_answer_for_each_entry_and_are_refused_as_a_whole() {
    let fixture = Fixture::new();
    let topic = fixture.topic("rides").await;
    fixture.queue(&topic, "q", json!({ "RawMessageDelivery": "true" })).await;
    let entry = |id: &str, message: &str| json!({ "Id": id, "Message": message });
    let big = "x".repeat(30_000);
    for (entries, code) in [
        (json!([]), "EmptyBatchRequest"),
        (json!([entry("a", "1"), entry("a", "2")]), "BatchEntryIdsNotDistinct"),
        (json!([entry("a.b", "1")]), "InvalidBatchEntryId"),
        (Value::Array((0..11).map(|n| entry(&n.to_string(), "x")).collect()), "TooManyEntriesInBatchRequest"),
        (Value::Array((0..10).map(|n| entry(&n.to_string(), &big)).collect()), "BatchRequestTooLong"),
    ] {
        let input = json!({ "TopicArn": topic, "PublishBatchRequestEntries": entries });
        assert_eq!(fixture.call("PublishBatch", input).await.unwrap_err().code, code);
    }
    assert!(fixture.messages("q").await.is_empty());
    let entries = json!([entry("good", "1"), entry("empty", ""), entry("late", "2")]);
    let output = fixture.ok("PublishBatch", json!({ "TopicArn": topic, "PublishBatchRequestEntries": entries })).await;
    let ids: Vec<&str> =
        output["Successful"].as_array().unwrap().iter().map(|entry| entry["Id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["good", "late"]);
    assert_eq!(
        output["Failed"],
        json!([{ "Id": "empty", "Code": "InvalidParameter", "Message": "Invalid parameter: Empty message", "SenderFault": true }])
    );
    assert_eq!(fixture.bodies("q").await, ["1", "2"]);
}
