//! Operations by name, on dynoxide's typed calls.

use dynoxide::{Database, DynoxideError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::plain;
use crate::sandbox::service::Fault;

macro_rules! operations {
    ($($name:literal => $call:ident,)*) => {
        /// Whether there is such an operation.
        pub fn knows(operation: &str) -> bool {
            ["PutItem", "DescribeStream", "GetRecords", $($name,)* "DescribeLimits", "DescribeContinuousBackups"].contains(&operation)
        }

        /// Does one operation.
        ///
        /// # Errors
        /// DynamoDB's own.
        pub fn run(database: &Database, operation: &str, input: Value) -> Result<Value, Fault> {
            match operation {
                "PutItem" => done(plain::put(database, read(input)?)),
                "CreateTable" if is_unpaid(&input) => Err(Fault::sender(
                    "ValidationException",
                    "One or more parameter values were invalid: ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED",
                )),
                $($name => done(database.$call(read(input)?)),)*
                "DescribeStream" => done(database.describe_stream(read(input)?)).map(|output| described(database, output)),
                "GetRecords" => done(database.get_records(read(input)?)).map(without_idle),
                "DescribeLimits" => Ok(json!({
                    "AccountMaxReadCapacityUnits": 80_000, "AccountMaxWriteCapacityUnits": 80_000,
                    "TableMaxReadCapacityUnits": 40_000, "TableMaxWriteCapacityUnits": 40_000,
                })),
                "DescribeContinuousBackups" => Ok(json!({
                    "ContinuousBackupsDescription": { "ContinuousBackupsStatus": "DISABLED" },
                })),
                _ => Err(Fault::unknown_operation("dynamodb", operation)),
            }
        }
    };
}

operations! {
    "CreateTable" => create_table,
    "DeleteTable" => delete_table,
    "DescribeTable" => describe_table,
    "ListTables" => list_tables,
    "UpdateTable" => update_table,
    "GetItem" => get_item,
    "DeleteItem" => delete_item,
    "UpdateItem" => update_item,
    "Query" => query,
    "Scan" => scan,
    "BatchGetItem" => batch_get_item,
    "BatchWriteItem" => batch_write_item,
    "TransactWriteItems" => transact_write_items,
    "TransactGetItems" => transact_get_items,
    "ListStreams" => list_streams,
    "GetShardIterator" => get_shard_iterator,
    "UpdateTimeToLive" => update_time_to_live,
    "DescribeTimeToLive" => describe_time_to_live,
    "ExecuteStatement" => execute_statement,
    "ExecuteTransaction" => execute_transaction,
    "BatchExecuteStatement" => batch_execute_statement,
    "TagResource" => tag_resource,
    "UntagResource" => untag_resource,
    "ListTagsOfResource" => list_tags_of_resource,
}

/// Whether a table of the default billing mode names no throughput, which dynoxide lets pass.
fn is_unpaid(input: &Value) -> bool {
    let is_provisioned = input["BillingMode"].as_str().is_none_or(|mode| mode == "PROVISIONED");
    is_provisioned && input["ProvisionedThroughput"].is_null()
}

/// The description of a stream with the keys of its table, which dynoxide leaves out, and without the end of a shard that is still written to.
fn described(database: &Database, mut output: Value) -> Value {
    let about = &mut output["StreamDescription"];
    if about["KeySchema"].is_null() && !about["TableName"].is_null() {
        let table = run(database, "DescribeTable", json!({ "TableName": about["TableName"] }));
        about["KeySchema"] = table.map(|table| table["Table"]["KeySchema"].clone()).unwrap_or_default();
    }
    if about["StreamStatus"] == "ENABLED"
        && let Some(shards) = about["Shards"].as_array_mut()
    {
        let parents: Vec<Value> = shards.iter().map(|shard| shard["ParentShardId"].clone()).collect();
        let open = shards.iter_mut().filter(|shard| !parents.contains(&shard["ShardId"]));
        for range in open.filter_map(|shard| shard["SequenceNumberRange"].as_object_mut()) {
            range.shift_remove("EndingSequenceNumber");
        }
    }
    output
}

/// Records without those of writes that changed nothing: DynamoDB writes none for these. Where a stream holds only one image they cannot be told.
fn without_idle(mut output: Value) -> Value {
    if let Some(records) = output["Records"].as_array_mut() {
        records.retain(|record| {
            let images = &record["dynamodb"];
            record["eventName"] != "MODIFY" || images["OldImage"].is_null() || images["OldImage"] != images["NewImage"]
        });
    }
    output
}

pub(super) fn done(outcome: Result<impl Serialize, DynoxideError>) -> Result<Value, Fault> {
    let output = outcome.map_err(|error| failure(&error))?;
    serde_json::to_value(output).map_err(|error| Fault::internal(error.to_string()))
}

fn failure(error: &DynoxideError) -> Fault {
    let code = error.error_type();
    // DynamoDB wraps these, and dynoxide leaves that to its server.
    let message = match error {
        DynoxideError::EnvelopedValidation(message) => format!("1 validation error detected: {message}"),
        other => other.to_string(),
    };
    let body: Value = serde_json::from_str(&error.to_json()).unwrap_or_default();
    let more = ["Item", "CancellationReasons"].iter().find_map(|name| Some(json!({ *name: body.get(name)? })));
    Fault {
        status: error.status_code(),
        code: code.rsplit('#').next().unwrap_or(code).to_owned(),
        message,
        more: more.map(Box::new),
    }
}

/// Reads an input; what dynoxide's types refuse becomes the error that DynamoDB has for it.
pub(super) fn read<T: DeserializeOwned>(input: Value) -> Result<T, Fault> {
    serde_json::from_value(input).map_err(|error| {
        let words = error.to_string();
        // dynoxide's types mark which class of error a refusal is.
        let marked = ["VALIDATION_REQUEST:", "VALIDATION:", "SERIALIZATION:"]
            .iter()
            .find_map(|mark| Some((*mark, words.split_once(mark)?.1)));
        let (code, message) = match marked {
            Some(("SERIALIZATION:", rest)) => ("SerializationException", rest.to_owned()),
            Some(("VALIDATION_REQUEST:", rest)) => {
                ("ValidationException", format!("1 validation error detected: {rest}"))
            }
            Some((_, rest)) => ("ValidationException", rest.to_owned()),
            None if words.contains("invalid type") && !words.contains("invalid type: null") => {
                ("SerializationException", words)
            }
            None => ("ValidationException", words),
        };
        Fault::sender(code, message)
    })
}

/// The PartiQL statements of an input.
pub fn statements(input: &Value) -> impl Iterator<Item = &str> {
    let many = input["Statements"].as_array().or_else(|| input["TransactStatements"].as_array());
    let many = many.into_iter().flatten().filter_map(|entry| entry["Statement"].as_str());
    input["Statement"].as_str().into_iter().chain(many)
}

/// The action that a PartiQL statement needs.
pub fn statement_action(statement: &str) -> &'static str {
    let verb = statement.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
    match verb.as_str() {
        "INSERT" => "PartiQLInsert",
        "UPDATE" => "PartiQLUpdate",
        "DELETE" => "PartiQLDelete",
        _ => "PartiQLSelect",
    }
}
