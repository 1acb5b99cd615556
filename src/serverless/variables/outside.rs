//! What variables ask that the configuration itself does not say.

use std::sync::Arc;

use super::Variable;
use crate::serverless::text::{Symbol, Text};
use crate::serverless::yaml::Node;

/// What a variable or one of its sources came to.
pub(crate) enum Found {
    /// A value with its type.
    Node(Arc<Node>),
    /// Text.
    Text(Text),
    /// Nothing, and why: the next source is asked.
    Missing(String),
}

impl From<Symbol> for Found {
    fn from(symbol: Symbol) -> Self {
        Self::Text(symbol.into())
    }
}

/// Who knows what stands outside of the configuration: symbols where nothing is deployed, values where something is.
pub(crate) trait Outside {
    /// What stands in the place of `${self:path}`, if it is not to be looked up in the configuration.
    fn own(&self, path: &str) -> Option<Found>;

    /// An address as text, if enough of it is known.
    fn concrete(&self, address: &Text) -> Option<String>;

    /// A source that is not the configuration, a file, or a parameter.
    fn source(&self, kind: &str, parameters: &[Text], address: &Text, variable: &Variable) -> Found;

    /// Text in quotes as a fallback; none for `null`.
    fn literal(&self, text: Option<&str>, variable: &Variable) -> Found;

    /// A word without quotes as a fallback: `3`, `true`.
    fn bare(&self, word: &str, variable: &Variable) -> Found;

    /// A file that is not there.
    fn absent(&self, path: &str, variable: &Variable) -> Found;

    /// A file that only running it tells.
    fn program(&self, path: &str, variable: &Variable) -> Found;

    /// The stage, where it is known.
    fn stage(&self) -> Option<&str>;

    /// A parameter given with the command.
    fn parameter(&self, name: &str) -> Option<Found>;
}
