//! Puts values in the place of variables, as far as they are known without deploying; the rest becomes a [`Symbol`].

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::file::{Included, from_workshop, include};
use super::outside::{Found, Outside};
use super::symbolic::Symbolic;
use super::{Chain, Piece, Source, Template, Variable};
use crate::diagnostic::Diagnostic;
use crate::serverless::intrinsics::referred;
use crate::serverless::text::{Symbol, Text};
use crate::serverless::yaml::{Entry, Map, Node, Value};

/// A configuration whose variables are resolved.
pub struct Resolved {
    /// The tree. Text in it has no variables any more, only [`Symbol`]s.
    pub root: Arc<Node>,
    /// Where the stage comes from.
    pub stage: Chain,
    /// Where the region comes from.
    pub region: Chain,
}

/// Deepest chain of variables that lead to variables.
const MAX_DEPTH: usize = 48;
/// Highest tree that variables may put together.
const MAX_HEIGHT: usize = 256;
/// Most variables that are looked up for one configuration.
const MAX_LOOKUPS: usize = 50_000;

/// Resolves the variables of `raw`, the configuration of the service in `folder`.
///
/// # Errors
/// An included file is not YAML.
pub fn resolve<'a>(
    raw: &Arc<Node>,
    folder: &str,
    files: &dyn Fn(&str) -> Option<&'a str>,
) -> Result<Resolved, Box<Diagnostic>> {
    let stage = Chain::follow(raw, "provider.stage");
    let region = Chain::follow(raw, "provider.region");
    let root = Resolver::new(raw, folder, files, &Symbolic { stage: &stage, region: &region }).all(raw)?;
    Ok(Resolved { root, stage, region })
}

/// Resolves the variables of `part` of the configuration `raw` with the values that a deployment knows. What has no value becomes
/// [`Symbol::Broken`].
///
/// # Errors
/// An included file is not YAML.
pub(crate) fn resolve_with<'a>(
    raw: &Arc<Node>,
    part: &Arc<Node>,
    folder: &str,
    files: &dyn Fn(&str) -> Option<&'a str>,
    outside: &dyn Outside,
) -> Result<Arc<Node>, Box<Diagnostic>> {
    Resolver::new(raw, folder, files, outside).all(part)
}

struct Resolver<'r, 'a> {
    raw: &'r Arc<Node>,
    folder: &'r str,
    files: &'r dyn Fn(&str) -> Option<&'a str>,
    outside: &'r dyn Outside,
    old_pseudo_parameters: bool,
    /// Finished nodes by the address of the raw one, which lives as long as the tree that it is part of.
    done: HashMap<*const Node, Arc<Node>>,
    /// How high finished trees are, where that is more than nothing.
    heights: HashMap<*const Node, usize>,
    active: HashSet<*const Node>,
    included: HashMap<String, Included>,
    lookups: usize,
    depth: usize,
    unreadable: Option<Box<Diagnostic>>,
}

impl<'r, 'a> Resolver<'r, 'a> {
    fn new(
        raw: &'r Arc<Node>,
        folder: &'r str,
        files: &'r dyn Fn(&str) -> Option<&'a str>,
        outside: &'r dyn Outside,
    ) -> Self {
        let plugins = raw.get("plugins").map(|plugins| plugins.get("modules").unwrap_or(plugins));
        let plugins = plugins.and_then(|plugins| plugins.as_list()).unwrap_or_default();
        Self {
            raw,
            folder,
            files,
            outside,
            old_pseudo_parameters: plugins.iter().any(|plugin| plugin.as_str() == Some("serverless-pseudo-parameters")),
            done: HashMap::new(),
            heights: HashMap::new(),
            active: HashSet::new(),
            included: HashMap::new(),
            lookups: 0,
            depth: 0,
            unreadable: None,
        }
    }

    fn all(mut self, part: &Arc<Node>) -> Result<Arc<Node>, Box<Diagnostic>> {
        let root = self.node(part);
        self.unreadable.take().map_or(Ok(root), Err)
    }
}

impl Resolver<'_, '_> {
    fn node(&mut self, raw: &Arc<Node>) -> Arc<Node> {
        let address = Arc::as_ptr(raw);
        if let Some(done) = self.done.get(&address) {
            return Arc::clone(done);
        }
        let broken = |symbol: Symbol| {
            Arc::new(Node { location: raw.location.clone(), tag: raw.tag, value: Value::Text(symbol.into()) })
        };
        if self.depth > MAX_DEPTH * 4 {
            return broken(Symbol::Unknown("variables nested too deep".to_owned()));
        }
        if !self.active.insert(address) {
            return broken(Symbol::Broken("its variables lead back to itself".to_owned()));
        }
        self.depth += 1;
        let mut result = self.fresh(raw);
        self.depth -= 1;
        let height = match &result.value {
            _ if self.heights.contains_key(&Arc::as_ptr(&result)) => 0,
            Value::List(items) => 1 + items.iter().map(|item| self.height(item)).max().unwrap_or(0),
            Value::Map(map) => 1 + map.entries.iter().map(|entry| self.height(&entry.value)).max().unwrap_or(0),
            _ => 0,
        };
        if height > MAX_HEIGHT {
            result = broken(Symbol::Unknown("variables nested too deep".to_owned()));
        } else if height > 0 {
            self.heights.insert(Arc::as_ptr(&result), height);
        }
        self.active.remove(&address);
        self.done.insert(address, Arc::clone(&result));
        result
    }

