//! What a line in a log group says: of which invocation, of which rides, and what became of them. Lambda's own lines (as text and as JSON),
//! the events that the handlers log, errors, and anything else that names a ride.

use chrono::DateTime;
use memchr::memmem;
use serde::Deserialize;

use super::event::Time;
use super::text::{ids, is_uuid, named_rides, number, time_uuids, words};

/// Most rides that one line may name; a batch of SNS records holds ten at most.
const MOST_RIDES: usize = 16;
/// Bytes of a line in which the request id is looked for.
const HEAD: usize = 160;
/// Bytes of an error that tell one class from another.
const CLASS: usize = 320;

/// What a line says.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Said<'a> {
    /// Request id of the invocation.
    pub(super) request: Option<&'a str>,
    /// Rides that it names by name.
    pub(super) rides: Vec<&'a str>,
    /// Ids that might be rides, of a line that names none.
    pub(super) mentions: Vec<&'a str>,
    /// What kind of line it is.
    pub(super) kind: Kind,
    /// When API Gateway took the request, if this is an event of it.
    pub(super) gateway: Option<Time>,
    /// SNS records, if this is an event of SNS: `MessageId` and when it was published.
    pub(super) records: Vec<(&'a str, Option<Time>)>,
    /// Whether this is an event of API Gateway.
    pub(super) http: bool,
    /// Name and colour of a unicorn.
    pub(super) unicorn: Option<(&'a str, &'a str)>,
}

/// What kind of line it is.
#[derive(Debug, Default, PartialEq)]
pub(super) enum Kind {
    /// The handler starts.
    Start,
    /// It ended.
    End,
    /// What it took.
    Report(Report),
    /// It failed, in words that are the same for the same fault.
    Error(String),
    /// What a handler logs.
    #[default]
    Other,
}

/// What an invocation took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Report {
    /// Milliseconds that are paid for.
    pub(super) billed: u32,
    /// MiB of the function.
    pub(super) memory: u32,
    /// Whether it was cut off or died.
    pub(super) failed: bool,
}

/// A line of Lambda in its JSON format; fields that are not named here do not matter.
#[derive(Deserialize)]
struct JsonLine<'a> {
    #[serde(rename = "type", default, borrow)]
    kind: Option<&'a str>,
    #[serde(default, rename = "requestId", borrow)]
    request: Option<&'a str>,
    #[serde(default, borrow)]
    record: Option<JsonRecord<'a>>,
    #[serde(default, rename = "errorType")]
    error: Option<String>,
    #[serde(default, rename = "errorMessage")]
    message: Option<String>,
}

#[derive(Deserialize)]
struct JsonRecord<'a> {
    #[serde(default, rename = "requestId", borrow)]
    request: Option<&'a str>,
    #[serde(default, borrow)]
    status: Option<&'a str>,
    #[serde(default)]
    metrics: Option<JsonMetrics>,
}

#[derive(Deserialize)]
struct JsonMetrics {
    #[serde(default, rename = "billedDurationMs")]
    billed: f64,
    #[serde(default, rename = "memorySizeMB")]
    memory: f64,
}

/// Reads a line. Takes time that grows with its length alone.
pub(super) fn read(line: &str) -> Said<'_> {
    let mut said = Said::default();
    if let Some(platform) = lambdas_own(line) {
        return platform;
    }
    if line.starts_with('{') {
        read_json(line, &mut said);
    } else {
        said.request = request_of_text(line);
    }
    if said.kind == Kind::Other {
        said.kind = error_of_text(line).map_or(Kind::Other, Kind::Error);
    }
    read_rides(line, &mut said);
    said
}

/// `START RequestId: …`, `END RequestId: …`, `REPORT RequestId: …`.
fn lambdas_own(line: &str) -> Option<Said<'_>> {
    let (word, rest) = line.split_once(" RequestId: ")?;
    let kind = match word {
        "START" => Kind::Start,
        "END" => Kind::End,
        "REPORT" => Kind::Report(Report {
            billed: small(number(rest, "Billed Duration")),
            memory: small(number(rest, "Memory Size")),
            failed: rest.contains("\tStatus: "),
        }),
        _ => return None,
    };
    let request = rest.split(|letter: char| letter.is_whitespace()).next().filter(|id| !id.is_empty());
    Some(Said { request, kind, ..Said::default() })
}

fn small(number: Option<i64>) -> u32 {
    number.and_then(|number| u32::try_from(number).ok()).unwrap_or_default()
}

