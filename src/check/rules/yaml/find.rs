//! Finding what a learner wrote in another place, under another name, or behind a `#`.

use std::collections::HashSet;
use std::sync::Arc;

use crate::diagnostic::Span;
use crate::serverless::Service;
use crate::serverless::yaml::{Entry, Location, Node, Value};

/// Most nodes that one search looks at: aliases can make a small file a very large tree.
const MOST: usize = 20_000;

/// An entry somewhere in the tree, and the keys that lead to it.
pub(super) struct Found<'a> {
    pub(super) path: Vec<&'a str>,
    pub(super) entry: &'a Entry,
}

/// Entries anywhere below `root` that `wanted` accepts, in the order of the file.
pub(super) fn entries<'a>(root: &'a Arc<Node>, wanted: impl Fn(&Entry) -> bool) -> Vec<Found<'a>> {
    let mut found = Vec::new();
    let mut seen: HashSet<*const Node> = HashSet::new();
    let mut stack: Vec<(&Arc<Node>, Vec<&str>)> = vec![(root, Vec::new())];
    while let Some((node, path)) = stack.pop() {
        if !seen.insert(Arc::as_ptr(node)) || seen.len() > MOST {
            continue;
        }
        match &node.value {
            Value::List(items) => stack.extend(items.iter().rev().map(|item| (item, path.clone()))),
            Value::Map(map) => {
                for entry in &map.entries {
                    if wanted(entry) {
                        found.push(Found { path: path.clone(), entry });
                    }
                }
                stack.extend(map.entries.iter().rev().map(|entry| {
                    let mut deeper = path.clone();
                    deeper.push(&*entry.key);
                    (&entry.value, deeper)
                }));
            }
            _ => {}
        }
    }
    found
}

/// Nodes anywhere below `root` that `wanted` accepts, with the keys that lead to them.
pub(super) fn nodes(root: &Arc<Node>, wanted: impl Fn(&Node) -> bool) -> Vec<(Vec<&str>, &Arc<Node>)> {
    let mut found = Vec::new();
    let mut seen: HashSet<*const Node> = HashSet::new();
    let mut stack: Vec<(&Arc<Node>, Vec<&str>)> = vec![(root, Vec::new())];
    while let Some((node, path)) = stack.pop() {
        if !seen.insert(Arc::as_ptr(node)) || seen.len() > MOST {
            continue;
        }
        if wanted(node) {
            found.push((path.clone(), node));
        }
        match &node.value {
            Value::List(items) => stack.extend(items.iter().rev().map(|item| (item, path.clone()))),
            Value::Map(map) => stack.extend(map.entries.iter().rev().map(|entry| {
                let mut deeper = path.clone();
                deeper.push(&*entry.key);
                (&entry.value, deeper)
            })),
            _ => {}
        }
    }
    found
}

/// The comment that holds `words`, if one does.
pub(super) fn in_comment(service: &Service, text: Option<&str>, words: &[&str]) -> Option<Location> {
    let mut offset = 0;
    for line in text?.split_inclusive('\n') {
        let trimmed = line.trim_start();
        let comment = trimmed.strip_prefix('#').map(|rest| rest.trim_start_matches(['#', ' ']));
        // A FIXME of a scaffold talks about the task; it is not the task, commented out.
        let is_code = comment.is_some_and(|rest| {
            !rest.to_ascii_uppercase().starts_with("FIXME")
                && !rest.to_ascii_uppercase().starts_with("TODO")
                && rest.contains(':')
                && !rest
                    .split(':')
                    .next()
                    .unwrap_or_default()
                    .trim_start_matches("- ")
                    .trim_matches(['\'', '"'])
                    .contains(' ')
        });
        if is_code && words.iter().all(|word| trimmed.contains(word)) {
            let start = offset + (line.len() - trimmed.len());
            let span = Span::new(start, start + trimmed.trim_end().len());
            return Some(Location { file: Arc::clone(&service.path), span });
        }
        offset += line.len();
    }
    None
}

/// Whether `name` looks like a slip of the keyboard or of memory for `wanted`.
pub(super) fn is_near(name: &str, wanted: &str) -> bool {
    let plain = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let (a, b) = (plain(name), plain(wanted));
    if name == wanted || a.is_empty() {
        return false;
    }
    let allowed = if b.len() < 6 { 1 } else { 2 };
    a == b
        || strsim::osa_distance(&a, &b) <= allowed
        || (a.len() > 5 && b.len() > 5 && (b.starts_with(&a) || a.starts_with(&b)))
}

/// The candidate that is nearest to `wanted`, if one is near.
pub(super) fn nearest<'a>(candidates: impl Iterator<Item = &'a str>, wanted: &str) -> Option<&'a str> {
    candidates.filter(|name| is_near(name, wanted)).min_by_key(|name| strsim::osa_distance(name, wanted))
}

/// Where `path` leads, for a sentence: "under `functions`".
pub(super) fn describe(path: &[&str]) -> String {
    match path {
        [] => "at the top level of the file".to_owned(),
        ["resources", "Resources", resource, ..] => format!("inside the resource `{resource}`"),
        ["resources", "Resources"] => "under `resources.Resources`".to_owned(),
        ["functions", function, ..] => format!("inside the function `{function}`"),
        path => format!("under `{}`", path.join(".")),
    }
}

/// Whether `name` occurs in the text other than at `except`, as a word of its own.
pub(super) fn used_elsewhere(text: &str, name: &str, except: Span) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(name).any(|(index, _)| {
        let before = text[..index].chars().next_back().is_some_and(is_word);
        let after = text[index + name.len()..].chars().next().is_some_and(is_word);
        index != except.start && !before && !after
    })
}
