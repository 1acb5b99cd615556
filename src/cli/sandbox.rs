//! `rydes sandbox`: the local cloud without the screen.

use std::io::Write;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, channel, sync_channel};
use std::thread;
use std::time::Duration;

use anyhow::Context;
use chrono::{DateTime, Local};
use serde_json::json;
use tokio::sync::broadcast::error::RecvError;

use super::Format;
use super::bars;
use super::session::{open_module, say};
use super::signals::Signals;
use crate::sandbox::{Activity, DEFAULT_REGION, Options, Sandbox};
use crate::settings::Settings;
use crate::workshop::store::Folder;

/// Lines that wait for a slow reader; more are counted and dropped.
const WAITING: usize = 4096;
/// How long a reader may take for the last lines.
const LAST_LINES: Duration = Duration::from_secs(1);

#[derive(clap::Args, Debug)]
pub(super) struct Arguments {
    /// Forget the state of earlier runs: tables, topics, logs, functions
    #[arg(long)]
    fresh: bool,
    /// The port on 127.0.0.1 [default: the last run's if it is free, else any]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    port: Option<u16>,
    /// How many times as fast as the wall's the sandbox's clock runs: 60 makes a minute of waiting a second
    #[arg(long, value_name = "N", default_value_t = 1.0, value_parser = speed)]
    speed: f64,
    /// How to print what happens; for programs, a JSON object a line, the first of which, `ready`, tells the endpoint
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

fn speed(text: &str) -> Result<f64, String> {
    let speed = text.parse::<f64>().ok().filter(|speed| (0.01..=100_000.0).contains(speed));
    speed.ok_or_else(|| "a number from 0.01 to 100000".to_owned())
}

pub(super) fn run(mut settings: Settings, arguments: &Arguments) -> anyhow::Result<u8> {
    if !settings.workspace_named {
        let module = open_module(&settings)?;
        settings.find_workspace(&module.services);
    }
    let folder =
        Folder::open(&settings.workspace).context("`rydes init` lays out a workshop; `--workspace DIR` names one")?;
    let options =
        Options { port: arguments.port, fresh: arguments.fresh, speed: arguments.speed, ..Options::of(folder.root()) };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let outcome = runtime.block_on(async {
        let signals = Signals::install()?;
        let sandbox = Sandbox::start(options).await?;
        serve(sandbox, signals, arguments.format).await
    });
    runtime.shutdown_background();
    outcome
}

async fn serve(sandbox: Sandbox, mut signals: Signals, format: Format) -> anyhow::Result<u8> {
    sandbox.troubles().iter().for_each(|trouble| say(&format!("rydes: {trouble}.")));
    let mut feed = sandbox.account().feed.listen();
    let (lines, printed) = start_printing();
    match format {
        Format::Human => {
            say(&format!("The sandbox is ready: {} (region {DEFAULT_REGION}). Ctrl-C ends it.", sandbox.endpoint()))
        }
        Format::Json => {
            let ready = json!({"endpoint": sandbox.endpoint(), "region": DEFAULT_REGION, "pid": std::process::id()});
            let _ = lines.try_send(json!({ "ready": ready }).to_string());
        }
    }
    let mut dropped = 0;
    loop {
        let line = tokio::select! {
            activity = feed.recv() => match activity {
                Ok(activity) => in_line(&activity, format)?,
                Err(RecvError::Lagged(lost)) => {
                    dropped += lost;
                    continue;
                }
                Err(RecvError::Closed) => break,
            },
            () = signals.end() => break,
            () = sandbox.stop_asked() => break,
        };
        match lines.try_send(line) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => dropped += 1,
            // Whoever read has read enough.
            Err(TrySendError::Disconnected(_)) => break,
        }
    }
    sandbox.stop().await?;
    drop(lines);
    let _ = printed.recv_timeout(LAST_LINES);
    if dropped > 0 {
        say(&format!("{dropped} lines were not printed: they came faster than they were read."));
    }
    Ok(0)
}

fn in_line(activity: &Activity, format: Format) -> anyhow::Result<String> {
    match format {
        Format::Json => Ok(serde_json::to_string(activity)?),
        Format::Human => {
            let time = DateTime::from_timestamp_millis(activity.millis).unwrap_or_default().with_timezone(&Local);
            Ok(format!("{} {}", time.format("%H:%M:%S%.3f"), activity.happening).replace(['\n', '\r'], " "))
        }
    }
}

/// Prints on a thread of its own, so that a reader who stopped reading cannot keep the sandbox from ending. The receiver closes when
/// all is printed.
fn start_printing() -> (SyncSender<String>, Receiver<()>) {
    let (lines, waiting) = sync_channel::<String>(WAITING);
    let (done, printed) = channel();
    thread::spawn(move || {
        let _done = done;
        for line in waiting {
            if bars::aside(|| writeln!(anstream::stdout().lock(), "{line}")).is_err() {
                return;
            }
        }
    });
    (lines, printed)
}
