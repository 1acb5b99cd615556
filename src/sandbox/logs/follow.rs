//! Whoever wants to see lines as they come: each follower has a ring of its own, so that a slow one costs memory of known size and no time.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::Notify;

use super::store::Event;

/// Lines that wait for a follower at most; the oldest go first.
const LINES: usize = 10_000;
/// Bytes of messages that wait for a follower at most.
const BYTES: usize = 8 << 20;
/// Bytes of messages that are handed over at once, about.
const AT_ONCE: usize = 1 << 20;

/// A line that came.
#[derive(Clone, Debug, PartialEq)]
pub struct LogLine {
    /// `/aws/lambda/wild-rydes-dev-RequestRide`.
    pub group: Arc<str>,
    /// Name of the stream.
    pub stream: Arc<str>,
    /// When it was written: milliseconds since the epoch.
    pub timestamp: i64,
    /// When it came: milliseconds since the epoch.
    pub ingested: i64,
    /// The line.
    pub message: Arc<str>,
}

/// Lines that came since the last look.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LogLines {
    /// In order of arrival.
    pub lines: Vec<LogLine>,
    /// How many more came but did not fit the ring.
    pub missed: u64,
}

/// The receiving end: all lines of some groups from now on.
#[derive(Debug)]
pub struct LogFollower(Arc<Ring>);

impl LogFollower {
    /// Waits until lines have come; `most` at once at most.
    pub async fn next(&self, most: usize) -> LogLines {
        loop {
            let arrived = self.0.arrived.notified();
            let found = self.take(most);
            if !found.lines.is_empty() || found.missed > 0 {
                return found;
            }
            arrived.await;
        }
    }

    /// The lines that have come, without waiting.
    pub fn take(&self, most: usize) -> LogLines {
        let mut waiting = self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut lines, mut bytes) = (Vec::new(), 0);
        while lines.len() < most && bytes < AT_ONCE {
            let Some(line) = waiting.lines.pop_front() else { break };
            bytes += line.message.len();
            lines.push(line);
        }
        waiting.bytes -= bytes;
        LogLines { lines, missed: std::mem::take(&mut waiting.missed) }
    }
}

#[derive(Debug)]
struct Ring {
    region: String,
    /// Empty for all groups.
    groups: Vec<String>,
    waiting: Mutex<Waiting>,
    arrived: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    lines: VecDeque<LogLine>,
    bytes: usize,
    missed: u64,
}

/// All who follow.
#[derive(Debug, Default)]
pub(super) struct Followers {
    rings: Mutex<Vec<Weak<Ring>>>,
    count: AtomicUsize,
}

impl Followers {
    pub(super) fn follow(&self, region: &str, groups: Vec<String>) -> LogFollower {
        let (region, waiting) = (region.to_owned(), Mutex::default());
        let ring = Arc::new(Ring { region, groups, waiting, arrived: Notify::new() });
        let mut rings = self.rings.lock().unwrap_or_else(PoisonError::into_inner);
        rings.push(Arc::downgrade(&ring));
        self.count.store(rings.len(), Ordering::Release);
        LogFollower(ring)
    }

    /// Tells those who follow the group.
    pub(super) fn tell(&self, region: &str, group: &str, stream: &str, events: &[Event]) {
        if self.count.load(Ordering::Acquire) == 0 {
            return;
        }
        let names: (Arc<str>, Arc<str>) = (group.into(), stream.into());
        let mut rings = self.rings.lock().unwrap_or_else(PoisonError::into_inner);
        rings.retain(|ring| {
            let Some(ring) = ring.upgrade() else { return false };
            if ring.region == region && (ring.groups.is_empty() || ring.groups.iter().any(|name| name == group)) {
                ring.push(&names, events);
            }
            true
        });
        self.count.store(rings.len(), Ordering::Release);
    }
}

impl Ring {
    fn push(&self, (group, stream): &(Arc<str>, Arc<str>), events: &[Event]) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        for event in events {
            waiting.bytes += event.message.len();
            waiting.lines.push_back(LogLine {
                group: Arc::clone(group),
                stream: Arc::clone(stream),
                timestamp: event.place.timestamp,
                ingested: event.ingested,
                message: Arc::clone(&event.message),
            });
        }
        while waiting.lines.len() > LINES || waiting.bytes > BYTES {
            let Some(oldest) = waiting.lines.pop_front() else { break };
            waiting.bytes -= oldest.message.len();
            waiting.missed += 1;
        }
        drop(waiting);
        self.arrived.notify_one();
    }
}
