//! Laying out the starter services, without ever touching what is there.

use std::path::Path;

use super::{Folder, StoreError, While, atomic};
use crate::workshop::Module;

/// What happened to one file or folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaidOut {
    /// Path from the workshop folder.
    pub path: String,
    /// What happened.
    pub outcome: Outcome,
}

/// What laying out did with a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was not there and was written.
    Written,
    /// Something is there; it was left alone.
    Kept,
    /// The folder is a Git clone with a `serverless.yml` of its own; nothing was added to it.
    Clone,
}

impl Folder {
    /// Whether any service of `module` is there.
    pub fn has_services(&self, module: &Module) -> bool {
        module.services.iter().any(|service| self.path(service).is_dir())
    }

    /// Writes the starter files that are missing.
    ///
    /// # Errors
    /// The system refuses; what was written until then stays.
    pub fn lay_out(&self, module: &Module) -> Result<Vec<LaidOut>, StoreError> {
        let clones: Vec<&String> = module.services.iter().filter(|service| is_clone(&self.path(service))).collect();
        let mut done: Vec<LaidOut> =
            clones.iter().map(|service| LaidOut { path: (*service).clone(), outcome: Outcome::Clone }).collect();
        let in_clone = |path: &str| path.split('/').next().is_some_and(|top| clones.iter().any(|clone| *clone == top));
        for (path, text) in module.starter.iter().filter(|(path, _)| !in_clone(path)) {
            let place = self.path(path);
            let made = atomic::create(&place, text.as_bytes()).on("cannot write", &place)?;
            done.push(LaidOut { path: path.clone(), outcome: if made { Outcome::Written } else { Outcome::Kept } });
        }
        Ok(done)
    }
}

fn is_clone(service: &Path) -> bool {
    service.join(".git").exists()
        && ["serverless.yml", "serverless.yaml"].iter().any(|name| service.join(name).exists())
}
