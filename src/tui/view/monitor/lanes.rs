//! The last events of topic, logs and table, and events of a ride: one line each.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Span;

use super::{clock, put, shown};
use crate::ride::{Feed, State};
use crate::tui::app::{App, Entry, LANES, Part};
use crate::tui::theme::Role;
use crate::tui::wrap::printable;

/// What the title says beside the name: how the feed listens.
pub(super) fn words(app: &App, part: Part) -> String {
    let Some(feed) = part.lane().and_then(|lane| LANES.get(lane)) else { return String::new() };
    let Some(health) = app.monitor.picture.health(*feed) else { return String::new() };
    let note = health.note.as_deref().unwrap_or_default();
    let state = match &health.state {
        State::Live | State::Off { .. } => "",
        State::Starting => "starting",
        State::Waiting { .. } => "waiting",
        State::CatchingUp => "catching up",
        State::Throttled { .. } => "throttled",
        State::Denied { .. } => "denied",
        State::Failing { .. } => "failing",
        State::Gone { .. } => "gone",
    };
    let words: Vec<String> =
        [state.to_owned(), shown(app, &printable(note))].into_iter().filter(|words| !words.is_empty()).collect();
    words.join(", ")
}

/// Draws a lane, the newest event at its top.
pub(super) fn draw(app: &App, part: Part, area: Rect, screen: &mut Frame<'_>) {
    let Some(lane) = part.lane() else { return };
    let entries = app.monitor.picture.lanes.get(lane).map(Vec::as_slice).unwrap_or_default();
    if entries.is_empty() {
        put(app, area, vec![app.look.span(Role::Dim, "Nothing yet.")], screen);
    }
    for (at, entry) in (0..area.height).zip(entries) {
        let line = Rect { y: area.y + at, height: 1, ..area };
        put(app, line, event(app, entry, false, format!("{} ", clock(app, entry.at, area.width >= 60))), screen);
        let marked = app.monitor.marked.get(lane).copied().flatten();
        let is_marked = marked.map_or(at == 0, |marked| marked == entry.number);
        if is_marked && app.monitor.part == part {
            screen.buffer_mut().set_style(line, app.look.style(Role::Selected));
        }
    }
}

/// An event in one line, with `before` in front of it, and the name of its feed where events of several stand together.
pub(super) fn event(app: &App, entry: &Entry, name_feed: bool, before: String) -> Vec<Span<'static>> {
    let look = &app.look;
    let (feed, role) = match entry.feed {
        Feed::Requests => ("you", Role::Text),
        Feed::Topic => ("sns", Role::Async),
        Feed::Logs => ("log", Role::Accent),
        Feed::Table => ("item", Role::Pass),
        Feed::Discovery => ("", Role::Dim),
    };
    let mut spans = vec![look.span(Role::Dim, before)];
    if name_feed {
        spans.push(look.span(role, format!("{feed:<4} ")));
    }
    if !entry.who.is_empty() {
        spans.push(look.span(Role::Dim, format!("{} ", shown(app, &entry.who))));
    }
    spans.push(look.span(entry.role, shown(app, &entry.text)));
    spans
}
