//! Reads a pattern from left to right.

use super::InvalidPattern;
use super::operand::Expression;

/// What is left of a pattern.
#[derive(Clone, Debug)]
pub(super) struct Scanner<'a>(&'a str);

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self(text)
    }

    /// All that is left.
    pub(super) fn rest(&self) -> &'a str {
        self.0
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.0.chars().next()
    }

    pub(super) fn skip_space(&mut self) {
        self.0 = self.0.trim_start();
    }

    /// Takes `text` if it comes next.
    pub(super) fn eat(&mut self, text: &str) -> bool {
        self.0.strip_prefix(text).map(|rest| self.0 = rest).is_some()
    }

    /// Takes `text` if it comes next; complains if not.
    pub(super) fn expect(&mut self, text: &str) -> Result<(), InvalidPattern> {
        if self.eat(text) {
            return Ok(());
        }
        Err(InvalidPattern::new(match self.0 {
            "" => format!("`{text}` is missing at its end"),
            rest => format!("`{text}` is missing before `{rest}`"),
        }))
    }

    /// Takes an upper-case word such as `IS`, followed by no other letter.
    pub(super) fn eat_word(&mut self, word: &str) -> bool {
        match self.0.strip_prefix(word) {
            Some(rest) if !rest.starts_with(|next: char| next.is_alphanumeric() || next == '_') => {
                self.0 = rest;
                true
            }
            _ => false,
        }
    }

    /// Takes characters as long as `wanted` says so of what is left.
    pub(super) fn take_while(&mut self, wanted: impl Fn(char, &str) -> bool) -> &'a str {
        let end = self.0.char_indices().find(|(at, letter)| !wanted(*letter, &self.0[*at..]));
        let (taken, rest) = self.0.split_at(end.map_or(self.0.len(), |(at, _)| at));
        self.0 = rest;
        taken
    }

    /// Takes text between two `quote`s, in which a backslash makes the next character plain; none if no quote comes next.
    pub(super) fn quoted(&mut self, quote: char) -> Result<Option<String>, InvalidPattern> {
        let Some(inside) = self.0.strip_prefix(quote) else { return Ok(None) };
        let mut text = String::new();
        let mut letters = inside.char_indices();
        while let Some((at, letter)) = letters.next() {
            match letter {
                '\\' => match letters.next() {
                    // Only what would end the text or escape needs a backslash; before anything else it is itself.
                    Some((_, next)) if next == quote || next == '\\' => text.push(next),
                    Some((_, next)) => text.extend(['\\', next]),
                    None => break,
                },
                _ if letter == quote => {
                    self.0 = &inside[at + quote.len_utf8()..];
                    return Ok(Some(text));
                }
                _ => text.push(letter),
            }
        }
        Err(InvalidPattern::new(format!("the text that begins at `{}` has no closing quote", self.0)))
    }

    /// Takes a regular expression between two `%`; none if no `%` comes next.
    pub(super) fn expression(&mut self) -> Result<Option<Expression>, InvalidPattern> {
        let Some(inside) = self.0.strip_prefix('%') else { return Ok(None) };
        let mut escaped = false;
        for (at, letter) in inside.char_indices() {
            if letter == '%' && !escaped {
                self.0 = &inside[at + 1..];
                return Expression::new(&inside[..at]).map(Some);
            }
            escaped = letter == '\\' && !escaped;
        }
        Err(InvalidPattern::new(format!("the regular expression that begins at `{}` has no closing `%`", self.0)))
    }
}
