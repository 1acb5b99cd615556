//! Custom resources: a function of the service makes them, and answers by HTTP where CloudFormation told it to.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::sync::oneshot;
use uuid::Uuid;

use super::{Context, Made, NOTE, Wanted};
use crate::sandbox::deploy::stack::{Resource, Stack};
use crate::sandbox::front::{Front, Page, PageBody, Serving};
use crate::sandbox::invoke::Invoke;
use crate::sandbox::service::RestRequest;

/// How long after its function has ended an answer may come. AWS waits for an hour; here the function is gone by then.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where custom resources answer: `PUT /cloudformation-response/TOKEN`.
#[derive(Debug, Default)]
pub struct Answers(Mutex<HashMap<String, oneshot::Sender<Value>>>);

impl Answers {
    fn expect(&self) -> (String, oneshot::Receiver<Value>) {
        let token = Uuid::new_v4().simple().to_string();
        let (sender, receiver) = oneshot::channel();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(token.clone(), sender);
        (token, receiver)
    }

    fn forget(&self, token: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(token);
    }

    fn take(&self, request: &RestRequest) -> u16 {
        let token = request.path.rsplit('/').next().unwrap_or_default();
        if request.method != "PUT" {
            return 405;
        }
        let Ok(answer) = serde_json::from_slice(&request.body) else { return 400 };
        match self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(token) {
            Some(waiting) => {
                // Whoever waited may have given up.
                let _ = waiting.send(answer);
                200
            }
            None => 403,
        }
    }
}

impl Front for Arc<Answers> {
    fn prefix(&self) -> &'static str {
        "cloudformation-response"
    }

    fn serve<'a>(&'a self, request: RestRequest) -> Serving<'a> {
        let status = self.take(&request);
        Box::pin(async move { Page { status, headers: Vec::new(), body: PageBody::Whole(Bytes::new()) } })
    }
}

pub(super) async fn create(context: &Context<'_>, wanted: Wanted<'_>) -> Result<Made, String> {
    let Wanted { stack, logical, kind, properties } = wanted;
    let event = json!({ "RequestType": "Create", "ResourceProperties": properties, "ResourceType": kind });
    run(context, stack, logical, event).await
}

pub(super) async fn update(context: &Context<'_>, wanted: Wanted<'_>, old: &Resource) -> Result<Made, String> {
    let Wanted { stack, logical, properties, .. } = wanted;
    let event = json!({
        "RequestType": "Update", "ResourceProperties": properties, "ResourceType": old.kind,
        "OldResourceProperties": old.properties, "PhysicalResourceId": old.physical,
    });
    let made = run(context, stack, logical, event).await?;
    if made.physical != old.physical {
        // Another id means another resource: the old one is asked to go.
        delete(context, stack, logical, old).await?;
    }
    Ok(made)
}

pub(super) async fn delete(context: &Context<'_>, stack: &Stack, logical: &str, old: &Resource) -> Result<(), String> {
    if old.attributes.contains_key(NOTE) {
        // It was never made.
        return Ok(());
    }
    let event = json!({
        "RequestType": "Delete", "ResourceProperties": old.properties, "ResourceType": old.kind,
        "PhysicalResourceId": old.physical,
    });
    run(context, stack, logical, event).await.map(drop)
}

async fn run(context: &Context<'_>, stack: &Stack, logical: &str, mut event: Value) -> Result<Made, String> {
    let token = event["ResourceProperties"]["ServiceToken"].as_str().unwrap_or_default().to_owned();
    let known = event["PhysicalResourceId"].as_str().unwrap_or(logical).to_owned();
    if !token.contains(":lambda:") {
        return Ok(Made::new(known).with(NOTE, "skipped: what makes it is no function of this account"));
    }
    let (answer_at, answer) = context.parts.answers.expect();
    event["ServiceToken"] = json!(token);
    event["StackId"] = json!(stack.id);
    event["RequestId"] = json!(Uuid::new_v4().to_string());
    event["LogicalResourceId"] = json!(logical);
    event["ResponseURL"] = json!(format!("{}/cloudformation-response/{answer_at}", context.account.endpoint()));
    // CloudFormation gives all property values as text.
    for side in ["ResourceProperties", "OldResourceProperties"] {
        if let Some(properties) = event.get_mut(side) {
            as_text(properties);
        }
    }
    let invoked = context.parts.lambda.invoke(&context.region, &token, Bytes::from(event.to_string())).await;
    let outcome = match invoked {
        Err(fault) => Err(fault.message),
        Ok(invocation) => match tokio::time::timeout(PATIENCE, answer).await {
            Ok(Ok(answer)) => Ok(answer),
            _ => match missing_package(&invocation.payload) {
                Some(package) => {
                    context.parts.answers.forget(&answer_at);
                    let note = format!(
                        "skipped: its function needs the Python package {package}, which is not among those of the sandbox"
                    );
                    return Ok(Made::new(known).with(NOTE, note));
                }
                None if invocation.error.is_some() => {
                    Err(format!("its function failed: {}", String::from_utf8_lossy(&invocation.payload)))
                }
                None => Err("its function ended and did not answer at the ResponseURL of its event".to_owned()),
            },
        },
    };
    context.parts.answers.forget(&answer_at);
    let answer = outcome?;
    if answer["Status"] != "SUCCESS" {
        let reason = answer["Reason"].as_str().unwrap_or("it gave no reason");
        return Err(format!("its function answered FAILED: {reason}"));
    }
    let mut made = Made::new(answer["PhysicalResourceId"].as_str().unwrap_or(&known));
    for (name, value) in answer["Data"].as_object().into_iter().flatten() {
        made = made.with(name, value.clone());
    }
    Ok(made)
}

/// The package that an import did not find, from the error of an invocation.
fn missing_package(payload: &[u8]) -> Option<String> {
    let error: Value = serde_json::from_slice(payload).ok()?;
    let message = error["errorMessage"].as_str()?;
    let (_, rest) = message.split_once("No module named '")?;
    rest.split('\'').next().map(str::to_owned)
}

fn as_text(value: &mut Value) {
    match value {
        Value::Number(number) => *value = json!(number.to_string()),
        Value::Bool(flag) => *value = json!(flag.to_string()),
        Value::Array(items) => items.iter_mut().for_each(as_text),
        Value::Object(members) => members.values_mut().for_each(as_text),
        _ => {}
    }
}
