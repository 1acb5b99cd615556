//! The forms of requests and answers: which protocol a request speaks, and answers and errors written in it.

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::answer::{Answer, bytes, stream};
use super::request::Arrived;
use super::xml;
use crate::sandbox::service::{Fault, Protocol, Reply, Service};

/// The namespace of errors before a service is known.
const NO_NAMESPACE: &str = "http://webservices.amazon.com/AWSFault/2005-15-09";
/// The member of [`Fault::more`] that is a header: the name of the error in the older query protocol, and whose fault it is.
const QUERY_ERROR: &str = "x-amzn-query-error";

/// What a request looks like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// `X-Amz-Target: PREFIX.Operation`.
    Json { target: String, operation: String },
    /// A form with an action.
    Query,
    /// CBOR, which no service of the sandbox needs.
    Cbor,
    /// Anything else.
    Rest,
}

impl Shape {
    pub(super) fn of(arrived: &Arrived) -> Self {
        let request = &arrived.request;
        if let Some((target, operation)) = request.header("x-amz-target").and_then(|target| target.rsplit_once('.')) {
            return Self::Json { target: target.to_owned(), operation: operation.to_owned() };
        }
        if request.header("smithy-protocol") == Some("rpc-v2-cbor") {
            return Self::Cbor;
        }
        let is_form = || {
            let kind = request.header("content-type").unwrap_or_default();
            request.method == "POST" && kind.starts_with("application/x-www-form-urlencoded")
        };
        if request.parameter("Action").is_some() || is_form() { Self::Query } else { Self::Rest }
    }

    /// The protocol of `service` that has this shape.
    pub(super) fn protocol(&self, service: &dyn Service) -> Option<Protocol> {
        let mut protocols = service.protocols().iter().copied();
        protocols.find(|protocol| match (protocol, self) {
            (Protocol::Json { target, .. }, Self::Json { target: asked, .. }) => target == asked,
            (Protocol::Query { .. }, Self::Query) | (Protocol::Rest, Self::Rest) => true,
            _ => false,
        })
    }

    /// The form of an error before a service is known.
    pub(super) fn form(&self, arrived: &Arrived, service: &str) -> Form {
        match self {
            Self::Json { .. } => {
                let kind = arrived.request.header("content-type").unwrap_or_default();
                Form::Json(if kind.ends_with("1.1") { "1.1" } else { "1.0" })
            }
            Self::Query => Form::Query { namespace: NO_NAMESPACE, maps: &[] },
            Self::Cbor => Form::Cbor,
            Self::Rest if ["s3", "route53", "cloudfront"].contains(&service) => Form::Xml,
            Self::Rest => Form::Rest,
        }
    }
}

