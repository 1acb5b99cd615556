//! Runs handlers for commands that grade: one warm sandbox apart for as long as the command runs.

use tokio::runtime::Runtime;

use super::session::say;
use crate::check::behaviour::{Subject, Trial};
use crate::sandbox::Trials;
use crate::workshop::Source;

/// Tries handlers, until the machine turns out to have no Python.
pub(super) struct Runner {
    runtime: Runtime,
    trials: Trials,
    /// Said once.
    unable: bool,
}

impl Runner {
    /// A runner that starts nothing before it is needed.
    ///
    /// # Errors
    /// Threads cannot be started.
    pub(super) fn new() -> anyhow::Result<Self> {
        Ok(Self { runtime: super::reach::runtime()?, trials: Trials::default(), unable: false })
    }

    /// What handlers did; nothing, said once, where they cannot be run.
    pub(super) fn run(&mut self, files: &[(String, Source)], subjects: &[Subject]) -> Vec<Trial> {
        if self.unable {
            return Vec::new();
        }
        match self.runtime.block_on(self.trials.run(files, subjects)) {
            Ok(trials) => trials,
            Err(why) => {
                self.unable = true;
                say(&format!("Handlers are judged by reading them alone: {why}."));
                Vec::new()
            }
        }
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        self.runtime.block_on(self.trials.stop());
    }
}
