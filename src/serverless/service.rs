//! What a `serverless.yml` says, as a model: name and stage, functions, resources, and who may do what.

mod arn;
mod functions;
mod iam;
mod merge;
mod resources;
mod role;

use std::sync::Arc;

pub use arn::{Coverage, TopicName};
pub use functions::{Event, EventKind, Function, Functions, Variable};
pub use iam::{Effect, Statement};
pub use resources::{Resource, Resources};
pub use role::{Answer, Grant, Permissions, RoleSource};

use super::intrinsics::evaluate;
use super::text::{Symbol, Text};
use super::variables::{Chain, resolve};
use super::yaml::{Location, Node, read};
use crate::diagnostic::{Block, Diagnostic, Span};

/// A name and its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    /// The name.
    pub name: Arc<str>,
    /// Where it stands.
    pub location: Location,
}

/// What a service's `serverless.yml` says.
pub struct Service {
    /// Path of the file from the workshop folder.
    pub path: Arc<str>,
    /// The tree as written.
    pub raw: Arc<Node>,
    /// The tree with its variables resolved.
    pub root: Arc<Node>,
    /// Name of the service.
    pub name: Option<Text>,
    /// Where the stage comes from.
    pub stage: Chain,
    /// Where the region comes from.
    pub region: Chain,
    /// Its functions.
    pub functions: Functions,
    /// What it adds to the CloudFormation template.
    pub resources: Resources,
}

impl Service {
    /// Reads the configuration at `path`; `files` gives the text of other files in the workshop folder, for `${file(…)}`.
    ///
    /// # Errors
    /// A `RY002` finding (blocked) where the text is not YAML that Serverless would read.
    pub fn parse<'a>(path: &str, text: &str, files: &dyn Fn(&str) -> Option<&'a str>) -> Result<Self, Box<Diagnostic>> {
        let file: Arc<str> = Arc::from(path);
        let unreadable = |message: String, span: Span, help: &str| {
            Box::new(Diagnostic::blocked("RY002", Block::File, path, message).at(span).help(help))
        };
        let raw = read(&file, text).map_err(|error| unreadable(error.message, error.span, &error.help))?;
        if raw.as_map().is_none() {
            return Err(unreadable(
                format!("the file is {} where Serverless wants a mapping", raw.kind()),
                raw.location.span,
                "It starts with keys in the first column: `service:`, `provider:`, `functions:`, `resources:`.",
            ));
        }
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let resolved = resolve(&raw, folder, files)?;
        let root = resolved.root;
        let name = root.get("service").and_then(|service| service.get("name").unwrap_or(service).as_text());
        let functions = Functions::of(&root);
        let resources = Resources::of(&root);
        Ok(Self { path: file, raw, root, name, stage: resolved.stage, region: resolved.region, functions, resources })
    }

    /// The value at the end of a path of keys: `["provider", "iamRoleStatements"]`.
    pub fn at(&self, path: &[&str]) -> Option<&Arc<Node>> {
        self.root.at(path)
    }

    /// What `node` comes to as text. The ARN of a topic of this service is always [`Symbol::Attribute`] `TopicArn`, however it was asked for.
    pub fn text(&self, node: &Node) -> Option<Text> {
        Some(self.canonical(&evaluate(node)?))
    }

    /// One spelling for what has several.
    pub fn canonical(&self, text: &Text) -> Text {
        text.map(|symbol| match symbol {
            Symbol::Ref(id) if self.resources.is_topic(id) => {
                Symbol::Attribute(id.clone(), "TopicArn".to_owned()).into()
            }
            Symbol::StackName => self.stack_name(),
            other => other.clone().into(),
        })
    }

    /// Name of the CloudFormation stack: the service and the stage, unless `provider.stackName` says otherwise.
    pub fn stack_name(&self) -> Text {
        if let Some(name) = self.at(&["provider", "stackName"]).and_then(|name| name.as_text()) {
            return name;
        }
        let mut name = self.name.clone().unwrap_or_else(|| Symbol::StackName.into());
        name.push_str("-");
        name.push(Symbol::Stage);
        name
    }

    /// Whether a plugin of this name is used.
    pub fn has_plugin(&self, name: &str) -> bool {
        let plugins = self.root.get("plugins").map(|plugins| plugins.get("modules").unwrap_or(plugins));
        let plugins = plugins.and_then(|plugins| plugins.as_list()).unwrap_or_default();
        plugins.iter().any(|plugin| plugin.as_str() == Some(name))
    }
}

#[cfg(test)]
mod tests;
