//! The terminal UI: the lesson, the learner's progress, hints, answers and verdicts on one screen.
//!
//! Everything that happens is one `Message`; `update` turns it into new state and effects without any I/O, `view` draws the state and changes
//! nothing, `runtime` moves messages and effects between them and the world.

mod app;
mod command;
mod diagram;
mod editor;
mod effect;
#[cfg(test)]
mod fixture;
mod glyphs;
mod highlight;
mod host;
mod keymap;
mod layout;
mod look;
mod markdown;
mod mask;
mod message;
mod page;
mod palette;
mod plain;
pub mod preview;
mod runtime;
mod terminal;
mod theme;
mod trials;
mod update;
mod view;
mod worker;
mod world;
mod wrap;

use std::env;
use std::io::{IsTerminal, Write, stderr, stdin, stdout};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use crossterm::event::KeyCode;
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::cloud::Target;
use crate::sandbox::Interpreter;
use crate::settings::{Settings, TargetKind, Theme};
use crate::workshop::Module;
use crate::workshop::progress::Progress;
use crate::workshop::store::Folder;
use app::App;
use editor::Editor;
use effect::{Effect, Job};
use host::Setup;
use keymap::Keymap;
use look::Look;
use message::{CloudNews, Message};
use terminal::Taken;
use theme::{Role, ThemeName};
use worker::Worker;
use world::Real;

/// What to watch, and how.
#[derive(Clone, Debug)]
pub struct Watch {
    /// A recording to play, in place of what happens now.
    pub replay: Option<PathBuf>,
    /// How many times as fast as it was made.
    pub speed: f64,
    /// A file to write what happens to.
    pub record: Option<PathBuf>,
    /// Whether account ids, ARNs and addresses are hidden.
    pub mask: bool,
}

/// Opens `module` in the workshop folder of `settings`, which need not be there yet. Gives the exit code.
///
/// # Errors
/// The settings make no sense, or the terminal cannot be used.
pub fn run(module: Module, settings: &Settings) -> anyhow::Result<u8> {
    let opened = Opened::new(module, settings)?;
    let has_services = opened.has_services;
    let is_plain = settings.plain || !stdout().is_terminal() || !stdin().is_terminal();
    if is_plain {
        return opened.speak(settings);
    }
    opened.show(|app| {
        let mut first = update::start(app, has_services);
        if settings.yes && !has_services {
            first.extend(update::update(app, Message::Key(KeyCode::Char('y').into())));
        }
        first
    })
}

/// Opens the monitor of rides alone, which needs nothing of `module` but the names of its services. Gives the exit code.
///
/// # Errors
/// The settings make no sense, or the terminal cannot be used.
pub fn monitor(module: Module, settings: &Settings, watch: Watch) -> anyhow::Result<u8> {
    Opened::new(module, settings)?.show(|app| {
        app.monitor.masked = watch.mask;
        let job = match watch.replay {
            Some(file) => Some(Job::Replay(file, watch.speed)),
            None if settings.yes || settings.target.kind == TargetKind::Sandbox => Some(Job::Watch(true)),
            // Asks first.
            None => None,
        };
        let mut first = update::start_monitor(app, job);
        if watch.record.is_some() {
            first.push(Effect::Cloud(Job::Record(watch.record)));
        }
        first
    })
}

/// The program before it has a terminal.
struct Opened {
    app: App,
    worker: Worker,
    runtime: tokio::runtime::Runtime,
    messages: UnboundedReceiver<Message>,
    has_services: bool,
}

