//! Tables, parameters and log groups.

use serde_json::{Map, Value, json};

use super::{Context, Made, Wanted, number, tags, text, words};
use crate::sandbox::deploy::stack::Resource;

pub(super) async fn create(context: &Context<'_>, wanted: Wanted<'_>) -> Result<Made, String> {
    let properties = wanted.properties;
    match wanted.kind {
        "AWS::DynamoDB::Table" => table(context, &wanted.name("TableName"), properties).await,
        "AWS::SSM::Parameter" => {
            let name = text(&properties["Name"]).unwrap_or_else(|| format!("CFN-{}", wanted.made_up_name()));
            parameter(context, &name, properties, false).await
        }
        _ => {
            let name = wanted.name("LogGroupName");
            log_group(context, &name, properties).await?;
            let arn = context.arn("logs", &format!("log-group:{name}:*"));
            Ok(Made::new(name).with("Arn", arn))
        }
    }
}

/// The input of CreateTable that CloudFormation's properties mean.
fn table_input(name: &str, properties: &Value) -> Value {
    let mut input = Map::new();
    input.insert("TableName".to_owned(), json!(name));
    let keys = ["AttributeDefinitions", "KeySchema", "BillingMode", "GlobalSecondaryIndexes", "LocalSecondaryIndexes"];
    for key in keys.into_iter().chain(["ProvisionedThroughput", "TableClass", "DeletionProtectionEnabled"]) {
        if let Some(value) = properties.get(key).filter(|value| !value.is_null()) {
            let mut value = value.clone();
            units(&mut value);
            input.insert(key.to_owned(), value);
        }
    }
    if let Some(view) = properties["StreamSpecification"]["StreamViewType"].as_str() {
        let stream = json!({ "StreamEnabled": true, "StreamViewType": view });
        input.insert("StreamSpecification".to_owned(), stream);
    }
    if properties["Tags"].is_array() {
        input.insert("Tags".to_owned(), tags(&properties["Tags"]));
    }
    Value::Object(input)
}

/// Capacity units may be written as text.
fn units(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(units),
        Value::Object(members) => {
            for (name, member) in members.iter_mut() {
                match number(member) {
                    Some(amount) if name.ends_with("CapacityUnits") => *member = json!(amount),
                    _ => units(member),
                }
            }
        }
        _ => {}
    }
}

async fn table(context: &Context<'_>, name: &str, properties: &Value) -> Result<Made, String> {
    let tables = &*context.parts.dynamodb;
    let made = context.ask(tables, "CreateTable", table_input(name, properties)).await.map_err(words)?;
    expiry(context, name, properties).await?;
    Ok(described(name, &made["TableDescription"]))
}

fn described(name: &str, description: &Value) -> Made {
    let mut made = Made::new(name).with("Arn", description["TableArn"].clone());
    if !description["LatestStreamArn"].is_null() {
        made = made.with("StreamArn", description["LatestStreamArn"].clone());
    }
    made
}

async fn expiry(context: &Context<'_>, name: &str, properties: &Value) -> Result<(), String> {
    let specification = &properties["TimeToLiveSpecification"];
    if specification.is_object() {
        let input = json!({ "TableName": name, "TimeToLiveSpecification": specification });
        context.ask(&*context.parts.dynamodb, "UpdateTimeToLive", input).await.map_err(words)?;
    }
    Ok(())
}

async fn parameter(context: &Context<'_>, name: &str, properties: &Value, overwrite: bool) -> Result<Made, String> {
    let kind = text(&properties["Type"]).ok_or("the property Type is missing: String or StringList")?;
    let Some(value) = text(&properties["Value"]).filter(|value| !value.is_empty()) else {
        return Err("the property Value must be text that is not empty".to_owned());
    };
    if kind == "SecureString" {
        return Err(
            "CloudFormation makes parameters of the type String or StringList only, not SecureString".to_owned()
        );
    }
    let mut input = json!({ "Name": name, "Type": kind, "Value": value, "Overwrite": overwrite });
    if let Some(description) = text(&properties["Description"]) {
        input["Description"] = json!(description);
    }
    context.ask(&*context.parts.ssm, "PutParameter", input).await.map_err(words)?;
    Ok(Made::new(name).with("Type", kind).with("Value", value))
}

