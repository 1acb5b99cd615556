//! Functions, their environment and their events.

use std::sync::Arc;

use super::Key;
use crate::serverless::text::Text;
use crate::serverless::yaml::{Entry, Location, Node, Value};

/// The functions of a service.
#[derive(Clone, Debug, Default)]
pub struct Functions {
    /// In the order of the file.
    pub list: Vec<Function>,
    /// Parts that only a deployment knows.
    pub unknown: Vec<Location>,
    /// Where `functions` stands.
    pub key: Option<Key>,
}

/// One function.
#[derive(Clone, Debug)]
pub struct Function {
    /// Its name in the file.
    pub key: Key,
    /// All that is said about it.
    pub node: Arc<Node>,
    /// Its own variables and those of the provider that it inherits.
    pub environment: Vec<Variable>,
    /// Whether there may be more variables than those.
    pub environment_unknown: bool,
    /// What invokes it.
    pub events: Vec<Event>,
    /// Whether there may be more events than those.
    pub events_unknown: bool,
}

/// A variable of a function's environment.
#[derive(Clone, Debug)]
pub struct Variable {
    /// Name and value.
    pub entry: Entry,
    /// Whether it comes from `provider.environment`.
    pub inherited: bool,
}

/// What invokes a function.
#[derive(Clone, Debug)]
pub struct Event {
    /// Where it stands.
    pub location: Location,
    /// What it is.
    pub kind: EventKind,
}

/// Kinds of events.
#[derive(Clone, Debug)]
pub enum EventKind {
    /// A request to an API Gateway.
    Http {
        /// Whether it is an HTTP API (`httpApi`) and not a REST API (`http`).
        http_api: bool,
        /// In lower case; `any` and `*` mean all.
        method: Option<Text>,
        /// Without the leading `/`.
        path: Option<Text>,
        /// The value under `http`.
        node: Arc<Node>,
    },
    /// A message on an SNS topic: the value under `sns`.
    Sns(Arc<Node>),
    /// Anything else, by its key.
    Other(Arc<str>),
}

impl Functions {
    pub(super) fn of(root: &Node) -> Self {
        let mut functions = Self::default();
        let Some(entry) = root.entry("functions") else { return functions };
        functions.key = Some(Key { name: Arc::clone(&entry.key), location: entry.key_location.clone() });
        let shared = root.at(&["provider", "environment"]);
        match entry.value.as_list() {
            Some(parts) => parts.iter().for_each(|part| functions.part(part, shared)),
            None => functions.part(&entry.value, shared),
        }
        functions
    }

    fn part(&mut self, part: &Arc<Node>, shared: Option<&Arc<Node>>) {
        let Some(map) = part.as_map() else {
            if !part.is_null() {
                self.unknown.push(part.location.clone());
            }
            return;
        };
        for entry in &map.entries {
            if is_symbolic(&entry.value) {
                self.unknown.push(entry.location());
            }
            self.list.push(Function::new(entry, shared));
        }
    }

    /// The function with this name.
    pub fn get(&self, name: &str) -> Option<&Function> {
        self.list.iter().find(|function| &*function.key.name == name)
    }
}

impl Function {
    fn new(entry: &Entry, shared: Option<&Arc<Node>>) -> Self {
        let node = &entry.value;
        let own = node.get("environment");
        let mut environment: Vec<Variable> = variables(own, false);
        for variable in variables(shared, true) {
            if !environment.iter().any(|known| known.entry.key == variable.entry.key) {
                environment.push(variable);
            }
        }
        let events = node.get("events");
        let items = events.and_then(|events| events.as_list()).unwrap_or_default();
        let unknown = |node: Option<&Arc<Node>>| node.is_some_and(|node| is_symbolic(node));
        Self {
            key: Key { name: Arc::clone(&entry.key), location: entry.key_location.clone() },
            environment,
            environment_unknown: unknown(own) || unknown(shared),
            events: items.iter().flat_map(Event::of).collect(),
            events_unknown: unknown(events) || items.iter().any(|item| is_symbolic(item)),
            node: Arc::clone(node),
        }
    }

    /// The entry under `key`.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.node.entry(key)
    }

    /// What is called: `handlers/request_ride.handler`.
    pub fn handler(&self) -> Option<&Entry> {
        self.entry("handler")
    }

    /// A variable of its environment.
    pub fn variable(&self, name: &str) -> Option<&Variable> {
        self.environment.iter().find(|variable| &*variable.entry.key == name)
    }
}

fn variables(environment: Option<&Arc<Node>>, inherited: bool) -> Vec<Variable> {
    let map = environment.and_then(|environment| environment.as_map());
    let entries = map.map(|map| map.entries.as_slice()).unwrap_or_default();
    entries.iter().map(|entry| Variable { entry: entry.clone(), inherited }).collect()
}

/// Whether only a deployment knows what stands there. A variable that leads nowhere is no such thing: no deployment begins with it.
/// A variable with more text around it is text, whatever its value.
fn is_symbolic(node: &Node) -> bool {
    matches!(&node.value, Value::Text(text) if text.as_symbol().is_some() && text.broken().is_none())
}

impl Event {
    fn of(item: &Arc<Node>) -> Vec<Self> {
        let Some(map) = item.as_map() else {
            let text = item.as_text().filter(|text| text.as_symbol().is_none() && *text != Text::default());
            let kind = text.map(|name| EventKind::Other(Arc::from(name.to_string())));
            return kind.map(|kind| Self { location: item.location.clone(), kind }).into_iter().collect();
        };
        let event = |entry: &Entry| {
            let kind = match &*entry.key {
                "http" => http(&entry.value, false),
                "httpApi" => http(&entry.value, true),
                "sns" => EventKind::Sns(Arc::clone(&entry.value)),
                _ => EventKind::Other(Arc::clone(&entry.key)),
            };
            Self { location: entry.location(), kind }
        };
        map.entries.iter().map(event).collect()
    }
}

fn http(node: &Arc<Node>, http_api: bool) -> EventKind {
    let (method, path) = match node.as_map() {
        Some(map) => {
            let text = |key| map.get(key).and_then(|value| value.as_text());
            (text("method"), text("path"))
        }
        None => {
            let pieces = node.as_text().map(|text| text.split(' ', 2)).unwrap_or_default();
            let mut pieces = pieces.into_iter();
            (pieces.next(), pieces.next())
        }
    };
    let lower = |text: Text| text.as_literal().map_or(text.clone(), |known| Text::literal(known.trim().to_lowercase()));
    let bare = |text: Text| {
        let Some(known) = text.as_literal() else { return text };
        Text::literal(known.trim_end().trim_start_matches('/'))
    };
    EventKind::Http { http_api, method: method.map(lower), path: path.map(bare), node: Arc::clone(node) }
}
