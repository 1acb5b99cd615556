//! What each command does.

use super::{answer, ask, cloud, finder, grade, leave, monitor, moving, save, writing};
use crate::tui::app::{App, Ask, Pane, Screen, Stop};
use crate::tui::command::Command;
use crate::tui::effect::{Effect, Spot};
use crate::tui::theme::Role;

/// Runs `command` on the visible screen.
pub(super) fn run(app: &mut App, command: Command) -> Vec<Effect> {
    if command != Command::Copy {
        app.copied = None;
    }
    if matches!(app.screen(), Screen::Help(_)) && matches!(command, Command::Help | Command::Quit | Command::Open) {
        return back(app);
    }
    match command {
        Command::Next => step(app, 1),
        Command::Previous => step(app, -1),
        Command::Continue => go_on(app),
        Command::Hint => hint(app),
        Command::Answer => show_answer(app),
        Command::Edit => edit(app),
        Command::Check => check(app),
        Command::Fix => ask::offer_fix(app),
        Command::Write => writing::begin(app),
        Command::Mine => answer::mine(app),
        Command::Apply => answer::apply(app),
        Command::ApplyAll => answer::offer_all(app),
        Command::NextHunk => answer::select(app, 1),
        Command::PreviousHunk => answer::select(app, -1),
        Command::Split => answer::split(app),
        Command::Undo => {
            app.screens.push(Screen::Ask(Ask::Undo));
            Vec::new()
        }
        Command::Deploy => cloud::deploy(app),
        Command::DeployAll => cloud::deploy_all(app),
        Command::Ride => cloud::ride(app),
        Command::Burst => cloud::burst(app),
        Command::Cloud => {
            // The same key again shows the activity.
            let page = matches!(app.screen(), Screen::Cloud(_)).then_some(app.cloud.deploys.len());
            cloud::open(app, page);
            Vec::new()
        }
        Command::NextPage => cloud::turn(app, 1),
        Command::PreviousPage => cloud::turn(app, -1),
        Command::Speed => cloud::speed(app),
        Command::Sandbox => cloud::start_again(app),
        Command::Monitor => monitor::open(app),
        Command::Freeze
        | Command::Record
        | Command::Follow
        | Command::Sort
        | Command::Only
        | Command::FindRide
        | Command::Mask
        | Command::NextPane
        | Command::PreviousPane
        | Command::ZoomPane
        | Command::NextEvent
        | Command::PreviousEvent => monitor::run(app, command),
        Command::Copy => copy(app),
        Command::Search => finder::open_search(app),
        Command::Palette => finder::open_palette(app),
        Command::Help => {
            app.screens.push(Screen::Help(0));
            Vec::new()
        }
        Command::Focus => moving::focus(app, true),
        Command::FocusBack => moving::focus(app, false),
        Command::Zoom => {
            app.zoomed = !app.zoomed;
            Vec::new()
        }
        Command::Down | Command::Up | Command::PageDown | Command::PageUp | Command::Top | Command::Bottom => {
            moving::go(app, command)
        }
        Command::Open => open(app),
        Command::Back => back(app),
        Command::LayOut => {
            app.screens.push(Screen::Ask(Ask::LayOut));
            Vec::new()
        }
        Command::Theme => {
            let theme = app.look.theme.name.next();
            app.look = app.look.with_theme(theme);
            app.say(
                Role::Dim,
                format!("Theme: {}. Keep it with theme = {:?} in the settings file.", theme.name(), theme.name()),
            );
            vec![Effect::Redraw]
        }
        Command::Mouse => {
            app.mouse = !app.mouse;
            let text = if app.mouse {
                "The mouse clicks and scrolls again."
            } else {
                "The mouse selects text now; the same command takes it back."
            };
            app.say(Role::Dim, text);
            vec![Effect::Mouse(app.mouse)]
        }
        Command::Redraw => vec![Effect::Redraw],
        Command::Suspend => vec![Effect::Suspend],
        Command::Quit => leave(app),
    }
}

/// Opens the stop with this index, at its beginning.
pub(super) fn go_to(app: &mut App, at: usize) -> Vec<Effect> {
    if at >= app.stops.len() {
        return Vec::new();
    }
    app.at = at;
    app.lesson.scroll = 0;
    app.verdict.scroll = 0;
    app.finding = 0;
    app.celebration = None;
    let (current, step) = match app.stop() {
        Stop::Task(step, _) => (app.task().map(|task| task.id.clone()), Some(step)),
        Stop::Step(step) => (None, Some(step)),
        // A question is no place to come back to: the learner returns to the task before it.
        Stop::Question(_) => return Vec::new(),
    };
    let step = step.and_then(|step| app.module.steps.get(step)).map(|step| step.id.clone());
    app.progress.current = current;
    app.progress.step = step;
    vec![save(app)]
}

fn step(app: &mut App, by: isize) -> Vec<Effect> {
    match app.at.checked_add_signed(by).filter(|at| *at < app.stops.len()) {
        Some(at) => go_to(app, at),
        None => {
            let text = if by > 0 {
                "This is the last page of the workshop."
            } else {
                "This is the first page of the workshop."
            };
            app.say(Role::Dim, text);
            Vec::new()
        }
    }
}

fn go_on(app: &mut App) -> Vec<Effect> {
    // A task that needs a target cannot be done here: pass over it, unless nothing else is left.
    let next = app
        .module
        .tasks()
        .find(|task| task.deploys.is_none() && !app.status(&task.id).is_some_and(crate::diagnostic::Status::is_done));
    let next = next.or_else(|| app.next_open(None)).map(|task| task.id.clone());
    match next.and_then(|id| app.stop_of(&id)) {
        Some(at) => go_to(app, at),
        None => {
            app.say(Role::Pass, "Every task is done.");
            Vec::new()
        }
    }
}

