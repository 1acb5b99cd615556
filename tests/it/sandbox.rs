//! The sandbox as a whole: what survives it, who finds it, and how it ends.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::types::{AttributeDefinition, AttributeValue, KeySchemaElement};
use rydes::sandbox::{Call, Caller, Options, Reply, Running, Sandbox, SandboxError, Service};
use serde_json::{Value, json};

use crate::contract::start;
use crate::support::Workshop;

async fn ssm(sandbox: &Sandbox, operation: &str, input: Value) -> Value {
    let (operation, region) = (operation.to_owned(), "us-east-2".to_owned());
    let call = Call { operation, input, region, caller: Caller::Learner, request_id: String::new(), rest: None };
    match sandbox.services().ssm.call(call).await {
        Ok(Reply::Output(output)) => output,
        Ok(_) => panic!("no JSON"),
        Err(fault) => Value::from(fault.code),
    }
}

async fn put(sandbox: &Sandbox, value: &str) {
    ssm(sandbox, "PutParameter", json!({"Name": "url", "Value": value, "Type": "String", "Overwrite": true})).await;
}

async fn value(sandbox: &Sandbox) -> Value {
    ssm(sandbox, "GetParameter", json!({"Name": "url"})).await["Parameter"]["Value"].clone()
}

async fn find(workspace: &Path) -> Option<Running> {
    let workspace = workspace.to_owned();
    tokio::task::spawn_blocking(move || Running::find(&workspace)).await.unwrap()
}

#[tokio::test]
async fn state_survives_a_restart_and_its_addresses_follow_the_port() {
    let workspace = tempfile::tempdir().unwrap();
    let (sandbox, first) = start(workspace.path()).await;
    put(&sandbox, &format!("{}/x", sandbox.endpoint())).await;
    sandbox.stop().await.unwrap();

    let (sandbox, second) = start(workspace.path()).await;
    assert_eq!(second.port, first.port, "the port of the last run is taken again");
    assert_ne!((&second.key, &second.token), (&first.key, &first.token), "keys are made anew");
    assert_eq!(value(&sandbox).await, format!("http://127.0.0.1:{}/x", first.port));
    sandbox.stop().await.unwrap();

    let taken = std::net::TcpListener::bind(("127.0.0.1", first.port)).unwrap();
    let (sandbox, third) = start(workspace.path()).await;
    assert_ne!(third.port, first.port);
    assert_eq!(value(&sandbox).await, format!("http://127.0.0.1:{}/x", third.port));
    drop((taken, sandbox));

    let sandbox = Sandbox::start(Options { fresh: true, ..Options::of(workspace.path()) }).await.unwrap();
    assert_eq!(value(&sandbox).await, Value::Null);
    sandbox.stop().await.unwrap();
}

#[tokio::test]
async fn changes_are_written_without_being_asked() {
    let workspace = tempfile::tempdir().unwrap();
    let (sandbox, _) = start(workspace.path()).await;
    put(&sandbox, "kept").await;
    let file = workspace.path().join(".rydes/sandbox/ssm.json");
    let written = async {
        while !fs::read_to_string(&file).is_ok_and(|text| text.contains("kept")) {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), written).await.unwrap();
    drop(sandbox);
}

#[tokio::test]
async fn damaged_state_is_set_aside_and_said() {
    let workspace = tempfile::tempdir().unwrap();
    let folder = workspace.path().join(".rydes/sandbox");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("ssm.json"), "{\"format\": 1, ").unwrap();
    let (sandbox, _) = start(workspace.path()).await;
    assert!(sandbox.troubles()[0].contains("ssm.damaged-1.json"), "{:?}", sandbox.troubles());
    put(&sandbox, "new").await;
    sandbox.stop().await.unwrap();
    assert_eq!(fs::read_to_string(folder.join("ssm.damaged-1.json")).unwrap(), "{\"format\": 1, ");
}

#[tokio::test]
async fn the_second_program_finds_the_first() {
    let workspace = tempfile::tempdir().unwrap();
    assert_eq!(find(workspace.path()).await, None);
    let (sandbox, running) = start(workspace.path()).await;
    match Sandbox::start(Options::of(workspace.path())).await {
        Err(SandboxError::Running(found)) => assert_eq!(*found, running),
        other => panic!("{other:?}"),
    }
    assert_eq!(find(workspace.path()).await, Some(running), "the attempt disturbs nothing");
    sandbox.stop().await.unwrap();
    assert_eq!(find(workspace.path()).await, None);
    assert!(!Running::path(workspace.path()).exists());
}

#[tokio::test]
async fn only_one_of_many_starts() {
    let workspace = tempfile::tempdir().unwrap();
    let attempts = (0..6).map(|_| Sandbox::start(Options::of(workspace.path())));
    let outcomes = futures::future::join_all(attempts).await;
    let (started, refused): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
    assert_eq!((started.len(), refused.len()), (1, 5));
    let all_found = refused.iter().all(|outcome| matches!(outcome, Err(SandboxError::Running(_))));
    assert!(all_found, "{refused:?}");
}

#[tokio::test]
async fn a_port_that_is_taken_is_said() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let error = Sandbox::start(Options { port: Some(port), ..Options::scratch() }).await.unwrap_err();
    assert!(error.to_string().contains(&format!("port {port}")) && error.to_string().contains("--port"), "{error}");
}

