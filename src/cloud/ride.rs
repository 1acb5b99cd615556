//! Rides requested one after the other or at a rate, and what came of them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use hdrhistogram::{CreationError, Histogram};
use serde_json::{Value, json};
use tokio::sync::{Semaphore, mpsc};
use uuid::Uuid;

use super::http::{Http, HttpError};

/// API Gateway gives up after 29 seconds; a little more shows its own answer.
const PATIENCE: Duration = Duration::from_secs(32);

/// What to request.
#[derive(Clone, Debug)]
pub struct Requests {
    /// `…/ride`.
    pub url: String,
    /// How many.
    pub count: u64,
    /// Rides a second; as fast as answers come if none is named.
    pub rate: Option<f64>,
    /// How many may be on their way at once.
    pub concurrency: usize,
}

/// What came of one request.
#[derive(Clone, Debug, PartialEq)]
pub struct RideOutcome {
    /// Which request, from 0.
    pub index: u64,
    /// HTTP status; none if there was no answer.
    pub status: Option<u16>,
    /// The ride that was answered.
    pub ride: Option<Value>,
    /// What went wrong, in words that are the same for the same fault.
    pub error: Option<String>,
    /// Time from the request to the whole answer.
    pub latency: Duration,
}

impl RideOutcome {
    /// `RideId` of the answer.
    pub fn ride_id(&self) -> Option<&str> {
        self.ride.as_ref()?["RideId"].as_str()
    }
}

/// What came of all requests.
#[derive(Clone, Debug)]
pub struct Summary {
    /// Requests that were sent.
    pub sent: u64,
    /// Answered with 201 and a ride.
    pub answered: u64,
    /// How often each fault occurred.
    pub errors: BTreeMap<String, u64>,
    /// Latencies of answered rides, in microseconds.
    pub latencies: Histogram<u64>,
    /// From the first request to the last answer.
    pub elapsed: Duration,
}

impl Summary {
    fn new() -> Result<Self, CreationError> {
        // Three significant digits up to a minute.
        let latencies = Histogram::new_with_bounds(1, 60_000_000, 3)?;
        Ok(Self { sent: 0, answered: 0, errors: BTreeMap::new(), latencies, elapsed: Duration::ZERO })
    }

    /// Latency in milliseconds below which this share (0 to 1) of answered rides came; none without any.
    pub fn percentile(&self, share: f64) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "microseconds up to a minute fit exactly")]
        (!self.latencies.is_empty()).then(|| self.latencies.value_at_quantile(share) as f64 / 1000.0)
    }

    /// As JSON: milliseconds, counts and error classes.
    pub fn json(&self) -> Value {
        json!({
            "schema": 1, "sent": self.sent, "answered": self.answered, "errors": self.errors,
            "elapsed_ms": self.elapsed.as_secs_f64() * 1000.0,
            "latency_ms": {
                "p50": self.percentile(0.5), "p95": self.percentile(0.95), "p99": self.percentile(0.99),
                "max": self.percentile(1.0),
            },
        })
    }

    fn take(&mut self, outcome: &RideOutcome) {
        self.sent += 1;
        match &outcome.error {
            None => {
                self.answered += 1;
                self.latencies.saturating_record(u64::try_from(outcome.latency.as_micros()).unwrap_or(u64::MAX).max(1));
            }
            Some(error) => *self.errors.entry(error.clone()).or_default() += 1,
        }
    }
}

/// Requests rides and tells each outcome as it comes. Dropped, it stops: what is on its way is left alone.
///
/// # Errors
/// The client or the histogram cannot be made; nothing was sent.
pub async fn request_rides(
    requests: &Requests,
    outcomes: mpsc::UnboundedSender<RideOutcome>,
) -> anyhow::Result<Summary> {
    let http = Http::new()?;
    let mut summary = Summary::new()?;
    let began = Instant::now();
    let places = Arc::new(Semaphore::new(requests.concurrency.max(1)));
    let (sender, mut answers) = mpsc::unbounded_channel();
    let mut tasks = tokio::task::JoinSet::new();
    let mut sending = std::pin::pin!(async {
        for index in 0..requests.count {
            if let Some(rate) = requests.rate {
                #[expect(clippy::cast_precision_loss, reason = "counts of rides are far below 2^52")]
                let due = Duration::from_secs_f64(index as f64 / rate);
                tokio::time::sleep_until((began + due).into()).await;
            }
            let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
            let (http, url, sender) = (http.clone(), requests.url.clone(), sender.clone());
            tasks.spawn(async move {
                let outcome = request(&http, &url, index).await;
                drop(place);
                let _ = sender.send(outcome);
            });
        }
    });
    let mut is_sending = true;
    while summary.sent < requests.count {
        tokio::select! {
            () = &mut sending, if is_sending => is_sending = false,
            outcome = answers.recv() => {
                let Some(outcome) = outcome else { break };
                summary.take(&outcome);
                summary.elapsed = began.elapsed();
                // Whoever watches may have left.
                let _ = outcomes.send(outcome);
            }
        }
    }
    Ok(summary)
}

async fn request(http: &Http, url: &str, index: u64) -> RideOutcome {
    let began = Instant::now();
    let answer = http.post_json(url, Bytes::from(pickup().to_string()), PATIENCE).await;
    let latency = began.elapsed();
    let (status, ride, error) = match answer {
        Ok((201, body)) => match serde_json::from_slice::<Value>(&body) {
            Ok(ride) if ride["RideId"].is_string() => (Some(201), Some(ride), None),
            _ => (Some(201), None, Some("answered 201 without a ride".to_owned())),
        },
        Ok((status, body)) => {
            let answer: Value = serde_json::from_slice(&body).unwrap_or_default();
            let words = answer["message"].as_str().map(|message| format!(": {message}")).unwrap_or_default();
            (Some(status), None, Some(format!("answered {status}{words}")))
        }
        Err(HttpError::Connection(reason)) => (None, None, Some(format!("no connection: {reason}"))),
        Err(error) => (None, None, Some(error.to_string())),
    };
    RideOutcome { index, status, ride, error, latency }
}

/// Somewhere in Seattle, another place each time.
fn pickup() -> Value {
    let [a, b, c, d, ..] = *Uuid::new_v4().as_bytes();
    let share = |high: u8, low: u8| f64::from(u16::from_be_bytes([high, low])) / f64::from(u16::MAX);
    let round = |degrees: f64| (degrees * 1e6).round() / 1e6;
    json!({ "PickupLocation": {
        "Latitude": round(47.55 + 0.12 * share(a, b)), "Longitude": round(-122.40 + 0.12 * share(c, d)),
    } })
}
