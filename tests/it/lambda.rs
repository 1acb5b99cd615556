//! Functions run in real Python: as Lambda would run them, and fenced in.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rydes::sandbox::{
    Account, Function, FunctionError, Interpreter, Invocation, Invoke, Lambda, LogSink, Role, Sandbox,
};
use serde_json::{Value, json};

mod ends;
mod errors;
mod fence;
mod later;
mod warm;

const REGION: &str = "us-east-2";

/// Logs as they come: stream and message.
#[derive(Default)]
pub(super) struct Lines(Mutex<Vec<(String, String)>>);

impl LogSink for Lines {
    fn put(&self, _: &str, _: &str, stream: &str, events: Vec<(i64, String)>) {
        self.0.lock().unwrap().extend(events.into_iter().map(|(_, message)| (stream.to_owned(), message)));
    }
}

impl Lines {
    pub(super) fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().iter().map(|(_, message)| message.clone()).collect()
    }

    pub(super) fn streams(&self) -> Vec<String> {
        let mut streams: Vec<String> = self.0.lock().unwrap().iter().map(|(stream, _)| stream.clone()).collect();
        streams.dedup();
        streams
    }
}

/// A Lambda and a service folder.
pub(super) struct Cloud {
    pub(super) account: Arc<Account>,
    pub(super) lambda: Arc<Lambda>,
    pub(super) lines: Arc<Lines>,
    pub(super) folder: tempfile::TempDir,
}

impl Cloud {
    pub(super) fn new() -> Self {
        Self::with_speed(1.0)
    }

    pub(super) fn with_speed(speed: f64) -> Self {
        Self::in_folder(tempfile::tempdir().unwrap(), speed)
    }

    pub(super) fn in_folder(folder: tempfile::TempDir, speed: f64) -> Self {
        let account = Arc::new(Account::new(Some(folder.path().join("state")), speed));
        let lines = Arc::new(Lines::default());
        let sink: Arc<dyn LogSink> = lines.clone();
        let lambda = Arc::new(Lambda::new(Arc::clone(&account), sink, interpreter()));
        Self { account, lambda, lines, folder }
    }

    pub(super) fn service(&self) -> PathBuf {
        self.folder.path().join("service")
    }

    /// Saves `code` as `handlers/NAME.py`.
    pub(super) fn save(&self, name: &str, code: &str) {
        fs::create_dir_all(self.service().join("handlers")).unwrap();
        fs::write(self.service().join(format!("handlers/{name}.py")), code).unwrap();
    }

    /// A function whose code is saved already; it may be changed before it is deployed.
    pub(super) fn function(&self, name: &str) -> Function {
        Function {
            name: name.to_owned(),
            handler: format!("handlers/{name}.handler"),
            folder: self.service(),
            role: Arc::new(Role {
                name: "role".to_owned(),
                session: name.to_owned(),
                policies: Vec::new(),
                service: "service".to_owned(),
            }),
            timeout: Duration::from_secs(20),
            memory_mb: 256,
            log_group: format!("/aws/lambda/{name}"),
            environment: BTreeMap::from([("COLOUR".to_owned(), "golden".to_owned())]),
            ..Function::default()
        }
    }

    /// Saves and deploys.
    pub(super) fn deploy(&self, name: &str, code: &str) {
        self.save(name, code);
        self.lambda.put_function(REGION, self.function(name));
    }

    pub(super) async fn invoke(&self, name: &str, event: &Value) -> Invocation {
        self.lambda.invoke(REGION, name, event.to_string().into()).await.unwrap()
    }

    /// What the function returns; it must not fail.
    pub(super) async fn call(&self, name: &str, event: &Value) -> Value {
        let invocation = self.invoke(name, event).await;
        let text = String::from_utf8_lossy(&invocation.payload).into_owned();
        assert_eq!(invocation.error, None, "{text}\n{:#?}", self.lines.all());
        serde_json::from_str(&text).unwrap()
    }

    /// How the function fails; it must.
    pub(super) async fn fails(&self, name: &str, event: &Value) -> (FunctionError, Value) {
        let invocation = self.invoke(name, event).await;
        let payload = serde_json::from_slice(&invocation.payload).unwrap();
        (invocation.error.unwrap_or_else(|| panic!("{name} did not fail: {payload}")), payload)
    }
}

/// The Python that the program finds or makes.
pub(super) fn interpreter() -> Arc<Interpreter> {
    Arc::new(Interpreter::default())
}

/// Waits for a condition; no test waits for a span of time.
pub(super) async fn until(what: &str, condition: impl Fn() -> bool) {
    let begun = Instant::now();
    while !condition() {
        assert!(begun.elapsed() < Duration::from_secs(30), "{what} did not come");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// The functions that tests/contract/lambda.py invokes.
pub(super) fn deploy_for_contract(sandbox: &Sandbox, workspace: &Path, role: &Arc<Role>) {
    let folder = workspace.join("service");
    fs::create_dir_all(folder.join("handlers")).unwrap();
    for (name, code) in [
        (
            "echo",
            "
def handler(event, context):
    print('echoing', event) if event else print('echoing')
    custom = context.client_context.custom if context.client_context else None
    return {'event': event, 'custom': custom}
",
        ),
        ("fails", "def handler(event, context):\n    raise ValueError('no')\n"),
        (
            "publishes",
            "
import boto3
SNS = boto3.client('sns')
def handler(event, context):
    return SNS.publish(TopicArn=event['topic'], Message='from a handler')
",
        ),
    ] {
        fs::write(folder.join(format!("handlers/{name}.py")), code).unwrap();
        let function = Function {
            name: name.to_owned(),
            handler: format!("handlers/{name}.handler"),
            folder: folder.clone(),
            role: Arc::clone(role),
            timeout: Duration::from_secs(20),
            memory_mb: 256,
            log_group: format!("/aws/lambda/{name}"),
            environment: BTreeMap::from([("COLOUR".to_owned(), "golden".to_owned())]),
            ..Function::default()
        };
        sandbox.services().lambda.put_function(REGION, function);
    }
}

/// Whether a process is there and no zombie.
pub(super) fn runs(process: u64) -> bool {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    status.lines().any(|line| line.starts_with("State:") && !line.contains('Z'))
}

pub(super) fn nothing() -> Value {
    json!({})
}
