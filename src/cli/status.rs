//! `rydes status`: where the learner is.

use std::io::Write;

use serde_json::json;

use super::Format;
use super::deployed::{self, Rides};
use super::session::Session;
use crate::check::{Deployments, Report, Status};
use crate::settings::Settings;
use crate::workshop::TaskId;

#[derive(clap::Args, Debug)]
pub(super) struct Arguments {
    /// How to print it; for programs, JSON of schema 1
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(super) fn run(settings: Settings, arguments: &Arguments) -> anyhow::Result<u8> {
    let mut session = Session::open(settings)?;
    session.runner = Some(super::trials::Runner::new()?);
    let all: Vec<TaskId> = session.module.tasks().map(|task| task.id.clone()).collect();
    let deployments = deployed::look(&session, Rides::Never)?;
    let (report, _) = session.grade_with(&all, Some(deployments.clone()))?;
    session.save();
    let text = match arguments.format {
        Format::Human => human(&session, &report, &deployments),
        Format::Json => as_json(&session, &report, &deployments),
    };
    anstream::stdout().write_all(text.as_bytes())?;
    Ok(0)
}

fn human(session: &Session, report: &Report, deployments: &Deployments) -> String {
    let (module, ascii) = (&session.module, session.settings.ascii);
    let mut words = format!("{}\n{}\n", module.title, session.folder.root().display());
    for step in module.steps.iter().filter(|step| !step.tasks.is_empty()) {
        let marks: Vec<String> = step.tasks.iter().map(|task| mark(report, &task.id, ascii)).collect();
        words.push_str(&format!("  {} {:<36} {}\n", step.id, step.title, marks.join(" ")));
    }
    words.push_str(&format!("{}\n", crate::check::format::summary_line(report, module)));
    words.push_str(&deployed_in_words(deployments));
    words
}

/// What is deployed, and what was edited since.
fn deployed_in_words(deployments: &Deployments) -> String {
    let place = format!("{}, stage {}", deployments.target, deployments.stage);
    if let Some(trouble) = &deployments.trouble {
        return format!("Deployed ({place}): unknown, for {trouble}\n");
    }
    if deployments.stacks.is_empty() {
        return format!("Deployed ({place}): nothing yet. `rydes deploy` deploys all services.\n");
    }
    let mut words = format!("Deployed ({place}):\n");
    let width = deployments.stacks.iter().map(|stack| stack.name.len()).max().unwrap_or_default();
    for stack in &deployments.stacks {
        let edited = match stack.edited.as_slice() {
            [] => String::new(),
            edited => format!("  edited since: {}", edited.join(", ")),
        };
        words.push_str(&format!("  {:<width$}  {}{edited}\n", stack.name, stack.status));
    }
    words
}

fn mark(report: &Report, id: &TaskId, ascii: bool) -> String {
    let mark = match report.task(id).map(|task| task.status) {
        Some(Status::Pass) => {
            if ascii {
                "+"
            } else {
                "✓"
            }
        }
        Some(Status::Warn) => "!",
        Some(Status::Fail) => {
            if ascii {
                "-"
            } else {
                "·"
            }
        }
        Some(Status::Blocked) | None => "?",
    };
    format!("{id}{mark}")
}

fn as_json(session: &Session, report: &Report, deployments: &Deployments) -> String {
    let (done, of) = session.progress.count(&session.module);
    let tasks: Vec<_> = session.module.tasks().map(|task| {
        let known = session.progress.task(&task.id);
        json!({
            "id": task.id, "title": task.title, "file": task.file, "status": report.task(&task.id).map(|task| task.status),
            "passed": known.passed, "hints_shown": known.hints_shown, "answer_shown": known.answer_shown,
        })
    }).collect();
    let stacks: Vec<_> = deployments.stacks.iter().map(|stack| {
        json!({ "service": stack.service, "stack": stack.name, "status": stack.status, "up": stack.is_up(), "edited": stack.edited })
    }).collect();
    let deployed = json!({
        "target": deployments.target, "stage": deployments.stage, "trouble": deployments.trouble, "stacks": stacks,
    });
    let value = json!({
        "schema": 1, "module": session.module.id, "workspace": session.folder.root(), "done": done, "of": of,
        "current": session.progress.current, "next": session.progress.next(&session.module).map(|task| &task.id), "deployed": deployed,
        "tasks": tasks,
    });
    format!("{value:#}\n")
}
