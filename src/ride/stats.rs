//! Statistics of a run: rides a second, latencies of the legs of a ride, errors by class, cost.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use hdrhistogram::Histogram;
use serde_json::{Value, json};

use super::cost::{Cost, Units};
use super::event::Time;
use super::mark::{Counts, Mark};
use super::row::{Hop, Hops, Path};

const SECOND: i64 = 1_000_000;
/// Seconds of history that are kept.
const HISTORY: usize = 600;
/// Seconds over which the rate is taken.
const RATE: i64 = 10;
/// Longest latency that is told apart, in microseconds: an hour.
const LONGEST: u64 = 3_600_000_000;

/// A part of a ride's way that takes time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Leg {
    /// From the request to the answer.
    Answer,
    /// From the request until it is published.
    Publish,
    /// From there (on the synchronous path: from the request) until the function that records starts.
    Deliver,
    /// From there until the record is written.
    Record,
    /// From the request until the record is written.
    Whole,
}

impl Leg {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Answer, Self::Publish, Self::Deliver, Self::Record, Self::Whole];

    /// `answer`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Answer => "answer",
            Self::Publish => "publish",
            Self::Deliver => "deliver",
            Self::Record => "record",
            Self::Whole => "whole",
        }
    }

    fn of(self, hops: &Hops, path: Path) -> Option<i64> {
        match self {
            Self::Answer => hops.between(Hop::Requested, Hop::Answered),
            Self::Publish => hops.between(Hop::Requested, Hop::Published),
            Self::Deliver if path == Path::EventDriven => hops.between(Hop::Published, Hop::Delivered),
            Self::Deliver => hops.between(Hop::Requested, Hop::Delivered),
            Self::Record => hops.between(Hop::Delivered, Hop::Recorded),
            Self::Whole => hops.between(Hop::Requested, Hop::Recorded),
        }
    }
}

/// Latencies of one leg, in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Latency {
    /// Which leg.
    pub leg: Leg,
    /// How many rides were measured.
    pub count: u64,
    /// Half of the rides took at most this long.
    pub p50: u64,
    /// 95 of 100.
    pub p95: u64,
    /// 99 of 100.
    pub p99: u64,
    /// The slowest one.
    pub max: u64,
}

/// The statistics of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Stats {
    /// Rides a second, over the last ten seconds.
    pub rate: f64,
    /// Latencies of the legs that any ride took; of rides that ended.
    pub latencies: Vec<Latency>,
    /// Classes of errors and how often each occurred, most frequent first.
    pub errors: Vec<(Arc<str>, u64)>,
    /// What it cost.
    pub cost: Cost,
}

/// What statistics are made from.
#[derive(Debug, Default)]
pub(super) struct Tallies {
    pub(super) units: Units,
    legs: BTreeMap<Leg, Histogram<u64>>,
    errors: BTreeMap<Arc<str>, u64>,
    /// Rides first seen in a second, oldest first.
    seconds: VecDeque<(i64, u64)>,
}

impl Tallies {
    /// A ride was seen for the first time.
    pub(super) fn first_seen(&mut self, seen: Time) {
        let second = seen.0.div_euclid(SECOND);
        let place = self.seconds.partition_point(|(known, _)| *known < second);
        match self.seconds.get_mut(place) {
            Some((known, count)) if *known == second => *count += 1,
            _ => self.seconds.insert(place, (second, 1)),
        }
        if self.seconds.len() > HISTORY {
            self.seconds.pop_front();
        }
    }

    /// A ride ended: what its legs took.
    pub(super) fn measure(&mut self, hops: &Hops, path: Path) {
        for leg in Leg::ALL {
            let Some(took) = leg.of(hops, path) else { continue };
            if !self.legs.contains_key(&leg)
                && let Ok(histogram) = Histogram::new_with_bounds(1, LONGEST, 3)
            {
                self.legs.insert(leg, histogram);
            }
            if let Some(histogram) = self.legs.get_mut(&leg) {
                histogram.saturating_record(u64::try_from(took).unwrap_or_default().max(1));
            }
        }
    }

    /// What a leg took, as far as any ride was measured.
    pub(super) fn histogram(&self, leg: Leg) -> Option<&Histogram<u64>> {
        self.legs.get(&leg)
    }

    /// Something failed.
    pub(super) fn failed(&mut self, class: Arc<str>) {
        *self.errors.entry(class).or_default() += 1;
    }

    /// Rides first seen in each of the last seconds, the current one last.
    pub(super) fn history(&self, now: Time, seconds: usize) -> Vec<u64> {
        let last = now.0.div_euclid(SECOND);
        let mut history = vec![0; seconds];
        for (second, count) in self.seconds.iter().rev() {
            let back = usize::try_from(last.saturating_sub(*second)).unwrap_or(0);
            if back >= seconds {
                break;
            }
            if let Some(slot) = history.get_mut(seconds - 1 - back) {
                *slot += count;
            }
        }
        history
    }

