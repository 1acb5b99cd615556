//! What clients of the tables rely on.

use serde_json::json;

use super::*;
use crate::sandbox::keys::Caller;

fn call(operation: &str, input: Value) -> Call {
    Call {
        operation: operation.to_owned(),
        input,
        region: "us-east-2".to_owned(),
        caller: Caller::Learner,
        request_id: "request".to_owned(),
        rest: None,
    }
}

async fn ask(tables: &DynamoDb, operation: &str, input: Value) -> Result<Value, Fault> {
    match tables.call(call(operation, input)).await? {
        Reply::Output(output) => Ok(output),
        _ => panic!("{operation} answers with JSON"),
    }
}

fn table(name: &str, stream: bool) -> Value {
    let mut input = json!({
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{ "AttributeName": "RideId", "AttributeType": "S" }],
        "KeySchema": [{ "AttributeName": "RideId", "KeyType": "HASH" }],
    });
    if stream {
        input["StreamSpecification"] = json!({ "StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES" });
    }
    input
}

fn memory() -> DynamoDb {
    DynamoDb::new(Arc::new(Account::new(None, 1.0)))
}

#[tokio::test]
async fn arns_are_of_our_account_and_items_are_left_alone() {
    let tables = memory();
    let made = ask(&tables, "CreateTable", table("rides", true)).await.unwrap();
    let description = &made["TableDescription"];
    assert_eq!(description["TableArn"], "arn:aws:dynamodb:us-east-2:123456789012:table/rides");
    let stream = description["LatestStreamArn"].as_str().unwrap();
    assert!(stream.starts_with("arn:aws:dynamodb:us-east-2:123456789012:table/rides/stream/"), "{stream}");
    // An item that looks like one of dynoxide's names stays what it is.
    let item = json!({ "RideId": { "S": "r" }, "TableArn": { "S": "arn:aws:dynamodb:dynoxide:000000000000:table/x" } });
    ask(&tables, "PutItem", json!({ "TableName": "rides", "Item": item })).await.unwrap();
    let by_arn = description["TableArn"].clone();
    let found =
        ask(&tables, "GetItem", json!({ "TableName": by_arn, "Key": { "RideId": { "S": "r" } } })).await.unwrap();
    assert_eq!(found["Item"], item);
}

