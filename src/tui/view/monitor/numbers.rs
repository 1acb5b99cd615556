//! Latencies of every part of the way, how they are spread, errors, and what rides cost.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Span;

use super::{put, shown};
use crate::ride::Stats;
use crate::tui::app::{App, duration};
use crate::tui::look::Look;
use crate::tui::theme::Role;
use crate::tui::wrap::printable;

/// Draws all numbers that there is room for.
pub(super) fn draw(app: &App, area: Rect, screen: &mut Frame<'_>) {
    let picture = &app.monitor.picture;
    let Some(stats) = picture.stats.as_ref().filter(|stats| !stats.latencies.is_empty() || !stats.errors.is_empty())
    else {
        put(app, area, vec![app.look.span(Role::Dim, "No ride has ended yet.")], screen);
        return;
    };
    let look = &app.look;
    let mut lines = table(look, stats);
    lines.extend(errors(app, stats));
    lines.extend(cost(look, stats));
    let bars = spread(look, &picture.spread, usize::from(area.width));
    if usize::from(area.width) >= 78 {
        // Bars beside the table.
        let half = Rect { width: 46, ..area };
        let right = Rect { x: area.x + 48, width: area.width - 48, ..area };
        column(app, half, lines, screen);
        column(app, right, spread(look, &picture.spread, usize::from(right.width)), screen);
        return;
    }
    lines.push(Vec::new());
    lines.extend(bars);
    let first = app.monitor.scroll[1].min(lines.len().saturating_sub(1));
    column(app, area, lines.split_off(first), screen);
}

fn column(app: &App, area: Rect, lines: Vec<Vec<Span<'static>>>, screen: &mut Frame<'_>) {
    for (row, spans) in (0..area.height).zip(lines) {
        put(app, Rect { y: area.y + row, height: 1, ..area }, spans, screen);
    }
}

fn micros(value: u64) -> String {
    duration(i64::try_from(value).unwrap_or(i64::MAX))
}

fn table(look: &Look, stats: &Stats) -> Vec<Vec<Span<'static>>> {
    let head = format!("{:<8}{:>9}{:>9}{:>9}{:>9}", "", "p50", "p95", "p99", "slowest");
    let mut lines = vec![vec![look.span(Role::Dim, head)]];
    for latency in &stats.latencies {
        lines.push(vec![
            look.span(Role::Text, format!("{:<8}", latency.leg.name())),
            look.span(Role::Strong, format!("{:>9}", micros(latency.p50))),
            look.span(Role::Text, format!("{:>9}{:>9}", micros(latency.p95), micros(latency.p99))),
            look.span(Role::Dim, format!("{:>9}", micros(latency.max))),
        ]);
    }
    lines
}

fn errors(app: &App, stats: &Stats) -> Vec<Vec<Span<'static>>> {
    let row = |(class, count): &(std::sync::Arc<str>, u64)| {
        vec![
            app.look.span(Role::Fail, format!("{count:>4} {} ", if app.look.glyphs.ascii { "x" } else { "×" })),
            app.look.span(Role::Text, shown(app, &printable(class))),
        ]
    };
    stats.errors.iter().take(3).map(row).collect()
}

fn cost(look: &Look, stats: &Stats) -> Vec<Vec<Span<'static>>> {
    let Some(million) = stats.cost.per_ride.map(|ride| ride * 1e6).filter(|cost| *cost > 0.0) else {
        return Vec::new();
    };
    let total = stats.cost.total().max(f64::MIN_POSITIVE);
    let parts = [
        ("API Gateway", stats.cost.api_gateway),
        ("Lambda", stats.cost.lambda),
        ("SNS", stats.cost.sns),
        ("DynamoDB", stats.cost.dynamodb),
    ];
    let words = parts.into_iter().filter(|(_, cost)| *cost > 0.0);
    let words: Vec<String> = words.map(|(name, cost)| format!("{name} ${:.2}", million * cost / total)).collect();
    let mut lines = vec![
        vec![
            look.span(Role::Strong, format!("${million:.2}")),
            look.span(Role::Dim, format!(" a million rides, AWS prices of {}", stats.cost.prices.date)),
        ],
        vec![look.span(Role::Dim, words.join("  "))],
    ];
    if stats.cost.without_logs {
        lines.push(vec![look.span(Role::Dim, "without the time of functions: their logs are not read")]);
    }
    lines
}

/// How many rides took how long, as bars.
fn spread(look: &Look, spread: &[(u64, u64)], width: usize) -> Vec<Vec<Span<'static>>> {
    let most = spread.iter().map(|(_, count)| *count).max().unwrap_or(0).max(1);
    let room = u64::try_from(width.saturating_sub(22)).unwrap_or(0);
    let full = if look.glyphs.ascii { "#" } else { "█" };
    let row = |(bound, count): &(u64, u64)| {
        let cells = usize::try_from(count.saturating_mul(room).div_ceil(most)).unwrap_or(0);
        let bound = if *bound == u64::MAX { "more".to_owned() } else { format!("to {}", round(*bound)) };
        vec![
            look.span(Role::Dim, format!("{bound:>10} ")),
            look.span(Role::Accent, full.repeat(cells)),
            look.span(Role::Dim, if *count > 0 { format!(" {count}") } else { String::new() }),
        ]
    };
    spread.iter().map(row).collect()
}

/// A round duration.
fn round(micros: u64) -> String {
    match micros {
        0..1_000_000 => format!("{} ms", micros / 1000),
        _ => format!("{} s", micros / 1_000_000),
    }
}
