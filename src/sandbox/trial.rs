//! Handlers tried on a sandbox apart: a copy of the service, a topic and a table of random names, a fleet and a record service that answer
//! and take note. What they did is [`check::behaviour`](crate::check::behaviour)'s evidence; judging it is left to the grader.
//!
//! One sandbox with its warm Python serves all gradings of a process. Nothing of the learner's stacks is touched, and nothing stays.

mod ground;
mod play;
mod stubs;

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Mutex as AsyncMutex;

use crate::check::behaviour::{Subject, Trial};
use crate::workshop::Source;
use ground::Ground;

/// Trials that are remembered.
const MOST: usize = 256;

/// Tries handlers, one after the other. Started when first needed.
#[derive(Default)]
pub struct Trials {
    ground: AsyncMutex<Option<Ground>>,
    known: Mutex<HashMap<u64, Trial>>,
}

impl Trials {
    /// Starts what takes long before it is needed.
    ///
    /// # Errors
    /// In words for the learner, why handlers cannot be run on this machine.
    pub async fn warm_up(&self) -> Result<(), String> {
        let mut ground = self.ground.lock().await;
        if ground.is_none() {
            *ground = Some(Ground::start().await?);
        }
        Ok(())
    }

    /// The trials of files that did not change since, without running anything.
    pub fn known(&self, files: &[(String, Source)], subjects: &[Subject]) -> Vec<Trial> {
        let known = self.lock();
        subjects
            .iter()
            .filter_map(|subject| known.get(&key(subject, &play::texts(files, subject.service()))).cloned())
            .collect()
    }

    /// Tries the handlers that `subjects` name, of files as grading reads them: path from the workshop folder, and content.
    /// Files that did not change since their last trial are not tried again.
    ///
    /// # Errors
    /// In words for the learner, why handlers cannot be run on this machine.
    pub async fn run(&self, files: &[(String, Source)], subjects: &[Subject]) -> Result<Vec<Trial>, String> {
        let mut trials: Vec<Trial> = Vec::new();
        for subject in subjects {
            if trials.iter().any(|trial| trial.subject == *subject) {
                continue;
            }
            let service = play::texts(files, subject.service());
            if !service.contains_key(subject.file.as_str()) {
                continue;
            }
            let key = key(subject, &service);
            if let Some(trial) = self.lock().get(&key) {
                trials.push(trial.clone());
                continue;
            }
            self.warm_up().await?;
            let ground = self.ground.lock().await;
            let Some(ground) = ground.as_ref() else { continue };
            let trial = play::trial(ground, subject, &service).await?;
            if trial.trouble.is_none() {
                let mut known = self.lock();
                if known.len() == MOST {
                    known.clear();
                }
                known.insert(key, trial.clone());
            }
            trials.push(trial);
        }
        Ok(trials)
    }

    /// Ends the sandbox and waits for its processes.
    pub async fn stop(&self) {
        if let Some(ground) = self.ground.lock().await.take() {
            ground.stop().await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Trial>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Changes with every byte of the service.
fn key(subject: &Subject, service: &BTreeMap<&str, &str>) -> u64 {
    let mut hasher = DefaultHasher::new();
    (subject, service).hash(&mut hasher);
    hasher.finish()
}
