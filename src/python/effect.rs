//! What a run of the learner's code does to the world, in order, with the places that do it.

use std::rc::Rc;

use super::data::{Data, Made};
use crate::diagnostic::Span;

/// A place in one of the learner's files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct At {
    /// Path from the workshop folder.
    pub file: Rc<str>,
    /// The bytes there.
    pub span: Span,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// A call to AWS.
    Aws(AwsCall),
    /// A request over HTTP.
    Http(HttpCall),
    /// Something was written to the log, with a level such as `error`; `print` counts as `info`.
    Log(Rc<str>, At),
    /// A function of the learner's (or a stand-in) was entered, with its arguments by parameter name.
    Enter(Rc<str>, Vec<(Rc<str>, Data)>, At),
    /// The function entered last was left, by return or exception.
    Leave(Rc<str>),
    /// An environment variable was read.
    Env(Rc<str>, At),
    /// A name that a neighbouring task defines was used while it is not defined.
    Provided(Rc<str>, At),
    /// This run supposes that a stand-in fails.
    Fault(At),
    /// Code that cannot be followed was handed these values.
    Opaque(Rc<str>, Vec<Data>, At),
}

/// A call to AWS, as the service receives it.
#[derive(Clone, Debug, PartialEq)]
pub struct AwsCall {
    /// Service as boto3 names it: `sns`.
    pub service: Rc<str>,
    /// Operation as boto3 names it: `publish`.
    pub operation: Rc<str>,
    /// Parameters by name.
    pub arguments: Vec<(Rc<str>, Data)>,
    /// Where each keyword argument's value stands in the code.
    pub argument_places: Vec<(Rc<str>, At)>,
    /// When the client was made.
    pub made: Made,
    /// Whether the call went through a `Table` or `Topic` resource.
    pub resource: bool,
    /// Whether this run supposes that the call fails.
    pub fails: bool,
    /// The call.
    pub at: At,
}

impl AwsCall {
    /// The value of a parameter.
    pub fn argument(&self, name: &str) -> Option<&Data> {
        self.arguments.iter().find(|(key, _)| &**key == name).map(|(_, value)| value)
    }

    /// Where a parameter's value stands, or the call as a whole.
    pub fn place(&self, name: &str) -> &At {
        self.argument_places.iter().find(|(key, _)| &**key == name).map_or(&self.at, |(_, at)| at)
    }
}

/// A request over HTTP.
#[derive(Clone, Debug, PartialEq)]
pub struct HttpCall {
    /// `get`, `post` …
    pub method: Rc<str>,
    /// Where to.
    pub url: Data,
    /// What is sent: the `json` or `data` argument.
    pub body: Option<Data>,
    /// The call.
    pub at: At,
}

/// An exception that left the code that was run.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// Its class: `KeyError`.
    pub class: Rc<str>,
    /// Its message.
    pub message: Rc<str>,
    /// What raised it.
    pub at: At,
    /// It stands for a fault of AWS that this run supposes.
    pub supposed: bool,
}

/// How a run ends.
#[derive(Clone, Debug, PartialEq)]
pub enum End {
    /// By returning a value; the place is that of the `return`.
    Returned(Data, Option<At>),
    /// By an exception.
    Raised(Failure),
    /// The evaluator gave up, for this reason.
    Abandoned(Rc<str>, Option<At>),
}

/// One way through the code.
#[derive(Clone, Debug)]
pub struct Path {
    /// What happens on it, the import of the module first.
    pub effects: Vec<Effect>,
    /// How many of the effects belong to the import.
    pub imported: usize,
    /// How it ends.
    pub end: End,
    /// Conditions that reading does not decide, in the order in which this way takes a side.
    pub supposed: Vec<At>,
    /// Exceptions that stop the import.
    pub import_failures: Vec<Failure>,
    /// Names of the module after the import, with their values.
    pub globals: Vec<(Rc<str>, Data)>,
}

impl Path {
    /// The effects after the import.
    pub fn during_call(&self) -> &[Effect] {
        self.effects.get(self.imported..).unwrap_or_default()
    }

    /// Whether every call to AWS on this way succeeds.
    pub fn is_sunny(&self) -> bool {
        !self
            .effects
            .iter()
            .any(|effect| matches!(effect, Effect::Fault(_)) || matches!(effect, Effect::Aws(call) if call.fails))
    }

    /// The value of a module-level name after the import.
    pub fn global(&self, name: &str) -> Option<&Data> {
        self.globals.iter().find(|(key, _)| &**key == name).map(|(_, value)| value)
    }
}
