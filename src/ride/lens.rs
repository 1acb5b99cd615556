//! The envelope lens: where the ride sits in what carries it. API Gateway puts it into a string called `body`, SNS into one called `Message`, Lambda puts
//! the event of either into a log line; the lens unpacks them, and no more than leads to a ride.

use std::ops::Range;

use serde_json::{Map, Value};

use super::text;

/// Places of a text where JSON is tried to be read: behind them it is prose with brackets.
const TRIES: usize = 16;
/// Envelopes in envelopes; a ride comes in three.
const DEEPEST: usize = 8;
/// Spaces of a level.
const INDENT: usize = 2;

/// What the lens shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lens {
    /// The text, laid out: JSON over several lines, and strings that hold a ride as JSON unpacked between `"""`.
    pub pretty: String,
    /// The way to the first ride, an envelope a step, and `ride` at its end: `Event received`, `Records[0].Sns.Message`, `ride`. Empty without a ride.
    pub path: Vec<String>,
    /// Where rides stand in `pretty`, in bytes.
    pub spans: Vec<Range<usize>>,
}

/// Looks at a message, an envelope, a log line or an item (as JSON).
pub fn lens(text: &str) -> Lens {
    let mut looking = Looking { lens: Lens::default(), steps: Vec::new(), at: String::new() };
    looking.text(text, 0, 0);
    looking.lens
}

/// A piece of JSON in a text, and what stands before and behind it.
fn json_in(text: &str) -> Option<(&str, Value, &str)> {
    let starts = text.char_indices().filter(|(_, letter)| matches!(letter, '{' | '[')).take(TRIES);
    for (start, _) in starts {
        let (before, rest) = text.split_at(start);
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
        if let Some(Ok(value)) = values.next()
            && (value.is_object() || value.as_array().is_some_and(|values| values.iter().any(Value::is_object)))
        {
            return Some((before, value, rest.get(values.byte_offset()..).unwrap_or_default()));
        }
    }
    None
}

/// An object that is a ride: as JSON, or as DynamoDB writes it.
fn is_ride(object: &Map<String, Value>) -> bool {
    object.get("RideId").is_some_and(|id| id.is_string() || id["S"].is_string())
}

/// Whether a text may hold a ride; what is certain takes reading it.
fn may_hold_ride(text: &str) -> bool {
    text.contains("RideId")
}

struct Looking {
    lens: Lens,
    /// Envelopes around the current place.
    steps: Vec<String>,
    /// The way within the current envelope.
    at: String,
}

impl Looking {
    fn text(&mut self, text: &str, indent: usize, depth: usize) {
        let found = if depth < DEEPEST { json_in(text) } else { None };
        let Some((before, value, after)) = found else {
            self.prose(text, indent);
            return;
        };
        let label = before.trim().rsplit('\t').next().unwrap_or_default().trim_end_matches([':', ' ']);
        self.prose(before.trim_end(), indent);
        if !before.trim().is_empty() {
            self.line(indent);
        }
        // What stands before the JSON is an envelope, too, if a ride is in it.
        if !label.is_empty() {
            self.steps.push(label.to_owned());
        }
        self.value(&value, indent, depth);
        if !label.is_empty() {
            self.steps.pop();
        }
        if !after.trim().is_empty() {
            self.line(indent);
            self.prose(after.trim(), indent);
        }
    }

    /// Text as it is, but for line ends and tabs; ids of rides in it are found.
    fn prose(&mut self, text: &str, indent: usize) {
        let start = self.lens.pretty.len();
        for (n, line) in text.split(['\n', '\r']).enumerate() {
            if n > 0 {
                self.line(indent);
            }
            self.lens.pretty.push_str(&line.replace('\t', "  "));
        }
        let written = self.lens.pretty.get(start..).unwrap_or_default();
        let ids: Vec<Range<usize>> = text::ids(written, "RideId")
            .chain(text::named_rides(written))
            .take(TRIES)
            .map(|id| {
                let place = start + (id.as_ptr() as usize - written.as_ptr() as usize);
                place..place + id.len()
            })
            .collect();
        for span in ids {
            self.found(span);
        }
    }

    fn found(&mut self, span: Range<usize>) {
        if self.lens.path.is_empty() {
            self.lens.path = self.steps.clone();
            if !self.at.is_empty() {
                self.lens.path.push(self.at.clone());
            }
            self.lens.path.push("ride".to_owned());
        }
        self.lens.spans.push(span);
    }

    fn line(&mut self, indent: usize) {
        self.lens.pretty.push('\n');
        self.lens.pretty.extend(std::iter::repeat_n(' ', indent));
    }

