//! Notices saved files: system events where they work, polling where they do not (network drives), and editors that replace a file.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use notify::{Config, Event, EventKind, PollWatcher, RecommendedWatcher, RecursiveMode, Watcher};

/// Saves come in bursts (write, rename, chmod): wait for this long a silence.
const SILENCE: Duration = Duration::from_millis(15);
/// A program that saves without end must not put grading off for ever.
const LONGEST_BURST: u32 = 20;

/// Tells when a file that grading looks at was saved. Stops watching when dropped.
pub struct Saves {
    events: Receiver<()>,
    _watcher: Box<dyn Watcher + Send>,
}

impl Saves {
    /// Waits, without using the processor, for the next burst of saves to end; false when watching has ended.
    pub fn wait(&self) -> bool {
        if self.events.recv().is_err() {
            return false;
        }
        for _ in 0..LONGEST_BURST {
            match self.events.recv_timeout(SILENCE) {
                Ok(()) => {}
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
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
        if event.is_ok_and(|event| is_save(&event, &root_text)) {
            let _ = sender.send(());
        }
    };
    let folders: Vec<PathBuf> =
        services.iter().map(|service| root.join(service)).filter(|folder| folder.is_dir()).collect();
    if !is_remote(root)
        && let Ok(mut watcher) = RecommendedWatcher::new(handler.clone(), Config::default())
        && watch_all(&mut watcher, root, &folders).is_ok()
    {
        return Ok(Saves { events, _watcher: Box::new(watcher) });
    }
    let config = Config::default().with_poll_interval(Duration::from_secs(1));
    let mut watcher = PollWatcher::new(handler, config)?;
    watch_all(&mut watcher, root, &folders)?;
    Ok(Saves { events, _watcher: Box::new(watcher) })
}

fn watch_all(watcher: &mut dyn Watcher, root: &Path, folders: &[PathBuf]) -> notify::Result<()> {
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
