//! The attributes of a queue that can be set: their names, what they take, and what they are when nobody sets them.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::fault::{fault, invalid, invalid_value};
use crate::sandbox::Fault;

/// The longest message that a queue takes: 1 MiB.
pub const LONGEST_MESSAGE: usize = 1024 * 1024;

/// Those with a whole number, what it may be, and what it is by default.
const NUMBERS: [(&str, RangeInclusive<i64>, i64); 5] = [
    ("VisibilityTimeout", 0..=43_200, 30),
    ("MaximumMessageSize", 1_024..=1_048_576, 1_048_576),
    ("MessageRetentionPeriod", 60..=1_209_600, 345_600),
    ("DelaySeconds", 0..=900, 0),
    ("ReceiveMessageWaitTimeSeconds", 0..=20, 0),
];
/// Those with a document, which an empty text takes away.
const DOCUMENTS: [&str; 3] = ["Policy", "RedrivePolicy", "RedriveAllowPolicy"];
/// Those of FIFO queues alone, and what they may be.
const FIFO: [(&str, &[&str]); 4] = [
    ("FifoQueue", &["true"]),
    ("ContentBasedDeduplication", &["true", "false"]),
    ("DeduplicationScope", &["queue", "messageGroup"]),
    ("FifoThroughputLimit", &["perQueue", "perMessageGroupId"]),
];
/// Encryption: kept and shown, and without effect here.
const ENCRYPTION: [&str; 3] = ["KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds", "SqsManagedSseEnabled"];
/// What a queue says of itself; it cannot be set.
pub const READ_ONLY: [&str; 6] = [
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
    "CreatedTimestamp",
    "LastModifiedTimestamp",
    "QueueArn",
];

/// The settings of one queue, as texts; those with a default are always there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    values: BTreeMap<String, String>,
    /// From `RedrivePolicy`.
    redrive: Option<Redrive>,
}

/// Where messages go that are received too often.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redrive {
    pub target: String,
    pub max_receives: u32,
}

impl Settings {
    /// Those of a new queue.
    pub fn new(fifo: bool) -> Self {
        let mut values: BTreeMap<String, String> =
            NUMBERS.iter().map(|(name, _, default)| ((*name).to_owned(), default.to_string())).collect();
        values.insert("SqsManagedSseEnabled".into(), "true".into());
        if fifo {
            for (name, value) in [
                ("FifoQueue", "true"),
                ("ContentBasedDeduplication", "false"),
                ("DeduplicationScope", "queue"),
                ("FifoThroughputLimit", "perQueue"),
            ] {
                values.insert(name.into(), value.into());
            }
        }
        Self { values, redrive: None }
    }

    pub fn is_fifo(&self) -> bool {
        self.values.contains_key("FifoQueue")
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    pub fn is(&self, name: &str, value: &str) -> bool {
        self.get(name) == Some(value)
    }

    pub fn number(&self, name: &str) -> i64 {
        self.get(name).and_then(|value| value.parse().ok()).unwrap_or_default()
    }

    /// A setting in seconds, in milliseconds.
    pub fn millis(&self, name: &str) -> i64 {
        self.number(name) * 1000
    }

    pub fn redrive(&self) -> Option<&Redrive> {
        self.redrive.as_ref()
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Sets one.
    ///
    /// # Errors
    /// `InvalidAttributeName`, `InvalidAttributeValue`, `InvalidParameterValue`.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), Fault> {
        let bad_value = || fault("InvalidAttributeValue", format!("Invalid value for the parameter {name}."));
        let value = if let Some((_, range, _)) = NUMBERS.iter().find(|(known, ..)| *known == name) {
            value.parse().ok().filter(|number| range.contains(number)).ok_or_else(bad_value)?.to_string()
        } else if let Some((_, allowed)) = FIFO.iter().find(|(known, _)| *known == name) {
            if !self.is_fifo() {
                return Err(fault("InvalidAttributeName", format!("Unknown Attribute {name}.")));
            }
            if !allowed.contains(&value) {
                return Err(bad_value());
            }
            value.to_owned()
        } else if DOCUMENTS.contains(&name) {
            if value.is_empty() {
                self.values.remove(name);
                self.redrive = self.redrive.take().filter(|_| name != "RedrivePolicy");
                return Ok(());
            }
            let document: Value = serde_json::from_str(value).ok().filter(Value::is_object).ok_or_else(bad_value)?;
            if name == "RedrivePolicy" {
                self.redrive = Some(redrive(value, &document)?);
            }
            value.to_owned()
        } else if ENCRYPTION.contains(&name) {
            value.to_owned()
        } else {
            return Err(fault("InvalidAttributeName", format!("Unknown Attribute {name}.")));
        };
        self.values.insert(name.to_owned(), value);
        Ok(())
    }
}

fn redrive(text: &str, document: &Value) -> Result<Redrive, Fault> {
    let target = document.get("deadLetterTargetArn").and_then(Value::as_str).filter(|target| !target.is_empty());
    let Some(target) = target else {
        return Err(invalid_value(
            "RedrivePolicy",
            text,
            "Redrive policy does not contain mandatory attribute: deadLetterTargetArn.",
        ));
    };
    let count = match document.get("maxReceiveCount") {
        Some(Value::Number(number)) => number.as_u64(),
        Some(Value::String(text)) => text.parse().ok(),
        Some(_) => None,
        None => {
            return Err(invalid_value(
                "RedrivePolicy",
                text,
                "Redrive policy does not contain mandatory attribute: maxReceiveCount.",
            ));
        }
    };
    let max_receives = count.and_then(|count| u32::try_from(count).ok()).filter(|count| (1..=1000).contains(count));
    let max_receives = max_receives.ok_or_else(|| {
        invalid_value(
            "RedrivePolicy",
            text,
            "Invalid value for maxReceiveCount: it must be a whole number from 1 to 1000.",
        )
    })?;
    Ok(Redrive { target: target.to_owned(), max_receives })
}

/// Whether `name` is one that a queue has.
pub fn is_known(name: &str) -> bool {
    NUMBERS.iter().any(|(known, ..)| *known == name)
        || FIFO.iter().any(|(known, _)| *known == name)
        || [&DOCUMENTS[..], &ENCRYPTION[..], &READ_ONLY[..]].concat().contains(&name)
}

/// Checks the name of a queue.
///
/// # Errors
/// `InvalidParameterValue`.
pub fn check_name(name: &str, fifo: bool) -> Result<(), Fault> {
    let stem = name.strip_suffix(".fifo").filter(|_| fifo).unwrap_or(name);
    if fifo && stem.len() == name.len() {
        return Err(invalid(
            "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length.",
        ));
    }
    let letters = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if stem.is_empty() || name.len() > 80 || !stem.bytes().all(letters) {
        return Err(invalid("Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length"));
    }
    Ok(())
}
