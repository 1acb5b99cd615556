//! The logs' feed: a live tail where there may be one, and a filter that brings what it does not.
//!
//! Both bring lines to one memory a group, so it does not matter which is first. The filter reads what happened before a tail was opened, looks
//! after it now and then, and does the whole work where tails are refused: then it asks as often as its share of the account's quota allows.

mod client;
mod group;
mod memory;
mod tail;

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_cloudwatchlogs::operation::filter_log_events::FilterLogEventsOutput;
use aws_sdk_cloudwatchlogs::types::LiveTailSessionUpdate;
use futures::future::BoxFuture;
use tokio::time::Instant;

use self::client::Logs;
use self::group::{Group, Presence};
use self::tail::{Heard, Tails};
use super::super::fault::Fault;
use super::Context;
use super::pace::Bucket;
use super::tell::{Tell, now};
use crate::ride::{State, Topology};

/// The part of the account's quota that is used: others read logs as well.
const SHARE: f64 = 0.4;
/// Without a tail a group is asked at most this often …
const INTERVAL: Duration = Duration::from_millis(250);
/// … and one that is not there yet, this often.
const LOOK_FOR: Duration = Duration::from_secs(3);
const LOOK_FOR_IN_SANDBOX: Duration = Duration::from_millis(250);
/// What is denied is tried again after this long.
const DENIED: Duration = Duration::from_secs(30);
/// That lines were left out of a tail is worth a note for this long.
const SAMPLED: Duration = Duration::from_secs(60);

/// Runs until the end is asked for.
pub(super) async fn run(context: Context) {
    let mut stop = context.stop.clone();
    tokio::select! {
        () = stop.asked() => {}
        () = follow(context) => {}
    }
}

async fn follow(mut context: Context) {
    let mut feed = Feed::new(&context);
    let topology = Arc::clone(&context.topology.borrow_and_update());
    feed.set_topology(&topology).await;
    loop {
        feed.turn();
        let due = feed.due();
        tokio::select! {
            changed = context.topology.changed() => {
                if changed.is_err() {
                    return;
                }
                let topology = Arc::clone(&context.topology.borrow_and_update());
                feed.set_topology(&topology).await;
            }
            heard = feed.tails.heard() => feed.heard(heard).await,
            answer = answered(&mut feed.asking) => {
                feed.asking = None;
                feed.take(answer).await;
            }
            () = tokio::time::sleep_until(due) => {}
        }
    }
}

/// What a call of the filter's side brought.
enum Answer {
    Group { name: String, found: Result<Option<String>, Fault> },
    Page { name: String, page: Result<FilterLogEventsOutput, Fault> },
}

async fn answered(asking: &mut Option<BoxFuture<'static, Answer>>) -> Answer {
    match asking {
        Some(asking) => asking.await,
        None => std::future::pending().await,
    }
}

struct Feed {
    logs: Logs,
    tell: Tell,
    groups: Vec<Group>,
    tails: Tails,
    /// The one call that is under way.
    asking: Option<BoxFuture<'static, Answer>>,
    bucket: Bucket,
    is_sandbox: bool,
    /// When the feed began, in milliseconds by our clock.
    began: i64,
    has_region: bool,
    had_groups: bool,
    sampled: Option<Instant>,
    /// What keeps a group from being read, and until when it is not tried again.
    fault: Option<(String, Fault)>,
}

impl Feed {
    fn new(context: &Context) -> Self {
        let is_sandbox = context.connection.is_sandbox();
        let quota = match context.connection.region() {
            _ if is_sandbox => 200.0,
            "us-east-1" => 25.0,
            _ => 10.0,
        };
        Self {
            logs: Logs::new(&context.connection),
            tell: context.tell.clone(),
            groups: Vec::new(),
            tails: Tails::new(),
            asking: None,
            bucket: Bucket::new(quota * SHARE, quota * SHARE),
            is_sandbox,
            began: now().0 / 1000,
            has_region: false,
            had_groups: false,
            sampled: None,
            fault: None,
        }
    }

    async fn set_topology(&mut self, topology: &Topology) {
        self.has_region = !topology.region.is_empty();
        for group in &mut self.groups {
            group.is_wanted(topology.functions.iter().any(|function| function.log_group == group.name));
        }
        for function in &topology.functions {
            if !self.groups.iter().any(|group| group.name == function.log_group) {
                self.groups.push(Group::new(&function.log_group));
            }
        }
        self.choose_tails();
        self.tell_health().await;
    }

