//! Brings what happens to rides to the screen, many events at a time, from a cloud or from a recording, and writes it to a file on the way.
//!
//! Few batches are on their way at once: while the screen is busy, events wait in the feeds, and none is dropped.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use chrono::Local;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{Semaphore, oneshot};

use crate::ride::{Event, Feed, Happening, Time, line};
use crate::tui::app::Source;
use crate::tui::message::{Message, MonitorNews, Permit};

/// Events that wait in the channel before those who bring them do.
const WAITING: usize = 16_384;
/// Events in one batch.
const MOST: usize = 8192;
/// Batches that may be on their way to the screen.
const BATCHES: usize = 3;
/// After a batch, events are collected for so long: nobody sees more pictures a second.
const PAUSE: Duration = Duration::from_millis(12);
/// How often the screen is told what time it is when nothing happens.
const TICK: Duration = Duration::from_secs(1);

/// Moves events to the screen until it is dropped.
pub(super) struct Pump {
    /// Where feeds put events.
    pub(super) events: mpsc::Sender<Event>,
    orders: UnboundedSender<Order>,
    task: tokio::task::JoinHandle<()>,
}

enum Order {
    Record(Option<PathBuf>),
    /// Passed on behind the events that came before it.
    Tell(Message),
    Close(oneshot::Sender<()>),
}

impl Pump {
    /// A pump; `clock` tells the time by which its events are seen.
    pub(super) fn start(messages: UnboundedSender<Message>, clock: Clock, folder: PathBuf) -> Self {
        let (events, source) = mpsc::channel(WAITING);
        let (orders, received) = unbounded_channel();
        let pumping = Pumping { messages, clock, folder, recording: None, last: Default::default() };
        Self { events, orders, task: tokio::spawn(pumping.run(source, received)) }
    }

    /// Begins a recording, in this file or a new one, or ends the one that is made.
    pub(super) fn record(&self, file: Option<PathBuf>) {
        let _ = self.orders.send(Order::Record(file));
    }

    /// Plays a recording, `speed` times as fast as it was made, on a thread of its own: reading may block.
    pub(super) fn replay(&self, path: PathBuf, speed: f64) {
        let (events, orders) = (self.events.clone(), self.orders.clone());
        let runtime = tokio::runtime::Handle::current();
        std::thread::spawn(move || {
            let file = path.display().to_string();
            let tell = |message| _ = orders.send(Order::Tell(message));
            let source =
                |ended| Message::Monitor(MonitorNews::Source(Source::Replay { file: file.clone(), speed, ended }));
            tell(source(false));
            if let Err(words) = play(&path, speed, &events) {
                tell(Message::Failed(format!("{file}: {words}.")));
            }
            // It has ended when all of it was taken: there is room for as many events as ever.
            let room = events.reserve_many(events.max_capacity());
            drop(runtime.block_on(room));
            tell(source(true));
        });
    }

    /// Takes in what still waits, ends the recording, and stops.
    pub(super) async fn close(self) {
        let (done, closed) = oneshot::channel();
        let _ = self.orders.send(Order::Close(done));
        drop(self.events);
        let _ = tokio::time::timeout(TICK, closed).await;
        self.task.abort();
    }
}

/// What time it is by the events of a source.
pub(super) enum Clock {
    /// As it is here.
    Wall,
    /// As it was when they were recorded.
    Recorded,
}

