//! The learner's own file against the answer: what of it would change, with as much of the learner's own work kept as possible.

use super::module::{Module, Task, TaskId};
use super::states::{PatchError, Tree, apply};

/// How the answer gets into the learner's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// It is there already.
    Already,
    /// The answer's patch fits the learner's file as it is.
    Patched,
    /// The answer was merged with what the learner changed elsewhere.
    Merged,
    /// The learner's version of the same lines is in the way: the file becomes that of the answer.
    Replaced,
}

/// One file of the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Path from the workshop folder.
    pub path: String,
    /// The learner's text; empty if there is no such file.
    pub yours: String,
    /// What it would become.
    pub answer: String,
    /// How that was made.
    pub way: Way,
}

/// What `task`'s answer makes of the learner's files. `yours` gives the learner's text of a path; `done` are the tasks that the learner has
/// passed, whose work a replaced file must keep.
///
/// # Errors
/// The module's own patches do not apply, or the task has no answer (an empty list).
pub fn targets(
    module: &Module,
    task: &Task,
    yours: &dyn Fn(&str) -> Option<String>,
    done: &[TaskId],
) -> Result<Vec<Target>, (TaskId, PatchError)> {
    if task.answer.is_none() {
        return Ok(Vec::new());
    }
    let before = module.state_before(&task.id)?;
    let after = module.state_after(&task.id)?;
    let changed = after.iter().filter(|(path, text)| before.get(*path) != Some(*text));
    changed.map(|(path, text)| target(module, task, path, (&before, text), yours(path), done)).collect()
}

fn target(
    module: &Module,
    task: &Task,
    path: &str,
    (before, after): (&Tree, &String),
    yours: Option<String>,
    done: &[TaskId],
) -> Result<Target, (TaskId, PatchError)> {
    let yours = yours.unwrap_or_default();
    let shape = Shape::of(&yours);
    let plain = shape.strip(&yours);
    let finish =
        |answer: &str, way| Target { path: path.to_owned(), yours: yours.clone(), answer: shape.dress(answer), way };
    let base = before.get(path).cloned().unwrap_or_default();
    if plain == *after || done.contains(&task.id) {
        return Ok(Target { path: path.to_owned(), answer: yours.clone(), yours, way: Way::Already });
    }
    if let Some(answer) = &task.answer
        && let Ok(patched) = apply(&Tree::from([(path.to_owned(), plain.clone())]), &only(&answer.patch, path))
        && let Some(text) = patched.get(path)
    {
        return Ok(finish(text, Way::Patched));
    }
    if let Ok(merged) = diffy::merge(&base, &plain, after) {
        return Ok(finish(&merged, Way::Merged));
    }
    let last = module.tasks().filter(|other| done.contains(&other.id) || other.id == task.id).last().unwrap_or(task);
    let state = module.state_after(&last.id)?;
    Ok(finish(state.get(path).unwrap_or(after), Way::Replaced))
}

/// The part of a patch that concerns `path`.
fn only(patch: &str, path: &str) -> String {
    super::states::split_files(patch)
        .unwrap_or_default()
        .into_iter()
        .filter(|file| file.path == path)
        .map(|file| file.text)
        .collect()
}

/// How the learner's file is written apart from its content.
struct Shape {
    byte_order_mark: bool,
    carriage_returns: bool,
}

impl Shape {
    fn of(text: &str) -> Self {
        Self { byte_order_mark: text.starts_with('\u{feff}'), carriage_returns: text.contains("\r\n") }
    }

    fn strip(&self, text: &str) -> String {
        text.trim_start_matches('\u{feff}').replace("\r\n", "\n")
    }

    fn dress(&self, text: &str) -> String {
        let text = if self.carriage_returns { text.replace('\n', "\r\n") } else { text.to_owned() };
        if self.byte_order_mark { format!("\u{feff}{text}") } else { text }
    }
}
