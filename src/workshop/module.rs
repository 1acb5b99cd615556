//! A module as data: steps, tasks, hints, answers, questions, diagrams.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::states::Tree;

/// Id of a task as the lesson prints it: `2.5a`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TaskId(pub String);

impl fmt::Display for TaskId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

/// A whole module.
#[derive(Clone, Debug, Default)]
pub struct Module {
    /// Id in kebab-case.
    pub id: String,
    /// Title for people.
    pub title: String,
    /// One sentence.
    pub summary: String,
    /// Folders of the services, in the order of deployment.
    pub services: Vec<String>,
    /// Steps in order.
    pub steps: Vec<Step>,
    /// Questions in order.
    pub questions: Vec<Question>,
    /// Diagrams that prose names.
    pub diagrams: Vec<Diagram>,
    /// The starter services: path from the workshop folder → text.
    pub starter: Tree,
    /// Files that `include` blocks show: name → text.
    pub samples: BTreeMap<String, String>,
}

/// One step of a module.
#[derive(Clone, Debug, Default)]
pub struct Step {
    /// Number as printed: `2`.
    pub id: String,
    /// Title for people.
    pub title: String,
    /// Markdown before the first task.
    pub prose: String,
    /// Tasks in order; none for a step that is only read.
    pub tasks: Vec<Task>,
}

/// One task: something that the learner does and the grader judges.
#[derive(Clone, Debug)]
pub struct Task {
    /// Its id.
    pub id: TaskId,
    /// Title for people.
    pub title: String,
    /// Where the learner works, from the workshop folder.
    pub file: Option<String>,
    /// Markdown.
    pub prose: String,
    /// What must hold.
    pub checks: Vec<CheckRef>,
    /// Documentation worth reading.
    pub docs: Vec<Link>,
    /// The hint ladder, gentlest first.
    pub hints: Vec<Hint>,
    /// The answer, unless the task is a deployment.
    pub answer: Option<Answer>,
    /// Tasks that share this name may be done in any order.
    pub any_order: Option<String>,
    /// The service whose deployment the task is.
    pub deploys: Option<String>,
}

/// A rule that a task asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckRef {
    /// Code of the rule.
    pub code: String,
    /// What the front matter says beside the code.
    pub parameters: toml::Table,
}

/// A link to documentation.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// What it leads to.
    pub title: String,
    /// Where.
    pub url: String,
}

/// One rung of the hint ladder.
#[derive(Clone, Debug)]
pub struct Hint {
    /// Title for people.
    pub title: String,
    /// Markdown.
    pub prose: String,
    /// Unified patch that puts FIXME comments into the learner's file, against the state before the task.
    pub scaffold: Option<String>,
}

/// The model answer of a task.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Unified patch against the state before the task.
    pub patch: String,
    /// Markdown: why it is so.
    pub explanation: String,
}

/// A question for thinking, with a model answer to compare.
#[derive(Clone, Debug)]
pub struct Question {
    /// Id in kebab-case.
    pub id: String,
    /// Title for people.
    pub title: String,
    /// Id of the step after which it is asked.
    pub step: String,
    /// Markdown.
    pub prose: String,
    /// Markdown.
    pub model_answer: String,
}

/// A diagram of boxes and arrows on a grid.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Diagram {
    /// Id that prose names.
    pub id: String,
    /// Title for people.
    pub title: String,
    /// Boxes.
    pub nodes: Vec<Node>,
    /// Arrows.
    #[serde(default)]
    pub edges: Vec<Edge>,
}

/// A box of a diagram.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Node {
    /// Id that edges name.
    pub id: String,
    /// What stands in the box.
    pub label: String,
    /// What it is.
    pub kind: NodeKind,
    /// Row of the grid, from 0.
    pub row: u16,
    /// Column of the grid, from 0.
    pub column: u16,
}

/// What a box of a diagram stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NodeKind {
    /// A person or browser.
    User,
    /// An API Gateway.
    Api,
    /// A Lambda function.
    Function,
    /// An SNS topic.
    Topic,
    /// A DynamoDB table.
    Table,
}

/// An arrow of a diagram.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edge {
    /// Id of the node where it starts.
    pub from: String,
    /// Id of the node where it ends.
    pub to: String,
    /// What stands on it.
    #[serde(default)]
    pub label: String,
    /// How it is drawn.
    pub style: EdgeStyle,
}

/// Whether the sender waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EdgeStyle {
    /// The sender waits for the answer: a solid line.
    Sync,
    /// The sender goes on at once: a dashed line.
    Async,
}

impl Module {
    /// All tasks, in order.
    pub fn tasks(&self) -> impl Iterator<Item = &Task> {
        self.steps.iter().flat_map(|step| &step.tasks)
    }

    /// The task with this id.
    pub fn task(&self, id: &str) -> Option<&Task> {
        self.tasks().find(|task| task.id.0 == id)
    }

    /// The step that holds this task.
    pub fn step_of(&self, id: &TaskId) -> Option<&Step> {
        self.steps.iter().find(|step| step.tasks.iter().any(|task| task.id == *id))
    }

    /// The tasks that `name` means: a task (`2.5a`), a family (`2.5`), or a whole step (`2`). Empty if it means none.
    pub fn tasks_named(&self, name: &str) -> Vec<&Task> {
        if let Some(task) = self.task(name) {
            return vec![task];
        }
        if let Some(step) = self.steps.iter().find(|step| step.id == name) {
            return step.tasks.iter().collect();
        }
        let letter = |rest: &str| rest.len() == 1 && rest.bytes().all(|byte| byte.is_ascii_lowercase());
        self.tasks().filter(|task| task.id.0.strip_prefix(name).is_some_and(letter)).collect()
    }
}
