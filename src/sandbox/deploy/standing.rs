//! What is deployed, against the files as they are now: for the check and for `rydes status`.

use super::{Deploy, Sources, edited};
use crate::check::{Deployed, DeployedResource};

impl Deploy {
    /// All stacks of a region and stage that are there, or whose first deploy failed, against the files in the workshop folder.
    pub fn standing(&self, region: &str, stage: &str) -> Vec<Deployed> {
        let stacks = self.parts.stacks.all(region);
        let mut standing: Vec<Deployed> = Vec::new();
        // The newest of a name first: what was removed before it is past.
        for stack in stacks.iter().rev().filter(|stack| stack.stage == stage && stack.status != "DELETE_COMPLETE") {
            if standing.iter().any(|known| known.service == stack.folder) {
                continue;
            }
            // A folder that is gone has no files: all of them were edited away.
            let now = Sources::read(&self.workspace.join(&stack.folder)).unwrap_or_default();
            let edited = if stack.is_live() { edited(&stack.files, &now.hashes) } else { Vec::new() };
            let resources = stack.resources.iter().map(|(logical, resource)| DeployedResource {
                logical: logical.clone(),
                kind: resource.kind.clone(),
                physical: resource.physical.clone(),
            });
            standing.push(Deployed {
                service: stack.folder.clone(),
                name: stack.name.clone(),
                id: stack.id.clone(),
                status: stack.status.clone(),
                reason: stack.reason.clone(),
                changed: stack.updated.unwrap_or(stack.created),
                edited: edited.into_iter().map(|path| format!("{}/{path}", stack.folder)).collect(),
                compared: true,
                resources: resources.collect(),
            });
        }
        standing
    }
}
