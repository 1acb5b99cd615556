//! Rides, health and statistics in words.

use chrono::{DateTime, Local};

use crate::ride::{Clocks, Counts, Fate, Feed, Health, Hop, Hops, Latency, Mark, Path, Ride, Stats, Time};

/// `06:55:55.915`.
fn clock(time: Time) -> String {
    let time = DateTime::from_timestamp_micros(time.0).unwrap_or_default().with_timezone(&Local);
    time.format("%H:%M:%S%.3f").to_string()
}

/// `54 ms`, `3.2 s`, `2 min`.
fn took(micros: i64) -> String {
    let micros = micros.max(0);
    match micros {
        0..10_000 => format!("{}.{} ms", micros / 1000, micros % 1000 / 100),
        10_000..1_000_000 => format!("{} ms", micros / 1000),
        1_000_000..120_000_000 => format!("{}.{} s", micros / 1_000_000, micros % 1_000_000 / 100_000),
        _ => format!("{} min", micros / 60_000_000),
    }
}

/// Text of others as one line that moves no cursor.
fn plain(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

/// A line about a ride that ended.
pub(super) fn ride(ride: &Ride, clocks: &Clocks) -> String {
    let hops = ride.hops(clocks);
    let first = Hop::ALL.into_iter().filter_map(|hop| hops.at(hop)).min().unwrap_or(ride.sightings().0);
    let unicorn = match ride.unicorn() {
        Some(unicorn) => plain(&format!("{} ({})", unicorn.name, unicorn.color.to_lowercase())),
        None => "unknown unicorn".to_owned(),
    };
    let mark = if ride.fate() == Fate::Recorded { "\x1b[32m✓\x1b[0m" } else { "\x1b[31m✗\x1b[0m" };
    let mut line = format!("{} {mark} {} {unicorn}: {}", clock(first), plain(ride.id().as_str()), way(ride, &hops));
    let remarks = [
        (Mark::Late, "late".to_owned()),
        (Mark::Retried, format!("{} retried", ride.retries())),
        (Mark::DeliveredTwice, format!("delivered {} times", ride.deliveries())),
        (Mark::RecordedTwice, format!("recorded {} times", ride.records())),
    ];
    let remarks: Vec<String> =
        remarks.into_iter().filter(|(mark, _)| ride.has(*mark)).map(|(_, words)| words).collect();
    if !remarks.is_empty() {
        line.push_str(&format!(" \x1b[33m({})\x1b[0m", remarks.join(", ")));
    }
    line
}

fn way(ride: &Ride, hops: &Hops) -> String {
    let after = |from, hop, words: &str| hops.between(from, hop).map(|micros| format!("{words} {}", took(micros)));
    let steps = [
        after(Hop::Requested, Hop::Answered, "answered in"),
        after(Hop::Requested, Hop::Published, "published after"),
        after(Hop::Requested, Hop::Recorded, "recorded after")
            .or_else(|| after(Hop::Published, Hop::Recorded, "recorded, from the topic, in"))
            .or_else(|| ride.has(Mark::Recorded).then(|| "recorded".to_owned())),
    ];
    let steps = steps.into_iter().flatten().collect::<Vec<_>>().join(", ");
    let path = match ride.path() {
        Path::Unknown => "",
        Path::Synchronous => " by HTTP",
        Path::EventDriven => " through the topic",
    };
    match ride.fate() {
        Fate::Recorded => format!("{steps}{path}"),
        Fate::Failed => format!("failed: {}", plain(ride.error().unwrap_or("cut off before an answer"))),
        Fate::Lost if steps.is_empty() => "lost: no record in time".to_owned(),
        Fate::Lost => format!("lost: {steps}, no record in time"),
        Fate::Travelling => format!("on its way: {steps}"),
    }
}

/// A line about a request that was not answered with a ride.
pub(super) fn refused(error: &str, seen: Time) -> String {
    format!("{} \x1b[31m✗\x1b[0m no ride: {}", clock(seen), plain(error))
}

/// A line about a feed whose state changed.
pub(super) fn health(feed: Feed, health: &Health) -> String {
    let note = health.note.as_ref().map(|note| format!(" ({note})")).unwrap_or_default();
    plain(&format!("{}: {}{note}", feed.name(), health.state))
}

/// What there is to say at the end.
pub(super) fn summary(stats: &Stats, counts: &Counts) -> String {
    let mut lines = vec![format!(
        "{} {}: {} recorded, {} failed, {} lost, {} on their way.",
        counts.rides,
        if counts.rides == 1 { "ride" } else { "rides" },
        counts.of(Mark::Recorded),
        counts.of(Mark::Failed),
        counts.of(Mark::Lost),
        counts.travelling()
    )];
    let remarkable = [Mark::Late, Mark::Retried, Mark::DeliveredTwice, Mark::RecordedTwice];
    let remarkable: Vec<String> = remarkable
        .into_iter()
        .filter(|mark| counts.of(*mark) > 0)
        .map(|mark| format!("{} {}", counts.of(mark), mark.name().replace('_', " ")))
        .collect();
    if !remarkable.is_empty() {
        lines.push(format!("Of these {}.", remarkable.join(", ")));
    }
    if counts.failed_requests > 0 {
        lines
            .push(format!("{} of {} requests were not answered with a ride.", counts.failed_requests, counts.requests));
    }
    for Latency { leg, p50, p95, p99, .. } in &stats.latencies {
        let [p50, p95, p99] = [p50, p95, p99].map(|micros| took(i64::try_from(*micros).unwrap_or(i64::MAX)));
        lines.push(format!("{:<8} p50 {p50}, p95 {p95}, p99 {p99}", leg.name()));
    }
    lines.extend(stats.errors.iter().map(|(class, count)| format!("\x1b[31m✗\x1b[0m {count} × {}", plain(class))));
    let cost = &stats.cost;
    if let Some(one) = cost.per_ride.filter(|one| *one > 0.0) {
        let without = if cost.without_logs { "; without functions, whose logs were not seen" } else { "" };
        lines.push(format!(
            "On AWS a million such rides cost ${:.2} (list prices of {}, {}{without}).",
            one * 1e6,
            cost.prices.date,
            cost.prices.region
        ));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units_that_fit() {
        let cases = [
            (-5, "0.0 ms"),
            (1_234, "1.2 ms"),
            (54_321, "54 ms"),
            (3_210_000, "3.2 s"),
            (119_900_000, "119.9 s"),
            (150_000_000, "2 min"),
        ];
        cases.into_iter().for_each(|(micros, words)| assert_eq!(took(micros), words));
    }

    #[test]
    fn text_of_others_moves_no_cursor() {
        assert_eq!(plain("a\u{1b}[2Jb\nc"), "a [2Jb c");
    }
}
