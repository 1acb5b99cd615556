//! How services invoke functions without knowing Lambda.

use std::pin::Pin;

use bytes::Bytes;

use super::service::Fault;

/// An invocation that is going on.
pub type Invoking<'a> = Pin<Box<dyn Future<Output = Result<Invocation, Fault>> + Send + 'a>>;

/// Whoever can invoke functions.
pub trait Invoke: Send + Sync {
    /// Runs the function with this ARN or name and waits for its answer.
    ///
    /// # Errors
    /// `ResourceNotFoundException` (404), `TooManyRequestsException` (429): the function did not run. A function that ran and failed is an
    /// [`Invocation`] with an error.
    fn invoke<'a>(&'a self, region: &'a str, function: &'a str, payload: Bytes) -> Invoking<'a>;

    /// Queues an asynchronous invocation: retried and dead-lettered as Lambda does. Gives its request id.
    ///
    /// # Errors
    /// As [`Invoke::invoke`].
    fn invoke_later(&self, region: &str, function: &str, payload: Bytes) -> Result<String, Fault>;
}

/// A function ran.
#[derive(Clone, Debug)]
pub struct Invocation {
    /// Its request id.
    pub request_id: String,
    /// What it answered, as JSON; the error object if it failed.
    pub payload: Bytes,
    /// How it failed, if it did.
    pub error: Option<FunctionError>,
    /// The last 4 KiB of what it logged.
    pub log_tail: String,
    /// Milliseconds.
    pub duration: f64,
}

/// How a function failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FunctionError {
    /// It raised, could not be imported, or answered what is not JSON.
    Unhandled,
    /// It ran longer than its timeout and was killed.
    TimedOut,
    /// Its process ended.
    Died,
}