async fn log_group(context: &Context<'_>, name: &str, properties: &Value) -> Result<(), String> {
    context.parts.logs.create_group(&context.region, name);
    let logs = &*context.parts.logs;
    let done = match number(&properties["RetentionInDays"]) {
        Some(days) => {
            let input = json!({ "logGroupName": name, "retentionInDays": days });
            context.ask(logs, "PutRetentionPolicy", input).await
        }
        None => context.ask(logs, "DeleteRetentionPolicy", json!({ "logGroupName": name })).await,
    };
    done.map(drop).map_err(words)
}

pub(super) async fn update(context: &Context<'_>, old: &Resource, properties: &Value) -> Result<Made, String> {
    match old.kind.as_str() {
        "AWS::DynamoDB::Table" => update_table(context, old, properties).await,
        "AWS::SSM::Parameter" => parameter(context, &old.physical, properties, true).await,
        _ => {
            log_group(context, &old.physical, properties).await?;
            Ok(Made { physical: old.physical.clone(), attributes: old.attributes.clone() })
        }
    }
}

async fn update_table(context: &Context<'_>, old: &Resource, properties: &Value) -> Result<Made, String> {
    let tables = &*context.parts.dynamodb;
    let before = table_input(&old.physical, &old.properties);
    let now = table_input(&old.physical, properties);
    let mut input = json!({ "TableName": old.physical });
    for key in ["BillingMode", "ProvisionedThroughput", "TableClass", "DeletionProtectionEnabled"] {
        if before[key] != now[key] && !now[key].is_null() {
            input[key] = now[key].clone();
        }
    }
    if before["StreamSpecification"] != now["StreamSpecification"] {
        let off = json!({ "StreamEnabled": false });
        input["StreamSpecification"] =
            now.get("StreamSpecification").filter(|stream| !stream.is_null()).cloned().unwrap_or(off);
    }
    let indexes = index_changes(&before, &now);
    if !indexes.is_empty() {
        input["GlobalSecondaryIndexUpdates"] = Value::Array(indexes);
        input["AttributeDefinitions"] = now["AttributeDefinitions"].clone();
    }
    if input.as_object().is_some_and(|members| members.len() > 1) {
        context.ask(tables, "UpdateTable", input).await.map_err(words)?;
    }
    if old.properties["TimeToLiveSpecification"] != properties["TimeToLiveSpecification"] {
        expiry(context, &old.physical, properties).await?;
    }
    let found = context.ask(tables, "DescribeTable", json!({ "TableName": old.physical })).await.map_err(words)?;
    Ok(described(&old.physical, &found["Table"]))
}

/// Global secondary indexes that come and go.
fn index_changes(before: &Value, now: &Value) -> Vec<Value> {
    let list = |side: &Value| side["GlobalSecondaryIndexes"].as_array().cloned().unwrap_or_default();
    let (before, now) = (list(before), list(now));
    let is_in = |all: &[Value], index: &Value| all.iter().any(|other| other["IndexName"] == index["IndexName"]);
    let gone = before.iter().filter(|index| !is_in(&now, index));
    let new = now.iter().filter(|index| !is_in(&before, index));
    gone.map(|index| json!({ "Delete": { "IndexName": index["IndexName"] } }))
        .chain(new.map(|index| json!({ "Create": index })))
        .collect()
}

pub(super) async fn delete(context: &Context<'_>, old: &Resource) -> Result<(), String> {
    let done = match old.kind.as_str() {
        "AWS::DynamoDB::Table" => {
            context.ask(&*context.parts.dynamodb, "DeleteTable", json!({ "TableName": old.physical })).await
        }
        "AWS::SSM::Parameter" => {
            context.ask(&*context.parts.ssm, "DeleteParameter", json!({ "Name": old.physical })).await
        }
        _ => {
            context.parts.logs.delete_group(&context.region, &old.physical);
            return Ok(());
        }
    };
    match done {
        Err(fault) if fault.code.contains("NotFound") => Ok(()),
        other => other.map(drop).map_err(words),
    }
}
