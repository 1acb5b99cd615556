//! Search and palette: a line to type in, and the rows that fit.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::{cloud, commands};
use crate::tui::app::{Action, App, Finder, Found, Screen, Stop};
use crate::tui::command::{Scope, TABLE};
use crate::tui::effect::Effect;

/// Opens the search.
pub(super) fn open_search(app: &mut App) -> Vec<Effect> {
    app.screens.push(Screen::Search(Finder::default()));
    renew(app);
    Vec::new()
}

/// Opens the palette.
pub(super) fn open_palette(app: &mut App) -> Vec<Effect> {
    app.screens.push(Screen::Palette(Finder::default()));
    renew(app);
    Vec::new()
}

/// A key while searching.
pub(super) fn key(app: &mut App, event: KeyEvent) -> Vec<Effect> {
    let control = event.modifiers.contains(KeyModifiers::CONTROL);
    let Some(finder) = finder(app) else { return Vec::new() };
    let last = finder.rows.len().saturating_sub(1);
    match event.code {
        KeyCode::Esc => {
            app.screens.pop();
            return Vec::new();
        }
        KeyCode::Enter => return choose(app),
        KeyCode::Down | KeyCode::Tab => finder.selected = (finder.selected + 1).min(last),
        KeyCode::Up | KeyCode::BackTab => finder.selected = finder.selected.saturating_sub(1),
        KeyCode::PageDown => finder.selected = (finder.selected + 8).min(last),
        KeyCode::PageUp => finder.selected = finder.selected.saturating_sub(8),
        KeyCode::Char('n') if control => finder.selected = (finder.selected + 1).min(last),
        KeyCode::Char('p') if control => finder.selected = finder.selected.saturating_sub(1),
        KeyCode::Char('u') if control => {
            finder.query.clear();
            renew(app);
        }
        KeyCode::Char(character) if !control => {
            finder.query.push(character);
            renew(app);
        }
        KeyCode::Backspace => {
            if finder.query.pop().is_none() {
                app.screens.pop();
            } else {
                renew(app);
            }
        }
        _ => app.changed = false,
    }
    Vec::new()
}

/// Pasted text: its first line.
pub(super) fn paste(app: &mut App, text: &str) -> Vec<Effect> {
    if let Some(finder) = finder(app) {
        finder.query.push_str(text.lines().next().unwrap_or_default());
        renew(app);
    }
    Vec::new()
}

fn finder(app: &mut App) -> Option<&mut Finder> {
    match app.screens.last_mut() {
        Some(Screen::Search(finder) | Screen::Palette(finder)) => Some(finder),
        _ => None,
    }
}

/// Does what the selected row says.
pub(super) fn choose(app: &mut App) -> Vec<Effect> {
    let row = finder(app).and_then(|finder| finder.rows.get(finder.selected).cloned());
    app.screens.pop();
    app.notice = None;
    match row.map(|row| row.action) {
        Some(Action::Run(command)) => commands::run(app, command),
        Some(action @ (Action::Deploy(_) | Action::Rides(_))) => cloud::act(app, action),
        Some(Action::Go(at)) => leave_answer_and_go(app, at),
        Some(Action::Find(at, needle)) => {
            let effects = leave_answer_and_go(app, at);
            app.refresh();
            if let Some(line) = app.lesson.page.find(&needle) {
                app.lesson.scroll = line.saturating_sub(2);
            }
            effects
        }
        None => Vec::new(),
    }
}

fn leave_answer_and_go(app: &mut App, at: usize) -> Vec<Effect> {
    app.screens.truncate(1);
    commands::go_to(app, at)
}

pub(super) fn renew(app: &mut App) {
    let rows = match app.screen() {
        Screen::Search(finder) => found(app, &finder.query),
        Screen::Palette(finder) => offered(app, &finder.query),
        _ => return,
    };
    if let Some(finder) = finder(app) {
        finder.rows = rows;
        finder.selected = 0;
    }
}

