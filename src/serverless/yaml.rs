//! YAML as a tree in which every key and value knows its exact bytes. It reads what Serverless (js-yaml) reads and refuses what it refuses.

mod error;
mod position;
mod reader;
mod scalar;

use std::sync::Arc;

pub use error::YamlError;
pub use reader::read;

use super::text::Text;
use crate::diagnostic::Span;

/// A place in one of the files that make up a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// Path from the workshop folder, with `/`.
    pub file: Arc<str>,
    /// Where in it.
    pub span: Span,
}

/// A value and its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Where it stands, tag included.
    pub location: Location,
    /// Short name of an intrinsic written as a tag: `Ref` for `!Ref`.
    pub tag: Option<&'static str>,
    /// What it is.
    pub value: Value,
}

/// What a node is. Nodes are shared: an alias is the very node that its anchor names.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing, `~` or `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number as written.
    Number(Arc<str>),
    /// Text: as written until variables are resolved, then known and symbolic parts.
    Text(Text),
    /// A sequence.
    List(Vec<Arc<Node>>),
    /// A mapping.
    Map(Map),
}

/// A mapping in the order of the file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Map {
    /// Its entries; no key stands twice.
    pub entries: Vec<Entry>,
}

/// A key with its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The key as text.
    pub key: Arc<str>,
    /// Where the key stands.
    pub key_location: Location,
    /// The value.
    pub value: Arc<Node>,
}

impl Entry {
    /// Where key and value stand together.
    pub fn location(&self) -> Location {
        if self.key_location.file == self.value.location.file && self.key_location.span < self.value.location.span {
            let span = self.key_location.span.to(self.value.location.span);
            Location { file: Arc::clone(&self.key_location.file), span }
        } else {
            self.key_location.clone()
        }
    }
}

impl Map {
    /// The entry with this key.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| &*entry.key == key)
    }

    /// The value under this key.
    pub fn get(&self, key: &str) -> Option<&Arc<Node>> {
        self.entry(key).map(|entry| &entry.value)
    }
}

impl Node {
    /// The value as a mapping that is no tagged intrinsic.
    pub fn as_map(&self) -> Option<&Map> {
        match &self.value {
            Value::Map(map) if self.tag.is_none() => Some(map),
            _ => None,
        }
    }

    /// The value as a sequence that is no tagged intrinsic.
    pub fn as_list(&self) -> Option<&[Arc<Self>]> {
        match &self.value {
            Value::List(items) if self.tag.is_none() => Some(items),
            _ => None,
        }
    }

    /// The value as text that is no tagged intrinsic; numbers and booleans as written.
    pub fn as_text(&self) -> Option<Text> {
        match (&self.value, self.tag) {
            (Value::Text(text), None) => Some(text.clone()),
            (Value::Number(number), None) => Some(Text::literal(&**number)),
            (Value::Bool(flag), None) => Some(Text::literal(flag.to_string())),
            _ => None,
        }
    }

    /// The value as text that is fully known.
    pub fn as_str(&self) -> Option<&str> {
        match (&self.value, self.tag) {
            (Value::Text(text), None) => text.as_literal(),
            _ => None,
        }
    }

    /// Whether nothing stands there.
    pub fn is_null(&self) -> bool {
        self.value == Value::Null
    }

    /// The entry under `key`, if this is a mapping that has it.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.as_map()?.entry(key)
    }

    /// The value under `key`, if this is a mapping that has it.
    pub fn get(&self, key: &str) -> Option<&Arc<Self>> {
        self.as_map()?.get(key)
    }

    /// The value at the end of a path of keys.
    pub fn at(&self, path: &[&str]) -> Option<&Arc<Self>> {
        let (first, rest) = path.split_first()?;
        let next = self.get(first)?;
        if rest.is_empty() { Some(next) } else { next.at(rest) }
    }

    /// In words for a message: "a mapping", "a list", "text" …
    pub fn kind(&self) -> &'static str {
        match (&self.value, self.tag) {
            (_, Some(_)) => "an intrinsic function",
            (Value::Null, None) => "empty",
            (Value::Bool(_), None) => "true or false",
            (Value::Number(_), None) => "a number",
            (Value::Text(_), None) => "text",
            (Value::List(_), None) => "a list",
            (Value::Map(_), None) => "a mapping",
        }
    }
}

#[cfg(test)]
mod tests;