    fn height(&self, node: &Arc<Node>) -> usize {
        self.heights.get(&Arc::as_ptr(node)).copied().unwrap_or(0)
    }

    fn fresh(&mut self, raw: &Arc<Node>) -> Arc<Node> {
        let value = match &raw.value {
            Value::Null | Value::Bool(_) | Value::Number(_) => return Arc::clone(raw),
            Value::List(items) => Value::List(items.iter().map(|item| self.node(item)).collect()),
            Value::Map(map) => {
                let entry = |entry: &Entry| Entry { value: self.node(&entry.value), ..entry.clone() };
                Value::Map(Map { entries: map.entries.iter().map(entry).collect() })
            }
            Value::Text(text) => {
                match text.as_literal().filter(|written| written.contains("${") || self.old(written)) {
                    None => return Arc::clone(raw),
                    Some(written) => match self.template(&Template::parse(written)) {
                        Found::Node(node) if raw.tag.is_none() => match &node.value {
                            // What is only text stands where it is used; what is larger stands where it is written.
                            Value::Map(_) | Value::List(_) => return node,
                            _ if node.tag.is_some() => return node,
                            value => value.clone(),
                        },
                        Found::Node(node) => node.value.clone(),
                        Found::Text(text) => Value::Text(text),
                        Found::Missing(reason) => Value::Text(Symbol::Broken(reason).into()),
                    },
                }
            }
        };
        Arc::new(Node { location: raw.location.clone(), tag: raw.tag, value })
    }

    fn old(&self, written: &str) -> bool {
        self.old_pseudo_parameters && written.contains("#{")
    }

    fn template(&mut self, template: &Template) -> Found {
        if let Some(variable) = template.as_variable() {
            return self.variable(variable);
        }
        let mut text = Text::default();
        for piece in &template.0 {
            match piece {
                Piece::Literal(literal) => self.literal(literal, &mut text),
                Piece::Variable(variable) => match self.variable(variable) {
                    Found::Text(more) => text.append(&more),
                    Found::Missing(reason) => text.push(Symbol::Broken(reason)),
                    Found::Node(node) => match node.as_text() {
                        Some(more) => text.append(&more),
                        None => text.push(Symbol::Broken(format!(
                            "{} is {}, which cannot be part of a text",
                            variable.written,
                            node.kind()
                        ))),
                    },
                },
            }
        }
        Found::Text(text)
    }

    /// Characters as they are, but for `#{AWS::Region}` where the plugin of that name is used.
    fn literal(&self, literal: &str, text: &mut Text) {
        let mut rest = literal;
        while self.old_pseudo_parameters
            && let Some((before, after)) = rest.split_once("#{")
            && let Some((name, after)) = after.split_once('}')
        {
            text.push_str(before);
            text.push(match name.trim().split_once('.') {
                Some((resource, attribute)) => Symbol::Attribute(resource.to_owned(), attribute.to_owned()),
                None => referred(name.trim()),
            });
            rest = after;
        }
        text.push_str(rest);
    }

    fn variable(&mut self, variable: &Variable) -> Found {
        self.lookups += 1;
        if self.lookups > MAX_LOOKUPS || self.depth > MAX_DEPTH {
            return Symbol::Unknown(variable.written.clone()).into();
        }
        self.depth += 1;
        let mut missing = None;
        let mut result = None;
        for source in &variable.sources {
            match self.source(source, variable) {
                Found::Missing(reason) => {
                    missing.get_or_insert(reason);
                }
                found => {
                    result = Some(found);
                    break;
                }
            }
        }
        self.depth -= 1;
        result
            .unwrap_or_else(|| Found::Missing(missing.unwrap_or_else(|| format!("{} has no value", variable.written))))
    }

    fn source(&mut self, source: &Source, variable: &Variable) -> Found {
        let (kind, parameters, address) = match source {
            Source::Literal(text) => return self.outside.literal(text.as_deref(), variable),
            Source::Bare(text) => return self.outside.bare(text, variable),
            Source::Nested(nested) => return self.variable(nested),
            Source::Lookup { kind, parameters, address } => (kind.as_str(), parameters, address),
        };
        let address = match self.template(address) {
            Found::Text(text) => text,
            Found::Node(node) => node.as_text().unwrap_or_default(),
            Found::Missing(reason) => return Found::Missing(reason),
        };
        if let Some(reason) = address.broken() {
            return Found::Missing(reason.to_owned());
        }
        match (kind, address.as_literal()) {
            ("self", _) => self.own(&address, variable),
            ("file", _) => match parameters.first().map(|path| self.template(path)) {
                Some(Found::Text(path)) => self.file(&path, &address, variable),
                _ => Symbol::Unknown(variable.written.clone()).into(),
            },
            ("param", Some(name)) => self.parameter(name, variable),
            _ => {
                let parameters: Vec<Text> = parameters
                    .iter()
                    .map(|parameter| match self.template(parameter) {
                        Found::Text(text) => text,
                        Found::Node(node) => node.as_text().unwrap_or_default(),
                        Found::Missing(reason) => Symbol::Broken(reason).into(),
                    })
                    .collect();
                self.outside.source(kind, &parameters, &address, variable)
            }
        }
    }

