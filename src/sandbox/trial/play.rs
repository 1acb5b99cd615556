//! One trial: what is called, with what, and what is noted of it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::sync::broadcast::Receiver;
use uuid::Uuid;

use super::ground::{Ground, calls};
use super::stubs::Stubs;
use crate::check::behaviour::{AwsCall, End, Failure, Handed, Held, Kind, Line, Run, Step, Subject, Trial};
use crate::sandbox::account::{ACCOUNT_ID, DEFAULT_REGION};
use crate::sandbox::activity::Activity;
use crate::sandbox::invoke::Invoke;
use crate::sandbox::keys::Role;
use crate::sandbox::lambda::Function;
use crate::serverless::Service;
use crate::workshop::Source;

/// How long one call may take. A ride takes milliseconds.
const LONGEST: Duration = Duration::from_secs(6);
const MEMORY: u32 = 512;
const API_EVENT: &str = include_str!("../../../assets/samples/api-gateway-event.json");
const SNS_EVENT: &str = include_str!("../../../assets/samples/sns-event.json");

/// The texts of a service.
pub(super) fn texts<'a>(files: &'a [(String, Source)], service: &str) -> BTreeMap<&'a str, &'a str> {
    let inside = |path: &str| path.strip_prefix(service).is_some_and(|rest| rest.starts_with('/'));
    let text = |(path, source): &'a (String, Source)| match source {
        Source::Text(text) => Some((path.as_str(), &**text)),
        Source::Unreadable(_) => None,
    };
    files.iter().filter(|(path, _)| inside(path)).filter_map(text).collect()
}

/// Tries one handler file.
///
/// # Errors
/// Why there is no Python to run it in, or what the scratch sandbox cannot do.
pub(super) async fn trial(ground: &Ground, subject: &Subject, files: &BTreeMap<&str, &str>) -> Result<Trial, String> {
    let copied = ground.copy(subject.service(), files).map_err(|error| format!("no copy to try: {error}"))?;
    let id = Uuid::new_v4().simple().to_string();
    let services = ground.sandbox.services();
    let table = format!("trial-{id}");
    let made = ground.call(&*services.sns, "CreateTopic", json!({ "Name": format!("trial-{id}") })).await?;
    let topic = made["TopicArn"].as_str().unwrap_or_default().to_owned();
    ground.make_table(&table).await?;
    let endpoint = ground.sandbox.endpoint();
    let mut environment = variables(subject, files, &endpoint);
    for (name, value) in [
        ("RIDES_SNS_TOPIC_ARN", topic.as_str()),
        ("REQUEST_UNICORN_URL", &Stubs::fleet(&endpoint)),
        ("RIDE_RECORD_URL", &Stubs::record(&endpoint)),
        ("DDB_TABLE_NAME", &table),
        ("LOG_LEVEL", "INFO"),
    ] {
        environment.insert(name.to_owned(), value.to_owned());
    }
    let name = format!("trial-{id}");
    let function = Function {
        name: name.clone(),
        handler: "rydes_trial.handler".to_owned(),
        folder: copied.path().to_owned(),
        environment,
        role: Arc::new(role(&name, &topic, &table)),
        timeout: LONGEST,
        memory_mb: MEMORY,
        log_group: format!("/aws/lambda/{name}"),
        code_sha: id,
        ..Function::default()
    };
    services.lambda.put_function(DEFAULT_REGION, function);
    let module = module(subject);
    let feed = ground.sandbox.account().feed.listen();
    let stand_in = Stubs::fleet(&endpoint);
    let mut play = Play { ground, name: &name, feed, table: &table, module, stand_in, load: Value::Null };
    let mut trial = Trial {
        subject: subject.clone(),
        topic: topic.clone(),
        names: Vec::new(),
        constants: Vec::new(),
        borrowed: Vec::new(),
        import: None,
        runs: Vec::new(),
        trouble: None,
    };
    let played = match subject.kind {
        Kind::Publish => publish(&mut play, &mut trial).await,
        Kind::Record => record(&mut play, &mut trial).await,
    };
    drop(play);
    services.lambda.delete_function(DEFAULT_REGION, &name);
    services.logs.delete_group(DEFAULT_REGION, &format!("/aws/lambda/{name}"));
    let _ = ground.call(&*services.sns, "DeleteTopic", json!({ "TopicArn": topic })).await;
    ground.remove_table(&table).await;
    played.map(|()| trial)
}

