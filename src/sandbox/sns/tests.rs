//! SNS through [`Service::call`], as the wire calls it, with a real SQS and an invoker that remembers.

mod delivery;
mod publish;
mod subscriptions;
mod topics;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};

use super::Sns;
use crate::sandbox::{Account, Call, Caller, Fault, Happening, Invoke, Invoking, Reply, Service, Sqs};

/// An invoker that remembers what it was handed, and fails as it was told first.
#[derive(Default)]
struct Recorder {
    events: Mutex<Vec<(String, Value)>>,
    faults: Mutex<VecDeque<Fault>>,
}

impl Invoke for Recorder {
    fn invoke<'a>(&'a self, _region: &'a str, _function: &'a str, _payload: Bytes) -> Invoking<'a> {
        panic!("SNS invokes asynchronously")
    }

    fn invoke_later(&self, region: &str, function: &str, payload: Bytes) -> Result<String, Fault> {
        assert_eq!(region, "us-east-2");
        if let Some(fault) = self.faults.lock().unwrap().pop_front() {
            return Err(fault);
        }
        let event = serde_json::from_slice(&payload).unwrap();
        self.events.lock().unwrap().push((function.to_owned(), event));
        Ok("request".to_owned())
    }
}

impl Recorder {
    fn fail(&self, times: usize, fault: &Fault) {
        self.faults.lock().unwrap().extend(vec![fault.clone(); times]);
    }

    fn events(&self) -> Vec<(String, Value)> {
        self.events.lock().unwrap().clone()
    }
}

/// A sandbox with SNS and SQS.
struct Fixture {
    account: Arc<Account>,
    sqs: Arc<Sqs>,
    sns: Sns,
    lambda: Arc<Recorder>,
}

const FUNCTION: &str = "arn:aws:lambda:us-east-2:123456789012:function:record";

impl Fixture {
    fn new() -> Self {
        let account = Arc::new(Account::new(None, 1.0));
        account.bound(4100);
        let sqs = Arc::new(Sqs::new(Arc::clone(&account)));
        let lambda = Arc::new(Recorder::default());
        let sns = Sns::new(Arc::clone(&account), Arc::clone(&sqs), Arc::clone(&lambda) as Arc<dyn Invoke>);
        Self { account, sqs, sns, lambda }
    }

    async fn call(&self, operation: &str, input: Value) -> Result<Value, Fault> {
        call(&self.sns, operation, input).await
    }

    async fn ok(&self, operation: &str, input: Value) -> Value {
        self.call(operation, input).await.unwrap_or_else(|fault| panic!("{operation}: {fault}"))
    }

    async fn topic(&self, name: &str) -> Value {
        self.ok("CreateTopic", json!({ "Name": name })).await["TopicArn"].clone()
    }

    /// Makes a queue and subscribes it.
    async fn queue(&self, topic: &Value, name: &str, attributes: Value) -> Value {
        self.dead_letters(name).await;
        self.subscribe(topic, "sqs", &format!("arn:aws:sqs:us-east-2:123456789012:{name}"), attributes).await
    }

    async fn dead_letters(&self, name: &str) {
        call(&*self.sqs, "CreateQueue", json!({ "QueueName": name })).await.unwrap();
    }

    async fn subscribe(&self, topic: &Value, protocol: &str, endpoint: &str, attributes: Value) -> Value {
        let input = json!({ "TopicArn": topic, "Protocol": protocol, "Endpoint": endpoint, "Attributes": attributes });
        self.ok("Subscribe", input).await["SubscriptionArn"].clone()
    }

    async fn publish(&self, topic: &Value, message: &str) -> Value {
        self.ok("Publish", json!({ "TopicArn": topic, "Message": message })).await
    }

    /// Takes all messages of a queue.
    async fn messages(&self, queue: &str) -> Vec<Value> {
        let mut all = Vec::new();
        loop {
            let input = json!({
                "QueueUrl": format!("http://127.0.0.1:4100/123456789012/{queue}"),
                "MaxNumberOfMessages": 10,
                "MessageAttributeNames": ["All"],
            });
            let output = call(&*self.sqs, "ReceiveMessage", input).await.unwrap();
            match output["Messages"].as_array() {
                Some(messages) => all.extend(messages.iter().cloned()),
                None => return all,
            }
        }
    }

    async fn bodies(&self, queue: &str) -> Vec<String> {
        self.messages(queue).await.iter().map(|message| message["Body"].as_str().unwrap().to_owned()).collect()
    }
}

async fn call(service: &dyn Service, operation: &str, input: Value) -> Result<Value, Fault> {
    let call = Call {
        operation: operation.to_owned(),
        input,
        region: "us-east-2".to_owned(),
        caller: Caller::Learner,
        request_id: "request".to_owned(),
        rest: None,
    };
    service.call(call).await.map(|reply| match reply {
        Reply::Output(output) => output,
        _ => panic!("{operation} gave no output"),
    })
}

/// Lets background tasks run until `holds`.
async fn until(mut holds: impl FnMut() -> bool) {
    let wait = async {
        while !holds() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), wait).await.expect("it did not come to that");
}

/// The notes in the feed so far.
fn notes(feed: &mut tokio::sync::broadcast::Receiver<crate::sandbox::Activity>) -> Vec<String> {
    let mut notes = Vec::new();
    while let Ok(activity) = feed.try_recv() {
        if let Happening::Note(words) = activity.happening {
            notes.push(words);
        }
    }
    notes
}
