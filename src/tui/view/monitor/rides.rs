//! The table of rides.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Span;

use super::{clock, put, tint};
use crate::ride::{Fate, Hop, Mark, Path};
use crate::tui::app::{App, Only, Part, Row, duration, short};
use crate::tui::command::Command;
use crate::tui::theme::Role;
use crate::tui::wrap::{cut, printable};

/// What the title says beside the name.
pub(super) fn words(app: &App) -> String {
    let monitor = &app.monitor;
    let mut words = vec![monitor.sort.words().to_owned()];
    if monitor.only != Only::All {
        words.push(monitor.only.words().to_owned());
    }
    if !monitor.query.trim().is_empty() {
        words.push(format!("with \"{}\"", monitor.query.trim()));
    }
    if let Some(matching) = monitor.matching() {
        words.push(format!("{matching} found"));
    }
    let key = app.keymap.label(Command::Follow);
    match monitor.picture.above {
        _ if monitor.follow => words.push("following".to_owned()),
        0 => words.push(format!("{key} follows")),
        above => words.push(format!("{above} above, {key} follows")),
    }
    words.join(&format!(" {} ", app.look.glyphs.dot))
}

/// A column: its head and its width.
struct Column {
    head: &'static str,
    width: usize,
    of: fn(&App, &Row) -> Span<'static>,
    right: bool,
}

const fn column(head: &'static str, width: usize, of: fn(&App, &Row) -> Span<'static>) -> Column {
    Column { head, width, of, right: false }
}

const fn figure(head: &'static str, of: fn(&App, &Row) -> Span<'static>) -> Column {
    Column { head, width: 8, of, right: true }
}

/// The columns that fit, the most telling first; the state takes what is left.
fn columns(width: usize) -> Vec<Column> {
    let mut columns = vec![
        column("unicorn", 14, unicorn),
        column("ride", 8, |app, row| app.look.span(Role::Dim, short(row.id.as_str()))),
    ];
    if width >= 104 {
        columns.push(column("requested", 12, |app, row| app.look.span(Role::Text, clock(app, row.began(), true))));
    } else if width >= 74 {
        columns.push(column("at", 8, |app, row| app.look.span(Role::Text, clock(app, row.began(), false))));
    }
    columns.push(column("way", 4, way));
    columns.push(figure("answer", |app, row| hop(app, row, Hop::Requested, Hop::Answered)));
    if width >= 92 {
        columns.push(figure("publish", |app, row| hop(app, row, Hop::Requested, Hop::Published)));
        columns.push(figure("deliver", |app, row| {
            let from = if row.path == Path::EventDriven { Hop::Published } else { Hop::Requested };
            hop(app, row, from, Hop::Delivered)
        }));
    }
    if width >= 82 {
        columns.push(figure("record", |app, row| hop(app, row, Hop::Delivered, Hop::Recorded)));
    }
    columns.push(figure("in all", whole));
    columns
}

/// Draws the visible rides.
pub(super) fn draw(app: &App, area: Rect, screen: &mut Frame<'_>) {
    if area.height == 0 {
        return;
    }
    let look = &app.look;
    let columns = columns(usize::from(area.width));
    let mut heads = vec![Span::raw("  ")];
    for column in &columns {
        let head = cut(column.head, column.width, look.glyphs.ellipsis);
        let head =
            if column.right { format!("{head:>0$}  ", column.width) } else { format!("{head:<0$}  ", column.width) };
        heads.push(look.span(Role::Dim, head));
    }
    heads.push(look.span(Role::Dim, "state"));
    put(app, area, heads, screen);
    let body = Rect { y: area.y + 1, height: area.height - 1, ..area };
    if app.monitor.picture.rows.is_empty() {
        nothing(app, body, screen);
        return;
    }
    for (at, row) in (0..body.height).zip(&app.monitor.picture.rows) {
        let line = Rect { y: body.y + at, height: 1, ..body };
        let (glyph, role) = super::mark(look, row.fate);
        let mut spans = vec![look.span(role, format!("{glyph} "))];
        for column in &columns {
            let mut span = (column.of)(app, row);
            let text = cut(&span.content, column.width, look.glyphs.ellipsis);
            let room = column.width.saturating_sub(unicode_width::UnicodeWidthStr::width(text.as_str()));
            let (before, after) = if column.right { (room, 0) } else { (0, room) };
            span.content = format!("{}{text}{}  ", " ".repeat(before), " ".repeat(after)).into();
            spans.push(span);
        }
        spans.extend(state(app, row));
        put(app, line, spans, screen);
        if Some(row.number) == app.monitor.selected {
            let style = look.style(Role::Selected);
            let focused = app.monitor.part == Part::Rides;
            let width = if focused { line.width } else { 2 };
            screen.buffer_mut().set_style(Rect { width, ..line }, style);
        }
    }
}

