//! DynamoDB with its streams, and CloudWatch Logs.

use aws_config::SdkConfig;
use aws_sdk_cloudwatchlogs::types::InputLogEvent;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, Get, KeySchemaElement, KeyType, KeysAndAttributes,
    ProvisionedThroughput, Put, PutRequest, ScalarAttributeType, StreamSpecification, StreamViewType, TransactGetItem,
    TransactWriteItem, WriteRequest,
};
use aws_sdk_dynamodbstreams::types::ShardIteratorType;

use super::{Driven, drive, now};

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

pub(super) async fn tables(settings: &SdkConfig, driven: &mut Driven) {
    let tables = aws_sdk_dynamodb::Client::new(settings);
    let key = KeySchemaElement::builder().attribute_name("RideId").key_type(KeyType::Hash).build().unwrap();
    let kind = AttributeDefinition::builder().attribute_name("RideId").attribute_type(ScalarAttributeType::S);
    let stream = StreamSpecification::builder().stream_enabled(true).stream_view_type(StreamViewType::NewImage);
    let create = tables.create_table().table_name("rides").key_schema(key).billing_mode(BillingMode::PayPerRequest);
    let create = create.attribute_definitions(kind.build().unwrap()).stream_specification(stream.build().unwrap());
    drive!(driven, "dynamodb" "CreateTable", create);
    let about = drive!(driven, "dynamodb" "DescribeTable", tables.describe_table().table_name("rides"));
    assert!(about.table.is_some_and(|table| table.latest_stream_arn.is_some()));
    assert_eq!(drive!(driven, "dynamodb" "ListTables", tables.list_tables()).table_names(), ["rides"]);
    let paid = ProvisionedThroughput::builder().read_capacity_units(1).write_capacity_units(1).build().unwrap();
    let update = tables.update_table().table_name("rides").billing_mode(BillingMode::Provisioned);
    drive!(driven, "dynamodb" "UpdateTable", update.provisioned_throughput(paid));

    let km = AttributeValue::N("1".to_owned());
    let put = tables.put_item().table_name("rides").item("RideId", text("1")).item("Km", km.clone());
    drive!(driven, "dynamodb" "PutItem", put);
    let update = tables.update_item().table_name("rides").key("RideId", text("1")).update_expression("ADD Km :k");
    drive!(driven, "dynamodb" "UpdateItem", update.expression_attribute_values(":k", km));
    let get = tables.get_item().table_name("rides").key("RideId", text("1"));
    assert_eq!(drive!(driven, "dynamodb" "GetItem", get).item.unwrap()["Km"].as_n().unwrap(), "2");
    let query = tables.query().table_name("rides").key_condition_expression("RideId = :r");
    let query = query.expression_attribute_values(":r", text("1"));
    assert_eq!(drive!(driven, "dynamodb" "Query", query).count, 1);
    assert_eq!(drive!(driven, "dynamodb" "Scan", tables.scan().table_name("rides")).count, 1);
    let write = PutRequest::builder().item("RideId", text("2")).build().unwrap();
    let write = vec![WriteRequest::builder().put_request(write).build()];
    let batch = tables.batch_write_item().request_items("rides", write);
    assert!(drive!(driven, "dynamodb" "BatchWriteItem", batch).unprocessed_items.is_none_or(|left| left.is_empty()));
    let keys = KeysAndAttributes::builder().keys([("RideId".to_owned(), text("1"))].into()).build().unwrap();
    let batch = tables.batch_get_item().request_items("rides", keys);
    assert_eq!(drive!(driven, "dynamodb" "BatchGetItem", batch).responses.unwrap()["rides"].len(), 1);
    let put = Put::builder().table_name("rides").item("RideId", text("3")).build().unwrap();
    let write = TransactWriteItem::builder().put(put).build();
    drive!(driven, "dynamodb" "TransactWriteItems", tables.transact_write_items().transact_items(write));
    let get = Get::builder().table_name("rides").key("RideId", text("3")).build().unwrap();
    let read = tables.transact_get_items().transact_items(TransactGetItem::builder().get(get).build());
    assert_eq!(drive!(driven, "dynamodb" "TransactGetItems", read).responses().len(), 1);
    let delete = tables.delete_item().table_name("rides").key("RideId", text("1"));
    drive!(driven, "dynamodb" "DeleteItem", delete);

    let streams = aws_sdk_dynamodbstreams::Client::new(settings);
    let listed = drive!(driven, "dynamodbstreams" "ListStreams", streams.list_streams().table_name("rides"));
    let arn = listed.streams()[0].stream_arn().unwrap();
    let about = drive!(driven, "dynamodbstreams" "DescribeStream", streams.describe_stream().stream_arn(arn));
    let about = about.stream_description.unwrap();
    assert_eq!(about.key_schema()[0].attribute_name(), "RideId");
    let start = streams.get_shard_iterator().stream_arn(arn).shard_id(about.shards()[0].shard_id().unwrap());
    let start = start.shard_iterator_type(ShardIteratorType::TrimHorizon);
    let start = drive!(driven, "dynamodbstreams" "GetShardIterator", start).shard_iterator.unwrap();
    let records = drive!(driven, "dynamodbstreams" "GetRecords", streams.get_records().shard_iterator(start));
    let kinds: Vec<&str> = records.records().iter().filter_map(|record| Some(record.event_name()?.as_str())).collect();
    assert_eq!(kinds, ["INSERT", "MODIFY", "INSERT", "INSERT", "REMOVE"]);
    drive!(driven, "dynamodb" "DeleteTable", tables.delete_table().table_name("rides"));
}

