//! What surrounds the panes: the header with the learner's progress, lines with titles, news at the bottom.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::Span;
use ratatui::widgets::{Clear, Widget};
use unicode_width::UnicodeWidthStr;

use super::line;
use crate::tui::app::{App, Grading};
use crate::tui::theme::Role;
use crate::tui::wrap::{self, cut};

/// Lines of news that may cover the end of the body.
const LONGEST_NOTICE: usize = 5;

/// The header, and the lines above and below the body.
pub(super) fn draw(app: &App, frame: &mut Frame<'_>) {
    let areas = app.areas();
    header(app, frame, areas.header);
    rule(app, frame, areas.top);
    rule(app, frame, areas.bottom);
}

fn header(app: &App, frame: &mut Frame<'_>, area: Rect) {
    let look = &app.look;
    let (done, all) = app.count();
    let cells = usize::from((area.width / 6).clamp(8, 24));
    let full = (done * cells).checked_div(all).unwrap_or(0);
    if app.alone {
        let words = vec![
            look.span(Role::Accent, " rydes "),
            look.span(Role::Rule, look.glyphs.vertical),
            look.span(Role::Text, " Live ride monitor"),
        ];
        return line(frame, area, words);
    }
    let sparks = sparks(app);
    let right = vec![
        sparks.clone(),
        look.span(Role::Pass, look.glyphs.done.repeat(full)),
        look.span(Role::Rule, look.glyphs.open.repeat(cells - full)),
        look.span(Role::Strong, format!("  {done}")),
        look.span(Role::Dim, format!(" of {all} ")),
    ];
    let width: usize = right.iter().map(Span::width).sum();
    let room = usize::from(area.width).saturating_sub(width + 12);
    let title = cut(&look.glyphs.plain(&app.module.title), room, look.glyphs.ellipsis);
    line(
        frame,
        area,
        vec![
            look.span(Role::Accent, " rydes "),
            look.span(Role::Rule, look.glyphs.vertical),
            look.span(Role::Text, format!(" {title}")),
        ],
    );
    let width = u16::try_from(width).unwrap_or(area.width).min(area.width);
    line(frame, Rect { x: area.x + area.width - width, width, ..area }, right);
}

/// A few sparks beside the progress bar after a task has passed.
fn sparks(app: &App) -> Span<'static> {
    let Some(celebration) = &app.celebration else { return Span::raw("      ") };
    let sparks = app.look.glyphs.sparks;
    let text: String = (0..5).map(|place| sparks[(celebration.frame + place * 3) % sparks.len()]).collect();
    app.look.span(Role::Warn, format!("{text} "))
}

/// A line across `area`.
pub(super) fn rule(app: &App, frame: &mut Frame<'_>, area: Rect) {
    let text = app.look.glyphs.horizontal.repeat(usize::from(area.width));
    line(frame, area, vec![app.look.span(Role::Rule, text)]);
}

/// Words on a line, with a space around them, from `x` on. What stood there leaves nothing behind: no weight, no faintness.
pub(super) fn title(frame: &mut Frame<'_>, area: Rect, x: u16, spans: Vec<Span<'static>>) {
    let mut padded = vec![Span::raw(" ")];
    padded.extend(spans);
    padded.push(Span::raw(" "));
    let width: usize = padded.iter().map(Span::width).sum();
    let room = (area.x + area.width).saturating_sub(x);
    let width = u16::try_from(width).unwrap_or(room).min(room);
    let area = Rect::new(x, area.y, width, area.height).intersection(frame.area());
    for position in area.positions() {
        frame.buffer_mut()[position].modifier = Modifier::empty();
    }
    line(frame, area, padded);
}

/// The news: on the line at the bottom, and above it if they are long.
pub(super) fn notice(app: &App, frame: &mut Frame<'_>) {
    let area = app.areas().bottom;
    let room = usize::from(area.width).saturating_sub(4);
    let checking = app.grading != Grading::Idle && app.report.is_none() && app.has_services == Some(true);
    let news = match &app.notice {
        Some(notice) => wrap::words(&[app.look.span(notice.role, &notice.text)], room),
        None if checking => vec![vec![app.look.span(Role::Dim, "Checking your files")]],
        None => Vec::new(),
    };
    if news.len() > 1 {
        long_notice(app, frame, area, news);
        return;
    }
    let news = news.into_iter().next().unwrap_or_default();
    let used: usize = news.iter().map(Span::width).sum();
    place(app, frame, area, room.saturating_sub(used + 4));
    if !news.is_empty() {
        title(frame, area, area.x + 1, news);
    }
}

/// The state of the sandbox and the folder, at the right of the line at the bottom, as far as there is room.
fn place(app: &App, frame: &mut Frame<'_>, area: Rect, room: usize) {
    let look = &app.look;
    let dot = || look.span(Role::Rule, format!(" {} ", look.glyphs.dot));
    if let crate::tui::app::Source::Replay { .. } = app.monitor.source {
        return;
    }
    let mut spans = Vec::new();
    for (index, (role, words)) in app.cloud.words().into_iter().enumerate() {
        if index > 0 {
            spans.push(dot());
        }
        spans.push(look.span(role, words));
    }
    let folder = look.glyphs.plain(&app.folder);
    let state: usize = spans.iter().map(Span::width).sum();
    if state + folder.width() + 3 < room {
        spans.push(dot());
        spans.push(look.span(Role::Dim, folder));
    }
    let width: usize = spans.iter().map(Span::width).sum();
    if width < room {
        let width = u16::try_from(width).unwrap_or(u16::MAX);
        title(frame, area, area.x + area.width - width - 3, spans);
    }
}

/// News of several lines cover the end of the body: words that tell what to do may not be cut off.
fn long_notice(app: &App, frame: &mut Frame<'_>, area: Rect, mut lines: Vec<Vec<Span<'static>>>) {
    if lines.len() > LONGEST_NOTICE {
        lines.truncate(LONGEST_NOTICE);
        if let Some(last) = lines.last_mut() {
            last.push(app.look.span(Role::Dim, format!(" {}", app.look.glyphs.ellipsis)));
        }
    }
    let height = u16::try_from(lines.len()).unwrap_or(0).min(area.y);
    let covered = Rect { y: area.y - height, height: height + 1, ..area };
    Clear.render(covered, frame.buffer_mut());
    frame.buffer_mut().set_style(covered, app.look.theme.base());
    rule(app, frame, Rect { height: 1, ..covered });
    for (y, spans) in (covered.y + 1..=area.y).zip(lines) {
        line(frame, Rect { x: area.x + 2, y, width: area.width.saturating_sub(2), height: 1 }, spans);
    }
}
