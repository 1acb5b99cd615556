//! The topic's feed: a queue of our own that is subscribed to it for as long as the monitor runs.

mod envelope;
mod queue;

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_sqs::types::Message;

use self::envelope::read;
use self::queue::Queue;
use super::super::fault::Fault;
use super::Context;
use super::pace::Backoff;
use crate::ride::{State, Topic, Topology};

/// Runs until the end is asked for; `creates` says whether a queue may be made.
pub(super) async fn run(mut context: Context, creates: bool) {
    let mut backoff = Backoff::new(Duration::from_millis(500), Duration::from_secs(30));
    let mut last: Option<String> = None;
    loop {
        let topology = Arc::clone(&context.topology.borrow_and_update());
        let Some(topic) = topology.topic.clone() else {
            let state = waiting(&topology, last.as_deref());
            context.tell.state(state).await;
            if !changed(&mut context).await {
                return;
            }
            continue;
        };
        if !creates {
            context.tell.state(State::Off { reason: without_queue(&topic) }).await;
            if !changed(&mut context).await {
                return;
            }
            continue;
        }
        last = Some(topic.arn.clone());
        let fault = match listen(&mut context, &topic, &mut backoff).await {
            Ended::Asked => return,
            Ended::TopicChanged => continue,
            Ended::Fault(fault) => fault,
        };
        let pause = backoff.next();
        context.tell.fault(fault, pause).await;
        tokio::select! {
            go_on = context.stop.sleep(pause) => if !go_on { return },
            // Another topic is news worth trying at once; the end of the lookups is the end of all.
            _ = context.topology.changed() => {}
        }
    }
}

/// Waits for news of what is deployed; says whether to go on.
async fn changed(context: &mut Context) -> bool {
    tokio::select! {
        changed = context.topology.changed() => changed.is_ok(),
        () = context.stop.asked() => false,
    }
}

fn waiting(topology: &Topology, last: Option<&str>) -> State {
    if topology.region.is_empty() {
        return State::Starting;
    }
    match last {
        Some(arn) => State::Gone { reason: format!("the topic {arn} was removed; the next one is listened to") },
        None => State::Waiting { for_what: "the topic of wild-rydes, which task 2.1 adds".to_owned() },
    }
}

/// What can be said of a topic without listening to it.
fn without_queue(topic: &Topic) -> String {
    let confirmed = topic.subscriptions.iter().filter(|one| one.confirmed).count();
    format!(
        "messages are seen through a queue that is made for it, and nobody agreed to that; the topic has {confirmed} confirmed of {} subscriptions",
        topic.subscriptions.len()
    )
}

enum Ended {
    Asked,
    TopicChanged,
    Fault(Fault),
}

/// Makes a queue, tells what comes, and removes the queue, whatever happens.
async fn listen(context: &mut Context, topic: &Topic, backoff: &mut Backoff) -> Ended {
    context.tell.state(State::Starting).await;
    // Not given up halfway, for what is half made must be removed as well.
    let queue = match Queue::make(&context.connection, &topic.arn).await {
        Ok(queue) => queue,
        Err(fault) => return Ended::Fault(fault),
    };
    context.tell.note(Some(format!("by the queue {}", queue.name())));
    context.tell.live().await;
    let ended = poll(context, topic, &queue, backoff).await;
    context.tell.note(None);
    queue.remove().await;
    ended
}

async fn poll(context: &mut Context, topic: &Topic, queue: &Queue, backoff: &mut Backoff) -> Ended {
    let mut done: Vec<Message> = Vec::new();
    let mut care = tokio::time::interval(queue.care());
    care.reset();
    let mut troubled = false;
    loop {
        let (told, waits) = (std::mem::take(&mut done), !troubled);
        let turn = async {
            // What was told is deleted while more is waited for. After trouble the answer comes at once, to know that it is over.
            let (received, ()) = tokio::join!(queue.receive(waits), queue.delete(&told));
            received
        };
        tokio::pin!(turn);
        // Never given up for another: messages that are on their way would be hidden for half a minute.
        let received = loop {
            if context.topology.borrow().topic.as_ref().is_none_or(|now| now.arn != topic.arn) {
                return Ended::TopicChanged;
            }
            tokio::select! {
                received = &mut turn => break received,
                () = context.stop.asked() => return Ended::Asked,
                changed = context.topology.changed() => if changed.is_err() { return Ended::Asked },
                // Other trouble than that it is gone shows when messages are asked for.
                _ = care.tick() => if let Err(fault @ Fault::Gone { .. }) = queue.renew().await {
                    return Ended::Fault(fault);
                },
            }
        };
        let messages = match received {
            Ok(messages) => messages,
            // Somebody removed the queue: another one is made.
            Err(fault @ Fault::Gone { .. }) => return Ended::Fault(fault),
            // It keeps what comes in the meantime.
            Err(fault) => {
                troubled = true;
                let pause = backoff.next();
                context.tell.fault(fault, pause).await;
                if !context.stop.sleep(pause).await {
                    return Ended::Asked;
                }
                continue;
            }
        };
        troubled = false;
        backoff.reset();
        context.tell.live().await;
        for message in &messages {
            let (at, happening) = read(message, &topic.arn);
            context.tell.event(at, happening).await;
        }
        done = messages;
    }
}
