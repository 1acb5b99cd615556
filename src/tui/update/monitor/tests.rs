//! Keys of the monitor, and what its feeds tell.

use crate::ride::{Fate, Feed, State, Time};
use crate::tui::app::{App, Ask, Part, Sandbox, Screen, Source};
use crate::tui::effect::{Effect, Job};
use crate::tui::fixture::rides::{Way, health, id, live, ride, rides, tell, tick, topology};
use crate::tui::fixture::{graded, press};
use crate::tui::message::{Message, MonitorNews};
use crate::tui::update::update;

fn watching(count: usize) -> App {
    let mut app = graded(120, 36);
    rides(&mut app, &vec![Way::Recorded(20); count]);
    press(&mut app, "M");
    app
}

fn shown(app: &App) -> Vec<String> {
    app.monitor.picture.rows.iter().map(|row| row.id.to_string()).collect()
}

fn selected(app: &App) -> Option<u64> {
    app.monitor.selected
}

#[test]
fn the_key_opens_the_monitor_from_anywhere_and_closes_it() {
    let mut app = graded(120, 36);
    let effects = press(&mut app, "M");
    assert!(matches!(app.screen(), Screen::Monitor));
    assert_eq!(effects, [Effect::Cloud(Job::Watch(true))]);
    press(&mut app, "M");
    assert!(matches!(app.screen(), Screen::Lesson));
    assert_eq!(press(&mut app, "o M"), [], "it is asked for once");
    assert!(matches!(app.screen(), Screen::Monitor));
    press(&mut app, "esc");
    assert!(matches!(app.screen(), Screen::Lesson));
}

#[test]
fn in_an_account_the_learner_is_asked_before_anything_is_created() {
    for (key, creates) in [("y", true), ("n", false)] {
        let mut app = graded(120, 36);
        app.cloud.sandbox = Sandbox::Aws;
        assert_eq!(press(&mut app, "M"), []);
        assert!(matches!(app.screen(), Screen::Ask(Ask::Watch)));
        assert_eq!(press(&mut app, key), [Effect::Cloud(Job::Watch(creates))]);
        assert!(matches!(app.screen(), Screen::Monitor));
        assert_eq!(press(&mut app, "R"), [Effect::Cloud(Job::Ride(1))]);
    }
}

#[test]
fn the_newest_ride_is_on_top_and_selected_as_it_comes() {
    let mut app = watching(3);
    assert_eq!(shown(&app), [id(2), id(1), id(0)]);
    assert_eq!(selected(&app), Some(2));
    tell(&mut app, ride(3, 500, Way::Published), 3);
    assert_eq!(selected(&app), Some(3));
    assert_eq!(app.monitor.picture.rows[0].fate, Fate::Travelling);
    assert_eq!(app.monitor.picture.ride.as_ref().unwrap().row.id.as_str(), id(3));
}

#[test]
fn whoever_selects_a_ride_stays_at_it_until_the_key_follows_again() {
    let mut app = watching(40);
    press(&mut app, "down down");
    assert_eq!(selected(&app), Some(37));
    let before = shown(&app);
    tell(&mut app, ride(40, 9000, Way::Recorded(20)), 12);
    assert_eq!((selected(&app), shown(&app)), (Some(37), before), "nothing moves under the eyes");
    assert_eq!(app.monitor.picture.above, 1);
    press(&mut app, "f");
    assert_eq!(selected(&app), Some(40));
    press(&mut app, "G");
    assert_eq!(selected(&app), Some(0));
    assert_eq!(shown(&app).last(), Some(&id(0)));
    press(&mut app, "up");
    assert_eq!(selected(&app), Some(1));
    press(&mut app, "j j j j");
    assert_eq!(selected(&app), Some(0), "there is no ride below the last");
}

#[test]
fn a_frozen_picture_stands_still_while_the_book_goes_on() {
    let mut app = watching(5);
    press(&mut app, "space");
    let (rows, counts) = (shown(&app), app.monitor.picture.counts.clone());
    let events = ride(5, 900, Way::Recorded(20));
    let count = events.len() as u64;
    tell(&mut app, events, 4);
    assert_eq!((shown(&app), &app.monitor.picture.counts), (rows, &counts));
    assert_eq!(app.monitor.frozen, Some(count));
    assert_eq!(app.monitor.book.counts().rides, 6);
    press(&mut app, "down");
    assert_eq!(selected(&app), Some(3), "what is there can be looked at");
    assert_eq!(app.monitor.picture.ride.as_ref().unwrap().row.number, 3);
    press(&mut app, "space");
    assert_eq!(app.monitor.frozen, None);
    assert_eq!(app.monitor.picture.counts.rides, 6);
    assert_eq!(selected(&app), Some(3));
}

