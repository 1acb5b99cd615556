//! Nothing is left: not after a drop, a stop, or the program's own violent death.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::Arc;

use rydes::sandbox::{Account, Lambda, LogSink, Making};
use serde_json::json;

use super::{Cloud, Lines, REGION, interpreter, nothing, runs, until};

const TELLS: &str = "
import os, subprocess
def handler(event, context):
    return [os.getpid(), os.getppid(), os.environ['TMPDIR']]
";

#[tokio::test]
async fn nothing_is_left_after_a_stop_and_after_a_drop() {
    for stops in [true, false] {
        let cloud = Cloud::new();
        cloud.deploy("tells", TELLS);
        let told = cloud.call("tells", &nothing()).await;
        let scratch = std::path::PathBuf::from(told[2].as_str().unwrap());
        assert!(scratch.exists());
        if stops {
            cloud.lambda.stop().await;
            assert!(!runs(told[1].as_u64().unwrap()) && !scratch.exists());
        }
        drop(cloud.lambda);
        until("the end of both", || !runs(told[0].as_u64().unwrap()) && !runs(told[1].as_u64().unwrap())).await;
        until("the end of the scratch folder", || !scratch.exists()).await;
    }
}

#[tokio::test]
async fn a_stop_does_not_wait_for_what_runs() {
    let cloud = Cloud::new();
    cloud.deploy("long", "import os, time\ndef handler(event, context):\n    print(os.getpid())\n    time.sleep(20)\n");
    rydes::sandbox::Invoke::invoke_later(&*cloud.lambda, REGION, "long", "{}".into()).unwrap();
    let process = || cloud.lines.all().iter().find_map(|line| line.parse().ok());
    until("the invocation", || process().is_some()).await;
    tokio::time::timeout(std::time::Duration::from_secs(10), cloud.lambda.stop()).await.unwrap();
    assert!(!runs(process().unwrap()));
}

#[tokio::test]
async fn a_removed_function_has_no_instances() {
    let cloud = Cloud::new();
    cloud.deploy("tells", TELLS);
    let told = cloud.call("tells", &nothing()).await;
    assert!(cloud.lambda.delete_function(REGION, "tells"));
    until("the end of the instance", || !runs(told[0].as_u64().unwrap())).await;
    assert!(runs(told[1].as_u64().unwrap()), "the others are served on");
    assert!(!cloud.lambda.delete_function(REGION, "tells"));
}

#[tokio::test]
async fn a_killed_zygote_is_replaced() {
    let cloud = Cloud::new();
    cloud.deploy("tells", TELLS);
    let told = cloud.call("tells", &nothing()).await;
    let zygote = told[1].as_u64().unwrap();
    assert!(Command::new("kill").args(["-9", &zygote.to_string()]).status().unwrap().success());
    until("the end of the instance", || !runs(told[0].as_u64().unwrap())).await;
    let again = cloud.call("tells", &nothing()).await;
    assert_ne!(again[1], told[1]);
}

/// Not a test of its own: the program that the next test kills.
#[tokio::test]
#[ignore = "run by the test below"]
async fn a_program_to_be_killed() {
    let cloud = Cloud::new();
    cloud.deploy(
        "tells",
        &TELLS.replace("return", "subprocess.Popen(['sleep', '100'], start_new_session=True)\n    return"),
    );
    cloud.deploy(
        "loops",
        "import os\ndef handler(event, context):\n    print('looping', os.getpid())\n    while True: pass\n",
    );
    let told = cloud.call("tells", &nothing()).await;
    let lambda = Arc::clone(&cloud.lambda);
    tokio::spawn(async move { rydes::sandbox::Invoke::invoke(&*lambda, REGION, "loops", "{}".into()).await });
    until("the loop", || cloud.lines.all().iter().any(|line| line.starts_with("looping"))).await;
    let looping = cloud.lines.all().iter().find_map(|line| line.strip_prefix("looping ")?.parse::<u64>().ok());
    println!(
        "told {}",
        json!({ "all": [told[0], told[1], looping], "scratch": told[2], "folder": cloud.folder.path() })
    );
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn nothing_is_left_when_the_program_is_killed() {
    let mut program = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "lambda::ends::a_program_to_be_killed", "--ignored", "--nocapture"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(program.stdout.take().unwrap()).lines().map_while(Result::ok);
    let told = lines.into_iter().find_map(|line| Some(line.split_once("told ")?.1.to_owned())).unwrap();
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    let all: Vec<u64> = told["all"].as_array().unwrap().iter().map(|process| process.as_u64().unwrap()).collect();
    assert!(runs(all[1]) && runs(all[2]), "{told}");
    program.kill().unwrap();
    program.wait().unwrap();
    until("the end of all processes", || !all.iter().any(|process| runs(*process))).await;
    until("the end of the scratch folder", || !fs::exists(told["scratch"].as_str().unwrap()).unwrap()).await;
    fs::remove_dir_all(told["folder"].as_str().unwrap()).unwrap();
}

#[tokio::test]
async fn without_fork_instances_are_processes_of_their_own() {
    let mut cloud = Cloud::new();
    let account = Arc::new(Account::new(Some(cloud.folder.path().join("state")), 1.0));
    let lines = Arc::new(Lines::default());
    let sink: Arc<dyn LogSink> = lines.clone();
    cloud.lambda = Arc::new(Lambda::with(account, sink, interpreter(), Making::Spawn));
    cloud.deploy(
        "count",
        "import os, boto3\ncalls = 0\ndef handler(event, context):\n    global calls\n    calls += 1\n    print('printed')\n    return [calls, os.getpid()]\n",
    );
    let first = cloud.call("count", &nothing()).await;
    assert_eq!(cloud.call("count", &nothing()).await, json!([2, first[1]]));
    assert!(lines.all()[1] == "printed" && lines.all()[2].starts_with("END"), "{:?}", lines.all());
    cloud.deploy("exits", "def handler(event, context): exit(4)\n");
    let (_, error) = cloud.fails("exits", &nothing()).await;
    assert!(error["errorMessage"].as_str().unwrap().ends_with("exit status 4"), "{error}");
    cloud.lambda.stop().await;
    drop(cloud.lambda);
    until("the end of the instance", || !runs(first[1].as_u64().unwrap())).await;
}
