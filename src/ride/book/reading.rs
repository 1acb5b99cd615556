//! Reading a part of the book, for those who show a few of many rides.

use std::ops::RangeBounds;

use super::Book;
use crate::ride::{Leg, Ride};

/// Bounds of the spread, in microseconds: each two and a half times the one before, about.
const BOUNDS: [u64; 15] = [
    1_000,
    2_000,
    5_000,
    10_000,
    20_000,
    50_000,
    100_000,
    200_000,
    500_000,
    1_000_000,
    2_000_000,
    5_000_000,
    10_000_000,
    60_000_000,
    u64::MAX,
];

impl Book {
    /// The rides whose numbers are in `numbers`, in order; those that were dropped are passed over.
    pub fn range(&self, numbers: impl RangeBounds<u64>) -> impl DoubleEndedIterator<Item = &Ride> {
        self.rides.range(numbers).map(|(_, ride)| &**ride)
    }

    /// How many rides took how long on a leg: upper bounds in microseconds, and the rides up to each and above the one before. Empty
    /// without any ride; shares at both ends that hold none are left out.
    pub fn spread(&self, leg: Leg) -> Vec<(u64, u64)> {
        let Some(histogram) = self.tallies.histogram(leg) else { return Vec::new() };
        let mut spread = Vec::new();
        let mut from = 0;
        for bound in BOUNDS {
            let most = bound.min(histogram.high());
            spread.push((bound, if from <= most { histogram.count_between(from, most) } else { 0 }));
            from = bound.saturating_add(1);
        }
        let end = spread.iter().rposition(|(_, count)| *count > 0).map_or(0, |last| last + 1);
        spread.truncate(end);
        let start = spread.iter().position(|(_, count)| *count > 0).unwrap_or(0);
        spread.split_off(start)
    }
}
