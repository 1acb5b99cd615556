//! Where in a module's files a thing is said, so that a problem can point there.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use toml::Spanned;

use crate::diagnostic::Span;
use crate::workshop::TaskId;
use crate::workshop::load::{Files, front_matter, join};

/// The places of a module.
#[derive(Default)]
pub(super) struct Places {
    /// Path of module.toml.
    pub(super) manifest: String,
    /// Markdown files: steps in order, then the questions.
    pub(super) prose: Vec<String>,
    /// Ids of steps, with their files.
    pub(super) steps: Vec<(String, Span, String)>,
    /// Diagrams of module.toml.
    pub(super) diagrams: Vec<DiagramPlaces>,
    /// Services of module.toml.
    pub(super) services: Vec<Span>,
    /// Folder of the samples.
    pub(super) samples: String,
    questions: BTreeMap<String, (String, Span)>,
    tasks: BTreeMap<TaskId, TaskPlaces>,
}

/// The places of one task in its step's front matter.
pub(super) struct TaskPlaces {
    /// The step's file.
    pub(super) file: String,
    /// The value of `id`.
    pub(super) id: Span,
    /// Each entry of `checks`.
    pub(super) checks: Vec<Span>,
    /// The `url` of each entry of `docs`.
    pub(super) links: Vec<Span>,
    /// Path of the answer's patch.
    pub(super) answer: Option<String>,
    /// Path of each hint's patch.
    pub(super) scaffolds: Vec<Option<String>>,
}

/// The places of one diagram.
pub(super) struct DiagramPlaces {
    /// The value of `id`.
    pub(super) id: Span,
    /// Each node and each edge.
    pub(super) nodes: Vec<Span>,
    pub(super) edges: Vec<Span>,
}

// The loader has already refused unknown keys and wrong types: these read again only what is pointed at.
#[derive(Deserialize)]
struct Manifest {
    #[serde(default)]
    services: Vec<Spanned<String>>,
    #[serde(default)]
    steps: Vec<String>,
    questions: Option<String>,
    answers: Option<String>,
    samples: Option<String>,
    #[serde(default)]
    diagrams: Vec<DiagramFront>,
}

#[derive(Deserialize)]
struct DiagramFront {
    id: Spanned<String>,
    #[serde(default)]
    nodes: Vec<Spanned<toml::Value>>,
    #[serde(default)]
    edges: Vec<Spanned<toml::Value>>,
}

#[derive(Deserialize)]
struct Front {
    id: Option<Spanned<String>>,
    #[serde(default)]
    tasks: Vec<TaskFront>,
    #[serde(default)]
    questions: Vec<QuestionFront>,
}

#[derive(Deserialize)]
struct TaskFront {
    id: Spanned<String>,
    #[serde(default)]
    checks: Vec<Spanned<toml::Value>>,
    #[serde(default)]
    docs: Vec<LinkFront>,
    answer: Option<String>,
    #[serde(default)]
    hints: Vec<HintFront>,
}

#[derive(Deserialize)]
struct LinkFront {
    url: Spanned<String>,
}

#[derive(Deserialize)]
struct HintFront {
    patch: Option<String>,
}

#[derive(Deserialize)]
struct QuestionFront {
    id: Spanned<String>,
    step: Spanned<String>,
}

impl Places {
    /// The places of the module in `folder`; empty where a file cannot be read, which the loader has said already.
    pub(super) fn of(files: &Files, folder: &str) -> Self {
        let manifest = join(folder, "module.toml");
        let read: Option<Manifest> = files.get(&manifest).and_then(|text| parse(text));
        let mut places = Self { manifest, ..Self::default() };
        let Some(read) = read else { return places };
        places.services = read.services.iter().map(|name| span(name, 0)).collect();
        places.samples = join(folder, read.samples.as_deref().unwrap_or("samples"));
        let spans = |values: &[Spanned<toml::Value>]| values.iter().map(|value| span(value, 0)).collect();
        let diagram = |front: &DiagramFront| DiagramPlaces {
            id: span(&front.id, 0),
            nodes: spans(&front.nodes),
            edges: spans(&front.edges),
        };
        places.diagrams = read.diagrams.iter().map(diagram).collect();
        let answers = join(folder, read.answers.as_deref().unwrap_or("answers"));
        for name in read.steps.iter().chain(&read.questions) {
            places.add(files, join(folder, name), &answers);
        }
        places
    }

    fn add(&mut self, files: &Files, path: String, answers: &str) {
        let Some((text, offset)) = files.get(&path).and_then(|text| front_matter(text)) else { return };
        let Some(front) = parse::<Front>(text) else { return };
        if let Some(id) = &front.id {
            self.steps.push((id.get_ref().clone(), span(id, offset), path.clone()));
        }
        for question in &front.questions {
            self.questions.insert(question.id.get_ref().clone(), (path.clone(), span(&question.step, offset)));
        }
        for task in &front.tasks {
            let patch = |name: &String| join(answers, name);
            let entry = TaskPlaces {
                file: path.clone(),
                id: span(&task.id, offset),
                checks: task.checks.iter().map(|check| span(check, offset)).collect(),
                links: task.docs.iter().map(|link| span(&link.url, offset)).collect(),
                answer: task.answer.as_ref().map(patch),
                scaffolds: task.hints.iter().map(|hint| hint.patch.as_ref().map(patch)).collect(),
            };
            self.tasks.insert(TaskId(task.id.get_ref().clone()), entry);
        }
        self.prose.push(path);
    }

    /// The places of a task.
    pub(super) fn task(&self, id: &TaskId) -> Option<&TaskPlaces> {
        self.tasks.get(id)
    }

    /// The file of a question, and where it names its step.
    pub(super) fn question(&self, id: &str) -> Option<&(String, Span)> {
        self.questions.get(id)
    }
}

fn parse<T: DeserializeOwned>(text: &str) -> Option<T> {
    toml::from_str(text).ok()
}

fn span<T>(value: &Spanned<T>, offset: usize) -> Span {
    Span::new(value.span().start + offset, value.span().end + offset)
}
