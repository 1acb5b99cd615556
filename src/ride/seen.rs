//! A ride as the book keeps it and as others read it.

use std::sync::Arc;

use serde_json::{Value, json};

use super::clock::{Clocks, Source};
use super::event::{RideId, Time};
use super::fact::{Facts, NO_TIME};
use super::group::Groups;
use super::health::Feed;
use super::mark::{Mark, Marks};
use super::row::{Hop, Hops, Path, Row, Seen};

/// The unicorn of a ride.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Unicorn {
    /// `Rocinante`.
    pub name: String,
    /// `Yellow`.
    pub color: String,
}

/// What became of a ride.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fate {
    /// It is on its way.
    Travelling,
    /// Its record is in the table.
    Recorded,
    /// The function that answers failed, and there is no record.
    Failed,
    /// It was answered or published and not recorded within the deadline.
    Lost,
}

impl Fate {
    /// `travelling`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Travelling => "travelling",
            Self::Recorded => "recorded",
            Self::Failed => "failed",
            Self::Lost => "lost",
        }
    }
}

/// One ride.
#[derive(Debug)]
pub struct Ride {
    pub(super) id: RideId,
    pub(super) number: u64,
    pub(super) unicorn: Option<Arc<Unicorn>>,
    pub(super) facts: Facts,
    /// Request ids (as numbers) and log groups of its invocations.
    pub(super) invocations: Vec<(u64, u16)>,
    pub(super) clocks: Clocks,
    pub(super) seen: Seen,
    pub(super) first: Time,
    pub(super) last: Time,
    feeds: u8,
    overdue: bool,
    pub(super) row: Row,
    /// The error behind `row.error`.
    pub(super) error: Option<Arc<str>>,
    /// What it was told as to those who wait for the end of rides.
    pub(super) told: Option<Fate>,
    pub(super) is_measured: bool,
    /// Its events, as far as they are kept: numbers of the rings.
    pub(super) events: Vec<u32>,
}

/// Most events of one ride that can be listed.
const MOST_EVENTS: usize = 256;
/// Most invocations of one ride that are told apart.
const MOST_INVOCATIONS: usize = 200;

impl Ride {
    pub(super) fn new(id: RideId, number: u64, seen: Time) -> Self {
        Self {
            id,
            number,
            unicorn: None,
            facts: Facts::default(),
            invocations: Vec::new(),
            clocks: Clocks::default(),
            seen: Seen { handed_over: NO_TIME, recorded: NO_TIME },
            first: seen,
            last: seen,
            feeds: 0,
            overdue: false,
            row: Row::default(),
            error: None,
            told: None,
            is_measured: false,
            events: Vec::new(),
        }
    }

    /// Notes an event of it.
    pub(super) fn keep(&mut self, event: u32) {
        if self.events.len() >= MOST_EVENTS || self.events.contains(&event) {
            return;
        }
        if self.events.len() == self.events.capacity() {
            self.events.reserve_exact(8);
        }
        self.events.push(event);
    }

    /// Notes that a feed told of it.
    pub(super) fn touch(&mut self, feed: Feed, seen: Time) {
        self.feeds |= 1 << feed.index();
        self.first = self.first.min(seen);
        self.last = self.last.max(seen);
    }

    /// The place of an invocation among the ride's; none if there are too many.
    pub(super) fn invocation(&mut self, request: u64, group: u16) -> Option<u8> {
        let known = self.invocations.iter().position(|(known, _)| *known == request);
        let place = match known {
            Some(place) => place,
            None if self.invocations.len() >= MOST_INVOCATIONS => return None,
            None => {
                self.invocations.reserve_exact(1);
                self.invocations.push((request, group));
                self.invocations.len() - 1
            }
        };
        u8::try_from(place).ok()
    }

    /// Makes the row anew; gives the marks before and after.
    pub(super) fn fold(&mut self, groups: &Groups, lost_after: i64) -> (Row, Row) {
        let before = self.row;
        let (row, causes) = Row::of(&self.facts, &self.invocations, groups, self.seen, lost_after);
        self.row = row;
        self.clocks.causes(&causes);
        let done = self.row.marks.has(Mark::Recorded) || self.row.marks.has(Mark::Failed);
        self.row.marks.set(Mark::Lost, self.overdue && !done);
        self.row.marks.set(Mark::OneFeed, self.feeds.count_ones() == 1);
        (before, self.row)
    }

