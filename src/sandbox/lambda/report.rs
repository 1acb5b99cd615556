//! What is told of an invocation: the last lines of its log, the feed, and what the caller gets.

use std::time::Duration;

use bytes::Bytes;
use chrono::SecondsFormat;
use serde_json::json;

use super::function::Function;
use super::instance::{Answer, Outcome};
use super::output::Output;
use super::pool::Request;
use crate::sandbox::account::Account;
use crate::sandbox::activity::Happening;
use crate::sandbox::invoke::{FunctionError, Invocation};

/// Logs how it went, tells the feed, and gives what the caller gets.
pub(super) fn report(
    account: &Account,
    function: &Function,
    request: &Request,
    output: &Output,
    outcome: &Outcome,
) -> Invocation {
    let Outcome { answer, duration, init, peak_mb, .. } = outcome;
    let id = &request.id;
    let error_of = |kind: &str, words: String| {
        let message = format!("RequestId: {id} Error: {words}");
        (
            kind.to_owned(),
            message.clone(),
            Bytes::from(json!({ "errorType": kind, "errorMessage": message }).to_string()),
        )
    };
    let mut lines = Vec::new();
    let (error, how) = match answer {
        Answer::Returned(_) => (None, None),
        Answer::Raised { kind, message, payload } => {
            (Some((kind.clone(), message.clone(), payload.clone())), Some(FunctionError::Unhandled))
        }
        Answer::TimedOut => {
            let words = format!("Task timed out after {:.2} seconds", function.timeout.as_secs_f64());
            lines.push(format!("{} {id} {words}", iso(account.clock.millis())));
            (Some(error_of("Sandbox.Timedout", words)), Some(FunctionError::TimedOut))
        }
        Answer::OutOfMemory => {
            let words = "Runtime exited with error: signal: killed".to_owned();
            (Some(error_of("Runtime.OutOfMemory", words)), Some(FunctionError::Died))
        }
        Answer::Died(ended) => (Some(error_of("Runtime.ExitError", ended.words())), Some(FunctionError::Died)),
    };
    if let (Some((kind, message, _)), Some(FunctionError::Died)) = (&error, how) {
        lines.push(format!("{message}\n{kind}"));
    }
    lines.push(format!("END RequestId: {id}"));
    lines.push(report_line(
        function,
        id,
        *duration,
        *init,
        *peak_mb,
        error.as_ref().map(|error| error.0.as_str()),
        how,
    ));
    let log_tail = output.finish(lines);
    let millis = duration.as_secs_f64() * 1000.0;
    let (payload, error) = match (answer, error) {
        (Answer::Returned(payload), _) => (payload.clone(), None),
        (_, Some((kind, message, payload))) => (payload, Some((kind, message))),
        (_, None) => (Bytes::new(), None),
    };
    account.tell(Happening::Invoked {
        function: function.name.clone(),
        request_id: id.clone(),
        attempt: request.attempt,
        synchronous: request.synchronous,
        error,
        duration: millis,
    });
    Invocation { request_id: id.clone(), payload, error: how, log_tail, duration: millis }
}

fn report_line(
    function: &Function,
    id: &str,
    duration: Duration,
    init: Option<Duration>,
    peak_mb: u64,
    error: Option<&str>,
    how: Option<FunctionError>,
) -> String {
    let millis = |duration: Duration| duration.as_secs_f64() * 1000.0;
    let mut line = format!(
        "REPORT RequestId: {id}\tDuration: {:.2} ms\tBilled Duration: {} ms\tMemory Size: {} MB\tMax Memory Used: {peak_mb} MB",
        millis(duration),
        millis(duration).ceil(),
        function.memory_mb,
    );
    if let Some(init) = init {
        line.push_str(&format!("\tInit Duration: {:.2} ms", millis(init)));
    }
    match how {
        Some(FunctionError::TimedOut) => line.push_str("\tStatus: timeout"),
        Some(FunctionError::Died) => {
            line.push_str(&format!("\tStatus: error\tError Type: {}", error.unwrap_or_default()))
        }
        _ => {}
    }
    line
}

/// `2026-11-28T03:01:43.123Z`.
pub(super) fn iso(millis: i64) -> String {
    chrono::DateTime::from_timestamp_millis(millis).unwrap_or_default().to_rfc3339_opts(SecondsFormat::Millis, true)
}
