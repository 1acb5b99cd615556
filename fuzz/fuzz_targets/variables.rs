//! Any text as the value of a variable, resolved within a service.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rydes::serverless::Service;
use rydes::serverless::variables::Template;

fuzz_target!(|text: &str| {
    let _ = Template::parse(text);
    let quoted = text.replace('\'', "''").replace(['\n', '\r'], " ");
    let yaml = format!(
        "service: s\nprovider:\n  stage: '{quoted}'\ncustom:\n  a: '{quoted}'\n  b: ${{self:custom.a}}\n  c: !Sub '{quoted}'\nfunctions: {{f: {{handler: '{quoted}'}}}}\n"
    );
    if let Ok(service) = Service::parse("s/serverless.yml", &yaml, &|_| None) {
        for key in ["a", "b", "c"] {
            if let Some(node) = service.at(&["custom", key]) {
                let _ = service.text(node);
            }
        }
    }
});
