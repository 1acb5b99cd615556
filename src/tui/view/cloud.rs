//! Deploys and the sandbox's activity: a screen of their own, and a strip below the lesson.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Span;
use ratatui::widgets::Widget;

use super::frame::{self, title};
use super::sheet;
use crate::tui::app::{App, CloudScreen, Deploying};
use crate::tui::page::activity_lines;
use crate::tui::theme::Role;
use crate::tui::wrap::cut;

/// Draws the page that is open.
pub(super) fn draw(app: &App, open: &CloudScreen, screen: &mut Frame<'_>) {
    frame::draw(app, screen);
    let areas = app.areas();
    title(screen, areas.top, areas.main.x, tabs(app, open, usize::from(areas.main.width)));
    sheet::draw(app, &open.sheet, areas.main, screen);
    frame::notice(app, screen);
}

/// The pages by name, with the marks of the deploys; without their common beginning where there is no room.
fn tabs(app: &App, open: &CloudScreen, width: usize) -> Vec<Span<'static>> {
    let look = &app.look;
    let names: Vec<&str> = app.cloud.deploys.iter().map(|deploy| deploy.service.as_str()).collect();
    let all: usize = names.iter().map(|name| name.len() + 5).sum::<usize>() + 8;
    let mut spans = Vec::new();
    for (index, deploy) in app.cloud.deploys.iter().enumerate() {
        let short = deploy
            .service
            .rsplit('-')
            .next()
            .filter(|_| names.iter().any(|name| deploy.service.starts_with(&format!("{name}-"))));
        let name = short.filter(|_| all > width).unwrap_or(&deploy.service);
        let (mark, role) = mark(app, &deploy.state);
        spans.push(look.span(role, format!("{mark} ")));
        spans.push(look.span(if index == open.page { Role::Accent } else { Role::Dim }, name));
        spans.push(look.span(Role::Rule, format!(" {} ", look.glyphs.vertical)));
    }
    let role = if open.page >= app.cloud.deploys.len() { Role::Accent } else { Role::Dim };
    spans.push(look.span(role, "activity"));
    spans
}

fn mark(app: &App, state: &Deploying) -> (&'static str, Role) {
    use crate::diagnostic::Status::{Fail, Pass};
    let glyphs = app.look.glyphs;
    match state {
        Deploying::Never | Deploying::NotTried => glyphs.mark(None),
        Deploying::Waiting => (glyphs.ellipsis, Role::Dim),
        Deploying::Running => (glyphs.ellipsis, Role::Warn),
        Deploying::Done(_) => glyphs.mark(Some(Pass)),
        Deploying::Failed { .. } => glyphs.mark(Some(Fail)),
    }
}

/// The last lines of activity.
pub(super) fn strip(app: &App, area: Rect, screen: &mut Frame<'_>) {
    let height = usize::from(area.height);
    let lines = activity_lines(app, height);
    for (row, mut spans) in (area.y..area.y + area.height).zip(lines) {
        let room = usize::from(area.width);
        let before: usize = spans.iter().rev().skip(1).map(Span::width).sum();
        if let Some(last) = spans.last_mut() {
            last.content = cut(&last.content, room.saturating_sub(before), app.look.glyphs.ellipsis).into();
        }
        ratatui::text::Line::from(spans).render(Rect { y: row, height: 1, ..area }, screen.buffer_mut());
    }
}

/// What stands on the line above the strip.
pub(super) fn strip_title(app: &App) -> Vec<Span<'static>> {
    let look = &app.look;
    let rides = &app.cloud.rides;
    let mut spans = vec![look.span(Role::Dim, "Sandbox")];
    if let Some((done, all)) = rides.underway {
        spans.push(look.span(Role::Warn, format!("  {done} of {all} rides answered")));
    } else if rides.answered + rides.failed > 0 {
        spans.push(
            look.span(
                Role::Pass,
                format!("  {} {}", rides.answered, if rides.answered == 1 { "ride" } else { "rides" }),
            ),
        );
        if rides.failed > 0 {
            spans.push(look.span(Role::Fail, format!(", {} failed", rides.failed)));
        }
    }
    spans
}

#[cfg(test)]
mod tests;
