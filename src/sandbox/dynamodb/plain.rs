//! The short way to put an item, for what nearly all programs put: plain values into a table without indexes and streams.
//!
//! The engine prepares its statements anew for each PutItem, which is half of the time that one takes; its import of items keeps the one that it
//! needs. Where both leave the same behind, the import is taken. All else, and whatever the import refuses, goes the long way.

use dynoxide::actions::put_item::{PutItemRequest, PutItemResponse};
use dynoxide::types::{MAX_ITEM_SIZE, item_size};
use dynoxide::{AttributeValue, Database, DynoxideError, ImportOptions};

/// Levels of maps and lists that the short way takes; DynamoDB takes twice as many.
const DEEPEST: usize = 16;

/// Puts an item.
///
/// # Errors
/// DynamoDB's own, which the long way tells.
pub(super) fn put(database: &Database, request: PutItemRequest) -> Result<PutItemResponse, DynoxideError> {
    if is_plain(&request) && is_table_alone(database, &request.table_name) {
        let items = vec![request.item.clone()];
        if database.import_items(&request.table_name, items, ImportOptions::default()).is_ok() {
            return Ok(PutItemResponse::default());
        }
    }
    database.put_item(request)
}

/// Whether it asks for nothing but to put values that need no second look.
fn is_plain(request: &PutItemRequest) -> bool {
    let PutItemRequest {
        table_name: _,
        item,
        return_values,
        condition_expression,
        expression_attribute_names,
        expression_attribute_values,
        return_consumed_capacity,
        return_values_on_condition_check_failure,
        return_item_collection_metrics,
        expected,
        conditional_operator,
    } = request;
    let asks_for = [
        return_values.is_some(),
        condition_expression.is_some(),
        expression_attribute_names.is_some(),
        expression_attribute_values.is_some(),
        return_consumed_capacity.is_some(),
        return_values_on_condition_check_failure.is_some(),
        return_item_collection_metrics.is_some(),
        expected.is_some(),
        conditional_operator.is_some(),
    ];
    !asks_for.contains(&true)
        && item.iter().all(|(name, value)| !name.is_empty() && is_plain_value(value, DEEPEST))
        && item_size(item) <= MAX_ITEM_SIZE
}

fn is_plain_value(value: &AttributeValue, levels: usize) -> bool {
    match value {
        AttributeValue::S(_) | AttributeValue::BOOL(_) | AttributeValue::NULL(true) => true,
        AttributeValue::N(number) => is_plain_number(number),
        AttributeValue::M(members) if levels > 0 => {
            members.iter().all(|(name, value)| !name.is_empty() && is_plain_value(value, levels - 1))
        }
        AttributeValue::L(items) if levels > 0 => items.iter().all(|value| is_plain_value(value, levels - 1)),
        _ => false,
    }
}

