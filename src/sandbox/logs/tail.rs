//! Live tails: events as they come, framed as AWS frames them, until the client leaves.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_smithy_eventstream::frame::write_message_to;
use aws_smithy_types::event_stream::{Header, HeaderValue, Message};
use bytes::Bytes;
use futures::stream::{self, Stream};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep_until, timeout_at};
use uuid::Uuid;

use super::super::{ACCOUNT_ID, Fault, Reply};
use super::events::pattern;
use super::input::{Input, group_of_arn, invalid, no_group};
use super::{LogFollower, LogLine, Logs, Pattern};

/// Sessions that an account may have at once.
const SESSIONS: usize = 15;
/// Groups that a session may follow.
const GROUPS: usize = 10;
/// Events in one update.
const MOST: usize = 500;
/// Without events, an update comes this often.
const HEARTBEAT: Duration = Duration::from_secs(1);
/// Updates are at least this far apart. AWS sends one a second: who watches rides wants to see them when they happen.
const PAUSE: Duration = Duration::from_millis(10);
/// Then a session ends.
const LONGEST: Duration = Duration::from_secs(3 * 60 * 60);

type Body = Pin<Box<dyn Stream<Item = Bytes> + Send>>;

impl Logs {
    pub(super) fn start_live_tail(&self, region: &str, input: Input<'_>, request_id: &str) -> Result<Reply, Fault> {
        let identifiers = input.texts("logGroupIdentifiers")?;
        if identifiers.is_empty() || identifiers.len() > GROUPS {
            return Err(invalid(format!(
                "1 validation error detected: Value at 'logGroupIdentifiers' failed to satisfy constraint: Member must have length between 1 and {GROUPS}"
            )));
        }
        let mut groups = Vec::new();
        for identifier in &identifiers {
            if identifier.ends_with('*') {
                return Err(invalid(format!(
                    "The ARN of a log group must not end with an asterisk here: '{identifier}'"
                )));
            }
            groups.push(group_of_arn(identifier, region)?.to_owned());
        }
        let (names, prefixes) = (input.texts("logStreamNames")?, input.texts("logStreamNamePrefixes")?);
        if !names.is_empty() && !prefixes.is_empty() {
            return Err(invalid("logStreamNames and logStreamNamePrefixes are mutually exclusive parameters."));
        }
        if groups.len() > 1 && !(names.is_empty() && prefixes.is_empty()) {
            return Err(invalid("logStreamNames and logStreamNamePrefixes can be given for one log group only."));
        }
        let filter = pattern(input, "logEventFilterPattern")?;
        {
            let store = self.shared.lock();
            if groups.iter().any(|name| store.group(region, name).is_none()) {
                return Err(no_group());
            }
        }
        let seat = Seat::take(&self.sessions)?;
        let start = json!({
            "requestId": request_id,
            "sessionId": Uuid::new_v4().to_string(),
            "logGroupIdentifiers": identifiers,
            "logStreamNames": names,
            "logStreamNamePrefixes": prefixes,
            "logEventFilterPattern": input.text("logEventFilterPattern")?.unwrap_or_default(),
        });
        let owned = |texts: Vec<&str>| texts.into_iter().map(str::to_owned).collect();
        let now = Instant::now();
        let session = Session {
            follower: self.follow(region, groups),
            filter,
            names: owned(names),
            prefixes: owned(prefixes),
            waiting: VecDeque::from([event("initial-response", &json!({})), event("sessionStart", &start)]),
            quiet_until: now,
            heartbeat: now + HEARTBEAT,
            end: now + LONGEST,
            is_over: false,
            _seat: seat,
        };
        let body: Body = Box::pin(stream::unfold(session, |mut session| async move {
            let frame = session.next().await?;
            Some((frame, session))
        }));
        Ok(Reply::Stream { content_type: "application/vnd.amazon.eventstream", body })
    }
}

/// A place among the sessions of the account; free again when dropped.
#[derive(Debug)]
struct Seat(Arc<AtomicUsize>);

impl Seat {
    fn take(sessions: &Arc<AtomicUsize>) -> Result<Self, Fault> {
        let seat = Self(Arc::clone(sessions));
        if sessions.fetch_add(1, Ordering::Relaxed) >= SESSIONS {
            return Err(Fault::sender(
                "LimitExceededException",
                format!("The account has {SESSIONS} live tail sessions, which is the most it may have."),
            ));
        }
        Ok(seat)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

struct Session {
    follower: LogFollower,
    filter: Pattern,
    names: Vec<String>,
    prefixes: Vec<String>,
    /// Frames that are ready.
    waiting: VecDeque<Bytes>,
    /// No update before.
    quiet_until: Instant,
    /// An update by then, even if empty.
    heartbeat: Instant,
    end: Instant,
    is_over: bool,
    _seat: Seat,
}

impl Session {
    /// The next frame; none once the session is over.
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if let Some(frame) = self.waiting.pop_front() {
                return Some(frame);
            }
            if self.is_over {
                return None;
            }
            sleep_until(self.quiet_until).await;
            // A heartbeat that is due goes out even when lines that the filter refuses never end.
            let came = timeout_at(self.heartbeat, self.follower.next(MOST)).await.unwrap_or_default();
            let now = Instant::now();
            if now >= self.end {
                self.is_over = true;
                return Some(exception(
                    "SessionTimeoutException",
                    "Your Live Tail session has timed out after 3 hours.",
                ));
            }
            let results: Vec<_> =
                came.lines.iter().filter(|line| self.wants(line)).map(|line| self.result(line)).collect();
            if !results.is_empty() || came.missed > 0 || now >= self.heartbeat {
                self.quiet_until = now + PAUSE;
                self.heartbeat = now + HEARTBEAT;
                let update = json!({ "sessionMetadata": { "sampled": came.missed > 0 }, "sessionResults": results });
                return Some(event("sessionUpdate", &update));
            }
        }
    }

    fn wants(&self, line: &LogLine) -> bool {
        (self.names.is_empty() || self.names.iter().any(|name| **name == *line.stream))
            && (self.prefixes.is_empty() || self.prefixes.iter().any(|prefix| line.stream.starts_with(prefix)))
            && self.filter.matches(&line.message)
    }

    fn result(&self, line: &LogLine) -> Value {
        json!({
            // AWS names groups by account and name here, not by ARN.
            "logGroupIdentifier": format!("{ACCOUNT_ID}:{}", line.group),
            "logStreamName": &*line.stream,
            "message": &*line.message,
            "timestamp": line.timestamp,
            "ingestionTime": line.ingested,
        })
    }
}

fn event(name: &'static str, payload: &Value) -> Bytes {
    framed([(":event-type", name), (":message-type", "event")], payload)
}

fn exception(name: &'static str, message: &str) -> Bytes {
    framed([(":exception-type", name), (":message-type", "exception")], &json!({ "message": message }))
}

fn framed(headers: [(&'static str, &'static str); 2], payload: &Value) -> Bytes {
    let content_type = (":content-type", "application/x-amz-json-1.1");
    let headers = headers.into_iter().chain([content_type]);
    let headers = headers.map(|(name, value)| Header::new(name, HeaderValue::String(value.into()))).collect();
    let message = Message::new_from_parts(headers, payload.to_string());
    let mut frame = Vec::new();
    // A follower hands over about 1 MiB at once, far from what a frame can hold.
    match write_message_to(&message, &mut frame) {
        Ok(()) => frame.into(),
        Err(_) => Bytes::new(),
    }
}
