//! What a trial of `request_ride.py` says: was the ride published once, to the right topic, as JSON, and is the answer what it was?

use serde_json::Value;

use super::words::{failure, seen, value};
use super::{AwsCall, End, Held, Line, Outcome, Run, Step, Trial, Wrong, carries};

const FUNCTION: &str = "_publish_ride_record";
const HANDLER: &str = "handler";

pub(super) fn outcome(trial: &Trial, code: &str) -> Outcome {
    match code {
        "RY251" => boto3(trial),
        "RY252" => constant(trial),
        "RY253" => client(trial),
        "RY255" if trial.import.is_none() => function(trial),
        "RY256" => trial.broken(HANDLER).unwrap_or_else(|| handler(trial)),
        "RY257" if trial.import.is_none() => old_post(trial),
        _ => Outcome::Silent,
    }
}

fn held<'a>(trial: &'a Trial, name: &str) -> Option<&'a Held> {
    trial.constants.iter().find(|(own, _)| own == name).map(|(_, held)| held)
}

fn boto3(trial: &Trial) -> Outcome {
    let is = |held: &Held| matches!(held, Held::Boto3 | Held::Client(_));
    let borrowed = trial.borrowed.iter().any(|name| name == "boto3");
    if !borrowed && trial.constants.iter().any(|(_, held)| is(held)) { Outcome::Right } else { Outcome::Silent }
}

fn constant(trial: &Trial) -> Outcome {
    match held(trial, "RIDES_SNS_TOPIC_ARN") {
        Some(Held::Text(text)) if *text == trial.topic => Outcome::Right,
        Some(Held::Text(text)) => Outcome::Wrong(Wrong {
            message: "RIDES_SNS_TOPIC_ARN does not hold what the environment variable holds".to_owned(),
            place: None,
            function: "RIDES_SNS_TOPIC_ARN",
            seen: format!("Imported with the topic {}, it holds {}.", trial.topic, value(&Value::from(text.as_str()))),
        }),
        _ => Outcome::Silent,
    }
}

fn client(trial: &Trial) -> Outcome {
    match held(trial, "SNS_CLIENT") {
        Some(Held::Client(service)) if service == "sns" => Outcome::Right,
        _ => Outcome::Silent,
    }
}

/// A message that reached a topic.
struct Delivery<'a> {
    call: &'a AwsCall,
    topic: &'a str,
    message: Value,
}

fn deliveries(run: &Run) -> Vec<Delivery<'_>> {
    let mut found = Vec::new();
    for call in run.calls.iter().filter(|call| call.service == "sns" && call.fault.is_none()) {
        let text = |value: &'_ Value, name: &str| value[name].as_str().map(str::to_owned);
        let topic = call.input["TopicArn"].as_str().or(call.input["TargetArn"].as_str()).unwrap_or_default();
        let entries: Vec<&Value> = match call.operation.as_str() {
            "Publish" => vec![&call.input],
            "PublishBatch" => call.input["PublishBatchRequestEntries"].as_array().into_iter().flatten().collect(),
            _ => continue,
        };
        for entry in entries {
            let mut message = text(entry, "Message").unwrap_or_default();
            if text(entry, "MessageStructure").as_deref() == Some("json") {
                // One text for each protocol: functions get theirs or the default.
                let each: Value = serde_json::from_str(&message).unwrap_or_default();
                message = text(&each, "lambda").or_else(|| text(&each, "default")).unwrap_or_default();
            }
            found.push(Delivery { call, topic, message: Value::from(message) });
        }
    }
    found
}

/// What is wrong with what a run delivered, if anything is.
fn delivered(trial: &Trial, run: &Run, ride: &Value) -> Option<(String, Option<Line>)> {
    let found = deliveries(run);
    let delivery = match found.as_slice() {
        [] => {
            let failed = run.calls.iter().find(|call| call.service == "sns" && call.fault.is_some());
            return Some(match failed {
                Some(call) => {
                    let (code, message) = call.fault.clone().unwrap_or_default();
                    (format!("publishing fails with {code}: {message}"), call.place.clone())
                }
                None => ("nothing is published".to_owned(), None),
            });
        }
        [delivery] => delivery,
        [.., last] => {
            return Some((format!("the ride is published {} times", found.len()), last.call.place.clone()));
        }
    };
    let place = delivery.call.place.clone();
    if delivery.topic != trial.topic {
        return Some(("this is published to another topic than the one in RIDES_SNS_TOPIC_ARN".to_owned(), place));
    }
    let text = delivery.message.as_str().unwrap_or_default();
    let Ok(message) = serde_json::from_str::<Value>(text) else {
        return Some(("the message that is published is no JSON".to_owned(), place));
    };
    if carries(&message, ride) {
        return None;
    }
    let twice = message.as_str().and_then(|text| serde_json::from_str::<Value>(text).ok());
    Some(match twice {
        Some(_) => ("the ride is turned into JSON twice".to_owned(), place),
        None => ("the message that is published is not the ride".to_owned(), place),
    })
}

