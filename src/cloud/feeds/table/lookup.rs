//! Items asked for by their keys: rides that other feeds told of, and keys that the sandbox tells were written.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, ConsumedCapacity, KeysAndAttributes, ReturnConsumedCapacity};
use serde_json::Value;
use tokio::time::Instant;

use super::super::super::fault::Fault;
use super::super::pace::{Backoff, Bucket};
use super::plain;
use crate::ride::Table;

/// Keys that wait. When there are more, the oldest are left to the scan.
const MOST: usize = 8192;
/// Keys in one `BatchGetItem`.
const BATCH: usize = 100;
/// As many keys are asked for together rather than one by one.
const FEW: usize = 4;
/// An item that is not there yet is asked for again after this long, then twice as long …
const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// … up to this,
const LAST_PAUSE: Duration = Duration::from_secs(5);
/// and so often in all: for about forty seconds, longer than a ride may take.
const TRIES: u32 = 14;

/// A key and why it is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) key: String,
    /// It was written just now, by all accounts.
    pub(super) is_written: bool,
    tries: u32,
}

/// Keys that wait to be asked for, by when.
#[derive(Debug)]
pub(super) struct Lookups {
    waiting: BTreeMap<(Instant, u64), Wanted>,
    places: HashMap<String, (Instant, u64)>,
    count: u64,
    backoff: Backoff,
    not_before: Instant,
    batches: bool,
    pub(super) bucket: Bucket,
}

impl Lookups {
    pub(super) fn new(bucket: Bucket) -> Self {
        Self {
            waiting: BTreeMap::new(),
            places: HashMap::new(),
            count: 0,
            backoff: Backoff::new(Duration::from_millis(200), Duration::from_secs(10)),
            not_before: Instant::now(),
            batches: true,
            bucket,
        }
    }

    /// Asks for the item at once; one that waits already keeps its place, unless it `is_written`.
    pub(super) fn want(&mut self, key: &str, is_written: bool) {
        if self.places.contains_key(key) && !is_written {
            return;
        }
        self.remove(key);
        self.add(Instant::now(), Wanted { key: key.to_owned(), is_written, tries: 0 });
    }

    /// When there is something to ask.
    pub(super) fn due(&mut self) -> Option<Instant> {
        let (due, _) = *self.waiting.keys().next()?;
        let due = due.max(self.not_before);
        // Nothing to wait for is not "now", which is over by the time that somebody looks.
        let pause = self.bucket.until(1.0);
        Some(if pause.is_zero() { due } else { due.max(Instant::now() + pause) })
    }

    /// Asks for what is due.
    ///
    /// # Errors
    /// Why nothing could be learnt, and how long nothing will be asked; what was asked for waits.
    pub(super) async fn turn(
        &mut self,
        client: &Client,
        table: &Table,
        consistent: bool,
    ) -> Result<Vec<(Wanted, Option<Value>)>, (Fault, Duration)> {
        let wanted = self.take(if self.batches { BATCH } else { 1 });
        let asked = if wanted.len() < FEW {
            self.one_by_one(client, table, consistent, &wanted).await
        } else {
            self.together(client, table, consistent, &wanted).await
        };
        match asked {
            Ok(found) => {
                self.backoff.reset();
                Ok(self.sort_out(wanted, found))
            }
            Err(fault) => {
                let pause = match fault {
                    Fault::Denied { .. } | Fault::Refused { .. } if wanted.len() >= FEW => {
                        // Perhaps one by one is allowed.
                        self.batches = false;
                        Duration::ZERO
                    }
                    Fault::Denied { .. } | Fault::Refused { .. } => Duration::from_secs(60),
                    _ => self.backoff.next(),
                };
                if fault == Fault::Throttled {
                    self.bucket.halve();
                }
                self.not_before = Instant::now() + pause;
                for one in wanted {
                    self.add(self.not_before, one);
                }
                Err((fault, pause))
            }
        }
    }

    /// Gives up what waits: nobody may ask.
    pub(super) fn clear(&mut self) {
        self.waiting.clear();
        self.places.clear();
    }

