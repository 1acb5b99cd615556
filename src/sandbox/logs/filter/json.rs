//! Patterns on JSON events: `{ $.status = 5* && ($.rides[0].unicorn IS NULL || $.retry NOT EXISTS) }`.

use std::fmt;

use serde_json::Value;

use super::InvalidPattern;
use super::condition::Condition;
use super::operand::{Comparison, quote};
use super::scanner::Scanner;

/// A condition on an event whose message is one JSON object or array. Other events never match.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Json(Condition<Test>);

#[derive(Clone, Debug, PartialEq)]
struct Test {
    selector: Vec<Step>,
    check: Check,
}

#[derive(Clone, Debug, PartialEq)]
enum Step {
    /// `.name` or `['name']`.
    Name(String),
    /// `[0]`.
    Index(usize),
    /// `[*]` or `.*`: any item.
    Each,
}

#[derive(Clone, Debug, PartialEq)]
enum Check {
    Compare(Comparison),
    IsNull,
    IsTrue,
    IsFalse,
    NotExists,
}

const WORDS: [(&str, &str, Check); 4] = [
    ("IS", "NULL", Check::IsNull),
    ("IS", "TRUE", Check::IsTrue),
    ("IS", "FALSE", Check::IsFalse),
    ("NOT", "EXISTS", Check::NotExists),
];

impl Json {
    pub(super) fn parse(scanner: &mut Scanner<'_>) -> Result<Self, InvalidPattern> {
        scanner.expect("{")?;
        let condition = Condition::parse(scanner, &mut test)?;
        scanner.skip_space();
        scanner.expect("}")?;
        Ok(Self(condition))
    }

    pub(super) fn matches(&self, message: &str) -> bool {
        // Most log lines are no JSON: the first letter tells, without parsing.
        if !message.trim_start().starts_with(['{', '[']) {
            return false;
        }
        serde_json::from_str(message).is_ok_and(|event: Value| self.0.holds(&|test| test.holds(&event)))
    }
}

fn test(scanner: &mut Scanner<'_>) -> Result<Test, InvalidPattern> {
    let selector = selector(scanner)?;
    scanner.skip_space();
    for (first, second, check) in WORDS {
        let mut ahead = scanner.clone();
        if ahead.eat_word(first) {
            ahead.skip_space();
            if ahead.eat_word(second) {
                *scanner = ahead;
                return Ok(Test { selector, check });
            }
        }
    }
    Comparison::parse(scanner, &['}']).map(|comparison| Test { selector, check: Check::Compare(comparison) })
}

fn selector(scanner: &mut Scanner<'_>) -> Result<Vec<Step>, InvalidPattern> {
    scanner.expect("$")?;
    let mut steps = Vec::new();
    loop {
        let dot = scanner.eat(".");
        if scanner.eat("[") {
            steps.push(bracket(scanner)?);
        } else if dot && scanner.eat("*") {
            steps.push(Step::Each);
        } else if dot {
            match scanner.take_while(|letter, _| is_name(letter)) {
                "" => {
                    return Err(InvalidPattern::new(format!(
                        "the name of a field is missing after `.` at `{}`",
                        scanner.rest()
                    )));
                }
                name => steps.push(Step::Name(name.to_owned())),
            }
        } else if steps.is_empty() {
            return Err(InvalidPattern::new("a field such as `$.status` is missing after `$`"));
        } else {
            return Ok(steps);
        }
    }
}

/// What stands between `[` and `]`, and the latter.
fn bracket(scanner: &mut Scanner<'_>) -> Result<Step, InvalidPattern> {
    scanner.skip_space();
    let step = if scanner.eat("*") {
        Step::Each
    } else if let Some(name) = scanner.quoted('\'')? {
        Step::Name(name)
    } else if let Some(name) = scanner.quoted('"')? {
        Step::Name(name)
    } else {
        let digits = scanner.take_while(|letter, _| letter.is_ascii_digit());
        let index = digits.parse();
        Step::Index(index.map_err(|_| InvalidPattern::new("between `[` and `]` stands the index of an item, or `*`"))?)
    };
    scanner.skip_space();
    scanner.expect("]")?;
    Ok(step)
}

fn is_name(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '-' | '@' | ':' | '/')
}

impl Test {
    fn holds(&self, event: &Value) -> bool {
        if self.check == Check::NotExists {
            return !any(event, &self.selector, &|_| true);
        }
        any(event, &self.selector, &|value| match (&self.check, value) {
            (Check::IsNull, value) => value.is_null(),
            (Check::IsTrue, value) => value == &Value::Bool(true),
            (Check::IsFalse, value) => value == &Value::Bool(false),
            (Check::Compare(comparison), Value::String(text)) => comparison.holds_for_text(text),
            (Check::Compare(comparison), Value::Number(number)) => {
                number.as_f64().is_some_and(|value| comparison.holds_for_number(value, &number.to_string()))
            }
            (Check::Compare(comparison), Value::Bool(value)) => {
                comparison.holds_for_text(if *value { "true" } else { "false" })
            }
            _ => false,
        })
    }
}

/// Whether `wanted` says yes to any value that the steps lead to.
fn any(value: &Value, steps: &[Step], wanted: &impl Fn(&Value) -> bool) -> bool {
    let Some((step, rest)) = steps.split_first() else { return wanted(value) };
    match (step, value) {
        (Step::Name(name), Value::Object(fields)) => fields.get(name).is_some_and(|field| any(field, rest, wanted)),
        (Step::Index(index), Value::Array(items)) => items.get(*index).is_some_and(|item| any(item, rest, wanted)),
        (Step::Each, Value::Array(items)) => items.iter().any(|item| any(item, rest, wanted)),
        (Step::Each, Value::Object(fields)) => fields.values().any(|field| any(field, rest, wanted)),
        _ => false,
    }
}

impl fmt::Display for Json {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{{ {} }}", self.0)
    }
}

impl fmt::Display for Test {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("$")?;
        for step in &self.selector {
            match step {
                Step::Name(name) if !name.is_empty() && name.chars().all(is_name) => write!(formatter, ".{name}")?,
                Step::Name(name) => write!(formatter, "[{}]", quote(name, '\''))?,
                Step::Index(index) => write!(formatter, "[{index}]")?,
                Step::Each => formatter.write_str("[*]")?,
            }
        }
        match &self.check {
            Check::Compare(comparison) => write!(formatter, " {comparison}"),
            check => {
                let word = WORDS.iter().find(|(_, _, word)| word == check);
                word.map_or(Ok(()), |(first, second, _)| write!(formatter, " {first} {second}"))
            }
        }
    }
}