/// `handlers.request_ride`.
fn module(subject: &Subject) -> String {
    let inside = subject.file.split_once('/').map_or(subject.file.as_str(), |(_, inside)| inside);
    inside.trim_end_matches(".py").replace('/', ".")
}

/// The variables that the service's own functions have, each with a stand-in for what only a deployment knows.
fn variables(subject: &Subject, files: &BTreeMap<&str, &str>, endpoint: &str) -> BTreeMap<String, String> {
    let path = format!("{}/serverless.yml", subject.service());
    let Some(text) = files.get(path.as_str()) else { return BTreeMap::new() };
    let Ok(service) = Service::parse(&path, text, &|other| files.get(other).copied()) else { return BTreeMap::new() };
    let entries = service.functions.list.iter().flat_map(|function| &function.environment);
    entries
        .map(|variable| {
            let text = service.text(&variable.entry.value).map(|text| text.to_string());
            let known = text.filter(|text| !text.contains("${"));
            (variable.entry.key.to_string(), known.unwrap_or_else(|| Stubs::fleet(endpoint)))
        })
        .collect()
}

fn role(session: &str, topic: &str, table: &str) -> Role {
    let table = format!("arn:aws:dynamodb:{DEFAULT_REGION}:{ACCOUNT_ID}:table/{table}");
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [
            { "Effect": "Allow", "Action": "sns:Publish", "Resource": topic },
            { "Effect": "Allow", "Action": "dynamodb:*", "Resource": table },
        ],
    });
    Role { name: "trial".to_owned(), session: session.to_owned(), policies: vec![policy], service: String::new() }
}

async fn publish(play: &mut Play<'_>, trial: &mut Trial) -> Result<(), String> {
    let boto3 = json!({ "kind": "boto3" });
    // The constants, with the old one within reach of the function that 2.5c replaces.
    let record = Stubs::record(&play.ground.sandbox.endpoint());
    let old = json!({ "kind": "text", "value": record });
    play.load(&json!({ "boto3": boto3, "RIDE_RECORD_URL": old }), "_publish_ride_record", false);
    play.import(trial).await?;
    // What fails here is told by the import that follows.
    trial.import = None;
    trial.constants = std::mem::take(&mut trial.names);
    let client = json!({ "kind": "client", "service": "sns" });
    let topic = json!({ "kind": "text", "value": trial.topic });
    play.load(
        &json!({ "boto3": boto3, "SNS_CLIENT": client, "RIDES_SNS_TOPIC_ARN": topic }),
        "_publish_ride_record",
        false,
    );
    play.import(trial).await?;
    if trial.import.is_some() {
        return Ok(());
    }
    if trial.names.iter().any(|(name, _)| name == "_publish_ride_record") {
        for _ in 0..2 {
            let ride = ride();
            let run = play.run(Step::Publishing, "_publish_ride_record", vec![ride.clone()], false, ride).await?;
            trial.runs.push(run);
        }
    }
    if trial.names.iter().any(|(name, _)| name == "handler") {
        for number in 0..2 {
            let latitude = 47.0 + f64::from(number) / 8.0;
            let place = json!({ "PickupLocation": { "Latitude": latitude, "Longitude": -122.5 } });
            let expected = json!({ "Unicorn": unicorn() });
            let event = api_event("/ride", &place);
            trial.runs.push(play.run(Step::Request, "handler", vec![event], true, expected).await?);
        }
    }
    Ok(())
}

