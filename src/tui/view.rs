//! Draws the state. Nothing here changes it, and nothing here can fail.

mod answer;
mod ask;
mod cloud;
mod event;
mod finder;
mod footer;
mod frame;
mod help;
mod lesson;
mod monitor;
mod sheet;
mod small;
mod steps;
mod writing;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Widget};

use super::app::{App, Screen};
use super::look::Look;
use super::theme::Role;

pub use ask::{choice as ask_choice, text as ask_text};
pub use finder::row as finder_row;
pub use footer::command as footer_command;

/// Draws everything.
pub fn view(app: &App, frame: &mut Frame<'_>) {
    let area = frame.area();
    Block::new().style(app.look.theme.base()).render(area, frame.buffer_mut());
    if !app.fits() || area.width < app.size.width || area.height < app.size.height {
        small::draw(app, frame);
        return;
    }
    for (index, screen) in app.screens.iter().enumerate() {
        let covered = app.screens[index + 1..].iter().any(|above| {
            matches!(
                above,
                Screen::Answer(_) | Screen::Writing(_) | Screen::Cloud(_) | Screen::Monitor | Screen::Event(_)
            )
        });
        match screen {
            _ if covered => {}
            Screen::Lesson => lesson::draw(app, frame),
            Screen::Answer(answer) => answer::draw(app, answer, frame),
            Screen::Cloud(cloud) => cloud::draw(app, cloud, frame),
            Screen::Monitor => monitor::draw(app, frame),
            Screen::Event(event) => event::draw(app, event, frame),
            Screen::FindRide => monitor::find(app, frame),
            Screen::Writing(text) => writing::draw(app, text, frame),
            Screen::Ask(ask) => ask::draw(app, ask, frame),
            Screen::Search(finder) => finder::draw(app, finder, "Search the lessons", frame),
            Screen::Palette(finder) => finder::draw(app, finder, "Do", frame),
            Screen::Help(first) => help::draw(app, *first, frame),
        }
    }
    footer::draw(app, frame);
}

/// One line of text at the top left of `area`.
fn line(frame: &mut Frame<'_>, area: Rect, spans: Vec<Span<'static>>) {
    Line::from(spans).render(area, frame.buffer_mut());
}

/// A box in the middle of the screen with a title, cleared inside; gives its inner area.
fn window(look: &Look, frame: &mut Frame<'_>, area: Rect, title: &str) -> Rect {
    let block = Block::bordered()
        .border_set(look.glyphs.border)
        .border_style(look.style(Role::Accent))
        .style(look.theme.base())
        .title(look.span(Role::Accent, format!(" {title} ")));
    let inside = block.inner(area);
    // A column of air on both sides keeps the text below apart.
    let air = Rect { x: area.x.saturating_sub(1), width: area.width + 2, ..area }.intersection(frame.area());
    Clear.render(air, frame.buffer_mut());
    frame.buffer_mut().set_style(air, look.theme.base());
    block.render(area, frame.buffer_mut());
    inside
}

/// A rectangle of this size in the middle of `area`, no larger than it.
fn centred(area: Rect, width: u16, height: u16) -> Rect {
    let (width, height) = (width.min(area.width), height.min(area.height));
    Rect::new(area.x + (area.width - width) / 2, area.y + (area.height - height) / 2, width, height)
}

#[cfg(test)]
mod tests;
