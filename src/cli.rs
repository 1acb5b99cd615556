//! The command line: what is typed, one file a command.
//!
//! Machine output goes to stdout alone, words to stderr. Exit codes: 0 passed or done, 1 findings, 2 could not run.

mod answer;
mod ask;
mod author;
mod bars;
mod check;
mod clean;
mod deploy;
mod deployed;
mod env;
mod explain;
mod fix;
mod init;
mod lesson;
mod monitor;
mod reach;
mod reset;
mod ride;
mod sandbox;
mod session;
mod signals;
mod sls;
mod status;
mod trials;
mod undo;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::bail;
use clap::{Args, CommandFactory, Parser, Subcommand};
use clap_complete::Shell;

use crate::sandbox::SandboxError;
use crate::settings::{Flags, Settings, TargetKind, TargetSettings, Theme};
use crate::workshop::store::StoreError;

/// The exit code for "it ran, and there is something to mend".
const FINDINGS: u8 = 1;
/// The exit code for "it could not run".
const COULD_NOT_RUN: u8 = 2;

/// A companion for the Wild Rydes event-driven workshop: lessons, hints, answers and a grader, in your terminal.
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true, after_help = AFTER_HELP)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    /// The workshop folder, which holds the services [default: $RYDES_WORKSHOP, $WORKSHOP, or found from the current folder]
    folder: Option<PathBuf>,
    #[command(flatten)]
    options: Global,
}

const AFTER_HELP: &str = "Without a command, opens the workshop in the terminal.\n\
    Exit codes: 0 passed or done, 1 findings, 2 could not run.";

#[derive(Args, Debug)]
struct Global {
    /// The workshop folder, which holds the services
    #[arg(long, global = true, value_name = "DIR")]
    workspace: Option<PathBuf>,
    /// A module on disk, in place of the built-in one
    #[arg(long, global = true, value_name = "DIR")]
    module: Option<PathBuf>,
    /// Take yes for an answer to every question
    #[arg(long, short = 'y', global = true)]
    yes: bool,
    /// Draw with ASCII characters alone
    #[arg(long, global = true)]
    ascii: bool,
    /// A line mode for screen readers and simple terminals
    #[arg(long, global = true)]
    plain: bool,
    /// Colours of the terminal UI
    #[arg(long, global = true, value_enum)]
    theme: Option<Theme>,
    /// Which cloud: the embedded sandbox, or your AWS account
    #[arg(long, global = true, value_enum)]
    target: Option<TargetKind>,
    /// Profile in your AWS configuration (means `--target aws`)
    #[arg(long, global = true)]
    profile: Option<String>,
    /// Region
    #[arg(long, global = true)]
    region: Option<String>,
    /// Stage of the services
    #[arg(long, global = true)]
    stage: Option<String>,
    /// Another address than AWS's (means `--target aws`)
    #[arg(long, global = true, value_name = "URL")]
    endpoint_url: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Lay out the starter services; what is there is never overwritten
    Init(init::Arguments),
    /// Grade your services
    Check(check::Arguments),
    /// The manual page of one check
    Explain(explain::Arguments),
    /// Read a step or a task
    Lesson(lesson::LessonArguments),
    /// Reveal the next hint of a task
    Hint(lesson::HintArguments),
    /// Show a task's answer, or put it into your files
    Answer(answer::Arguments),
    /// Put the files of a step or a task back to where it starts
    Reset(reset::Arguments),
    /// Deploy services
    Deploy(deploy::Arguments),
    /// Request rides
    Ride(ride::Arguments),
    /// Watch rides travel: request, message, log lines, record
    Monitor(monitor::Arguments),
    /// Print what a shell needs to use the sandbox: `eval "$(rydes env)"`
    Env(env::Arguments),
    /// What `sls` is in a shell that uses the sandbox
    #[command(hide = true)]
    Sls(sls::Arguments),
    /// Where you are in the workshop
    Status(status::Arguments),
    /// Remove what monitors that were killed left in the account
    Clean(clean::Arguments),
    /// Run the local cloud without the screen, until it is told to end
    Sandbox(sandbox::Arguments),
    /// For authors of modules
    Author(author::Arguments),
    /// Print completions for a shell
    Completions {
        /// Which shell
        shell: Shell,
    },
}

