//! What of the application is deployed, looked up for the monitor: stacks, functions, topic and subscriptions, table, address.

use std::time::Duration;

use aws_sdk_dynamodb::types::{BillingMode, TableDescription};
use tokio::sync::Mutex;

use super::discovery::{Discovery, Found};
use super::fault::Fault;
use super::target::Connection;
use crate::check::DeployedResource;
use crate::ride::{Function, Missing, Role, Subscription, Table, Topic, Topology};

/// Names of queues that the monitor makes begin so.
pub(super) const QUEUE_PREFIX: &str = "rydes-monitor-";
/// The services of the application: the one that answers requests, the one that finds unicorns, the one that records.
const REQUESTS: &str = "wild-rydes";
const FLEET: &str = "wild-rydes-ride-fleet";
const RECORDS: &str = "wild-rydes-ride-record";

/// What was found before: stacks are not asked for their parts again until they change, and what cannot be asked about is as it was.
#[derive(Default)]
struct Last {
    stacks: Vec<Stack>,
    topic: Option<Topic>,
    table: Option<Table>,
}

/// Looks up what is deployed.
pub(super) struct Scope {
    connection: Connection,
    stage: String,
    /// What was last found.
    last: Mutex<Last>,
}

/// The first fault that was met; what could be looked up counts nonetheless.
#[derive(Default)]
struct Faults(Option<Fault>);

impl Faults {
    /// What was looked up; what was known before if it could not be.
    fn or<T>(&mut self, outcome: Result<T, Fault>, known: impl FnOnce() -> T) -> T {
        outcome.unwrap_or_else(|fault| {
            self.0.get_or_insert(fault);
            known()
        })
    }
}

/// A stack and what it consists of.
type Stack = (Found, Vec<DeployedResource>);

impl Scope {
    pub(super) fn new(connection: &Connection, stage: &str) -> Self {
        Self { connection: connection.clone(), stage: stage.to_owned(), last: Mutex::default() }
    }

    /// How often it is worth looking: the sandbox tells when something was deployed, and costs nothing.
    pub(super) fn interval(&self) -> Duration {
        if self.connection.is_sandbox() { Duration::from_secs(5) } else { Duration::from_secs(15) }
    }

    /// What is deployed, and the first fault that was met: what could not be looked up is as it was before.
    pub(super) async fn look(&self) -> (Topology, Option<Fault>) {
        let mut last = self.last.lock().await;
        let mut faults = Faults::default();
        let mut topology = Topology {
            sandbox: self.connection.is_sandbox(),
            region: self.connection.region().to_owned(),
            stage: self.stage.clone(),
            ..Topology::default()
        };
        let mut stacks = Vec::new();
        for service in [REQUESTS, FLEET, RECORDS] {
            let name = format!("{service}-{}", self.stage);
            let known = last.stacks.iter().find(|(stack, _)| stack.name == name).cloned();
            let outcome = self.stack(service, known.as_ref()).await;
            let stack = faults.or(outcome, || known);
            last.stacks.retain(|(stack, _)| stack.name != name);
            last.stacks.extend(stack.clone());
            stacks.push(stack);
        }
        let [requests, fleet, records] = &stacks[..] else { return (topology, faults.0) };
        if let Some((found, _)) = requests {
            topology.ride_url = found.url("/ride");
        }
        let topic = self.topic(requests.as_ref().map_or(&[][..], |(_, resources)| &resources[..])).await;
        topology.topic = faults.or(topic, || last.topic.clone());
        let table = self.table(records.as_ref().map_or(&[][..], |(_, resources)| &resources[..]), &last).await;
        topology.table = match table {
            Ok(table) => table,
            Err((fault, known)) => faults.or(Err(fault), || Some(known)),
        };
        (last.topic, last.table) = (topology.topic.clone(), topology.table.clone());
        for (service, stack) in [(REQUESTS, requests), (FLEET, fleet), (RECORDS, records)] {
            let Some((_, resources)) = stack else { continue };
            topology.functions.extend(functions(service, resources, topology.topic.as_ref()));
        }
        topology.functions.sort_by_key(|function| match function.role {
            Role::Requests => 0,
            Role::Fleet => 1,
            Role::RecordsHttp => 2,
            Role::RecordsTopic => 3,
            Role::Other => 4,
        });
        // What could not be asked about is not missing.
        if faults.0.is_none() {
            topology.missing = missing(&topology, [requests.is_some(), fleet.is_some(), records.is_some()]);
        }
        (topology, faults.0)
    }

    /// The stack of a service and what it consists of, which is asked for again only if it changed since it was `known`; none if it is not deployed.
    async fn stack(&self, service: &str, known: Option<&Stack>) -> Result<Option<Stack>, Fault> {
        let discovery = Discovery::new(&self.connection, &self.stage);
        let Some(found) = discovery.stack(service).await.map_err(super::TargetError::fault)? else { return Ok(None) };
        // While it changes, what it consists of does as well.
        if let Some(same) = known.filter(|(stack, _)| *stack == found && !stack.status.ends_with("IN_PROGRESS")) {
            return Ok(Some(same.clone()));
        }
        let resources = discovery.resources(service).await.map_err(super::TargetError::fault)?;
        Ok(Some((found, resources)))
    }

