//! What is given to a compilation: options, the shell's environment, and what is already deployed.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::serverless::yaml::Location;

/// What a deployment is started with.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options {
    /// `--stage`.
    pub stage: Option<String>,
    /// `--region`.
    pub region: Option<String>,
    /// Other options of the command (`--log-level debug`), by name.
    pub options: BTreeMap<String, String>,
    /// `--param name=value`.
    pub parameters: BTreeMap<String, String>,
    /// The shell's environment, for `${env:…}`.
    pub environment: BTreeMap<String, String>,
    /// Number of the account.
    pub account: String,
    /// What `${sls:instanceId}` is, and the end of the logical id of the API's deployment. Digits and letters.
    pub instance_id: String,
    /// Identifies the code of the service: versions of functions are named by it. Any text.
    pub code_hash: String,
}

/// What is already deployed.
pub trait Lookups {
    /// The value of an SSM parameter: text, or a list of texts for a `StringList`. None if it is not there.
    fn ssm(&self, region: &str, path: &str) -> Option<Value>;

    /// An output of a stack. None if the stack or the output is not there.
    fn output(&self, region: &str, stack: &str, output: &str) -> Option<String>;
}

/// Why a service cannot be compiled.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// One sentence.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// Where the cause stands; none if the file as a whole.
    pub location: Option<Location>,
    /// The service that has to be deployed first, where that is recognisable.
    pub deploy_first: Option<String>,
}

impl Problem {
    /// A problem at a place.
    pub(super) fn at(location: Option<Location>, message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None, location, deploy_first: None }
    }

    /// The same problem, with advice.
    #[must_use]
    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}
