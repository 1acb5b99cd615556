//! Words for people: a source excerpt with carets, as compilers print them.

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use crate::check::{Finding, Report};
use crate::diagnostic::{Block, Severity, Status};
use crate::workshop::Module;

/// The text of a file, by its path from the workshop folder.
pub type Sources<'a> = &'a dyn Fn(&str) -> Option<String>;

/// One finding with its source excerpt, `width` columns wide, ending in a newline. Contains ANSI colours; print it through a stream that strips
/// them where they are not wanted.
pub fn finding(finding: &Finding, sources: Sources<'_>, width: usize, ascii: bool) -> String {
    let diagnostic = &finding.diagnostic;
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
        Severity::Blocked(Block::Unsure) => Level::WARNING.with_name("not certain"),
        Severity::Blocked(_) => Level::WARNING.with_name("blocked"),
    };
    let message = plain(&diagnostic.message);
    let title = level.primary_title(message.as_str()).id(diagnostic.code);
    let file = diagnostic.file.as_deref();
    let text = file.and_then(sources).map(|text| printable(&text));
    let mut group = Group::with_title(title);
    match (file, &text, diagnostic.span) {
        (Some(file), Some(text), Some(span)) => {
            let start = text.floor_char_boundary(span.start);
            let end = text.floor_char_boundary(first_lines(text, start, span.end)).max(start);
            let annotation = AnnotationKind::Primary.span(start..end);
            group = group.element(Snippet::source(text.as_str()).path(file).annotation(annotation));
        }
        (Some(file), ..) => group = group.element(Origin::path(file)),
        _ => {}
    }
    let help = diagnostic.help.as_deref().map(plain);
    if let Some(help) = &help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    let fix = diagnostic.edit.as_ref().map(|edit| format!("`rydes check --fix` can do this: {}", plain(&edit.title)));
    if let Some(fix) = &fix {
        group = group.element(Level::NOTE.with_name("fix").message(fix.as_str()));
    }
    let decor = if ascii {
        annotate_snippets::renderer::DecorStyle::Ascii
    } else {
        annotate_snippets::renderer::DecorStyle::Unicode
    };
    let renderer = Renderer::styled().term_width(width.max(20)).decor_style(decor);
    format!("{}\n", renderer.render(&[group]))
}

/// A span that covers many lines is shown by its first three: nobody wants a screen of carets.
fn first_lines(text: &str, start: usize, end: usize) -> usize {
    let end = end.min(text.len());
    let rest = text.get(start..end).unwrap_or_default();
    rest.match_indices('\n').nth(2).map_or(end, |(offset, _)| start + offset)
}

/// A learner's file may hold escape sequences; what reaches the terminal must not. Every byte keeps its place.
fn printable(text: &str) -> String {
    text.chars()
        .map(|letter| if letter.is_ascii_control() && !matches!(letter, '\n' | '\t' | '\r') { '.' } else { letter })
        .collect()
}

fn plain(text: &str) -> String {
    printable(text).replace("**", "")
}

/// "4 of 17 tasks done. Next: 2.3 …", about the tasks of `report`.
pub fn summary_line(report: &Report, module: &Module) -> String {
    let count = |status: &dyn Fn(Status) -> bool| report.tasks.iter().filter(|task| status(task.status)).count();
    let done = count(&Status::is_done);
    let mut words = format!("{done} of {} tasks done", report.tasks.len());
    for (status, name) in [(Status::Warn, "with advice"), (Status::Blocked, "without a verdict")] {
        match count(&|other| other == status) {
            0 => {}
            number => words.push_str(&format!(", {number} {name}")),
        }
    }
    let next = report
        .tasks
        .iter()
        .find(|task| task.status == Status::Fail)
        .or_else(|| report.tasks.iter().find(|task| !task.status.is_done()));
    let next = next.and_then(|next| module.task(&next.id.0));
    match next {
        Some(next) => {
            let file = next.file.as_deref().map(|file| format!(" ({file})")).unwrap_or_default();
            format!("{words}. Next: {} {}{file}", next.id, next.title)
        }
        None => format!("{words}."),
    }
}
