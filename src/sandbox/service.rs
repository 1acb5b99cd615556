//! What a service of the sandbox is: a name, a protocol, and an answer to each call.

use std::pin::Pin;

use bytes::Bytes;
use futures::stream::Stream;
use serde_json::Value;

use super::keys::Caller;

/// An answer that is being made.
pub type Handling<'a> = Pin<Box<dyn Future<Output = Result<Reply, Fault>> + Send + 'a>>;

/// How a service is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// `X-Amz-Target: PREFIX.Operation` and a JSON body.
    Json {
        /// `1.0` or `1.1`, for the content type.
        version: &'static str,
        /// What stands before the dot of `X-Amz-Target`: `DynamoDB_20120810`.
        target: &'static str,
    },
    /// A form with `Action=…`; answers are XML.
    Query {
        /// The namespace of the answers.
        namespace: &'static str,
        /// Fields of answers that are maps (`<entry><key/><value/></entry>`), not structures.
        maps: &'static [&'static str],
    },
    /// Method and path name the operation; the service reads them itself.
    Rest,
}

/// One service of the sandbox. The wire has verified who calls and parsed the input before [`Service::call`].
pub trait Service: Send + Sync {
    /// The name in the credential scope of signatures: `sns`, `dynamodb`, `logs`. (DynamoDB Streams signs as `dynamodb`.)
    fn name(&self) -> &'static str;

    /// The protocols that it is spoken to in; the first whose form a request has is taken.
    fn protocols(&self) -> &'static [Protocol];

    /// Which permissions `call` needs; empty for what everybody may do. The wire asks IAM for each before it calls.
    fn access(&self, call: &Call) -> Vec<Access>;

    /// Answers a call.
    ///
    /// # Errors
    /// AWS's own error for it; [`Fault::unknown_operation`] for what the sandbox does not do.
    fn call<'a>(&'a self, call: Call) -> Handling<'a>;

    /// The code that a denial has on this service: `AccessDeniedException`, `AuthorizationError`, `AccessDenied`.
    fn denial(&self) -> &'static str {
        "AccessDeniedException"
    }

    /// What must survive a restart, as bytes of the service's own format; none if nothing does or the service keeps its own files.
    fn snapshot(&self) -> Option<Vec<u8>> {
        None
    }

    /// Takes the state of an earlier run.
    ///
    /// # Errors
    /// In words, what is wrong with the bytes; the service then starts empty.
    fn restore(&self, _snapshot: &[u8]) -> Result<(), String> {
        Ok(())
    }
}

/// A permission that a call needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// `sns:Publish`.
    pub action: String,
    /// The ARN that it acts on, or `*`.
    pub resource: String,
}

/// One request, parsed and verified.
#[derive(Clone, Debug)]
pub struct Call {
    /// `Publish`; for [`Protocol::Rest`] `METHOD /path`.
    pub operation: String,
    /// The input as JSON, whatever the protocol: lists are arrays, maps are objects; query values are all strings.
    pub input: Value,
    /// From the credential scope: `us-east-2`.
    pub region: String,
    /// Who calls.
    pub caller: Caller,
    /// The id that the answer carries.
    pub request_id: String,
    /// The request as it came, for [`Protocol::Rest`] alone.
    pub rest: Option<RestRequest>,
}

/// A request of [`Protocol::Rest`].
#[derive(Clone, Debug, Default)]
pub struct RestRequest {
    /// `GET`.
    pub method: String,
    /// Decoded path, `/2015-03-31/functions/NAME`.
    pub path: String,
    /// Decoded pairs.
    pub query: Vec<(String, String)>,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body as sent.
    pub body: Bytes,
}

impl RestRequest {
    /// The first value of the header `name` (lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The first value of the query parameter `name`.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// An answer.
pub enum Reply {
    /// The output of the operation, written in the protocol that was asked in; `Null` for an empty output.
    Output(Value),
    /// A body that is ready.
    Raw {
        /// HTTP status.
        status: u16,
        /// Headers beside the request id.
        headers: Vec<(String, String)>,
        /// The body.
        body: Bytes,
    },
    /// A body that comes bit by bit, such as an event stream.
    Stream {
        /// `application/vnd.amazon.eventstream`.
        content_type: &'static str,
        /// The bits; dropped when the client leaves.
        body: Pin<Box<dyn Stream<Item = Bytes> + Send>>,
    },
}

impl From<Value> for Reply {
    fn from(output: Value) -> Self {
        Self::Output(output)
    }
}

/// An error of AWS's, as a client sees it.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct Fault {
    /// HTTP status: 400, 403, 404, 500 …
    pub status: u16,
    /// The code that clients match on: `NotFound`, `ResourceNotFoundException`.
    pub code: String,
    /// In words.
    pub message: String,
    /// Members beside the message, such as `CancellationReasons`.
    pub more: Option<Box<Value>>,
}

impl Fault {
    /// The caller's fault: 400.
    pub fn sender(code: &str, message: impl Into<String>) -> Self {
        Self { status: 400, code: code.to_owned(), message: message.into(), more: None }
    }

    /// With another HTTP status.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// With another code.
    #[must_use]
    pub fn code(mut self, code: &str) -> Self {
        code.clone_into(&mut self.code);
        self
    }

    /// An operation that the sandbox does not do.
    pub fn unknown_operation(service: &str, operation: &str) -> Self {
        Self::sender(
            "UnknownOperationException",
            format!("The rydes sandbox does not do {operation} of {service}: it runs what the workshop needs."),
        )
    }

    /// A fault of ours: 500.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::sender("InternalFailure", message).status(500)
    }
}
