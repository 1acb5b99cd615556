//! What the screens look like, and that none of them minds any size.

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier};

use super::view;
use crate::diagnostic::Status;
use crate::tui::app::App;
use crate::tui::fixture::{app, app_with, graded, grading, press};
use crate::tui::highlight::highlight;
use crate::tui::look::Look;
use crate::tui::message::Message;
use crate::tui::theme::ThemeName;
use crate::tui::update::{start, update};
use crate::workshop::progress::Progress;

fn drawn(app: &App) -> Buffer {
    let mut terminal = Terminal::new(TestBackend::new(app.size.width, app.size.height)).unwrap();
    terminal.draw(|frame| view(app, frame)).unwrap();
    terminal.backend().buffer().clone()
}

fn text(app: &App) -> String {
    let buffer = drawn(app);
    let width = usize::from(buffer.area.width).max(1);
    let rows = buffer.content.chunks(width);
    rows.map(|row| row.iter().map(|cell| cell.symbol()).collect::<String>().trim_end().to_owned() + "\n").collect()
}

/// Each screen by name, and the keys that lead to it.
const SCREENS: &[(&str, &str)] = &[
    ("welcome", ""),
    ("task", "n n"),
    ("hints", "n n h h"),
    ("verdict", "n n tab down"),
    ("answer", "n n a y"),
    ("mine", "n n a y m n"),
    ("ask", "n n a"),
    ("question", "n n n n n w x esc a"),
    ("writing", "n n n n n w x"),
    ("search", "/ t o p i c"),
    ("palette", ": t h e"),
    ("help", "?"),
    ("zoomed", "n n z"),
];

fn at(width: u16, height: u16, keys: &str) -> App {
    let mut app = graded(width, height);
    press(&mut app, keys);
    app
}

#[test]
fn screens() {
    for (width, height) in [(80, 24), (120, 36), (200, 60)] {
        for (name, keys) in SCREENS {
            insta::assert_snapshot!(format!("{name}-{width}x{height}"), text(&at(width, height, keys)));
        }
    }
}

#[test]
fn an_empty_folder() {
    let mut app = app(80, 24);
    start(&mut app, false);
    insta::assert_snapshot!(text(&app));
}

#[test]
fn in_ascii_nothing_else_is_drawn() {
    for (name, keys) in SCREENS {
        let mut app = app_with(80, 24, Look::new(ThemeName::Terminal, true, true), Progress::new("test"));
        start(&mut app, true);
        update(&mut app, grading(&[Status::Fail, Status::Warn, Status::Blocked]));
        press(&mut app, keys);
        let text = text(&app);
        assert!(text.is_ascii(), "{name}: {text}");
        if *name == "task" {
            insta::assert_snapshot!("task-ascii", text);
        }
    }
}

#[test]
fn every_screen_at_every_size() {
    for (_, keys) in SCREENS {
        let mut app = at(100, 30, keys);
        for width in 0..=40 {
            for height in 0..=15 {
                update(&mut app, Message::Resize(width, height));
                drawn(&app);
            }
        }
        for (width, height) in
            [(60, 15), (61, 16), (99, 17), (100, 15), (139, 20), (150, 15), (151, 50), (400, 15), (60, 120)]
        {
            update(&mut app, Message::Resize(width, height));
            drawn(&app);
        }
    }
}

#[test]
fn a_terminal_that_shrank_since_the_last_message_is_no_trouble() {
    for (_, keys) in SCREENS {
        let app = at(120, 36, keys);
        for (width, height) in [(0, 0), (1, 1), (59, 15), (80, 10), (119, 36)] {
            let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
            terminal.draw(|frame| view(&app, frame)).unwrap();
        }
    }
}

#[test]
fn too_small_says_what_is_needed() {
    let mut app = graded(59, 15);
    assert!(text(&app).contains("rydes needs 60x15 characters; this terminal has 59x15"));
    update(&mut app, Message::Resize(60, 15));
    assert!(text(&app).contains("Steps"));
}

#[test]
fn a_few_styles() {
    let app = at(120, 36, "n n");
    let buffer = drawn(&app);
    let find = |needle: &str| {
        let width = usize::from(buffer.area.width);
        let rows = buffer.content.chunks(width).map(|row| row.iter().map(|cell| cell.symbol()).collect::<String>());
        let (y, row) = rows.enumerate().find(|(_, row)| row.contains(needle)).unwrap();
        let x = row[..row.find(needle).unwrap()].chars().count();
        buffer[(u16::try_from(x).unwrap(), u16::try_from(y).unwrap())].clone()
    };
    assert_eq!(find("✗ not there yet").fg, Color::Red);
    assert_eq!(find("rydes").fg, Color::Cyan);
    assert!(
        find("1.1  Add").modifier.contains(Modifier::BOLD) || find("Add the topic").modifier.contains(Modifier::BOLD)
    );
}

#[test]
fn colours_arrive_later_and_change_no_text() {
    let mut app = graded(120, 36);
    let mut effects = press(&mut app, "n n a y");
    let before = text(&app);
    for effect in effects.drain(..) {
        if let crate::tui::effect::Effect::Highlight(codes) = effect {
            let results = codes.into_iter().map(|code| (code.clone(), highlight(&code))).collect();
            update(&mut app, Message::Highlighted(results));
        }
    }
    assert_eq!(text(&app), before);
    assert!(app.highlights.generation > 0);
}
