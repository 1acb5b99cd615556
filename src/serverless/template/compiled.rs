//! What a service compiles to.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::serverless::yaml::Location;

/// A service that is ready to be deployed.
#[derive(Clone, Debug, PartialEq)]
pub struct Compiled {
    /// `wild-rydes-dev`, or what `provider.stackName` says.
    pub stack_name: String,
    /// Name of the service.
    pub service: String,
    /// Stage that it is deployed to: `--stage`, else `provider.stage`, else `dev`.
    pub stage: String,
    /// Region that it is deployed to: `--region`, else `provider.region`, else `us-east-1`.
    pub region: String,
    /// `provider.stackTags`.
    pub stack_tags: BTreeMap<String, String>,
    /// The CloudFormation template: `Resources`, `Outputs` and whatever else the service adds. Intrinsic functions are in their long form.
    pub template: Value,
    /// Functions in the order of the file.
    pub functions: Vec<CompiledFunction>,
    /// Where each resource comes from, by logical id: the resource itself, or the function, event or provider that it was made for.
    pub places: BTreeMap<String, Location>,
    /// What the sandbox leaves out.
    pub skipped: Vec<Remark>,
    /// What will surprise.
    pub warnings: Vec<Remark>,
}

/// A function of the service.
#[derive(Clone, Debug, PartialEq)]
pub struct CompiledFunction {
    /// Its name in the file: `RequestRide`.
    pub key: String,
    /// `RequestRideLambdaFunction`.
    pub logical_id: String,
    /// `wild-rydes-dev-RequestRide`.
    pub name: String,
    /// `handlers/request_ride.handler`.
    pub handler: String,
    /// `python3.13`.
    pub runtime: String,
    /// Where its key stands.
    pub location: Location,
}

/// Something to say about a part of the service.
#[derive(Clone, Debug, PartialEq)]
pub struct Remark {
    /// One sentence.
    pub message: String,
    /// Where it stands.
    pub location: Option<Location>,
}
