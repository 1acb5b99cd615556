//! The pages of the sandbox: the last deploy of a service, and what happened.

use ratatui::text::Span;

use super::{Page, Writer};
use crate::diagnostic::Status;
use crate::sandbox::Outcome;
use crate::tui::app::{App, Deploying, Deployment, Line, PythonMaking, Sandbox};
use crate::tui::command::Command;
use crate::tui::theme::Role;
use crate::tui::wrap::printable;

/// The last deploy of a service.
pub fn deploy(app: &App, deploy: &Deployment, width: usize) -> Page {
    let mut writer = Writer::new(&app.look, &app.highlights, width);
    head(&mut writer, app, deploy);
    if !deploy.resources.is_empty() {
        writer.blank();
        writer.say(Role::Heading, "Resources");
        resources(&mut writer, deploy, width);
    }
    if !deploy.remarks.is_empty() {
        writer.blank();
        writer.say(Role::Heading, "Notes");
        for remark in &deploy.remarks {
            let (word, role) = if remark.skipped { ("left out", Role::Dim) } else { ("note", Role::Warn) };
            let word = writer.look().span(role, format!("{word:<9}"));
            writer.indent(vec![word], vec![Span::raw(" ".repeat(9))]);
            let place = remark.place.as_ref().map(|place| format!("{place}  ")).unwrap_or_default();
            writer.say(Role::Text, &printable(&format!("{place}{}", remark.message)));
            writer.dedent();
        }
    }
    writer.finish()
}

/// How far it is, and what came of it.
fn head(writer: &mut Writer<'_>, app: &App, deploy: &Deployment) {
    let look = writer.look();
    let service = &deploy.service;
    match &deploy.state {
        Deploying::Never => {
            writer.say(Role::Text, &format!("{service} was not deployed since you opened the workshop."));
            writer.blank();
            offer(writer, app, Command::Deploy, "deploys it");
            offer(writer, app, Command::DeployAll, "deploys all services, in the order in which they need each other");
        }
        Deploying::Waiting => writer.say(Role::Dim, &format!("{service} waits for its turn.")),
        Deploying::Running => {
            let seconds = deploy.elapsed.as_secs_f64();
            let place = format!("{} ({}, sandbox)", deploy.stack, deploy.region);
            writer.say(Role::Warn, &format!("Deploying {service} to {place}, {seconds:.1} s"));
            making(writer, app);
        }
        Deploying::NotTried => {
            writer.say(Role::Warn, &format!("{service} was not tried."));
            let why = match &app.cloud.sandbox {
                Sandbox::Stopped(reason) => format!("There is no sandbox: {reason}"),
                _ => "A service before it could not be deployed, and it may need that one.".to_owned(),
            };
            writer.say(Role::Text, &why);
            writer.blank();
            offer(writer, app, Command::Deploy, "tries again");
        }
        Deploying::Done(outcome) => done(writer, app, deploy, outcome),
        Deploying::Failed { message, help, place } => {
            let (mark, role) = look.glyphs.mark(Some(Status::Fail));
            writer.say(role, &format!("{mark} {service} was not deployed"));
            writer.blank();
            writer.say(Role::Strong, &printable(message));
            if let Some(help) = help {
                writer.say(Role::Text, &printable(help));
            }
            writer.blank();
            if let Some(place) = place {
                let key = look.span(Role::Key, app.keymap.label(Command::Edit));
                let words = look.span(Role::Text, " opens ");
                writer.text(&[key, words, look.span(Role::Link, place)]);
            }
            offer(writer, app, Command::Deploy, "deploys again");
        }
    }
}

fn done(writer: &mut Writer<'_>, app: &App, deploy: &Deployment, outcome: &Outcome) {
    let look = writer.look();
    let (mark, role) = look.glyphs.mark(Some(Status::Pass));
    let (stack, seconds) = (&outcome.stack, outcome.elapsed / 1000.0);
    let place = format!("{stack} ({}, sandbox)", outcome.region);
    if outcome.is_unchanged() {
        writer.say(role, &format!("{mark} {place} is as your files say: nothing to do, in {seconds:.2} s"));
    } else {
        let Outcome { created, updated, deleted, .. } = outcome;
        writer.say(role, &format!("{mark} {} is deployed to {place}, in {seconds:.2} s", deploy.service));
        writer.say(Role::Text, &format!("  {created} created, {updated} updated, {deleted} removed"));
    }
    writer.blank();
    for (method, url) in outcome.endpoints.iter().filter(|(method, _)| method != "OPTIONS") {
        pair(writer, "endpoint", &format!("{method} {url}"));
    }
    for function in &outcome.functions {
        pair(writer, "function", function);
    }
    for (key, value) in &outcome.outputs {
        pair(writer, key, value);
    }
    if app.cloud.making.is_some() {
        writer.blank();
        making(writer, app);
    } else if app.cloud.no_python.is_some() {
        writer.blank();
        writer.say(Role::Warn, "Its functions cannot run: there is no Python for them. The activity page says why.");
    }
    writer.blank();
    offer(writer, app, Command::Ride, "requests a ride");
}

/// A name and what it stands for, below the others.
fn pair(writer: &mut Writer<'_>, name: &str, value: &str) {
    const NAMES: usize = 18;
    let name = writer.look().span(Role::Dim, format!("  {name:<NAMES$} "));
    let rest = Span::raw(" ".repeat(4));
    writer.indent(vec![name.clone()], vec![rest]);
    let value = printable(value);
    if name.width() + value.len() > writer.width() + 4 {
        // A line of its own keeps an address whole.
        writer.line(Vec::new());
    }
    writer.say(Role::Text, &value);
    writer.dedent();
}

