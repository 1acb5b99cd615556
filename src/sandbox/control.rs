//! The control of the sandbox: how other processes of this program ask for its state, steer its clock, follow its feed and stop it.
//!
//! Plain HTTP below `/rydes/`; whoever asks shows the token that stands in `.rydes/sandbox.json`, which only the user can read.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use futures::stream::{self, Stream};
use serde_json::{Value, json};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{mpsc, watch};
use uuid::Uuid;

use super::account::{Account, DEFAULT_REGION};
use super::activity::{Activity, Happening};
use super::deploy::{Deploy, Order};
use super::front::{Front, Page, PageBody, Serving};
use super::service::RestRequest;

/// The pages below `/rydes/`.
pub struct Control {
    account: Arc<Account>,
    deploy: Arc<Deploy>,
    token: String,
    started: Instant,
    stop: watch::Sender<bool>,
}

impl std::fmt::Debug for Control {
    /// Never shows the token.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Control").field("started", &self.started).finish_non_exhaustive()
    }
}

impl Control {
    /// Control with a token of its own.
    pub(super) fn new(account: Arc<Account>, deploy: Arc<Deploy>) -> Self {
        let token = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        Self { account, deploy, token, started: Instant::now(), stop: watch::channel(false).0 }
    }

    /// What clients show.
    pub(super) fn token(&self) -> &str {
        &self.token
    }

    /// Waits until somebody asks the sandbox to stop.
    pub(super) async fn stop_asked(&self) {
        let _ = self.stop.subscribe().wait_for(|asked| *asked).await;
    }

    fn answer(&self, request: &RestRequest) -> Page {
        let shown = request.header("authorization").and_then(|header| header.strip_prefix("Bearer "));
        if !shown.is_some_and(|shown| is_same(shown.as_bytes(), self.token.as_bytes())) {
            return refuse(401, "Show the token of .rydes/sandbox.json: `Authorization: Bearer TOKEN`.");
        }
        match (request.method.as_str(), request.path.as_str()) {
            ("GET", "/rydes/status") => whole(200, &self.status()),
            ("POST", "/rydes/speed") => self.set_speed(&request.body),
            ("POST", "/rydes/stop") => {
                self.stop.send_replace(true);
                whole(200, &json!({"stopping": true}))
            }
            ("POST", "/rydes/deploy" | "/rydes/remove") => match serde_json::from_slice(&request.body) {
                Ok(order) => lines(self.work(order, request.path == "/rydes/remove")),
                Err(error) => refuse(400, &format!("The body is no order to deploy: {error}")),
            },
            ("POST", "/rydes/plan") => self.plan(&request.body),
            ("GET", "/rydes/stacks") => {
                let region = request.parameter("region").unwrap_or(DEFAULT_REGION);
                whole(200, &json!(self.deploy.standing(region, request.parameter("stage").unwrap_or("dev"))))
            }
            ("GET", "/rydes/activity") => lines(self.activity()),
            (method, path) => refuse(404, &format!("The control of the sandbox has no {method} {path}.")),
        }
    }

    fn status(&self) -> Value {
        json!({
            "pid": std::process::id(), "version": env!("CARGO_PKG_VERSION"), "uptime": self.started.elapsed().as_secs_f64(),
            "speed": self.account.clock.speed(), "time": self.account.clock.millis(), "endpoint": self.account.endpoint(),
            "region": DEFAULT_REGION, "stacks": self.stacks(),
        })
    }

    /// Stacks that are there, by name.
    fn stacks(&self) -> Value {
        let all = self.deploy.stacks().everywhere().into_iter();
        all.map(|(region, stack)| json!({ "name": stack.name, "region": region, "status": stack.status })).collect()
    }

    /// Deploys or removes a service; a line of JSON a step. It goes on when whoever asked leaves.
    fn work(&self, order: Order, remove: bool) -> impl Stream<Item = Bytes> + Send + use<> {
        let (sender, steps) = mpsc::unbounded_channel();
        let deploy = Arc::clone(&self.deploy);
        tokio::spawn(async move {
            // What went wrong is the last step.
            let _ = if remove { deploy.remove(&order, &sender).await } else { deploy.deploy(&order, &sender).await };
        });
        stream::unfold(steps, |mut steps| async move {
            let step = steps.recv().await?;
            let mut line = serde_json::to_vec(&step).unwrap_or_default();
            line.push(b'\n');
            Some((Bytes::from(line), steps))
        })
    }

    fn plan(&self, body: &[u8]) -> Page {
        let order: Order = match serde_json::from_slice(body) {
            Ok(order) => order,
            Err(error) => return refuse(400, &format!("The body is no order to deploy: {error}")),
        };
        match self.deploy.compile(&order) {
            Ok((compiled, _)) => whole(200, &compiled.template),
            Err(error) => whole(422, &json!({ "error": error.message, "help": error.help, "place": error.place })),
        }
    }

    fn set_speed(&self, body: &[u8]) -> Page {
        let asked = serde_json::from_slice::<Value>(body).ok().and_then(|body| body["speed"].as_f64());
        match asked.filter(|speed| speed.is_finite() && *speed > 0.0) {
            Some(speed) => {
                self.account.clock.set_speed(speed);
                let speed = self.account.clock.speed();
                self.account.tell(Happening::Note(format!("the clock runs at {speed} times the speed of the wall's")));
                whole(200, &json!({ "speed": speed }))
            }
            None => refuse(400, "The body is {\"speed\": N}, with N above 0."),
        }
    }

