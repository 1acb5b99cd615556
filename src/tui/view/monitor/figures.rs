//! Figures below the picture: how many rides, how fast, what they cost; and what is wrong with the feeds.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Span;

use super::{put, shown};
use crate::ride::{Counts, Fate, Feed, Leg, Mark, State, Stats, Time};
use crate::tui::app::{App, FeedState, Source, Trouble, duration};
use crate::tui::command::Command;
use crate::tui::look::Look;
use crate::tui::theme::Role;
use crate::tui::wrap::printable;

/// Draws rate and counts, and latencies and cost where there is a second row.
pub(super) fn draw(app: &App, area: Rect, screen: &mut Frame<'_>) {
    if area.height == 0 {
        return;
    }
    let look = &app.look;
    let width = usize::from(area.width);
    let picture = &app.monitor.picture;
    let stats = picture.stats.as_ref();
    let rate = stats.map_or(0.0, |stats| stats.rate);
    let mut spans = sparkline(look, &picture.history, if width < 100 { 16 } else { width / 5 });
    spans.push(look.span(Role::Strong, format!(" {rate:.1}")));
    spans.push(look.span(Role::Dim, " rides/s   "));
    spans.extend(counts(look, &picture.counts));
    put(app, area, spans, screen);
    if area.height > 1 {
        let second = Rect { y: area.y + 1, height: 1, ..area };
        let spans = stats.map(|stats| latencies(look, stats, width)).unwrap_or_default();
        put(app, second, spans, screen);
    }
}

/// How many rides in each of the last seconds, as bars.
pub(super) fn sparkline(look: &Look, history: &[u64], width: usize) -> Vec<Span<'static>> {
    const BARS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
    const ASCII: [&str; 8] = [".", ".", ":", ":", "|", "|", "#", "#"];
    let bars = if look.glyphs.ascii { ASCII } else { BARS };
    let recent = &history[history.len().saturating_sub(width)..];
    let most = recent.iter().copied().max().unwrap_or(0);
    let missing = width.saturating_sub(recent.len());
    let quiet = if look.glyphs.ascii { "_" } else { "▁" };
    let mut spans = vec![look.span(Role::Rule, quiet.repeat(missing))];
    for count in recent {
        // The least of anything is seen beside nothing.
        let level = if *count == 0 { 0 } else { 1 + usize::try_from(count * 6 / most.max(1)).unwrap_or(6) };
        let (glyph, role) = if *count == 0 { (quiet, Role::Rule) } else { (bars[level.min(7)], Role::Accent) };
        spans.push(look.span(role, glyph));
    }
    spans
}

/// What became of how many rides.
pub(super) fn counts(look: &Look, counts: &Counts) -> Vec<Span<'static>> {
    let mut spans = vec![
        look.span(Role::Strong, counts.rides.to_string()),
        look.span(Role::Dim, if counts.rides == 1 { " ride" } else { " rides" }),
    ];
    let failed = counts.of(Mark::Failed).max(counts.failed_requests);
    let all = [
        (super::mark(look, Fate::Recorded).0, counts.of(Mark::Recorded), "recorded", Role::Pass),
        (super::mark(look, Fate::Travelling).0, counts.travelling(), "on their way", Role::Blocked),
        (super::mark(look, Fate::Failed).0, failed, "failed", Role::Fail),
        (super::mark(look, Fate::Lost).0, counts.of(Mark::Lost), "lost", Role::Fail),
        ("", counts.of(Mark::Late), "late", Role::Warn),
        ("", counts.of(Mark::DeliveredTwice).max(counts.of(Mark::RecordedTwice)), "twice", Role::Warn),
        ("", counts.of(Mark::Retried), "retried", Role::Warn),
    ];
    for (glyph, count, words, role) in all.into_iter().filter(|(_, count, ..)| *count > 0) {
        let glyph = if glyph.is_empty() { String::new() } else { format!("{glyph} ") };
        spans.push(look.span(role, format!("  {glyph}{count} {words}")));
    }
    spans
}

