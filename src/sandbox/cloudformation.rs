//! The read side of CloudFormation: what the deploy made, as AWS's clients ask for it.

use std::sync::Arc;

use chrono::{DateTime, SecondsFormat};
use serde_json::{Map, Value, json};

use super::account::ACCOUNT_ID;
use super::deploy::{Stack, Stacks};
use super::service::{Access, Call, Fault, Handling, Protocol, Reply, Service};

/// CloudFormation, to be read.
pub struct CloudFormation(Arc<Stacks>);

impl CloudFormation {
    /// Of the stacks that deploys make.
    pub fn new(stacks: Arc<Stacks>) -> Self {
        Self(stacks)
    }

    fn stack(&self, call: &Call) -> Result<Arc<Stack>, Fault> {
        let wanted = call.input["StackName"].as_str().unwrap_or_default();
        if wanted.is_empty() {
            return Err(Fault::sender("ValidationError", "StackName must not be empty"));
        }
        let found = self.0.all(&call.region).into_iter().find(|stack| {
            // A removed stack is found by its id alone.
            stack.id == wanted || (stack.name == wanted && stack.status != "DELETE_COMPLETE")
        });
        found.ok_or_else(|| Fault::sender("ValidationError", format!("Stack with id {wanted} does not exist")))
    }

    fn answer(&self, call: &Call) -> Result<Value, Fault> {
        match call.operation.as_str() {
            "DescribeStacks" => {
                let stacks = match call.input["StackName"].as_str() {
                    Some(_) => vec![self.stack(call)?],
                    None => {
                        self.0.all(&call.region).into_iter().filter(|stack| stack.status != "DELETE_COMPLETE").collect()
                    }
                };
                Ok(json!({ "Stacks": stacks.iter().map(|stack| described(stack)).collect::<Vec<_>>() }))
            }
            "ListStacks" => {
                let wanted: Vec<&str> = call.input["StackStatusFilter"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter_map(Value::as_str)
                    .collect();
                let stacks = self.0.all(&call.region).into_iter();
                let stacks = stacks.filter(|stack| wanted.is_empty() || wanted.contains(&stack.status.as_str()));
                Ok(json!({ "StackSummaries": stacks.map(|stack| summary(&stack)).collect::<Vec<_>>() }))
            }
            "DescribeStackResources" => {
                let stack = self.stack(call)?;
                let only = call.input["LogicalResourceId"].as_str();
                let resources: Vec<Value> = resources(&stack)
                    .filter(|resource| only.is_none_or(|only| resource["LogicalResourceId"] == only))
                    .map(|resource| with_stack(resource, &stack, "Timestamp"))
                    .collect();
                Ok(json!({ "StackResources": resources }))
            }
            "DescribeStackResource" => {
                let stack = self.stack(call)?;
                let wanted = call.input["LogicalResourceId"].as_str().unwrap_or_default();
                let found = resources(&stack).find(|resource| resource["LogicalResourceId"] == wanted);
                let found = found.ok_or_else(|| {
                    Fault::sender(
                        "ValidationError",
                        format!("Resource {wanted} does not exist for stack {}", stack.name),
                    )
                })?;
                Ok(json!({ "StackResourceDetail": with_stack(found, &stack, "LastUpdatedTimestamp") }))
            }
            "ListStackResources" => {
                let stack = self.stack(call)?;
                Ok(json!({ "StackResourceSummaries": resources(&stack).collect::<Vec<_>>() }))
            }
            "DescribeStackEvents" => {
                let stack = self.stack(call)?;
                Ok(json!({ "StackEvents": events(&stack) }))
            }
            "GetTemplate" => {
                let stack = self.stack(call)?;
                let body = serde_json::to_string(&stack.template).unwrap_or_default();
                Ok(json!({ "TemplateBody": body, "StagesAvailable": ["Original", "Processed"] }))
            }
            "ListExports" => {
                let stacks = self.0.all(&call.region);
                let exports = stacks.iter().flat_map(|stack| {
                    let named =
                        stack.outputs.iter().filter_map(|output| Some((output.export.as_ref()?, &output.value)));
                    named.map(|(name, value)| json!({ "ExportingStackId": stack.id, "Name": name, "Value": value }))
                });
                Ok(json!({ "Exports": exports.collect::<Vec<_>>() }))
            }
            other => Err(Fault::unknown_operation("cloudformation", other)),
        }
    }
}

impl Service for CloudFormation {
    fn name(&self) -> &'static str {
        "cloudformation"
    }

