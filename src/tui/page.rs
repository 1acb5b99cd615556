//! A page: prose, code and diagrams laid out as lines of one width, ready to be scrolled and drawn.
//!
//! Pages are made in `update` when something that they depend on changed, and kept; drawing only copies the visible lines.

mod answer;
mod cloud;
mod code;
mod diff;
mod event;
mod lesson;
mod verdict;
mod writer;

use std::ops::Range;

use ratatui::text::Line;

pub use answer::{SPLIT_FROM, answer};
pub use cloud::{activity, activity_lines, deploy};
pub use event::event;
pub use lesson::lesson;
pub use verdict::verdict;
pub use writer::Writer;

use super::highlight::Code;

/// Laid-out text.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// Its lines.
    pub lines: Vec<Line<'static>>,
    /// Code and commands on it, for copying.
    pub snippets: Vec<Snippet>,
    /// Code on it that was drawn without colours for want of them.
    pub wanted: Vec<Code>,
    /// Where named parts begin: hints, the answer.
    pub anchors: Vec<(String, usize)>,
}

/// Code that can be copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snippet {
    /// The text as it was written.
    pub text: String,
    /// Which lines of the page show it.
    pub lines: Range<usize>,
}

impl Page {
    /// The line where the part of this name begins.
    pub fn anchor(&self, name: &str) -> Option<usize> {
        self.anchors.iter().find(|(anchor, _)| anchor == name).map(|(_, line)| *line)
    }

    /// The first line that holds `needle`, in any case.
    pub fn find(&self, needle: &str) -> Option<usize> {
        let needle = needle.to_lowercase();
        self.lines.iter().position(|line| text_of(line).to_lowercase().contains(&needle))
    }

    /// The page without colours, for line mode.
    pub fn plain(&self) -> String {
        self.lines.iter().fold(String::new(), |text, line| text + text_of(line).trim_end() + "\n")
    }
}

/// The text of a line without its styles.
pub fn text_of(line: &Line<'_>) -> String {
    line.spans.iter().map(|span| span.content.as_ref()).collect()
}
