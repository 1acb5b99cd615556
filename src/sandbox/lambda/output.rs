//! What instances print and log, cut into events of a log stream, live and within bounds.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::sync::watch;

use crate::sandbox::account::Account;
use crate::sandbox::logs::Logs;

/// Whoever keeps logs.
pub trait LogSink: Send + Sync {
    /// Takes events (milliseconds since the epoch, message) for a stream, which is made if it is not there.
    fn put(&self, region: &str, group: &str, stream: &str, events: Vec<(i64, String)>);
}

impl LogSink for Logs {
    fn put(&self, region: &str, group: &str, stream: &str, events: Vec<(i64, String)>) {
        Self::put(self, region, group, stream, events);
    }
}

/// What one invocation may log; the rest is counted and dropped. The longest event of CloudWatch Logs is 256 KiB.
const BUDGET: usize = 4 << 20;
const MOST_LINES: usize = 20_000;
const LONGEST_LINE: usize = 256 << 10;
/// What a caller with `LogType=Tail` gets.
const TAIL: usize = 4096;

/// The log stream of one instance.
pub(super) struct Output {
    account: Arc<Account>,
    sink: Arc<dyn LogSink>,
    region: String,
    group: String,
    stream: String,
    /// What a line must be to say that a request ends.
    mark: Vec<u8>,
    spent: Mutex<Spent>,
    /// How many requests ended; closed when the output has.
    ends: watch::Sender<u64>,
}

/// What the current invocation has logged.
#[derive(Default)]
struct Spent {
    bytes: usize,
    lines: usize,
    dropped: u64,
    tail: VecDeque<u8>,
}

impl Output {
    pub(super) fn new(
        account: Arc<Account>,
        sink: Arc<dyn LogSink>,
        region: &str,
        group: &str,
        stream: &str,
        mark: &str,
    ) -> Arc<Self> {
        Arc::new(Self {
            account,
            sink,
            region: region.to_owned(),
            group: group.to_owned(),
            stream: stream.to_owned(),
            mark: [b"\0", mark.as_bytes()].concat(),
            spent: Mutex::default(),
            ends: watch::channel(0).0,
        })
    }

    /// A new invocation begins.
    pub(super) fn begin(&self) {
        *self.lock() = Spent::default();
    }

    /// Logs a line of ours.
    pub(super) fn line(&self, text: String) {
        self.put(vec![text], false);
    }

    /// Logs how much was dropped, if anything was, and gives the last of what was logged.
    pub(super) fn finish(&self, lines: Vec<String>) -> String {
        let dropped = self.lock().dropped;
        let told = (dropped > 0).then(|| {
            let mib = BUDGET >> 20;
            format!(
                "[rydes] {dropped} bytes of output were dropped: an invocation may log {mib} MiB or {MOST_LINES} lines here"
            )
        });
        self.put(told.into_iter().chain(lines).collect(), false);
        let spent = self.lock();
        let tail: Vec<u8> = spent.tail.iter().copied().collect();
        String::from_utf8_lossy(&tail).trim_start_matches('\u{fffd}').to_owned()
    }

    /// Waits until all that was printed up to the end of request `number` (the first is 1) is logged, but not for ever: what a
    /// process does to its own output cannot be known.
    pub(super) async fn drained(&self, number: u64, patience: Duration) {
        let mut ends = self.ends.subscribe();
        let _ = tokio::time::timeout(patience, ends.wait_for(|ends| *ends >= number)).await;
    }

    /// Reads until the end.
    pub(super) async fn collect(self: Arc<Self>, mut source: Box<dyn AsyncRead + Send + Sync + Unpin>) {
        let (mut lines, mut buffer) = (Lines::default(), vec![0; 64 << 10]);
        loop {
            let read = match source.read(&mut buffer).await {
                Ok(0) | Err(_) => break,
                Ok(read) => read,
            };
            // What is dropped anyway is not cut into lines: a flood must cost nothing. Only a mark is looked for.
            if self.is_full() && !buffer[..read].contains(&0) && lines.0.is_empty() {
                self.lock().dropped += read as u64;
                continue;
            }
            let mut found = Vec::new();
            for line in lines.add(&buffer[..read]) {
                if line.ends_with(&self.mark) {
                    // Somebody may have printed without ending the line.
                    let before = &line[..line.len() - self.mark.len()];
                    if !before.is_empty() {
                        found.push(text(before));
                    }
                    self.put(std::mem::take(&mut found), true);
                    self.ends.send_modify(|ends| *ends += 1);
                } else {
                    found.push(text(&line));
                }
            }
            self.put(found, true);
        }
        self.put(lines.rest().map(|line| text(&line)).into_iter().collect(), true);
        self.ends.send_replace(u64::MAX);
    }

    fn is_full(&self) -> bool {
        let spent = self.lock();
        spent.dropped > 0
    }

    fn put(&self, lines: Vec<String>, bounded: bool) {
        if lines.is_empty() {
            return;
        }
        let now = self.account.clock.millis();
        let mut events = Vec::with_capacity(lines.len());
        {
            let mut spent = self.lock();
            for line in lines {
                if bounded && (spent.bytes + line.len() > BUDGET || spent.lines >= MOST_LINES) {
                    spent.dropped += line.len() as u64 + 1;
                    continue;
                }
                spent.bytes += line.len() + usize::from(bounded);
                spent.lines += usize::from(bounded);
                spent.tail.extend(line.as_bytes());
                spent.tail.push_back(b'\n');
                let surplus = spent.tail.len().saturating_sub(TAIL);
                spent.tail.drain(..surplus);
                events.push((now, line));
            }
        }
        if !events.is_empty() {
            self.sink.put(&self.region, &self.group, &self.stream, events);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Spent> {
        self.spent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A message of several lines comes with carriage returns, to be told from several messages.
fn text(line: &[u8]) -> String {
    String::from_utf8_lossy(line).trim_end_matches('\r').replace('\r', "\n")
}

/// Cuts bytes into lines; a line that is too long into pieces.
#[derive(Default)]
struct Lines(Vec<u8>);

impl Lines {
    fn add(&mut self, mut bytes: &[u8]) -> Vec<Vec<u8>> {
        let mut found = Vec::new();
        while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
            self.0.extend_from_slice(&bytes[..end]);
            found.push(std::mem::take(&mut self.0));
            bytes = &bytes[end + 1..];
        }
        self.0.extend_from_slice(bytes);
        if self.0.len() >= LONGEST_LINE {
            found.push(std::mem::take(&mut self.0));
        }
        found
    }

    fn rest(self) -> Option<Vec<u8>> {
        (!self.0.is_empty()).then_some(self.0)
    }
}
