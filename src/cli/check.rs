//! `rydes check`: grades.

use std::io::{IsTerminal, Write};

use super::deployed::{self, Rides};
use super::session::{Session, say};
use super::trials::Runner;
use super::{COULD_NOT_RUN, FINDINGS, fix, is_broken_pipe};
use crate::check::{Report, Status, TaskReport, format};
use crate::settings::Settings;
use crate::workshop::{Module, TaskId};

#[derive(clap::Args, Debug)]
pub(super) struct Arguments {
    /// Tasks (2.1), families (2.5) or steps (2); all tasks without one, with the findings of the next only
    steps: Vec<String>,
    /// All tasks, with all findings
    #[arg(long, conflicts_with = "steps")]
    all: bool,
    /// Grade again whenever a file is saved, until Ctrl-C
    #[arg(long, conflicts_with = "fix")]
    watch: bool,
    /// Judge handlers by reading them alone, without running them
    #[arg(long = "static")]
    reading: bool,
    /// How to print the verdict
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Make the changes that findings offer, after showing them
    #[arg(long)]
    pub(super) fix: bool,
    /// Take the last change to your files back
    #[arg(long, requires = "fix")]
    undo: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    #[default]
    Human,
    /// JSON, schema 1
    Json,
    /// JUnit XML
    Junit,
    /// SARIF 2.1.0
    Sarif,
    /// Annotations of GitHub Actions
    Github,
}

impl Arguments {
    /// `rides`, unless nothing is to be run.
    fn rides(&self, rides: Rides) -> Rides {
        if self.reading { Rides::Never } else { rides }
    }
}

pub(super) fn run(settings: Settings, arguments: &Arguments) -> anyhow::Result<u8> {
    let mut session = Session::open(settings)?;
    if arguments.undo {
        return super::undo::run(&mut session);
    }
    if !arguments.reading {
        session.runner = Some(Runner::new()?);
    }
    let chosen: Vec<TaskId> = if arguments.steps.is_empty() {
        session.module.tasks().map(|task| task.id.clone()).collect()
    } else {
        session.tasks(&arguments.steps)?.into_iter().map(|task| task.id.clone()).collect()
    };
    if arguments.watch {
        return watch(&mut session, arguments, &chosen);
    }
    let (mut report, passed) = grade(&mut session, &chosen, arguments.rides(Rides::UntilOneGoesWell))?;
    if arguments.fix && fix::offer(&session, &report)? {
        (report, _) = grade(&mut session, &chosen, Rides::Never)?;
    }
    session.save();
    match print(&session, arguments, &report, &passed) {
        // Whoever reads the first lines only gets the same verdict.
        Err(error) if !is_broken_pipe(&error) => return Err(error),
        _ => {}
    }
    Ok(exit_code(&report))
}

/// Grades; the target is looked at only if a task asks for it.
fn grade(session: &mut Session, chosen: &[TaskId], rides: Rides) -> anyhow::Result<(Report, Vec<TaskId>)> {
    let is_deployment = |id: &TaskId| session.module.task(&id.0).is_some_and(|task| task.deploys.is_some());
    let deployments = match chosen.iter().any(is_deployment) {
        true => Some(deployed::look(session, rides)?),
        false => None,
    };
    session.grade_with(chosen, deployments)
}

/// 1 if something is to be mended, else 2 if something could not be judged, else 0.
fn exit_code(report: &Report) -> u8 {
    let to_mend =
        |task: &TaskReport| task.status == Status::Fail || (task.status == Status::Blocked && !task.needs_target());
    if report.tasks.iter().any(to_mend) {
        FINDINGS
    } else if report.tasks.iter().any(|task| task.status == Status::Blocked) {
        COULD_NOT_RUN
    } else {
        0
    }
}

fn print(session: &Session, arguments: &Arguments, report: &Report, passed: &[TaskId]) -> anyhow::Result<()> {
    let mut out = anstream::stdout();
    match arguments.format {
        Format::Human => {
            let everything = arguments.all || !arguments.steps.is_empty();
            out.write_all(human(session, report, everything, passed).as_bytes())?;
        }
        Format::Json => out.write_all(format::json(report).as_bytes())?,
        Format::Junit => out.write_all(format::junit(report, &session.module)?.as_bytes())?,
        Format::Sarif => out.write_all(format::sarif(report).as_bytes())?,
        Format::Github => out.write_all(format::github(report, &session.module).as_bytes())?,
    }
    out.flush()?;
    Ok(())
}

fn human(session: &Session, report: &Report, everything: bool, passed: &[TaskId]) -> String {
    let ascii = session.settings.ascii;
    let width = crossterm::terminal::size().map_or(100, |(columns, _)| usize::from(columns)).min(140);
    let sources = |path: &str| session.text(path);
    let next = report
        .tasks
        .iter()
        .find(|task| task.status == Status::Fail || (task.status == Status::Blocked && !task.needs_target()));
    let mut words = String::new();
    for task in &report.tasks {
        words.push_str(&task_line(&session.module, task, ascii, passed.contains(&task.id)));
        let is_next = next.is_some_and(|next| next.id == task.id);
        if everything || is_next {
            let shown = task
                .findings
                .iter()
                .filter(|finding| everything || finding.diagnostic.severity != crate::diagnostic::Severity::Note);
            for finding in shown {
                words.push_str(&format::human_finding(finding, &sources, width, ascii));
            }
        }
    }
    words.push_str(&format!("\n{}\n", format::summary_line(report, &session.module)));
    words
}

fn task_line(module: &Module, task: &TaskReport, ascii: bool, is_new: bool) -> String {
    let title = module.task(&task.id.0).map(|task| task.title.as_str()).unwrap_or_default();
    let (mark, plain, color, word) = match task.status {
        Status::Pass => ("✓", "+", "\x1b[32m", ""),
        Status::Warn => ("!", "!", "\x1b[33m", " (with advice)"),
        Status::Fail => ("✗", "x", "\x1b[31m", ""),
        Status::Blocked if task.needs_target() => ("?", "?", "\x1b[34m", " (needs a run to tell)"),
        Status::Blocked => ("?", "?", "\x1b[35m", " (its file cannot be read)"),
    };
    let mark = if ascii { plain } else { mark };
    let party = if is_new { " — done!" } else { "" };
    format!("{color}{mark}\x1b[0m {:<4} {title}{word}{party}\n", task.id)
}

fn watch(session: &mut Session, arguments: &Arguments, chosen: &[TaskId]) -> anyhow::Result<u8> {
    let saves = crate::watch::saves(session.folder.root(), &session.module.services)?;
    let (mut report, passed) = grade(session, chosen, arguments.rides(Rides::UntilOneGoesWell))?;
    print(session, arguments, &report, &passed)?;
    session.save();
    say("Watching for saves. Ctrl-C ends.");
    while saves.wait() {
        let (next, passed) = grade(session, chosen, arguments.rides(Rides::OnceADeploy))?;
        if next != report {
            if arguments.format == Format::Human && std::io::stdout().is_terminal() {
                let mut out = anstream::stdout();
                write!(out, "\x1b[2J\x1b[H")?;
            }
            print(session, arguments, &next, &passed)?;
            session.save();
            report = next;
        } else {
            say("Saved; the verdict is the same.");
        }
    }
    Ok(exit_code(&report))
}
