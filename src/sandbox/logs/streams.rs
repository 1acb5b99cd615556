//! Calls about streams: create, delete, describe; and the tokens of pages.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;
use serde_json::{Map, Value, json};

use super::super::Fault;
use super::Shared;
use super::input::{Input, invalid, no_group, no_stream, stream_arn};
use super::record::Change;
use super::store::Stream;

impl Shared {
    pub(super) fn create_log_stream(&self, region: &str, input: Input<'_>) -> Result<Value, Fault> {
        let (group, name) = (input.group_name()?, input.stream_name()?);
        let created = self.account.clock.millis();
        let mut store = self.lock();
        let streams = &mut store.group_mut(region, group).ok_or_else(no_group)?.streams;
        if streams.contains_key(name) {
            return Err(Fault::sender("ResourceAlreadyExistsException", "The specified log stream already exists"));
        }
        streams.insert(name.into(), Stream { created, ..Stream::default() });
        self.remember(&Change::Stream {
            region: region.to_owned(),
            group: group.to_owned(),
            stream: name.to_owned(),
            created,
            uploads: 0,
            last_ingestion: None,
        });
        Ok(Value::Null)
    }

    pub(super) fn delete_log_stream(&self, region: &str, input: Input<'_>) -> Result<Value, Fault> {
        let (group, name) = (input.group_name()?, input.stream_name()?);
        let mut store = self.lock();
        store.group(region, group).ok_or_else(no_group)?;
        if !store.delete_stream(region, group, name) {
            return Err(no_stream());
        }
        let [region, group, stream] = [region, group, name].map(str::to_owned);
        self.remember(&Change::StreamDeleted { region, group, stream });
        Ok(Value::Null)
    }

    pub(super) fn describe_log_streams(&self, region: &str, input: Input<'_>) -> Result<Value, Fault> {
        let group = input.group(region)?;
        let prefix = input.text("logStreamNamePrefix")?;
        let by_time = match input.text("orderBy")? {
            None | Some("LogStreamName") => false,
            Some("LastEventTime") => true,
            Some(other) => {
                return Err(invalid(format!(
                    "1 validation error detected: Value '{other}' at 'orderBy' failed to satisfy constraint: Member must satisfy enum value set: [LogStreamName, LastEventTime]"
                )));
            }
        };
        if by_time && prefix.is_some() {
            return Err(invalid("Cannot order by LastEventTime with a logStreamNamePrefix."));
        }
        let descending = input.flag("descending")?;
        let limit = input.limit(50)?;
        let after = input.text("nextToken")?.map(read_page_token).transpose()?;
        let after = after.map(|token| read_key(&token)).transpose()?;
        let mut store = self.lock();
        let group_state = self.current(&mut store, region, group)?;
        let named = group_state.streams.iter().filter(|(name, _)| prefix.is_none_or(|prefix| name.starts_with(prefix)));
        let key = |name: &Arc<str>, stream: &Stream| (if by_time { last_event(stream) } else { 0 }, name.to_string());
        let mut found: Vec<_> = named.map(|(name, stream)| (key(name, stream), stream)).collect();
        found.sort_by(|(left, _), (right, _)| if descending { right.cmp(left) } else { left.cmp(right) });
        let is_later =
            |key: &(i64, String)| after.as_ref().is_none_or(|after| if descending { key < after } else { key > after });
        let mut page: Vec<_> = found.into_iter().filter(|(key, _)| is_later(key)).take(limit + 1).collect();
        let more = page.len() > limit;
        page.truncate(limit);
        let streams: Vec<_> = page.iter().map(|((_, name), stream)| described(region, group, name, stream)).collect();
        let mut output = json!({ "logStreams": streams });
        if let (true, Some(((time, name), _))) = (more, page.last()) {
            output["nextToken"] = page_token(&format!("{time} {name}")).into();
        }
        Ok(output)
    }
}

/// When the last event of a stream was; streams without any come before all others.
fn last_event(stream: &Stream) -> i64 {
    stream.events.back().map_or(i64::MIN, |event| event.place.timestamp)
}

fn described(region: &str, group: &str, name: &str, stream: &Stream) -> Value {
    let mut members = Map::new();
    let mut add = |name: &str, value: Value| members.insert(name.to_owned(), value);
    add("logStreamName", name.into());
    add("creationTime", stream.created.into());
    if let (Some(first), Some(last)) = (stream.events.front(), stream.events.back()) {
        add("firstEventTimestamp", first.place.timestamp.into());
        add("lastEventTimestamp", last.place.timestamp.into());
    }
    if let Some(time) = stream.last_ingestion {
        add("lastIngestionTime", time.into());
    }
    add("uploadSequenceToken", sequence_token(stream).into());
    add("arn", stream_arn(region, group, name).into());
    // AWS has stopped to count by stream.
    add("storedBytes", 0.into());
    Value::Object(members)
}

/// 56 digits that grow with each upload, as AWS's.
pub(super) fn sequence_token(stream: &Stream) -> String {
    format!("{:056}", 4_900_000_000_000_000_u128 + u128::from(stream.uploads))
}

/// A token that says after what the next page begins.
pub(super) fn page_token(after: &str) -> String {
    URL_SAFE.encode(after)
}

/// What [`page_token`] was given.
pub(super) fn read_page_token(token: &str) -> Result<String, Fault> {
    let bytes = URL_SAFE.decode(token).ok();
    bytes.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(invalid_token)
}

/// A token that we did not give, or not for this call.
pub(super) fn invalid_token() -> Fault {
    invalid("The specified nextToken is invalid.")
}

fn read_key(token: &str) -> Result<(i64, String), Fault> {
    let (time, name) = token.split_once(' ').ok_or_else(invalid_token)?;
    Ok((time.parse().map_err(|_| invalid_token())?, name.to_owned()))
}
