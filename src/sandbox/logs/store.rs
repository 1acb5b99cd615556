//! The groups, streams and events that are kept, in memory and in order, within a budget of bytes.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};
use std::ops::Bound;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Memory for events, all groups and regions together.
pub(super) const BUDGET: usize = 64 << 20;
/// What an event costs beside its message.
const OVERHEAD: usize = 64;
const DAY: i64 = 86_400_000;

/// Where an event stands: by time, then by arrival.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Place {
    /// Milliseconds since the epoch.
    pub(super) timestamp: i64,
    /// Counts all events of the sandbox; never used twice.
    pub(super) number: u64,
}

impl Place {
    /// Before all events.
    pub(super) const START: Self = Self { timestamp: i64::MIN, number: 0 };

    /// 56 digits, as AWS's ids of events; they sort as the places do from 1970 on.
    pub(super) fn id(self) -> String {
        format!("{:020}{:036}", self.timestamp.max(0), self.number)
    }

    /// The place with this [`id`](Self::id).
    pub(super) fn from_id(id: &str) -> Option<Self> {
        if id.len() != 56 || !id.bytes().all(|digit| digit.is_ascii_digit()) {
            return None;
        }
        Some(Self { timestamp: id[..20].parse().ok()?, number: id[20..].parse().ok()? })
    }

    /// The place just after: no event lies between.
    pub(super) fn next(self) -> Self {
        Self { number: self.number.saturating_add(1), ..self }
    }

    /// The place just before: no event lies between.
    pub(super) fn before(self) -> Self {
        match self.number.checked_sub(1) {
            Some(number) => Self { number, ..self },
            None => Self { timestamp: self.timestamp.saturating_sub(1), number: u64::MAX },
        }
    }
}

/// One line of a log.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Event {
    pub(super) place: Place,
    /// Milliseconds since the epoch.
    pub(super) ingested: i64,
    pub(super) message: Arc<str>,
}

impl Event {
    fn cost(&self) -> usize {
        self.message.len() + OVERHEAD
    }

    /// What AWS would bill.
    fn size(&self) -> u64 {
        self.message.len() as u64 + 26
    }
}

/// A group of streams.
#[derive(Clone, Debug, Default)]
pub(super) struct Group {
    pub(super) about: About,
    pub(super) streams: BTreeMap<Arc<str>, Stream>,
    /// Bytes as AWS counts them.
    pub(super) stored: u64,
    /// Events that the budget made us forget.
    pub(super) dropped: u64,
    cost: usize,
}

/// What is set of a group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct About {
    /// Milliseconds since the epoch.
    pub(super) created: i64,
    /// Days that events are kept.
    #[serde(default)]
    pub(super) retention: Option<i64>,
    #[serde(default)]
    pub(super) tags: BTreeMap<String, String>,
}

/// A stream of events.
#[derive(Clone, Debug, Default)]
pub(super) struct Stream {
    /// Milliseconds since the epoch.
    pub(super) created: i64,
    /// Ordered by place.
    pub(super) events: VecDeque<Event>,
    pub(super) last_ingestion: Option<i64>,
    /// How often events came: what upload sequence tokens are made of.
    pub(super) uploads: u64,
}

impl Stream {
    /// Events between two places, in order.
    pub(super) fn range(&self, from: Bound<Place>, to: Bound<Place>) -> impl DoubleEndedIterator<Item = &Event> {
        let start = match from {
            Bound::Included(place) => self.events.partition_point(|event| event.place < place),
            Bound::Excluded(place) => self.events.partition_point(|event| event.place <= place),
            Bound::Unbounded => 0,
        };
        let end = match to {
            Bound::Included(place) => self.events.partition_point(|event| event.place <= place),
            Bound::Excluded(place) => self.events.partition_point(|event| event.place < place),
            Bound::Unbounded => self.events.len(),
        };
        self.events.range(start..end.max(start))
    }

    /// Puts events in order. They come ordered among themselves and mostly after all others.
    fn take(&mut self, events: &[Event]) {
        let in_order = match (self.events.back(), events.first()) {
            (Some(last), Some(first)) => last.place < first.place,
            _ => true,
        };
        self.events.extend(events.iter().cloned());
        if !in_order {
            self.events.make_contiguous().sort_by_key(|event| event.place);
        }
    }
}

/// All regions.
#[derive(Clone, Debug, Default)]
pub(super) struct Store {
    pub(super) regions: BTreeMap<String, BTreeMap<String, Group>>,
    /// The number of the next event.
    pub(super) next: u64,
    /// Bytes of memory for events.
    pub(super) cost: usize,
    /// Events that the budget made us forget since somebody asked.
    pub(super) newly_dropped: u64,
}

impl Store {
    pub(super) fn group(&self, region: &str, name: &str) -> Option<&Group> {
        self.regions.get(region)?.get(name)
    }

    pub(super) fn group_mut(&mut self, region: &str, name: &str) -> Option<&mut Group> {
        self.regions.get_mut(region)?.get_mut(name)
    }

