//! Calls about events: put, get from one stream, filter over a group.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Bound;
use std::sync::Arc;

use serde_json::{Value, json};

use super::super::Fault;
use super::input::{Input, invalid, no_group, no_stream};
use super::store::{Event, Group, Place};
use super::streams::{invalid_token, page_token, read_page_token, sequence_token};
use super::{Pattern, Shared};

/// Events in one call.
const MOST_EVENTS: usize = 10_000;
/// Bytes of one call, with 26 an event.
const MOST_BYTES: usize = 1 << 20;
const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
/// Events that a filter looks at while it holds the lock.
const CHUNK: usize = 1000;
/// Events that one page of a filter looks at; then it ends, perhaps empty, with a token for the rest.
const LOOKED_AT: usize = 200_000;

impl Shared {
    pub(super) fn put_log_events(&self, region: &str, input: Input<'_>) -> Result<Value, Fault> {
        let (group, stream) = (input.group_name()?, input.stream_name()?);
        let lines = read_lines(input.list("logEvents")?)?;
        let (Some((first, _)), Some((last, _))) = (lines.first(), lines.last()) else { return Err(invalid(length(0))) };
        if last - first > DAY {
            return Err(invalid(
                "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.",
            ));
        }
        let retention = {
            let store = self.lock();
            let group = store.group(region, group).ok_or_else(no_group)?;
            group.streams.get(stream).ok_or_else(no_stream)?;
            group.about.retention
        };
        let now = self.account.clock.millis();
        let position = |until: i64| lines.partition_point(|(timestamp, _)| *timestamp < until);
        let too_old = position(now - 14 * DAY);
        let expired = retention.map_or(0, |days| position(now - days * DAY));
        let too_new = position(now + 2 * HOUR + 1);
        let mut output = json!({});
        let mut reject = |name: &str, index: usize| output["rejectedLogEventsInfo"][name] = index.into();
        if too_old > 0 {
            reject("tooOldLogEventEndIndex", too_old);
        }
        if expired > 0 {
            reject("expiredLogEventEndIndex", expired);
        }
        if too_new < lines.len() {
            reject("tooNewLogEventStartIndex", too_new);
        }
        let begin = too_old.max(expired);
        let kept = lines.into_iter().take(too_new).skip(begin);
        self.put(region, group, stream, kept.map(|(timestamp, message)| (timestamp, message.to_owned())).collect());
        let store = self.lock();
        let stream = store.group(region, group).and_then(|group| group.streams.get(stream));
        output["nextSequenceToken"] = sequence_token(stream.unwrap_or(&super::store::Stream::default())).into();
        Ok(output)
    }

    pub(super) fn get_log_events(&self, region: &str, input: Input<'_>) -> Result<Value, Fault> {
        let group = input.group(region)?;
        let stream = input.stream_name()?;
        let limit = input.limit(MOST_EVENTS)?;
        let (start, end) = (input.time("startTime")?, input.time("endTime")?);
        let token = input.text("nextToken")?.map(Token::parse).transpose()?;
        let from_head = input.flag("startFromHead")?;
        let mut store = self.lock();
        let group = self.current(&mut store, region, group)?;
        let stream = group.streams.get(stream).ok_or_else(no_stream)?;
        // The place that is passed over when reading on from here, forward or backward.
        let mut from = start.map_or(Bound::Unbounded, |timestamp| Bound::Included(Place { timestamp, number: 0 }));
        let mut to = end.map_or(Bound::Unbounded, |timestamp| Bound::Excluded(Place { timestamp, number: 0 }));
        let forward = token.map_or(from_head, |token| token.forward);
        match token {
            Some(Token { forward: true, place }) if lower(from) < place.next() => from = Bound::Included(place.next()),
            Some(Token { forward: false, place }) if upper(to) > place => to = Bound::Excluded(place),
            _ => {}
        }
        let found = stream.range(from, to);
        let page: Vec<&Event> = if forward {
            within(found, limit)
        } else {
            let mut page = within(found.rev(), limit);
            page.reverse();
            page
        };
        let (next, previous) = match (page.first(), page.last(), token) {
            (Some(first), Some(last), _) => (last.place.id(), first.place.id()),
            // At an end the same token comes back, and the other one turns round without passing over an event.
            (.., Some(Token { forward: true, place })) => (place.id(), place.next().id()),
            (.., Some(Token { forward: false, place })) => (place.before().id(), place.id()),
            _ => (Place::default().id(), Place::default().next().id()),
        };
        let event = |event: &&Event| json!({ "timestamp": event.place.timestamp, "message": &*event.message, "ingestionTime": event.ingested });
        Ok(json!({
            "events": page.iter().map(event).collect::<Vec<_>>(),
            "nextForwardToken": format!("f/{next}/s"),
            "nextBackwardToken": format!("b/{previous}/s"),
        }))
    }

