//! The front that API Gateway puts before functions: REST APIs with Lambda proxy integration, and HTTP APIs as a variation.
//!
//! An API answers below `/execute-api/ID/STAGE`. Requests become events as AWS makes them, functions run through [`Invoke`], and their
//! answers become pages, or the errors that AWS gives for what is no answer.

mod answer;
mod event;
mod routes;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::{Account, Fault, Front, Happening, Invocation, Invoke, Page, RestRequest, Serving};
use answer::{Stamp, refusal};
use event::Incoming;
use routes::{Found, Resources};

/// An integration may take this long: time on the wall, whatever the speed of the sandbox's clock, because what runs is real.
const LONGEST: Duration = Duration::from_secs(29);
/// Bytes of a request.
const LARGEST_REQUEST: usize = 10 << 20;
/// Bytes of what a function may answer.
const LARGEST_ANSWER: usize = (6 << 20) + 100;

/// The stage of HTTP APIs that has no name in the path.
const DEFAULT_STAGE: &str = "$default";

/// An API with its one stage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Api {
    /// Ten characters `[a-z0-9]`.
    pub id: String,
    /// `dev-wild-rydes`.
    pub name: String,
    /// `dev`; `$default` for an HTTP API whose paths name no stage.
    pub stage: String,
    /// What it answers.
    pub routes: Vec<Route>,
}

/// A method on a path, and the function that answers it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// `POST`, or `ANY`.
    pub method: String,
    /// `/ride/{id}`, `/files/{proxy+}`.
    pub path: String,
    /// ARN of the function.
    pub function: String,
    /// Answers pre-flight requests, if set.
    pub cors: Option<Cors>,
}

/// What browsers are told before they send a request from another origin. The default is that of `cors: true` in `serverless.yml`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cors {
    /// Origins that may ask; `*` for all.
    pub origins: Vec<String>,
    /// Headers that they may send.
    pub headers: Vec<String>,
    /// Methods that they may use; empty for those that the path has.
    pub methods: Vec<String>,
    /// Whether they may send cookies.
    pub allow_credentials: bool,
    /// Seconds that browsers may remember this.
    pub max_age: Option<u32>,
}

impl Default for Cors {
    fn default() -> Self {
        let headers = [
            "Content-Type",
            "X-Amz-Date",
            "Authorization",
            "X-Api-Key",
            "X-Amz-Security-Token",
            "X-Amz-User-Agent",
            "X-Amzn-Trace-Id",
        ];
        Self {
            origins: vec!["*".to_owned()],
            headers: headers.map(str::to_owned).to_vec(),
            methods: Vec::new(),
            allow_credentials: false,
            max_age: None,
        }
    }
}

/// Which of the two kinds an API is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// `http` events of `serverless.yml`: payload 1.0.
    Rest,
    /// `httpApi` events: payload 2.0.
    Http,
}

#[derive(Debug)]
struct Deployed {
    region: String,
    kind: Kind,
    api: Api,
    resources: Resources,
}

/// All APIs of the sandbox.
pub struct Gateway {
    account: Arc<Account>,
    invoke: Arc<dyn Invoke>,
    apis: RwLock<HashMap<String, Arc<Deployed>>>,
}

impl Gateway {
    /// No APIs yet; functions run through `invoke`.
    pub fn new(account: Arc<Account>, invoke: Arc<dyn Invoke>) -> Self {
        Self { account, invoke, apis: RwLock::default() }
    }

    /// Takes a REST API, in place of the one with its id.
    pub fn put_api(&self, region: &str, api: Api) {
        self.put(region, Kind::Rest, api);
    }

    /// Takes an HTTP API, in place of the one with its id.
    pub fn put_http_api(&self, region: &str, api: Api) {
        self.put(region, Kind::Http, api);
    }

    fn put(&self, region: &str, kind: Kind, api: Api) {
        let resources = Resources::new(&api.routes);
        let (id, region) = (api.id.clone(), region.to_owned());
        let deployed = Arc::new(Deployed { region, kind, api, resources });
        self.apis.write().unwrap_or_else(PoisonError::into_inner).insert(id, deployed);
    }

    /// Forgets an API; none of that id is as good.
    pub fn delete_api(&self, region: &str, id: &str) {
        let mut apis = self.apis.write().unwrap_or_else(PoisonError::into_inner);
        if apis.get(id).is_some_and(|deployed| deployed.region == region) {
            apis.remove(id);
        }
    }

    /// Where a stage of an API answers: `http://127.0.0.1:PORT/execute-api/ID/STAGE`; without the stage if that is `$default`.
    pub fn url(&self, id: &str, stage: &str) -> String {
        let api = format!("{}/execute-api/{id}", self.account.endpoint());
        if stage == DEFAULT_STAGE { api } else { format!("{api}/{stage}") }
    }

