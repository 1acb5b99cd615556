//! The sandbox put together: its services on one port, started and stopped.

mod options;
mod services;

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;

use super::account::Account;
use super::control::Control;
use super::deploy::Deploy;
use super::front::Front;
use super::running::Running;
use super::state::{State, keep_saving};
use super::wire::{Server, Wire, listen};

pub use options::{Options, SandboxError};
pub use services::Services;

/// How long a sandbox that is just starting may take until it answers.
const STARTING: Duration = Duration::from_secs(3);

/// A sandbox that runs. Dropped without [`Sandbox::stop`], it ends at once and keeps what was saved so far.
#[derive(Debug)]
pub struct Sandbox {
    account: Arc<Account>,
    services: Services,
    control: Arc<Control>,
    server: Option<Server>,
    state: Option<Arc<State>>,
    saving: Option<JoinHandle<()>>,
    found_by: Option<PathBuf>,
    troubles: Vec<String>,
    /// Held as long as it runs.
    _lock: Option<File>,
}

impl Sandbox {
    /// Starts a sandbox on the current runtime; it answers once this returns.
    ///
    /// # Errors
    /// One runs on the workshop already, the port is taken, or files cannot be used.
    pub async fn start(options: Options) -> Result<Self, SandboxError> {
        Self::start_with(options, Vec::new()).await
    }

    /// As [`Sandbox::start`], with pages of the caller's own beside the others.
    pub(super) async fn start_with(options: Options, own: Vec<Arc<dyn Front>>) -> Result<Self, SandboxError> {
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

        let workspace = options.workspace.clone().unwrap_or_default();
        let services = Services::new(&account, workspace);
        let all = services.all();
        let control = Arc::new(Control::new(Arc::clone(&account), Arc::clone(&services.deploy)));
        let mut fronts = services.fronts();
        fronts.extend(own);
        fronts.push(Arc::clone(&control) as Arc<dyn Front>);

        let troubles = state.as_ref().map(|state| state.restore(&all, port)).unwrap_or_default();
        services.deploy.revive();
        let wire = Arc::new(Wire::new(Arc::clone(&account), all.clone(), fronts));
        let server = Server::start(listener, wire).map_err(in_use)?;
        let mut saving = None;
        if let (Some(state), Some(folder)) = (&state, &folder) {
            state.keep_port(port).map_err(on("cannot write in", folder))?;
            saving = Some(tokio::spawn(keep_saving(Arc::clone(state), Arc::clone(&account), all)));
        }
        let found_by = options.workspace.as_deref().map(Running::path);
        let server = Some(server);
        let sandbox = Self { account, services, control, server, state, saving, found_by, troubles, _lock: lock };
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

    /// The services, to be called without the wire.
    pub fn services(&self) -> &Services {
        &self.services
    }

    /// Deploys services into it.
    pub fn deployer(&self) -> &Arc<Deploy> {
        &self.services.deploy
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
        self.services.lambda.stop().await;
        if let Some(saving) = self.saving.take() {
            saving.abort();
            let _ = saving.await;
        }
        if let Some(state) = self.state.take() {
            let services = self.services.all();
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
