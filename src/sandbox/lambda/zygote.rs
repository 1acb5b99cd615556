//! The process that holds Python with boto3 loaded and forks instances on order; `assets/lambda/zygote.py` is its other side.

use std::collections::HashMap;
use std::io::{self, IoSlice};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, Interest};
use tokio::net::UnixStream;
use tokio::net::unix::pipe;
use tokio::process::{Child, Command};
use tokio::sync::{mpsc, watch};

use super::worker::{Ended, Order, Worker};
use crate::sandbox::interpreter::Python;

/// How long it may take to end its instances and itself.
const PATIENCE: Duration = Duration::from_secs(3);
/// What Python may say about why it did not start.
const LONGEST_COMPLAINT: u64 = 4096;

enum Request {
    Fork { id: u64, order: Order, descriptors: Box<[OwnedFd; 2]>, ended: watch::Sender<Option<Ended>> },
    Kill(u64),
    Stop,
}

/// A running zygote. It ends, and all instances with it, when this and its workers are dropped.
pub(super) struct Zygote {
    commands: mpsc::UnboundedSender<Request>,
    next: AtomicU64,
    state: watch::Receiver<State>,
}

/// How far it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// It takes orders, and loads what makes instances fast.
    Warming,
    /// Everything is loaded.
    Warm,
    /// It is gone, with these last words.
    Gone(String),
}

impl Zygote {
    /// Starts Python. `scratch` holds the files of `assets/lambda` in `runtime`; the zygote removes it when it ends.
    ///
    /// # Errors
    /// Those of starting a process.
    pub(super) fn start(python: &Python, scratch: &Path) -> io::Result<Self> {
        let (control, theirs) = std::os::unix::net::UnixStream::pair()?;
        control.set_nonblocking(true)?;
        let control = UnixStream::from_std(control)?;
        // Last, so that every real package goes before its stand-in.
        let stand_ins = scratch.join("stand_ins").to_string_lossy().into_owned();
        let settings = json!({
            "scratch": scratch,
            "path": python.path.iter().chain([&stand_ins]).collect::<Vec<_>>(),
            "modules": ["json", "logging", "boto3", "requests"],
        });
        let child = Command::new(&python.executable)
            .args(["-I", "-B"])
            .arg(scratch.join("runtime").join("zygote.py"))
            .arg(settings.to_string())
            .env_clear()
            .envs([("PATH", "/usr/local/bin:/usr/bin:/bin"), ("LANG", "C.UTF-8"), ("TZ", ":UTC")])
            .envs([("AWS_EC2_METADATA_DISABLED", "true")])
            .env("HOME", scratch)
            .current_dir(scratch)
            .process_group(0)
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        let (commands, receiver) = mpsc::unbounded_channel();
        let (told, state) = watch::channel(State::Warming);
        tokio::spawn(serve(control, child, receiver, told));
        Ok(Self { commands, next: AtomicU64::new(1), state })
    }

    /// Whether it is gone.
    pub(super) fn is_gone(&self) -> bool {
        matches!(*self.state.borrow(), State::Gone(_)) || self.state.has_changed().is_err()
    }

    /// Ends it, whatever its instances are doing.
    pub(super) fn stop(&self) {
        let _ = self.commands.send(Request::Stop);
    }

    /// Its state, now and as it changes.
    pub(super) fn state(&self) -> watch::Receiver<State> {
        self.state.clone()
    }

    /// Forks an instance.
    ///
    /// # Errors
    /// Those of making sockets; the zygote being gone shows in the worker, which ends at once.
    pub(super) fn fork(self: &Arc<Self>, order: Order) -> io::Result<Worker> {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let (channel, their_channel) = UnixStream::pair()?;
        let their_channel = their_channel.into_std()?;
        their_channel.set_nonblocking(false)?;
        let (output, their_output) = io::pipe()?;
        let output = pipe::Receiver::from_owned_fd(OwnedFd::from(output))?;
        let (told, ended) = watch::channel(None);
        let descriptors = Box::new([OwnedFd::from(their_channel), OwnedFd::from(their_output)]);
        // If nobody receives, the sender of its end is dropped, and the worker has ended.
        let _ = self.commands.send(Request::Fork { id, order, descriptors, ended: told });
        let (reader, writer) = channel.into_split();
        let zygote = Arc::clone(self);
        Ok(Worker {
            reader: Box::new(reader),
            writer: Box::new(writer),
            output: Some(Box::new(output)),
            ended,
            end: Box::new(move || drop(zygote.commands.send(Request::Kill(id)))),
        })
    }
}