/// A key and what it does.
fn offer(writer: &mut Writer<'_>, app: &App, command: Command, words: &str) {
    let look = writer.look();
    writer.text(&[look.span(Role::Key, app.keymap.label(command)), look.span(Role::Text, format!(" {words}"))]);
}

/// Resources with state and time: a row each, and the reason below one that failed.
fn resources(writer: &mut Writer<'_>, deploy: &Deployment, width: usize) {
    let look = writer.look();
    let longest =
        |text: &dyn Fn(&crate::tui::app::Resource) -> usize| deploy.resources.iter().map(text).max().unwrap_or(0);
    let names = longest(&|resource| resource.logical.len()).min(width.saturating_sub(44).max(20));
    for resource in &deploy.resources {
        let status = resource.status.as_str();
        let (mark, role) = match () {
            () if resource.failure.is_some() || status.ends_with("FAILED") => look.glyphs.mark(Some(Status::Fail)),
            () if status.contains("ROLLBACK") => ("!", Role::Warn),
            () if status.ends_with("COMPLETE") || status == "DELETE_SKIPPED" => look.glyphs.mark(Some(Status::Pass)),
            () => (look.glyphs.ellipsis, Role::Warn),
        };
        let seconds = format!("{:>7.2} s  ", resource.at / 1000.0);
        let logical = crate::tui::wrap::cut(&printable(&resource.logical), names, look.glyphs.ellipsis);
        let word = words(status);
        let kind = crate::tui::wrap::cut(
            resource.kind.trim_start_matches("AWS::"),
            width.saturating_sub(names + 26),
            look.glyphs.ellipsis,
        );
        writer.line(vec![
            look.span(role, format!("{mark} ")),
            look.span(Role::Dim, seconds),
            look.span(Role::Text, format!("{logical:<names$}  ")),
            look.span(role, format!("{word:<9} ")),
            look.span(Role::Dim, kind),
        ]);
        if let Some(failure) = &resource.failure {
            writer.indent(vec![Span::raw(" ".repeat(13))], vec![Span::raw(" ".repeat(13))]);
            writer.say(Role::Fail, &printable(failure));
            writer.dedent();
        }
    }
}

/// What CloudFormation's word means.
fn words(status: &str) -> &'static str {
    match status {
        "CREATE_IN_PROGRESS" => "creating",
        "CREATE_COMPLETE" => "created",
        "UPDATE_IN_PROGRESS" => "updating",
        "UPDATE_COMPLETE" => "updated",
        "DELETE_IN_PROGRESS" => "removing",
        "DELETE_COMPLETE" => "removed",
        "DELETE_SKIPPED" => "kept",
        _ if status.ends_with("FAILED") => "failed",
        _ if status.ends_with("ROLLBACK_COMPLETE") => "as before",
        _ if status.contains("ROLLBACK") => "undoing",
        _ if status.ends_with("COMPLETE") => "done",
        _ => "working",
    }
}

/// How far the Python environment is that is being made, if one is: functions wait for it.
fn making(writer: &mut Writer<'_>, app: &App) {
    let Some(PythonMaking { step, done, of }) = &app.cloud.making else { return };
    let words = format!("Functions wait for their Python environment, which is made once: {}", printable(step));
    writer.say(Role::Warn, &format!("{words} ({done} of {of})"));
}

/// What happened in the sandbox, the newest first.
pub fn activity(app: &App, width: usize) -> Page {
    let mut writer = Writer::new(&app.look, &app.highlights, width);
    if app.cloud.making.is_some() {
        making(&mut writer, app);
        writer.blank();
    } else if let Some(reason) = &app.cloud.no_python {
        writer.say(Role::Warn, &printable(reason));
        writer.blank();
    }
    if let Sandbox::Stopped(reason) = &app.cloud.sandbox {
        writer.say(Role::Fail, &printable(reason));
        offer(&mut writer, app, Command::Sandbox, "starts the sandbox");
        writer.blank();
    }
    let rides = &app.cloud.rides;
    if rides.answered + rides.failed > 0 {
        writer.say(Role::Dim, &format!("Rides: {} answered, {} failed", rides.answered, rides.failed));
        writer.blank();
    }
    if app.cloud.lines.is_empty() {
        writer.say(Role::Text, "Nothing has happened yet.");
        writer.blank();
        offer(&mut writer, app, Command::DeployAll, "deploys all services");
        offer(&mut writer, app, Command::Ride, "requests a ride");
        return writer.finish();
    }
    for line in app.cloud.lines.iter().rev() {
        let time = writer.look().span(Role::Dim, format!("{:<9} ", line.time));
        writer.indent(vec![time], vec![Span::raw(" ".repeat(10))]);
        writer.say(line.role, &printable(&line.text));
        if let Some(more) = &line.more {
            writer.say(Role::Text, &printable(more));
        }
        writer.dedent();
    }
    writer.finish()
}

/// The last lines of activity, as many as fit in `height` rows, oldest first.
pub fn activity_lines(app: &App, height: usize) -> Vec<Vec<Span<'static>>> {
    let look = &app.look;
    let row = |line: &Line| {
        vec![look.span(Role::Dim, format!("{:<9} ", line.time)), look.span(line.role, printable(&line.text))]
    };
    let first = app.cloud.lines.len().saturating_sub(height);
    app.cloud.lines.iter().skip(first).map(row).collect()
}
