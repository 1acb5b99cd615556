//! Deploys on the sandbox, one service after the other, telling each step.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use super::Setup;
use crate::cloud::{Reach, Rides, shell_environment};
use crate::sandbox::{Order, Progress};
use crate::tui::message::{DeployStep, Message};

/// How often the elapsed time of a deploy is told that takes longer than this.
const TICK: Duration = Duration::from_millis(200);

/// Deploys `services`; the rest is left when one fails, for it may need what was not deployed.
/// In the end a look is asked for, with a ride.
pub(super) async fn deploy(
    reach: Arc<Reach>,
    setup: Setup,
    services: Vec<String>,
    messages: UnboundedSender<Message>,
    looks: UnboundedSender<Rides>,
) {
    let mut left = services.into_iter();
    for service in left.by_ref() {
        let order = Order {
            service: service.clone(),
            stage: setup.stage.clone(),
            region: setup.region.clone(),
            environment: shell_environment(),
            ..Order::default()
        };
        let failed = one(&reach, &order, &messages).await;
        let _ = messages.send(Message::Deployed(service));
        if failed {
            break;
        }
    }
    for service in left {
        let _ = messages.send(Message::Deploying(service, DeployStep::NotTried));
    }
    let _ = looks.send(Rides::OnceADeploy);
}

/// Deploys one service; true if it failed.
async fn one(reach: &Reach, order: &Order, messages: &UnboundedSender<Message>) -> bool {
    let (began, failed) = (Instant::now(), AtomicBool::new(false));
    let tell = |step: DeployStep| {
        let _ = messages.send(Message::Deploying(order.service.clone(), step));
    };
    let deploying = reach.deploy(order, |step| {
        failed.fetch_or(matches!(step, Progress::Failed { .. }), Ordering::Relaxed);
        tell(DeployStep::Progress(step));
    });
    let mut deploying = std::pin::pin!(deploying);
    let mut ticks = interval_at(began + TICK, TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let done = loop {
        tokio::select! {
            done = &mut deploying => break done,
            _ = ticks.tick() => tell(DeployStep::Elapsed(began.elapsed())),
        }
    };
    if let Err(error) = done {
        let (message, help) = (format!("{error:#}"), Some("Try again: the sandbox is started anew.".to_owned()));
        tell(DeployStep::Progress(Progress::Failed { message, help, place: None }));
        return true;
    }
    failed.load(Ordering::Relaxed)
}

/// Tells that nothing of it was deployed, for want of a sandbox.
pub(super) fn refuse(services: Vec<String>, messages: &UnboundedSender<Message>) {
    for service in services {
        let _ = messages.send(Message::Deploying(service, DeployStep::NotTried));
    }
}