    pub(super) async fn filter_log_events(&self, region: &str, input: Input<'_>) -> Result<Value, Fault> {
        let group = input.group(region)?;
        let (names, prefix) = (input.texts("logStreamNames")?, input.text("logStreamNamePrefix")?);
        if !names.is_empty() && prefix.is_some() {
            return Err(invalid("logStreamNames and logStreamNamePrefix are mutually exclusive parameters."));
        }
        if names.len() > 100 {
            return Err(invalid(
                "1 validation error detected: Value at 'logStreamNames' failed to satisfy constraint: Member must have length less than or equal to 100",
            ));
        }
        let limit = input.limit(MOST_EVENTS)?;
        let (start, end) = (input.time("startTime")?, input.time("endTime")?);
        if start.zip(end).is_some_and(|(start, end)| start > end) {
            return Err(invalid("End time should not be less than start time."));
        }
        let pattern = pattern(input, "filterPattern")?;
        let first = Place { timestamp: start.unwrap_or(i64::MIN), number: 0 };
        let mut from = match input.text("nextToken")? {
            Some(token) => Place::from_id(&read_page_token(token)?).ok_or_else(invalid_token)?.next().max(first),
            None => first,
        };
        let to = Place { timestamp: end.unwrap_or(i64::MAX), number: u64::MAX };
        let (mut events, mut bytes, mut looked_at) = (Vec::new(), 0, 0);
        loop {
            let chunk = {
                let mut store = self.lock();
                let group = self.current(&mut store, region, group)?;
                if names.iter().any(|name| !group.streams.contains_key(*name)) {
                    return Err(no_stream());
                }
                let is_wanted = |name: &str| {
                    (names.is_empty() || names.contains(&name)) && prefix.is_none_or(|prefix| name.starts_with(prefix))
                };
                merged(group, &is_wanted, from, to, CHUNK)
            };
            for (stream, event) in &chunk {
                looked_at += 1;
                from = event.place.next();
                if !pattern.matches(&event.message) {
                    continue;
                }
                bytes += event.message.len() + 26;
                events.push(json!({
                    "logStreamName": &**stream,
                    "timestamp": event.place.timestamp,
                    "message": &*event.message,
                    "ingestionTime": event.ingested,
                    "eventId": event.place.id(),
                }));
                if events.len() == limit || bytes >= MOST_BYTES {
                    return Ok(page(events, Some(event.place)));
                }
            }
            match chunk.last() {
                Some((_, last)) if chunk.len() == CHUNK && looked_at >= LOOKED_AT => {
                    return Ok(page(events, Some(last.place)));
                }
                Some(_) if chunk.len() == CHUNK => tokio::task::yield_now().await,
                _ => return Ok(page(events, None)),
            }
        }
    }
}

/// A page of a filter; more follow after `last`.
fn page(events: Vec<Value>, last: Option<Place>) -> Value {
    let mut output = json!({ "searchedLogStreams": [] });
    output["events"] = events.into();
    if let Some(place) = last {
        output["nextToken"] = page_token(&place.id()).into();
    }
    output
}

/// The pattern under `name`; everything if there is none.
pub(super) fn pattern(input: Input<'_>, name: &str) -> Result<Pattern, Fault> {
    let text = input.text(name)?.unwrap_or_default();
    Pattern::parse(text).map_err(|error| invalid(format!("Invalid filter pattern: {error}")))
}