    /// When there is something to do; far away while a call is under way.
    fn due(&mut self) -> Instant {
        let far = Instant::now() + Duration::from_secs(60);
        let paid = Instant::now() + self.bucket.until(1.0);
        let next = self.groups.iter().map(|group| group.next).min().filter(|_| self.asking.is_none());
        next.map(|next| next.max(paid)).into_iter().chain(self.tails.due()).min().unwrap_or(far)
    }

    /// Begins what is due.
    fn turn(&mut self) {
        let count = self.groups.len();
        self.groups.retain(|group| !group.is_over());
        if self.groups.len() < count {
            self.choose_tails();
        }
        self.tails.turn(&self.logs);
        if self.asking.is_some() || self.bucket.until(1.0) > Duration::ZERO {
            return;
        }
        let now = Instant::now();
        let due = self.groups.iter_mut().filter(|group| group.next <= now).min_by_key(|group| group.next);
        let Some(group) = due else { return };
        self.bucket.draw(1.0);
        let (logs, name) = (self.logs.clone(), group.name.clone());
        self.asking = Some(if let Presence::There(_) = group.presence {
            let (start, token) = group.ask(logs.theirs(super::tell::now().0 / 1000), logs.theirs(self.began));
            Box::pin(async move { Answer::Page { page: logs.page(&name, start, token).await, name } })
        } else {
            Box::pin(async move { Answer::Group { found: logs.group(&name).await, name } })
        });
    }

    async fn take(&mut self, answer: Answer) {
        match answer {
            Answer::Group { name, found } => self.looked_up(&name, found).await,
            Answer::Page { name, page } => self.read(&name, page).await,
        }
    }

    async fn looked_up(&mut self, name: &str, found: Result<Option<String>, Fault>) {
        let again = if self.is_sandbox { LOOK_FOR_IN_SANDBOX } else { LOOK_FOR };
        let Some(group) = self.groups.iter_mut().find(|group| group.name == name) else { return };
        match found {
            Ok(Some(arn)) => {
                (group.presence, group.next) = (Presence::There(Some(arn)), Instant::now());
            }
            Ok(None) => (group.presence, group.next) = (Presence::Absent, Instant::now() + again),
            // The filter does not need to know more than its name, and says itself if it is not there.
            Err(Fault::Denied { .. } | Fault::Refused { .. }) if group.presence == Presence::Unknown => {
                (group.presence, group.next) = (Presence::There(None), Instant::now());
            }
            Err(Fault::Denied { .. } | Fault::Refused { .. }) => {
                (group.presence, group.next) = (Presence::Unknown, Instant::now() + again);
            }
            Err(fault) => return self.failed(name, fault).await,
        }
        self.worked(name);
        self.choose_tails();
        self.tell_health().await;
    }

    async fn read(&mut self, name: &str, page: Result<FilterLogEventsOutput, Fault>) {
        let polled = self.groups.iter().filter(|group| !group.is_tailed).count();
        let interval = INTERVAL.max(Duration::from_secs_f64(polled as f64 / self.bucket.share()));
        let Some(group) = self.groups.iter_mut().find(|group| group.name == name) else { return };
        match page {
            Ok(page) => {
                group.backoff.reset();
                let told = group.read(&page, self.logs.theirs(self.began));
                group.settle(interval);
                self.worked(name);
                for (at, happening) in told {
                    self.tell.event(at, happening).await;
                }
                self.tell_health().await;
            }
            Err(Fault::Gone { .. }) => {
                group.presence = Presence::Absent;
                group.failed(if self.is_sandbox { LOOK_FOR_IN_SANDBOX } else { LOOK_FOR });
                self.choose_tails();
                self.tell_health().await;
            }
            Err(fault) => self.failed(name, fault).await,
        }
    }

    /// Asking about a group works.
    fn worked(&mut self, name: &str) {
        self.fault.take_if(|(of, _)| of == name);
    }

