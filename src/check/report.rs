//! The verdict on a set of tasks.

use serde::Serialize;

use crate::diagnostic::{Block, Diagnostic, Place, Severity};
use crate::workshop::TaskId;

/// The outcome of one task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Done.
    Pass,
    /// Done, with advice.
    Warn,
    /// Not done.
    Fail,
    /// No verdict was possible; the findings say why.
    Blocked,
}

/// A diagnostic and where it lies in lines and columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was found.
    pub diagnostic: Diagnostic,
    /// Where, if it points into a file.
    pub place: Option<Place>,
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

impl Status {
    /// The status that findings of these severities add up to.
    pub fn of(severities: impl Iterator<Item = Severity>) -> Self {
        let rank = |severity| match severity {
            Severity::Note => Self::Pass,
            Severity::Warning => Self::Warn,
            Severity::Blocked(_) => Self::Blocked,
            Severity::Error => Self::Fail,
        };
        let weight = |status: &Self| {
            [Self::Pass, Self::Warn, Self::Blocked, Self::Fail].iter().position(|other| other == status)
        };
        severities.map(rank).max_by_key(weight).unwrap_or(Self::Pass)
    }

    /// Whether the task is done.
    pub fn is_done(self) -> bool {
        matches!(self, Self::Pass | Self::Warn)
    }
}
