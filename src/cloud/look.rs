//! What is deployed and what a ride through it does, looked up for the check, the status and the screen.

use std::fs;
use std::io::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{Connection, Reach, Target, deployments, probe, route};
use crate::check::{Deployments, Probe};

/// When a ride is requested to see what it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rides {
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

/// The sandbox on `stage` with nothing in it.
pub fn empty_sandbox(stage: &str) -> Deployments {
    Deployments {
        target: "the sandbox".to_owned(),
        is_sandbox: true,
        stage: stage.to_owned(),
        ..Deployments::default()
    }
}

/// Looks at the sandbox of the workshop folder `root`. That it cannot be asked is told in what comes back.
pub async fn look_at_sandbox(root: &Path, reach: &Reach, region: &str, stage: &str, rides: Rides) -> Deployments {
    let mut found = empty_sandbox(stage);
    let done = async {
        found.stacks = reach.standing(region, stage).await?;
        follow_a_ride(root, &mut found, rides, &reach.target(), Some(reach), || Ok(true)).await
    };
    if let Err(error) = done.await {
        found.trouble = Some(format!("{error:#}"));
    }
    found
}

/// Looks at an account on AWS; `consents` is asked before a ride is requested there. That it cannot be asked is told in what comes back.
pub async fn look_at_aws(
    root: &Path,
    services: &[String],
    target: &Target,
    stage: &str,
    rides: Rides,
    consents: impl FnOnce() -> anyhow::Result<bool>,
) -> Deployments {
    let looked = async {
        let connection = Connection::open(target).await?;
        let mut found = deployments(&connection, services, stage, root).await?;
        follow_a_ride(root, &mut found, rides, target, None, consents).await?;
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
    root: &Path,
    found: &mut Deployments,
    rides: Rides,
    target: &Target,
    sandbox: Option<&Reach>,
    consents: impl FnOnce() -> anyhow::Result<bool>,
) -> anyhow::Result<()> {
    if !found.stack(ANSWERS).is_some_and(|stack| stack.is_up()) {
        return Ok(());
    }
    let mark = found.mark();
    let last = last_ride(root).filter(|last| last.mark == mark);
    let wanted = match (rides, &last) {
        (Rides::Never, _) => false,
        (Rides::OnceADeploy, last) => last.is_none(),
        (Rides::UntilOneGoesWell, last) => !last.as_ref().is_some_and(|last| goes_well(&last.probe)),
    };
    if !wanted || !consents()? {
        found.probe = last.map(|last| last.probe);
        return Ok(());
    }
    let connection = Connection::open(target).await?;
    let Some(route) = route(&connection, found, ANSWERS, RECORDS).await? else { return Ok(()) };
    let feed = match sandbox {
        Some(reach) => Some(reach.feed().await?),
        None => None,
    };
    let ridden = probe(&connection, &route, feed).await?;
    // That it cannot be kept costs a ride more, and no more.
    let _ = keep(root, &LastRide { format: FORMAT, mark, probe: ridden.clone() });
    found.probe = Some(ridden);
    Ok(())
}

fn goes_well(probe: &Probe) -> bool {
    probe.error.is_none() && probe.recorded == Some(true)
}

fn last_ride(root: &Path) -> Option<LastRide> {
    let text = fs::read_to_string(root.join(FILE)).ok()?;
    serde_json::from_str(&text).ok().filter(|last: &LastRide| last.format == FORMAT)
}

fn keep(root: &Path, last: &LastRide) -> std::io::Result<()> {
    let mut file = tempfile::NamedTempFile::new_in(root.join(".rydes"))?;
    file.write_all(serde_json::to_string_pretty(last).map_err(std::io::Error::other)?.as_bytes())?;
    file.persist(root.join(FILE)).map_err(|error| error.error)?;
    Ok(())
}
