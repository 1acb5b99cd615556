//! What happens in the sandbox, told as it happens: one feed for the screen, the behavioural grading and the log.

mod words;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::broadcast;

/// One thing that happened. As JSON: `{"millis": …, "called": {…}}`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Activity {
    /// Sandbox time, milliseconds since the epoch.
    pub millis: i64,
    /// What.
    #[serde(flatten)]
    pub happening: Happening,
}

/// What happened.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Happening {
    /// Somebody called a service.
    Called {
        /// `sns`.
        service: String,
        /// `Publish`.
        operation: String,
        /// ARN of the caller.
        caller: String,
        /// Access key id of the caller: tells instances of functions apart.
        key: String,
        /// Input as JSON.
        input: Value,
        /// The code and message of the error, if it failed.
        fault: Option<(String, String)>,
    },
    /// A function's role does not allow what it tried.
    Denied {
        /// `sns:Publish`.
        action: String,
        /// ARN that it would act on.
        resource: String,
        /// Name of the role.
        role: String,
        /// Folder of the service whose `serverless.yml` would grant it.
        service: String,
        /// Whether a statement denies it, rather than none allowing it.
        explicit: bool,
    },
    /// An operation that the sandbox does not do was asked for.
    Unknown {
        /// Service and operation.
        operation: String,
    },
    /// An HTTP request went through the API Gateway front.
    Request {
        /// `POST /ride`.
        route: String,
        /// Name of the function that answered, if one did.
        function: Option<String>,
        /// HTTP status of the answer.
        status: u16,
        /// Milliseconds.
        duration: f64,
    },
    /// A function ran.
    Invoked {
        /// `wild-rydes-dev-RequestRide`.
        function: String,
        /// Request id of the invocation.
        request_id: String,
        /// The first attempt is 1.
        attempt: u32,
        /// Whether it was invoked synchronously.
        synchronous: bool,
        /// The error type and message if it failed, timed out or died.
        error: Option<(String, String)>,
        /// Milliseconds.
        duration: f64,
    },
    /// Something else worth a line, in words.
    Note(String),
}

/// The feed. Whoever lags more than its capacity behind loses the oldest and is told how many.
#[derive(Debug)]
pub struct Feed(broadcast::Sender<Activity>);

impl Default for Feed {
    fn default() -> Self {
        Self(broadcast::channel(8192).0)
    }
}

impl Feed {
    /// Tells everybody who listens.
    pub fn tell(&self, millis: i64, happening: Happening) {
        // Nobody listening is no error.
        let _ = self.0.send(Activity { millis, happening });
    }

    /// Whether anybody listens: inputs need not be copied for nobody.
    pub fn has_listeners(&self) -> bool {
        self.0.receiver_count() > 0
    }

    /// All that happens from now on.
    pub fn listen(&self) -> broadcast::Receiver<Activity> {
        self.0.subscribe()
    }
}
