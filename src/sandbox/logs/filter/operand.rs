//! What a value is compared with: numbers, texts with `*`, regular expressions; and the comparison itself.

use std::fmt;

use regex_lite::{Regex, RegexBuilder};

use super::InvalidPattern;
use super::scanner::Scanner;

/// A regular expression between two `%`.
#[derive(Clone, Debug)]
pub(super) struct Expression {
    source: String,
    regex: Regex,
}

impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl Expression {
    pub(super) fn new(source: &str) -> Result<Self, InvalidPattern> {
        if source.is_empty() {
            return Err(InvalidPattern::new("the regular expression between `%` and `%` is empty"));
        }
        let regex = RegexBuilder::new(&source.replace("\\%", "%")).size_limit(1 << 18).build();
        let regex = regex.map_err(|error| InvalidPattern::new(format!("`%{source}%`: {error}")))?;
        Ok(Self { source: source.to_owned(), regex })
    }

    pub(super) fn is_in(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "%{}%", self.source)
    }
}

/// How a value is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// Longer signs first, so that `<=` is not read as `<`.
const OPERATORS: [(&str, Operator); 6] = [
    ("!=", Operator::Unequal),
    ("<=", Operator::LessOrEqual),
    (">=", Operator::GreaterOrEqual),
    ("=", Operator::Equal),
    ("<", Operator::Less),
    (">", Operator::Greater),
];

impl Operator {
    pub(super) fn parse(scanner: &mut Scanner<'_>) -> Result<Self, InvalidPattern> {
        let found = OPERATORS.iter().find(|(sign, _)| scanner.eat(sign)).map(|(_, operator)| *operator);
        found.ok_or_else(|| InvalidPattern::new(format!("a comparison such as `=` is missing at `{}`", scanner.rest())))
    }

    fn is_equality(self) -> bool {
        matches!(self, Self::Equal | Self::Unequal)
    }

    fn holds(self, left: f64, right: f64) -> bool {
        match self {
            #[expect(clippy::float_cmp, reason = "equal numbers are what is asked for")]
            Self::Equal => left == right,
            #[expect(clippy::float_cmp, reason = "equal numbers are what is asked for")]
            Self::Unequal => left != right,
            Self::Less => left < right,
            Self::LessOrEqual => left <= right,
            Self::Greater => left > right,
            Self::GreaterOrEqual => left >= right,
        }
    }
}

/// The right side of a comparison.
#[derive(Clone, Debug, PartialEq)]
enum Operand {
    /// With the spelling, which texts are compared with.
    Number(f64, String),
    /// `*` stands for any characters.
    Text(String),
    Expression(Expression),
}

/// `= 404`, `!= "a*"`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Comparison {
    operator: Operator,
    operand: Operand,
}

impl Comparison {
    /// Reads operator and operand; a bare operand ends at a space, `&&`, `||`, `)` or one of `ends`.
    pub(super) fn parse(scanner: &mut Scanner<'_>, ends: &[char]) -> Result<Self, InvalidPattern> {
        let operator = Operator::parse(scanner)?;
        scanner.skip_space();
        let operand = if let Some(text) = scanner.quoted('"')? {
            Operand::Text(text)
        } else if let Some(expression) = scanner.expression()? {
            Operand::Expression(expression)
        } else {
            let is_bare = |letter: char, rest: &str| {
                !(letter.is_whitespace()
                    || matches!(letter, '(' | ')' | '"')
                    || ends.contains(&letter)
                    || rest.starts_with("&&")
                    || rest.starts_with("||"))
            };
            match scanner.take_while(is_bare) {
                "" => return Err(InvalidPattern::new(format!("a value is missing at `{}`", scanner.rest()))),
                bare => number(bare)
                    .map_or_else(|| Operand::Text(bare.to_owned()), |number| Operand::Number(number, bare.to_owned())),
            }
        };
        if !operator.is_equality() && !matches!(operand, Operand::Number(..)) {
            return Err(InvalidPattern::new("`<`, `<=`, `>` and `>=` compare numbers only"));
        }
        Ok(Self { operator, operand })
    }

    /// With a value that is text.
    pub(super) fn holds_for_text(&self, text: &str) -> bool {
        match &self.operand {
            Operand::Number(wanted, spelling) => match number(text) {
                Some(actual) => self.operator.holds(actual, *wanted),
                None => self.equality(text == spelling),
            },
            Operand::Text(wanted) => self.equality(glob(wanted, text)),
            Operand::Expression(expression) => self.equality(expression.is_in(text)),
        }
    }

    /// With a value that is a number, spelt `spelling`.
    pub(super) fn holds_for_number(&self, actual: f64, spelling: &str) -> bool {
        match &self.operand {
            Operand::Number(wanted, _) => self.operator.holds(actual, *wanted),
            _ => self.holds_for_text(spelling),
        }
    }

    /// The answer if the operator asks for equality; an order between what has none does not hold.
    fn equality(&self, equal: bool) -> bool {
        match self.operator {
            Operator::Equal => equal,
            Operator::Unequal => !equal,
            _ => false,
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = OPERATORS.iter().find(|(_, operator)| *operator == self.operator).map_or("=", |(sign, _)| sign);
        match &self.operand {
            Operand::Number(_, spelling) => write!(formatter, "{sign} {spelling}"),
            Operand::Text(text) => write!(formatter, "{sign} {}", quote(text, '"')),
            Operand::Expression(expression) => write!(formatter, "{sign} {expression}"),
        }
    }
}

/// `text` between quotes, as [`Scanner::quoted`] reads it.
pub(super) fn quote(text: &str, quote: char) -> String {
    let mut quoted = String::from(quote);
    for letter in text.chars() {
        if letter == quote || letter == '\\' {
            quoted.push('\\');
        }
        quoted.push(letter);
    }
    quoted.push(quote);
    quoted
}

/// A finite number; Rust would also read `inf` and `nan`, which are words here.
fn number(text: &str) -> Option<f64> {
    let is_number = text.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '-' | '+' | '.'));
    text.parse().ok().filter(|number: &f64| is_number && number.is_finite())
}

/// Whether `text` is `pattern`, in which `*` stands for any characters. Takes the first place that fits for each piece, so never backtracks.
fn glob(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let Some(last) = pieces.next_back() else { return rest.is_empty() };
    for piece in pieces {
        match rest.find(piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}