    pub(super) fn stats(&self, now: Time, counts: &Counts) -> Stats {
        let last = now.0.div_euclid(SECOND);
        let recent = self.seconds.iter().rev().take_while(|(second, _)| last.saturating_sub(*second) < RATE);
        let (rides, since) =
            recent.fold((0, last), |(rides, since), (second, count)| (rides + count, since.min(*second)));
        // A run that has just begun is not measured by seconds before it.
        let began = self.seconds.front().map_or(last, |(second, _)| *second);
        let span = if last.saturating_sub(began) < RATE { last.saturating_sub(since) + 1 } else { RATE };
        #[expect(clippy::cast_precision_loss, reason = "counts of a few seconds")]
        let rate = rides as f64 / span.max(1) as f64;
        let latencies = self.legs.iter().map(|(leg, histogram)| Latency {
            leg: *leg,
            count: histogram.len(),
            p50: histogram.value_at_quantile(0.5),
            p95: histogram.value_at_quantile(0.95),
            p99: histogram.value_at_quantile(0.99),
            max: histogram.max(),
        });
        let mut errors: Vec<_> = self.errors.iter().map(|(class, count)| (Arc::clone(class), *count)).collect();
        errors.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
        Stats { rate, latencies: latencies.collect(), errors, cost: Cost::of(&self.units, counts.rides) }
    }
}

impl Stats {
    /// As JSON, with the counts: latencies in microseconds, money in US dollars.
    pub fn json(&self, counts: &Counts) -> Value {
        let latencies: serde_json::Map<String, Value> = self
            .latencies
            .iter()
            .map(|latency| {
                let Latency { leg, count, p50, p95, p99, max } = *latency;
                (leg.name().to_owned(), json!({"count": count, "p50": p50, "p95": p95, "p99": p99, "max": max}))
            })
            .collect();
        let marks: serde_json::Map<String, Value> =
            Mark::ALL.into_iter().map(|mark| (mark.name().to_owned(), json!(counts.of(mark)))).collect();
        let errors: serde_json::Map<String, Value> =
            self.errors.iter().map(|(class, count)| (class.to_string(), json!(count))).collect();
        let cost = &self.cost;
        json!({
            "v": super::line::VERSION, "type": "summary", "rides": counts.rides, "travelling": counts.travelling(), "marks": marks,
            "events": counts.events, "requests": counts.requests, "failed_requests": counts.failed_requests,
            "without_ride": counts.without_ride, "dropped": counts.dropped, "latency_us": latencies, "errors": errors,
            "cost_usd": {
                "total": cost.total(), "per_ride": cost.per_ride, "per_million_rides": cost.per_ride.map(|one| one * 1e6),
                "api_gateway": cost.api_gateway, "lambda": cost.lambda, "sns": cost.sns, "dynamodb": cost.dynamodb,
                "without_logs": cost.without_logs, "prices_of": cost.prices.date, "region": cost.prices.region,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_of_the_last_ten_seconds_and_of_less_at_the_start() {
        let mut tallies = Tallies::default();
        let rate = |tallies: &Tallies, now| tallies.stats(Time(now), &Counts::default()).rate;
        assert_eq!(rate(&tallies, 5 * SECOND), 0.0);
        (0..6).for_each(|n| tallies.first_seen(Time(100 * SECOND + n)));
        assert_eq!(rate(&tallies, 100 * SECOND), 6.0);
        assert_eq!(rate(&tallies, 102 * SECOND), 2.0);
        assert_eq!(rate(&tallies, 130 * SECOND), 0.0);
        tallies.first_seen(Time(130 * SECOND));
        assert_eq!(rate(&tallies, 130 * SECOND), 0.1);
        assert_eq!(tallies.history(Time(130 * SECOND), 3), [0, 0, 1]);
        assert_eq!(tallies.history(Time(101 * SECOND), 2), [6, 1]);
    }

    #[test]
    fn history_is_bounded_whatever_the_times_say() {
        let mut tallies = Tallies::default();
        (0..5000).for_each(|n| tallies.first_seen(Time(n * SECOND * 1000)));
        [i64::MIN, i64::MAX].into_iter().for_each(|at| tallies.first_seen(Time(at)));
        assert!(tallies.seconds.len() <= HISTORY);
        let _ = (tallies.history(Time(i64::MIN), 10), tallies.stats(Time(i64::MAX), &Counts::default()));
    }

    #[test]
    fn legs_are_measured_by_path() {
        let at = |n: i64| Some(Time(n));
        let hops = Hops { requested: at(0), answered: at(10), published: at(8), delivered: at(12), recorded: at(20) };
        let mut tallies = Tallies::default();
        tallies.measure(&hops, Path::EventDriven);
        let stats = tallies.stats(Time(0), &Counts::default());
        let p50: Vec<u64> = stats.latencies.iter().map(|latency| latency.p50).collect();
        assert_eq!(p50, [10, 8, 4, 8, 20]);
    }
}