/// How an answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// With its version.
    Json(&'static str),
    /// XML in wrappers.
    Query { namespace: &'static str, maps: &'static [&'static str] },
    /// JSON without wrappers, the kind of an error in a header.
    Rest,
    /// Errors alone, for clients of services that the sandbox has not.
    Xml,
    /// Errors alone, likewise.
    Cbor,
}

impl From<Protocol> for Form {
    fn from(protocol: Protocol) -> Self {
        match protocol {
            Protocol::Json { version, .. } => Self::Json(version),
            Protocol::Query { namespace, maps } => Self::Query { namespace, maps },
            Protocol::Rest => Self::Rest,
        }
    }
}

impl Form {
    fn content_type(self) -> &'static str {
        match self {
            Self::Json("1.1") => "application/x-amz-json-1.1",
            Self::Json(_) => "application/x-amz-json-1.0",
            Self::Query { .. } => "text/xml",
            Self::Rest => "application/json",
            Self::Xml => "application/xml",
            Self::Cbor => "application/cbor",
        }
    }

    /// Writes the reply to `operation`.
    pub(super) fn reply(self, operation: &str, reply: Reply, request_id: &str) -> Answer {
        let headers = || vec![("content-type".to_owned(), self.content_type().to_owned()), id(request_id)];
        match reply {
            Reply::Output(output) => {
                let body = match self {
                    Self::Query { namespace, maps } => xml::output(operation, namespace, maps, &output, request_id),
                    _ if output.is_null() => "{}".to_owned(),
                    _ => output.to_string(),
                };
                bytes(200, headers(), Bytes::from(body))
            }
            Reply::Raw { status, headers: mut given, body } => {
                given.push(id(request_id));
                bytes(status, given, body)
            }
            Reply::Stream { content_type, body } => {
                stream(200, vec![("content-type".to_owned(), content_type.to_owned()), id(request_id)], body)
            }
        }
    }

    /// Writes an error.
    pub(super) fn fault(self, fault: &Fault, request_id: &str) -> Answer {
        let mut headers = vec![("content-type".to_owned(), self.content_type().to_owned()), id(request_id)];
        let mut more = match fault.more.as_deref() {
            Some(Value::Object(more)) => more.clone(),
            _ => Map::new(),
        };
        let query_error = match more.shift_remove(QUERY_ERROR) {
            Some(Value::String(name)) => Some(name),
            _ => None,
        };
        let kind = more.shift_remove("__type").unwrap_or_else(|| Value::from(fault.code.as_str()));
        let body = match self {
            Self::Query { namespace, .. } => {
                let code = query_error.as_deref().and_then(|name| name.split(';').next()).unwrap_or(&fault.code);
                let more = Some(Box::new(Value::Object(more)));
                let fault = Fault { code: code.to_owned(), more, ..fault.clone() };
                Bytes::from(xml::fault(namespace, &fault, request_id))
            }
            Self::Xml => Bytes::from(xml::bare_fault(fault, request_id)),
            Self::Cbor => cbor_fault(fault),
            Self::Json(_) => {
                headers.extend(query_error.map(|name| (QUERY_ERROR.to_owned(), name)));
                let mut body = json!({"__type": kind, "message": fault.message});
                merge(&mut body, more);
                Bytes::from(body.to_string())
            }
            Self::Rest => {
                headers.push(("x-amzn-errortype".to_owned(), fault.code.clone()));
                let whose = if fault.status >= 500 { "Service" } else { "User" };
                let mut body = json!({"Type": whose, "Message": fault.message});
                merge(&mut body, more);
                Bytes::from(body.to_string())
            }
        };
        if self == Self::Cbor {
            headers.push(("smithy-protocol".to_owned(), "rpc-v2-cbor".to_owned()));
        }
        bytes(fault.status, headers, body)
    }
}

fn id(request_id: &str) -> (String, String) {
    ("x-amzn-requestid".to_owned(), request_id.to_owned())
}

fn merge(body: &mut Value, more: Map<String, Value>) {
    if let Value::Object(body) = body {
        body.extend(more);
    }
}

/// `{"__type": …, "message": …}` in CBOR.
fn cbor_fault(fault: &Fault) -> Bytes {
    fn text(bytes: &mut Vec<u8>, text: &str) {
        // A text string whose length takes four bytes.
        bytes.push(0x7a);
        bytes.extend(u32::try_from(text.len()).unwrap_or_default().to_be_bytes());
        bytes.extend(text.as_bytes());
    }
    let mut bytes = vec![0xa2];
    [("__type", &fault.code), ("message", &fault.message)].iter().for_each(|(name, value)| {
        text(&mut bytes, name);
        text(&mut bytes, value);
    });
    Bytes::from(bytes)
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    fn arrived(method: &str, query: &str, headers: &[(&str, &str)]) -> Arrived {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Arrived::from_parts(method, "/", query, headers, Bytes::new())
    }

    #[test]
    fn the_shape_of_a_request_tells_its_protocol() {
        let form = ("content-type", "application/x-www-form-urlencoded; charset=utf-8");
        let json = Shape::Json { target: "AmazonSSM".to_owned(), operation: "GetParameter".to_owned() };
        for (arrived, expected) in [
            (arrived("POST", "", &[("x-amz-target", "AmazonSSM.GetParameter"), form]), json),
            (arrived("POST", "", &[form]), Shape::Query),
            (arrived("GET", "Action=GetCallerIdentity", &[]), Shape::Query),
            (arrived("GET", "", &[form]), Shape::Rest),
            (arrived("POST", "", &[("smithy-protocol", "rpc-v2-cbor")]), Shape::Cbor),
            (arrived("POST", "", &[("x-amz-target", "nothing")]), Shape::Rest),
        ] {
            assert_eq!(Shape::of(&arrived), expected);
        }
    }

    async fn written(answer: Answer) -> (u16, Vec<(String, String)>, String) {
        let (parts, body) = answer.into_parts();
        let headers =
            parts.headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
        let body = body.collect().await.unwrap().to_bytes();
        (parts.status.as_u16(), headers, String::from_utf8_lossy(&body).into_owned())
    }

    #[tokio::test]
    async fn errors_are_written_in_each_form() {
        let more = json!({"__type": "com.amazonaws.sqs#QueueDoesNotExist", QUERY_ERROR: "AWS.NonExistentQueue;Sender", "Extra": 1});
        let fault = Fault { more: Some(Box::new(more)), ..Fault::sender("QueueDoesNotExist", "no") };
        let (status, headers, body) = written(Form::Json("1.0").fault(&fault, "id")).await;
        assert_eq!(
            (status, body.as_str()),
            (400, r#"{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"no","Extra":1}"#)
        );
        assert!(headers.contains(&(QUERY_ERROR.to_owned(), "AWS.NonExistentQueue;Sender".to_owned())), "{headers:?}");
        assert!(headers.contains(&("x-amzn-requestid".to_owned(), "id".to_owned())));
        let (_, _, body) = written(Form::Query { namespace: "n", maps: &[] }.fault(&fault, "id")).await;
        assert!(body.contains("<Code>AWS.NonExistentQueue</Code>") && body.contains("<Extra>1</Extra>"), "{body}");
        let (_, headers, body) = written(Form::Rest.fault(&Fault::internal("no"), "id")).await;
        assert_eq!(body, r#"{"Type":"Service","Message":"no"}"#);
        assert!(headers.contains(&("x-amzn-errortype".to_owned(), "InternalFailure".to_owned())));
        let (_, _, body) = written(Form::Xml.fault(&fault, "id")).await;
        assert!(body.contains("<Error><Code>QueueDoesNotExist</Code>"), "{body}");
        let (_, _, body) = written(Form::Cbor.fault(&Fault::sender("C", "m"), "id")).await;
        assert_eq!(body, "\u{fffd}z\0\0\0\u{6}__typez\0\0\0\u{1}Cz\0\0\0\u{7}messagez\0\0\0\u{1}m");
    }

    #[tokio::test]
    async fn outputs_are_written_in_each_form() {
        for (form, expected) in [
            (Form::Json("1.1"), ("application/x-amz-json-1.1", r#"{"A":1}"#)),
            (Form::Rest, ("application/json", r#"{"A":1}"#)),
            (
                Form::Query { namespace: "n", maps: &[] },
                (
                    "text/xml",
                    "<?xml version=\"1.0\"?>\n<DoResponse xmlns=\"n\"><DoResult><A>1</A></DoResult><ResponseMetadata><RequestId>id</RequestId>\
                     </ResponseMetadata></DoResponse>\n",
                ),
            ),
        ] {
            let (status, headers, body) = written(form.reply("Do", json!({"A": 1}).into(), "id")).await;
            assert_eq!((status, headers[0].1.as_str(), body.as_str()), (200, expected.0, expected.1));
        }
        let (_, _, body) = written(Form::Json("1.0").reply("Do", Value::Null.into(), "id")).await;
        assert_eq!(body, "{}");
    }
}
