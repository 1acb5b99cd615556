//! What a handler cannot do to the program, the machine and the learner's files. Needs Landlock of Linux 6.12 for all of it.

use std::fs;
use std::time::Duration;

use rydes::sandbox::{Function, FunctionError};
use serde_json::{Value, json};

use super::{Cloud, REGION, nothing, runs, until};

/// Runs what the event says.
const ANYTHING: &str = "
import os, sys, time, socket, subprocess
def handler(event, context):
    found = {}
    exec(event['code'], globals(), found)
    return found.get('answer')
";

impl Cloud {
    async fn does(&self, code: &str) -> Value {
        self.call("anything", &json!({ "code": code })).await
    }

    /// The error that the code raises.
    async fn cannot(&self, code: &str) -> String {
        self.fails("anything", &json!({ "code": code })).await.1["errorType"].as_str().unwrap().to_owned()
    }
}

fn cloud() -> Cloud {
    let cloud = Cloud::new();
    cloud.deploy("anything", ANYTHING);
    cloud
}

#[tokio::test]
async fn files_are_written_in_the_scratch_folder_alone_and_private_ones_not_read() {
    let cloud = cloud();
    let private = cloud.folder.path().join("private");
    fs::write(&private, "secret").unwrap();
    let private = private.display().to_string();
    for code in [
        "open('handlers/new.py', 'w')".to_owned(),
        "open('handlers/anything.py', 'a')".to_owned(),
        "os.remove('handlers/anything.py')".to_owned(),
        "os.mkdir('folder')".to_owned(),
        "os.truncate('handlers/anything.py', 0)".to_owned(),
        format!("open('{private}')"),
        format!("open('{private}', 'w')"),
        format!("os.listdir('{}')", cloud.folder.path().display()),
        format!("open('/proc/{}/environ')", std::process::id()),
        format!("open('/proc/{}/root/etc/hosts')", std::process::id()),
    ] {
        assert_eq!(cloud.cannot(&code).await, "PermissionError", "{code}");
    }
    let home =
        cloud.does("answer = [os.environ['HOME'], os.environ['TMPDIR'], __import__('tempfile').gettempdir()]").await;
    assert!(home[0] == home[1] && home[1] == home[2], "{home}");
    let kept = cloud.does("p = os.environ['TMPDIR'] + '/x'; open(p, 'w').write('1'); answer = open(p).read()").await;
    assert_eq!(kept, "1");
    assert_eq!(cloud.does("answer = open('handlers/anything.py').readline()").await, "\n");
    // A program that the handler starts is no freer.
    let shell = format!("answer = subprocess.run(['cat', '{private}'], capture_output=True).returncode");
    assert_ne!(cloud.does(&shell).await, 0);
    assert_eq!(fs::read_to_string(private).unwrap(), "secret");
    assert!(home[0].as_str().unwrap().starts_with(cloud.folder.path().canonicalize().unwrap().to_str().unwrap()));
}

#[tokio::test]
async fn a_handler_has_a_tmp_of_its_own() {
    // Elsewhere than in /tmp, as learners' folders are.
    let cloud = Cloud::in_folder(tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap(), 1.0);
    cloud.deploy("anything", ANYTHING);
    let name = cloud.folder.path().file_name().unwrap().to_str().unwrap();
    cloud.does(&format!("open('/tmp/{name}', 'w').write('1')")).await;
    assert_eq!(cloud.does("answer = os.listdir('/tmp') == os.listdir(os.environ['TMPDIR'])").await, true);
    assert!(!std::path::Path::new("/tmp").join(name).exists());
}

#[tokio::test]
async fn connections_go_to_the_sandbox_alone() {
    let cloud = cloud();
    let (own, other) =
        (std::net::TcpListener::bind("127.0.0.1:0").unwrap(), std::net::TcpListener::bind("127.0.0.1:0").unwrap());
    let port = |listener: &std::net::TcpListener| listener.local_addr().unwrap().port();
    cloud.account.bound(port(&own));
    let connect = |port| format!("socket.create_connection(('127.0.0.1', {port}), 5).close()");
    cloud.does(&connect(port(&own))).await;
    assert_eq!(cloud.cannot(&connect(port(&other))).await, "PermissionError");
    assert_eq!(cloud.cannot("socket.socket().bind(('127.0.0.1', 0))").await, "PermissionError");
}

