//! What the rules about deployments share: their parameters, whether there is anything to judge, and findings in one voice.

use serde::Deserialize;

use crate::check::deployments::{Deployed, Deployments, Failure, Probe};
use crate::check::{Evidence, Parameters};
use crate::diagnostic::{Block, Diagnostic, Severity};

use super::super::super::rule::ParameterError;
use super::denied;

/// Which ride, through which stacks. The same for all rules about rides.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Ride {
    /// Folder of the service that answers.
    pub(super) service: String,
    /// Folder of the service that keeps the record.
    pub(super) record: String,
    /// Logical id of its table.
    pub(super) table: String,
    /// Logical id of the topic.
    pub(super) topic: String,
    /// What answers where records came in by HTTP.
    pub(super) route: String,
    /// Whether only a deployment from before the topic is meant: a later one is past the task.
    pub(super) baseline: bool,
}

impl Default for Ride {
    fn default() -> Self {
        let text = str::to_owned;
        Self {
            service: text("wild-rydes"),
            record: text("wild-rydes-ride-record"),
            table: text("RideRecordTable"),
            topic: text("RidesSnsTopic"),
            route: text("POST /record"),
            baseline: false,
        }
    }
}

impl Ride {
    /// What there is to judge: the deployments, the stack that answers, and the ride. None where another finding says already why there is
    /// nothing: not deployed, edited since, past the task.
    pub(super) fn judged<'a>(
        evidence: &'a Evidence,
        parameters: &Parameters,
    ) -> Result<Option<(Self, &'a Deployments, &'a Deployed)>, ParameterError> {
        let ride: Self = parameters.read()?;
        let Some(deployments) = evidence.deployments() else { return Ok(None) };
        let Some(stack) = deployments.stack(&ride.service).filter(|stack| stack.is_up()) else { return Ok(None) };
        let is_past = ride.baseline && stack.resource(TOPIC, &ride.topic).is_some();
        let is_old = !ride.baseline && !stack.edited.is_empty();
        Ok((!is_past && !is_old).then_some((ride, deployments, stack)))
    }
}

/// Types of resources.
pub(super) const TOPIC: &str = "AWS::SNS::Topic";

/// No target was looked at.
pub(in crate::check) fn needs_target() -> Diagnostic {
    Diagnostic {
        code: "RY101",
        severity: Severity::Blocked(Block::Target),
        message: "whether this runs shows only on a running target, and none is connected".to_owned(),
        file: None,
        span: None,
        help: Some("Deploy it as the lesson says; this task is graded by looking at the deployed stack and at a ride that travels through it: `rydes check` does.".to_owned()),
        edit: None,
    }
}

/// Nothing of the workshop is deployed on the target: no verdict, for the learner may be content to read or may use another target.
pub(super) fn nothing_deployed(deployments: &Deployments, how: &str) -> Diagnostic {
    let place = format!("{} on stage {}", deployments.target, deployments.stage);
    Diagnostic {
        message: format!("nothing is deployed to {place} yet"),
        help: Some(format!("{how} deploys it. `--target` names another target, `--stage` another stage.")),
        ..needs_target()
    }
}

/// The target could not be asked.
pub(super) fn out_of_reach(trouble: &str) -> Diagnostic {
    Diagnostic { message: format!("the target could not be asked: {trouble}"), help: None, ..needs_target() }
}

/// The task is not done, for a reason that stands in no file.
pub(super) fn error(code: &'static str, message: impl Into<String>) -> Diagnostic {
    Diagnostic {
        code,
        severity: Severity::Error,
        message: message.into(),
        file: None,
        span: None,
        help: None,
        edit: None,
    }
}

/// Nobody requested a ride, so that nothing is known.
pub(super) fn no_ride(code: &'static str) -> Diagnostic {
    Diagnostic {
        severity: Severity::Blocked(Block::Target),
        help: Some(
            "`rydes check` with the number of the task requests one; on AWS it asks first, or wants `--yes`."
                .to_owned(),
        ),
        ..error(code, "no ride was requested since the last deploy")
    }
}

/// What went wrong on the way of a ride: denials with what would allow them, then functions that failed.
pub(super) fn causes(
    evidence: &Evidence,
    deployments: &Deployments,
    probe: &Probe,
    code: &'static str,
) -> Vec<Diagnostic> {
    let mut causes: Vec<Diagnostic> =
        probe.denials.iter().map(|denial| denied::finding(evidence, deployments, denial)).collect();
    // A function that was denied fails of that: the denial says more.
    if causes.is_empty() {
        causes.extend(probe.failures.iter().map(|failure| failed(deployments, failure, code)));
    }
    causes.dedup();
    causes
}

fn failed(deployments: &Deployments, failure: &Failure, code: &'static str) -> Diagnostic {
    let owner = deployments
        .stacks
        .iter()
        .find(|stack| stack.resources.iter().any(|resource| resource.physical == failure.function));
    let message = failure.message.lines().next().unwrap_or_default();
    let mut finding = error(code, format!("{} failed: {}: {message}", failure.function, failure.kind));
    finding.file = owner.map(|stack| format!("{}/serverless.yml", stack.service));
    if is_without_python(failure) {
        finding.severity = Severity::Blocked(Block::Target);
        return finding
            .help("Without Python nothing can be said about how handlers run; their code is graded by reading it.");
    }
    finding.help(match failure.synchronous {
        true => "Mend it, deploy, and check again. The whole trace stands in the log of the function.",
        false => "Nobody waited for it, so the user saw nothing. Lambda tries twice more, after one and two minutes. Mend it, deploy, and check again.",
    })
}

/// Whether it is this machine that cannot run functions.
fn is_without_python(failure: &Failure) -> bool {
    failure.message.contains("handlers need Python") || failure.message.contains("(from RYDES_PYTHON)")
}
