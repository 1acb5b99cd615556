//! Deep merging of mappings, as Serverless merges fragments of `resources`.

use std::sync::Arc;

use crate::serverless::yaml::{Entry, Map, Node, Value};

/// `base` with what `more` says added; where both say something that is no mapping, `more` wins.
pub(super) fn merge(base: &Arc<Node>, more: &Arc<Node>) -> Arc<Node> {
    let (Some(old), Some(new)) = (base.as_map(), more.as_map()) else { return Arc::clone(more) };
    let mut entries: Vec<Entry> = old.entries.clone();
    for entry in &new.entries {
        match entries.iter_mut().find(|known| known.key == entry.key) {
            Some(known) => known.value = merge(&known.value, &entry.value),
            None => entries.push(entry.clone()),
        }
    }
    Arc::new(Node { location: base.location.clone(), tag: None, value: Value::Map(Map { entries }) })
}
