//! The progress file: `.rydes/progress.json`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{Folder, StoreError, While, atomic};
use crate::workshop::progress::{FORMAT, Progress};

const NAME: &str = "progress.json";

impl Folder {
    /// The progress kept here, or fresh progress. The second value says in words what was wrong with a file that could not be used.
    pub fn load_progress(&self, module: &str) -> (Progress, Option<String>) {
        let path = self.own(NAME);
        let fresh = || Progress::new(module);
        let bytes = match read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return (fresh(), None),
            Err(error) => return (fresh(), Some(format!("{} cannot be read: {error}", path.display()))),
        };
        let trouble = match serde_json::from_slice::<serde_json::Value>(&bytes) {
            Err(error) => format!("is damaged ({error})"),
            Ok(value) => match value.get("format").and_then(serde_json::Value::as_u64) {
                Some(format) if format > u64::from(FORMAT) => {
                    format!("was written by a later version of rydes (format {format}, this one reads {FORMAT})")
                }
                _ => match serde_json::from_value::<Progress>(value) {
                    Ok(progress) if progress.module == module => return (progress, None),
                    Ok(progress) => format!("belongs to another module ({})", progress.module),
                    Err(error) => format!("is damaged ({error})"),
                },
            },
        };
        let aside = self.set_aside(&path);
        let kept = match aside {
            Ok(aside) => format!("It was set aside as {} and your progress starts anew.", aside.display()),
            Err(error) => format!("It could not be set aside ({error}); it stays as it is."),
        };
        (fresh(), Some(format!("{} {trouble}. {kept} Your own files are untouched.", path.display())))
    }

    /// Keeps `progress`.
    ///
    /// # Errors
    /// The system refuses; the old file stays.
    pub fn save_progress(&self, progress: &Progress) -> Result<(), StoreError> {
        let path = self.own(NAME);
        let mut text = serde_json::to_string_pretty(progress)
            .map_err(|error| StoreError::Unusable { path: path.clone(), reason: error.to_string() })?;
        text.push('\n');
        let _lock = self.lock()?;
        // A newer program may have written the file since it was read: never replace what this one does not understand.
        if let Some(format) = self.format_on_disk().filter(|format| *format > u64::from(FORMAT)) {
            let reason = format!("is of format {format}, later than this program's {FORMAT}: progress is not saved");
            return Err(StoreError::Unusable { path, reason });
        }
        atomic::replace(&path, text.as_bytes()).on("cannot save your progress in", &path)
    }

    fn format_on_disk(&self) -> Option<u64> {
        let value: serde_json::Value = serde_json::from_slice(&read(&self.own(NAME)).ok()?).ok()?;
        value.get("format")?.as_u64()
    }

    /// Renames a file that cannot be used to a name that is free.
    fn set_aside(&self, path: &PathBuf) -> Result<PathBuf, StoreError> {
        let _lock = self.lock()?;
        let names = (1..).map(|number| self.own(&format!("{NAME}.set-aside-{number}")));
        let free = names.into_iter().find(|name| fs::symlink_metadata(name).is_err()).unwrap_or_else(|| path.clone());
        fs::rename(path, &free).on("cannot set aside", path)?;
        Ok(free)
    }
}

/// The bytes of an ordinary file: opening a pipe would wait for a writer that never comes.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    if fs::metadata(path)?.file_type().is_file() {
        fs::read(path)
    } else {
        Err(io::Error::other("it is not an ordinary file"))
    }
}