/// Percentiles of the answer and of the whole way, and the cost.
fn latencies(look: &Look, stats: &Stats, width: usize) -> Vec<Span<'static>> {
    let mut spans = Vec::new();
    for (leg, words) in [(Leg::Answer, "answered in"), (Leg::Whole, "recorded after")] {
        let Some(latency) = stats.latencies.iter().find(|latency| latency.leg == leg) else { continue };
        let micros = |value: u64| duration(i64::try_from(value).unwrap_or(i64::MAX));
        spans.push(look.span(Role::Dim, format!("{words} ")));
        spans.push(look.span(Role::Strong, micros(latency.p50)));
        spans.push(look.span(Role::Dim, format!("  p95 {}  ", micros(latency.p95))));
        if width >= 110 {
            spans.push(look.span(Role::Dim, format!("p99 {}  ", micros(latency.p99))));
        }
        spans.push(look.span(Role::Rule, format!("{} ", look.glyphs.vertical)));
    }
    if let Some(million) = stats.cost.per_ride.map(|ride| ride * 1e6).filter(|cost| *cost > 0.0) {
        spans.push(look.span(Role::Strong, format!("${million:.2}")));
        let date = &stats.cost.prices.date;
        let words = if width >= 110 { " a million rides on AWS, prices of " } else { "/million, prices of " };
        spans.push(look.span(Role::Dim, format!("{words}{date}")));
    }
    spans
}

/// One line for each feed in trouble, and one for all that is missing.
pub(super) fn troubles(app: &App, area: Rect, screen: &mut Frame<'_>) {
    let look = &app.look;
    for (row, trouble) in (0..area.height).zip(app.monitor_troubles()) {
        let spans = match trouble {
            Trouble::Feed(state) => {
                let (glyph, role, words) = state_words(look, &state, app.monitor.picture.now);
                let more = match &state.health.state {
                    State::Denied { reason, .. } | State::Failing { reason, .. } => format!(": {reason}"),
                    _ => String::new(),
                };
                vec![
                    look.span(role, format!("{glyph} ")),
                    look.span(Role::Text, feed_name(state.feed)),
                    look.span(role, format!(" {}", shown(app, &printable(&words)))),
                    look.span(Role::Dim, shown(app, &printable(&more))),
                ]
            }
            Trouble::Missing(missing) => {
                let all = missing.iter().map(|missing| match &missing.task {
                    Some(task) => format!("{} ({task})", missing.what),
                    None => missing.what.clone(),
                });
                let all: Vec<String> = all.collect();
                let key = app.keymap.label(Command::DeployAll);
                let offers = app.monitor.picture.topology.ride_url.is_none() && app.monitor.source == Source::None;
                let offer = if offers { format!("  {key} deploys all") } else { String::new() };
                vec![
                    look.span(Role::Warn, "not there yet  "),
                    look.span(Role::Text, printable(&all.join(", "))),
                    look.span(Role::Dim, offer),
                ]
            }
        };
        put(app, Rect { y: area.y + row, height: 1, ..area }, spans, screen);
    }
}

/// `topic`.
pub(super) fn feed_name(feed: Feed) -> &'static str {
    match feed {
        Feed::Discovery => "stacks",
        Feed::Requests => "requests",
        Feed::Topic => "topic",
        Feed::Logs => "logs",
        Feed::Table => "table",
    }
}

/// A mark, and the state in a few words.
pub(super) fn state_words(look: &Look, state: &FeedState, now: Time) -> (&'static str, Role, String) {
    let pick = |unicode, ascii| if look.glyphs.ascii { ascii } else { unicode };
    let again = |until: Time| match until.since(now) {
        left if left > 0 => format!(", again in {} s", (left + 999_999) / 1_000_000),
        _ => ", trying again".to_owned(),
    };
    match &state.health.state {
        State::Starting => (pick("◌", "o"), Role::Dim, "starting".to_owned()),
        State::Waiting { for_what } => (pick("◌", "o"), Role::Dim, format!("waits for {for_what}")),
        State::Live => (pick("●", "*"), Role::Pass, "live".to_owned()),
        State::CatchingUp => (pick("◐", "o"), Role::Warn, "catching up".to_owned()),
        State::Throttled { until } => (pick("◑", "~"), Role::Warn, format!("throttled{}", again(*until))),
        State::Denied { permission, .. } => (pick("✗", "x"), Role::Fail, format!("denied {permission}")),
        State::Failing { until, .. } => (pick("✗", "x"), Role::Fail, format!("failing{}", again(*until))),
        State::Gone { reason } => (pick("✗", "x"), Role::Fail, format!("gone: {reason}")),
        State::Off { reason } => (pick("○", "-"), Role::Dim, format!("off: {reason}")),
    }
}
