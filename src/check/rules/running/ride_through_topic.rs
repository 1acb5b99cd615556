//! # A ride is recorded through the topic
//!
//! ## What it asks
//! After a ride was answered, its record appears in the table, written by a function that is subscribed to the topic. `POST /record` is not used.
//!
//! ## Why
//! The table alone does not show which way the record came. Only through the topic is the user's answer free of what happens to the record, and
//! only then may others listen too.
//!
//! On AWS, where calls are not seen, the subscription and the record are what counts.
//!
//! ## Passes
//! ```sh
//! rydes deploy wild-rydes-ride-record
//! rydes ride
//! rydes check 5
//! ```
//!
//! ## Fails
//! ```yaml
//! functions:
//!   PutRideRecordSns:
//!     handler: handlers/put_ride_record.handler_sns
//!     events: []            # nobody calls it
//! ```

use super::say::{Ride, TOPIC, causes, error};
use crate::check::Evidence;
use crate::check::deployments::{Deployed, Deployments, Probe};
use crate::check::rule::{Findings, Parameters, Rule};
use crate::diagnostic::Diagnostic;

pub(super) static RULE: Rule =
    Rule { code: CODE, name: "ride-through-topic", source: include_str!("ride_through_topic.rs"), judge };
const CODE: &str = "RY106";

fn judge(evidence: &Evidence, parameters: &Parameters) -> Findings {
    let Some((ride, deployments, stack)) = Ride::judged(evidence, parameters)? else { return Ok(Vec::new()) };
    let Some(record) = deployments.stack(&ride.record).filter(|stack| stack.is_up() && stack.edited.is_empty()) else {
        return Ok(Vec::new());
    };
    let Some(topic) = stack.resource(TOPIC, &ride.topic) else {
        let finding =
            error(CODE, format!("the deployed stack {} has no topic: rides cannot travel through it", stack.name));
        return Ok(vec![finding.help(format!("Task 2.6 comes first: {}.", deployments.how_to_deploy(&ride.service)))]);
    };
    let Some(probe) = deployments.probe.as_ref().filter(|probe| probe.error.is_none()) else { return Ok(Vec::new()) };
    let own = |function: &&String| record.resources.iter().any(|resource| resource.physical == **function);
    let Some(subscriber) = probe.subscribers.iter().find(own) else {
        let finding =
            error(CODE, format!("no function of {} is subscribed to the topic {}", record.name, topic.logical));
        let file = Some(format!("{}/serverless.yml", ride.record));
        return Ok(vec![Diagnostic { file, ..finding }.help("A function with an `sns` event that names the topic's ARN is (task 4.2). A plain name makes a topic of its own.")]);
    };
    if probe.recorded != Some(true) {
        return Ok(not_recorded(evidence, deployments, &ride, probe, subscriber));
    }
    Ok(by_another_way(&ride, record, probe).into_iter().collect())
}

fn not_recorded(
    evidence: &Evidence,
    deployments: &Deployments,
    ride: &Ride,
    probe: &Probe,
    subscriber: &str,
) -> Vec<Diagnostic> {
    let mut findings = causes(evidence, deployments, probe, CODE);
    let finding = error(
        CODE,
        format!("a ride was answered, and no record of it appeared in {} within {} s", ride.table, probe.waited),
    );
    findings.push(finding.help(format!("{subscriber} is subscribed; its log says what it did with the message.")));
    findings
}

/// The record is there: which way did it come?
fn by_another_way(ride: &Ride, record: &Deployed, probe: &Probe) -> Option<Diagnostic> {
    if !probe.watched {
        return None;
    }
    let by_topic = probe.recorded_by.iter().any(|function| probe.subscribers.contains(function));
    let by_http = probe.requests.iter().any(|(route, _)| *route == ride.route);
    let writers = probe.recorded_by.join(" and ");
    match (by_topic, by_http) {
        (true, false) => None,
        (true, true) => Some(
            error(CODE, format!("the ride was recorded twice: through the topic, and through {}", ride.route)).help(
                format!(
                    "{} still posts to the record service. It publishes only (task 2.5c): deploy it again.",
                    ride.service
                ),
            ),
        ),
        (false, _) => {
            let finding = error(
                CODE,
                format!("the record of the ride was written by {writers}, which is not subscribed to the topic"),
            );
            Some(finding.help(format!(
                "Deploy {} as task 2.6 says, so that it publishes, and {} with the subscription.",
                ride.service, record.service
            )))
        }
    }
}