#[tokio::test]
async fn nobody_outside_can_be_killed() {
    let cloud = cloud();
    // Signal 0 kills nobody; who may send it may send any other.
    for victim in ["os.getppid()".to_owned(), std::process::id().to_string(), "1".to_owned()] {
        assert_eq!(cloud.cannot(&format!("os.kill({victim}, 0)")).await, "PermissionError", "{victim}");
    }
    let code = "child = subprocess.Popen(['sleep', '60']); child.kill(); answer = child.wait()";
    assert_eq!(cloud.does(code).await, -9, "its own may");
}

#[tokio::test]
async fn a_fork_bomb_is_small_and_nothing_of_it_is_left() {
    let cloud = cloud();
    // The children end by themselves, should the limit fail.
    let bomb = "
children = []
try:
    while len(children) < 600:
        child = os.fork()
        if child == 0:
            os.setsid()
            time.sleep(30)
            os._exit(0)
        children.append(child)
except BlockingIOError:
    pass
answer = children";
    let children = cloud.does(bomb).await;
    let children = children.as_array().unwrap();
    assert!(!children.is_empty() && children.len() <= 200, "{} processes", children.len());
    until("the end of the bomb", || !children.iter().any(|child| runs(child.as_u64().unwrap()))).await;
    assert_eq!(cloud.does("answer = 1").await, 1);
}

#[tokio::test]
async fn a_child_does_not_answer_for_its_parent_nor_outlive_it() {
    let cloud = cloud();
    let answer = cloud.does("child = os.fork(); answer = ['child'] if child == 0 else child").await;
    assert!(answer.is_u64(), "{answer}");
    // In the background, out of its session, without standing in the way of anything.
    let daemon = cloud
        .does("answer = subprocess.Popen(['sleep', '60'], start_new_session=True, stdout=subprocess.DEVNULL).pid")
        .await;
    until("the end of the daemon", || !runs(daemon.as_u64().unwrap())).await;
}

#[tokio::test]
async fn memory_is_limited() {
    let cloud = Cloud::new();
    cloud.save("anything", ANYTHING);
    cloud.lambda.put_function(REGION, Function { memory_mb: 128, ..cloud.function("anything") });
    cloud.does("x = bytearray(30 << 20)").await;
    let (how, error) = cloud.fails("anything", &json!({ "code": "x = bytearray(128 << 20)" })).await;
    assert_eq!((how, &error["errorType"]), (FunctionError::Died, &json!("Runtime.OutOfMemory")));
    assert!(error["errorMessage"].as_str().unwrap().ends_with("Runtime exited with error: signal: killed"), "{error}");
    cloud.does("x = bytearray(30 << 20)").await;
}

#[tokio::test]
async fn a_flood_of_output_is_cut_and_said_to_be() {
    let cloud = cloud();
    for flood in [
        "line = 'x' * 1023 + '\\n'\nfor _ in range(200): sys.stdout.write(line * 1024)",
        "for _ in range(200): os.write(1, b'x' * (1 << 20))",
        "for _ in range(3): sys.stdout.write('\\n' * (1 << 20))",
    ] {
        let before = cloud.lines.all().len();
        cloud.does(flood).await;
        let lines = cloud.lines.all().split_off(before);
        let bytes: usize = lines.iter().map(String::len).sum();
        assert!(bytes < 5 << 20 && lines.len() < 21_000, "{bytes} bytes in {} lines", lines.len());
        assert!(lines[lines.len() - 3].contains("bytes of output were dropped"), "{:?}", &lines[lines.len() - 3]);
        assert!(lines[lines.len() - 1].starts_with("REPORT RequestId: "));
    }
    // The next invocation may log again.
    let before = cloud.lines.all().len();
    cloud.does("print('again')").await;
    assert_eq!(cloud.lines.all()[before + 1], "again");
}

#[tokio::test]
async fn what_fills_the_disk_or_opens_everything_is_stopped() {
    let cloud = cloud();
    let error = cloud
        .cannot("with open(os.environ['TMPDIR'] + '/x', 'wb') as file: os.posix_fallocate(file.fileno(), 0, 600 << 20)")
        .await;
    assert_eq!(error, "OSError");
    assert_eq!(cloud.cannot("files = [open('/dev/null') for _ in range(2000)]").await, "OSError");
}

#[tokio::test]
async fn an_endless_loop_at_module_level_ends_as_well() {
    let cloud = Cloud::new();
    cloud.save("stuck", "import os\nprint(os.getpid(), flush=True)\nwhile True: pass\n");
    cloud.lambda.put_function(REGION, Function { timeout: Duration::from_millis(500), ..cloud.function("stuck") });
    assert_eq!(cloud.fails("stuck", &nothing()).await.0, FunctionError::TimedOut);
    let process = cloud.lines.all().iter().find_map(|line| line.parse().ok()).unwrap();
    assert!(!runs(process));
}