/// Passes orders on and reports back, until nobody wants instances or the zygote is gone.
async fn serve(
    mut control: UnixStream,
    mut child: Child,
    mut commands: mpsc::UnboundedReceiver<Request>,
    state: watch::Sender<State>,
) {
    let mut running: HashMap<u64, watch::Sender<Option<Ended>>> = HashMap::new();
    let mut reports = Reports::default();
    let complaint = child.stderr.take().map(|stderr| {
        tokio::spawn(async move {
            let (mut text, mut stderr) = (Vec::new(), stderr);
            let _ = (&mut stderr).take(LONGEST_COMPLAINT).read_to_end(&mut text).await;
            let _ = tokio::io::copy(&mut stderr, &mut tokio::io::sink()).await;
            String::from_utf8_lossy(&text).trim().to_owned()
        })
    });
    loop {
        tokio::select! {
            command = commands.recv() => match command {
                Some(Request::Fork { id, mut order, descriptors, ended }) => {
                    order["fork"] = id.into();
                    running.insert(id, ended);
                    if send(&control, &order, descriptors.as_slice()).await.is_err() {
                        break;
                    }
                }
                Some(Request::Kill(id)) => {
                    if running.contains_key(&id) && send(&control, &json!({ "kill": id }), &[]).await.is_err() {
                        break;
                    }
                }
                Some(Request::Stop) | None => break,
            },
            read = reports.read(&mut control) => {
                if read.is_err() {
                    break;
                }
                while let Some(report) = reports.next() {
                    if report["warm"] == true {
                        state.send_replace(State::Warm);
                    }
                    let ended = report["ended"].as_u64().and_then(|id| running.remove(&id));
                    if let (Some(ended), Some(status)) = (ended, report["status"].as_i64()) {
                        ended.send_replace(Some(Ended::from_wait_status(status)));
                    }
                }
            }
        }
    }
    // This tells the zygote that nobody wants it any more.
    drop(control);
    if tokio::time::timeout(PATIENCE, child.wait()).await.is_err() {
        let _ = child.kill().await;
    }
    let words = match complaint {
        Some(complaint) => complaint.await.unwrap_or_default(),
        None => String::new(),
    };
    state.send_replace(State::Gone(words));
}

/// Sends a command, with descriptors beside it.
async fn send(control: &UnixStream, what: &Value, descriptors: &[OwnedFd]) -> io::Result<()> {
    let text = what.to_string();
    let length = u32::try_from(text.len()).map_err(io::Error::other)?;
    let data = [&length.to_be_bytes(), text.as_bytes()].concat();
    let (mut sent, mut descriptors) = (0, descriptors.iter().map(AsFd::as_fd).collect::<Vec<_>>());
    while sent < data.len() {
        let written = control
            .async_io(Interest::WRITABLE, || {
                let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(2))];
                let mut beside = SendAncillaryBuffer::new(&mut space);
                if !descriptors.is_empty() {
                    beside.push(SendAncillaryMessage::ScmRights(&descriptors));
                }
                Ok(sendmsg(control, &[IoSlice::new(&data[sent..])], &mut beside, SendFlags::empty())?)
            })
            .await?;
        sent += written;
        descriptors.clear();
    }
    Ok(())
}

/// Reports of the zygote as they come in.
#[derive(Default)]
struct Reports(Vec<u8>);

impl Reports {
    /// Reads what is there; may be dropped while it waits.
    async fn read(&mut self, control: &mut UnixStream) -> io::Result<()> {
        match control.read_buf(&mut self.0).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }

    /// The next report that is whole.
    fn next(&mut self) -> Option<Value> {
        let length = u32::from_be_bytes(self.0.get(..4)?.try_into().ok()?) as usize;
        let report = serde_json::from_slice(self.0.get(4..4 + length)?).ok();
        self.0.drain(..4 + length);
        Some(report.unwrap_or_default())
    }
}
