//! The states of the services, one after another: the starter fails every task, each answer passes its task and no later one, each scaffold helps without
//! solving.

use std::sync::Arc;

use super::Proof;
use crate::check::{Evidence, Status, TaskReport};
use crate::diagnostic::{Block, Severity};
use crate::workshop::{PatchError, Source, Task, Tree, apply};

/// Tasks that may be done in any order, or a single one.
type Group<'a> = Vec<&'a Task>;

impl<'a> Proof<'a> {
    pub(super) fn states(&mut self) {
        let mut before = self.module.starter.clone();
        let mut done: Vec<&Task> = Vec::new();
        let manifest = self.places.manifest.clone();
        self.verdicts(&before, &done, &manifest, "the starter");
        for group in self.in_groups() {
            for task in &group {
                if is_graded(task) && task.answer.is_none() {
                    self.report_task(
                        task,
                        format!("task {} is graded and has no answer: nothing proves that it can be passed", task.id),
                    );
                }
            }
            if group.len() > 1 {
                self.any_order(&before, &done, &group);
            }
            for task in group {
                self.scaffolds(task, &before, &done);
                match self.answer(task, &before) {
                    Some(Ok(after)) => {
                        self.file_is_there(task, &after);
                        before = after;
                        done.push(task);
                        self.after(task, &before, &done, "after this answer");
                    }
                    // Every later state would be built on sand.
                    Some(Err(())) => return,
                    None => {}
                }
            }
        }
    }

    fn in_groups(&self) -> Vec<Group<'a>> {
        let mut groups: Vec<Group<'a>> = Vec::new();
        for task in self.module.tasks() {
            let last = groups.last_mut();
            match last.filter(|group| task.any_order.is_some() && group[0].any_order == task.any_order) {
                Some(group) => group.push(task),
                None => groups.push(vec![task]),
            }
        }
        groups
    }

    /// Each task of the group alone, and all of them backwards.
    fn any_order(&mut self, before: &Tree, done: &[&Task], group: &[&'a Task]) {
        for task in group {
            if let Some(Ok(after)) = self.answer(task, before) {
                let done: Vec<&Task> = done.iter().chain([task]).copied().collect();
                self.after(task, &after, &done, "after this answer alone");
            }
        }
        let mut tree = before.clone();
        for task in group.iter().rev() {
            let Some(answer) = &task.answer else { continue };
            match apply(&tree, &answer.patch) {
                Ok(after) => tree = after,
                Err(error) => {
                    let file = self.patch_file(task);
                    self.report(
                        &file,
                        None,
                        format!("does not apply when the tasks of its group are done backwards: {error}"),
                    );
                    return;
                }
            }
        }
    }

    /// The state after the task's answer; none if it has none.
    fn answer(&mut self, task: &Task, before: &Tree) -> Option<Result<Tree, ()>> {
        let answer = task.answer.as_ref()?;
        Some(apply(before, &answer.patch).map_err(|error| {
            let file = self.patch_file(task);
            let message = does_not_apply(task, &error);
            if !self.problems.iter().any(|problem| problem.file == file && problem.message == message) {
                self.report(&file, None, message);
            }
        }))
    }

    fn file_is_there(&mut self, task: &Task, after: &Tree) {
        if let Some(file) = task.file.as_ref().filter(|file| !after.contains_key(*file)) {
            self.report_task(
                task,
                format!("task {} names the file {file}, which no state of the services has", task.id),
            );
        }
    }

    /// The state after `task`: exactly `done` passes, and `task` without advice.
    fn after(&mut self, task: &Task, tree: &Tree, done: &[&Task], when: &str) {
        let file = self.patch_file(task);
        self.verdicts(tree, done, &file, when);
        if let Some(report) = self.graded(task, tree).filter(|report| report.status == Status::Warn) {
            self.report(&file, None, format!("{when}, task {} passes only with advice{}", task.id, because(&report)));
        }
    }

    /// In `tree`, the tasks of `done` pass and no others.
    fn verdicts(&mut self, tree: &Tree, done: &[&Task], file: &str, when: &str) {
        let evidence = evidence(tree);
        for task in self.module.tasks().filter(|task| is_graded(task)) {
            // A check that makes no sense has been reported with its place.
            let Ok(report) = (self.grade)(task, &evidence) else { continue };
            let expected = done.iter().any(|other| other.id == task.id);
            if expected && !report.status.is_done() {
                let status = words(report.status);
                self.report(
                    file,
                    None,
                    format!("{when}, task {} should pass and {status}{}", task.id, because(&report)),
                );
            } else if !expected && report.status.is_done() {
                self.report(file, None, format!("{when}, task {} passes already, and is not done yet", task.id));
            }
        }
    }

    fn scaffolds(&mut self, task: &Task, before: &Tree, done: &[&Task]) {
        for (index, hint) in task.hints.iter().enumerate() {
            let Some(patch) = &hint.scaffold else { continue };
            let file = self
                .places
                .task(&task.id)
                .and_then(|entry| entry.scaffolds.get(index)?.clone())
                .unwrap_or_else(|| self.places.manifest.clone());
            let tree = match apply(before, patch) {
                Ok(tree) => tree,
                Err(error) => {
                    self.report(&file, None, does_not_apply(task, &error));
                    continue;
                }
            };
            let Some(report) = self.graded(task, &tree) else { continue };
            if report.status.is_done() {
                self.report(&file, None, format!("the scaffold passes task {}: it gives the answer away", task.id));
            }
            let unreadable =
                |finding: &&crate::check::Finding| finding.diagnostic.severity == Severity::Blocked(Block::File);
            if report.findings.iter().any(|finding| unreadable(&finding)) {
                self.report(&file, None, format!("with the scaffold the file does not parse{}", because(&report)));
            }
            for other in done {
                if self.graded(other, &tree).is_some_and(|report| !report.status.is_done()) {
                    self.report(&file, None, format!("the scaffold undoes task {}", other.id));
                }
            }
        }
    }

    fn graded(&self, task: &Task, tree: &Tree) -> Option<TaskReport> {
        if is_graded(task) { (self.grade)(task, &evidence(tree)).ok() } else { None }
    }

    fn patch_file(&self, task: &Task) -> String {
        let entry = self.places.task(&task.id);
        entry.and_then(|entry| entry.answer.clone()).unwrap_or_else(|| self.places.manifest.clone())
    }
}

/// Whether files alone decide the task: a deployment shows only on a target.
fn is_graded(task: &Task) -> bool {
    !task.checks.is_empty() && task.deploys.is_none()
}

fn evidence(tree: &Tree) -> Evidence {
    Evidence::new(tree.iter().map(|(path, text)| (path.clone(), Source::Text(Arc::from(text.as_str())))))
}

fn does_not_apply(task: &Task, error: &PatchError) -> String {
    format!("does not apply to the state before task {}: {error}", task.id)
}

fn words(status: Status) -> &'static str {
    match status {
        Status::Pass => "passes",
        Status::Warn => "passes with advice",
        Status::Fail => "fails",
        Status::Blocked => "cannot be judged",
    }
}

/// The worst finding, in brackets.
fn because(report: &TaskReport) -> String {
    let Some(finding) = report.findings.first() else { return String::new() };
    let place = finding.place.map(|place| format!(":{}:{}", place.line, place.column)).unwrap_or_default();
    let file = finding.diagnostic.file.as_ref().map(|file| format!("{file}{place}: ")).unwrap_or_default();
    format!(" ({} {file}{})", finding.diagnostic.code, finding.diagnostic.message)
}