    /// The feed from now on, a line of JSON each.
    fn activity(&self) -> impl Stream<Item = Bytes> + Send + use<> {
        let account = Arc::clone(&self.account);
        stream::unfold((self.account.feed.listen(), account), |(mut feed, account)| async move {
            let activity = match feed.recv().await {
                Ok(activity) => activity,
                Err(RecvError::Lagged(lost)) => {
                    let note = format!("{lost} activities were too fast to be told");
                    Activity { millis: account.clock.millis(), happening: Happening::Note(note) }
                }
                Err(RecvError::Closed) => return None,
            };
            let mut line = serde_json::to_vec(&activity).unwrap_or_default();
            line.push(b'\n');
            Some((Bytes::from(line), (feed, account)))
        })
    }
}

impl Front for Control {
    fn prefix(&self) -> &'static str {
        "rydes"
    }

    fn serve<'a>(&'a self, request: RestRequest) -> Serving<'a> {
        Box::pin(async move { self.answer(&request) })
    }
}

/// A page of lines of JSON that come as things happen.
fn lines(body: impl Stream<Item = Bytes> + Send + 'static) -> Page {
    Page {
        status: 200,
        headers: vec![("content-type".to_owned(), "application/jsonl".to_owned())],
        body: PageBody::Stream(Box::pin(body)),
    }
}

fn whole(status: u16, value: &Value) -> Page {
    Page {
        status,
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: PageBody::Whole(Bytes::from(format!("{value}\n"))),
    }
}

fn refuse(status: u16, words: &str) -> Page {
    whole(status, &json!({ "error": words }))
}

/// Compares in a time that does not tell where the difference is.
fn is_same(left: &[u8], right: &[u8]) -> bool {
    left.len() == right.len()
        && left.iter().zip(right).fold(0, |difference, (left, right)| difference | (left ^ right)) == 0
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use futures::stream::StreamExt;

    use super::*;
    use crate::sandbox::assembly::Services;

    fn control() -> Control {
        let account = Arc::new(Account::new(None, 1.0));
        let services = Services::new(&account, PathBuf::new());
        Control::new(account, services.deploy)
    }

    async fn ask(control: &Control, token: &str, method: &str, path: &str, body: &'static str) -> (u16, Value) {
        let headers = vec![("authorization".to_owned(), format!("Bearer {token}"))];
        let request = RestRequest {
            method: method.to_owned(),
            path: path.to_owned(),
            headers,
            body: body.into(),
            query: Vec::new(),
        };
        let page = control.serve(request).await;
        match page.body {
            PageBody::Whole(body) => (page.status, serde_json::from_slice(&body).unwrap()),
            PageBody::Stream(_) => (page.status, Value::Null),
        }
    }

    #[tokio::test]
    async fn only_the_token_opens() {
        let control = control();
        for token in ["", "x", &control.token[1..], &format!("{}x", control.token), &"0".repeat(64)] {
            assert_eq!(ask(&control, token, "GET", "/rydes/status", "").await.0, 401, "{token}");
        }
        assert_eq!(
            control.serve(RestRequest { path: "/rydes/stop".into(), ..RestRequest::default() }).await.status,
            401
        );
        assert_eq!(ask(&control, &control.token, "GET", "/rydes/status", "").await.0, 200);
    }

    #[tokio::test]
    async fn the_clock_is_steered() {
        let control = control();
        let (status, answer) = ask(&control, &control.token, "POST", "/rydes/speed", r#"{"speed": 60}"#).await;
        assert_eq!((status, &answer["speed"], control.account.clock.speed()), (200, &json!(60.0), 60.0));
        for wrong in ["", "{}", r#"{"speed": 0}"#, r#"{"speed": "2"}"#, "60"] {
            assert_eq!(ask(&control, &control.token, "POST", "/rydes/speed", wrong).await.0, 400, "{wrong}");
        }
        assert_eq!(ask(&control, &control.token, "GET", "/rydes/nothing", "").await.0, 404);
    }

    #[tokio::test]
    async fn stopping_is_told() {
        let control = control();
        let token = control.token.clone();
        tokio::join!(control.stop_asked(), async {
            assert_eq!(ask(&control, &token, "POST", "/rydes/stop", "").await.0, 200);
        });
    }

    #[tokio::test]
    async fn the_feed_is_followed_line_by_line() {
        let control = control();
        let mut lines = Box::pin(control.activity());
        control.account.tell(Happening::Note("first".to_owned()));
        let line = lines.next().await.unwrap();
        let activity: Activity = serde_json::from_slice(&line).unwrap();
        assert!(matches!(activity.happening, Happening::Note(note) if note == "first"));
        (0..20_000).for_each(|_| control.account.tell(Happening::Note("flood".to_owned())));
        let line = String::from_utf8(lines.next().await.unwrap().to_vec()).unwrap();
        assert!(line.contains("too fast"), "{line}");
    }
}
