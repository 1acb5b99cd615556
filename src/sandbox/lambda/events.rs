//! How asynchronous invocations of a function are retried and who learns of their end: as deployed, and through the API.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::function::Function;
use crate::sandbox::service::Fault;

const OLDEST: u64 = 6 * 60 * 60;

/// The event invoke config of a function.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct EventConfig {
    pub(super) retries: u32,
    pub(super) max_event_age: Duration,
    /// ARN of a queue, topic or function.
    pub(super) on_success: Option<String>,
    pub(super) on_failure: Option<String>,
    /// Sandbox time, seconds since the epoch.
    modified: f64,
}

impl EventConfig {
    /// As deployed.
    pub(super) fn of(function: &Function, now: Duration) -> Self {
        Self {
            retries: function.retries.min(2),
            max_event_age: function.max_event_age,
            on_success: None,
            on_failure: function.on_failure.clone(),
            modified: now.as_secs_f64(),
        }
    }

    /// Whether deploying would have made one: Lambda has none where nothing was said.
    pub(super) fn is_said(&self) -> bool {
        let said = self.on_success.is_some() || self.on_failure.is_some();
        said || self.retries != 2 || self.max_event_age != Duration::from_secs(OLDEST)
    }

    /// With what `input` says; what it leaves out is as it was.
    ///
    /// # Errors
    /// `ValidationException` and `InvalidParameterValueException`.
    pub(super) fn with(mut self, input: &Value, now: Duration) -> Result<Self, Fault> {
        let number = |name: &str, least: u64, most: u64| -> Result<Option<u64>, Fault> {
            let Some(value) = input.get(name).filter(|value| !value.is_null()) else { return Ok(None) };
            let found = value.as_u64().filter(|number| (least..=most).contains(number));
            found.map(Some).ok_or_else(|| {
                let member = format!("{}{}", name[..1].to_lowercase(), &name[1..]);
                let message = format!(
                    "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: Member must have value \
                     between {least} and {most}"
                );
                Fault::sender("ValidationException", message)
            })
        };
        if let Some(retries) = number("MaximumRetryAttempts", 0, 2)? {
            self.retries = u32::try_from(retries).unwrap_or(2);
        }
        if let Some(age) = number("MaximumEventAgeInSeconds", 60, 21_600)? {
            self.max_event_age = Duration::from_secs(age);
        }
        for (name, place) in [("OnSuccess", &mut self.on_success), ("OnFailure", &mut self.on_failure)] {
            let Some(wanted) = input.pointer(&format!("/DestinationConfig/{name}")) else { continue };
            let arn = wanted["Destination"].as_str().filter(|arn| !arn.is_empty());
            let known =
                |arn: &&str| ["sqs", "sns", "lambda"].iter().any(|kind| arn.starts_with(&format!("arn:aws:{kind}:")));
            if let Some(arn) = arn.filter(|arn| !known(arn)) {
                let message = format!("The destination ARN {arn} is invalid.");
                return Err(Fault::sender("InvalidParameterValueException", message));
            }
            *place = arn.map(str::to_owned);
        }
        self.modified = now.as_secs_f64();
        Ok(self)
    }

    /// As the API shows it.
    pub(super) fn shown(&self, arn: &str) -> Value {
        let destination =
            |arn: &Option<String>| arn.as_ref().map_or_else(|| json!({}), |arn| json!({ "Destination": arn }));
        let mut shown = Map::new();
        shown.insert("LastModified".to_owned(), self.modified.into());
        shown.insert("FunctionArn".to_owned(), format!("{arn}:$LATEST").into());
        shown.insert("MaximumRetryAttempts".to_owned(), self.retries.into());
        shown.insert("MaximumEventAgeInSeconds".to_owned(), self.max_event_age.as_secs().into());
        let destinations =
            json!({ "OnSuccess": destination(&self.on_success), "OnFailure": destination(&self.on_failure) });
        shown.insert("DestinationConfig".to_owned(), destinations);
        shown.into()
    }
}
