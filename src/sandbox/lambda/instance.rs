//! One instance of a function: its environment, its one request at a time, its end.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::frames;
use super::function::Function;
use super::output::{LogSink, Output};
use super::worker::{Ended, Order, Worker};
use crate::sandbox::account::Account;

/// Lambda gives module-level code as long.
const LONGEST_INIT: Duration = Duration::from_secs(10);
/// How long the last lines of output may take after the answer.
const DRAINING: Duration = Duration::from_secs(1);
/// How long a process may take to be seen to have ended.
const ENDING: Duration = Duration::from_secs(3);

/// An instance. Dropping it ends its process.
pub(super) struct Instance {
    worker: Worker,
    output: Arc<Output>,
    account: Arc<Account>,
    /// Of its keys.
    key: String,
    /// How many requests it was given.
    requests: u64,
    /// How long module-level code took, until a request has told.
    init: Option<Duration>,
    /// Since when its function is deployed and its code saved as they are.
    pub(super) generation: u64,
    /// When it last answered.
    pub(super) idle_since: Instant,
    /// The same in sandbox time.
    pub(super) idle_at: Duration,
}

/// What came of one request.
pub(super) struct Outcome {
    pub(super) answer: Answer,
    pub(super) duration: Duration,
    pub(super) init: Option<Duration>,
    pub(super) peak_mb: u64,
    /// Whether the instance can take another request.
    pub(super) reusable: bool,
    /// Whether the request never reached the process, through no fault of the function.
    pub(super) lost: bool,
}

/// How a handler answered.
pub(super) enum Answer {
    /// JSON.
    Returned(Bytes),
    /// Type, message and the error as JSON.
    Raised { kind: String, message: String, payload: Bytes },
    /// It was stopped.
    TimedOut,
    /// Its process ended.
    Died(Ended),
    /// As the process ended because there was no memory left.
    OutOfMemory,
}

/// What an instance is made from.
pub(super) struct Making<'a> {
    pub(super) account: &'a Arc<Account>,
    pub(super) sink: &'a Arc<dyn LogSink>,
    pub(super) region: &'a str,
    pub(super) function: &'a Arc<Function>,
    pub(super) generation: u64,
    /// Where it may write; it is there.
    pub(super) scratch: &'a Path,
    /// Whether it is fenced in.
    pub(super) fenced: bool,
}

impl Instance {
    /// Makes an instance in a process that `start` gives; module-level code runs.
    ///
    /// # Errors
    /// Those of starting a process.
    pub(super) async fn start(
        making: &Making<'_>,
        start: impl AsyncFnOnce(Order) -> Result<Worker, String>,
    ) -> Result<Self, String> {
        let Making { account, sink, region, function, .. } = making;
        let id = Uuid::new_v4().simple().to_string();
        let stream = format!("{}/[$LATEST]{id}", day(account.clock.millis()));
        let mark = Uuid::new_v4().simple().to_string();
        let key = account.keys.issue(Arc::clone(&function.role));
        let mut environment: Map<String, Value> =
            function.environment.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect();
        let runtime = &function.runtime;
        for (name, value) in [
            ("AWS_ACCESS_KEY_ID", key.id.as_str()),
            ("AWS_SECRET_ACCESS_KEY", &key.secret),
            ("AWS_SESSION_TOKEN", key.token.as_deref().unwrap_or_default()),
            ("AWS_REGION", region),
            ("AWS_DEFAULT_REGION", region),
            ("AWS_EXECUTION_ENV", &format!("AWS_Lambda_{runtime}")),
            ("AWS_LAMBDA_FUNCTION_NAME", &function.name),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", &function.memory_mb.to_string()),
            ("AWS_LAMBDA_LOG_GROUP_NAME", &function.log_group),
            ("AWS_LAMBDA_LOG_STREAM_NAME", &stream),
            ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
            ("_HANDLER", &function.handler),
            ("LAMBDA_TASK_ROOT", &function.folder.to_string_lossy()),
            // What makes the sandbox the cloud of every client, and no machine's metadata its keys.
            ("AWS_ENDPOINT_URL", &account.endpoint()),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("NO_PROXY", "127.0.0.1,localhost"),
            ("HOME", &making.scratch.to_string_lossy()),
            ("TMPDIR", &making.scratch.to_string_lossy()),
            ("PATH", "/usr/local/bin:/usr/bin:/bin"),
            ("LANG", "en_US.UTF-8"),
            ("TZ", ":UTC"),
            ("PYTHONDONTWRITEBYTECODE", "1"),
        ] {
            environment.insert(name.to_owned(), value.into());
        }
        let order = json!({
            "folder": function.folder,
            "handler": function.handler,
            "environment": environment,
            "mark": mark,
            "writable": [making.scratch],
            "port": account.port(),
            "fenced": making.fenced,
            "function": {
                "name": function.name,
                "arn": function.arn(region),
                "memory_mb": function.memory_mb,
                "log_group": function.log_group,
                "log_stream": stream,
            },
        });
        let begun = Instant::now();
        let mut worker = start(order).await?;
        let output = Output::new(Arc::clone(account), Arc::clone(sink), region, &function.log_group, &stream, &mark);
        if let Some(source) = worker.output.take() {
            tokio::spawn(Arc::clone(&output).collect(source));
        }
        let mut instance = Self {
            worker,
            output,
            account: Arc::clone(account),
            key: key.id,
            requests: 0,
            init: None,
            generation: making.generation,
            idle_since: begun,
            idle_at: account.clock.now(),
        };
        // If it fails, the first request tells why: the frame is not there, and neither is the process.
        let ready = tokio::time::timeout(LONGEST_INIT.max(function.timeout), frames::read(&mut instance.worker.reader));
        let _ = ready.await;
        instance.init = Some(begun.elapsed());
        Ok(instance)
    }