/// Nothing to show: why, and what to do.
fn nothing(app: &App, area: Rect, screen: &mut Frame<'_>) {
    let look = &app.look;
    let monitor = &app.monitor;
    let key = |command| look.span(Role::Key, app.keymap.label(command));
    let lines = if !monitor.book.is_empty() {
        vec![vec![
            look.span(Role::Text, "No ride fits. "),
            key(Command::Only),
            look.span(Role::Dim, " shows others, "),
            key(Command::FindRide),
            look.span(Role::Dim, " searches for other words"),
        ]]
    } else if monitor.picture.topology.ride_url.is_none() {
        vec![
            vec![look.span(Role::Text, "No ride yet: nothing that takes requests is deployed.")],
            vec![key(Command::DeployAll), look.span(Role::Dim, " deploys all services")],
        ]
    } else {
        vec![
            vec![look.span(Role::Text, "No ride yet.")],
            vec![
                key(Command::Ride),
                look.span(Role::Dim, " requests a ride, "),
                key(Command::Burst),
                look.span(Role::Dim, " fifty of them"),
            ],
        ]
    };
    for (at, spans) in (0..area.height.saturating_sub(1)).zip(lines) {
        put(
            app,
            Rect { x: area.x + 2, y: area.y + 1 + at, height: 1, width: area.width.saturating_sub(2) },
            spans,
            screen,
        );
    }
}

fn unicorn(app: &App, row: &Row) -> Span<'static> {
    let look = &app.look;
    match &row.unicorn {
        Some(unicorn) => {
            let dot = if look.glyphs.ascii { "*" } else { "●" };
            let name = look.glyphs.plain(&printable(&unicorn.name));
            Span::styled(format!("{dot} {name}"), tint(look, &unicorn.color))
        }
        None => look.span(Role::Dim, if look.glyphs.ascii { "?" } else { "…" }),
    }
}

fn way(app: &App, row: &Row) -> Span<'static> {
    match row.path {
        Path::Unknown => app.look.span(Role::Dim, ""),
        Path::Synchronous => app.look.span(Role::Sync, "HTTP"),
        Path::EventDriven => app.look.span(Role::Async, "SNS"),
    }
}

fn hop(app: &App, row: &Row, from: Hop, to: Hop) -> Span<'static> {
    match row.hops.between(from, to) {
        Some(micros) => app.look.span(Role::Text, duration(micros)),
        None => app.look.span(Role::Dim, if row.hops.at(to).is_some() { app.look.glyphs.dot } else { "" }),
    }
}

fn whole(app: &App, row: &Row) -> Span<'static> {
    match row.hops.recorded.map(|recorded| recorded.since(row.began())) {
        Some(micros) => app.look.span(Role::Strong, duration(micros)),
        None if row.fate == Fate::Travelling => {
            let since = app.monitor.picture.now.since(row.began()).max(0);
            app.look.span(Role::Blocked, duration(since))
        }
        None => app.look.span(Role::Dim, ""),
    }
}

/// What became of it, and what is odd about it.
fn state(app: &App, row: &Row) -> Vec<Span<'static>> {
    let look = &app.look;
    let (_, role) = super::mark(look, row.fate);
    let words = match row.fate {
        Fate::Travelling => "on its way",
        fate => fate.name(),
    };
    let mut spans = vec![look.span(role, words)];
    spans.extend(oddities(app, row).into_iter().map(|words| look.span(Role::Warn, format!("  {words}"))));
    if let Some(error) = &row.error {
        spans.push(look.span(Role::Fail, format!("  {}", printable(error))));
    }
    spans
}

/// What is odd about a ride, in words.
pub(super) fn oddities(app: &App, row: &Row) -> Vec<String> {
    let times = if app.look.glyphs.ascii { "x" } else { "×" };
    let (deliveries, records, retries) = row.times;
    let has = |mark| row.marks.has(mark);
    let mut words = Vec::new();
    if has(Mark::Late) {
        words.push("late".to_owned());
    }
    if has(Mark::DeliveredTwice) {
        words.push(format!("SNS {times}{deliveries}"));
    }
    if has(Mark::RecordedTwice) {
        words.push(format!("item {times}{records}"));
    }
    if has(Mark::Retried) {
        words.push(format!("{retries} {}", if retries == 1 { "retry" } else { "retries" }));
    }
    words
}
