//! The screen on which the learner writes an answer to a question.

use ratatui::Frame;
use ratatui::widgets::{Block, Widget};
use ratatui_textarea::TextArea;

use super::frame::{self, title};
use super::sheet;
use crate::tui::app::App;
use crate::tui::theme::Role;

/// Draws the question and the text box.
pub(super) fn draw(app: &App, text: &TextArea<'static>, screen: &mut Frame<'_>) {
    frame::draw(app, screen);
    let look = &app.look;
    title(screen, app.areas().top, app.areas().main.x, vec![look.span(Role::Accent, "Your own answer")]);
    let (question, area) = app.writing_areas();
    sheet::draw(app, &app.lesson, question, screen);
    let block = Block::bordered().border_set(look.glyphs.border).border_style(look.style(Role::Accent));
    let inside = block.inner(area);
    block.render(area, screen.buffer_mut());
    text.render(inside, screen.buffer_mut());
    frame::notice(app, screen);
}