/// Digits, with a sign and a point where need be, far from all limits: `-12.5`.
fn is_plain_number(number: &str) -> bool {
    let digits = number.strip_prefix('-').unwrap_or(number);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    [whole, fraction]
        .iter()
        .all(|part| (1..=15).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whether a write changes nothing but the table itself.
fn is_table_alone(database: &Database, name: &str) -> bool {
    let known = database.get_table_metadata(name);
    known.is_ok_and(|known| {
        known.is_some_and(|table| {
            !table.stream_enabled
                && table.gsi_definitions.is_none()
                && table.lsi_definitions.is_none()
                && table.vector_index_definitions.is_none()
        })
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::sandbox::dynamodb::engine;

    fn database() -> Database {
        let database = Database::memory().unwrap();
        let key = json!([{ "AttributeName": "RideId", "KeyType": "HASH" }]);
        let attributes = json!([{ "AttributeName": "RideId", "AttributeType": "S" }]);
        let table = |name: &str, more: Value| {
            let mut input = json!({ "TableName": name, "KeySchema": key, "AttributeDefinitions": attributes, "BillingMode": "PAY_PER_REQUEST" });
            input.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
            engine::run(&database, "CreateTable", input).unwrap();
        };
        table("rides", json!({}));
        table(
            "streamed",
            json!({ "StreamSpecification": { "StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES" } }),
        );
        let attributes = json!([{ "AttributeName": "RideId", "AttributeType": "S" }, { "AttributeName": "Color", "AttributeType": "S" }]);
        let index = json!([{
            "IndexName": "ByColor", "KeySchema": [{ "AttributeName": "Color", "KeyType": "HASH" }], "Projection": { "ProjectionType": "ALL" },
        }]);
        table("indexed", json!({ "AttributeDefinitions": attributes, "GlobalSecondaryIndexes": index }));
        database
    }

    /// What came of it, by the way that the engine takes and by the long one, and what the tables hold then.
    fn both(short: &Database, long: &Database, input: &Value) -> [(Result<Value, String>, Vec<Value>); 2] {
        let outcome = engine::run(short, "PutItem", input.clone()).map_err(|fault| fault.to_string());
        let asked = engine::read(input.clone()).and_then(|request| engine::done(long.put_item(request)));
        let asked = asked.map_err(|fault| fault.to_string());
        [(outcome, contents(short)), (asked, contents(long))]
    }

    fn contents(database: &Database) -> Vec<Value> {
        let mut all: Vec<Value> = ["rides", "streamed", "indexed"]
            .iter()
            .map(|table| {
                engine::run(database, "Scan", json!({ "TableName": table, "ReturnConsumedCapacity": "TOTAL" })).unwrap()
            })
            .collect();
        let index = json!({
            "TableName": "indexed", "IndexName": "ByColor", "KeyConditionExpression": "Color = :c",
            "ExpressionAttributeValues": { ":c": { "S": "Golden" } },
        });
        all.push(engine::run(database, "Query", index).unwrap());
        all.push(
            engine::run(database, "DescribeTable", json!({ "TableName": "rides" })).unwrap()["Table"]["TableSizeBytes"]
                .clone(),
        );
        all
    }

    #[test]
    fn both_ways_end_the_same() {
        let (short, long) = (database(), database());
        let id = json!({ "S": "1" });
        let deep = |levels: usize| (0..levels).fold(json!({ "S": "x" }), |inside, _| json!({ "L": [inside] }));
        let mut plain = 0;
        for item in [
            json!({ "RideId": id }),
            json!({ "RideId": id, "Unicorn": { "M": { "Name": { "S": "Shadowfax" }, "Color": { "S": "White" } } } }),
            json!({ "RideId": id, "A": { "N": "-12.50" }, "B": { "BOOL": false }, "C": { "NULL": true }, "D": { "L": [{ "N": "007" }] }, "E": { "S": "" } }),
            json!({ "RideId": { "S": "2" }, "Color": { "S": "Golden" } }),
            json!({ "RideId": { "S": "" } }),
            json!({ "RideId": { "N": "1" } }),
            json!({ "RideId": { "S": "x".repeat(2049) } }),
            json!({ "Unicorn": id }),
            json!({}),
            json!({ "RideId": id, "": { "S": "x" } }),
            json!({ "RideId": id, "A": { "M": { "": { "S": "x" } } } }),
            json!({ "RideId": id, "A": { "NULL": false } }),
            json!({ "RideId": id, "A": { "N": "1e999" } }),
            json!({ "RideId": id, "A": { "N": "1.0E+3" } }),
            json!({ "RideId": id, "A": { "N": "" } }),
            json!({ "RideId": id, "A": { "N": "1234567890123456789012345678901234567890" } }),
            json!({ "RideId": id, "A": { "SS": [] } }),
            json!({ "RideId": id, "A": { "SS": ["b", "a"] }, "B": { "NS": ["1", "2"] } }),
            json!({ "RideId": id, "A": { "SS": ["a", "a"] } }),
            json!({ "RideId": id, "A": { "B": "AAEC" } }),
            json!({ "RideId": id, "A": deep(15) }),
            json!({ "RideId": id, "A": deep(16) }),
            json!({ "RideId": id, "A": deep(40) }),
            json!({ "RideId": id, "A": { "S": "x".repeat(400 << 10) } }),
            json!({ "RideId": id, "A": { "S": "x".repeat(399 << 10) } }),
            json!({ "RideId": id, "A": { "X": "x" } }),
        ] {
            for table in ["rides", "streamed", "indexed", "nowhere", "x"] {
                for more in [
                    json!({}),
                    json!({ "ReturnValues": "ALL_OLD" }),
                    json!({ "ReturnConsumedCapacity": "TOTAL" }),
                    json!({ "ConditionExpression": "attribute_not_exists(RideId)" }),
                ] {
                    let mut input = json!({ "TableName": table, "Item": item });
                    input.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
                    plain += usize::from(engine::read(input.clone()).is_ok_and(|request| is_plain(&request)));
                    let [one, other] = both(&short, &long, &input);
                    assert_eq!(one, other, "{:.300}", input.to_string());
                }
            }
        }
        assert!(plain > 20, "the short way was taken {plain} times");
        let records = |database: &Database| {
            let stream = engine::run(database, "ListStreams", json!({})).unwrap()["Streams"][0]["StreamArn"].clone();
            let shard = engine::run(database, "DescribeStream", json!({ "StreamArn": stream })).unwrap();
            let shard = shard["StreamDescription"]["Shards"][0]["ShardId"].clone();
            let start = json!({ "StreamArn": stream, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON" });
            let iterator = engine::run(database, "GetShardIterator", start).unwrap();
            engine::run(database, "GetRecords", json!({ "ShardIterator": iterator["ShardIterator"] })).unwrap()["Records"].as_array().unwrap().len()
        };
        assert!(records(&short) > 0);
        assert_eq!(records(&short), records(&long));
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            "\\PC{0,8}".prop_map(|text| json!({ "S": text })),
            "-?[0-9]{0,17}(\\.[0-9]{0,17})?(e-?[0-9]{1,3})?".prop_map(|number| json!({ "N": number })),
            any::<bool>().prop_map(|flag| json!({ "BOOL": flag })),
            any::<bool>().prop_map(|flag| json!({ "NULL": flag })),
            proptest::collection::vec("[a-c]{0,2}", 0..3).prop_map(|set| json!({ "SS": set })),
            Just(json!({ "B": "AAE=" })),
        ];
        leaf.prop_recursive(4, 16, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(|items| json!({ "L": items })),
                proptest::collection::btree_map("[a-z]{0,3}", inner, 0..4).prop_map(|members| json!({ "M": members })),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]
        #[test]
        fn any_item_ends_the_same(attributes in proptest::collection::btree_map("[a-zA-Z]{0,4}", value(), 0..4)) {
            let (short, long) = (database(), database());
            let mut item = json!(attributes);
            item["RideId"] = json!({ "S": "1" });
            let [one, other] = both(&short, &long, &json!({ "TableName": "rides", "Item": item }));
            prop_assert_eq!(one, other);
        }
    }
}
