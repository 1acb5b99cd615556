//! `rydes clean`: removes what monitors that were killed left in the account.

use std::io::Write;

use super::reach;
use super::session::{Session, say};
use super::{COULD_NOT_RUN, FINDINGS};
use crate::cloud::{Connection, Leftover, leftovers, remove};
use crate::settings::{Settings, TargetKind};

#[derive(clap::Args, Debug)]
pub(super) struct Arguments {
    /// Only tell, and exit with 1 if anything is left
    #[arg(long)]
    prove: bool,
    /// Also what monitors use that seem to be running
    #[arg(long)]
    all: bool,
    /// How to tell
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    #[default]
    Human,
    /// A line of JSON each
    Json,
}

pub(super) fn run(settings: Settings, arguments: &Arguments) -> anyhow::Result<u8> {
    let session = Session::open(settings)?;
    reach::runtime()?.block_on(async {
        let (target, reach) = reach::target(&session.settings).await?;
        let done = async {
            let connection = Connection::open(&target).await?;
            clean(&session.settings, &connection, arguments).await
        };
        let done = done.await;
        if let Some(reach) = reach {
            reach.close().await?;
        }
        done
    })
}

async fn clean(settings: &Settings, connection: &Connection, arguments: &Arguments) -> anyhow::Result<u8> {
    let found = leftovers(connection).await?;
    let (kept, left): (Vec<Leftover>, Vec<Leftover>) = found.into_iter().partition(|one| one.in_use && !arguments.all);
    let mut out = anstream::stdout();
    for one in left.iter().chain(&kept) {
        match arguments.format {
            Format::Json => writeln!(out, "{}", serde_json::to_string(one)?)?,
            Format::Human => writeln!(out, "{}", line(one))?,
        }
    }
    let place = match settings.target.kind {
        TargetKind::Sandbox => "the sandbox".to_owned(),
        TargetKind::Aws => format!("AWS ({})", connection.region()),
    };
    if left.is_empty() {
        let but = if kept.is_empty() { "" } else { " What is in use stays; `--all` removes that as well." };
        say(&format!("Nothing is left of killed monitors in {place}.{but}"));
        return Ok(0);
    }
    if arguments.prove {
        say(&format!("{} left in {place}. `rydes clean` removes it.", count(left.len())));
        return Ok(FINDINGS);
    }
    if !super::ask::confirm(settings, &format!("Remove {} from {place}?", count(left.len())))? {
        say("Nothing was removed.");
        return Ok(0);
    }
    let mut stay = 0;
    for one in &left {
        if let Err(error) = remove(connection, one).await {
            stay += 1;
            say(&format!("{} stays: {error}", one.queue));
        }
    }
    if stay < left.len() {
        say(&format!("Removed {}.", count(left.len() - stay)));
    }
    Ok(if stay == 0 { 0 } else { COULD_NOT_RUN })
}

fn count(number: usize) -> String {
    if number == 1 { "one queue".to_owned() } else { format!("{number} queues") }
}

fn line(one: &Leftover) -> String {
    let who = match (&one.owner, &one.host, one.pid) {
        (Some(owner), Some(host), Some(pid)) => format!("made by {owner} on {host} (process {pid})"),
        _ => "made by nobody knows whom".to_owned(),
    };
    let state = match one.in_use {
        true => "in use",
        false if one.url.is_none() => "only its subscription is left",
        false => "left behind",
    };
    let topic = one.topic.as_deref().unwrap_or("no topic that is known");
    let subscriptions = match one.subscriptions.len() {
        0 => "not subscribed".to_owned(),
        1 => "subscribed".to_owned(),
        many => format!("subscribed {many} times"),
    };
    format!("{}: {state}; {who}, for {topic}, {subscriptions}", one.queue)
}
