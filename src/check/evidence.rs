//! The learner's files as the rules see them: read once, parsed once, shared by all rules of one grading.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use super::Deployments;
use super::behaviour::Trial;
use crate::diagnostic::{Block, Diagnostic};
use crate::python::PythonFile;
use crate::serverless::Service;
use crate::workshop::Source;

/// What grading looks at.
#[derive(Default)]
pub struct Evidence {
    entries: BTreeMap<String, Entry>,
    trials: Vec<Trial>,
    deployments: Option<Arc<Deployments>>,
}

struct Entry {
    source: Source,
    service: OnceLock<Result<Service, Box<Diagnostic>>>,
    python: OnceLock<Result<PythonFile, Box<Diagnostic>>>,
}

impl Evidence {
    /// Evidence from files: path from the workshop folder with `/` (`wild-rydes/serverless.yml`), and content.
    pub fn new(files: impl IntoIterator<Item = (String, Source)>) -> Self {
        let entry = |source| Entry { source, service: OnceLock::new(), python: OnceLock::new() };
        let entries = files.into_iter().map(|(path, source)| (path, entry(source))).collect();
        Self { entries, trials: Vec::new(), deployments: None }
    }

    /// The same files, and what is deployed.
    #[must_use]
    pub fn with_deployments(mut self, deployments: Deployments) -> Self {
        self.deployments = Some(Arc::new(deployments));
        self
    }

    /// What is deployed; none if no target was looked at.
    pub fn deployments(&self) -> Option<&Deployments> {
        self.deployments.as_deref()
    }

    /// The same files, and what their handlers did when they were run.
    #[must_use]
    pub fn with_trials(self, trials: Vec<Trial>) -> Self {
        Self { trials, ..self }
    }

    /// What handlers did when they were run, where they were.
    pub fn trials(&self) -> &[Trial] {
        &self.trials
    }

    /// The same files with another text in one of them, which nobody has run.
    #[must_use]
    pub fn with(&self, path: &str, text: &str) -> Self {
        let sources = self.entries.iter().map(|(path, entry)| (path.clone(), entry.source.clone()));
        let changed = Self::new(sources.chain([(path.to_owned(), Source::Text(text.into()))]));
        Self { deployments: self.deployments.clone(), ..changed }
    }

    /// Paths of all files below `folder`, in order; all files for an empty `folder`.
    pub fn paths<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = &'a str> {
        self.entries.keys().map(String::as_str).filter(move |path| {
            folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
        })
    }

    /// The text of `path`, or none if it is missing or unreadable.
    pub fn text(&self, path: &str) -> Option<&str> {
        match &self.entries.get(path)?.source {
            Source::Text(text) => Some(text),
            Source::Unreadable(_) => None,
        }
    }

    /// The configuration of the service in `folder`.
    ///
    /// # Errors
    /// The finding that blocks every task of the file: missing, unreadable, not YAML.
    pub fn service(&self, folder: &str) -> Result<&Service, Box<Diagnostic>> {
        let path = format!("{folder}/serverless.yml");
        let path = if self.entries.contains_key(&path) { path } else { format!("{folder}/serverless.yaml") };
        let Some(entry) = self.entries.get(&path) else { return Err(missing(&format!("{folder}/serverless.yml"))) };
        let text = entry.text(&path)?;
        entry
            .service
            .get_or_init(|| Service::parse(&path, text, &|other| self.text(other)))
            .as_ref()
            .map_err(Clone::clone)
    }

    /// The Python file at `path`.
    ///
    /// # Errors
    /// The finding that blocks every task of the file: missing, unreadable, a syntax error.
    pub fn python(&self, path: &str) -> Result<&PythonFile, Box<Diagnostic>> {
        let Some(entry) = self.entries.get(path) else { return Err(missing(path)) };
        let text = entry.text(path)?;
        entry.python.get_or_init(|| PythonFile::parse(path, text)).as_ref().map_err(Clone::clone)
    }
}

impl Entry {
    fn text(&self, path: &str) -> Result<&Arc<str>, Box<Diagnostic>> {
        match &self.source {
            Source::Text(text) => Ok(text),
            Source::Unreadable(reason) => Err(Box::new(Diagnostic::blocked(
                "RY001",
                Block::File,
                path,
                format!("{path} cannot be read: {reason}"),
            ))),
        }
    }
}

fn missing(path: &str) -> Box<Diagnostic> {
    let finding = Diagnostic::blocked("RY001", Block::File, path, format!("{path} is not there"))
        .help("Run `rydes init` to lay out the starter services (files that you have are left alone), or name the folder that holds them with `--workspace`.");
    Box::new(finding)
}
