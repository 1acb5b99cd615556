//! What survives a restart: all queues with their messages, as JSON.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::messages::{Message, Messages};
use super::queue::{Queue, State};
use super::settings::Settings;
use super::{Queues, Sqs};

const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Snapshot {
    version: u32,
    /// By region, then by name.
    queues: BTreeMap<String, BTreeMap<String, Saved>>,
}

#[derive(Serialize, Deserialize)]
struct Saved {
    settings: Settings,
    tags: BTreeMap<String, String>,
    created: i64,
    modified: i64,
    messages: Vec<(u64, Message)>,
    next: u64,
}

impl Sqs {
    pub(super) fn save(&self) -> Option<Vec<u8>> {
        let regions = self.regions.all().into_iter();
        let queues = regions.map(|(region, queues)| (region, save_region(&queues))).collect();
        serde_json::to_vec(&Snapshot { version: VERSION, queues }).ok()
    }

    pub(super) fn load(&self, snapshot: &[u8]) -> Result<(), String> {
        let snapshot: Snapshot = serde_json::from_slice(snapshot).map_err(|error| error.to_string())?;
        if snapshot.version != VERSION {
            return Err(format!("its version is {}, and this program reads version {VERSION}", snapshot.version));
        }
        for (region, saved) in snapshot.queues {
            let queues = Queues::default();
            for (name, saved) in saved {
                let state = State {
                    messages: Messages::restored(saved.messages, saved.next),
                    created: saved.created,
                    modified: saved.modified,
                    ..State::new(saved.settings, saved.tags, 0)
                };
                queues.write().insert(name.clone(), Queue::new(&region, &name, state).into());
            }
            self.regions.set(&region, queues);
        }
        Ok(())
    }
}

fn save_region(queues: &Queues) -> BTreeMap<String, Saved> {
    let all: Vec<_> = queues.read().values().cloned().collect();
    let save = |queue: std::sync::Arc<Queue>| {
        let state = queue.lock();
        let saved = Saved {
            settings: state.settings.clone(),
            tags: state.tags.clone(),
            created: state.created,
            modified: state.modified,
            messages: state.messages.iter().map(|(number, message)| (*number, message.clone())).collect(),
            next: state.messages.next_number(),
        };
        (queue.name.clone(), saved)
    };
    all.into_iter().map(save).collect()
}
