//! The live ride monitor: the architecture with rides on their way above, figures below it, then panes with rides, events and numbers.

mod architecture;
mod figures;
mod lanes;
mod map;
mod numbers;
mod rides;
mod strip;
mod waterfall;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::Span;

use super::frame::{self, rule, title};
use crate::ride::{Fate, Time};
use crate::tui::app::{App, Part};
use crate::tui::look::Look;
use crate::tui::mask;
use crate::tui::theme::Role;
use crate::tui::wrap::cut;

pub(super) use strip::{strip, strip_title};

/// Draws the monitor.
pub(super) fn draw(app: &App, screen: &mut Frame<'_>) {
    frame::draw(app, screen);
    let areas = app.areas();
    let parts = app.monitoring();
    title(screen, areas.top, areas.main.x, heading(app));
    architecture::draw(app, parts.picture, parts.boxed, screen);
    figures::draw(app, parts.figures, screen);
    figures::troubles(app, parts.troubles, screen);
    for (part, area) in &parts.panes {
        pane(app, *part, *area, parts.panes.len() == 1, screen);
    }
    frame::notice(app, screen);
}

/// What stands on the line at the top.
fn heading(app: &App) -> Vec<Span<'static>> {
    let look = &app.look;
    let picture = &app.monitor.picture;
    let mut spans = vec![look.span(Role::Accent, "Live rides")];
    let place = &picture.topology;
    if !place.region.is_empty() {
        let cloud = if place.sandbox { "sandbox" } else { "AWS" };
        spans.push(look.span(Role::Dim, format!("  {cloud} {} {} {}", place.region, look.glyphs.dot, place.stage)));
    }
    if let crate::tui::app::Source::Replay { file, speed, ended } = &app.monitor.source {
        let state = match (*ended, *speed) {
            (true, _) => "played to the end".to_owned(),
            (false, speed) if speed.is_infinite() => "as fast as it goes".to_owned(),
            (false, speed) if (speed - 1.0).abs() < f64::EPSILON => "as it happened".to_owned(),
            (false, speed) => format!("{speed} times as fast"),
        };
        spans.push(look.span(Role::Warn, format!("  replay of {file}, {state}")));
    }
    if let Some(waiting) = app.monitor.frozen {
        let words = if waiting == 0 { "  FROZEN ".to_owned() } else { format!("  FROZEN, {waiting} events since ") };
        spans.push(Span::styled(look.glyphs.plain(&words), look.style(Role::Match).add_modifier(Modifier::BOLD)));
    }
    if let Some(file) = &app.monitor.recording {
        let dot = if look.glyphs.ascii { "*" } else { "●" };
        spans.push(look.span(Role::Fail, format!("  {dot} ")));
        spans.push(look.span(Role::Text, format!("recording to {file}")));
    }
    if app.monitor.masked {
        spans.push(look.span(Role::Dim, "  masked"));
    }
    spans
}

/// Draws the line in which words for the search are typed.
pub(super) fn find(app: &App, screen: &mut Frame<'_>) {
    let area = app.areas().bottom;
    let look = &app.look;
    let query = look.glyphs.plain(&app.monitor.query);
    let spans = vec![look.span(Role::Key, "Find rides: "), look.span(Role::Strong, &query), Span::raw(" ")];
    let width = u16::try_from(spans.iter().map(Span::width).sum::<usize>()).unwrap_or(0);
    title(screen, area, area.x + 1, fitting(app, spans, usize::from(area.width).saturating_sub(4)));
    let x = (area.x + 1 + width).min((area.x + area.width).saturating_sub(1));
    if area.height > 0 && area.width > 0 {
        screen.set_cursor_position(ratatui::layout::Position::new(x, area.y));
    }
}

fn pane(app: &App, part: Part, area: Rect, alone: bool, screen: &mut Frame<'_>) {
    if area.height == 0 || area.width == 0 {
        return;
    }
    let line = Rect { height: 1, ..area };
    rule(app, screen, line);
    let inside = Rect { y: area.y + 1, height: area.height - 1, ..area };
    let spans = if alone { tabs(app, part, usize::from(area.width)) } else { pane_title(app, part, true) };
    title(screen, line, line.x, fitting(app, spans, usize::from(line.width).saturating_sub(2)));
    match part {
        Part::Rides => rides::draw(app, inside, screen),
        Part::Ride => waterfall::draw(app, inside, screen),
        Part::Numbers => numbers::draw(app, inside, screen),
        Part::Topic | Part::Logs | Part::Table => lanes::draw(app, part, inside, screen),
    }
}

