//! What of the workshop is deployed to an account on AWS, as the check looks at it. A sandbox tells it itself, with more certainty.

use std::fs;
use std::path::Path;
use std::time::UNIX_EPOCH;

use super::discovery::Discovery;
use super::probe::Route;
use super::target::{Connection, TargetError};
use crate::check::{Deployed, Deployments};
use crate::sandbox::{Sources, edited};

/// The stacks of `services` on `stage`, whose files lie in `workspace`.
///
/// # Errors
/// AWS could not be asked.
pub async fn deployments(
    connection: &Connection,
    services: &[String],
    stage: &str,
    workspace: &Path,
) -> Result<Deployments, TargetError> {
    let discovery = Discovery::new(connection, stage);
    let mut stacks = Vec::new();
    for service in services {
        let Some(found) = discovery.stack(service).await? else { continue };
        let folder = workspace.join(service);
        stacks.push(Deployed {
            service: service.clone(),
            edited: later(&folder, found.changed).into_iter().map(|path| format!("{service}/{path}")).collect(),
            compared: false,
            resources: discovery.resources(service).await?,
            name: found.name,
            id: found.id,
            status: found.status,
            reason: found.reason,
            changed: found.changed,
        });
    }
    let target = format!("AWS ({})", connection.region());
    Ok(Deployments { target, stage: stage.to_owned(), stacks, ..Deployments::default() })
}

/// Where a ride is requested and looked for: none if the stack that answers tells no address.
///
/// # Errors
/// AWS could not be asked.
pub async fn route(
    connection: &Connection,
    deployments: &Deployments,
    service: &str,
    record: &str,
) -> Result<Option<Route>, TargetError> {
    let Some(found) = Discovery::new(connection, &deployments.stage).stack(service).await? else { return Ok(None) };
    let Some(url) = found.url("/ride") else { return Ok(None) };
    let resource = |service: &str, kind: &str, logical: &str| {
        let stack = deployments.stack(service)?;
        Some(stack.resource(kind, logical)?.physical.clone())
    };
    Ok(Some(Route {
        url,
        table: resource(record, "AWS::DynamoDB::Table", "RideRecordTable"),
        topic: resource(service, "AWS::SNS::Topic", "RidesSnsTopic"),
    }))
}

/// Files that were written after `changed` (milliseconds since the epoch), as paths from `folder`.
fn later(folder: &Path, changed: i64) -> Vec<String> {
    let Ok(sources) = Sources::read(folder) else { return Vec::new() };
    let written = |path: &str| {
        let time = fs::metadata(folder.join(path)).and_then(|data| data.modified()).ok()?;
        i64::try_from(time.duration_since(UNIX_EPOCH).ok()?.as_millis()).ok()
    };
    // Against nothing, every file that counts is an edited one.
    let all = edited(&Default::default(), &sources.hashes);
    all.into_iter().filter(|path| written(path).is_some_and(|time| time > changed)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_written_after_the_deploy_are_told() {
        let folder = tempfile::tempdir().unwrap();
        for path in ["serverless.yml", "README.md"] {
            fs::write(folder.path().join(path), "x").unwrap();
        }
        assert_eq!(later(folder.path(), 0), ["serverless.yml"]);
        assert!(later(folder.path(), i64::MAX).is_empty());
        assert!(later(&folder.path().join("nowhere"), 0).is_empty());
    }
}
