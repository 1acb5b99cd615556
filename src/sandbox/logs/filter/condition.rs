//! `&&`, `||` and parentheses around tests of any kind.

use std::fmt;

use super::InvalidPattern;
use super::scanner::Scanner;

/// Deeper parentheses than anybody writes are refused: reading them recurses.
const DEEPEST: usize = 32;

/// Tests that are combined. No `All` holds an `All`, no `Any` an `Any`, and both hold two or more.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Condition<T> {
    Test(T),
    All(Vec<Self>),
    Any(Vec<Self>),
}

/// Reads one test.
pub(super) type TestReader<'r, T> = dyn FnMut(&mut Scanner<'_>) -> Result<T, InvalidPattern> + 'r;

impl<T> Condition<T> {
    pub(super) fn parse(scanner: &mut Scanner<'_>, test: &mut TestReader<'_, T>) -> Result<Self, InvalidPattern> {
        Self::any(scanner, test, 0)
    }

    fn any(scanner: &mut Scanner<'_>, test: &mut TestReader<'_, T>, depth: usize) -> Result<Self, InvalidPattern> {
        let mut found = Vec::new();
        loop {
            match Self::all(scanner, test, depth)? {
                Self::Any(inner) => found.extend(inner),
                other => found.push(other),
            }
            scanner.skip_space();
            if !scanner.eat("||") {
                return Ok(Self::joined(found, Self::Any));
            }
        }
    }

    fn all(scanner: &mut Scanner<'_>, test: &mut TestReader<'_, T>, depth: usize) -> Result<Self, InvalidPattern> {
        let mut found = Vec::new();
        loop {
            match Self::one(scanner, test, depth)? {
                Self::All(inner) => found.extend(inner),
                other => found.push(other),
            }
            scanner.skip_space();
            if !scanner.eat("&&") {
                return Ok(Self::joined(found, Self::All));
            }
        }
    }

    fn one(scanner: &mut Scanner<'_>, test: &mut TestReader<'_, T>, depth: usize) -> Result<Self, InvalidPattern> {
        scanner.skip_space();
        if !scanner.eat("(") {
            return test(scanner).map(Self::Test);
        }
        if depth == DEEPEST {
            return Err(InvalidPattern::new(format!("its parentheses are nested deeper than {DEEPEST}")));
        }
        let inner = Self::any(scanner, test, depth + 1)?;
        scanner.skip_space();
        scanner.expect(")")?;
        Ok(inner)
    }

    fn joined(mut found: Vec<Self>, join: impl FnOnce(Vec<Self>) -> Self) -> Self {
        match found.pop() {
            Some(only) if found.is_empty() => only,
            last => {
                found.extend(last);
                join(found)
            }
        }
    }

    /// Whether the condition holds where `test` says which tests do.
    pub(super) fn holds(&self, test: &impl Fn(&T) -> bool) -> bool {
        match self {
            Self::Test(one) => test(one),
            Self::All(inner) => inner.iter().all(|condition| condition.holds(test)),
            Self::Any(inner) => inner.iter().any(|condition| condition.holds(test)),
        }
    }
}

impl<T: fmt::Display> fmt::Display for Condition<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (inner, sign) = match self {
            Self::Test(test) => return test.fmt(formatter),
            Self::All(inner) => (inner, " && "),
            Self::Any(inner) => (inner, " || "),
        };
        for (index, condition) in inner.iter().enumerate() {
            if index > 0 {
                formatter.write_str(sign)?;
            }
            match condition {
                // `&&` binds closer, so only alternatives need parentheses.
                Self::Any(_) => write!(formatter, "({condition})")?,
                _ => condition.fmt(formatter)?,
            }
        }
        Ok(())
    }
}