#[tokio::test]
async fn a_stream_is_read_with_the_ids_that_it_gave() {
    let tables = memory();
    let made = ask(&tables, "CreateTable", table("abc", true)).await.unwrap();
    let stream = made["TableDescription"]["LatestStreamArn"].clone();
    ask(&tables, "PutItem", json!({ "TableName": "abc", "Item": { "RideId": { "S": "r" } } })).await.unwrap();
    let described = ask(&tables, "DescribeStream", json!({ "StreamArn": stream })).await.unwrap();
    assert_eq!(described["StreamDescription"]["StreamArn"], stream);
    let shard = described["StreamDescription"]["Shards"][0]["ShardId"].as_str().unwrap();
    assert!((28..=65).contains(&shard.len()), "{shard}");
    let iterator = ask(
        &tables,
        "GetShardIterator",
        json!({ "StreamArn": stream, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON" }),
    )
    .await
    .unwrap();
    let access = tables.access(&call("GetRecords", iterator.clone()));
    assert_eq!(access[0].resource, "arn:aws:dynamodb:us-east-2:123456789012:table/abc/stream/*");
    let records = ask(&tables, "GetRecords", iterator).await.unwrap();
    assert_eq!(records["Records"][0]["dynamodb"]["NewImage"]["RideId"]["S"], "r");
    assert_eq!(records["Records"][0]["awsRegion"], "us-east-2");
}

#[tokio::test]
async fn errors_have_the_codes_of_aws() {
    let tables = memory();
    ask(&tables, "CreateTable", table("rides", false)).await.unwrap();
    let cases = [
        ("PutItem", json!({ "TableName": "none", "Item": { "RideId": { "S": "r" } } }), "ResourceNotFoundException"),
        ("PutItem", json!({ "TableName": "rides", "Item": { "Other": { "S": "r" } } }), "ValidationException"),
        ("PutItem", json!({ "TableName": "rides", "Item": { "RideId": { "S": "" } } }), "ValidationException"),
        ("PutItem", json!({ "TableName": "rides", "Item": { "RideId": { "N": "1" } } }), "ValidationException"),
        ("PutItem", json!({ "TableName": 7, "Item": {} }), "SerializationException"),
        ("CreateTable", table("rides", false), "ResourceInUseException"),
        ("DescribeTable", json!({}), "ValidationException"),
        ("GetRecords", json!({ "ShardIterator": "no" }), "ValidationException"),
        ("CreateBackup", json!({}), "UnknownOperationException"),
    ];
    for (operation, input, code) in cases {
        let fault = ask(&tables, operation, input.clone()).await.unwrap_err();
        assert_eq!(fault.code, code, "{operation} {input}: {}", fault.message);
        assert!(!fault.message.contains("dynoxide") && !fault.message.contains("VALIDATION"), "{}", fault.message);
    }
    let item = json!({ "RideId": { "S": "r" } });
    ask(&tables, "PutItem", json!({ "TableName": "rides", "Item": item })).await.unwrap();
    let again = json!({
        "TableName": "rides", "Item": item, "ConditionExpression": "attribute_not_exists(RideId)",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    });
    let fault = ask(&tables, "PutItem", again).await.unwrap_err();
    assert_eq!((fault.status, fault.code.as_str()), (400, "ConditionalCheckFailedException"));
    assert_eq!(fault.more.unwrap()["Item"], item);
}

#[tokio::test]
async fn tables_outlive_the_program_and_regions_are_apart() {
    let folder = tempfile::tempdir().unwrap();
    let item = json!({ "RideId": { "S": "r" } });
    let account = || Arc::new(Account::new(Some(folder.path().to_owned()), 1.0));
    let tables = DynamoDb::new(account());
    ask(&tables, "CreateTable", table("rides", false)).await.unwrap();
    ask(&tables, "PutItem", json!({ "TableName": "rides", "Item": item })).await.unwrap();
    let mut elsewhere = call("ListTables", json!({}));
    elsewhere.region = "eu-west-1".to_owned();
    let Ok(Reply::Output(none)) = tables.call(elsewhere).await else { panic!("ListTables") };
    assert_eq!(none["TableNames"], json!([]));
    drop(tables);
    let tables = DynamoDb::new(account());
    let found = ask(&tables, "GetItem", json!({ "TableName": "rides", "Key": item })).await.unwrap();
    assert_eq!(found["Item"], item);
    let mut escape = call("ListTables", json!({}));
    escape.region = "../../x".to_owned();
    assert!(tables.call(escape).await.is_ok(), "a strange region is a region in memory");
}

#[test]
fn permissions_name_the_table() {
    let tables = memory();
    let arn = |name: &str| format!("arn:aws:dynamodb:us-east-2:123456789012:table/{name}");
    let cases = [
        ("PutItem", json!({ "TableName": "rides" }), vec![("dynamodb:PutItem", arn("rides"))]),
        ("Query", json!({ "TableName": "rides", "IndexName": "i" }), vec![("dynamodb:Query", arn("rides/index/i"))]),
        (
            "BatchWriteItem",
            json!({ "RequestItems": { "a": [], "b": [] } }),
            vec![("dynamodb:BatchWriteItem", arn("a")), ("dynamodb:BatchWriteItem", arn("b"))],
        ),
        (
            "TransactWriteItems",
            json!({ "TransactItems": [{ "Put": { "TableName": "a" } }, { "Delete": { "TableName": "b" } }] }),
            vec![("dynamodb:PutItem", arn("a")), ("dynamodb:DeleteItem", arn("b"))],
        ),
        ("ListTables", json!({}), vec![("dynamodb:ListTables", "*".to_owned())]),
        (
            "ExecuteStatement",
            json!({ "Statement": "insert into rides value {}" }),
            vec![("dynamodb:PartiQLInsert", "*".to_owned())],
        ),
    ];
    for (operation, input, expected) in cases {
        let found: Vec<(String, String)> =
            tables.access(&call(operation, input)).into_iter().map(|access| (access.action, access.resource)).collect();
        let expected: Vec<(String, String)> =
            expected.into_iter().map(|(action, resource)| (action.to_owned(), resource)).collect();
        assert_eq!(found, expected, "{operation}");
    }
}

#[tokio::test]
async fn tables_that_could_not_be_opened_are_there_once_they_can() {
    let folder = tempfile::tempdir().unwrap();
    let in_the_way = folder.path().join("dynamodb-us-east-2.sqlite");
    std::fs::create_dir(&in_the_way).unwrap();
    let tables = DynamoDb::new(Arc::new(Account::new(Some(folder.path().to_owned()), 1.0)));
    let fault = ask(&tables, "ListTables", json!({})).await.unwrap_err();
    assert!(fault.message.contains("cannot be opened"), "{fault}");
    std::fs::remove_dir(&in_the_way).unwrap();
    assert!(ask(&tables, "ListTables", json!({})).await.is_ok());
}

#[tokio::test]
async fn damaged_tables_are_set_aside_and_said() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("dynamodb-us-east-2.sqlite");
    for journal in ["", "-wal", "-shm"] {
        std::fs::write(format!("{}{journal}", file.display()), "no table\n".repeat(1000)).unwrap();
    }
    let account = Arc::new(Account::new(Some(folder.path().to_owned()), 1.0));
    let mut feed = account.feed.listen();
    let tables = DynamoDb::new(Arc::clone(&account));
    ask(&tables, "CreateTable", table("rides", false)).await.unwrap();
    let told = feed.try_recv().unwrap().happening.to_string();
    assert!(told.contains("dynamodb-us-east-2.damaged-1.sqlite"), "{told}");
    let kept = folder.path().join("dynamodb-us-east-2.damaged-1.sqlite");
    assert!(std::fs::read_to_string(kept).unwrap().starts_with("no table"));
    for journal in ["", "-wal", "-shm"] {
        let new = std::fs::read(format!("{}{journal}", file.display())).unwrap_or_default();
        assert!(!new.starts_with(b"no table"), "{journal}");
    }
}
