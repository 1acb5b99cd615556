//! Resources by their type: how each is made, changed and removed.

mod api;
mod custom;
mod data;
mod function;
mod messages;
mod policy;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use serde_json::{Value, json};
use uuid::Uuid;

pub(super) use self::api::apis;
pub use self::custom::Answers;
pub(super) use self::function::functions;
use super::Parts;
use super::stack::{Resource, Stack};
use crate::sandbox::account::{ACCOUNT_ID, Account};
use crate::sandbox::keys::Caller;
use crate::sandbox::service::{Call, Fault, Reply, Service};

/// The attribute that holds what `Ref` gives where that is not the physical id.
pub(super) const REFERENCE: &str = "\u{0}ref";
/// The attribute that holds a word about how the resource was made.
pub(super) const NOTE: &str = "\u{0}note";

/// What resources are made with.
pub(super) struct Context<'a> {
    pub account: &'a Account,
    pub parts: &'a Parts,
    pub region: String,
    /// Folder of the service on the disk.
    pub folder: std::path::PathBuf,
    /// Whether files of code changed since the last deploy.
    pub code_changed: bool,
    pub code_hash: String,
    pub began: Instant,
}

/// A resource as the template wants it.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'a> {
    /// The stack that it belongs to, as far as that is made.
    pub stack: &'a Stack,
    /// `RidesSnsTopic`.
    pub logical: &'a str,
    /// `AWS::SNS::Topic`.
    pub kind: &'a str,
    /// All resolved.
    pub properties: &'a Value,
}

impl Wanted<'_> {
    /// The name that the property `property` gives it, else one that is made up.
    fn name(&self, property: &str) -> String {
        text(&self.properties[property]).unwrap_or_else(|| self.made_up_name())
    }

    fn made_up_name(&self) -> String {
        made_up_name(self.stack, self.logical)
    }
}

/// A resource that was made.
#[derive(Clone, Debug, Default)]
pub(super) struct Made {
    pub physical: String,
    pub attributes: BTreeMap<String, Value>,
}

impl Made {
    fn new(physical: impl Into<String>) -> Self {
        Self { physical: physical.into(), attributes: BTreeMap::new() }
    }

    fn with(mut self, attribute: &str, value: impl Into<Value>) -> Self {
        self.attributes.insert(attribute.to_owned(), value.into());
        self
    }
}

impl Context<'_> {
    /// Whether resources of this type change although their properties do not.
    pub fn is_touched(&self, kind: &str) -> bool {
        self.code_changed && kind == "AWS::Lambda::Function"
    }

    /// Addresses that API Gateway would have on AWS become those that it has here.
    pub fn localise(&self, value: &mut Value, stack: &Stack) {
        match value {
            Value::String(text) if text.contains(".execute-api.") => {
                let known = self.parts.stacks.api_ids(&self.region);
                let own = stack.resources.values().filter(|resource| api::is_api(&resource.kind));
                for id in own.map(|resource| resource.physical.clone()).chain(known) {
                    let far = format!("https://{id}.execute-api.{}.amazonaws.com", self.region);
                    *text = text.replace(&far, &format!("{}/execute-api/{id}", self.account.endpoint()));
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.localise(item, stack)),
            Value::Object(members) => members.values_mut().for_each(|member| self.localise(member, stack)),
            _ => {}
        }
    }

    /// Calls a service as the learner would.
    async fn ask(&self, service: &dyn Service, operation: &str, input: Value) -> Result<Value, Fault> {
        let call = Call {
            operation: operation.to_owned(),
            input,
            region: self.region.clone(),
            caller: Caller::Learner,
            request_id: Uuid::new_v4().to_string(),
            rest: None,
        };
        match service.call(call).await? {
            Reply::Output(output) => Ok(output),
            _ => Ok(Value::Null),
        }
    }

    fn arn(&self, service: &str, rest: &str) -> String {
        format!("arn:aws:{service}:{}:{ACCOUNT_ID}:{rest}", self.region)
    }
}

/// Which code makes a type.
enum Maker {
    Messages,
    Data,
    Function,
    Api,
    Custom,
    /// It has an id and no effect: the sandbox needs none of it.
    Nominal,
    /// AWS has it, the sandbox does not.
    NotRun,
}

fn maker(kind: &str) -> Maker {
    match kind {
        "AWS::SNS::Topic"
        | "AWS::SNS::Subscription"
        | "AWS::SNS::TopicPolicy"
        | "AWS::SQS::Queue"
        | "AWS::SQS::QueuePolicy" => Maker::Messages,
        "AWS::DynamoDB::Table" | "AWS::SSM::Parameter" | "AWS::Logs::LogGroup" => Maker::Data,
        "AWS::Lambda::Function" | "AWS::IAM::Role" => Maker::Function,
        "AWS::ApiGateway::RestApi" | "AWS::ApiGateway::Resource" | "AWS::ApiGatewayV2::Api" => Maker::Api,
        "AWS::CloudFormation::CustomResource" => Maker::Custom,
        kind if kind.starts_with("Custom::") => Maker::Custom,
        kind if is_nominal(kind) => Maker::Nominal,
        _ => Maker::NotRun,
    }
}

