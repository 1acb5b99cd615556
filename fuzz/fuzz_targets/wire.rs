//! Any text as a form of the query protocol and as a signature: it is read or refused.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rydes::sandbox::RestRequest;
use rydes::sandbox::wire::{Authorization, parse_query};

fuzz_target!(|text: &str| {
    let _ = parse_query(text);
    let _ = parse_query(&format!("Action=Do&{text}"));
    let _ = Authorization::from_header(text);
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let (authorization, time) = text.split_once('\n').unwrap_or((text, "20260102T030405Z"));
    let headers = vec![header("authorization", authorization), header("x-amz-date", time)];
    if let Ok(read) = Authorization::read(&RestRequest { headers, ..RestRequest::default() }, "") {
        assert!(read.time.len() == 16 && read.signed_headers.iter().any(|name| name == "host"));
    }
    let _ = Authorization::read(&RestRequest::default(), &format!("X-Amz-Algorithm=AWS4-HMAC-SHA256&{text}"));
});
