//! What the stage (or region) of a service is made from: the variables that `provider.stage` leads to.

use std::sync::Arc;

use super::{Source, Template, Variable};
use crate::serverless::yaml::{Location, Node};

/// The sources that `provider.stage` or `provider.region` draws on, in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chain {
    /// Paths that hold it: `provider.stage`, `custom.stage` …
    pub paths: Vec<String>,
    /// Environment variables that set it.
    pub environment: Vec<String>,
    /// Whether the option of the same name (`--stage`) sets it.
    pub option: bool,
    /// What it is when nothing sets it.
    pub default: Option<String>,
    /// Where it goes in circles, if it does.
    pub cycle: Option<Location>,
}

impl Chain {
    /// Follows `path` (`provider.stage`) through `root`.
    pub fn follow(root: &Arc<Node>, path: &str) -> Self {
        let mut chain = Self::default();
        let name = path.rsplit('.').next().unwrap_or(path).to_owned();
        chain.path(root, path, &name);
        chain
    }

    fn path(&mut self, root: &Arc<Node>, path: &str, name: &str) {
        if self.paths.len() > 16 {
            return;
        }
        let node = root.at(&path.split('.').collect::<Vec<_>>());
        if self.paths.iter().any(|seen| seen == path) {
            self.cycle = node.map(|node| node.location.clone());
            return;
        }
        self.paths.push(path.to_owned());
        let Some(text) = node.and_then(|node| node.as_text()) else { return };
        let Some(written) = text.as_literal() else { return };
        let template = Template::parse(written);
        if let Some(variable) = template.as_variable() {
            self.variable(root, variable, name);
        } else if let Some(literal) = template.as_literal() {
            self.default.get_or_insert_with(|| literal.to_owned());
        }
    }

    fn variable(&mut self, root: &Arc<Node>, variable: &Variable, name: &str) {
        for source in &variable.sources {
            match source {
                Source::Literal(Some(literal)) | Source::Bare(literal) => {
                    self.default.get_or_insert_with(|| literal.clone());
                }
                Source::Literal(None) => {}
                Source::Nested(nested) => self.variable(root, nested, name),
                Source::Lookup { kind, address, .. } => match (kind.as_str(), address.as_literal()) {
                    ("opt", Some(option)) if option == name => self.option = true,
                    ("sls", Some("stage")) => self.option = true,
                    ("env", Some(variable)) => self.environment.push(variable.to_owned()),
                    ("self", Some(path)) => self.path(root, path, name),
                    _ => {}
                },
            }
        }
    }
}
