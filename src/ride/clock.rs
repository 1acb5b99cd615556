//! Whose clock tells a time, and how far the clocks stand apart, as far as cause and effect bound it.
//!
//! Nothing is seen here before it happened there, and nothing happens to a ride before it was requested. Both bound what must be added to a
//! source's times to get this machine's; within the bounds the smallest correction is taken, which is none for clocks that agree.

use super::event::Time;

/// A log line's time is cut to milliseconds: it may have been up to this many microseconds later.
const CUT: i64 = 999;
/// A time that is further off than this is a mistake in the data, not a clock that is wrong.
const BELIEVABLE: u64 = 24 * 3600 * 1_000_000;

/// Whose clock tells a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// This machine's.
    Local,
    /// Lambda's and API Gateway's, in log lines.
    Logs,
    /// The topic's, in its messages.
    Topic,
    /// The table's, in its stream.
    Table,
}

impl Source {
    /// Those that are not this machine.
    pub const REMOTE: [Self; 3] = [Self::Logs, Self::Topic, Self::Table];

    fn index(self) -> Option<usize> {
        match self {
            Self::Local => None,
            Self::Logs => Some(0),
            Self::Topic => Some(1),
            Self::Table => Some(2),
        }
    }
}

/// A time and whose clock told it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// As the source told it.
    pub at: Time,
    /// Which source.
    pub source: Source,
}

/// The least and the most that must be added to a source's times, in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Bound {
    least: i64,
    most: i64,
}

impl Bound {
    const NONE: Self = Self { least: i64::MIN, most: i64::MAX };

    fn narrow(&mut self, other: Self) {
        self.least = self.least.max(other.least);
        self.most = self.most.min(other.most);
    }

    fn is_empty(self) -> bool {
        self.least > self.most
    }

    /// The smallest correction. Of bounds that contradict each other, as when a clock was set meanwhile, the one that keeps things from being
    /// seen before they happen.
    fn smallest(self) -> i64 {
        if self.is_empty() { self.most } else { 0.clamp(self.least, self.most) }
    }
}

/// What is known of the clocks: by one ride, or by all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clocks([Bound; 3]);

impl Default for Clocks {
    fn default() -> Self {
        Self([Bound::NONE; 3])
    }
}

impl Clocks {
    /// Something that happened at `at` by the clock of the source was seen here at `seen`.
    pub(super) fn seen(&mut self, source: Source, at: Time, seen: Time) {
        let most = seen.since(at);
        if let Some(bound) = source.index().and_then(|index| self.0.get_mut(index))
            && most.unsigned_abs() < BELIEVABLE
        {
            bound.narrow(Bound { least: i64::MIN, most });
        }
    }

    /// Something that happened at `at` by the clock of the source was caused by what happened here at `cause`.
    pub(super) fn caused(&mut self, source: Source, at: Time, cause: Time) {
        let least = cause.since(at).saturating_sub(CUT);
        if let Some(bound) = source.index().and_then(|index| self.0.get_mut(index))
            && least.unsigned_abs() < BELIEVABLE
        {
            bound.narrow(Bound { least, most: i64::MAX });
        }
    }

    /// Takes what causes bound from the other, in place of what they did.
    pub(super) fn causes(&mut self, other: &Self) {
        self.0.iter_mut().zip(other.0).for_each(|(bound, other)| bound.least = other.least);
    }

    /// Takes in what the other knows.
    pub(super) fn learn(&mut self, other: &Self) {
        self.0.iter_mut().zip(other.0).for_each(|(bound, other)| bound.narrow(other));
    }

    /// What one ride knows, and what all rides know, as long as that does not contradict itself or the ride: a clock that was set or that
    /// runs at another speed tells nothing about other rides.
    pub(super) fn within(mut self, all: &Self) -> Self {
        for (bound, all) in self.0.iter_mut().zip(all.0) {
            let mut both = *bound;
            both.narrow(all);
            if !all.is_empty() && !both.is_empty() {
                *bound = both;
            }
        }
        self
    }

    /// Microseconds that are added to times of the source: above zero if its clock is behind this machine's. Zero for clocks that may agree.
    pub fn correction(&self, source: Source) -> i64 {
        source.index().and_then(|index| self.0.get(index)).map_or(0, |bound| bound.smallest())
    }

    /// The time by this machine's clock.
    pub(super) fn local(&self, stamp: Stamp) -> Time {
        Time(stamp.at.0.saturating_add(self.correction(stamp.source)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000;

    #[test]
    fn clocks_that_may_agree_are_not_corrected() {
        let mut clocks = Clocks::default();
        clocks.seen(Source::Logs, Time(10 * SECOND), Time(10 * SECOND + 300));
        clocks.caused(Source::Logs, Time(10 * SECOND), Time(10 * SECOND + 900));
        assert_eq!(clocks.correction(Source::Logs), 0);
        assert_eq!(clocks.correction(Source::Local), 0);
    }

    #[test]
    fn a_clock_ahead_is_bounded_by_what_was_seen_and_one_behind_by_what_caused_it() {
        let mut clocks = Clocks::default();
        clocks.seen(Source::Topic, Time(70 * SECOND), Time(10 * SECOND));
        assert_eq!(clocks.correction(Source::Topic), -60 * SECOND);
        clocks.caused(Source::Table, Time(10 * SECOND), Time(70 * SECOND));
        assert_eq!(clocks.correction(Source::Table), 60 * SECOND - CUT);
    }

    #[test]
    fn nonsense_does_not_move_a_clock() {
        let mut clocks = Clocks::default();
        clocks.seen(Source::Topic, Time(i64::MAX), Time(0));
        clocks.caused(Source::Topic, Time(i64::MIN), Time(0));
        // Found by fuzzing: the distance of these has no opposite.
        clocks.seen(Source::Logs, Time(i64::MAX), Time(i64::MIN));
        clocks.caused(Source::Logs, Time(i64::MAX), Time(i64::MIN));
        assert_eq!(clocks, Clocks::default());
    }

    #[test]
    fn what_all_rides_know_counts_unless_it_contradicts_itself() {
        let mut ride = Clocks::default();
        ride.seen(Source::Logs, Time(0), Time(SECOND));
        let mut all = Clocks::default();
        all.caused(Source::Logs, Time(0), Time(SECOND / 2));
        assert_eq!(ride.within(&all).correction(Source::Logs), SECOND / 2 - CUT);
        all.seen(Source::Logs, Time(9 * SECOND), Time(0));
        assert_eq!(ride.within(&all).correction(Source::Logs), 0);
    }
}
