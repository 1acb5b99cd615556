//! A recording as it is written: an event a line, each written out at once, so that a killed run leaves whole lines.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::ride::{Event, line};

/// A recording that is being written.
pub(super) struct Recorder {
    path: PathBuf,
    file: File,
    events: u64,
}

impl Recorder {
    /// Begins a recording; what the file held is gone.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(super) fn create(path: &Path) -> anyhow::Result<Self> {
        let file = File::create(path).with_context(|| format!("cannot record to {}", path.display()))?;
        Ok(Self { path: path.to_owned(), file, events: 0 })
    }

    /// Writes an event.
    ///
    /// # Errors
    /// It cannot be written: the disk is full, say.
    pub(super) fn write(&mut self, event: &Event) -> anyhow::Result<()> {
        let mut text = line::write(event);
        text.push('\n');
        self.events += 1;
        self.file.write_all(text.as_bytes()).with_context(|| {
            format!("cannot go on recording to {}; it holds {} events", self.path.display(), self.events - 1)
        })
    }

    /// Ends the recording; gives words about it.
    ///
    /// # Errors
    /// It did not reach the disk.
    pub(super) fn finish(self) -> anyhow::Result<String> {
        let path = self.path.display();
        // A pipe or a device has nothing to sync.
        if self.path.is_file() {
            self.file.sync_all().with_context(|| format!("cannot finish {path}"))?;
        }
        Ok(format!("{} events are in {path}: `rydes monitor --replay {path}` plays them.", self.events))
    }
}
