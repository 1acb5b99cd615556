//! `rydes author`: for people who write modules.

use std::io::Write;

use super::FINDINGS;
use super::session::{module_files, say};
use crate::author::prove;
use crate::settings::Settings;
use crate::workshop::load::load;
use crate::workshop::{BUILT_IN, built_in_files};

#[derive(clap::Args, Debug)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// The module proves itself: patches apply, starters fail, answers pass, nothing is orphaned
    Check,
}

pub(super) fn run(settings: &Settings, arguments: &Arguments) -> anyhow::Result<u8> {
    let Command::Check = arguments.command;
    let (files, folder) = match &settings.module {
        Some(folder) => module_files(folder)?,
        None => (built_in_files(), BUILT_IN.to_owned()),
    };
    let (problems, tasks) = match load(&files, &folder) {
        Ok(module) => (prove(&module, &files, &folder), module.tasks().count()),
        Err(problems) => (problems, 0),
    };
    let mut out = anstream::stdout();
    for problem in &problems {
        writeln!(out, "{problem}")?;
    }
    if problems.is_empty() {
        say(&format!("The module proves itself: {tasks} tasks, no problem."));
        return Ok(0);
    }
    say(&format!(
        "{} to mend.",
        if problems.len() == 1 { "1 problem".to_owned() } else { format!("{} problems", problems.len()) }
    ));
    Ok(FINDINGS)
}
