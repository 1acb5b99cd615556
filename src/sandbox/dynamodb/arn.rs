//! ARNs and shard ids on their way in and out: dynoxide has an account, a region and shard ids of its own.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::sandbox::account::ACCOUNT_ID;

/// What dynoxide's ARNs begin with.
const INSIDE: &str = "arn:aws:dynamodb:dynoxide:000000000000:";
/// What dynoxide's shard ids begin with; with short names of tables they stay below the 28 characters that clients want at least.
const SHARD_INSIDE: &str = "shardId-00000001-";
const SHARD_OUTSIDE: &str = "shardId-00000000000000000001-";
/// Members of inputs and outputs that hold an ARN, or may hold one.
const NAMES: [&str; 11] = [
    "TableArn",
    "IndexArn",
    "LatestStreamArn",
    "StreamArn",
    "LastEvaluatedStreamArn",
    "ExclusiveStartStreamArn",
    "ResourceArn",
    "TableName",
    "ShardId",
    "ExclusiveStartShardId",
    "awsRegion",
];
/// Operations whose output has members of [`NAMES`]. In others such a name is the learner's data, and stays.
const WITH_NAMES: [&str; 8] = [
    "CreateTable",
    "DeleteTable",
    "DescribeTable",
    "UpdateTable",
    "ListStreams",
    "DescribeStream",
    "GetShardIterator",
    "GetRecords",
];

/// Whether the output of `operation` goes through [`outward`].
pub fn has_names(operation: &str) -> bool {
    WITH_NAMES.contains(&operation)
}

/// The name of the table in a name or an ARN.
pub fn table_name(name: &str) -> Option<&str> {
    if !name.starts_with("arn:") {
        return Some(name);
    }
    let (_, path) = name.split_once(":table/")?;
    path.split('/').next()
}

/// The table that a shard iterator belongs to.
pub fn table_of_iterator(iterator: &str) -> Option<String> {
    let bytes = STANDARD.decode(iterator).ok()?;
    let value: Value = serde_json::from_slice(&bytes).ok()?;
    // The field's name is dynoxide's affair: the table is the part of the shard id after the prefix.
    value.as_object()?.values().find_map(|field| field.as_str()?.strip_prefix(SHARD_INSIDE).map(str::to_owned))
}

/// Rewrites what a request names, at its top level and in its lists of tables.
pub fn inward(input: &mut Value) {
    let Some(members) = input.as_object_mut() else { return };
    for (name, value) in members.iter_mut() {
        let Some(text) = value.as_str() else { continue };
        let inside = match name.as_str() {
            "TableName" => table_name(text).map(str::to_owned),
            "ShardId" | "ExclusiveStartShardId" => {
                text.strip_prefix(SHARD_OUTSIDE).map(|table| format!("{SHARD_INSIDE}{table}"))
            }
            name if NAMES.contains(&name) => inside(text),
            _ => None,
        };
        if let Some(inside) = inside {
            *value = Value::String(inside);
        }
    }
}

/// `arn:aws:dynamodb:REGION:ACCOUNT:REST` as dynoxide writes it.
fn inside(arn: &str) -> Option<String> {
    let rest = arn.strip_prefix("arn:aws:dynamodb:")?.splitn(3, ':').nth(2)?;
    Some(format!("{INSIDE}{rest}"))
}

/// Rewrites what an answer names.
pub fn outward(output: &mut Value, region: &str) {
    match output {
        Value::Object(members) => {
            for (name, value) in members.iter_mut() {
                match value.as_str() {
                    Some(_) if name == "awsRegion" => *value = Value::String(region.to_owned()),
                    Some(text) if NAMES.contains(&name.as_str()) => {
                        *value = Value::String(outward_text(text, region));
                    }
                    Some(_) => {}
                    // The images of items are the learner's data.
                    None if matches!(name.as_str(), "NewImage" | "OldImage" | "Keys") => {}
                    None => outward(value, region),
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| outward(value, region)),
        _ => {}
    }
}

/// Rewrites ARNs and shard ids in words.
pub fn outward_text(text: &str, region: &str) -> String {
    text.replace(INSIDE, &format!("arn:aws:dynamodb:{region}:{ACCOUNT_ID}:")).replace(SHARD_INSIDE, SHARD_OUTSIDE)
}