/// Where `query` stands in titles and prose. Hints and answers are left out: a search gives nothing away.
fn found(app: &App, query: &str) -> Vec<Found> {
    let needle = query.trim().to_lowercase();
    let mut titles = Vec::new();
    let mut places = Vec::new();
    for (at, stop) in app.stops.iter().enumerate() {
        let title = app.name(*stop);
        if title.to_lowercase().contains(&needle) {
            titles.push(Found { action: Action::Go(at), title: title.clone(), detail: String::new() });
        }
        if needle.len() < 2 {
            continue;
        }
        let prose = match stop {
            Stop::Step(step) => &app.module.steps[*step].prose,
            Stop::Task(step, task) => &app.module.steps[*step].tasks[*task].prose,
            Stop::Question(question) => &app.module.questions[*question].prose,
        };
        let lines = prose.lines().filter(|line| line.replace(['`', '*'], "").to_lowercase().contains(&needle));
        places.extend(lines.take(3).map(|line| Found {
            action: Action::Find(at, query.trim().to_owned()),
            title: title.clone(),
            detail: excerpt(line, &needle),
        }));
    }
    titles.append(&mut places);
    titles
}

/// The part of a line of Markdown around `needle`, without its marks.
fn excerpt(line: &str, needle: &str) -> String {
    const BEFORE: usize = 18;
    let text: String = line
        .trim_start_matches(['#', '>', '-', '*', ' ', '|'])
        .chars()
        .filter(|letter| !matches!(letter, '`' | '*'))
        .collect();
    let at = text.to_lowercase().find(needle).unwrap_or(0);
    let start = text.get(..at).map_or(0, |before| before.chars().count()).saturating_sub(BEFORE);
    if start == 0 {
        return text.trim().to_owned();
    }
    let rest: String = text.chars().skip(start).collect();
    // From the beginning of a word on.
    format!("… {}", rest.split_once(' ').map_or(rest.as_str(), |(_, rest)| rest).trim())
}

/// Commands of the screen below and all stops, those that fit `query` best first.
fn offered(app: &App, query: &str) -> Vec<Found> {
    let below = app.screens.iter().rev().nth(1);
    let scope = match below {
        Some(Screen::Answer(_)) => Scope::Answer,
        Some(Screen::Cloud(_)) => Scope::Cloud,
        Some(Screen::Monitor) => Scope::Monitor,
        Some(Screen::Event(_)) => Scope::Event,
        _ => Scope::Lesson,
    };
    let commands = TABLE.iter().filter(|entry| entry.scope.meets(scope)).map(|entry| {
        let keys: Vec<String> = app.keymap.keys(entry.command).map(|key| key.to_string()).collect();
        Found { action: Action::Run(entry.command), title: entry.title.to_owned(), detail: keys.join(", ") }
    });
    let stops = app.stops.iter().enumerate().map(|(at, stop)| Found {
        action: Action::Go(at),
        title: app.name(*stop),
        detail: "go".to_owned(),
    });
    let deploys = app.module.services.iter().map(|service| Found {
        action: Action::Deploy(service.clone()),
        title: format!("Deploy {service}"),
        detail: "deploy".to_owned(),
    });
    let rank = |found: Found| Some((fit(query.trim(), &found)?, found));
    let mut rows: Vec<(usize, Found)> = commands.chain(deploys).chain(stops).filter_map(rank).collect();
    rows.sort_by_key(|(rank, _)| *rank);
    rows.into_iter().map(|(_, found)| found).collect()
}

/// How well a row fits, less being better; none if it does not: its words, or its letters in order.
fn fit(query: &str, found: &Found) -> Option<usize> {
    let query = query.to_lowercase();
    let name = match &found.action {
        Action::Run(command) => command.entry().name,
        Action::Go(_) | Action::Find(..) | Action::Deploy(_) | Action::Rides(_) => "",
    };
    let title = found.title.to_lowercase();
    if name.starts_with(&query) || title.starts_with(&query) {
        return Some(0);
    }
    if title.split(' ').any(|word| word.starts_with(&query)) {
        return Some(1);
    }
    if title.contains(&query) || name.contains(&query) {
        return Some(2);
    }
    let mut letters = title.chars();
    query.chars().filter(|letter| *letter != ' ').all(|letter| letters.any(|other| other == letter)).then_some(3)
}
