//! Clicks and the wheel.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::{Position, Rect};

use super::{ask, commands, finder, monitor, moving};
use crate::tui::app::{App, Pane, Screen};
use crate::tui::command::Command;
use crate::tui::effect::Effect;
use crate::tui::view;

/// Lines that one turn of the wheel scrolls.
const TURN: usize = 3;

/// A click, or a turn of the wheel.
pub(super) fn mouse(app: &mut App, event: MouseEvent) -> Vec<Effect> {
    let at = Position::new(event.column, event.row);
    match event.kind {
        MouseEventKind::Down(MouseButton::Left) => click(app, at),
        MouseEventKind::ScrollDown => wheel(app, at, Command::Down),
        MouseEventKind::ScrollUp => wheel(app, at, Command::Up),
        _ => {
            app.changed = false;
            Vec::new()
        }
    }
}

fn wheel(app: &mut App, at: Position, command: Command) -> Vec<Effect> {
    if let Some(Screen::Search(finder) | Screen::Palette(finder)) = app.screens.last_mut() {
        let last = finder.rows.len().saturating_sub(1);
        finder.selected =
            if command == Command::Down { (finder.selected + 1).min(last) } else { finder.selected.saturating_sub(1) };
        return Vec::new();
    }
    if matches!(app.screen(), Screen::Monitor) {
        if let Some((part, _)) = app.pane_at(at) {
            app.monitor.part = part;
        }
        (0..TURN).for_each(|_| monitor::go(app, command));
        return Vec::new();
    }
    if matches!(app.screen(), Screen::Lesson) {
        let areas = app.areas();
        let over = |area: Option<Rect>| area.is_some_and(|area| area.contains(at));
        if over(areas.steps) {
            let by = if command == Command::Down { TURN as isize } else { -(TURN as isize) };
            app.steps_scroll = app.steps_scroll.saturating_add_signed(by);
            return Vec::new();
        }
        app.focus = if over(areas.verdict) { Pane::Verdict } else { Pane::Lesson };
    }
    if let Some((sheet, _)) = app.open_sheet() {
        sheet.scroll = if command == Command::Down { sheet.scroll + TURN } else { sheet.scroll.saturating_sub(TURN) };
        return Vec::new();
    }
    moving::go(app, command)
}

fn click(app: &mut App, at: Position) -> Vec<Effect> {
    let areas = app.areas();
    if areas.footer.contains(at)
        && let Some(command) = view::footer_command(app, at.x)
    {
        app.notice = None;
        return commands::run(app, command);
    }
    match app.screen() {
        Screen::Lesson => {
            let row = |area: Rect| usize::from(at.y - area.y);
            if let Some(steps) = areas.steps.filter(|area| area.contains(at)) {
                app.focus = Pane::Steps;
                let stop = app.list_rows().get(app.steps_scroll + row(steps)).copied().flatten();
                return stop.map_or_else(Vec::new, |stop| commands::go_to(app, stop));
            }
            if let Some(verdict) = areas.verdict.filter(|area| area.contains(at)) {
                app.focus = Pane::Verdict;
                let line = app.verdict.scroll + row(verdict);
                let starts = app
                    .verdict
                    .page
                    .anchors
                    .iter()
                    .filter(|(name, start)| name.starts_with("finding") && *start <= line);
                app.finding = starts.count().saturating_sub(1);
                return Vec::new();
            }
            app.focus = Pane::Lesson;
            Vec::new()
        }
        Screen::Answer(answer) => {
            let line = answer.sheet.scroll + usize::from(at.y.saturating_sub(areas.main.y));
            let starts =
                answer.sheet.page.anchors.iter().filter(|(name, start)| name.starts_with("hunk") && *start <= line);
            let hunk = starts.count().saturating_sub(1);
            if let Some(answer) = app.answer_mut() {
                answer.hunk = hunk;
            }
            Vec::new()
        }
        Screen::Search(_) | Screen::Palette(_) => match view::finder_row(app, at) {
            Some(row) => {
                if let Some(Screen::Search(finder) | Screen::Palette(finder)) = app.screens.last_mut() {
                    finder.selected = row;
                }
                finder::choose(app)
            }
            None => Vec::new(),
        },
        Screen::Ask(_) => match view::ask_choice(app, at) {
            Some(true) => ask::yes(app),
            Some(false) => ask::no(app),
            None => Vec::new(),
        },
        Screen::Monitor => {
            let Some((part, area)) = app.pane_at(at) else { return Vec::new() };
            let row = usize::from(at.y - area.y);
            let again = monitor::click(app, part, row);
            if again { monitor::show(app) } else { Vec::new() }
        }
        Screen::Help(_) | Screen::Writing(_) | Screen::Cloud(_) | Screen::Event(_) | Screen::FindRide => Vec::new(),
    }
}
