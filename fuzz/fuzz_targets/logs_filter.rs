//! Any text as a filter pattern of CloudWatch Logs, on any message: it is read or refused, and its one spelling reads back the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rydes::sandbox::{LONGEST_PATTERN, Pattern};

fuzz_target!(|input: (&str, &str)| {
    let (text, message) = input;
    if let Ok(pattern) = Pattern::parse(text) {
        let _ = pattern.matches(message);
        let spelt = pattern.to_string();
        // Quoting may lengthen a pattern past what AWS takes.
        if spelt.chars().count() <= LONGEST_PATTERN {
            assert_eq!(Pattern::parse(&spelt), Ok(pattern), "{spelt}");
        }
    }
});
