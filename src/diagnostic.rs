//! Findings about a learner's files: what was found, where, how bad it is, and what to do about it.
//!
//! Pure data. Rendering (terminal, JSON, SARIF …) is left to [`crate::check`] and the command line.

use serde::{Deserialize, Serialize};

/// A half-open range of bytes in a file's text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Offset of the first byte.
    pub start: usize,
    /// Offset after the last byte.
    pub end: usize,
}

impl Span {
    /// The range from `start` to `end`.
    pub const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// An empty range: a place between two characters.
    pub const fn at(offset: usize) -> Self {
        Self::new(offset, offset)
    }

    /// The smallest range that holds both.
    pub fn to(self, other: Self) -> Self {
        Self::new(self.start.min(other.start), self.end.max(other.end))
    }
}

/// A place as editors show it: lines and columns count from 1, columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// First line.
    pub line: usize,
    /// First column.
    pub column: usize,
    /// Last line.
    pub end_line: usize,
    /// Column after the last character.
    pub end_column: usize,
}

impl Place {
    /// Where `span` lies in `text`; offsets past the end or inside a character are moved back to the nearest one.
    pub fn of(span: Span, text: &str) -> Self {
        let (line, column) = line_and_column(text, span.start);
        let (end_line, end_column) = line_and_column(text, span.end.max(span.start));
        Self { line, column, end_line, end_column }
    }
}

fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let before = &text[..text.floor_char_boundary(offset)];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    (line, before[line_start..].chars().count() + 1)
}

/// Why a task could not be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Block {
    /// Its file is missing, unreadable or does not parse.
    File,
    /// It needs a running target (sandbox or AWS account) that is not there.
    Target,
    /// Reading the code does not settle it; running it will.
    Unsure,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// Good to know; changes no verdict.
    Note,
    /// It works; there is a better way.
    Warning,
    /// The task is not done.
    Error,
    /// No verdict was possible.
    Blocked(Block),
}

/// The outcome of one task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Done.
    Pass,
    /// Done, with advice.
    Warn,
    /// Not done.
    Fail,
    /// No verdict was possible; the findings say why.
    Blocked,
}

impl Status {
    /// The status that findings of these severities add up to.
    pub fn of(severities: impl Iterator<Item = Severity>) -> Self {
        let rank = |severity| match severity {
            Severity::Note => Self::Pass,
            Severity::Warning => Self::Warn,
            Severity::Blocked(_) => Self::Blocked,
            Severity::Error => Self::Fail,
        };
        let weight = |status: &Self| {
            [Self::Pass, Self::Warn, Self::Blocked, Self::Fail].iter().position(|other| other == status)
        };
        severities.map(rank).max_by_key(weight).unwrap_or(Self::Pass)
    }

    /// Whether the task is done.
    pub fn is_done(self) -> bool {
        matches!(self, Self::Pass | Self::Warn)
    }
}

/// A change that can safely be made for the learner: `span` of `file` becomes `text`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What it does, for the question asked before: "rename to RidesSnsTopic".
    pub title: String,
    /// Path from the workshop folder, with `/`.
    pub file: String,
    /// What is replaced; empty to insert.
    pub span: Span,
    /// What replaces it.
    pub text: String,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Stable code of the rule, such as `RY201`; `rydes explain` knows it.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// One sentence: what was found and what was expected.
    pub message: String,
    /// Path from the workshop folder, with `/`; none if it concerns no file.
    pub file: Option<String>,
    /// Where in the file; none if the file as a whole.
    pub span: Option<Span>,
    /// Why it matters and what to do.
    pub help: Option<String>,
    /// A safe change that mends it.
    pub edit: Option<Edit>,
}

impl Diagnostic {
    /// A finding of `severity` in `file`.
    pub fn new(code: &'static str, severity: Severity, file: &str, message: impl Into<String>) -> Self {
        Self {
            code,
            severity,
            message: message.into(),
            file: Some(file.to_owned()),
            span: None,
            help: None,
            edit: None,
        }
    }

    /// The task is not done.
    pub fn error(code: &'static str, file: &str, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, file, message)
    }

    /// It works, with advice.
    pub fn warning(code: &'static str, file: &str, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, file, message)
    }

    /// Good to know.
    pub fn note(code: &'static str, file: &str, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Note, file, message)
    }

    /// No verdict, because of `block`.
    pub fn blocked(code: &'static str, block: Block, file: &str, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Blocked(block), file, message)
    }

    /// The same finding, pointing at `span`.
    #[must_use]
    pub fn at(mut self, span: Span) -> Self {
        self.span = Some(span);
        self
    }

    /// The same finding, with advice.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same finding, with a safe change offered.
    #[must_use]
    pub fn edit(mut self, edit: Edit) -> Self {
        self.edit = Some(edit);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_characters_from_one() {
        let text = "é: 1\nzwei: 2\r\n";
        assert_eq!(Place::of(Span::new(4, 5), text), Place { line: 1, column: 4, end_line: 1, end_column: 5 });
        assert_eq!(Place::of(Span::new(6, 10), text), Place { line: 2, column: 1, end_line: 2, end_column: 5 });
        assert_eq!(Place::of(Span::at(999), text), Place { line: 3, column: 1, end_line: 3, end_column: 1 });
    }
}
