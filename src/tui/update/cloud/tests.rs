//! Deploys, rides and the sandbox's news: message in, state and effects out.

use std::time::Duration;

use serde_json::json;

use super::*;
use crate::sandbox::Happening;
use crate::tui::app::App;
use crate::tui::fixture::{activity, app, deployed, deploying, graded, grading, not_deployed, press};
use crate::tui::message::Seen;
use crate::tui::update::{start, update};

/// At task 1.1 of the service `rides`, with the sandbox on.
fn at_task() -> App {
    let mut app = graded(100, 40);
    press(&mut app, "n n");
    app
}

fn jobs(effects: &[Effect]) -> Vec<&Job> {
    effects.iter().filter_map(|effect| if let Effect::Cloud(job) = effect { Some(job) } else { None }).collect()
}

fn notice(app: &App) -> &str {
    app.notice.as_ref().map_or("", |notice| &notice.text)
}

fn news(app: &mut App, news: CloudNews) -> Vec<Effect> {
    update(app, Message::Cloud(news))
}

#[test]
fn the_sandbox_starts_with_the_program_once_there_are_services() {
    let mut app = app(80, 24);
    assert_eq!(jobs(&start(&mut app, false)), Vec::<&Job>::new());
    press(&mut app, "y");
    let effects = update(&mut app, grading(&[]));
    assert_eq!(jobs(&effects), [&Job::Start]);
    assert_eq!(jobs(&update(&mut app, grading(&[]))), Vec::<&Job>::new(), "once");
    let mut app = crate::tui::fixture::app(80, 24);
    assert_eq!(jobs(&start(&mut app, true)), [&Job::Start]);
}

#[test]
fn on_aws_no_sandbox_starts_and_the_keys_say_what_to_do() {
    let mut app = app(80, 24);
    app.cloud.sandbox = Sandbox::Aws;
    assert_eq!(jobs(&start(&mut app, true)), Vec::<&Job>::new());
    for key in ["D", "R", "B", "S"] {
        assert_eq!(press(&mut app, key), [], "{key}");
        assert!(notice(&app).contains("rydes deploy"), "{key}: {}", notice(&app));
    }
}

#[test]
fn the_service_of_the_task_is_deployed_and_then_everything_is_graded() {
    let mut app = at_task();
    assert_eq!(jobs(&press(&mut app, "d")), [&Job::Deploy(vec!["rides".to_owned()])]);
    assert!(matches!(app.screen(), Screen::Cloud(_)));
    assert_eq!(press(&mut app, "d"), [], "one deploy of a service at a time");
    assert!(notice(&app).contains("already"));
    deploying(&mut app);
    assert!(app.cloud.deploys[0].is_underway() && app.cloud.deploys[0].elapsed == Duration::from_millis(1234));
    assert!(deployed(&mut app).contains(&Effect::Grade));
    assert!(matches!(app.cloud.deploys[0].state, Deploying::Done(_)));
    assert!(notice(&app).contains("deployed, in 1.30 s"), "{}", notice(&app));
    // The last deploy is remembered, until the next begins.
    press(&mut app, "esc o");
    assert_eq!(app.cloud.deploys[0].resources.len(), 2);
    press(&mut app, "d");
    assert!(app.cloud.deploys[0].resources.is_empty());
}

#[test]
fn all_are_deployed_also_before_the_files_are_known() {
    let mut app = app(100, 40);
    start(&mut app, true);
    assert_eq!(jobs(&press(&mut app, "D")), [&Job::Deploy(vec!["rides".to_owned()])]);
}

#[test]
fn without_a_task_the_service_is_asked_for() {
    let mut app = graded(100, 40);
    assert_eq!(press(&mut app, "d"), []);
    assert!(matches!(app.screen(), Screen::Palette(_)));
    let effects = press(&mut app, "r i enter");
    assert_eq!(jobs(&effects), [&Job::Deploy(vec!["rides".to_owned()])]);
}

#[test]
fn a_failed_deploy_says_why_and_the_editor_opens_there() {
    let mut app = at_task();
    press(&mut app, "d");
    deploying(&mut app);
    assert!(not_deployed(&mut app).contains(&Effect::Grade));
    let page = app.cloud_screen().unwrap().sheet.page.plain();
    assert!(page.contains("the property `Nmae` is unknown") && page.contains("rides/serverless.yml:10:5"), "{page}");
    // That it was taken back does not hide which one failed.
    assert_eq!(app.cloud.deploys[0].resources[1].failure.as_deref(), Some("the property `Nmae` is unknown"));
    let spot = Spot { file: "rides/serverless.yml".to_owned(), line: 10, column: 5 };
    assert_eq!(press(&mut app, "e"), [Effect::Edit(spot)]);
}

#[test]
fn a_deploy_that_fails_elsewhere_is_said_where_the_learner_is() {
    let mut app = at_task();
    press(&mut app, "D esc");
    deploying(&mut app);
    not_deployed(&mut app);
    assert!(notice(&app).contains("was not deployed; o shows why"), "{}", notice(&app));
}

