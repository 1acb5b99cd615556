//! What was seen in a run, in words that are short enough to be read.

use serde_json::Value;

use super::{AwsCall, End, Failure, Run};

/// Characters of one argument.
const LONGEST: usize = 100;
/// Calls that are shown.
const MOST: usize = 4;

/// `KeyError: 'x'`.
pub(super) fn failure(failure: &Failure) -> String {
    match failure.message.as_str() {
        "" => failure.class.clone(),
        message => format!("{}: {}", failure.class, short(message)),
    }
}

/// A value, shortened.
pub(super) fn value(value: &Value) -> String {
    match value {
        Value::String(text) => short(&format!("'{text}'")),
        other => short(&other.to_string()),
    }
}

/// What a run did.
pub(super) fn seen(run: &Run) -> String {
    let mut lines: Vec<String> = run.calls.iter().take(MOST).map(call).collect();
    if run.calls.len() > MOST {
        lines.push(format!("and {} more calls", run.calls.len() - MOST));
    }
    for request in run.requests.iter().filter(|request| request.to_record).take(MOST) {
        lines.push(format!("{} to the record service with {}", request.method, short(&request.body)));
    }
    if lines.is_empty() {
        lines.push("no call of AWS".to_owned());
    }
    let end = match &run.end {
        End::Returned(Value::Null) => String::new(),
        End::Returned(answer) => format!("; returned {}", value(answer)),
        End::Raised(raised) => format!("; raised {}", failure(raised)),
        End::Stopped(how) => format!("; {how}"),
    };
    format!("Run with {}, it made: {}{end}.", value(&run.ride), lines.join("; "))
}

fn call(call: &AwsCall) -> String {
    let input = match &call.input {
        Value::Object(input) => {
            input.iter().map(|(name, given)| format!("{name}={}", value(given))).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    };
    let fault = call.fault.as_ref().map(|(code, _)| format!(" → {code}")).unwrap_or_default();
    format!("{} {}({input}){fault}", call.service, call.operation)
}

fn short(text: &str) -> String {
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    let start: String = text.chars().take(LONGEST).collect();
    format!("{start}…")
}
