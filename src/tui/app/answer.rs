//! The answer screen: what the answer changes, in the lesson's files or in the learner's own.

use super::{App, Sheet};
use crate::diff::{self, Diff};
use crate::workshop::mine::{self, Way};
use crate::workshop::{Task, TaskId};

/// The state of the answer screen.
#[derive(Clone, Debug)]
pub struct AnswerScreen {
    /// Whose answer.
    pub task: TaskId,
    /// Whether the learner's own files are compared with the answer, instead of the lesson's.
    pub mine: bool,
    /// Whether old and new stand side by side where there is room.
    pub split: bool,
    /// The files that it changes.
    pub files: Vec<FileDiff>,
    /// The selected hunk, counted over all files.
    pub hunk: usize,
    /// The page.
    pub sheet: Sheet,
    /// Why there is nothing to show, where that is so.
    pub trouble: Option<String>,
    /// Grows whenever the differences are made again.
    pub generation: usize,
}

/// What the answer changes in one file.
#[derive(Clone, Debug)]
pub struct FileDiff {
    /// Path from the workshop folder.
    pub path: String,
    /// The text before.
    pub old: String,
    /// The text after.
    pub new: String,
    /// The difference.
    pub diff: Diff,
    /// How the answer got into the learner's file.
    pub way: Option<Way>,
}

impl FileDiff {
    fn new(path: String, old: String, new: String, way: Option<Way>) -> Self {
        const CONTEXT: usize = 3;
        Self { diff: diff::diff(&old, &new, CONTEXT), path, old, new, way }
    }
}

impl AnswerScreen {
    /// The hunk with this number over all files: index of the file, index in the file.
    pub fn locate(&self, hunk: usize) -> Option<(usize, usize)> {
        let mut left = hunk;
        for (file, diff) in self.files.iter().enumerate() {
            match left.checked_sub(diff.diff.hunks.len()) {
                Some(rest) => left = rest,
                None => return Some((file, left)),
            }
        }
        None
    }

    /// How many hunks there are.
    pub fn hunks(&self) -> usize {
        self.files.iter().map(|file| file.diff.hunks.len()).sum()
    }
}

impl App {
    /// The answer screen for `task`.
    pub fn answer_screen(&self, task: &Task) -> AnswerScreen {
        let mut screen = AnswerScreen {
            task: task.id.clone(),
            mine: false,
            split: true,
            files: Vec::new(),
            hunk: 0,
            sheet: Sheet::default(),
            trouble: None,
            generation: 0,
        };
        self.compare(&mut screen);
        screen
    }

    /// Makes the differences that `screen` shows.
    pub fn compare(&self, screen: &mut AnswerScreen) {
        let Some(task) = self.module.task(&screen.task.0) else { return };
        let made = if screen.mine { self.own_files(task) } else { self.lesson_files(task) };
        screen.generation += 1;
        (screen.files, screen.trouble) = match made {
            Ok(files) => (files, None),
            Err(trouble) => (Vec::new(), Some(trouble)),
        };
        screen.hunk = screen.hunk.min(screen.hunks().saturating_sub(1));
    }

    fn lesson_files(&self, task: &Task) -> Result<Vec<FileDiff>, String> {
        let broken = |(id, error)| format!("The answer to {id} in this module is broken: {error}.");
        let before = self.module.state_before(&task.id).map_err(broken)?;
        let after = self.module.state_after(&task.id).map_err(broken)?;
        let changed = after.into_iter().filter(|(path, text)| before.get(path) != Some(text));
        let file = |(path, new): (String, String)| {
            let old = before.get(&path).cloned().unwrap_or_default();
            FileDiff::new(path, old, new, None)
        };
        Ok(changed.map(file).collect())
    }

    fn own_files(&self, task: &Task) -> Result<Vec<FileDiff>, String> {
        let done: Vec<TaskId> = self
            .module
            .tasks()
            .filter(|task| self.status(&task.id).is_some_and(crate::diagnostic::Status::is_done))
            .map(|task| task.id.clone())
            .collect();
        let yours = |path: &str| self.files.get(path).cloned();
        let targets = mine::targets(&self.module, task, &yours, &done)
            .map_err(|(id, error)| format!("The answer to {id} in this module is broken: {error}."))?;
        Ok(targets
            .into_iter()
            .map(|target| FileDiff::new(target.path, target.yours, target.answer, Some(target.way)))
            .collect())
    }
}
