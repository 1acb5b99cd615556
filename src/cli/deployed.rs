//! What is deployed, looked up for the check and for `rydes status`, with a ride through it where one is wanted.

use std::fs;
use std::io::{IsTerminal, Write};

use serde::{Deserialize, Serialize};

use super::reach;
use super::session::{Session, say};
use crate::check::{Deployments, Probe};
use crate::cloud::{Connection, Reach, deployments, probe, route, stage};
use crate::sandbox::{DEFAULT_REGION, Running};
use crate::settings::TargetKind;

/// When a ride is requested to see what it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rides {
    /// Unless one went well since the last deploy.
    UntilOneGoesWell,
    /// Unless one was requested since the last deploy.
    OnceADeploy,
    /// Never: what was seen before is told.
    Never,
}

/// What the last ride did, and which state of the stacks it was requested from.
#[derive(Serialize, Deserialize)]
struct LastRide {
    format: u32,
    mark: String,
    probe: Probe,
}

const FORMAT: u32 = 1;
const FILE: &str = ".rydes/last-ride.json";
/// The services that a ride goes through.
const ANSWERS: &str = "wild-rydes";
const RECORDS: &str = "wild-rydes-ride-record";

/// Looks at the target. That it cannot be asked is told in what comes back.
pub(super) fn look(session: &Session, rides: Rides) -> anyhow::Result<Deployments> {
    let stage = stage(session.settings.target.stage.as_deref());
    reach::runtime()?.block_on(async {
        match session.settings.target.kind {
            TargetKind::Sandbox => in_sandbox(session, &stage, rides).await,
            TargetKind::Aws => Ok(on_aws(session, &stage, rides).await),
        }
    })
}

async fn in_sandbox(session: &Session, stage: &str, rides: Rides) -> anyhow::Result<Deployments> {
    let mut found = Deployments {
        target: "the sandbox".to_owned(),
        is_sandbox: true,
        stage: stage.to_owned(),
        ..Deployments::default()
    };
    let workspace = session.settings.workspace.clone();
    let has_state = session.folder.path(".rydes/sandbox/cloudformation.json").exists();
    if !has_state && tokio::task::spawn_blocking(move || Running::find(&workspace)).await?.is_none() {
        // Nothing was ever deployed: no need to start one.
        return Ok(found);
    }
    let reach = match reach::open(&session.settings).await {
        Ok(reach) => reach,
        Err(error) => {
            found.trouble = Some(format!("{error:#}"));
            return Ok(found);
        }
    };
    let region = session.settings.target.region.as_deref().unwrap_or(DEFAULT_REGION);
    let done = async {
        found.stacks = reach.standing(region, stage).await?;
        follow_a_ride(session, &mut found, rides, Some(&reach)).await
    };
    if let Err(error) = done.await {
        found.trouble = Some(format!("{error:#}"));
    }
    reach.close().await?;
    Ok(found)
}

async fn on_aws(session: &Session, stage: &str, rides: Rides) -> Deployments {
    let looked = async {
        let (target, _) = reach::target(&session.settings).await?;
        let connection = Connection::open(&target).await?;
        let services = &session.module.services;
        let mut found = deployments(&connection, services, stage, session.folder.root()).await?;
        follow_a_ride(session, &mut found, rides, None).await?;
        anyhow::Ok(found)
    };
    looked.await.unwrap_or_else(|error| Deployments {
        target: "AWS".to_owned(),
        stage: stage.to_owned(),
        trouble: Some(format!("{error:#}")),
        ..Deployments::default()
    })
}

/// Tells what a ride did: the last one, or a new one if one is wanted.
async fn follow_a_ride(
    session: &Session,
    found: &mut Deployments,
    rides: Rides,
    sandbox: Option<&Reach>,
) -> anyhow::Result<()> {
    if !found.stack(ANSWERS).is_some_and(|stack| stack.is_up()) {
        return Ok(());
    }
    let mark = found.mark();
    let last = last_ride(session).filter(|last| last.mark == mark);
    let wanted = match (rides, &last) {
        (Rides::Never, _) => false,
        (Rides::OnceADeploy, last) => last.is_none(),
        (Rides::UntilOneGoesWell, last) => !last.as_ref().is_some_and(|last| goes_well(&last.probe)),
    };
    if !wanted || (sandbox.is_none() && !consents(session)?) {
        found.probe = last.map(|last| last.probe);
        return Ok(());
    }
    let target = match sandbox {
        Some(reach) => reach.target(),
        None => reach::target(&session.settings).await?.0,
    };
    let connection = Connection::open(&target).await?;
    let Some(route) = route(&connection, found, ANSWERS, RECORDS).await? else { return Ok(()) };
    let feed = match sandbox {
        Some(reach) => Some(reach.feed().await?),
        None => None,
    };
    let ridden = probe(&connection, &route, feed).await?;
    keep(session, &LastRide { format: FORMAT, mark, probe: ridden.clone() });
    found.probe = Some(ridden);
    Ok(())
}

fn goes_well(probe: &Probe) -> bool {
    probe.error.is_none() && probe.recorded == Some(true)
}

/// Whether a ride may be requested in the learner's account. Nobody to ask is no consent.
fn consents(session: &Session) -> anyhow::Result<bool> {
    if !session.settings.yes && !std::io::stdin().is_terminal() {
        return Ok(false);
    }
    super::ask::confirm(&session.settings, "Request one ride in your AWS account, to see whether it is recorded?")
}

fn last_ride(session: &Session) -> Option<LastRide> {
    let text = fs::read_to_string(session.folder.path(FILE)).ok()?;
    serde_json::from_str(&text).ok().filter(|last: &LastRide| last.format == FORMAT)
}

/// Kept for the next look; that it cannot be kept costs a ride more.
fn keep(session: &Session, last: &LastRide) {
    let path = session.folder.path(FILE);
    let written = || -> std::io::Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(session.folder.path(".rydes"))?;
        file.write_all(serde_json::to_string_pretty(last).map_err(std::io::Error::other)?.as_bytes())?;
        file.persist(&path).map_err(|error| error.error)?;
        Ok(())
    };
    if let Err(error) = written() {
        say(&format!("{FILE} cannot be written: {error}"));
    }
}
