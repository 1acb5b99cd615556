//! Ids and values found in text of any kind, in time that grows with its length alone: JSON, JSON within JSON strings, `repr` of Python, prose.

use memchr::memmem;

/// Longest id that is taken for one.
const LONGEST: usize = 128;

/// Length of a UUID as text.
const UUID: usize = 36;

/// Whether this is a UUID: 8-4-4-4-12 hexadecimal digits.
pub(super) fn is_uuid(text: &[u8]) -> bool {
    text.len() == UUID
        && text.iter().enumerate().all(|(place, byte)| match place {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// The UUID that begins here, if one does and ends where a UUID ends.
fn uuid_at(text: &str, start: usize) -> Option<&str> {
    let found = text.get(start..start + UUID)?;
    let goes_on = text.as_bytes().get(start + UUID).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'-');
    (is_uuid(found.as_bytes()) && !goes_on).then_some(found)
}

/// All UUIDs of version 1, which is what `uuid.uuid1()` makes; other ids in messages of AWS are of other versions.
pub(super) fn time_uuids(text: &str) -> impl Iterator<Item = &str> {
    let bytes = text.as_bytes();
    memchr::memchr_iter(b'-', bytes).filter_map(move |dash| {
        let start = dash.checked_sub(8)?;
        let before = start.checked_sub(1).and_then(|before| bytes.get(before));
        if bytes.get(start + 14) != Some(&b'1')
            || before.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
        {
            return None;
        }
        uuid_at(text, start)
    })
}

fn is_id(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':')
}

/// The value behind a key that ends at `from`: what stands in quotes behind `:` or `=`, however often the quotes are escaped. `{"S": "…"}`, as
/// DynamoDB writes strings, is looked through. Gives the value and whether it stood in quotes.
fn value(text: &str, from: usize) -> Option<(&str, bool)> {
    let (mut at, mut assigned, mut quoted) = (from, false, false);
    let bytes = text.as_bytes();
    // What may stand between is a handful of marks; more is no value of this key.
    while at < from + 64 {
        match bytes.get(at)? {
            b':' | b'=' => assigned = true,
            b'"' | b'\'' => quoted = assigned,
            b'\\' | b' ' | b'{' => {}
            _ => break,
        }
        at += 1;
    }
    let length = bytes.get(at..)?.iter().take(LONGEST + 1).take_while(|byte| is_id(**byte)).count();
    if !assigned || length == 0 || length > LONGEST {
        return None;
    }
    let found = text.get(at..at + length)?;
    if found == "S" && quoted {
        let inner = value(text, at + 1)?;
        return inner.1.then_some(inner);
    }
    Some((found, quoted))
}

/// The values of each `key` in the text, as far as they look like ids: in quotes, or a UUID.
pub(super) fn ids<'a>(text: &'a str, key: &'static str) -> impl Iterator<Item = &'a str> {
    memmem::find_iter(text.as_bytes(), key).filter_map(move |start| {
        let (found, quoted) = value(text, start + key.len())?;
        (quoted || is_uuid(found.as_bytes())).then_some(found)
    })
}

/// Ids of `Ride c17bf3ca-… starts at …`: a UUID behind the word.
pub(super) fn named_rides(text: &str) -> impl Iterator<Item = &str> {
    memmem::find_iter(text.as_bytes(), "ide ").filter_map(move |start| {
        let before = start.checked_sub(1)?;
        matches!(text.as_bytes().get(before)?, b'R' | b'r').then(|| uuid_at(text, start + 4)).flatten()
    })
}

/// The number behind the first `key`.
pub(super) fn number(text: &str, key: &str) -> Option<i64> {
    let start = memmem::find(text.as_bytes(), key.as_bytes())? + key.len();
    let rest = text.get(start..)?.trim_start_matches(['"', '\'', '\\', ':', ' ']);
    let end = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
    // Nineteen digits hold any number of interest.
    rest.get(..end.min(19))?.parse().ok()
}

/// The words in quotes behind the first `key`, up to the next quote or backslash.
pub(super) fn words<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let start = memmem::find(text.as_bytes(), key.as_bytes())? + key.len();
    let rest = text.get(start..)?;
    let rest = rest.trim_start_matches(['"', '\'', '\\', ':', ' ', '{']);
    let end = rest.bytes().take(LONGEST).position(|byte| matches!(byte, b'"' | b'\'' | b'\\'))?;
    rest.get(..end).filter(|words| !words.is_empty())
}

