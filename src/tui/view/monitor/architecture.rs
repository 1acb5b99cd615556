//! The architecture as it is deployed, with rides on their way.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::Span;
use ratatui::widgets::{Block, Widget};

use super::figures::state_words;
use super::map::{Kind, Map, Node, Way};
use super::{put, tint};
use crate::ride::{Edge, Feed, Latency, Leg, Mark};
use crate::tui::app::{App, FRAMES, FeedState, Moving, duration};
use crate::tui::theme::Role;
use crate::tui::wrap::cut;

/// Draws nodes, edges, and what moves along them.
pub(super) fn draw(app: &App, area: Rect, boxed: bool, screen: &mut Frame<'_>) {
    if area.height == 0 {
        return;
    }
    let map = Map::new(&app.monitor.picture.topology, area, boxed);
    let moving = app.monitor.journeys.moving();
    for node in &map.nodes {
        self::node(app, &map, node, lit(node, &moving), area, screen);
    }
    for way in &map.ways {
        edge(app, way, boxed, screen.buffer_mut());
    }
    for moving in &moving {
        if let Some(way) = map.ways.iter().find(|way| way.edges.contains(&moving.edge)) {
            pulse(app, way, moving, screen.buffer_mut());
        }
    }
}

/// Whether something has just come to this node.
fn lit(node: &Node, moving: &[Moving]) -> bool {
    let edge = match node.kind {
        Kind::Answers => Edge::Request,
        Kind::Fleet => Edge::Unicorn,
        Kind::Topic => Edge::Publish,
        Kind::Consumer => Edge::Deliver,
        Kind::Recorder => Edge::Post,
        Kind::Table => Edge::Record,
        Kind::User => Edge::Answer,
    };
    moving.iter().any(|moving| moving.edge == edge && moving.frame + 2 >= FRAMES)
}

fn role(kind: Kind) -> Role {
    match kind {
        Kind::User => Role::Text,
        Kind::Answers | Kind::Fleet | Kind::Consumer | Kind::Recorder => Role::Accent,
        Kind::Topic => Role::Async,
        Kind::Table => Role::Pass,
    }
}

fn node(app: &App, map: &Map, node: &Node, lit: bool, area: Rect, screen: &mut Frame<'_>) {
    let look = &app.look;
    let role = if node.exists { role(node.kind) } else { Role::Dim };
    let mut style = look.style(role).remove_modifier(Modifier::BOLD);
    if lit {
        style = style.add_modifier(Modifier::BOLD);
    }
    let name = cut(
        &look.glyphs.plain(&node.name),
        usize::from(node.area.width).saturating_sub(if map.boxed { 4 } else { 0 }),
        look.glyphs.ellipsis,
    );
    let name_style = if node.exists { look.style(Role::Strong) } else { look.style(Role::Dim) };
    let name_style = if lit { look.style(Role::Selected) } else { name_style };
    let texts = texts(app, node);
    if !map.boxed {
        put(app, node.area, vec![Span::styled(name, name_style)], screen);
        // What stands above has its figures beside it, or none where there is no room.
        if !matches!(node.kind, Kind::Fleet) && node.area.y > area.y {
            // Figures may use the gap to the next node.
            let width = node.area.width + 3;
            let below = Rect { y: node.area.y + 1, width, ..node.area };
            let mut spans = texts.into_iter().next().unwrap_or_default();
            if spans.iter().map(Span::width).sum::<usize>() > usize::from(width) {
                spans.truncate(1);
            }
            put(app, below, spans, screen);
        }
        return;
    }
    let block = Block::bordered()
        .border_set(look.glyphs.border)
        .border_style(style)
        .title(Span::styled(format!(" {name} "), name_style));
    let inside = block.inner(node.area);
    block.render(node.area.intersection(screen.area()), screen.buffer_mut());
    for (row, spans) in (0..inside.height).zip(texts) {
        let line = Rect { x: inside.x + 1, y: inside.y + row, width: inside.width.saturating_sub(2), height: 1 };
        put(app, line, spans, screen);
    }
}

