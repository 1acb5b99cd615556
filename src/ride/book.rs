//! The book of rides: events go in, rides, counts and statistics come out. Its memory is bounded, its counts are not cut.

mod invocations;
mod kept;
mod reading;
mod requests;
mod taking;
#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use self::invocations::Invocations;
use self::kept::Kept;
use self::requests::Requests;
use super::clock::Clocks;
use super::event::{Event, RideId, Time};
use super::fact::{NO_TIME, Say};
use super::group::Groups;
use super::health::{Feed, Health, State};
use super::mark::{Counts, Mark};
use super::row::Path;
use super::seen::{Fate, Ride, Unicorn};
use super::stats::{Stats, Tallies};
use super::topology::Topology;

/// How long a ride that is done is waited for to become whole, in microseconds: its last log lines come a second later on AWS.
const GRACE: i64 = 2_500_000;
/// Pulses and ends of rides that are kept for readers who come round for them.
const NEWS: usize = 8192;
/// Different unicorns that are kept once each.
const UNICORNS: usize = 4096;

/// What bounds the memory of a book, and when a ride is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Rides that are remembered.
    pub rides: usize,
    /// Microseconds from the answer or the message until a ride without a record is lost.
    pub lost_after: i64,
    /// Bytes of events that are kept as they came.
    pub events: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { rides: 100_000, lost_after: 30_000_000, events: 32 << 20 }
    }
}

/// A way between two nodes that a ride took.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Edge {
    /// User to the function that answers.
    Request,
    /// That function to the fleet.
    Unicorn,
    /// Back to the user.
    Answer,
    /// To the topic.
    Publish,
    /// From the topic to the function that records.
    Deliver,
    /// By HTTP to the function that records.
    Post,
    /// To the table.
    Record,
}

/// Something that moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pulse {
    /// Counts the pulses of a run, from 1.
    pub sequence: u64,
    /// Where.
    pub edge: Edge,
    /// Which ride, where that is known already.
    pub ride: Option<RideId>,
}

/// The book.
#[derive(Debug)]
pub struct Book {
    limits: Limits,
    now: Time,
    rides: BTreeMap<u64, Box<Ride>>,
    numbers: HashMap<RideId, u64>,
    next: u64,
    /// Rides that are done: dropped first.
    done: BTreeSet<u64>,
    /// Fingerprints of rides that were dropped, so that what comes late is not counted as another ride.
    dropped: HashSet<u64>,
    dropped_order: VecDeque<u64>,
    due: BinaryHeap<Reverse<(Time, u64)>>,
    settling: VecDeque<(Time, u64)>,
    invocations: Invocations,
    requests: Requests,
    groups: Groups,
    classes: Classes,
    unicorns: HashSet<Arc<Unicorn>>,
    clocks: Clocks,
    counts: Counts,
    tallies: Tallies,
    healths: [Option<Health>; 5],
    topology: Topology,
    kept: Kept,
    pulses: VecDeque<Pulse>,
    pulsed: u64,
    finished: VecDeque<RideId>,
    finished_before: u64,
}

/// A number for an id: the same for the same text, and not the same for another by any chance that matters.
fn fingerprint(what: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}

impl Default for Book {
    fn default() -> Self {
        Self::new(Limits::default())
    }
}

