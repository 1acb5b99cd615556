//! The learner writes an answer to a question; it is kept when the screen is left.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui_textarea::{CursorMove, TextArea, WrapMode};

use super::save;
use crate::tui::app::{App, Screen};
use crate::tui::effect::Effect;
use crate::tui::theme::Role;

/// Opens the text box with what was written before.
pub(super) fn begin(app: &mut App) -> Vec<Effect> {
    let Some(question) = app.question() else {
        app.say(Role::Dim, "There is a question to write about at the end of each step.");
        return Vec::new();
    };
    let text = app.progress.answers.get(&question.id).cloned().unwrap_or_default();
    let mut area = TextArea::new(text.split('\n').map(str::to_owned).collect());
    area.set_wrap_mode(WrapMode::Word);
    area.set_style(app.look.style(Role::Text));
    area.set_cursor_line_style(ratatui::style::Style::new());
    area.set_placeholder_text("Write as you would explain it to a colleague.");
    area.set_placeholder_style(app.look.style(Role::Dim));
    area.move_cursor(CursorMove::Bottom);
    area.move_cursor(CursorMove::End);
    app.screens.push(Screen::Writing(Box::new(area)));
    Vec::new()
}

/// A key while writing.
pub(super) fn key(app: &mut App, event: KeyEvent) -> Vec<Effect> {
    let control = event.modifiers.contains(KeyModifiers::CONTROL);
    match event.code {
        KeyCode::Esc => return keep(app),
        KeyCode::Char('s' | 'c') if control => return keep(app),
        _ => {}
    }
    if let Some(Screen::Writing(area)) = app.screens.last_mut() {
        area.input(event);
    }
    Vec::new()
}

/// Pasted text, as it is.
pub(super) fn paste(app: &mut App, text: &str) -> Vec<Effect> {
    if let Some(Screen::Writing(area)) = app.screens.last_mut() {
        area.insert_str(text.replace("\r\n", "\n").replace('\r', "\n"));
    }
    Vec::new()
}

/// Closes the text box and keeps what it holds.
pub(super) fn keep(app: &mut App) -> Vec<Effect> {
    let Some(id) = app.question().map(|question| question.id.clone()) else { return Vec::new() };
    let Some(Screen::Writing(area)) = app.screens.pop() else { return Vec::new() };
    let text = area.into_lines().join("\n").trim_end().to_owned();
    if text.is_empty() {
        app.progress.answers.remove(&id);
        return vec![save(app)];
    }
    app.progress.answers.insert(id, text);
    let key = app.keymap.label(crate::tui::command::Command::Answer);
    app.say(Role::Pass, format!("Your answer is kept. {key} shows the model answer beside it."));
    vec![save(app)]
}
