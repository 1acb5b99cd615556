//! What is known of the items of a table, in a few bytes each: enough to tell a new one, a changed one and one that was seen before.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::Value;

use crate::ride::Change;

/// Items that are remembered. Of a larger table, the scan cannot tell which items are new.
const MOST: usize = 500_000;

/// Items of one table, by their key as text.
#[derive(Debug)]
pub(super) struct Known {
    items: HashMap<u64, Entry>,
    pass: u32,
    most: usize,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    content: u32,
    /// The last pass of the scan that met it, or during which it was found otherwise.
    pass: u32,
    told: bool,
}

impl Default for Known {
    fn default() -> Self {
        Self::with_room(MOST)
    }
}

impl Known {
    fn with_room(most: usize) -> Self {
        Self { items: HashMap::new(), pass: 0, most }
    }

    /// Someone asked for the item and it is there: what there is to tell of it, if it is news.
    pub(super) fn found(&mut self, key: &str, item: &Value) -> Option<Change> {
        self.note(key, item, true, true)
    }

    /// The scan met the item. What is there before the scan of a table first ends is no news: `is_news` says whether it is.
    pub(super) fn met(&mut self, key: &str, item: &Value, is_news: bool) -> Option<Change> {
        self.note(key, item, is_news, false)
    }

    fn note(&mut self, key: &str, item: &Value, is_news: bool, was_asked: bool) -> Option<Change> {
        let content = fold(hash(&item.to_string()));
        let (pass, is_full) = (self.pass, self.is_full());
        let Some(entry) = self.items.get_mut(&hash(key)) else {
            if !is_full {
                self.items.insert(hash(key), Entry { content, pass, told: is_news });
            }
            return is_news.then_some(Change::Found);
        };
        let (is_same, was_told) = (entry.content == content, entry.told);
        // What the first scan met and left untold is told when it changes or when someone asks for it.
        let change = match (is_same, was_told) {
            (false, true) => Some(Change::Modified),
            (false, false) if is_news => Some(Change::Modified),
            (true, false) if was_asked => Some(Change::Found),
            _ => None,
        };
        *entry = Entry { content, pass, told: was_told || change.is_some() };
        change
    }

    /// Whether the item was told.
    pub(super) fn is_told(&self, key: &str) -> bool {
        self.items.get(&hash(key)).is_some_and(|entry| entry.told)
    }

    /// Someone asked for the item and it is not there: whether it was before.
    pub(super) fn missing(&mut self, key: &str) -> bool {
        self.items.remove(&hash(key)).is_some()
    }

    /// A scan went through the whole table: items that it did not meet are not there any more.
    pub(super) fn end_pass(&mut self) {
        let pass = self.pass;
        // Those of the pass before as well: an item may be written behind the scan's back and found by its key.
        self.items.retain(|_, entry| entry.pass + 1 >= pass);
        self.pass = self.pass.wrapping_add(1);
    }

    /// Whether there are more items than can be remembered.
    pub(super) fn is_full(&self) -> bool {
        self.items.len() >= self.most
    }
}

/// Half of the bits are enough to notice a change.
fn fold(hash: u64) -> u32 {
    (hash >> 32) as u32
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_item_is_told_once_and_again_when_it_changes() {
        let mut known = Known::default();
        let (first, second) = (json!({"RideId": "r", "n": 1}), json!({"RideId": "r", "n": 2}));
        assert_eq!(known.found("r", &first), Some(Change::Found));
        assert_eq!(known.met("r", &first, true), None);
        assert_eq!(known.met("r", &second, true), Some(Change::Modified));
        assert_eq!(known.found("r", &second), None);
        assert!(known.missing("r"));
        assert!(!known.missing("r"));
        assert_eq!(known.met("r", &second, true), Some(Change::Found));
    }

    #[test]
    fn what_was_there_before_is_no_news_until_someone_asks() {
        let mut known = Known::default();
        let item = json!({"RideId": "old"});
        assert_eq!(known.met("old", &item, false), None);
        known.end_pass();
        assert_eq!(known.found("old", &item), Some(Change::Found));
        assert_eq!(known.found("old", &item), None);
        // One that nobody asked for, but that changed.
        assert_eq!(known.met("other", &item, false), None);
        assert_eq!(known.met("other", &item, true), None);
        assert_eq!(known.met("other", &json!({"RideId": "other", "n": 1}), true), Some(Change::Modified));
    }

    #[test]
    fn what_scans_do_not_meet_any_more_is_forgotten() {
        let mut known = Known::default();
        let item = json!({"RideId": "r"});
        known.met("r", &item, true);
        for _ in 0..3 {
            known.end_pass();
        }
        assert!(known.items.is_empty());
        assert_eq!(known.met("r", &item, true), Some(Change::Found), "it was put there again");
    }

    #[test]
    fn memory_is_bounded() {
        let mut known = Known::with_room(10);
        for index in 0..20 {
            known.met(&index.to_string(), &json!({"RideId": index}), true);
        }
        assert!(known.is_full());
        assert_eq!(known.items.len(), 10);
    }
}
