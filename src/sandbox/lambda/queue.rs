//! Asynchronous invocations: queued within bounds, tried again after one and two minutes, then handed to whoever wants the failures.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use uuid::Uuid;

use super::events::EventConfig;
use super::function;
use super::pool::{Pool, Request, Shared};
use super::report::iso;
use crate::sandbox::activity::Happening;
use crate::sandbox::invoke::Invocation;
use crate::sandbox::keys::Caller;
use crate::sandbox::service::{Call, Fault};

/// What may wait for one function; whoever brings more is told to come again.
const MOST_BYTES: usize = 64 << 20;
const MOST_EVENTS: usize = 100_000;
/// The first retry comes after this, the second after twice as long, in sandbox time.
const RETRY: Duration = Duration::from_secs(60);

/// How much waits for one function.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    bytes: AtomicUsize,
    events: AtomicUsize,
}

/// A part of it, given back when dropped.
struct Space {
    pool: Arc<Pool>,
    bytes: usize,
}

impl Space {
    fn take(pool: &Arc<Pool>, bytes: usize) -> Result<Self, Fault> {
        let Waiting { bytes: all, events } = &pool.waiting;
        let before = (all.fetch_add(bytes, Ordering::Relaxed), events.fetch_add(1, Ordering::Relaxed));
        let space = Self { pool: Arc::clone(pool), bytes };
        if before.0 + bytes > MOST_BYTES || before.1 >= MOST_EVENTS {
            drop(space);
            return Err(Fault::sender("TooManyRequestsException", "Rate Exceeded.").status(429));
        }
        Ok(space)
    }
}

