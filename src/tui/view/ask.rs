//! A question before something is done.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;

use super::{centred, window};
use crate::tui::app::{App, Ask, Screen};
use crate::tui::theme::Role;
use crate::tui::update::offered;
use crate::tui::wrap;

const WIDTH: u16 = 58;

/// What is asked: title, text, what yes means, what no means.
fn words(app: &App, ask: &Ask) -> (String, String, &'static str, &'static str) {
    match ask {
        Ask::LayOut => {
            let services: Vec<&str> = app.module.services.iter().map(String::as_str).collect();
            let text = format!(
                "There are no services in {} yet. Shall I write the starter services there? {} folders: {}. What is there already stays as it is.",
                app.folder,
                services.len(),
                services.join(", ")
            );
            ("Start here?".to_owned(), text, "write them", "not now")
        }
        Ask::Answer(id) => {
            let task = app.module.task(&id.0);
            let left = task.map_or(0, |task| task.hints.len().saturating_sub(app.progress.task(id).hints_shown));
            let text = match left {
                0 => "You have seen every hint. The answer comes with an explanation.".to_owned(),
                1 => "There is one more hint. A hint teaches more than an answer; it is your choice.".to_owned(),
                _ => format!("There are {left} more hints. A hint teaches more than an answer; it is your choice."),
            };
            (format!("Show the answer to {id}?"), text, "show it", "not yet")
        }
        Ask::Model(_) => {
            let text = "Writing your own answer first, be it one line, makes the comparison worth more.";
            ("Show the model answer?".to_owned(), text.to_owned(), "show it", "write first")
        }
        Ask::ApplyAll => {
            let files: Vec<&str> = app
                .answer()
                .map(|answer| {
                    answer
                        .files
                        .iter()
                        .filter(|file| !file.diff.hunks.is_empty())
                        .map(|file| file.path.as_str())
                        .collect()
                })
                .unwrap_or_default();
            let text =
                format!("This changes {}. A snapshot is taken first, so that it can be undone.", files.join(" and "));
            ("Put the whole answer into your files?".to_owned(), text, "apply", "leave my files")
        }
        Ask::Fix => {
            let edit = offered(app);
            let (title, file) = edit.map(|edit| (edit.title.clone(), edit.file.clone())).unwrap_or_default();
            let text = format!("In {file}: {title}. A snapshot is taken first, so that it can be undone.");
            ("Make this change?".to_owned(), text, "make it", "leave it")
        }
        Ask::Undo => {
            let text = "The files go back to what they were before the last change that rydes made to them. If you edited them since, your version is kept in a copy.";
            ("Take the last change back?".to_owned(), text.to_owned(), "take it back", "leave it")
        }
        Ask::Watch => {
            let text = "To see messages of the topic as they are published, rydes creates an SQS queue in your AWS account and subscribes it to the topic. Both are removed when you leave. Without them, messages are not shown; log lines and items are.";
            ("Create a queue to watch rides?".to_owned(), text.to_owned(), "create it", "only read")
        }
    }
}

fn lines(app: &App, ask: &Ask, width: u16) -> (String, Vec<Vec<Span<'static>>>, Vec<Span<'static>>) {
    let (title, text, yes, no) = words(app, ask);
    let look = &app.look;
    let text = wrap::words(&[look.span(Role::Text, text)], usize::from(width.saturating_sub(6)));
    let buttons = vec![
        look.span(Role::Key, "y"),
        look.span(Role::Text, format!(" {yes}")),
        Span::raw("      "),
        look.span(Role::Key, "n"),
        look.span(Role::Text, format!(" {no}")),
    ];
    (title, text, buttons)
}

fn area(app: &App, text: usize, screen: Rect) -> Rect {
    let height = u16::try_from(text).unwrap_or(u16::MAX).saturating_add(6);
    centred(screen, WIDTH.min(app.size.width.saturating_sub(4)), height)
}

/// Draws the question.
pub(super) fn draw(app: &App, ask: &Ask, frame: &mut Frame<'_>) {
    let width = WIDTH.min(app.size.width.saturating_sub(4));
    let (title, text, buttons) = lines(app, ask, width);
    let area = area(app, text.len(), frame.area());
    let inside = window(&app.look, frame, area, &app.look.glyphs.plain(&title));
    let row = |y: u16| Rect::new(inside.x + 2, inside.y + y, inside.width.saturating_sub(4), 1).intersection(inside);
    let mut y = 1;
    for spans in text {
        Line::from(spans).render(row(y), frame.buffer_mut());
        y += 1;
    }
    Line::from(buttons).render(row(y + 1), frame.buffer_mut());
}

/// The question in words, for line mode.
pub fn text(app: &App, ask: &Ask) -> String {
    let (title, text, _, _) = words(app, ask);
    format!("{title} {text}")
}

/// What a click means: yes, no, or nothing.
pub fn choice(app: &App, at: Position) -> Option<bool> {
    let Screen::Ask(ask) = app.screen() else { return None };
    let width = WIDTH.min(app.size.width.saturating_sub(4));
    let (_, text, buttons) = lines(app, ask, width);
    let area = area(app, text.len(), Rect::new(0, 0, app.size.width, app.size.height));
    if !area.contains(at) || at.y != area.y + area.height.saturating_sub(3) {
        return None;
    }
    let yes: usize = buttons.iter().take(2).map(Span::width).sum();
    let before_no: usize = buttons.iter().take(3).map(Span::width).sum();
    let x = usize::from(at.x.saturating_sub(area.x + 3));
    if x < yes { Some(true) } else { (x >= before_no).then_some(false) }
}
