//! The screen without a terminal: for the picture in the README and for measuring how long drawing takes.

use std::collections::BTreeMap;
use std::sync::Arc;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::layout::Size;

use super::app::App;
use super::command::Command;
use super::effect::Effect;
use super::highlight::highlight;
use super::keymap::Keymap;
use super::look::Look;
use super::message::{Graded, Message, MonitorNews, Permit};
use super::theme::ThemeName;
use super::update::{start, update};
use super::view::view;
use crate::check::{Evidence, Source, grade};
use crate::ride::{Event, Time};
use crate::workshop::progress::Progress;
use crate::workshop::{Module, TaskId};

/// A screen that nobody looks at.
pub struct Preview {
    app: App,
    terminal: Terminal<TestBackend>,
}

impl Preview {
    /// The screen at `task` of `module` on a terminal of this size, with the learner's files as they are just before it.
    ///
    /// # Errors
    /// In words: the module has a mistake.
    pub fn new(module: Module, task: &str, width: u16, height: u16) -> Result<Self, String> {
        let id = TaskId(task.to_owned());
        let files = module.state_before(&id).map_err(|(id, error)| format!("answer {id}: {error}"))?;
        let sources = files.iter().map(|(path, text)| (path.clone(), Source::Text(text.as_str().into())));
        let report = grade(&module, module.tasks(), &Evidence::new(sources)).map_err(|error| error.to_string());
        let mut progress = Progress::new(&module.id);
        progress.current = Some(id);
        let keymap = Keymap::new(&BTreeMap::new()).map_err(|error| error.to_string())?;
        let look = Look::new(ThemeName::Terminal, false, true);
        let mut app = App::new(Arc::new(module), "~/workshop".to_owned(), look, keymap, progress);
        app.size = Size::new(width, height);
        let terminal = Terminal::new(TestBackend::new(width, height)).map_err(|error| error.to_string())?;
        let effects = start(&mut app, true);
        let mut preview = Self { app, terminal };
        preview.colour(effects);
        preview.take_in(Message::Graded(Box::new(Graded { report, files, has_services: true })));
        Ok(preview)
    }

    /// Runs the command of this name, as a key would.
    pub fn run(&mut self, command: &str) {
        if let Some(command) = Command::named(command) {
            self.take_in(Message::Command(command));
        }
    }

    /// Tells the monitor of rides what happened, as its feeds do.
    pub fn tell(&mut self, events: Vec<Event>, now: Time) {
        self.take_in(Message::Monitor(MonitorNews::Events(events, now, Permit::default())));
        // Without a clock, all that moves moves a frame each time.
        self.take_in(Message::Frame);
    }

    fn take_in(&mut self, message: Message) {
        let effects = update(&mut self.app, message);
        self.colour(effects);
    }

    fn colour(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            if let Effect::Highlight(codes) = effect {
                let results = codes.into_iter().map(|code| (code.clone(), highlight(&code))).collect();
                update(&mut self.app, Message::Highlighted(results));
            }
        }
    }

    /// Draws one frame.
    pub fn draw(&mut self) {
        // The backend of a test cannot fail.
        let _ = self.terminal.draw(|frame| view(&self.app, frame));
    }

    /// The screen as text.
    pub fn text(&mut self) -> String {
        self.draw();
        let buffer = self.terminal.backend().buffer();
        let rows = buffer.content.chunks(usize::from(buffer.area.width).max(1));
        rows.map(|row| row.iter().map(|cell| cell.symbol()).collect::<String>().trim_end().to_owned() + "\n").collect()
    }
}
