//! A service compiles to the template that osls, the kept-up fork of Serverless Framework v3, makes of it. See tests/template/README.md.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use rydes::serverless::template::{Lookups, Options, compile};
use serde_json::Value;

fn folder(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The stand-ins that osls was given.
struct Values(Value);

impl Lookups for Values {
    fn ssm(&self, _: &str, path: &str) -> Option<Value> {
        self.0["ssm"].get(path).cloned()
    }

    fn output(&self, _: &str, stack: &str, output: &str) -> Option<String> {
        Some(self.0["cf"].get(format!("{stack}.{output}"))?.as_str()?.to_owned())
    }
}

type Files = BTreeMap<String, String>;

fn read(folder: &Path, prefix: &str, files: &mut Files) {
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap()) {
        let name = format!("{prefix}/{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            read(&entry.path(), &name, files);
        } else if let Ok(text) = fs::read_to_string(entry.path()) {
            files.insert(name, text);
        }
    }
}

/// The same inputs as `regenerate.py`: name, path of the `serverless.yml`, files.
fn inputs() -> Vec<(String, String, Files)> {
    let mut inputs = Vec::new();
    for entry in fs::read_dir(folder("tests/template/cases")).unwrap().map(|entry| entry.unwrap()) {
        let name = entry.file_name().to_string_lossy().into_owned();
        let mut files = Files::new();
        read(&entry.path(), &name, &mut files);
        inputs.push((name.clone(), format!("{name}/serverless.yml"), files));
    }
    let mut state = Files::new();
    let services = ["wild-rydes", "wild-rydes-ride-record", "wild-rydes-ride-fleet"];
    for service in services {
        read(&folder("assets/starter").join(service), service, &mut state);
    }
    for service in services {
        inputs.push((format!("starter-{service}"), format!("{service}/serverless.yml"), state.clone()));
    }
    let mut patches: Vec<PathBuf> =
        fs::read_dir(folder("answers/async-event-driven")).unwrap().map(|entry| entry.unwrap().path()).collect();
    patches.sort();
    for patch in patches {
        let name = patch.file_name().unwrap().to_string_lossy().into_owned();
        let stem = name.trim_end_matches(".patch");
        let text = fs::read_to_string(&patch).unwrap();
        let Some(path) = text.lines().find_map(|line| line.strip_prefix("+++ b/")) else { continue };
        if stem.contains(".hint") || !path.ends_with("serverless.yml") {
            continue;
        }
        let patched = diffy::apply(&state[path], &diffy::Patch::from_str(&text).unwrap()).unwrap();
        state.insert(path.to_owned(), patched);
        inputs.push((format!("answer-{stem}"), path.to_owned(), state.clone()));
    }
    inputs
}

/// What differs by nature comes to one name, as `regenerate.py` does it.
fn normal(value: Value) -> Value {
    let name = |text: &str| {
        let cut = |part: &str, least: usize, stands: &str| {
            let (before, after) = text.split_once(part)?;
            let is_hash = after.len() >= least && after.chars().all(|c| c.is_ascii_alphanumeric());
            is_hash.then(|| format!("{before}{part}{stands}"))
        };
        cut("LambdaVersion", 20, "HASH")
            .or_else(|| cut("ApiGatewayDeployment", 1, "INSTANCE"))
            .unwrap_or_else(|| text.to_owned())
    };
    match value {
        Value::String(text) => Value::String(name(&text)),
        Value::Array(items) => items.into_iter().map(normal).collect(),
        Value::Object(map) => {
            let entry = |(key, value): (String, Value)| match key.as_str() {
                "CodeSha256" => (key, Value::from("HASH")),
                "S3Key" => (key, Value::from("KEY")),
                _ => (name(&key), normal(value)),
            };
            Value::Object(map.into_iter().map(entry).collect())
        }
        other => other,
    }
}

fn differences(path: &str, ours: &Value, theirs: &Value, found: &mut Vec<String>) {
    match (ours, theirs) {
        (Value::Object(ours), Value::Object(theirs)) => {
            let keys: std::collections::BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
            for key in keys {
                let nothing = Value::Null;
                let of = |map: &serde_json::Map<String, Value>| map.get(key).cloned().unwrap_or(nothing.clone());
                differences(&format!("{path}/{key}"), &of(ours), &of(theirs), found);
            }
        }
        (Value::Array(ours), Value::Array(theirs)) if ours.len() == theirs.len() => {
            for (index, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
                differences(&format!("{path}/{index}"), ours, theirs, found);
            }
        }
        (ours, theirs) if ours == theirs => {}
        (ours, theirs) => found.push(format!("{path}\n    ours   {ours}\n    theirs {theirs}")),
    }
}

#[test]
fn the_template_is_the_one_of_the_peer() {
    let values: Value =
        serde_json::from_str(&fs::read_to_string(folder("tests/template/values.json")).unwrap()).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let options = Options {
        account: text(&values["account"]),
        environment: values["environment"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(key, value)| (key.clone(), text(value)))
            .collect(),
        instance_id: "1".to_owned(),
        code_hash: "code".to_owned(),
        ..Options::default()
    };
    let mut found = Vec::new();
    let mut compared = 0;
    for (name, path, files) in inputs() {
        let stored = fs::read_to_string(folder("tests/template/peer").join(format!("{name}.json")));
        let stored = stored.unwrap_or_else(|_| panic!("{name}: no stored template; run tests/template/regenerate.py"));
        let theirs: Value = serde_json::from_str(&stored).unwrap();
        let look = |path: &str| files.get(path).map(String::as_str);
        let compiled = compile(&path, &files[&path], &look, &options, &Values(values.clone()));
        let compiled = compiled.unwrap_or_else(|problems| panic!("{name}: {problems:#?}"));
        for id in compiled.template["Resources"].as_object().unwrap().keys() {
            assert!(compiled.places.contains_key(id), "{name}: no place for {id}");
        }
        differences(&name, &normal(compiled.template), &theirs, &mut found);
        compared += 1;
    }
    assert!(compared >= 14, "only {compared} inputs were found");
    assert!(found.is_empty(), "{} differences:\n{}", found.len(), found.join("\n"));
}
