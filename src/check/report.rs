//! The verdict on a set of tasks.

use crate::diagnostic::{Block, Diagnostic, Place, Severity, Status};
use crate::workshop::TaskId;

/// A diagnostic and where it lies in lines and columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was found.
    pub diagnostic: Diagnostic,
    /// Where, if it points into a file.
    pub place: Option<Place>,
    /// What its edit replaces, if it offers one.
    pub edit_place: Option<Place>,
}

/// The verdict on one task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskReport {
    /// Which task.
    pub id: TaskId,
    /// Its outcome.
    pub status: Status,
    /// Why, worst first.
    pub findings: Vec<Finding>,
}

impl TaskReport {
    /// Whether something other than the learner's files stood in the way.
    pub fn needs_target(&self) -> bool {
        self.status == Status::Blocked
            && self.findings.iter().all(|finding| finding.diagnostic.severity != Severity::Blocked(Block::File))
    }
}

/// The verdict on all tasks that were asked for, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Id of the module.
    pub module: String,
    /// One entry a task.
    pub tasks: Vec<TaskReport>,
}

impl Report {
    /// The verdict on `task`, if it was asked for.
    pub fn task(&self, task: &TaskId) -> Option<&TaskReport> {
        self.tasks.iter().find(|report| report.id == *task)
    }
}
