//! The characters that are drawn beside text: marks, lines, arrows, in a Unicode and an ASCII set.

use ratatui::symbols::border;

use crate::diagnostic::Status;

use super::theme::Role;

/// One set of characters.
#[derive(Debug, PartialEq, Eq)]
pub struct Glyphs {
    /// Whether only ASCII is drawn.
    pub ascii: bool,
    /// Whether the text is read aloud: nothing is drawn that is no text.
    pub spoken: bool,
    /// A horizontal line.
    pub horizontal: &'static str,
    /// A vertical line.
    pub vertical: &'static str,
    /// A horizontal line with a vertical one below.
    pub tee_down: &'static str,
    /// A horizontal line with a vertical one above.
    pub tee_up: &'static str,
    /// A vertical line with a horizontal one to the right.
    pub tee_right: &'static str,
    /// The done part of a progress bar.
    pub done: &'static str,
    /// The open part of a progress bar.
    pub open: &'static str,
    /// Before the selected row.
    pub selected: &'static str,
    /// Before an item of a list.
    pub bullet: &'static str,
    /// Left of a callout.
    pub bar: &'static str,
    /// Before the rest of a wrapped line of code.
    pub wrapped: &'static str,
    /// At the end of text that was cut.
    pub ellipsis: &'static str,
    /// Between two things in a line.
    pub dot: &'static str,
    /// An arrow to the right in running text.
    pub arrow: &'static str,
    /// A question for thinking.
    pub question: &'static str,
    /// The frames of the celebration.
    pub sparks: [&'static str; 4],
    /// The handle of a scroll bar.
    pub thumb: &'static str,
    /// The borders of boxes.
    pub border: border::Set<'static>,
}

/// Box-drawing characters and marks.
pub const UNICODE: Glyphs = Glyphs {
    ascii: false,
    spoken: false,
    horizontal: "─",
    vertical: "│",
    tee_down: "┬",
    tee_up: "┴",
    tee_right: "├",
    done: "━",
    open: "━",
    selected: "▌",
    bullet: "•",
    bar: "▎",
    wrapped: "↪",
    ellipsis: "…",
    dot: "·",
    arrow: "→",
    question: "✎",
    sparks: ["✦", "✧", "⋆", "·"],
    thumb: "┃",
    border: border::ROUNDED,
};

/// Nothing beyond ASCII.
pub const ASCII: Glyphs = Glyphs {
    ascii: true,
    spoken: false,
    horizontal: "-",
    vertical: "|",
    tee_down: "+",
    tee_up: "+",
    tee_right: "+",
    done: "#",
    open: "-",
    selected: ">",
    bullet: "*",
    bar: "|",
    wrapped: "\\",
    ellipsis: "~",
    dot: "-",
    arrow: "->",
    question: "Q",
    sparks: ["*", "+", "*", "."],
    thumb: "#",
    border: border::Set {
        top_left: "+",
        top_right: "+",
        bottom_left: "+",
        bottom_right: "+",
        vertical_left: "|",
        vertical_right: "|",
        horizontal_top: "-",
        horizontal_bottom: "-",
    },
};

/// For line mode in Unicode: text alone.
pub const SPOKEN: Glyphs = Glyphs {
    spoken: true,
    vertical: " ",
    horizontal: " ",
    bar: " ",
    bullet: "-",
    wrapped: " ",
    question: "Question:",
    selected: " ",
    ..UNICODE
};

/// For line mode in ASCII: text alone.
pub const SPOKEN_ASCII: Glyphs = Glyphs {
    spoken: true,
    vertical: " ",
    horizontal: " ",
    bar: " ",
    bullet: "-",
    wrapped: " ",
    question: "Question:",
    selected: " ",
    ..ASCII
};

impl Glyphs {
    /// The set for a terminal that shows only ASCII, or any character; `spoken` if the text is read aloud.
    pub fn of(ascii: bool, spoken: bool) -> &'static Self {
        match (ascii, spoken) {
            (false, false) => &UNICODE,
            (true, false) => &ASCII,
            (false, true) => &SPOKEN,
            (true, true) => &SPOKEN_ASCII,
        }
    }

    /// The mark of a task's status; `None` is a task that was not graded yet or not begun.
    pub fn mark(&self, status: Option<Status>) -> (&'static str, Role) {
        let pick = |unicode, ascii| if self.ascii { ascii } else { unicode };
        match status {
            Some(Status::Pass) if self.spoken => ("Done:", Role::Pass),
            Some(Status::Warn) if self.spoken => ("Advice:", Role::Warn),
            Some(Status::Fail) if self.spoken => ("Wrong:", Role::Fail),
            Some(Status::Blocked) if self.spoken => ("No verdict:", Role::Blocked),
            None if self.spoken => ("Note:", Role::Dim),
            Some(Status::Pass) => (pick("✓", "+"), Role::Pass),
            Some(Status::Warn) => ("!", Role::Warn),
            Some(Status::Fail) => (pick("✗", "x"), Role::Fail),
            Some(Status::Blocked) => ("?", Role::Blocked),
            None => (pick("·", "."), Role::Dim),
        }
    }

    /// `text` with every character that the set lacks replaced by its nearest one.
    pub fn plain(&self, text: &str) -> String {
        if !self.ascii || text.is_ascii() {
            return text.to_owned();
        }
        let mut result = String::with_capacity(text.len());
        for character in text.chars() {
            match character {
                _ if character.is_ascii() => result.push(character),
                '‘' | '’' | '‚' => result.push('\''),
                '“' | '”' | '„' => result.push('"'),
                '–' | '—' | '‑' | '−' => result.push('-'),
                '…' => result.push_str("..."),
                '→' => result.push_str("->"),
                '←' => result.push_str("<-"),
                '·' | '•' => result.push('*'),
                '×' => result.push('x'),
                '≤' => result.push_str("<="),
                '≥' => result.push_str(">="),
                'é' | 'è' => result.push('e'),
                '\u{a0}' => result.push(' '),
                _ => result.push('?'),
            }
        }
        result
    }
}
