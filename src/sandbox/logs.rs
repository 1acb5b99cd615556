//! CloudWatch Logs: groups and streams of lines, filters over them, and live tails.
//!
//! Lines are kept in memory within a budget (the oldest of the largest group go first, counted), and in the folder of the account
//! across restarts. What functions print goes through [`Logs::put`]; a screen of ours sees it come through [`Logs::follow`].

mod events;
mod filter;
mod follow;
mod groups;
mod input;
mod journal;
mod record;
mod store;
mod streams;
mod tail;
#[cfg(test)]
mod tests;
mod writer;

use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use serde_json::Value;

pub use filter::{InvalidPattern, LONGEST_PATTERN, Pattern};
pub use follow::{LogFollower, LogLine, LogLines};

use super::{Access, Account, Call, Fault, Handling, Happening, Protocol, Reply, Service};
use follow::Followers;
use input::{Input, group_of_arn, stream_arn};
use journal::Queue;
use record::{Change, write_change, write_events};
use store::{About, BUDGET, Event, Place, Store};

/// The service.
#[derive(Debug)]
pub struct Logs {
    shared: Arc<Shared>,
    /// Live tails that are open.
    sessions: Arc<AtomicUsize>,
    writer: Option<JoinHandle<()>>,
}

/// What the writer shares with the service.
#[derive(Debug)]
struct Shared {
    account: Arc<Account>,
    store: Mutex<Store>,
    /// None where nothing is kept on disk.
    queue: Option<Queue>,
    followers: Followers,
    /// Bytes of memory for events.
    budget: usize,
}

impl Logs {
    /// The logs of an account, with what an earlier run left in its folder.
    pub fn new(account: Arc<Account>) -> Self {
        Self::with_budget(account, BUDGET)
    }

    /// With so many bytes of memory for lines.
    fn with_budget(account: Arc<Account>, budget: usize) -> Self {
        let folder = account.folder.as_ref().map(|folder| folder.join("logs"));
        let shared = Arc::new(Shared {
            account,
            store: Mutex::default(),
            queue: folder.is_some().then(Queue::default),
            followers: Followers::default(),
            budget,
        });
        let writer = folder.and_then(|folder| writer::start(&shared, folder));
        Self { shared, sessions: Arc::default(), writer }
    }

    /// Takes lines with their times (milliseconds since the epoch) into a stream; makes group and stream if there are none.
    pub fn put(&self, region: &str, group: &str, stream: &str, mut events: Vec<(i64, String)>) {
        // Ids of events have no sign.
        events.iter_mut().for_each(|(timestamp, _)| *timestamp = (*timestamp).max(0));
        // Lines of a function come in order: then sorting only looks.
        events.sort_by_key(|(timestamp, _)| *timestamp);
        self.shared.put(region, group, stream, events);
    }

    /// Makes a group; leaves one that there is as it is.
    pub fn create_group(&self, region: &str, name: &str) {
        let mut store = self.shared.lock();
        if store.group(region, name).is_none() {
            let about = About { created: self.shared.account.clock.millis(), ..About::default() };
            self.shared.set_group(&mut store, region, name, about);
        }
    }

    /// Forgets a group and all in it; no group of that name is as good.
    pub fn delete_group(&self, region: &str, name: &str) {
        let mut store = self.shared.lock();
        if store.delete_group(region, name) {
            self.shared.remember(&Change::GroupDeleted { region: region.to_owned(), group: name.to_owned() });
        }
    }

    /// All lines that come from now on to `groups` of a region, or to any group if none are named.
    pub fn follow(&self, region: &str, groups: Vec<String>) -> LogFollower {
        self.shared.followers.follow(region, groups)
    }
}

