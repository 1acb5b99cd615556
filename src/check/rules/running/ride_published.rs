//! # A ride is published
//!
//! ## What it asks
//! The deployed stack has the topic, and a ride that was answered was published to it. Whether anybody listens yet does not matter here.
//!
//! ## Why
//! From here on the record depends on the message. A handler that answers and publishes nothing looks right to every user and loses every ride.
//!
//! On AWS nobody sees the call; there the topic and the answer are what counts, until a subscriber proves the rest.
//!
//! ## Passes
//! ```sh
//! rydes deploy wild-rydes
//! rydes check 2.6
//! ```
//!
//! ## Fails
//! ```python
//! def handler(event, context):
//!     ride = _get_ride(location)
//!     return {'statusCode': 201, 'body': json.dumps(ride)}    # answered, and told to nobody
//! ```

use super::say::{Ride, TOPIC, causes, error};
use crate::check::Evidence;
use crate::check::rule::{Findings, Parameters, Rule};

pub(super) static RULE: Rule =
    Rule { code: CODE, name: "ride-published", source: include_str!("ride_published.rs"), judge };
const CODE: &str = "RY105";

fn judge(evidence: &Evidence, parameters: &Parameters) -> Findings {
    let Some((ride, deployments, stack)) = Ride::judged(evidence, parameters)? else { return Ok(Vec::new()) };
    let Some(topic) = stack.resource(TOPIC, &ride.topic) else {
        let finding = error(CODE, format!("the deployed stack {} has no topic {} yet", stack.name, ride.topic));
        return Ok(vec![finding.help(format!(
            "The tasks before this one add it. Then deploy: {}.",
            deployments.how_to_deploy(&ride.service)
        ))]);
    };
    let Some(probe) = deployments.probe.as_ref().filter(|probe| probe.error.is_none()) else { return Ok(Vec::new()) };
    if !probe.watched || probe.published_to.contains(&topic.physical) {
        return Ok(Vec::new());
    }
    let mut findings = causes(evidence, deployments, probe, CODE);
    let message = match probe.published_to.first() {
        Some(other) => format!("a ride was answered and published to {other}, not to {} of the stack", topic.logical),
        None => format!("a ride was answered, and it was not published to {}", topic.logical),
    };
    findings.push(error(CODE, message).help("The handler publishes the ride itself, as JSON, to the topic whose ARN it gets from its environment (task 2.5c)."));
    Ok(findings)
}
