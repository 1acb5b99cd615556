//! What a service adds to its CloudFormation template: `resources`, as one mapping or as a list of fragments.

use std::sync::Arc;

use super::{Key, merge::merge};
use crate::serverless::text::Text;
use crate::serverless::yaml::{Entry, Location, Map, Node, Value};

/// The `resources` of a service, fragments merged.
#[derive(Clone, Debug, Default)]
pub struct Resources {
    /// Resources in the order of the file.
    pub list: Vec<Resource>,
    /// Outputs of the stack.
    pub outputs: Vec<Entry>,
    /// Parameters of the template.
    pub parameters: Vec<Entry>,
    /// Conditions of the template.
    pub conditions: Vec<Entry>,
    /// Entries of `resources` that are no section of a template: most likely resources that slipped out of `Resources`.
    pub strays: Vec<Entry>,
    /// Parts that only a deployment knows.
    pub unknown: Vec<Location>,
    /// Parts that can never be read, and why: no deployment begins with them.
    pub broken: Vec<(Location, String)>,
    /// Where `resources` stands.
    pub key: Option<Key>,
    /// Where `Resources` stands.
    pub section: Option<Key>,
}

/// One resource.
#[derive(Clone, Debug)]
pub struct Resource {
    /// Its logical id.
    pub key: Key,
    /// All that is said about it.
    pub node: Arc<Node>,
    /// `AWS::SNS::Topic` …
    pub kind: Option<Text>,
    /// Its `Properties`.
    pub properties: Option<Arc<Node>>,
    /// Name of the condition that it depends on.
    pub condition: Option<Text>,
}

/// Sections of a template, and Serverless' own `extensions`.
const SECTIONS: &[&str] = &[
    "AWSTemplateFormatVersion",
    "Conditions",
    "Description",
    "Mappings",
    "Metadata",
    "Outputs",
    "Parameters",
    "Resources",
    "Rules",
    "Transform",
    "extensions",
];

impl Resources {
    pub(super) fn of(root: &Node) -> Self {
        let mut resources = Self::default();
        let Some(entry) = root.entry("resources") else { return resources };
        resources.key = Some(Key { name: Arc::clone(&entry.key), location: entry.key_location.clone() });
        match entry.value.as_list() {
            Some(fragments) => fragments.iter().for_each(|fragment| resources.fragment(fragment)),
            None => resources.fragment(&entry.value),
        }
        resources
    }

    fn fragment(&mut self, fragment: &Arc<Node>) {
        let Some(map) = fragment.as_map() else { return self.unread(fragment) };
        for entry in &map.entries {
            match &*entry.key {
                "Resources" => {
                    if self.section.is_none() {
                        self.section = Some(Key { name: Arc::clone(&entry.key), location: entry.key_location.clone() });
                    }
                    self.resources(&entry.value);
                }
                "Outputs" => self.outputs.extend(entries(&entry.value)),
                "Parameters" => self.parameters.extend(entries(&entry.value)),
                "Conditions" if entry.value.as_text().is_some() => self.unread(&entry.value),
                "Conditions" => self.conditions.extend(entries(&entry.value)),
                key if SECTIONS.contains(&key) => {}
                key if key.starts_with("Fn::") => self.unknown.push(entry.location()),
                _ => self.strays.push(entry.clone()),
            }
        }
    }

    fn resources(&mut self, section: &Arc<Node>) {
        let Some(map) = section.as_map() else { return self.unread(section) };
        for entry in &map.entries {
            if entry.key.starts_with("Fn::") {
                self.unknown.push(entry.location());
                continue;
            }
            match self.list.iter_mut().find(|known| known.key.name == entry.key) {
                Some(known) => *known = Resource::new(known.key.clone(), &merge(&known.node, &entry.value)),
                None => {
                    let key = Key { name: Arc::clone(&entry.key), location: entry.key_location.clone() };
                    self.list.push(Resource::new(key, &entry.value));
                }
            }
        }
    }

    /// Something that is no mapping: unknown if a variable or transform stands there, else nothing.
    fn unread(&mut self, node: &Node) {
        if let Value::Text(text) = &node.value
            && let Some(reason) = text.broken()
        {
            self.broken.push((node.location.clone(), reason.to_owned()));
            return;
        }
        let symbolic = matches!(&node.value, Value::Text(text) if text.as_literal().is_none());
        if symbolic || node.tag.is_some() {
            self.unknown.push(node.location.clone());
        } else if let Some(items) = node.as_list() {
            // `Resources` written as a list: CloudFormation refuses it, and its entries are strays.
            let maps = items.iter().filter_map(|item| item.as_map());
            self.strays.extend(maps.flat_map(|map: &Map| map.entries.clone()));
        }
    }

    /// The resource with this logical id.
    pub fn get(&self, id: &str) -> Option<&Resource> {
        self.list.iter().find(|resource| &*resource.key.name == id)
    }

    /// Resources of this type.
    pub fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Resource> {
        self.list.iter().filter(move |resource| resource.is(kind))
    }

    /// Whether `id` is a topic.
    pub fn is_topic(&self, id: &str) -> bool {
        self.get(id).is_some_and(|resource| resource.is("AWS::SNS::Topic"))
    }
}

fn entries(node: &Node) -> Vec<Entry> {
    node.as_map().map(|map| map.entries.clone()).unwrap_or_default()
}

impl Resource {
    fn new(key: Key, node: &Arc<Node>) -> Self {
        Self {
            key,
            kind: node.get("Type").and_then(|kind| kind.as_text()),
            properties: node.get("Properties").cloned(),
            condition: node.get("Condition").and_then(|condition| condition.as_text()),
            node: Arc::clone(node),
        }
    }

    /// Whether it is of this type.
    pub fn is(&self, kind: &str) -> bool {
        self.kind.as_ref().is_some_and(|own| own.as_literal() == Some(kind))
    }

    /// A property.
    pub fn property(&self, name: &str) -> Option<&Arc<Node>> {
        self.properties.as_ref()?.get(name)
    }

    /// The entry of a property.
    pub fn property_entry(&self, name: &str) -> Option<&Entry> {
        self.properties.as_ref()?.entry(name)
    }
}
