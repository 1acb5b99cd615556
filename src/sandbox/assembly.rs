//! The sandbox put together: its services on one port, started and stopped.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;

use super::account::Account;
use super::control::Control;
use super::front::Front;
use super::running::Running;
use super::service::Service;
use super::ssm::Ssm;
use super::state::{State, keep_saving};
use super::sts::Sts;
use super::wire::{Server, Wire, listen};

/// How long a sandbox that is just starting may take until it answers.
const STARTING: Duration = Duration::from_secs(3);

/// What a sandbox is started with.
#[derive(Clone, Debug)]
pub struct Options {
    /// The workshop folder, in which other programs find it; none for a sandbox apart.
    pub workspace: Option<PathBuf>,
    /// Where state is kept; `.rydes/sandbox` of the workshop folder if none is named. Without both nothing is kept.
    pub folder: Option<PathBuf>,
    /// The port that it must have; else the last run's if it is free, else any.
    pub port: Option<u16>,
    /// Forget the state of earlier runs.
    pub fresh: bool,
    /// How many times as fast as the wall's its clock runs.
    pub speed: f64,
}

impl Options {
    /// The sandbox of a workshop.
    pub fn of(workspace: &Path) -> Self {
        Self { workspace: Some(workspace.to_owned()), ..Self::scratch() }
    }

    /// A sandbox apart, that leaves nothing behind.
    pub fn scratch() -> Self {
        Self { workspace: None, folder: None, port: None, fresh: false, speed: 1.0 }
    }
}

/// Why a sandbox did not start or stop as it should.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// One runs on this workshop already: use it.
    #[error("a sandbox runs on this workshop already: process {}, {}", .0.pid, .0.endpoint())]
    Running(Box<Running>),
    /// Another program holds the lock and does not answer.
    #[error("another program holds {} but does not answer. End that program, then start again.", .0.display())]
    Silent(PathBuf),
    /// The port is taken.
    #[error("cannot listen on port {port} of 127.0.0.1: {source}. Name another one with `--port`, or none.")]
    Port {
        /// Which; 0 for any.
        port: u16,
        /// What the system said.
        source: io::Error,
    },
    /// A file cannot be used.
    #[error("{action} {}: {source}", path.display())]
    File {
        /// What was tried: "cannot write".
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// A sandbox that runs. Dropped without [`Sandbox::stop`], it ends at once and keeps what was saved so far.
#[derive(Debug)]
pub struct Sandbox {
    account: Arc<Account>,
    ssm: Arc<Ssm>,
    control: Arc<Control>,
    services: Services,
    server: Option<Server>,
    state: Option<Arc<State>>,
    saving: Option<JoinHandle<()>>,
    found_by: Option<PathBuf>,
    troubles: Vec<String>,
    /// Held as long as it runs.
    _lock: Option<File>,
}

struct Services(Vec<Arc<dyn Service>>);

impl std::fmt::Debug for Services {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_list().entries(self.0.iter().map(|service| service.name())).finish()
    }
}