#[cfg(unix)]
#[tokio::test]
async fn what_holds_secrets_is_for_the_user_alone() {
    use std::os::unix::fs::PermissionsExt;
    let workspace = tempfile::tempdir().unwrap();
    let (sandbox, _) = start(workspace.path()).await;
    put(&sandbox, "secret").await;
    sandbox.stop().await.unwrap();
    let mode = |path: &str| fs::metadata(workspace.path().join(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(".rydes/sandbox"), mode(".rydes/sandbox/ssm.json")), (0o700, 0o600));
}

/// `rydes sandbox`, once it says that it is ready, and what it prints after that.
fn spawn(workshop: &Workshop, arguments: &[&str]) -> (Child, Value, BufReader<ChildStdout>) {
    let arguments = [&["sandbox", "--format", "json"], arguments].concat();
    let mut child = workshop.command(&arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    lines.read_line(&mut line).unwrap();
    (child, serde_json::from_str::<Value>(&line).unwrap()["ready"].clone(), lines)
}

fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success());
}

#[test]
fn the_command_says_when_it_is_ready_and_ends_on_signals() {
    let workshop = Workshop::empty();
    for name in ["-TERM", "-INT", "-HUP"] {
        let (mut child, ready, _) = spawn(&workshop, &[]);
        let running = Running::find(workshop.root()).unwrap();
        assert_eq!(
            (ready["endpoint"].as_str(), ready["pid"].as_u64()),
            (Some(running.endpoint().as_str()), Some(u64::from(child.id())))
        );
        workshop.run(&["sandbox"]).code(2).says("runs on this workshop already").says(&running.endpoint());
        signal(&child, name);
        assert_eq!(child.wait().unwrap().code(), Some(0), "{name}");
        assert!(!Running::path(workshop.root()).exists(), "{name}");
    }
}

#[test]
fn other_programs_steer_and_stop_it() {
    let workshop = Workshop::empty();
    let (mut child, _, mut lines) = spawn(&workshop, &["--speed", "2"]);
    let running = Running::find(workshop.root()).unwrap();
    let status =
        |running: &Running| serde_json::from_str::<Value>(&running.ask("GET", "/rydes/status", "").unwrap().1).unwrap();
    assert_eq!(status(&running)["speed"], 2.0);
    assert_eq!(running.ask("POST", "/rydes/speed", "{\"speed\": 60}").unwrap().0, 200);
    let mut line = String::new();
    lines.read_line(&mut line).unwrap();
    assert!(line.contains("60 times"), "{line}");
    running.ask("POST", "/rydes/stop", "").unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(Running::find(workshop.root()), None);
}

#[test]
fn a_killed_one_leaves_nothing_in_the_way() {
    let workshop = Workshop::empty();
    let (mut child, first, _) = spawn(&workshop, &[]);
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(Running::path(workshop.root()).exists() && Running::find(workshop.root()).is_none());
    let (child, second, _) = spawn(&workshop, &[]);
    assert_eq!(first["endpoint"], second["endpoint"]);
    signal(&child, "-TERM");
    let mut child = child;
    child.wait().unwrap();
}

#[tokio::test]
async fn items_that_were_answered_for_survive_a_kill() {
    let workshop = Workshop::empty();
    let tables = || {
        let running = Running::find(workshop.root()).unwrap();
        let credentials = Credentials::new(&running.key, &running.secret, None, None, "test");
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .endpoint_url(running.endpoint())
            .region(Region::new("us-east-2"))
            .credentials_provider(credentials)
            .http_client(aws_smithy_http_client::Builder::new().build_http());
        aws_sdk_dynamodb::Client::from_conf(config.build())
    };
    let (mut child, _, _lines) = spawn(&workshop, &[]);
    let client = tables();
    client
        .create_table()
        .table_name("rides")
        .attribute_definitions(
            AttributeDefinition::builder().attribute_name("Id").attribute_type("S".into()).build().unwrap(),
        )
        .key_schema(KeySchemaElement::builder().attribute_name("Id").key_type("HASH".into()).build().unwrap())
        .billing_mode("PAY_PER_REQUEST".into())
        .send()
        .await
        .unwrap();
    for id in 0..50 {
        let id = AttributeValue::S(id.to_string());
        client.put_item().table_name("rides").item("Id", id).send().await.unwrap();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let (mut child, _, _lines) = spawn(&workshop, &[]);
    assert_eq!(tables().scan().table_name("rides").send().await.unwrap().count(), 50);
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_reader_that_leaves_ends_it() {
    let workshop = Workshop::empty();
    let (mut child, _, lines) = spawn(&workshop, &[]);
    drop(lines);
    let running = Running::find(workshop.root()).unwrap();
    // The first line finds nobody reading, the second that nobody prints any more.
    while running.ask("POST", "/rydes/speed", "{\"speed\": 1}").is_ok() {}
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn what_is_typed_wrong_is_said() {
    let workshop = Workshop::empty();
    workshop.run(&["sandbox", "--speed", "0"]).code(2).says("0.01 to 100000");
    workshop.run(&["sandbox", "--port", "0"]).code(2);
    workshop.run(&["sandbox", "--workspace", "nowhere"]).code(2).says("nowhere");
}

#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_written_is_said_once_with_what_to_do() {
    let workshop = Workshop::empty();
    // In the way of the folder, for whoever runs the tests: also for root, who may write everywhere.
    workshop.write(".rydes", "");
    let words = workshop.run(&["sandbox"]).code(2).stderr();
    assert_eq!(words.lines().count(), 1, "{words}");
    assert_eq!(words.matches(".rydes: ").count(), 1, "{words}");
    assert_eq!(words.matches("os error").count(), 1, "{words}");
}
