//! Any text as a handler: reading and judging it must neither panic nor hang.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rydes::check::{Evidence, Parameters, Source, all};

const FILES: [&str; 2] =
    ["wild-rydes/handlers/request_ride.py", "wild-rydes-ride-record/handlers/put_ride_record.py"];

fuzz_target!(|text: &str| {
    let evidence = Evidence::new(FILES.map(|path| (path.to_owned(), Source::Text(text.into()))));
    for rule in all() {
        let _ = (rule.judge)(&evidence, &Parameters::default());
    }
});
