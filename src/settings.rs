//! Settings: flags over environment over file over defaults, merged once and validated.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::ValueEnum;
use etcetera::{AppStrategy, AppStrategyArgs, choose_app_strategy};
use serde::Deserialize;

/// Colours of the terminal UI.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Theme {
    /// The sixteen colours of the terminal itself.
    #[default]
    Terminal,
    /// Light text on a dark ground.
    Dark,
    /// Dark text on a light ground.
    Light,
    /// The strongest contrast: for projectors and tired eyes.
    HighContrast,
}

/// Which cloud commands work on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum TargetKind {
    /// The embedded cloud.
    #[default]
    Sandbox,
    /// An account on AWS.
    Aws,
}

/// Which cloud commands work on, and how it is reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TargetSettings {
    /// `--target`.
    pub kind: TargetKind,
    /// `--profile`; else the SDK's own chain.
    pub profile: Option<String>,
    /// `--region`; else the SDK's own chain, or the sandbox's.
    pub region: Option<String>,
    /// `--stage`; else what `serverless.yml` and `SLS_STAGE` say.
    pub stage: Option<String>,
    /// `--endpoint-url`.
    pub endpoint_url: Option<String>,
}

/// What the flags say; none where they say nothing.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    /// `--target`.
    pub target: Option<TargetKind>,
    /// `--profile`, `--region`, `--stage`, `--endpoint-url`.
    pub reach: TargetSettings,
    /// `--workspace` or the argument of `rydes` alone.
    pub workspace: Option<PathBuf>,
    /// `--module`.
    pub module: Option<PathBuf>,
    /// `--theme`.
    pub theme: Option<Theme>,
    /// `--ascii`.
    pub ascii: bool,
    /// `--plain`.
    pub plain: bool,
    /// `--yes`.
    pub yes: bool,
}

/// What holds for this run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The workshop folder; it may not exist yet.
    pub workspace: PathBuf,
    /// Whether somebody named the workshop folder, rather than this program having guessed it.
    pub workspace_named: bool,
    /// Folder of a module on disk, in place of the built-in one.
    pub module: Option<PathBuf>,
    /// Colours.
    pub theme: Theme,
    /// Whether any colour is wanted (`NO_COLOR`).
    pub color: bool,
    /// Draw with ASCII alone.
    pub ascii: bool,
    /// Line mode in place of the full screen.
    pub plain: bool,
    /// Take yes for an answer to every question.
    pub yes: bool,
    /// Which cloud.
    pub target: TargetSettings,
    /// Keys of the terminal UI: command → key.
    pub keys: BTreeMap<String, String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct SettingsFile {
    theme: Option<Theme>,
    ascii: Option<bool>,
    plain: Option<bool>,
    target: Option<TargetKind>,
    keys: BTreeMap<String, String>,
}

/// The environment variables that name the workshop folder, strongest first.
const FOLDER_VARIABLES: [&str; 2] = ["RYDES_WORKSHOP", "WORKSHOP"];

