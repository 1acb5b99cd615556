//! Asynchronous invocations: retried by the clock of the sandbox, and what becomes of events that fail for good.

use std::sync::Arc;
use std::time::Duration;

use rydes::sandbox::{Activity, Call, Caller, Function, Happening, Invoke, Reply, Service, Sns, Sqs};
use serde_json::{Value, json};
use tokio::sync::broadcast::Receiver;

use super::{Cloud, REGION, until};

const FAILS: &str = "def handler(event, context):\n    raise ValueError('no')\n";
/// Fast, and not so fast that a program in between would age.
const SPEED: f64 = 600.0;

async fn attempts(feed: &mut Receiver<Activity>, most: usize) -> Vec<(u32, bool, i64)> {
    let mut found = Vec::new();
    while found.len() < most {
        let told = tokio::time::timeout(Duration::from_secs(30), feed.recv()).await.unwrap().unwrap();
        match told.happening {
            Happening::Invoked { attempt, error, synchronous: false, .. } => {
                found.push((attempt, error.is_some(), told.millis))
            }
            Happening::Note(words) if words.contains("attempts") => break,
            _ => {}
        }
    }
    found
}

async fn ask(service: &dyn Service, operation: &str, input: Value) -> Value {
    let (operation, region) = (operation.to_owned(), REGION.to_owned());
    let call = Call { operation, input, region, caller: Caller::Learner, request_id: "r".to_owned(), rest: None };
    match service.call(call).await.unwrap() {
        Reply::Output(output) => output,
        _ => panic!("no output"),
    }
}

#[tokio::test]
async fn an_event_that_fails_is_tried_again_after_one_and_two_minutes_and_dropped() {
    let cloud = Cloud::with_speed(SPEED);
    cloud.deploy("fails", FAILS);
    let mut feed = cloud.account.feed.listen();
    let id = cloud.lambda.invoke_later(REGION, "fails", "{}".into()).unwrap();
    let tried = attempts(&mut feed, 9).await;
    assert_eq!(
        tried.iter().map(|(attempt, failed, _)| (*attempt, *failed)).collect::<Vec<_>>(),
        [(1, true), (2, true), (3, true)]
    );
    assert!(tried[1].2 - tried[0].2 >= 60_000 && tried[2].2 - tried[1].2 >= 120_000, "{tried:?}");
    // It keeps its id, as Lambda has it.
    assert_eq!(cloud.lines.all().iter().filter(|line| **line == format!("END RequestId: {id}")).count(), 3);
}

#[tokio::test]
async fn an_event_that_works_is_done() {
    let cloud = Cloud::with_speed(SPEED);
    let flaky = "
import os
def handler(event, context):
    path = os.environ['TMPDIR'] + '/tried'
    if not os.path.exists(path):
        open(path, 'w').close()
        raise ValueError('once')
";
    cloud.deploy("flaky", flaky);
    let mut feed = cloud.account.feed.listen();
    cloud.lambda.invoke_later(REGION, "flaky", "{}".into()).unwrap();
    let tried: Vec<_> = attempts(&mut feed, 2).await.iter().map(|(attempt, failed, _)| (*attempt, *failed)).collect();
    assert_eq!(tried, [(1, true), (2, false)]);
}