    /// The group, made at `now` if there is none.
    pub(super) fn make_group(&mut self, region: &str, name: &str, now: i64) -> &mut Group {
        if !self.regions.contains_key(region) {
            self.regions.insert(region.to_owned(), BTreeMap::new());
        }
        let groups = self.regions.entry(region.to_owned()).or_default();
        if !groups.contains_key(name) {
            let about = About { created: now, ..About::default() };
            groups.insert(name.to_owned(), Group { about, ..Group::default() });
        }
        groups.entry(name.to_owned()).or_default()
    }

    /// Forgets a group; whether there was one.
    pub(super) fn delete_group(&mut self, region: &str, name: &str) -> bool {
        let gone = self.regions.get_mut(region).and_then(|groups| groups.remove(name));
        self.cost -= gone.as_ref().map_or(0, |group| group.cost);
        gone.is_some()
    }

    /// Forgets a stream; whether there was one.
    pub(super) fn delete_stream(&mut self, region: &str, group: &str, name: &str) -> bool {
        let Some(group) = self.regions.get_mut(region).and_then(|groups| groups.get_mut(group)) else { return false };
        let Some(stream) = group.streams.remove(name) else { return false };
        let cost: usize = stream.events.iter().map(Event::cost).sum();
        group.cost -= cost;
        group.stored -= stream.events.iter().map(Event::size).sum::<u64>();
        self.cost -= cost;
        true
    }

    /// Numbers for `count` events; the first of them.
    pub(super) fn number(&mut self, count: usize) -> u64 {
        let first = self.next;
        self.next += count as u64;
        first
    }

    /// Takes events, ordered by place, into a stream that is made if there is none; forgets the oldest of the largest group over budget.
    pub(super) fn put(&mut self, region: &str, group: &str, stream: &str, events: &[Event], budget: usize) {
        let Some(first) = events.first() else { return };
        let cost: usize = events.iter().map(Event::cost).sum();
        let next = events.iter().map(|event| event.place.number + 1).max().unwrap_or_default();
        let ingested = events.iter().map(|event| event.ingested).max();
        self.next = self.next.max(next);
        self.cost += cost;
        let group = self.make_group(region, group, first.ingested);
        group.cost += cost;
        group.stored += events.iter().map(Event::size).sum::<u64>();
        if !group.streams.contains_key(stream) {
            group.streams.insert(stream.into(), Stream { created: first.ingested, ..Stream::default() });
        }
        if let Some(stream) = group.streams.get_mut(stream) {
            stream.take(events);
            stream.uploads += 1;
            stream.last_ingestion = stream.last_ingestion.max(ingested);
        }
        if self.cost > budget {
            self.shrink(budget - budget / 16);
        }
    }

    /// Forgets until the events cost `wanted` bytes or less; somewhat more than needed, so that it is seldom.
    fn shrink(&mut self, wanted: usize) {
        while self.cost > wanted {
            let largest = self.regions.values_mut().flat_map(BTreeMap::values_mut).max_by_key(|group| group.cost);
            let Some(group) = largest else { return };
            let step = (group.cost / 8).max(1);
            let (before, cut) = (group.cost, group.age_below(step));
            self.newly_dropped += group.forget(|event| event.place <= cut, true);
            if group.cost == before {
                return;
            }
            self.cost -= before - group.cost;
        }
    }

    /// Forgets the events of a group that its retention does not keep at `now`.
    pub(super) fn expire(&mut self, region: &str, name: &str, now: i64) {
        let Some(group) = self.regions.get_mut(region).and_then(|groups| groups.get_mut(name)) else { return };
        let Some(days) = group.about.retention else { return };
        let oldest = now - days * DAY;
        let before = group.cost;
        group.forget(|event| event.place.timestamp < oldest, false);
        self.cost -= before - group.cost;
    }
}

impl Group {
    /// The place up to which the oldest events cost at least `bytes`.
    fn age_below(&self, bytes: usize) -> Place {
        let mut streams: Vec<_> = self.streams.values().map(|stream| stream.events.iter()).collect();
        let mut oldest: BinaryHeap<_> = BinaryHeap::new();
        let mut advance = |oldest: &mut BinaryHeap<_>, index: usize| {
            let next = streams.get_mut(index).and_then(Iterator::next);
            oldest.extend(next.map(|event| (Reverse(event.place), index, event.cost())));
        };
        (0..self.streams.len()).for_each(|index| advance(&mut oldest, index));
        let (mut sum, mut cut) = (0, Place::START);
        while sum < bytes {
            let Some((Reverse(place), index, cost)) = oldest.pop() else { break };
            (sum, cut) = (sum + cost, place);
            advance(&mut oldest, index);
        }
        cut
    }

    /// Forgets the events at the front of each stream of which `old` says yes; how many.
    fn forget(&mut self, old: impl Fn(&Event) -> bool, is_loss: bool) -> u64 {
        let mut count = 0;
        for stream in self.streams.values_mut() {
            let end = stream.events.partition_point(&old);
            for event in stream.events.drain(..end) {
                count += 1;
                self.cost -= event.cost();
                self.stored -= event.size();
            }
        }
        if is_loss {
            self.dropped += count;
        }
        count
    }
}
