//! Patterns of words: `ERROR "timed out" -health ?a ?b %\d+ms%`.

use std::fmt;

use super::InvalidPattern;
use super::operand::{Expression, quote};
use super::scanner::Scanner;

/// Words that a message must, may or must not hold. Case counts; a word inside a longer one counts too.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Terms(Vec<Term>);

#[derive(Clone, Debug, PartialEq)]
struct Term {
    role: Role,
    what: What,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// All of these.
    Required,
    /// `-`: none of these.
    Excluded,
    /// `?`: at least one of these; AWS ignores them beside terms of the other two kinds.
    Alternative,
}

#[derive(Clone, Debug, PartialEq)]
enum What {
    Text(String),
    Expression(Expression),
}

impl Terms {
    pub(super) fn parse(scanner: &mut Scanner<'_>) -> Result<Self, InvalidPattern> {
        let mut terms = Vec::new();
        loop {
            scanner.skip_space();
            if scanner.rest().is_empty() {
                return Ok(Self(terms));
            }
            let role = if scanner.eat("-") {
                Role::Excluded
            } else if scanner.eat("?") {
                Role::Alternative
            } else {
                Role::Required
            };
            let what = if let Some(text) = scanner.quoted('"')? {
                What::Text(text)
            } else if let Some(expression) = scanner.expression()? {
                What::Expression(expression)
            } else {
                What::Text(word(scanner)?)
            };
            terms.push(Term { role, what });
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn matches(&self, message: &str) -> bool {
        let mut alternatives = None;
        let mut others = false;
        for term in &self.0 {
            match term.role {
                Role::Alternative => {
                    alternatives = Some(alternatives.unwrap_or(false) || term.what.is_in(message));
                }
                role => {
                    others = true;
                    if term.what.is_in(message) != (role == Role::Required) {
                        return false;
                    }
                }
            }
        }
        others || alternatives.unwrap_or(true)
    }
}

/// A word without quotes: letters, digits and `_`.
fn word(scanner: &mut Scanner<'_>) -> Result<String, InvalidPattern> {
    let word = scanner.take_while(|letter, _| !letter.is_whitespace());
    if !is_plain(word) {
        return Err(InvalidPattern::new(format!(
            "Invalid character(s) in term '{word}': what is not letters, digits and _ belongs between double quotes"
        )));
    }
    Ok(word.to_owned())
}

fn is_plain(word: &str) -> bool {
    !word.is_empty() && word.chars().all(|letter| letter.is_alphanumeric() || letter == '_')
}

impl What {
    fn is_in(&self, message: &str) -> bool {
        match self {
            Self::Text(text) => message.contains(text.as_str()),
            Self::Expression(expression) => expression.is_in(message),
        }
    }
}

impl fmt::Display for Terms {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, term) in self.0.iter().enumerate() {
            let space = if index > 0 { " " } else { "" };
            let sign = match term.role {
                Role::Required => "",
                Role::Excluded => "-",
                Role::Alternative => "?",
            };
            write!(formatter, "{space}{sign}")?;
            match &term.what {
                What::Text(text) if is_plain(text) => formatter.write_str(text)?,
                What::Text(text) => formatter.write_str(&quote(text, '"'))?,
                What::Expression(expression) => expression.fmt(formatter)?,
            }
        }
        Ok(())
    }
}
