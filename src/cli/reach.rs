//! The cloud that a command works on: the sandbox of the workshop, or AWS.

use anyhow::anyhow;

use super::session::say;
use crate::cloud::{Reach, Target};
use crate::settings::{Settings, TargetKind};

/// Finds the sandbox of the workshop, or starts one until [`Reach::close`].
pub(super) async fn open(settings: &Settings) -> anyhow::Result<Reach> {
    let reach = Reach::open(&settings.workspace).await?;
    reach.troubles().iter().for_each(|trouble| say(trouble));
    Ok(reach)
}

/// The target of commands that call the cloud, with the sandbox that must be closed in the end if there is one.
pub(super) async fn target(settings: &Settings) -> anyhow::Result<(Target, Option<Reach>)> {
    match settings.target.kind {
        TargetKind::Sandbox => {
            let reach = open(settings).await?;
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

/// A runtime for commands that do something over the network.
pub(super) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| anyhow!("cannot start the threads of the program: {error}"))
}
