//! What can be said of a ride with yes or no, and how many rides it is true of.

/// Something that is true of a ride or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Mark {
    /// It is known when it was requested.
    Requested,
    /// It was answered.
    Answered,
    /// It was published to the topic.
    Published,
    /// The function that records rides was given it.
    Delivered,
    /// Its record is in the table.
    Recorded,
    /// The function that answers failed, and there is no record.
    Failed,
    /// It was answered or published and not recorded within the deadline.
    Lost,
    /// It was recorded, but after the deadline.
    Late,
    /// It was published twice, or given to the same function twice.
    DeliveredTwice,
    /// Its record was written twice.
    RecordedTwice,
    /// An invocation of it was retried.
    Retried,
    /// It is recorded by HTTP, before the answer.
    Synchronous,
    /// It is recorded through the topic.
    EventDriven,
    /// Only one feed has told of it.
    OneFeed,
}

impl Mark {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::Requested,
        Self::Answered,
        Self::Published,
        Self::Delivered,
        Self::Recorded,
        Self::Failed,
        Self::Lost,
        Self::Late,
        Self::DeliveredTwice,
        Self::RecordedTwice,
        Self::Retried,
        Self::Synchronous,
        Self::EventDriven,
        Self::OneFeed,
    ];

    /// `delivered_twice`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Answered => "answered",
            Self::Published => "published",
            Self::Delivered => "delivered",
            Self::Recorded => "recorded",
            Self::Failed => "failed",
            Self::Lost => "lost",
            Self::Late => "late",
            Self::DeliveredTwice => "delivered_twice",
            Self::RecordedTwice => "recorded_twice",
            Self::Retried => "retried",
            Self::Synchronous => "synchronous",
            Self::EventDriven => "event_driven",
            Self::OneFeed => "one_feed",
        }
    }
}

/// The marks of a ride.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marks(u16);

impl Marks {
    pub(super) fn set(&mut self, mark: Mark, to: bool) {
        let bit = 1 << mark as u8;
        if to { self.0 |= bit } else { self.0 &= !bit }
    }

    /// Whether it has this mark.
    pub fn has(self, mark: Mark) -> bool {
        self.0 & (1 << mark as u8) != 0
    }

    /// Those that it has.
    pub fn iter(self) -> impl Iterator<Item = Mark> {
        Mark::ALL.into_iter().filter(move |mark| self.has(*mark))
    }
}

/// What was counted in the whole run: exact, also of rides that are no longer remembered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Events taken.
    pub events: u64,
    /// Rides seen.
    pub rides: u64,
    /// Rides requested by this program.
    pub requests: u64,
    /// Of these, how many were not answered with a ride.
    pub failed_requests: u64,
    /// Messages and items without a ride in them, and answers with a body that holds none.
    pub without_ride: u64,
    /// Rides that are no longer remembered, to bound the memory.
    pub dropped: u64,
    /// Of these, how many were still on their way: what became of them is not counted.
    pub dropped_travelling: u64,
    /// Events of rides that are no longer remembered.
    pub strays: u64,
    marks: [u64; Mark::ALL.len()],
}

impl Counts {
    /// How many rides have this mark.
    pub fn of(&self, mark: Mark) -> u64 {
        self.marks.get(mark as usize).copied().unwrap_or_default()
    }

    /// Rides that are neither recorded nor failed nor lost.
    pub fn travelling(&self) -> u64 {
        let done = self.of(Mark::Recorded) + self.of(Mark::Failed) + self.of(Mark::Lost);
        self.rides.saturating_sub(done)
    }

    pub(super) fn change(&mut self, before: Marks, after: Marks) {
        let changed = before.0 ^ after.0;
        if changed == 0 {
            return;
        }
        for mark in Mark::ALL {
            if changed & (1 << mark as u8) != 0
                && let Some(count) = self.marks.get_mut(mark as usize)
            {
                *count = if after.has(mark) { *count + 1 } else { count.saturating_sub(1) };
            }
        }
    }
}
