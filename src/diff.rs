//! Differences between two texts, as typed hunks with word-level emphasis.
//!
//! Pure; how a hunk looks is left to the terminal UI and the command line.

use std::ops::Range;

use similar::{ChangeTag, TextDiff};

/// The difference between an old and a new text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diff {
    /// Places where the texts differ, in order, with the lines around them.
    pub hunks: Vec<Hunk>,
}

/// One place where two texts differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hunk {
    /// The lines of the old text that the hunk covers, counted from 0.
    pub old_lines: Range<usize>,
    /// The lines of the new text that the hunk covers, counted from 0.
    pub new_lines: Range<usize>,
    /// What is kept, removed and added, in reading order.
    pub lines: Vec<Line>,
}

/// One line of a hunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What happens to it.
    pub kind: Kind,
    /// Its number in the old text, from 1.
    pub old: Option<usize>,
    /// Its number in the new text, from 1.
    pub new: Option<usize>,
    /// Its text, without the line ending, in pieces.
    pub parts: Vec<Part>,
    /// Its line ending: empty at the end of a file that lacks one.
    pub ending: String,
}

/// What happens to a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// In both texts.
    Kept,
    /// In the old text only.
    Removed,
    /// In the new text only.
    Added,
}

/// A piece of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The text.
    pub text: String,
    /// Whether it is what differs from the line's counterpart.
    pub emphasized: bool,
}

impl Line {
    /// The line's text without its ending.
    pub fn text(&self) -> String {
        self.parts.iter().map(|part| part.text.as_str()).collect()
    }
}

impl Diff {
    /// How many lines are added and removed.
    pub fn counts(&self) -> (usize, usize) {
        let count = |kind| self.hunks.iter().flat_map(|hunk| &hunk.lines).filter(|line| line.kind == kind).count();
        (count(Kind::Added), count(Kind::Removed))
    }
}

/// The difference from `old` to `new`, with up to `context` unchanged lines around each change.
pub fn diff(old: &str, new: &str, context: usize) -> Diff {
    // Lines end at `\n` alone: `TextDiff::from_lines` would also cut at a lone `\r`.
    let (old, new): (Vec<&str>, Vec<&str>) = (old.split_inclusive('\n').collect(), new.split_inclusive('\n').collect());
    let changes = TextDiff::from_slices(&old, &new);
    let groups = changes.grouped_ops(context);
    let hunks = groups.iter().filter_map(|group| {
        let (first, last) = (group.first()?, group.last()?);
        let lines = group.iter().flat_map(|op| changes.iter_inline_changes(op)).map(|change| {
            let kind = match change.tag() {
                ChangeTag::Equal => Kind::Kept,
                ChangeTag::Delete => Kind::Removed,
                ChangeTag::Insert => Kind::Added,
            };
            let pieces = change.iter_strings_lossy();
            let mut parts: Vec<Part> =
                pieces.map(|(emphasized, text)| Part { text: text.into_owned(), emphasized }).collect();
            let ending = take_ending(&mut parts);
            Line {
                kind,
                old: change.old_index().map(|index| index + 1),
                new: change.new_index().map(|index| index + 1),
                parts,
                ending,
            }
        });
        Some(Hunk {
            old_lines: first.old_range().start..last.old_range().end,
            new_lines: first.new_range().start..last.new_range().end,
            lines: lines.collect(),
        })
    });
    Diff { hunks: hunks.collect() }
}

/// Cuts the line ending off the last parts.
fn take_ending(parts: &mut Vec<Part>) -> String {
    let mut ending = String::new();
    while let Some(last) = parts.last_mut() {
        let kept = last.text.trim_end_matches(['\r', '\n']).len();
        ending.insert_str(0, &last.text[kept..]);
        last.text.truncate(kept);
        if !last.text.is_empty() {
            break;
        }
        parts.pop();
    }
    ending
}

/// `old` with the hunks of `diff` whose indexes are in `chosen` applied, the others left out.
pub fn apply_hunks(old: &str, diff: &Diff, chosen: &[usize]) -> String {
    let old_lines: Vec<&str> = old.split_inclusive('\n').collect();
    let mut result = String::with_capacity(old.len());
    let mut next = 0;
    for (_, hunk) in diff.hunks.iter().enumerate().filter(|(index, _)| chosen.contains(index)) {
        result.extend(old_lines.get(next..hunk.old_lines.start).unwrap_or_default().iter().copied());
        for line in hunk.lines.iter().filter(|line| line.kind != Kind::Removed) {
            line.parts.iter().for_each(|part| result.push_str(&part.text));
            result.push_str(&line.ending);
        }
        next = hunk.old_lines.end;
    }
    result.extend(old_lines.get(next..).unwrap_or_default().iter().copied());
    result
}

/// The difference as a unified patch of `path`, as `git diff` and `patch` read it; empty where the texts are equal.
pub fn unified(path: &str, old: &str, new: &str) -> String {
    if old == new {
        return String::new();
    }
    let (from, to) = (format!("a/{path}"), format!("b/{path}"));
    TextDiff::from_lines(old, new).unified_diff().header(&from, &to).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const OLD: &str = "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n";
    const NEW: &str = "a\nB\nc\nd\ne\nf\ng\nh\nI\nj\n";

    #[test]
    fn lines_carry_numbers_and_emphasis() {
        let diff = diff("url = RIDE_RECORD_URL\n", "url = RIDES_SNS_TOPIC_ARN\n", 3);
        let lines = &diff.hunks[0].lines;
        assert_eq!((lines[0].kind, lines[0].old, lines[0].new), (Kind::Removed, Some(1), None));
        assert_eq!((lines[1].kind, lines[1].old, lines[1].new), (Kind::Added, None, Some(1)));
        let emphasized: Vec<&str> =
            lines[1].parts.iter().filter(|part| part.emphasized).map(|part| part.text.as_str()).collect();
        assert_eq!(emphasized, ["RIDES_SNS_TOPIC_ARN"]);
    }

    #[test]
    fn one_hunk_of_two_can_be_applied() {
        let diff = diff(OLD, NEW, 1);
        assert_eq!(diff.hunks.len(), 2);
        assert_eq!(apply_hunks(OLD, &diff, &[1]), OLD.replace('i', "I"));
        assert_eq!(apply_hunks(OLD, &diff, &[]), OLD);
        assert_eq!(diff.counts(), (2, 2));
    }

    proptest! {
        #[test]
        fn all_hunks_applied_give_the_new_text(old in "([ab\r]{0,3}\n?){0,12}", new in "([abé\r]{0,3}\n?){0,12}", context in 0usize..4) {
            let diff = diff(&old, &new, context);
            let all: Vec<usize> = (0..diff.hunks.len()).collect();
            prop_assert_eq!(apply_hunks(&old, &diff, &all), new);
        }
    }
}
