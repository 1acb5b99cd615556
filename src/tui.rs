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
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use crossterm::event::KeyCode;
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use tokio::sync::mpsc::unbounded_channel;

use crate::sandbox::Interpreter;
use crate::settings::{Settings, TargetKind, Theme};
use crate::workshop::Module;
use crate::workshop::progress::Progress;
use crate::workshop::store::Folder;
use app::App;
use editor::Editor;
use host::Setup;
use keymap::Keymap;
use look::Look;
use message::{CloudNews, Message};
use terminal::Taken;
use theme::{Role, ThemeName};
use worker::Worker;
use world::Real;

/// Opens `module` in the workshop folder of `settings`, which need not be there yet. Gives the exit code.
///
/// # Errors
/// The settings make no sense, or the terminal cannot be used.
pub fn run(module: Module, settings: &Settings) -> anyhow::Result<u8> {
    let keymap = Keymap::new(&settings.keys)?;
    let module = Arc::new(module);
    // Absolute, for the editor runs in the workshop folder.
    let root = std::path::absolute(&settings.workspace).unwrap_or_else(|_| settings.workspace.clone());
    let folder = Folder::open(&root).ok();
    let fresh = || (Progress::new(&module.id), None);
    let (progress, trouble) = folder.as_ref().map_or_else(fresh, |folder| folder.load_progress(&module.id));
    let has_services = folder.as_ref().is_some_and(|folder| folder.has_services(&module));
    let plain = settings.plain || !stdout().is_terminal() || !stdin().is_terminal();
    let look = if plain { Look::spoken(settings.ascii) } else { look(settings) };
    let keymap = if plain { keymap.by_name() } else { keymap };
    let mut app = App::new(Arc::clone(&module), name(&root), look, keymap, progress);
    if let Some(trouble) = trouble {
        app.say(Role::Warn, trouble);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("cannot start")?;
    let (sender, mut messages) = unbounded_channel();
    if settings.target.kind == TargetKind::Aws {
        app.cloud.sandbox = app::Sandbox::Aws;
    }
    let setup = Setup { root, stage: settings.target.stage.clone(), region: settings.target.region.clone() };
    let news = sender.clone();
    Interpreter::shared().listen(move |progress| {
        let _ = news.send(Message::Cloud(CloudNews::Making(progress.clone())));
    });
    let worker = Worker::new(module, setup, sender);
    let worker = if plain {
        plain::run(&mut app, &worker, &runtime, &mut messages, has_services, settings.yes)?;
        worker
    } else {
        let taken = Taken::take().context("cannot use this terminal (`--plain` works without one)")?;
        let mut terminal = Terminal::new(CrosstermBackend::new(stdout()))?;
        app.size = terminal.size()?;
        let mut first = update::start(&mut app, has_services);
        if settings.yes && !has_services {
            first.extend(update::update(&mut app, Message::Key(KeyCode::Char('y').into())));
        }
        let mut world = Real { taken, worker, editor: Editor::of_environment() };
        let outcome = runtime.block_on(async {
            world::listen(world.worker.messages())?;
            runtime::run(&mut app, &mut terminal, &mut world, &mut messages, first).await
        });
        drop(world.taken);
        outcome.context("the terminal is gone")?;
        world.worker
    };
    if let Some(trouble) = worker.finish() {
        let _ = writeln!(stderr(), "rydes: {trouble}");
    }
    // Code that is still being coloured interests nobody any more.
    runtime.shutdown_background();
    Ok(0)
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
