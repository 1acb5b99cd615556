//! The way of the selected ride: how long each part of it took, and its events.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Span;

use super::rides::oddities;
use super::{clock, lanes, put, shown, tint};
use crate::ride::{Fate, Hop, Path};
use crate::tui::app::{App, RideShown, Row, duration};
use crate::tui::theme::Role;
use crate::tui::wrap::printable;

/// What the title says beside the name.
pub(super) fn words(app: &App) -> String {
    app.monitor.picture.ride.as_ref().map_or_else(String::new, |ride| format!("of ride {}", ride.row.id))
}

/// A part of the way.
struct Leg {
    name: &'static str,
    from: i64,
    to: i64,
    role: Role,
}

/// The parts of the way that are known, in microseconds from its beginning.
fn legs(row: &Row) -> Vec<Leg> {
    let began = row.began();
    let at = |hop: Hop| row.hops.at(hop).map(|time| time.since(began));
    let mut legs = Vec::new();
    let mut leg = |name, from: Option<i64>, to: Option<i64>, role| {
        if let (Some(from), Some(to)) = (from, to) {
            legs.push(Leg { name, from, to: to.max(from), role });
        }
    };
    let start = at(Hop::Requested).or(Some(0));
    let answered = at(Hop::Answered);
    if row.path == Path::EventDriven {
        leg("answer", start, answered, Role::Sync);
        leg("publish", start, at(Hop::Published), Role::Async);
        leg("deliver", at(Hop::Published).or(start), at(Hop::Delivered), Role::Async);
    } else {
        leg("deliver", start, at(Hop::Delivered), Role::Sync);
    }
    leg("record", at(Hop::Delivered).or(at(Hop::Published)).or(start), at(Hop::Recorded), Role::Pass);
    if row.path != Path::EventDriven {
        leg("answer", start, answered, Role::Sync);
    }
    legs
}

/// Draws the selected ride.
pub(super) fn draw(app: &App, area: Rect, screen: &mut Frame<'_>) {
    let look = &app.look;
    let Some(ride) = &app.monitor.picture.ride else {
        put(app, area, vec![look.span(Role::Dim, "No ride is selected.")], screen);
        return;
    };
    let mut y = area.y;
    let end = area.y + area.height;
    let mut line = |spans: Vec<Span<'static>>, screen: &mut Frame<'_>| {
        if y < end {
            put(app, Rect { y, height: 1, ..area }, spans, screen);
            y += 1;
        }
    };
    head(app, ride).into_iter().for_each(|spans| line(spans, screen));
    let legs = legs(&ride.row);
    let whole = legs.iter().map(|leg| leg.to).max().unwrap_or(0).max(1);
    for leg in &legs {
        line(bar(app, leg, whole, usize::from(area.width)), screen);
    }
    if ride.row.fate == Fate::Travelling || ride.row.fate == Fate::Lost {
        let words = if ride.row.fate == Fate::Lost { "no record came" } else { "no record yet" };
        let since = app.monitor.picture.now.since(ride.row.began()).max(0);
        let (glyph, role) = super::mark(look, ride.row.fate);
        line(
            vec![
                look.span(Role::Dim, format!("{:<8} ", "record")),
                look.span(role, format!("{glyph} {words}, {}", duration(since))),
            ],
            screen,
        );
    }
    if area.height > 8 {
        line(Vec::new(), screen);
    }
    let first = app.monitor.scroll[0].min(ride.events.len().saturating_sub(1));
    for entry in ride.events.iter().skip(first) {
        let offset = entry.at.since(ride.row.began());
        line(
            lanes::event(app, entry, true, format!("{:>9} ", format!("+{}", duration(offset)).replace("+-", "-"))),
            screen,
        );
    }
}

/// Who rides, since when, and what is odd about it.
fn head(app: &App, ride: &RideShown) -> Vec<Vec<Span<'static>>> {
    let look = &app.look;
    let row = &ride.row;
    let (glyph, role) = super::mark(look, row.fate);
    let mut first = vec![look.span(role, format!("{glyph} "))];
    match &row.unicorn {
        Some(unicorn) => {
            let words = format!("{} ({})", printable(&unicorn.name), printable(&unicorn.color).to_lowercase());
            first.push(Span::styled(look.glyphs.plain(&words), tint(look, &unicorn.color)));
        }
        None => first.push(look.span(Role::Dim, "unicorn not known yet")),
    }
    let way = match row.path {
        Path::Unknown => String::new(),
        Path::Synchronous => "  by HTTP".to_owned(),
        Path::EventDriven => "  through the topic".to_owned(),
    };
    first.push(look.span(Role::Dim, way));
    first.push(look.span(Role::Dim, format!("  at {}", clock(app, row.began(), true))));
    let mut lines = vec![first];
    let mut odd: Vec<Span<'static>> = Vec::new();
    if let Some(error) = &row.error {
        odd.push(look.span(Role::Fail, format!("{}  ", shown(app, &printable(error)))));
    }
    odd.extend(oddities(app, row).into_iter().map(|words| look.span(Role::Warn, format!("{words}  "))));
    for (skew, name) in ride.skews.iter().zip(["logs", "topic", "table"]) {
        // Clocks of a data centre are never this far apart.
        if skew.abs() >= 1_000_000 {
            let words = if *skew > 0 { "behind" } else { "ahead" };
            odd.push(look.span(Role::Warn, format!("clock of the {name} {} {words}  ", duration(skew.abs()))));
        }
    }
    if ride.seen_by.len() == 1 {
        let feed = ride.seen_by.first().map_or("", |feed| super::figures::feed_name(*feed));
        odd.push(look.span(Role::Dim, format!("only the {feed} told of it")));
    }
    if !odd.is_empty() {
        lines.push(odd);
    }
    lines
}

/// A part of the way as a bar.
fn bar(app: &App, leg: &Leg, whole: i64, width: usize) -> Vec<Span<'static>> {
    let look = &app.look;
    let took = duration(leg.to - leg.from);
    let room = width.saturating_sub(9 + 9).max(4);
    let scale = |micros: i64| {
        let cells = i64::try_from(room).unwrap_or(i64::MAX);
        usize::try_from(micros.max(0).saturating_mul(cells) / whole).unwrap_or(0).min(room)
    };
    let start = scale(leg.from).min(room - 1);
    let length = scale(leg.to).saturating_sub(start).max(1);
    let (full, empty) = if look.glyphs.ascii { ("#", ".") } else { ("█", "·") };
    vec![
        look.span(Role::Text, format!("{:<8} ", leg.name)),
        look.span(Role::Rule, empty.repeat(start)),
        look.span(leg.role, full.repeat(length)),
        look.span(Role::Rule, empty.repeat(room.saturating_sub(start + length))),
        look.span(Role::Strong, format!("{took:>9}")),
    ]
}
