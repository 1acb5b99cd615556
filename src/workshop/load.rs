//! Makes a [`Module`] from files: `module.toml`, steps with TOML front matter, patches, samples. The format is documented in `docs/writing-a-module.md`.

mod front_matter;
mod sections;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Deserialize;

use super::module::{Answer, Diagram, Hint, Module, Question, Step, Task, TaskId};
use crate::diagnostic::{Place, Span};
use front_matter::{QuestionsFront, StepFront, TaskFront, split};
use sections::{Section, subsections, task_sections};

/// Files of a module's content: path with `/` from a common root → text.
pub type Files = BTreeMap<String, String>;

/// A mistake in a module's content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContentError {
    /// Which file.
    pub file: String,
    /// Where in it.
    pub place: Option<Place>,
    /// What is wrong and what would be right.
    pub message: String,
}

impl fmt::Display for ContentError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place {
            Some(place) => write!(formatter, "{}:{}:{}: {}", self.file, place.line, place.column, self.message),
            None => write!(formatter, "{}: {}", self.file, self.message),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    format: u32,
    id: String,
    title: String,
    summary: String,
    services: Vec<String>,
    steps: Vec<String>,
    questions: Option<String>,
    #[serde(default = "answers")]
    answers: String,
    #[serde(default = "starter")]
    starter: String,
    #[serde(default = "samples")]
    samples: String,
    #[serde(default)]
    diagrams: Vec<Diagram>,
}

fn answers() -> String {
    "answers".to_owned()
}

fn starter() -> String {
    "starter".to_owned()
}

fn samples() -> String {
    "samples".to_owned()
}

/// The folders that hold the content of the module in `folder`, whose manifest is `text`: its own, answers, starter and samples. Only the module's own
/// where the manifest cannot be read.
pub fn content_folders(folder: &str, text: &str) -> Vec<String> {
    let manifest: Option<Manifest> = toml::from_str(text).ok();
    let others = manifest.into_iter().flat_map(|manifest| [manifest.answers, manifest.starter, manifest.samples]);
    std::iter::once(folder.to_owned()).chain(others.map(|other| join(folder, &other))).collect()
}

/// The module in `folder` of `files`.
///
/// # Errors
/// All mistakes that were found, each with its place.
pub fn load(files: &Files, folder: &str) -> Result<Module, Vec<ContentError>> {
    let path = join(folder, "module.toml");
    let Some(text) = files.get(&path) else {
        return Err(vec![ContentError {
            file: path,
            place: None,
            message: "is not there: a module begins with it".to_owned(),
        }]);
    };
    let manifest: Manifest = toml::from_str(text).map_err(|error| vec![toml_error(&path, text, 0, &error)])?;
    if manifest.format != 1 {
        let message = format!("format {} is not known: this program reads format 1", manifest.format);
        return Err(vec![ContentError { file: path, place: None, message }]);
    }
    let mut loader = Loader {
        files,
        folder,
        errors: Vec::new(),
        used: BTreeSet::from([path]),
        answers: join(folder, &manifest.answers),
    };
    let mut module = Module {
        id: manifest.id,
        title: manifest.title,
        summary: manifest.summary,
        services: manifest.services,
        diagrams: manifest.diagrams,
        ..Module::default()
    };
    module.starter = below(files, &join(folder, &manifest.starter));
    module.samples = below(files, &join(folder, &manifest.samples));
    module.steps = manifest.steps.iter().filter_map(|name| loader.step(name)).collect();
    module.questions = manifest.questions.iter().flat_map(|name| loader.questions(name)).collect();
    loader.orphans();
    loader.repeated(&module);
    if loader.errors.is_empty() { Ok(module) } else { Err(loader.errors) }
}

struct Loader<'a> {
    files: &'a Files,
    folder: &'a str,
    answers: String,
    used: BTreeSet<String>,
    errors: Vec<ContentError>,
}

