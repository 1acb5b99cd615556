//! How a feed tells what it sees, and how it is.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::Utc;
use tokio::sync::mpsc;

use super::super::fault::Fault;
use crate::ride::{Event, Feed, Happening, Health, RideId, State, Time, Topology, rides_named};

/// A feed that goes well says so this often, in microseconds.
const BEAT: i64 = 10_000_000;

/// The clock of this machine.
pub(super) fn now() -> Time {
    Time(Utc::now().timestamp_micros())
}

/// Sends what one feed sees.
#[derive(Clone)]
pub(super) struct Tell {
    feed: Feed,
    events: mpsc::Sender<Event>,
    rides: mpsc::Sender<RideId>,
    told: Arc<Mutex<Told>>,
}

#[derive(Default)]
struct Told {
    health: Option<Health>,
    note: Option<String>,
    at: Time,
}

impl Tell {
    /// For `feed`; ids of rides that the topic or the logs name go to `rides`, whatever else becomes of them.
    pub(super) fn new(feed: Feed, events: mpsc::Sender<Event>, rides: mpsc::Sender<RideId>) -> Self {
        Self { feed, events, rides, told: Arc::default() }
    }

    /// Sends what happened at `at` by the clock of its source; waits while nobody has time for it.
    pub(super) async fn event(&self, at: Option<Time>, happening: Happening) {
        let text = match &happening {
            Happening::Message { body, .. } => body,
            Happening::Log { message, .. } => message,
            _ => "",
        };
        let rides: Vec<RideId> = rides_named(text).into_iter().map(RideId::new).collect();
        // Nobody listening any more means that the end is near.
        let _ = self.events.send(Event { seen: now(), at, happening }).await;
        for ride in rides {
            // Without a place the scan of the table finds it.
            let _ = self.rides.try_send(ride);
        }
    }

    /// Sends what is deployed.
    pub(super) async fn topology(&self, topology: Topology) {
        self.event(None, Happening::Topology(topology)).await;
    }

    /// From now on the health has this note: how the feed listens, and why not in a better way.
    pub(super) fn note(&self, note: Option<String>) {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).note = note;
    }

    /// The source answered.
    pub(super) async fn live(&self) {
        self.state(State::Live).await;
    }

    /// The source refused or could not be reached; it is tried again after `pause`.
    pub(super) async fn fault(&self, fault: Fault, pause: Duration) {
        let until = Time(now().0.saturating_add(i64::try_from(pause.as_micros()).unwrap_or(i64::MAX)));
        self.state(fault.state(until)).await;
    }

    /// How the feed is now. Sent if it is news, and now and then if it is not.
    pub(super) async fn state(&self, state: State) {
        let health = {
            let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
            let now = now();
            let before = told.health.as_ref();
            let is_news = before.is_none_or(|before| before.state != state || before.note != told.note);
            if !is_news && now.since(told.at) < BEAT {
                return;
            }
            // Only an answer is a sign of life of the source.
            let answers =
                matches!(state, State::Live | State::CatchingUp | State::Throttled { .. } | State::Denied { .. });
            let beat = if answers { Some(now) } else { before.and_then(|before| before.beat) };
            let health = Health { state, beat, note: told.note.clone() };
            told.health = Some(health.clone());
            told.at = now;
            health
        };
        self.event(None, Happening::Health { feed: self.feed, health }).await;
    }
}
