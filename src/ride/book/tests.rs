//! The book: joins, fates, doubles, clocks, bounds; the same row in whatever order events come.

mod bounds;
mod clocks;
mod joins;
mod orders;

use serde_json::json;

use super::super::{Change, Event, Feed, Happening, Health, Lookup, State, Time};
use super::*;

pub(super) const SECOND: i64 = 1_000_000;
/// 2026-11-28 06:55:55 UTC.
pub(super) const START: i64 = 1_795_848_955_000_000;

/// Makes the events of rides: times are milliseconds after the start.
#[derive(Clone, Debug)]
pub(super) struct Way {
    pub(super) ride: String,
    /// Distinguishes ids of messages, invocations and lines.
    pub(super) salt: u32,
    /// What is added to times of the cloud.
    pub(super) cloud: i64,
}

impl Way {
    pub(super) fn new(n: u32) -> Self {
        Self { ride: format!("{n:08x}-eaf8-11f1-a137-02fc00000001"), salt: n, cloud: 0 }
    }

    pub(super) fn id(&self) -> RideId {
        RideId::new(&self.ride)
    }

    fn body(&self) -> String {
        json!({"RideId": self.ride, "Unicorn": {"Name": "Rocinante", "Color": "Yellow"}, "RequestTime": "2026"})
            .to_string()
    }

    pub(super) fn request(&self, what: u32) -> String {
        format!("{:08x}-6aaf-4739-9c05-{what:012x}", self.salt)
    }

    pub(super) fn message_id(&self, n: u32) -> String {
        format!("{:08x}-c540-4d86-907e-{n:012x}", self.salt)
    }

    fn event(seen: i64, at: Option<i64>, happening: Happening) -> Event {
        let at = at.map(|at| Time(START + at * 1000));
        Event { seen: Time(START + seen * 1000), at, happening }
    }

    pub(super) fn requested(&self, at: i64) -> Event {
        Self::event(at, None, Happening::Requested { request: u64::from(self.salt) })
    }

    pub(super) fn answered(&self, at: i64, latency: i64) -> Event {
        let body = serde_json::from_str(&self.body()).ok();
        let latency = u64::try_from(latency * 1000).unwrap();
        let request = u64::from(self.salt);
        Self::event(at, None, Happening::Answered { request, status: Some(201), body, error: None, latency })
    }

    pub(super) fn refused(&self, at: i64, error: &str) -> Event {
        let (request, error) = (u64::from(self.salt), Some(error.to_owned()));
        Self::event(at, None, Happening::Answered { request, status: Some(502), body: None, error, latency: 1000 })
    }

    pub(super) fn message(&self, at: i64, n: u32) -> Event {
        let happening = Happening::Message {
            topic: "arn:aws:sns:us-east-2:123456789012:rides".to_owned(),
            id: self.message_id(n),
            body: self.body(),
            envelope: None,
        };
        Self::event(at + 3, Some(at + self.cloud), happening)
    }

    pub(super) fn log(&self, at: i64, function: &str, message: String) -> Event {
        let happening = Happening::Log {
            group: format!("/aws/lambda/wild-rydes-dev-{function}"),
            stream: format!("2026/11/28/[$LATEST]{}", self.salt),
            id: format!("{}-{at}-{function}-{}", self.salt, message.get(..5).unwrap_or_default()),
            message,
        };
        Self::event(at + 5, Some(at + self.cloud), happening)
    }

    pub(super) fn start(&self, at: i64, function: &str, what: u32) -> Event {
        self.log(at, function, format!("START RequestId: {} Version: $LATEST", self.request(what)))
    }

    pub(super) fn ends(&self, at: i64, function: &str, what: u32) -> [Event; 2] {
        let id = self.request(what);
        let report = format!(
            "REPORT RequestId: {id}\tDuration: 13.96 ms\tBilled Duration: 14 ms\tMemory Size: 256 MB\tMax Memory Used: 49 MB"
        );
        [self.log(at, function, format!("END RequestId: {id}")), self.log(at, function, report)]
    }

    pub(super) fn says(&self, at: i64, function: &str, what: u32, words: &str) -> Event {
        self.log(at, function, format!("[INFO]\t2026-11-28T06:55:55.979Z\t{}\t{words}", self.request(what)))
    }

    /// The function that answers, from its start to its report.
    pub(super) fn request_ride(&self, at: i64, took: i64) -> Vec<Event> {
        let gateway = (START + (at + self.cloud - 1) * 1000) / 1000;
        let event =
            format!("Request: {{\"httpMethod\": \"POST\", \"requestContext\": {{\"requestTimeEpoch\": {gateway}}}}}");
        let mut events = vec![
            self.start(at, "RequestRide", 1),
            self.says(at, "RequestRide", 1, &event),
            self.says(at, "RequestRide", 1, &format!("Ride {} starts at {{}}", self.ride)),
        ];
        events.extend(self.ends(at + took, "RequestRide", 1));
        events
    }

    /// The function that records, given a message.
    pub(super) fn put_sns(&self, at: i64, what: u32, message: u32, published: i64) -> Vec<Event> {
        let time = chrono::DateTime::from_timestamp_micros(START + (published + self.cloud) * 1000).unwrap();
        let event = json!({"Records": [{"EventSource": "aws:sns", "Sns": {
            "MessageId": self.message_id(message), "Message": self.body(),
            "Timestamp": time.to_rfc3339_opts(chrono::SecondsFormat::Millis, true),
        }}]});
        let mut events = vec![
            self.start(at, "PutRideRecordSns", what),
            self.says(at, "PutRideRecordSns", what, &format!("Event received: {event}")),
        ];
        events.extend(self.ends(at + 10, "PutRideRecordSns", what));
        events
    }

    pub(super) fn put_http(&self, at: i64, what: u32) -> Vec<Event> {
        let event = json!({"httpMethod": "POST", "body": self.body()});
        let mut events = vec![
            self.start(at, "PutRideRecord", what),
            self.says(at, "PutRideRecord", what, &format!("Event received: {event}")),
        ];
        events.extend(self.ends(at + 10, "PutRideRecord", what));
        events
    }

    pub(super) fn item(&self, at: i64, change: Change) -> Event {
        let item = serde_json::from_str(&self.body()).unwrap();
        let by = if change == Change::Found { Lookup::Get } else { Lookup::Stream };
        Self::event(at + 4, None, Happening::Item { table: "records".to_owned(), change, by, item })
    }

    /// A whole ride through the topic.
    pub(super) fn event_driven(&self, at: i64) -> Vec<Event> {
        let mut events = vec![self.requested(at), self.answered(at + 40, 40), self.message(at + 25, 1)];
        events.extend(self.request_ride(at + 5, 30));
        events.extend(self.put_sns(at + 60, 2, 1, at + 25));
        events.push(self.item(at + 70, Change::Found));
        events
    }

    /// A whole ride by HTTP.
    pub(super) fn synchronous(&self, at: i64) -> Vec<Event> {
        let mut events = vec![self.requested(at), self.answered(at + 90, 90)];
        events.extend(self.request_ride(at + 5, 80));
        events.extend(self.put_http(at + 50, 2));
        events.push(self.item(at + 60, Change::Inserted));
        events
    }
}

pub(super) fn book_of(events: impl IntoIterator<Item = Event>) -> Book {
    let mut book = Book::default();
    events.into_iter().for_each(|event| book.take(event));
    book
}

pub(super) fn health(feed: Feed, state: State) -> Event {
    let health = Health { state, beat: None, note: None };
    Event { seen: Time(START), at: None, happening: Happening::Health { feed, health } }
}
