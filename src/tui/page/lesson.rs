//! The page of a stop: a step's prose, a task with its hints, or a question with both answers.

use ratatui::text::{Line, Span};

use super::{Page, Writer, diff};
use crate::diff::diff as difference;
use crate::tui::app::{App, Stop};
use crate::tui::command::Command;
use crate::tui::markdown;
use crate::tui::theme::Role;
use crate::workshop::{Question, Task, apply};

/// From this width on, the learner's answer and the model answer stand side by side.
const BESIDE: usize = 72;

/// The page of the open stop.
pub fn lesson(app: &App, width: usize) -> Page {
    let mut writer = Writer::new(&app.look, &app.highlights, width);
    writer.wider = (!app.zoomed).then(|| format!("{} shows it as a picture.", app.keymap.label(Command::Zoom)));
    match app.stop() {
        Stop::Step(step) => {
            if let Some(step) = app.module.steps.get(step) {
                heading(&mut writer, &app.name(app.stop()));
                markdown::write(&mut writer, &app.module, &step.prose);
            }
        }
        Stop::Task(..) => {
            if let Some(task) = app.task() {
                write_task(&mut writer, app, task);
            }
        }
        Stop::Question(_) => {
            if let Some(question) = app.question() {
                return write_question(app, question, width);
            }
        }
    }
    writer.finish()
}

fn heading(writer: &mut Writer<'_>, text: &str) {
    writer.say(Role::Heading, text);
    writer.blank();
}

fn write_task(writer: &mut Writer<'_>, app: &App, task: &Task) {
    writer.say(Role::Heading, &app.name(app.stop()));
    if let Some(file) = &task.file {
        writer.say(Role::Dim, file);
    }
    writer.blank();
    markdown::write(writer, &app.module, &task.prose);
    if !task.docs.is_empty() {
        writer.blank();
        writer.say(Role::Strong, "Documentation");
        let look = writer.look();
        for link in &task.docs {
            let mark = look.span(Role::Accent, format!("{} ", look.glyphs.bullet));
            writer.indent(vec![mark], vec![Span::raw("  ")]);
            writer.text(&[look.span(Role::Text, &link.title)]);
            writer.text(&[look.span(Role::Link, &link.url)]);
            writer.dedent();
        }
    }
    write_hints(writer, app, task);
}

fn write_hints(writer: &mut Writer<'_>, app: &App, task: &Task) {
    let shown = app.progress.task(&task.id).hints_shown.min(task.hints.len());
    for (index, hint) in task.hints.iter().take(shown).enumerate() {
        writer.blank();
        writer.anchor(&format!("hint {}", index + 1));
        writer.say(
            Role::Heading,
            &format!("Hint {} of {} {} {}", index + 1, task.hints.len(), app.look.glyphs.dot, hint.title),
        );
        writer.blank();
        markdown::write(writer, &app.module, &hint.prose);
        if let Some(patch) = &hint.scaffold {
            writer.blank();
            scaffold(writer, app, task, patch);
        }
    }
    let left = task.hints.len() - shown;
    if left > 0 {
        writer.blank();
        let key = app.keymap.label(Command::Hint);
        let text = match (shown, left) {
            (0, 1) => format!("Stuck? There is a hint: {key}"),
            (0, _) => format!("Stuck? There are {left} hints, the gentlest first: {key}"),
            (_, _) => format!("{left} more: {key}"),
        };
        writer.say(Role::Dim, &text);
    }
}

/// The lines that a scaffold puts into the file.
fn scaffold(writer: &mut Writer<'_>, app: &App, task: &Task, patch: &str) {
    let Ok(before) = app.module.state_before(&task.id) else { return };
    let Ok(after) = apply(&before, patch) else { return };
    for (path, new) in after.iter().filter(|(path, text)| before.get(*path) != Some(*text)) {
        let old = before.get(path).map_or("", String::as_str);
        diff::unified(writer, path, (old, new), &difference(old, new, 2), None);
    }
}

fn write_question(app: &App, question: &Question, width: usize) -> Page {
    let mut writer = Writer::new(&app.look, &app.highlights, width);
    heading(&mut writer, &question.title);
    markdown::write(&mut writer, &app.module, &question.prose);
    // Beside the text box the question alone: the box holds the answer.
    if app.is_writing() {
        return writer.finish();
    }
    writer.blank();
    let own = app.progress.answers.get(&question.id).filter(|answer| !answer.trim().is_empty());
    let model = app.models.contains(&question.id);
    // Columns cannot be read aloud.
    let half = if model && width >= BESIDE && !app.look.glyphs.spoken { (width - 3) / 2 } else { width };
    let mut yours = Writer::new(&app.look, &app.highlights, half);
    yours.say(Role::Heading, "Your answer");
    yours.blank();
    match own {
        // What the learner wrote is shown as it was written: line by line.
        Some(own) => own.lines().for_each(|line| yours.say(Role::Text, line)),
        None => yours.say(Role::Dim, &format!("Not written yet: {} to write one.", app.keymap.label(Command::Write))),
    }
    if !model {
        if own.is_some() {
            yours.blank();
            yours.say(Role::Dim, &format!("Compare it with the model answer: {}", app.keymap.label(Command::Answer)));
        }
        writer.lines(yours.finish().lines);
        return writer.finish();
    }
    let mut theirs = Writer::new(&app.look, &app.highlights, half);
    theirs.say(Role::Heading, "Model answer");
    theirs.blank();
    markdown::write(&mut theirs, &app.module, &question.model_answer);
    let (yours, theirs) = (yours.finish(), theirs.finish());
    if half < width {
        beside(&mut writer, yours, theirs, half);
    } else {
        writer.lines(yours.lines);
        writer.blank();
        writer.anchor("model");
        writer.lines(theirs.lines);
    }
    writer.finish()
}

/// Two pages in two columns.
fn beside(writer: &mut Writer<'_>, left: Page, right: Page, half: usize) {
    let rows = left.lines.len().max(right.lines.len());
    let (mut left, mut right) = (left.lines.into_iter(), right.lines.into_iter());
    let look = writer.look();
    for _ in 0..rows {
        let mut spans = left.next().map(|line: Line<'_>| line.spans).unwrap_or_default();
        let used = super::writer::width_of(&spans);
        spans.push(Span::raw(" ".repeat(half.saturating_sub(used))));
        spans.push(look.span(Role::Rule, format!(" {} ", look.glyphs.vertical)));
        spans.extend(right.next().map(|line| line.spans).unwrap_or_default());
        writer.line(spans);
    }
}
