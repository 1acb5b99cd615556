//! Messages are handed to queues and functions; what cannot be handed over is retried as SNS does, then goes to the subscription's
//! dead-letter queue.
//!
//! The first attempt is made while the publisher waits: it takes microseconds, nothing can be lost in between, and each subscription
//! sees messages in the order of their publishing. As on AWS, a missing queue or function and a policy that forbids are not retried;
//! throttling and faults are.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;

use super::message::Message;
use super::topic::{Endpoint, Subscription};
use crate::sandbox::sqs::Delivery;
use crate::sandbox::{Account, Fault, Happening, Invoke, Sqs};

/// How much may wait for its retry, in bytes.
const MOST_WAITING: usize = 64 * 1024 * 1024;

/// The way out of topics.
pub struct Deliveries {
    pub account: Arc<Account>,
    pub sqs: Arc<Sqs>,
    pub invoke: Arc<dyn Invoke>,
    /// Bytes that wait for a retry.
    waiting: AtomicUsize,
}

/// A message on its way to one subscription.
struct Parcel {
    subscription: Arc<Subscription>,
    body: String,
    /// For queues, as SQS takes them.
    attributes: Value,
    group: Option<String>,
    /// The document for the dead-letter queue, if it is another than the body.
    envelope: Option<String>,
}

impl Parcel {
    fn size(&self) -> usize {
        self.body.len() + self.envelope.as_ref().map_or(0, String::len) + 1024
    }
}

impl Deliveries {
    pub fn new(account: Arc<Account>, sqs: Arc<Sqs>, invoke: Arc<dyn Invoke>) -> Self {
        Self { account, sqs, invoke, waiting: AtomicUsize::new(0) }
    }

    /// Hands a message to a subscription, if its filter lets it through.
    pub fn deliver(self: &Arc<Self>, subscription: &Arc<Subscription>, message: &Message, signature_version: &str) {
        let text = message.text(subscription.endpoint.protocol());
        if subscription.filter.as_ref().is_some_and(|filter| !filter.matches(&message.attributes, text)) {
            return;
        }
        let endpoint = self.account.endpoint();
        let envelope = || message.envelope(subscription, signature_version, &endpoint);
        let (body, attributes, envelope) = match &subscription.endpoint {
            Endpoint::Queue(_) if subscription.raw => (text.to_owned(), message.queue_attributes(), None),
            Endpoint::Queue(_) => (envelope(), Value::Null, None),
            Endpoint::Function(_) => {
                let event = message.event(subscription, signature_version, &endpoint).to_string();
                (event, Value::Null, subscription.dead_letters.is_some().then(envelope))
            }
        };
        let subscription = Arc::clone(subscription);
        let parcel = Parcel { subscription, body, attributes, group: message.group.clone(), envelope };
        if let Err(fault) = self.hand_over(&parcel) {
            self.retry_or_give_up(parcel, fault);
        }
    }

    fn hand_over(&self, parcel: &Parcel) -> Result<(), Fault> {
        let subscription = &parcel.subscription;
        match &subscription.endpoint {
            Endpoint::Queue(arn) => {
                let group = parcel.group.as_deref();
                let (body, attributes) = (parcel.body.clone(), &parcel.attributes);
                let delivery = self.sqs.deliver(arn, &subscription.topic_arn, body, attributes, group)?;
                if delivery == Delivery::Unguarded
                    && self.account.feed.has_listeners()
                    && !subscription.warned.swap(true, Ordering::Relaxed)
                {
                    self.note(format!("SNS put a message into {arn}, which has no policy: AWS would have dropped it. The queue needs a policy that allows sqs:SendMessage to sns.amazonaws.com."));
                }
                Ok(())
            }
            Endpoint::Function(arn) => {
                let region = arn.split(':').nth(3).unwrap_or_default();
                self.invoke.invoke_later(region, arn, Bytes::copy_from_slice(parcel.body.as_bytes())).map(drop)
            }
        }
    }

