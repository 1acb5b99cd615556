//! The table read through again and again, within a budget, for records that no other feed tells of.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use serde_json::Value;
use tokio::time::Instant;

use super::super::super::fault::Fault;
use super::super::pace::{Backoff, Bucket};
use super::lookup::units;
use super::plain;
use crate::ride::Table;

/// Items in a page, at the least and at the most.
const PAGE: (f64, f64) = (10.0, 1000.0);
/// A page is made as large as the budget of so many seconds allows.
const PAGE_SECONDS: f64 = 2.0;
/// Between passes: at least this long; longer each time that nothing new was met …
const LEAST: Duration = Duration::from_secs(1);
/// … up to this.
const MOST: Duration = Duration::from_secs(10);
/// A pass may take so much of the time.
const DUTY: u32 = 30;

/// Where the scan is.
#[derive(Debug)]
pub(super) struct Scan {
    next: Option<HashMap<String, AttributeValue>>,
    due: Instant,
    pause: Duration,
    backoff: Backoff,
    /// Time spent on this pass, without pauses.
    busy: Duration,
    had_news: bool,
    passes: u64,
    /// How many items a read capacity unit brought.
    items_a_unit: f64,
    share: f64,
    bucket: Bucket,
}

/// A part of the table.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) items: Vec<Value>,
    /// The whole table was read through.
    pub(super) is_last: bool,
    /// It had never been read through before.
    pub(super) is_first_pass: bool,
}

impl Scan {
    /// Spends `share` read capacity units a second.
    pub(super) fn new(share: f64) -> Self {
        Self {
            next: None,
            due: Instant::now(),
            pause: LEAST,
            backoff: Backoff::new(Duration::from_millis(500), Duration::from_secs(20)),
            busy: Duration::ZERO,
            had_news: false,
            passes: 0,
            items_a_unit: 20.0,
            share,
            bucket: Bucket::new(share, (share * PAGE_SECONDS).max(1.0)),
        }
    }

    /// Another share of the capacity from now on.
    pub(super) fn set_share(&mut self, share: f64) {
        self.share = share;
        self.bucket.set_share(share, (share * PAGE_SECONDS).max(1.0));
    }

    /// When it goes on.
    pub(super) fn due(&self) -> Instant {
        self.due
    }

    /// Whether it went through the whole table once.
    pub(super) fn knows_all(&self) -> bool {
        self.passes > 0
    }

    /// Rides are under way: passes come closer again.
    pub(super) fn wake(&mut self) {
        self.pause = LEAST;
        if self.next.is_none() {
            self.due = self.due.min(Instant::now() + LEAST);
        }
    }

    /// There was something new on the page.
    pub(super) fn had_news(&mut self) {
        self.had_news = true;
    }

    /// Reads a page.
    ///
    /// # Errors
    /// Why not, and how long it pauses.
    pub(super) async fn turn(&mut self, client: &Client, table: &Table) -> Result<Page, (Fault, Duration)> {
        let began = Instant::now();
        let limit = (self.share * PAGE_SECONDS * self.items_a_unit).clamp(PAGE.0, PAGE.1);
        let asked = client
            .scan()
            .table_name(&table.name)
            .limit(limit as i32)
            .set_exclusive_start_key(self.next.clone())
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await;
        self.busy += began.elapsed();
        match asked {
            Ok(answer) => {
                self.backoff.reset();
                let items: Vec<Value> = answer.items().iter().map(plain::item).collect();
                self.next = answer.last_evaluated_key().filter(|key| !key.is_empty()).cloned();
                let is_first_pass = self.passes == 0;
                self.took(units(answer.consumed_capacity()), items.len());
                Ok(Page { is_last: self.next.is_none(), is_first_pass, items })
            }
            Err(error) => {
                let fault = Fault::of("dynamodb:Scan", &error);
                let pause = match fault {
                    Fault::Denied { .. } | Fault::Refused { .. } => Duration::from_secs(60),
                    _ => self.backoff.next(),
                };
                match fault {
                    Fault::Throttled => self.bucket.halve(),
                    // The place where it was may not exist in what comes.
                    Fault::Gone { .. } => self.next = None,
                    _ => {}
                }
                self.due = Instant::now() + pause;
                Err((fault, pause))
            }
        }
    }

    /// A page cost `units` and brought `items`: when to go on.
    fn took(&mut self, units: Option<f64>, items: usize) {
        let items = items as f64;
        let units = units.filter(|units| *units > 0.0).unwrap_or_else(|| (items / self.items_a_unit).max(0.5));
        self.items_a_unit = (items / units).clamp(1.0, 200.0);
        self.bucket.draw(units);
        let paid = self.bucket.until(0.5);
        if self.next.is_some() {
            self.due = Instant::now() + paid;
            return;
        }
        self.passes += 1;
        self.pause = if self.had_news { LEAST } else { self.pause.mul_f64(1.5).min(MOST) };
        let rest = self.busy.saturating_mul(DUTY).min(MOST * 3);
        (self.busy, self.had_news) = (Duration::ZERO, false);
        self.due = Instant::now() + self.pause.max(paid).max(rest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn it_stays_within_its_budget() {
        // A table of 5 units: one a second.
        let mut scan = Scan::new(1.0);
        let began = Instant::now();
        let mut spent = 0.0;
        while began.elapsed() < Duration::from_secs(600) {
            tokio::time::sleep_until(scan.due()).await;
            scan.next = Some(HashMap::new());
            scan.took(Some(2.5), 50);
            spent += 2.5;
        }
        let most = began.elapsed().as_secs_f64() + 2.0 + 2.5;
        assert!(spent <= most && spent >= most * 0.9, "{spent} of {most}");
    }

    #[tokio::test(start_paused = true)]
    async fn passes_come_seldom_when_nothing_is_new_and_often_when_rides_are_under_way() {
        let mut scan = Scan::new(5.0);
        let mut pauses = Vec::new();
        for _ in 0..10 {
            tokio::time::sleep_until(scan.due()).await;
            scan.took(Some(0.5), 3);
            pauses.push((scan.due() - Instant::now()).as_millis());
        }
        assert_eq!(pauses[..3], [1500, 2250, 3375]);
        assert_eq!(pauses.last(), Some(&10_000));
        scan.wake();
        assert_eq!(scan.due() - Instant::now(), LEAST);
        tokio::time::sleep_until(scan.due()).await;
        scan.had_news();
        scan.took(Some(0.5), 3);
        assert_eq!(scan.due() - Instant::now(), LEAST);
    }
}