    fn protocols(&self) -> &'static [Protocol] {
        &[Protocol::Query { namespace: "http://cloudformation.amazonaws.com/doc/2010-05-15/", maps: &[] }]
    }

    fn access(&self, call: &Call) -> Vec<Access> {
        let resource = match call.input["StackName"].as_str() {
            Some(name) if name.starts_with("arn:") => name.to_owned(),
            Some(name) => format!("arn:aws:cloudformation:{}:{ACCOUNT_ID}:stack/{name}/*", call.region),
            None => "*".to_owned(),
        };
        vec![Access { action: format!("cloudformation:{}", call.operation), resource }]
    }

    fn denial(&self) -> &'static str {
        "AccessDenied"
    }

    fn snapshot(&self) -> Option<Vec<u8>> {
        Some(self.0.snapshot())
    }

    fn restore(&self, snapshot: &[u8]) -> Result<(), String> {
        self.0.restore(snapshot)
    }

    fn call<'a>(&'a self, call: Call) -> Handling<'a> {
        Box::pin(async move { self.answer(&call).map(Reply::Output) })
    }
}

/// `2026-11-28T03:00:00.000Z`.
fn time(millis: i64) -> String {
    DateTime::from_timestamp_millis(millis).unwrap_or_default().to_rfc3339_opts(SecondsFormat::Millis, true)
}

fn described(stack: &Stack) -> Value {
    let mut members = Map::new();
    let outputs: Vec<Value> = stack
        .outputs
        .iter()
        .map(|output| {
            let mut members = json!({ "OutputKey": output.key, "OutputValue": output.value });
            if let Some(description) = &output.description {
                members["Description"] = json!(description);
            }
            if let Some(export) = &output.export {
                members["ExportName"] = json!(export);
            }
            members
        })
        .collect();
    let tags: Vec<Value> = stack.tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
    members.insert("StackId".to_owned(), json!(stack.id));
    members.insert("StackName".to_owned(), json!(stack.name));
    members.insert("CreationTime".to_owned(), json!(time(stack.created)));
    if let Some(updated) = stack.updated {
        members.insert(last_change(stack).to_owned(), json!(time(updated)));
    }
    members.insert("StackStatus".to_owned(), json!(stack.status));
    if let Some(reason) = &stack.reason {
        members.insert("StackStatusReason".to_owned(), json!(reason));
    }
    members.insert("DisableRollback".to_owned(), json!("false"));
    members.insert("Capabilities".to_owned(), json!(["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"]));
    members.insert("Outputs".to_owned(), json!(outputs));
    members.insert("Tags".to_owned(), json!(tags));
    Value::Object(members)
}

fn summary(stack: &Stack) -> Value {
    let mut members = json!({
        "StackId": stack.id, "StackName": stack.name, "CreationTime": time(stack.created), "StackStatus": stack.status,
    });
    if let Some(updated) = stack.updated {
        members[last_change(stack)] = json!(time(updated));
    }
    members
}

/// What the time of the last change to a stack is called.
fn last_change(stack: &Stack) -> &'static str {
    if stack.status == "DELETE_COMPLETE" { "DeletionTime" } else { "LastUpdatedTime" }
}

fn resources(stack: &Stack) -> impl Iterator<Item = Value> {
    stack.resources.iter().map(|(logical, resource)| {
        json!({
            "LogicalResourceId": logical, "PhysicalResourceId": resource.physical, "ResourceType": resource.kind,
            "LastUpdatedTimestamp": time(resource.updated), "ResourceStatus": resource.status,
        })
    })
}

/// A resource as the operations give it that name the stack, with its time under the name that they use.
fn with_stack(mut resource: Value, stack: &Stack, stamp: &str) -> Value {
    if let Some(members) = resource.as_object_mut() {
        members.insert("StackId".to_owned(), json!(stack.id));
        members.insert("StackName".to_owned(), json!(stack.name));
        if let Some(time) = members.remove("LastUpdatedTimestamp") {
            members.insert(stamp.to_owned(), time);
        }
    }
    resource
}

/// The newest first.
fn events(stack: &Stack) -> Vec<Value> {
    let event = |event: &super::deploy::StackEvent| {
        let mut members = json!({
            "StackId": stack.id, "StackName": stack.name, "EventId": event.id, "LogicalResourceId": event.logical,
            "PhysicalResourceId": event.physical, "ResourceType": event.kind, "Timestamp": time(event.millis),
            "ResourceStatus": event.status,
        });
        if let Some(reason) = &event.reason {
            members["ResourceStatusReason"] = json!(reason);
        }
        members
    };
    stack.events.iter().rev().map(event).collect()
}
