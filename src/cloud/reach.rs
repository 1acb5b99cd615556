//! The sandbox of a workshop as a program uses it: the one that another process runs, or one of this process's own.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;

use super::{Connection, Discovery, Target};
use crate::check::Deployed;
use crate::sandbox::{Activity, DEFAULT_REGION, Options, Order, Progress, Running, Sandbox, SandboxError};

/// The service that takes requests for rides.
const RIDES: &str = "wild-rydes";

/// A sandbox that can be used now.
pub enum Reach {
    /// One that another process runs.
    Other(Running),
    /// One of this process's own, which keeps its state for the next.
    Own(Box<Sandbox>),
}

impl Reach {
    /// Finds the sandbox of the workshop folder `workspace`, or starts one until [`Reach::close`].
    ///
    /// # Errors
    /// It cannot be started.
    pub async fn open(workspace: &Path) -> Result<Self, SandboxError> {
        let folder = workspace.to_owned();
        let found = tokio::task::spawn_blocking(move || Running::find(&folder)).await;
        if let Ok(Some(running)) = found {
            return Ok(Self::Other(running));
        }
        match Sandbox::start(Options::of(workspace)).await {
            // Another program was quicker.
            Err(SandboxError::Running(running)) => Ok(Self::Other(*running)),
            started => Ok(Self::Own(Box::new(started?))),
        }
    }

    /// What was wrong with the state of the last run, in words.
    pub fn troubles(&self) -> &[String] {
        match self {
            Self::Own(sandbox) => sandbox.troubles(),
            Self::Other(_) => &[],
        }
    }

    /// The port that it listens on.
    pub fn port(&self) -> u16 {
        match self {
            Self::Own(sandbox) => sandbox.account().port(),
            Self::Other(running) => running.port,
        }
    }

    /// Where the SDK finds it.
    pub fn target(&self) -> Target {
        match self {
            Self::Other(running) => Target::Sandbox {
                endpoint: running.endpoint(),
                region: running.region.clone(),
                key: running.key.clone(),
                secret: running.secret.clone(),
            },
            Self::Own(sandbox) => {
                let key = sandbox.account().keys.learner();
                Target::Sandbox {
                    endpoint: sandbox.endpoint(),
                    region: DEFAULT_REGION.to_owned(),
                    key: key.id.clone(),
                    secret: key.secret.clone(),
                }
            }
        }
    }

    /// Deploys, telling each step as it comes; the last one is [`Progress::Done`] or [`Progress::Failed`].
    ///
    /// # Errors
    /// The sandbox is gone.
    pub async fn deploy(&self, order: &Order, tell: impl FnMut(Progress)) -> anyhow::Result<()> {
        self.work(order, false, tell).await
    }

    /// Removes the stack of a service, telling each step as [`Reach::deploy`].
    ///
    /// # Errors
    /// The sandbox is gone.
    pub async fn remove(&self, order: &Order, tell: impl FnMut(Progress)) -> anyhow::Result<()> {
        self.work(order, true, tell).await
    }

    async fn work(&self, order: &Order, remove: bool, mut tell: impl FnMut(Progress)) -> anyhow::Result<()> {
        let (sender, mut steps) = mpsc::unbounded_channel();
        match self {
            Self::Own(sandbox) => {
                let deploying = async move {
                    // What went wrong is the last step.
                    let _ = if remove {
                        sandbox.deployer().remove(order, &sender).await
                    } else {
                        sandbox.deployer().deploy(order, &sender).await
                    };
                    drop(sender);
                };
                let telling = async {
                    while let Some(step) = steps.recv().await {
                        tell(step);
                    }
                };
                tokio::join!(deploying, telling);
            }
            Self::Other(running) => {
                let (running, body) = (running.clone(), serde_json::to_string(order)?);
                let path = if remove { "/rydes/remove" } else { "/rydes/deploy" };
                let following = tokio::task::spawn_blocking(move || {
                    running.follow("POST", path, &body, |line| {
                        serde_json::from_str::<Progress>(line).is_ok_and(|step| sender.send(step).is_ok())
                    })
                });
                while let Some(step) = steps.recv().await {
                    tell(step);
                }
                let status = following.await?.context("the sandbox of the other rydes went away")?;
                if status != 200 {
                    bail!("the sandbox of the other rydes answered {status}: is it of another version?");
                }
            }
        }
        Ok(())
    }

    /// How many times as fast as the wall's its clock runs.
    ///
    /// # Errors
    /// The sandbox is gone.
    pub async fn speed(&self) -> anyhow::Result<f64> {
        match self {
            Self::Own(sandbox) => Ok(sandbox.account().clock.speed()),
            Self::Other(running) => ask(running, "GET", "/rydes/status", String::new()).await,
        }
    }

