//! One thing that was seen of a ride, or of the cloud that it travels through.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::health::{Feed, Health};
use super::topology::Topology;

/// A moment: microseconds since the epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Time(pub i64);

impl Time {
    /// From milliseconds since the epoch, as AWS gives most times.
    pub fn from_millis(millis: i64) -> Self {
        Self(millis.saturating_mul(1000))
    }

    /// Microseconds from `earlier` to this; below zero if this is the earlier one.
    pub fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// What tells one ride from another: the `RideId` that the service makes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct RideId(Arc<str>);

impl From<String> for RideId {
    fn from(id: String) -> Self {
        Self(id.into())
    }
}

impl From<RideId> for String {
    fn from(id: RideId) -> Self {
        id.as_str().to_owned()
    }
}

impl RideId {
    /// The id as it is written in messages, log lines and items.
    pub fn new(id: &str) -> Self {
        Self(id.into())
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for RideId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RideId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// One thing that was seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// When it was seen here, by this machine's clock.
    pub seen: Time,
    /// When it happened, by the clock of its source; none if the source does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Time>,
    /// What.
    #[serde(flatten)]
    pub happening: Happening,
}

/// What was seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Happening {
    /// This program asked for a ride.
    Requested {
        /// Counts the requests of one run, from 1.
        request: u64,
    },
    /// The answer to such a request, or that there was none.
    Answered {
        /// Which request.
        request: u64,
        /// HTTP status; none without an answer.
        status: Option<u16>,
        /// The body of the answer: the ride if all went well.
        body: Option<Value>,
        /// What went wrong, in words that are the same for the same fault.
        error: Option<String>,
        /// Microseconds from the request to the whole answer.
        latency: u64,
    },
    /// A message was published to the topic.
    Message {
        /// ARN of the topic.
        topic: String,
        /// `MessageId` of SNS: the same for a message that is delivered twice.
        id: String,
        /// What was published.
        body: String,
        /// The envelope in which SNS delivers it, as it came (a JSON object, unless it was malformed); the body is its `Message`.
        envelope: Option<String>,
    },
    /// A line in a log group.
    Log {
        /// `/aws/lambda/wild-rydes-dev-RequestRide`.
        group: String,
        /// Log stream.
        stream: String,
        /// Event id, the same each time that the line is read.
        id: String,
        /// The line.
        message: String,
    },
    /// An item of the table.
    Item {
        /// Name of the table.
        table: String,
        /// What became of it.
        change: Change,
        /// How it was noticed.
        by: Lookup,
        /// The item as plain JSON; its key alone if it was removed.
        item: Value,
    },
    /// How a feed is.
    Health {
        /// Which feed.
        feed: Feed,
        /// How it is.
        health: Health,
    },
    /// What is deployed now.
    Topology(Topology),
}

impl Happening {
    /// The feed that tells such things.
    pub fn feed(&self) -> Feed {
        match self {
            Self::Requested { .. } | Self::Answered { .. } => Feed::Requests,
            Self::Message { .. } => Feed::Topic,
            Self::Log { .. } => Feed::Logs,
            Self::Item { .. } => Feed::Table,
            Self::Health { feed, .. } => *feed,
            Self::Topology(_) => Feed::Discovery,
        }
    }
}

/// What became of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// It is new.
    Inserted,
    /// It was written again.
    Modified,
    /// It was removed.
    Removed,
    /// It is there; since when is not known.
    Found,
}

/// How an item was noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lookup {
    /// The table's stream told.
    Stream,
    /// It was asked for by its key.
    Get,
    /// The table was read through.
    Scan,
}
