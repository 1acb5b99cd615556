//! The last rides below the lesson: what a deploy did is seen there without leaving the step.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Span;

use super::{put, tint};
use crate::tui::app::{App, Row, duration};
use crate::tui::theme::Role;
use crate::tui::wrap::printable;

/// Draws the last rides in one line, the newest first.
pub(in crate::tui::view) fn strip(app: &App, area: Rect, screen: &mut Frame<'_>) {
    let look = &app.look;
    let mut spans = Vec::new();
    for row in &app.monitor.picture.rows {
        if !spans.is_empty() {
            spans.push(look.span(Role::Rule, format!("  {}  ", look.glyphs.dot)));
        }
        spans.extend(ride(app, row));
        if spans.iter().map(Span::width).sum::<usize>() > usize::from(area.width) {
            break;
        }
    }
    put(app, area, spans, screen);
}

fn ride(app: &App, row: &Row) -> Vec<Span<'static>> {
    let look = &app.look;
    let (glyph, role) = super::mark(look, row.fate);
    let mut spans = vec![look.span(role, format!("{glyph} "))];
    if let Some(unicorn) = &row.unicorn {
        spans.push(Span::styled(look.glyphs.plain(&printable(&unicorn.name)), tint(look, &unicorn.color)));
    } else {
        spans.push(look.span(Role::Dim, crate::tui::app::short(row.id.as_str())));
    }
    let took = |time: Option<crate::ride::Time>| time.map(|time| duration(time.since(row.began())));
    let words = match (took(row.hops.answered), took(row.hops.recorded), row.fate) {
        (_, Some(recorded), _) => format!(" recorded after {recorded}"),
        (Some(answered), None, crate::ride::Fate::Lost) => format!(" answered in {answered}, never recorded"),
        (Some(answered), None, _) => format!(" answered in {answered}"),
        (None, None, fate) => format!(" {}", fate.name()),
    };
    spans.push(look.span(Role::Dim, words));
    spans
}

/// What stands on the line above it.
pub(in crate::tui::view) fn strip_title(app: &App) -> Vec<Span<'static>> {
    let mut spans = vec![app.look.span(Role::Dim, "Rides  ")];
    spans.extend(super::figures::counts(&app.look, &app.monitor.picture.counts));
    spans
}
