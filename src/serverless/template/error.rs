//! Why a template cannot be deployed as it stands.

/// A template that CloudFormation would refuse: one sentence without a place. [`super::Compiled::places`] says where a resource stands.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TemplateError {
    /// What is wrong.
    pub message: String,
}

impl TemplateError {
    /// A fault with this message.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }
}
