//! Listens to what happens in the sandbox, and whether it is still there.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Local};
use tokio::sync::mpsc::UnboundedSender;

use super::Gone;
use crate::cloud::Reach;
use crate::sandbox::{Activity, Happening};
use crate::tui::message::{CloudNews, Message, Seen};

/// The screen shows no more than so many pictures a second of what happens.
const PAUSE: Duration = Duration::from_millis(50);
/// Activities in one message.
const MOST: usize = 4096;

/// Tells what happens, many activities at a time when much does.
pub(super) async fn watch(reach: Arc<Reach>, messages: UnboundedSender<Message>, gone: UnboundedSender<Gone>) {
    if let Ok(speed) = reach.speed().await {
        let _ = messages.send(Message::Cloud(CloudNews::Speed(speed)));
    }
    let Ok(mut activities) = reach.feed().await else {
        let _ = gone.send(Gone::Ended);
        return;
    };
    let mut batch = Vec::new();
    while activities.recv_many(&mut batch, MOST).await > 0 {
        let noted = batch.iter().any(|activity| matches!(activity.happening, Happening::Note(_)));
        let seen: Vec<Seen> = batch.drain(..).filter(is_told).map(seen).collect();
        if seen.is_empty() {
            continue;
        }
        let _ = messages.send(Message::Activity(seen));
        // Another program may have changed it; the feed says so in words alone.
        if noted && let Ok(speed) = reach.speed().await {
            let _ = messages.send(Message::Cloud(CloudNews::Speed(speed)));
        }
        tokio::time::sleep(PAUSE).await;
    }
    let _ = gone.send(Gone::Ended);
}

/// Loads Python ahead of the first ride, then waits for another program to ask for the end.
pub(super) async fn attend(reach: Arc<Reach>, messages: UnboundedSender<Message>, gone: UnboundedSender<Gone>) {
    let Reach::Own(sandbox) = &*reach else { return };
    let _ = messages.send(Message::Cloud(CloudNews::Python(sandbox.services().lambda.warm_up().await)));
    sandbox.stop_asked().await;
    let _ = gone.send(Gone::Asked);
}

/// Calls that went well are too many to be told; a denial is told by what it is.
fn is_told(activity: &Activity) -> bool {
    match &activity.happening {
        // A stack that is not there yet is asked for by the program itself.
        Happening::Called { operation, .. } if operation == "DescribeStacks" => false,
        Happening::Called { fault, .. } => fault
            .as_ref()
            .is_some_and(|(code, _)| !code.contains("AccessDenied") && !code.contains("AuthorizationError")),
        // An answer over HTTP says more about a function that ran for it.
        Happening::Invoked { synchronous, error, .. } => !synchronous || error.is_some(),
        _ => true,
    }
}

fn seen(activity: Activity) -> Seen {
    let time = DateTime::from_timestamp_millis(activity.millis).map(|time| time.with_timezone(&Local));
    let time = time.map_or_else(String::new, |time| time.format("%H:%M:%S").to_string());
    Seen { time, happening: activity.happening }
}
