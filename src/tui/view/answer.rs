//! The answer screen.

use ratatui::Frame;

use super::frame::{self, title};
use super::sheet;
use crate::tui::app::{AnswerScreen, App};
use crate::tui::theme::Role;

/// Draws the answer.
pub(super) fn draw(app: &App, answer: &AnswerScreen, screen: &mut Frame<'_>) {
    frame::draw(app, screen);
    let areas = app.areas();
    let look = &app.look;
    let tab = |on: bool, text: &str| {
        if on { look.span(Role::Accent, text) } else { look.span(Role::Dim, text) }
    };
    let spans = vec![
        look.span(Role::Strong, format!("Answer {}  ", answer.task)),
        tab(!answer.mine, "the lesson's files"),
        look.span(Role::Rule, format!(" {} ", look.glyphs.vertical)),
        tab(answer.mine, "your files"),
    ];
    title(screen, areas.top, areas.main.x, spans);
    sheet::draw(app, &answer.sheet, areas.main, screen);
    frame::notice(app, screen);
}
