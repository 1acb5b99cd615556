//! The page of a verdict: what the grader found, where, and what to do about it.

use ratatui::style::Style;
use ratatui::text::Span;

use super::{Page, Writer};
use crate::check::Finding;
use crate::diagnostic::{Severity, Status};
use crate::tui::app::App;
use crate::tui::command::Command;
use crate::tui::theme::Role;
use crate::tui::wrap::printable;

/// The verdict on the open task.
pub fn verdict(app: &App, width: usize) -> Page {
    let mut writer = Writer::new(&app.look, &app.highlights, width);
    match app.task_report() {
        Some(report) => {
            if report.status.is_done() {
                done(&mut writer, app);
            }
            for (index, finding) in report.findings.iter().enumerate() {
                writer.blank();
                writer.anchor(&format!("finding {index}"));
                let selected = report.findings.len() > 1 && index == app.finding;
                write_finding(&mut writer, app, finding, selected);
            }
        }
        None if app.trouble.is_some() => writer.say(Role::Fail, app.trouble.as_deref().unwrap_or_default()),
        None if app.has_services == Some(false) => {
            let key = app.keymap.label(Command::LayOut);
            writer
                .say(Role::Text, &format!("There are no services in {} yet. {key} lays out the starters.", app.folder));
        }
        None if app.task().is_some() => writer.say(Role::Dim, "Your files have not been checked yet."),
        None => {}
    }
    writer.finish()
}

fn done(writer: &mut Writer<'_>, app: &App) {
    let next = app.next_open(app.task().map(|task| &task.id));
    let text = match next {
        Some(next) => {
            let place = next.file.as_ref().map(|file| format!(", in {file}")).unwrap_or_default();
            format!("This task is done. Next: {} {}{place}", next.id, next.title)
        }
        None => "This task is done, and so are all the others.".to_owned(),
    };
    writer.say(Role::Pass, &text);
}

fn write_finding(writer: &mut Writer<'_>, app: &App, finding: &Finding, selected: bool) {
    let look = writer.look();
    let diagnostic = &finding.diagnostic;
    let status = match diagnostic.severity {
        Severity::Error => Some(Status::Fail),
        Severity::Warning => Some(Status::Warn),
        Severity::Blocked(_) => Some(Status::Blocked),
        Severity::Note => None,
    };
    let (mark, role) = look.glyphs.mark(status);
    let mark = look.span(role, format!("{mark} "));
    let cursor = if selected { look.span(Role::Accent, look.glyphs.selected) } else { Span::raw(" ") };
    writer.indent(vec![cursor.clone(), mark], vec![cursor, Span::raw("  ")]);
    writer.text(&words(
        writer,
        if status.is_some() { Role::Strong } else { Role::Text },
        &capital(&diagnostic.message),
    ));
    let mut place = diagnostic.file.clone().unwrap_or_default();
    if let Some(found) = finding.place {
        place.push_str(&format!(":{}:{}", found.line, found.column));
    }
    let place = if place.is_empty() { String::new() } else { format!("{place}  ") };
    writer.text(&[look.span(Role::Link, place.trim_end()), look.span(Role::Dim, format!("  {}", diagnostic.code))]);
    if let Some(help) = &diagnostic.help {
        writer.text(&words(writer, Role::Text, help));
    }
    if let Some(edit) = &diagnostic.edit {
        let key = look.span(Role::Key, app.keymap.label(Command::Fix));
        writer.text(&[key, look.span(Role::Text, format!(" {}", edit.title))]);
    }
    writer.dedent();
}

/// A sentence of the grader, in which code stands between backticks.
fn words(writer: &Writer<'_>, role: Role, text: &str) -> Vec<Span<'static>> {
    let look = writer.look();
    // Names from the learner's files may hold anything.
    let text = printable(&text.replace('\n', " "));
    let pieces = text.split('`').enumerate();
    if look.style(Role::Code) == Style::new() || text.matches('`').count() % 2 == 1 {
        return vec![look.span(role, text)];
    }
    pieces.map(|(index, piece)| look.span(if index % 2 == 1 { Role::Code } else { role }, piece)).collect()
}

/// The grader's messages continue a line in a log; here they begin one.
fn capital(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        // A name keeps its spelling.
        Some(first) if text.split(' ').next().is_some_and(|word| word.chars().all(char::is_alphabetic)) => {
            first.to_uppercase().chain(characters).collect()
        }
        _ => text.to_owned(),
    }
}
