//! A table without a stream: what waits to be asked for by key comes first, the scan takes what time is left.

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use serde_json::Value;
use tokio::time::Instant;

use super::super::super::fault::Fault;
use super::super::pace::Bucket;
use super::super::tell::Tell;
use super::known::Known;
use super::lookup::Lookups;
use super::scan::Scan;
use crate::ride::{Change, Happening, Lookup, State, Table};

/// The part of the table's read capacity that the scan may use, and that asking by key may use.
const SCAN_SHARE: f64 = 0.2;
const LOOKUP_SHARE: f64 = 0.5;
/// The same for a table that is billed by request, in units a second: some cents a day.
const ON_DEMAND: (f64, f64) = (4.0, 40.0);
/// The sandbox's own tables have no limits and cost nothing.
const ON_SANDBOX: (f64, f64) = (200.0, 10_000.0);
/// Asking by key may draw on what was not used for so many seconds.
const LOOKUP_BURST: f64 = 30.0;

/// A table that is asked.
pub(super) struct Keyed {
    client: Client,
    tell: Tell,
    table: Table,
    is_sandbox: bool,
    known: Known,
    lookups: Lookups,
    scan: Scan,
    /// Whether what the first pass of the scan meets is news.
    all_is_news: bool,
    /// Why keys cannot be asked for, and why the scan cannot; until a call works.
    faults: [Option<(Fault, Duration)>; 2],
    /// Why the stream is not read.
    reason: Option<String>,
}

impl Keyed {
    pub(super) fn new(client: &Client, tell: &Tell, table: &Table, all_is_news: bool, is_sandbox: bool) -> Self {
        let (scan, lookup) = shares(table, is_sandbox);
        Self {
            client: client.clone(),
            tell: tell.clone(),
            table: table.clone(),
            is_sandbox,
            known: Known::default(),
            lookups: Lookups::new(Bucket::new(lookup, lookup * LOOKUP_BURST)),
            scan: Scan::new(scan),
            all_is_news,
            faults: [None, None],
            reason: None,
        }
    }

    /// Name of the table.
    pub(super) fn table(&self) -> &str {
        &self.table.name
    }

    /// The same table, perhaps with another capacity.
    pub(super) fn set_table(&mut self, table: &Table) {
        if self.table.read_capacity != table.read_capacity {
            let (scan, lookup) = shares(table, self.is_sandbox);
            self.scan.set_share(scan);
            self.lookups.bucket.set_share(lookup, lookup * LOOKUP_BURST);
        }
        self.table = table.clone();
    }

    /// Why the stream is not read, if there is one.
    pub(super) fn set_reason(&mut self, reason: Option<String>) {
        self.reason = reason;
    }

    /// Asks for an item, unless it was told already; `is_written` means that it was written just now.
    pub(super) fn want(&mut self, key: &str, is_written: bool) {
        self.scan.wake();
        if is_written || !self.known.is_told(key) {
            self.lookups.want(key, is_written);
        }
    }

    /// When there is something to do.
    pub(super) fn due(&mut self) -> Instant {
        let scan = if self.known.is_full() { None } else { Some(self.scan.due()) };
        let lookup = self.lookups.due();
        let far = Instant::now() + Duration::from_secs(60);
        scan.into_iter().chain(lookup).min().unwrap_or(far)
    }

    /// Does what is due.
    pub(super) async fn turn(&mut self) {
        let now = Instant::now();
        if self.lookups.due().is_some_and(|due| due <= now) {
            let is_fresh = self.look_up().await;
            self.tell_health(is_fresh).await;
        } else if !self.known.is_full() && self.scan.due() <= now {
            let is_fresh = self.scan().await;
            self.tell_health(is_fresh).await;
        }
    }

    /// Says whether it ran into a fault.
    async fn look_up(&mut self) -> bool {
        match self.lookups.turn(&self.client, &self.table, self.is_sandbox).await {
            Ok(told) => {
                self.faults[0] = None;
                for (wanted, item) in told {
                    match item {
                        Some(item) => {
                            let change = self.known.found(&wanted.key, &item);
                            self.tell_item(change, Lookup::Get, item).await;
                        }
                        None if self.known.missing(&wanted.key) => {
                            let item = Value::from_iter([(self.table.key.clone(), Value::from(wanted.key))]);
                            self.tell_item(Some(Change::Removed), Lookup::Get, item).await;
                        }
                        None => {}
                    }
                }
                false
            }
            // The next ones go one by one, which may be allowed.
            Err((_, Duration::ZERO)) => false,
            Err((fault, pause)) => {
                if is_final(&fault) {
                    self.lookups.clear();
                }
                self.faults[0] = Some((fault, pause));
                true
            }
        }
    }

