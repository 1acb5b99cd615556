//! The process that an instance lives in, however it was made.

use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// With this exit code.
    Exit(i32),
    /// By this signal.
    Signal(i32),
    /// Nobody knows.
    Lost,
}

impl Ended {
    /// From the status that `waitpid` gives.
    pub(super) fn from_wait_status(status: i64) -> Self {
        let part = |value: i64| i32::try_from(value & 0x7f).unwrap_or_default();
        match part(status) {
            0 => Self::Exit(i32::try_from((status >> 8) & 0xff).unwrap_or_default()),
            signal => Self::Signal(signal),
        }
    }

    /// In Lambda's words.
    pub(super) fn words(self) -> String {
        match self {
            Self::Exit(0) => "Runtime exited without providing a reason".to_owned(),
            Self::Exit(code) => format!("Runtime exited with error: exit status {code}"),
            Self::Signal(9) => "Runtime exited with error: signal: killed".to_owned(),
            Self::Signal(11) => "Runtime exited with error: signal: segmentation fault".to_owned(),
            Self::Signal(6) => "Runtime exited with error: signal: aborted".to_owned(),
            Self::Signal(15) => "Runtime exited with error: signal: terminated".to_owned(),
            Self::Signal(signal) => format!("Runtime exited with error: signal: {signal}"),
            Self::Lost => "Runtime exited".to_owned(),
        }
    }
}

/// A process that an instance lives in. It ends when this is dropped.
pub(super) struct Worker {
    /// Frames from it.
    pub(super) reader: Box<dyn AsyncRead + Send + Sync + Unpin>,
    /// Frames to it.
    pub(super) writer: Box<dyn AsyncWrite + Send + Sync + Unpin>,
    /// What it prints and logs; taken by whoever collects it.
    pub(super) output: Option<Box<dyn AsyncRead + Send + Sync + Unpin>>,
    /// How it ended, once it has.
    pub(super) ended: watch::Receiver<Option<Ended>>,
    /// Ends it and whatever it started.
    pub(super) end: Box<dyn Fn() + Send + Sync>,
}

impl Worker {
    /// Whether it ended.
    pub(super) fn has_ended(&self) -> bool {
        // Nobody is left to tell: the process above it is gone, and so is this one.
        self.ended.borrow().is_some() || self.ended.has_changed().is_err()
    }

    /// Waits for its end.
    pub(super) async fn ending(&mut self) -> Ended {
        match self.ended.wait_for(Option::is_some).await {
            Ok(ended) => ended.unwrap_or(Ended::Lost),
            Err(_) => Ended::Lost,
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        (self.end)();
    }
}

/// What an instance needs to begin: read by `assets/lambda/instance.py`.
pub(super) type Order = Value;

#[cfg(test)]
mod tests {
    use super::Ended;

    #[test]
    fn ends_are_told_in_lambdas_words() {
        for (status, ended, words) in [
            (0, Ended::Exit(0), "Runtime exited without providing a reason"),
            (3 << 8, Ended::Exit(3), "Runtime exited with error: exit status 3"),
            (9, Ended::Signal(9), "Runtime exited with error: signal: killed"),
            (11 | 0x80, Ended::Signal(11), "Runtime exited with error: signal: segmentation fault"),
        ] {
            assert_eq!(Ended::from_wait_status(status), ended);
            assert_eq!(ended.words(), words);
        }
    }
}
