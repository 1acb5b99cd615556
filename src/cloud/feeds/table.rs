//! The table's feed: its stream if it has one; else items asked for by their keys, and a scan within a budget for all others.

mod keyed;
mod known;
mod lookup;
mod plain;
mod scan;
mod stream;

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use tokio::sync::{Mutex, mpsc};
use tokio::time::Instant;

use self::keyed::Keyed;
use self::stream::{Stream, Told};
use super::super::fault::Fault;
use super::Context;
use super::pace::Backoff;
use super::tell::{Tell, now};
use crate::ride::{Change, Happening, Lookup, RideId, State, Table, Time, Topology};

/// Rides seen by other feeds, and keys that the sandbox tells were written.
pub(super) type Inputs = Arc<Mutex<(mpsc::Receiver<RideId>, mpsc::Receiver<String>)>>;

/// A call that takes longer is given up and tried again.
const PATIENCE: Duration = Duration::from_secs(10);
/// A stream that may not be read is tried again after this long.
const STREAM_AGAIN: Duration = Duration::from_secs(300);
/// On AWS the stream is asked this often; two readers and five calls a second are what a shard has for all who read it.
const ON_AWS: Duration = Duration::from_millis(400);
/// The sandbox tells when there is something to ask for.
const ON_SANDBOX: Duration = Duration::from_secs(1);
/// A table made at most so long before the feed began, in seconds, holds nothing but news. Clocks differ.
const SLACK: i64 = 120;

/// Runs until the end is asked for.
pub(super) async fn run(context: Context, inputs: Inputs) {
    let mut stop = context.stop.clone();
    // Nothing is created, so nothing needs tidying up.
    tokio::select! {
        () = stop.asked() => {}
        () = follow(context, inputs) => {}
    }
}

async fn follow(mut context: Context, inputs: Inputs) {
    let mut inputs = inputs.lock().await;
    let (ids, keys) = &mut *inputs;
    let mut feed = Feed::new(&context);
    loop {
        let topology = Arc::clone(&context.topology.borrow_and_update());
        let Some(table) = &topology.table else {
            context.tell.note(None);
            context.tell.state(feed.waiting(&topology)).await;
            if context.topology.changed().await.is_err() {
                return;
            }
            continue;
        };
        let is_first = feed.last.is_none();
        feed.last = Some(table.name.clone());
        let refused = match table.stream.as_ref().filter(|_| feed.may_stream()) {
            Some(arn) => match feed.follow_stream(&mut context, table, arn, is_first, ids, keys).await {
                Some(fault) => Some(fault),
                None => continue,
            },
            None => None,
        };
        if let Some(fault) = refused {
            let why = match &fault {
                Fault::Denied { permission, .. } => format!("{permission} is denied"),
                fault => fault.reason().to_owned(),
            };
            feed.refused = Some((Instant::now() + STREAM_AGAIN, format!("the stream cannot be read: {why}")));
        }
        feed.follow_keys(&mut context, table, is_first, ids, keys).await;
        if context.topology.has_changed().is_err() {
            return;
        }
    }
}

/// The feed across the tables that it meets.
struct Feed {
    tables: aws_sdk_dynamodb::Client,
    streams: aws_sdk_dynamodbstreams::Client,
    tell: Tell,
    is_sandbox: bool,
    began: Time,
    /// The table that was listened to last.
    last: Option<String>,
    /// When a stream that may not be read is tried again, and why it may not.
    refused: Option<(Instant, String)>,
    /// What is known of a table outlives troubles and a look elsewhere.
    keyed: Option<Keyed>,
    stream: Option<(String, Stream)>,
}

impl Feed {
    fn new(context: &Context) -> Self {
        let config = context.connection.config();
        let patience = TimeoutConfig::builder().operation_timeout(PATIENCE).build();
        let tables = aws_sdk_dynamodb::config::Builder::from(config).timeout_config(patience.clone()).build();
        let streams = aws_sdk_dynamodbstreams::config::Builder::from(config).timeout_config(patience).build();
        Self {
            tables: aws_sdk_dynamodb::Client::from_conf(tables),
            streams: aws_sdk_dynamodbstreams::Client::from_conf(streams),
            tell: context.tell.clone(),
            is_sandbox: context.connection.is_sandbox(),
            began: now(),
            last: None,
            refused: None,
            keyed: None,
            stream: None,
        }
    }

    fn waiting(&self, topology: &Topology) -> State {
        if topology.region.is_empty() {
            return State::Starting;
        }
        match &self.last {
            Some(name) => State::Gone { reason: format!("the table {name} was removed; the next one is followed") },
            None => {
                State::Waiting { for_what: "the table of wild-rydes-ride-record, which task 1.1 deploys".to_owned() }
            }
        }
    }

    fn may_stream(&self) -> bool {
        self.refused.as_ref().is_none_or(|(again, _)| Instant::now() >= *again)
    }

