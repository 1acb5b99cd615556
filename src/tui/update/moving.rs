//! Scrolling, selecting, and moving between panes.

use super::commands;
use crate::tui::app::{App, Pane, Screen, Stop};
use crate::tui::command::Command;
use crate::tui::effect::Effect;
use crate::tui::theme::Role;

/// Moves what has the focus.
pub(super) fn go(app: &mut App, command: Command) -> Vec<Effect> {
    if let Some(Screen::Help(first)) = app.screens.last_mut() {
        const PAGE: usize = 10;
        *first = match command {
            Command::Down => *first + 1,
            Command::Up => first.saturating_sub(1),
            Command::PageDown => *first + PAGE,
            Command::PageUp => first.saturating_sub(PAGE),
            Command::Top => 0,
            _ => usize::MAX,
        };
        return Vec::new();
    }
    if matches!(app.screen(), Screen::Monitor) {
        super::monitor::go(app, command);
        return Vec::new();
    }
    if matches!(app.screen(), Screen::Lesson) {
        match app.focus {
            Pane::Steps => return select_step(app, command),
            Pane::Verdict if matches!(command, Command::Down | Command::Up) && findings(app) > 1 => {
                return select_finding(app, command);
            }
            Pane::Lesson | Pane::Verdict => {}
        }
    }
    scroll(app, command);
    Vec::new()
}

fn scroll(app: &mut App, command: Command) {
    let Some((sheet, height)) = app.open_sheet() else { return };
    let page = height.saturating_sub(2).max(1);
    sheet.scroll = match command {
        Command::Down => sheet.scroll + 1,
        Command::Up => sheet.scroll.saturating_sub(1),
        Command::PageDown => sheet.scroll + page,
        Command::PageUp => sheet.scroll.saturating_sub(page),
        Command::Top => 0,
        // `refresh` moves this back to the last screenful.
        _ => sheet.page.lines.len(),
    };
}

fn select_step(app: &mut App, command: Command) -> Vec<Effect> {
    let last = app.stops.len().saturating_sub(1);
    let page = usize::from(app.areas().steps.map_or(1, |area| area.height)).max(1);
    let at = match command {
        Command::Down => app.at + 1,
        Command::Up => app.at.saturating_sub(1),
        Command::PageDown => app.at + page,
        Command::PageUp => app.at.saturating_sub(page),
        Command::Top => 0,
        _ => last,
    };
    commands::go_to(app, at.min(last))
}

fn findings(app: &App) -> usize {
    app.task_report().map_or(0, |report| report.findings.len())
}

fn select_finding(app: &mut App, command: Command) -> Vec<Effect> {
    let last = findings(app).saturating_sub(1);
    app.finding = if command == Command::Down { (app.finding + 1).min(last) } else { app.finding.saturating_sub(1) };
    show_finding(app);
    Vec::new()
}

/// Scrolls the verdict so that the selected finding is visible.
pub(super) fn show_finding(app: &mut App) {
    let height = usize::from(app.areas().verdict.map_or(0, |area| area.height));
    let Some(start) = app.verdict.page.anchor(&format!("finding {}", app.finding)) else { return };
    let end = app.verdict.page.anchor(&format!("finding {}", app.finding + 1)).unwrap_or(app.verdict.page.lines.len());
    if end > app.verdict.scroll + height {
        app.verdict.scroll = end.saturating_sub(height);
    }
    app.verdict.scroll = app.verdict.scroll.min(start);
}

/// Gives the moving keys to the next pane, or the one before.
pub(super) fn focus(app: &mut App, forward: bool) -> Vec<Effect> {
    let judged = matches!(app.stop(), Stop::Task(..));
    app.focus = match (app.focus, forward) {
        (Pane::Steps, true) => Pane::Lesson,
        (Pane::Lesson, true) | (Pane::Steps, false) if judged => Pane::Verdict,
        (Pane::Lesson, true) | (Pane::Lesson | Pane::Verdict, false) if app.focus != Pane::Verdict => Pane::Steps,
        (Pane::Verdict, true) => Pane::Steps,
        _ => Pane::Lesson,
    };
    let name = match app.focus {
        Pane::Steps => "steps",
        Pane::Lesson => "lesson",
        Pane::Verdict => "verdict",
    };
    app.say(Role::Dim, format!("The arrow keys move the {name} now."));
    Vec::new()
}
