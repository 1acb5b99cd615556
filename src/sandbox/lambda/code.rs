//! Whether the code of a function is still the code that an instance loaded: a fingerprint of the files in its folder.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, UNIX_EPOCH};

/// Folders that hold no code of a handler, and many files.
const SKIPPED: [&str; 7] = ["node_modules", "venv", "env", "__pycache__", "dist", "build", "target"];
/// A folder with more entries is looked through only so often.
const MANY: usize = 400;
const EVERY: Duration = Duration::from_millis(500);
/// More are not looked at.
const MOST: usize = 20_000;

/// The fingerprint of a folder, remembered where finding it is work.
#[derive(Debug, Default)]
pub(super) struct Code(Mutex<Option<(Instant, Print)>>);

#[derive(Clone, Copy, Debug)]
struct Print {
    fingerprint: u64,
    entries: usize,
}

impl Code {
    /// A number that changes when a file of the folder is written, made, renamed or removed.
    pub(super) fn fingerprint(&self, folder: &Path) -> u64 {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((when, print)) = *known
            && print.entries > MANY
            && when.elapsed() < EVERY
        {
            return print.fingerprint;
        }
        let mut hasher = DefaultHasher::new();
        let mut entries = 0;
        walk(folder, &mut hasher, &mut entries);
        let print = Print { fingerprint: hasher.finish(), entries };
        *known = Some((Instant::now(), print));
        print.fingerprint
    }
}

fn walk(folder: &Path, hasher: &mut DefaultHasher, seen: &mut usize) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let mut entries: Vec<_> = entries.flatten().map(|entry| (entry.file_name(), entry)).collect();
    entries.sort_by(|one, other| one.0.cmp(&other.0));
    for (name, entry) in entries {
        let text = name.to_string_lossy();
        if text.starts_with('.') || SKIPPED.contains(&text.as_ref()) || *seen >= MOST {
            continue;
        }
        *seen += 1;
        // Follows links: what counts is the file.
        let Ok(about) = fs::metadata(entry.path()) else { continue };
        name.hash(hasher);
        if about.is_dir() {
            // A link to a folder could lead round in a circle.
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                walk(&entry.path(), hasher, seen);
            }
        } else {
            let modified = about.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
            (about.len(), modified).hash(hasher);
        }
    }
    // Where this folder ends, so that moving a file up changes something.
    0xff_u8.hash(hasher);
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::Code;

    #[test]
    fn every_change_of_a_file_shows_and_nothing_else_does() {
        let folder = tempfile::tempdir().unwrap();
        let path = |path: &str| folder.path().join(path);
        fs::create_dir_all(path("handlers/__pycache__")).unwrap();
        fs::create_dir_all(path("node_modules")).unwrap();
        fs::write(path("handlers/a.py"), "one").unwrap();
        let code = Code::default();
        let mut last = code.fingerprint(folder.path());
        let mut look = |what: &str, changed: bool| {
            let now = code.fingerprint(folder.path());
            assert_eq!(now != last, changed, "{what}");
            last = now;
        };
        look("nothing", false);
        fs::write(path("handlers/a.py"), "three").unwrap();
        look("written", true);
        fs::write(path("handlers/b.py"), "").unwrap();
        look("made", true);
        fs::rename(path("handlers/b.py"), path("b.py")).unwrap();
        look("moved", true);
        fs::remove_file(path("b.py")).unwrap();
        look("removed", true);
        fs::write(path("handlers/__pycache__/a.pyc"), "").unwrap();
        fs::write(path("node_modules/x.js"), "").unwrap();
        fs::write(path(".env"), "").unwrap();
        look("not code", false);
    }
}
