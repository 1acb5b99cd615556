//! How the feeds are, so that silence can be told from stillness.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::event::Time;

/// Where events come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Feed {
    /// What is deployed: stacks, parameters, functions.
    Discovery,
    /// Requests of this program.
    Requests,
    /// The SNS topic.
    Topic,
    /// The log groups of the functions.
    Logs,
    /// The table of records.
    Table,
}

impl Feed {
    /// All of them, in the order in which a ride meets them.
    pub const ALL: [Self; 5] = [Self::Discovery, Self::Requests, Self::Topic, Self::Logs, Self::Table];

    /// `topic`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Discovery => "discovery",
            Self::Requests => "requests",
            Self::Topic => "topic",
            Self::Logs => "logs",
            Self::Table => "table",
        }
    }

    pub(super) fn index(self) -> usize {
        match self {
            Self::Discovery => 0,
            Self::Requests => 1,
            Self::Topic => 2,
            Self::Logs => 3,
            Self::Table => 4,
        }
    }
}

/// How a feed is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// Its state.
    #[serde(flatten)]
    pub state: State,
    /// When its source last answered, with or without news.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beat: Option<Time>,
    /// How it listens, and why not in a better way: `FilterLogEvents, for StartLiveTail is denied`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// The state of a feed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// It is being set up.
    Starting,
    /// What it listens to is not there yet.
    Waiting {
        /// `the topic of wild-rydes: step 2.1 adds it`.
        for_what: String,
    },
    /// All that happens is told at once.
    Live,
    /// It reads what happened before.
    CatchingUp,
    /// The account's quota is used up.
    Throttled {
        /// When it tries again.
        until: Time,
    },
    /// The caller may not do it.
    Denied {
        /// `sqs:CreateQueue`.
        permission: String,
        /// What AWS said.
        reason: String,
    },
    /// It fails for now, for the network or the service.
    Failing {
        /// What went wrong.
        reason: String,
        /// When it tries again.
        until: Time,
    },
    /// What it listened to was removed.
    Gone {
        /// What, and that it is looked for again.
        reason: String,
    },
    /// It does not listen, by choice.
    Off {
        /// Whose choice.
        reason: String,
    },
}

impl fmt::Display for State {
    /// In words, without the times of a next try.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Starting => formatter.write_str("starting"),
            Self::Waiting { for_what } => write!(formatter, "waits for {for_what}"),
            Self::Live => formatter.write_str("live"),
            Self::CatchingUp => formatter.write_str("catching up"),
            Self::Throttled { .. } => formatter.write_str("throttled: the account's quota is used up"),
            Self::Denied { permission, reason } => write!(formatter, "denied, {permission} is missing: {reason}"),
            Self::Failing { reason, .. } => write!(formatter, "failing: {reason}"),
            Self::Gone { reason } => write!(formatter, "gone: {reason}"),
            Self::Off { reason } => write!(formatter, "off: {reason}"),
        }
    }
}