#[test]
fn pulses_ask_for_frames_only_while_something_is_seen_to_move() {
    let mut app = graded(120, 36);
    tell(&mut app, vec![topology(true)], 0);
    let animated = |effects: &[Effect]| effects.iter().any(|effect| matches!(effect, Effect::Animate(_)));
    let events = |number| {
        let now = Time(crate::tui::fixture::rides::BEGAN + 1_000_000);
        Message::Monitor(MonitorNews::Events(ride(number, 500, Way::Recorded(20)), now, Default::default()))
    };
    assert!(!animated(&update(&mut app, events(0))), "nobody sees the monitor");
    press(&mut app, "M");
    assert!(animated(&update(&mut app, events(1))));
    assert!(!animated(&update(&mut app, events(2))), "one frame is asked for already");
    let mut frames = 0;
    while animated(&update(&mut app, Message::Frame)) {
        frames += 1;
        assert!(frames < 1000, "it never ends");
    }
    assert!(frames > 20);
    assert!(app.monitor.journeys.moving().is_empty());
}

#[test]
fn a_ride_without_a_record_waits_at_the_topic() {
    let mut app = watching(0);
    tell(&mut app, ride(0, 500, Way::Published), 1);
    let mut frames = 0;
    while update(&mut app, Message::Frame).iter().any(|effect| matches!(effect, Effect::Animate(_))) {
        frames += 1;
        assert!(frames < 1000);
    }
    tell(&mut app, Vec::new(), 20);
    assert_eq!(app.monitor.picture.rows[0].fate, Fate::Travelling);
    tick(&mut app, 60);
    assert_eq!(app.monitor.picture.rows[0].fate, Fate::Lost);
}

#[test]
fn rides_are_found_sorted_and_picked() {
    let mut app = graded(120, 36);
    let ways = [Way::Recorded(20), Way::Recorded(90), Way::Published, Way::Twice, Way::Recorded(30)];
    rides(&mut app, &ways);
    press(&mut app, "M s");
    tell(&mut app, Vec::new(), 3);
    assert_eq!(shown(&app)[0], id(1), "the slowest");
    press(&mut app, "s s s i");
    assert_eq!(shown(&app), [id(2)], "on its way");
    press(&mut app, "i");
    assert_eq!(shown(&app), [id(3)], "in trouble");
    press(&mut app, "i / r o c i");
    assert_eq!(shown(&app), [id(4), id(1)]);
    press(&mut app, "enter");
    assert!(matches!(app.screen(), Screen::Monitor));
    assert_eq!(app.monitor.matching(), Some(2));
    press(&mut app, "/ esc");
    assert_eq!(shown(&app).len(), 5);
    press(&mut app, "/ 0 0 0 3 a b");
    assert_eq!(shown(&app), [id(3)]);
}

#[test]
fn events_open_and_are_leafed_through() {
    let mut app = watching(2);
    press(&mut app, "enter");
    let kind = |app: &App| app.event_screen().map(|screen| screen.event().unwrap().happening.feed());
    assert_eq!(kind(&app), Some(Feed::Topic), "the message of the ride says most");
    press(&mut app, "n");
    assert_ne!(app.event_screen().unwrap().at, 0);
    press(&mut app, "p p p p p p p p p p");
    assert_eq!(app.event_screen().unwrap().at, 0);
    press(&mut app, "esc tab tab tab");
    assert_eq!(app.monitor.part, Part::Logs);
    press(&mut app, "down enter");
    assert_eq!(kind(&app), Some(Feed::Logs));
    assert_eq!(app.event_screen().unwrap().at, 1);
}

#[test]
fn a_recording_offers_no_rides_and_says_where_it_is_written() {
    let mut app = watching(1);
    assert_eq!(press(&mut app, "w"), [Effect::Cloud(Job::Record(None))]);
    update(&mut app, Message::Monitor(MonitorNews::Recording(Some("rides.jsonl".to_owned()))));
    assert!(app.notice.as_ref().unwrap().text.contains("rides.jsonl"));
    update(&mut app, Message::Monitor(MonitorNews::Recording(None)));
    assert!(app.notice.as_ref().unwrap().text.contains("rides.jsonl"));
    let source = Source::Replay { file: "rides.jsonl".to_owned(), speed: 1.0, ended: false };
    update(&mut app, Message::Monitor(MonitorNews::Source(source)));
    assert_eq!(press(&mut app, "R"), []);
}

#[test]
fn troubles_are_told_and_what_is_missing_too() {
    let mut app = watching(0);
    assert!(app.monitor_troubles().is_empty());
    let denied = State::Denied { permission: "sqs:CreateQueue".to_owned(), reason: "no".to_owned() };
    tell(&mut app, vec![health(Feed::Topic, denied), topology(false)], 3);
    assert_eq!(app.monitor_troubles().len(), 2);
    tell(&mut app, live(), 4);
    assert_eq!(app.monitor_troubles().len(), 1);
}

#[test]
fn without_news_nothing_is_drawn_but_on_the_monitor() {
    let mut app = graded(120, 36);
    tick(&mut app, 1);
    app.changed = false;
    tick(&mut app, 2);
    assert!(!app.changed);
    press(&mut app, "M");
    app.changed = false;
    tick(&mut app, 3);
    assert!(app.changed, "how long ago feeds were heard of is seen there");
}
