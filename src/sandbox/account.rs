//! What all services of one sandbox share: the account, with its number, clock, keys, feed, and where the sandbox listens.

use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Notify;

use super::activity::{Feed, Happening};
use super::clock::Clock;
use super::keys::Keys;

/// The number of the account that every sandbox is.
pub const ACCOUNT_ID: &str = "123456789012";
/// The region of whoever names none.
pub const DEFAULT_REGION: &str = "us-east-2";

/// Shared by all services of one sandbox.
#[derive(Debug)]
pub struct Account {
    /// Its clock.
    pub clock: Clock,
    /// Its access keys.
    pub keys: Keys,
    /// What happens in it.
    pub feed: Feed,
    /// Where state is kept; none for a sandbox that leaves nothing behind.
    pub folder: Option<PathBuf>,
    /// Set once, when the socket is bound.
    port: OnceLock<u16>,
    /// Raised by every change that must survive a restart.
    changes: AtomicU64,
    /// Wakes whoever writes them down.
    change: Notify,
}

impl Account {
    /// An account that keeps its state in `folder`.
    pub fn new(folder: Option<PathBuf>, speed: f64) -> Self {
        Self {
            clock: Clock::new(speed),
            keys: Keys::default(),
            feed: Feed::default(),
            folder,
            port: OnceLock::new(),
            changes: AtomicU64::new(0),
            change: Notify::new(),
        }
    }

    /// `http://127.0.0.1:PORT`, without a slash at the end.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port())
    }

    /// The port that it listens on; 0 before it does.
    pub fn port(&self) -> u16 {
        self.port.get().copied().unwrap_or_default()
    }

    /// Tells the port, once.
    pub fn bound(&self, port: u16) {
        let _ = self.port.set(port);
    }

    /// Something changed that must survive a restart.
    pub fn changed(&self) {
        self.changes.fetch_add(1, Ordering::Relaxed);
        self.change.notify_one();
    }

    /// Waits for the next change; one that came since the last wait counts.
    pub(super) async fn next_change(&self) {
        self.change.notified().await;
    }

    /// How often something changed.
    pub fn changes(&self) -> u64 {
        self.changes.load(Ordering::Relaxed)
    }

    /// Tells the feed.
    pub fn tell(&self, happening: Happening) {
        self.feed.tell(self.clock.millis(), happening);
    }
}
