//! The loop: waits for a message, updates, does the effects, draws once if anything changed. Idle, it waits and nothing else.

use std::io;
use std::pin::Pin;
use std::task::Poll;

use futures::stream::{Stream, StreamExt};
use ratatui::Terminal;
use ratatui::backend::Backend;
use ratatui::layout::Rect;
use tokio::sync::mpsc::UnboundedReceiver;

use super::app::App;
use super::effect::{Effect, Spot};
use super::message::Message;
use super::update::update;
use super::view::view;

/// What comes from the keyboard and the mouse, as messages.
pub type Keys = Pin<Box<dyn Stream<Item = Message>>>;

/// The world outside of the loop: the real one, or that of a test.
pub trait World {
    /// The input from now on.
    fn keys(&mut self) -> Keys;
    /// Begins something that takes time; its result comes as a message.
    fn start(&mut self, effect: Effect);
    /// Opens the editor, with the terminal if it needs that.
    fn edit(&mut self, spot: &Spot) -> Result<(), String>;
    /// Whether the editor draws on the terminal.
    fn edits_on_terminal(&self) -> bool;
    /// Puts text on the clipboard.
    fn copy(&mut self, text: &str) -> io::Result<()>;
    /// Takes the mouse, or leaves it to the terminal.
    fn mouse(&mut self, on: bool) -> io::Result<()>;
    /// Stops until the shell continues the program.
    fn suspend(&mut self) -> io::Result<()>;
    /// Takes the terminal again after somebody else had it.
    fn retake(&mut self) -> io::Result<()>;
}

/// Whether to go on.
#[derive(PartialEq)]
enum Next {
    Go,
    Quit,
}

/// Runs until the learner leaves.
///
/// # Errors
/// The terminal is gone.
pub async fn run<B: Backend>(
    app: &mut App,
    terminal: &mut Terminal<B>,
    world: &mut dyn World,
    messages: &mut UnboundedReceiver<Message>,
    first: Vec<Effect>,
) -> Result<(), B::Error> {
    draw(app, terminal)?;
    let mut keys = world.keys();
    if perform(app, terminal, world, &mut keys, first)? == Next::Quit {
        return Ok(());
    }
    loop {
        let message = tokio::select! {
            biased;
            key = keys.next() => key.unwrap_or(Message::Stop),
            result = messages.recv() => result.unwrap_or(Message::Stop),
        };
        let mut next = Some(message);
        // Everything that has come meanwhile is taken in before the next frame.
        while let Some(message) = next.take() {
            let effects = update(app, message);
            if perform(app, terminal, world, &mut keys, effects)? == Next::Quit {
                return Ok(());
            }
            next = match messages.try_recv() {
                Ok(message) => Some(message),
                Err(_) => pressed(&mut keys).await,
            };
        }
        if app.changed {
            draw(app, terminal)?;
        }
    }
}

/// A key that has been pressed already, if there is one. It is asked for with the waker of this task: crossterm keeps the first one it is given.
async fn pressed(keys: &mut Keys) -> Option<Message> {
    std::future::poll_fn(|context| {
        Poll::Ready(match keys.poll_next_unpin(context) {
            Poll::Ready(message) => Some(message.unwrap_or(Message::Stop)),
            Poll::Pending => None,
        })
    })
    .await
}

fn draw<B: Backend>(app: &mut App, terminal: &mut Terminal<B>) -> Result<(), B::Error> {
    terminal.draw(|frame| view(app, frame))?;
    app.changed = false;
    Ok(())
}

fn perform<B: Backend>(
    app: &mut App,
    terminal: &mut Terminal<B>,
    world: &mut dyn World,
    keys: &mut Keys,
    effects: Vec<Effect>,
) -> Result<Next, B::Error> {
    let mut waiting: std::collections::VecDeque<Effect> = effects.into();
    while let Some(effect) = waiting.pop_front() {
        let mut follow = |app: &mut App, message| waiting.extend(update(app, message));
        match effect {
            Effect::Quit => return Ok(Next::Quit),
            Effect::Redraw => wipe(terminal)?,
            Effect::Copy(text) => {
                if let Err(error) = world.copy(&text) {
                    follow(app, Message::Failed(format!("Cannot copy: {error}")));
                }
            }
            Effect::Mouse(on) => {
                if let Err(error) = world.mouse(on) {
                    follow(app, Message::Failed(format!("Cannot change the mouse: {error}")));
                }
            }
            Effect::Edit(spot) => {
                let on_terminal = world.edits_on_terminal();
                if on_terminal {
                    // The editor reads the keyboard now: nobody else may.
                    *keys = Box::pin(futures::stream::pending());
                }
                let result = world.edit(&spot);
                if on_terminal {
                    *keys = world.keys();
                    resize(app, terminal)?;
                }
                follow(app, Message::EditorClosed(result));
            }
            Effect::Suspend => {
                *keys = Box::pin(futures::stream::pending());
                let result = world.suspend();
                *keys = world.keys();
                let message = result
                    .map_or_else(|error| Message::Failed(format!("Cannot stop here: {error}")), |()| Message::Resumed);
                follow(app, message);
            }
            Effect::Retake => {
                if world.retake().is_err() {
                    return Ok(Next::Quit);
                }
                resize(app, terminal)?;
                wipe(terminal)?;
            }
            other => world.start(other),
        }
    }
    Ok(Next::Go)
}

/// Empties the screen, so that the next frame draws everything. `Terminal::clear` would ask the terminal where its cursor is, and wait for an
/// answer that the reader of keys may get in its place.
fn wipe<B: Backend>(terminal: &mut Terminal<B>) -> Result<(), B::Error> {
    let size = terminal.size()?;
    terminal.resize(Rect::new(0, 0, size.width, size.height))
}

/// The terminal may have another size than before somebody else had it.
fn resize<B: Backend>(app: &mut App, terminal: &Terminal<B>) -> Result<(), B::Error> {
    app.size = terminal.size()?;
    app.changed = true;
    Ok(())
}

#[cfg(test)]
mod tests;
