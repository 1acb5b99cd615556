//! The lesson screen: steps, lesson, verdict.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Span;
use ratatui::widgets::Widget;

use super::frame::{self, rule, title};
use super::{cloud, monitor, sheet, steps};
use crate::tui::app::{App, Grading, Pane, Stop};
use crate::tui::theme::Role;
use crate::tui::wrap::cut;

/// Draws the panes that are visible.
pub(super) fn draw(app: &App, screen: &mut Frame<'_>) {
    frame::draw(app, screen);
    let areas = app.areas();
    let look = &app.look;
    let role = |pane| if app.focus == pane { Role::Accent } else { Role::Dim };
    let body = Rect { y: areas.top.y + 1, height: areas.bottom.y.saturating_sub(areas.top.y + 1), ..areas.top };
    if let Some(list) = areas.steps {
        steps::draw(app, list, screen);
        title(screen, areas.top, list.x + 1, vec![look.span(role(Pane::Steps), "Steps")]);
        if areas.main.width > 0 {
            divider(app, screen, list.x + list.width, body);
        }
    }
    if areas.main.width > 0 {
        sheet::draw(app, &app.lesson, areas.main, screen);
        let room = usize::from(areas.main.width).saturating_sub(2);
        let text = cut(&look.glyphs.plain(&heading(app)), room, look.glyphs.ellipsis);
        title(screen, areas.top, areas.main.x, vec![look.span(role(Pane::Lesson), text)]);
    }
    let mut body = body;
    if let Some(rides) = areas.rides {
        monitor::strip(app, rides, screen);
        body.height = rides.y.saturating_sub(body.y);
        if app.size.height >= 30 {
            let line = Rect::new(rides.x - 1, rides.y - 1, areas.top.width.saturating_sub(rides.x - 1), 1);
            body.height = body.height.saturating_sub(1);
            rule(app, screen, line);
            join(app, screen, line.x.saturating_sub(1), line.y, look.glyphs.tee_right);
            title(screen, line, rides.x, monitor::strip_title(app));
        }
    }
    if let Some(strip) = areas.strip {
        body.height = strip.y.saturating_sub(1 + body.y);
        cloud::strip(app, strip, screen);
        let line = Rect::new(strip.x - 1, strip.y - 1, areas.top.width.saturating_sub(strip.x - 1), 1);
        rule(app, screen, line);
        join(app, screen, line.x.saturating_sub(1), line.y, look.glyphs.tee_right);
        title(screen, line, strip.x, cloud::strip_title(app));
    }
    if let Some(verdict) = areas.verdict {
        sheet::draw(app, &app.verdict, verdict, screen);
        let line = if areas.beside {
            divider(app, screen, verdict.x.saturating_sub(2), body);
            areas.top
        } else if areas.main.width > 0 {
            let line = Rect::new(verdict.x - 1, verdict.y - 1, areas.top.width.saturating_sub(verdict.x - 1), 1);
            rule(app, screen, line);
            join(app, screen, line.x.saturating_sub(1), line.y, look.glyphs.tee_right);
            line
        } else {
            areas.top
        };
        title(screen, line, verdict.x, verdict_title(app));
    }
    frame::notice(app, screen);
}

/// What the line above the lesson says: the step that the open stop belongs to.
fn heading(app: &App) -> String {
    let step = match app.stop() {
        // Its own title stands below already.
        Stop::Step(_) => return "Lesson".to_owned(),
        Stop::Task(step, _) => Some(step),
        Stop::Question(_) => app.stops[..app.at].iter().rev().find_map(|stop| match stop {
            Stop::Step(step) => Some(*step),
            _ => None,
        }),
    };
    step.map_or_else(|| "Questions".to_owned(), |step| app.name(Stop::Step(step)))
}

fn verdict_title(app: &App) -> Vec<Span<'static>> {
    let look = &app.look;
    let focus = if app.focus == Pane::Verdict { Role::Accent } else { Role::Dim };
    let report = app.task_report();
    let (mark, role) = look.glyphs.mark(report.map(|report| report.status));
    let mut words = App::verdict_words(report).to_owned();
    if report.is_none() && app.grading != Grading::Idle && app.has_services == Some(true) {
        words = "checking".to_owned();
    }
    let mut spans = vec![look.span(focus, "Verdict  "), look.span(role, format!("{mark} {words}"))];
    let findings = report.map_or(0, |report| report.findings.len());
    if findings > 1 {
        spans.push(look.span(Role::Dim, format!("  {} of {findings}", app.finding + 1)));
    }
    spans
}

/// A vertical line between panes, joined to the lines above and below.
fn divider(app: &App, screen: &mut Frame<'_>, x: u16, body: Rect) {
    for y in body.y..body.y + body.height {
        join(app, screen, x, y, app.look.glyphs.vertical);
    }
    join(app, screen, x, body.y.saturating_sub(1), app.look.glyphs.tee_down);
    let below = body.y + body.height;
    let is_rule = screen.buffer_mut().cell((x, below)).is_some_and(|cell| cell.symbol() == app.look.glyphs.horizontal);
    if is_rule {
        join(app, screen, x, below, app.look.glyphs.tee_up);
    }
}

fn join(app: &App, screen: &mut Frame<'_>, x: u16, y: u16, glyph: &str) {
    app.look.span(Role::Rule, glyph).render(Rect::new(x, y, 1, 1).intersection(screen.area()), screen.buffer_mut());
}
