//! The monitor as it looks.

use crate::ride::{Feed, State, Time};
use crate::tui::app::App;
use crate::tui::fixture::rides::{BEGAN, Way, health, live, ride, rides, tell, topology};
use crate::tui::fixture::{app_with, graded, press};
use crate::tui::look::Look;
use crate::tui::message::Message;
use crate::tui::theme::ThemeName;
use crate::tui::update::{start, update};
use crate::tui::view::tests::{drawn, text};
use crate::workshop::progress::Progress;

type Arrange = fn(&mut App);

const MIXED: [Way; 7] = [
    Way::Recorded(20),
    Way::Recorded(900),
    Way::Twice,
    Way::Failed,
    Way::Recorded(25),
    Way::Published,
    Way::Recorded(18),
];

/// Each screen by name, and how to get there.
const SCREENS: &[(&str, Arrange)] = &[
    ("nothing", |app| _ = press(app, "M")),
    ("before", |app| {
        press(app, "M");
        let mut events = vec![topology(false)];
        events.extend(live());
        tell(app, events, 1);
    }),
    ("after", |app| {
        press(app, "M");
        rides(app, &[Way::Recorded(20); 12]);
        tell(app, ride(20, 1900, Way::Published), 2);
        for _ in 0..24 {
            update(app, Message::Frame);
        }
    }),
    ("mixed", |app| {
        press(app, "M");
        rides(app, &MIXED);
        tell(app, Vec::new(), 60);
    }),
    ("troubled", |app| {
        press(app, "M");
        rides(app, &MIXED);
        let denied = "User: arn:aws:iam::123456789012:user/me is not authorized to perform: sqs:CreateQueue".to_owned();
        let denied = State::Denied { permission: "sqs:CreateQueue".to_owned(), reason: denied };
        let throttled = State::Throttled { until: Time(BEGAN + 8_000_000) };
        let gone = State::Gone { reason: "the log group was removed; it is looked for again".to_owned() };
        tell(app, vec![health(Feed::Topic, denied), health(Feed::Table, throttled), health(Feed::Logs, gone)], 5);
    }),
    ("event", |app| {
        rides(app, &MIXED);
        press(app, "M enter");
    }),
    ("log-masked", |app| {
        rides(app, &MIXED);
        press(app, "M X tab tab tab down down down down enter");
    }),
    ("frozen", |app| {
        rides(app, &MIXED);
        press(app, "M space");
        tell(app, ride(30, 3000, Way::Recorded(20)), 5);
    }),
    ("found", |app| {
        rides(app, &MIXED);
        press(app, "M / s h a d");
    }),
    ("numbers", |app| {
        rides(app, &MIXED);
        press(app, "M backtab z");
    }),
    ("lesson-with-rides", |app| rides(app, &MIXED)),
];

fn at(width: u16, height: u16, arrange: Arrange) -> App {
    let mut app = graded(width, height);
    press(&mut app, "n n");
    arrange(&mut app);
    app
}

#[test]
fn screens() {
    for (width, height) in [(80, 24), (120, 36), (200, 60)] {
        for (name, arrange) in SCREENS {
            insta::assert_snapshot!(format!("{name}-{width}x{height}"), text(&at(width, height, *arrange)));
        }
    }
}

#[test]
fn every_screen_at_every_size() {
    for (_, arrange) in SCREENS {
        let mut app = at(100, 40, *arrange);
        let small = (0..=40).flat_map(|width| (0..=15).map(move |height| (width, height)));
        for (width, height) in small.chain([
            (60, 15),
            (61, 17),
            (70, 20),
            (107, 25),
            (108, 26),
            (109, 30),
            (150, 31),
            (160, 50),
            (400, 60),
            (400, 15),
        ]) {
            update(&mut app, Message::Resize(width, height));
            drawn(&app);
        }
    }
}

#[test]
fn in_ascii_nothing_else_is_drawn() {
    for (name, arrange) in SCREENS {
        let mut app = app_with(120, 36, Look::new(ThemeName::Terminal, true, true), Progress::new("test"));
        start(&mut app, true);
        arrange(&mut app);
        let text = text(&app);
        assert!(text.is_ascii(), "{name}: {text}");
        if *name == "mixed" {
            insta::assert_snapshot!("mixed-ascii", text);
        }
    }
}

#[test]
fn masked_no_account_and_no_address_is_seen_anywhere() {
    for (name, arrange) in SCREENS {
        for (width, height) in [(80, 24), (200, 60)] {
            let mut app = at(width, height, *arrange);
            app.monitor.masked = false;
            update(&mut app, Message::Command(crate::tui::command::Command::Mask));
            for keys in ["", "tab", "tab", "tab", "tab", "tab"] {
                press(&mut app, keys);
                let text = text(&app);
                assert!(!text.contains("123456789012") && !text.contains("203.0.113.7"), "{name}: {text}");
            }
        }
    }
}

#[test]
fn without_colour_states_are_told_apart_by_words_and_marks() {
    let mut app = app_with(120, 36, Look::new(ThemeName::None, false, true), Progress::new("test"));
    start(&mut app, true);
    press(&mut app, "M");
    rides(&mut app, &MIXED);
    tell(&mut app, Vec::new(), 60);
    let text = text(&app);
    for words in ["✓ ", "∅ ", "lost", "recorded", "SNS ×2", "1 failed"] {
        assert!(text.contains(words), "{words}: {text}");
    }
}

#[test]
fn a_click_selects_a_ride_and_another_one_opens_it() {
    use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
    let mut app = at(120, 36, |app| {
        rides(app, &[Way::Recorded(20); 9]);
        press(app, "M");
    });
    let shown = text(&app);
    let row = shown.lines().position(|line| line.contains("0004abcd")).unwrap();
    let click = |app: &mut App| {
        let (column, row) = (5, u16::try_from(row).unwrap());
        let kind = MouseEventKind::Down(MouseButton::Left);
        update(app, Message::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }));
    };
    click(&mut app);
    assert_eq!(app.monitor.selected, Some(4));
    assert!(app.event_screen().is_none());
    click(&mut app);
    assert!(app.event_screen().is_some());
}
