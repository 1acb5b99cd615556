//! The filter patterns of CloudWatch Logs: terms, `{ $.field = … }` on JSON events and `[a, b = …]` on fields separated by spaces.
//!
//! A [`Pattern`] is parsed once and matched against many messages. It knows nothing of groups, streams or time.

mod condition;
mod fields;
mod json;
mod operand;
mod scanner;
mod terms;
#[cfg(test)]
mod tests;

use std::fmt;

use fields::Fields;
use json::Json;
use scanner::Scanner;
use terms::Terms;

/// What AWS takes, in characters.
pub const LONGEST_PATTERN: usize = 1024;

/// A filter pattern, understood.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern(Kind);

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    /// Words that must, may or must not be in the message; none of them: everything matches.
    Terms(Terms),
    /// A condition on an event that is JSON.
    Json(Json),
    /// Conditions on the fields of an event that are separated by spaces.
    Fields(Fields),
}

/// Why a text is no pattern, for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidPattern(String);

impl InvalidPattern {
    fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

impl Pattern {
    /// Reads a pattern; an empty one matches everything.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn parse(text: &str) -> Result<Self, InvalidPattern> {
        if text.chars().count() > LONGEST_PATTERN {
            return Err(InvalidPattern::new(format!("it is longer than {LONGEST_PATTERN} characters")));
        }
        let mut scanner = Scanner::new(text);
        scanner.skip_space();
        let kind = match scanner.peek() {
            Some('{') => Kind::Json(Json::parse(&mut scanner)?),
            Some('[') => Kind::Fields(Fields::parse(&mut scanner)?),
            _ => Kind::Terms(Terms::parse(&mut scanner)?),
        };
        scanner.skip_space();
        match scanner.rest() {
            "" => Ok(Self(kind)),
            rest => Err(InvalidPattern::new(format!("nothing may follow its end, but `{rest}` does"))),
        }
    }

    /// Whether the pattern selects an event with this message.
    pub fn matches(&self, message: &str) -> bool {
        match &self.0 {
            Kind::Terms(terms) => terms.matches(message),
            Kind::Json(json) => json.matches(message),
            Kind::Fields(fields) => fields.matches(message),
        }
    }

    /// Whether every event matches, so that nobody need ask.
    pub fn is_everything(&self) -> bool {
        matches!(&self.0, Kind::Terms(terms) if terms.is_empty())
    }
}

impl fmt::Display for Pattern {
    /// The pattern in one spelling of many; it reads back as the same pattern.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Terms(terms) => terms.fmt(formatter),
            Kind::Json(json) => json.fmt(formatter),
            Kind::Fields(fields) => fields.fmt(formatter),
        }
    }
}
