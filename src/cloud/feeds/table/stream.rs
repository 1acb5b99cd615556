//! The stream of a table: every shard of it, the children of those that end, and where reading goes on after a trouble.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws_sdk_dynamodbstreams::Client;
use aws_sdk_dynamodbstreams::types::{OperationType, Record, Shard as Described, ShardIteratorType};
use serde_json::Value;
use tokio::time::Instant;

use super::super::super::fault::Fault;
use super::super::tell::now;
use super::plain;
use crate::ride::{Change, Time};

/// Shards are looked up this often: one that ends has children, but a stream may get others as well.
const REFRESH: Duration = Duration::from_secs(30);
/// Clocks of AWS and of this machine may differ by this much, in microseconds, before a record is taken for an old one.
const SLACK: i64 = 90_000_000;

/// A stream as far as it was read.
#[derive(Debug)]
pub(super) struct Stream {
    arn: String,
    interval: Duration,
    shards: BTreeMap<String, Shard>,
    /// Read to their ends, or closed before we came.
    finished: BTreeSet<String>,
    /// Whether what is in it already is news.
    from_start: bool,
    refresh: Instant,
    is_known: bool,
}

#[derive(Debug)]
struct Shard {
    place: Place,
    iterator: Option<String>,
    /// Records older than this are from before we came: an iterator was lost, and another one starts further back.
    oldest: Option<Time>,
    due: Instant,
    parent: Option<String>,
}

/// Where reading goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    /// With what comes from now on.
    Latest,
    /// With the oldest record that is not older than this, by the clock of this machine.
    Since(Time),
    /// After the record with this sequence number.
    After(String),
}

/// A record of the stream.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) at: Option<Time>,
    pub(super) change: Change,
    /// The item; its key alone if the stream does not carry more.
    pub(super) item: Value,
    /// Whether `item` is the whole item.
    pub(super) is_whole: bool,
}

impl Stream {
    /// Reads `arn` from its start if all of it is news, else what comes from now on; looks at each shard every `interval`.
    pub(super) fn new(arn: &str, from_start: bool, interval: Duration) -> Self {
        Self {
            arn: arn.to_owned(),
            interval,
            shards: BTreeMap::new(),
            finished: BTreeSet::new(),
            from_start,
            refresh: Instant::now(),
            is_known: false,
        }
    }

    /// When there is something to do.
    pub(super) fn due(&self) -> Instant {
        let shards = self.shards.values().filter(|shard| self.may_start(shard));
        shards.map(|shard| shard.due).min().map_or(self.refresh, |due| due.min(self.refresh))
    }

    /// Something was written: all shards are looked at now.
    pub(super) fn wake(&mut self) {
        let now = Instant::now();
        self.shards.values_mut().for_each(|shard| shard.due = now);
    }

    /// Does what is due; gives the records that came.
    ///
    /// # Errors
    /// Why not. What was read stays read.
    pub(super) async fn turn(&mut self, client: &Client) -> Result<Vec<Told>, Fault> {
        if Instant::now() >= self.refresh {
            self.look(client).await?;
        }
        let now = Instant::now();
        let due = self.shards.iter().find(|(_, shard)| shard.due <= now && self.may_start(shard));
        let Some(id) = due.map(|(id, _)| id.clone()) else { return Ok(Vec::new()) };
        self.read(client, &id).await
    }

    /// Looks up which shards there are.
    async fn look(&mut self, client: &Client) -> Result<(), Fault> {
        let (mut described, mut last) = (Vec::new(), None);
        loop {
            let asked = client.describe_stream().stream_arn(&self.arn).set_exclusive_start_shard_id(last).send().await;
            let answer = asked.map_err(|error| Fault::of("dynamodb:DescribeStream", &error))?;
            let Some(description) = answer.stream_description() else { break };
            described.extend_from_slice(description.shards());
            last = description.last_evaluated_shard_id().map(str::to_owned);
            if last.is_none() {
                break;
            }
        }
        self.learn(&described);
        self.refresh = Instant::now() + REFRESH;
        Ok(())
    }

