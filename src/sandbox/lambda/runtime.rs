//! Where instances come from: Python, found when first needed, and one process that forks them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

#[cfg(unix)]
use tokio::sync::Mutex;
use uuid::Uuid;

use super::Making;
use super::spawned::Spawned;
use super::worker::{Order, Worker};
#[cfg(unix)]
use super::zygote::{State, Zygote};
use crate::sandbox::interpreter::{Interpreter, Python};

/// The other side, in Python.
const SOURCES: [(&str, &str); 3] = [
    ("zygote.py", include_str!("../../../assets/lambda/zygote.py")),
    ("instance.py", include_str!("../../../assets/lambda/instance.py")),
    ("isolation.py", include_str!("../../../assets/lambda/isolation.py")),
];
/// Packages that the original services import and that do nothing for a ride; a real one, where there is one, goes first.
const STAND_INS: [(&str, &str); 5] = [
    ("thundra/__init__.py", include_str!("../../../assets/lambda/stand_ins/thundra/__init__.py")),
    ("thundra/thundra_agent.py", include_str!("../../../assets/lambda/stand_ins/thundra/thundra_agent.py")),
    ("thundra/plugins/__init__.py", include_str!("../../../assets/lambda/stand_ins/thundra/plugins/__init__.py")),
    (
        "thundra/plugins/trace/__init__.py",
        include_str!("../../../assets/lambda/stand_ins/thundra/plugins/trace/__init__.py"),
    ),
    (
        "thundra/plugins/trace/traceable.py",
        include_str!("../../../assets/lambda/stand_ins/thundra/plugins/trace/traceable.py"),
    ),
];

/// Why no instance can be made, in words for the learner.
pub(super) type Trouble = String;

/// Makes the processes that instances live in.
pub(super) struct Runtime {
    interpreter: Arc<Interpreter>,
    /// Where scratch folders of runs are, and what marks them as ours.
    home: PathBuf,
    scratch: OnceLock<PathBuf>,
    making: Making,
    #[cfg(unix)]
    zygote: Mutex<Option<Arc<Zygote>>>,
    spawned: Spawned,
}

impl Runtime {
    /// Keeps what handlers write below `folder`, or where the system keeps what is temporary.
    pub(super) fn new(interpreter: Arc<Interpreter>, folder: Option<&Path>, making: Making) -> Self {
        let home = folder.map_or_else(std::env::temp_dir, |folder| folder.join("lambda"));
        Self {
            interpreter,
            home,
            scratch: OnceLock::new(),
            making,
            #[cfg(unix)]
            zygote: Mutex::new(None),
            spawned: Spawned::default(),
        }
    }

    /// Starts what takes long before it is needed.
    ///
    /// # Errors
    /// Why there is no Python.
    pub(super) async fn warm_up(&self) -> Result<(), Trouble> {
        #[cfg(unix)]
        if self.making == Making::Fork {
            return self.zygote().await.map(drop);
        }
        let (python, scratch) = self.places().await?;
        self.spawned.prepare(&python, scratch).map_err(|error| does_not_start(&python, &error))
    }

    /// Waits until everything that makes instances fast is loaded.
    pub(super) async fn warm(&self) -> Result<(), Trouble> {
        #[cfg(unix)]
        if self.making == Making::Fork {
            let mut state = self.zygote().await?.state();
            let reached = state.wait_for(|state| *state != State::Warming).await.map(|state| state.clone());
            return match reached {
                Ok(State::Gone(words)) => Err(format!("Python ended: {words}")),
                _ => Ok(()),
            };
        }
        self.warm_up().await
    }

    /// Makes a process.
    pub(super) async fn start(&self, order: Order) -> Result<Worker, Trouble> {
        #[cfg(unix)]
        if self.making == Making::Fork {
            let zygote = self.zygote().await?;
            return zygote.fork(order).map_err(|error| format!("no process for the function: {error}"));
        }
        let (python, scratch) = self.places().await?;
        self.spawned
            .start(&python, scratch, &order)
            .await
            .map_err(|error| format!("no process for the function: {error}"))
    }

