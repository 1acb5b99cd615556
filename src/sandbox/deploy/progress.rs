//! What a deploy tells while it goes on, as a line of JSON each for other programs.

use serde::{Deserialize, Serialize};

/// One step of a deploy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Progress {
    /// It begins.
    Started {
        /// `wild-rydes-dev`.
        stack: String,
        /// `us-east-2`.
        region: String,
    },
    /// A resource changes.
    Resource {
        /// Milliseconds since the deploy began.
        elapsed: f64,
        /// `CREATE_IN_PROGRESS` and its like.
        status: String,
        /// `AWS::SNS::Topic`.
        kind: String,
        /// `RidesSnsTopic`.
        logical: String,
        /// Why, for failures.
        reason: Option<String>,
    },
    /// Something that the sandbox does not run, or that deserves attention.
    Remark {
        /// Whether it is about something left out, rather than a warning.
        skipped: bool,
        /// One sentence.
        message: String,
        /// `wild-rydes/serverless.yml:12:3`, where there is a place.
        place: Option<String>,
    },
    /// It is done.
    Done(Outcome),
    /// It failed; the stack is as it was.
    Failed {
        /// What and why.
        message: String,
        /// What to do.
        help: Option<String>,
        /// `wild-rydes/serverless.yml:12:3`, where there is a place.
        place: Option<String>,
    },
}

/// What a deploy came to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// `wild-rydes-dev`.
    pub stack: String,
    /// `us-east-2`.
    pub region: String,
    /// `dev`.
    pub stage: String,
    /// How many resources were made.
    pub created: usize,
    /// How many were changed.
    pub updated: usize,
    /// How many were removed.
    pub deleted: usize,
    /// Method and address of each route.
    pub endpoints: Vec<(String, String)>,
    /// Names of the functions as deployed.
    pub functions: Vec<String>,
    /// Outputs of the stack: key and value.
    pub outputs: Vec<(String, String)>,
    /// Milliseconds that it took.
    pub elapsed: f64,
}

impl Outcome {
    /// Whether the stack was as the files say before.
    pub fn is_unchanged(&self) -> bool {
        self.created + self.updated + self.deleted == 0
    }
}
