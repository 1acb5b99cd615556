//! `rydes reset`: puts the files of a step or a task back to where it starts.

use anyhow::{anyhow, bail};

use super::ask::confirm;
use super::session::{Session, say};
use super::{FINDINGS, undo};
use crate::diff::diff;
use crate::settings::Settings;
use crate::workshop::store::Change;
use crate::workshop::{Tree, apply};

#[derive(clap::Args, Debug)]
pub(super) struct Arguments {
    /// Task (2.1), family (2.5) or step (2) [default: the task that you are at]
    step: Option<String>,
    /// Take the last change to your files back
    #[arg(long, conflicts_with = "step")]
    undo: bool,
}

pub(super) fn run(settings: Settings, arguments: &Arguments) -> anyhow::Result<u8> {
    let mut session = Session::open(settings)?;
    if arguments.undo {
        return undo::run(&mut session);
    }
    let name = match &arguments.step {
        Some(name) => name.clone(),
        None => session.task(None)?.id.to_string(),
    };
    let tasks = session.tasks(std::slice::from_ref(&name))?;
    let broken = |(id, error)| anyhow!("the module's own answer to {id} cannot be used: {error}");
    let first = tasks.first().ok_or_else(|| anyhow!("step {name} has no tasks: there is nothing to put back"))?;
    let start = session.module.state_before(&first.id).map_err(broken)?;
    // The files of the step are those that its answers touch.
    let mut end: Tree = start.clone();
    for (task, answer) in tasks.iter().filter_map(|task| Some((task, task.answer.as_ref()?))) {
        end = apply(&end, &answer.patch).map_err(|error| broken((task.id.clone(), error)))?;
    }
    let touched: Vec<&String> =
        end.iter().filter(|(path, text)| start.get(*path) != Some(*text)).map(|(path, _)| path).collect();
    if touched.is_empty() {
        bail!("{name} changes no file: there is nothing to put back");
    }
    let mut changes = Vec::new();
    for path in touched {
        let Some(text) = start.get(path) else { continue };
        let yours = session.text_to_change(path)?.unwrap_or_default();
        if yours != *text {
            let (added, removed) = diff(&yours, text, 0).counts();
            say(&format!("{path}: {added} lines come back, {removed} of yours go"));
            changes.push(Change { path: path.clone(), text: text.clone() });
        }
    }
    if changes.is_empty() {
        say(&format!("Your files are as {name} starts; nothing was changed."));
        return Ok(0);
    }
    if !confirm(&session.settings, &format!("Put these files back to the start of {name}?"))? {
        say("Nothing was changed.");
        return Ok(FINDINGS);
    }
    session.folder.change(&format!("reset {name}"), &changes)?;
    let all: Vec<_> = session.module.tasks().map(|task| task.id.clone()).collect();
    session.grade(&all)?;
    session.save();
    say("Done; `rydes reset --undo` takes it back.");
    Ok(0)
}
