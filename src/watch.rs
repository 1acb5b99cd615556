//! Notices saved files: system events where they work, polling where they do not (network drives), and editors that replace a file.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use notify::{Config, Event, EventKind, PollWatcher, RecommendedWatcher, RecursiveMode, Watcher};

/// Saves come in bursts (write, rename, chmod): wait for this long a silence.
const SILENCE: Duration = Duration::from_millis(15);
/// A program that saves without end must not put grading off for ever.
const LONGEST_BURST: u32 = 20;

/// Tells when a file that grading looks at was saved. Stops watching when dropped.
pub struct Saves {
    /// True where something changed directly in the workshop folder: a service that is new, or in place of another.
    events: Receiver<bool>,
    watcher: Mutex<Box<dyn Watcher + Send>>,
    services: Vec<PathBuf>,
}

impl Saves {
    /// Waits, without using the processor, for the next burst of saves to end; false when watching has ended.
    pub fn wait(&self) -> bool {
        let Ok(mut moved) = self.events.recv() else { return false };
        for _ in 0..LONGEST_BURST {
            match self.events.recv_timeout(SILENCE) {
                Ok(also) => moved |= also,
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
            }
        }
        if moved && let Ok(mut watcher) = self.watcher.lock() {
            // A watch is on a folder, not on its name: whoever cloned or renamed a service put another folder there.
            for folder in &self.services {
                let _ = watcher.unwatch(folder);
                if folder.is_dir() {
                    let _ = watcher.watch(folder, RecursiveMode::Recursive);
                }
            }
        }
        true
    }
}

/// Watches the services below `root`.
///
/// # Errors
/// Neither system events nor polling can be set up.
pub fn saves(root: &Path, services: &[String]) -> notify::Result<Saves> {
    let (sender, events) = channel();
    let root_text = root.to_owned();
    let handler = move |event: notify::Result<Event>| {
        if let Ok(event) = event
            && is_save(&event, &root_text)
        {
            let _ = sender.send(event.paths.iter().any(|path| path.parent() == Some(&root_text)));
        }
    };
    let services: Vec<PathBuf> = services.iter().map(|service| root.join(service)).collect();
    let folders: Vec<&PathBuf> = services.iter().filter(|folder| folder.is_dir()).collect();
    if !is_remote(root)
        && let Ok(mut watcher) = RecommendedWatcher::new(handler.clone(), Config::default())
        && watch_all(&mut watcher, root, &folders).is_ok()
    {
        return Ok(Saves { events, watcher: Mutex::new(Box::new(watcher)), services });
    }
    let config = Config::default().with_poll_interval(Duration::from_secs(1));
    let mut watcher = PollWatcher::new(handler, config)?;
    watch_all(&mut watcher, root, &folders)?;
    Ok(Saves { events, watcher: Mutex::new(Box::new(watcher)), services })
}

fn watch_all(watcher: &mut dyn Watcher, root: &Path, folders: &[&PathBuf]) -> notify::Result<()> {
    // The root itself, so that a service that appears later is noticed.
    watcher.watch(root, RecursiveMode::NonRecursive)?;
    folders.iter().try_for_each(|folder| watcher.watch(folder, RecursiveMode::Recursive))
}

fn is_save(event: &Event, root: &Path) -> bool {
    let is_change =
        matches!(event.kind, EventKind::Create(_) | EventKind::Modify(_) | EventKind::Remove(_) | EventKind::Any);
    is_change
        && event.paths.iter().any(|path| {
            let inside = path.strip_prefix(root).unwrap_or(path);
            let is_own = inside.components().any(|part| {
                matches!(
                    part.as_os_str().to_str(),
                    Some(".rydes" | "node_modules" | ".git" | "__pycache__" | ".serverless")
                )
            });
            let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
            !is_own && (matches!(extension, "py" | "yml" | "yaml" | "json") || extension.is_empty())
        })
}

/// Whether system events are known not to come from where `root` lies: network drives and folders shared with a virtual machine.
fn is_remote(root: &Path) -> bool {
    let Ok(mounts) = fs::read_to_string("/proc/self/mounts") else { return false };
    let Ok(root) = fs::canonicalize(root) else { return false };
    let kind = mounts.lines().filter_map(|line| {
        let mut words = line.split(' ').skip(1);
        let (place, kind) = (words.next()?, words.next()?);
        root.starts_with(place.replace("\\040", " ")).then_some((place.len(), kind))
    });
    let remote =
        ["nfs", "nfs4", "cifs", "smb3", "9p", "vboxsf", "drvfs", "fuse.sshfs", "fuse.vmhgfs-fuse", "prl_fs", "afs"];
    kind.max_by_key(|(length, _)| *length).is_some_and(|(_, kind)| remote.contains(&kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_that_comes_later_or_is_replaced_is_watched() {
        let folder = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(folder.path()).unwrap();
        let saves = saves(&root, &["svc".to_owned()]).unwrap();
        // `wait` blocks: a save that is not noticed ends the test by the deadline of the channel.
        let (sender, noticed) = channel();
        std::thread::spawn(move || {
            while saves.wait() {
                let _ = sender.send(());
            }
        });
        let settle = || {
            noticed.recv_timeout(Duration::from_secs(10)).unwrap();
            while noticed.recv_timeout(Duration::from_millis(300)).is_ok() {}
        };
        fs::create_dir(root.join("svc")).unwrap();
        settle();
        fs::write(root.join("svc/serverless.yml"), "a: 1").unwrap();
        settle();
        fs::rename(root.join("svc"), root.join("old")).unwrap();
        fs::create_dir(root.join("svc")).unwrap();
        settle();
        fs::write(root.join("svc/serverless.yml"), "a: 2").unwrap();
        settle();
    }
}
