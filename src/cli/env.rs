//! `rydes env`: what a shell needs so that `aws`, boto3, `curl` and `sls` use the sandbox.

use std::io::Write;

use anyhow::bail;

use super::reach;
use super::session::Session;
use crate::cloud::{Reach, ride_url, stage};
use crate::sandbox::Running;
use crate::settings::Settings;

#[derive(clap::Args, Debug)]
pub(super) struct Arguments {
    /// For which shell [default: by $SHELL]
    #[arg(long, value_enum)]
    shell: Option<Shell>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Shell {
    /// bash, zsh and other Bourne shells
    Sh,
    /// fish
    Fish,
    /// PowerShell
    Powershell,
}

pub(super) fn run(settings: Settings, arguments: &Arguments) -> anyhow::Result<u8> {
    let session = Session::open(settings)?;
    let Some(running) = Running::find(&session.settings.workspace) else {
        bail!(
            "no sandbox runs on {}. Start one with `rydes`, or with `rydes sandbox` in another terminal, and try again.",
            session.folder.root().display()
        );
    };
    let stage = stage(session.settings.target.stage.as_deref());
    // Where nothing is deployed yet there is none.
    let url = reach::runtime()?.block_on(ride_url(&Reach::Other(running.clone()).target(), &stage)).ok();
    let shell = arguments.shell.unwrap_or_else(|| {
        let shell = std::env::var("SHELL").unwrap_or_default();
        match shell.rsplit('/').next() {
            Some("fish") => Shell::Fish,
            _ if cfg!(windows) && shell.is_empty() => Shell::Powershell,
            _ => Shell::Sh,
        }
    });
    let set = [
        ("AWS_ENDPOINT_URL", running.endpoint()),
        ("AWS_ACCESS_KEY_ID", running.key.clone()),
        ("AWS_SECRET_ACCESS_KEY", running.secret.clone()),
        ("AWS_REGION", running.region.clone()),
        ("AWS_DEFAULT_REGION", running.region.clone()),
        ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        ("SLS_STAGE", stage),
        ("WORKSHOP", std::path::absolute(session.folder.root())?.display().to_string()),
        ("RIDE_URL", url.unwrap_or_default()),
    ];
    let program = std::env::current_exe()?.display().to_string();
    let mut out = std::io::stdout();
    out.write_all(script(shell, &set, &program).as_bytes())?;
    Ok(0)
}

/// Settings of the learner's own account, which would win over the keys or send calls elsewhere.
const UNSET: [&str; 4] = ["AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_ROLE_ARN"];

fn script(shell: Shell, set: &[(&str, String)], program: &str) -> String {
    let mut lines = Vec::new();
    let quoted = |text: &str| match shell {
        Shell::Sh => format!("'{}'", text.replace('\'', r"'\''")),
        Shell::Fish => format!("'{}'", text.replace('\\', r"\\").replace('\'', r"\'")),
        Shell::Powershell => format!("'{}'", text.replace('\'', "''")),
    };
    for name in UNSET {
        lines.push(match shell {
            Shell::Sh => format!("unset {name}"),
            Shell::Fish => format!("set -e {name}"),
            Shell::Powershell => format!("Remove-Item Env:{name} -ErrorAction SilentlyContinue"),
        });
    }
    for (name, value) in set {
        let value = quoted(value);
        lines.push(match shell {
            Shell::Sh => format!("export {name}={value}"),
            Shell::Fish => format!("set -gx {name} {value}"),
            Shell::Powershell => format!("$env:{name} = {value}"),
        });
    }
    // The commands of the lesson: `sls` is the deploy of the sandbox, and `npx sls` too.
    let program = quoted(program);
    lines.push(match shell {
        Shell::Sh => format!(
            "sls() {{ {program} sls \"$@\"; }}\nserverless() {{ {program} sls \"$@\"; }}\n\
             npx() {{ case \"$1\" in sls|serverless|osls) shift; {program} sls \"$@\";; *) command npx \"$@\";; esac; }}"
        ),
        Shell::Fish => format!(
            "function sls; {program} sls $argv; end\nfunction serverless; {program} sls $argv; end\n\
             function npx; if contains -- \"$argv[1]\" sls serverless osls; {program} sls $argv[2..]; else; command npx $argv; end; end"
        ),
        Shell::Powershell => format!("function sls {{ & {program} sls @args }}\nfunction serverless {{ & {program} sls @args }}"),
    });
    // For SQS the first version of the AWS command line does not look at AWS_ENDPOINT_URL; an option that is given later still counts.
    lines.push(match shell {
        Shell::Sh => "aws() { command aws --endpoint-url \"$AWS_ENDPOINT_URL\" \"$@\"; }".to_owned(),
        Shell::Fish => "function aws; command aws --endpoint-url $AWS_ENDPOINT_URL $argv; end".to_owned(),
        Shell::Powershell => {
            "function aws { & (Get-Command aws -CommandType Application)[0] --endpoint-url $env:AWS_ENDPOINT_URL @args }"
                .to_owned()
        }
    });
    lines.push(match shell {
        Shell::Sh => "# Use it so: eval \"$(rydes env)\"".to_owned(),
        Shell::Fish => "# Use it so: rydes env | source".to_owned(),
        Shell::Powershell => "# Use it so: rydes env | Out-String | Invoke-Expression".to_owned(),
    });
    lines.push(String::new());
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_quoted_for_each_shell() {
        let set = [("RIDE_URL", "it's $HOME".to_owned())];
        let of = |shell| script(shell, &set, "/opt/my rydes");
        assert!(of(Shell::Sh).contains(r"export RIDE_URL='it'\''s $HOME'"));
        assert!(of(Shell::Sh).contains("sls() { '/opt/my rydes' sls \"$@\"; }"));
        assert!(of(Shell::Sh).contains("aws() { command aws --endpoint-url \"$AWS_ENDPOINT_URL\" \"$@\"; }"));
        assert!(of(Shell::Fish).contains(r"set -gx RIDE_URL 'it\'s $HOME'"));
        assert!(of(Shell::Powershell).contains("$env:RIDE_URL = 'it''s $HOME'"));
        assert!(of(Shell::Sh).contains("unset AWS_PROFILE"));
    }
}
