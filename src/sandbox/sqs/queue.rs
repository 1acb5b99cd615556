//! One queue: its settings, tags and messages behind one lock, and the bell that wakes who waits for messages.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::messages::Messages;
use super::settings::Settings;
use crate::sandbox::ACCOUNT_ID;

/// A queue.
#[derive(Debug)]
pub struct Queue {
    pub name: String,
    pub arn: String,
    /// Rung whenever a message may be there sooner than was known.
    pub bell: Notify,
    state: Mutex<State>,
}

/// What changes of a queue.
#[derive(Debug)]
pub struct State {
    pub settings: Settings,
    pub tags: BTreeMap<String, String>,
    pub messages: Messages,
    /// Seconds since the epoch.
    pub created: i64,
    /// Seconds since the epoch.
    pub modified: i64,
    /// Milliseconds since the epoch.
    pub purged: Option<i64>,
    /// Who still holds it must not use it.
    pub deleted: bool,
}

impl Queue {
    pub fn new(region: &str, name: &str, state: State) -> Self {
        Self { name: name.to_owned(), arn: arn(region, name), bell: Notify::new(), state: Mutex::new(state) }
    }

    /// Its state, for one short change: nothing waits while it is held, and no other queue is locked.
    pub fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Of a new queue, at `now` in seconds.
    pub fn new(settings: Settings, tags: BTreeMap<String, String>, now: i64) -> Self {
        Self {
            settings,
            tags,
            messages: Messages::default(),
            created: now,
            modified: now,
            purged: None,
            deleted: false,
        }
    }

    /// Makes visible and drops what time has come for.
    pub fn settle(&mut self, now: i64) {
        self.messages.settle(now, self.settings.millis("MessageRetentionPeriod"));
    }
}

/// `arn:aws:sqs:us-east-2:123456789012:NAME`.
pub fn arn(region: &str, name: &str) -> String {
    format!("arn:aws:sqs:{region}:{ACCOUNT_ID}:{name}")
}

/// Region and name in the ARN of a queue of this account.
pub fn of_arn(arn: &str) -> Option<(&str, &str)> {
    let (region, rest) = arn.strip_prefix("arn:aws:sqs:")?.split_once(':')?;
    let name = rest.strip_prefix(ACCOUNT_ID)?.strip_prefix(':')?;
    (!region.is_empty() && !name.is_empty() && !name.contains(':')).then_some((region, name))
}