    async fn places(&self) -> Result<(Python, &Path), Trouble> {
        let python = self.interpreter.python().await.map_err(|fault| fault.to_string())?;
        let scratch = self.scratch().map_err(|error| format!("no folder for functions to write to: {error}"))?;
        Ok((python, scratch))
    }

    #[cfg(unix)]
    async fn zygote(&self) -> Result<Arc<Zygote>, Trouble> {
        let mut zygote = self.zygote.lock().await;
        if let Some(zygote) = zygote.as_ref().filter(|zygote| !zygote.is_gone()) {
            return Ok(Arc::clone(zygote));
        }
        let (python, scratch) = self.places().await?;
        let made = Zygote::start(&python, scratch).map_err(|error| does_not_start(&python, &error))?;
        Ok(Arc::clone(zygote.insert(Arc::new(made))))
    }

    /// Where handlers may write; made anew if somebody removed it.
    fn scratch(&self) -> io::Result<&Path> {
        if self.scratch.get().is_none() {
            remove_left_behind(&self.home);
            let name = format!("rydes-lambda-{}-{}", std::process::id(), &Uuid::new_v4().simple().to_string()[..8]);
            fs::create_dir_all(&self.home)?;
            let _ = self.scratch.set(self.home.canonicalize()?.join(name));
        }
        let scratch = self.scratch.get().map_or(Path::new(""), PathBuf::as_path);
        let runtime = scratch.join("runtime");
        fs::create_dir_all(&runtime)?;
        for (name, source) in SOURCES {
            fs::write(runtime.join(name), source)?;
        }
        for (name, source) in STAND_INS {
            let file = scratch.join("stand_ins").join(name);
            file.parent().map_or(Ok(()), fs::create_dir_all)?;
            fs::write(file, source)?;
        }
        Ok(scratch)
    }

    /// The folder that the function `name` may write to.
    pub(super) fn folder_of(&self, region: &str, name: &str) -> io::Result<PathBuf> {
        let folder = self.scratch.get().map_or(Path::new(""), PathBuf::as_path).join(region).join(name);
        fs::create_dir_all(&folder)?;
        Ok(folder)
    }

    /// Ends everything and waits for it.
    pub(super) async fn stop(&self) {
        self.spawned.stop();
        #[cfg(unix)]
        let zygote = self.zygote.lock().await.take();
        #[cfg(unix)]
        if let Some(zygote) = zygote {
            zygote.stop();
            let mut state = zygote.state();
            let _ = state.wait_for(|state| matches!(state, State::Gone(_))).await;
        }
        self.remove_scratch();
    }

    /// Ends everything without waiting.
    pub(super) fn abandon(&self) {
        self.spawned.stop();
        #[cfg(unix)]
        if let Ok(mut zygote) = self.zygote.try_lock()
            && let Some(zygote) = zygote.take()
        {
            zygote.stop();
        }
    }

    fn remove_scratch(&self) {
        if let Some(scratch) = self.scratch.get() {
            let _ = fs::remove_dir_all(scratch);
        }
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        self.remove_scratch();
    }
}

fn does_not_start(python: &Python, error: &io::Error) -> Trouble {
    format!("{} does not start: {error}", python.executable.display())
}

/// Removes what killed runs left: the zygote does, but it can be killed as well.
fn remove_left_behind(home: &Path) {
    let Ok(entries) = fs::read_dir(home) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let process =
            name.to_str().and_then(|name| name.strip_prefix("rydes-lambda-")?.split('-').next()?.parse().ok());
        if process.is_some_and(|process: i32| !is_running(process)) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(unix)]
fn is_running(process: i32) -> bool {
    rustix::process::Pid::from_raw(process)
        .is_some_and(|process| rustix::process::test_kill_process(process) != Err(rustix::io::Errno::SRCH))
}

/// Where it cannot be known.
#[cfg(not(unix))]
fn is_running(_: i32) -> bool {
    true
}
