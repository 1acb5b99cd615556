//! What is deployed of the application, as the monitor draws it and as the feeds listen to it.

use serde::{Deserialize, Serialize};

/// What is deployed at a moment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Topology {
    /// Whether it is the sandbox, rather than an account that costs money.
    pub sandbox: bool,
    /// `us-east-2`.
    pub region: String,
    /// `dev`.
    pub stage: String,
    /// Where rides are requested.
    pub ride_url: Option<String>,
    /// The functions of the services, in the order in which a ride meets them.
    pub functions: Vec<Function>,
    /// The topic that rides are published to.
    pub topic: Option<Topic>,
    /// The table of records.
    pub table: Option<Table>,
    /// What is not there, and what brings it.
    pub missing: Vec<Missing>,
}

/// A function.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Function {
    /// `wild-rydes-dev-RequestRide`.
    pub name: String,
    /// Its logical name in `serverless.yml`: `RequestRide`.
    pub logical: String,
    /// The service that it belongs to: `wild-rydes`.
    pub service: String,
    /// What it does for a ride.
    pub role: Role,
    /// `/aws/lambda/wild-rydes-dev-RequestRide`.
    pub log_group: String,
    /// MiB; none where it cannot be read.
    pub memory: Option<u32>,
}

/// What a function does for a ride.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Answers `POST /ride`.
    Requests,
    /// Finds a unicorn.
    Fleet,
    /// Records a ride that comes over HTTP.
    RecordsHttp,
    /// Records a ride that comes from the topic.
    RecordsTopic,
    /// Something else.
    Other,
}

/// A topic.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Topic {
    /// Its ARN.
    pub arn: String,
    /// Who gets its messages, but for this program's own queue.
    pub subscriptions: Vec<Subscription>,
}

/// A subscription to the topic.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Subscription {
    /// `lambda`, `sqs`, `email`.
    pub protocol: String,
    /// ARN or address of who gets the messages.
    pub endpoint: String,
    /// Whether it is confirmed.
    pub confirmed: bool,
}

/// A table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Name of its hash key: `RideId`.
    pub key: String,
    /// ARN of its stream, if it has one.
    pub stream: Option<String>,
    /// Read capacity units a second; none if it is billed by request.
    pub read_capacity: Option<u32>,
}

/// Something that is not there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    /// `the topic of wild-rydes`.
    pub what: String,
    /// The task that creates it: `2.1`.
    pub task: Option<String>,
}
