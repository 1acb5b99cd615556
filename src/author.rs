//! A module proves its own content: every patch applies, starters fail, answers pass, hints help without solving, and nothing points nowhere.
//!
//! Pure: it is given what [`crate::workshop::load`] made, and the files it was made from. Mistakes that keep a module from loading are the loader's.

mod places;
mod prose;
mod shape;
mod states;

use crate::check::{Evidence, ParameterError, TaskReport, grade_task};
use crate::diagnostic::{Place, Span};
use crate::workshop::load::Files;
use crate::workshop::{Module, Task};
use places::{Places, TaskPlaces};

pub use crate::workshop::load::ContentError as Problem;

/// How a task is graded: [`grade_task`], or a test's own.
type Grade<'a> = &'a dyn Fn(&Task, &Evidence) -> Result<TaskReport, ParameterError>;

/// All problems of `module`, which was loaded from `folder` of `files`, in the order of the files. None: it holds what
/// `docs/writing-a-module.md` promises.
pub fn prove(module: &Module, files: &Files, folder: &str) -> Vec<Problem> {
    prove_with(module, files, folder, &grade_task)
}

fn prove_with(module: &Module, files: &Files, folder: &str, grade: Grade) -> Vec<Problem> {
    let places = Places::of(files, folder);
    let mut proof = Proof { module, files, places, grade, problems: Vec::new() };
    proof.shape();
    proof.prose();
    proof.states();
    let mut problems = proof.problems;
    problems.sort_by_key(|problem| (problem.file.clone(), problem.place.map(|place| (place.line, place.column))));
    problems
}

/// What one proof looks at, and what it found.
struct Proof<'a> {
    module: &'a Module,
    files: &'a Files,
    places: Places,
    grade: Grade<'a>,
    problems: Vec<Problem>,
}

impl Proof<'_> {
    fn report(&mut self, file: &str, span: Option<Span>, message: impl Into<String>) {
        let place = span.zip(self.files.get(file)).map(|(span, text)| Place::of(span, text));
        self.problems.push(Problem { file: file.to_owned(), place, message: message.into() });
    }

    /// Reports at the id of the task in its step's front matter.
    fn report_task(&mut self, task: &Task, message: impl Into<String>) {
        self.report_entry(task, |entry| Some(entry.id), message);
    }

    /// Reports at a place in the task's front matter.
    fn report_entry(&mut self, task: &Task, place: impl Fn(&TaskPlaces) -> Option<Span>, message: impl Into<String>) {
        let entry = self.places.task(&task.id).map(|entry| (entry.file.clone(), place(entry)));
        let (file, span) = entry.unwrap_or_else(|| (self.places.manifest.clone(), None));
        self.report(&file, span, message);
    }
}

#[cfg(test)]
mod tests;