fn read_lines(events: &[Value]) -> Result<Vec<(i64, &str)>, Fault> {
    if events.is_empty() || events.len() > MOST_EVENTS {
        return Err(invalid(length(events.len())));
    }
    let (mut lines, mut bytes) = (Vec::<(i64, &str)>::with_capacity(events.len()), 0);
    for event in events {
        let event = Input(event);
        let timestamp = event.time("timestamp")?;
        let timestamp = timestamp.ok_or_else(|| {
            invalid("1 validation error detected: Value null at 'logEvents.member.timestamp' failed to satisfy constraint: Member must not be null")
        })?;
        let message = event.required("message")?;
        if message.is_empty() {
            return Err(invalid(
                "1 validation error detected: Value '' at 'logEvents.member.message' failed to satisfy constraint: Member must have length greater than or equal to 1",
            ));
        }
        if lines.last().is_some_and(|(last, _)| *last > timestamp) {
            return Err(invalid("Log events in a single PutLogEvents request must be in chronological order."));
        }
        bytes += message.len() + 26;
        lines.push((timestamp, message));
    }
    if bytes > MOST_BYTES {
        return Err(invalid(format!("Upload too large: {bytes} bytes exceeds limit of {MOST_BYTES}")));
    }
    Ok(lines)
}

fn length(found: usize) -> String {
    let wanted = if found == 0 { "greater than or equal to 1" } else { "less than or equal to 10000" };
    format!(
        "1 validation error detected: Value at 'logEvents' failed to satisfy constraint: Member must have length {wanted}"
    )
}

/// As many events as fit one answer; at least one, if there is any.
fn within<'e>(events: impl Iterator<Item = &'e Event>, limit: usize) -> Vec<&'e Event> {
    let mut bytes = 0;
    let fits = |event: &&Event| {
        let is_first = bytes == 0;
        bytes += event.message.len() + 26;
        is_first || bytes <= MOST_BYTES
    };
    events.take(limit).take_while(fits).collect()
}

/// Events of the wanted streams of a group in order, at most `most`.
fn merged(
    group: &Group,
    is_wanted: &dyn Fn(&str) -> bool,
    from: Place,
    to: Place,
    most: usize,
) -> Vec<(Arc<str>, Event)> {
    let wanted = group.streams.iter().filter(|(name, _)| is_wanted(name));
    let mut streams: Vec<_> = wanted
        .map(|(name, stream)| (name, stream.range(Bound::Included(from), Bound::Included(to)).peekable()))
        .collect();
    let heads = streams.iter_mut().enumerate();
    let mut heads: BinaryHeap<_> =
        heads.filter_map(|(index, (_, events))| Some(Reverse((events.peek()?.place, index)))).collect();
    let mut found = Vec::new();
    while let Some(Reverse((_, index))) = heads.pop() {
        let Some((name, events)) = streams.get_mut(index) else { break };
        if let Some(event) = events.next() {
            found.push((Arc::clone(name), event.clone()));
        }
        if found.len() == most {
            break;
        }
        heads.extend(events.peek().map(|event| Reverse((event.place, index))));
    }
    found
}

fn lower(bound: Bound<Place>) -> Place {
    match bound {
        Bound::Included(place) | Bound::Excluded(place) => place,
        Bound::Unbounded => Place::START,
    }
}

fn upper(bound: Bound<Place>) -> Place {
    match bound {
        Bound::Included(place) | Bound::Excluded(place) => place,
        Bound::Unbounded => Place { timestamp: i64::MAX, number: u64::MAX },
    }
}

/// Where a page of one stream ended: `f/ID/s` reads on after the event, `b/ID/s` before it.
#[derive(Clone, Copy, Debug)]
struct Token {
    forward: bool,
    place: Place,
}

impl Token {
    fn parse(text: &str) -> Result<Self, Fault> {
        let inner = text.strip_suffix("/s").and_then(|text| text.split_once('/'));
        let token = inner.and_then(|(direction, id)| {
            let place = Place::from_id(id)?;
            matches!(direction, "f" | "b").then_some(Self { forward: direction == "f", place })
        });
        token.ok_or_else(invalid_token)
    }
}
