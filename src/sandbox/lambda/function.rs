//! A function as deployed, and the names that it goes by.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::sandbox::account::ACCOUNT_ID;
use crate::sandbox::keys::Role;

/// A function as deployed. Its code is what stands in its folder now: a saved file counts without a deploy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Function {
    /// `wild-rydes-dev-RequestRide`.
    pub name: String,
    /// `handlers/request_ride.handler`.
    pub handler: String,
    /// `python3.13`: told to the handler; what runs is the Python that was found.
    pub runtime: String,
    /// The folder of the service.
    pub folder: PathBuf,
    /// The variables of its own; Lambda's are added.
    pub environment: BTreeMap<String, String>,
    /// Its role; keys are issued for each instance.
    #[serde(with = "shared_role")]
    pub role: Arc<Role>,
    /// Longest run.
    pub timeout: Duration,
    /// Memory, MiB.
    pub memory_mb: u32,
    /// In words.
    pub description: String,
    /// `/aws/lambda/wild-rydes-dev-RequestRide`.
    pub log_group: String,
    /// How often a failed asynchronous invocation is tried again: 0 to 2.
    pub retries: u32,
    /// How old an asynchronous event may become, in sandbox time.
    pub max_event_age: Duration,
    /// ARN of the queue, topic or function that learns of asynchronous invocations that failed for good.
    pub on_failure: Option<String>,
    /// ARN of the queue or topic that gets the events themselves (`onError`).
    pub dead_letter: Option<String>,
    /// Changes when the function is deployed with other code: base64 of a SHA-256.
    pub code_sha: String,
}

/// A role is saved with each function that has it.
mod shared_role {
    use std::sync::Arc;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::sandbox::keys::Role;

    pub(super) fn serialize<S: Serializer>(role: &Arc<Role>, serializer: S) -> Result<S::Ok, S::Error> {
        (**role).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Arc<Role>, D::Error> {
        Role::deserialize(deserializer).map(Arc::new)
    }
}

impl Default for Function {
    /// What Lambda takes where nothing is said; name, handler, folder and role must be.
    fn default() -> Self {
        let (name, session) = (String::new(), String::new());
        Self {
            name: String::new(),
            handler: String::new(),
            runtime: "python3.13".to_owned(),
            folder: PathBuf::new(),
            environment: BTreeMap::new(),
            role: Arc::new(Role { name, session, policies: Vec::new(), service: String::new() }),
            timeout: Duration::from_secs(3),
            memory_mb: 128,
            description: String::new(),
            log_group: String::new(),
            retries: 2,
            max_event_age: Duration::from_secs(6 * 60 * 60),
            on_failure: None,
            dead_letter: None,
            code_sha: String::new(),
        }
    }
}

impl Function {
    /// `arn:aws:lambda:us-east-2:123456789012:function:NAME`.
    pub fn arn(&self, region: &str) -> String {
        arn(region, &self.name)
    }
}

/// The ARN of the function `name`.
pub(super) fn arn(region: &str, name: &str) -> String {
    format!("arn:aws:lambda:{region}:{ACCOUNT_ID}:function:{name}")
}

/// The name in a name, a partial ARN or an ARN, with or without the qualifier `$LATEST`. None if it is somewhere else or another version:
/// the sandbox has no versions and no aliases.
pub(super) fn name<'a>(region: &str, wanted: &'a str) -> Option<&'a str> {
    let parts: Vec<&str> = wanted.split(':').collect();
    let rest = match parts.as_slice() {
        ["arn", "aws", "lambda", in_region, account, "function", rest @ ..] => {
            (*in_region == region && *account == ACCOUNT_ID).then_some(rest)?
        }
        [account, "function", rest @ ..] => (*account == ACCOUNT_ID).then_some(rest)?,
        ["function", rest @ ..] | rest => rest,
    };
    match rest {
        [name] | [name, "$LATEST"] => Some(name),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn a_function_goes_by_many_names() {
        for (wanted, found) in [
            ("f", Some("f")),
            ("f:$LATEST", Some("f")),
            ("f:1", None),
            ("function:f", Some("f")),
            ("123456789012:function:f", Some("f")),
            ("arn:aws:lambda:us-east-2:123456789012:function:f", Some("f")),
            ("arn:aws:lambda:us-east-2:123456789012:function:f:$LATEST", Some("f")),
            ("arn:aws:lambda:us-east-2:123456789012:function:f:live", None),
            ("arn:aws:lambda:us-west-1:123456789012:function:f", None),
            ("arn:aws:lambda:us-east-2:210987654321:function:f", None),
            ("arn:aws:sns:us-east-2:123456789012:f", None),
        ] {
            assert_eq!(name("us-east-2", wanted), found, "{wanted}");
        }
    }
}
