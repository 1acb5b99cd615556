//! One log group that is followed: whether it is there, how far it was read, and when it is asked next.

use std::time::Duration;

use aws_sdk_cloudwatchlogs::operation::filter_log_events::FilterLogEventsOutput;
use tokio::time::Instant;

use super::super::pace::Backoff;
use super::memory::Memory;
use crate::ride::{Happening, Time};

/// Lines may come so long after they happened by their own clocks, in milliseconds: they are read again and told once.
const OVERLAP: i64 = 150_000;
/// The same while there is so much to read that one page does not hold it …
const SHORT_OVERLAP: i64 = 15_000;
/// … for all but every so many'th time.
const WIDE_EVERY: u32 = 15;
/// The first read goes back at most this far, in milliseconds.
const FARTHEST: i64 = 15 * 60_000;
/// Dates in answers have no fractions of a second.
const COARSE: i64 = 1500;
/// Where a live tail tells all, the filter looks after it this often.
const LOOK_AFTER: Duration = Duration::from_secs(30);
/// After its function is gone, a group may get its last lines for this long.
const LINGER: Duration = Duration::from_secs(30);

/// A log group.
pub(super) struct Group {
    pub(super) name: String,
    pub(super) presence: Presence,
    pub(super) memory: Memory,
    pub(super) is_tailed: bool,
    /// When it is asked next.
    pub(super) next: Instant,
    pub(super) backoff: Backoff,
    /// All that the cloud had at this time (milliseconds, by the cloud's clock) was read.
    read_until: Option<i64>,
    reading: Option<Reading>,
    is_cheap: bool,
    narrow: u32,
    /// When it is not followed any more.
    leaves: Option<Instant>,
}

/// Whether a group is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Presence {
    /// It is to be looked up.
    Unknown,
    /// A function makes it when it runs, or a deploy.
    Absent,
    /// It is there; with its ARN, if that may be known.
    There(Option<String>),
}

/// A read of several pages.
#[derive(Clone, Debug)]
struct Reading {
    start: i64,
    began: i64,
    token: Option<String>,
    is_wide: bool,
    pages: u32,
}

