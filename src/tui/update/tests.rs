//! Message in, state and effects out.

use std::time::Duration;

use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use super::*;
use crate::diagnostic::Status::{Blocked, Fail, Pass};
use crate::tui::app::{Celebration, Pane, Stop};
use crate::tui::effect::Spot;
use crate::tui::fixture::{YAML, app, app_with, graded, grading, press, pressed};
use crate::tui::look::Look;
use crate::tui::theme::ThemeName;
use crate::workshop::TaskId;
use crate::workshop::progress::Progress;

fn is_save(effect: &Effect) -> bool {
    matches!(effect, Effect::Save(_))
}

fn notice(app: &App) -> &str {
    app.notice.as_ref().map_or("", |notice| &notice.text)
}

/// At task 1.1, everything failing.
fn at_task() -> App {
    let mut app = graded(100, 40);
    press(&mut app, "n n");
    assert_eq!(app.stop(), Stop::Task(1, 0));
    app
}

#[test]
fn an_empty_folder_is_offered_the_starters_and_nothing_is_written_unasked() {
    let mut app = app(80, 24);
    let effects = start(&mut app, false);
    assert!(matches!(app.screen(), Screen::Ask(Ask::LayOut)));
    assert!(!effects.contains(&Effect::LayOut));
    assert_eq!(press(&mut app, "n"), []);
    assert!(notice(&app).contains(":lay-out"));
    update(&mut app, Message::Command(Command::LayOut));
    assert_eq!(press(&mut app, "y"), [Effect::LayOut]);
}

#[test]
fn grading_begins_at_the_start_and_shows_where_the_learner_was() {
    let mut progress = Progress::new("test");
    progress.current = Some(TaskId("1.2".to_owned()));
    let mut app = app_with(80, 24, Look::new(ThemeName::Terminal, false, true), progress);
    assert!(start(&mut app, true).contains(&Effect::Grade));
    assert_eq!(app.stop(), Stop::Task(1, 1));
}

#[test]
fn moving_keeps_the_place() {
    let mut app = graded(80, 24);
    let effects = press(&mut app, "n n n");
    assert_eq!(app.stop(), Stop::Task(1, 1));
    assert_eq!(effects.iter().filter(|effect| is_save(effect)).count(), 3);
    assert_eq!(app.progress.current, Some(TaskId("1.2".to_owned())));
    press(&mut app, "p p p p");
    assert_eq!(app.at, 0);
    assert!(notice(&app).contains("first page"));
    press(&mut app, "g");
    assert_eq!(app.stop(), Stop::Task(1, 0));
}

#[test]
fn one_grading_runs_and_one_follows_however_often_files_are_saved() {
    let mut app = app(80, 24);
    assert!(start(&mut app, true).contains(&Effect::Grade));
    for _ in 0..5 {
        assert_eq!(update(&mut app, Message::FilesChanged), []);
    }
    let effects = update(&mut app, grading(&[Fail, Fail, Blocked]));
    assert_eq!(effects.iter().filter(|effect| **effect == Effect::Grade).count(), 1);
    let effects = update(&mut app, grading(&[Fail, Fail, Blocked]));
    assert!(!effects.contains(&Effect::Grade));
    assert_eq!(app.grading, Grading::Idle);
}

#[test]
fn hints_come_one_by_one_and_are_counted() {
    let mut app = at_task();
    assert!(app.lesson.page.anchor("hint 1").is_none());
    assert!(press(&mut app, "h").iter().any(is_save));
    assert!(app.lesson.page.anchor("hint 1").is_some() && app.lesson.page.anchor("hint 2").is_none());
    press(&mut app, "h");
    assert!(app.lesson.page.anchor("hint 2").is_some());
    assert!(!press(&mut app, "h").iter().any(is_save));
    assert_eq!(app.progress.task(&TaskId("1.1".to_owned())).hints_shown, 2);
}

#[test]
fn an_answer_is_asked_for_once() {
    let mut app = at_task();
    press(&mut app, "a");
    assert!(matches!(app.screen(), Screen::Ask(Ask::Answer(_))));
    press(&mut app, "n");
    assert!(app.answer().is_none() && !app.progress.task(&TaskId("1.1".to_owned())).answer_shown);
    let effects = press(&mut app, "a y");
    assert!(app.answer().is_some() && effects.iter().any(is_save));
    press(&mut app, "esc a");
    assert!(app.answer().is_some(), "not asked again");
}

