//! Changes to the learner's files that can always be undone.
//!
//! A change first copies what it will touch to `.rydes/snapshots/NUMBER/` (made under another name, synced, then renamed), then replaces file after
//! file. Undoing copies back in the same way and gives the snapshot up last, so that a kill between any two system calls leaves a state
//! from which undoing gives the old bytes.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Folder, StoreError, While, atomic};

const FORMAT: u32 = 1;

/// A file that a change writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Path from the workshop folder.
    pub path: String,
    /// What it will hold.
    pub text: String,
}

/// What undoing the last change does, or did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undo {
    /// What the change was: "answer 2.1".
    pub what: String,
    /// The files that go back.
    pub files: Vec<String>,
    /// Those of them that were edited after the change.
    pub edited_since: Vec<String>,
    /// Where copies of the files as they were before undoing lie.
    pub copies: PathBuf,
}

#[derive(Serialize, Deserialize)]
struct Manifest {
    format: u32,
    what: String,
    files: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    path: String,
    /// Name of the copy in the snapshot; none if the file was not there.
    before: Option<String>,
    /// Name of the copy of what the change wrote.
    after: String,
}

impl Folder {
    /// Writes `changes`, keeping what was there; `what` says to people what the change is.
    ///
    /// # Errors
    /// The system refuses: nothing is changed, or [`Folder::undo`] brings it back.
    pub fn change(&self, what: &str, changes: &[Change]) -> Result<(), StoreError> {
        let _lock = self.lock()?;
        let snapshots = self.own("snapshots");
        fs::create_dir_all(&snapshots).on("cannot make", &snapshots)?;
        // Left by a program that was killed before it changed anything.
        let half_made = snapshots.join("half-made");
        if half_made.exists() {
            fs::remove_dir_all(&half_made).on("cannot clear", &half_made)?;
        }
        fs::create_dir(&half_made).on("cannot make", &half_made)?;
        let mut manifest = Manifest { format: FORMAT, what: what.to_owned(), files: Vec::new() };
        for (number, change) in changes.iter().enumerate() {
            let place = self.path(&change.path);
            let before = match fs::read(&place) {
                Ok(bytes) => Some((format!("{number}.before"), bytes)),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
                Err(error) => return Err(error).on("cannot read", &place),
            };
            if let Some((name, bytes)) = &before {
                let copy = half_made.join(name);
                atomic::replace(&copy, bytes).on("cannot write", &copy)?;
            }
            let after = format!("{number}.after");
            let copy = half_made.join(&after);
            atomic::replace(&copy, change.text.as_bytes()).on("cannot write", &copy)?;
            manifest.files.push(Entry { path: change.path.clone(), before: before.map(|(name, _)| name), after });
        }
        write_manifest(&half_made, &manifest)?;
        let number = self
            .numbers("snapshots")?
            .last()
            .copied()
            .unwrap_or(0)
            .max(self.numbers("undone")?.last().copied().unwrap_or(0))
            + 1;
        let snapshot = snapshots.join(number.to_string());
        fs::rename(&half_made, &snapshot).on("cannot keep", &snapshot)?;
        atomic::sync_folder(&snapshots).on("cannot keep", &snapshots)?;
        for change in changes {
            let place = self.path(&change.path);
            atomic::replace(&place, change.text.as_bytes()).on("cannot write", &place)?;
        }
        Ok(())
    }

    /// What [`Folder::undo`] would do; none if there is nothing to undo.
    ///
    /// # Errors
    /// The last snapshot cannot be read.
    pub fn undo_preview(&self) -> Result<Option<Undo>, StoreError> {
        let Some(number) = self.numbers("snapshots")?.last().copied() else { return Ok(None) };
        let snapshot = self.own("snapshots").join(number.to_string());
        let manifest = read_manifest(&snapshot)?;
        let mut edited_since = Vec::new();
        for entry in &manifest.files {
            let now = fs::read(self.path(&entry.path)).ok();
            let known = [entry.before.as_ref(), Some(&entry.after)]
                .map(|name| name.and_then(|name| fs::read(snapshot.join(name)).ok()));
            if !known.contains(&now) {
                edited_since.push(entry.path.clone());
            }
        }
        let files = manifest.files.into_iter().map(|entry| entry.path).collect();
        Ok(Some(Undo { what: manifest.what, files, edited_since, copies: self.own("undone").join(number.to_string()) }))
    }

    /// Takes the last change back, byte for byte; none if there is nothing to undo.
    ///
    /// # Errors
    /// The system refuses: undoing again goes on where it stopped.
    pub fn undo(&self) -> Result<Option<Undo>, StoreError> {
        let Some(undo) = self.undo_preview()? else { return Ok(None) };
        let _lock = self.lock()?;
        let number = self.numbers("snapshots")?.last().copied().unwrap_or_default();
        let snapshot = self.own("snapshots").join(number.to_string());
        let manifest = read_manifest(&snapshot)?;
        for (index, entry) in manifest.files.iter().enumerate() {
            let place = self.path(&entry.path);
            let before = match &entry.before {
                Some(name) => Some(fs::read(snapshot.join(name)).on("cannot read", &snapshot.join(name))?),
                None => None,
            };
            if let Ok(now) = fs::read(&place)
                && Some(&now) != before.as_ref()
            {
                let copy = snapshot.join(format!("{index}.undone"));
                atomic::replace(&copy, &now).on("cannot write", &copy)?;
            }
            match before {
                Some(bytes) => atomic::replace(&place, &bytes).on("cannot write", &place)?,
                None if place.exists() => fs::remove_file(&place).on("cannot remove", &place)?,
                None => {}
            }
        }
        let undone = self.own("undone");
        fs::create_dir_all(&undone).on("cannot make", &undone)?;
        fs::rename(&snapshot, undone.join(number.to_string())).on("cannot keep", &undone)?;
        atomic::sync_folder(&undone).on("cannot keep", &undone)?;
        Ok(Some(undo))
    }

    /// The numbers of the folders in `.rydes/NAME`, in order.
    fn numbers(&self, name: &str) -> Result<Vec<u32>, StoreError> {
        let folder = self.own(name);
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error).on("cannot read", &folder),
        };
        let mut numbers: Vec<u32> =
            entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
        numbers.sort_unstable();
        Ok(numbers)
    }
}

fn write_manifest(snapshot: &Path, manifest: &Manifest) -> Result<(), StoreError> {
    let path = snapshot.join("manifest.json");
    let text = serde_json::to_vec_pretty(manifest)
        .map_err(|error| StoreError::Unusable { path: path.clone(), reason: error.to_string() })?;
    atomic::replace(&path, &text).on("cannot write", &path)
}

fn read_manifest(snapshot: &Path) -> Result<Manifest, StoreError> {
    let path = snapshot.join("manifest.json");
    let bytes = fs::read(&path).on("cannot read", &path)?;
    let unusable = |reason: String| StoreError::Unusable { path: path.clone(), reason };
    let manifest: Manifest = serde_json::from_slice(&bytes).map_err(|error| {
        unusable(format!("is damaged ({error}). The copies beside it are whole: take them back by hand."))
    })?;
    if manifest.format > FORMAT {
        return Err(unusable(format!(
            "was written by a later version of rydes (format {}): undo with that one",
            manifest.format
        )));
    }
    Ok(manifest)
}