    fn learn(&mut self, described: &[Described]) {
        let is_first = !std::mem::replace(&mut self.is_known, true);
        let there: BTreeSet<&str> = described.iter().filter_map(Described::shard_id).collect();
        // Shards that were trimmed are gone for good.
        self.shards.retain(|id, _| there.contains(id.as_str()));
        self.finished.retain(|id| there.contains(id.as_str()));
        for shard in described {
            let Some(id) = shard.shard_id() else { continue };
            if self.shards.contains_key(id) || self.finished.contains(id) {
                continue;
            }
            let is_closed = shard.sequence_number_range().is_some_and(|range| range.ending_sequence_number().is_some());
            let place = match (is_first && !self.from_start, is_closed) {
                (true, true) => {
                    self.finished.insert(id.to_owned());
                    continue;
                }
                (true, false) => Place::Latest,
                // One that appears later is new from its start.
                (false, _) => Place::Since(Time(0)),
            };
            let parent = shard.parent_shard_id().map(str::to_owned);
            self.shards
                .insert(id.to_owned(), Shard { place, iterator: None, oldest: None, due: Instant::now(), parent });
        }
    }

    /// Children wait for the end of their parents, so that records come in order.
    fn may_start(&self, shard: &Shard) -> bool {
        shard.parent.as_ref().is_none_or(|parent| !self.shards.contains_key(parent))
    }

    async fn read(&mut self, client: &Client, id: &str) -> Result<Vec<Told>, Fault> {
        let Some(shard) = self.shards.get_mut(id) else { return Ok(Vec::new()) };
        let iterator = match shard.iterator.clone() {
            Some(iterator) => iterator,
            None => match iterator(client, &self.arn, id, &shard.place).await {
                Ok(Some(iterator)) => {
                    shard.oldest = if let Place::Since(time) = shard.place { Some(time) } else { None };
                    iterator
                }
                Ok(None) => {
                    // Older than what the stream keeps: what is left of it, then.
                    shard.place = Place::Since(Time(0));
                    return Ok(Vec::new());
                }
                Err(fault) => return Err(fault),
            },
        };
        if shard.place == Place::Latest {
            // From here on, what comes is ours, even when this iterator is lost.
            shard.place = Place::Since(now());
        }
        let asked = client.get_records().shard_iterator(&iterator).limit(1000).send().await;
        let answer = match asked {
            Ok(answer) => answer,
            Err(error) => {
                shard.iterator = Some(iterator);
                let lost = error.as_service_error().is_some_and(|error| {
                    error.is_expired_iterator_exception() || error.is_trimmed_data_access_exception()
                });
                let fault = Fault::of("dynamodb:GetRecords", &error);
                if lost || matches!(fault, Fault::Gone { .. }) {
                    shard.iterator = None;
                }
                return if lost { Ok(Vec::new()) } else { Err(fault) };
            }
        };
        let is_news = |record: &&Record| match (shard.oldest, created(record)) {
            (Some(oldest), Some(at)) => at.since(oldest) >= -SLACK,
            _ => true,
        };
        let told: Vec<Told> = answer.records().iter().filter(is_news).filter_map(read_record).collect();
        let last = answer.records().iter().rev().find_map(|record| record.dynamodb()?.sequence_number());
        if let Some(last) = last {
            shard.place = Place::After(last.to_owned());
        }
        shard.iterator = answer.next_shard_iterator().map(str::to_owned);
        if shard.iterator.is_none() {
            // Resharded, or the stream was switched off: its children are read from their starts.
            self.shards.remove(id);
            self.finished.insert(id.to_owned());
            self.refresh = Instant::now();
        } else {
            shard.due = Instant::now() + if answer.records().is_empty() { self.interval } else { Duration::ZERO };
        }
        Ok(told)
    }
}

