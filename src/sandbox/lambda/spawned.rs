//! Instances where processes cannot be forked: each is a Python of its own, and one that is loaded waits for its turn.

use std::io;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::json;
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::{Notify, watch};

use super::frames;
use super::worker::{Ended, Order, Worker};
use crate::sandbox::interpreter::Python;

/// How long a Python may take to load what handlers need and read its order.
const PATIENCE: Duration = Duration::from_secs(30);

/// Starts Pythons.
#[derive(Default)]
pub(super) struct Spawned {
    /// Loaded, and without a function as yet.
    spare: Mutex<Option<Child>>,
}

impl Spawned {
    /// Has one ready.
    ///
    /// # Errors
    /// Those of starting a process.
    pub(super) fn prepare(&self, python: &Python, scratch: &Path) -> io::Result<()> {
        let mut spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner);
        if spare.is_none() {
            *spare = Some(spawn(python, scratch)?);
        }
        Ok(())
    }

    /// Makes an instance of the one that is ready, and readies another.
    ///
    /// # Errors
    /// Those of starting a process.
    pub(super) async fn start(&self, python: &Python, scratch: &Path, order: &Order) -> io::Result<Worker> {
        let ready = self.spare.lock().unwrap_or_else(PoisonError::into_inner).take();
        let running = ready.filter(|child| child.id().is_some());
        let mut child = running.map_or_else(|| spawn(python, scratch), Ok)?;
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(mut writer), Some(reader), Some(output)) = pipes else {
            return Err(io::ErrorKind::BrokenPipe.into());
        };
        give(&mut writer, order).await?;
        self.prepare(python, scratch)?;
        let (told, ended) = watch::channel(None);
        let end = std::sync::Arc::new(Notify::new());
        let asked = std::sync::Arc::clone(&end);
        tokio::spawn(async move {
            let status = tokio::select! {
                status = child.wait() => status,
                () = asked.notified() => {
                    let _ = child.start_kill();
                    child.wait().await
                }
            };
            told.send_replace(Some(status.map_or(Ended::Lost, how)));
        });
        Ok(Worker {
            reader: Box::new(reader),
            writer: Box::new(writer),
            output: Some(Box::new(output)),
            ended,
            end: Box::new(move || end.notify_one()),
        })
    }

    /// Ends the one that is ready.
    pub(super) fn stop(&self) {
        drop(self.spare.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}

async fn give(writer: &mut ChildStdin, order: &Order) -> io::Result<()> {
    match tokio::time::timeout(PATIENCE, frames::write(writer, order, b"")).await {
        Ok(given) => given,
        Err(_) => Err(io::ErrorKind::TimedOut.into()),
    }
}

fn spawn(python: &Python, scratch: &Path) -> io::Result<Child> {
    let settings = json!({ "single": true, "path": python.path, "modules": ["json", "logging", "boto3", "requests"] });
    let mut command = Command::new(&python.executable);
    command.args(["-I", "-B"]).arg(scratch.join("runtime").join("zygote.py")).arg(settings.to_string()).env_clear();
    // Without these, Windows has no sockets and no random numbers.
    for name in ["SystemRoot", "SystemDrive", "windir"] {
        command.envs(std::env::var_os(name).map(|value| (name, value)));
    }
    command
        .envs([("PATH", "/usr/local/bin:/usr/bin:/bin"), ("LANG", "C.UTF-8"), ("AWS_EC2_METADATA_DISABLED", "true")])
        .env("HOME", scratch)
        .current_dir(scratch)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    #[cfg(unix)]
    command.process_group(0);
    command.spawn()
}

#[cfg(unix)]
fn how(status: ExitStatus) -> Ended {
    use std::os::unix::process::ExitStatusExt;
    Ended::from_wait_status(status.into_raw().into())
}

#[cfg(not(unix))]
fn how(status: ExitStatus) -> Ended {
    status.code().map_or(Ended::Lost, Ended::Exit)
}
