//! `rydes answer`: shows a task's answer, compares it with the learner's own file, or puts it in.

use std::io::Write;

use anyhow::anyhow;

use super::ask::confirm;
use super::lesson::print_markdown;
use super::session::{Session, say};
use super::{FINDINGS, undo};
use crate::diff::unified;
use crate::settings::Settings;
use crate::workshop::mine::{Target, Way, targets};
use crate::workshop::store::Change;
use crate::workshop::{Task, TaskId};

#[derive(clap::Args, Debug)]
pub(super) struct Arguments {
    /// The task [default: the one that you are at]
    task: Option<String>,
    /// The difference from your own file
    #[arg(long)]
    mine: bool,
    /// Put the answer into your files, after showing what changes
    #[arg(long, conflicts_with = "mine")]
    apply: bool,
    /// Take the last change to your files back
    #[arg(long, conflicts_with_all = ["mine", "apply"])]
    undo: bool,
}

pub(super) fn run(settings: Settings, arguments: &Arguments) -> anyhow::Result<u8> {
    let mut session = Session::open(settings)?;
    if arguments.undo {
        return undo::run(&mut session);
    }
    let task = session.task(arguments.task.as_deref())?.clone();
    let Some(answer) = &task.answer else {
        say(&format!(
            "{} {} is done by deploying: there is no answer to show. `rydes lesson {}` tells how.",
            task.id, task.title, task.id
        ));
        return Ok(0);
    };
    if arguments.apply {
        return apply(&mut session, &task);
    }
    session.progress.task_mut(&task.id).answer_shown = true;
    session.save();
    let mut out = anstream::stdout();
    if arguments.mine {
        let found = look(&mut session, &task)?;
        if found.iter().all(|target| target.way == Way::Already) {
            say(&format!("Your files already do what {} asks.", task.id));
        }
        for target in found {
            say_way(&target);
            out.write_all(unified(&target.path, &target.yours, &target.answer).as_bytes())?;
        }
    } else {
        out.write_all(answer.patch.as_bytes())?;
        if !answer.explanation.is_empty() {
            writeln!(out)?;
            print_markdown(&session, &mut out, &answer.explanation)?;
        }
    }
    Ok(0)
}

/// What the answer makes of the learner's files as they are now.
fn look(session: &mut Session, task: &Task) -> anyhow::Result<Vec<Target>> {
    let all: Vec<TaskId> = session.module.tasks().map(|task| task.id.clone()).collect();
    session.grade(&all)?;
    for path in task.file.iter() {
        session.text_to_change(path)?;
    }
    targets(&session.module, task, &|path| session.text(path), &session.done())
        .map_err(|(id, error)| anyhow!("the module's own answer to {id} cannot be used: {error}"))
}

fn say_way(target: &Target) {
    if target.way == Way::Replaced {
        say(&format!(
            "{}: your version of these lines differs from the module's, so the whole file becomes the module's.",
            target.path
        ));
    }
}

fn apply(session: &mut Session, task: &Task) -> anyhow::Result<u8> {
    let found = look(session, task)?;
    let changed: Vec<&Target> = found.iter().filter(|target| target.yours != target.answer).collect();
    if changed.is_empty() {
        say(&format!("Your files already do what {} asks; nothing was changed.", task.id));
        return Ok(0);
    }
    for target in &changed {
        say_way(target);
        say(&unified(&target.path, &target.yours, &target.answer));
    }
    if !confirm(&session.settings, &format!("Put the answer to {} into your files?", task.id))? {
        say("Nothing was changed.");
        return Ok(FINDINGS);
    }
    let changes: Vec<Change> =
        changed.iter().map(|target| Change { path: target.path.clone(), text: target.answer.clone() }).collect();
    session.folder.change(&format!("answer {}", task.id), &changes)?;
    session.progress.task_mut(&task.id).answer_shown = true;
    session.grade(std::slice::from_ref(&task.id))?;
    session.save();
    say("Done; `rydes answer --undo` takes it back.");
    Ok(0)
}