/// The lines in a node: what was counted there, and how its feed is.
fn texts(app: &App, node: &Node) -> Vec<Vec<Span<'static>>> {
    let look = &app.look;
    let picture = &app.monitor.picture;
    if !node.exists {
        let missing = picture.topology.missing.iter().find(|missing| {
            let what = missing.what.to_lowercase();
            match node.kind {
                Kind::Topic => what.contains("topic"),
                Kind::Table => what.contains("table"),
                Kind::Consumer => what.contains("subscri") || what.contains("sns"),
                Kind::Answers => what.contains("requestride") || what.ends_with("wild-rydes"),
                Kind::Fleet => what.contains("fleet"),
                Kind::Recorder => what.contains("record"),
                Kind::User => false,
            }
        });
        let task = missing.and_then(|missing| missing.task.as_ref());
        let words = task.map_or_else(|| "not there yet".to_owned(), |task| format!("task {task}"));
        return vec![vec![look.span(Role::Warn, words)]];
    }
    let count = |number: u64, words: &str| {
        vec![look.span(Role::Strong, number.to_string()), look.span(Role::Dim, format!(" {words}"))]
    };
    let counts = &picture.counts;
    let took = |leg: Leg| {
        let latency = picture.stats.as_ref()?.latencies.iter().find(|latency| latency.leg == leg)?;
        let Latency { p50, .. } = *latency;
        Some(vec![look.span(Role::Dim, format!("p50 {}", duration(i64::try_from(p50).unwrap_or(i64::MAX))))])
    };
    let mut lines = match node.kind {
        Kind::User => vec![count(counts.rides, if counts.rides == 1 { "ride" } else { "rides" })],
        Kind::Answers => vec![count(counts.of(Mark::Answered), "answered")],
        Kind::Fleet => vec![vec![look.span(Role::Dim, "finds unicorns")]],
        Kind::Topic => vec![count(counts.of(Mark::Published), "published")],
        Kind::Consumer => vec![count(counts.of(Mark::Delivered), "delivered")],
        Kind::Recorder if picture.is_event_driven() => vec![vec![look.span(Role::Dim, "HTTP way in")]],
        Kind::Recorder => vec![count(counts.of(Mark::Delivered), "called")],
        Kind::Table => vec![count(counts.of(Mark::Recorded), "recorded")],
    };
    match node.kind {
        Kind::User => {
            let failed = counts.failed_requests.max(counts.of(Mark::Failed));
            if failed > 0 {
                lines.push(vec![look.span(Role::Fail, format!("{failed} failed"))]);
            }
        }
        Kind::Answers => lines.extend(took(Leg::Answer)),
        Kind::Consumer => lines.extend(took(Leg::Record).or_else(|| health(app, Feed::Logs))),
        Kind::Recorder if !picture.is_event_driven() => lines.extend(took(Leg::Record)),
        Kind::Topic => lines.extend(health(app, Feed::Topic)),
        Kind::Table => lines.extend(health(app, Feed::Table)),
        Kind::Fleet | Kind::Recorder => {}
    }
    lines
}

/// How a feed is, and how long ago its source answered.
fn health(app: &App, feed: Feed) -> Option<Vec<Span<'static>>> {
    let look = &app.look;
    let health = app.monitor.picture.health(feed)?.clone();
    let now = app.monitor.picture.now;
    let beat = health.beat.map(|beat| now.since(beat) / 1_000_000);
    let (glyph, role, words) = state_words(look, &FeedState { feed, health }, now);
    // The first words are what there is room for; the rest stands among the troubles.
    let words = words.split([',', ':']).next().unwrap_or_default().to_owned();
    let words = match words.split(' ').next() {
        Some("waits") => "waiting".to_owned(),
        Some("denied") => "denied".to_owned(),
        _ => words,
    };
    let mut spans = vec![look.span(role, format!("{glyph} {words}"))];
    if let Some(seconds) = beat.filter(|seconds| *seconds >= 2 && role == Role::Pass) {
        spans.push(look.span(Role::Dim, format!(" {seconds} s ago")));
    }
    Some(spans)
}