    fn value(&mut self, value: &Value, indent: usize, depth: usize) {
        match value {
            Value::Object(entries) if entries.is_empty() => self.lens.pretty.push_str("{}"),
            Value::Array(values) if values.is_empty() => self.lens.pretty.push_str("[]"),
            Value::Object(entries) => {
                let start = self.lens.pretty.len();
                self.lens.pretty.push('{');
                for (n, (key, value)) in entries.iter().enumerate() {
                    self.separate(n, indent);
                    self.lens.pretty.push_str(&Value::from(key.as_str()).to_string());
                    self.lens.pretty.push_str(": ");
                    let name = if self.at.is_empty() { key.clone() } else { format!(".{key}") };
                    self.step(&name, value, indent, depth);
                }
                self.line(indent);
                self.lens.pretty.push('}');
                if is_ride(entries) {
                    let span = start..self.lens.pretty.len();
                    self.found(span);
                }
            }
            Value::Array(values) => {
                self.lens.pretty.push('[');
                for (n, value) in values.iter().enumerate() {
                    self.separate(n, indent);
                    self.step(&format!("[{n}]"), value, indent, depth);
                }
                self.line(indent);
                self.lens.pretty.push(']');
            }
            Value::String(text) if depth + 1 < DEEPEST && may_hold_ride(text) && json_in(text).is_some() => {
                self.lens.pretty.push_str("\"\"\"");
                self.line(indent + INDENT);
                let at = std::mem::take(&mut self.at);
                self.steps.push(at);
                self.text(text, indent + INDENT, depth + 1);
                self.at = self.steps.pop().unwrap_or_default();
                self.line(indent);
                self.lens.pretty.push_str("\"\"\"");
            }
            other => self.lens.pretty.push_str(&other.to_string()),
        }
    }

    fn separate(&mut self, n: usize, indent: usize) {
        if n > 0 {
            self.lens.pretty.push(',');
        }
        self.line(indent + INDENT);
    }

    fn step(&mut self, name: &str, value: &Value, indent: usize, depth: usize) {
        let length = self.at.len();
        self.at.push_str(name);
        self.value(value, indent + INDENT, depth);
        self.at.truncate(length);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const GATEWAY: &str = include_str!("../../assets/samples/api-gateway-event.json");
    const SNS: &str = include_str!("../../assets/samples/sns-event.json");

    fn shown(text: &str) -> (String, Vec<String>) {
        let lens = lens(text);
        let rides = lens.spans.iter().map(|span| lens.pretty.get(span.clone()).unwrap().to_owned());
        (lens.path.join(" → "), rides.collect())
    }

    #[test]
    fn the_ride_is_found_in_every_envelope() {
        let ride = json!({"RideId": "r-1", "Unicorn": {"Name": "Rocinante"}});
        let item = json!({"Item": {"RideId": {"S": "r-1"}}});
        let compact = |value: &Value| value.to_string();
        let line = format!("[INFO]\t2026-11-28T06:55:55.979Z\t40d2\tEvent received: {}", SNS.trim());
        let logged = json!({"level": "INFO", "message": format!("Request: {}", json!({"body": compact(&ride)}))});
        let cases = [
            (compact(&ride), "ride"),
            (compact(&item), "Item → ride"),
            (GATEWAY.to_owned(), "body → ride"),
            (SNS.to_owned(), "Records[0].Sns.Message → ride"),
            (line, "Event received → Records[0].Sns.Message → ride"),
            (compact(&logged), "message → Request → body → ride"),
        ];
        for (text, path) in cases {
            let (found, rides) = shown(&text);
            assert_eq!(found, path);
            assert!(rides.len() == 1 && rides.iter().all(|ride| ride.contains("\"RideId\"")), "{path}: {rides:?}");
        }
    }

    #[test]
    fn strings_with_a_ride_are_unpacked_and_others_left_alone() {
        let envelope = json!({"Message": json!({"RideId": "r-1"}).to_string(), "Signature": "{\"a\": 1}", "empty": {}, "none": []});
        let expected = "{\n  \"Message\": \"\"\"\n    {\n      \"RideId\": \"r-1\"\n    }\n  \"\"\",\n  \"Signature\": \"{\\\"a\\\": 1}\",\n  \"empty\": {},\n  \"none\": []\n}";
        assert_eq!(lens(&envelope.to_string()).pretty, expected);
    }

    #[test]
    fn text_is_searched_for_ids() {
        let (path, rides) = shown("[INFO]\tRide c17bf3ca-eaf8-11f1-a137-02fc00000001 starts at {\"Latitude\": 47.6}");
        assert_eq!((path.as_str(), rides), ("ride", vec!["c17bf3ca-eaf8-11f1-a137-02fc00000001".to_owned()]));
        assert_eq!(
            shown("START RequestId: 40d212de-0d64-43b5-91e3-ad14f51f5a2f Version: $LATEST"),
            (String::new(), vec![])
        );
    }

    #[test]
    fn nonsense_is_shown_as_it_is() {
        for text in ["", "{", "[[[[[[[[[[[[[[[[[[[[[[[[[[", "\u{0}é", "{\"RideId\": 5}", "{\"RideId\": \"é", "}{"] {
            let shown = lens(text);
            assert_eq!(shown.path, Vec::<String>::new(), "{text}");
        }
        let mut nested = json!({"RideId": "r"}).to_string();
        for _ in 0..12 {
            nested = json!({ "m": nested }).to_string();
        }
        assert!(lens(&nested).pretty.len() < 4 * nested.len());
    }
}
