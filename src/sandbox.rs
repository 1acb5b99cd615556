//! The embedded cloud: the AWS services that the workshop needs, over HTTP on loopback, with no account and no Docker.
//!
//! The wire speaks AWS's protocols and verifies who calls; each service is one file behind the [`Service`] trait; Lambda
//! runs handlers in real Python; deploy makes stacks from what `serverless.yml` compiles to. Everything of ours that is not in this
//! module reaches the cloud through the AWS SDK, as it would reach AWS.
//!
//! Inside, arrows point one way: `trial` → `assembly` → `deploy` → `gateway` → `sns` → `lambda` → `sqs`, `logs`, `dynamodb`, `ssm` → [`Account`].

mod account;
mod activity;
mod assembly;
mod clock;
mod cloudformation;
mod control;
mod deploy;
mod dynamodb;
mod front;
mod gateway;
mod iam;
mod interpreter;
mod invoke;
mod keys;
mod lambda;
mod logs;
mod region;
mod running;
mod service;
mod sns;
mod sqs;
mod ssm;
mod state;
mod sts;
mod trial;
pub mod wire;

pub use account::{ACCOUNT_ID, Account, DEFAULT_REGION};
pub use activity::{Activity, Feed, Happening};
pub use assembly::{Options, Sandbox, SandboxError, Services};
pub use clock::Clock;
pub use cloudformation::CloudFormation;
pub use control::Control;
pub use deploy::{Answers, Deploy, DeployError, Order, Outcome, Parts, Progress, Sources, Stack, Stacks, edited};
pub use dynamodb::DynamoDb;
pub use front::{Front, Page, PageBody, Serving};
pub use gateway::{Api, Cors, Gateway, Route};
pub use interpreter::{Interpreter, InterpreterFault, Progress as PythonProgress, Python};
pub use invoke::{FunctionError, Invocation, Invoke, Invoking};
pub use keys::{AccessKey, Caller, Keys, Role};
pub use lambda::{Function, Lambda, LogSink, Making};
pub use logs::{InvalidPattern, LONGEST_PATTERN, LogFollower, LogLine, LogLines, Logs, Pattern};
pub use region::Regional;
pub use running::Running;
pub use service::{Access, Call, Fault, Handling, Protocol, Reply, RestRequest, Service};
pub use sns::Sns;
pub use sqs::Sqs;
pub use ssm::Ssm;
pub use sts::Sts;
pub use trial::Trials;