    /// The topic: the stack's own, else the one whose ARN is in the parameter that other services read.
    async fn topic(&self, resources: &[DeployedResource]) -> Result<Option<Topic>, Fault> {
        let arn = match pick(resources, "AWS::SNS::Topic", "RidesSnsTopic") {
            Some(arn) => arn.to_owned(),
            None => match self.parameter().await? {
                Some(arn) => arn,
                None => return Ok(None),
            },
        };
        let client = aws_sdk_sns::Client::new(self.connection.config());
        let mut pages = client.list_subscriptions_by_topic().topic_arn(&arn).into_paginator().send();
        let mut subscriptions = Vec::new();
        while let Some(page) = pages.next().await {
            let page = match page.map_err(|error| Fault::of("sns:ListSubscriptionsByTopic", &error)) {
                Ok(page) => page,
                // The parameter or the stack names a topic that was removed by hand.
                Err(Fault::Gone { .. }) => return Ok(None),
                Err(fault) => return Err(fault),
            };
            subscriptions.extend(page.subscriptions().iter().filter_map(|one| {
                let endpoint = one.endpoint()?.to_owned();
                let name = endpoint.rsplit(':').next().unwrap_or_default();
                let is_ours = one.protocol() == Some("sqs") && name.starts_with(QUEUE_PREFIX);
                let confirmed = one.subscription_arn().is_some_and(|arn| arn.starts_with("arn:"));
                let protocol = one.protocol().unwrap_or_default().to_owned();
                (!is_ours).then_some(Subscription { protocol, endpoint, confirmed })
            }));
        }
        subscriptions.sort_by(|one, other| one.endpoint.cmp(&other.endpoint));
        Ok(Some(Topic { arn, subscriptions }))
    }

    /// The ARN that the service publishes for others; none if there is no such parameter.
    async fn parameter(&self) -> Result<Option<String>, Fault> {
        let name = format!("/{REQUESTS}/{}/SnsTopicArn", self.stage);
        let client = aws_sdk_ssm::Client::new(self.connection.config());
        match client.get_parameter().name(name).send().await {
            Ok(answer) => {
                let value = answer.parameter().and_then(|parameter| parameter.value());
                Ok(value.filter(|value| value.starts_with("arn:")).map(str::to_owned))
            }
            Err(error) => match Fault::of("ssm:GetParameter", &error) {
                Fault::Gone { .. } => Ok(None),
                fault => Err(fault),
            },
        }
    }

    /// The table; with the fault comes what can be said without asking: enough to read from it, where that is allowed.
    async fn table(&self, resources: &[DeployedResource], last: &Last) -> Result<Option<Table>, (Fault, Table)> {
        let Some(name) = pick(resources, "AWS::DynamoDB::Table", "RideRecordTable") else { return Ok(None) };
        let client = aws_sdk_dynamodb::Client::new(self.connection.config());
        let asked = client.describe_table().table_name(name).send().await;
        match asked.map_err(|error| Fault::of("dynamodb:DescribeTable", &error)) {
            Ok(answer) => Ok(answer.table().and_then(|table| described(name, table))),
            Err(Fault::Gone { .. }) => Ok(None),
            Err(fault) => {
                let known = last.table.clone().filter(|table| table.name == name);
                let (name, key) = (name.to_owned(), "RideId".to_owned());
                Err((fault, known.unwrap_or(Table { name, key, stream: None, read_capacity: None })))
            }
        }
    }
}

/// A table as the feeds need it.
fn described(name: &str, table: &TableDescription) -> Option<Table> {
    let key = table.key_schema().iter().find(|key| key.key_type().as_str() == "HASH")?.attribute_name().to_owned();
    let streams = table.stream_specification().is_some_and(|stream| stream.stream_enabled());
    let by_request = table
        .billing_mode_summary()
        .and_then(|summary| summary.billing_mode())
        .is_some_and(|mode| *mode == BillingMode::PayPerRequest);
    let capacity = table.provisioned_throughput().and_then(|throughput| throughput.read_capacity_units());
    Some(Table {
        name: name.to_owned(),
        key,
        stream: table.latest_stream_arn().filter(|_| streams).map(str::to_owned),
        read_capacity: capacity.filter(|units| !by_request && *units > 0).and_then(|units| u32::try_from(units).ok()),
    })
}

/// The physical id of the resource of a type: the one with this logical id if there are several.
fn pick<'a>(resources: &'a [DeployedResource], kind: &str, logical: &str) -> Option<&'a str> {
    let mut all = resources.iter().filter(|resource| resource.kind == kind && !resource.physical.is_empty());
    let named = all.clone().find(|resource| resource.logical == logical);
    named.or_else(|| all.next()).map(|resource| &*resource.physical)
}

