//! Patterns on fields that are separated by spaces: `[ip, ..., status = 4* || status = 5*, bytes > 1000]`.

use std::fmt;

use super::InvalidPattern;
use super::condition::Condition;
use super::operand::Comparison;
use super::scanner::Scanner;

/// One slot a field, in order.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Fields(Vec<Slot>);

#[derive(Clone, Debug, PartialEq)]
enum Slot {
    /// Any field; the name, perhaps empty, is for people.
    Named(String),
    /// A field of which this holds.
    Tested(Condition<Test>),
    /// `...`: any number of fields.
    Rest,
}

#[derive(Clone, Debug, PartialEq)]
struct Test {
    name: String,
    comparison: Comparison,
}

impl Fields {
    pub(super) fn parse(scanner: &mut Scanner<'_>) -> Result<Self, InvalidPattern> {
        scanner.expect("[")?;
        let mut slots = Vec::new();
        loop {
            slots.push(slot(scanner)?);
            scanner.skip_space();
            if scanner.eat("]") {
                break;
            }
            scanner.expect(",")?;
        }
        if slots == [Slot::Named(String::new())] {
            return Err(InvalidPattern::new("`[]` names no field"));
        }
        if slots.iter().filter(|slot| **slot == Slot::Rest).count() > 1 {
            return Err(InvalidPattern::new("`...` may stand once"));
        }
        Ok(Self(slots))
    }

    pub(super) fn matches(&self, message: &str) -> bool {
        let fields = split(message);
        let fits = |slots: &[Slot], fields: &[&str]| slots.iter().zip(fields).all(|(slot, field)| slot.takes(field));
        match self.0.iter().position(|slot| *slot == Slot::Rest) {
            None => fields.len() == self.0.len() && fits(&self.0, &fields),
            Some(at) => {
                let (front, back) = (&self.0[..at], &self.0[at + 1..]);
                fields.len() >= front.len() + back.len()
                    && fits(front, &fields)
                    && fits(back, &fields[fields.len() - back.len()..])
            }
        }
    }
}

fn slot(scanner: &mut Scanner<'_>) -> Result<Slot, InvalidPattern> {
    scanner.skip_space();
    if scanner.eat("...") {
        return Ok(Slot::Rest);
    }
    let mut ahead = scanner.clone();
    let name = ahead.take_while(|letter, _| is_name(letter));
    ahead.skip_space();
    if matches!(ahead.peek(), Some(',' | ']') | None) {
        *scanner = ahead;
        return Ok(Slot::Named(name.to_owned()));
    }
    let mut only: Option<String> = None;
    let condition = Condition::parse(scanner, &mut |scanner| {
        scanner.skip_space();
        let name = scanner.take_while(|letter, _| is_name(letter));
        if name.is_empty() {
            return Err(InvalidPattern::new(format!("the name of a field is missing at `{}`", scanner.rest())));
        }
        if only.get_or_insert_with(|| name.to_owned()) != name {
            return Err(InvalidPattern::new(format!("`{name}` is compared where another field stands")));
        }
        scanner.skip_space();
        Ok(Test { name: name.to_owned(), comparison: Comparison::parse(scanner, &[',', ']'])? })
    })?;
    Ok(Slot::Tested(condition))
}

fn is_name(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '-')
}

impl Slot {
    fn takes(&self, field: &str) -> bool {
        match self {
            Self::Named(_) | Self::Rest => true,
            Self::Tested(condition) => condition.holds(&|test| test.comparison.holds_for_text(field)),
        }
    }
}

/// The fields of a message: what stands between spaces, between `[` and `]`, or between two `"`.
fn split(message: &str) -> Vec<&str> {
    let mut fields = Vec::new();
    let mut rest = message.trim_start();
    while !rest.is_empty() {
        let close = match rest.as_bytes().first() {
            Some(b'[') => rest.find(']'),
            Some(b'"') => rest[1..].find('"').map(|at| at + 1),
            _ => None,
        };
        let (field, after) = match close {
            Some(close) => (&rest[1..close], &rest[close + 1..]),
            None => rest.split_at(rest.find(char::is_whitespace).unwrap_or(rest.len())),
        };
        fields.push(field);
        rest = after.trim_start();
    }
    fields
}

impl fmt::Display for Fields {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[")?;
        for (index, slot) in self.0.iter().enumerate() {
            if index > 0 {
                formatter.write_str(", ")?;
            }
            match slot {
                Slot::Named(name) => formatter.write_str(name)?,
                Slot::Tested(condition) => condition.fmt(formatter)?,
                Slot::Rest => formatter.write_str("...")?,
            }
        }
        formatter.write_str("]")
    }
}

impl fmt::Display for Test {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.name, self.comparison)
    }
}
