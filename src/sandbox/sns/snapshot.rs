//! What survives a restart: topics and subscriptions, as JSON. Messages that wait for a retry do not.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::topic::{Endpoint, Subscription, Topic, TopicState};
use super::{Sns, Topics};

const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Snapshot {
    version: u32,
    /// By region, then by name.
    topics: BTreeMap<String, BTreeMap<String, Saved>>,
}

#[derive(Serialize, Deserialize)]
struct Saved {
    #[serde(flatten)]
    state: TopicState,
    subscriptions: Vec<SavedSubscription>,
}

#[derive(Serialize, Deserialize)]
struct SavedSubscription {
    id: String,
    endpoint: Endpoint,
    attributes: BTreeMap<String, String>,
    principal: String,
}

impl Sns {
    pub(super) fn save(&self) -> Option<Vec<u8>> {
        let topics = self.regions.all().into_iter().map(|(region, topics)| {
            let topics = topics.read();
            (region, topics.iter().map(|(name, topic)| (name.clone(), save(topic))).collect())
        });
        serde_json::to_vec(&Snapshot { version: VERSION, topics: topics.collect() }).ok()
    }

    pub(super) fn load(&self, snapshot: &[u8]) -> Result<(), String> {
        let snapshot: Snapshot = serde_json::from_slice(snapshot).map_err(|error| error.to_string())?;
        if snapshot.version != VERSION {
            return Err(format!("its version is {}, and this program reads version {VERSION}", snapshot.version));
        }
        for (region, saved) in snapshot.topics {
            let topics = Topics::default();
            for (name, saved) in saved {
                let topic = Topic::new(&region, &name, saved.state);
                let subscriptions = saved.subscriptions.into_iter().map(|saved| load(saved, &topic.arn));
                let subscriptions: Vec<_> = subscriptions.collect::<Result<_, _>>()?;
                topic.change(|all| *all = subscriptions);
                topics.write().insert(name, Arc::new(topic));
            }
            self.regions.set(&region, topics);
        }
        Ok(())
    }
}

fn save(topic: &Topic) -> Saved {
    let one = |subscription: &Arc<Subscription>| SavedSubscription {
        id: subscription.id.clone(),
        endpoint: subscription.endpoint.clone(),
        attributes: subscription.attributes.clone(),
        principal: subscription.principal.clone(),
    };
    Saved { state: topic.lock().clone(), subscriptions: topic.subscriptions().iter().map(one).collect() }
}

fn load(saved: SavedSubscription, topic_arn: &str) -> Result<Arc<Subscription>, String> {
    let mut subscription = Subscription {
        arn: format!("{topic_arn}:{}", saved.id),
        id: saved.id,
        topic_arn: topic_arn.to_owned(),
        endpoint: saved.endpoint,
        attributes: BTreeMap::new(),
        principal: saved.principal,
        raw: false,
        filter: None,
        dead_letters: None,
        warned: Arc::default(),
    };
    // The scope first: the policy is read by it.
    let mut attributes: Vec<_> = saved.attributes.into_iter().collect();
    attributes.sort_by_key(|(name, _)| name != "FilterPolicyScope");
    for (name, value) in attributes {
        subscription.set(&name, &value)?;
    }
    Ok(Arc::new(subscription))
}
