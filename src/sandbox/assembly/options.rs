//! What a sandbox is started with, and why it may not start.

use std::io;
use std::path::{Path, PathBuf};

use crate::sandbox::running::Running;
use crate::workshop::store::refusal;

/// What a sandbox is started with.
#[derive(Clone, Debug)]
pub struct Options {
    /// The workshop folder, in which other programs find it; none for a sandbox apart.
    pub workspace: Option<PathBuf>,
    /// Where state is kept; `.rydes/sandbox` of the workshop folder if none is named. Without both nothing is kept.
    pub folder: Option<PathBuf>,
    /// The port that it must have; else the last run's if it is free, else any.
    pub port: Option<u16>,
    /// Forget the state of earlier runs.
    pub fresh: bool,
    /// How many times as fast as the wall's its clock runs.
    pub speed: f64,
}

impl Options {
    /// The sandbox of a workshop.
    pub fn of(workspace: &Path) -> Self {
        // Absolute, for functions run in folders of their own.
        let workspace = std::path::absolute(workspace).unwrap_or_else(|_| workspace.to_owned());
        Self { workspace: Some(workspace), ..Self::scratch() }
    }

    /// A sandbox apart, that leaves nothing behind.
    pub fn scratch() -> Self {
        Self { workspace: None, folder: None, port: None, fresh: false, speed: 1.0 }
    }
}

/// Why a sandbox did not start or stop as it should.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// One runs on this workshop already: use it.
    #[error("a sandbox runs on this workshop already: process {}, {}", .0.pid, .0.endpoint())]
    Running(Box<Running>),
    /// Another program holds the lock and does not answer.
    #[error("another program holds {} but does not answer. End that program, then start again.", .0.display())]
    Silent(PathBuf),
    /// The port is taken.
    #[error("cannot listen on port {port} of 127.0.0.1: {source}. Name another one with `--port`, or none.")]
    Port {
        /// Which; 0 for any.
        port: u16,
        /// What the system said.
        source: io::Error,
    },
    /// A file cannot be used.
    #[error("{action} {}: {}", path.display(), refusal(source))]
    File {
        /// What was tried: "cannot write".
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_find_their_service_also_when_the_workshop_is_named_from_here() {
        assert!(Options::of(Path::new(".")).workspace.is_some_and(|workspace| workspace.is_absolute()));
    }
}
