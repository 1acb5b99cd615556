//! How far the learner is: the mark beside each task, and how many are done.

use super::App;
use crate::check::TaskReport;
use crate::diagnostic::Status;
use crate::workshop::{Task, TaskId};

impl App {
    /// What the step list shows beside `task`. Tasks that lie ahead of the learner show no failure: nothing went wrong there yet.
    pub fn mark(&self, task: &Task) -> Option<Status> {
        let status = self.status(&task.id)?;
        let open = self.task().is_some_and(|open| open.id == task.id);
        if status.is_done() || open { Some(status) } else { (!self.lies_ahead(&task.id)).then_some(status) }
    }

    /// The verdict on a task: of the last grading, or, before there was one, of the last visit.
    pub fn status(&self, task: &TaskId) -> Option<Status> {
        match &self.report {
            Some(report) => report.task(task).map(|report| report.status),
            None => self.progress.task(task).status,
        }
    }

    /// Whether `task` comes after the first one that is not done.
    fn lies_ahead(&self, task: &TaskId) -> bool {
        let mut tasks = self.module.tasks().take_while(|other| other.id != *task);
        tasks.any(|other| !self.status(&other.id).is_some_and(Status::is_done) && other.deploys.is_none())
    }

    /// How many tasks are done, of how many.
    pub fn count(&self) -> (usize, usize) {
        let done = self.module.tasks().filter(|task| self.status(&task.id).is_some_and(Status::is_done)).count();
        (done, self.module.tasks().count())
    }

    /// The first task after `task` that is not done; from the beginning if there is none after it.
    pub fn next_open(&self, task: Option<&TaskId>) -> Option<&Task> {
        let open = |other: &&Task| !self.status(&other.id).is_some_and(Status::is_done);
        let after = self.module.tasks().skip_while(|other| Some(&other.id) != task).find(open);
        let after = if task.is_none() { None } else { after };
        after.or_else(|| self.module.tasks().find(open))
    }

    /// The finding that is selected in the verdict.
    pub fn selected_finding(&self) -> Option<&crate::check::Finding> {
        self.task_report()?.findings.get(self.finding)
    }

    /// A verdict in a few words.
    pub fn verdict_words(report: Option<&TaskReport>) -> &'static str {
        match report.map(|report| (report.status, report.needs_target())) {
            None => "not checked yet",
            Some((Status::Pass, _)) => "done",
            Some((Status::Warn, _)) => "done, with advice",
            Some((Status::Fail, _)) => "not there yet",
            Some((Status::Blocked, true)) => "needs a running target",
            Some((Status::Blocked, false)) => "cannot be judged",
        }
    }
}
