//! The other services, as far as a handler that is tried can tell: a fleet that sends the unicorn of the hour, a record service that takes all.

use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use serde_json::{Value, json};

use crate::check::behaviour::HttpCall;
use crate::sandbox::front::{Front, Page, PageBody, Serving};
use crate::sandbox::service::RestRequest;

/// The first piece of the paths.
const PREFIX: &str = "trial";

/// Both of them.
#[derive(Default)]
pub(super) struct Stubs(Mutex<Hour>);

#[derive(Default)]
struct Hour {
    unicorn: Value,
    calls: Vec<HttpCall>,
}

impl Stubs {
    /// The fleet's URL on the sandbox at `endpoint`.
    pub(super) fn fleet(endpoint: &str) -> String {
        format!("{endpoint}/{PREFIX}/unicorn")
    }

    /// The record service's URL.
    pub(super) fn record(endpoint: &str) -> String {
        format!("{endpoint}/{PREFIX}/record")
    }

    /// From now on the fleet sends `unicorn`, and calls count from here.
    pub(super) fn begin(&self, unicorn: Value) {
        *self.hour() = Hour { unicorn, calls: Vec::new() };
    }

    /// The calls since it began.
    pub(super) fn calls(&self) -> Vec<HttpCall> {
        std::mem::take(&mut self.hour().calls)
    }

    fn hour(&self) -> MutexGuard<'_, Hour> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Front for Stubs {
    fn prefix(&self) -> &'static str {
        PREFIX
    }

    fn serve<'a>(&'a self, request: RestRequest) -> Serving<'a> {
        let mut hour = self.hour();
        let to_record = request.path.contains("/record");
        let body = String::from_utf8_lossy(&request.body).into_owned();
        hour.calls.push(HttpCall { method: request.method, to_record, body });
        let (status, answer) = if to_record { (201, json!({ "success": true })) } else { (200, hour.unicorn.clone()) };
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        let page = Page { status, headers, body: PageBody::Whole(Bytes::from(answer.to_string())) };
        Box::pin(std::future::ready(page))
    }
}