    fn retry_or_give_up(self: &Arc<Self>, parcel: Parcel, fault: Fault) {
        let size = parcel.size();
        if !is_worth_retrying(&fault) {
            return self.give_up(parcel, &fault);
        }
        if self.waiting.fetch_add(size, Ordering::Relaxed) + size > MOST_WAITING {
            self.waiting.fetch_sub(size, Ordering::Relaxed);
            return self.give_up(parcel, &fault);
        }
        tokio::spawn(retry(Arc::downgrade(self), Arc::clone(&self.account), parcel, fault));
    }

    fn give_up(&self, parcel: Parcel, fault: &Fault) {
        let subscription = &parcel.subscription;
        let target = subscription.endpoint.arn();
        let Some(queue) = &subscription.dead_letters else {
            return self.note(format!(
                "SNS could not hand a message of {} to {target} ({fault}); the subscription has no dead-letter queue, so it is lost.",
                subscription.topic_arn
            ));
        };
        let body = parcel.envelope.unwrap_or(parcel.body);
        let sent = self.sqs.deliver(queue, &subscription.topic_arn, body, &parcel.attributes, None);
        self.note(match sent {
            Ok(_) => format!("SNS could not hand a message to {target} ({fault}); it is in the dead-letter queue {queue}."),
            Err(other) => format!("SNS could not hand a message to {target} ({fault}), nor to the dead-letter queue {queue} ({other}): it is lost."),
        });
    }

    fn note(&self, words: String) {
        self.account.tell(Happening::Note(words));
    }
}

/// Tries again until it works, the schedule ends, or the sandbox does.
async fn retry(deliveries: Weak<Deliveries>, account: Arc<Account>, parcel: Parcel, mut fault: Fault) {
    for attempt in 0.. {
        let Some(delay) = delay(attempt) else { break };
        account.clock.sleep(delay).await;
        let Some(deliveries) = deliveries.upgrade() else { return };
        match deliveries.hand_over(&parcel) {
            Ok(()) => {
                deliveries.waiting.fetch_sub(parcel.size(), Ordering::Relaxed);
                return;
            }
            Err(new) => fault = new,
        }
        if !is_worth_retrying(&fault) {
            break;
        }
    }
    if let Some(deliveries) = deliveries.upgrade() {
        deliveries.waiting.fetch_sub(parcel.size(), Ordering::Relaxed);
        deliveries.give_up(parcel, &fault);
    }
}

/// AWS retries when the other side is busy or broken, and not when it is gone or forbids.
fn is_worth_retrying(fault: &Fault) -> bool {
    fault.status == 429 || fault.status >= 500 || fault.code == "OverLimit"
}

/// How long to wait before retry number `attempt`: three at once, two after a second, ten backing off to twenty seconds, then every
/// twenty seconds, 100,015 in all.
fn delay(attempt: u32) -> Option<Duration> {
    match attempt {
        0..3 => Some(Duration::ZERO),
        3..5 => Some(Duration::from_secs(1)),
        // The tenth is the longest: 20^(1/9) a step.
        5..15 => Some(Duration::from_secs_f64(20_f64.powf(f64::from(attempt - 5) / 9.0))),
        15..100_015 => Some(Duration::from_secs(20)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schedule_is_that_of_sns() {
        let delays: Vec<u64> =
            (0..18).filter_map(delay).map(|delay| u64::try_from(delay.as_millis()).unwrap()).collect();
        assert_eq!(delays[..6], [0, 0, 0, 1000, 1000, 1000]);
        assert!(delays[5..15].is_sorted());
        assert_eq!(delays[14..], [20_000; 4]);
        assert_eq!(delay(100_014), Some(Duration::from_secs(20)));
        assert_eq!(delay(100_015), None);
        let days = (0..100_015).filter_map(delay).sum::<Duration>().as_secs() / 86_400;
        assert_eq!(days, 23);
    }
}