#[test]
fn a_single_change_of_the_answer_is_applied_to_the_learners_own_file() {
    let mut app = at_task();
    press(&mut app, "a y");
    assert_eq!(press(&mut app, "space").iter().filter(|effect| matches!(effect, Effect::Change(..))).count(), 0);
    assert!(app.answer().is_some_and(|answer| answer.mine), "looked at first");
    press(&mut app, "n");
    let effects = press(&mut app, "space");
    let Some(Effect::Change(_, changes)) = effects.first() else { panic!("{effects:?}") };
    assert_eq!(changes[0].text, YAML.replace("Table\n\n", "Table\n\n    Topic:\n      Type: AWS::SNS::Topic\n\n"));
    let effects = update(&mut app, Message::Changed("answer".to_owned(), Ok(())));
    assert!(effects.contains(&Effect::Grade) && notice(&app).contains('u'));
    let effects = press(&mut app, "A y");
    let Some(Effect::Change(_, changes)) = effects.first() else { panic!("{effects:?}") };
    assert!(changes[0].text.contains("wild-rides") && changes[0].text.contains("SNS"));
    assert_eq!(press(&mut app, "u y"), [Effect::Undo]);
}

#[test]
fn a_finding_opens_the_editor_at_its_line_and_offers_its_change() {
    let mut app = at_task();
    let spot = Spot { file: "rides/serverless.yml".to_owned(), line: 1, column: 10 };
    assert_eq!(press(&mut app, "e"), [Effect::Edit(spot)]);
    press(&mut app, "f");
    let effects = press(&mut app, "y");
    let Some(Effect::Change(title, changes)) = effects.first() else { panic!("{effects:?}") };
    assert_eq!(title, "rename to wild-rides");
    assert_eq!(changes[0].text, YAML.replace("service: rides", "service: wild-rides"));
}

#[test]
fn a_pass_is_celebrated_for_a_moment_and_names_what_is_next() {
    let mut app = at_task();
    update(&mut app, Message::FilesChanged);
    let effects = update(&mut app, grading(&[Pass, Fail, Blocked]));
    assert!(notice(&app).contains("Next: 1.2") && notice(&app).contains("rides/serverless.yml"));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Wake(time) if *time < Duration::from_millis(200))));
    let mut frames = 0;
    while update(&mut app, Message::Wake).iter().any(|effect| matches!(effect, Effect::Wake(_))) {
        frames += 1;
        assert!(frames < Celebration::FRAMES, "it ends");
    }
    assert_eq!(app.celebration, None);
    assert_eq!(app.count(), (1, 3));
}

#[test]
fn copying_goes_through_what_is_on_the_screen() {
    let mut app = at_task();
    let copied = |effects: Vec<Effect>| match effects.first() {
        Some(Effect::Copy(text)) => text.trim().to_owned(),
        other => panic!("{other:?}"),
    };
    assert_eq!(copied(press(&mut app, "y")), "rydes deploy rides");
    assert_eq!(copied(press(&mut app, "y")), "sls deploy --verbose");
    assert_eq!(copied(press(&mut app, "y")), "rydes deploy rides");
}

#[test]
fn an_own_answer_is_kept_and_the_model_answer_shows_beside_it() {
    let mut app = graded(100, 40);
    app.at = app.stops.len() - 1;
    press(&mut app, "a");
    assert!(matches!(app.screen(), Screen::Ask(Ask::Model(_))), "asked before it shows");
    press(&mut app, "n w q");
    update(&mut app, Message::Paste("ueues\r\nand retries".to_owned()));
    let effects = press(&mut app, "esc");
    assert!(effects.iter().any(is_save));
    assert_eq!(app.progress.answers["why"], "queues\nand retries");
    assert!(app.lesson.page.find("twice").is_none());
    press(&mut app, "a");
    assert!(app.lesson.page.find("twice").is_some() && app.lesson.page.find("queues").is_some());
}

#[test]
fn leaving_while_writing_loses_nothing() {
    let mut app = graded(80, 24);
    app.at = app.stops.len() - 1;
    press(&mut app, "w x");
    let effects = update(&mut app, Message::Stop);
    let saved = effects.iter().rev().find_map(|effect| match effect {
        Effect::Save(progress) => Some(progress.answers.clone()),
        _ => None,
    });
    assert_eq!(saved.unwrap()["why"], "x");
    assert_eq!(effects.last(), Some(&Effect::Quit));
}

#[test]
fn search_finds_prose_and_gives_no_hint_away() {
    let mut app = graded(80, 24);
    press(&mut app, "/ s l o w");
    let Screen::Search(finder) = app.screen() else { panic!("no search") };
    assert_eq!(finder.rows.len(), 1);
    press(&mut app, "enter");
    assert_eq!(app.at, 0);
    press(&mut app, "/ F I X M E");
    assert!(matches!(app.screen(), Screen::Search(finder) if finder.rows.is_empty()));
    press(&mut app, "esc");
    assert!(matches!(app.screen(), Screen::Lesson));
}

#[test]
fn the_palette_runs_commands_and_goes_to_tasks() {
    let mut app = graded(80, 24);
    press(&mut app, ": A l l o w enter");
    assert_eq!(app.stop(), Stop::Task(1, 1));
    let theme = app.look.theme.name;
    press(&mut app, ": t h e m e enter");
    assert_ne!(app.look.theme.name, theme);
}

