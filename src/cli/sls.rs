//! `sls` in a shell that uses the sandbox: the commands of the lesson, done by the companion.

use std::path::Path;

use anyhow::{Context, bail};

use super::deploy;
use super::session::say;
use crate::settings::Settings;

#[derive(clap::Args, Debug)]
pub(super) struct Arguments {
    /// What was typed after `sls`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    words: Vec<String>,
}

pub(super) fn run(mut settings: Settings, arguments: &Arguments) -> anyhow::Result<u8> {
    let mut words = arguments.words.iter().map(String::as_str);
    let Some(verb) = words.next() else {
        bail!(
            "in this shell `sls` is the companion's own: `sls deploy --verbose` and `sls remove` work on the sandbox"
        );
    };
    while let Some(word) = words.next() {
        let (flag, value) = match word.split_once('=') {
            Some((flag, value)) => (flag, Some(value.to_owned())),
            None => (word, None),
        };
        match flag {
            "--stage" | "-s" => settings.target.stage = value.or_else(|| words.next().map(str::to_owned)),
            "--region" | "-r" => settings.target.region = value.or_else(|| words.next().map(str::to_owned)),
            // Progress is always told, and there is one profile.
            "--verbose" | "-v" | "--force" | "--conceal" => {}
            "--aws-profile" => drop(value.or_else(|| words.next().map(str::to_owned))),
            other => say(&format!("{other} means nothing to the sandbox.")),
        }
    }
    let folder = std::env::current_dir().context("the current folder is gone: go to another one")?;
    let service = service(&folder)?;
    settings.workspace = folder.parent().map(Path::to_owned).unwrap_or(folder);
    settings.workspace_named = true;
    match verb {
        "deploy" => deploy::one(settings, &service, false),
        "remove" => deploy::one(settings, &service, true),
        "package" | "print" => bail!("`rydes deploy {service} --plan` prints the template"),
        "logs" => bail!("`aws logs tail` reads the logs of functions, and `rydes sandbox` prints them as they come"),
        other => bail!("the sandbox knows `sls deploy` and `sls remove`, not `sls {other}`"),
    }
}

/// The name of the folder, which must be a service's.
fn service(folder: &Path) -> anyhow::Result<String> {
    if !["serverless.yml", "serverless.yaml"].iter().any(|name| folder.join(name).is_file()) {
        bail!("there is no serverless.yml in {}: go to the folder of a service first", folder.display());
    }
    let name = folder.file_name().context("the root of the disk is no service")?;
    Ok(name.to_string_lossy().into_owned())
}