/// This machine's time.
pub(super) fn now() -> Time {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Time(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

struct Recording {
    path: PathBuf,
    file: BufWriter<File>,
}

struct Pumping {
    messages: UnboundedSender<Message>,
    clock: Clock,
    folder: PathBuf,
    recording: Option<Recording>,
    /// The last word on what is deployed, and on each feed: a recording begins with them.
    last: Vec<Event>,
}

impl Pumping {
    async fn run(mut self, mut events: mpsc::Receiver<Event>, mut orders: UnboundedReceiver<Order>) {
        let places = Arc::new(Semaphore::new(BATCHES));
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut batch = Vec::new();
        loop {
            tokio::select! {
                // A recording that is begun holds all that comes after.
                biased;
                order = orders.recv() => match order {
                    Some(Order::Record(file)) => self.record(file),
                    Some(Order::Tell(message)) => _ = self.messages.send(message),
                    Some(Order::Close(done)) => {
                        while let Ok(event) = events.try_recv() {
                            batch.push(event);
                        }
                        if !batch.is_empty() {
                            self.take(std::mem::take(&mut batch), &places).await;
                        }
                        self.end_recording();
                        let _ = done.send(());
                        return;
                    }
                    None => break,
                },
                count = events.recv_many(&mut batch, MOST) => {
                    if count == 0 {
                        break;
                    }
                    self.take(std::mem::take(&mut batch), &places).await;
                    tokio::time::sleep(PAUSE).await;
                }
                _ = tick.tick() => {
                    // A recording's time goes on with its events alone.
                    if let Clock::Wall = self.clock
                        && self.messages.send(Message::Monitor(MonitorNews::Tick(now()))).is_err()
                    {
                        break;
                    }
                }
            }
        }
        self.end_recording();
    }

    async fn take(&mut self, events: Vec<Event>, places: &Arc<Semaphore>) {
        self.write(&events);
        for event in &events {
            self.remember(event);
        }
        let now = match self.clock {
            Clock::Wall => now(),
            Clock::Recorded => events.iter().map(|event| event.seen).max().unwrap_or_default(),
        };
        let permit = Permit(Arc::clone(places).acquire_owned().await.ok());
        let _ = self.messages.send(Message::Monitor(MonitorNews::Events(events, now, permit)));
    }

    fn remember(&mut self, event: &Event) {
        let feed = |event: &Event| match &event.happening {
            Happening::Health { feed, .. } => Some(*feed),
            Happening::Topology(_) => Some(Feed::Discovery),
            _ => None,
        };
        let is_topology = |event: &Event| matches!(event.happening, Happening::Topology(_));
        if feed(event).is_some() {
            self.last.retain(|known| feed(known) != feed(event) || is_topology(known) != is_topology(event));
            self.last.push(event.clone());
        }
    }

    fn record(&mut self, file: Option<PathBuf>) {
        if self.recording.is_some() && file.is_none() {
            self.end_recording();
            return;
        }
        self.end_recording();
        let named = || self.folder.join(format!("rides-{}.jsonl", Local::now().format("%Y%m%d-%H%M%S")));
        let path = file.unwrap_or_else(named);
        match File::create(&path) {
            Ok(created) => {
                self.recording = Some(Recording { path: path.clone(), file: BufWriter::new(created) });
                let first = self.last.clone();
                self.write(&first);
                self.tell_recording(Some(&path));
            }
            Err(error) => self.fail(&path, &error),
        }
    }

    fn write(&mut self, events: &[Event]) {
        let Some(recording) = &mut self.recording else { return };
        let written = events.iter().try_for_each(|event| writeln!(recording.file, "{}", line::write(event)));
        // What was seen is in the file, whatever becomes of the program.
        if let Err(error) = written.and_then(|()| recording.file.flush()) {
            let path = recording.path.clone();
            self.recording = None;
            self.fail(&path, &error);
            self.tell_recording(None);
        }
    }

    fn end_recording(&mut self) {
        if self.recording.take().is_some() {
            self.tell_recording(None);
        }
    }

    fn tell_recording(&self, path: Option<&Path>) {
        let path = path.map(|path| path.display().to_string());
        let _ = self.messages.send(Message::Monitor(MonitorNews::Recording(path)));
    }

    fn fail(&self, path: &Path, error: &std::io::Error) {
        let words = format!("The recording cannot be written to {}: {error}.", path.display());
        let _ = self.messages.send(Message::Failed(words));
    }
}

fn play(path: &Path, speed: f64, events: &mpsc::Sender<Event>) -> Result<(), String> {
    let file = File::open(path).map_err(|error| format!("it cannot be read: {error}"))?;
    let began = Instant::now();
    let mut first = None;
    for (number, text) in (1..).zip(BufReader::new(file).lines()) {
        let text = text.map_err(|error| format!("it cannot be read: {error}"))?;
        let Some(event) = line::read(&text, number).map_err(|error| error.to_string())? else { continue };
        let first = *first.get_or_insert(event.seen);
        let micros = u64::try_from(event.seen.since(first)).unwrap_or(0);
        #[expect(clippy::cast_precision_loss, reason = "recordings are shorter than centuries")]
        let due = Duration::try_from_secs_f64(micros as f64 / 1e6 / speed).unwrap_or(Duration::ZERO);
        std::thread::sleep(due.saturating_sub(began.elapsed()));
        if events.blocking_send(event).is_err() {
            return Ok(());
        }
    }
    Ok(())
}
