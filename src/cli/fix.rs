//! `rydes check --fix`: makes the changes that findings offer, after showing them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::ask::confirm;
use super::session::{Session, say};
use crate::check::Report;
use crate::diagnostic::Edit;
use crate::diff::unified;
use crate::workshop::store::Change;

/// Shows the edits of `report`, asks, and makes them. Tells whether something was changed.
pub(super) fn offer(session: &Session, report: &Report) -> anyhow::Result<bool> {
    let mut by_file: BTreeMap<&str, Vec<&Edit>> = BTreeMap::new();
    for edit in
        report.tasks.iter().flat_map(|task| &task.findings).filter_map(|finding| finding.diagnostic.edit.as_ref())
    {
        by_file.entry(&edit.file).or_default().push(edit);
    }
    let mut changes = Vec::new();
    let mut shown = String::new();
    for (file, edits) in by_file {
        let Some(before) = session.text_to_change(file)? else { continue };
        let (text, titles) = apply(&before, edits);
        for title in titles {
            let _ = writeln!(shown, "{file}: {title}");
        }
        shown.push_str(&unified(file, &before, &text));
        changes.push(Change { path: file.to_owned(), text });
    }
    if changes.is_empty() {
        say("No finding offers a safe change.");
        return Ok(false);
    }
    say(&shown);
    if !confirm(&session.settings, "Make these changes?")? {
        say("Nothing was changed.");
        return Ok(false);
    }
    session.folder.change("check --fix", &changes)?;
    say("Done; `rydes check --fix --undo` takes it back.");
    Ok(true)
}

/// Applies the edits that do not overlap, first come first served; gives the text and the titles of those made.
pub fn apply(text: &str, mut edits: Vec<&Edit>) -> (String, Vec<String>) {
    edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
    edits.dedup();
    let (mut result, mut titles, mut next) = (String::with_capacity(text.len()), Vec::new(), 0);
    for edit in edits {
        let Some(between) = text.get(next..edit.span.start) else { continue };
        if text.get(edit.span.start..edit.span.end).is_none() {
            continue;
        }
        result.push_str(between);
        result.push_str(&edit.text);
        titles.push(edit.title.clone());
        next = edit.span.end;
    }
    result.push_str(text.get(next..).unwrap_or_default());
    (result, titles)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Span;

    fn edit(start: usize, end: usize, text: &str) -> Edit {
        Edit { title: text.to_owned(), file: "f".to_owned(), span: Span::new(start, end), text: text.to_owned() }
    }

    #[test]
    fn edits_that_overlap_are_left_for_the_next_time() {
        let (one, two, three, off) = (edit(0, 2, "A"), edit(1, 3, "B"), edit(4, 4, "C"), edit(90, 91, "D"));
        let (text, titles) = apply("abcdef", vec![&three, &two, &one, &one, &off]);
        assert_eq!((text.as_str(), titles), ("AcdCef", vec!["A".to_owned(), "C".to_owned()]));
    }
}
