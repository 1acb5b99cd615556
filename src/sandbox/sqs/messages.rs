//! The messages of one queue and where each stands: to be had, delayed, or in flight. Knows the time only as it is told, and never waits.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use super::attribute::Attributes;

/// How many messages of a queue may be in flight.
pub const MOST_IN_FLIGHT: usize = 120_000;
/// How much a queue of the sandbox keeps, in bytes: AWS has no limit, but the learner's machine has.
pub const MOST_BYTES: usize = 256 * 1024 * 1024;
/// For how long a FIFO queue knows a message again, in milliseconds.
const RECENT: i64 = 5 * 60 * 1000;

/// One message. Times are milliseconds since the epoch.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Message {
    pub id: String,
    pub body: String,
    pub body_md5: String,
    pub attributes: Attributes,
    pub attributes_md5: Option<String>,
    /// `AWSTraceHeader`.
    pub trace: Option<String>,
    /// `SenderId`.
    pub sender: String,
    pub sent: i64,
    pub group: Option<String>,
    /// `MessageDeduplicationId`, of FIFO queues.
    pub deduplication: Option<String>,
    /// `SequenceNumber`, of FIFO queues.
    pub sequence: Option<String>,
    pub first_received: Option<i64>,
    pub receives: u32,
    /// ARN of the queue whose dead letter it is.
    pub source: Option<String>,
    /// Which receive was the last; 0 before the first.
    pub receipt: u64,
    pub place: Place,
}

impl Message {
    /// What it takes of the queue's memory, about.
    fn weight(&self) -> usize {
        self.body.len() + super::attribute::size(&self.attributes) + 400
    }
}

/// Where a message stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Place {
    /// It can be received.
    Visible,
    /// It can be received later.
    Delayed {
        /// When.
        until: i64,
    },
    /// It was received and is not deleted yet.
    InFlight {
        /// When it can be received again.
        until: i64,
    },
}

/// What a receive asks for.
#[derive(Clone, Copy, Debug)]
pub struct Take {
    pub most: usize,
    /// Milliseconds that what is taken stays hidden.
    pub visibility: i64,
    /// Milliseconds that the queue keeps messages.
    pub retention: i64,
    /// How many receives a message may have before it is a dead letter.
    pub max_receives: Option<u32>,
    /// Whether groups keep their order.
    pub fifo: bool,
}

/// What a receive took.
#[derive(Debug, Default)]
pub struct Taken {
    /// Numbers of the messages to hand out.
    pub given: Vec<u64>,
    /// Those that were received too often, out of the queue already.
    pub dead: Vec<Message>,
    /// Nothing more was taken because too many are in flight.
    pub over_limit: bool,
}

/// Something sent before under the same deduplication id.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Recent {
    pub sent: i64,
    pub id: String,
    pub sequence: Option<String>,
}

/// All messages of one queue, numbered in the order of their arrival.
#[derive(Debug, Default)]
pub struct Messages {
    all: BTreeMap<u64, Message>,
    visible: BTreeSet<u64>,
    /// Those that become visible, by when.
    hidden: BTreeSet<(i64, u64)>,
    in_flight: usize,
    /// How many of each group are in flight.
    locked: HashMap<String, usize>,
    recent: HashMap<String, Recent>,
    bytes: usize,
    next: u64,
    receipts: u64,
}

impl Messages {
    /// Those of an earlier run, under the numbers that they had: receipts stay good.
    pub fn restored(messages: Vec<(u64, Message)>, next: u64) -> Self {
        let mut restored = Self::default();
        for (number, mut message) in messages {
            // The sandbox writes its new port into what it restores, also into bodies.
            message.body_md5 = super::attribute::digest_of(&message.body);
            restored.receipts = restored.receipts.max(message.receipt);
            restored.next = number;
            restored.insert(message);
        }
        restored.next = restored.next.max(next);
        restored
    }

    /// All with their numbers, in the order of their arrival.
    pub fn iter(&self) -> impl Iterator<Item = (&u64, &Message)> {
        self.all.iter()
    }

    pub fn get(&self, number: u64) -> Option<&Message> {
        self.all.get(&number)
    }

    /// Whether there is room for `bytes` more.
    pub fn has_room(&self, bytes: usize) -> bool {
        self.bytes + bytes <= MOST_BYTES
    }

    /// `(visible, in flight, delayed)`.
    pub fn counts(&self) -> (usize, usize, usize) {
        (self.visible.len(), self.in_flight, self.hidden.len() - self.in_flight)
    }

    /// When the next hidden message becomes visible.
    pub fn next_visible(&self) -> Option<i64> {
        self.hidden.first().map(|(until, _)| *until)
    }

    /// The number that the next message gets.
    pub fn next_number(&self) -> u64 {
        self.next
    }

    /// Adds a message at its [`Place`].
    pub fn insert(&mut self, message: Message) {
        let number = self.next;
        self.next += 1;
        self.bytes += message.weight();
        let place = message.place;
        self.all.insert(number, message);
        self.enter(number, place);
    }

