//! The wire: HTTP requests in AWS's protocols become calls of services, verified and permitted, and replies become what AWS would send.
//!
//! [`Server`] takes connections on loopback. [`Wire`] verifies the signature, finds the service, asks IAM, calls, and writes the reply.

mod answer;
mod authorization;
mod encoding;
mod form;
mod query;
mod request;
mod server;
mod sigv4;
mod xml;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use chrono::Utc;
use futures::future::FutureExt;
use serde_json::Value;
use uuid::Uuid;

use self::answer::{Answer, page, words};
use self::form::{Form, Shape};
use self::request::Arrived;
use self::sigv4::{Refusal, Verified, verify};
use super::account::Account;
use super::activity::Happening;
use super::front::Front;
use super::iam::Iam;
use super::service::{Call, Fault, Reply, Service};

pub use authorization::{Authorization, Unreadable};
pub use query::parse as parse_query;
pub use server::{Server, listen};

/// The code of [`Fault::unknown_operation`].
const UNKNOWN: &str = "UnknownOperationException";

/// Answers requests: with the pages of the fronts, else as the services.
pub struct Wire {
    account: Arc<Account>,
    services: Vec<Arc<dyn Service>>,
    fronts: Vec<Arc<dyn Front>>,
    iam: Iam,
}

impl Wire {
    /// A wire to these services and pages.
    pub fn new(account: Arc<Account>, services: Vec<Arc<dyn Service>>, fronts: Vec<Arc<dyn Front>>) -> Self {
        Self { account, services, fronts, iam: Iam::default() }
    }

    async fn answer(&self, arrived: Arrived) -> Answer {
        let first = arrived.request.path.split('/').nth(1).unwrap_or_default();
        if let Some(front) = self.fronts.iter().find(|front| front.prefix() == first) {
            let serving = AssertUnwindSafe(front.serve(arrived.request)).catch_unwind();
            return serving.await.map_or_else(|_| words(500, "A fault of the rydes sandbox's own."), page);
        }
        let shape = Shape::of(&arrived);
        let request_id = Uuid::new_v4().to_string();
        let verified = match verify(&arrived, &self.account.keys, Utc::now().naive_utc()) {
            Ok(verified) => verified,
            Err(refusal) => {
                let claim = Authorization::read(&arrived.request, &arrived.raw_query).ok();
                let form = shape.form(&arrived, claim.as_ref().map_or("", |claim| &claim.service));
                return form.fault(&refused(refusal, form), &request_id);
            }
        };
        let name = verified.claim.service.as_str();
        let of_name = self.services.iter().filter(|service| service.name() == name);
        let mut spoken = of_name.filter_map(|service| Some((service, shape.protocol(&**service)?)));
        match spoken.next() {
            Some((service, protocol)) => {
                let form = Form::from(protocol);
                match self.call(&**service, shape, arrived, verified, &request_id).await {
                    (operation, Ok(reply)) => form.reply(&operation, reply, &request_id),
                    (_, Err(fault)) => form.fault(&fault, &request_id),
                }
            }
            None => {
                let form = shape.form(&arrived, name);
                let operation = match shape {
                    Shape::Json { operation, .. } => operation,
                    Shape::Query => query::parse(&whole_form(&arrived)).map(|(action, _)| action).unwrap_or_default(),
                    Shape::Cbor | Shape::Rest => format!("{} {}", arrived.request.method, arrived.request.path),
                };
                self.account.tell(Happening::Unknown { operation: format!("{name} {operation}") });
                form.fault(&Fault::unknown_operation(name, &operation), &request_id)
            }
        }
    }

