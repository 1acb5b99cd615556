//! # The way in over HTTP stays
//!
//! ## What it asks
//! `PutRideRecordHttp` has the event `http: POST /record`, as `PutRideRecord` had before it was renamed.
//!
//! ## Why
//! Renaming a function changes its name and nothing that others rely on. The address under which rides can be recorded over HTTP stays the same.
//!
//! ## Passes
//! ```yaml
//! PutRideRecordHttp:
//!   events:
//!     - http: POST /record
//! ```
//!
//! ## Fails
//! ```yaml
//! PutRideRecordHttp:
//!   events:
//!     - http:
//!         path: /ride       # another path
//!         method: get       # another method
//! ```

use serde::Deserialize;

use super::find;
use super::function_handler::no_function;
use super::say::{broken, error, unsure, warning};
use crate::check::Evidence;
use crate::check::rule::{Findings, Parameters, Rule};
use crate::diagnostic::Diagnostic;
use crate::serverless::text::Text;
use crate::serverless::{EventKind, Function, Service};

pub(super) static RULE: Rule = Rule { code: CODE, name: "http-event", source: include_str!("http_event.rs"), judge };
const CODE: &str = "RY402";

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Http {
    service: String,
    function: String,
    method: String,
    path: String,
    /// The function's name before; empty if it is new.
    renamed_from: String,
}

impl Default for Http {
    fn default() -> Self {
        Self {
            service: "wild-rydes-ride-record".to_owned(),
            function: "PutRideRecordHttp".to_owned(),
            method: "post".to_owned(),
            path: "/record".to_owned(),
            renamed_from: "PutRideRecord".to_owned(),
        }
    }
}

/// How an event stands to the one that is asked for.
#[derive(PartialEq)]
enum Match {
    Same,
    /// It takes all methods.
    Any,
    OtherMethod,
    OtherPath,
    Unknown,
}

fn judge(evidence: &Evidence, parameters: &Parameters) -> Findings {
    let wanted: Http = parameters.read()?;
    let service = match evidence.service(&wanted.service) {
        Ok(service) => service,
        Err(blocked) => return Ok(vec![*blocked]),
    };
    let text = evidence.text(&service.path);
    let Some(function) = service.functions.get(&wanted.function) else {
        return Ok(vec![no_function(service, text, &wanted.function, &wanted.renamed_from)]);
    };
    let mut findings = Vec::new();
    let events: Vec<_> =
        function.events.iter().filter_map(|event| Some((event, matching(&wanted, &event.kind)?))).collect();
    let good = events.iter().find(|(_, found)| matches!(found, Match::Same | Match::Any));
    match good {
        Some((event, found)) => {
            if let EventKind::Http { http_api: true, .. } = event.kind {
                findings.push(http_api(text, event));
            }
            if *found == Match::Any {
                findings.push(warning(
                    CODE,
                    &event.location,
                    format!("this event takes every method; `{}` is enough", wanted.method.to_uppercase()),
                ));
            }
            findings.extend(no_proxy(service, event));
            findings.extend(locked(event));
            findings.extend(twice(&wanted, service));
        }
        None => findings.push(lost(&wanted, service, function, &events)),
    }
    Ok(findings)
}

fn matching(wanted: &Http, kind: &EventKind) -> Option<Match> {
    let EventKind::Http { method, path, http_api, .. } = kind else { return None };
    let method = method.as_ref().map(Text::as_literal);
    let path = path.as_ref().map(Text::as_literal);
    if matches!(method, Some(None)) || matches!(path, Some(None)) {
        return Some(Match::Unknown);
    }
    let (method, path) = (method.flatten().unwrap_or_default(), path.flatten().unwrap_or_default());
    if *http_api && method == "*" && path.is_empty() {
        return Some(Match::Any);
    }
    if path.trim_end_matches('/') != wanted.path.trim_matches('/') {
        return Some(Match::OtherPath);
    }
    Some(match method {
        method if method == wanted.method => Match::Same,
        "any" | "*" => Match::Any,
        _ => Match::OtherMethod,
    })
}

fn http_api(text: Option<&str>, event: &crate::serverless::Event) -> Diagnostic {
    // The rest of the file builds addresses from the REST API, which an `httpApi` event does not make.
    if text.is_some_and(|text| text.contains("ApiGatewayRestApi")) {
        return error(
            CODE,
            &event.location,
            "`httpApi` makes another kind of API, and this file still refers to `ApiGatewayRestApi`",
        )
        .help("Keep the `http` event as it was before the function was renamed.");
    }
    warning(CODE, &event.location, "`httpApi` makes another kind of API, under another address, than `http` did")
}

/// Any integration but the proxy hands over something else than the event that the handler reads.
fn no_proxy(service: &Service, event: &crate::serverless::Event) -> Option<Diagnostic> {
    let EventKind::Http { node, .. } = &event.kind else { return None };
    let integration = node.get("integration")?;
    let kind = service.text(integration)?;
    let kind = kind.as_literal()?.to_lowercase().replace('_', "-");
    (!matches!(kind.as_str(), "lambda-proxy" | "aws-proxy")).then(|| {
        error(
            CODE,
            &integration.location,
            format!("with `integration: {kind}` the body does not arrive as the text that the handler reads"),
        )
        .help("Leave `integration` out: `lambda-proxy` is what Serverless takes by itself.")
    })
}

