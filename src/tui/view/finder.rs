//! Search and palette.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;
use unicode_width::UnicodeWidthStr;

use super::{centred, line, window};
use crate::tui::app::{Action, App, Finder, Found, Screen};
use crate::tui::theme::Role;
use crate::tui::wrap::cut;

fn area(screen: Rect) -> Rect {
    let width = (screen.width * 3 / 4).clamp(56, 96);
    let height = (screen.height * 3 / 4).max(10);
    let mut area = centred(screen, width, height);
    area.y = (screen.height / 8).min(area.y);
    area
}

/// The rows of `finder` from which on they are drawn, so that the selected one is visible.
fn first(finder: &Finder, height: usize) -> usize {
    (finder.selected + 1).saturating_sub(height)
}

/// Draws the line to type in and the rows that fit.
pub(super) fn draw(app: &App, finder: &Finder, title: &str, frame: &mut Frame<'_>) {
    let look = &app.look;
    let area = area(frame.area());
    let inside = window(look, frame, area, title);
    let query =
        cut(&look.glyphs.plain(&finder.query), usize::from(inside.width).saturating_sub(6), look.glyphs.ellipsis);
    let cursor = inside.x + 3 + u16::try_from(query.width()).unwrap_or(0);
    line(
        frame,
        Rect { x: inside.x + 1, height: 1, ..inside }.intersection(inside),
        vec![look.span(Role::Key, "> "), look.span(Role::Strong, query)],
    );
    frame.set_cursor_position(Position::new(cursor.min(inside.x + inside.width - 1), inside.y));
    let rows = Rect { y: inside.y + 2, height: inside.height.saturating_sub(2), ..inside };
    if finder.rows.is_empty() {
        line(
            frame,
            Rect { x: rows.x + 1, height: 1, ..rows }.intersection(inside),
            vec![look.span(Role::Dim, "Nothing fits. Esc closes, Backspace takes a letter back.")],
        );
    }
    let start = first(finder, usize::from(rows.height));
    for (y, (index, found)) in (0..rows.height).zip(finder.rows.iter().enumerate().skip(start)) {
        let row = Rect { y: rows.y + y, height: 1, ..rows };
        let selected = index == finder.selected;
        draw_row(app, finder, found, selected, row, frame);
    }
}

fn draw_row(app: &App, finder: &Finder, found: &Found, selected: bool, row: Rect, frame: &mut Frame<'_>) {
    let look = &app.look;
    let cursor = if selected { look.span(Role::Accent, look.glyphs.selected) } else { Span::raw(" ") };
    let room = usize::from(row.width).saturating_sub(2);
    let is_place = matches!(found.action, Action::Find(..));
    let role = if selected { Role::Strong } else { Role::Text };
    if is_place {
        let title = cut(&look.glyphs.plain(&found.title), room / 3, look.glyphs.ellipsis);
        let width = room / 3;
        let mut spans = vec![cursor, look.span(Role::Dim, format!("{title:<width$}  "))];
        let detail = cut(&look.glyphs.plain(&found.detail), room.saturating_sub(width + 3), look.glyphs.ellipsis);
        spans.extend(marked(app, &detail, &finder.query, role));
        Line::from(spans).render(row, frame.buffer_mut());
    } else {
        let keys = found.detail.width();
        let title = cut(&look.glyphs.plain(&found.title), room.saturating_sub(keys + 2), look.glyphs.ellipsis);
        Line::from(vec![cursor, look.span(role, title)]).render(row, frame.buffer_mut());
        let keys = u16::try_from(keys + 1).unwrap_or(0).min(row.width);
        let right = Rect { x: row.x + row.width - keys, width: keys, ..row };
        Line::from(look.span(Role::Dim, &found.detail)).render(right, frame.buffer_mut());
    }
    if selected {
        let whole = Rect { x: row.x + 1, width: row.width - 1, ..row };
        if app.look.theme.tints_diffs() {
            frame.buffer_mut().set_style(whole, look.style(Role::Selected));
        }
    }
}

/// `text` with what was searched for marked.
fn marked(app: &App, text: &str, query: &str, role: Role) -> Vec<Span<'static>> {
    let look = &app.look;
    let (lower, query) = (text.to_lowercase(), query.trim().to_lowercase());
    // Lower case may change lengths outside ASCII: then nothing is marked.
    match lower.find(&query).filter(|_| lower.len() == text.len() && !query.is_empty()) {
        Some(at) => match (text.get(..at), text.get(at..at + query.len()), text.get(at + query.len()..)) {
            (Some(before), Some(found), Some(after)) => {
                vec![look.span(role, before), look.span(Role::Match, found), look.span(role, after)]
            }
            _ => vec![look.span(role, text)],
        },
        None => vec![look.span(role, text)],
    }
}

/// The row at a place of the screen.
pub fn row(app: &App, at: Position) -> Option<usize> {
    let (Screen::Search(finder) | Screen::Palette(finder)) = app.screen() else { return None };
    let area = area(Rect::new(0, 0, app.size.width, app.size.height));
    let top = area.y + 3;
    let height = area.height.saturating_sub(4);
    let inside = at.x > area.x && at.x + 1 < area.x + area.width && at.y >= top && at.y < top + height;
    let row = first(finder, usize::from(height)) + usize::from(at.y.saturating_sub(top));
    (inside && row < finder.rows.len()).then_some(row)
}