async fn record(play: &mut Play<'_>, trial: &mut Trial) -> Result<(), String> {
    play.load(&json!({ "_put_ride_record": { "kind": "recorder" } }), "_put_ride_record", true);
    play.import(trial).await?;
    if trial.import.is_some() {
        return Ok(());
    }
    let has = |trial: &Trial, name: &str| trial.names.iter().any(|(own, _)| own == name);
    for (name, step) in [("handler_http", Step::Http), ("handler_sns", Step::Sns)] {
        for _ in 0..if has(trial, name) { 2 } else { 0 } {
            let ride = ride();
            let event = if step == Step::Http { api_event("/record", &ride) } else { sns_event(&ride) };
            trial.runs.push(play.run(step, name, vec![event], true, ride).await?);
        }
    }
    if has(trial, "_put_ride_record") {
        play.load(&json!({}), "", false);
        for _ in 0..2 {
            let ride = ride();
            let run = play.run(Step::Writing, "_put_ride_record", vec![ride.clone()], false, ride).await?;
            trial.runs.push(run);
        }
        play.ground.remove_table(play.table).await;
        let ride = ride();
        let run = play.run(Step::Failing, "_put_ride_record", vec![ride.clone()], false, ride).await?;
        trial.runs.push(run);
    }
    Ok(())
}

/// A trial that is going on.
struct Play<'a> {
    ground: &'a Ground,
    name: &'a str,
    feed: Receiver<Activity>,
    table: &'a str,
    module: String,
    stand_in: String,
    load: Value,
}

impl Play<'_> {
    /// How the module is imported from now on.
    fn load(&mut self, fallbacks: &Value, watch: &str, shield: bool) {
        self.load = json!({
            "module": self.module,
            "fallbacks": fallbacks,
            "environment": {},
            "stand_in": self.stand_in,
            "watch": { "name": watch, "shield": shield },
        });
    }

    async fn invoke(&mut self, event: Value) -> Result<Result<Value, String>, String> {
        let lambda = &self.ground.sandbox.services().lambda;
        let payload = Bytes::from(event.to_string());
        let done = lambda.invoke(DEFAULT_REGION, self.name, payload).await.map_err(|fault| fault.message)?;
        let answer: Value = serde_json::from_slice(&done.payload).unwrap_or_default();
        Ok(match done.error {
            None => Ok(answer),
            Some(_) => {
                let message = answer["errorMessage"].as_str().unwrap_or_default();
                Err(message.split_once("Error: ").map_or(message, |(_, words)| words).to_owned())
            }
        })
    }

    /// Imports the module and notes what it holds, or why it cannot be imported.
    async fn import(&mut self, trial: &mut Trial) -> Result<(), String> {
        match self.invoke(json!({ "load": self.load })).await? {
            Ok(answer) if answer["loading"].is_object() => trial.import = Some(failure(&answer["loading"])),
            Ok(answer) => {
                let names = answer["names"].as_object().into_iter().flatten();
                trial.names = names.map(|(name, about)| (name.clone(), held(about))).collect();
                let borrowed = answer["borrowed"].as_array().into_iter().flatten();
                trial.borrowed.extend(borrowed.filter_map(Value::as_str).map(str::to_owned));
            }
            Err(how) => {
                trial.import =
                    Some(Failure { class: "the import".to_owned(), message: how, place: None, module: None });
            }
        }
        Ok(())
    }

    async fn run(
        &mut self,
        step: Step,
        function: &str,
        arguments: Vec<Value>,
        context: bool,
        ride: Value,
    ) -> Result<Run, String> {
        self.ground.stubs.begin(ride["Unicorn"].clone());
        calls(&mut self.feed, self.name);
        let call = json!({ "function": function, "arguments": arguments, "context": context });
        let answer = self.invoke(json!({ "load": self.load, "call": call })).await?;
        let seen = calls(&mut self.feed, self.name);
        let (end, answer) = match answer {
            Err(how) => (End::Stopped(how), Value::Null),
            Ok(answer) => {
                let raised = ["loading", "raised"].into_iter().find(|name| answer[*name].is_object());
                let end = match raised {
                    Some(name) => End::Raised(failure(&answer[name])),
                    None => End::Returned(answer["returned"].clone()),
                };
                (end, answer)
            }
        };
        let items = match step {
            Step::Writing | Step::Http | Step::Sns => self.ground.take_items(self.table).await?,
            _ => Vec::new(),
        };
        let handed = answer["handed"].as_array().into_iter().flatten();
        let handed = handed.map(|handed| Handed {
            arguments: handed["arguments"].as_array().cloned().unwrap_or_default(),
            place: line(handed),
        });
        Ok(Run {
            step,
            ride,
            end,
            calls: placed(seen, &answer["calls"]),
            requests: self.ground.stubs.calls(),
            handed: handed.collect(),
            items,
        })
    }
}

