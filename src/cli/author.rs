//! `rydes author`: for people who write modules.

use crate::settings::Settings;

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

pub(super) fn run(_settings: &Settings, arguments: &Arguments) -> anyhow::Result<u8> {
    match arguments.command {
        Command::Check => anyhow::bail!("not here yet"),
    }
}