fn edge(app: &App, way: &Way, boxed: bool, buffer: &mut Buffer) {
    let look = &app.look;
    let ascii = look.glyphs.ascii;
    let role = match (way.exists, way.is_async, way.edges.is_empty()) {
        (false, ..) | (.., true) => Role::Rule,
        (true, true, false) => Role::Async,
        (true, false, false) => Role::Sync,
    };
    let style = look.style(role);
    let across = if way.is_async || !way.exists {
        if ascii { "." } else { "╌" }
    } else if ascii {
        "-"
    } else {
        "─"
    };
    let down = if way.exists {
        if ascii { "|" } else { "│" }
    } else if ascii {
        ":"
    } else {
        "╎"
    };
    for (index, cell) in way.cells.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|index| way.cells.get(index));
        let after = way.cells.get(index + 1);
        let is_down =
            before.or(after).is_none_or(|other| other.x == cell.x) && after.is_none_or(|other| other.x == cell.x);
        let turns = before.is_some_and(|other| other.y == cell.y) && after.is_some_and(|other| other.x == cell.x);
        let glyph = match () {
            () if turns => {
                if ascii {
                    "+"
                } else {
                    "╮"
                }
            }
            () if after.is_none() && way.edges.contains(&Edge::Unicorn) => match (boxed, ascii) {
                (true, true) => "|",
                (true, false) => "│",
                (false, true) => "-",
                (false, false) => "╴",
            },
            () if after.is_none() && before.is_some_and(|other| other.y < cell.y) => {
                if ascii {
                    "v"
                } else {
                    "▼"
                }
            }
            () if after.is_none() => {
                if ascii {
                    ">"
                } else {
                    "▶"
                }
            }
            () if before.is_none() && way.edges.contains(&Edge::Unicorn) && !boxed => {
                if ascii {
                    ","
                } else {
                    "╭"
                }
            }
            () if is_down => down,
            () => across,
        };
        set(buffer, *cell, glyph, style);
    }
    let width = u16::try_from(way.label.len()).unwrap_or(0);
    if let (true, Some(first)) = (boxed && width > 0, way.cells.first())
        && way.cells.len() > usize::from(width) + 1
    {
        let room = u16::try_from(way.cells.len()).unwrap_or(0) - width;
        let label = look.span(Role::Dim, way.label);
        label.render(
            Rect::new(first.x + room / 2, first.y.saturating_sub(1), width, 1).intersection(buffer.area),
            buffer,
        );
    }
}

/// A ride on an edge, with a short tail.
fn pulse(app: &App, way: &Way, moving: &Moving, buffer: &mut Buffer) {
    let look = &app.look;
    let last = way.cells.len().saturating_sub(1);
    if way.cells.is_empty() {
        return;
    }
    let frame = usize::from(moving.frame.min(FRAMES - 1));
    let most = usize::from(FRAMES - 1);
    // To the fleet and back.
    let there = if moving.edge == Edge::Unicorn {
        if frame * 2 <= most { frame * 2 } else { (most - frame) * 2 }
    } else {
        frame
    };
    let mut at = (last * there.min(most)).div_ceil(most.max(1)).min(last);
    let back = moving.edge == Edge::Answer;
    if back {
        at = last - at;
    }
    let style = moving.color.as_deref().map_or_else(|| look.style(Role::Strong), |color| tint(look, color));
    let style = style.add_modifier(Modifier::BOLD);
    let behind = if back { at + 1 } else { at.wrapping_sub(1) };
    let (head, tail) = if look.glyphs.ascii { ("@", "=") } else { ("●", "━") };
    if let Some(cell) = way.cells.get(behind)
        && moving.edge != Edge::Unicorn
        && buffer.cell(*cell).is_some_and(|cell| cell.symbol() != head)
    {
        set(buffer, *cell, tail, style);
    }
    if let Some(cell) = way.cells.get(at) {
        set(buffer, *cell, head, style);
    }
}

fn set(buffer: &mut Buffer, at: Position, glyph: &str, style: Style) {
    if let Some(cell) = buffer.cell_mut(at) {
        cell.set_symbol(glyph).set_style(style);
    }
}
