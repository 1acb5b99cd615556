//! Message attributes and their digests, against values of other implementations.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::Fixture;
use crate::sandbox::sqs::attribute::{self, digest, digest_of};

fn md5_of(attributes: &Value) -> String {
    digest(&attribute::parse(attributes.as_object().unwrap()).unwrap())
}

#[test]
fn digests_are_those_that_clients_compute() {
    assert_eq!(digest_of("hello"), "5d41402abc4b2a76b9719d911017c592");
    for (attributes, md5) in MD5_CASES {
        assert_eq!(md5_of(&serde_json::from_str(attributes).unwrap()), md5, "{attributes}");
    }
}

const MD5_CASES: [(&str, &str); 4] = [
    (r#"{"timestamp": {"DataType": "Number", "StringValue": "1493147359900"}}"#, "235c5c510d26fb653d073faed50ae77c"),
    (r#"{"b": {"DataType": "Binary", "BinaryValue": "AAH/"}}"#, "35842bdf855d374207ff397bc05e1ca4"),
    (r#"{"City": {"DataType": "String", "StringValue": "Köln ✓"}}"#, "5edb55b2c9af946e663f4b56aff05bf2"),
    (
        r#"{"z": {"DataType": "String.label", "StringValue": "last"}, "a": {"DataType": "Number.float", "StringValue": "-1.5e3"}, "B": {"DataType": "Binary.png", "BinaryValue": "aGVsbG8="}}"#,
        "70b56a4647a64f704d6ea6c82f83cb42",
    ),
];

proptest! {
    /// Whatever the order in which they are given.
    #[test]
    fn the_digest_does_not_depend_on_the_order(mut names in prop::collection::hash_set("[a-z]{1,8}", 1..8), value in "\\PC{1,20}") {
        let one: Vec<String> = names.drain().collect();
        let pairs = |names: &[String]| {
            let all = names.iter().map(|name| (name.clone(), json!({ "DataType": "String", "StringValue": value })));
            Value::Object(all.collect())
        };
        let other: Vec<String> = one.iter().rev().cloned().collect();
        prop_assert_eq!(md5_of(&pairs(&one)), md5_of(&pairs(&other)));
    }

    /// Another value, type or name is another digest.
    #[test]
    fn the_digest_tells_attributes_apart(value in "[0-9]{1,9}") {
        let one = |name: &str, kind: &str, value: &str| json!({ name: { "DataType": kind, "StringValue": value } });
        let all = [one("a", "String", &value), one("a", "Number", &value), one("b", "String", &value), one("a", "String", &format!("{value}0"))];
        let digests: std::collections::BTreeSet<String> = all.iter().map(md5_of).collect();
        prop_assert_eq!(digests.len(), 4);
    }
}

#[tokio::test]
async fn attributes_that_sqs_does_not_take_are_refused() {
    let fixture = Fixture::new();
    let url = fixture.queue("q", json!({})).await;
    let text = |value: &str| json!({ "DataType": "String", "StringValue": value });
    let eleven: Value = (0..11).map(|n| (format!("a{n}"), text("x"))).collect::<serde_json::Map<_, _>>().into();
    for (attributes, words) in [
        (json!({ "a": { "DataType": "String", "StringValue": "" } }), "non-empty message attribute value"),
        (json!({ "a": { "StringValue": "x" } }), "non-empty message attribute type"),
        (json!({ "a": { "DataType": "Text", "StringValue": "x" } }), "supported type prefixes"),
        (json!({ "a": { "DataType": "String.", "StringValue": "x" } }), "supported type prefixes"),
        (json!({ "a": { "DataType": "Number", "StringValue": "one" } }), "to a number"),
        (json!({ "a": { "DataType": "Number", "StringValue": "inf" } }), "to a number"),
        (json!({ "a": { "DataType": "Binary", "StringValue": "x" } }), "BinaryValue, not StringValue"),
        (json!({ "a": { "DataType": "Binary", "BinaryValue": "%" } }), "not Base64"),
        (json!({ "AWS.a": text("x") }), "reserved"),
        (json!({ "a..b": text("x") }), "period"),
        (json!({ "a b": text("x") }), "alphanumeric"),
        (json!({ "": text("x") }), "non-empty message attribute names"),
        (eleven, "[11] exceeds the allowed maximum [10]"),
    ] {
        let input = json!({ "QueueUrl": url, "MessageBody": "x", "MessageAttributes": attributes });
        let fault = fixture.call("SendMessage", input).await.unwrap_err();
        assert_eq!(fault.code, "InvalidParameterValue", "{attributes}");
        assert!(fault.message.contains(words), "{attributes}: {}", fault.message);
    }
}

#[tokio::test]
async fn a_receiver_gets_the_attributes_that_it_names_with_their_own_digest() {
    let fixture = Fixture::new();
    let url = fixture.queue("q", json!({ "VisibilityTimeout": "0" })).await;
    let a = json!({ "ride.id": { "DataType": "String", "StringValue": "1" } });
    let all = json!({
        "ride.id": { "DataType": "String", "StringValue": "1" },
        "ride.no": { "DataType": "Number.int", "StringValue": "2" },
        "blob": { "DataType": "Binary", "BinaryValue": "AAH/" },
    });
    let sent =
        fixture.ok("SendMessage", json!({ "QueueUrl": url, "MessageBody": "x", "MessageAttributes": all })).await;
    assert_eq!(sent["MD5OfMessageAttributes"], md5_of(&all));
    assert_eq!(sent["MD5OfMessageBody"], digest_of("x"));
    for (names, count, md5) in [
        (json!(["All"]), 3, Some(md5_of(&all))),
        (json!([".*"]), 3, Some(md5_of(&all))),
        (json!(["ride.id"]), 1, Some(md5_of(&a))),
        (json!(["ride.*"]), 2, None),
        (json!(["other"]), 0, Some(String::new())),
        (json!([]), 0, Some(String::new())),
    ] {
        let got = fixture.receive_with(&url, json!({ "MessageAttributeNames": names })).await;
        let shown = got[0]["MessageAttributes"].as_object().cloned().unwrap_or_default();
        assert_eq!(shown.len(), count, "{names}");
        if let Some(md5) = md5 {
            assert_eq!(got[0]["MD5OfMessageAttributes"].as_str().unwrap_or_default(), md5, "{names}");
        }
    }
}
