//! All rules, by code.

use std::sync::LazyLock;

use super::rule::Rule;
use super::rules;

static ALL: LazyLock<Vec<&'static Rule>> = LazyLock::new(|| {
    let mut all: Vec<_> =
        [rules::GENERAL, rules::RUNNING, rules::YAML, rules::PYTHON].into_iter().flatten().copied().collect();
    all.sort_by_key(|rule| rule.code);
    all
});

/// Every rule, in the order of the codes.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    ALL.iter().copied()
}

/// The rule with this code (`RY201`, any case) or name (`topic-resource`).
pub fn find(code: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.code.eq_ignore_ascii_case(code) || rule.name == code)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::*;

    #[test]
    fn codes_and_names_are_unique_and_families_sorted() {
        for family in [rules::GENERAL, rules::RUNNING, rules::YAML, rules::PYTHON] {
            assert!(family.is_sorted_by(|a, b| a.code < b.code));
        }
        assert!(ALL.is_sorted_by(|a, b| a.code < b.code), "a code is used twice");
        let names: BTreeSet<_> = all().map(|rule| rule.name).collect();
        assert_eq!(names.len(), ALL.len());
        for rule in all() {
            let digits = rule.code.strip_prefix("RY").unwrap();
            assert!(digits.len() == 3 && digits.bytes().all(|byte| byte.is_ascii_digit()), "{}", rule.code);
        }
    }

    #[test]
    fn every_manual_has_its_parts() {
        for rule in all() {
            let manual = rule.manual();
            assert!(manual.starts_with("# "), "{}", rule.code);
            for part in ["## What it asks", "## Why", "## Passes", "## Fails"] {
                assert!(manual.contains(part), "{} has no {part:?}", rule.code);
            }
            assert!(manual.matches("```").count() >= 4, "{} has no examples", rule.code);
        }
    }

    #[test]
    fn every_rule_file_is_registered() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/check/rules");
        let sources: BTreeSet<&str> = all().map(|rule| rule.source).collect();
        for family in ["general", "running", "yaml", "python"] {
            let Ok(entries) = fs::read_dir(folder.join(family)) else { continue };
            for path in entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_file()) {
                let text = fs::read_to_string(&path).unwrap();
                let is_rule = text.lines().any(|line| line.contains("static RULE: Rule"));
                assert!(!is_rule || sources.contains(text.as_str()), "{} is not registered", path.display());
            }
        }
    }
}