impl Settings {
    /// Merges `flags` with the environment and the settings file.
    ///
    /// # Errors
    /// The settings file is there and cannot be read or understood.
    pub fn merge(flags: Flags) -> anyhow::Result<Self> {
        let path = Self::path();
        let file = match path.as_deref().map(fs::read_to_string) {
            Some(Ok(text)) => {
                parse(&text).with_context(|| format!("in the settings file {}", display(path.as_deref())))?
            }
            Some(Err(error)) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(error)
                    .with_context(|| format!("cannot read the settings file {}", display(path.as_deref())));
            }
            _ => SettingsFile::default(),
        };
        let from_environment =
            FOLDER_VARIABLES.iter().filter_map(env::var_os).find(|value| !value.is_empty()).map(PathBuf::from);
        let named = flags.workspace.or(from_environment);
        let terminal = env::var_os("TERM");
        let is_dumb = terminal.as_ref().is_some_and(|term| term == "dumb");
        // The fonts of the Linux console have few characters beyond ASCII.
        let is_console = terminal.is_some_and(|term| term == "linux");
        Ok(Self {
            workspace_named: named.is_some(),
            workspace: named
                .map_or_else(|| env::current_dir().context("the current folder is gone: go to another one"), Ok)?,
            module: flags.module.or_else(|| env::var_os("RYDES_MODULE").map(PathBuf::from)),
            theme: flags.theme.or(file.theme).unwrap_or_default(),
            color: env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()) && !is_dumb,
            ascii: flags.ascii || file.ascii.unwrap_or(is_console),
            plain: flags.plain || file.plain.unwrap_or(is_dumb),
            yes: flags.yes,
            target: TargetSettings {
                // Who names a profile or an address means AWS, or what answers in its place.
                kind: flags.target.or(file.target).unwrap_or(
                    if flags.reach.profile.is_some() || flags.reach.endpoint_url.is_some() {
                        TargetKind::Aws
                    } else {
                        TargetKind::Sandbox
                    },
                ),
                ..flags.reach
            },
            keys: file.keys,
        })
    }

    /// Where the settings file is looked for: `rydes/config.toml` in the user's configuration folder.
    pub fn path() -> Option<PathBuf> {
        let arguments = AppStrategyArgs {
            top_level_domain: "org".to_owned(),
            author: "rydes".to_owned(),
            app_name: "rydes".to_owned(),
        };
        Some(choose_app_strategy(arguments).ok()?.in_config_dir("config.toml"))
    }

    /// Settles on a workshop folder where none was named: the nearest folder upwards that is one, the folder `workshop` below, or a place
    /// for a new one.
    pub fn find_workspace(&mut self, services: &[String]) {
        if self.workspace_named {
            return;
        }
        let is_workshop = |folder: &Path| {
            folder.join(".rydes").is_dir()
                || services.iter().any(|service| folder.join(service).join("serverless.yml").is_file())
        };
        let below = self.workspace.join("workshop");
        if let Some(found) = self.workspace.ancestors().find(|folder| is_workshop(folder)) {
            self.workspace = found.to_owned();
        } else if is_workshop(&below) || !is_empty(&self.workspace) {
            // Services laid out among other files would be a mess: a new workshop gets a folder of its own.
            self.workspace = below;
        }
    }
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none())
}

fn display(path: Option<&Path>) -> String {
    path.map(|path| path.display().to_string()).unwrap_or_default()
}

fn parse(text: &str) -> anyhow::Result<SettingsFile> {
    Ok(toml::from_str(text)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_settings_file_is_read_and_unknown_keys_are_said() {
        let file = parse("theme = \"high-contrast\"\n[keys]\nquit = \"ctrl-q\"\n").unwrap();
        assert_eq!(file.theme, Some(Theme::HighContrast));
        assert_eq!(file.keys["quit"], "ctrl-q");
        let error = parse("colour = 1\n").unwrap_err().to_string();
        assert!(error.contains("line 1") && error.contains("colour"), "{error}");
    }

    #[test]
    fn a_workshop_is_found_upwards_and_below() {
        let directory = tempfile::tempdir().unwrap();
        let settings = |workspace: PathBuf| {
            let mut settings = Settings::merge(Flags { workspace: Some(workspace), ..Flags::default() }).unwrap();
            settings.workspace_named = false;
            settings.find_workspace(&["svc".to_owned()]);
            settings.workspace
        };
        let root = directory.path().to_owned();
        assert_eq!(settings(root.clone()), root, "an empty folder becomes the workshop");
        fs::create_dir_all(root.join("svc/handlers")).unwrap();
        assert_eq!(settings(root.clone()), root.join("workshop"), "among other files it gets a folder of its own");
        fs::write(root.join("svc/serverless.yml"), "").unwrap();
        assert_eq!(settings(root.join("svc/handlers")), root);
    }
}
