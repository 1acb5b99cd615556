//! `rydes init`: lays out the starter services.

use std::path::PathBuf;

use super::session::{open_module, say};
use crate::settings::Settings;
use crate::workshop::store::{Folder, Outcome};

#[derive(clap::Args, Debug)]
pub(super) struct Arguments {
    /// Where; made if it is not there [default: the workshop folder]
    dir: Option<PathBuf>,
}

pub(super) fn run(mut settings: Settings, arguments: Arguments) -> anyhow::Result<u8> {
    let module = open_module(&settings)?;
    if let Some(dir) = arguments.dir {
        settings.workspace = dir;
        settings.workspace_named = true;
    }
    settings.find_workspace(&module.services);
    let folder = Folder::create(&settings.workspace)?;
    let done = folder.lay_out(&module)?;
    let count = |outcome| done.iter().filter(|file| file.outcome == outcome).count();
    let (written, kept) = (count(Outcome::Written), count(Outcome::Kept));
    for clone in done.iter().filter(|file| file.outcome == Outcome::Clone) {
        say(&format!("{} is a clone of your own: nothing was added to it.", clone.path));
    }
    let place = folder.root().display();
    match (written, kept) {
        (0, _) => say(&format!("Everything is there already in {place}; nothing was changed.")),
        (_, 0) => say(&format!("{written} files of the starter services are in {place}.")),
        _ => say(&format!("{written} missing files were added in {place}; {kept} that were there were left alone.")),
    }
    let flag = if settings.workspace_named { format!(" {place}") } else { String::new() };
    say(&format!("Go on with `rydes{flag}`."));
    Ok(0)
}
