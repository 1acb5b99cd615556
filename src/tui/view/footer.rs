//! The footer: the keys that matter on the visible screen, from the one table of commands.

use ratatui::Frame;
use ratatui::text::Span;

use super::line;
use crate::tui::app::{App, Deploying, Screen, Source, Stop};
use crate::tui::command::{Command, Scope, TABLE};
use crate::tui::theme::Role;
use crate::tui::update::{self, offered};

/// A key and what it does; the command is what a click on it runs.
struct Item {
    command: Option<Command>,
    key: String,
    label: &'static str,
}

/// Draws the footer.
pub(super) fn draw(app: &App, frame: &mut Frame<'_>) {
    let mut spans = vec![Span::raw(" ")];
    for item in fitting(app) {
        spans.push(app.look.span(Role::Key, item.key));
        spans.push(app.look.span(Role::Dim, format!(" {}", item.label)));
        spans.push(Span::raw("  "));
    }
    line(frame, app.areas().footer, spans);
}

/// The command whose key stands at column `x`.
pub fn command(app: &App, x: u16) -> Option<Command> {
    let mut at = 1;
    for item in fitting(app) {
        let width = width(&item);
        if (at..at + width).contains(&usize::from(x)) {
            return item.command;
        }
        at += width + 2;
    }
    None
}

fn width(item: &Item) -> usize {
    item.key.chars().count() + 1 + item.label.chars().count()
}

/// The items that there is room for; help and leaving always have room.
fn fitting(app: &App) -> Vec<Item> {
    let items = items(app);
    let keep = |item: &Item| matches!(item.command, None | Some(Command::Help | Command::Quit));
    let mut room = usize::from(app.size.width).saturating_sub(1);
    let kept: usize = items.iter().filter(|item| keep(item)).map(|item| width(item) + 2).sum();
    room = room.saturating_sub(kept);
    let mut fitting = Vec::new();
    for item in items {
        if keep(&item) {
            fitting.push(item);
        } else if width(&item) + 2 <= room {
            room -= width(&item) + 2;
            fitting.push(item);
        }
    }
    fitting
}

fn items(app: &App) -> Vec<Item> {
    let fixed = |pairs: &[(&str, &'static str)]| {
        pairs.iter().map(|(key, label)| Item { command: None, key: (*key).to_owned(), label }).collect()
    };
    let scope = match app.screen() {
        Screen::Lesson => Scope::Lesson,
        Screen::Answer(_) => Scope::Answer,
        Screen::Cloud(_) => Scope::Cloud,
        Screen::Monitor => Scope::Monitor,
        Screen::Event(_) => Scope::Event,
        Screen::FindRide => return fixed(&[("Enter", "keep"), ("Esc", "show all"), ("Up/Down", "select")]),
        Screen::Writing(_) => return fixed(&[("Esc", "keep and go back"), ("Ctrl-S", "the same")]),
        Screen::Ask(_) => return fixed(&[("y", "yes"), ("n", "no"), ("Esc", "no")]),
        Screen::Search(_) | Screen::Palette(_) => {
            return fixed(&[("Enter", "choose"), ("Up/Down", "select"), ("Esc", "close")]);
        }
        Screen::Help(_) => return fixed(&[("Esc", "close"), ("Up/Down", "scroll")]),
    };
    let mut items: Vec<Item> = TABLE
        .iter()
        .filter(|entry| !entry.label.is_empty() && entry.scope.meets(scope) && useful(app, entry.command))
        .map(|entry| Item {
            command: Some(entry.command),
            key: app.keymap.label(entry.command),
            label: label(app, entry.command, entry.label),
        })
        .collect();
    let has_base = app.screens.len() > 1;
    if matches!(scope, Scope::Answer | Scope::Cloud | Scope::Event | Scope::Monitor) && has_base {
        items.insert(0, Item { command: Some(Command::Back), key: app.keymap.label(Command::Back), label: "back" });
    }
    items
}

/// The word for a command, where it depends on what is shown.
fn label(app: &App, command: Command, label: &'static str) -> &'static str {
    match command {
        Command::Mine if app.answer().is_some_and(|answer| answer.mine) => "the lesson's",
        Command::Split if app.answer().is_some_and(|answer| answer.split) => "one column",
        Command::Freeze if app.monitor.frozen.is_some() => "go on",
        Command::Follow if app.monitor.follow => "stay",
        Command::Record if app.monitor.recording.is_some() => "end recording",
        Command::Mask if app.monitor.masked => "unmask",
        Command::Answer if app.question().is_some() => "model answer",
        _ => label,
    }
}

/// Whether `command` does something here: the footer shows no key that would only excuse itself.
fn useful(app: &App, command: Command) -> bool {
    let task = app.task();
    let watching = matches!(app.screen(), Screen::Monitor | Screen::Event(_));
    let on_cloud = matches!(app.screen(), Screen::Cloud(_));
    let hunks = || app.answer().is_some_and(|answer| answer.hunks() > 0);
    match command {
        Command::Ride if watching => !matches!(app.monitor.source, Source::Replay { .. }),
        Command::Mask => watching,
        Command::Monitor => !watching && app.monitor.picture.counts.rides > 0,
        Command::NextEvent | Command::PreviousEvent => app.event_screen().is_some_and(|screen| screen.events.len() > 1),
        Command::Edit | Command::Check | Command::Cloud | Command::Deploy | Command::Copy if watching => false,
        Command::Next => app.at + 1 < app.stops.len(),
        Command::Hint => task.is_some_and(|task| app.progress.task(&task.id).hints_shown < task.hints.len()),
        Command::Answer => app.question().is_some() || task.is_some_and(|task| task.answer.is_some()),
        Command::Write => matches!(app.stop(), Stop::Question(_)),
        Command::Edit if on_cloud => update::cloud_spot(app).is_some(),
        Command::Deploy => on_cloud || task.is_some_and(|task| task.deploys.is_some()),
        Command::Ride => app.cloud.is_on() && (on_cloud || task.is_some_and(|task| task.deploys.is_some())),
        Command::Cloud => !on_cloud && app.cloud.deploys.iter().any(|deploy| deploy.state != Deploying::Never),
        Command::Check if on_cloud => false,
        Command::Edit => task.is_some_and(|task| task.file.is_some()),
        Command::Check => app.has_services == Some(true) && task.is_some(),
        Command::Fix => offered(app).is_some(),
        Command::Apply | Command::ApplyAll => hunks(),
        Command::NextHunk => app.answer().is_some_and(|answer| answer.hunks() > 1),
        Command::Split => hunks() && app.can_split(),
        Command::Copy => !app.visible_snippets().is_empty(),
        Command::Undo => matches!(app.screen(), Screen::Answer(_)),
        _ => true,
    }
}
