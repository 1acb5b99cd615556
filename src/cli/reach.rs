//! The cloud that a command works on: the sandbox that runs on the workshop, one of its own for as long as the command runs, or AWS.

use std::collections::BTreeMap;

use anyhow::{Context, anyhow, bail};
use tokio::sync::mpsc;

use super::session::say;
use crate::cloud::Target;
use crate::sandbox::{Options, Order, Progress, Running, Sandbox};
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
