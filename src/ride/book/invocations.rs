//! Invocations by their request ids: lines that name no ride wait here until one of the same invocation does.

use std::collections::{HashMap, VecDeque};

use super::super::event::Time;
use super::super::fact::{Fact, Facts, Say};

/// Log streams whose running invocation is remembered.
const STREAMS: usize = 4096;

/// Events of an invocation that are remembered until it is a ride's.
const ORPHANS_EVENTS: usize = 32;

/// Whose an invocation is.
#[derive(Debug)]
enum Owner {
    /// Nobody's yet.
    None(Box<Orphan>),
    /// A ride's, by its number.
    One(u64),
    /// Several rides': a batch.
    Many(Box<Batch>),
}

/// Several rides. Most invocations have one: those should not be larger for it.
#[derive(Debug)]
struct Batch(Vec<u64>);

#[derive(Debug, Default)]
struct Orphan {
    facts: Facts,
    seen: Vec<(Say, Time, Time)>,
    events: Vec<u32>,
}

/// What was known of an invocation before it was a ride's.
#[derive(Debug, Default)]
pub(super) struct Before {
    /// The facts.
    pub(super) facts: Vec<Fact>,
    /// First sights: of what, by the source's clock and by this machine's.
    pub(super) seen: Vec<(Say, Time, Time)>,
    /// Numbers of its events.
    pub(super) events: Vec<u32>,
    /// A ride that it belongs to already, and which holds the facts.
    pub(super) sibling: Option<u64>,
}

/// All invocations of rides that are remembered, and the last of the others.
#[derive(Debug)]
pub(super) struct Invocations {
    owners: HashMap<u64, Owner>,
    orphans: VecDeque<u64>,
    most_orphans: usize,
    streams: HashMap<u64, (Time, u64)>,
    streams_order: VecDeque<u64>,
}

impl Invocations {
    /// Remembers so many invocations that are no ride's.
    pub(super) fn new(most_orphans: usize) -> Self {
        Self {
            owners: HashMap::new(),
            orphans: VecDeque::new(),
            most_orphans,
            streams: HashMap::new(),
            streams_order: VecDeque::new(),
        }
    }

    /// The rides of an invocation.
    pub(super) fn rides(&self, request: u64) -> &[u64] {
        match self.owners.get(&request) {
            Some(Owner::One(ride)) => std::slice::from_ref(ride),
            Some(Owner::Many(batch)) => &batch.0,
            Some(Owner::None(_)) | None => &[],
        }
    }

    /// Gives an invocation to a ride; tells what was known of it, or none if it was the ride's already.
    pub(super) fn join(&mut self, request: u64, ride: u64) -> Option<Before> {
        let Some(owner) = self.owners.get_mut(&request) else {
            self.owners.insert(request, Owner::One(ride));
            return Some(Before::default());
        };
        match owner {
            Owner::None(orphan) => {
                let before = Before {
                    facts: orphan.facts.iter().copied().collect(),
                    seen: std::mem::take(&mut orphan.seen),
                    events: std::mem::take(&mut orphan.events),
                    sibling: None,
                };
                *owner = Owner::One(ride);
                Some(before)
            }
            Owner::One(one) if *one == ride => None,
            Owner::One(one) => {
                let sibling = Some(*one);
                *owner = Owner::Many(Box::new(Batch(vec![*one, ride])));
                Some(Before { sibling, ..Before::default() })
            }
            Owner::Many(batch) if batch.0.contains(&ride) => None,
            Owner::Many(batch) => {
                let sibling = batch.0.first().copied();
                batch.0.push(ride);
                Some(Before { sibling, ..Before::default() })
            }
        }
    }

    /// Keeps an event of an invocation that is no ride's.
    pub(super) fn wait(&mut self, request: u64, event: u32) {
        let owner = self.owners.entry(request).or_insert_with(|| {
            self.orphans.push_back(request);
            Owner::None(Box::default())
        });
        if let Owner::None(orphan) = owner
            && orphan.events.len() < ORPHANS_EVENTS
        {
            orphan.events.push(event);
        }
        if self.orphans.len() > self.most_orphans
            && let Some(oldest) = self.orphans.pop_front()
            && matches!(self.owners.get(&oldest), Some(Owner::None(_)))
        {
            self.owners.remove(&oldest);
        }
    }

    /// Keeps a fact of an invocation that waits; tells whether it is new.
    pub(super) fn keep(&mut self, request: u64, fact: Fact, seen: Time) -> bool {
        let Some(Owner::None(orphan)) = self.owners.get_mut(&request) else { return false };
        let is_new = orphan.facts.add(fact);
        if is_new {
            orphan.seen.push((fact.say, fact.at, seen));
        }
        is_new
    }

    /// A ride is no longer remembered.
    pub(super) fn forget(&mut self, request: u64, ride: u64) {
        match self.owners.get_mut(&request) {
            Some(Owner::One(one)) if *one == ride => {
                self.owners.remove(&request);
            }
            Some(Owner::Many(batch)) => {
                batch.0.retain(|other| *other != ride);
                if batch.0.is_empty() {
                    self.owners.remove(&request);
                }
            }
            _ => {}
        }
    }

    /// An invocation starts in a stream: what follows there without an id is its.
    pub(super) fn starts(&mut self, stream: u64, at: Time, request: u64) {
        match self.streams.get_mut(&stream) {
            Some(running) if running.0 <= at => *running = (at, request),
            Some(_) => {}
            None => {
                self.streams.insert(stream, (at, request));
                self.streams_order.push_back(stream);
            }
        }
        if self.streams_order.len() > STREAMS
            && let Some(oldest) = self.streams_order.pop_front()
        {
            self.streams.remove(&oldest);
        }
    }

    /// An invocation ended in a stream.
    pub(super) fn ends(&mut self, stream: u64, request: u64) {
        if self.running(stream) == Some(request) {
            self.streams.insert(stream, (Time(i64::MIN), 0));
        }
    }

    /// The invocation that runs in a stream.
    pub(super) fn running(&self, stream: u64) -> Option<u64> {
        self.streams.get(&stream).filter(|(since, _)| since.0 != i64::MIN).map(|(_, request)| *request)
    }
}
