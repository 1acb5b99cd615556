//! The answer screen: choosing a change, applying it to the learner's file.

use crate::diff::apply_hunks;
use crate::tui::app::{App, Ask, Screen};
use crate::tui::effect::Effect;
use crate::tui::theme::Role;
use crate::workshop::store::Change;

/// Between the lesson's own files and the learner's.
pub(super) fn mine(app: &mut App) -> Vec<Effect> {
    with_screen(app, |app, screen| {
        screen.mine = !screen.mine;
        screen.sheet.scroll = 0;
        screen.hunk = 0;
        app.compare(screen);
    });
    Vec::new()
}

/// Side by side, or one below the other.
pub(super) fn split(app: &mut App) -> Vec<Effect> {
    if !app.can_split() {
        app.say(Role::Dim, "Side by side needs a terminal of 120 columns or more.");
        return Vec::new();
    }
    with_screen(app, |_, screen| screen.split = !screen.split);
    Vec::new()
}

/// Selects another hunk and shows it.
pub(super) fn select(app: &mut App, by: isize) -> Vec<Effect> {
    with_screen(app, |_, screen| {
        let last = screen.hunks().saturating_sub(1);
        screen.hunk = screen.hunk.saturating_add_signed(by).min(last);
    });
    app.refresh();
    let height = usize::from(app.areas().main.height);
    if let Some(screen) = app.answer_mut()
        && let Some(line) = screen.sheet.page.anchor(&format!("hunk {}", screen.hunk))
    {
        let end = screen.sheet.page.snippets.get(screen.hunk).map_or(line, |snippet| snippet.lines.end);
        if end > screen.sheet.scroll + height || line < screen.sheet.scroll {
            screen.sheet.scroll = line.saturating_sub(1);
        }
    }
    Vec::new()
}

/// Applies the selected hunk to the learner's file. The lesson's own difference is first turned into that of the learner's file, to be looked at.
pub(super) fn apply(app: &mut App) -> Vec<Effect> {
    let Some(screen) = app.answer() else { return Vec::new() };
    if !screen.mine {
        mine(app);
        app.say(Role::Warn, "This is what it changes in your own file. Press again to apply the selected change.");
        return Vec::new();
    }
    let Some((file, hunk)) = screen.locate(screen.hunk) else {
        app.say(Role::Dim, "There is nothing left to apply.");
        return Vec::new();
    };
    let Some(file) = screen.files.get(file) else { return Vec::new() };
    let change = Change { path: file.path.clone(), text: apply_hunks(&file.old, &file.diff, &[hunk]) };
    vec![Effect::Change(format!("a change of answer {}", screen.task), vec![change])]
}

/// Asks whether all hunks are to be applied.
pub(super) fn offer_all(app: &mut App) -> Vec<Effect> {
    let Some(screen) = app.answer() else { return Vec::new() };
    if !screen.mine {
        mine(app);
    }
    if app.answer().is_some_and(|screen| screen.hunks() > 0) {
        app.screens.push(Screen::Ask(Ask::ApplyAll));
    } else {
        app.say(Role::Dim, "There is nothing left to apply.");
    }
    Vec::new()
}

/// Applies all hunks to the learner's files.
pub(super) fn apply_all(app: &mut App) -> Vec<Effect> {
    let Some(screen) = app.answer() else { return Vec::new() };
    let changed = screen.files.iter().filter(|file| !file.diff.hunks.is_empty());
    let changes: Vec<Change> = changed.map(|file| Change { path: file.path.clone(), text: file.new.clone() }).collect();
    vec![Effect::Change(format!("answer {}", screen.task), changes)]
}

/// Makes the differences again after the learner's files changed.
pub(super) fn renew(app: &mut App) {
    if app.answer().is_some_and(|screen| screen.mine) {
        with_screen(app, |app, screen| app.compare(screen));
    }
}

/// Changes the answer screen with the rest of the state at hand.
fn with_screen(app: &mut App, change: impl FnOnce(&App, &mut crate::tui::app::AnswerScreen)) {
    let Some(at) = app.screens.iter().rposition(|screen| matches!(screen, Screen::Answer(_))) else { return };
    if let Screen::Answer(mut screen) = std::mem::replace(&mut app.screens[at], Screen::Lesson) {
        change(app, &mut screen);
        app.screens[at] = Screen::Answer(screen);
    }
}
