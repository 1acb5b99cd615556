//! Lines to standard output, flushed one by one, on a thread of its own: a reader who stopped reading keeps nothing from ending.

use std::io::Write;
use std::thread;
use std::time::Duration;

use tokio::sync::mpsc;

/// Lines that wait for a slow reader.
const WAITING: usize = 1024;
/// How long a reader may take for the last lines.
const LAST_LINES: Duration = Duration::from_secs(2);

/// Where lines go.
pub(super) struct Output {
    lines: mpsc::Sender<String>,
    printed: std::sync::mpsc::Receiver<()>,
}

impl Output {
    /// Starts to print.
    pub(super) fn start() -> Self {
        let (lines, mut waiting) = mpsc::channel::<String>(WAITING);
        let (done, printed) = std::sync::mpsc::channel();
        thread::spawn(move || {
            let _done = done;
            while let Some(line) = waiting.blocking_recv() {
                let mut out = anstream::stdout().lock();
                if writeln!(out, "{line}").and_then(|()| out.flush()).is_err() {
                    return;
                }
            }
        });
        Self { lines, printed }
    }

    /// Prints a line once there is room for it; false if nobody reads any more.
    pub(super) async fn print(&self, line: String) -> bool {
        self.lines.send(line).await.is_ok()
    }

    /// Waits until the lines are printed, but not for a reader who stopped reading.
    pub(super) fn end(self) {
        drop(self.lines);
        let _ = self.printed.recv_timeout(LAST_LINES);
    }
}
