//! Writes a [`Page`] line by line, indented as lists and callouts ask.

use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::{Page, Snippet, code};
use crate::tui::highlight::{Code, Highlights};
use crate::tui::look::Look;
use crate::tui::theme::Role;
use crate::tui::wrap;

/// Writes a page.
pub struct Writer<'a> {
    pub(super) look: &'a Look,
    pub(super) highlights: &'a Highlights,
    pub(super) page: Page,
    width: usize,
    indents: Vec<Indent>,
    /// What to say below a diagram that is too wide for the page.
    pub wider: Option<String>,
}

/// What stands before lines: `first` before the first one, `rest` before all others.
struct Indent {
    first: Vec<Span<'static>>,
    rest: Vec<Span<'static>>,
    used: bool,
}

impl<'a> Writer<'a> {
    /// A writer of lines of `width` columns.
    pub fn new(look: &'a Look, highlights: &'a Highlights, width: usize) -> Self {
        Self { look, highlights, page: Page::default(), width: width.max(8), indents: Vec::new(), wider: None }
    }

    /// The page.
    pub fn finish(mut self) -> Page {
        while self.page.lines.last().is_some_and(|line| super::text_of(line).trim().is_empty()) {
            self.page.lines.pop();
        }
        self.page
    }

    /// The look that everything is written in.
    pub fn look(&self) -> &'a Look {
        self.look
    }

    /// Columns that are left beside the indentation.
    pub fn width(&self) -> usize {
        let indent: usize = self.indents.iter().map(|indent| width_of(&indent.rest)).sum();
        self.width.saturating_sub(indent).max(4)
    }

    /// Everything from here to [`Writer::dedent`] is indented by these.
    pub fn indent(&mut self, first: Vec<Span<'static>>, rest: Vec<Span<'static>>) {
        self.indents.push(Indent { first, rest, used: false });
    }

    /// Ends the innermost indentation.
    pub fn dedent(&mut self) {
        self.indents.pop();
    }

    /// One line as it is.
    pub fn line(&mut self, spans: Vec<Span<'static>>) {
        let mut line: Vec<Span<'static>> = Vec::new();
        for indent in &mut self.indents {
            line.extend(if indent.used { indent.rest.clone() } else { indent.first.clone() });
            indent.used = true;
        }
        line.extend(spans);
        self.page.lines.push(Line::from(line));
    }

    /// An empty line, unless there is one already or the page has just begun.
    pub fn blank(&mut self) {
        let last = self.page.lines.last().map(|line| super::text_of(line).trim_end().to_owned());
        let bar: String =
            self.indents.iter().flat_map(|indent| &indent.rest).map(|span| span.content.as_ref()).collect();
        if last.is_some_and(|last| !last.is_empty() && last.trim() != bar.trim()) && !self.starts_item() {
            self.line(Vec::new());
        }
    }

    /// An empty line after a quotation, whose own last line may be an empty one with a bar.
    pub fn blank_after_quote(&mut self) {
        let bar = self.look.glyphs.bar;
        while self.page.lines.last().is_some_and(|line| super::text_of(line).trim_end().ends_with(bar)) {
            self.page.lines.pop();
        }
        self.blank();
    }

    fn starts_item(&self) -> bool {
        self.indents.last().is_some_and(|indent| !indent.used)
    }

    /// Text, broken at the page's width.
    pub fn text(&mut self, spans: &[Span<'static>]) {
        let wrapped = if self.look.glyphs.spoken {
            wrap::whole_words(spans, self.width())
        } else {
            wrap::words(spans, self.width())
        };
        wrapped.into_iter().for_each(|line| self.line(line));
    }

    /// Text of one role, broken at the page's width.
    pub fn say(&mut self, role: Role, text: &str) {
        let span = self.look.span(role, text);
        self.text(&[span]);
    }

    /// A block of code with an optional label above, which `y` can copy.
    pub fn code(&mut self, code: &Code, label: Option<&str>) {
        let bar = self.look.span(Role::Rule, format!("{} ", self.look.glyphs.vertical));
        if let Some(label) = label {
            let label = self.look.span(Role::Dim, label);
            self.line(vec![bar.clone(), label]);
        }
        let start = self.page.lines.len();
        // What is read aloud, or copied from a plain terminal, stays as it was written.
        let width = if self.look.glyphs.spoken { usize::MAX } else { self.width().saturating_sub(2) };
        for line in code::lines(self, code) {
            for (index, mut part) in wrap::hard(line, width.saturating_sub(2)).into_iter().enumerate() {
                part.insert(0, bar.clone());
                if index > 0 {
                    part.insert(1, self.look.span(Role::Dim, format!("{} ", self.look.glyphs.wrapped)));
                }
                self.line(part);
            }
        }
        let lines = start..self.page.lines.len();
        self.page.snippets.push(Snippet { text: code.text.clone(), lines });
    }

    /// Names the place where the next line will be.
    pub fn anchor(&mut self, name: &str) {
        self.page.anchors.push((name.to_owned(), self.page.lines.len()));
    }

    /// Lines that were laid out elsewhere.
    pub fn lines(&mut self, lines: Vec<Line<'static>>) {
        lines.into_iter().for_each(|line| self.line(line.spans));
    }
}

/// The width of `spans` in columns.
pub fn width_of(spans: &[Span<'_>]) -> usize {
    spans.iter().map(|span| span.content.width()).sum()
}