impl Loader<'_> {
    fn error(&mut self, file: &str, span: Option<Span>, message: String) {
        let place = span.zip(self.files.get(file)).map(|(span, text)| Place::of(span, text));
        self.errors.push(ContentError { file: file.to_owned(), place, message });
    }

    /// Reads a file below the module's folder, remembering that it is used.
    fn read(&mut self, path: &str, wanted_by: &str) -> Option<String> {
        self.used.insert(path.to_owned());
        let text = self.files.get(path).cloned();
        if text.is_none() {
            self.error(wanted_by, None, format!("names {path}, which is not there"));
        }
        text
    }

    /// A Markdown file's front matter as `T`, its body, and the body's offset.
    fn front<T: serde::de::DeserializeOwned>(&mut self, path: &str) -> Option<(T, String, usize)> {
        let text = self.read(path, &join(self.folder, "module.toml"))?;
        let Some(parts) = split(&text) else {
            self.error(
                path,
                Some(Span::at(0)),
                "begins without front matter: a line `+++`, TOML, a line `+++`".to_owned(),
            );
            return None;
        };
        match toml::from_str(parts.front) {
            Ok(front) => Some((front, parts.body.to_owned(), parts.body_start)),
            Err(error) => {
                self.errors.push(toml_error(path, &text, parts.front_start, &error));
                None
            }
        }
    }

    fn step(&mut self, name: &str) -> Option<Step> {
        let path = join(self.folder, name);
        let (front, body, offset): (StepFront, _, _) = self.front(&path)?;
        let ids: Vec<&str> = front.tasks.iter().map(|task| task.id.as_str()).collect();
        let (prose, sections) = task_sections(&body, &ids);
        let mut tasks = Vec::new();
        for task in front.tasks {
            match sections.iter().find(|section| section.id == task.id) {
                Some(section) => tasks.push(self.task(&path, offset, task, section)),
                None => {
                    self.error(&path, None, format!("task {} has no heading `## {} …` in the prose", task.id, task.id))
                }
            }
        }
        Some(Step { id: front.id, title: front.title, prose, tasks })
    }

    fn task(&mut self, path: &str, offset: usize, front: TaskFront, section: &Section) -> Task {
        let (prose, parts) = subsections(&section.text, |heading| heading.starts_with("Hint ") || heading == "Answer");
        let part = |name: &str| parts.iter().find(|(heading, _)| heading == name).map(|(_, text)| text.clone());
        let span = Span::at(offset + section.start);
        let mut hints = Vec::new();
        for (index, hint) in front.hints.into_iter().enumerate() {
            let heading = format!("Hint {}", index + 1);
            let text = part(&heading);
            if text.is_none() {
                self.error(
                    path,
                    Some(span),
                    format!("task {} names {} hint(s) and has no heading `### {heading}`", front.id, index + 1),
                );
            }
            let scaffold = hint.patch.and_then(|patch| self.read(&join(&self.answers.clone(), &patch), path));
            hints.push(Hint { title: hint.title, prose: text.unwrap_or_default(), scaffold });
        }
        for (heading, _) in &parts {
            let known = heading == "Answer" || (1..=hints.len()).any(|number| *heading == format!("Hint {number}"));
            if !known {
                self.error(
                    path,
                    Some(span),
                    format!("task {} has a heading `### {heading}` without a [[tasks.hints]] for it", front.id),
                );
            }
        }
        let answer = front.answer.and_then(|patch| self.read(&join(&self.answers.clone(), &patch), path));
        let answer = answer.map(|patch| Answer { patch, explanation: part("Answer").unwrap_or_default() });
        Task {
            id: TaskId(front.id),
            title: front.title,
            file: front.file,
            prose,
            checks: front.checks.into_iter().map(Into::into).collect(),
            docs: front.docs,
            hints,
            answer,
            any_order: front.any_order,
            deploys: front.deploys,
        }
    }

    fn questions(&mut self, name: &str) -> Vec<Question> {
        let path = join(self.folder, name);
        let Some((front, body, _)) = self.front::<QuestionsFront>(&path) else { return Vec::new() };
        let ids: Vec<&str> = front.questions.iter().map(|question| question.id.as_str()).collect();
        let (_, sections) = task_sections(&body, &ids);
        let mut questions = Vec::new();
        for question in front.questions {
            let Some(section) = sections.iter().find(|section| section.id == question.id) else {
                self.error(&path, None, format!("question {} has no heading `## {} …`", question.id, question.id));
                continue;
            };
            let (prose, parts) = subsections(&section.text, |heading| heading == "Model answer");
            let Some((_, model_answer)) = parts.into_iter().next() else {
                self.error(&path, None, format!("question {} has no heading `### Model answer`", question.id));
                continue;
            };
            questions.push(Question {
                id: question.id,
                title: question.title,
                step: question.step,
                prose,
                model_answer,
            });
        }
        questions
    }

    /// Files of the module that nothing names.
    fn orphans(&mut self) {
        let own: Vec<String> = self
            .files
            .keys()
            .filter(|path| {
                let lesson = path.strip_prefix(self.folder).is_some_and(|rest| {
                    rest.ends_with(".md") && !rest[1..].contains('/') && !rest.eq_ignore_ascii_case("/readme.md")
                });
                let patch = path.strip_prefix(&self.answers).is_some_and(|rest| rest.starts_with('/'));
                lesson || patch
            })
            .cloned()
            .collect();
        for path in own.into_iter().filter(|path| !self.used.contains(path)).collect::<Vec<_>>() {
            self.error(&path, None, "belongs to no step and no task: name it or remove it".to_owned());
        }
    }

    fn repeated(&mut self, module: &Module) {
        let mut seen = BTreeSet::new();
        let manifest = join(self.folder, "module.toml");
        for task in module.tasks().filter(|task| !seen.insert(&task.id)).collect::<Vec<_>>() {
            self.error(&manifest, None, format!("two tasks have the id {}", task.id));
        }
    }
}

/// The front matter of a Markdown file, and its offset.
pub(crate) fn front_matter(text: &str) -> Option<(&str, usize)> {
    split(text).map(|parts| (parts.front, parts.front_start))
}

fn toml_error(file: &str, text: &str, offset: usize, error: &toml::de::Error) -> ContentError {
    let place = error.span().map(|span| Place::of(Span::new(span.start + offset, span.end + offset), text));
    ContentError { file: file.to_owned(), place, message: error.message().to_owned() }
}

/// `folder` and `relative` joined, with `.` and `..` resolved.
pub(crate) fn join(folder: &str, relative: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(relative.split('/')) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    let root = if folder.starts_with('/') { "/" } else { "" };
    format!("{root}{}", parts.join("/"))
}

fn below(files: &Files, folder: &str) -> BTreeMap<String, String> {
    let inside = |path: &str| path.strip_prefix(folder)?.strip_prefix('/').map(str::to_owned);
    files.iter().filter_map(|(path, text)| Some((inside(path)?, text.clone()))).collect()
}