    /// What was sent under this deduplication id in the last five minutes.
    pub fn recent(&mut self, key: &str, now: i64) -> Option<Recent> {
        self.recent.get(key).filter(|recent| recent.sent + RECENT > now).cloned()
    }

    /// Remembers a deduplication id, and forgets the old ones.
    pub fn remember(&mut self, key: String, recent: Recent) {
        // A sweep each doubling keeps the cost of one message constant.
        if self.recent.len() >= 1024 && self.recent.len().is_power_of_two() {
            self.recent.retain(|_, old| old.sent + RECENT > recent.sent);
        }
        self.recent.insert(key, recent);
    }

    /// Makes visible what was hidden until now, and drops what is older than the retention.
    pub fn settle(&mut self, now: i64, retention: i64) {
        while let Some(&(until, number)) = self.hidden.first()
            && until <= now
        {
            self.move_to(number, Place::Visible);
        }
        while let Some((&number, message)) = self.all.first_key_value()
            && message.sent + retention <= now
        {
            self.remove(number);
        }
    }

    /// Takes messages for a receiver.
    pub fn take(&mut self, now: i64, want: Take) -> Taken {
        self.settle(now, want.retention);
        let mut taken = Taken::default();
        // Groups that another receiver has messages of; those of this receive may come together.
        let locked: Option<HashMap<String, usize>> = want.fifo.then(|| self.locked.clone());
        let mut after = 0;
        while taken.given.len() < want.most {
            let Some(&number) = self.visible.range(after..).next() else { break };
            after = number + 1;
            let Some(message) = self.all.get(&number) else { continue };
            if let (Some(locked), Some(group)) = (&locked, &message.group)
                && locked.contains_key(group)
            {
                continue;
            }
            if message.sent + want.retention <= now {
                self.remove(number);
            } else if want.max_receives.is_some_and(|most| message.receives >= most) {
                taken.dead.extend(self.remove(number));
            } else if self.in_flight >= MOST_IN_FLIGHT {
                taken.over_limit = true;
                break;
            } else {
                self.receipts += 1;
                let receipt = self.receipts;
                if let Some(message) = self.all.get_mut(&number) {
                    message.receives += 1;
                    message.receipt = receipt;
                    message.first_received.get_or_insert(now);
                }
                self.move_to(number, Place::InFlight { until: now + want.visibility });
                taken.given.push(number);
            }
        }
        // Received with a visibility timeout of 0 means visible at once.
        if want.visibility == 0 {
            for &number in &taken.given {
                self.move_to(number, Place::Visible);
            }
        }
        taken
    }

    /// The message of a receipt, if this receipt is its last one.
    pub fn of_receipt(&self, number: u64, receipt: u64) -> Option<&Message> {
        self.all.get(&number).filter(|message| message.receipt == receipt)
    }

    /// Hides an in-flight message until another time.
    pub fn hide(&mut self, number: u64, until: i64, now: i64) {
        self.move_to(number, if until <= now { Place::Visible } else { Place::InFlight { until } });
    }

    pub fn remove(&mut self, number: u64) -> Option<Message> {
        let message = self.all.remove(&number)?;
        self.bytes -= message.weight();
        self.leave(number, message.place, message.group.as_deref());
        Some(message)
    }

    /// Removes all.
    pub fn clear(&mut self) {
        *self = Self {
            next: self.next,
            receipts: self.receipts,
            recent: std::mem::take(&mut self.recent),
            ..Self::default()
        };
    }

    fn move_to(&mut self, number: u64, place: Place) {
        let Some(message) = self.all.get_mut(&number) else { return };
        let before = std::mem::replace(&mut message.place, place);
        let group = message.group.clone();
        self.leave(number, before, group.as_deref());
        self.enter(number, place);
    }

    fn enter(&mut self, number: u64, place: Place) {
        match place {
            Place::Visible => {
                self.visible.insert(number);
            }
            Place::Delayed { until } => {
                self.hidden.insert((until, number));
            }
            Place::InFlight { until } => {
                self.hidden.insert((until, number));
                self.in_flight += 1;
                if let Some(group) = self.all.get(&number).and_then(|message| message.group.clone()) {
                    *self.locked.entry(group).or_default() += 1;
                }
            }
        }
    }

    fn leave(&mut self, number: u64, place: Place, group: Option<&str>) {
        match place {
            Place::Visible => {
                self.visible.remove(&number);
            }
            Place::Delayed { until } => {
                self.hidden.remove(&(until, number));
            }
            Place::InFlight { until } => {
                self.hidden.remove(&(until, number));
                self.in_flight -= 1;
                if let Some(group) = group
                    && let Some(count) = self.locked.get_mut(group)
                {
                    *count -= 1;
                    if *count == 0 {
                        self.locked.remove(group);
                    }
                }
            }
        }
    }
}
