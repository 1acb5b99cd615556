//! The real world: crossterm's events, signals, the learner's editor, the terminal.

use std::io;

use crossterm::event::{Event, EventStream};
use futures::stream::{Stream, StreamExt};
use tokio::sync::mpsc::UnboundedSender;

use super::editor::Editor;
use super::effect::{Effect, Spot};
use super::message::Message;
use super::runtime::{Keys, World};
use super::terminal::Taken;
use super::worker::Worker;

/// The real terminal and the real files.
pub struct Real {
    /// The terminal.
    pub taken: Taken,
    /// Who does what takes time.
    pub worker: Worker,
    /// The learner's editor.
    pub editor: Editor,
}

impl World for Real {
    fn keys(&mut self) -> Keys {
        Box::pin(keys())
    }

    fn start(&mut self, effect: Effect) {
        self.worker.start(effect);
    }

    fn edit(&mut self, spot: &Spot) -> Result<(), String> {
        if !self.editor.on_terminal {
            return self.editor.open(self.worker.root(), spot);
        }
        self.taken.leave();
        let result = self.editor.open(self.worker.root(), spot);
        self.taken.enter().map_err(|error| format!("Cannot take the terminal back: {error}"))?;
        result
    }

    fn edits_on_terminal(&self) -> bool {
        self.editor.on_terminal
    }

    fn copy(&mut self, text: &str) -> io::Result<()> {
        self.taken.copy(text)
    }

    fn mouse(&mut self, on: bool) -> io::Result<()> {
        self.taken.set_mouse(on)
    }

    #[cfg(unix)]
    fn suspend(&mut self) -> io::Result<()> {
        self.taken.leave();
        // The whole group, so that a `cargo run` around us stops as well. Returns when the shell's `fg` continues it.
        Ok(rustix::process::kill_current_process_group(rustix::process::Signal::TSTP)?)
    }

    #[cfg(not(unix))]
    fn suspend(&mut self) -> io::Result<()> {
        Err(io::Error::other("this system has no job control"))
    }

    fn retake(&mut self) -> io::Result<()> {
        self.taken.leave();
        self.taken.enter()
    }
}

fn keys() -> impl Stream<Item = Message> {
    EventStream::new().filter_map(|event| {
        futures::future::ready(match event {
            Ok(Event::Key(key)) => Some(Message::Key(key)),
            Ok(Event::Mouse(mouse)) => Some(Message::Mouse(mouse)),
            Ok(Event::Paste(text)) => Some(Message::Paste(text)),
            Ok(Event::Resize(width, height)) => Some(Message::Resize(width, height)),
            Ok(Event::FocusGained | Event::FocusLost) => None,
            Err(_) => Some(Message::Stop),
        })
    })
}

/// Turns the signals that ask the program to end into [`Message::Stop`], and its continuation into [`Message::Resumed`].
///
/// # Errors
/// The system refuses to tell.
#[cfg(unix)]
pub fn listen(messages: &UnboundedSender<Message>) -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    for kind in [SignalKind::terminate(), SignalKind::hangup(), SignalKind::interrupt(), SignalKind::quit()] {
        let mut signals = signal(kind)?;
        let messages = messages.clone();
        tokio::spawn(async move {
            if signals.recv().await.is_some() {
                let _ = messages.send(Message::Stop);
            }
        });
    }
    // The shell has set up the terminal for itself while the program was stopped.
    let mut continued = signal(SignalKind::from_raw(signal_hook::consts::SIGCONT))?;
    let messages = messages.clone();
    tokio::spawn(async move {
        while continued.recv().await.is_some() {
            let _ = messages.send(Message::Resumed);
        }
    });
    Ok(())
}

/// Other systems end programs without asking them.
///
/// # Errors
/// None.
#[cfg(not(unix))]
pub fn listen(_messages: &UnboundedSender<Message>) -> io::Result<()> {
    Ok(())
}