fn is_nominal(kind: &str) -> bool {
    const NOMINAL: [&str; 13] = [
        "AWS::ApiGateway::Method",
        "AWS::ApiGateway::Deployment",
        "AWS::ApiGateway::Stage",
        "AWS::ApiGatewayV2::Integration",
        "AWS::ApiGatewayV2::Route",
        "AWS::ApiGatewayV2::Stage",
        "AWS::IAM::Policy",
        "AWS::IAM::ManagedPolicy",
        "AWS::Lambda::Permission",
        "AWS::Lambda::Version",
        "AWS::Lambda::EventInvokeConfig",
        "AWS::CloudFormation::WaitConditionHandle",
        "AWS::ApiGateway::GatewayResponse",
    ];
    NOMINAL.contains(&kind)
}

/// Whether the sandbox leaves resources of this type out. The bucket that Serverless uploads to is nobody's concern.
pub(super) fn is_not_run(kind: &str, logical: &str) -> bool {
    matches!(maker(kind), Maker::NotRun) && !logical.starts_with("ServerlessDeploymentBucket")
}

/// `STACK-LOGICAL-RANDOM`, as CloudFormation names what has no name.
fn made_up_name(stack: &Stack, logical: &str) -> String {
    let random = Uuid::new_v4().simple().to_string().to_uppercase();
    format!("{}-{logical}-{}", stack.name, &random[..12])
}

pub(super) async fn create(context: &Context<'_>, wanted: Wanted<'_>) -> Result<Made, String> {
    policy::check(wanted.kind, wanted.properties)?;
    match maker(wanted.kind) {
        Maker::Messages => messages::create(context, wanted).await,
        Maker::Data => data::create(context, wanted).await,
        Maker::Function => function::create(context, wanted),
        Maker::Api => Ok(api::create(wanted.kind)),
        Maker::Custom => custom::create(context, wanted).await,
        Maker::Nominal => Ok(nominal(wanted)),
        Maker::NotRun => Ok(Made::new(wanted.made_up_name().to_lowercase())),
    }
}

/// Changes `old`, which is of the kind that is wanted.
pub(super) async fn update(context: &Context<'_>, wanted: Wanted<'_>, old: &Resource) -> Result<Made, String> {
    policy::check(wanted.kind, wanted.properties)?;
    match maker(&old.kind) {
        Maker::Messages => messages::update(context, old, wanted.properties).await,
        Maker::Data => data::update(context, old, wanted.properties).await,
        Maker::Function => function::update(context, wanted, old),
        Maker::Custom => custom::update(context, wanted, old).await,
        Maker::Api | Maker::Nominal | Maker::NotRun => {
            Ok(Made { physical: old.physical.clone(), attributes: old.attributes.clone() })
        }
    }
}

pub(super) async fn delete(context: &Context<'_>, stack: &Stack, logical: &str, old: &Resource) -> Result<(), String> {
    match maker(&old.kind) {
        Maker::Messages => messages::delete(context, old).await,
        Maker::Data => data::delete(context, old).await,
        Maker::Function => {
            function::delete(context, old);
            Ok(())
        }
        Maker::Api => {
            if api::is_api(&old.kind) {
                context.parts.gateway.delete_api(&context.region, &old.physical);
            }
            Ok(())
        }
        Maker::Custom => custom::delete(context, stack, logical, old).await,
        Maker::Nominal | Maker::NotRun => Ok(()),
    }
}

/// Whether the change from `old` to `new` properties needs another resource in the place of the one that is there.
pub(super) fn replaces(kind: &str, old: &Value, new: &Value) -> bool {
    let fixed: &[&str] = match kind {
        "AWS::SNS::Topic" => &["TopicName", "FifoTopic"],
        "AWS::SNS::Subscription" => &["TopicArn", "Protocol", "Endpoint"],
        "AWS::SQS::Queue" => &["QueueName", "FifoQueue"],
        "AWS::DynamoDB::Table" => &["TableName", "KeySchema", "LocalSecondaryIndexes"],
        "AWS::SSM::Parameter" => &["Name"],
        "AWS::Logs::LogGroup" => &["LogGroupName"],
        "AWS::Lambda::Function" => &["FunctionName"],
        "AWS::IAM::Role" => &["RoleName"],
        "AWS::ApiGateway::Resource" => &["PathPart", "ParentId", "RestApiId"],
        _ => &[],
    };
    fixed.iter().any(|name| old[*name] != new[*name])
}

