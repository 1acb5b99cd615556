//! AWS Lambda: functions that run in real Python with real boto3, in processes forked from one that has it loaded.
//!
//! | file | holds |
//! | --- | --- |
//! | `function` | a function as deployed |
//! | `pool` | the instances of a function: one request each, reused, replaced when code changes |
//! | `instance` | one instance and its requests |
//! | `output` | what it prints, as events of a log stream |
//! | `runtime`, `zygote`, `worker`, `frames` | the processes, and how they are spoken to |
//! | `code` | whether files were saved |

mod code;
mod frames;
mod function;
mod instance;
mod output;
mod pool;
mod runtime;
mod worker;
mod zygote;

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use bytes::Bytes;
use uuid::Uuid;

pub use function::Function;
pub use output::LogSink;

use self::pool::{Pool, Request, Shared};
use self::runtime::Runtime;
use super::account::Account;
use super::interpreter::Interpreter;
use super::invoke::{Invocation, Invoke, Invoking};
use super::region::Regional;
use super::service::Fault;

/// How many requests of a function run at once: what a new AWS account may.
const CONCURRENCY: usize = 10;

/// The Lambda of one sandbox.
pub struct Lambda {
    shared: Arc<Shared>,
    functions: Regional<RwLock<BTreeMap<String, Arc<Pool>>>>,
}

impl Lambda {
    /// A Lambda without functions. Nothing is started before there is one.
    pub fn new(account: Arc<Account>, logs: Arc<dyn LogSink>, interpreter: Arc<Interpreter>) -> Self {
        let runtime = Runtime::new(interpreter, account.folder.as_deref());
        Self { shared: Arc::new(Shared { account, sink: logs, runtime, fenced: true }), functions: Regional::default() }
    }

    /// Starts Python in the background, so that the first invocation finds it running.
    ///
    /// # Errors
    /// In words, why there is no Python.
    pub async fn warm_up(&self) -> Result<(), String> {
        self.shared.runtime.warm().await
    }

    /// Ends all instances and Python itself, and waits for it.
    pub async fn stop(&self) {
        for (_, functions) in self.functions.all() {
            functions.write().unwrap_or_else(PoisonError::into_inner).values().for_each(|pool| pool.retire());
        }
        self.shared.runtime.stop().await;
    }

    /// Deploys a function, in place of the one that has its name.
    pub fn put_function(&self, region: &str, function: Function) {
        let function = Arc::new(function);
        let functions = self.functions.get(region);
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
    }

    /// Removes a function; true if there was one.
    pub fn delete_function(&self, region: &str, name: &str) -> bool {
        let functions = self.functions.get(region);
        let removed = functions.write().unwrap_or_else(PoisonError::into_inner).remove(name);
        if let Some(pool) = &removed {
            pool.retire();
            self.shared.account.changed();
        }
        removed.is_some()
    }

    /// The function with this name, partial ARN or ARN.
    pub fn function(&self, region: &str, name: &str) -> Option<Arc<Function>> {
        self.pool(region, name).ok().map(|pool| pool.function())
    }

    fn pool(&self, region: &str, wanted: &str) -> Result<Arc<Pool>, Fault> {
        let functions = self.functions.get(region);
        let functions = functions.read().unwrap_or_else(PoisonError::into_inner);
        let pool = function::name(region, wanted).and_then(|name| functions.get(name));
        pool.cloned().ok_or_else(|| {
            let arn = if wanted.starts_with("arn:") { wanted.to_owned() } else { function::arn(region, wanted) };
            Fault::sender("ResourceNotFoundException", format!("Function not found: {arn}")).status(404)
        })
    }

    async fn run(&self, region: &str, function: &str, payload: Bytes) -> Result<Invocation, Fault> {
        let pool = self.pool(region, function)?;
        let place = pool.place()?;
        let id = Uuid::new_v4().to_string();
        pool.run(place, &Request { id, payload, attempt: 1, synchronous: true, client_context: None }).await
    }
}

impl Invoke for Lambda {
    fn invoke<'a>(&'a self, region: &'a str, function: &'a str, payload: Bytes) -> Invoking<'a> {
        Box::pin(self.run(region, function, payload))
    }

    fn invoke_later(&self, region: &str, function: &str, payload: Bytes) -> Result<String, Fault> {
        let pool = self.pool(region, function)?;
        let id = Uuid::new_v4().to_string();
        let request = Request { id: id.clone(), payload, attempt: 1, synchronous: false, client_context: None };
        tokio::spawn(async move {
            if let Some(place) = pool.wait_for_place().await {
                let _ = pool.run(place, &request).await;
            }
        });
        Ok(id)
    }
}