#[tokio::test]
async fn what_fails_for_good_goes_to_the_queue_or_the_topic() {
    let cloud = Cloud::with_speed(SPEED);
    let sqs = Arc::new(Sqs::new(Arc::clone(&cloud.account)));
    let sns = Arc::new(Sns::new(Arc::clone(&cloud.account), Arc::clone(&sqs), cloud.lambda.clone()));
    let topics: Arc<dyn Service> = sns.clone();
    cloud.lambda.connect(&sqs, Arc::downgrade(&topics));
    let mut urls = Vec::new();
    for name in ["failed", "dead", "told"] {
        urls.push(ask(&*sqs, "CreateQueue", json!({ "QueueName": name })).await["QueueUrl"].clone());
    }
    let arn = |kind: &str, name: &str| format!("arn:aws:{kind}:{REGION}:123456789012:{name}");
    ask(&*sns, "CreateTopic", json!({ "Name": "failures" })).await;
    let subscription = json!({ "TopicArn": arn("sns", "failures"), "Protocol": "sqs", "Endpoint": arn("sqs", "told") });
    ask(&*sns, "Subscribe", subscription).await;
    cloud.save("fails", FAILS);
    let function = |name: &str| Function { name: name.to_owned(), retries: 0, ..cloud.function("fails") };
    let (failed, dead) = (Some(arn("sqs", "failed")), Some(arn("sqs", "dead")));
    cloud.lambda.put_function(REGION, Function { on_failure: failed, dead_letter: dead, ..function("queue") });
    cloud.lambda.put_function(REGION, Function { on_failure: Some(arn("sns", "failures")), ..function("topic") });
    let id = cloud.lambda.invoke_later(REGION, "queue", r#"{"ride": 1}"#.into()).unwrap();
    cloud.lambda.invoke_later(REGION, "topic", r#"{"ride": 2}"#.into()).unwrap();
    let mut got = Vec::new();
    for url in &urls {
        let input = json!({ "QueueUrl": url, "WaitTimeSeconds": 20, "MessageAttributeNames": ["All"] });
        let mut received = ask(&*sqs, "ReceiveMessage", input.clone()).await;
        while received["Messages"].is_null() {
            received = ask(&*sqs, "ReceiveMessage", input.clone()).await;
        }
        got.push(received["Messages"][0].clone());
    }
    let body = |message: &Value| serde_json::from_str::<Value>(message["Body"].as_str().unwrap()).unwrap();
    let record = body(&got[0]);
    assert_eq!(record["requestContext"]["requestId"], json!(id));
    assert_eq!(record["requestContext"]["condition"], "RetriesExhausted");
    assert_eq!(record["requestContext"]["approximateInvokeCount"], 1);
    assert_eq!(record["requestPayload"], json!({ "ride": 1 }));
    assert_eq!(record["responsePayload"]["errorType"], "ValueError");
    assert_eq!(record["responseContext"]["functionError"], "Unhandled");
    assert_eq!(got[1]["Body"], r#"{"ride": 1}"#);
    let attribute = |name: &str| got[1]["MessageAttributes"][name]["StringValue"].as_str().unwrap().to_owned();
    assert_eq!([attribute("RequestID"), attribute("ErrorCode"), attribute("ErrorMessage")], [&id, "200", "no"]);
    let through_the_topic: Value = serde_json::from_str(body(&got[2])["Message"].as_str().unwrap()).unwrap();
    assert_eq!(through_the_topic["requestPayload"], json!({ "ride": 2 }));
}

#[tokio::test]
async fn too_much_is_refused_and_what_waits_for_a_removed_function_is_told() {
    let cloud = Cloud::new();
    cloud.deploy("slow", "import time\ndef handler(event, context):\n    print('here')\n    time.sleep(60)\n");
    let mut feed = cloud.account.feed.listen();
    let large = format!("\"{}\"", "x".repeat(1 << 20));
    let mut refused = None;
    for _ in 0..100 {
        if let Err(fault) = cloud.lambda.invoke_later(REGION, "slow", large.clone().into()) {
            refused = Some(fault);
            break;
        }
    }
    assert_eq!(refused.unwrap().code, "TooManyRequestsException");
    until("an invocation", || cloud.lines.all().contains(&"here".to_owned())).await;
    cloud.lambda.delete_function(REGION, "slow");
    loop {
        let told = tokio::time::timeout(Duration::from_secs(30), feed.recv()).await.unwrap().unwrap();
        if matches!(&told.happening, Happening::Note(words) if words.contains("was removed")) {
            break;
        }
    }
}
