//! A service becomes a CloudFormation template, as Serverless Framework v3 makes it, and a template's functions come to values.
//!
//! Pure: what a deployment knows (options, environment, SSM parameters, outputs of stacks) is given in.

mod additions;
mod build;
mod compile;
mod compiled;
mod core;
mod document;
mod environment;
mod error;
mod evaluate;
mod functions;
mod http;
mod http_api;
mod known;
mod names;
mod options;
mod order;
mod source;
mod topics;

pub use compile::compile;
pub use compiled::{Compiled, CompiledFunction, Remark};
pub use environment::{Environment, Place, ssm_parameters};
pub use error::TemplateError;
pub use evaluate::evaluate;
pub use options::{Lookups, Options, Problem};
pub use order::{dependencies, order};

#[cfg(test)]
mod tests;
