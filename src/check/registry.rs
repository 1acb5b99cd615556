//! All rules, by code.

use super::rule::Rule;
use super::rules;

/// Every rule, in the order of the codes.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    [rules::YAML, rules::PYTHON].into_iter().flatten().copied()
}

/// The rule with this code (`RY201`, any case) or name (`topic-resource`).
pub fn find(code: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.code.eq_ignore_ascii_case(code) || rule.name == code)
}
