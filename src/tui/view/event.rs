//! The screen of an event.

use ratatui::Frame;

use super::frame::{self, title};
use super::sheet;
use crate::tui::app::{App, EventScreen};
use crate::tui::theme::Role;

/// Draws the page of the event.
pub(super) fn draw(app: &App, event: &EventScreen, screen: &mut Frame<'_>) {
    frame::draw(app, screen);
    let areas = app.areas();
    let kind = event.event().map_or("Event", |event| match event.happening.feed() {
        crate::ride::Feed::Requests => "Request",
        crate::ride::Feed::Topic => "Message of the topic",
        crate::ride::Feed::Logs => "Log line",
        crate::ride::Feed::Table => "Item of the table",
        crate::ride::Feed::Discovery => "What is deployed",
    });
    let place = format!("  {} of {}", event.at + 1, event.events.len());
    title(screen, areas.top, areas.main.x, vec![app.look.span(Role::Accent, kind), app.look.span(Role::Dim, place)]);
    sheet::draw(app, &event.sheet, areas.main, screen);
    frame::notice(app, screen);
}
