//! Any text as a `serverless.yml`: it is read or refused, and every rule can judge it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rydes::check::{Evidence, Parameters, all};
use rydes::workshop::Source;

fuzz_target!(|text: &str| {
    let files = ["wild-rydes", "wild-rydes-ride-record"]
        .map(|service| (format!("{service}/serverless.yml"), Source::Text(text.into())));
    let evidence = Evidence::new(files);
    for rule in all() {
        for finding in (rule.judge)(&evidence, &Parameters::default()).unwrap_or_default() {
            if let Some(span) = finding.span {
                assert!(text.get(span.start..span.end).is_some(), "{finding:?}");
            }
        }
    }
});