/// The functions of a service, each with what it does for a ride.
fn functions(service: &str, resources: &[DeployedResource], topic: Option<&Topic>) -> Vec<Function> {
    let named = |logical: &str| resources.iter().any(|resource| resource.logical.starts_with(logical));
    let one = |resource: &DeployedResource| {
        let logical = resource.logical.strip_suffix("LambdaFunction").unwrap_or(&resource.logical).to_owned();
        let by_http = named(&format!("{logical}LambdaPermissionApiGateway"));
        let is_subscribed = topic.is_some_and(|topic| {
            let names = topic.subscriptions.iter().filter(|one| one.protocol == "lambda");
            names.filter_map(|one| one.endpoint.split(":function:").nth(1)).any(|name| {
                // With an alias or a version behind it.
                name.split(':').next() == Some(&*resource.physical)
            })
        });
        let role = match service {
            REQUESTS if by_http => Role::Requests,
            FLEET if by_http => Role::Fleet,
            RECORDS if is_subscribed => Role::RecordsTopic,
            RECORDS if by_http => Role::RecordsHttp,
            _ => Role::Other,
        };
        Function {
            log_group: format!("/aws/lambda/{}", resource.physical),
            name: resource.physical.clone(),
            logical,
            service: service.to_owned(),
            role,
            memory: None,
        }
    };
    let all = resources.iter().filter(|one| one.kind == "AWS::Lambda::Function" && !one.physical.is_empty());
    all.map(one).collect()
}

/// What is not there, and the task that brings it.
fn missing(topology: &Topology, [requests, fleet, records]: [bool; 3]) -> Vec<Missing> {
    let mut missing = Vec::new();
    let mut add = |what: &str, task: Option<&str>| {
        missing.push(Missing { what: what.to_owned(), task: task.map(str::to_owned) });
    };
    if !fleet {
        add("the stack of wild-rydes-ride-fleet", Some("1.1"));
    }
    if !records {
        add("the stack of wild-rydes-ride-record", Some("1.1"));
    } else if topology.table.is_none() {
        add("the table of wild-rydes-ride-record", Some("1.1"));
    }
    if !requests {
        add("the stack of wild-rydes", Some("1.2"));
        return missing;
    }
    match &topology.topic {
        None => add("the topic of wild-rydes", Some("2.1")),
        Some(_) if !topology.functions.iter().any(|function| function.role == Role::RecordsTopic) && records => {
            add("a function of wild-rydes-ride-record that is subscribed to the topic", Some("4.2"));
        }
        Some(_) => {}
    }
    missing
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resource(logical: &str, kind: &str, physical: &str) -> DeployedResource {
        DeployedResource { logical: logical.to_owned(), kind: kind.to_owned(), physical: physical.to_owned() }
    }

    fn finished() -> Vec<DeployedResource> {
        vec![
            resource("PutRideRecordHttpLambdaFunction", "AWS::Lambda::Function", "record-dev-PutRideRecordHttp"),
            resource("PutRideRecordHttpLambdaPermissionApiGateway", "AWS::Lambda::Permission", "p"),
            resource("PutRideRecordSnsLambdaFunction", "AWS::Lambda::Function", "record-dev-PutRideRecordSns"),
            resource("SweepLambdaFunction", "AWS::Lambda::Function", "record-dev-Sweep"),
            resource("RideRecordTable", "AWS::DynamoDB::Table", "table"),
        ]
    }

    #[test]
    fn what_functions_do_follows_from_what_invokes_them() {
        let endpoint = "arn:aws:lambda:us-east-2:123456789012:function:record-dev-PutRideRecordSns:live".to_owned();
        let subscription = Subscription { protocol: "lambda".to_owned(), endpoint, confirmed: true };
        let topic = Topic { arn: "arn".to_owned(), subscriptions: vec![subscription] };
        let roles = |topic| functions(RECORDS, &finished(), topic).into_iter().map(|one| one.role).collect::<Vec<_>>();
        assert_eq!(roles(Some(&topic)), [Role::RecordsHttp, Role::RecordsTopic, Role::Other]);
        assert_eq!(roles(None), [Role::RecordsHttp, Role::Other, Role::Other]);
    }

    #[test]
    fn what_is_missing_names_the_task_that_brings_it() {
        let tasks = |topology: &Topology, stacks| {
            missing(topology, stacks).into_iter().filter_map(|one| one.task).collect::<Vec<_>>()
        };
        let mut topology = Topology::default();
        assert_eq!(tasks(&topology, [false; 3]), ["1.1", "1.1", "1.2"]);
        topology.table =
            Some(Table { name: "t".to_owned(), key: "RideId".to_owned(), stream: None, read_capacity: None });
        assert_eq!(tasks(&topology, [true; 3]), ["2.1"]);
        topology.topic = Some(Topic { arn: "arn".to_owned(), subscriptions: Vec::new() });
        assert_eq!(tasks(&topology, [true; 3]), ["4.2"]);
        topology.functions = functions(RECORDS, &finished(), None);
        if let Some(function) = topology.functions.get_mut(1) {
            function.role = Role::RecordsTopic;
        }
        assert_eq!(tasks(&topology, [true; 3]), Vec::<String>::new());
    }
}