/// Whom a command tells what it did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    #[default]
    Human,
    /// For programs
    Json,
}

/// Parses the command line, runs it, and gives the exit code.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli) {
        Ok(code) => ExitCode::from(code),
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(anstream::stderr(), "rydes: {}", in_words(&error));
            ExitCode::from(COULD_NOT_RUN)
        }
    }
}

/// The error and its causes, one behind the other, as far as each says something new.
fn in_words(error: &anyhow::Error) -> String {
    let mut words = String::new();
    for cause in error.chain() {
        if !words.is_empty() {
            words.push_str(": ");
        }
        words.push_str(&cause.to_string());
        // Its words hold those of its own cause.
        if cause.is::<StoreError>() || cause.is::<SandboxError>() {
            break;
        }
    }
    words
}

/// Whoever read our output has read enough.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .any(|cause| cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe))
}

/// A word that is neither a command nor a folder is a slip of the keyboard, not a workshop to be.
fn refuse_slips(folder: &Path) -> anyhow::Result<()> {
    if folder.exists() {
        return Ok(());
    }
    let typed = folder.display().to_string();
    let names: Vec<String> = Cli::command().get_subcommands().map(|command| command.get_name().to_owned()).collect();
    let near = names.iter().find(|name| strsim::jaro_winkler(name, &typed) > 0.85);
    match near {
        Some(near) => bail!("there is no command or folder {typed}. Did you mean `rydes {near}`?"),
        None => bail!(
            "there is no command or folder {typed}. `rydes init {typed}` makes a workshop there; `rydes --help` lists the commands."
        ),
    }
}

fn run(cli: Cli) -> anyhow::Result<u8> {
    if let Some(folder) = &cli.folder {
        refuse_slips(folder)?;
    }
    let Global { workspace, module, yes, ascii, plain, theme, target, profile, region, stage, endpoint_url } =
        cli.options;
    let reach = TargetSettings { profile, region, stage, endpoint_url, ..TargetSettings::default() };
    let workspace = workspace.or(cli.folder);
    let settings = Settings::merge(Flags { target, reach, workspace, module, theme, ascii, plain, yes })?;
    if cli.command.is_some() {
        bars::show_python();
    }
    match cli.command {
        None => session::open_screen(settings),
        Some(Command::Init(arguments)) => init::run(settings, arguments),
        Some(Command::Check(arguments)) => check::run(settings, &arguments),
        Some(Command::Explain(arguments)) => explain::run(&arguments),
        Some(Command::Lesson(arguments)) => lesson::run(settings, &arguments),
        Some(Command::Hint(arguments)) => lesson::hint(settings, &arguments),
        Some(Command::Answer(arguments)) => answer::run(settings, &arguments),
        Some(Command::Reset(arguments)) => reset::run(settings, &arguments),
        Some(Command::Deploy(arguments)) => deploy::run(settings, &arguments),
        Some(Command::Ride(arguments)) => ride::run(settings, &arguments),
        Some(Command::Monitor(arguments)) => monitor::run(&settings, &arguments),
        Some(Command::Env(arguments)) => env::run(settings, &arguments),
        Some(Command::Sls(arguments)) => sls::run(settings, &arguments),
        Some(Command::Status(arguments)) => status::run(settings, &arguments),
        Some(Command::Clean(arguments)) => clean::run(settings, &arguments),
        Some(Command::Sandbox(arguments)) => sandbox::run(settings, &arguments),
        Some(Command::Author(arguments)) => author::run(&settings, &arguments),
        Some(Command::Completions { shell }) => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "rydes", &mut script);
            io::stdout().write_all(&script)?;
            Ok(0)
        }
    }
}
