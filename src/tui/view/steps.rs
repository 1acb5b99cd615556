//! The step list: steps, tasks with their marks, questions.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Span;

use super::line;
use crate::tui::app::{App, Pane, Stop};
use crate::tui::theme::Role;
use crate::tui::wrap::cut;

/// Draws the visible rows.
pub(super) fn draw(app: &App, area: Rect, frame: &mut Frame<'_>) {
    let rows = app.list_rows();
    for (y, row) in (0..area.height).zip(rows.into_iter().skip(app.steps_scroll)) {
        let Some((at, stop)) = row.and_then(|at| Some((at, app.stops.get(at)?))) else { continue };
        let row = Rect::new(area.x, area.y + y, area.width, 1);
        let selected = at == app.at;
        let spans = row_of(app, *stop, selected, usize::from(area.width));
        line(frame, row, spans);
        if selected && app.focus == Pane::Steps {
            frame.buffer_mut().set_style(row, app.look.style(Role::Selected));
        }
    }
}

fn row_of(app: &App, stop: Stop, selected: bool, width: usize) -> Vec<Span<'static>> {
    let look = &app.look;
    let (number, title) = app.title(stop);
    let cursor = if selected { look.span(Role::Accent, look.glyphs.selected) } else { Span::raw(" ") };
    let role = if selected { Role::Strong } else { Role::Text };
    let mut spans = vec![cursor];
    match stop {
        Stop::Step(_) => {
            spans.push(look.span(if selected { Role::Strong } else { Role::Heading }, format!("{number} ")));
            spans.push(look.span(Role::Strong, fitted(app, &title, width, 2 + number.chars().count())));
        }
        Stop::Task(step, task) => {
            let mark = app.module.steps.get(step).and_then(|step| step.tasks.get(task)).and_then(|task| app.mark(task));
            let (glyph, mark_role) = look.glyphs.mark(mark);
            spans.push(look.span(mark_role, format!("{glyph} ")));
            spans.push(look.span(Role::Dim, format!("{number:<4} ")));
            spans.push(look.span(role, fitted(app, &title, width, 8)));
        }
        Stop::Question(question) => {
            let answered = app
                .module
                .questions
                .get(question)
                .is_some_and(|question| app.progress.answers.contains_key(&question.id));
            spans.push(look.span(if answered { Role::Pass } else { Role::Dim }, format!("{number} ")));
            spans.push(look.span(role, fitted(app, &title, width, 3)));
        }
    }
    spans
}

fn fitted(app: &App, title: &str, width: usize, used: usize) -> String {
    cut(&app.look.glyphs.plain(title), width.saturating_sub(used), app.look.glyphs.ellipsis)
}
