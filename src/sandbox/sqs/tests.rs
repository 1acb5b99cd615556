//! SQS through [`Service::call`], as the wire calls it.

mod attributes;
mod fifo;
mod lifetime;
mod manage;
mod operations;

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::Sqs;
use crate::sandbox::{Account, Call, Caller, Fault, Reply, Service};

/// A sandbox with SQS alone.
struct Fixture {
    account: Arc<Account>,
    sqs: Arc<Sqs>,
}

impl Fixture {
    fn new() -> Self {
        let account = Arc::new(Account::new(None, 1.0));
        account.bound(4100);
        Self { sqs: Arc::new(Sqs::new(Arc::clone(&account))), account }
    }

    async fn call(&self, operation: &str, input: Value) -> Result<Value, Fault> {
        call(&self.sqs, operation, input).await
    }

    async fn ok(&self, operation: &str, input: Value) -> Value {
        self.call(operation, input).await.unwrap_or_else(|fault| panic!("{operation}: {fault}"))
    }

    /// The code of the error.
    async fn code(&self, operation: &str, input: Value) -> String {
        self.call(operation, input).await.map_or_else(|fault| fault.code, |output| panic!("{operation} gave {output}"))
    }

    async fn queue(&self, name: &str, attributes: Value) -> Value {
        self.ok("CreateQueue", json!({ "QueueName": name, "Attributes": attributes })).await["QueueUrl"].clone()
    }

    async fn send(&self, url: &Value, body: &str) {
        self.ok("SendMessage", json!({ "QueueUrl": url, "MessageBody": body })).await;
    }

    async fn receive(&self, url: &Value) -> Vec<Value> {
        self.receive_with(url, json!({})).await
    }

    async fn receive_with(&self, url: &Value, more: Value) -> Vec<Value> {
        let mut input = json!({ "QueueUrl": url, "MaxNumberOfMessages": 10, "AttributeNames": ["All"], "MessageAttributeNames": ["All"] });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let output = self.ok("ReceiveMessage", input).await;
        output["Messages"].as_array().cloned().unwrap_or_default()
    }

    /// Lets sandbox time pass.
    fn pass(&self, seconds: u64) {
        self.account.clock.advance(Duration::from_secs(seconds));
    }

    /// Visible, in flight, delayed.
    async fn counts(&self, url: &Value) -> [String; 3] {
        let all = self.ok("GetQueueAttributes", json!({ "QueueUrl": url, "AttributeNames": ["All"] })).await;
        ["", "NotVisible", "Delayed"]
            .map(|kind| all["Attributes"][format!("ApproximateNumberOfMessages{kind}")].as_str().unwrap().to_owned())
    }
}

async fn call(sqs: &Sqs, operation: &str, input: Value) -> Result<Value, Fault> {
    let call = Call {
        operation: operation.to_owned(),
        input,
        region: "us-east-2".to_owned(),
        caller: Caller::Learner,
        request_id: "request".to_owned(),
        rest: None,
    };
    sqs.call(call).await.map(|reply| match reply {
        Reply::Output(output) => output,
        _ => panic!("{operation} gave no output"),
    })
}

fn bodies(messages: &[Value]) -> Vec<&str> {
    messages.iter().map(|message| message["Body"].as_str().unwrap()).collect()
}
