//! Events as they came, the last of each feed, within a budget of bytes.

use std::collections::VecDeque;

use serde_json::Value;

use super::super::event::{Event, Happening};
use super::super::health::Feed;

/// The share of the budget that each feed has, in sixteenths, by its index: a feed that talks much does not push out another's.
const SHARES: [usize; 5] = [1, 2, 4, 6, 3];

/// The rings of all feeds.
#[derive(Debug)]
pub(super) struct Kept([Ring; 5]);

#[derive(Debug, Default)]
struct Ring {
    events: VecDeque<(Event, usize)>,
    /// Number of the first one.
    first: u32,
    bytes: usize,
    budget: usize,
}

impl Kept {
    /// Rings that hold so many bytes together.
    pub(super) fn new(budget: usize) -> Self {
        Self(SHARES.map(|share| Ring { budget: budget / 16 * share, ..Ring::default() }))
    }

    /// The number that the next event of this feed gets.
    pub(super) fn next(&self, feed: Feed) -> u32 {
        let feed = feed.index();
        let Some(ring) = self.0.get(feed) else { return u32::MAX };
        let next = ring.first.wrapping_add(u32::try_from(ring.events.len()).unwrap_or_default());
        // Three bits tell the feed.
        next.wrapping_shl(3) | u32::try_from(feed).unwrap_or_default()
    }

    /// Keeps an event.
    pub(super) fn push(&mut self, event: Event) {
        let Some(ring) = self.0.get_mut(event.happening.feed().index()) else { return };
        let size = size(&event);
        ring.bytes += size;
        ring.events.push_back((event, size));
        while ring.bytes > ring.budget && ring.events.len() > 1 {
            if let Some((_, size)) = ring.events.pop_front() {
                ring.bytes -= size;
                ring.first = ring.first.wrapping_add(1);
            }
        }
    }

    /// An event by its number, if it is still kept.
    pub(super) fn get(&self, number: u32) -> Option<&Event> {
        let ring = self.0.get((number & 7) as usize)?;
        let place = (number >> 3).wrapping_sub(ring.first) & (u32::MAX >> 3);
        ring.events.get(place as usize).map(|(event, _)| event)
    }

    /// The events of a feed with their numbers, oldest first.
    pub(super) fn lane(&self, feed: Feed) -> impl DoubleEndedIterator<Item = (u64, &Event)> {
        let ring = self.0.get(feed.index());
        ring.into_iter().flat_map(|ring| {
            ring.events.iter().enumerate().map(|(place, event)| (u64::from(ring.first) + place as u64, &event.0))
        })
    }
}

/// Bytes that an event takes, about.
fn size(event: &Event) -> usize {
    let text = |text: &str| text.len() + 16;
    size_of::<(Event, usize)>()
        + match &event.happening {
            Happening::Requested { .. } | Happening::Health { .. } => 0,
            Happening::Answered { body, error, .. } => {
                body.as_ref().map_or(0, weight) + error.as_ref().map_or(0, |error| text(error))
            }
            Happening::Message { topic, id, body, envelope } => {
                text(topic) + text(id) + text(body) + envelope.as_ref().map_or(0, |envelope| text(envelope))
            }
            Happening::Log { group, stream, id, message } => text(group) + text(stream) + text(id) + text(message),
            Happening::Item { table, item, .. } => text(table) + weight(item),
            Happening::Topology(topology) => 512 + 512 * topology.functions.len(),
        }
}

/// Bytes that a JSON value takes, about.
fn weight(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => size_of::<Value>(),
        Value::String(text) => size_of::<Value>() + text.len() + 16,
        Value::Array(values) => values.iter().map(weight).sum::<usize>() + 48,
        // An ordered map holds each key with its hash, and a table of places.
        Value::Object(entries) => entries.iter().map(|(key, value)| key.len() + 64 + weight(value)).sum::<usize>() + 96,
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::event::Time;
    use super::*;

    fn line(n: usize, length: usize) -> Event {
        let happening = Happening::Log {
            group: "g".to_owned(),
            stream: "s".to_owned(),
            id: n.to_string(),
            message: "x".repeat(length),
        };
        Event { seen: Time(0), at: None, happening }
    }

    fn keep(kept: &mut Kept, event: Event) -> u32 {
        let number = kept.next(event.happening.feed());
        kept.push(event);
        number
    }

    #[test]
    fn the_budget_holds_and_numbers_stay_with_their_events() {
        let mut kept = Kept::new(64 << 10);
        let numbers: Vec<u32> = (0..500).map(|n| keep(&mut kept, line(n, 100))).collect();
        let there: Vec<_> = numbers.iter().filter_map(|number| kept.get(*number)).collect();
        assert!(there.len() > 50 && there.len() < 500, "{}", there.len());
        assert_eq!(there, kept.lane(Feed::Logs).map(|(_, event)| event).collect::<Vec<_>>());
        assert_eq!(kept.lane(Feed::Logs).next_back().map(|(_, event)| event.clone()), Some(line(499, 100)));
        assert!(kept.0.iter().all(|ring| ring.bytes <= ring.budget));
        assert_eq!(kept.lane(Feed::Table).count(), 0);
    }

    #[test]
    fn the_last_event_is_kept_however_long_it_is() {
        let mut kept = Kept::new(1024);
        kept.push(line(1, 10));
        let number = keep(&mut kept, line(2, 300_000));
        assert!(kept.get(number).is_some());
        assert_eq!(kept.lane(Feed::Logs).count(), 1);
    }
}