    /// Calls a service, and tells the feed.
    async fn call(
        &self,
        service: &dyn Service,
        shape: Shape,
        arrived: Arrived,
        verified: Verified,
        request_id: &str,
    ) -> (String, Result<Reply, Fault>) {
        let (operation, input, rest) = match understand(shape, arrived) {
            Ok(understood) => understood,
            Err(fault) => return (String::new(), Err(fault)),
        };
        let (caller, region) = (verified.caller, verified.claim.region);
        let call =
            Call { operation: operation.clone(), input, region, caller, request_id: request_id.to_owned(), rest };
        // Inputs are copied for listeners only.
        let told = self.account.feed.has_listeners().then(|| (call.caller.arn(), call.input.clone()));
        let outcome = match self.permit(service, &call) {
            Ok(()) => {
                let handling = AssertUnwindSafe(service.call(call)).catch_unwind();
                handling.await.unwrap_or_else(|_| Err(Fault::internal("A fault of the rydes sandbox's own.")))
            }
            Err(denied) => Err(denied),
        };
        if let Some((caller, input)) = told {
            let service = service.name().to_owned();
            if outcome.as_ref().is_err_and(|fault| fault.code == UNKNOWN) {
                self.account.tell(Happening::Unknown { operation: format!("{service} {operation}") });
            }
            let fault = outcome.as_ref().err().map(|fault| (fault.code.clone(), fault.message.clone()));
            let (operation, key) = (operation.clone(), verified.claim.key);
            self.account.tell(Happening::Called { service, operation, caller, key, input, fault });
        }
        (operation, outcome)
    }

    /// Asks IAM for all that a call needs.
    fn permit(&self, service: &dyn Service, call: &Call) -> Result<(), Fault> {
        if call.caller == super::keys::Caller::Learner {
            return Ok(());
        }
        let access = service.access(call);
        self.iam.permit(&self.account, &call.caller, &call.region, &access).map_err(|denial| {
            let is_json = call.rest.is_none() && service.denial().ends_with("Exception");
            Fault::sender(service.denial(), denial).status(if is_json { 400 } else { 403 })
        })
    }
}

impl std::fmt::Debug for Wire {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&str> = self.services.iter().map(|service| service.name()).collect();
        formatter.debug_struct("Wire").field("services", &names).finish_non_exhaustive()
    }
}

/// Operation, input and, for services that read it themselves, the request.
type Understood = (String, Value, Option<super::service::RestRequest>);

fn understand(shape: Shape, arrived: Arrived) -> Result<Understood, Fault> {
    match shape {
        Shape::Json { operation, .. } => {
            let body = &arrived.request.body;
            let input =
                if body.is_empty() { Ok(Value::Object(Default::default())) } else { serde_json::from_slice(body) };
            match input {
                Ok(input @ Value::Object(_)) => Ok((operation, input, None)),
                Ok(_) => Err(Fault::sender("SerializationException", "The body is JSON, but no object.")),
                Err(error) => Err(Fault::sender("SerializationException", format!("The body is no JSON: {error}."))),
            }
        }
        Shape::Query => query::parse(&whole_form(&arrived)).map(|(operation, input)| (operation, input, None)),
        Shape::Cbor | Shape::Rest => {
            let operation = format!("{} {}", arrived.request.method, arrived.request.path);
            Ok((operation, Value::Null, Some(arrived.request)))
        }
    }
}

/// The parameters of a query request, wherever they stand.
fn whole_form(arrived: &Arrived) -> String {
    let body = String::from_utf8_lossy(&arrived.request.body);
    if arrived.raw_query.is_empty() { body.into_owned() } else { format!("{}&{body}", arrived.raw_query) }
}

/// AWS's error for a request that is not believed, which differs between the protocols.
fn refused(refusal: Refusal, form: Form) -> Fault {
    let is_query = matches!(form, Form::Query { .. } | Form::Xml);
    let code = |query: &str, other: &str| if is_query { query.to_owned() } else { other.to_owned() };
    let forbidden = if matches!(form, Form::Json(_) | Form::Cbor) { 400 } else { 403 };
    match refusal {
        Refusal::Missing => {
            let words =
                if is_query { "Request is missing Authentication Token" } else { "Missing Authentication Token" };
            Fault::sender(&code("MissingAuthenticationToken", "MissingAuthenticationTokenException"), words)
                .status(forbidden)
        }
        Refusal::Incomplete(words) => {
            Fault::sender(&code("IncompleteSignature", "IncompleteSignatureException"), words)
        }
        Refusal::UnknownKey => {
            let words = "The security token included in the request is invalid.";
            Fault::sender(&code("InvalidClientTokenId", "UnrecognizedClientException"), words).status(forbidden)
        }
        Refusal::Wrong(words) => {
            Fault::sender(&code("SignatureDoesNotMatch", "InvalidSignatureException"), words).status(forbidden)
        }
    }
}