    /// What was found goes to the caller; what was not is asked for again, or given up.
    fn sort_out(&mut self, wanted: Vec<Wanted>, found: Found) -> Vec<(Wanted, Option<Value>)> {
        let Found { mut items, unprocessed } = found;
        let mut told = Vec::with_capacity(wanted.len());
        for mut one in wanted {
            if let Some(item) = items.remove(&one.key) {
                told.push((one, Some(item)));
            } else if unprocessed.contains(&one.key) {
                let pause = self.backoff.next();
                self.add(Instant::now() + pause, one);
            } else if one.is_written {
                told.push((one, None));
            } else if one.tries < TRIES {
                let pause = FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(one.tries)).min(LAST_PAUSE);
                one.tries += 1;
                self.add(Instant::now() + pause, one);
            }
        }
        told
    }

    async fn one_by_one(
        &mut self,
        client: &Client,
        table: &Table,
        consistent: bool,
        wanted: &[Wanted],
    ) -> Result<Found, Fault> {
        let mut found = Found::default();
        for one in wanted {
            let asked = client
                .get_item()
                .table_name(&table.name)
                .key(&table.key, AttributeValue::S(one.key.clone()))
                .consistent_read(consistent)
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await;
            let answer = asked.map_err(|error| Fault::of("dynamodb:GetItem", &error))?;
            self.bucket.draw(units(answer.consumed_capacity()).unwrap_or(0.5));
            if let Some(item) = answer.item() {
                found.items.insert(one.key.clone(), plain::item(item));
            }
        }
        Ok(found)
    }

    async fn together(
        &mut self,
        client: &Client,
        table: &Table,
        consistent: bool,
        wanted: &[Wanted],
    ) -> Result<Found, Fault> {
        let key = |one: &Wanted| HashMap::from([(table.key.clone(), AttributeValue::S(one.key.clone()))]);
        let keys = KeysAndAttributes::builder().set_keys(Some(wanted.iter().map(key).collect()));
        let keys = keys.consistent_read(consistent).build();
        let keys = keys.map_err(|error| Fault::Refused { reason: error.to_string() })?;
        let asked = client
            .batch_get_item()
            .request_items(&table.name, keys)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await;
        let answer = asked.map_err(|error| Fault::of("dynamodb:BatchGetItem", &error))?;
        let drawn: f64 = answer.consumed_capacity().iter().filter_map(|one| units(Some(one))).sum();
        self.bucket.draw(drawn.max(0.5));
        let mut found = Found::default();
        for item in answer.responses().and_then(|tables| tables.get(&table.name)).into_iter().flatten() {
            if let Some(key) = item.get(&table.key).and_then(|key| key.as_s().ok()) {
                found.items.insert(key.clone(), plain::item(item));
            }
        }
        let left = answer.unprocessed_keys().and_then(|tables| tables.get(&table.name));
        for key in left.into_iter().flat_map(KeysAndAttributes::keys) {
            found.unprocessed.extend(key.get(&table.key).and_then(|key| key.as_s().ok()).cloned());
        }
        Ok(found)
    }

    fn take(&mut self, most: usize) -> Vec<Wanted> {
        let now = Instant::now();
        let mut taken = Vec::new();
        while taken.len() < most {
            let Some(entry) = self.waiting.first_entry() else { break };
            if entry.key().0 > now {
                break;
            }
            let one = entry.remove();
            self.places.remove(&one.key);
            taken.push(one);
        }
        taken
    }

    fn add(&mut self, due: Instant, one: Wanted) {
        if self.waiting.len() >= MOST
            && let Some((_, oldest)) = self.waiting.pop_last()
        {
            self.places.remove(&oldest.key);
        }
        self.count += 1;
        self.places.insert(one.key.clone(), (due, self.count));
        self.waiting.insert((due, self.count), one);
    }

    fn remove(&mut self, key: &str) {
        if let Some(place) = self.places.remove(key) {
            self.waiting.remove(&place);
        }
    }
}

/// What a call found.
#[derive(Debug, Default)]
struct Found {
    items: HashMap<String, Value>,
    /// Keys that DynamoDB had no capacity for.
    unprocessed: Vec<String>,
}

/// What a call cost.
pub(super) fn units(consumed: Option<&ConsumedCapacity>) -> Option<f64> {
    consumed?.capacity_units()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn lookups() -> Lookups {
        Lookups::new(Bucket::new(100.0, 100.0))
    }

    fn keys(wanted: &[Wanted]) -> Vec<&str> {
        wanted.iter().map(|one| &*one.key).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_not_there_yet_is_asked_for_ever_less_often_and_then_given_up() {
        let mut lookups = lookups();
        lookups.want("r", false);
        let began = Instant::now();
        let mut times = Vec::new();
        while let Some(due) = lookups.due() {
            tokio::time::sleep_until(due).await;
            times.push(began.elapsed().as_millis());
            let taken = lookups.take(100);
            assert_eq!(lookups.sort_out(taken, Found::default()), []);
        }
        assert_eq!(times[..5], [0, 50, 150, 350, 750]);
        assert_eq!(times.len() as u32, TRIES + 1);
        assert!(times.last().is_some_and(|last| (35_000..60_000).contains(last)), "{times:?}");
    }

    #[test]
    fn what_is_due_stays_due_while_time_goes_by() {
        let mut lookups = lookups();
        lookups.want("r", false);
        let now = Instant::now();
        std::hint::black_box((0..1000).sum::<u64>());
        assert!(lookups.due().is_some_and(|due| due <= now));
    }

    #[tokio::test(start_paused = true)]
    async fn a_key_waits_once_and_one_that_was_written_is_asked_for_at_once() {
        let mut lookups = lookups();
        lookups.want("a", false);
        lookups.want("a", false);
        let taken = lookups.take(100);
        assert_eq!(keys(&taken), ["a"]);
        lookups.sort_out(taken, Found::default());
        assert!(lookups.take(100).is_empty(), "it waits for its time");
        lookups.want("a", false);
        assert!(lookups.take(100).is_empty());
        lookups.want("a", true);
        let taken = lookups.take(100);
        assert_eq!(keys(&taken), ["a"]);
        let told = lookups.sort_out(taken, Found::default());
        assert!(matches!(&told[..], [(one, None)] if one.is_written), "it was removed: {told:?}");
        assert_eq!(lookups.due(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn what_dynamodb_left_over_is_asked_for_again() {
        let mut lookups = lookups();
        for key in ["a", "b", "c"] {
            lookups.want(key, false);
        }
        let taken = lookups.take(100);
        let items = HashMap::from([("b".to_owned(), json!({"RideId": "b"}))]);
        let told = lookups.sort_out(taken, Found { items, unprocessed: vec!["c".to_owned()] });
        assert_eq!(told.iter().map(|(one, _)| &*one.key).collect::<Vec<_>>(), ["b"]);
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(lookups.take(100).len(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn keys_that_wait_are_bounded() {
        let mut lookups = lookups();
        for index in 0..MOST + 10 {
            lookups.want(&index.to_string(), false);
        }
        assert_eq!((lookups.waiting.len(), lookups.places.len()), (MOST, MOST));
    }
}
