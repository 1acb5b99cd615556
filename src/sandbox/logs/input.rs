//! Reads the input of calls and refuses what AWS refuses, in its words.

use serde_json::Value;

use super::super::{ACCOUNT_ID, Fault};

/// The code of nearly every refusal.
pub(super) fn invalid(message: impl Into<String>) -> Fault {
    Fault::sender("InvalidParameterException", message)
}

fn constraint(value: &str, name: &str, constraint: &str) -> Fault {
    invalid(format!(
        "1 validation error detected: Value {value} at '{name}' failed to satisfy constraint: Member must {constraint}"
    ))
}

pub(super) fn no_group() -> Fault {
    Fault::sender("ResourceNotFoundException", "The specified log group does not exist.")
}

pub(super) fn no_stream() -> Fault {
    Fault::sender("ResourceNotFoundException", "The specified log stream does not exist.")
}

/// The input of one call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Input<'a>(pub(super) &'a Value);

impl<'a> Input<'a> {
    fn value(self, name: &str) -> Option<&'a Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    pub(super) fn has(self, name: &str) -> bool {
        self.value(name).is_some()
    }

    pub(super) fn text(self, name: &str) -> Result<Option<&'a str>, Fault> {
        self.value(name).map(|value| value.as_str().ok_or_else(|| mistyped(name, "a string"))).transpose()
    }

    pub(super) fn required(self, name: &str) -> Result<&'a str, Fault> {
        self.text(name)?.ok_or_else(|| constraint("null", name, "not be null"))
    }

    pub(super) fn flag(self, name: &str) -> Result<bool, Fault> {
        self.value(name).map_or(Ok(false), |value| value.as_bool().ok_or_else(|| mistyped(name, "a boolean")))
    }

    pub(super) fn number(self, name: &str) -> Result<Option<i64>, Fault> {
        let read = |value: &Value| {
            let whole = |number: f64| (number.fract() == 0.0).then(|| format!("{number:.0}").parse().ok()).flatten();
            value.as_i64().or_else(|| value.as_f64().and_then(whole)).ok_or_else(|| mistyped(name, "a number"))
        };
        self.value(name).map(read).transpose()
    }

    /// Milliseconds since the epoch.
    pub(super) fn time(self, name: &str) -> Result<Option<i64>, Fault> {
        match self.number(name)? {
            Some(negative) if negative < 0 => {
                Err(constraint(&format!("'{negative}'"), name, "have value greater than or equal to 0"))
            }
            other => Ok(other),
        }
    }

    /// How many to answer with, from 1 to `most`, which is also the default.
    pub(super) fn limit(self, most: usize) -> Result<usize, Fault> {
        let Some(limit) = self.number("limit")? else { return Ok(most) };
        match usize::try_from(limit) {
            Ok(limit @ 1..) if limit <= most => Ok(limit),
            Ok(1..) => {
                Err(constraint(&format!("'{limit}'"), "limit", &format!("have value less than or equal to {most}")))
            }
            _ => Err(constraint(&format!("'{limit}'"), "limit", "have value greater than or equal to 1")),
        }
    }

    pub(super) fn list(self, name: &str) -> Result<&'a [Value], Fault> {
        let read = |value: &'a Value| value.as_array().map(Vec::as_slice).ok_or_else(|| mistyped(name, "a list"));
        self.value(name).map_or(Ok(&[]), read)
    }

    pub(super) fn texts(self, name: &str) -> Result<Vec<&'a str>, Fault> {
        self.list(name)?.iter().map(|value| value.as_str().ok_or_else(|| mistyped(name, "a list of strings"))).collect()
    }

    /// A map of texts.
    pub(super) fn pairs(self, name: &str) -> Result<Vec<(&'a str, &'a str)>, Fault> {
        let Some(value) = self.value(name) else { return Ok(Vec::new()) };
        let map = value.as_object().ok_or_else(|| mistyped(name, "a map"))?;
        let pair = |(key, value): (&'a String, &'a Value)| {
            value.as_str().map(|value| (key.as_str(), value)).ok_or_else(|| mistyped(name, "a map of strings"))
        };
        map.iter().map(pair).collect()
    }

    /// The name of a group under `logGroupName`.
    pub(super) fn group_name(self) -> Result<&'a str, Fault> {
        let name = self.required("logGroupName")?;
        check_length(name, "logGroupName")?;
        let is_allowed = |letter: char| letter.is_ascii_alphanumeric() || "._-/#".contains(letter);
        if !name.chars().all(is_allowed) {
            let pattern = r"satisfy regular expression pattern: [\.\-_/#A-Za-z0-9]+";
            return Err(constraint(&format!("'{name}'"), "logGroupName", pattern));
        }
        Ok(name)
    }

    /// The name of a stream under `logStreamName`.
    pub(super) fn stream_name(self) -> Result<&'a str, Fault> {
        let name = self.required("logStreamName")?;
        check_length(name, "logStreamName")?;
        if name.contains([':', '*']) {
            let pattern = "satisfy regular expression pattern: [^:*]*";
            return Err(constraint(&format!("'{name}'"), "logStreamName", pattern));
        }
        Ok(name)
    }

    /// The name of the group that is meant by `logGroupName`, or by name or ARN under `logGroupIdentifier`.
    pub(super) fn group(self, region: &str) -> Result<&'a str, Fault> {
        match (self.text("logGroupName")?, self.text("logGroupIdentifier")?) {
            (Some(_), Some(_)) => Err(invalid("Only one of logGroupName and logGroupIdentifier may be specified.")),
            (None, None) => Err(invalid("Either logGroupName or logGroupIdentifier must be specified.")),
            (None, Some(identifier)) if identifier.starts_with("arn:") => group_of_arn(identifier, region),
            (None, Some(name)) => Ok(name),
            (Some(_), None) => self.group_name(),
        }
    }
}

fn mistyped(name: &str, wanted: &str) -> Fault {
    Fault::sender("SerializationException", format!("{name} must be {wanted}"))
}

fn check_length(value: &str, name: &str) -> Result<(), Fault> {
    match value.chars().count() {
        0 => Err(constraint("''", name, "have length greater than or equal to 1")),
        1..=512 => Ok(()),
        _ => Err(constraint(&format!("'{value}'"), name, "have length less than or equal to 512")),
    }
}

/// The name in the ARN of a group of this account and region; a final `:*` is left out.
pub(super) fn group_of_arn<'a>(arn: &'a str, region: &str) -> Result<&'a str, Fault> {
    let own = arn.strip_prefix("arn:aws:logs:").and_then(|rest| rest.strip_prefix(region));
    let name = own.and_then(|rest| rest.strip_prefix(&format!(":{ACCOUNT_ID}:log-group:")));
    let name = name.map(|name| name.strip_suffix(":*").unwrap_or(name));
    name.filter(|name| !name.is_empty() && !name.contains(':'))
        .ok_or_else(|| invalid(format!("'{arn}' is not the ARN of a log group of account {ACCOUNT_ID} in {region}")))
}

/// `arn:aws:logs:us-east-2:123456789012:log-group:NAME`.
pub(super) fn group_arn(region: &str, group: &str) -> String {
    format!("arn:aws:logs:{region}:{ACCOUNT_ID}:log-group:{group}")
}

/// `….log-group:NAME:log-stream:NAME`; with an empty stream, what permissions on a whole group are asked for.
pub(super) fn stream_arn(region: &str, group: &str, stream: &str) -> String {
    format!("{}:log-stream:{stream}", group_arn(region, group))
}
