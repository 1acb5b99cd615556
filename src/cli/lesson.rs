//! `rydes lesson` and `rydes hint`: the lesson outside the terminal UI.

use std::io::Write;

use super::session::{Session, say};
use crate::settings::Settings;

#[derive(clap::Args, Debug)]
pub(super) struct LessonArguments {
    /// Step (2), family (2.5) or task (2.5a) [default: the task that you are at]
    step: Option<String>,
}

#[derive(clap::Args, Debug)]
pub(super) struct HintArguments {
    /// The task [default: the one that you are at]
    task: Option<String>,
    /// Print all hints of the task, and count them as used
    #[arg(long)]
    all: bool,
}

pub(super) fn run(settings: Settings, arguments: &LessonArguments) -> anyhow::Result<u8> {
    let session = Session::open(settings)?;
    let mut text = String::new();
    let step = arguments.step.as_deref().and_then(|name| session.module.steps.iter().find(|step| step.id == name));
    let tasks = match (step, &arguments.step) {
        (Some(step), _) => {
            text.push_str(&format!("# {} {}\n\n{}\n\n", step.id, step.title, step.prose));
            step.tasks.iter().collect()
        }
        (None, Some(name)) => session.tasks(std::slice::from_ref(name))?,
        (None, None) => vec![session.task(None)?],
    };
    for task in tasks {
        text.push_str(&format!("## {} {}\n\n{}\n\n", task.id, task.title, task.prose));
        for link in &task.docs {
            text.push_str(&format!("- [{}]({})\n", link.title, link.url));
        }
        text.push('\n');
    }
    print_markdown(&session, &mut anstream::stdout(), &text)?;
    Ok(0)
}

pub(super) fn hint(settings: Settings, arguments: &HintArguments) -> anyhow::Result<u8> {
    let mut session = Session::open(settings)?;
    let task = session.task(arguments.task.as_deref())?.clone();
    if task.hints.is_empty() {
        say(&format!("{} {} has no hints. `rydes lesson {}` tells what to do.", task.id, task.title, task.id));
        return Ok(0);
    }
    let known = session.progress.task_mut(&task.id);
    let shown = if arguments.all { task.hints.len() } else { (known.hints_shown + 1).min(task.hints.len()) };
    known.hints_shown = known.hints_shown.max(shown);
    session.save();
    let mut out = anstream::stdout();
    let first = if arguments.all { 0 } else { shown - 1 };
    for (number, hint) in task.hints.iter().enumerate().take(shown).skip(first) {
        print_markdown(
            &session,
            &mut out,
            &format!("## Hint {} of {}: {}\n\n{}", number + 1, task.hints.len(), hint.title, hint.prose),
        )?;
        if let Some(scaffold) = &hint.scaffold {
            writeln!(out, "\n{}", scaffold.trim_end())?;
        }
    }
    if shown < task.hints.len() {
        say(&format!("Another hint: `rydes hint {}`.", task.id));
    } else if task.answer.is_some() {
        say(&format!("That was the last hint. The answer: `rydes answer {}`.", task.id));
    }
    Ok(0)
}

/// Prints a piece of a lesson.
pub(super) fn print_markdown(_session: &Session, out: &mut dyn Write, markdown: &str) -> anyhow::Result<()> {
    writeln!(out, "{}", markdown.trim_end())?;
    Ok(())
}