#[test]
fn without_a_sandbox_the_reason_is_said_and_nothing_hangs() {
    let mut app = at_task();
    press(&mut app, "d");
    news(&mut app, CloudNews::Failed("another program holds the lock".to_owned()));
    update(&mut app, Message::Deploying("rides".to_owned(), DeployStep::NotTried));
    assert!(!app.cloud.deploys[0].is_underway());
    assert!(notice(&app).contains("holds the lock. :sandbox tries again."), "{}", notice(&app));
    assert!(app.cloud_screen().unwrap().sheet.page.plain().contains("holds the lock"));
    assert_eq!(jobs(&update(&mut app, Message::Command(Command::Sandbox))), [&Job::Start]);
    press(&mut app, "R");
    update(&mut app, Message::Rides(Err("there is no sandbox".to_owned())));
    assert_eq!(app.cloud.rides.underway, None);
}

fn outcome(error: Option<&str>) -> Message {
    let ride = json!({"RideId": "1", "Unicorn": {"Name": "Shadowfax", "Color": "White"}});
    let outcome = RideOutcome {
        index: 0,
        status: Some(201),
        ride: error.is_none().then_some(ride),
        error: error.map(str::to_owned),
        latency: Duration::from_micros(8200),
    };
    Message::Rode("14:03:59".to_owned(), Box::new(outcome))
}

#[test]
fn a_ride_is_requested_told_and_graded() {
    let mut app = at_task();
    assert_eq!(jobs(&press(&mut app, "R")), [&Job::Ride(1)]);
    assert_eq!(press(&mut app, "R"), [], "one after the other");
    update(&mut app, outcome(None));
    assert!(notice(&app).contains("Shadowfax is on its way, a white unicorn"), "{}", notice(&app));
    assert!(update(&mut app, Message::Rides(Err("x".to_owned()))).contains(&Effect::Grade));
    assert_eq!((app.cloud.rides.answered, app.cloud.rides.underway), (1, None));
}

#[test]
fn of_a_burst_only_failures_have_a_line_each() {
    let mut app = at_task();
    assert_eq!(jobs(&press(&mut app, "B")), [&Job::Ride(50)]);
    for index in 0..50 {
        update(&mut app, outcome((index == 7).then_some("answered 502")));
    }
    assert_eq!((app.cloud.rides.answered, app.cloud.rides.failed, app.cloud.lines.len()), (49, 1, 1));
    assert_eq!(app.cloud.rides.underway, Some((50, 50)));
}

#[test]
fn a_ride_without_deploy_names_the_key() {
    let mut app = at_task();
    press(&mut app, "R");
    let reason = "wild-rydes is not deployed on stage dev in the sandbox. `rydes deploy` deploys it.";
    update(&mut app, Message::Rides(Err(reason.to_owned())));
    assert!(notice(&app).ends_with("in the sandbox. d deploys it."), "{}", notice(&app));
}

#[test]
fn the_clock_goes_through_its_speeds() {
    let mut app = at_task();
    for (now, next) in [(1.0, 10.0), (10.0, 60.0), (60.0, 1.0), (2.5, 10.0), (1000.0, 1.0)] {
        news(&mut app, CloudNews::Speed(now));
        assert_eq!(jobs(&press(&mut app, "S")), [&Job::Speed(next)], "{now}");
    }
}

#[test]
fn a_denial_names_the_statement_and_the_place() {
    let mut app = at_task();
    activity(&mut app);
    let line = app.cloud.lines.back().unwrap();
    let more = line.more.as_deref().unwrap();
    assert!(more.contains("rides/serverless.yml lacks") && more.contains("Action: sns:Publish"), "{more}");
    assert!(notice(&app).contains("sns:Publish is denied"), "{}", notice(&app));
    let spot = Spot { file: "rides/serverless.yml".to_owned(), line: 1, column: 1 };
    assert_eq!(press(&mut app, "o n e"), [Effect::Edit(spot)]);
}

#[test]
fn what_is_kept_of_the_activity_is_bounded() {
    let mut app = at_task();
    for number in 0..100 {
        let seen = (0..100).map(|_| Seen { time: String::new(), happening: Happening::Note(format!("{number}")) });
        update(&mut app, Message::Activity(seen.collect()));
    }
    assert_eq!((app.cloud.lines.len(), app.cloud.told), (400, 10_000));
    assert_eq!(app.cloud.lines.back().unwrap().text, "99");
}

#[test]
fn pages_follow_each_other_in_a_ring() {
    let mut app = at_task();
    press(&mut app, "o");
    let page = |app: &App| app.cloud_screen().unwrap().page;
    assert_eq!(page(&app), 0);
    press(&mut app, "n");
    assert_eq!(page(&app), 1);
    press(&mut app, "n");
    assert_eq!(page(&app), 0);
    press(&mut app, "p");
    assert_eq!(page(&app), 1);
    press(&mut app, "esc");
    assert!(matches!(app.screen(), Screen::Lesson));
}
