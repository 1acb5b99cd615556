//! A recording as it is played: at the pace at which it happened, or a multiple of it.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::super::session::say;
use super::Next;
use crate::ride::{Event, Time, line};

/// Events that are read ahead.
const AHEAD: usize = 1024;
/// In a gap the time is told this often.
const BEAT: Duration = Duration::from_millis(100);
/// Longest line that is read: the longest message and its envelope, escaped, and then some.
const LONGEST: u64 = 16 << 20;

/// A recording that is being played.
pub(super) struct Replay {
    lines: mpsc::Receiver<anyhow::Result<Event>>,
    speed: f64,
    /// When the first event was played, and when it was seen.
    began: Option<(Instant, Time)>,
    waiting: Option<Box<Event>>,
}

impl Replay {
    /// Opens a recording; `-` is standard input. Speed is a multiple of the original one, or infinite.
    ///
    /// # Errors
    /// The file cannot be opened.
    pub(super) fn open(path: &Path, speed: f64) -> anyhow::Result<Self> {
        let name = if path == Path::new("-") { "standard input".to_owned() } else { path.display().to_string() };
        let reader: Box<dyn Read + Send> = if path == Path::new("-") {
            Box::new(io::stdin())
        } else {
            if path.is_dir() {
                bail!("cannot replay {name}: it is a folder. `rydes monitor --record FILE` makes a recording.");
            }
            let file = File::open(path)
                .with_context(|| format!("cannot replay {name}. `rydes monitor --record FILE` makes a recording"))?;
            Box::new(file)
        };
        let (sender, lines) = mpsc::channel(AHEAD);
        std::thread::spawn(move || {
            if let Err(error) = read(BufReader::with_capacity(1 << 16, reader), &name, &sender) {
                let _ = sender.blocking_send(Err(error));
            }
        });
        Ok(Self { lines, speed, began: None, waiting: None })
    }

    /// What comes next, when it is due; none at the end.
    pub(super) async fn next(&mut self) -> Option<anyhow::Result<Next>> {
        let event = match self.waiting.take() {
            Some(event) => event,
            None => match self.lines.recv().await? {
                Ok(event) => Box::new(event),
                Err(error) => return Some(Err(error)),
            },
        };
        if self.speed.is_infinite() {
            return Some(Ok(Next::Event(event)));
        }
        let (began, first) = *self.began.get_or_insert_with(|| (Instant::now(), event.seen));
        let due = due(began, first, event.seen, self.speed);
        // The event stays here while it is waited for: whoever waits may turn to something else.
        let seen = self.waiting.insert(event).seen;
        let beat = Instant::now() + BEAT;
        if due > beat {
            tokio::time::sleep_until(beat).await;
            let micros = beat.duration_since(began).as_secs_f64() * self.speed * 1e6;
            #[expect(clippy::cast_possible_truncation, reason = "a replay is shorter than 290,000 years")]
            let now = Time(first.0.saturating_add(micros as i64).min(seen.0));
            return Some(Ok(Next::Time(now)));
        }
        tokio::time::sleep_until(due).await;
        self.waiting.take().map(|event| Ok(Next::Event(event)))
    }
}

/// When an event is due. Events that were seen out of order are due at once.
fn due(began: Instant, first: Time, seen: Time, speed: f64) -> Instant {
    #[expect(clippy::cast_precision_loss, reason = "microseconds of a recording")]
    let seconds = seen.since(first).max(0) as f64 / 1e6 / speed;
    // A gap of more than a year in a recording is a mistake in it, and is waited for as well.
    let wait = Duration::try_from_secs_f64(seconds.min(3e7)).unwrap_or_default();
    began.checked_add(wait).unwrap_or(began)
}

/// Reads all lines. A last line without its end is what a killed run leaves: it is passed over.
fn read(mut reader: impl BufRead, name: &str, events: &mpsc::Sender<anyhow::Result<Event>>) -> anyhow::Result<()> {
    let mut bytes = Vec::new();
    for number in 1.. {
        bytes.clear();
        let length = reader
            .by_ref()
            .take(LONGEST)
            .read_until(b'\n', &mut bytes)
            .with_context(|| format!("cannot read {name}"))?;
        if length == 0 {
            break;
        }
        let is_whole = bytes.last() == Some(&b'\n');
        if !is_whole && length as u64 == LONGEST {
            bail!("cannot replay {name}: line {number} is longer than {} MiB", LONGEST >> 20);
        }
        let text = String::from_utf8_lossy(&bytes);
        match line::read(&text, number) {
            Ok(Some(event)) => {
                if events.blocking_send(Ok(event)).is_err() {
                    break;
                }
            }
            Ok(None) => {}
            Err(line::LineError::Broken { .. }) if !is_whole && number > 1 => {
                say(&format!("The last line of {name} is cut off, as a killed run leaves it; it is passed over."));
            }
            Err(error) => return Err(error).with_context(|| format!("cannot replay {name}")),
        }
    }
    Ok(())
}