impl Sandbox {
    /// Starts a sandbox on the current runtime; it answers once this returns.
    ///
    /// # Errors
    /// One runs on the workshop already, the port is taken, or files cannot be used.
    pub async fn start(options: Options) -> Result<Self, SandboxError> {
        let lock = match &options.workspace {
            Some(workspace) => Some(lock(workspace).await?),
            None => None,
        };
        let in_workspace = options.workspace.as_ref().map(|workspace| workspace.join(".rydes").join("sandbox"));
        let folder = options.folder.or(in_workspace);
        let state = match &folder {
            Some(folder) => {
                let opened = State::open(folder, options.fresh).map_err(on("cannot use the folder", folder))?;
                Some(Arc::new(opened))
            }
            None => None,
        };
        let last_port = state.as_ref().and_then(|state| state.last_port());
        let in_use = |source| SandboxError::Port { port: options.port.unwrap_or(0), source };
        let listener = listen(options.port, last_port).map_err(in_use)?;
        let port = listener.local_addr().map_err(in_use)?.port();
        let account = Arc::new(Account::new(folder.clone(), options.speed));
        account.bound(port);

        let ssm = Arc::new(Ssm::new(Arc::clone(&account)));
        let control = Arc::new(Control::new(Arc::clone(&account)));
        let services: Vec<Arc<dyn Service>> = vec![Arc::clone(&ssm) as _, Arc::new(Sts)];
        let fronts: Vec<Arc<dyn Front>> = vec![Arc::clone(&control) as _];

        let troubles = state.as_ref().map(|state| state.restore(&services, port)).unwrap_or_default();
        let wire = Arc::new(Wire::new(Arc::clone(&account), services.clone(), fronts));
        let server = Server::start(listener, wire).map_err(in_use)?;
        let mut saving = None;
        if let (Some(state), Some(folder)) = (&state, &folder) {
            state.keep_port(port).map_err(on("cannot write in", folder))?;
            saving = Some(tokio::spawn(keep_saving(Arc::clone(state), Arc::clone(&account), services.clone())));
        }
        let found_by = options.workspace.as_deref().map(Running::path);
        let (server, services) = (Some(server), Services(services));
        let sandbox = Self { account, ssm, control, services, server, state, saving, found_by, troubles, _lock: lock };
        if let Some(path) = &sandbox.found_by {
            let running = Running::this(port, sandbox.account.keys.learner(), sandbox.control.token());
            running.write(path).map_err(on("cannot write", path))?;
        }
        Ok(sandbox)
    }

    /// `http://127.0.0.1:PORT`, without a slash at the end.
    pub fn endpoint(&self) -> String {
        self.account.endpoint()
    }

    /// Keys, clock and feed.
    pub fn account(&self) -> &Arc<Account> {
        &self.account
    }

    /// The Parameter Store.
    pub fn ssm(&self) -> &Arc<Ssm> {
        &self.ssm
    }

    /// What was wrong with the state of the last run, in words.
    pub fn troubles(&self) -> &[String] {
        &self.troubles
    }

    /// Waits until another program asks it to stop.
    pub async fn stop_asked(&self) {
        self.control.stop_asked().await;
    }

    /// Lets requests that are being answered finish, keeps the state and ends.
    ///
    /// # Errors
    /// The state cannot be written.
    pub async fn stop(mut self) -> Result<(), SandboxError> {
        if let Some(server) = self.server.take() {
            server.stop().await;
        }
        if let Some(saving) = self.saving.take() {
            saving.abort();
            let _ = saving.await;
        }
        if let Some(state) = self.state.take() {
            let services = self.services.0.clone();
            let saved = tokio::task::spawn_blocking(move || state.save(&services)).await.map_err(io::Error::other);
            let folder = self.account.folder.clone().unwrap_or_default();
            saved.and_then(|saved| saved).map_err(on("cannot keep the state of the sandbox in", &folder))?;
        }
        Ok(())
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        if let Some(saving) = self.saving.take() {
            saving.abort();
        }
        if let Some(path) = &self.found_by {
            let _ = fs::remove_file(path);
        }
    }
}

fn on(action: &'static str, path: &Path) -> impl Fn(io::Error) -> SandboxError + use<> {
    let path = path.to_owned();
    move |source| SandboxError::File { action, path: path.clone(), source }
}

/// Takes the lock of the workshop, or finds who has it.
async fn lock(workspace: &Path) -> Result<File, SandboxError> {
    let folder = workspace.join(".rydes");
    fs::create_dir_all(&folder).map_err(on("cannot make", &folder))?;
    let path = folder.join("sandbox.lock");
    let open = File::options().create(true).truncate(false).write(true).open(&path);
    let file = open.map_err(on("cannot open", &path))?;
    let deadline = Instant::now() + STARTING;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::Error(source)) => return Err(on("cannot lock", &path)(source)),
            Err(TryLockError::WouldBlock) => {}
        }
        let workspace = workspace.to_owned();
        let found = tokio::task::spawn_blocking(move || Running::find(&workspace)).await;
        if let Ok(Some(running)) = found {
            return Err(SandboxError::Running(Box::new(running)));
        }
        if Instant::now() > deadline {
            return Err(SandboxError::Silent(path));
        }
        // Whoever has it is starting, or ending.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
