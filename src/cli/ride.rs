//! `rydes ride`: requests rides.

use std::io::{IsTerminal, Write};

use anyhow::{Context, bail};
use indicatif::ProgressBar;
use serde_json::json;
use tokio::sync::mpsc;

use super::session::{Session, say};
use super::{FINDINGS, Format, bars, reach};
use crate::cloud::{Requests, RideOutcome, Summary, request_rides, ride_url, stage};
use crate::settings::{Settings, TargetKind};

#[derive(clap::Args, Debug)]
pub(super) struct Arguments {
    /// How many rides
    #[arg(long, short = 'n', default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    count: u64,
    /// Rides a second [default: as fast as answers come]
    #[arg(long, value_parser = rate)]
    rate: Option<f64>,
    /// How many may be on their way at once
    #[arg(long, short = 'c', default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=256))]
    concurrency: u16,
    /// Where rides are requested [default: what the stack of wild-rydes says]
    #[arg(long)]
    url: Option<String>,
    /// How to tell; for programs, a line of JSON a ride and one of all at the end
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

fn rate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(rate) if rate.is_finite() && rate > 0.0 => Ok(rate),
        _ => Err("a number above 0, such as 5 or 0.5".to_owned()),
    }
}

pub(super) fn run(settings: Settings, arguments: &Arguments) -> anyhow::Result<u8> {
    let session = Session::open(settings)?;
    if arguments.count > 100 && session.settings.target.kind == TargetKind::Aws {
        let question = format!("Request {} rides in your AWS account? Each costs a little.", arguments.count);
        if !super::ask::confirm(&session.settings, &question)? {
            return Ok(0);
        }
    }
    reach::runtime()?.block_on(async {
        let (target, reach) = reach::target(&session.settings).await?;
        let done = ride(&session, arguments, &target).await;
        if let Some(reach) = reach {
            reach.close().await?;
        }
        done
    })
}

async fn ride(session: &Session, arguments: &Arguments, target: &crate::cloud::Target) -> anyhow::Result<u8> {
    let url = match &arguments.url {
        Some(url) => url.clone(),
        None => ride_url(target, &stage(session.settings.target.stage.as_deref())).await?,
    };
    let requests =
        Requests { url, count: arguments.count, rate: arguments.rate, concurrency: usize::from(arguments.concurrency) };
    let (sender, mut outcomes) = mpsc::unbounded_channel();
    let bar = bar(arguments);
    let telling = async {
        while let Some(outcome) = outcomes.recv().await {
            bar.inc(1);
            if arguments.format == Format::Json || arguments.count == 1 {
                print(arguments.format, &outcome)?;
            }
        }
        anyhow::Ok(())
    };
    let (summary, told) = tokio::select! {
        both = async { tokio::join!(request_rides(&requests, sender), telling) } => both,
        _ = tokio::signal::ctrl_c() => bail!("stopped; rides that were on their way may still be recorded"),
    };
    bar.finish_and_clear();
    told?;
    let summary = summary.context("no ride was requested")?;
    conclude(arguments, &summary)?;
    Ok(if summary.errors.is_empty() { 0 } else { FINDINGS })
}

fn bar(arguments: &Arguments) -> ProgressBar {
    if arguments.count == 1 || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    bars::bar(arguments.count, "{bar:40} {pos}/{len} rides, {per_sec}, {eta} left")
}

fn print(format: Format, outcome: &RideOutcome) -> anyhow::Result<()> {
    let mut out = anstream::stdout();
    let latency = outcome.latency.as_secs_f64() * 1000.0;
    match (format, &outcome.error, &outcome.ride) {
        (Format::Json, _, _) => {
            let line = json!({
                "schema": 1, "type": "ride", "index": outcome.index, "status": outcome.status, "ride": outcome.ride,
                "error": outcome.error, "latency_ms": latency,
            });
            writeln!(out, "{line}")?;
        }
        (_, None, Some(ride)) => {
            let unicorn = &ride["Unicorn"];
            let text = |name: &str| unicorn[name].as_str().unwrap_or("?").to_owned();
            writeln!(
                out,
                "\x1b[32m✓\x1b[0m {} is on its way: a {} unicorn. Ride {}, answered in {latency:.1} ms.",
                text("Name"),
                text("Color").to_lowercase(),
                outcome.ride_id().unwrap_or("?")
            )?;
        }
        (_, error, _) => {
            let error = error.as_deref().unwrap_or("no ride");
            writeln!(out, "\x1b[31m✗\x1b[0m No ride: {error} (after {latency:.1} ms).")?;
        }
    }
    out.flush()?;
    Ok(())
}

fn conclude(arguments: &Arguments, summary: &Summary) -> anyhow::Result<()> {
    let mut out = anstream::stdout();
    if arguments.format == Format::Json {
        let mut line = summary.json();
        line["type"] = json!("summary");
        writeln!(out, "{line}")?;
    } else if arguments.count > 1 {
        let seconds = summary.elapsed.as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "counts of rides are far below 2^52")]
        let rate = summary.answered as f64 / seconds.max(1e-9);
        writeln!(
            out,
            "{} of {} rides answered in {seconds:.2} s: {rate:.1} a second.",
            summary.answered, summary.sent
        )?;
        if let (Some(p50), Some(p95), Some(p99), Some(most)) =
            (summary.percentile(0.5), summary.percentile(0.95), summary.percentile(0.99), summary.percentile(1.0))
        {
            writeln!(out, "Latency: p50 {p50:.1} ms, p95 {p95:.1} ms, p99 {p99:.1} ms, slowest {most:.1} ms.")?;
        }
        for (error, count) in &summary.errors {
            writeln!(out, "\x1b[31m✗\x1b[0m {count} × {error}")?;
        }
    }
    if !summary.errors.is_empty() && arguments.format == Format::Human {
        say("Why? The logs of the functions tell: `rydes sandbox` prints them as they come.");
    }
    Ok(())
}