    async fn failed(&mut self, name: &str, fault: Fault) {
        if fault == Fault::Throttled {
            self.bucket.halve();
        }
        let Some(group) = self.groups.iter_mut().find(|group| group.name == name) else { return };
        let pause = match fault {
            Fault::Denied { .. } | Fault::Refused { .. } => DENIED,
            _ => group.backoff.next(),
        };
        group.failed(pause);
        self.fault = Some((name.to_owned(), fault.clone()));
        self.tell.note(Some(self.note()));
        self.tell.fault(fault, pause).await;
    }

    fn choose_tails(&mut self) {
        let groups = self.groups.iter().filter_map(|group| match &group.presence {
            Presence::There(Some(arn)) => Some((group.name.clone(), arn.clone())),
            _ => None,
        });
        let groups = groups.collect();
        if self.tails.set(&self.logs, groups) {
            self.untailed();
        }
    }

    /// No tail tells what happens: the filter does.
    fn untailed(&mut self) {
        let now = Instant::now();
        for group in self.groups.iter_mut().filter(|group| group.is_tailed) {
            group.is_tailed = false;
            group.next = group.next.min(now);
        }
    }

    async fn heard(&mut self, heard: Heard) {
        match heard {
            Heard::Opened(names) => {
                for group in self.groups.iter_mut().filter(|group| names.contains(&group.name)) {
                    group.is_tailed = true;
                    group.memory.new_tail();
                    // What came while it was opened.
                    group.next = group.next.min(Instant::now());
                }
            }
            Heard::Update(update) => return self.update(&update).await,
            Heard::Ended => self.untailed(),
        }
        self.tell_health().await;
    }

    async fn update(&mut self, update: &LiveTailSessionUpdate) {
        if update.session_metadata().is_some_and(|metadata| metadata.sampled()) {
            self.sampled = Some(Instant::now());
            for group in &mut self.groups {
                group.next = group.next.min(Instant::now());
            }
        }
        for line in update.session_results() {
            let (Some(message), Some(at)) = (line.message(), line.timestamp()) else { continue };
            // `123456789012:/aws/lambda/…`, or the ARN.
            let named = line.log_group_identifier().unwrap_or_default();
            let ours = |group: &&mut Group| {
                named.strip_suffix(group.name.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with(':'))
            };
            let Some(group) = self.groups.iter_mut().find(ours) else { continue };
            if let Some((at, happening)) = group.tailed(line.log_stream_name().unwrap_or_default(), at, message) {
                self.tell.event(at, happening).await;
            }
        }
        self.tell_health().await;
    }

    async fn tell_health(&mut self) {
        let there = self.groups.iter().filter(|group| matches!(group.presence, Presence::There(_))).count();
        self.had_groups |= there > 0;
        self.tell.note(Some(self.note()));
        let state = if self.fault.is_some() {
            // Told when it was met; what else works does not end it.
            return;
        } else if there > 0 {
            let catches_up =
                self.groups.iter().any(|group| matches!(group.presence, Presence::There(_)) && group.catches_up());
            if catches_up { State::CatchingUp } else { State::Live }
        } else if !self.has_region || self.groups.iter().any(|group| group.presence == Presence::Unknown) {
            State::Starting
        } else if self.had_groups {
            State::Gone {
                reason: "the log groups of the functions were removed; the next ones are followed".to_owned(),
            }
        } else if self.groups.is_empty() {
            State::Waiting { for_what: "functions of the services, which task 1.1 deploys".to_owned() }
        } else {
            State::Waiting {
                for_what: "the log groups of the functions: they are made when a function is deployed or runs"
                    .to_owned(),
            }
        };
        self.tell.state(state).await;
    }

    fn note(&self) -> String {
        let mut words = match &self.tails.why {
            None => "live tail".to_owned(),
            Some(Fault::Denied { permission, .. }) => format!("FilterLogEvents, for {permission} is denied"),
            Some(fault) => format!("FilterLogEvents, for StartLiveTail is refused: {}", fault.reason()),
        };
        if self.sampled.is_some_and(|sampled| sampled.elapsed() < SAMPLED) {
            words.push_str("; it leaves lines out above 500 a second, and FilterLogEvents brings those");
        }
        let absent = self.groups.iter().filter(|group| group.presence == Presence::Absent);
        let absent: Vec<&str> = absent.map(|group| group.name.as_str()).collect();
        if !absent.is_empty() {
            words.push_str("; not there yet: ");
            words.push_str(&absent.join(", "));
        }
        words
    }
}