    /// Whether its process is still there.
    pub(super) fn is_alive(&self) -> bool {
        !self.worker.has_ended()
    }

    /// Its log.
    pub(super) fn output(&self) -> &Output {
        &self.output
    }

    /// Gives it a request and waits for what comes of it. A request that takes longer than `timeout` ends the process.
    pub(super) async fn request(&mut self, request: &Value, payload: &[u8], timeout: Duration) -> Outcome {
        self.requests += 1;
        let init = self.init.take();
        let begun = Instant::now();
        let mut taken = false;
        let answered = tokio::time::timeout(timeout, async {
            frames::write(&mut self.worker.writer, request, payload).await?;
            taken = true;
            frames::read(&mut self.worker.reader).await
        })
        .await;
        let duration = begun.elapsed();
        let (answer, header) = match answered {
            Ok(Ok((header, payload))) => (answer(&header, payload), header),
            Ok(Err(_)) => (Answer::Died(self.end(false).await), Value::Null),
            Err(_) => {
                self.end(true).await;
                (Answer::TimedOut, Value::Null)
            }
        };
        self.output.drained(self.requests, DRAINING).await;
        let healthy = header["leftovers"] != true && header["over"] != true && !matches!(answer, Answer::OutOfMemory);
        self.idle_since = Instant::now();
        self.idle_at = self.account.clock.now();
        Outcome {
            reusable: healthy && !header.is_null(),
            peak_mb: header["peak_kb"].as_u64().unwrap_or_default().div_ceil(1024),
            // A process that ended while it was idle, unseen so far, never got the request: another one may have it.
            lost: !taken && (self.requests > 1 || matches!(answer, Answer::Died(Ended::Lost))),
            answer,
            duration: duration.min(timeout),
            init,
        }
    }

    /// Waits for the end of the process, which is brought about unless it comes by itself.
    async fn end(&mut self, now: bool) -> Ended {
        if now {
            (self.worker.end)();
        }
        match tokio::time::timeout(ENDING, self.worker.ending()).await {
            Ok(ended) => ended,
            Err(_) => {
                (self.worker.end)();
                Ended::Lost
            }
        }
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        self.account.keys.revoke(&self.key);
    }
}

fn answer(header: &Value, payload: Bytes) -> Answer {
    if header["ok"] == true {
        return Answer::Returned(payload);
    }
    if header["out_of_memory"] == true {
        return Answer::OutOfMemory;
    }
    let text = |name: &str| header[name].as_str().unwrap_or_default().to_owned();
    Answer::Raised { kind: text("kind"), message: text("message"), payload }
}

/// `2026/11/28`.
fn day(millis: i64) -> String {
    chrono::DateTime::from_timestamp_millis(millis).unwrap_or_default().format("%Y/%m/%d").to_string()
}