    /// `${param:name}`: where nothing is deployed, only what the file says for every stage alike is known.
    fn parameter(&mut self, name: &str, variable: &Variable) -> Found {
        if let Some(found) = self.outside.parameter(name) {
            return found;
        }
        let params = self.raw.get("params").and_then(|params| params.as_map());
        let default = params.and_then(|params| params.get("default")?.get(name)).cloned();
        if let Some(stage) = self.outside.stage() {
            let own = params.and_then(|params| params.get(stage)?.get(name)).cloned();
            return match own.into_iter().chain(default).find(|value| !value.is_null()) {
                Some(value) => Found::Node(self.node(&value)),
                None => Found::Missing(format!(
                    "{} has no value: `params` says none for the stage `{stage}`",
                    variable.written
                )),
            };
        }
        let elsewhere = params.is_some_and(|params| {
            params.entries.iter().any(|entry| &*entry.key != "default" && entry.value.get(name).is_some())
        });
        match default {
            Some(value) if !elsewhere => Found::Node(self.node(&value)),
            _ => Symbol::Unknown(variable.written.clone()).into(),
        }
    }

    fn own(&mut self, address: &Text, variable: &Variable) -> Found {
        let Some(path) = self.outside.concrete(address) else {
            return Symbol::Unknown(variable.written.clone()).into();
        };
        match path.as_str() {
            "" => return Symbol::Unknown(variable.written.clone()).into(),
            "service" | "service.name" => {
                let service = self.raw.get("service").map(|service| service.get("name").unwrap_or(service));
                return match service.cloned() {
                    Some(name) => Found::Node(self.node(&name)),
                    None => Found::Missing("the service has no name".to_owned()),
                };
            }
            _ => {}
        }
        if let Some(found) = self.outside.own(&path) {
            return found;
        }
        let raw = Arc::clone(self.raw);
        self.walk(&raw, &path, variable)
    }

    fn file(&mut self, path: &Text, address: &Text, variable: &Variable) -> Found {
        let unknown = || Found::from(Symbol::Unknown(variable.written.clone()));
        let (Some(path), Some(address)) = (self.outside.concrete(path), self.outside.concrete(address)) else {
            return unknown();
        };
        let Some(path) = from_workshop(self.folder, &path) else { return unknown() };
        if !self.included.contains_key(&path) {
            let mut included = include(&path, self.files);
            if let Included::Unreadable(finding) = &mut included {
                self.unreadable.get_or_insert_with(|| finding.clone());
            }
            self.included.insert(path.clone(), included);
        }
        let tree = match self.included.get(&path) {
            Some(Included::Tree(tree)) => Arc::clone(tree),
            Some(Included::Absent) => return self.outside.absent(&path, variable),
            Some(Included::Program) => return self.outside.program(&path, variable),
            _ => return unknown(),
        };
        if address.is_empty() { Found::Node(self.node(&tree)) } else { self.walk(&tree, &address, variable) }
    }

    /// Follows `path` from `start`, through variables where need be.
    fn walk(&mut self, start: &Arc<Node>, path: &str, variable: &Variable) -> Found {
        let mut current = Arc::clone(start);
        let mut is_raw = true;
        for key in path.split('.') {
            let through = match &current.value {
                Value::Text(text) if is_raw => text.as_literal().is_some_and(|text| text.contains("${")),
                _ => false,
            };
            if through {
                current = self.node(&current);
                is_raw = false;
            }
            let next = match &current.value {
                Value::Map(map) => map.get(key).cloned(),
                Value::List(items) => key.parse::<usize>().ok().and_then(|index| items.get(index)).cloned(),
                Value::Text(text) if text.as_symbol().is_some() => {
                    return Symbol::Unknown(variable.written.clone()).into();
                }
                _ => None,
            };
            match next {
                Some(next) => current = next,
                None => return Found::Missing(format!("{} names `{path}`, which is not there", variable.written)),
            }
        }
        let target = if is_raw { self.node(&current) } else { current };
        match &target.value {
            Value::Null if target.tag.is_none() => {
                Found::Missing(format!("{} names `{path}`, which is empty", variable.written))
            }
            Value::Text(text) if target.tag.is_none() => match text.as_symbol() {
                Some(Symbol::Broken(reason)) => Found::Missing(reason.clone()),
                _ => Found::Node(target),
            },
            _ => Found::Node(target),
        }
    }
}
