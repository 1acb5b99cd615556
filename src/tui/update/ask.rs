//! Questions before something is done or shown.

use crossterm::event::{KeyCode, KeyEvent};

use super::{answer, save};
use crate::tui::app::{App, Ask, Screen};
use crate::tui::effect::Effect;
use crate::tui::theme::Role;
use crate::workshop::TaskId;
use crate::workshop::store::Change;

/// A key while something is asked.
pub(super) fn key(app: &mut App, event: KeyEvent) -> Vec<Effect> {
    match event.code {
        KeyCode::Char('y' | 'Y') | KeyCode::Enter => yes(app),
        KeyCode::Char('n' | 'N' | 'q') | KeyCode::Esc => no(app),
        _ => {
            app.changed = false;
            Vec::new()
        }
    }
}

/// The answer is no: nothing happens, and the program says how to come back to it.
pub(super) fn no(app: &mut App) -> Vec<Effect> {
    let asked = app.screens.pop();
    if let Some(Screen::Ask(Ask::Watch)) = asked {
        return super::monitor::consented(app, false);
    }
    if let Some(Screen::Ask(Ask::LayOut)) = asked {
        let key = app.keymap.label(crate::tui::command::Command::LayOut);
        app.say(Role::Dim, format!("Nothing was written. {key} lays out the starters later."));
    }
    Vec::new()
}

/// The answer is yes.
pub(super) fn yes(app: &mut App) -> Vec<Effect> {
    let Some(Screen::Ask(ask)) = app.screens.pop() else { return Vec::new() };
    match ask {
        Ask::LayOut => {
            app.say(Role::Dim, "Laying out the starter services");
            vec![Effect::LayOut]
        }
        Ask::Answer(id) => show_answer(app, &id),
        Ask::Model(id) => show_model(app, id),
        Ask::ApplyAll => answer::apply_all(app),
        Ask::Fix => fix(app),
        Ask::Undo => vec![Effect::Undo],
        Ask::Watch => super::monitor::consented(app, true),
    }
}

/// Opens the answer of a task.
pub(super) fn show_answer(app: &mut App, id: &TaskId) -> Vec<Effect> {
    let Some(screen) = app.module.task(&id.0).map(|task| app.answer_screen(task)) else { return Vec::new() };
    let first = !app.progress.task(id).answer_shown;
    app.progress.task_mut(id).answer_shown = true;
    app.screens.push(Screen::Answer(Box::new(screen)));
    if first { vec![save(app)] } else { Vec::new() }
}

/// Opens the model answer of a question.
pub(super) fn show_model(app: &mut App, id: String) -> Vec<Effect> {
    app.models.insert(id);
    app.refresh();
    if let Some(line) = app.lesson.page.anchor("model") {
        app.lesson.scroll = line;
    }
    Vec::new()
}

/// Asks whether the change that the selected finding offers is to be made.
pub(super) fn offer_fix(app: &mut App) -> Vec<Effect> {
    if offered(app).is_some() {
        app.screens.push(Screen::Ask(Ask::Fix));
    } else {
        app.say(Role::Dim, "No finding here offers a change that is safe to make for you.");
    }
    Vec::new()
}

/// The edit on offer: of the selected finding, else the first one that has any.
pub fn offered(app: &App) -> Option<&crate::diagnostic::Edit> {
    let selected = app.selected_finding().and_then(|finding| finding.diagnostic.edit.as_ref());
    selected.or_else(|| app.task_report()?.findings.iter().find_map(|finding| finding.diagnostic.edit.as_ref()))
}

fn fix(app: &mut App) -> Vec<Effect> {
    let Some(edit) = offered(app).cloned() else { return Vec::new() };
    let text = app.files.get(&edit.file).and_then(|text| {
        let (before, after) = (text.get(..edit.span.start)?, text.get(edit.span.end..)?);
        Some(format!("{before}{}{after}", edit.text))
    });
    match text {
        Some(text) => vec![Effect::Change(edit.title, vec![Change { path: edit.file, text }])],
        None => {
            app.say(Role::Warn, format!("{} changed meanwhile: nothing was done.", edit.file));
            Vec::new()
        }
    }
}
