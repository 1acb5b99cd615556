//! What of the workshop is deployed, and under which names.

use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::error::ProvideErrorMetadata;
use aws_sdk_cloudformation::types::Stack;

use super::target::{Connection, TargetError};
use crate::check::DeployedResource;

/// Finds the stacks of services.
#[derive(Clone, Debug)]
pub struct Discovery {
    client: Client,
    stage: String,
}

/// A stack that is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// `wild-rydes-dev`.
    pub name: String,
    /// `CREATE_COMPLETE` and its like.
    pub status: String,
    /// Key and value.
    pub outputs: Vec<(String, String)>,
    /// ARN of the stack.
    pub id: String,
    /// Why it is in that status, where it failed.
    pub reason: Option<String>,
    /// Milliseconds since the epoch of the last change to it.
    pub changed: i64,
}

impl Found {
    /// Whether the last change to it ended well.
    pub fn is_up(&self) -> bool {
        matches!(self.status.as_str(), "CREATE_COMPLETE" | "UPDATE_COMPLETE" | "UPDATE_ROLLBACK_COMPLETE")
    }

    /// The address of `path` (`/ride`): an output that ends in it, else the endpoint of the service with it.
    pub fn url(&self, path: &str) -> Option<String> {
        let spelled_out = self.outputs.iter().find(|(_, value)| value.starts_with("http") && value.ends_with(path));
        let endpoint = || {
            let (_, value) = self.outputs.iter().find(|(key, _)| key.starts_with("ServiceEndpoint"))?;
            Some(format!("{}{path}", value.trim_end_matches('/')))
        };
        spelled_out.map(|(_, value)| value.clone()).or_else(endpoint)
    }
}

impl Discovery {
    /// Looks in the account and region of `connection`, at the stacks of `stage`.
    pub fn new(connection: &Connection, stage: &str) -> Self {
        Self { client: Client::new(connection.config()), stage: stage.to_owned() }
    }

    /// The stack of `service`; none if it is not deployed.
    ///
    /// # Errors
    /// AWS could not be asked.
    pub async fn stack(&self, service: &str) -> Result<Option<Found>, TargetError> {
        let name = format!("{service}-{}", self.stage);
        match self.client.describe_stacks().stack_name(&name).send().await {
            Ok(answer) => Ok(answer.stacks().first().map(found)),
            Err(error) if error.message().is_some_and(|message| message.contains("does not exist")) => Ok(None),
            Err(error) => {
                Err(TargetError::call(format!("DescribeStacks of {name}"), "cloudformation:DescribeStacks", &error))
            }
        }
    }

    /// What the stack of `service` consists of; nothing if it is not deployed.
    ///
    /// # Errors
    /// AWS could not be asked.
    pub async fn resources(&self, service: &str) -> Result<Vec<DeployedResource>, TargetError> {
        let name = format!("{service}-{}", self.stage);
        let answer = match self.client.describe_stack_resources().stack_name(&name).send().await {
            Ok(answer) => answer,
            Err(error) if error.message().is_some_and(|message| message.contains("does not exist")) => {
                return Ok(Vec::new());
            }
            Err(error) => {
                let operation = format!("DescribeStackResources of {name}");
                return Err(TargetError::call(operation, "cloudformation:DescribeStackResources", &error));
            }
        };
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        let resource = |resource: &aws_sdk_cloudformation::types::StackResource| DeployedResource {
            logical: text(resource.logical_resource_id()),
            kind: text(resource.resource_type()),
            physical: text(resource.physical_resource_id()),
        };
        Ok(answer.stack_resources().iter().map(resource).collect())
    }

    /// The physical id of the resource of this type in the stack of `service`: the one with the logical id `logical` if there are several.
    ///
    /// # Errors
    /// AWS could not be asked.
    pub async fn resource(&self, service: &str, kind: &str, logical: &str) -> Result<Option<String>, TargetError> {
        let resources = self.resources(service).await?;
        let mut all = resources.iter().filter(|resource| resource.kind == kind);
        let named = all.clone().find(|resource| resource.logical == logical);
        Ok(named.or_else(|| all.next()).map(|resource| resource.physical.clone()))
    }
}

fn found(stack: &Stack) -> Found {
    let outputs = stack
        .outputs()
        .iter()
        .filter_map(|output| Some((output.output_key()?.to_owned(), output.output_value()?.to_owned())));
    Found {
        name: stack.stack_name().unwrap_or_default().to_owned(),
        status: stack.stack_status().map(|status| status.as_str().to_owned()).unwrap_or_default(),
        outputs: outputs.collect(),
        id: stack.stack_id().unwrap_or_default().to_owned(),
        reason: stack.stack_status_reason().map(str::to_owned),
        changed: stack
            .last_updated_time()
            .or(stack.creation_time())
            .and_then(|time| time.to_millis().ok())
            .unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::Found;

    #[test]
    fn the_address_of_a_ride_is_found_in_either_output() {
        let found = |outputs: &[(&str, &str)]| Found {
            name: "wild-rydes-dev".to_owned(),
            status: "CREATE_COMPLETE".to_owned(),
            outputs: outputs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
            ..Found::default()
        };
        let spelled_out = found(&[("ServiceEndpoint", "https://a/dev"), ("RequestRideUrl", "https://b/dev/ride")]);
        assert_eq!(spelled_out.url("/ride").as_deref(), Some("https://b/dev/ride"));
        let endpoint = found(&[("ServiceEndpoint", "https://a/dev/")]);
        assert_eq!(endpoint.url("/ride").as_deref(), Some("https://a/dev/ride"));
        assert_eq!(found(&[]).url("/ride"), None);
    }
}