    /// Whether all that the table holds came since the feed began.
    async fn is_new(&self, table: &Table) -> bool {
        let described = self.tables.describe_table().table_name(&table.name).send().await;
        let created = described.ok().and_then(|answer| answer.table()?.creation_date_time().copied());
        created.is_some_and(|created| created.secs() + SLACK >= self.began.0 / 1_000_000)
    }

    /// Follows the stream until there is another table (none), or the stream cannot be read (why).
    async fn follow_stream(
        &mut self,
        context: &mut Context,
        table: &Table,
        arn: &str,
        is_first: bool,
        ids: &mut mpsc::Receiver<RideId>,
        keys: &mut mpsc::Receiver<String>,
    ) -> Option<Fault> {
        if self.stream.as_ref().is_none_or(|(known, _)| known != arn) {
            let from_start = !is_first && self.is_new(table).await;
            let interval = if self.is_sandbox { ON_SANDBOX } else { ON_AWS };
            self.stream = Some((arn.to_owned(), Stream::new(arn, from_start, interval)));
        }
        let (_, stream) = self.stream.as_mut()?;
        let mut backoff = Backoff::new(Duration::from_millis(300), Duration::from_secs(20));
        let mut not_before = Instant::now();
        self.tell.note(Some("the table's stream".to_owned()));
        loop {
            tokio::select! {
                changed = context.topology.changed() => {
                    let now = context.topology.borrow_and_update().table.clone();
                    if changed.is_err() || now.is_none_or(|now| now.name != table.name || now.stream.as_deref() != Some(arn)) {
                        return None;
                    }
                    continue;
                }
                // The stream tells of them by itself.
                Some(_) = ids.recv() => continue,
                Some(_) = keys.recv() => {
                    while keys.try_recv().is_ok() {}
                    stream.wake();
                }
                () = tokio::time::sleep_until(stream.due().max(not_before)) => {}
            }
            if Instant::now() < not_before {
                continue;
            }
            match stream.turn(&self.streams).await {
                Ok(records) => {
                    backoff.reset();
                    self.tell.live().await;
                    for record in records {
                        told(&self.tables, &self.tell, table, record).await;
                    }
                }
                Err(fault @ (Fault::Denied { .. } | Fault::Refused { .. })) => return Some(fault),
                Err(fault) => {
                    let pause = backoff.next();
                    not_before = Instant::now() + pause;
                    self.tell.fault(fault, pause).await;
                }
            }
        }
    }

    /// Asks for keys and scans until there is another table, or it is time to try the stream again.
    async fn follow_keys(
        &mut self,
        context: &mut Context,
        table: &Table,
        is_first: bool,
        ids: &mut mpsc::Receiver<RideId>,
        keys: &mut mpsc::Receiver<String>,
    ) {
        if self.keyed.as_ref().is_none_or(|keyed| keyed.table() != table.name) {
            let all_is_news = !is_first && self.is_new(table).await;
            self.keyed = Some(Keyed::new(&self.tables, &self.tell, table, all_is_news, self.is_sandbox));
        }
        let Some(keyed) = &mut self.keyed else { return };
        keyed.set_table(table);
        let again = self.refused.as_ref().filter(|_| table.stream.is_some());
        keyed.set_reason(again.map(|(_, why)| why.clone()));
        let again = again.map(|(again, _)| *again);
        keyed.tell_health(true).await;
        loop {
            let due = keyed.due();
            let due = again.map_or(due, |again| again.min(due));
            tokio::select! {
                changed = context.topology.changed() => {
                    let now = context.topology.borrow_and_update().table.clone();
                    match now {
                        Some(now) if changed.is_ok() && now.name == table.name && now.stream == table.stream => keyed.set_table(&now),
                        _ => return,
                    }
                }
                Some(ride) = ids.recv() => keyed.want(ride.as_str(), false),
                Some(key) = keys.recv() => keyed.want(&key, true),
                () = tokio::time::sleep_until(due) => {}
            }
            // Rides come in bunches, and a bunch costs one call.
            while let Ok(ride) = ids.try_recv() {
                keyed.want(ride.as_str(), false);
            }
            while let Ok(key) = keys.try_recv() {
                keyed.want(&key, true);
            }
            if again.is_some_and(|again| Instant::now() >= again) {
                return;
            }
            keyed.turn().await;
        }
    }
}

/// Tells of a record; of a stream that carries keys alone, the item is asked for.
async fn told(tables: &aws_sdk_dynamodb::Client, tell: &Tell, table: &Table, record: Told) {
    let mut item = record.item;
    if !record.is_whole
        && record.change != Change::Removed
        && let Some(key) = item[&table.key].as_str()
    {
        let key = aws_sdk_dynamodb::types::AttributeValue::S(key.to_owned());
        let asked = tables.get_item().table_name(&table.name).key(&table.key, key).send().await;
        // Its key alone is news as well.
        if let Ok(answer) = asked
            && let Some(whole) = answer.item()
        {
            item = plain::item(whole);
        }
    }
    let happening = Happening::Item { table: table.name.clone(), change: record.change, by: Lookup::Stream, item };
    tell.event(record.at, happening).await;
}
