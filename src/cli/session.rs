//! What most commands begin with: the module, the workshop folder, and the learner's progress in it.

use std::io::Write;
use std::path::Path;

use anyhow::{Context, anyhow, bail};

use super::trials::Runner;
use crate::check::behaviour::Subject;
use crate::check::{Deployments, Evidence, Report, grade};
use crate::settings::Settings;
use crate::workshop::load::{ContentError, Files, load};
use crate::workshop::progress::Progress;
use crate::workshop::store::{Folder, read_module};
use crate::workshop::{Module, Source, Task, TaskId, built_in};

/// An opened workshop.
pub(super) struct Session {
    pub(super) settings: Settings,
    pub(super) module: Module,
    pub(super) folder: Folder,
    pub(super) progress: Progress,
    /// Runs handlers, where a command grades by running.
    pub(super) runner: Option<Runner>,
}

impl Session {
    /// Opens the workshop folder, which must be there.
    pub(super) fn open(mut settings: Settings) -> anyhow::Result<Self> {
        let module = open_module(&settings)?;
        settings.find_workspace(&module.services);
        let folder = Folder::open(&settings.workspace)
            .map_err(|error| anyhow!("{error} `rydes init` lays out a workshop; `--workspace DIR` names one."))?;
        let (progress, trouble) = folder.load_progress(&module.id);
        if let Some(trouble) = trouble {
            say(&trouble);
        }
        Ok(Self { settings, module, folder, progress, runner: None })
    }

    /// The tasks that `names` mean, in the module's order.
    pub(super) fn tasks(&self, names: &[String]) -> anyhow::Result<Vec<&Task>> {
        tasks(&self.module, names)
    }

    /// The task that `name` means, or the one that the learner is at.
    pub(super) fn task(&self, name: Option<&str>) -> anyhow::Result<&Task> {
        let Some(name) = name else {
            let current = self.progress.current.as_ref().and_then(|id| self.module.task(&id.0));
            let next = current.or_else(|| self.progress.next(&self.module)).or_else(|| self.module.tasks().next());
            return next.ok_or_else(|| anyhow!("the module {} has no tasks", self.module.id));
        };
        match self.tasks(&[name.to_owned()])?.as_slice() {
            [task] => Ok(task),
            several => {
                let ids: Vec<&str> = several.iter().map(|task| task.id.0.as_str()).collect();
                bail!("{name} is more than one task: name one of {}", ids.join(", "))
            }
        }
    }

    /// Grades `tasks` on the files as they are now, and keeps the outcome. Tasks that need a target get no verdict.
    pub(super) fn grade(&mut self, tasks: &[TaskId]) -> anyhow::Result<(Report, Vec<TaskId>)> {
        self.grade_with(tasks, None)
    }

    /// Grades `tasks` on the files as they are now and on what is deployed, and keeps the outcome.
    pub(super) fn grade_with(
        &mut self,
        tasks: &[TaskId],
        deployments: Option<Deployments>,
    ) -> anyhow::Result<(Report, Vec<TaskId>)> {
        let files = self.folder.files(&self.module);
        let chosen: Vec<&Task> = self.module.tasks().filter(|task| tasks.contains(&task.id)).collect();
        let trials = match &mut self.runner {
            Some(runner) => runner.run(&files, &Subject::all(chosen.iter().copied())),
            None => Vec::new(),
        };
        let evidence = Evidence::new(files).with_trials(trials);
        let evidence = match deployments {
            Some(deployments) => evidence.with_deployments(deployments),
            None => evidence,
        };
        let report =
            grade(&self.module, chosen, &evidence).context("the module asks for something that it cannot have")?;
        // What nobody could look at this time stays as it was seen last.
        let progress = &self.progress;
        let judged = report.tasks.iter().filter(|task| !(task.needs_target() && progress.is_done(&task.id)));
        let judged: Vec<_> = judged.map(|task| (&task.id, task.status)).collect();
        let passed = self.progress.take_in(judged);
        Ok((report, passed))
    }

    /// Keeps the progress, unless there is no workshop yet or it did not change. That it cannot be kept is said and stops nothing.
    pub(super) fn save(&self) {
        let known = self.folder.root().join(".rydes").is_dir() || self.folder.has_services(&self.module);
        let (kept, _) = if known { self.folder.load_progress(&self.module.id) } else { return };
        if kept != self.progress
            && let Err(error) = self.folder.save_progress(&self.progress)
        {
            say(&error.to_string());
        }
    }

    /// The learner's text of a file.
    pub(super) fn text(&self, path: &str) -> Option<String> {
        match self.folder.read(path)? {
            Source::Text(text) => Some(text.to_string()),
            Source::Unreadable(_) => None,
        }
    }

    /// The learner's text of a file that a command is about to change.
    pub(super) fn text_to_change(&self, path: &str) -> anyhow::Result<Option<String>> {
        match self.folder.read(path) {
            Some(Source::Unreadable(reason)) => bail!("{path} is left alone: {reason}"),
            Some(Source::Text(text)) => Ok(Some(text.to_string())),
            None => Ok(None),
        }
    }

    /// The tasks whose last grading passed.
    pub(super) fn done(&self) -> Vec<TaskId> {
        self.module.tasks().map(|task| task.id.clone()).filter(|id| self.progress.is_done(id)).collect()
    }
}

/// The tasks that `names` mean, in the module's order.
pub(super) fn tasks<'a>(module: &'a Module, names: &[String]) -> anyhow::Result<Vec<&'a Task>> {
    let mut wanted = Vec::new();
    for name in names {
        let found = module.tasks_named(name);
        if found.is_empty() {
            let ids: Vec<&str> = module.tasks().map(|task| task.id.0.as_str()).collect();
            bail!("there is no task or step {name}: the tasks are {}", ids.join(", "));
        }
        wanted.extend(found.iter().map(|task| &task.id));
    }
    Ok(module.tasks().filter(|task| wanted.contains(&&task.id)).collect())
}

/// The built-in module, or the one that the settings name.
pub(super) fn open_module(settings: &Settings) -> anyhow::Result<Module> {
    let (loaded, from) = match &settings.module {
        None => (built_in(), "the built-in module".to_owned()),
        Some(folder) => {
            let (files, inside) = module_files(folder)?;
            (load(&files, &inside), format!("the module in {}", folder.display()))
        }
    };
    loaded
        .map_err(|errors| anyhow!("{from} has mistakes (`rydes author check` tells them all):\n{}", in_lines(&errors)))
}

/// The files of a module on disk, and its folder among them.
pub(super) fn module_files(folder: &Path) -> anyhow::Result<(Files, String)> {
    read_module(folder).map_err(|error| anyhow!("{error} `--module` names a folder that holds a module.toml."))
}

pub(super) fn in_lines(errors: &[ContentError]) -> String {
    errors.iter().map(|error| format!("  {error}")).collect::<Vec<_>>().join("\n")
}

/// Words for people, on stderr.
pub(super) fn say(words: &str) {
    let _ = super::bars::aside(|| writeln!(anstream::stderr(), "{words}"));
}

/// Opens the terminal UI.
pub(super) fn open_screen(mut settings: Settings) -> anyhow::Result<u8> {
    let module = open_module(&settings)?;
    settings.find_workspace(&module.services);
    crate::tui::run(module, &settings)
}