fn read_json<'a>(line: &'a str, said: &mut Said<'a>) {
    let Ok(json) = serde_json::from_str::<JsonLine<'a>>(line) else { return };
    let record = json.record.as_ref();
    said.request = json.request.or_else(|| record?.request);
    said.kind = match json.kind {
        Some("platform.start") => Kind::Start,
        // The runtime is done with the event: what `END` says in text.
        Some("platform.runtimeDone") => Kind::End,
        Some("platform.report") => {
            let metrics = record.and_then(|record| record.metrics.as_ref());
            let whole = |number: f64| if number.is_finite() { small(Some(number.ceil() as i64)) } else { 0 };
            Kind::Report(Report {
                billed: metrics.map_or(0, |metrics| whole(metrics.billed)),
                memory: metrics.map_or(0, |metrics| whole(metrics.memory)),
                failed: record.and_then(|record| record.status).is_some_and(|status| status != "success"),
            })
        }
        _ => match (json.error, json.message) {
            (Some(kind), Some(message)) => Kind::Error(class(&format!("{kind}: {message}"))),
            (Some(words), None) => Kind::Error(class(&words)),
            _ => Kind::Other,
        },
    };
}

/// The request id that the runtimes put before what is logged: `[INFO]\t2026-11-28T06:55:54.410Z\t32337476-…\t…`.
fn request_of_text(line: &str) -> Option<&str> {
    let end = (0..=HEAD.min(line.len())).rev().find(|end| line.is_char_boundary(*end))?;
    let head = line.get(..end)?;
    head.split(['\t', ' ']).take(4).find(|field| is_uuid(field.as_bytes()))
}

/// What Lambda says when a handler raised, took too long or died. Errors that a handler logs and survives are none.
fn error_of_text(line: &str) -> Option<String> {
    if let Some(raised) = line.strip_prefix("[ERROR] ") {
        return Some(class(raised));
    }
    if let Some(start) = memmem::find(line.as_bytes(), b"Task timed out after ") {
        return (start < HEAD).then(|| class(line.get(start..).unwrap_or_default()));
    }
    let (_, died) = line.strip_prefix("RequestId: ")?.split_once(" Error: ")?;
    Some(class(died))
}

/// The first line, without ids, cut: the same for the same fault.
fn class(words: &str) -> String {
    let line = words.split(['\n', '\r']).next().unwrap_or_default();
    let mut class = String::new();
    for word in line.split_inclusive(' ') {
        if class.len() + word.len() > CLASS {
            class.push('…');
            break;
        }
        let bare = word.trim_matches(|letter: char| !letter.is_ascii_hexdigit());
        if is_uuid(bare.as_bytes()) { class.push_str(&word.replace(bare, "…")) } else { class.push_str(word) }
    }
    class.trim_end().to_owned()
}

fn read_rides<'a>(line: &'a str, said: &mut Said<'a>) {
    let mut add = |id: &'a str| {
        if said.rides.len() < MOST_RIDES && !said.rides.contains(&id) {
            said.rides.push(id);
        }
    };
    ids(line, "RideId").for_each(&mut add);
    named_rides(line).for_each(&mut add);
    if said.rides.is_empty() {
        let others = time_uuids(line).filter(|id| Some(*id) != said.request);
        said.mentions = others.take(MOST_RIDES).collect();
    }
    let has = |words: &str| memmem::find(line.as_bytes(), words.as_bytes()).is_some();
    said.http = has("\"httpMethod\"") || has("\"routeKey\"");
    if said.http {
        let epoch = number(line, "requestTimeEpoch").or_else(|| number(line, "\"timeEpoch\""));
        said.gateway = epoch.map(Time::from_millis);
    }
    if !said.rides.is_empty() {
        if has("\"Sns\"") {
            let times = memmem::find_iter(line.as_bytes(), "\"Timestamp\"").map(|start| published(line, start));
            let mut times = times.take(MOST_RIDES).collect::<Vec<_>>().into_iter();
            let records = ids(line, "\"MessageId").take(MOST_RIDES);
            said.records = records.map(|id| (id, times.next().flatten())).collect();
        }
        said.unicorn = memmem::find(line.as_bytes(), b"Unicorn").and_then(|start| {
            let rest = line.get(start + 7..)?;
            // Two short words; they are not looked for in the whole of a long line.
            let end = (0..=rest.len().min(256)).rev().find(|end| rest.is_char_boundary(*end))?;
            let rest = rest.get(..end)?;
            Some((words(rest, "Name")?, words(rest, "Color")?))
        });
    }
}