    /// Says whether it ran into a fault.
    async fn scan(&mut self) -> bool {
        match self.scan.turn(&self.client, &self.table).await {
            Ok(page) => {
                self.faults[1] = None;
                let is_news = self.all_is_news || !page.is_first_pass;
                for item in page.items {
                    let key = match &item[&self.table.key] {
                        Value::String(key) => key.clone(),
                        other => other.to_string(),
                    };
                    let change = self.known.met(&key, &item, is_news);
                    if change.is_some() && !self.known.is_full() {
                        self.scan.had_news();
                        self.tell_item(change, Lookup::Scan, item).await;
                    }
                }
                if page.is_last {
                    self.known.end_pass();
                }
                false
            }
            Err((fault, pause)) => {
                self.faults[1] = Some((fault, pause));
                true
            }
        }
    }

    async fn tell_item(&self, change: Option<Change>, by: Lookup, item: Value) {
        if let Some(change) = change {
            let happening = Happening::Item { table: self.table.name.clone(), change, by, item };
            self.tell.event(None, happening).await;
        }
    }

    /// Tells how the feed is: one way of asking that works is enough. A fault is told when it is met (`is_fresh`).
    pub(super) async fn tell_health(&self, is_fresh: bool) {
        self.tell.note(Some(self.note()));
        let [lookup, scan] = &self.faults;
        let passing = [scan, lookup].into_iter().flatten().find(|(fault, _)| !is_final(fault));
        match (passing, lookup, scan) {
            (Some((fault, pause)), ..) | (None, Some((fault, pause)), Some(_)) => {
                if is_fresh {
                    self.tell.fault(fault.clone(), *pause).await;
                }
            }
            (None, None, None) if !self.scan.knows_all() && !self.known.is_full() => {
                self.tell.state(State::CatchingUp).await;
            }
            _ => self.tell.live().await,
        }
    }

    fn note(&self) -> String {
        let [lookup, scan] = &self.faults;
        let why = |fault: &Fault| match fault {
            Fault::Denied { permission, .. } => format!("{permission} is denied"),
            fault => fault.reason().to_owned(),
        };
        let mut words = match (lookup, scan) {
            (Some((fault, _)), None) if is_final(fault) => format!("Scan, for {}", why(fault)),
            (None, Some((fault, _))) if is_final(fault) => {
                format!("GetItem of rides that other feeds tell of, for {}", why(fault))
            }
            _ if self.known.is_full() => {
                "GetItem of rides that other feeds tell of: the table is too large to scan for others".to_owned()
            }
            _ => "GetItem, and Scan within its budget".to_owned(),
        };
        if let Some(reason) = &self.reason {
            words.push_str("; ");
            words.push_str(reason);
        }
        words
    }
}

/// Whether trying again soon is of no use.
fn is_final(fault: &Fault) -> bool {
    matches!(fault, Fault::Denied { .. } | Fault::Refused { .. })
}

/// Read capacity units a second for the scan and for asking by key.
fn shares(table: &Table, is_sandbox: bool) -> (f64, f64) {
    match table.read_capacity {
        _ if is_sandbox => ON_SANDBOX,
        Some(units) => {
            let units = f64::from(units.max(1));
            (units * SCAN_SHARE, units * LOOKUP_SHARE)
        }
        None => ON_DEMAND,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scan_gets_a_fifth_of_what_the_table_has() {
        let table =
            |read_capacity| Table { name: "t".to_owned(), key: "RideId".to_owned(), stream: None, read_capacity };
        assert_eq!(shares(&table(Some(5)), false), (1.0, 2.5));
        assert_eq!(shares(&table(None), false), ON_DEMAND);
        assert_eq!(shares(&table(Some(5)), true), ON_SANDBOX);
    }
}
