//! Which lines of a group were told: each line once, whether a live tail brings it, a filter, or both.
//!
//! A filter names each event by an id, a live tail does not. So lines are told apart by what they are, and lines that are the same in
//! everything (a function may print the same twice in a millisecond) by how many of them each way has brought.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Lines that are remembered for a group. The oldest go first.
const MOST: usize = 200_000;

/// Lines of one group.
#[derive(Debug)]
pub(super) struct Memory {
    lines: HashMap<u64, Entry>,
    /// Event ids that filters brought, with the times of their lines.
    ids: HashMap<u64, i64>,
    /// Lines that happened before (milliseconds) are forgotten, and must not be asked for again.
    floor: i64,
    most: usize,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    at: i64,
    tailed: u32,
    filtered: u32,
    told: u32,
}

impl Default for Memory {
    fn default() -> Self {
        Self::with_room(MOST)
    }
}

impl Memory {
    fn with_room(most: usize) -> Self {
        Self { lines: HashMap::new(), ids: HashMap::new(), floor: i64::MIN, most }
    }

    /// A live tail brought a line: its id, if it is news.
    pub(super) fn tailed(&mut self, stream: &str, at: i64, message: &str) -> Option<String> {
        if at < self.floor {
            // What is forgotten is not asked for again, so a tail alone tells of it.
            return Some(id(key(stream, at, message), 1));
        }
        let key = key(stream, at, message);
        let entry = self.entry(key, at);
        entry.tailed += 1;
        let is_news = entry.tailed > entry.told;
        entry.told = entry.told.max(entry.tailed);
        let count = entry.told;
        self.forget();
        is_news.then(|| id(key, count))
    }

    /// A filter brought a line: whether it is news. `is_wanted` is false for what is to be known, but not told.
    pub(super) fn filtered(&mut self, event: &str, stream: &str, at: i64, message: &str, is_wanted: bool) -> bool {
        if at < self.floor || self.ids.insert(hash(event), at).is_some() {
            return false;
        }
        let entry = self.entry(key(stream, at, message), at);
        entry.filtered += 1;
        let is_news = entry.filtered > entry.told;
        entry.told = entry.told.max(entry.filtered);
        self.forget();
        is_news && is_wanted
    }

    /// Another live tail begins, which may repeat what the last one brought.
    pub(super) fn new_tail(&mut self) {
        self.lines.values_mut().for_each(|entry| entry.tailed = 0);
    }

    /// Lines before `at` (milliseconds) will not be asked for again.
    pub(super) fn forget_before(&mut self, at: i64) {
        if at > self.floor {
            self.floor = at;
            self.lines.retain(|_, entry| entry.at >= at);
            self.ids.retain(|_, time| *time >= at);
        }
    }

    /// The earliest time that may be asked for.
    pub(super) fn floor(&self) -> i64 {
        self.floor
    }

    fn entry(&mut self, key: u64, at: i64) -> &mut Entry {
        self.lines.entry(key).or_insert(Entry { at, tailed: 0, filtered: 0, told: 0 })
    }

    /// Forgets the older half when there is no room.
    fn forget(&mut self) {
        if self.lines.len() <= self.most {
            return;
        }
        let mut times: Vec<i64> = self.lines.values().map(|entry| entry.at).collect();
        let middle = times.len() / 2;
        let (_, median, _) = times.select_nth_unstable(middle);
        let median = *median;
        self.forget_before(median.max(self.floor.saturating_add(1)));
    }
}

/// The id of the `count`th line of those that are the same.
fn id(key: u64, count: u32) -> String {
    if count == 1 { format!("line-{key:016x}") } else { format!("line-{key:016x}-{count}") }
}

fn key(stream: &str, at: i64, message: &str) -> u64 {
    // Some ways of reading keep the line's end.
    hash((stream, at, message.trim_end()))
}

fn hash(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_told_once_whichever_way_brings_it_first() {
        let mut memory = Memory::default();
        let first = memory.tailed("s", 1000, "hello");
        assert!(first.is_some());
        assert!(!memory.filtered("id-1", "s", 1000, "hello\n", true));
        assert!(!memory.filtered("id-1", "s", 1000, "hello", true));
        assert!(memory.filtered("id-2", "s", 1001, "later", true));
        assert!(!memory.filtered("id-2", "s", 1001, "later", true));
        assert_eq!(memory.tailed("s", 1001, "later"), None);
        assert!(memory.tailed("other", 1001, "later").is_some(), "another stream says the same");
    }

    #[test]
    fn lines_that_are_the_same_are_counted() {
        let mut memory = Memory::default();
        let (one, two) = (memory.tailed("s", 5, "tick"), memory.tailed("s", 5, "tick"));
        assert!(one.is_some() && two.is_some() && one != two);
        let filtered = ["a", "b", "c"].map(|id| memory.filtered(id, "s", 5, "tick", true));
        assert_eq!(filtered, [false, false, true], "the tail missed one of three");
        assert_eq!(memory.tailed("s", 5, "tick"), None, "it comes late");
    }

    #[test]
    fn another_tail_may_repeat_what_the_last_one_brought() {
        let mut memory = Memory::default();
        assert!(memory.tailed("s", 5, "tick").is_some());
        memory.new_tail();
        assert_eq!(memory.tailed("s", 5, "tick"), None);
        assert!(memory.tailed("s", 5, "tick").is_some());
    }

    #[test]
    fn ids_of_tailed_lines_are_the_same_each_time() {
        let id = || Memory::default().tailed("s", 5, "tick");
        assert_eq!(id(), id());
    }

    #[test]
    fn what_was_there_before_is_known_and_not_told() {
        let mut memory = Memory::default();
        assert!(!memory.filtered("a", "s", 5, "old", false));
        assert!(!memory.filtered("a", "s", 5, "old", true));
        assert_eq!(memory.tailed("s", 5, "old"), None);
    }

    #[test]
    fn memory_is_bounded_and_what_is_forgotten_is_not_told_again() {
        let mut memory = Memory::with_room(100);
        for at in 0..1000 {
            assert!(memory.filtered(&at.to_string(), "s", at, "line", true));
            assert!(memory.lines.len() <= 100 && memory.ids.len() <= 101, "{at}");
        }
        assert!(memory.floor() > 800);
        assert!(!memory.filtered("0", "s", 0, "line", true));
        for _ in 0..1000 {
            memory.filtered(&fastrand::u64(..).to_string(), "s", 1000, &fastrand::u64(..).to_string(), true);
            assert!(memory.lines.len() <= 101);
        }
    }
}
