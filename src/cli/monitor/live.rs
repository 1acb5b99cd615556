//! What happens now, as the feeds of the monitor tell it.

use std::io::IsTerminal;
use std::time::Duration;

use chrono::Utc;
use tokio::sync::mpsc;
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::super::session::{open_module, say};
use super::super::{ask, reach};
use super::Next;
use crate::cloud::{Connection, Monitor, MonitorOptions, Reach, stage};
use crate::ride::{Event, Time};
use crate::settings::{Settings, TargetKind};

/// Events that wait before the feeds do.
const WAITING: usize = 4096;
/// The time is told this often, so that rides become lost though nothing happens.
const BEAT: Duration = Duration::from_millis(250);

/// The feeds of a cloud.
pub(super) struct Live {
    events: mpsc::Receiver<Event>,
    monitor: Monitor,
    reach: Option<Reach>,
    beat: Interval,
}

impl Live {
    /// Starts to listen; asks first where that creates something in an account.
    ///
    /// # Errors
    /// There is no sandbox and none can be started, or AWS cannot be used at all.
    pub(super) async fn open(settings: &Settings) -> anyhow::Result<Self> {
        let mut settings = settings.clone();
        if !settings.workspace_named && settings.target.kind == TargetKind::Sandbox {
            let module = open_module(&settings)?;
            settings.find_workspace(&module.services);
        }
        let creates = may_create(&settings)?;
        let (target, reach) = reach::target(&settings).await?;
        match Self::listen(&settings, &target, reach.as_ref(), creates).await {
            Ok((events, monitor)) => {
                let mut beat = interval(BEAT);
                beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
                Ok(Self { events, monitor, reach, beat })
            }
            Err(error) => {
                if let Some(reach) = reach {
                    reach.close().await?;
                }
                Err(error)
            }
        }
    }

    async fn listen(
        settings: &Settings,
        target: &crate::cloud::Target,
        reach: Option<&Reach>,
        creates: bool,
    ) -> anyhow::Result<(mpsc::Receiver<Event>, Monitor)> {
        let connection = Connection::open(target).await?;
        let hints = match reach {
            Some(reach) => Some(reach.feed().await?),
            None => None,
        };
        let (sender, events) = mpsc::channel(WAITING);
        let options = MonitorOptions { stage: stage(settings.target.stage.as_deref()), creates, hints };
        let monitor = Monitor::start(&connection, options, &sender);
        Ok((events, monitor))
    }

    /// What comes next; none once no feed is left.
    pub(super) async fn next(&mut self) -> Option<Next> {
        tokio::select! {
            event = self.events.recv() => event.map(|event| Next::Event(Box::new(event))),
            _ = self.beat.tick() => Some(Next::Time(Time(Utc::now().timestamp_micros()))),
        }
    }

    /// Stops listening and removes what was created for it.
    ///
    /// # Errors
    /// The state of a sandbox of this run's own cannot be kept.
    pub(super) async fn close(self) -> anyhow::Result<()> {
        // A feed that waits for room must not wait for ever.
        drop(self.events);
        self.monitor.stop().await;
        if let Some(reach) = self.reach {
            reach.close().await?;
        }
        Ok(())
    }
}

/// The sandbox is the learner's to play with; in an account nothing is created unasked.
fn may_create(settings: &Settings) -> anyhow::Result<bool> {
    if settings.target.kind == TargetKind::Sandbox || settings.yes {
        return Ok(true);
    }
    if !std::io::stdin().is_terminal() {
        say("Without `--yes` nothing is created in your account, so the messages of the topic are not seen.");
        return Ok(false);
    }
    let question = "To see messages, a queue is created in your AWS account and subscribed to the topic while the monitor runs. Create it?";
    ask::confirm(settings, question)
}
