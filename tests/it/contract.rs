//! What AWS promises, kept: each script in tests/contract drives a sandbox with boto3, as a learner's own programs would.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use rydes::sandbox::{Interpreter, Options, Role, Running, Sandbox};
use serde_json::json;

/// What a role of a function may do in the scripts.
const STATEMENTS: &str = r#"[
    {"Effect": "Allow", "Action": "ssm:GetParameter*", "Resource": "arn:aws:ssm:*:*:parameter/allowed/*"},
    {"Effect": "Deny", "Action": "ssm:*", "Resource": "arn:aws:ssm:*:*:parameter/allowed/secret"},
    {"Effect": "Allow", "Action": ["sns:Publish", "sqs:*", "dynamodb:PutItem", "logs:*"], "Resource": "arn:aws:*:*:*:allowed*"}
]"#;
/// No script may take longer.
const PATIENCE: Duration = Duration::from_secs(120);

macro_rules! contracts {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            run(stringify!($name), None);
        })*

        #[test]
        fn every_script_runs() {
            let mut listed = vec![$(stringify!($name)),*];
            listed.sort_unstable();
            let mut there: Vec<String> = std::fs::read_dir(folder()).unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .filter_map(|name| name.strip_suffix(".py").map(str::to_owned))
                .filter(|name| name != "support")
                .collect();
            there.sort_unstable();
            assert_eq!(there, listed, "the scripts of tests/contract and the list in tests/it/contract.rs");
        }
    };
}

contracts! { authentication cloudformation dynamodb hosts lambda logs operations permissions sns sqs ssm sts unknown }

/// The AWS CLI, version 1, as PyPI has it. It brings a botocore of its own; the scripts need boto3 too.
const COMMAND_LINE: [&str; 2] = ["awscli==1.46.3", "boto3==1.43.11"];

#[test]
fn the_aws_command_line_drives_every_operation() {
    run("operations", Some(&crate::moto::environment("awscli", &COMMAND_LINE)));
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contract")
}

/// The Python that handlers run in: found, or made, as the program does it.
pub(crate) async fn python() -> PathBuf {
    Interpreter::default().python().await.unwrap_or_else(|error| panic!("{error}")).executable
}

/// A sandbox on a workshop folder of its own, and how others find it.
pub(crate) async fn start(workspace: &Path) -> (Sandbox, Running) {
    let sandbox = Sandbox::start(Options::of(workspace)).await.unwrap();
    let folder = workspace.to_owned();
    let running = tokio::task::spawn_blocking(move || Running::find(&folder)).await.unwrap().unwrap();
    (sandbox, running)
}

/// Runs the script `name` by the interpreter of handlers, or by `command_line`'s, which has the AWS CLI.
fn run(name: &str, command_line: Option<&Path>) {
    let workspace = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let (sandbox, running) = start(workspace.path()).await;
        let role = Arc::new(Role {
            name: "contract-role".to_owned(),
            session: "contract".to_owned(),
            policies: vec![json!({"Version": "2012-10-17", "Statement": serde_json::from_str::<serde_json::Value>(STATEMENTS).unwrap()})],
            service: "contract".to_owned(),
        });
        if name == "lambda" {
            crate::lambda::deploy_for_contract(&sandbox, workspace.path(), &role);
        }
        let role = sandbox.account().keys.issue(role);
        let interpreter = match command_line {
            Some(python) => python.to_owned(),
            None => python().await,
        };
        let mut command = tokio::process::Command::new(interpreter);
        if command_line.is_some() {
            command.env("RYDES_CLIENT", "aws");
        }
        for (variable, _) in std::env::vars_os() {
            let is_of_others = variable.to_str().is_some_and(|name| name.starts_with("AWS_") || name.to_lowercase().ends_with("_proxy"));
            if is_of_others {
                command.env_remove(variable);
            }
        }
        command
            .arg(folder().join(format!("{name}.py")))
            .current_dir(workspace.path())
            .envs([
                ("AWS_ENDPOINT_URL", sandbox.endpoint().as_str()),
                ("AWS_ACCESS_KEY_ID", &running.key),
                ("AWS_SECRET_ACCESS_KEY", &running.secret),
                ("AWS_DEFAULT_REGION", &running.region),
                ("AWS_CONFIG_FILE", "none"),
                ("AWS_SHARED_CREDENTIALS_FILE", "none"),
                ("AWS_EC2_METADATA_DISABLED", "true"),
                ("RYDES_TOKEN", &running.token),
                ("ROLE_ACCESS_KEY_ID", &role.id),
                ("ROLE_SECRET_ACCESS_KEY", &role.secret),
                ("ROLE_SESSION_TOKEN", role.token.as_deref().unwrap()),
                ("PYTHONDONTWRITEBYTECODE", "1"),
            ])
            .stdin(Stdio::null())
            .kill_on_drop(true);
        let output = tokio::time::timeout(PATIENCE, command.output()).await;
        let output = output.unwrap_or_else(|_| panic!("{name}.py did not end within {PATIENCE:?}"));
        let output = output.unwrap_or_else(|error| panic!("the contract tests need python3 with boto3 (`.ci/run` makes one): {error}"));
        if output.status.success() {
            sandbox.stop().await.unwrap();
            return;
        }
        panic!(
            "{name}.py: {}\n{}{}",
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    });
}
