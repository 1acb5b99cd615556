//! The cloud that a command works on: the sandbox that runs on the workshop, one of its own for as long as the command runs, or AWS.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context, anyhow, bail};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;

use super::session::say;
use crate::check::Deployed;
use crate::cloud::Target;
use crate::sandbox::{Activity, Options, Order, Progress, Running, Sandbox};
use crate::settings::{Settings, TargetKind};

/// A sandbox that can be used now.
pub(super) enum Reach {
    /// One that another process runs.
    Other(Running),
    /// One of this process's own, which keeps its state for the next.
    Own(Box<Sandbox>),
}

impl Reach {
    /// Finds the sandbox of the workshop, or starts one until [`Reach::close`].
    pub(super) async fn open(settings: &Settings) -> anyhow::Result<Self> {
        let workspace = settings.workspace.clone();
        let found = tokio::task::spawn_blocking(move || Running::find(&workspace)).await?;
        if let Some(running) = found {
            return Ok(Self::Other(running));
        }
        let sandbox = Sandbox::start(Options::of(&settings.workspace)).await?;
        sandbox.troubles().iter().for_each(|trouble| say(trouble));
        Ok(Self::Own(Box::new(sandbox)))
    }

    /// Where the SDK finds it.
    pub(super) fn target(&self) -> Target {
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
                    region: crate::sandbox::DEFAULT_REGION.to_owned(),
                    key: key.id.clone(),
                    secret: key.secret.clone(),
                }
            }
        }
    }

    /// Deploys, telling each step as it comes; the last one is [`Progress::Done`] or [`Progress::Failed`].
    pub(super) async fn deploy(&self, order: &Order, tell: impl FnMut(Progress)) -> anyhow::Result<()> {
        self.work(order, false, tell).await
    }

    /// Removes the stack of a service, telling each step as [`Reach::deploy`].
    pub(super) async fn remove(&self, order: &Order, tell: impl FnMut(Progress)) -> anyhow::Result<()> {
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

    /// What is deployed to a region and stage, against the files as they are now.
    pub(super) async fn standing(&self, region: &str, stage: &str) -> anyhow::Result<Vec<Deployed>> {
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

    /// All that happens in it from now on.
    pub(super) async fn feed(&self) -> anyhow::Result<mpsc::UnboundedReceiver<Activity>> {
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
    pub(super) async fn close(self) -> anyhow::Result<()> {
        match self {
            Self::Own(sandbox) => Ok(sandbox.stop().await?),
            Self::Other(_) => Ok(()),
        }
    }
}

/// The target of commands that call the cloud, with the sandbox that must be closed in the end if there is one.
pub(super) async fn target(settings: &Settings) -> anyhow::Result<(Target, Option<Reach>)> {
    match settings.target.kind {
        TargetKind::Sandbox => {
            let reach = Reach::open(settings).await?;
            Ok((reach.target(), Some(reach)))
        }
        TargetKind::Aws => {
            let aws = &settings.target;
            let target = Target::Aws {
                profile: aws.profile.clone(),
                region: aws.region.clone(),
                endpoint: aws.endpoint_url.clone(),
            };
            Ok((target, None))
        }
    }
}

/// The stage: `--stage`, else `SLS_STAGE`, else `dev`.
pub(super) fn stage(settings: &Settings) -> String {
    let from_shell = || std::env::var("SLS_STAGE").ok().filter(|stage| !stage.is_empty());
    settings.target.stage.clone().or_else(from_shell).unwrap_or_else(|| "dev".to_owned())
}

/// The shell's environment, for `${env:…}`.
pub(super) fn environment() -> BTreeMap<String, String> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

/// A runtime for commands that do something over the network.
pub(super) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| anyhow!("cannot start the threads of the program: {error}"))
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
