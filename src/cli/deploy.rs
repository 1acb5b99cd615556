//! `rydes deploy`: the folder of a service becomes a stack.

use std::io::Write;
use std::process::Command;

use anyhow::{Context, anyhow, bail};
use serde_json::json;

use super::session::{Session, say};
use super::{COULD_NOT_RUN, FINDINGS, Format, bars, reach};
use crate::cloud::{Reach, shell_environment};
use crate::sandbox::{Order, Outcome, Progress};
use crate::settings::{Settings, TargetKind};

#[derive(clap::Args, Debug)]
pub(super) struct Arguments {
    /// Folders of services; all services of the workshop without one, in the order in which they need each other
    services: Vec<String>,
    /// Print the CloudFormation template and deploy nothing
    #[arg(long)]
    plan: bool,
    /// Remove the stack of the service, and everything in it
    #[arg(long, conflicts_with = "plan", requires = "services")]
    remove: bool,
    /// How to tell; for programs, a line of JSON a step, or with `--plan` the template
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Deploys or removes one service, as `sls` would.
pub(super) fn one(settings: Settings, service: &str, remove: bool) -> anyhow::Result<u8> {
    let services = vec![service.to_owned()];
    run(settings, &Arguments { services, plan: false, remove, format: Format::Human })
}

pub(super) fn run(settings: Settings, arguments: &Arguments) -> anyhow::Result<u8> {
    let session = Session::open(settings)?;
    let services = chosen(&session, &arguments.services)?;
    if session.settings.target.kind == TargetKind::Aws {
        return on_aws(&session, &services, arguments);
    }
    reach::runtime()?.block_on(async {
        let reach = reach::open(&session.settings).await?;
        let done = in_sandbox(&session, &services, arguments, &reach).await;
        reach.close().await?;
        done
    })
}

/// The services that are named, or all that are there.
fn chosen(session: &Session, named: &[String]) -> anyhow::Result<Vec<String>> {
    let root = session.folder.root();
    let is_service =
        |name: &str| ["serverless.yml", "serverless.yaml"].iter().any(|file| root.join(name).join(file).is_file());
    let there: Vec<String> = session.module.services.iter().filter(|name| is_service(name)).cloned().collect();
    if named.is_empty() {
        if there.is_empty() {
            bail!("there is no service in {}. `rydes init` lays the starters out.", root.display());
        }
        return Ok(there);
    }
    let mut chosen = Vec::new();
    for name in named {
        let name = name.trim_end_matches('/').trim_start_matches("./");
        // A name without the common beginning is as clear: `fleet` is wild-rydes-ride-fleet.
        let found = there.iter().find(|service| *service == name).or_else(|| {
            let mut near = there.iter().filter(|service| service.ends_with(&format!("-{name}")));
            near.next().filter(|_| near.next().is_none())
        });
        match found {
            Some(service) => chosen.push(service.clone()),
            None if is_service(name) => chosen.push(name.to_owned()),
            None => bail!(
                "there is no service {name:?} in {}. There are: {}.",
                root.display(),
                if there.is_empty() { "none".to_owned() } else { there.join(", ") }
            ),
        }
    }
    Ok(chosen)
}

fn order(session: &Session, service: &str) -> Order {
    Order {
        service: service.to_owned(),
        stage: session.settings.target.stage.clone(),
        region: session.settings.target.region.clone(),
        environment: shell_environment(),
        ..Order::default()
    }
}

async fn in_sandbox(
    session: &Session,
    services: &[String],
    arguments: &Arguments,
    reach: &Reach,
) -> anyhow::Result<u8> {
    for service in services {
        let order = order(session, service);
        if arguments.plan {
            plan(reach, &order)?;
            continue;
        }
        let mut failed = false;
        let format = arguments.format;
        let tell = |step: Progress| {
            failed |= matches!(step, Progress::Failed { .. });
            // Whoever reads may have left; the deploy goes on.
            let _ = bars::aside(|| print(format, service, &step));
        };
        if arguments.remove {
            reach.remove(&order, tell).await?;
        } else {
            reach.deploy(&order, tell).await?;
        }
        if failed {
            return Ok(FINDINGS);
        }
    }
    Ok(0)
}

fn plan(reach: &Reach, order: &Order) -> anyhow::Result<()> {
    let template = match reach {
        Reach::Own(sandbox) => {
            let (compiled, _) = sandbox
                .deployer()
                .compile(order)
                .map_err(|error| explain(&error.message, &error.help, &error.place))?;
            compiled.template
        }
        Reach::Other(running) => {
            let (status, body) = running.ask("POST", "/rydes/plan", &serde_json::to_string(order)?)?;
            let answer: serde_json::Value = serde_json::from_str(&body).context("the sandbox answered no JSON")?;
            if status != 200 {
                let text = |name: &str| answer[name].as_str().map(str::to_owned);
                let message = text("error").unwrap_or_else(|| format!("the sandbox answered {status}"));
                return Err(explain(&message, &text("help"), &text("place")));
            }
            answer
        }
    };
    let mut out = std::io::stdout();
    writeln!(out, "{}", serde_json::to_string_pretty(&template)?)?;
    Ok(())
}

fn explain(message: &str, help: &Option<String>, place: &Option<String>) -> anyhow::Error {
    let place = place.as_ref().map(|place| format!("{place}: ")).unwrap_or_default();
    let help = help.as_ref().map(|help| format!("\n  {help}")).unwrap_or_default();
    anyhow!("{place}{message}{help}")
}

fn print(format: Format, service: &str, step: &Progress) -> anyhow::Result<()> {
    let mut out = anstream::stdout();
    if format == Format::Json {
        let mut line = json!({ "schema": 1, "service": service });
        if let (Some(line), serde_json::Value::Object(step)) = (line.as_object_mut(), serde_json::to_value(step)?) {
            line.extend(step);
        }
        writeln!(out, "{line}")?;
        out.flush()?;
        return Ok(());
    }
    match step {
        Progress::Started { stack, region } => {
            writeln!(out, "\x1b[1mDeploying {service}\x1b[0m to {stack} ({region}, sandbox)")?;
        }
        Progress::Resource { elapsed, status, kind, logical, reason } => {
            let color = match status.as_str() {
                status if status.ends_with("FAILED") || status.contains("ROLLBACK") => "\x1b[31m",
                status if status.ends_with("COMPLETE") => "\x1b[32m",
                _ => "\x1b[2m",
            };
            let reason = reason.as_ref().map(|reason| format!(" — {reason}")).unwrap_or_default();
            writeln!(out, "  {:>7.2} s  {color}{status:<20}\x1b[0m {kind:<32} {logical}{reason}", elapsed / 1000.0)?;
        }
        Progress::Remark { skipped, message, place } => {
            let place = place.as_ref().map(|place| format!("{place}: ")).unwrap_or_default();
            let word = if *skipped { "left out" } else { "note" };
            writeln!(out, "  \x1b[33m{word}\x1b[0m {place}{message}")?;
        }
        Progress::Done(outcome) => print_outcome(&mut out, outcome)?,
        Progress::Failed { message, help, place } => {
            out.flush()?;
            let place = place.as_ref().map(|place| format!("{place}: ")).unwrap_or_default();
            say(&format!("\x1b[31mNot deployed.\x1b[0m {place}{message}"));
            if let Some(help) = help {
                say(&format!("  {help}"));
            }
        }
    }
    out.flush()?;
    Ok(())
}

fn print_outcome(out: &mut impl Write, outcome: &Outcome) -> std::io::Result<()> {
    let Outcome { stack, created, updated, deleted, elapsed, .. } = outcome;
    if outcome.is_unchanged() {
        writeln!(out, "  {stack} is as the files say: nothing to do.")?;
    } else {
        writeln!(
            out,
            "  \x1b[32mDone\x1b[0m in {:.2} s: {created} created, {updated} updated, {deleted} removed.",
            elapsed / 1000.0
        )?;
    }
    for (method, url) in outcome.endpoints.iter().filter(|(method, _)| method != "OPTIONS") {
        writeln!(out, "  endpoint: {method} {url}")?;
    }
    if !outcome.functions.is_empty() {
        writeln!(out, "  functions: {}", outcome.functions.join(", "))?;
    }
    for (key, value) in &outcome.outputs {
        writeln!(out, "  {key}: {value}")?;
    }
    Ok(())
}

/// Runs the learner's own Serverless in the folder of each service.
fn on_aws(session: &Session, services: &[String], arguments: &Arguments) -> anyhow::Result<u8> {
    if arguments.plan || arguments.format == Format::Json {
        bail!("`--plan` and `--format json` are the sandbox's: on AWS, `sls package` and `sls deploy` are what runs");
    }
    let verb = if arguments.remove { "remove" } else { "deploy" };
    let question = format!("Run `sls {verb}` for {} in your AWS account?", services.join(", "));
    if !super::ask::confirm(&session.settings, &question)? {
        say("Nothing was changed.");
        return Ok(COULD_NOT_RUN);
    }
    let target = &session.settings.target;
    for service in services {
        let folder = session.folder.root().join(service);
        // The `sls` of the service's own node_modules comes first, as `npx` would take it.
        let own = folder.join("node_modules/.bin/sls");
        let mut command = Command::new(if own.exists() { own.as_os_str() } else { "sls".as_ref() });
        command.arg(verb).arg("--verbose").current_dir(&folder);
        for (flag, value) in
            [("--stage", &target.stage), ("--region", &target.region), ("--aws-profile", &target.profile)]
        {
            if let Some(value) = value {
                command.arg(flag).arg(value);
            }
        }
        if let Some(stage) = &target.stage {
            command.env("SLS_STAGE", stage);
        }
        let status = command.status().map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => anyhow!(
                "there is no `sls` for {service}: run `npm install` in {} first (the starters bring osls, the free fork of Serverless v3)",
                folder.display()
            ),
            _ => anyhow!("cannot run `sls` in {}: {error}", folder.display()),
        })?;
        if !status.success() {
            return Ok(FINDINGS);
        }
    }
    Ok(0)
}
