//! Requests rides from what is deployed in the sandbox.

use chrono::Local;
use tokio::sync::mpsc::{Sender, UnboundedSender, unbounded_channel};

use super::Setup;
use super::monitoring::now;
use crate::cloud::{Requests, RideOutcome, Summary, Target, request_rides, ride_url, stage};
use crate::ride::{Event, Happening, RideId, Time};
use crate::tui::message::Message;

/// Rides of a burst that are on their way at once.
const AT_ONCE: usize = 4;

/// Whom it is told to.
pub(super) struct Telling {
    /// The monitor's screen.
    pub(super) events: Sender<Event>,
    /// Who looks answered rides up.
    pub(super) answered: UnboundedSender<RideId>,
    /// The screen.
    pub(super) messages: UnboundedSender<Message>,
}

/// Requests `count` rides, telling what came of each and of all; `first` were requested before in this run.
pub(super) async fn ride(target: Target, setup: Setup, first: u64, count: u64, telling: Telling) {
    let done = request(&target, &setup, first, count, &telling).await.map_err(|error| format!("{error:#}"));
    let _ = telling.messages.send(Message::Rides(done.map(Box::new)));
}

async fn request(target: &Target, setup: &Setup, first: u64, count: u64, tell: &Telling) -> anyhow::Result<Summary> {
    let url = ride_url(target, &stage(setup.stage.as_deref())).await?;
    let requests = Requests { url, count, rate: None, concurrency: if count == 1 { 1 } else { AT_ONCE } };
    let (sender, mut outcomes) = unbounded_channel();
    let telling = async {
        while let Some(outcome) = outcomes.recv().await {
            for event in happened(first, &outcome) {
                let _ = tell.events.send(event).await;
            }
            if let Some(ride) = outcome.ride_id() {
                let _ = tell.answered.send(RideId::new(ride));
            }
            let _ = tell.messages.send(Message::Rode(Local::now().format("%H:%M:%S").to_string(), Box::new(outcome)));
        }
    };
    let (summary, ()) = tokio::join!(request_rides(&requests, sender), telling);
    summary
}

/// A request and its answer, as the monitor takes them.
fn happened(first: u64, outcome: &RideOutcome) -> [Event; 2] {
    let (request, answered) = (first + outcome.index + 1, now());
    let latency = u64::try_from(outcome.latency.as_micros()).unwrap_or(u64::MAX);
    let requested = Time(answered.0.saturating_sub_unsigned(latency));
    let answer = Happening::Answered {
        request,
        status: outcome.status,
        body: outcome.ride.clone(),
        error: outcome.error.clone(),
        latency,
    };
    [(requested, Happening::Requested { request }), (answered, answer)].map(|(at, happening)| Event {
        seen: at,
        at: Some(at),
        happening,
    })
}
