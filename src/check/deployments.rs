//! What is deployed, and what one ride through it did: what rules about deployments look at.
//!
//! Gathered by [`crate::cloud`] on whatever target the learner works with; here it is data alone.

use serde::{Deserialize, Serialize};

/// What a target holds of the workshop.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deployments {
    /// In words: `the sandbox`, `AWS (us-east-2)`.
    pub target: String,
    /// Whether it is the sandbox, which sees every call.
    pub is_sandbox: bool,
    /// Stage of the stacks.
    pub stage: String,
    /// Stacks of services of the workshop.
    pub stacks: Vec<Deployed>,
    /// What one ride did; none if none was requested.
    pub probe: Option<Probe>,
    /// Why the target could not be asked, in words.
    pub trouble: Option<String>,
}

/// One stack.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Deployed {
    /// Folder of the service: `wild-rydes`.
    pub service: String,
    /// `wild-rydes-dev`.
    pub name: String,
    /// ARN of the stack: another one means another stack.
    pub id: String,
    /// `CREATE_COMPLETE` and its like.
    pub status: String,
    /// Why it is in that status, where it failed.
    pub reason: Option<String>,
    /// Milliseconds since the epoch of the last change to it.
    pub changed: i64,
    /// Files whose content is not what was deployed, as paths from the workshop folder.
    pub edited: Vec<String>,
    /// Whether contents were compared, rather than the times of the files.
    pub compared: bool,
    /// What it consists of.
    pub resources: Vec<DeployedResource>,
}

/// One resource of a stack.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeployedResource {
    /// `RidesSnsTopic`.
    pub logical: String,
    /// `AWS::SNS::Topic`.
    pub kind: String,
    /// What `Ref` gives: the ARN of a topic, the name of a table or function.
    pub physical: String,
}

/// What one ride did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Probe {
    /// HTTP status of the answer; none if there was none.
    pub status: Option<u16>,
    /// What was wrong with the answer.
    pub error: Option<String>,
    /// Id of the ride.
    pub ride: Option<String>,
    /// Whether its record was found in the table; none where there is no table to look into, or nobody looked.
    pub recorded: Option<bool>,
    /// How long was waited for the record, in seconds.
    pub waited: u64,
    /// Whether the calls below were seen: the sandbox tells them, AWS does not.
    pub watched: bool,
    /// ARNs of the topics that it was published to.
    pub published_to: Vec<String>,
    /// Names of the functions that wrote its record.
    pub recorded_by: Vec<String>,
    /// Requests that the APIs answered meanwhile: `POST /record` and the status.
    pub requests: Vec<(String, u16)>,
    /// Names of the functions that are subscribed to the topic.
    pub subscribers: Vec<String>,
    /// Invocations that failed.
    pub failures: Vec<Failure>,
    /// What roles did not allow.
    pub denials: Vec<Denial>,
}

/// An invocation that failed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// `wild-rydes-dev-RequestRide`.
    pub function: String,
    /// Whether somebody waited for its answer.
    pub synchronous: bool,
    /// `KeyError`.
    pub kind: String,
    /// In the function's own words.
    pub message: String,
}

/// Something that the role of a function did not allow.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Denial {
    /// `sns:Publish`.
    pub action: String,
    /// ARN that it would act on.
    pub resource: String,
    /// Folder of the service whose `serverless.yml` would grant it.
    pub service: String,
    /// Whether a statement denies it, rather than none allowing it.
    pub explicit: bool,
}

impl Deployments {
    /// The stack of the service in this folder.
    pub fn stack(&self, service: &str) -> Option<&Deployed> {
        self.stacks.iter().find(|stack| stack.service == service)
    }

    /// Tells one state of all stacks from another: what was seen of a ride holds as long as this stays the same.
    pub fn mark(&self) -> String {
        let mut stacks: Vec<String> =
            self.stacks.iter().map(|stack| format!("{} {} {}", stack.id, stack.changed, stack.status)).collect();
        stacks.sort();
        format!("{}\n{}", self.target, stacks.join("\n"))
    }

    /// How the service in this folder is deployed, to be typed.
    pub fn how_to_deploy(&self, service: &str) -> String {
        match self.is_sandbox {
            true => format!("`rydes deploy {service}`"),
            false => format!("`rydes deploy {service} --target aws`, or `npx sls deploy --verbose` in its folder"),
        }
    }
}

impl Deployed {
    /// Whether it is there and its last change did not leave it broken.
    pub fn is_up(&self) -> bool {
        matches!(self.status.as_str(), "CREATE_COMPLETE" | "UPDATE_COMPLETE" | "UPDATE_ROLLBACK_COMPLETE")
    }

    /// The resource of this type: the one called `logical`, if there are several.
    pub fn resource(&self, kind: &str, logical: &str) -> Option<&DeployedResource> {
        let named = self.resources.iter().find(|resource| resource.kind == kind && resource.logical == logical);
        named.or_else(|| self.resources.iter().find(|resource| resource.kind == kind))
    }
}
