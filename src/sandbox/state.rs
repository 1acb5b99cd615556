//! What survives a restart: the snapshots of the services, one file each, written a moment after something changed.

use std::collections::HashMap;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::NamedTempFile;

use super::account::Account;
use super::activity::Happening;
use super::service::Service;

/// Changes come in bursts: one write for all of them.
const DEBOUNCE: Duration = Duration::from_millis(500);
/// Writing may take this part of the time at most.
const SHARE: u32 = 20;
/// Where the port of the last run stands.
const ADDRESS: &str = "address.json";

/// Files of a sandbox.
#[derive(Debug)]
pub(super) struct State {
    folder: PathBuf,
    /// Hash of what each file holds.
    written: Mutex<HashMap<&'static str, u64>>,
}

impl State {
    /// Opens `folder`, made if it is not there, and emptied first if `fresh`.
    pub(super) fn open(folder: &Path, fresh: bool) -> io::Result<Self> {
        if fresh && folder.exists() {
            fs::remove_dir_all(folder)?;
        }
        fs::create_dir_all(folder)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
        }
        Ok(Self { folder: folder.to_owned(), written: Mutex::default() })
    }

    /// The port of the last run.
    pub(super) fn last_port(&self) -> Option<u16> {
        let text = fs::read_to_string(self.folder.join(ADDRESS)).ok()?;
        serde_json::from_str::<Value>(&text).ok()?["port"].as_u64().and_then(|port| u16::try_from(port).ok())
    }

    /// Keeps the port for the next run.
    pub(super) fn keep_port(&self, port: u16) -> io::Result<()> {
        if self.last_port() == Some(port) {
            return Ok(());
        }
        write_passing(&self.folder.join(ADDRESS), format!("{}\n", json!({"format": 1, "port": port})).as_bytes())
    }

    /// Gives each service its state of the last run, whose addresses become those of `port`. What cannot be used is set aside and told.
    pub(super) fn restore(&self, services: &[Arc<dyn Service>], port: u16) -> Vec<String> {
        let last = self.last_port();
        services.iter().filter_map(|service| self.restore_one(&**service, last, port).err()).collect()
    }

    fn restore_one(&self, service: &dyn Service, last: Option<u16>, port: u16) -> Result<(), String> {
        let path = self.file(service.name());
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => {
                return Err(format!("cannot read {}, so {} starts empty: {error}", path.display(), service.name()));
            }
        };
        let bytes = match last {
            Some(last) if last != port => moved(bytes, last, port),
            _ => bytes,
        };
        service.restore(&bytes).map_err(|reason| {
            let aside = set_aside(&path);
            format!("the state of {} cannot be used ({reason}), so it starts empty; {aside}", service.name())
        })
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.json"))
    }

    /// Writes the snapshots that are not as written.
    pub(super) fn save(&self, services: &[Arc<dyn Service>]) -> io::Result<()> {
        for service in services {
            let Some(snapshot) = service.snapshot() else { continue };
            let mut hasher = DefaultHasher::new();
            snapshot.hash(&mut hasher);
            let hash = hasher.finish();
            let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
            if written.get(service.name()) != Some(&hash) {
                write_private(&self.file(service.name()), &snapshot)?;
                written.insert(service.name(), hash);
            }
        }
        Ok(())
    }
}

/// Saves after changes, for ever; sleeps while nothing changes.
pub(super) async fn keep_saving(state: Arc<State>, account: Arc<Account>, services: Vec<Arc<dyn Service>>) {
    let mut troubled = false;
    loop {
        account.next_change().await;
        tokio::time::sleep(DEBOUNCE).await;
        let (files, snapshots) = (Arc::clone(&state), services.clone());
        let started = Instant::now();
        let saved = tokio::task::spawn_blocking(move || files.save(&snapshots)).await;
        match saved {
            Ok(Err(error)) if !troubled => {
                troubled = true;
                account.tell(Happening::Note(format!("the state of the sandbox cannot be kept: {error}")));
            }
            Ok(Ok(())) => troubled = false,
            _ => {}
        }
        tokio::time::sleep(started.elapsed() * SHARE).await;
    }
}