#[test]
fn clicks_choose_tasks_and_footer_keys_and_the_wheel_scrolls() {
    let mut app = graded(80, 24);
    let mouse = |kind, column, row| Message::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE });
    let click = MouseEventKind::Down(MouseButton::Left);
    update(&mut app, mouse(click, 5, 5));
    assert_eq!(app.stop(), Stop::Task(1, 0));
    update(&mut app, mouse(MouseEventKind::ScrollDown, 50, 5));
    assert!(app.lesson.scroll > 0);
    update(&mut app, mouse(click, 2, 23));
    assert_eq!(app.stop(), Stop::Task(1, 1), "the first key of the footer is next");
    app.changed = false;
    update(&mut app, mouse(MouseEventKind::Moved, 5, 5));
    assert!(!app.changed);
}

#[test]
fn panes_take_the_focus_in_turn() {
    let mut app = at_task();
    let mut seen = Vec::new();
    for _ in 0..3 {
        press(&mut app, "tab");
        seen.push(app.focus);
    }
    assert_eq!(seen, [Pane::Verdict, Pane::Steps, Pane::Lesson]);
    press(&mut app, "tab down");
    assert_eq!(app.finding, 1);
    press(&mut app, "tab down");
    assert_eq!(app.stop(), Stop::Task(1, 1), "in the step list, the keys choose");
}

#[test]
fn keys_that_mean_nothing_draw_nothing() {
    let mut app = graded(80, 24);
    app.changed = false;
    assert_eq!(press(&mut app, "Q"), []);
    assert!(!app.changed);
    assert_eq!(update(&mut app, Message::Wake), []);
    assert!(!app.changed);
}

#[test]
fn what_failed_is_said() {
    let mut app = graded(80, 24);
    update(&mut app, Message::Failed("the disk is full".to_owned()));
    assert_eq!(notice(&app), "the disk is full");
    update(&mut app, Message::WatchFailed("no events".to_owned()));
    assert!(notice(&app).contains("press c"));
    assert_eq!(update(&mut app, pressed("ctrl-z")), [Effect::Suspend]);
    assert!(press(&mut app, "ctrl-c").contains(&Effect::Quit));
}

#[test]
fn a_grading_that_broke_is_told_and_the_next_one_can_run() {
    let mut app = at_task();
    assert_eq!(press(&mut app, "c"), [Effect::Grade]);
    update(&mut app, Message::GradingFailed("it broke".to_owned()));
    assert_eq!(notice(&app), "it broke");
    assert_eq!(press(&mut app, "c"), [Effect::Grade]);
    update(&mut app, Message::FilesChanged);
    assert_eq!(update(&mut app, Message::GradingFailed("again".to_owned())), [Effect::Grade]);
}

#[test]
fn side_by_side_says_what_it_needs() {
    let mut app = at_task();
    press(&mut app, "a y s");
    assert!(notice(&app).contains("120 columns"));
    assert!(app.answer().unwrap().split);
    update(&mut app, Message::Resize(120, 40));
    press(&mut app, "s");
    assert!(!app.answer().unwrap().split);
}

#[test]
fn praise_is_not_talked_over_by_the_change_that_earned_it() {
    let mut app = at_task();
    // The save is noticed and graded before the writer reports it.
    update(&mut app, Message::FilesChanged);
    update(&mut app, grading(&[Pass, Fail, Blocked]));
    update(&mut app, Message::Changed("answer 1.1".to_owned(), Ok(())));
    assert!(notice(&app).contains("1.1 is done! Next: 1.2"), "{}", notice(&app));
}

#[test]
fn praise_ends_when_the_task_is_undone() {
    let mut app = at_task();
    update(&mut app, Message::FilesChanged);
    update(&mut app, grading(&[Pass, Fail, Blocked]));
    assert!(notice(&app).contains("is done"));
    update(&mut app, Message::FilesChanged);
    update(&mut app, grading(&[Fail, Fail, Blocked]));
    assert_eq!(notice(&app), "");
}

#[test]
fn what_running_tells_takes_the_place_of_what_reading_told() {
    let mut app = at_task();
    let tried = |message: Message| match message {
        Message::Graded(graded) => Message::Tried(graded),
        other => other,
    };
    // While the next grading runs: that is still going on afterwards.
    assert_eq!(press(&mut app, "c"), [Effect::Grade]);
    update(&mut app, tried(grading(&[Pass, Fail, Blocked])));
    assert_eq!(app.status(&TaskId("1.1".to_owned())), Some(Pass));
    assert_eq!(app.grading, Grading::Running);
    update(&mut app, grading(&[Pass, Fail, Blocked]));
    update(&mut app, tried(grading(&[Fail, Fail, Blocked])));
    assert_eq!(app.status(&TaskId("1.1".to_owned())), Some(Fail));
    // A trial of files that were changed since says nothing of those that are there now.
    app.files.insert("rides/serverless.yml".to_owned(), "changed".to_owned());
    update(&mut app, tried(grading(&[Pass, Fail, Blocked])));
    assert_eq!(app.status(&TaskId("1.1".to_owned())), Some(Fail));
}
