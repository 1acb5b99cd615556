//! # A ride is recorded
//!
//! ## What it asks
//! After a ride was answered, its record appears in the table.
//!
//! ## Why
//! The record is what the business lives on. Before the refactoring it is written while the user waits; a ride without a record is a ride that
//! nobody pays for.
//!
//! ## Passes
//! ```sh
//! rydes deploy
//! rydes ride
//! rydes check 1.2      # the record with the ride's id is in RideRecordTable
//! ```
//!
//! ## Fails
//! ```sh
//! rydes ride           # answered, but the record service failed
//! rydes check 1.2
//! ```

use super::say::{Ride, causes, error};
use crate::check::Evidence;
use crate::check::rule::{Findings, Parameters, Rule};
use crate::diagnostic::{Diagnostic, Severity};

pub(super) static RULE: Rule =
    Rule { code: CODE, name: "ride-recorded", source: include_str!("ride_recorded.rs"), judge };
const CODE: &str = "RY104";

fn judge(evidence: &Evidence, parameters: &Parameters) -> Findings {
    let Some((ride, deployments, _)) = Ride::judged(evidence, parameters)? else { return Ok(Vec::new()) };
    let Some(probe) = deployments.probe.as_ref().filter(|probe| probe.error.is_none()) else { return Ok(Vec::new()) };
    if probe.recorded == Some(true) {
        return Ok(Vec::new());
    }
    if deployments.stack(&ride.record).is_none() {
        let finding = error(CODE, format!("{} is not deployed: there is no table for the record", ride.record));
        return Ok(vec![finding.help(format!("{} deploys it.", deployments.how_to_deploy(&ride.record)))]);
    }
    if ride.baseline && !mentions_record(evidence, &ride.service) {
        let finding =
            error(CODE, format!("this revision of {} records no rides yet, so none was looked for", ride.service));
        return Ok(vec![Diagnostic { severity: Severity::Note, ..finding }]);
    }
    let mut findings = causes(evidence, deployments, probe, CODE);
    let finding = error(
        CODE,
        format!("a ride was answered, and no record of it appeared in {} within {} s", ride.table, probe.waited),
    );
    findings.push(finding.help(format!("Look at the log of the function of {} that writes records.", ride.record)));
    Ok(findings)
}

/// Whether a service sends records anywhere: an early revision of the original does not, and is a fair start.
fn mentions_record(evidence: &Evidence, service: &str) -> bool {
    evidence.paths(service).filter_map(|path| evidence.text(path)).any(|text| text.contains("RIDE_RECORD_URL"))
}