impl Drop for Logs {
    /// Writes what is still on its way to the disk.
    fn drop(&mut self) {
        if let Some(queue) = &self.shared.queue {
            queue.end();
        }
        if let Some(writer) = self.writer.take() {
            // A writer that panicked has nothing left to write.
            let _ = writer.join();
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a change for the next run. Callers hold the lock of the store.
    fn remember(&self, change: &Change) {
        if let Some(queue) = &self.queue {
            queue.append(|buffer| write_change(buffer, change));
        }
    }

    /// Makes or changes a group.
    fn set_group(&self, store: &mut Store, region: &str, name: &str, about: About) {
        store.make_group(region, name, about.created).about = about.clone();
        self.remember(&Change::Group { region: region.to_owned(), group: name.to_owned(), about });
    }

    /// Takes lines that are in order of time.
    fn put(&self, region: &str, group: &str, stream: &str, lines: Vec<(i64, String)>) {
        if lines.is_empty() {
            return;
        }
        let ingested = self.account.clock.millis();
        let mut events = Vec::with_capacity(lines.len());
        let mut store = self.lock();
        let first = store.number(lines.len());
        for (number, (timestamp, message)) in (first..).zip(lines) {
            events.push(Event { place: Place { timestamp, number }, ingested, message: message.into() });
        }
        store.put(region, group, stream, &events, self.budget);
        let dropped = std::mem::take(&mut store.newly_dropped);
        if let Some(queue) = &self.queue {
            queue.append(|buffer| write_events(buffer, region, group, stream, events.iter()));
        }
        drop(store);
        self.followers.tell(region, group, stream, &events);
        if dropped > 0 {
            let mebibytes = self.budget >> 20;
            self.account.tell(Happening::Note(format!(
                "the logs are full ({mebibytes} MiB): the {dropped} oldest lines of the largest groups were dropped"
            )));
        }
    }
}

impl Service for Logs {
    fn name(&self) -> &'static str {
        "logs"
    }

    fn protocols(&self) -> &'static [Protocol] {
        &[Protocol::Json { version: "1.1", target: "Logs_20140328" }]
    }

    fn access(&self, call: &Call) -> Vec<Access> {
        let input = &call.input;
        let text = |name: &str| input.get(name).and_then(Value::as_str);
        let action = format!("logs:{}", call.operation);
        let named = |identifier: &str| group_of_arn(identifier, &call.region).unwrap_or(identifier).to_owned();
        let groups: Vec<String> = match call.operation.as_str() {
            "DescribeLogGroups" => vec![String::new()],
            "StartLiveTail" => {
                let identifiers = input.get("logGroupIdentifiers").and_then(Value::as_array);
                identifiers.into_iter().flatten().filter_map(Value::as_str).map(named).collect()
            }
            _ => {
                let group = text("logGroupName").or(text("logGroupIdentifier")).or(text("resourceArn"));
                vec![group.map(named).unwrap_or_default()]
            }
        };
        let stream = match call.operation.as_str() {
            "CreateLogStream" | "DeleteLogStream" | "PutLogEvents" | "GetLogEvents" => text("logStreamName"),
            _ => None,
        };
        let arn = |group: &String| stream_arn(&call.region, group, stream.unwrap_or_default());
        groups.iter().map(|group| Access { action: action.clone(), resource: arn(group) }).collect()
    }

    fn call<'a>(&'a self, call: Call) -> Handling<'a> {
        Box::pin(async move {
            let (region, input) = (call.region.as_str(), Input(&call.input));
            let shared = &*self.shared;
            let output = match call.operation.as_str() {
                "PutLogEvents" => shared.put_log_events(region, input)?,
                "GetLogEvents" => shared.get_log_events(region, input)?,
                "FilterLogEvents" => shared.filter_log_events(region, input).await?,
                "StartLiveTail" => return self.start_live_tail(region, input, &call.request_id),
                "CreateLogGroup" => shared.create_log_group(region, input)?,
                "DeleteLogGroup" => shared.delete_log_group(region, input)?,
                "DescribeLogGroups" => shared.describe_log_groups(region, input)?,
                "CreateLogStream" => shared.create_log_stream(region, input)?,
                "DeleteLogStream" => shared.delete_log_stream(region, input)?,
                "DescribeLogStreams" => shared.describe_log_streams(region, input)?,
                "PutRetentionPolicy" => shared.put_retention_policy(region, input)?,
                "DeleteRetentionPolicy" => shared.delete_retention_policy(region, input)?,
                "TagResource" | "TagLogGroup" => shared.tag(region, input)?,
                "UntagResource" | "UntagLogGroup" => shared.untag(region, input)?,
                "ListTagsForResource" | "ListTagsLogGroup" => shared.list_tags(region, input)?,
                operation => return Err(Fault::unknown_operation("logs", operation)),
            };
            Ok(Reply::Output(output))
        })
    }
}
