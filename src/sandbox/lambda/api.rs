//! The API of Lambda over HTTP: reading functions, invoking them, and their event invoke configs.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Value, json};

use super::events::EventConfig;
use super::function::{self, Function};
use super::pool::Pool;
use super::queue::{later, not_found};
use super::report::iso;
use super::{Lambda, Snapshot};
use crate::sandbox::service::{Access, Call, Fault, Handling, Protocol, Reply, RestRequest, Service};

/// Bytes.
const LONGEST_REQUEST: usize = 6_291_456;
const LONGEST_EVENT: usize = 1_048_576;
/// Functions on a page.
const PAGE: usize = 50;

/// What a request asks for.
#[derive(Debug, PartialEq)]
enum Route<'a> {
    List,
    Get(&'a str),
    Configuration(&'a str),
    Invoke(&'a str),
    InvokeAsync(&'a str),
    Policy(&'a str),
    Tags(&'a str),
    EventConfig(&'a str),
    EventConfigs(&'a str),
}

fn route<'a>(method: &str, path: &'a str) -> Option<Route<'a>> {
    let path = path.trim_matches('/');
    if let Some(arn) = path.strip_prefix("2017-03-31/tags/") {
        return (method == "GET").then_some(Route::Tags(arn));
    }
    let pieces: Vec<&str> = path.split('/').collect();
    Some(match (method, pieces.as_slice()) {
        ("GET", ["2015-03-31", "functions"]) => Route::List,
        ("GET", ["2015-03-31", "functions", name]) => Route::Get(name),
        ("GET", ["2015-03-31", "functions", name, "configuration"]) => Route::Configuration(name),
        ("GET", ["2015-03-31", "functions", name, "policy"]) => Route::Policy(name),
        ("POST", ["2015-03-31", "functions", name, "invocations"]) => Route::Invoke(name),
        ("POST", ["2014-11-13", "functions", name, "invoke-async"]) => Route::InvokeAsync(name),
        ("GET", ["2019-09-25", "functions", name, "event-invoke-config", "list"]) => Route::EventConfigs(name),
        ("GET" | "PUT" | "POST" | "DELETE", ["2019-09-25", "functions", name, "event-invoke-config"]) => {
            Route::EventConfig(name)
        }
        _ => return None,
    })
}

impl Lambda {
    async fn answer(&self, call: &Call) -> Result<Reply, Fault> {
        let nothing = RestRequest::default();
        let request = call.rest.as_ref().unwrap_or(&nothing);
        let region = call.region.as_str();
        let Some(route) = route(&request.method, &request.path) else {
            return Err(Fault::unknown_operation("lambda", &call.operation));
        };
        let find = |name: &str| self.find(region, name, request);
        match route {
            Route::List => self.list(region, request),
            Route::Get(name) => {
                let pool = find(name)?;
                // There is no bucket that code was uploaded to.
                let code = json!({ "RepositoryType": "S3", "Location": format!("file://{}", pool.function().folder.display()) });
                Ok(json!({ "Configuration": configuration(&pool), "Code": code, "Tags": {} }).into())
            }
            Route::Configuration(name) => Ok(configuration(&*find(name)?).into()),
            Route::Policy(name) => {
                let arn = find(name)?.arn();
                let message = format!("No policy is associated with the given resource: {arn}.");
                Err(Fault::sender("ResourceNotFoundException", message).status(404))
            }
            Route::Tags(arn) => {
                find(arn)?;
                Ok(json!({ "Tags": {} }).into())
            }
            Route::Invoke(name) => self.invoke_for(&find(name)?, request).await,
            Route::InvokeAsync(name) => {
                later(&self.shared, &find(name)?, valid(request, LONGEST_EVENT)?, None)?;
                Ok(raw(202, Vec::new(), Bytes::new()))
            }
            Route::EventConfigs(name) => {
                let pool = find(name)?;
                let shown = pool.said_event_config().map(|config| config.shown(&pool.arn()));
                Ok(json!({ "FunctionEventInvokeConfigs": shown.into_iter().collect::<Vec<_>>() }).into())
            }
            Route::EventConfig(name) => self.event_config(&*find(name)?, request),
        }
    }

    fn find(&self, region: &str, name: &str, request: &RestRequest) -> Result<Arc<Pool>, Fault> {
        let fits = |letter: char| letter.is_ascii_alphanumeric() || "-_:$".contains(letter);
        if name.is_empty() || name.len() > 170 || !name.chars().all(fits) {
            let message = format!(
                "1 validation error detected: Value '{name}' at 'functionName' failed to satisfy constraint: Member must be the name or \
                 the ARN of a function"
            );
            return Err(Fault::sender("ValidationException", message));
        }
        let qualifier = request.parameter("Qualifier").filter(|qualifier| *qualifier != "$LATEST");
        if let Some(qualifier) = qualifier {
            return Err(not_found(region, &format!("{}:{qualifier}", function::name(region, name).unwrap_or(name))));
        }
        self.shared.pool(region, name)
    }

    fn list(&self, region: &str, request: &RestRequest) -> Result<Reply, Fault> {
        let most = match request.parameter("MaxItems").map(str::parse::<usize>) {
            None => PAGE,
            Some(Ok(most @ 1..=10_000)) => most.min(PAGE),
            Some(_) => {
                let message = "1 validation error detected: Value at 'maxItems' failed to satisfy constraint: Member must have value \
                               between 1 and 10000";
                return Err(Fault::sender("ValidationException", message));
            }
        };
        let after = request.parameter("Marker").unwrap_or_default();
        let pools = self.shared.pools(region);
        let mut rest = pools.iter().filter(|pool| pool.function().name.as_str() > after).peekable();
        let mut page: Vec<Value> = Vec::new();
        let mut last = String::new();
        while let Some(pool) = rest.next_if(|_| page.len() < most) {
            last.clone_from(&pool.function().name);
            page.push(configuration(pool));
        }
        let mut output = json!({ "Functions": page });
        if rest.peek().is_some() {
            output["NextMarker"] = last.into();
        }
        Ok(output.into())
    }

    async fn invoke_for(&self, pool: &Arc<Pool>, request: &RestRequest) -> Result<Reply, Fault> {
        let choice = |header: &str, choices: &[&'static str]| {
            match request.header(header) {
            None => Ok(choices[0]),
            Some(value) => choices.iter().find(|choice| **choice == value).copied().ok_or_else(|| {
                let message = format!(
                    "1 validation error detected: Value '{value}' at '{header}' failed to satisfy constraint: Member must satisfy enum \
                     value set: [{}]",
                    choices.join(", ")
                );
                Fault::sender("ValidationException", message)
            }),
        }
        };
        let kind = choice("x-amz-invocation-type", &["RequestResponse", "Event", "DryRun"])?;
        let tail = choice("x-amz-log-type", &["None", "Tail"])? == "Tail";
        let client_context = match request.header("x-amz-client-context") {
            None => None,
            Some(text) => {
                let decoded = STANDARD.decode(text).ok().and_then(|json| serde_json::from_slice::<Value>(&json).ok());
                let message = "Client context must be a valid Base64-encoded JSON object.";
                Some(decoded.ok_or_else(|| Fault::sender("InvalidRequestContentException", message))?)
            }
        };
        match kind {
            "DryRun" => Ok(raw(204, Vec::new(), Bytes::new())),
            "Event" => {
                later(&self.shared, pool, valid(request, LONGEST_EVENT)?, client_context)?;
                Ok(raw(202, Vec::new(), Bytes::new()))
            }
            _ => {
                let invocation = self.now(pool, valid(request, LONGEST_REQUEST)?, client_context).await?;
                let mut headers = vec![("X-Amz-Executed-Version".to_owned(), "$LATEST".to_owned())];
                if invocation.error.is_some() {
                    headers.push(("X-Amz-Function-Error".to_owned(), "Unhandled".to_owned()));
                }
                if tail {
                    headers.push(("X-Amz-Log-Result".to_owned(), STANDARD.encode(&invocation.log_tail)));
                }
                Ok(raw(200, headers, invocation.payload))
            }
        }
    }

    fn event_config(&self, pool: &Pool, request: &RestRequest) -> Result<Reply, Fault> {
        let (arn, now) = (pool.arn(), self.shared.account.clock.now());
        let none = || {
            let message = format!("The function {arn}:$LATEST doesn't have an EventInvokeConfig");
            Fault::sender("ResourceNotFoundException", message).status(404)
        };
        let input = || -> Result<Value, Fault> {
            let message = |error| format!("Could not parse request body into json: {error}");
            serde_json::from_slice(&request.body)
                .map_err(|error| Fault::sender("SerializationException", message(error)))
        };
        let config = match request.method.as_str() {
            "GET" => return Ok(pool.said_event_config().ok_or_else(none)?.shown(&arn).into()),
            "DELETE" => {
                pool.said_event_config().ok_or_else(none)?;
                pool.set_event_config(None);
                self.shared.account.changed();
                return Ok(raw(204, Vec::new(), Bytes::new()));
            }
            // Put starts from Lambda's defaults, post from what there is.
            "PUT" => EventConfig::of(&Function::default(), now).with(&input()?, now)?,
            _ => pool.said_event_config().ok_or_else(none)?.with(&input()?, now)?,
        };
        let shown = config.shown(&arn);
        pool.set_event_config(Some(config));
        self.shared.account.changed();
        Ok(shown.into())
    }
}

impl Service for Lambda {
    fn name(&self) -> &'static str {
        "lambda"
    }

    fn protocols(&self) -> &'static [Protocol] {
        &[Protocol::Rest]
    }

    fn access(&self, call: &Call) -> Vec<Access> {
        let Some(request) = &call.rest else { return Vec::new() };
        let (action, name) = match (route(&request.method, &request.path), request.method.as_str()) {
            (None, _) => return Vec::new(),
            (Some(Route::List), _) => ("ListFunctions", None),
            (Some(Route::Get(name)), _) => ("GetFunction", Some(name)),
            (Some(Route::Configuration(name)), _) => ("GetFunctionConfiguration", Some(name)),
            (Some(Route::Policy(name)), _) => ("GetPolicy", Some(name)),
            (Some(Route::Tags(name)), _) => ("ListTags", Some(name)),
            (Some(Route::Invoke(name)), _) => ("InvokeFunction", Some(name)),
            (Some(Route::InvokeAsync(name)), _) => ("InvokeAsync", Some(name)),
            (Some(Route::EventConfigs(name)), _) => ("ListFunctionEventInvokeConfigs", Some(name)),
            (Some(Route::EventConfig(name)), "PUT") => ("PutFunctionEventInvokeConfig", Some(name)),
            (Some(Route::EventConfig(name)), "POST") => ("UpdateFunctionEventInvokeConfig", Some(name)),
            (Some(Route::EventConfig(name)), "DELETE") => ("DeleteFunctionEventInvokeConfig", Some(name)),
            (Some(Route::EventConfig(name)), _) => ("GetFunctionEventInvokeConfig", Some(name)),
        };
        let resource = name.map_or_else(
            || "*".to_owned(),
            |name| function::arn(&call.region, function::name(&call.region, name).unwrap_or(name)),
        );
        vec![Access { action: format!("lambda:{action}"), resource }]
    }

    fn call<'a>(&'a self, call: Call) -> Handling<'a> {
        Box::pin(async move { self.answer(&call).await })
    }

    fn snapshot(&self) -> Option<Vec<u8>> {
        serde_json::to_vec(&Snapshot::of(&self.shared)).ok()
    }

    fn restore(&self, snapshot: &[u8]) -> Result<(), String> {
        let snapshot: Snapshot = serde_json::from_slice(snapshot).map_err(|error| error.to_string())?;
        snapshot.restore(self)
    }
}

/// The payload of an invocation: JSON, and `{}` where nothing was sent.
fn valid(request: &RestRequest, most: usize) -> Result<Bytes, Fault> {
    let payload = &request.body;
    if payload.len() > most {
        let message = format!("Request must be smaller than {most} bytes for the InvokeFunction operation");
        return Err(Fault::sender("RequestTooLargeException", message).status(413));
    }
    if payload.is_empty() {
        return Ok(Bytes::from_static(b"{}"));
    }
    match serde_json::from_slice::<serde::de::IgnoredAny>(payload) {
        Ok(_) => Ok(payload.clone()),
        Err(error) => {
            let message = format!("Could not parse request body into json: {error}");
            Err(Fault::sender("InvalidRequestContentException", message))
        }
    }
}

fn raw(status: u16, mut headers: Vec<(String, String)>, body: Bytes) -> Reply {
    headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
    Reply::Raw { status, headers, body }
}

fn configuration(pool: &Pool) -> Value {
    let function = pool.function();
    let role = &function.role.name;
    json!({
        "FunctionName": function.name,
        "FunctionArn": pool.arn(),
        "Runtime": function.runtime,
        "Role": format!("arn:aws:iam::{}:role/{role}", crate::sandbox::account::ACCOUNT_ID),
        "Handler": function.handler,
        "CodeSize": 0,
        "Description": function.description,
        "Timeout": function.timeout.as_secs(),
        "MemorySize": function.memory_mb,
        "LastModified": iso(pool.modified()).replace('Z', "+0000"),
        "CodeSha256": function.code_sha,
        "Version": "$LATEST",
        "Environment": { "Variables": function.environment },
        "TracingConfig": { "Mode": "PassThrough" },
        "RevisionId": uuid_of(pool),
        "State": "Active",
        "LastUpdateStatus": "Successful",
        "PackageType": "Zip",
        "Architectures": ["x86_64"],
        "EphemeralStorage": { "Size": 512 },
        "LoggingConfig": { "LogFormat": "Text", "LogGroup": function.log_group },
    })
}

/// Another one for each deploy.
fn uuid_of(pool: &Pool) -> String {
    let number = u128::from(pool.modified().unsigned_abs()) << 64 | u128::from(pool.generation());
    uuid::Uuid::from_u128(number).to_string()
}

#[cfg(test)]
mod tests;
