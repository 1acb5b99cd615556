//! Where the learner is in a module, and what the learner wrote on the way. Pure data; `store` keeps it on disk.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::module::{Module, TaskId};
use crate::diagnostic::Status;

/// The version of the format that this program writes.
pub const FORMAT: u32 = 1;

/// A learner's progress through one module.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Version of the format.
    pub format: u32,
    /// Id of the module.
    pub module: String,
    /// The task that was open last; none before the first.
    #[serde(default)]
    pub current: Option<TaskId>,
    /// The step that was open last, for steps without tasks.
    #[serde(default)]
    pub step: Option<String>,
    /// What is known of each task that was looked at.
    #[serde(default)]
    pub tasks: BTreeMap<TaskId, TaskProgress>,
    /// The learner's own answers: id of the question → text.
    #[serde(default)]
    pub answers: BTreeMap<String, String>,
    /// Keys of the same format that this version does not know; kept when saving.
    #[serde(flatten)]
    pub rest: serde_json::Map<String, serde_json::Value>,
}

/// What is known of one task.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TaskProgress {
    /// Its status when it was graded last.
    pub status: Option<Status>,
    /// Whether it has ever passed.
    pub passed: bool,
    /// How many hints were revealed.
    pub hints_shown: usize,
    /// Whether the answer was revealed.
    pub answer_shown: bool,
}

impl Progress {
    /// Progress at the start of `module`.
    pub fn new(module: &str) -> Self {
        Self {
            format: FORMAT,
            module: module.to_owned(),
            current: None,
            step: None,
            tasks: BTreeMap::new(),
            answers: BTreeMap::new(),
            rest: serde_json::Map::new(),
        }
    }

    /// What is known of `task`, to be changed.
    pub fn task_mut(&mut self, task: &TaskId) -> &mut TaskProgress {
        self.tasks.entry(task.clone()).or_default()
    }

    /// What is known of `task`.
    pub fn task(&self, task: &TaskId) -> TaskProgress {
        self.tasks.get(task).cloned().unwrap_or_default()
    }

    /// Takes in the status that a grading gave to tasks; gives those that passed for the first time.
    pub fn take_in<'a>(&mut self, graded: impl IntoIterator<Item = (&'a TaskId, Status)>) -> Vec<TaskId> {
        let mut passed = Vec::new();
        for (id, status) in graded {
            let task = self.task_mut(id);
            task.status = Some(status);
            if status.is_done() && !task.passed {
                task.passed = true;
                passed.push(id.clone());
            }
        }
        passed
    }

    /// How many tasks of `module` are done by their last grading, of how many.
    pub fn count(&self, module: &Module) -> (usize, usize) {
        let done = module.tasks().filter(|task| self.is_done(&task.id)).count();
        (done, module.tasks().count())
    }

    /// Whether `task` was done when it was graded last.
    pub fn is_done(&self, task: &TaskId) -> bool {
        self.tasks.get(task).and_then(|task| task.status).is_some_and(Status::is_done)
    }

    /// The first task of `module` that is not done and that a grading can judge here.
    pub fn next<'a>(&self, module: &'a Module) -> Option<&'a super::Task> {
        module.tasks().find(|task| task.deploys.is_none() && !self.is_done(&task.id))
    }
}
