//! What a trial of `put_ride_record.py` says: do both handlers hand the ride over, and is it written once, and do failures get out?

use serde_json::Value;

use super::words::{failure, seen, value};
use super::{End, Handed, Held, Line, Outcome, Run, Step, Trial, Wrong, carries};

const FUNCTION: &str = "_put_ride_record";
const HTTP: &str = "handler_http";
const SNS: &str = "handler_sns";
const OLD: &str = "handler";

pub(super) fn outcome(trial: &Trial, code: &str) -> Outcome {
    match code {
        "RY301" => trial.broken(HTTP).unwrap_or_else(|| handler(trial, Step::Http, HTTP)),
        "RY302" => trial.broken(SNS).unwrap_or_else(|| handler(trial, Step::Sns, SNS)),
        "RY303" => trial.broken(FUNCTION).unwrap_or_else(|| function(trial)),
        "RY304" if trial.import.is_none() => removed(trial),
        _ => Outcome::Silent,
    }
}

fn ended(run: &Run) -> Option<(String, Option<Line>)> {
    match &run.end {
        End::Returned(_) => None,
        End::Raised(raised) => Some((format!("it stops with {}", failure(raised)), raised.place.clone())),
        End::Stopped(how) => Some((how.clone(), None)),
    }
}

fn handler(trial: &Trial, step: Step, name: &'static str) -> Outcome {
    if trial.holds(name).is_none() {
        return Outcome::Silent;
    }
    let mut ran = false;
    for run in trial.runs(step) {
        ran = true;
        let trouble = match ended(run) {
            Some(trouble) => Some(trouble),
            None => match handed(run, step == Step::Sns) {
                Ok(trouble) => trouble.or_else(|| if step == Step::Http { answer(run) } else { None }),
                // It did something, only not by way of the function: reading tells.
                Err(()) => return Outcome::Silent,
            },
        };
        if let Some((message, place)) = trouble {
            let message = format!("when {name} is run with an event, {message}");
            return Outcome::Wrong(Wrong { message, place, function: name, seen: given(run) });
        }
    }
    if ran { Outcome::Right } else { Outcome::Silent }
}

/// What is wrong with what the function was given; an error if it was not seen to be called.
fn handed(run: &Run, repeats: bool) -> Result<Option<(String, Option<Line>)>, ()> {
    let wrong = |text: &str, place: &Option<Line>| Ok(Some((text.to_owned(), place.clone())));
    let gives = |handed: &Handed| handed.arguments.iter().any(|given| carries(given, &run.ride));
    match run.handed.as_slice() {
        [] => {
            let writes: Vec<_> = run.calls.iter().filter(|call| call.service == "dynamodb").collect();
            let inside = |name: &&String| *name == FUNCTION;
            let by_function =
                !writes.is_empty() && writes.iter().all(|call| call.inside.iter().any(|name| inside(&name)));
            match (writes.as_slice(), by_function) {
                ([], _) => wrong(&format!("{FUNCTION} is not called"), &None),
                ([_], true) if matches!(run.items.as_slice(), [item] if carries(item, &run.ride)) => Ok(None),
                _ => Err(()),
            }
        }
        [handed] if gives(handed) => Ok(None),
        [first, ..] if !run.handed.iter().any(gives) => {
            let what = first.arguments.first().map_or("nothing".to_owned(), value);
            wrong(&format!("{FUNCTION} is given {what} and not the ride"), &first.place)
        }
        _ if repeats => Ok(None),
        [.., last] => wrong(&format!("{FUNCTION} is called {} times for one ride", run.handed.len()), &last.place),
    }
}

fn given(run: &Run) -> String {
    let shown: Vec<String> = run
        .handed
        .iter()
        .take(3)
        .map(|handed| format!("{FUNCTION}({})", handed.arguments.iter().map(value).collect::<Vec<_>>().join(", ")))
        .collect();
    let calls = if shown.is_empty() { String::new() } else { format!(" It called {}.", shown.join(", ")) };
    format!("{}{calls}", seen(run))
}

/// What is wrong with the answer to API Gateway.
fn answer(run: &Run) -> Option<(String, Option<Line>)> {
    let End::Returned(answer) = &run.end else { return None };
    let status = answer["statusCode"].as_i64().or_else(|| answer["statusCode"].as_str()?.parse().ok());
    if status != Some(201) {
        return Some((format!("the answer is {}, with no status 201", value(answer)), None));
    }
    let body = answer["body"].as_str().and_then(|body| serde_json::from_str::<Value>(body).ok());
    match body {
        Some(body) if body["success"] == true => None,
        Some(_) => Some(("the answer's body is not the old handler's `{\"success\": true}`".to_owned(), None)),
        None => Some(("the answer's body is no JSON text".to_owned(), None)),
    }
}

fn function(trial: &Trial) -> Outcome {
    if trial.holds(FUNCTION).is_none() {
        return Outcome::Silent;
    }
    let wrong = |run: &Run, (message, place): (String, Option<Line>)| {
        let message = format!("when {FUNCTION} is run with a ride, {message}");
        Outcome::Wrong(Wrong { message, place, function: FUNCTION, seen: seen(run) })
    };
    let mut ran = false;
    for run in trial.runs(Step::Writing) {
        ran = true;
        // What it returns is nobody's affair.
        let stopped = ended(run).filter(|_| !run.end.returned());
        if let Some(trouble) = stopped.or_else(|| written(run)) {
            return wrong(run, trouble);
        }
    }
    if let Some(run) = trial.runs(Step::Failing).find(|run| run.end.returned())
        && run.calls.iter().any(|call| call.fault.is_some())
    {
        let place = run.calls.iter().rev().find_map(|call| call.place.clone());
        return Outcome::Wrong(Wrong {
            message: "when the write fails, the exception is swallowed: the ride is lost, and nobody tries again"
                .to_owned(),
            place,
            function: FUNCTION,
            seen: seen(run),
        });
    }
    if ran { Outcome::Right } else { Outcome::Silent }
}

/// What is wrong with what the table holds.
fn written(run: &Run) -> Option<(String, Option<Line>)> {
    let writes = |operation: &str| ["Put", "Write", "Update", "Execute"].iter().any(|verb| operation.contains(verb));
    let calls: Vec<_> = run.calls.iter().filter(|call| call.service == "dynamodb" && writes(&call.operation)).collect();
    let place = calls.last().and_then(|call| call.place.clone());
    match run.items.as_slice() {
        [] => Some(match calls.last().and_then(|call| call.fault.clone()) {
            Some((code, message)) => (format!("the write fails with {code}: {message}"), place),
            None => ("nothing is written to the table".to_owned(), place),
        }),
        [item] if carries(item, &run.ride) => None,
        [item] => Some((format!("the item is {} and not the ride", value(item)), place)),
        items => Some((format!("{} items are written for one ride", items.len()), place)),
    }
}

fn removed(trial: &Trial) -> Outcome {
    let is_function = |name: &str| matches!(trial.holds(name), Some(Held::Function(_)));
    match trial.holds(OLD) {
        // Another name for a new handler is advice of the reading.
        Some(Held::Function(name)) if name == OLD => Outcome::Wrong(Wrong {
            message: "the old function handler is still here once the module is imported".to_owned(),
            place: None,
            function: OLD,
            seen: "The two new handlers do its work now.".to_owned(),
        }),
        None if is_function(HTTP) && is_function(SNS) => Outcome::Right,
        _ => Outcome::Silent,
    }
}
