//! What the monitor's screen shows at a moment: the visible rows, made from the book and small whatever the size of the book.

use super::Room;
use super::describe;
use crate::ride::{
    Book, Counts, Event, Fate, Feed, Health, Hops, Leg, Marks, Path, Ride, RideId, Stats, Time, Topology, Unicorn,
};
use crate::tui::theme::Role;

/// The feeds whose events are shown, lane by lane.
pub const LANES: [Feed; 3] = [Feed::Topic, Feed::Logs, Feed::Table];

/// How long figures stand, in microseconds: nobody reads faster.
const FIGURES: i64 = 250_000;

/// A ride as the table shows it.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its number.
    pub number: u64,
    /// Its id.
    pub id: RideId,
    /// Its unicorn.
    pub unicorn: Option<Unicorn>,
    /// What became of it.
    pub fate: Fate,
    /// The way that it took.
    pub path: Path,
    /// What is true of it.
    pub marks: Marks,
    /// When it was where.
    pub hops: Hops,
    /// When it was first seen.
    pub first: Time,
    /// What went wrong.
    pub error: Option<String>,
    /// How often it was delivered, recorded, tried again.
    pub times: (u16, u16, u16),
}

impl Row {
    /// The row of `ride`.
    pub fn of(ride: &Ride, book: &Book) -> Self {
        Self {
            number: ride.number(),
            id: ride.id().clone(),
            unicorn: ride.unicorn().cloned(),
            fate: ride.fate(),
            path: ride.path(),
            marks: ride.marks(),
            hops: ride.hops(book.clocks()),
            first: ride.sightings().0,
            error: ride.error().map(str::to_owned),
            times: (ride.deliveries(), ride.records(), ride.retries()),
        }
    }

    /// When it began, as far as is known.
    pub fn began(&self) -> Time {
        self.hops.requested.unwrap_or(self.first)
    }
}

/// An event in a lane, or of a ride.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its number in its lane; 0 in a ride's own list.
    pub number: u64,
    /// Which feed told it.
    pub feed: Feed,
    /// When it happened.
    pub at: Time,
    /// How it is meant.
    pub role: Role,
    /// Who it is about: a function, a ride.
    pub who: String,
    /// What happened, in a line.
    pub text: String,
}

impl Entry {
    /// The line of `event`.
    pub fn of(number: u64, event: &Event) -> Self {
        let (role, who, text) = describe::event(event);
        let feed = event.happening.feed();
        Self { number, feed, at: event.at.unwrap_or(event.seen), role, who, text }
    }
}

/// The selected ride, with all that is known of it.
#[derive(Clone, Debug)]
pub struct RideShown {
    /// Its row.
    pub row: Row,
    /// Its events, in the order in which they happened.
    pub events: Vec<Entry>,
    /// Microseconds by which the clocks of logs, topic and table are corrected for it.
    pub skews: [i64; 3],
    /// The feeds that have told of it.
    pub seen_by: Vec<Feed>,
}

impl RideShown {
    /// All of `ride`.
    pub fn of(ride: &Ride, book: &Book) -> Self {
        let mut events: Vec<Entry> = book
            .events_of(ride.id())
            .into_iter()
            .enumerate()
            .map(|(number, event)| Entry::of(number as u64, event))
            .collect();
        events.sort_by_key(|entry| entry.at);
        let skews = crate::ride::Source::REMOTE.map(|source| ride.skew(source, book.clocks()));
        Self { row: Row::of(ride, book), events, skews, seen_by: ride.seen_by().collect() }
    }
}

/// How a feed is, and since when nothing was heard of it.
#[derive(Clone, Debug, PartialEq)]
pub struct FeedState {
    /// Which feed.
    pub feed: Feed,
    /// How it is.
    pub health: Health,
}

/// What is shown.
#[derive(Clone, Debug, Default)]
pub struct Picture {
    /// When it was made.
    pub now: Time,
    /// What is deployed.
    pub topology: Topology,
    /// How the feeds are that have told.
    pub feeds: Vec<FeedState>,
    /// What was counted.
    pub counts: Counts,
    /// Rates, latencies, errors, cost.
    pub stats: Option<Stats>,
    /// Rides in each of the last seconds, the current one last.
    pub history: Vec<u64>,
    /// How many rides took how long from the request to the record: upper bound in microseconds, count.
    pub spread: Vec<(u64, u64)>,
    /// The visible rides.
    pub rows: Vec<Row>,
    /// How many rides stand above them.
    pub above: u64,
    /// The selected ride.
    pub ride: Option<RideShown>,
    /// The last events of topic, logs and table, newest first.
    pub lanes: [Vec<Entry>; 3],
    figured_at: Time,
}

impl Picture {
    /// Makes all of it anew but for the rides.
    pub(super) fn renew(&mut self, book: &Book, now: Time, room: Room) {
        self.now = now;
        if self.topology != *book.topology() {
            self.topology = book.topology().clone();
        }
        self.feeds = Feed::ALL
            .into_iter()
            .filter_map(|feed| Some(FeedState { feed, health: book.health(feed)?.clone() }))
            .collect();
        let news = self.counts.events != book.counts().events;
        if self.counts != *book.counts() {
            self.counts = book.counts().clone();
        }
        if self.stats.is_none() || now.since(self.figured_at) >= FIGURES || now < self.figured_at {
            self.figured_at = now;
            self.stats = Some(book.stats());
            self.history = book.history(room.seconds);
            self.spread = book.spread(Leg::Whole);
        }
        if news || self.lanes.iter().any(|lane| lane.len() < room.lanes) {
            for (lane, feed) in self.lanes.iter_mut().zip(LANES) {
                lane.clear();
                lane.extend(book.lane(feed).rev().take(room.lanes).map(|(number, event)| Entry::of(number, event)));
            }
        }
    }

    /// How a feed is.
    pub fn health(&self, feed: Feed) -> Option<&Health> {
        self.feeds.iter().find(|state| state.feed == feed).map(|state| &state.health)
    }

    /// Whether rides are recorded through the topic.
    pub fn is_event_driven(&self) -> bool {
        self.topology.topic.is_some()
            || self.topology.functions.iter().any(|function| function.role == crate::ride::Role::RecordsTopic)
    }
}
