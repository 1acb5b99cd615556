//! The format of recordings: a JSON object a line, an event each, with the version of the format.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::event::Event;

/// Version of the format. Fields may be added without a new one, and readers pass over those that they do not know.
pub const VERSION: u32 = 1;

/// Why a line cannot be read.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum LineError {
    /// It is of another version.
    #[error("line {line} is of format version {version}; this rydes reads version {VERSION}")]
    Version {
        /// Which line, from 1.
        line: u64,
        /// Its version.
        version: u64,
    },
    /// It is no event.
    #[error("line {line} is not an event of a recording: {reason}")]
    Broken {
        /// Which line, from 1.
        line: u64,
        /// What is wrong with it.
        reason: String,
    },
}

#[derive(Serialize)]
struct Written<'a> {
    v: u32,
    #[serde(flatten)]
    event: &'a Event,
}

#[derive(Deserialize)]
struct Versioned {
    v: Option<u64>,
}

/// The event as a line, without the newline.
pub fn write(event: &Event) -> String {
    // An event is text, numbers and JSON values: nothing of it can fail to be written.
    serde_json::to_string(&Written { v: VERSION, event }).unwrap_or_default()
}

/// The event of a line; `number` is the line's, from 1. None of an empty line.
///
/// # Errors
/// The line is not a JSON object, of another version, or no event.
pub fn read(text: &str, number: u64) -> Result<Option<Event>, LineError> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let broken = |error: serde_json::Error| {
        // Its own line number would be that of the one line, 1.
        let reason = error.to_string().replace(" at line 1 column ", ", at column ");
        LineError::Broken { line: number, reason }
    };
    // Which version it is decides what its fields mean.
    let versioned: Versioned = serde_json::from_str(text).map_err(broken)?;
    match versioned.v {
        Some(version) if version == u64::from(VERSION) => Ok(Some(serde_json::from_str(text).map_err(broken)?)),
        Some(version) => Err(LineError::Version { line: number, version }),
        None => Err(LineError::Broken { line: number, reason: "it has no version, `\"v\": 1`".to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{Change, Feed, Happening, Health, Lookup, State, Time, Topology};
    use super::*;

    fn events() -> Vec<Event> {
        let happenings = [
            Happening::Requested { request: 1 },
            Happening::Answered {
                request: 1,
                status: Some(201),
                body: Some(json!({"RideId": "r"})),
                error: None,
                latency: 5,
            },
            Happening::Answered {
                request: 2,
                status: None,
                body: None,
                error: Some("no connection".to_owned()),
                latency: 5,
            },
            Happening::Message {
                topic: "arn".to_owned(),
                id: "m".to_owned(),
                body: "\u{0}é\n".to_owned(),
                envelope: None,
            },
            Happening::Log {
                group: "g".to_owned(),
                stream: "s".to_owned(),
                id: "i".to_owned(),
                message: "START".to_owned(),
            },
            Happening::Item {
                table: "t".to_owned(),
                change: Change::Found,
                by: Lookup::Get,
                item: json!({"RideId": "r", "n": 1.5}),
            },
            Happening::Health {
                feed: Feed::Logs,
                health: Health {
                    state: State::Throttled { until: Time(7) },
                    beat: Some(Time(6)),
                    note: Some("paged".to_owned()),
                },
            },
            Happening::Topology(Topology { stage: "dev".to_owned(), ..Topology::default() }),
        ];
        let at = |n: usize| (!n.is_multiple_of(2)).then_some(Time(-3));
        happenings
            .into_iter()
            .enumerate()
            .map(|(n, happening)| Event { seen: Time(1_795_848_954_409_000), at: at(n), happening })
            .collect()
    }

    #[test]
    fn what_is_written_reads_back() {
        for event in events() {
            let line = write(&event);
            assert!(line.starts_with("{\"v\":1,") && !line.contains('\n'), "{line}");
            assert_eq!(read(&line, 1), Ok(Some(event)));
        }
        assert_eq!(read("  \n", 1), Ok(None));
    }

    #[test]
    fn fields_of_later_versions_do_not_matter_but_their_number_does() {
        let line = r#"{"v":1,"seen":5,"type":"requested","request":1,"weather":"fine"}"#;
        assert!(read(line, 1).is_ok_and(|event| event.is_some()));
        assert_eq!(read(&line.replace("\"v\":1", "\"v\":2"), 7), Err(LineError::Version { line: 7, version: 2 }));
    }

    #[test]
    fn broken_lines_are_told_with_their_number() {
        for line in
            ["{", "[1]", "null", "x", "{}", "{\"v\":1}", "{\"v\":1,\"seen\":1,\"type\":\"walked\"}", "{\"v\":-1}"]
        {
            let error = read(line, 12).expect_err(line).to_string();
            assert!(error.starts_with("line 12 "), "{error}");
        }
    }
}
