//! Where things stand on a terminal of a given size; drawing, scrolling and the mouse all ask here.

mod monitor;

use ratatui::layout::{Rect, Size};

use super::app::{App, Pane, Screen, Stop};

/// The smallest terminal that everything fits on.
pub const SMALLEST: Size = Size::new(60, 15);

/// The parts of the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Areas {
    /// The program's name and the learner's progress.
    pub header: Rect,
    /// The line below it, which carries titles.
    pub top: Rect,
    /// The step list.
    pub steps: Option<Rect>,
    /// The lesson's text, or whatever fills the body.
    pub main: Rect,
    /// The last activity of the sandbox.
    pub strip: Option<Rect>,
    /// The last rides.
    pub rides: Option<Rect>,
    /// The verdict.
    pub verdict: Option<Rect>,
    /// Whether the verdict stands beside the lesson rather than below.
    pub beside: bool,
    /// The line at the bottom, which carries news.
    pub bottom: Rect,
    /// Keys.
    pub footer: Rect,
}

/// From this width on, the verdict stands beside the lesson.
const BESIDE: u16 = 150;
/// The width that the verdict keeps then.
const NARROWEST_VERDICT: u16 = 43;
/// The width of a lesson that is pleasant to read.
const READABLE: u16 = 92;

impl App {
    /// Whether the terminal is large enough.
    pub fn fits(&self) -> bool {
        self.size.width >= SMALLEST.width && self.size.height >= SMALLEST.height
    }

    /// Where the parts of the visible screen stand.
    pub fn areas(&self) -> Areas {
        let Size { width, height } = self.size;
        let row = |y: u16| Rect::new(0, y.min(height), width, u16::from(y < height));
        let body = Rect::new(0, 2, width, height.saturating_sub(4));
        let mut areas = Areas {
            header: row(0),
            top: row(1),
            main: inner(body),
            bottom: row(height.saturating_sub(2)),
            footer: row(height.saturating_sub(1)),
            ..Areas::default()
        };
        if self.screens.iter().any(|screen| {
            matches!(
                screen,
                Screen::Answer(_) | Screen::Writing(_) | Screen::Cloud(_) | Screen::Monitor | Screen::Event(_)
            )
        }) {
            return areas;
        }
        let judged = matches!(self.stop(), Stop::Task(..));
        if self.zoomed {
            match self.focus {
                Pane::Steps => (areas.steps, areas.main) = (Some(inner(body)), Rect::default()),
                Pane::Verdict if judged => (areas.verdict, areas.main) = (Some(inner(body)), Rect::default()),
                Pane::Lesson | Pane::Verdict => {}
            }
            return areas;
        }
        let list = match width {
            0..=99 => 27,
            100..=139 => 34,
            _ => 40,
        };
        areas.steps = Some(Rect::new(0, body.y, list, body.height));
        let mut rest = Rect::new(list + 1, body.y, width.saturating_sub(list + 1), body.height);
        if self.has_rides() {
            // In a low terminal without the line above it.
            let rows = if height < 30 { 1 } else { 2 };
            rest.height = rest.height.saturating_sub(rows);
            areas.rides = Some(inner(Rect { y: rest.y + rest.height + rows - 1, height: 1, ..rest }));
        }
        let strip = self.strip_height();
        if strip > 0 {
            // One more row for the line above it.
            rest.height = rest.height.saturating_sub(strip + 1);
            areas.strip = Some(inner(Rect { y: rest.y + rest.height + 1, height: strip, ..rest }));
        }
        areas.main = inner(rest);
        if !judged {
            areas.main.width = areas.main.width.min(READABLE + 16);
            return areas;
        }
        if width >= BESIDE {
            let lesson = rest.width.saturating_sub(NARROWEST_VERDICT).min(READABLE + 4);
            areas.main = inner(Rect { width: lesson, ..rest });
            areas.verdict = Some(inner(Rect::new(rest.x + lesson + 1, rest.y, rest.width - lesson - 1, rest.height)));
            areas.beside = true;
        } else {
            let wanted = u16::try_from(self.verdict.page.lines.len()).unwrap_or(u16::MAX);
            let most = if self.focus == Pane::Verdict { rest.height * 2 / 3 } else { (rest.height / 3).max(4) };
            let below = wanted.clamp(1, most.max(1));
            let above = rest.height.saturating_sub(below + 1);
            areas.main = inner(Rect { height: above, ..rest });
            areas.verdict = Some(inner(Rect::new(rest.x, rest.y + above + 1, rest.width, below)));
        }
        areas
    }

    /// Whether there are rides to be shown below the lesson.
    fn has_rides(&self) -> bool {
        self.size.height >= 20 && self.monitor.picture.counts.rides > 0
    }

    /// The rows that the sandbox's activity has below the lesson: none before anything happened, and none where the lesson needs them all.
    fn strip_height(&self) -> u16 {
        match self.size.height {
            _ if self.cloud.lines.is_empty() => 0,
            0..=29 => 0,
            30..=44 => 3,
            _ => 6,
        }
    }

    /// The rows of the step list: stops by their index, with an empty row between steps where all of them fit.
    pub fn list_rows(&self) -> Vec<Option<usize>> {
        let height = usize::from(self.areas().steps.map_or(0, |area| area.height));
        let steps = self.stops.iter().filter(|stop| matches!(stop, Stop::Step(_))).count();
        let airy = self.stops.len() + steps.saturating_sub(1) <= height;
        let mut rows = Vec::new();
        for (at, stop) in self.stops.iter().enumerate() {
            if airy && at > 0 && matches!(stop, Stop::Step(_)) {
                rows.push(None);
            }
            rows.push(Some(at));
        }
        rows
    }

    /// Whether the learner writes an answer.
    pub fn is_writing(&self) -> bool {
        self.screens.iter().any(|screen| matches!(screen, Screen::Writing(_)))
    }

    /// Where the lesson's page is shown.
    pub fn lesson_area(&self) -> Rect {
        if self.is_writing() { self.writing_areas().0 } else { self.areas().main }
    }

    /// Whether old and new can stand side by side.
    pub fn can_split(&self) -> bool {
        usize::from(self.areas().main.width) >= super::page::SPLIT_FROM
    }

    /// The area of the writing screen's question and of its text box.
    pub fn writing_areas(&self) -> (Rect, Rect) {
        let main = self.areas().main;
        if main.width >= 100 {
            let half = main.width / 2 - 1;
            let left = Rect { width: half, ..main };
            return (left, Rect { x: main.x + half + 2, width: main.width - half - 2, ..main });
        }
        // All of the question, for it cannot be scrolled while writing; three lines of text are left in any case.
        let wanted = u16::try_from(self.lesson.page.lines.len()).unwrap_or(u16::MAX).saturating_add(1);
        let question = wanted.min(main.height.saturating_sub(5)).max(1).min(main.height);
        let top = Rect { height: question, ..main };
        (top, Rect { y: main.y + question, height: main.height - question, ..main })
    }
}

/// The part of a pane that text fills: a column free at the left, two at the right of which one is the scroll bar's.
fn inner(pane: Rect) -> Rect {
    Rect::new(pane.x + 1.min(pane.width), pane.y, pane.width.saturating_sub(3), pane.height)
}