/// `127.0.0.1:LAST` becomes `127.0.0.1:PORT`.
fn moved(bytes: Vec<u8>, last: u16, port: u16) -> Vec<u8> {
    let Ok(text) = String::from_utf8(bytes) else { return Vec::new() };
    let (old, new) = (format!("127.0.0.1:{last}"), format!("127.0.0.1:{port}"));
    let mut pieces = text.split(old.as_str());
    let mut changed = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let is_longer = piece.starts_with(|next: char| next.is_ascii_digit());
        changed.push_str(if is_longer { &old } else { &new });
        changed.push_str(piece);
    }
    changed.into_bytes()
}

/// Writes a file that only the user can read, so that a reader, or a crash, sees the old content or the new one.
fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let temporary = beside(path, content)?;
    temporary.as_file().sync_all()?;
    temporary.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// As [`write_private`], for what need not outlive a power cut: starting does not wait for the disk.
pub(super) fn write_passing(path: &Path, content: &[u8]) -> io::Result<()> {
    beside(path, content)?.persist(path).map_err(|error| error.error)?;
    Ok(())
}

fn beside(path: &Path, content: &[u8]) -> io::Result<NamedTempFile> {
    let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    fs::create_dir_all(folder)?;
    // Temporary files are the user's alone.
    let mut temporary = NamedTempFile::new_in(folder)?;
    temporary.write_all(content)?;
    Ok(temporary)
}

/// Keeps a file that cannot be used under another name, `ssm.damaged-1.json`; says which, or why not.
pub(super) fn set_aside(path: &Path) -> String {
    let kind = path.extension().unwrap_or_default().to_string_lossy();
    let mut targets = (1..1000).map(|number| path.with_extension(format!("damaged-{number}.{kind}")));
    let Some(target) = targets.find(|target| !target.exists()) else {
        return "the file stays until the next change".to_owned();
    };
    match fs::rename(path, &target) {
        Ok(()) => format!("the file is kept as {}", target.display()),
        Err(error) => format!("the file could not be set aside: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::ssm::Ssm;

    fn services() -> Vec<Arc<dyn Service>> {
        vec![Arc::new(Ssm::new(Arc::new(Account::new(None, 1.0))))]
    }

    #[test]
    fn addresses_follow_the_port() {
        let text = r#"{"a":"http://127.0.0.1:456/x","b":"127.0.0.1:4567","c":"127.0.0.1:456"}"#;
        let expected = r#"{"a":"http://127.0.0.1:9/x","b":"127.0.0.1:4567","c":"127.0.0.1:9"}"#;
        assert_eq!(moved(text.as_bytes().to_vec(), 456, 9), expected.as_bytes());
    }

    #[test]
    fn what_cannot_be_used_is_set_aside_and_told() {
        let folder = tempfile::tempdir().unwrap();
        let state = State::open(folder.path(), false).unwrap();
        for (number, text) in ["{", "{\"format\": 99, \"regions\": {}}"].iter().enumerate() {
            fs::write(state.file("ssm"), text).unwrap();
            let troubles = state.restore(&services(), 1);
            assert!(troubles[0].contains("starts empty"), "{troubles:?}");
            let aside = folder.path().join(format!("ssm.damaged-{}.json", number + 1));
            assert_eq!(fs::read_to_string(aside).unwrap(), *text);
            assert!(!state.file("ssm").exists());
        }
    }

    #[test]
    fn only_what_changed_is_written_and_fresh_is_empty() {
        let folder = tempfile::tempdir().unwrap();
        let state = State::open(folder.path(), false).unwrap();
        state.save(&services()).unwrap();
        assert!(state.file("ssm").exists());
        fs::remove_file(state.file("ssm")).unwrap();
        state.save(&services()).unwrap();
        assert!(!state.file("ssm").exists(), "it did not change");
        state.keep_port(7).unwrap();
        assert_eq!(State::open(folder.path(), false).unwrap().last_port(), Some(7));
        assert_eq!(State::open(folder.path(), true).unwrap().last_port(), None);
    }
}
