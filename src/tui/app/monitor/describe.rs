//! Events in a line each, and what a search looks at.

use serde_json::Value;

use crate::ride::{Change, Event, Happening, Ride};
use crate::tui::theme::Role;
use crate::tui::wrap::printable;

/// Text beyond this is not looked at: a line shows no more.
const MOST: usize = 4096;

/// Whether the ride holds all of these words, which are in lower case.
pub(super) fn holds(ride: &Ride, words: &[String]) -> bool {
    words.iter().all(|word| {
        contains(ride.id().as_str(), word)
            || ride.unicorn().is_some_and(|unicorn| contains(&unicorn.name, word) || contains(&unicorn.color, word))
            || ride.fate().name().starts_with(word.as_str())
            || ride.error().is_some_and(|error| contains(error, word))
            || ride.marks().iter().any(|mark| mark.name().starts_with(word.as_str()))
    })
}

fn contains(text: &str, word: &str) -> bool {
    text.len() >= word.len()
        && text.as_bytes().windows(word.len().max(1)).any(|part| part.eq_ignore_ascii_case(word.as_bytes()))
}

/// How an event is meant, who it is about, and what happened.
pub(super) fn event(event: &Event) -> (Role, String, String) {
    match &event.happening {
        Happening::Requested { request } => (Role::Text, format!("#{request}"), "a ride is requested".to_owned()),
        Happening::Answered { request, status, body, error, latency } => {
            let millis = duration(i64::try_from(*latency).unwrap_or(i64::MAX));
            let status = status.map(|status| format!("{status} ")).unwrap_or_default();
            match error {
                Some(error) => (Role::Fail, format!("#{request}"), printable(&format!("{error}, after {millis}"))),
                None => {
                    let ride = body.as_ref().map(|body| ride(body).1).unwrap_or_default();
                    (Role::Pass, format!("#{request}"), format!("{status}in {millis} {ride}"))
                }
            }
        }
        Happening::Message { body, .. } => {
            let (who, text) = of_text(body);
            (Role::Text, who, text)
        }
        Happening::Log { group, message, .. } => log(group, message),
        Happening::Item { change, item, .. } => {
            let (who, text) = ride(item);
            let (role, word) = match change {
                Change::Inserted => (Role::Pass, "new"),
                Change::Modified => (Role::Warn, "written again"),
                Change::Removed => (Role::Fail, "removed"),
                Change::Found => (Role::Pass, "there"),
            };
            (role, who, if text.is_empty() { word.to_owned() } else { format!("{word}  {text}") })
        }
        Happening::Health { feed, health } => {
            (Role::Dim, format!("{feed:?}"), health.note.clone().unwrap_or_else(|| format!("{:?}", health.state)))
        }
        Happening::Topology(_) => (Role::Dim, String::new(), "what is deployed".to_owned()),
    }
}

/// The id, and the unicorn in words, of a ride as JSON.
fn ride(value: &Value) -> (String, String) {
    let id = value["RideId"].as_str().map(short).unwrap_or_default();
    let unicorn = &value["Unicorn"];
    let text = |value: &Value| value.as_str().map(printable);
    let words = match (text(&unicorn["Name"]), text(&unicorn["Color"])) {
        (Some(name), Some(color)) => format!("{name} ({})", color.to_lowercase()),
        (Some(name), None) => name,
        _ => String::new(),
    };
    (id, words)
}

/// Microseconds as people say them, in at most seven columns.
pub fn duration(micros: i64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
    let millis = micros as f64 / 1000.0;
    match millis.abs() {
        size if size < 99.95 => format!("{millis:.1} ms"),
        size if size < 999.5 => format!("{millis:.0} ms"),
        size if size < 99_950.0 => format!("{:.2} s", millis / 1000.0),
        size if size < 5_999_500.0 => format!("{:.0} s", millis / 1000.0),
        _ => format!("{:.1} h", millis / 3_600_000.0),
    }
}

/// The first part of an id.
pub fn short(id: &str) -> String {
    printable(&id.chars().take(8).collect::<String>())
}

fn of_text(text: &str) -> (String, String) {
    let value: Option<Value> = (text.len() <= MOST).then(|| serde_json::from_str(text).ok()).flatten();
    match value.as_ref().map(ride) {
        Some((id, words)) if !id.is_empty() => (id, words),
        _ => (String::new(), line(text)),
    }
}

/// The beginning of a text, in one line.
fn line(text: &str) -> String {
    let start: String =
        text.chars().take(300).map(|letter| if letter.is_whitespace() { ' ' } else { letter }).collect();
    printable(start.trim())
}

/// A log line without what everybody knows of it: Lambda's request id, Python's time.
fn log(group: &str, message: &str) -> (Role, String, String) {
    let function = group.rsplit(['/', '-']).next().unwrap_or(group);
    let message = message.trim_end();
    let head: String = message.chars().take(MOST).collect();
    let (role, text) = match head.split(' ').next() {
        Some("START" | "END" | "INIT_START") => (Role::Dim, head.split(' ').next().unwrap_or_default().to_owned()),
        Some("REPORT") => {
            let rest = head.split_once("\tDuration").map_or("", |(_, rest)| rest);
            let role = if head.contains("Status:") { Role::Fail } else { Role::Dim };
            (role, format!("REPORT Duration{}", line(rest)))
        }
        _ => match head.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((level, rest)) if level.chars().all(|letter| letter.is_ascii_uppercase()) => {
                let role = match level {
                    "ERROR" | "CRITICAL" => Role::Fail,
                    "WARNING" | "WARN" => Role::Warn,
                    _ => Role::Text,
                };
                // [INFO] <tab> time <tab> request id <tab> words
                let words = rest.splitn(4, '\t').nth(3).unwrap_or(rest);
                (role, format!("{level} {}", line(words)))
            }
            _ if head.contains("Traceback") || head.contains("Task timed out") => (Role::Fail, line(&head)),
            _ => (Role::Text, line(&head)),
        },
    };
    (role, printable(function), text)
}
