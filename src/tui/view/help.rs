//! All keys, from the one table of commands.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;

use super::{centred, window};
use crate::tui::app::App;
use crate::tui::command::{Scope, TABLE};
use crate::tui::theme::Role;
use crate::tui::wrap;

const WIDTH: u16 = 84;

/// Draws the help from row `first` on.
pub(super) fn draw(app: &App, first: usize, frame: &mut Frame<'_>) {
    let look = &app.look;
    let width = WIDTH.min(frame.area().width);
    let lines = lines(app, usize::from(width.saturating_sub(6)));
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(2);
    let area = centred(frame.area(), width, height.min(frame.area().height.saturating_sub(2)));
    let inside = window(look, frame, area, "Keys");
    let shown = usize::from(inside.height);
    let first = first.min(lines.len().saturating_sub(shown));
    let more = lines.len() > first + shown;
    for (y, line) in (0..inside.height).zip(lines.into_iter().skip(first)) {
        line.render(Rect::new(inside.x + 2, inside.y + y, inside.width.saturating_sub(4), 1), frame.buffer_mut());
    }
    if more {
        let text = format!(" more {} ", if look.glyphs.ascii { "below" } else { "↓" });
        let width = u16::try_from(text.chars().count()).unwrap_or(0);
        let at = Rect::new(area.x + area.width.saturating_sub(width + 2), area.y + area.height - 1, width, 1);
        look.span(Role::Dim, text).render(at.intersection(area), frame.buffer_mut());
    }
}

/// All rows, at most `width` columns wide.
fn lines(app: &App, width: usize) -> Vec<Line<'static>> {
    let look = &app.look;
    let groups = [
        ("In the lesson", Scope::Lesson),
        ("On an answer", Scope::Answer),
        ("On the sandbox's pages", Scope::Cloud),
        ("Watching rides", Scope::Monitor),
        ("On an event", Scope::Event),
        ("Everywhere", Scope::Everywhere),
    ];
    let mut lines = Vec::new();
    for (name, scope) in groups {
        if !lines.is_empty() {
            lines.push(Line::default());
        }
        lines.push(Line::from(look.span(Role::Heading, name)));
        for entry in TABLE.iter().filter(|entry| entry.scope == scope) {
            let keys: Vec<String> = app.keymap.keys(entry.command).map(|key| key.to_string()).collect();
            let keys = if keys.is_empty() { app.keymap.label(entry.command) } else { keys.join(" ") };
            row(&mut lines, look.span(Role::Key, format!("{keys:<14}  ")), look.span(Role::Text, entry.title), width);
        }
    }
    lines.push(Line::default());
    lines.push(Line::from(look.span(Role::Heading, "Marks")));
    let marks = [
        (Some(crate::check::Status::Pass), "done"),
        (Some(crate::check::Status::Warn), "done, with advice"),
        (Some(crate::check::Status::Fail), "not there yet"),
        (Some(crate::check::Status::Blocked), "no verdict: its file cannot be read, or it needs a running target"),
        (None, "still ahead"),
    ];
    for (status, words) in marks {
        let (mark, role) = look.glyphs.mark(status);
        row(&mut lines, look.span(role, format!("{mark:<14}  ")), look.span(Role::Text, words), width);
    }
    lines
}

/// What a key or mark means, beside it and below.
fn row(lines: &mut Vec<Line<'static>>, name: Span<'static>, words: Span<'static>, width: usize) {
    let indent = name.width();
    let mut name = Some(name);
    for mut part in wrap::words(&[words], width.saturating_sub(indent)) {
        part.insert(0, name.take().unwrap_or_else(|| Span::raw(" ".repeat(indent))));
        lines.push(Line::from(part));
    }
}
