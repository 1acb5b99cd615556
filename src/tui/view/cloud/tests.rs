//! The sandbox's pages, the strip below the lesson, and the words for its state.

use crate::sandbox::PythonProgress;
use crate::tui::app::App;
use crate::tui::fixture::{activity, app_with, deployed, deploying, graded, not_deployed, press};
use crate::tui::look::Look;
use crate::tui::message::{CloudNews, Message};
use crate::tui::theme::ThemeName;
use crate::tui::update::{start, update};
use crate::tui::view::tests::{drawn, text};
use crate::workshop::progress::Progress;

type Way = fn(&mut App);

/// Each screen by name, and how to get there.
const SCREENS: &[(&str, Way)] = &[
    ("deploy-never", |app| _ = press(app, "o")),
    ("deploy-going-on", |app| {
        press(app, "d");
        deploying(app);
    }),
    ("deploy-done", |app| {
        press(app, "d");
        deploying(app);
        deployed(app);
    }),
    ("deploy-failed", |app| {
        press(app, "d");
        deploying(app);
        not_deployed(app);
    }),
    ("activity", |app| {
        activity(app);
        press(app, "o n");
    }),
    ("lesson-with-activity", activity),
    ("palette-deploy", |app| _ = press(app, ": d e p l")),
];

fn at(width: u16, height: u16, arrange: Way) -> App {
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
        for (width, height) in small.chain([(60, 15), (61, 30), (100, 45), (150, 31), (400, 60)]) {
            update(&mut app, Message::Resize(width, height));
            drawn(&app);
        }
    }
}

#[test]
fn in_ascii_nothing_else_is_drawn() {
    for (name, arrange) in SCREENS {
        let mut app = app_with(100, 40, Look::new(ThemeName::Terminal, true, true), Progress::new("test"));
        start(&mut app, true);
        press(&mut app, "n n");
        update(&mut app, Message::Cloud(CloudNews::Speed(10.0)));
        arrange(&mut app);
        let text = text(&app);
        assert!(text.is_ascii(), "{name}: {text}");
    }
}

#[test]
fn the_state_of_the_sandbox_stands_at_the_bottom() {
    let mut app = graded(120, 36);
    let cases = [
        (CloudNews::Starting, "sandbox starting"),
        (CloudNews::On { port: 4566, other: Some(7) }, "sandbox :4566 of another rydes"),
        (CloudNews::On { port: 4566, other: None }, "sandbox :4566"),
        (CloudNews::Speed(60.0), "sandbox :4566 · ×60"),
        (CloudNews::Python(Err("none was found".to_owned())), "no Python · ×60"),
        (CloudNews::Making(making()), "Python 2 of 13 · ×60"),
        (CloudNews::Making(PythonProgress::Ended), "no Python · ×60"),
        (CloudNews::Python(Ok(())), "sandbox :4566 · ×60"),
        (CloudNews::Off("another program stopped it".to_owned()), "no sandbox"),
    ];
    for (news, words) in cases {
        update(&mut app, Message::Cloud(news.clone()));
        app.notice = None;
        assert!(text(&app).contains(words), "{news:?}\n{}", text(&app));
    }
}

fn making() -> PythonProgress {
    PythonProgress::Making { step: "Downloading botocore".to_owned(), done: 2, of: 13 }
}

#[test]
fn whoever_looks_at_a_deploy_or_the_activity_sees_what_functions_wait_for() {
    for name in ["deploy-going-on", "activity"] {
        let (_, arrange) = SCREENS.iter().find(|(screen, _)| *screen == name).unwrap();
        let mut app = at(100, 36, *arrange);
        update(&mut app, Message::Cloud(CloudNews::Making(making())));
        assert!(text(&app).contains("Downloading botocore (2 of 13)"), "{}", text(&app));
        update(&mut app, Message::Cloud(CloudNews::Making(PythonProgress::Made("3.12.1".to_owned()))));
        assert!(!text(&app).contains("2 of 13"), "{}", text(&app));
        assert!(app.notice.as_ref().is_some_and(|notice| notice.text.contains("3.12.1")));
    }
}

#[test]
fn the_strip_gives_way_where_the_lesson_needs_the_room() {
    let mut app = at(120, 36, activity);
    assert!(app.areas().strip.is_some() && text(&app).contains("Ride failed, attempt 2"));
    update(&mut app, Message::Resize(80, 24));
    assert_eq!(app.areas().strip, None);
    assert!(graded(120, 36).areas().strip.is_none(), "nothing happened yet");
}
