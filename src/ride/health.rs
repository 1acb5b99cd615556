//! How the feeds are, so that silence can be told from stillness.

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