/// The calls that arrived, with the places of those that were made.
fn placed(mut seen: Vec<AwsCall>, made: &Value) -> Vec<AwsCall> {
    let mut made: Vec<&Value> = made.as_array().into_iter().flatten().collect();
    for call in &mut seen {
        let same =
            |made: &&Value| made["service"] == call.service.as_str() && made["operation"] == call.operation.as_str();
        let Some(from) = made.iter().position(same).map(|index| made.remove(index)) else { continue };
        let inside = from["inside"].as_array().into_iter().flatten();
        call.inside = inside.filter_map(Value::as_str).map(str::to_owned).collect();
        call.place = line(from);
    }
    seen
}

fn line(about: &Value) -> Option<Line> {
    let line = usize::try_from(about["line"].as_u64()?).ok()?;
    Some(Line { file: about["file"].as_str()?.replace('\\', "/"), line })
}

fn failure(raised: &Value) -> Failure {
    let text = |name: &str| raised[name].as_str().unwrap_or_default().to_owned();
    let class = text("class");
    let module = raised["module"].as_str().filter(|_| class == "ModuleNotFoundError").map(str::to_owned);
    Failure { class, message: text("message"), place: line(raised), module }
}

fn held(about: &Value) -> Held {
    let value = about["value"].as_str().unwrap_or_default();
    match about["kind"].as_str().unwrap_or_default() {
        "text" => Held::Text(value.to_owned()),
        "client" => Held::Client(value.to_owned()),
        "resource" | "boto3" => Held::Boto3,
        "module" if value == "boto3" || value.starts_with("boto3.") => Held::Boto3,
        "function" => Held::Function(value.to_owned()),
        _ => Held::Other,
    }
}

fn unicorn() -> Value {
    let id = Uuid::new_v4().simple().to_string();
    json!({ "Name": format!("Unicorn {}", id.get(..6).unwrap_or_default()), "Color": format!("White/{}", id.get(6..12).unwrap_or_default()) })
}

/// JSON text as some writers of JSON write it: whoever reads it as something else, such as Python, gets something else.
fn text(value: &Value) -> String {
    value.to_string().replace('/', "\\/")
}

fn ride() -> Value {
    json!({ "RideId": Uuid::new_v4().to_string(), "Unicorn": unicorn(), "RequestTime": "2025-02-09 16:08:16.301245" })
}

/// The sample event with another path and body.
fn api_event(path: &str, body: &Value) -> Value {
    let mut event: Value = serde_json::from_str(API_EVENT).unwrap_or_default();
    event["resource"] = path.into();
    event["path"] = path.into();
    event["requestContext"]["resourcePath"] = path.into();
    event["requestContext"]["path"] = format!("/dev{path}").into();
    event["requestContext"]["requestId"] = Uuid::new_v4().to_string().into();
    event["body"] = text(body).into();
    event
}

/// The sample event with another message.
fn sns_event(message: &Value) -> Value {
    let mut event: Value = serde_json::from_str(SNS_EVENT).unwrap_or_default();
    event["Records"][0]["Sns"]["Message"] = text(message).into();
    event["Records"][0]["Sns"]["MessageId"] = Uuid::new_v4().to_string().into();
    event
}