/// `"Timestamp": "2026-11-28T06:55:55.938Z"` at this place.
fn published(line: &str, start: usize) -> Option<Time> {
    // Only what stands behind this key, not behind a later one.
    let time = words(line.get(start..)?, "Timestamp")?;
    Some(Time(DateTime::parse_from_rfc3339(time).ok()?.timestamp_micros()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RIDE: &str = "c2617aee-eaf8-11f1-a861-02fc00000001";
    const REQUEST: &str = "40d212de-0d64-43b5-91e3-ad14f51f5a2f";

    #[test]
    fn lambdas_own_lines_name_the_invocation() {
        let start = read("START RequestId: 40d212de-0d64-43b5-91e3-ad14f51f5a2f Version: $LATEST");
        assert_eq!((start.request, start.kind), (Some(REQUEST), Kind::Start));
        let end = read("END RequestId: 40d212de-0d64-43b5-91e3-ad14f51f5a2f\n");
        assert_eq!((end.request, end.kind), (Some(REQUEST), Kind::End));
        let line = "REPORT RequestId: 40d212de-0d64-43b5-91e3-ad14f51f5a2f\tDuration: 13.96 ms\tBilled Duration: 14 ms\tMemory Size: 256 MB\tMax Memory Used: 49 MB\tInit Duration: 39.53 ms";
        let report = Report { billed: 14, memory: 256, failed: false };
        assert_eq!(read(line).kind, Kind::Report(report));
        assert_eq!(read(&format!("{line}\tStatus: timeout")).kind, Kind::Report(Report { failed: true, ..report }));
    }

    #[test]
    fn its_json_format_says_the_same() {
        let start = r#"{"time":"2026-11-28T06:55:55.978Z","type":"platform.start","record":{"requestId":"40d212de-0d64-43b5-91e3-ad14f51f5a2f","version":"$LATEST"}}"#;
        assert_eq!((read(start).request, read(start).kind), (Some(REQUEST), Kind::Start));
        let report = r#"{"type":"platform.report","record":{"requestId":"40d212de-0d64-43b5-91e3-ad14f51f5a2f","metrics":{"durationMs":13.96,"billedDurationMs":14,"memorySizeMB":256},"status":"success"}}"#;
        assert_eq!(read(report).kind, Kind::Report(Report { billed: 14, memory: 256, failed: false }));
        let raised = r#"{"level":"ERROR","errorType":"KeyError","errorMessage":"'body'","requestId":"40d212de-0d64-43b5-91e3-ad14f51f5a2f"}"#;
        assert_eq!(read(raised).kind, Kind::Error("KeyError: 'body'".to_owned()));
        let logged = r#"{"level":"INFO","message":"Ride c2617aee-eaf8-11f1-a861-02fc00000001 starts at {}","requestId":"40d212de-0d64-43b5-91e3-ad14f51f5a2f"}"#;
        assert_eq!((read(logged).request, read(logged).rides), (Some(REQUEST), vec![RIDE]));
    }

    #[test]
    fn events_of_sns_tell_message_and_time() {
        let line = "[INFO]\t2026-11-28T06:55:55.979Z\t40d212de-0d64-43b5-91e3-ad14f51f5a2f\tEvent received: {\"Records\": [{\"EventSource\": \"aws:sns\", \"Sns\": {\"Type\": \"Notification\", \"MessageId\": \"1022272a-c540-4d86-907e-d6fc06d22bb2\", \"Message\": \"{\\\"RideId\\\": \\\"c2617aee-eaf8-11f1-a861-02fc00000001\\\", \\\"Unicorn\\\": {\\\"Name\\\": \\\"Rocinante\\\", \\\"Color\\\": \\\"Yellow\\\"}}\", \"Timestamp\": \"2026-11-28T06:55:55.938Z\"}}]}";
        let said = read(line);
        assert_eq!((said.request, said.rides), (Some(REQUEST), vec![RIDE]));
        assert_eq!(
            said.records,
            [("1022272a-c540-4d86-907e-d6fc06d22bb2", Some(Time::from_millis(1_795_848_955_938)))]
        );
        assert_eq!(said.unicorn, Some(("Rocinante", "Yellow")));
        assert!(!said.http);
    }

    #[test]
    fn events_of_api_gateway_tell_when_it_took_the_request() {
        let line = "[INFO]\t2026-11-28T06:55:54.410Z\t40d212de-0d64-43b5-91e3-ad14f51f5a2f\tRequest: {\"httpMethod\": \"POST\", \"requestContext\": {\"requestTimeEpoch\": 1795848954397, \"requestId\": \"fb33f9f4-9000-4364-970b-ace287864d0d\"}, \"body\": \"{\\\"PickupLocation\\\": {}}\"}";
        let said = read(line);
        assert_eq!((said.request, said.gateway), (Some(REQUEST), Some(Time::from_millis(1_795_848_954_397))));
        assert!(said.http && said.rides.is_empty() && said.mentions.is_empty());
    }

    #[test]
    fn errors_have_classes() {
        let cases = [
            ("[ERROR] KeyError: 'body'\rTraceback (most recent call last):", Some("KeyError: 'body'")),
            ("[ERROR] Exception: ride c2617aee-eaf8-11f1-a861-02fc00000001, gone", Some("Exception: ride …, gone")),
            (
                "2026-11-28T06:55:55.979Z 40d212de-0d64-43b5-91e3-ad14f51f5a2f Task timed out after 3.00 seconds",
                Some("Task timed out after 3.00 seconds"),
            ),
            (
                "RequestId: 40d212de-0d64-43b5-91e3-ad14f51f5a2f Error: Runtime exited with error: signal: killed",
                Some("Runtime exited with error: signal: killed"),
            ),
            ("[ERROR]\t2026-11-28T06:55:55.979Z\t40d212de-0d64-43b5-91e3-ad14f51f5a2f\tCould not write", None),
        ];
        for (line, expected) in cases {
            let expected = expected.map_or(Kind::Other, |class| Kind::Error(class.to_owned()));
            assert_eq!(read(line).kind, expected, "{line}");
        }
    }
}
