//! The cloud as the learner's services see it, through the AWS SDK: the same code for AWS and for the sandbox.

mod deployments;
mod discovery;
mod fault;
mod feeds;
mod http;
mod janitor;
mod look;
mod probe;
mod reach;
mod ride;
mod scope;
mod target;

pub use deployments::{deployments, route};
pub use discovery::{Discovery, Found};
pub use fault::Fault;
pub use feeds::{Monitor, MonitorOptions};
pub use http::{Http, HttpError};
pub use janitor::{Leftover, leftovers, remove};
pub use look::{Rides, empty_sandbox, look_at_aws, look_at_sandbox};
pub use probe::{Route, probe};
pub use reach::{Reach, ride_url, shell_environment, stage};
pub use ride::{Requests, RideOutcome, Summary, request_rides};
pub use target::{Connection, Target, TargetError};
