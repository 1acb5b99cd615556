//! Any text as a `serverless.yml`, compiled; what comes of it is put in order and evaluated.

#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use rydes::serverless::template::{Environment, Lookups, Options, Place, compile, evaluate, order};

struct Deployed;

impl Lookups for Deployed {
    fn ssm(&self, _: &str, path: &str) -> Option<serde_json::Value> {
        path.contains("there").then(|| "value".into())
    }

    fn output(&self, _: &str, stack: &str, _: &str) -> Option<String> {
        stack.contains("there").then(|| "value".to_owned())
    }
}

fuzz_target!(|text: &str| {
    let files = |path: &str| path.ends_with(".yml").then_some(text);
    let Ok(compiled) = compile("s/serverless.yml", text, &files, &Options::default(), &Deployed) else { return };
    let _ = order(&compiled.template);
    if let Ok(environment) = Environment::of(&compiled.template, Place::default(), BTreeMap::new(), BTreeMap::new()) {
        let _ = evaluate(&compiled.template["Resources"], &environment);
    }
});
