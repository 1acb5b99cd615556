//! The screen of a terminal that is too small.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::{Paragraph, Widget, Wrap};

use crate::tui::app::App;
use crate::tui::layout::SMALLEST;
use crate::tui::theme::Role;

/// Says how much room is needed.
pub(super) fn draw(app: &App, frame: &mut Frame<'_>) {
    let area = frame.area();
    let text = format!(
        "rydes needs {}x{} characters; this terminal has {}x{}. Make it larger, or use --plain.",
        SMALLEST.width, SMALLEST.height, area.width, area.height
    );
    let top = area.height.saturating_sub(3) / 2;
    let middle = Rect { y: area.y + top, height: area.height - top, ..area };
    let line = Line::from(app.look.span(Role::Text, text));
    Paragraph::new(line).centered().wrap(Wrap { trim: true }).render(middle, frame.buffer_mut());
}
