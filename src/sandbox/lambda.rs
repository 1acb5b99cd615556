//! AWS Lambda: functions that run in real Python with real boto3, in processes forked from one that has it loaded.
//!
//! | file | holds |
//! | --- | --- |
//! | `function` | a function as deployed |
//! | `pool` | the instances of a function: one request each, reused, replaced when code changes |
//! | `instance` | one instance and its requests |
//! | `output` | what it prints, as events of a log stream |
//! | `report` | what is told of an invocation that has ended |
//! | `runtime`, `zygote`, `spawned`, `worker`, `frames` | the processes, and how they are spoken to |
//! | `code` | whether files were saved |
//! | `queue`, `events` | asynchronous invocations: retries, destinations |
//! | `api` | the API over HTTP |
//! | `snapshot` | what survives a restart |

mod api;
mod code;
mod events;
mod frames;
mod function;
mod instance;
mod output;
mod pool;
mod queue;
mod report;
mod runtime;
mod snapshot;
mod spawned;
mod worker;
#[cfg(unix)]
mod zygote;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, Weak};

use bytes::Bytes;
use serde_json::Value;
use uuid::Uuid;

pub use function::Function;
pub use output::LogSink;

use self::pool::{Pool, Request, Shared};
use self::runtime::Runtime;
use self::snapshot::Snapshot;
use super::account::Account;
use super::activity::Happening;
use super::interpreter::Interpreter;
use super::invoke::{Invocation, Invoke, Invoking};
use super::region::Regional;
use super::service::{Fault, Service};
use super::sqs::Sqs;

/// How many requests of a function run at once: what a new AWS account may.
const CONCURRENCY: usize = 10;

/// How instances are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Making {
    /// Forked from a process that has everything loaded.
    Fork,
    /// Each a process started anew: where there is no fork.
    Spawn,
}

/// The Lambda of one sandbox.
pub struct Lambda {
    shared: Arc<Shared>,
    warming: AtomicBool,
}

impl Lambda {
    /// A Lambda without functions. Nothing is started before there is one.
    pub fn new(account: Arc<Account>, logs: Arc<dyn LogSink>, interpreter: Arc<Interpreter>) -> Self {
        Self::with(account, logs, interpreter, if cfg!(unix) { Making::Fork } else { Making::Spawn })
    }

    /// The same, with a choice of how instances are made.
    pub fn with(account: Arc<Account>, sink: Arc<dyn LogSink>, interpreter: Arc<Interpreter>, making: Making) -> Self {
        let runtime = Runtime::new(interpreter, account.folder.as_deref(), making);
        let (queues, topics) = (OnceLock::new(), OnceLock::new());
        let functions = Regional::default();
        let shared = Shared { account, sink, runtime, fenced: true, functions, queues, topics };
        Self { shared: Arc::new(shared), warming: AtomicBool::new(false) }
    }

    /// Tells where events that failed for good can be sent: once.
    pub fn connect(&self, queues: &Arc<Sqs>, topics: Weak<dyn Service>) {
        let _ = self.shared.queues.set(Arc::clone(queues));
        let _ = self.shared.topics.set(topics);
    }

    /// Starts Python, and waits until everything that makes instances fast is loaded.
    ///
    /// # Errors
    /// In words, why there is no Python.
    pub async fn warm_up(&self) -> Result<(), String> {
        self.shared.runtime.warm().await
    }

    /// Ends all instances and Python itself, and waits for it.
    pub async fn stop(&self) {
        for region in self.shared.regions() {
            self.shared.pools(&region).iter().for_each(|pool| pool.close());
        }
        self.shared.runtime.stop().await;
    }

    /// Deploys a function, in place of the one that has its name.
    pub fn put_function(&self, region: &str, function: Function) {
        let function = Arc::new(function);
        let functions = self.shared.functions.get(region);
        let mut functions = functions.write().unwrap_or_else(PoisonError::into_inner);
        match functions.get(&function.name) {
            Some(pool) => pool.deploy(function),
            None => {
                let pool = Pool::new(&self.shared, region, Arc::clone(&function), CONCURRENCY);
                functions.insert(function.name.clone(), pool);
            }
        }
        drop(functions);
        self.shared.account.changed();
        self.warm_up_later();
    }

    /// Removes a function; true if there was one.
    pub fn delete_function(&self, region: &str, name: &str) -> bool {
        let functions = self.shared.functions.get(region);
        let removed = functions.write().unwrap_or_else(PoisonError::into_inner).remove(name);
        if let Some(pool) = &removed {
            pool.close();
            self.shared.account.changed();
        }
        removed.is_some()
    }

    /// The function with this name, partial ARN or ARN.
    pub fn function(&self, region: &str, name: &str) -> Option<Arc<Function>> {
        self.shared.pool(region, name).ok().map(|pool| pool.function())
    }

    /// With the first function, Python starts in the background, so that the first invocation finds it running.
    fn warm_up_later(&self) {
        let Ok(tokio) = tokio::runtime::Handle::try_current() else { return };
        if !self.warming.swap(true, Ordering::Relaxed) {
            let shared = Arc::clone(&self.shared);
            tokio.spawn(async move {
                if let Err(trouble) = shared.runtime.warm_up().await {
                    shared.account.tell(Happening::Note(trouble));
                }
            });
        }
    }

    async fn now(&self, pool: &Arc<Pool>, payload: Bytes, client_context: Option<Value>) -> Result<Invocation, Fault> {
        let place = pool.place()?;
        let id = Uuid::new_v4().to_string();
        pool.run(place, &Request { id, payload, attempt: 1, synchronous: true, client_context }).await
    }
}

impl Drop for Lambda {
    /// The functions know what they share, and it knows them.
    fn drop(&mut self) {
        for (_, functions) in self.shared.functions.all() {
            let functions = std::mem::take(&mut *functions.write().unwrap_or_else(PoisonError::into_inner));
            functions.values().for_each(|pool| pool.close());
        }
        self.shared.runtime.abandon();
    }
}

impl Invoke for Lambda {
    fn invoke<'a>(&'a self, region: &'a str, function: &'a str, payload: Bytes) -> Invoking<'a> {
        Box::pin(async move { self.now(&self.shared.pool(region, function)?, payload, None).await })
    }

    fn invoke_later(&self, region: &str, function: &str, payload: Bytes) -> Result<String, Fault> {
        queue::later(&self.shared, &self.shared.pool(region, function)?, payload, None)
    }
}
