//! What is known of a ride, as a set: whatever order facts come in, and however often, the set is the same.

use super::event::Time;

/// What one fact says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Say {
    /// This program asked for it. The key is the number of the request.
    Requested,
    /// This program got an answer; the value is the HTTP status.
    Answered,
    /// API Gateway took a request.
    Gateway,
    /// An invocation started.
    Start,
    /// An invocation ended.
    End,
    /// An invocation was billed; the value is 1 if it was cut off or died.
    Report,
    /// An invocation failed; the value is the class of the error.
    Error,
    /// A message was published. The key is its `MessageId`.
    Message,
    /// An invocation was given a message of the topic.
    Delivery,
    /// An invocation was given the ride by HTTP.
    Post,
    /// An item was new.
    Inserted,
    /// An item was written again.
    Modified,
    /// An item is there.
    Found,
    /// An item was removed.
    Removed,
}

/// A time that no source told.
pub(super) const NO_TIME: Time = Time(i64::MAX);
/// A fact that belongs to no invocation.
pub(super) const NO_INVOCATION: u8 = u8::MAX;

/// One fact.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fact {
    pub(super) say: Say,
    /// Which of the ride's invocations.
    pub(super) invocation: u8,
    pub(super) value: u32,
    /// What tells it from others that say the same.
    pub(super) key: u64,
    /// When, by the clock of its source.
    pub(super) at: Time,
}

impl Fact {
    /// A fact that belongs to no invocation.
    pub(super) fn new(say: Say, key: u64, at: Time) -> Self {
        Self { say, invocation: NO_INVOCATION, value: 0, key, at }
    }

    pub(super) fn with(self, value: u32) -> Self {
        Self { value, ..self }
    }
}

/// Most facts of one ride; a fault that repeats itself for hours would fill the memory otherwise.
const MOST: usize = 512;

/// A set of facts.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts(Vec<Fact>);

impl Facts {
    /// Adds a fact and tells whether it is new. Of two that differ in their times alone, the earlier is kept.
    pub(super) fn add(&mut self, fact: Fact) -> bool {
        match self.0.binary_search_by_key(&(fact.say, fact.key), |known| (known.say, known.key)) {
            Ok(place) => {
                if let Some(known) = self.0.get_mut(place) {
                    known.at = known.at.min(fact.at);
                    known.value = known.value.max(fact.value);
                }
                false
            }
            Err(_) if self.0.len() >= MOST => false,
            Err(place) => {
                if self.0.len() == self.0.capacity() {
                    // Rides are many: room for a few facts more, not for twice as many.
                    self.0.reserve_exact(4);
                }
                self.0.insert(place, fact);
                true
            }
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Fact> {
        self.0.iter()
    }

    /// Those that say this.
    pub(super) fn of(&self, say: Say) -> impl Iterator<Item = &Fact> {
        let start = self.0.partition_point(|fact| fact.say < say);
        self.0.iter().skip(start).take_while(move |fact| fact.say == say)
    }
}