    async fn answer(&self, request: RestRequest) -> Page {
        let began = Instant::now();
        let mut stamp = Stamp::new(self.account.clock.millis());
        let (route, function, page) = self.respond(request, &mut stamp).await;
        self.account.tell(Happening::Request {
            route,
            function,
            status: page.status,
            duration: began.elapsed().as_secs_f64() * 1000.0,
        });
        page
    }

    /// The route for the feed, the name of the function that was asked, and the page.
    async fn respond(&self, request: RestRequest, stamp: &mut Stamp) -> (String, Option<String>, Page) {
        let below = request.path.trim_start_matches('/').split_once('/').map_or("", |(_, below)| below);
        let (id, below) = below.split_once('/').unwrap_or((below, ""));
        let deployed = self.apis.read().unwrap_or_else(PoisonError::into_inner).get(id).map(Arc::clone);
        let inside = deployed.and_then(|deployed| {
            let inside = below_stage(&deployed.api.stage, below)?;
            Some((deployed, format!("/{inside}")))
        });
        let Some((deployed, path)) = inside else {
            let route = format!("{} {}", request.method, request.path);
            return (route, None, refusal(Kind::Rest, 403, "Forbidden", stamp));
        };
        let kind = deployed.kind;
        let found = deployed.resources.find(&request.method, &path);
        let (route, parameters, resource) = match found {
            Found::Route { route, parameters, resource } => (route, parameters, resource),
            Found::Preflight { resource, cors, methods } => {
                let route = format!("{} {resource}", request.method);
                return (route, None, answer::preflight(cors, methods, request.header("origin"), stamp));
            }
            Found::Nothing => {
                let page = match kind {
                    Kind::Rest => refusal(kind, 403, "Missing Authentication Token", stamp),
                    Kind::Http => refusal(kind, 404, "Not Found", stamp),
                };
                return (format!("{} {path}", request.method), None, page);
            }
        };
        let told = format!("{} {resource}", request.method);
        let name = route.function.rsplit(':').next().unwrap_or_default().to_owned();
        if request.body.len() > LARGEST_REQUEST {
            return (told, None, refusal(kind, 413, "Request Too Long", stamp));
        }
        let incoming =
            Incoming { request: &request, deployed: &deployed, route, resource, path: &path, parameters, stamp };
        let event = match kind {
            Kind::Rest => event::rest(&incoming),
            Kind::Http => event::http(&incoming),
        };
        let page = match self.run(&deployed.region, &route.function, event).await {
            None => refusal(kind, 504, "Endpoint request timed out", stamp),
            Some(Ok(run)) if run.error.is_none() && run.payload.len() <= LARGEST_ANSWER => {
                answer::page(kind, &run.payload, stamp).unwrap_or_else(|malformed| {
                    self.account
                        .tell(Happening::Note(format!("{name} gave no answer that API Gateway takes: {malformed}")));
                    refusal(kind, answer::broken(kind), "Internal server error", stamp)
                })
            }
            Some(Ok(_)) => refusal(kind, answer::broken(kind), "Internal server error", stamp),
            // It did not run: throttled, or not there.
            Some(Err(fault)) => {
                self.account.tell(Happening::Note(format!("{name} did not run for API Gateway: {fault}")));
                refusal(
                    kind,
                    if kind == Kind::Http && fault.status == 429 { 503 } else { 500 },
                    "Internal server error",
                    stamp,
                )
            }
        };
        (told, Some(name), page)
    }

    /// Runs the function; none if it takes too long. It runs on then, as it does when the client leaves.
    async fn run(&self, region: &str, function: &str, event: Bytes) -> Option<Result<Invocation, Fault>> {
        let (invoke, region, function) = (Arc::clone(&self.invoke), region.to_owned(), function.to_owned());
        let running = tokio::spawn(async move { invoke.invoke(&region, &function, event).await });
        let ended = tokio::time::timeout(LONGEST, running).await.ok()?;
        Some(ended.unwrap_or_else(|error| Err(Fault::internal(error.to_string()))))
    }
}

/// What of a path stands below the stage; none if the path names another stage.
fn below_stage<'p>(stage: &str, path: &'p str) -> Option<&'p str> {
    if stage == DEFAULT_STAGE {
        return Some(path);
    }
    match path.strip_prefix(stage)? {
        "" => Some(""),
        below => below.strip_prefix('/'),
    }
}

impl Front for Gateway {
    fn prefix(&self) -> &'static str {
        "execute-api"
    }

    fn serve<'a>(&'a self, request: RestRequest) -> Serving<'a> {
        Box::pin(self.answer(request))
    }
}
