//! Topics and their subscriptions, as they are kept.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use serde::{Deserialize, Serialize};

use super::filter::{Filter, Scope};
use crate::sandbox::ACCOUNT_ID;

/// A topic.
#[derive(Debug)]
pub struct Topic {
    pub arn: String,
    state: Mutex<TopicState>,
    /// Replaced whole by each change, so that publishing takes them without copying.
    subscriptions: RwLock<Arc<Vec<Arc<Subscription>>>>,
}

/// What changes of a topic.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct TopicState {
    /// Those that were set.
    pub attributes: BTreeMap<String, String>,
    pub tags: BTreeMap<String, String>,
    /// How many subscriptions were removed.
    pub removed: u64,
}

/// A subscription; a change makes a new one.
#[derive(Clone, Debug)]
pub struct Subscription {
    /// The last piece of its ARN.
    pub id: String,
    pub arn: String,
    pub topic_arn: String,
    pub endpoint: Endpoint,
    /// Those that were set.
    pub attributes: BTreeMap<String, String>,
    /// ARN of who subscribed.
    pub principal: String,
    pub raw: bool,
    pub filter: Option<Filter>,
    /// ARN of the queue that gets what cannot be handed over.
    pub dead_letters: Option<String>,
    /// Whether it was said that its queue has no policy: once is enough.
    pub warned: Arc<AtomicBool>,
}

/// Where a subscription delivers to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Endpoint {
    /// ARN of a queue.
    Queue(String),
    /// ARN of a function.
    Function(String),
}

impl Endpoint {
    /// `sqs` or `lambda`.
    pub fn protocol(&self) -> &'static str {
        match self {
            Self::Queue(_) => "sqs",
            Self::Function(_) => "lambda",
        }
    }

    pub fn arn(&self) -> &str {
        match self {
            Self::Queue(arn) | Self::Function(arn) => arn,
        }
    }
}

impl Topic {
    pub fn new(region: &str, name: &str, state: TopicState) -> Self {
        Self { arn: arn(region, name), state: Mutex::new(state), subscriptions: RwLock::default() }
    }

    pub fn lock(&self) -> MutexGuard<'_, TopicState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn subscriptions(&self) -> Arc<Vec<Arc<Subscription>>> {
        Arc::clone(&self.subscriptions.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the list of subscriptions; nobody else changes it meanwhile.
    pub fn change<T>(&self, change: impl FnOnce(&mut Vec<Arc<Subscription>>) -> T) -> T {
        let mut subscriptions = self.subscriptions.write().unwrap_or_else(PoisonError::into_inner);
        change(Arc::make_mut(&mut subscriptions))
    }

    pub fn subscription(&self, id: &str) -> Option<Arc<Subscription>> {
        self.subscriptions().iter().find(|subscription| subscription.id == id).cloned()
    }
}

impl Subscription {
    /// Sets one attribute; an empty text takes it away.
    ///
    /// # Errors
    /// In words, what follows `Invalid parameter: `.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        match name {
            "RawMessageDelivery" => {
                let raw = match value.to_ascii_lowercase().as_str() {
                    "true" => true,
                    "false" | "" => false,
                    _ => {
                        return Err(format!(
                            "Attributes Reason: RawMessageDelivery: Invalid value [{value}]. Must be true or false."
                        ));
                    }
                };
                if raw && matches!(self.endpoint, Endpoint::Function(_)) {
                    return Err("Attributes Reason: Delivery protocol [lambda] does not support raw message delivery."
                        .to_owned());
                }
                self.raw = raw;
                self.attributes.insert(name.to_owned(), raw.to_string());
                return Ok(());
            }
            "FilterPolicy" | "FilterPolicyScope" => {
                let mut changed = self.attributes.clone();
                put(&mut changed, name, value);
                self.filter = filter(&changed)?;
            }
            "RedrivePolicy" => self.dead_letters = redrive(value)?,
            "DeliveryPolicy" | "ReplayPolicy" | "SubscriptionRoleArn" => {
                let reason = "it has no meaning for sqs and lambda subscriptions of standard topics";
                return Err(format!("Attributes Reason: {name}: {reason}"));
            }
            _ => return Err("AttributeName".to_owned()),
        }
        put(&mut self.attributes, name, value);
        Ok(())
    }
}

fn put(attributes: &mut BTreeMap<String, String>, name: &str, value: &str) {
    // An empty policy object is no policy.
    if value.is_empty() || (name == "FilterPolicy" && value.trim() == "{}") {
        attributes.remove(name);
    } else {
        attributes.insert(name.to_owned(), value.to_owned());
    }
}

fn filter(attributes: &BTreeMap<String, String>) -> Result<Option<Filter>, String> {
    let scope = match attributes.get("FilterPolicyScope").map(String::as_str) {
        None | Some("MessageAttributes") => Scope::Attributes,
        Some("MessageBody") => Scope::Body,
        Some(other) => {
            return Err(format!(
                "FilterPolicyScope: Invalid value [{other}]. Please use either MessageBody or MessageAttributes"
            ));
        }
    };
    let policy = attributes.get("FilterPolicy").map(|policy| Filter::parse(policy, scope));
    policy.transpose().map_err(|problem| format!("FilterPolicy: {problem}"))
}

fn redrive(value: &str) -> Result<Option<String>, String> {
    if value.is_empty() {
        return Ok(None);
    }
    let policy: serde_json::Value =
        serde_json::from_str(value).map_err(|_| "RedrivePolicy: failed to parse JSON.".to_owned())?;
    let target = policy.get("deadLetterTargetArn").and_then(serde_json::Value::as_str);
    match target {
        Some(arn) if arn.starts_with("arn:aws:sqs:") && arn.split(':').count() == 6 => Ok(Some(arn.to_owned())),
        _ => Err("RedrivePolicy: deadLetterTargetArn must be the ARN of an SQS queue".to_owned()),
    }
}

/// `arn:aws:sns:us-east-2:123456789012:NAME`.
pub fn arn(region: &str, name: &str) -> String {
    format!("arn:aws:sns:{region}:{ACCOUNT_ID}:{name}")
}
