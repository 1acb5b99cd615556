//! Places in the learner's files: where a variable or a reference is written.

use std::collections::HashSet;
use std::sync::Arc;

use crate::diagnostic::Span;
use crate::serverless::intrinsics::Intrinsic;
use crate::serverless::yaml::{Location, Node, Value};

/// The place of `written` within the value at `location`, if it is written there.
pub(super) fn within(location: &Location, written: &str, text: Option<&str>) -> Option<Location> {
    let slice = text?.get(location.span.start..location.span.end)?;
    let offset = location.span.start + slice.find(written)?;
    Some(Location { file: Arc::clone(&location.file), span: Span::new(offset, offset + written.len()) })
}

/// Where `name` is referred to for the first time.
pub(super) fn reference(root: &Arc<Node>, name: &str) -> Option<Location> {
    let mut seen = HashSet::new();
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        if !seen.insert(Arc::as_ptr(node)) {
            continue;
        }
        let names = match Intrinsic::of(node) {
            Some(Intrinsic::Ref(text) | Intrinsic::GetAtt(text, _)) => text.as_literal() == Some(name),
            Some(Intrinsic::Sub(text, _)) => {
                let text = text.to_string();
                text.contains(&format!("${{{name}}}")) || text.contains(&format!("${{{name}."))
            }
            _ => false,
        };
        if names {
            return Some(node.location.clone());
        }
        match &node.value {
            Value::List(items) => open.extend(items.iter().rev()),
            Value::Map(map) => {
                for entry in map.entries.iter().rev() {
                    let depends = &*entry.key == "DependsOn";
                    let listed = entry.value.as_list().unwrap_or(std::slice::from_ref(&entry.value));
                    if depends && let Some(item) = listed.iter().find(|item| item.as_str() == Some(name)) {
                        return Some(item.location.clone());
                    }
                    open.push(&entry.value);
                }
            }
            _ => {}
        }
    }
    None
}
