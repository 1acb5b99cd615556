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

pub(super) fn drawn(app: &App) -> Buffer {
    let mut terminal = Terminal::new(TestBackend::new(app.size.width, app.size.height)).unwrap();
    terminal.draw(|frame| view(app, frame)).unwrap();
    terminal.backend().buffer().clone()
}

pub(super) fn text(app: &App) -> String {
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

#[test]
fn long_news_are_read_to_their_end() {
    let mut app = at(80, 24, "n n");
    let text_of_it = "Cannot start your editor /opt/somewhere/else/bin/editor: No such file or directory (os error 2). Set VISUAL or EDITOR to one that is installed.";
    update(&mut app, Message::EditorClosed(Err(text_of_it.to_owned())));
    let shown = text(&app);
    assert!(shown.contains("one that is installed."), "{shown}");
    assert!(shown.contains("q quit"), "the keys stay: {shown}");
    insta::assert_snapshot!("long-news", shown);
    // Endless news do not take the screen.
    update(&mut app, Message::EditorClosed(Err(text_of_it.repeat(20))));
    assert!(text(&app).contains("Add the topic"));
}

#[test]
fn a_title_is_not_as_faint_as_the_line_it_stands_on() {
    for theme in [ThemeName::Terminal, ThemeName::None] {
        let mut app = app_with(80, 24, Look::new(theme, false, true), Progress::new("test"));
        start(&mut app, true);
        let buffer = drawn(&app);
        let row: String = (0..80).map(|x| buffer[(x, 1)].symbol()).collect();
        let x = row[..row.find("Lesson").unwrap()].chars().count();
        assert!(!buffer[(u16::try_from(x).unwrap(), 1)].modifier.contains(Modifier::DIM), "{theme:?}");
    }
}

#[test]
fn every_word_of_the_help_can_be_read() {
    let mut app = at(60, 120, "?");
    for width in [60, 80, 84, 100] {
        update(&mut app, Message::Resize(width, 120));
        let shown: String = text(&app).split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ");
        for entry in crate::tui::command::TABLE {
            assert!(shown.contains(entry.title), "{width}: {}\n{}", entry.title, text(&app));
        }
        assert!(shown.contains("a running target"), "{width}");
    }
}

#[test]
fn the_footer_offers_to_copy_only_what_is_on_the_screen() {
    let mut app = at(80, 24, "n n");
    assert!(!app.visible_snippets().is_empty());
    assert!(text(&app).contains("y copy"));
    update(&mut app, Message::Resize(80, 15));
    press(&mut app, "h G");
    assert!(app.lesson.page.snippets.len() > 1 && app.visible_snippets().is_empty());
    assert!(!text(&app).contains("y copy"));
    update(&mut app, Message::Command(crate::tui::command::Command::Copy));
    assert!(text(&app).contains("no command or code"));
}

#[test]
fn the_question_is_whole_beside_the_text_box() {
    let mut app = at(120, 36, "n n n n n");
    let mut module = crate::tui::fixture::module();
    module.questions[0].prose = "The same function fails once through one gateway and once through one topic. Who tries again, how often, and what becomes of the ride?".to_owned();
    app.module = std::sync::Arc::new(module);
    app.progress.answers.insert("why".to_owned(), "mine".to_owned());
    press(&mut app, "w");
    let (question, _) = app.writing_areas();
    let lines = app.lesson.page.lines.iter();
    assert!(lines.clone().all(|line| line.width() <= usize::from(question.width)));
    let shown = text(&app);
    assert!(!shown.contains("Your answer") && !shown.contains("Compare"), "{shown}");
    for (width, height) in [(120, 36), (80, 24), (60, 15)] {
        update(&mut app, Message::Resize(width, height));
        assert!(text(&app).contains("the ride?"), "{}", text(&app));
    }
    press(&mut app, "esc");
    assert!(text(&app).contains("Your answer"));
}

#[test]
fn the_palette_cuts_no_command_on_the_usual_terminal() {
    let keys = |entry: &crate::tui::command::Entry| {
        entry.name.split('-').next().unwrap().chars().map(|letter| format!("{letter} ")).collect::<String>()
    };
    for entry in crate::tui::command::TABLE {
        let way = match entry.scope {
            crate::tui::command::Scope::Answer => "n n a y : ",
            crate::tui::command::Scope::Cloud => "o : ",
            crate::tui::command::Scope::Monitor => "M : ",
            crate::tui::command::Scope::Event => "M enter : ",
            _ => ": ",
        };
        let mut app = graded(80, 24);
        crate::tui::fixture::rides::rides(&mut app, &[crate::tui::fixture::rides::Way::Recorded(20)]);
        press(&mut app, &format!("{way}{}", keys(entry)));
        let shown = text(&app);
        assert!(shown.contains(entry.title), "{}:\n{shown}", entry.title);
    }
}