impl Drop for Space {
    fn drop(&mut self) {
        self.pool.waiting.bytes.fetch_sub(self.bytes, Ordering::Relaxed);
        self.pool.waiting.events.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Queues an event; gives the id of its request.
///
/// # Errors
/// `TooManyRequestsException` if too much waits already.
pub(super) fn later(
    shared: &Arc<Shared>,
    pool: &Arc<Pool>,
    payload: Bytes,
    client_context: Option<Value>,
) -> Result<String, Fault> {
    let space = Space::take(pool, payload.len())?;
    let id = Uuid::new_v4().to_string();
    let request = Request { id: id.clone(), payload, attempt: 1, synchronous: false, client_context };
    let (shared, pool) = (Arc::clone(shared), Arc::clone(pool));
    tokio::spawn(async move {
        work(&shared, &pool, request).await;
        drop(space);
    });
    Ok(id)
}

/// Tries until it works or nobody wants it any more.
async fn work(shared: &Arc<Shared>, pool: &Arc<Pool>, mut request: Request) {
    let clock = &shared.account.clock;
    let queued = clock.now();
    loop {
        let Some(place) = pool.wait_for_place().await else {
            let name = &pool.function().name;
            shared.account.tell(Happening::Note(format!("{name} was removed; an event that waited for it is dropped")));
            return;
        };
        let config = pool.event_config();
        if clock.now().saturating_sub(queued) > config.max_event_age {
            drop(place);
            give_up(shared, pool, &config, &request, None, "EventAgeExceeded");
            return;
        }
        // Without Python there is an error, but no invocation; installing it may mend that.
        let invocation = pool.run(place, &request).await.ok();
        if let Some(invocation) = &invocation
            && invocation.error.is_none()
        {
            if let Some(destination) = &config.on_success {
                let record = record(pool, &request, Some(invocation), "Success", clock.millis());
                deliver(shared, pool, destination, record, Value::Null);
            }
            return;
        }
        if request.attempt > config.retries {
            give_up(shared, pool, &config, &request, invocation.as_ref(), "RetriesExhausted");
            return;
        }
        clock.sleep(RETRY * request.attempt).await;
        request.attempt += 1;
    }
}

fn give_up(
    shared: &Arc<Shared>,
    pool: &Arc<Pool>,
    config: &EventConfig,
    request: &Request,
    invocation: Option<&Invocation>,
    why: &str,
) {
    let function = pool.function();
    if let Some(destination) = &config.on_failure {
        let record = record(pool, request, invocation, why, shared.account.clock.millis());
        deliver(shared, pool, destination, record, Value::Null);
    }
    if let Some(queue) = &function.dead_letter {
        // The event as it came, with what became of it beside.
        let attribute = |kind: &str, value: &str| json!({ "DataType": kind, "StringValue": value });
        let message = invocation.and_then(|invocation| {
            let error: Value = serde_json::from_slice(&invocation.payload).ok()?;
            Some(error["errorMessage"].as_str()?.chars().take(1024).collect::<String>())
        });
        let attributes = json!({
            "RequestID": attribute("String", &request.id),
            "ErrorCode": attribute("Number", if invocation.is_some() { "200" } else { "500" }),
            "ErrorMessage": attribute("String", message.as_deref().filter(|message| !message.is_empty()).unwrap_or(why)),
        });
        deliver(shared, pool, queue, String::from_utf8_lossy(&request.payload).into_owned(), attributes);
    }
    let whither = config.on_failure.as_ref().or(function.dead_letter.as_ref());
    let whither = whither.map_or_else(|| "dropped".to_owned(), |arn| format!("sent to {arn}"));
    let tries = request.attempt;
    let words =
        format!("{}: an event is {whither} after {tries} attempts ({why}, request {})", function.name, request.id);
    shared.account.tell(Happening::Note(words));
}

/// What a destination gets.
fn record(pool: &Pool, request: &Request, invocation: Option<&Invocation>, condition: &str, millis: i64) -> String {
    let json = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).unwrap_or_default();
    let mut record = json!({
        "version": "1.0",
        "timestamp": iso(millis),
        "requestContext": {
            "requestId": request.id,
            "functionArn": format!("{}:$LATEST", pool.arn()),
            "condition": condition,
            "approximateInvokeCount": request.attempt,
        },
        "requestPayload": json(&request.payload),
    });
    if let Some(invocation) = invocation {
        record["responseContext"] = json!({ "statusCode": 200, "executedVersion": "$LATEST" });
        if invocation.error.is_some() {
            record["responseContext"]["functionError"] = "Unhandled".into();
        }
        record["responsePayload"] = json(&invocation.payload);
    }
    record.to_string()
}

/// Hands a message to a queue, a topic or a function; what goes wrong is told.
fn deliver(shared: &Arc<Shared>, pool: &Arc<Pool>, arn: &str, body: String, attributes: Value) {
    let (shared, function, arn) = (Arc::clone(shared), pool.function(), arn.to_owned());
    tokio::spawn(async move {
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let delivered = match parts.as_slice() {
            ["arn", "aws", "sqs", ..] => match shared.queues.get() {
                Some(queues) => queues.send(&arn, body, attributes),
                None => Err(Fault::internal("the sandbox has no queues")),
            },
            ["arn", "aws", "sns", region, ..] => match shared.topics.get().and_then(std::sync::Weak::upgrade) {
                Some(topics) => {
                    let mut input = json!({ "TopicArn": arn, "Message": body });
                    if !attributes.is_null() {
                        input["MessageAttributes"] = attributes;
                    }
                    let call = Call {
                        operation: "Publish".to_owned(),
                        input,
                        region: (*region).to_owned(),
                        caller: Caller::Function(Arc::clone(&function.role)),
                        request_id: Uuid::new_v4().to_string(),
                        rest: None,
                    };
                    topics.call(call).await.map(drop)
                }
                None => Err(Fault::internal("the sandbox has no topics")),
            },
            ["arn", "aws", "lambda", region, ..] => {
                let target = shared.pool(region, &arn);
                target.and_then(|target| later(&shared, &target, body.into(), None)).map(drop)
            }
            _ => Err(Fault::sender("InvalidParameterValueException", format!("{arn} is no queue, topic or function"))),
        };
        if let Err(fault) = delivered {
            let words = format!("{}: what failed could not be sent to {arn}: {fault}", function.name);
            shared.account.tell(Happening::Note(words));
        }
    });
}

/// For [`Shared::pool`]: nobody goes by this name.
pub(super) fn not_found(region: &str, wanted: &str) -> Fault {
    let arn = if wanted.starts_with("arn:") { wanted.to_owned() } else { function::arn(region, wanted) };
    Fault::sender("ResourceNotFoundException", format!("Function not found: {arn}")).status(404)
}
