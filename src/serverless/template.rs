//! A service becomes a CloudFormation template, as Serverless Framework v3 makes it, and a template's functions come to values.
//!
//! Pure: what a deployment knows (options, environment, SSM parameters, outputs of stacks) is given in.

mod environment;
mod error;
mod evaluate;
mod order;

pub use environment::{Environment, Place, ssm_parameters};
pub use error::TemplateError;
pub use evaluate::evaluate;
pub use order::{dependencies, order, references};

#[cfg(test)]
mod tests;