fn wrong(run: &Run, function: &'static str, (message, place): (String, Option<Line>)) -> Wrong {
    let message = match run.step {
        Step::Publishing => format!("when {FUNCTION} is run with a ride, {message}"),
        _ => format!("when a ride is requested, {message}"),
    };
    Wrong { message, place, function, seen: seen(run) }
}

fn ended(run: &Run) -> Option<(String, Option<Line>)> {
    match &run.end {
        End::Returned(_) => None,
        End::Raised(raised) => Some((format!("it stops with {}", failure(raised)), raised.place.clone())),
        End::Stopped(how) => Some((how.clone(), None)),
    }
}

/// What is wrong with the function alone.
fn alone(trial: &Trial) -> Option<Wrong> {
    trial.runs(Step::Publishing).find_map(|run| {
        // What it returns is nobody's affair.
        let trouble = ended(run).filter(|_| !run.end.returned());
        let trouble = trouble.or_else(|| delivered(trial, run, &run.ride))?;
        Some(wrong(run, FUNCTION, trouble))
    })
}

/// The ride in an answer to the user.
fn answered(run: &Run) -> Option<Value> {
    let End::Returned(answer) = &run.end else { return None };
    serde_json::from_str(answer["body"].as_str()?).ok()
}

fn requests(trial: &Trial) -> Vec<&Run> {
    trial.runs(Step::Request).collect()
}

/// Whether the watched function was called in a run.
fn called(run: &Run) -> bool {
    !run.handed.is_empty() || run.calls.iter().any(|call| call.inside.iter().any(|name| name == FUNCTION))
}

/// Whether requests get through to the topic by way of the function.
fn gets_through(trial: &Trial) -> bool {
    let runs = requests(trial);
    let fine = |run: &&Run| {
        called(run) && answered(run).is_some_and(|ride| is_ride(&ride) && delivered(trial, run, &ride).is_none())
    };
    !runs.is_empty() && runs.iter().all(fine) && own_ids(&runs)
}

/// Whether every ride was answered with an id of its own: records are kept by it, and the same id twice overwrites the first.
fn own_ids(runs: &[&Run]) -> bool {
    let ids: Vec<Value> = runs.iter().filter_map(|run| Some(answered(run)?["RideId"].clone())).collect();
    ids.iter().enumerate().all(|(index, id)| !ids[..index].contains(id))
}

fn is_ride(ride: &Value) -> bool {
    ["RideId", "Unicorn", "RequestTime"].iter().all(|name| ride.get(name).is_some())
}

fn function(trial: &Trial) -> Outcome {
    if trial.holds(FUNCTION).is_none() || trial.runs(Step::Publishing).next().is_none() {
        return Outcome::Silent;
    }
    match alone(trial) {
        None => Outcome::Right,
        Some(_) if gets_through(trial) => Outcome::Right,
        Some(wrong) => Outcome::Wrong(wrong),
    }
}

fn handler(trial: &Trial) -> Outcome {
    let runs = requests(trial);
    if runs.is_empty() || trial.holds(FUNCTION).is_none() {
        return Outcome::Silent;
    }
    let alone = alone(trial);
    for run in &runs {
        if let Some(trouble) = answer(run) {
            // What goes wrong inside the function is told once, by the rule on the function.
            let inner = alone.is_some() && !run.handed.is_empty() && !matches!(run.end, End::Returned(_));
            return if inner { Outcome::Silent } else { Outcome::Wrong(wrong(run, HANDLER, trouble)) };
        }
        let ride = answered(run).unwrap_or_default();
        if let Some(trouble) = delivered(trial, run, &ride) {
            let handed = run.handed.iter().any(|handed| handed.arguments.iter().any(|given| carries(given, &ride)));
            if alone.is_some() && handed && run.handed.len() == 1 {
                return Outcome::Silent;
            }
            return Outcome::Wrong(wrong(run, HANDLER, trouble));
        }
    }
    if runs.iter().all(|run| called(run)) { Outcome::Right } else { Outcome::Silent }
}

/// What is wrong with the answer to the user.
fn answer(run: &Run) -> Option<(String, Option<Line>)> {
    let End::Returned(answer) = &run.end else { return ended(run) };
    let text = |text: &str| Some((text.to_owned(), None));
    let status = answer["statusCode"].as_i64().or_else(|| answer["statusCode"].as_str()?.parse().ok());
    if status != Some(201) {
        return Some((format!("the answer is {}, with no status 201", value(answer)), None));
    }
    let Some(ride) = answered(run) else { return text("the answer's body is no JSON text") };
    if !is_ride(&ride) || ride["Unicorn"] != run.ride["Unicorn"] {
        return text("the answer's body is not the ride with the unicorn that the fleet sent");
    }
    None
}

fn old_post(trial: &Trial) -> Outcome {
    let runs = requests(trial);
    if let Some(run) = runs.iter().find(|run| run.requests.iter().any(|request| request.to_record)) {
        let trouble = ("it is still sent to the record service over HTTP".to_owned(), None);
        return Outcome::Wrong(wrong(run, HANDLER, trouble));
    }
    let fine = !runs.is_empty() && runs.iter().all(|run| matches!(run.end, End::Returned(_)));
    if fine { Outcome::Right } else { Outcome::Silent }
}