impl Group {
    pub(super) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            presence: Presence::Unknown,
            memory: Memory::default(),
            is_tailed: false,
            next: Instant::now(),
            backoff: Backoff::new(Duration::from_millis(300), Duration::from_secs(20)),
            read_until: None,
            reading: None,
            is_cheap: true,
            narrow: 0,
            leaves: None,
        }
    }

    /// Its function is there (again), or not any more.
    pub(super) fn is_wanted(&mut self, wanted: bool) {
        self.leaves = if wanted { None } else { self.leaves.or(Some(Instant::now() + LINGER)) };
    }

    /// Whether it need not be followed any more.
    pub(super) fn is_over(&self) -> bool {
        let is_there = matches!(self.presence, Presence::There(_));
        self.leaves.is_some_and(|leaves| !is_there || leaves <= Instant::now())
    }

    /// Whether the first read of it goes on.
    pub(super) fn catches_up(&self) -> bool {
        self.read_until.is_none() || self.reading.as_ref().is_some_and(|reading| reading.pages > 1)
    }

    /// What to ask for next: since when (milliseconds), and the rest of which page. `now` and `began`, when the feed began, are by the cloud's clock.
    pub(super) fn ask(&mut self, now: i64, began: i64) -> (i64, Option<String>) {
        let reading = self.reading.get_or_insert_with(|| {
            let is_wide = self.is_cheap || self.narrow >= WIDE_EVERY;
            self.narrow = if is_wide { 0 } else { self.narrow + 1 };
            let overlap = if is_wide { OVERLAP } else { SHORT_OVERLAP };
            let since = self.read_until.unwrap_or_else(|| began.max(now - FARTHEST));
            Reading {
                start: (since.min(now) - overlap).max(self.memory.floor()),
                began: now,
                token: None,
                is_wide,
                pages: 0,
            }
        });
        (reading.start, reading.token.clone())
    }

    /// A page came: the lines on it that are news, with their times. Lines from before `began` are known from now on, and not told.
    pub(super) fn read(&mut self, page: &FilterLogEventsOutput, began: i64) -> Vec<(Option<Time>, Happening)> {
        let mut told = Vec::new();
        for event in page.events() {
            let (Some(message), Some(at)) = (event.message(), event.timestamp()) else { continue };
            let (stream, id) = (event.log_stream_name().unwrap_or_default(), event.event_id().unwrap_or_default());
            let is_news = at.max(event.ingestion_time().unwrap_or(at)) >= began - COARSE;
            if self.memory.filtered(id, stream, at, message, is_news) {
                told.push(self.line(stream, at, id.to_owned(), message));
            }
        }
        if let Some(reading) = &mut self.reading {
            reading.pages += 1;
            reading.token = page.next_token().map(str::to_owned);
            if reading.token.is_none() {
                self.is_cheap = if reading.is_wide { reading.pages == 1 } else { self.is_cheap };
                self.read_until = Some(reading.began);
                let forgotten = reading.began - 2 * OVERLAP;
                self.reading = None;
                self.memory.forget_before(forgotten);
            }
        }
        told
    }

    /// A live tail brought a line: what to tell, if it is news.
    pub(super) fn tailed(&mut self, stream: &str, at: i64, message: &str) -> Option<(Option<Time>, Happening)> {
        let id = self.memory.tailed(stream, at, message)?;
        Some(self.line(stream, at, id, message))
    }

    /// When it is asked next, after a page: soon if there is more of it, else after `interval` if no tail tells what happens.
    pub(super) fn settle(&mut self, interval: Duration) {
        let pause = match (&self.reading, self.is_tailed) {
            (Some(_), _) => Duration::ZERO,
            (None, true) => LOOK_AFTER,
            (None, false) => interval,
        };
        self.next = Instant::now() + pause;
    }

    /// A read failed: it begins anew, for a token may not outlive it.
    pub(super) fn failed(&mut self, pause: Duration) {
        self.reading = None;
        self.next = Instant::now() + pause;
    }

    fn line(&self, stream: &str, at: i64, id: String, message: &str) -> (Option<Time>, Happening) {
        let happening =
            Happening::Log { group: self.name.clone(), stream: stream.to_owned(), id, message: message.to_owned() };
        (Some(Time::from_millis(at)), happening)
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_cloudwatchlogs::types::FilteredLogEvent;

    use super::*;

    const BEGAN: i64 = 1_000_000_000;

    fn page(events: &[(i64, i64, &str)], token: Option<&str>) -> FilterLogEventsOutput {
        let events = events.iter().map(|(at, ingested, message)| {
            FilteredLogEvent::builder()
                .event_id(*message)
                .timestamp(*at)
                .ingestion_time(*ingested)
                .log_stream_name("s")
                .message(*message)
                .build()
        });
        let token = token.map(str::to_owned);
        FilterLogEventsOutput::builder().set_events(Some(events.collect())).set_next_token(token).build()
    }

    fn told(group: &mut Group, page: &FilterLogEventsOutput) -> Vec<String> {
        let told = group.read(page, BEGAN).into_iter();
        told.map(|(_, happening)| match happening {
            Happening::Log { message, .. } => message,
            other => panic!("{other:?}"),
        })
        .collect()
    }

    #[tokio::test(start_paused = true)]
    async fn lines_of_clocks_that_are_a_minute_off_are_neither_lost_nor_doubled() {
        let mut group = Group::new("g");
        assert_eq!(group.ask(BEGAN, BEGAN), (BEGAN - OVERLAP, None));
        // Old by both clocks; old by its own clock alone; of a clock that is ahead.
        let first = [
            (BEGAN - 70_000, BEGAN - 10_000, "old"),
            (BEGAN - 60_000, BEGAN + 5, "behind"),
            (BEGAN + 60_000, BEGAN + 6, "ahead"),
        ];
        assert_eq!(told(&mut group, &page(&first, None)), ["behind", "ahead"]);
        let (start, _) = group.ask(BEGAN + 1000, BEGAN);
        assert!(start <= BEGAN - 60_000);
        let second = [first[0], first[1], first[2], (BEGAN - 59_000, BEGAN + 1000, "behind again")];
        assert_eq!(told(&mut group, &page(&second, None)), ["behind again"]);
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_long_trouble_all_that_happened_is_read() {
        let mut group = Group::new("g");
        group.ask(BEGAN, BEGAN);
        told(&mut group, &page(&[], None));
        group.ask(BEGAN + 1000, BEGAN);
        group.failed(Duration::from_secs(1));
        let (start, _) = group.ask(BEGAN + 3_600_000, BEGAN);
        assert_eq!(start, BEGAN - OVERLAP);
        assert_eq!(told(&mut group, &page(&[(BEGAN + 5000, BEGAN + 5000, "a")], Some("more"))), ["a"]);
        group.settle(Duration::from_secs(5));
        assert_eq!(group.next, Instant::now(), "the rest is asked for at once");
        assert!(group.catches_up() || group.reading.is_some());
        assert_eq!(group.ask(BEGAN + 3_601_000, BEGAN), (start, Some("more".to_owned())));
        assert_eq!(told(&mut group, &page(&[(BEGAN + 6000, BEGAN + 6000, "b")], None)), ["b"]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_busy_group_is_read_narrowly_but_for_every_few_times() {
        let mut group = Group::new("g");
        group.ask(BEGAN, BEGAN);
        told(&mut group, &page(&[], Some("more")));
        told(&mut group, &page(&[], None));
        let mut wide = 0;
        for turn in 1..=32 {
            let now = BEGAN + turn * 1000;
            let (start, _) = group.ask(now, BEGAN);
            wide += u32::from(start <= now - OVERLAP);
            let token = (start <= now - OVERLAP).then_some("more");
            told(&mut group, &page(&[], token));
            if token.is_some() {
                told(&mut group, &page(&[], None));
            }
        }
        assert_eq!(wide, 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_group_without_its_function_lingers() {
        let mut group = Group::new("g");
        group.presence = Presence::There(None);
        group.is_wanted(false);
        assert!(!group.is_over());
        tokio::time::advance(LINGER).await;
        assert!(group.is_over());
        group.is_wanted(true);
        assert!(!group.is_over());
        group.presence = Presence::Absent;
        group.is_wanted(false);
        assert!(group.is_over());
    }
}
