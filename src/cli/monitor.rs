//! `rydes monitor`: rides as they travel, as lines or on the screen; live, or from a recording.

mod live;
mod output;
mod record;
mod replay;
mod words;

use std::fs::File;
use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Context;

use self::live::Live;
use self::output::Output;
use self::record::Recorder;
use self::replay::Replay;
use super::reach;
use super::session::{open_module, say};
use super::signals::Signals;
use super::{FINDINGS, ask};
use crate::ride::{Book, Event, Happening, Limits, Mark, State, Time, line};
use crate::settings::Settings;
use crate::tui;

#[derive(clap::Args, Debug)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    /// How to print [default: the screen on a terminal, else for people]
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Print rides that ended, a line each, in place of each event (what people read is rides in any case)
    #[arg(long)]
    rides: bool,
    /// Write what happens to a file, to be replayed
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Play a recording, without a cloud; `-` reads it from standard input
    #[arg(long, value_name = "FILE")]
    replay: Option<PathBuf>,
    /// How many times as fast as it happened a recording is played; `max` (or 0) as fast as it can be read
    #[arg(long, value_name = "N", requires = "replay", default_value = "1", value_parser = speed)]
    speed: f64,
    /// End after this long: 30s, 5m, 500ms
    #[arg(long = "for", value_name = "TIME", value_parser = duration)]
    time: Option<Duration>,
    /// End when so many rides ended: recorded, failed or lost
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    until_rides: Option<u64>,
    /// Hide account ids, ARNs and addresses on the screen, as for a projector
    #[arg(long)]
    mask: bool,
    /// How long after its answer a ride without a record is lost
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = duration)]
    lost_after: Duration,
}

const AFTER_HELP: &str = "\
Lines of `--format jsonl` are what `--record` writes: an event each, with the version of the format as \"v\". With `--rides` they are rides that ended, \
and a summary as the last one; a ride that was lost and is recorded after all is told twice.

Exit codes: 0 the end that was asked for, or Ctrl-C, or the end of the recording; with `--until-rides`: so many rides ended, all of them recorded. \
1 with `--until-rides`: the time or the recording was over first, or a ride failed or was lost. 2 could not run.";

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// A line a ride, for people
    Human,
    /// A JSON object a line
    Jsonl,
}

/// Infinity is as fast as possible.
fn speed(text: &str) -> Result<f64, String> {
    if matches!(text, "max" | "0") {
        return Ok(f64::INFINITY);
    }
    let speed = text.parse::<f64>().ok().filter(|speed| (0.001..=1e6).contains(speed));
    speed.ok_or_else(|| "a number from 0.001 to 1000000, or `max`".to_owned())
}

fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let seconds = match unit {
        "ms" => 0.001,
        "s" | "" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        _ => 0.0,
    };
    let number =
        number.parse::<f64>().ok().map(|number| number * seconds).filter(|number| (0.001..=1e8).contains(number));
    number.map(Duration::from_secs_f64).ok_or_else(|| "a time such as 500ms, 30s, 5m or 1h".to_owned())
}

/// What comes next.
enum Next {
    /// Something was seen.
    Event(Box<Event>),
    /// Nothing was, up to now.
    Time(Time),
}

/// Where events come from.
enum Source {
    /// The feeds of a cloud.
    Cloud(Box<Live>),
    /// A recording.
    Recording(Replay),
}

impl Source {
    async fn next(&mut self) -> Option<anyhow::Result<Next>> {
        match self {
            Self::Cloud(live) => live.next().await.map(Ok),
            Self::Recording(replay) => replay.next().await,
        }
    }

    async fn close(self) -> anyhow::Result<()> {
        match self {
            Self::Cloud(live) => live.close().await,
            Self::Recording(_) => Ok(()),
        }
    }
}

/// Why it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// All rides that were waited for ended.
    Rides,
    /// The time is over.
    Over,
    /// There is no more.
    Source,
    /// It was told to.
    Signal,
    /// Nobody reads what it prints.
    Reader,
}

pub(super) fn run(settings: &Settings, arguments: &Arguments) -> anyhow::Result<u8> {
    if on_screen(settings, arguments) {
        return show(settings, arguments);
    }
    let recorder = match &arguments.record {
        Some(path) => {
            let question = format!("{} is there already. Overwrite it?", path.display());
            if path.exists() && !ask::confirm(settings, &question)? {
                return Ok(0);
            }
            Some(Recorder::create(path)?)
        }
        None => None,
    };
    let runtime = reach::runtime()?;
    let outcome = runtime.block_on(async {
        let signals = Signals::install()?;
        let mut source = match &arguments.replay {
            Some(path) => Source::Recording(Replay::open(path, arguments.speed)?),
            None => Source::Cloud(Box::new(Live::open(settings).await?)),
        };
        let outcome = Run::new(arguments, recorder).follow(&mut source, signals).await;
        // Whatever went wrong, what was created is removed.
        source.close().await?;
        outcome
    });
    // A reader of standard input may wait for ever.
    runtime.shutdown_background();
    outcome
}

/// Whether rides are watched on the screen: on a terminal, unless lines or an end were asked for.
fn on_screen(settings: &Settings, arguments: &Arguments) -> bool {
    let lines = arguments.format.is_some() || arguments.rides || settings.plain;
    let ends = arguments.time.is_some() || arguments.until_rides.is_some();
    let from_input = arguments.replay.as_ref().is_some_and(|path| path.as_os_str() == "-");
    !lines && !ends && !from_input && io::stdout().is_terminal() && io::stdin().is_terminal()
}

