//! A workshop in a temporary folder, and the program run on it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

pub(crate) struct Workshop {
    pub(crate) folder: tempfile::TempDir,
}

impl Workshop {
    /// An empty folder.
    pub(crate) fn empty() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// A folder with the starter services.
    pub(crate) fn starter() -> Self {
        let workshop = Self::empty();
        workshop.run(&["init"]).code(0);
        workshop
    }

    pub(crate) fn root(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.root().join(path)
    }

    pub(crate) fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.path(path)).unwrap()
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        std::fs::write(self.path(path), text).unwrap();
    }

    /// The program, not yet started, apart from the settings of whoever runs the tests.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rydes"));
        command.args(arguments).current_dir(self.root()).stdin(std::process::Stdio::null());
        for name in ["RYDES_WORKSHOP", "WORKSHOP", "RYDES_MODULE", "NO_COLOR", "CLICOLOR_FORCE", "EDITOR", "VISUAL"] {
            command.env_remove(name);
        }
        command.env("HOME", self.root().join("no-home")).env("XDG_CONFIG_HOME", self.root().join("no-home"));
        command.env("RYDES_WORKSHOP", self.root());
        command
    }

    /// Runs the program to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        Ran { what: arguments.join(" "), output: self.command(arguments).output().unwrap() }
    }

    /// Status of a task: `pass`, `fail` …
    pub(crate) fn status(&self, task: &str) -> String {
        let report = self.run(&["check", task, "--format", "json"]).json();
        report["tasks"][0]["status"].as_str().unwrap().to_owned()
    }
}

pub(crate) struct Ran {
    what: String,
    output: Output,
}

impl Ran {
    pub(crate) fn stdout(&self) -> String {
        String::from_utf8(self.output.stdout.clone()).unwrap()
    }

    pub(crate) fn stderr(&self) -> String {
        String::from_utf8(self.output.stderr.clone()).unwrap()
    }

    /// Asserts the exit code.
    #[track_caller]
    pub(crate) fn code(self, code: i32) -> Self {
        assert_eq!(self.output.status.code(), Some(code), "rydes {}\n{}\n{}", self.what, self.stdout(), self.stderr());
        self
    }

    /// Asserts that stderr holds these words.
    #[track_caller]
    pub(crate) fn says(self, words: &str) -> Self {
        assert!(self.stderr().contains(words), "rydes {}: no {words:?} in\n{}", self.what, self.stderr());
        self
    }

    /// Asserts that stdout holds these words.
    #[track_caller]
    pub(crate) fn prints(self, words: &str) -> Self {
        assert!(self.stdout().contains(words), "rydes {}: no {words:?} in\n{}", self.what, self.stdout());
        self
    }

    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout())
            .unwrap_or_else(|error| panic!("rydes {}: {error}\n{}", self.what, self.stdout()))
    }
}
