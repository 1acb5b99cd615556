//! The page of an answer: what it changes, and why it is so.

use super::{Page, Writer, diff};
use crate::tui::app::{AnswerScreen, App};
use crate::tui::markdown;
use crate::tui::theme::Role;
use crate::workshop::mine::Way;

/// From this width on, old and new can stand side by side.
pub const SPLIT_FROM: usize = 116;

/// The answer that `screen` shows.
pub fn answer(app: &App, screen: &AnswerScreen, width: usize) -> Page {
    let mut writer = Writer::new(&app.look, &app.highlights, width);
    let Some(task) = app.module.task(&screen.task.0) else { return writer.finish() };
    if let Some(trouble) = &screen.trouble {
        writer.say(Role::Fail, trouble);
    }
    let all = screen.hunks();
    if screen.mine && all == 0 && screen.trouble.is_none() {
        writer.say(Role::Pass, "Nothing is left to change: your file does what the answer does.");
        writer.blank();
    }
    let mut first = 0;
    for file in screen.files.iter().filter(|file| !file.diff.hunks.is_empty()) {
        writer.blank();
        if file.way == Some(Way::Replaced) {
            writer.say(Role::Warn, "Your version of these lines differs from the answer's. Look before you apply: what you wrote there would be replaced.");
        }
        let cursor = Some(diff::Cursor { first, selected: screen.hunk, all });
        let texts = (file.old.as_str(), file.new.as_str());
        if screen.split && width >= SPLIT_FROM {
            diff::side_by_side(&mut writer, &file.path, texts, &file.diff, cursor);
        } else {
            diff::unified(&mut writer, &file.path, texts, &file.diff, cursor);
        }
        first += file.diff.hunks.len();
    }
    if let Some(answer) = task.answer.as_ref().filter(|answer| !answer.explanation.is_empty()) {
        writer.blank();
        writer.anchor("why");
        writer.say(Role::Heading, "Why");
        writer.blank();
        markdown::write(&mut writer, &app.module, &answer.explanation);
    }
    writer.finish()
}
