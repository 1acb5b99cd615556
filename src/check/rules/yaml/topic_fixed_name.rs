//! # No fixed name for the topic
//!
//! ## What it asks
//! The topic has no `TopicName` that is the same for every deployment. (A warning: the task is done either way.)
//!
//! ## Why
//! A name can be used once in an account and region. With a fixed one, your colleague or your second stage cannot deploy the service beside yours. Without
//! one, CloudFormation makes up a name, and nobody needs to know it: others find the topic by its ARN in an SSM parameter.
//!
//! ## Passes
//! ```yaml
//! RidesSnsTopic:
//!   Type: AWS::SNS::Topic
//! ```
//!
//! ## Fails
//! ```yaml
//! RidesSnsTopic:
//!   Type: AWS::SNS::Topic
//!   Properties:
//!     TopicName: rides
//! ```

use super::say::{note, warning};
use super::topic_resource::Topic;
use crate::check::Evidence;
use crate::check::rule::{Findings, Parameters, Rule};
use crate::serverless::text::Symbol;

pub(super) static RULE: Rule =
    Rule { code: CODE, name: "topic-fixed-name", source: include_str!("topic_fixed_name.rs"), judge };
const CODE: &str = "RY202";

fn judge(evidence: &Evidence, parameters: &Parameters) -> Findings {
    let topic: Topic = parameters.read()?;
    let service = match evidence.service(&topic.service) {
        Ok(service) => service,
        Err(blocked) => return Ok(vec![*blocked]),
    };
    let resource = service.resources.get(&topic.resource).filter(|resource| resource.is("AWS::SNS::Topic"));
    let Some(entry) = resource.and_then(|resource| resource.property_entry("TopicName")) else { return Ok(Vec::new()) };
    let Some(name) = service.text(&entry.value) else { return Ok(Vec::new()) };
    let varies = name
        .symbols()
        .any(|symbol| matches!(symbol, Symbol::Stage | Symbol::StackName | Symbol::Random | Symbol::StackId));
    Ok(vec![if varies {
        note(
            CODE,
            &entry.location(),
            format!(
                "the topic is called `{name}`; without `TopicName` CloudFormation makes up a name that never collides"
            ),
        )
    } else {
        warning(CODE, &entry.location(), format!("the topic's name is fixed: a second deployment in the same account and region cannot make another `{name}`"))
            .help("Leave `TopicName` out: CloudFormation makes up a name, and others find the topic by its ARN.")
    }])
}
