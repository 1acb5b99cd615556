//! Turns each message into new state and effects. Synchronous, without any I/O: what the program does is decided here and tested here.

mod answer;
mod ask;
mod cloud;
mod commands;
mod finder;
mod monitor;
mod mouse;
mod moving;
mod results;
mod writing;

pub use ask::offered;
pub use cloud::spot as cloud_spot;

use crossterm::event::{KeyEvent, KeyEventKind};
use ratatui::layout::Size;

use super::app::{App, Ask, Grading, Screen};
use super::command::Command;
use super::effect::{Effect, Job};
use super::keymap::Key;
use super::message::Message;

/// What is to be done when the program starts. `has_services` says whether the folder holds any service of the workshop.
pub fn start(app: &mut App, has_services: bool) -> Vec<Effect> {
    app.has_services = Some(has_services);
    if !has_services {
        app.screens.push(Screen::Ask(Ask::LayOut));
    }
    app.refresh();
    let mut effects = grade(app);
    effects.extend(cloud::start(app));
    effects.extend(highlight(app));
    effects
}

/// What is to be done when the program starts as a monitor alone: `first` says where events come from.
pub fn start_monitor(app: &mut App, first: Option<Job>) -> Vec<Effect> {
    app.alone = true;
    app.screens = vec![Screen::Monitor];
    // Services to deploy are a matter of the workshop.
    app.has_services = Some(true);
    app.refresh();
    match first {
        Some(job) => {
            app.monitor.asked = true;
            vec![Effect::Cloud(job)]
        }
        None => monitor::start(app),
    }
}

/// Takes in one message.
pub fn update(app: &mut App, message: Message) -> Vec<Effect> {
    app.changed = true;
    let mut effects = match message {
        Message::Key(event) => key(app, event),
        Message::Mouse(event) => mouse::mouse(app, event),
        Message::Paste(text) => paste(app, &text),
        Message::Resize(width, height) => {
            app.size = Size::new(width, height);
            Vec::new()
        }
        Message::Command(command) => commands::run(app, command),
        Message::Act(action) => cloud::act(app, action),
        Message::Go(at) => {
            app.screens.truncate(1);
            commands::go_to(app, at)
        }
        Message::Stop => leave(app),
        Message::Resumed => vec![Effect::Retake],
        other => results::result(app, other),
    };
    app.refresh();
    effects.extend(highlight(app));
    effects.extend(monitor::animate(app));
    effects
}

fn key(app: &mut App, event: KeyEvent) -> Vec<Effect> {
    if event.kind == KeyEventKind::Release {
        app.changed = false;
        return Vec::new();
    }
    let key = Key::from(event);
    match app.scope() {
        Some(scope) => match app.keymap.command(key, scope) {
            Some(command) => {
                app.notice = None;
                commands::run(app, command)
            }
            None => {
                app.changed = false;
                Vec::new()
            }
        },
        None => typed(app, event),
    }
}

/// A key on a screen where text is typed or a question is asked. Suspending and leaving work there, too.
fn typed(app: &mut App, event: KeyEvent) -> Vec<Effect> {
    let control = event.modifiers.contains(crossterm::event::KeyModifiers::CONTROL);
    if control && let Some(command) = app.keymap.command(Key::from(event), super::command::Scope::Everywhere) {
        match command {
            Command::Suspend | Command::Redraw => return commands::run(app, command),
            Command::Quit if !matches!(app.screen(), Screen::Writing(_)) => return commands::run(app, command),
            _ => {}
        }
    }
    match app.screen() {
        Screen::Writing(_) => writing::key(app, event),
        Screen::Ask(_) => ask::key(app, event),
        Screen::FindRide => monitor::typed(app, event),
        _ => finder::key(app, event),
    }
}

fn paste(app: &mut App, text: &str) -> Vec<Effect> {
    match app.screen() {
        Screen::Writing(_) => writing::paste(app, text),
        Screen::Search(_) | Screen::Palette(_) => finder::paste(app, text),
        Screen::FindRide => monitor::paste(app, text),
        _ => Vec::new(),
    }
}

/// Leaves, keeping what the learner is just writing.
fn leave(app: &mut App) -> Vec<Effect> {
    let mut effects = if matches!(app.screen(), Screen::Writing(_)) { writing::keep(app) } else { Vec::new() };
    effects.push(save(app));
    effects.push(Effect::Quit);
    effects
}

/// Asks for a grading: now, or after the one that runs.
fn grade(app: &mut App) -> Vec<Effect> {
    if app.alone {
        return Vec::new();
    }
    match app.grading {
        Grading::Idle => {
            app.grading = Grading::Running;
            vec![Effect::Grade]
        }
        Grading::Running | Grading::RunningAndNext => {
            app.grading = Grading::RunningAndNext;
            Vec::new()
        }
    }
}

fn save(app: &App) -> Effect {
    Effect::Save(Box::new(app.progress.clone()))
}

fn highlight(app: &mut App) -> Option<Effect> {
    let wanted = std::mem::take(&mut app.wanted);
    let wanted = app.highlights.ask(wanted);
    (!wanted.is_empty()).then_some(Effect::Highlight(wanted))
}

#[cfg(test)]
mod tests;