/// The name of a pane, and what there is to say of what it shows.
fn pane_title(app: &App, part: Part, detail: bool) -> Vec<Span<'static>> {
    let look = &app.look;
    let role = if app.monitor.part == part { Role::Accent } else { Role::Dim };
    let mut spans = vec![look.span(role, name(part))];
    if !detail {
        return spans;
    }
    let words = match part {
        Part::Rides => rides::words(app),
        Part::Ride => waterfall::words(app),
        Part::Numbers => String::new(),
        Part::Topic | Part::Logs | Part::Table => lanes::words(app, part),
    };
    if !words.is_empty() {
        spans.push(look.span(Role::Dim, format!("  {words}")));
    }
    spans
}

/// All panes by name, where only one of them is visible.
fn tabs(app: &App, open: Part, width: usize) -> Vec<Span<'static>> {
    let look = &app.look;
    let mut spans = Vec::new();
    let short = width < 100;
    for part in Part::ALL {
        if !spans.is_empty() {
            spans.push(look.span(Role::Rule, format!(" {} ", look.glyphs.vertical)));
        }
        spans.extend(pane_title(app, part, part == open && !short));
    }
    if short {
        let words = pane_title(app, open, true).pop().filter(|_| !matches!(open, Part::Numbers));
        spans.extend(words.filter(|words| words.content.trim() != name(open)));
    }
    spans
}

fn name(part: Part) -> &'static str {
    match part {
        Part::Rides => "Rides",
        Part::Ride => "Way",
        Part::Topic => "SNS",
        Part::Logs => "Logs",
        Part::Table => "Table",
        Part::Numbers => "Numbers",
    }
}

/// Spans cut to `width` columns.
fn fitting(app: &App, spans: Vec<Span<'static>>, width: usize) -> Vec<Span<'static>> {
    let mut room = width;
    let mut fitting = Vec::new();
    for mut span in spans {
        let wide = span.width();
        if wide > room {
            span.content = cut(&span.content, room, app.look.glyphs.ellipsis).into();
            fitting.push(span);
            break;
        }
        room -= wide;
        fitting.push(span);
    }
    fitting
}

/// A line of `spans`, no longer than `area` is wide.
fn put(app: &App, area: Rect, spans: Vec<Span<'static>>, screen: &mut Frame<'_>) {
    let area = area.intersection(screen.area());
    if area.height > 0 && area.width > 0 {
        super::line(screen, Rect { height: 1, ..area }, fitting(app, spans, usize::from(area.width)));
    }
}

/// The colour of a unicorn, as the theme has it.
fn tint(look: &Look, color: &str) -> Style {
    let lower = color.to_ascii_lowercase();
    let has = |names: &[&str]| names.iter().any(|name| lower.contains(name));
    let role = match () {
        () if has(&["gold", "orange", "brown", "amber"]) => Role::Code,
        () if has(&["yellow"]) => Role::Warn,
        () if has(&["white", "silver"]) => Role::Strong,
        () if has(&["black", "grey", "gray"]) => Role::Dim,
        () if has(&["red", "pink", "rose"]) => Role::Fail,
        () if has(&["green", "mint"]) => Role::Pass,
        () if has(&["purple", "violet", "magenta", "lilac"]) => Role::Async,
        () if has(&["cyan", "turquoise", "teal"]) => Role::Property,
        () if has(&["blue", "azure"]) => Role::Sync,
        () => Role::Text,
    };
    look.style(role)
}

/// The mark of what became of a ride.
fn mark(look: &Look, fate: Fate) -> (&'static str, Role) {
    let pick = |unicode, ascii| if look.glyphs.ascii { ascii } else { unicode };
    match fate {
        Fate::Travelling => (pick("◌", "o"), Role::Blocked),
        Fate::Recorded => (pick("✓", "+"), Role::Pass),
        Fate::Failed => (pick("✗", "x"), Role::Fail),
        Fate::Lost => (pick("∅", "!"), Role::Fail),
    }
}

/// `14:03:59.123`, where the screen stands.
fn clock(app: &App, time: Time, millis: bool) -> String {
    let format = if millis { "%H:%M:%S%.3f" } else { "%H:%M:%S" };
    app.monitor.local(time).map(|time| time.format(format).to_string()).unwrap_or_default()
}

/// `text`, with accounts and addresses hidden if that was asked for.
fn shown(app: &App, text: &str) -> String {
    if app.monitor.masked { mask::masked(text, app.look.glyphs.ascii) } else { text.to_owned() }
}

#[cfg(test)]
mod tests;
