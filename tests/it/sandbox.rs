//! The sandbox as a whole: what survives it, who finds it, and how it ends.

use std::fs;
use std::path::Path;

use rydes::sandbox::{Call, Caller, Options, Reply, Running, Sandbox, SandboxError, Service};
use serde_json::{Value, json};

use crate::contract::start;

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
