//! The changes of a [`Store`] as records of the journal: events in a compact binary form, all else as JSON.

use serde::{Deserialize, Serialize};

use super::journal::frame;
use super::store::{About, Event, Place, Store, Stream};

/// First byte of a record of events.
const EVENTS: u8 = 0;
/// First byte of a record of another change.
const OTHER: u8 = 1;

/// A change that brings no events.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Change {
    /// Everything before is forgotten, and the next event has this number: begins a compacted journal.
    Anew(u64),
    /// A group is made or changed.
    Group {
        region: String,
        group: String,
        about: About,
    },
    GroupDeleted {
        region: String,
        group: String,
    },
    /// A stream is made, or had so many uploads.
    Stream {
        region: String,
        group: String,
        stream: String,
        created: i64,
        uploads: u64,
        last_ingestion: Option<i64>,
    },
    StreamDeleted {
        region: String,
        group: String,
        stream: String,
    },
}

/// Writes a change.
pub(super) fn write_change(buffer: &mut Vec<u8>, change: &Change) {
    buffer.push(OTHER);
    // Maps with text keys and numbers: they can always be written.
    let _ = serde_json::to_writer(buffer, change);
}

/// Writes events that came to a stream.
pub(super) fn write_events<'e>(
    buffer: &mut Vec<u8>,
    region: &str,
    group: &str,
    stream: &str,
    events: impl Iterator<Item = &'e Event>,
) {
    let text = |buffer: &mut Vec<u8>, text: &str| {
        buffer.extend(u32::try_from(text.len()).unwrap_or(u32::MAX).to_le_bytes());
        buffer.extend(text.as_bytes());
    };
    buffer.push(EVENTS);
    [region, group, stream].iter().for_each(|name| text(buffer, name));
    for event in events {
        buffer.extend(event.place.timestamp.to_le_bytes());
        buffer.extend(event.place.number.to_le_bytes());
        buffer.extend(event.ingested.to_le_bytes());
        text(buffer, &event.message);
    }
}

/// Makes the change that a record tells. A record of a later version, or one that means nothing, changes nothing.
pub(super) fn apply(store: &mut Store, record: &[u8], budget: usize) {
    match record.split_first() {
        Some((&EVENTS, rest)) => {
            if let Some((region, group, stream, events)) = read_events(rest) {
                store.put(region, group, stream, &events, budget);
            }
        }
        Some((&OTHER, rest)) => {
            if let Ok(change) = serde_json::from_slice(rest) {
                change_store(store, change);
            }
        }
        _ => {}
    }
}

fn change_store(store: &mut Store, change: Change) {
    match change {
        Change::Anew(next) => *store = Store { next, ..Store::default() },
        Change::Group { region, group, about } => {
            let now = about.created;
            store.make_group(&region, &group, now).about = about;
        }
        Change::GroupDeleted { region, group } => {
            store.delete_group(&region, &group);
        }
        Change::Stream { region, group, stream, created, uploads, last_ingestion } => {
            let group = store.make_group(&region, &group, created);
            let stream = group.streams.entry(stream.into()).or_default();
            (stream.created, stream.uploads, stream.last_ingestion) = (created, uploads, last_ingestion);
        }
        Change::StreamDeleted { region, group, stream } => {
            store.delete_stream(&region, &group, &stream);
        }
    }
}

fn read_events(mut rest: &[u8]) -> Option<(&str, &str, &str, Vec<Event>)> {
    fn number(rest: &mut &[u8]) -> Option<[u8; 8]> {
        let (bytes, after) = rest.split_first_chunk()?;
        *rest = after;
        Some(*bytes)
    }
    fn text<'b>(rest: &mut &'b [u8]) -> Option<&'b str> {
        let (length, after) = rest.split_first_chunk()?;
        let (text, after) = after.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        *rest = after;
        std::str::from_utf8(text).ok()
    }
    let (region, group, stream) = (text(&mut rest)?, text(&mut rest)?, text(&mut rest)?);
    let mut events = Vec::new();
    while !rest.is_empty() {
        let timestamp = i64::from_le_bytes(number(&mut rest)?);
        let place = Place { timestamp, number: u64::from_le_bytes(number(&mut rest)?) };
        let ingested = i64::from_le_bytes(number(&mut rest)?);
        events.push(Event { place, ingested, message: text(&mut rest)?.into() });
    }
    Some((region, group, stream, events))
}

/// The journal that makes such a store from nothing.
pub(super) fn records(store: &Store) -> Vec<u8> {
    let mut bytes = Vec::new();
    let change = |bytes: &mut Vec<u8>, change: &Change| frame(bytes, |buffer| write_change(buffer, change));
    change(&mut bytes, &Change::Anew(store.next));
    let groups = store.regions.iter().flat_map(|(region, groups)| groups.iter().map(move |group| (region, group)));
    for (region, (name, group)) in groups {
        let about = group.about.clone();
        change(&mut bytes, &Change::Group { region: region.clone(), group: name.clone(), about });
        for (stream_name, stream) in &group.streams {
            let mut events = stream.events.iter().peekable();
            while events.peek().is_some() {
                let some = events.by_ref().take(1000);
                frame(&mut bytes, |buffer| write_events(buffer, region, name, stream_name, some));
            }
            let Stream { created, uploads, last_ingestion, .. } = *stream;
            let (region, group, stream) = (region.clone(), name.clone(), stream_name.to_string());
            change(&mut bytes, &Change::Stream { region, group, stream, created, uploads, last_ingestion });
        }
    }
    bytes
}
