//! Requests rides from what is deployed in the sandbox.

use std::sync::Arc;

use chrono::Local;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use super::Setup;
use crate::cloud::{Reach, Requests, Summary, request_rides, ride_url, stage};
use crate::tui::message::Message;

/// Rides of a burst that are on their way at once.
const AT_ONCE: usize = 4;

/// Requests `count` rides, telling what came of each and of all.
pub(super) async fn ride(reach: Arc<Reach>, setup: Setup, count: u64, messages: UnboundedSender<Message>) {
    let done = request(&reach, &setup, count, &messages).await.map_err(|error| format!("{error:#}"));
    let _ = messages.send(Message::Rides(done.map(Box::new)));
}

async fn request(
    reach: &Reach,
    setup: &Setup,
    count: u64,
    messages: &UnboundedSender<Message>,
) -> anyhow::Result<Summary> {
    let url = ride_url(&reach.target(), &stage(setup.stage.as_deref())).await?;
    let requests = Requests { url, count, rate: None, concurrency: if count == 1 { 1 } else { AT_ONCE } };
    let (sender, mut outcomes) = unbounded_channel();
    let telling = async {
        while let Some(outcome) = outcomes.recv().await {
            let _ = messages.send(Message::Rode(Local::now().format("%H:%M:%S").to_string(), Box::new(outcome)));
        }
    };
    let (summary, ()) = tokio::join!(request_rides(&requests, sender), telling);
    summary
}
