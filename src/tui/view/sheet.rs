//! The visible part of a page, and its scroll bar.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::widgets::Widget;

use crate::tui::app::{App, Sheet};
use crate::tui::theme::Role;

/// Draws `sheet` in `area`; the scroll bar stands two columns right of it, where there is more than fits.
pub(super) fn draw(app: &App, sheet: &Sheet, area: Rect, frame: &mut Frame<'_>) {
    for (row, line) in (0..area.height).zip(sheet.page.lines.iter().skip(sheet.scroll)) {
        line.render(Rect::new(area.x, area.y + row, area.width, 1), frame.buffer_mut());
    }
    let all = sheet.page.lines.len();
    let height = usize::from(area.height);
    let x = area.x + area.width + 1;
    if all <= height || height == 0 || x >= frame.area().width {
        return;
    }
    let thumb = (height * height / all).max(1);
    let top = sheet.scroll * (height - thumb) / (all - height).max(1);
    for row in 0..area.height {
        let on = (top..top + thumb).contains(&usize::from(row));
        if on {
            app.look
                .span(Role::Dim, app.look.glyphs.thumb)
                .render(Rect::new(x, area.y + row, 1, 1), frame.buffer_mut());
        }
    }
}
