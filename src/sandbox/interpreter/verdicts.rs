//! What Pythons said when they were last asked: asking takes a third of a second, which a check from the command line has not got.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::probe::{self, Answer};

/// Answers of before, in a file of the cache folder. Only good ones are kept: what is missing may be installed any time.
#[derive(Debug)]
pub(super) struct Verdicts {
    file: Option<PathBuf>,
    known: BTreeMap<String, Verdict>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Verdict {
    /// When the program that was asked, and the one that it stands for, were last changed.
    modified: [u128; 2],
    answer: Answer,
}

impl Verdicts {
    /// Reads what is known; nothing if that fails.
    pub(super) fn read(cache: Option<&Path>) -> Self {
        let file = cache.map(|cache| cache.join("interpreters.json"));
        let text = file.as_ref().and_then(|file| fs::read(file).ok()).unwrap_or_default();
        Self { file, known: serde_json::from_slice(&text).unwrap_or_default() }
    }

    /// What a Python says, asked only if nothing is known.
    ///
    /// # Errors
    /// In words, why it did not answer.
    pub(super) async fn ask(&self, program: &Path, arguments: &[&str]) -> Result<Answer, String> {
        let found = on_path(program);
        let key = found.as_ref().map(|found| format!("{} {}", found.display(), arguments.join(" ")));
        if let (Some(found), Some(key)) = (&found, &key)
            && let Some(verdict) = self.known.get(key)
            && verdict.modified == [modified(found), modified(&verdict.answer.python.executable)]
            && Path::new(&verdict.answer.boto3).exists()
        {
            return Ok(verdict.answer.clone());
        }
        let answer = probe::ask(program, arguments).await?;
        if let (Some(found), Some(key)) = (&found, key)
            && answer.fit().is_ok()
        {
            let modified = [modified(found), modified(&answer.python.executable)];
            self.remember(key, Verdict { modified, answer: answer.clone() });
        }
        Ok(answer)
    }

    /// Not remembering only costs time.
    fn remember(&self, key: String, verdict: Verdict) {
        let Some(file) = &self.file else { return };
        let Some(folder) = file.parent() else { return };
        let mut known = self.known.clone();
        known.insert(key, verdict);
        let saved = fs::create_dir_all(folder).and_then(|()| tempfile::NamedTempFile::new_in(folder));
        if let (Ok(mut new), Ok(text)) = (saved, serde_json::to_string_pretty(&known))
            && std::io::Write::write_all(&mut new, text.as_bytes()).is_ok()
        {
            let _ = new.persist(file);
        }
    }
}

/// The file that a shell would start.
fn on_path(program: &Path) -> Option<PathBuf> {
    if program.components().count() > 1 {
        return Some(program.to_owned());
    }
    let folders = env::var_os("PATH")?;
    let names = [program.to_owned(), program.with_extension("exe")];
    env::split_paths(&folders)
        .flat_map(|folder| names.clone().map(|name| folder.join(name)))
        .find(|path| path.is_file())
}

/// Nanoseconds since the epoch; 0 for what is not there.
fn modified(path: &Path) -> u128 {
    let modified = fs::metadata(path).and_then(|about| about.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
    modified.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos()
}
