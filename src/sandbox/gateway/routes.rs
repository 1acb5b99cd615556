//! Which route a request takes: the resource is found by its path alone, exact pieces before `{param}` before `{proxy+}`; then the method.

use std::collections::BTreeMap;

use super::{Cors, Route};

/// The paths of an API as a tree.
#[derive(Debug, Default)]
pub(super) struct Resources {
    resources: Vec<Resource>,
    root: Node,
}

#[derive(Debug, Default)]
struct Node {
    exact: BTreeMap<String, Node>,
    /// `{name}`.
    parameter: Option<(String, Box<Node>)>,
    /// `{name+}`: its name and resource.
    greedy: Option<(String, usize)>,
    resource: Option<usize>,
}

/// The methods on one path.
#[derive(Debug)]
struct Resource {
    path: String,
    routes: BTreeMap<String, Route>,
    cors: Option<Cors>,
    /// What pre-flight answers say: `OPTIONS,POST`.
    methods: String,
}

/// What answers a request.
#[derive(Debug, PartialEq)]
pub(super) enum Found<'a> {
    /// A function.
    Route { route: &'a Route, parameters: Vec<(&'a str, String)>, resource: &'a str },
    /// The gateway itself, for a browser.
    Preflight { resource: &'a str, cors: &'a Cors, methods: &'a str },
    /// Nobody.
    Nothing,
}

impl Resources {
    pub(super) fn new(routes: &[Route]) -> Self {
        let mut resources = Self::default();
        for route in routes {
            let path = format!("/{}", route.path.trim_matches('/'));
            let known = resources.resources.iter().position(|resource| resource.path == path);
            let index = known.unwrap_or(resources.resources.len());
            if known.is_none() {
                resources.root.add(&path, index);
                resources.resources.push(Resource {
                    path,
                    routes: BTreeMap::new(),
                    cors: None,
                    methods: String::new(),
                });
            }
            if let Some(resource) = resources.resources.get_mut(index) {
                resource.cors = resource.cors.take().or_else(|| route.cors.clone());
                resource.routes.insert(route.method.to_uppercase(), route.clone());
            }
        }
        for resource in &mut resources.resources {
            let Some(cors) = &resource.cors else { continue };
            let named = cors.methods.iter().map(String::as_str);
            let own = std::iter::once("OPTIONS").chain(resource.routes.keys().map(String::as_str));
            let methods: Vec<_> = if cors.methods.is_empty() { own.collect() } else { named.collect() };
            resource.methods = methods.join(",");
        }
        resources
    }

    /// What answers `method` on a decoded path.
    pub(super) fn find(&self, method: &str, path: &str) -> Found<'_> {
        let pieces: Vec<&str> = match path.trim_matches('/') {
            "" => Vec::new(),
            inner => inner.split('/').collect(),
        };
        let mut parameters = Vec::new();
        let index = self.root.find(&pieces, &mut parameters);
        let Some(resource) = index.and_then(|index| self.resources.get(index)) else { return Found::Nothing };
        let (exact, any) = (resource.routes.get(method), resource.routes.get("ANY"));
        match (exact, &resource.cors) {
            // Serverless makes a method of its own for pre-flight requests, which goes before ANY.
            (None, Some(cors)) if method == "OPTIONS" => {
                Found::Preflight { resource: &resource.path, cors, methods: &resource.methods }
            }
            _ => exact.or(any).map_or(Found::Nothing, |route| Found::Route {
                route,
                parameters,
                resource: &resource.path,
            }),
        }
    }
}

impl Node {
    fn add(&mut self, path: &str, index: usize) {
        let mut node = self;
        for piece in path.split('/').filter(|piece| !piece.is_empty()) {
            let name = piece.strip_prefix('{').and_then(|piece| piece.strip_suffix('}'));
            node = match (name, name.and_then(|name| name.strip_suffix('+'))) {
                (_, Some(greedy)) => {
                    node.greedy = Some((greedy.to_owned(), index));
                    return;
                }
                (Some(name), None) => &mut node.parameter.get_or_insert_with(|| (name.to_owned(), Box::default())).1,
                (None, None) => node.exact.entry(piece.to_owned()).or_default(),
            };
        }
        node.resource = Some(index);
    }

    /// The resource of a path, with what its parameters stand for.
    fn find<'a>(&'a self, pieces: &[&str], parameters: &mut Vec<(&'a str, String)>) -> Option<usize> {
        let Some((first, rest)) = pieces.split_first() else { return self.resource };
        if let Some(found) = self.exact.get(*first).and_then(|node| node.find(rest, parameters)) {
            return Some(found);
        }
        if let Some((name, node)) = &self.parameter {
            let before = parameters.len();
            parameters.push((name, (*first).to_owned()));
            match node.find(rest, parameters) {
                None => parameters.truncate(before),
                found => return found,
            }
        }
        let (name, index) = self.greedy.as_ref()?;
        parameters.push((name, pieces.join("/")));
        Some(*index)
    }
}
