//! The stops on the way through a module: each step, its tasks, and the questions after it.

use crate::workshop::progress::Progress;
use crate::workshop::{Module, TaskId};

/// A place in the lesson, by its indexes in the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The prose of a step.
    Step(usize),
    /// A task: index of the step, index in the step.
    Task(usize, usize),
    /// A question for thinking.
    Question(usize),
}

/// All stops of `module`, in order.
pub(super) fn all(module: &Module) -> Vec<Stop> {
    let mut stops = Vec::new();
    for (index, step) in module.steps.iter().enumerate() {
        stops.push(Stop::Step(index));
        stops.extend((0..step.tasks.len()).map(|task| Stop::Task(index, task)));
        let after = module.questions.iter().enumerate().filter(|(_, question)| question.step == step.id);
        stops.extend(after.map(|(question, _)| Stop::Question(question)));
    }
    let known = |id: &str| module.steps.iter().any(|step| step.id == id);
    let rest = module.questions.iter().enumerate().filter(|(_, question)| !known(&question.step));
    stops.extend(rest.map(|(question, _)| Stop::Question(question)));
    stops
}

/// The stop where the learner left off.
pub(super) fn resume(module: &Module, stops: &[Stop], progress: &Progress) -> usize {
    let task = progress.current.as_ref().and_then(|id| of_task(module, stops, id));
    let step = || {
        let id = progress.step.as_ref()?;
        stops.iter().position(|stop| matches!(stop, Stop::Step(step) if module.steps[*step].id == *id))
    };
    task.or_else(step).unwrap_or(0)
}

/// The stop of the task with this id.
pub(super) fn of_task(module: &Module, stops: &[Stop], id: &TaskId) -> Option<usize> {
    stops.iter().position(|stop| match stop {
        Stop::Task(step, task) => module.steps[*step].tasks[*task].id == *id,
        Stop::Step(_) | Stop::Question(_) => false,
    })
}

impl super::App {
    /// The stop of the task with this id.
    pub fn stop_of(&self, id: &TaskId) -> Option<usize> {
        of_task(&self.module, &self.stops, id)
    }

    /// The title of a stop: number or mark, and words.
    pub fn title(&self, stop: Stop) -> (String, String) {
        match stop {
            Stop::Step(step) => {
                let step = &self.module.steps[step];
                (step.id.clone(), step.title.clone())
            }
            Stop::Task(step, task) => {
                let task = &self.module.steps[step].tasks[task];
                (task.id.to_string(), task.title.clone())
            }
            Stop::Question(question) => {
                (self.look.glyphs.question.to_owned(), self.module.questions[question].title.clone())
            }
        }
    }

    /// The name of a stop in one line.
    pub fn name(&self, stop: Stop) -> String {
        let (number, title) = self.title(stop);
        match stop {
            Stop::Step(_) if number.chars().all(|character| character.is_ascii_digit()) => {
                format!("Step {number} {} {title}", self.look.glyphs.dot)
            }
            Stop::Step(_) | Stop::Question(_) => title,
            Stop::Task(..) => format!("{number}  {title}"),
        }
    }
}