/// An iterator from `place` on; none if the stream does not reach back so far.
async fn iterator(client: &Client, arn: &str, shard: &str, place: &Place) -> Result<Option<String>, Fault> {
    let (kind, after) = match place {
        Place::Latest => (ShardIteratorType::Latest, None),
        Place::Since(_) => (ShardIteratorType::TrimHorizon, None),
        Place::After(number) => (ShardIteratorType::AfterSequenceNumber, Some(number.clone())),
    };
    let asked = client
        .get_shard_iterator()
        .stream_arn(arn)
        .shard_id(shard)
        .shard_iterator_type(kind)
        .set_sequence_number(after)
        .send()
        .await;
    match asked {
        Ok(answer) => answer
            .shard_iterator()
            .map(|iterator| Some(iterator.to_owned()))
            .ok_or_else(|| Fault::Refused { reason: "the shard has no iterator".to_owned() }),
        Err(error) if error.as_service_error().is_some_and(|error| error.is_trimmed_data_access_exception()) => {
            Ok(None)
        }
        Err(error) => Err(Fault::of("dynamodb:GetShardIterator", &error)),
    }
}

fn created(record: &Record) -> Option<Time> {
    let at = record.dynamodb()?.approximate_creation_date_time()?;
    at.to_millis().ok().map(Time::from_millis)
}

fn read_record(record: &Record) -> Option<Told> {
    let data = record.dynamodb()?;
    let change = match record.event_name()? {
        OperationType::Insert => Change::Inserted,
        OperationType::Modify => Change::Modified,
        OperationType::Remove => Change::Removed,
        _ => return None,
    };
    let image = data.new_image().filter(|image| !image.is_empty());
    let (item, is_whole) = match image {
        Some(image) => (image, true),
        None => (data.keys()?, false),
    };
    Some(Told { at: created(record), change, item: plain::stream_item(item), is_whole })
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodbstreams::types::SequenceNumberRange;

    use super::*;

    fn shard(id: &str, parent: Option<&str>, closed: bool) -> Described {
        let range = SequenceNumberRange::builder().starting_sequence_number("1");
        let range = range.set_ending_sequence_number(closed.then(|| "9".to_owned())).build();
        let parent = parent.map(str::to_owned);
        Described::builder().shard_id(id).set_parent_shard_id(parent).sequence_number_range(range).build()
    }

    fn open(stream: &Stream) -> Vec<(&str, &Place)> {
        let shards = stream.shards.iter().filter(|(_, shard)| stream.may_start(shard));
        shards.map(|(id, shard)| (id.as_str(), &shard.place)).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_before_is_left_and_children_are_read_from_their_starts_after_their_parents() {
        let mut stream = Stream::new("arn", false, Duration::from_secs(1));
        stream.learn(&[shard("a", None, true), shard("b", Some("a"), false)]);
        assert_eq!(open(&stream), [("b", &Place::Latest)]);
        stream.learn(&[shard("a", None, true), shard("b", Some("a"), true), shard("c", Some("b"), false)]);
        assert_eq!(open(&stream), [("b", &Place::Latest)], "the parent is not read to its end yet");
        stream.shards.remove("b");
        stream.finished.insert("b".to_owned());
        assert_eq!(open(&stream), [("c", &Place::Since(Time(0)))]);
        stream.learn(&[shard("c", Some("b"), false)]);
        assert!(stream.finished.is_empty(), "trimmed shards are forgotten");
    }

    #[tokio::test(start_paused = true)]
    async fn the_stream_of_a_new_table_is_read_from_its_start() {
        let mut stream = Stream::new("arn", true, Duration::from_secs(1));
        stream.learn(&[shard("a", None, true), shard("b", Some("a"), false)]);
        assert_eq!(open(&stream), [("a", &Place::Since(Time(0)))]);
    }
}
