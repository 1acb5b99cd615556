//! # A ride is answered
//!
//! ## What it asks
//! `POST /ride` of the deployed service answers 201 with a ride.
//!
//! ## Why
//! This is what users see. Whatever happens behind it, they want a unicorn; an error in a service that the handler waits for is an error of theirs.
//!
//! A failing ride is told with its cause, where the target lets see it: the function's own error, or the permission that it lacks.
//!
//! ## Passes
//! ```sh
//! $ rydes ride
//! 201  {"RideId": "…", "Unicorn": {"Name": "Shadowfax", …}, …}
//! ```
//!
//! ## Fails
//! ```sh
//! $ rydes ride
//! answered 502: Internal server error
//! ```

use super::say::{Ride, causes, error, no_ride};
use crate::check::Evidence;
use crate::check::rule::{Findings, Parameters, Rule};

pub(super) static RULE: Rule =
    Rule { code: CODE, name: "ride-answered", source: include_str!("ride_answered.rs"), judge };
const CODE: &str = "RY103";

fn judge(evidence: &Evidence, parameters: &Parameters) -> Findings {
    let Some((ride, deployments, _)) = Ride::judged(evidence, parameters)? else { return Ok(Vec::new()) };
    let Some(probe) = &deployments.probe else { return Ok(vec![no_ride(CODE)]) };
    let Some(wrong) = &probe.error else { return Ok(Vec::new()) };
    let mut findings = causes(evidence, deployments, probe, CODE);
    let has_cause = !findings.is_empty();
    let finding = error(CODE, format!("a ride was not answered with a 201: {wrong}"));
    let help = match has_cause {
        true => "The other finding of this task says why.".to_owned(),
        false => format!("The log of the function behind POST /ride of {} says why.", ride.service),
    };
    // What only this machine lacks is no failure of the learner's.
    let blocked = findings.iter().find(|finding| finding.severity != crate::diagnostic::Severity::Error);
    let severity = blocked.map_or(finding.severity, |cause| cause.severity);
    findings.push(crate::diagnostic::Diagnostic { severity, ..finding }.help(help));
    Ok(findings)
}
