//! Answers of functions as pages, pages that the gateway makes itself, and the ids that all of them carry.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hyper::header::{HeaderName, HeaderValue};
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::{Page, PageBody};
use super::{Cors, Kind};

/// What tells one request from all others.
#[derive(Debug)]
pub(super) struct Stamp {
    pub(super) request_id: String,
    /// 15 letters and `=`.
    pub(super) extended_id: String,
    /// `Root=1-…-…`.
    pub(super) trace: String,
    /// When it came: milliseconds since the epoch.
    pub(super) millis: i64,
}

impl Stamp {
    pub(super) fn new(millis: i64) -> Self {
        let (id, random) = (Uuid::new_v4(), Uuid::new_v4());
        let hex = random.simple().to_string();
        let trace = format!("Root=1-{:08x}-{}", millis / 1000, &hex[..24]);
        let extended_id = STANDARD.encode(&random.as_bytes()[..11]);
        Self { request_id: id.to_string(), extended_id, trace, millis }
    }

    fn headers(&self) -> Vec<(String, String)> {
        let pairs = [
            ("x-amzn-RequestId", &self.request_id),
            ("x-amz-apigw-id", &self.extended_id),
            ("X-Amzn-Trace-Id", &self.trace),
        ];
        pairs.map(|(name, value)| (name.to_owned(), value.clone())).to_vec()
    }
}

/// The status for a function that fails or gives no answer.
pub(super) fn broken(kind: Kind) -> u16 {
    match kind {
        Kind::Rest => 502,
        Kind::Http => 500,
    }
}

/// A page in which the gateway says what is wrong.
pub(super) fn refusal(kind: Kind, status: u16, message: &str, stamp: &Stamp) -> Page {
    let error = match (status, message) {
        (403, "Missing Authentication Token") => "MissingAuthenticationTokenException",
        (403, _) => "ForbiddenException",
        (404, _) => "NotFoundException",
        (413, _) => "RequestTooLargeException",
        (504, _) => "GatewayTimeoutException",
        _ => "InternalServerErrorException",
    };
    let mut headers = vec![("Content-Type".to_owned(), "application/json".to_owned())];
    headers.extend(stamp.headers());
    // Byte for byte as AWS spells it: errors of integrations have a space, refusals before them have none.
    let body = match (kind, status) {
        (Kind::Http, 500 | 502 | 503) => r#"{"message":"Internal Server Error"}"#.to_owned(),
        (Kind::Rest, 500..) => format!(r#"{{"message": "{message}"}}"#),
        _ => format!(r#"{{"message":"{message}"}}"#),
    };
    if kind == Kind::Rest {
        headers.push(("x-amzn-ErrorType".to_owned(), error.to_owned()));
    }
    Page { status, headers, body: PageBody::Whole(body.into()) }
}

/// The answer to a pre-flight request, as the mock integration that Serverless makes gives it.
pub(super) fn preflight(cors: &Cors, methods: &str, origin: Option<&str>, stamp: &Stamp) -> Page {
    let own = cors.origins.iter().find(|allowed| origin == Some(allowed.as_str())).or(cors.origins.first());
    let pair = |name: &str, value: String| (name.to_owned(), value);
    let mut headers = vec![
        pair("Content-Type", "application/json".to_owned()),
        pair("Access-Control-Allow-Origin", own.cloned().unwrap_or_default()),
        pair("Access-Control-Allow-Headers", cors.headers.join(",")),
        pair("Access-Control-Allow-Methods", methods.to_owned()),
    ];
    if cors.allow_credentials {
        headers.push(pair("Access-Control-Allow-Credentials", "true".to_owned()));
    }
    headers.extend(cors.max_age.map(|seconds| pair("Access-Control-Max-Age", seconds.to_string())));
    headers.extend(stamp.headers());
    Page { status: 200, headers, body: PageBody::Whole(Bytes::new()) }
}

/// The page that a function answers with.
///
/// # Errors
/// In words, why it is no answer that API Gateway takes.
pub(super) fn page(kind: Kind, payload: &[u8], stamp: &Stamp) -> Result<Page, String> {
    let answer: Value = serde_json::from_slice(payload).map_err(|error| format!("it is not JSON: {error}"))?;
    // HTTP APIs take what has no status for the body.
    let answer = match kind {
        Kind::Http if answer.get("statusCode").is_none() => match answer {
            Value::String(text) => json!({ "statusCode": 200, "body": text }),
            other => json!({ "statusCode": 200, "body": other.to_string() }),
        },
        _ => answer,
    };
    if !answer.is_object() {
        return Err("it is no object with statusCode, headers and body".to_owned());
    }
    let status = status(&answer["statusCode"])?;
    let mut headers = Vec::new();
    for (name, values) in members(&answer, "multiValueHeaders")? {
        let values = values.as_array().ok_or_else(|| format!("multiValueHeaders: `{name}` is no list"))?;
        for value in values {
            add(&mut headers, name, value)?;
        }
    }
    for (name, value) in members(&answer, "headers")? {
        add(&mut headers, name, value)?;
    }
    if kind == Kind::Http {
        for cookie in answer["cookies"].as_array().into_iter().flatten() {
            add(&mut headers, "Set-Cookie", cookie)?;
        }
    }
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
        let default = match kind {
            Kind::Rest => "application/json",
            Kind::Http => "text/plain;charset=UTF-8",
        };
        headers.push(("Content-Type".to_owned(), default.to_owned()));
    }
    headers.extend(stamp.headers());
    let body = match &answer["body"] {
        Value::Null => Bytes::new(),
        Value::String(text) if answer["isBase64Encoded"] == true => {
            STANDARD.decode(text).map_err(|error| format!("its body is no base64: {error}"))?.into()
        }
        Value::String(text) => Bytes::copy_from_slice(text.as_bytes()),
        _ => return Err("its body is no string: json.dumps makes one".to_owned()),
    };
    Ok(Page { status, headers, body: PageBody::Whole(body) })
}

fn status(value: &Value) -> Result<u16, String> {
    let number = match value {
        Value::Null => return Err("it has no statusCode".to_owned()),
        Value::String(text) => text.parse().ok(),
        other => {
            other.as_f64().filter(|number| number.fract() == 0.0).and_then(|number| format!("{number:.0}").parse().ok())
        }
    };
    number
        .filter(|status| (200..=599).contains(status))
        .ok_or_else(|| format!("its statusCode {value} is no HTTP status"))
}

fn members<'a>(answer: &'a Value, name: &str) -> Result<Vec<(&'a str, &'a Value)>, String> {
    match &answer[name] {
        Value::Null => Ok(Vec::new()),
        Value::Object(members) => Ok(members.iter().map(|(name, value)| (name.as_str(), value)).collect()),
        _ => Err(format!("its {name} are no object")),
    }
}

/// Adds a header that can be sent; what concerns the connection is the business of the wire.
fn add(headers: &mut Vec<(String, String)>, name: &str, value: &Value) -> Result<(), String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(_) | Value::Bool(_) => value.to_string(),
        _ => return Err(format!("its header `{name}` is no text")),
    };
    let lower = HeaderName::from_bytes(name.as_bytes()).map_err(|_| format!("`{name}` is no name of a header"))?;
    HeaderValue::from_str(&text).map_err(|_| format!("the value of its header `{name}` cannot be sent"))?;
    let is_of_wire = ["connection", "content-length", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"];
    let is_there = headers.iter().any(|(other, known)| other.eq_ignore_ascii_case(name) && *known == text);
    if !is_of_wire.contains(&lower.as_str()) && !is_there {
        headers.push((name.to_owned(), text));
    }
    Ok(())
}
