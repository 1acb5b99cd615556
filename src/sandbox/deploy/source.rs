//! The files of a service as a deploy packs them.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// Folders that are tools' affairs, not code.
const NOT_CODE: [&str; 8] =
    ["node_modules", ".git", ".serverless", "__pycache__", ".rydes", ".venv", "venv", ".requirements"];
/// Files beyond this are not read: 1 MiB, as for the learner's files everywhere.
const LARGEST: u64 = 1 << 20;
/// More files than a service of a workshop has.
const MOST_FILES: usize = 2000;

/// The files of one service.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// Text of each file that is text, by path from the service's folder, with `/`.
    pub texts: BTreeMap<String, String>,
    /// SHA-256 of each file, base64.
    pub hashes: BTreeMap<String, String>,
}

impl Sources {
    /// Reads the files below `folder`.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn read(folder: &Path) -> io::Result<Self> {
        let mut sources = Self::default();
        sources.add(folder, "")?;
        Ok(sources)
    }

    fn add(&mut self, folder: &Path, prefix: &str) -> io::Result<()> {
        let mut entries: Vec<_> = fs::read_dir(folder)?.collect::<Result<_, _>>()?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let name = entry.file_name().to_string_lossy().into_owned();
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() && !NOT_CODE.contains(&name.as_str()) && prefix.matches('/').count() < 12 {
                // A folder that cannot be read has nothing to deploy.
                let _ = self.add(&entry.path(), &format!("{prefix}{name}/"));
            } else if self.hashes.len() < MOST_FILES
                && fs::metadata(entry.path()).is_ok_and(|data| data.is_file() && data.len() <= LARGEST)
                && let Ok(bytes) = fs::read(entry.path())
            {
                let path = format!("{prefix}{name}");
                self.hashes.insert(path.clone(), STANDARD.encode(Sha256::digest(&bytes)));
                if let Ok(text) = String::from_utf8(bytes) {
                    self.texts.insert(path, text);
                }
            }
        }
        Ok(())
    }

    /// Whether there is a file for a handler such as `handlers/ride.handler`.
    pub fn has_handler(&self, handler: &str) -> bool {
        let module = handler.rsplit_once('.').map_or(handler, |(module, _)| module).replace('.', "/");
        let module = module.trim_start_matches('/');
        self.hashes.len() >= MOST_FILES
            || [format!("{module}.py"), format!("{module}/__init__.py")]
                .iter()
                .any(|file| self.hashes.contains_key(file))
    }

    /// One hash of all code: what is not configuration, notes or tools.
    pub fn code_hash(&self) -> String {
        let mut all = Sha256::new();
        for (path, hash) in self.hashes.iter().filter(|(path, _)| is_code(path)) {
            all.update(path.as_bytes());
            all.update(hash.as_bytes());
        }
        STANDARD.encode(all.finalize())
    }
}

fn is_code(path: &str) -> bool {
    !path.starts_with("serverless.y")
        && !path.ends_with(".md")
        && !path.starts_with('.')
        && !path.starts_with("package")
}

/// Paths whose content is not what was deployed, in order; `deployed` and `now` as [`Sources::hashes`]. Notes and hidden files do not count.
pub fn edited(deployed: &BTreeMap<String, String>, now: &BTreeMap<String, String>) -> Vec<String> {
    let mut paths: Vec<&String> = deployed.keys().chain(now.keys()).collect();
    paths.sort();
    paths.dedup();
    let counts = |path: &str| is_code(path) || path.starts_with("serverless.y");
    paths.into_iter().filter(|path| counts(path) && deployed.get(*path) != now.get(*path)).cloned().collect()
}
