//! Live tails: sessions of up to ten groups each, read side by side.

use std::time::Duration;

use aws_sdk_cloudwatchlogs::error::SdkError;
use aws_sdk_cloudwatchlogs::primitives::event_stream::EventReceiver;
use aws_sdk_cloudwatchlogs::types::error::StartLiveTailResponseStreamError;
use aws_sdk_cloudwatchlogs::types::{LiveTailSessionUpdate, StartLiveTailResponseStream};
use futures::StreamExt;
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use tokio::time::{Instant, timeout};

use super::super::super::fault::Fault;
use super::super::pace::Backoff;
use super::client::Logs;

/// Groups that a session may have.
const GROUPS: usize = 10;
/// A session ends after three hours: it is opened anew before.
const LONGEST: Duration = Duration::from_secs(3 * 60 * 60 - 5 * 60);
/// A session says something each second; one that has not for so long is dead.
const SILENCE: Duration = Duration::from_secs(20);
/// What is not allowed is tried again after this long.
const REFUSED: Duration = Duration::from_secs(600);
/// An account may have so many sessions, and others may end theirs.
const QUOTA: Duration = Duration::from_secs(60);

type Receiver = EventReceiver<StartLiveTailResponseStream, StartLiveTailResponseStreamError>;

/// What a tail says.
#[derive(Debug)]
pub(super) enum Heard {
    /// It listens to these groups from now on.
    Opened(Vec<String>),
    /// Lines, perhaps none.
    Update(LiveTailSessionUpdate),
    /// All are closed until they are opened again.
    Ended,
}

/// All tails.
pub(super) struct Tails {
    sessions: FuturesUnordered<BoxFuture<'static, (Session, Said)>>,
    /// Names and ARNs of what is to be tailed.
    groups: Vec<(String, String)>,
    /// When tails that ended are opened again.
    again: Option<Instant>,
    backoff: Backoff,
    /// Why there is no tail.
    pub(super) why: Option<Fault>,
}

/// A session, from before it is opened.
struct Session {
    logs: Logs,
    groups: Vec<(String, String)>,
    receiver: Option<Box<Receiver>>,
    opened: Instant,
}

enum Said {
    Opened,
    Update(LiveTailSessionUpdate),
    /// Its time is up, or it was closed from the other side without a word.
    Over,
    Refused(Fault),
}

impl Tails {
    pub(super) fn new() -> Self {
        Self {
            sessions: FuturesUnordered::new(),
            groups: Vec::new(),
            again: None,
            backoff: Backoff::new(Duration::from_millis(500), Duration::from_secs(60)),
            why: None,
        }
    }

    /// Tails these groups (names and ARNs) from now on; says whether the tails changed.
    pub(super) fn set(&mut self, logs: &Logs, groups: Vec<(String, String)>) -> bool {
        if groups == self.groups {
            return false;
        }
        self.groups = groups;
        // What the old ones would still have brought, the filter brings.
        self.sessions.clear();
        if self.again.is_none_or(|again| again <= Instant::now()) {
            self.open(logs);
        }
        true
    }

    /// When tails are to be opened again.
    pub(super) fn due(&self) -> Option<Instant> {
        self.again.filter(|_| !self.groups.is_empty())
    }

    /// Opens again what ended, if it is time.
    pub(super) fn turn(&mut self, logs: &Logs) {
        if self.due().is_some_and(|due| due <= Instant::now()) {
            self.open(logs);
        }
    }

    fn open(&mut self, logs: &Logs) {
        self.again = None;
        self.sessions.clear();
        for groups in self.groups.chunks(GROUPS) {
            let session =
                Session { logs: logs.clone(), groups: groups.to_vec(), receiver: None, opened: Instant::now() };
            self.sessions.push(Box::pin(session.next()));
        }
    }

    /// What a tail says next; never, if there is none.
    pub(super) async fn heard(&mut self) -> Heard {
        let Some((session, said)) = self.sessions.next().await else { return std::future::pending().await };
        let names = session.groups.iter().map(|(name, _)| name.clone()).collect();
        match said {
            Said::Opened => {
                self.why = None;
                self.sessions.push(Box::pin(session.next()));
                Heard::Opened(names)
            }
            Said::Update(update) => {
                self.backoff.reset();
                self.sessions.push(Box::pin(session.next()));
                Heard::Update(update)
            }
            Said::Over => {
                // The others of its kind are opened again with it.
                self.again = Some(
                    Instant::now()
                        + if session.opened.elapsed() > SILENCE { Duration::ZERO } else { self.backoff.next() },
                );
                self.sessions.clear();
                Heard::Ended
            }
            Said::Refused(fault) => {
                let pause = match fault {
                    Fault::Denied { .. } | Fault::Refused { .. } => REFUSED,
                    Fault::Quota { .. } => QUOTA,
                    // A group that went away: they are looked up anew.
                    _ => self.backoff.next(),
                };
                self.why = Some(fault);
                self.again = Some(Instant::now() + pause);
                self.sessions.clear();
                Heard::Ended
            }
        }
    }
}

impl Session {
    async fn next(mut self) -> (Self, Said) {
        let said = match &mut self.receiver {
            None => self.open().await,
            Some(receiver) => {
                let left = LONGEST.saturating_sub(self.opened.elapsed());
                match timeout(SILENCE.min(left), listen(receiver)).await {
                    Ok(said) => said,
                    Err(_) if left <= SILENCE => Said::Over,
                    Err(_) => Said::Refused(Fault::Down { reason: "the live tail fell silent".to_owned() }),
                }
            }
        };
        (self, said)
    }

    async fn open(&mut self) -> Said {
        let arns = self.groups.iter().map(|(_, arn)| arn.clone()).collect();
        match self.logs.client.start_live_tail().set_log_group_identifiers(Some(arns)).send().await {
            Ok(answer) => {
                self.opened = Instant::now();
                self.receiver = Some(Box::new(answer.response_stream));
                Said::Opened
            }
            Err(error) => Said::Refused(Fault::of("logs:StartLiveTail", &error)),
        }
    }
}

/// The next update of a session.
async fn listen(receiver: &mut Receiver) -> Said {
    loop {
        match receiver.recv().await {
            Ok(Some(StartLiveTailResponseStream::SessionUpdate(update))) => return Said::Update(update),
            Ok(Some(_)) => {}
            Ok(None) => return Said::Over,
            Err(SdkError::ServiceError(error)) if error.err().is_session_timeout_exception() => return Said::Over,
            Err(error) => return Said::Refused(Fault::of("logs:StartLiveTail", &error)),
        }
    }
}