pub(super) async fn logs(settings: &SdkConfig, driven: &mut Driven) {
    let logs = aws_sdk_cloudwatchlogs::Client::new(settings);
    let (group, arn) = ("/test/rides", "arn:aws:logs:us-east-2:123456789012:log-group:/test/rides");
    drive!(driven, "logs" "CreateLogGroup", logs.create_log_group().log_group_name(group));
    let put = logs.put_retention_policy().log_group_name(group).retention_in_days(7);
    drive!(driven, "logs" "PutRetentionPolicy", put);
    let describe = logs.describe_log_groups().log_group_name_prefix("/test");
    let groups = drive!(driven, "logs" "DescribeLogGroups", describe);
    assert_eq!(groups.log_groups()[0].retention_in_days(), Some(7));
    drive!(driven, "logs" "DeleteRetentionPolicy", logs.delete_retention_policy().log_group_name(group));
    let create = logs.create_log_stream().log_group_name(group).log_stream_name("s");
    drive!(driven, "logs" "CreateLogStream", create);
    let describe = logs.describe_log_streams().log_group_name(group);
    assert_eq!(drive!(driven, "logs" "DescribeLogStreams", describe).log_streams().len(), 1);
    let event = InputLogEvent::builder().timestamp(now()).message("ride é").build().unwrap();
    let put = logs.put_log_events().log_group_name(group).log_stream_name("s").log_events(event);
    drive!(driven, "logs" "PutLogEvents", put);
    let get = logs.get_log_events().log_group_name(group).log_stream_name("s");
    assert_eq!(drive!(driven, "logs" "GetLogEvents", get).events()[0].message(), Some("ride é"));
    let filter = logs.filter_log_events().log_group_name(group).filter_pattern("ride");
    assert_eq!(drive!(driven, "logs" "FilterLogEvents", filter).events().len(), 1);
    drive!(driven, "logs" "TagResource", logs.tag_resource().resource_arn(arn).tags("k", "v"));
    let tags = drive!(driven, "logs" "ListTagsForResource", logs.list_tags_for_resource().resource_arn(arn));
    assert_eq!(tags.tags.unwrap()["k"], "v");
    drive!(driven, "logs" "UntagResource", logs.untag_resource().resource_arn(arn).tag_keys("k"));
    // The SDK asks `stream-HOST`, which an address has no place for: without the prefix, as a learner's boto3 asks (`inject_host_prefix`).
    let tail = logs.start_live_tail().log_group_identifiers(arn).customize().mutate_request(|request| {
        let bare = request.uri().replace("//stream-", "//");
        request.set_uri(bare).unwrap();
    });
    let mut tail = drive!(driven, "logs" "StartLiveTail", tail).response_stream;
    let first = tail.recv().await.unwrap().unwrap();
    assert!(first.is_session_start(), "{first:?}");
    drop(tail);
    drive!(driven, "logs" "DeleteLogStream", logs.delete_log_stream().log_group_name(group).log_stream_name("s"));
    drive!(driven, "logs" "DeleteLogGroup", logs.delete_log_group().log_group_name(group));
}
