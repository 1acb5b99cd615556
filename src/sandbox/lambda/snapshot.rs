//! What of Lambda survives a restart: the functions, and what was set through the API.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Lambda;
use super::events::EventConfig;
use super::function::Function;
use super::pool::Shared;

/// All functions of all regions.
#[derive(Serialize, Deserialize)]
pub(super) struct Snapshot {
    version: u32,
    regions: BTreeMap<String, Vec<Saved>>,
}

#[derive(Serialize, Deserialize)]
struct Saved {
    function: Function,
    events: Option<EventConfig>,
}

const VERSION: u32 = 1;

impl Snapshot {
    pub(super) fn of(shared: &Shared) -> Self {
        let mut regions = BTreeMap::new();
        for region in shared.regions() {
            let saved = |pool: &Arc<super::pool::Pool>| Saved {
                function: (*pool.function()).clone(),
                events: pool.said_event_config(),
            };
            regions.insert(region.clone(), shared.pools(&region).iter().map(saved).collect());
        }
        Self { version: VERSION, regions }
    }

    pub(super) fn restore(self, lambda: &Lambda) -> Result<(), String> {
        if self.version != VERSION {
            return Err(format!("format {} of Lambda's state is not known", self.version));
        }
        for (region, functions) in self.regions {
            for Saved { function, events } in functions {
                let name = function.name.clone();
                lambda.put_function(&region, function);
                if let (Some(events), Ok(pool)) = (events, lambda.shared.pool(&region, &name)) {
                    pool.set_event_config(Some(events));
                }
            }
        }
        Ok(())
    }
}