impl Book {
    /// An empty book.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            now: Time::default(),
            rides: BTreeMap::new(),
            numbers: HashMap::new(),
            next: 0,
            done: BTreeSet::new(),
            dropped: HashSet::new(),
            dropped_order: VecDeque::new(),
            due: BinaryHeap::new(),
            settling: VecDeque::new(),
            invocations: Invocations::new(limits.rides / 4 + 1024),
            requests: Requests::new(limits.rides + 1024),
            groups: Groups::default(),
            classes: Classes::default(),
            unicorns: HashSet::new(),
            clocks: Clocks::default(),
            counts: Counts::default(),
            tallies: Tallies::default(),
            healths: Default::default(),
            topology: Topology::default(),
            kept: Kept::new(limits.events),
            pulses: VecDeque::new(),
            pulsed: 0,
            finished: VecDeque::new(),
            finished_before: 0,
        }
    }

    /// Tells the time by this machine's clock (in a replay: the recording's), so that overdue rides become lost and ended ones are told.
    pub fn tick(&mut self, now: Time) {
        self.now = self.now.max(now);
        while let Some(Reverse((since, number))) = self.due.peek().copied() {
            if self.now.since(since) <= self.limits.lost_after {
                break;
            }
            self.due.pop();
            if !self.table_is_watched() {
                // Whether the record is there cannot be known: ask again later.
                self.due.push(Reverse((self.now, number)));
                break;
            }
            if let Some(ride) = self.rides.get_mut(&number) {
                ride.is_overdue();
                self.fold(number);
            }
        }
        while let Some((ready, number)) = self.settling.front().copied() {
            if ready > self.now {
                break;
            }
            self.settling.pop_front();
            self.tell(number);
        }
    }

    /// Tells rides that ended though more of them might come: there will be no more events.
    pub fn settle(&mut self) {
        while let Some((_, number)) = self.settling.pop_front() {
            self.tell(number);
        }
    }

    /// Without the table's feed nothing tells whether a ride was recorded.
    fn table_is_watched(&self) -> bool {
        self.health(Feed::Table).is_none_or(|health| health.state == State::Live)
    }

    /// The rides, in the order in which they were first seen.
    pub fn rides(&self) -> impl DoubleEndedIterator<Item = &Ride> {
        self.rides.values().map(|ride| &**ride)
    }

    /// How many rides are remembered.
    pub fn len(&self) -> usize {
        self.rides.len()
    }

    /// Whether no ride is remembered.
    pub fn is_empty(&self) -> bool {
        self.rides.is_empty()
    }

    /// A ride that is remembered.
    pub fn get(&self, id: &RideId) -> Option<&Ride> {
        self.rides.get(self.numbers.get(id)?).map(|ride| &**ride)
    }

    /// A ride by its number, as far as it is remembered.
    pub fn numbered(&self, number: u64) -> Option<&Ride> {
        self.rides.get(&number).map(|ride| &**ride)
    }

    /// What was counted in the whole run.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Rates, latencies, errors and cost.
    pub fn stats(&self) -> Stats {
        self.tallies.stats(self.now, &self.counts)
    }

    /// Rides first seen in each of the last seconds, the current one last.
    pub fn history(&self, seconds: usize) -> Vec<u64> {
        self.tallies.history(self.now, seconds)
    }

    /// How far the clocks stand apart, by all rides.
    pub fn clocks(&self) -> &Clocks {
        &self.clocks
    }

    /// What is deployed.
    pub fn topology(&self) -> &Topology {
        &self.topology
    }

    /// How a feed is; none if it has not told yet.
    pub fn health(&self, feed: Feed) -> Option<&Health> {
        self.healths.get(feed.index())?.as_ref()
    }

    /// The last events of a feed that are kept, oldest first, each with its number.
    pub fn lane(&self, feed: Feed) -> impl DoubleEndedIterator<Item = (u64, &Event)> {
        self.kept.lane(feed)
    }

    /// The events of a ride that are kept, in the order in which they were seen.
    pub fn events_of(&self, id: &RideId) -> Vec<&Event> {
        let numbers = self.get(id).map_or(&[][..], |ride| &ride.events);
        let mut events: Vec<&Event> = numbers.iter().filter_map(|number| self.kept.get(*number)).collect();
        events.sort_by_key(|event| event.seen);
        events
    }

    /// What moved after the pulse of this number, oldest first; 0 for all that are kept.
    pub fn pulses(&self, since: u64) -> impl Iterator<Item = &Pulse> {
        let skip = self.pulses.partition_point(|pulse| pulse.sequence <= since);
        self.pulses.iter().skip(skip)
    }

    /// The number of the last pulse.
    pub fn last_pulse(&self) -> u64 {
        self.pulsed
    }

    /// Rides that ended (recorded, failed, lost) since the end of this number, and the number to ask with next time; 0 at first. A ride that was lost and is
    /// recorded after all ends twice.
    pub fn finished(&self, since: u64) -> (u64, impl Iterator<Item = &Ride>) {
        let skip = usize::try_from(since.saturating_sub(self.finished_before)).unwrap_or(usize::MAX);
        let next = self.finished_before + self.finished.len() as u64;
        (next, self.finished.iter().skip(skip).filter_map(|id| self.get(id)))
    }

    /// Makes a ride's row anew after its facts changed, and notes what follows.
    fn fold(&mut self, number: u64) {
        let Some(ride) = self.rides.get_mut(&number) else { return };
        let fate = ride.fate();
        let (before, after) = ride.fold(&self.groups, self.limits.lost_after);
        if before.error != after.error {
            ride.error = after.error.and_then(|class| self.classes.words(class));
        }
        self.counts.change(before.marks, after.marks);
        self.tallies.units.writes += u64::from(after.records.saturating_sub(before.records));
        self.clocks.learn(&ride.clocks);
        let (was_done, is_done) = (fate != Fate::Travelling, ride.fate() != Fate::Travelling);
        let (changed, is_whole) = (fate != ride.fate(), after.is_whole());
        let news = after.marks.iter().filter(|mark| !before.marks.has(*mark));
        let edges = news.filter_map(|mark| match mark {
            Mark::Requested if self.requests.outstanding() == 0 && ride.facts.of(Say::Requested).next().is_none() => {
                Some(Edge::Request)
            }
            Mark::Answered => Some(Edge::Answer),
            Mark::Published => Some(Edge::Publish),
            Mark::Delivered if after.path == Path::EventDriven => Some(Edge::Deliver),
            Mark::Delivered => Some(Edge::Post),
            Mark::Recorded => Some(Edge::Record),
            _ => None,
        });
        let (id, edges) = (ride.id.clone(), edges.collect::<Vec<_>>());
        edges.into_iter().for_each(|edge| self.pulse(edge, Some(id.clone())));
        if is_done && !was_done {
            self.done.insert(number);
        } else if was_done && !is_done {
            self.done.remove(&number);
        }
        if is_done && is_whole {
            self.tell(number);
        } else if is_done && changed {
            self.settling.push_back((Time(self.now.0.saturating_add(GRACE)), number));
        }
    }

    /// Tells that a ride ended, once for each way to end.
    fn tell(&mut self, number: u64) {
        let Some(ride) = self.rides.get_mut(&number) else { return };
        let fate = ride.fate();
        if fate == Fate::Travelling || ride.told == Some(fate) {
            return;
        }
        ride.told = Some(fate);
        if !ride.is_measured {
            ride.is_measured = true;
            let hops = ride.hops(&self.clocks);
            self.tallies.measure(&hops, ride.path());
        }
        if self.finished.len() >= NEWS {
            self.finished.pop_front();
            self.finished_before += 1;
        }
        self.finished.push_back(ride.id.clone());
    }

    fn pulse(&mut self, edge: Edge, ride: Option<RideId>) {
        self.pulsed += 1;
        if self.pulses.len() >= NEWS {
            self.pulses.pop_front();
        }
        self.pulses.push_back(Pulse { sequence: self.pulsed, edge, ride });
    }

    /// Drops rides as long as there are too many.
    fn shrink(&mut self) {
        while self.rides.len() > self.limits.rides.max(1) {
            let oldest = self.done.first().copied().or_else(|| self.rides.keys().next().copied());
            let Some(number) = oldest else { return };
            self.tell(number);
            self.done.remove(&number);
            let Some(ride) = self.rides.remove(&number) else { return };
            self.numbers.remove(&ride.id);
            ride.invocations.iter().for_each(|(request, _)| self.invocations.forget(*request, number));
            self.counts.dropped += 1;
            self.counts.dropped_travelling += u64::from(ride.fate() == Fate::Travelling);
            let print = fingerprint(&ride.id);
            if self.dropped.insert(print) {
                self.dropped_order.push_back(print);
            }
            if self.dropped_order.len() > self.limits.rides.saturating_mul(4)
                && let Some(oldest) = self.dropped_order.pop_front()
            {
                self.dropped.remove(&oldest);
            }
        }
    }

    /// The number of a ride, which is new if it was not met before; none if it was dropped or the id is none.
    fn ride(&mut self, id: &str, seen: Time) -> Option<u64> {
        if let Some(number) = self.numbers.get(id) {
            return Some(*number);
        }
        if id.is_empty() || id.len() > 128 {
            self.counts.without_ride += 1;
            return None;
        }
        let id = RideId::new(id);
        if !self.dropped.is_empty() && self.dropped.contains(&fingerprint(&id)) {
            self.counts.strays += 1;
            return None;
        }
        let number = self.next;
        self.next += 1;
        self.counts.rides += 1;
        self.tallies.first_seen(seen);
        self.numbers.insert(id.clone(), number);
        self.rides.insert(number, Box::new(Ride::new(id, number, seen)));
        Some(number)
    }

    /// A ride's answer or message was seen: from now on it should be recorded.
    fn handed_over(&mut self, number: u64, seen: Time) {
        let Some(ride) = self.rides.get_mut(&number) else { return };
        if ride.seen.handed_over == NO_TIME {
            self.due.push(Reverse((seen, number)));
        }
        ride.seen.handed_over = ride.seen.handed_over.min(seen);
    }
}

/// The classes of errors, as numbers.
#[derive(Debug, Default)]
struct Classes {
    words: Vec<Arc<str>>,
    numbers: HashMap<Arc<str>, u32>,
}

impl Classes {
    /// Most classes that are told apart.
    const MOST: usize = 256;
    const OTHERS: &str = "other errors";

    fn number(&mut self, words: &str) -> u32 {
        let words =
            if self.words.len() + 1 < Self::MOST || self.numbers.contains_key(words) { words } else { Self::OTHERS };
        if let Some(number) = self.numbers.get(words) {
            return *number;
        }
        let (number, words) = (u32::try_from(self.words.len()).unwrap_or(u32::MAX), Arc::<str>::from(words));
        self.words.push(Arc::clone(&words));
        self.numbers.insert(words, number);
        number
    }

    fn words(&self, number: u32) -> Option<Arc<str>> {
        self.words.get(number as usize).cloned()
    }
}