    /// Its deadline passed.
    pub(super) fn is_overdue(&mut self) {
        self.overdue = true;
    }

    /// Its id.
    pub fn id(&self) -> &RideId {
        &self.id
    }

    /// Counts the rides of a run in the order in which they were first seen, from 0.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Its unicorn, once any source has told.
    pub fn unicorn(&self) -> Option<&Unicorn> {
        self.unicorn.as_deref()
    }

    /// The way that its record takes.
    pub fn path(&self) -> Path {
        self.row.path
    }

    /// What became of it.
    pub fn fate(&self) -> Fate {
        let has = |mark| self.row.marks.has(mark);
        match () {
            () if has(Mark::Recorded) => Fate::Recorded,
            () if has(Mark::Failed) => Fate::Failed,
            () if has(Mark::Lost) => Fate::Lost,
            () => Fate::Travelling,
        }
    }

    /// The error of the function that answers, in words that are the same for the same fault.
    pub fn error(&self) -> Option<&str> {
        self.error.as_deref()
    }

    /// What is true of it.
    pub fn marks(&self) -> Marks {
        self.row.marks
    }

    /// Whether this is true of it.
    pub fn has(&self, mark: Mark) -> bool {
        self.row.marks.has(mark)
    }

    /// When it was where, by this machine's clock: times of other clocks are corrected as far as cause and effect demand, with what is known from
    /// other rides ([`Book::clocks`](super::Book::clocks)).
    pub fn hops(&self, clocks: &Clocks) -> Hops {
        self.row.hops(&self.clocks.within(clocks))
    }

    /// A hop as its source told it, and which source that was.
    pub fn raw(&self, hop: Hop) -> Option<(Time, Source)> {
        self.row.stamp(hop).map(|stamp| (stamp.at, stamp.source))
    }

    /// Microseconds that are added to a source's times for this ride.
    pub fn skew(&self, source: Source, clocks: &Clocks) -> i64 {
        self.clocks.within(clocks).correction(source)
    }

    /// How often it was published, or given to the same function, whichever is more.
    pub fn deliveries(&self) -> u16 {
        self.row.deliveries
    }

    /// How often its record was written, as far as the feeds can tell.
    pub fn records(&self) -> u16 {
        self.row.records
    }

    /// Invocations of it that were tried again.
    pub fn retries(&self) -> u16 {
        self.row.retries
    }

    /// Whether this feed has told of it.
    pub fn was_seen_by(&self, feed: Feed) -> bool {
        self.feeds & (1 << feed.index()) != 0
    }

    /// The feeds that have told of it.
    pub fn seen_by(&self) -> impl Iterator<Item = Feed> {
        Feed::ALL.into_iter().filter(|feed| self.was_seen_by(*feed))
    }

    /// When this machine first and last saw something of it.
    pub fn sightings(&self) -> (Time, Time) {
        (self.first, self.last)
    }

    /// As JSON, for programs: times in microseconds since the epoch by this machine's clock, durations in microseconds.
    pub fn json(&self, clocks: &Clocks) -> Value {
        let hops = self.hops(clocks);
        let times: serde_json::Map<String, Value> =
            Hop::ALL.into_iter().map(|hop| (hop.name().to_owned(), json!(hops.at(hop)))).collect();
        let skew: serde_json::Map<String, Value> =
            [("logs", Source::Logs), ("topic", Source::Topic), ("table", Source::Table)]
                .into_iter()
                .map(|(name, source)| (name.to_owned(), self.skew(source, clocks)))
                .filter(|(_, skew)| *skew != 0)
                .map(|(name, skew)| (name, json!(skew)))
                .collect();
        json!({
            "v": super::line::VERSION, "type": "ride", "id": self.id, "fate": self.fate().name(),
            "path": match self.path() {
                Path::Unknown => None,
                Path::Synchronous => Some("synchronous"),
                Path::EventDriven => Some("event_driven"),
            },
            "unicorn": self.unicorn().map(|unicorn| json!({"Name": unicorn.name, "Color": unicorn.color})),
            "at": times,
            "answer": hops.between(Hop::Requested, Hop::Answered), "whole": hops.between(Hop::Requested, Hop::Recorded),
            "error": self.error(), "marks": self.marks().iter().map(Mark::name).collect::<Vec<_>>(),
            "deliveries": self.deliveries(), "records": self.records(), "retries": self.retries(),
            "skew": skew, "seen_by": self.seen_by().collect::<Vec<_>>(),
        })
    }
}