impl Opened {
    fn new(module: Module, settings: &Settings) -> anyhow::Result<Self> {
        let keymap = Keymap::new(&settings.keys)?;
        let module = Arc::new(module);
        // Absolute, for the editor runs in the workshop folder.
        let root = std::path::absolute(&settings.workspace).unwrap_or_else(|_| settings.workspace.clone());
        let folder = Folder::open(&root).ok();
        let fresh = || (Progress::new(&module.id), None);
        let (progress, trouble) = folder.as_ref().map_or_else(fresh, |folder| folder.load_progress(&module.id));
        let has_services = folder.as_ref().is_some_and(|folder| folder.has_services(&module));
        let mut app = App::new(Arc::clone(&module), name(&root), look(settings), keymap, progress);
        if let Some(trouble) = trouble {
            app.say(Role::Warn, trouble);
        }
        app.monitor.offset = chrono::Local::now().offset().local_minus_utc();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("cannot start")?;
        let (sender, messages) = unbounded_channel();
        let target = &settings.target;
        let mut setup = Setup { root, stage: target.stage.clone(), region: target.region.clone(), aws: None };
        if target.kind == TargetKind::Aws {
            app.cloud.sandbox = app::Sandbox::Aws;
            let (profile, region, endpoint) =
                (target.profile.clone(), target.region.clone(), target.endpoint_url.clone());
            setup.aws = Some(Target::Aws { profile, region, endpoint });
        }
        let news = sender.clone();
        Interpreter::shared().listen(move |progress| {
            let _ = news.send(Message::Cloud(CloudNews::Making(progress.clone())));
        });
        Ok(Self { app, worker: Worker::new(module, setup, sender), runtime, messages, has_services })
    }

    /// Runs in line mode.
    fn speak(mut self, settings: &Settings) -> anyhow::Result<u8> {
        self.app.look = Look::spoken(settings.ascii);
        self.app.keymap = self.app.keymap.clone().by_name();
        let (app, messages) = (&mut self.app, &mut self.messages);
        plain::run(app, &self.worker, &self.runtime, messages, self.has_services, settings.yes)?;
        Ok(Self::end(self.worker, self.runtime))
    }

    /// Runs on the terminal; `begin` says what to do first.
    fn show(mut self, begin: impl FnOnce(&mut App) -> Vec<Effect>) -> anyhow::Result<u8> {
        let taken = Taken::take().context("cannot use this terminal (`--plain` works without one)")?;
        let mut terminal = Terminal::new(CrosstermBackend::new(stdout()))?;
        self.app.size = terminal.size()?;
        let first = begin(&mut self.app);
        let mut world = Real { taken, worker: self.worker, editor: Editor::of_environment() };
        let (app, messages) = (&mut self.app, &mut self.messages);
        let outcome = self.runtime.block_on(async {
            world::listen(world.worker.messages())?;
            runtime::run(app, &mut terminal, &mut world, messages, first).await
        });
        drop(world.taken);
        // Whoever waits for the screen to take something in waits no more.
        drop(self.messages);
        outcome.context("the terminal is gone")?;
        Ok(Self::end(world.worker, self.runtime))
    }

    fn end(worker: Worker, runtime: tokio::runtime::Runtime) -> u8 {
        if let Some(trouble) = worker.finish() {
            let _ = writeln!(stderr(), "rydes: {trouble}");
        }
        // Code that is still being coloured interests nobody any more.
        runtime.shutdown_background();
        0
    }
}

fn look(settings: &Settings) -> Look {
    let theme = match settings.theme {
        _ if !settings.color => ThemeName::None,
        Theme::Terminal => ThemeName::Terminal,
        Theme::Dark => ThemeName::Dark,
        Theme::Light => ThemeName::Light,
        Theme::HighContrast => ThemeName::Contrast,
    };
    let true_colour = env::var("COLORTERM").is_ok_and(|value| value == "truecolor" || value == "24bit");
    Look::new(theme, settings.ascii, true_colour)
}

/// The folder as the learner would write it: from the home folder where it lies there.
fn name(root: &Path) -> String {
    let home = env::var_os("HOME").filter(|home| !home.is_empty());
    match home.as_ref().and_then(|home| root.strip_prefix(home).ok()) {
        Some(inside) if inside.as_os_str().is_empty() => "~".to_owned(),
        Some(inside) => format!("~/{}", inside.display()),
        None => root.display().to_string(),
    }
}