/// A key or a login that the address did not ask for before: callers that bring none are turned away.
fn locked(event: &crate::serverless::Event) -> Option<Diagnostic> {
    let EventKind::Http { node, .. } = &event.kind else { return None };
    let asks = |key: &str| {
        let lock = node.entry(key).filter(|entry| !entry.value.is_null())?;
        (lock.value.as_text().as_ref().and_then(Text::as_literal) != Some("false")).then_some(lock)
    };
    let (entry, what) =
        asks("private").map(|entry| (entry, "an API key")).or_else(|| Some((asks("authorizer")?, "a login")))?;
    let message = format!("`{}` asks callers for {what}, and whoever records a ride has none to bring", entry.key);
    Some(
        warning(CODE, &entry.key_location, message)
            .help("API Gateway would turn them away. Keep the event as it was before the function was renamed."),
    )
}

/// The same method and path on two functions: API Gateway refuses that.
fn twice(wanted: &Http, service: &Service) -> Option<Diagnostic> {
    let others = service.functions.list.iter().filter(|function| *function.key.name != *wanted.function);
    others.flat_map(|function| function.events.iter().map(move |event| (function, event))).find_map(
        |(function, event)| {
            (matching(wanted, &event.kind) == Some(Match::Same)).then(|| {
                error(
                    CODE,
                    &event.location,
                    format!(
                        "`{}` has the same HTTP event, and an address can lead to one function only",
                        function.key.name
                    ),
                )
                .help(format!("Keep it on `{}`.", wanted.function))
            })
        },
    )
}

fn lost(
    wanted: &Http,
    service: &Service,
    function: &Function,
    events: &[(&crate::serverless::Event, Match)],
) -> Diagnostic {
    let asked = format!("{} {}", wanted.method.to_uppercase(), wanted.path);
    let help = format!("Under `events` of `{}`: `- http: {asked}`.", wanted.function);
    if let Some((event, _)) = events.iter().find(|(_, found)| *found == Match::Unknown) {
        return unsure(CODE, &event.location, "method or path of this event is known only at deployment");
    }
    if let Some((event, found)) = events.first() {
        let EventKind::Http { method, path, .. } = &event.kind else { return error(CODE, &event.location, help) };
        let text = |part: &Option<Text>| part.as_ref().map(ToString::to_string).unwrap_or_default();
        let message = match found {
            Match::OtherMethod => format!(
                "the HTTP event takes `{}`, and it was `{}` before",
                text(method).to_uppercase(),
                wanted.method.to_uppercase()
            ),
            _ => format!("the HTTP event is at `/{}`, and it was at `{}` before", text(path), wanted.path),
        };
        return error(CODE, &event.location, message).help(help);
    }
    if let Some(finding) = broken(CODE, function.entry("events")) {
        return finding;
    }
    if let Some(finding) = slip(CODE, function, "http") {
        return finding.help(help);
    }
    if function.events_unknown {
        return unsure(
            CODE,
            &function.key.location,
            format!("which events `{}` has is known only at deployment", wanted.function),
        );
    }
    let elsewhere =
        service.functions.list.iter().flat_map(|function| function.events.iter().map(move |event| (function, event)));
    let elsewhere = elsewhere.into_iter().find(|(_, event)| matching(wanted, &event.kind) == Some(Match::Same));
    if let Some((other, event)) = elsewhere {
        return error(
            CODE,
            &event.location,
            format!("the event `{asked}` is on `{}`, and it belongs to `{}`", other.key.name, wanted.function),
        )
        .help(help);
    }
    let at = function.entry("events").map_or(&function.key.location, |entry| &entry.key_location);
    error(CODE, at, format!("`{}` has lost its HTTP event `{asked}`", wanted.function)).help(help)
}

/// An event that is written, but not as an entry of the list `events`.
pub(super) fn slip(code: &'static str, function: &Function, kind: &str) -> Option<Diagnostic> {
    let name = &function.key.name;
    if let Some(events) = function.entry("events")
        && let Some(map) = events.value.as_map()
        && let Some(entry) = map.entry(kind)
    {
        return Some(error(
            code,
            &entry.key_location,
            format!(
                "`events` of `{name}` is a mapping, and Serverless wants a list: a dash is missing before `{kind}`"
            ),
        ));
    }
    if let Some(entry) = function.entry(kind) {
        return Some(error(
            code,
            &entry.key_location,
            format!("`{kind}` stands directly under `{name}`, and events stand in its list `events`"),
        ));
    }
    let glued = format!("{kind}:");
    if let Some(event) =
        function.events.iter().find(|event| matches!(&event.kind, EventKind::Other(key) if key.starts_with(&glued)))
    {
        return Some(error(
            code,
            &event.location,
            format!("a blank is missing after `{glued}`: this is one piece of text"),
        ));
    }
    if let Some(environment) = function.node.get("environment").and_then(|environment| environment.entry("events")) {
        return Some(error(
            code,
            &environment.key_location,
            format!("`events` has slipped inside `environment` of `{name}`: it is indented too deep"),
        ));
    }
    let keys = function.node.as_map().map(|map| map.entries.as_slice()).unwrap_or_default();
    keys.iter().find(|entry| find::is_near(&entry.key, "events")).map(|entry| {
        error(code, &entry.key_location, format!("`{}` is not known to Serverless; the key is `events`", entry.key))
            .edit(super::say::replace(&entry.key_location, "events", "write events"))
    })
}
