//! A stack as it stands: what CloudFormation would tell of it, and what the next deploy compares with.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How many events a stack remembers.
const MOST_EVENTS: usize = 400;

/// One deployed service.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Stack {
    /// `wild-rydes-dev`.
    pub name: String,
    /// Its ARN.
    pub id: String,
    /// Name of the service in `serverless.yml`.
    pub service: String,
    /// Folder of the service, from the workshop folder: `wild-rydes`.
    pub folder: String,
    /// `dev`.
    pub stage: String,
    /// `CREATE_COMPLETE` and its like.
    pub status: String,
    /// Why it failed, if it did.
    pub reason: Option<String>,
    /// Milliseconds since the epoch.
    pub created: i64,
    /// Milliseconds since the epoch of the last update, if there was one.
    pub updated: Option<i64>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
    /// By logical id.
    pub resources: BTreeMap<String, Resource>,
    /// Logical ids in the order in which they were made.
    pub order: Vec<String>,
    /// What it tells others.
    pub outputs: Vec<Output>,
    /// What happened, oldest first.
    pub events: Vec<StackEvent>,
    /// SHA-256 of each file of the service when it was last deployed, by path from the service's folder.
    pub files: BTreeMap<String, String>,
    /// The template as deployed.
    pub template: Value,
}

/// One resource of a stack.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Resource {
    /// `AWS::SNS::Topic`.
    pub kind: String,
    /// What `PhysicalResourceId` is, and with few exceptions what `Ref` gives.
    pub physical: String,
    /// Properties with everything resolved.
    pub properties: Value,
    /// What `Fn::GetAtt` gives.
    pub attributes: BTreeMap<String, Value>,
    /// `CREATE_COMPLETE` and its like.
    pub status: String,
    /// Milliseconds since the epoch.
    pub updated: i64,
    /// Whether it stays when the stack lets it go.
    pub retained: bool,
}

/// An output of a stack.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Output {
    /// `RequestRideUrl`.
    pub key: String,
    /// Its value.
    pub value: String,
    /// In words.
    pub description: Option<String>,
    /// Name under which other stacks import it.
    pub export: Option<String>,
}

/// One line of a stack's history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StackEvent {
    /// Unique.
    pub id: String,
    /// Milliseconds since the epoch.
    pub millis: i64,
    /// Logical id; the stack's name for the stack itself.
    pub logical: String,
    /// Physical id, once there is one.
    pub physical: String,
    /// Its type.
    pub kind: String,
    /// `CREATE_IN_PROGRESS` and its like.
    pub status: String,
    /// Why, for failures.
    pub reason: Option<String>,
}

impl Stack {
    /// Whether it is there, rather than the remains of a first deploy that failed or of a removal.
    pub fn is_live(&self) -> bool {
        !self.resources.is_empty() && self.status != "DELETE_COMPLETE"
    }

    /// The value of an output.
    pub fn output(&self, key: &str) -> Option<&str> {
        self.outputs.iter().find(|output| output.key == key).map(|output| output.value.as_str())
    }

    /// Remembers an event; the oldest are forgotten.
    pub(super) fn remember(&mut self, event: StackEvent) {
        if self.events.len() >= MOST_EVENTS {
            self.events.drain(..MOST_EVENTS / 4);
        }
        self.events.push(event);
    }
}
