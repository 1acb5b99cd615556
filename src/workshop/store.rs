//! The learner's workshop folder on disk: reading the services, laying out starters, progress, and changes that can always be undone.
//!
//! The only part of the workshop that does I/O. Whatever it writes is written beside the target, synced and renamed; whatever it changes of
//! the learner's is copied to `.rydes/snapshots/` first.

mod atomic;
mod lay_out;
mod module_files;
mod progress_file;
mod read;
mod snapshots;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

pub use lay_out::{LaidOut, Outcome};
pub use module_files::read_module;
pub use snapshots::{Change, Undo};

/// Where everything of ours lies in the workshop folder.
const OWN: &str = ".rydes";

/// An operation on the workshop folder that did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The system refused.
    #[error("{action} {}: {}", path.display(), refusal(source))]
    Io {
        /// What was tried: "cannot write".
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file of ours is damaged or of a later version.
    #[error("{} {reason}", path.display())]
    Unusable {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it, and what to do.
        reason: String,
    },
}

/// What the system says when it refuses something with a file, for people: a sentence, with what to do where that is known.
pub fn refusal(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::PermissionDenied => {
            "permission denied. Check who owns it and whether it is read-only.".to_owned()
        }
        io::ErrorKind::ReadOnlyFilesystem => "the file system is read-only.".to_owned(),
        io::ErrorKind::StorageFull => "the disk is full. Make room, then try again.".to_owned(),
        io::ErrorKind::NotFound => "it is not there.".to_owned(),
        // `ErrorKind::FilesystemLoop` is not stable yet.
        _ if error.to_string().contains("symbolic links") => "its symbolic links go round in a circle.".to_owned(),
        _ => format!("{error}."),
    }
}

/// Adds what was tried, and on what, to an error of the system.
trait While<T> {
    fn on(self, action: &'static str, path: &Path) -> Result<T, StoreError>;
}

impl<T> While<T> for io::Result<T> {
    fn on(self, action: &'static str, path: &Path) -> Result<T, StoreError> {
        self.map_err(|source| StoreError::Io { action, path: path.to_owned(), source })
    }
}

/// A workshop folder.
#[derive(Clone, Debug)]
pub struct Folder {
    root: PathBuf,
}

impl Folder {
    /// The folder at `root`.
    ///
    /// # Errors
    /// It is not there, or is no folder.
    pub fn open(root: &Path) -> Result<Self, StoreError> {
        let found = fs::metadata(root).on("cannot open the workshop folder", root)?;
        if !found.is_dir() {
            let error = io::Error::from(io::ErrorKind::NotADirectory);
            return Err(StoreError::Io {
                action: "cannot open the workshop folder",
                path: root.to_owned(),
                source: error,
            });
        }
        Ok(Self { root: root.to_owned() })
    }

    /// The folder at `root`, made if it is not there.
    ///
    /// # Errors
    /// It cannot be made, or is no folder.
    pub fn create(root: &Path) -> Result<Self, StoreError> {
        fs::create_dir_all(root).on("cannot make the workshop folder", root)?;
        Self::open(root)
    }

    /// Its path.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where `path`, given with `/` from the workshop folder, lies on disk.
    pub fn path(&self, path: &str) -> PathBuf {
        path.split('/').fold(self.root.clone(), |folder, part| folder.join(part))
    }

    fn own(&self, name: &str) -> PathBuf {
        self.root.join(OWN).join(name)
    }

    /// Makes the folder of ours and holds its lock, so that two programs never change it at once.
    fn lock(&self) -> Result<File, StoreError> {
        let own = self.root.join(OWN);
        fs::create_dir_all(&own).on("cannot make", &own)?;
        let path = own.join("lock");
        let file = File::options().create(true).truncate(false).write(true).open(&path).on("cannot open", &path)?;
        file.lock().on("cannot lock", &path)?;
        Ok(file)
    }
}

#[cfg(test)]
mod tests;
