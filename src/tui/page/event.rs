//! The page of an event: what it holds, as JSON, and where the ride sits in it.

use ratatui::text::Span;

use super::{Page, Writer};
use crate::ride::{Event, Happening, Lens, lens};
use crate::tui::app::{App, EventScreen};
use crate::tui::mask;
use crate::tui::theme::Role;
use crate::tui::wrap::printable;

/// Lines beyond this are not laid out: a message may hold 256 KiB.
const MOST_LINES: usize = 4000;

/// The open event.
pub fn event(app: &App, screen: &EventScreen, width: usize) -> Page {
    let mut writer = Writer::new(&app.look, &app.highlights, width);
    let Some(event) = screen.event() else { return writer.finish() };
    let shown = |text: &str| {
        let text = printable(text);
        if app.monitor.masked { mask::masked(&text, app.look.glyphs.ascii) } else { text }
    };
    for (name, value) in facts(app, event) {
        let name = app.look.span(Role::Dim, format!("{name:<10} "));
        writer.indent(vec![name], vec![Span::raw(" ".repeat(11))]);
        writer.say(Role::Text, &shown(&value));
        writer.dedent();
    }
    for (title, text) in bodies(event) {
        let lens = lens(&text);
        writer.blank();
        let path = if lens.path.is_empty() { "no ride in it".to_owned() } else { path_of(&lens) };
        let role = if lens.path.is_empty() { Role::Dim } else { Role::Warn };
        let arrow = if app.look.glyphs.ascii { " > " } else { " ▸ " };
        writer.text(&[
            app.look.span(Role::Heading, title),
            app.look.span(Role::Dim, "   the ride: "),
            app.look.span(role, shown(&path.replace(" > ", arrow))),
        ]);
        writer.blank();
        json(app, &mut writer, &lens);
    }
    writer.finish()
}

fn path_of(lens: &Lens) -> String {
    lens.path.join(" > ")
}

/// What is known of an event beside what it holds.
fn facts(app: &App, event: &Event) -> Vec<(&'static str, String)> {
    let time = |time: crate::ride::Time| {
        let local = app.monitor.local(time);
        local.map(|time| time.format("%Y-%m-%d %H:%M:%S%.6f").to_string()).unwrap_or_default()
    };
    let mut facts = vec![("seen", time(event.seen))];
    if let Some(at) = event.at {
        facts.push(("happened", time(at)));
    }
    match &event.happening {
        Happening::Requested { request } => facts.push(("request", request.to_string())),
        Happening::Answered { request, status, error, latency, .. } => {
            facts.push(("request", request.to_string()));
            facts.push(("status", status.map_or_else(|| "no answer".to_owned(), |status| status.to_string())));
            facts.push(("took", crate::tui::app::duration(i64::try_from(*latency).unwrap_or(i64::MAX))));
            facts.extend(error.iter().map(|error| ("error", error.clone())));
        }
        Happening::Message { topic, id, .. } => facts.extend([("topic", topic.clone()), ("message", id.clone())]),
        Happening::Log { group, stream, .. } => facts.extend([("group", group.clone()), ("stream", stream.clone())]),
        Happening::Item { table, change, by, .. } => {
            facts.extend([("table", table.clone()), ("change", format!("{change:?}, by {by:?}").to_lowercase())]);
        }
        Happening::Health { .. } | Happening::Topology(_) => {}
    }
    facts
}

/// The texts that an event carries, with a title each.
fn bodies(event: &Event) -> Vec<(&'static str, String)> {
    match &event.happening {
        Happening::Answered { body: Some(body), .. } => vec![("Answer", body.to_string())],
        Happening::Message { envelope: Some(envelope), .. } => vec![("SNS envelope", envelope.clone())],
        Happening::Message { body, .. } => vec![("Message", body.clone())],
        Happening::Log { message, .. } => vec![("Log line", message.clone())],
        Happening::Item { item, .. } => vec![("Item", item.to_string())],
        Happening::Requested { .. }
        | Happening::Answered { .. }
        | Happening::Health { .. }
        | Happening::Topology(_) => Vec::new(),
    }
}

/// The text, with the ride in it marked.
fn json(app: &App, writer: &mut Writer<'_>, lens: &Lens) {
    let look = &app.look;
    let mut start = 0;
    for line in lens.pretty.split_inclusive('\n').take(MOST_LINES) {
        let end = start + line.len();
        let bar = if look.glyphs.ascii { "|" } else { "▎" };
        let inside = lens.spans.iter().any(|span| span.start < end && span.end > start + indent(line));
        let mut spans = vec![look.span(if inside { Role::Warn } else { Role::Rule }, format!("{bar} "))];
        spans.extend(pieces(app, line.trim_end_matches('\n'), start, lens));
        let mut parts = crate::tui::wrap::hard(spans, writer.width()).into_iter();
        if let Some(first) = parts.next() {
            writer.line(first);
        }
        for mut part in parts {
            part.insert(0, look.span(if inside { Role::Warn } else { Role::Rule }, format!("{bar} ")));
            writer.line(part);
        }
        start = end;
    }
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// A line in the colours of JSON, what belongs to the ride brighter.
fn pieces(app: &App, line: &str, start: usize, lens: &Lens) -> Vec<Span<'static>> {
    let look = &app.look;
    let mut spans = Vec::new();
    let mut push = |text: &str, from: usize, role: Role| {
        let text = printable(text);
        let text = if app.monitor.masked { mask::masked(&text, look.glyphs.ascii) } else { text };
        let inside = lens.spans.iter().any(|span| span.start <= from && from < span.end);
        let style = look.style(role);
        let style = if inside { style.add_modifier(ratatui::style::Modifier::BOLD) } else { style.patch(dimmed(app)) };
        spans.push(Span::styled(look.glyphs.plain(&text), style));
    };
    let mut at = 0;
    while at < line.len() {
        let rest = &line[at..];
        let (length, role) = token(rest);
        push(&rest[..length], start + at, role);
        at += length;
    }
    spans
}

/// What does not belong to the ride steps back.
fn dimmed(app: &App) -> ratatui::style::Style {
    app.look.style(Role::Dim)
}

/// The length of the token at the beginning of `text`, and its colour.
fn token(text: &str) -> (usize, Role) {
    let first = text.chars().next().unwrap_or(' ');
    if first == '"' {
        let mut escaped = false;
        let end = text.char_indices().skip(1).find(|(_, letter)| {
            let ends = *letter == '"' && !escaped;
            escaped = *letter == '\\' && !escaped;
            ends
        });
        let length = end.map_or(text.len(), |(at, _)| at + 1);
        let is_key = text[length..].trim_start().starts_with(':');
        return (length, if is_key { Role::Property } else { Role::Text2 });
    }
    if first.is_ascii_digit() || first == '-' {
        let length = text.find(|letter: char| !(letter.is_ascii_alphanumeric() || "+-.".contains(letter)));
        return (length.unwrap_or(text.len()), Role::Constant);
    }
    if first.is_whitespace() {
        return (text.len() - text.trim_start().len(), Role::Punctuation);
    }
    let length =
        text.find(|letter: char| letter == '"' || letter.is_ascii_digit() || letter == '-').unwrap_or(text.len());
    (length.max(first.len_utf8()), Role::Punctuation)
}
