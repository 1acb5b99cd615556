//! What is deployed, looked up for the check and for `rydes status`, with a ride through it where one is wanted.

use std::io::IsTerminal;

use super::reach;
use super::session::Session;
use crate::check::Deployments;
pub(super) use crate::cloud::Rides;
use crate::cloud::{empty_sandbox, look_at_aws, look_at_sandbox, stage};
use crate::sandbox::{DEFAULT_REGION, Running};
use crate::settings::TargetKind;

/// Looks at the target. That it cannot be asked is told in what comes back.
pub(super) fn look(session: &Session, rides: Rides) -> anyhow::Result<Deployments> {
    let stage = stage(session.settings.target.stage.as_deref());
    reach::runtime()?.block_on(async {
        match session.settings.target.kind {
            TargetKind::Sandbox => in_sandbox(session, &stage, rides).await,
            TargetKind::Aws => on_aws(session, &stage, rides).await,
        }
    })
}

async fn in_sandbox(session: &Session, stage: &str, rides: Rides) -> anyhow::Result<Deployments> {
    let workspace = session.settings.workspace.clone();
    let has_state = session.folder.path(".rydes/sandbox/cloudformation.json").exists();
    if !has_state && tokio::task::spawn_blocking(move || Running::find(&workspace)).await?.is_none() {
        // Nothing was ever deployed: no need to start one.
        return Ok(empty_sandbox(stage));
    }
    let reach = match reach::open(&session.settings).await {
        Ok(reach) => reach,
        Err(error) => return Ok(Deployments { trouble: Some(format!("{error:#}")), ..empty_sandbox(stage) }),
    };
    let region = session.settings.target.region.as_deref().unwrap_or(DEFAULT_REGION);
    let found = look_at_sandbox(session.folder.root(), &reach, region, stage, rides).await;
    reach.close().await?;
    Ok(found)
}

async fn on_aws(session: &Session, stage: &str, rides: Rides) -> anyhow::Result<Deployments> {
    let (target, _) = reach::target(&session.settings).await?;
    let consents = || consents(session);
    Ok(look_at_aws(session.folder.root(), &session.module.services, &target, stage, rides, consents).await)
}

/// Whether a ride may be requested in the learner's account. Nobody to ask is no consent.
fn consents(session: &Session) -> anyhow::Result<bool> {
    if !session.settings.yes && !std::io::stdin().is_terminal() {
        return Ok(false);
    }
    super::ask::confirm(&session.settings, "Request one ride in your AWS account, to see whether it is recorded?")
}
