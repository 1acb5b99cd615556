//! Functions and the roles that they run with.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::{Context, Made, Wanted, number, text};
use crate::sandbox::account::ACCOUNT_ID;
use crate::sandbox::deploy::stack::{Resource, Stack};
use crate::sandbox::keys::Role;
use crate::sandbox::lambda::Function;

pub(super) fn create(context: &Context<'_>, wanted: Wanted<'_>) -> Result<Made, String> {
    if wanted.kind == "AWS::IAM::Role" {
        let name = wanted.name("RoleName");
        let arn = format!("arn:aws:iam::{ACCOUNT_ID}:role/{name}");
        return Ok(Made::new(name).with("Arn", arn));
    }
    let name = wanted.name("FunctionName");
    put(context, wanted.stack, &name, wanted.properties)?;
    let arn = context.arn("lambda", &format!("function:{name}"));
    Ok(Made::new(name).with("Arn", arn))
}

pub(super) fn update(context: &Context<'_>, wanted: Wanted<'_>, old: &Resource) -> Result<Made, String> {
    if old.kind == "AWS::Lambda::Function" {
        put(context, wanted.stack, &old.physical, wanted.properties)?;
    }
    Ok(Made { physical: old.physical.clone(), attributes: old.attributes.clone() })
}

pub(super) fn delete(context: &Context<'_>, old: &Resource) {
    if old.kind == "AWS::Lambda::Function" {
        context.parts.lambda.delete_function(&context.region, &old.physical);
    }
}

fn put(context: &Context<'_>, stack: &Stack, name: &str, properties: &Value) -> Result<(), String> {
    let handler = text(&properties["Handler"]).unwrap_or_default();
    let runtime = text(&properties["Runtime"]).unwrap_or_default();
    if !runtime.is_empty() && !runtime.starts_with("python") {
        // It is deployed and cannot run: an invocation says so.
        return Err(format!("the sandbox runs Python functions only, and this one wants {runtime}"));
    }
    let module = handler.rsplit_once('.').map(|(module, _)| module).unwrap_or_default();
    if module.is_empty() {
        return Err(format!("the handler {handler:?} is not of the form `folder/file.function`"));
    }
    let function = describe(context, stack, name, properties);
    context.parts.lambda.put_function(&context.region, function);
    Ok(())
}

/// The function that properties of a template mean.
fn describe(context: &Context<'_>, stack: &Stack, name: &str, properties: &Value) -> Function {
    let variables = properties["Environment"]["Variables"].as_object();
    let environment: BTreeMap<String, String> =
        variables.into_iter().flatten().filter_map(|(key, value)| Some((key.clone(), text(value)?))).collect();
    let log_group = text(&properties["LoggingConfig"]["LogGroup"]).unwrap_or_else(|| format!("/aws/lambda/{name}"));
    Function {
        name: name.to_owned(),
        handler: text(&properties["Handler"]).unwrap_or_default(),
        runtime: text(&properties["Runtime"]).unwrap_or_else(|| "python3.13".to_owned()),
        folder: context.folder.clone(),
        environment,
        role: Arc::new(role(stack, name, properties["Role"].as_str().unwrap_or_default())),
        timeout: Duration::from_secs(number(&properties["Timeout"]).unwrap_or(3).clamp(1, 900)),
        memory_mb: number(&properties["MemorySize"]).and_then(|size| u32::try_from(size).ok()).unwrap_or(128),
        description: text(&properties["Description"]).unwrap_or_default(),
        log_group,
        dead_letter: text(&properties["DeadLetterConfig"]["TargetArn"]),
        code_sha: context.code_hash.clone(),
        ..Function::default()
    }
}

/// Functions of a stack as they must be now that all of it is known: event invoke settings and policies beside the role are resources of their own.
pub(in crate::sandbox::deploy) fn functions(context: &Context<'_>, stack: &Stack) -> Vec<Function> {
    let of_kind = |kind: &'static str| stack.resources.values().filter(move |resource| resource.kind == kind);
    let mut functions: Vec<Function> = of_kind("AWS::Lambda::Function")
        .map(|resource| describe(context, stack, &resource.physical, &resource.properties))
        .collect();
    for settings in of_kind("AWS::Lambda::EventInvokeConfig").map(|resource| &resource.properties) {
        let of = settings["FunctionName"].as_str().unwrap_or_default();
        let is_meant =
            |function: &Function| of == function.name || of.ends_with(&format!(":function:{}", function.name));
        if let Some(function) = functions.iter_mut().find(|function| is_meant(function)) {
            if let Some(retries) = number(&settings["MaximumRetryAttempts"]) {
                function.retries = u32::try_from(retries).unwrap_or(2).min(2);
            }
            if let Some(age) = number(&settings["MaximumEventAgeInSeconds"]) {
                function.max_event_age = Duration::from_secs(age);
            }
            function.on_failure = text(&settings["DestinationConfig"]["OnFailure"]["Destination"]);
        }
    }
    functions
}

/// The role with this ARN, for one function.
fn role(stack: &Stack, function: &str, arn: &str) -> Role {
    let name = arn.rsplit('/').next().unwrap_or_default();
    let mut policies = Vec::new();
    let own = stack.resources.values().find(|resource| resource.kind == "AWS::IAM::Role" && resource.physical == name);
    if let Some(resource) = own {
        let inline = resource.properties["Policies"].as_array().into_iter().flatten();
        policies.extend(inline.map(|policy| policy["PolicyDocument"].clone()));
        let managed = resource.properties["ManagedPolicyArns"].as_array().into_iter().flatten();
        policies.extend(managed.filter_map(|arn| managed_policy(stack, arn.as_str()?)));
    }
    for policy in stack
        .resources
        .values()
        .filter(|resource| resource.kind.starts_with("AWS::IAM::") && resource.kind.ends_with("Policy"))
    {
        let roles = policy.properties["Roles"].as_array().into_iter().flatten();
        if roles.filter_map(Value::as_str).any(|role| role == name) {
            policies.push(policy.properties["PolicyDocument"].clone());
        }
    }
    Role { name: name.to_owned(), session: function.to_owned(), policies, service: stack.folder.clone() }
}

/// What AWS's own policies allow, as far as the sandbox has the services; and the stack's own managed policies.
fn managed_policy(stack: &Stack, arn: &str) -> Option<Value> {
    let own = stack
        .resources
        .values()
        .find(|resource| resource.kind == "AWS::IAM::ManagedPolicy" && resource.physical == arn);
    if let Some(own) = own {
        return Some(own.properties["PolicyDocument"].clone());
    }
    let actions: &[&str] = match arn.rsplit('/').next()? {
        "AWSLambdaBasicExecutionRole" | "AWSLambdaVPCAccessExecutionRole" => {
            &["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
        }
        "AmazonSNSFullAccess" => &["sns:*"],
        "AmazonSQSFullAccess" => &["sqs:*"],
        "AmazonDynamoDBFullAccess" => &["dynamodb:*"],
        "AmazonSSMReadOnlyAccess" => &["ssm:Describe*", "ssm:Get*", "ssm:List*"],
        "AdministratorAccess" => &["*"],
        _ => return None,
    };
    Some(json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": actions, "Resource": "*" }] }))
}