fn hint(app: &mut App) -> Vec<Effect> {
    let Some(task) = app.task() else {
        app.say(Role::Dim, "Hints belong to tasks: choose one in the list.");
        return Vec::new();
    };
    let (id, all) = (task.id.clone(), task.hints.len());
    let shown = app.progress.task(&id).hints_shown;
    if all == 0 {
        app.say(Role::Dim, "This task has no hints.");
        return Vec::new();
    }
    let reveal = shown < all;
    if reveal {
        app.progress.task_mut(&id).hints_shown = shown + 1;
    } else {
        app.say(Role::Dim, format!("All {all} hints are shown."));
    }
    app.focus = Pane::Lesson;
    app.refresh();
    // The key shows each hint in turn: a new one, else the last.
    if let Some(line) = app.lesson.page.anchor(&format!("hint {}", (shown + 1).min(all))) {
        app.lesson.scroll = line;
    }
    if reveal { vec![save(app)] } else { Vec::new() }
}

fn show_answer(app: &mut App) -> Vec<Effect> {
    if let Some(question) = app.question() {
        let id = question.id.clone();
        let written = app.progress.answers.get(&id).is_some_and(|answer| !answer.trim().is_empty());
        if app.models.contains(&id) {
            app.models.remove(&id);
        } else if written {
            return ask::show_model(app, id);
        } else {
            app.screens.push(Screen::Ask(Ask::Model(id)));
        }
        return Vec::new();
    }
    let Some(task) = app.task() else {
        app.say(Role::Dim, "Answers belong to tasks: choose one in the list.");
        return Vec::new();
    };
    if task.answer.is_none() {
        app.say(Role::Dim, "This task has no answer to show: the lesson says what to run.");
        return Vec::new();
    }
    let id = task.id.clone();
    if app.progress.task(&id).answer_shown || app.status(&id).is_some_and(crate::diagnostic::Status::is_done) {
        return ask::show_answer(app, &id);
    }
    app.screens.push(Screen::Ask(Ask::Answer(id)));
    Vec::new()
}

fn check(app: &mut App) -> Vec<Effect> {
    app.say(Role::Dim, "Checking your files");
    grade(app)
}

fn edit(app: &mut App) -> Vec<Effect> {
    match spot(app) {
        Some(spot) => vec![Effect::Edit(spot)],
        None => {
            app.say(Role::Dim, "No file belongs to this page.");
            Vec::new()
        }
    }
}

/// Where the editor opens: at the selected change, at the selected finding, at the first finding, or in the task's file.
fn spot(app: &App) -> Option<Spot> {
    if let Screen::Cloud(_) = app.screen() {
        return cloud::spot(app);
    }
    if let Screen::Answer(answer) = app.screen() {
        let (file, hunk) = answer.locate(answer.hunk)?;
        let file = answer.files.get(file)?;
        let line = file.diff.hunks.get(hunk)?.old_lines.start + 1;
        return Some(Spot { file: file.path.clone(), line, column: 1 });
    }
    let task = app.task()?;
    let findings = app.task_report().map(|report| report.findings.as_slice()).unwrap_or_default();
    let placed = app.selected_finding().filter(|finding| finding.place.is_some());
    let placed = placed.or_else(|| findings.iter().find(|finding| finding.place.is_some()));
    let at = placed.and_then(|finding| Some((finding.diagnostic.file.clone()?, finding.place?)));
    match at {
        Some((file, place)) => Some(Spot { file, line: place.line, column: place.column }),
        None => task.file.clone().map(|file| Spot { file, line: 1, column: 1 }),
    }
}

fn copy(app: &mut App) -> Vec<Effect> {
    let visible = app.visible_snippets();
    let after = app.copied.and_then(|last| visible.iter().find(|index| **index > last));
    let Some(index) = after.or_else(|| visible.first()).copied() else {
        app.say(Role::Dim, "There is no command or code on the screen to copy.");
        return Vec::new();
    };
    let Some(text) = app.copied_sheet().page.snippets.get(index).map(|snippet| snippet.text.clone()) else {
        return Vec::new();
    };
    let first = text.lines().next().unwrap_or_default().trim().to_owned();
    let lines = text.lines().count();
    let what = if lines > 1 { format!("{lines} lines, from {first}") } else { first };
    let more = if visible.len() > 1 {
        format!(" ({} again: the next)", app.keymap.label(Command::Copy))
    } else {
        String::new()
    };
    app.copied = Some(index);
    app.say(Role::Pass, format!("Copied: {what}{more}"));
    vec![Effect::Copy(text)]
}

fn open(app: &mut App) -> Vec<Effect> {
    match app.screen() {
        Screen::Lesson => match (app.focus, app.stop()) {
            (Pane::Steps, _) => {
                app.focus = Pane::Lesson;
                Vec::new()
            }
            (Pane::Verdict, _) => edit(app),
            (Pane::Lesson, Stop::Question(_)) => writing::begin(app),
            (Pane::Lesson, _) => step(app, 1),
        },
        Screen::Answer(_) => answer::apply(app),
        Screen::Cloud(_) => edit(app),
        Screen::Monitor => monitor::show(app),
        _ => back(app),
    }
}

pub(super) fn back(app: &mut App) -> Vec<Effect> {
    if app.screens.len() > 1 {
        app.screens.pop();
    } else if app.alone {
        app.monitor.zoomed = false;
    } else if app.zoomed {
        app.zoomed = false;
    } else {
        app.focus = Pane::Lesson;
        app.celebration = None;
    }
    Vec::new()
}