fn show(settings: &Settings, arguments: &Arguments) -> anyhow::Result<u8> {
    let mut settings = settings.clone();
    let module = open_module(&settings)?;
    settings.find_workspace(&module.services);
    let Arguments { replay, speed, record, mask, lost_after, .. } = arguments;
    if let Some(path) = record {
        let question = format!("{} is there already. Overwrite it?", path.display());
        if path.exists() && !ask::confirm(&settings, &question)? {
            return Ok(0);
        }
    }
    if let Some(path) = replay {
        File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    }
    let watch = tui::Watch {
        replay: replay.clone(),
        speed: *speed,
        record: record.clone(),
        mask: *mask,
        lost_after: *lost_after,
    };
    tui::monitor(module, &settings, watch)
}

/// One run of the monitor.
struct Run<'a> {
    arguments: &'a Arguments,
    book: Book,
    output: Output,
    recorder: Option<Recorder>,
    told: u64,
    ended: u64,
}

impl<'a> Run<'a> {
    fn new(arguments: &'a Arguments, recorder: Option<Recorder>) -> Self {
        let lost_after = i64::try_from(arguments.lost_after.as_micros()).unwrap_or(i64::MAX);
        let book = Book::new(Limits { lost_after, ..Limits::default() });
        Self { arguments, book, output: Output::start(), recorder, told: 0, ended: 0 }
    }

    fn format(&self) -> Format {
        self.arguments.format.unwrap_or(Format::Human)
    }

    async fn follow(mut self, source: &mut Source, mut signals: Signals) -> anyhow::Result<u8> {
        let deadline = self.arguments.time.map(|time| Instant::now() + time);
        let over = async move {
            match deadline {
                Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
                None => std::future::pending().await,
            }
        };
        let mut over = std::pin::pin!(over);
        let end = loop {
            let next = tokio::select! {
                // A signal goes before events, of which there may be many.
                biased;
                () = signals.end() => break End::Signal,
                () = &mut over => break End::Over,
                next = source.next() => next,
            };
            let told = match next.transpose()? {
                Some(Next::Event(event)) => tokio::select! {
                    told = self.take(*event) => told?,
                    () = signals.end() => break End::Signal,
                },
                Some(Next::Time(now)) => {
                    self.book.tick(now);
                    tokio::select! {
                        told = self.tell() => told,
                        () = signals.end() => break End::Signal,
                    }
                }
                None => break End::Source,
            };
            if !told {
                break End::Reader;
            }
            if self.arguments.until_rides.is_some_and(|rides| self.ended >= rides) {
                break End::Rides;
            }
        };
        self.conclude(end).await
    }

    /// Takes an event and prints what is to be printed; false if nobody reads.
    async fn take(&mut self, event: Event) -> anyhow::Result<bool> {
        if let Some(recorder) = &mut self.recorder {
            recorder.write(&event)?;
        }
        let is_line = self.format() == Format::Jsonl && !self.arguments.rides;
        if is_line && !self.output.print(line::write(&event)).await {
            return Ok(false);
        }
        let seen = event.seen;
        if self.format() == Format::Human {
            let refused = match &event.happening {
                Happening::Answered { error: Some(error), .. } => Some(words::refused(error, seen)),
                _ => None,
            };
            if let Some(words) = refused
                && !self.output.print(words).await
            {
                return Ok(false);
            }
        }
        if let Happening::Health { feed, health } = &event.happening {
            let known = self.book.health(*feed).map(|known| &known.state);
            if known != Some(&health.state) && !matches!(health.state, State::Starting) {
                say(&words::health(*feed, health));
            }
        }
        self.book.take(event);
        self.book.tick(seen);
        Ok(self.tell().await)
    }

    /// Prints rides that ended; false if nobody reads.
    async fn tell(&mut self) -> bool {
        let (next, rides) = self.book.finished(self.told);
        if next == self.told {
            return true;
        }
        let clocks = self.book.clocks();
        let mut lines = Vec::new();
        for ride in rides {
            self.ended += u64::from(!ride.has(Mark::Late));
            match self.format() {
                Format::Human => lines.push(words::ride(ride, clocks)),
                Format::Jsonl if self.arguments.rides => lines.push(ride.json(clocks).to_string()),
                Format::Jsonl => {}
            }
        }
        self.told = next;
        for line in lines {
            if !self.output.print(line).await {
                return false;
            }
        }
        true
    }

    async fn conclude(mut self, end: End) -> anyhow::Result<u8> {
        self.book.settle();
        let mut is_read = end != End::Reader && self.tell().await;
        if is_read {
            let (stats, counts) = (self.book.stats(), self.book.counts());
            match self.format() {
                Format::Human => is_read = self.output.print(words::summary(&stats, counts)).await,
                Format::Jsonl if self.arguments.rides => {
                    is_read = self.output.print(stats.json(counts).to_string()).await
                }
                Format::Jsonl => {}
            }
        }
        if let Some(recorder) = self.recorder.take() {
            say(&recorder.finish()?);
        }
        let code = if is_read { self.code(end) } else { 0 };
        self.output.end();
        Ok(code)
    }

    fn code(&self, end: End) -> u8 {
        let Some(rides) = self.arguments.until_rides else { return 0 };
        let counts = self.book.counts();
        let all_well = counts.of(Mark::Failed) + counts.of(Mark::Lost) == 0;
        match end {
            End::Signal | End::Reader => 0,
            _ if self.ended >= rides && all_well => 0,
            _ => FINDINGS,
        }
    }
}