    /// Lets its clock run at another speed; gives the one that it has now.
    ///
    /// # Errors
    /// The sandbox is gone.
    pub async fn set_speed(&self, speed: f64) -> anyhow::Result<f64> {
        match self {
            Self::Own(sandbox) => {
                sandbox.account().clock.set_speed(speed);
                Ok(sandbox.account().clock.speed())
            }
            Self::Other(running) => ask(running, "POST", "/rydes/speed", format!("{{\"speed\":{speed}}}")).await,
        }
    }

    /// What is deployed to a region and stage, against the files as they are now.
    ///
    /// # Errors
    /// The sandbox is gone, or of another version.
    pub async fn standing(&self, region: &str, stage: &str) -> anyhow::Result<Vec<Deployed>> {
        match self {
            Self::Own(sandbox) => {
                let (deploy, region, stage) = (Arc::clone(sandbox.deployer()), region.to_owned(), stage.to_owned());
                Ok(tokio::task::spawn_blocking(move || deploy.standing(&region, &stage)).await?)
            }
            Self::Other(running) => {
                let running = running.clone();
                let path = format!("/rydes/stacks?region={}&stage={}", in_query(region), in_query(stage));
                let (status, body) = tokio::task::spawn_blocking(move || running.ask("GET", &path, "")).await??;
                if status != 200 {
                    bail!("the sandbox of the other rydes answered {status}: is it of another version?");
                }
                serde_json::from_str(&body)
                    .context("the sandbox of the other rydes tells stacks in another way: is it of another version?")
            }
        }
    }

    /// All that happens in it from now on; the end of it means that the sandbox is gone.
    ///
    /// # Errors
    /// The sandbox is gone.
    pub async fn feed(&self) -> anyhow::Result<mpsc::UnboundedReceiver<Activity>> {
        let (sender, receiver) = mpsc::unbounded_channel();
        match self {
            Self::Own(sandbox) => {
                let mut feed = sandbox.account().feed.listen();
                tokio::spawn(async move {
                    loop {
                        let activity = match feed.recv().await {
                            Ok(activity) => activity,
                            Err(RecvError::Lagged(_)) => continue,
                            Err(RecvError::Closed) => return,
                        };
                        if sender.send(activity).is_err() {
                            return;
                        }
                    }
                });
            }
            Self::Other(running) => {
                let running = running.clone();
                let lines = tokio::task::spawn_blocking(move || running.lines("/rydes/activity")).await??;
                // A thread of its own: it waits for a line when nobody listens any more, and nobody must wait for it.
                std::thread::spawn(move || {
                    let activities = lines.map_while(Result::ok).filter_map(|line| serde_json::from_str(&line).ok());
                    for activity in activities {
                        if sender.send(activity).is_err() {
                            return;
                        }
                    }
                });
            }
        }
        Ok(receiver)
    }

    /// Ends a sandbox of this process's own and keeps its state.
    ///
    /// # Errors
    /// The state cannot be written.
    pub async fn close(self) -> Result<(), SandboxError> {
        match self {
            Self::Own(sandbox) => sandbox.stop().await,
            Self::Other(_) => Ok(()),
        }
    }
}

/// Asks another process for something that answers with the speed of the clock.
async fn ask(running: &Running, method: &'static str, path: &'static str, body: String) -> anyhow::Result<f64> {
    let running = running.clone();
    let (status, body) = tokio::task::spawn_blocking(move || running.ask(method, path, &body))
        .await?
        .context("the sandbox of the other rydes does not answer")?;
    let answer: serde_json::Value = serde_json::from_str(&body).unwrap_or_default();
    answer["speed"].as_f64().with_context(|| format!("the sandbox of the other rydes answered {status}"))
}

/// Where the stack of the service that takes requests answers.
///
/// # Errors
/// It is not deployed, it does not say, or the cloud cannot be asked.
pub async fn ride_url(target: &Target, stage: &str) -> anyhow::Result<String> {
    let connection = Connection::open(target).await?;
    let stack = Discovery::new(&connection, stage).stack(RIDES).await?;
    let Some(stack) = stack else {
        let place = if connection.is_sandbox() { "the sandbox".to_owned() } else { connection.region().to_owned() };
        bail!("{RIDES} is not deployed on stage {stage} in {place}. `rydes deploy` deploys it.");
    };
    stack.url("/ride").with_context(|| {
        format!("the stack {} has no output with the address of /ride: name it with `--url`", stack.name)
    })
}

/// The stage: the one that is named, else `SLS_STAGE`, else `dev`.
pub fn stage(named: Option<&str>) -> String {
    let from_shell = || std::env::var("SLS_STAGE").ok().filter(|stage| !stage.is_empty());
    named.map(str::to_owned).or_else(from_shell).unwrap_or_else(|| "dev".to_owned())
}

/// The shell's environment, for `${env:…}`.
pub fn shell_environment() -> BTreeMap<String, String> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

/// Letters, digits and hyphens stay; all else is escaped.
fn in_query(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            byte if byte.is_ascii_alphanumeric() || byte == b'-' => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect()
}
