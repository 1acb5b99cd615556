//! Results of effects: gradings, changes to the learner's files, and what went wrong.

use std::time::Duration;

use super::{answer, cloud, commands, grade, monitor, save};
use crate::diagnostic::Status;
use crate::tui::app::{App, Celebration, Grading};
use crate::tui::command::Command;
use crate::tui::effect::Effect;
use crate::tui::message::{Graded, Message};
use crate::tui::theme::Role;
use crate::workshop::TaskId;
use crate::workshop::store::{LaidOut, Outcome, Undo};

/// How long a frame of the celebration stands.
const FRAME: Duration = Duration::from_millis(70);

/// Takes in a result.
pub(super) fn result(app: &mut App, message: Message) -> Vec<Effect> {
    match message {
        Message::FilesChanged => {
            app.changed = app.grading == Grading::Idle;
            grade(app)
        }
        Message::Graded(graded) => graded_now(app, *graded),
        // What was run is not what is there any more: the next trial is on its way.
        Message::Tried(graded) if graded.files != app.files => Vec::new(),
        Message::Tried(graded) => {
            let (grading, gradings) = (app.grading, app.gradings);
            app.grading = Grading::Idle;
            let effects = graded_now(app, *graded);
            (app.grading, app.gradings) = (grading, gradings);
            effects
        }
        Message::Untried(why) => {
            app.say(Role::Dim, format!("Handlers are judged by reading them alone: {why}."));
            Vec::new()
        }
        Message::GradingFailed(trouble) => {
            // The next grading may go better: nothing waits for this one.
            let again = app.grading == Grading::RunningAndNext;
            app.grading = Grading::Idle;
            app.say(Role::Fail, trouble);
            if again { grade(app) } else { Vec::new() }
        }
        Message::Highlighted(results) => {
            app.highlights.put(results);
            Vec::new()
        }
        Message::LaidOut(result) => laid_out(app, result),
        Message::Changed(what, Ok(())) => {
            // The file may have been noticed and graded already: the praise for it says more.
            if app.celebration.is_none() {
                let key = app.keymap.label(Command::Undo);
                app.say(Role::Pass, format!("Changed your files: {what}. {key} takes it back."));
            }
            grade(app)
        }
        Message::Undone(Ok(Some(undo))) => {
            undone(app, &undo);
            grade(app)
        }
        Message::Undone(Ok(None)) => {
            app.say(Role::Dim, "There is no change of rydes's to take back.");
            Vec::new()
        }
        Message::EditorClosed(Ok(())) => {
            let mut effects = vec![Effect::Redraw];
            effects.extend(grade(app));
            effects
        }
        Message::EditorClosed(Err(trouble)) => {
            app.say(Role::Fail, trouble);
            vec![Effect::Redraw]
        }
        Message::Changed(_, Err(trouble)) | Message::Undone(Err(trouble)) | Message::Failed(trouble) => {
            app.say(Role::Fail, trouble);
            Vec::new()
        }
        Message::WatchFailed(reason) => {
            let key = app.keymap.label(Command::Check);
            app.say(Role::Warn, format!("Saves are not noticed by themselves here ({reason}): press {key} to check."));
            Vec::new()
        }
        Message::Cloud(_)
        | Message::Deploying(..)
        | Message::Looked
        | Message::Deployed(_)
        | Message::Rode(..)
        | Message::Rides(_)
        | Message::Activity(_) => cloud::result(app, message),
        Message::Monitor(_) | Message::Frame => monitor::result(app, message),
        Message::Wake => wake(app),
        // Handled before.
        _ => Vec::new(),
    }
}

fn graded_now(app: &mut App, graded: Graded) -> Vec<Effect> {
    let again = app.grading == Grading::RunningAndNext;
    app.grading = Grading::Idle;
    app.gradings += 1;
    app.has_services = Some(graded.has_services);
    app.files = graded.files;
    app.trouble = None;
    let mut effects = Vec::new();
    match graded.report {
        Err(trouble) => app.trouble = Some(format!("This module has a mistake, so nothing can be graded: {trouble}.")),
        Ok(report) if graded.has_services => {
            let first = app.report.is_none();
            let before = app.progress.clone();
            let open = app.task().map(|task| task.id.clone());
            let was_done = open.as_ref().and_then(|id| app.status(id)).is_some_and(Status::is_done);
            app.progress.take_in(report.tasks.iter().map(|task| (&task.id, task.status)));
            app.report = Some(report);
            if app.progress != before {
                effects.push(save(app));
            }
            let is_done = open.as_ref().and_then(|id| app.status(id)).is_some_and(Status::is_done);
            if app.notice.as_ref().is_some_and(|notice| notice.text == "Checking your files") {
                app.notice = None;
            }
            if let Some(id) = open.filter(|_| is_done && !was_done && !first) {
                effects.extend(celebrate(app, id));
            }
            if !is_done {
                app.celebration = None;
            }
            if was_done && !is_done {
                // What was said about the task holds no more.
                app.notice = None;
            }
        }
        Ok(_) => app.report = None,
    }
    let findings = app.task_report().map_or(0, |report| report.findings.len());
    app.finding = app.finding.min(findings.saturating_sub(1));
    answer::renew(app);
    effects.extend(cloud::start(app));
    if again {
        effects.extend(grade(app));
    }
    effects
}

/// A task has just passed: say so, name the next one, and let a few sparks fly.
fn celebrate(app: &mut App, id: TaskId) -> Vec<Effect> {
    let next = app.next_open(Some(&id));
    let text = match next {
        Some(next) => {
            let place = next.file.as_ref().map(|file| format!(" in {file}")).unwrap_or_default();
            format!("{id} is done! Next: {} {}{place}", next.id, next.title)
        }
        None => format!("{id} is done, and with it the whole workshop. Well ridden!"),
    };
    app.say(Role::Pass, text);
    app.celebration = Some(Celebration { task: id, frame: 0 });
    vec![Effect::Wake(FRAME)]
}

fn wake(app: &mut App) -> Vec<Effect> {
    let Some(celebration) = &mut app.celebration else {
        app.changed = false;
        return Vec::new();
    };
    celebration.frame += 1;
    if celebration.frame < Celebration::FRAMES {
        return vec![Effect::Wake(FRAME)];
    }
    app.celebration = None;
    Vec::new()
}

fn laid_out(app: &mut App, result: Result<Vec<LaidOut>, String>) -> Vec<Effect> {
    match result {
        Ok(done) => {
            let count = |outcome| done.iter().filter(|laid| laid.outcome == outcome).count();
            let (written, kept) = (count(Outcome::Written), count(Outcome::Kept) + count(Outcome::Clone));
            let kept = if kept > 0 { format!(", {kept} that were there left alone") } else { String::new() };
            app.say(Role::Pass, format!("{written} files written to {}{kept}.", app.folder));
        }
        Err(trouble) => app.say(Role::Fail, trouble),
    }
    let mut effects = grade(app);
    if app.at == 0 {
        effects.extend(commands::go_to(app, 0));
    }
    effects
}

fn undone(app: &mut App, undo: &Undo) {
    let files = undo.files.join(", ");
    let edited = if undo.edited_since.is_empty() {
        String::new()
    } else {
        format!(" What you edited since is kept in {}.", undo.copies.display())
    };
    app.say(Role::Pass, format!("Taken back: {} ({files}).{edited}", undo.what));
}