fn nominal(wanted: Wanted<'_>) -> Made {
    match wanted.kind {
        "AWS::Lambda::Version" => {
            let function = wanted.properties["FunctionName"].as_str().unwrap_or_default();
            Made::new(format!("{function}:$LATEST")).with("Version", "$LATEST")
        }
        "AWS::ApiGateway::Stage" | "AWS::ApiGatewayV2::Stage" => {
            Made::new(wanted.properties["StageName"].as_str().unwrap_or_default())
        }
        "AWS::IAM::ManagedPolicy" => Made::new(format!("arn:aws:iam::{ACCOUNT_ID}:policy/{}", wanted.made_up_name())),
        _ => Made::new(wanted.made_up_name()),
    }
}

/// Names of attributes by the logical id of the resource that they are asked of.
pub(super) type Asked = BTreeMap<String, BTreeSet<String>>;

/// All attributes that `template` asks for.
pub(super) fn attributes_asked(template: &Value) -> Asked {
    let mut asked = Asked::new();
    ask_for(template, &mut asked);
    asked
}

fn ask_for(value: &Value, asked: &mut Asked) {
    let mut add = |logical: &str, attribute: &str| {
        asked.entry(logical.to_owned()).or_default().insert(attribute.to_owned());
    };
    match value {
        Value::Array(items) => items.iter().for_each(|item| ask_for(item, asked)),
        Value::Object(members) => {
            match members.get("Fn::GetAtt") {
                Some(Value::Array(path)) => {
                    let path: Vec<&str> = path.iter().filter_map(Value::as_str).collect();
                    if let [logical, attribute @ ..] = path.as_slice() {
                        add(logical, &attribute.join("."));
                    }
                }
                Some(Value::String(path)) => {
                    if let Some((logical, attribute)) = path.split_once('.') {
                        add(logical, attribute);
                    }
                }
                _ => {}
            }
            members.values().for_each(|member| ask_for(member, asked));
        }
        Value::String(text) => {
            let names = text.split("${").skip(1).filter_map(|piece| piece.split('}').next()?.split_once('.'));
            names.for_each(|(logical, attribute)| add(logical, attribute));
        }
        _ => {}
    }
}

/// The attributes of a resource; what is asked of one that the sandbox does not run gets a stand-in.
pub(super) fn attributes(kind: &str, made: &Made, asked: Option<&BTreeSet<String>>) -> BTreeMap<String, Value> {
    let mut attributes = made.attributes.clone();
    attributes.retain(|name, _| !name.starts_with('\u{0}'));
    if matches!(maker(kind), Maker::NotRun | Maker::Nominal | Maker::Custom) {
        for name in asked.into_iter().flatten() {
            attributes.entry(name.clone()).or_insert_with(|| match (kind, name.as_str()) {
                ("AWS::S3::Bucket", "Arn") => json!(format!("arn:aws:s3:::{}", made.physical)),
                ("AWS::S3::Bucket", _) => json!(format!("{}.s3.amazonaws.com", made.physical)),
                (_, "Arn") => json!(format!("arn:aws:rydes:sandbox:{ACCOUNT_ID}:{}", made.physical)),
                _ => json!(made.physical),
            });
        }
    }
    attributes
}

/// A fault in words.
#[expect(clippy::needless_pass_by_value, reason = "it stands in map_err")]
fn words(fault: Fault) -> String {
    format!("{} ({})", fault.message, fault.code)
}

/// Text of a property that may be written as a number or boolean.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

/// A number that may be written as text.
fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// Tags as `[{Key, Value}]`, from a list or a mapping.
fn tags(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            members.iter().map(|(key, value)| json!({ "Key": key, "Value": text(value).unwrap_or_default() })).collect()
        }
        Value::Array(_) => value.clone(),
        _ => json!([]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_found_however_they_are_asked_for() {
        let asked = attributes_asked(&json!({
            "A": { "Fn::GetAtt": ["Bucket", "Arn"] },
            "B": [{ "Fn::GetAtt": "Bucket.DomainName" }, { "Ref": "Bucket" }],
            "C": { "Fn::Sub": ["${Nested.Outputs.Url}/${Bucket}/${!Literal}", { "Bucket": { "Fn::GetAtt": ["Nested", "Outputs.Name"] } }] },
            "D": { "Fn::GetAtt": [] },
        }));
        let of = |logical: &str| asked[logical].iter().map(String::as_str).collect::<Vec<_>>();
        assert_eq!(asked.len(), 2, "{asked:?}");
        assert_eq!(of("Bucket"), ["Arn", "DomainName"]);
        assert_eq!(of("Nested"), ["Outputs.Name", "Outputs.Url"]);
    }
}
