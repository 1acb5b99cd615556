//! What the service adds to its template: `resources`, merged into what was generated, and `extensions` of it.

use serde_json::{Map, Value, json};

use super::build::{Build, at, entries, set};
use super::options::Problem;

/// `base` with what `more` says added: mappings are merged, lists item by item, and anything else is replaced.
fn merge(base: &mut Value, more: &Value) {
    match (base, more) {
        (Value::Object(base), Value::Object(more)) => {
            for (key, value) in more {
                match base.get_mut(key) {
                    Some(known) => merge(known, value),
                    None => drop(base.insert(key.clone(), value.clone())),
                }
            }
        }
        (Value::Array(base), Value::Array(more)) => {
            for (index, value) in more.iter().enumerate() {
                match base.get_mut(index) {
                    Some(known) => merge(known, value),
                    None => base.push(value.clone()),
                }
            }
        }
        (base, more) => *base = more.clone(),
    }
}

/// `null` in properties is as good as nothing.
pub(super) fn without_nulls(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|_, item| !item.is_null());
            map.values_mut().for_each(without_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(without_nulls),
        _ => {}
    }
}

impl Build<'_> {
    /// The template: what was generated, with the `resources` of the configuration.
    pub(super) fn with_additions(&mut self, resources: &Value) -> Value {
        let fragments = match resources {
            Value::Array(fragments) => fragments.clone(),
            Value::Null => Vec::new(),
            one => vec![one.clone()],
        };
        let mut own = json!({});
        for fragment in fragments.iter().filter(|fragment| !fragment.is_null()) {
            if !fragment.is_object() {
                let problem = Problem::at(
                    self.location(&["resources"]),
                    "a part of `resources` is neither a mapping nor a file with one",
                );
                self.problems.push(
                    problem.help("Each part holds sections of a template: `Resources:`, `Outputs:`, `Conditions:`."),
                );
                continue;
            }
            merge(&mut own, fragment);
        }
        let mut template = json!({
            "AWSTemplateFormatVersion": "2010-09-09",
            "Description": "The AWS CloudFormation template for this Serverless application",
            "Resources": std::mem::take(&mut self.resources),
            "Outputs": std::mem::take(&mut self.outputs),
        });
        for resource in own.get_mut("Resources").and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut) {
            if let Some(one) = resource.get("DependsOn").filter(|depends| depends.is_string()).cloned() {
                set(resource, "DependsOn", Some(json!([one])));
            }
        }
        let extensions = own.as_object_mut().and_then(|own| own.remove("extensions"));
        if let Some(own) = own.as_object_mut() {
            own.retain(|_, section| !section.is_null());
        }
        self.own_places();
        merge(&mut template, &own);
        self.extend(&mut template, extensions.as_ref());
        self.sound(&mut template);
        template
    }

    /// Where the resources of the configuration stand.
    fn own_places(&mut self) {
        let Some(section) = self.root.get("resources").cloned() else { return };
        let fragments = section.as_list().map_or_else(|| vec![section.clone()], <[_]>::to_vec);
        for fragment in fragments {
            let resources = fragment.get("Resources").and_then(|resources| resources.as_map());
            for entry in resources.map(|resources| resources.entries.as_slice()).unwrap_or_default() {
                self.places.insert(entry.key.to_string(), entry.key_location.clone());
            }
        }
    }

    fn extend(&mut self, template: &mut Value, extensions: Option<&Value>) {
        for (id, extension) in entries(extensions) {
            let Some(resource) = template.pointer_mut("/Resources").and_then(|resources| resources.get_mut(id)) else {
                let problem = Problem::at(
                    self.location(&["resources"]),
                    format!("`extensions` names `{id}`, and no such resource is generated"),
                );
                self.problems.push(problem);
                continue;
            };
            for (key, value) in entries(Some(extension)) {
                match key.as_str() {
                    "Properties" | "Metadata" => {
                        if !resource.get(key).is_some_and(Value::is_object) {
                            set(resource, key, Some(json!({})));
                        }
                        for (name, value) in entries(Some(value)) {
                            set(&mut resource[key], name, Some(value.clone()));
                        }
                    }
                    "DependsOn" => {
                        let list = |value: Option<&Value>| match value {
                            Some(Value::Array(items)) => items.clone(),
                            Some(other) => vec![other.clone()],
                            None => Vec::new(),
                        };
                        let all: Vec<Value> = list(resource.get(key)).into_iter().chain(list(Some(value))).collect();
                        set(resource, key, Some(Value::Array(all)));
                    }
                    "Condition" | "CreationPolicy" | "DeletionPolicy" | "UpdatePolicy" | "UpdateReplacePolicy" => {
                        set(resource, key, Some(value.clone()));
                    }
                    other => {
                        let message = format!("`extensions` of `{id}` cannot set `{other}`");
                        self.problems.push(Problem::at(self.location(&["resources"]), message));
                    }
                }
            }
        }
    }

    /// What CloudFormation refuses before it begins.
    fn sound(&mut self, template: &mut Value) {
        let mut resources = match template.get_mut("Resources") {
            Some(Value::Object(resources)) => std::mem::take(resources),
            _ => {
                self.problems
                    .push(Problem::at(self.location(&["resources"]), "`Resources` is no mapping of logical ids"));
                Map::new()
            }
        };
        for (id, resource) in &mut resources {
            let place = self.places.get(id).cloned();
            if !resource.is_object() {
                self.problems
                    .push(Problem::at(place, format!("the resource `{id}` is empty")).help("It needs a `Type`."));
                continue;
            }
            if !resource.get("Type").is_some_and(Value::is_string) {
                let problem = Problem::at(place.clone(), format!("the resource `{id}` has no `Type`"));
                self.problems.push(problem.help("Such as `Type: AWS::SNS::Topic`."));
            }
            if !id.chars().all(|c| c.is_ascii_alphanumeric()) {
                let message =
                    format!("the logical id `{id}` holds more than letters and digits, which CloudFormation refuses");
                self.problems.push(Problem::at(place, message));
            }
            match resource.get_mut("Properties") {
                Some(Value::Null) => drop(resource.as_object_mut().map(|resource| resource.remove("Properties"))),
                Some(properties) => without_nulls(properties),
                None => {}
            }
        }
        set(template, "Resources", Some(Value::Object(resources)));
        self.references(template);
    }

    /// Names that nothing in the template has.
    fn references(&mut self, template: &Value) {
        let known =
            |name: &str| ["Resources", "Parameters"].iter().any(|section| at(template, &[section, name]).is_some());
        let resources = entries(template.get("Resources")).map(|(id, resource)| (id, resource, "resource"));
        let outputs = entries(template.get("Outputs")).map(|(id, output)| (id, output, "output"));
        for (id, part, what) in resources.chain(outputs) {
            let mut names = std::collections::BTreeSet::new();
            super::order::references(part, &mut names);
            let depends = match part.get("DependsOn") {
                Some(Value::String(one)) => vec![one.clone()],
                Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).map(ToOwned::to_owned).collect(),
                _ => Vec::new(),
            };
            names.extend(depends);
            // Services of the workshop's first years wait for the API by half of its name.
            if names.remove("ApiGatewayDeployment") {
                let message = format!(
                    "the {what} `{id}` waits for `ApiGatewayDeployment`, and the deployment of the API is called \
                     `ApiGatewayDeployment${{sls:instanceId}}`: AWS refuses this name, the sandbox overlooks it"
                );
                let location = super::source::reference(&self.root, "ApiGatewayDeployment");
                self.warnings.push(super::compiled::Remark { message, location });
            }
            for name in names.iter().filter(|name| !known(name)) {
                let problem = Problem {
                    location: super::source::reference(&self.root, name).or_else(|| self.places.get(id).cloned()),
                    ..Problem::at(
                        None,
                        format!("`{name}` is no resource of this service, and the {what} `{id}` refers to it"),
                    )
                };
                if !self.problems.iter().any(|other| other.location.is_some() && other.location == problem.location) {
                    self.problems.push(problem.help("CloudFormation refuses a template with such a name. Is it misspelt, or still to be added under `Resources`?"));
                }
            }
        }
        if let Err(error) = super::order::order(template) {
            let id = error.message.rsplit(' ').next().unwrap_or_default();
            let location = self.places.get(id).cloned();
            self.problems.push(
                Problem::at(location, error.message)
                    .help("CloudFormation cannot decide which to make first: remove one of the references."),
            );
        }
    }
}
