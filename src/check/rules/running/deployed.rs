//! # Deployed
//!
//! ## What it asks
//! The stack of the service is up on the target, and it was deployed from the files as they are now.
//!
//! ## Why
//! What you edit changes nothing until it is deployed. A stack that was deployed from older files answers as it did before, and sends you looking
//! for a mistake in code that does not run.
//!
//! The sandbox compares the content of the files. On AWS the times of the files are compared with the last change to the stack.
//!
//! ## Passes
//! ```sh
//! rydes deploy wild-rydes
//! rydes check 2.6
//! ```
//!
//! ## Fails
//! ```sh
//! rydes deploy wild-rydes
//! $EDITOR wild-rydes/serverless.yml    # edited since: deploy again
//! rydes check 2.6
//! ```

use serde::Deserialize;

use super::say::{error, nothing_deployed, out_of_reach};
use crate::check::Evidence;
use crate::check::deployments::{Deployed, Deployments};
use crate::check::rule::{Findings, Parameters, Rule};
use crate::diagnostic::{Diagnostic, Severity};

pub(super) static RULE: Rule = Rule { code: CODE, name: "deployed", source: include_str!("deployed.rs"), judge };
const CODE: &str = "RY102";

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Wanted {
    /// Folders of services.
    services: Vec<String>,
    /// Whether the files may have been edited since: a task whose successors edit them.
    edited_later: bool,
}

impl Default for Wanted {
    fn default() -> Self {
        Self { services: vec!["wild-rydes".to_owned()], edited_later: false }
    }
}

fn judge(evidence: &Evidence, parameters: &Parameters) -> Findings {
    let wanted: Wanted = parameters.read()?;
    let Some(deployments) = evidence.deployments() else { return Ok(Vec::new()) };
    if let Some(trouble) = &deployments.trouble {
        return Ok(vec![out_of_reach(trouble)]);
    }
    if deployments.stacks.is_empty() {
        let how = wanted.services.iter().map(|service| deployments.how_to_deploy(service)).collect::<Vec<_>>();
        return Ok(vec![nothing_deployed(deployments, &how.join(", then "))]);
    }
    Ok(wanted.services.iter().filter_map(|service| finding(deployments, service, wanted.edited_later)).collect())
}

fn finding(deployments: &Deployments, service: &str, edited_later: bool) -> Option<Diagnostic> {
    let how = deployments.how_to_deploy(service);
    let file = Some(format!("{service}/serverless.yml"));
    let place = format!("{}, stage {}", deployments.target, deployments.stage);
    let Some(stack) = deployments.stack(service) else {
        let finding = error(CODE, format!("{service} is not deployed ({place})"));
        return Some(Diagnostic { file, ..finding }.help(format!("{how} deploys it.")));
    };
    if !stack.is_up() {
        return Some(Diagnostic { file, ..not_up(stack) }.help(format!("Mend what failed and deploy again: {how}.")));
    }
    let (first, rest) = stack.edited.split_first()?;
    let more = rest.iter().map(|path| format!(", {path}")).collect::<String>();
    let seem = if stack.compared { "" } else { ", by the times of the files" };
    let finding = error(CODE, format!("{service} was edited since the last deploy{seem}: {first}{more}"));
    let severity = match (edited_later, stack.compared) {
        (true, _) => Severity::Note,
        (false, true) => Severity::Error,
        // A file that was only touched has another time, too.
        (false, false) => Severity::Warning,
    };
    let finding = Diagnostic { severity, file: Some(first.clone()), ..finding };
    Some(finding.help(format!("What runs is what was deployed. Deploy it again: {how}.")))
}

fn not_up(stack: &Deployed) -> Diagnostic {
    let reason = stack.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
    error(CODE, format!("the last deploy of {} ended with {}{reason}", stack.name, stack.status))
}