/// Ids of rides in text of any kind.
pub fn rides_named(words: &str) -> Vec<&str> {
    let mut found: Vec<&str> = ids(words, "RideId").chain(named_rides(words)).take(16).collect();
    found.sort_unstable();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "c17bf3ca-eaf8-11f1-a137-02fc00000001";

    #[test]
    fn ride_ids_are_found_in_every_spelling() {
        let cases: [(&str, &[&str]); 14] = [
            (r#"{"RideId": "c17bf3ca-eaf8-11f1-a137-02fc00000001"}"#, &[ID]),
            (r#"{"RideId":"r-1"}"#, &["r-1"]),
            (r#"{"body": "{\"RideId\": \"c17bf3ca-eaf8-11f1-a137-02fc00000001\"}"}"#, &[ID]),
            (r#"{"a": "{\"Message\": \"{\\\"RideId\\\": \\\"r-2\\\"}\"}"}"#, &["r-2"]),
            (r#"{"RideId": {"S": "r-3"}}"#, &["r-3"]),
            ("{'RideId': 'r-4', 'Unicorn': {}}", &["r-4"]),
            ("RideId=c17bf3ca-eaf8-11f1-a137-02fc00000001 done", &[ID]),
            ("RideId: c17bf3ca-eaf8-11f1-a137-02fc00000001", &[ID]),
            ("RideId: missing", &[]),
            ("KeyError: 'RideId'", &[]),
            (r#"{"AttributeName": "RideId", "KeyType": "HASH"}"#, &[]),
            (r#"{"RideId": ""}"#, &[]),
            (r#"[{"RideId": "a"}, {"RideId": "b"}]"#, &["a", "b"]),
            ("RideId", &[]),
        ];
        for (text, expected) in cases {
            assert_eq!(ids(text, "RideId").collect::<Vec<_>>(), expected, "{text}");
        }
    }

    #[test]
    fn prose_names_rides_too() {
        let line = "Ride c17bf3ca-eaf8-11f1-a137-02fc00000001 starts at {}";
        assert_eq!(named_rides(line).collect::<Vec<_>>(), [ID]);
        assert_eq!(named_rides("a side c17bf3ca-eaf8-11f1-a137-02fc00000001, Ride on").count(), 0);
        assert_eq!(time_uuids("stored c17bf3ca-eaf8-11f1-a137-02fc00000001.").collect::<Vec<_>>(), [ID]);
        let others = "32337476-6aaf-4739-9c05-031b753cdb4a ac17bf3ca-eaf8-11f1-a137-02fc00000001 c17bf3ca-eaf8-11f1-a137-02fc00000001a";
        assert_eq!(time_uuids(others).count(), 0);
    }

    #[test]
    fn numbers_and_words_stand_behind_their_keys() {
        assert_eq!(
            number(r#"{"requestTimeEpoch": 1795848954397, "x": 1}"#, "requestTimeEpoch"),
            Some(1_795_848_954_397)
        );
        assert_eq!(number("REPORT\tBilled Duration: 90 ms\t", "Billed Duration"), Some(90));
        assert_eq!(number("Billed Duration: none", "Billed Duration"), None);
        assert_eq!(words(r#"\"Name\": \"Rocinante\", "#, "Name"), Some("Rocinante"));
        assert_eq!(words(r#"{"Name": ""}"#, "Name"), None);
    }

    #[test]
    fn letters_of_several_bytes_do_not_break_it() {
        for text in
            ["RideId: \"é", "é-éééé-1", "Ride ééééééééééééééééééééééééééééééééééé", "RideId='é'", "Name\": \"é\""]
        {
            let _ =
                (ids(text, "RideId").count(), named_rides(text).count(), time_uuids(text).count(), words(text, "Name"));
        }
    }

    #[test]
    fn rides_are_found_in_messages_that_are_not_json() {
        assert_eq!(rides_named("{'RideId': 'r-1'} and {'RideId': 'r-1'}"), ["r-1"]);
        assert_eq!(rides_named("\u{0}\u{1}binary"), Vec::<&str>::new());
    }
}
