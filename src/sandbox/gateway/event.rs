//! Events as AWS makes them of requests: payload 1.0 of REST APIs and payload 2.0 of HTTP APIs.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use chrono::DateTime;
use serde_json::{Map, Value, json};

use super::super::{ACCOUNT_ID, RestRequest};
use super::answer::Stamp;
use super::{Deployed, Route};

/// A request and what was found out about it.
pub(super) struct Incoming<'a> {
    pub(super) request: &'a RestRequest,
    pub(super) deployed: &'a Deployed,
    pub(super) route: &'a Route,
    /// `/ride/{id}`.
    pub(super) resource: &'a str,
    /// Without the stage.
    pub(super) path: &'a str,
    pub(super) parameters: Vec<(&'a str, String)>,
    pub(super) stamp: &'a Stamp,
}

/// Headers that concern one connection, or that AWS sets itself.
const DROPPED: [&str; 12] = [
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "x-amzn-trace-id",
    "x-forwarded-for",
];
/// The address of whoever asks: the sandbox answers on loopback only.
const SOURCE: &str = "127.0.0.1";

impl Incoming<'_> {
    fn domain(&self) -> String {
        format!("{}.execute-api.{}.amazonaws.com", self.deployed.api.id, self.deployed.region)
    }

    /// The headers that a function sees, names in lower case.
    fn headers(&self) -> Vec<(&str, String)> {
        let sent = self.request.headers.iter().filter(|(name, _)| !DROPPED.contains(&name.as_str()));
        let mut headers: Vec<_> = sent.map(|(name, value)| (name.as_str(), value.clone())).collect();
        let forwarded =
            self.request.header("x-forwarded-for").map_or(SOURCE.to_owned(), |by| format!("{by}, {SOURCE}"));
        headers.retain(|(name, _)| !matches!(*name, "x-forwarded-port" | "x-forwarded-proto"));
        headers.extend([
            ("host", self.domain()),
            ("x-amzn-trace-id", self.stamp.trace.clone()),
            ("x-forwarded-for", forwarded),
            ("x-forwarded-port", "443".to_owned()),
            ("x-forwarded-proto", "https".to_owned()),
        ]);
        headers
    }

    /// `09/Apr/2015:12:34:56 +0000`.
    fn time(&self) -> String {
        let time = DateTime::from_timestamp_millis(self.stamp.millis).unwrap_or_default();
        time.format("%d/%b/%Y:%H:%M:%S +0000").to_string()
    }

    /// The body, and whether it is base64 because it is no text.
    fn body(&self) -> (Value, bool) {
        let body = &self.request.body;
        match std::str::from_utf8(body) {
            Ok("") => (Value::Null, false),
            Ok(text) => (text.into(), false),
            Err(_) => (STANDARD.encode(body).into(), true),
        }
    }

    fn parameters(&self) -> Map<String, Value> {
        self.parameters.iter().map(|(name, value)| ((*name).to_owned(), value.as_str().into())).collect()
    }
}

/// `x-api-key` → `X-Api-Key`, as most clients write names; hyper has made them lower case.
fn title(name: &str) -> String {
    let mut starts = true;
    let letters = name.chars().map(|letter| {
        let letter_then = if starts { letter.to_ascii_uppercase() } else { letter };
        starts = letter == '-';
        letter_then
    });
    letters.collect()
}

/// The last value and all values of each name.
fn grouped(pairs: impl Iterator<Item = (String, String)>) -> (Map<String, Value>, Map<String, Value>) {
    let (mut single, mut multiple) = (Map::new(), Map::new());
    for (name, value) in pairs {
        match multiple.get_mut(&name) {
            Some(Value::Array(values)) => values.push(value.as_str().into()),
            _ => {
                multiple.insert(name.clone(), json!([value]));
            }
        }
        single.insert(name, value.into());
    }
    (single, multiple)
}

fn or_null(map: Map<String, Value>) -> Value {
    if map.is_empty() { Value::Null } else { Value::Object(map) }
}

/// Six characters that stay the same for a name, as ids of resources look.
fn short_id(name: &str) -> String {
    let mut rest = crc32fast::hash(name.as_bytes());
    let digit = |_| {
        let digit = char::from_digit(rest % 36, 36).unwrap_or('0');
        rest /= 36;
        digit
    };
    (0..6).map(digit).collect()
}

/// The event of a REST API.
pub(super) fn rest(incoming: &Incoming<'_>) -> Bytes {
    let Incoming { request, deployed, resource, path, stamp, .. } = incoming;
    let (headers, multiple_headers) = grouped(incoming.headers().into_iter().map(|(name, value)| (title(name), value)));
    let (query, multiple_query) = grouped(request.query.iter().cloned());
    let (body, is_base64) = incoming.body();
    let event = json!({
        "resource": resource,
        "path": path,
        "httpMethod": request.method,
        "headers": headers,
        "multiValueHeaders": multiple_headers,
        "queryStringParameters": or_null(query),
        "multiValueQueryStringParameters": or_null(multiple_query),
        "pathParameters": or_null(incoming.parameters()),
        "stageVariables": null,
        "requestContext": {
            "resourceId": short_id(resource),
            "resourcePath": resource,
            "httpMethod": request.method,
            "extendedRequestId": stamp.extended_id,
            "requestTime": incoming.time(),
            "path": format!("/{}{path}", deployed.api.stage),
            "accountId": ACCOUNT_ID,
            "protocol": "HTTP/1.1",
            "stage": deployed.api.stage,
            "domainPrefix": deployed.api.id,
            "requestTimeEpoch": stamp.millis,
            "requestId": stamp.request_id,
            "identity": {
                "cognitoIdentityPoolId": null,
                "accountId": null,
                "cognitoIdentityId": null,
                "caller": null,
                "sourceIp": SOURCE,
                "principalOrgId": null,
                "accessKey": null,
                "cognitoAuthenticationType": null,
                "cognitoAuthenticationProvider": null,
                "userArn": null,
                "userAgent": request.header("user-agent"),
                "user": null,
            },
            "domainName": incoming.domain(),
            "deploymentId": short_id(&deployed.api.name),
            "apiId": deployed.api.id,
        },
        "body": body,
        "isBase64Encoded": is_base64,
    });
    event.to_string().into()
}

/// The event of an HTTP API.
pub(super) fn http(incoming: &Incoming<'_>) -> Bytes {
    let Incoming { request, deployed, resource, path, stamp, route, .. } = incoming;
    let joined = |pairs: &[(&str, String)]| {
        let mut map = Map::new();
        for (name, value) in pairs {
            match map.get_mut(*name) {
                Some(Value::String(before)) => {
                    before.push(',');
                    before.push_str(value);
                }
                _ => {
                    map.insert((*name).to_owned(), value.as_str().into());
                }
            }
        }
        map
    };
    let headers = incoming.headers();
    let cookies = headers.iter().filter(|(name, _)| *name == "cookie");
    let cookies: Vec<&str> = cookies.flat_map(|(_, value)| value.split("; ")).collect();
    let others: Vec<_> = headers.iter().filter(|(name, _)| *name != "cookie").cloned().collect();
    let query: Vec<_> = request.query.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    let raw_query: Vec<_> =
        request.query.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
    let (body, is_base64) = incoming.body();
    let route_key = format!("{} {resource}", route.method.to_uppercase());
    let mut event = json!({
        "version": "2.0",
        "routeKey": route_key,
        "rawPath": path,
        "rawQueryString": raw_query.join("&"),
        "headers": joined(&others),
        "requestContext": {
            "accountId": ACCOUNT_ID,
            "apiId": deployed.api.id,
            "domainName": incoming.domain(),
            "domainPrefix": deployed.api.id,
            "http": {
                "method": request.method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": SOURCE,
                "userAgent": request.header("user-agent").unwrap_or_default(),
            },
            "requestId": stamp.extended_id,
            "routeKey": route_key,
            "stage": deployed.api.stage,
            "time": incoming.time(),
            "timeEpoch": stamp.millis,
        },
        "isBase64Encoded": is_base64,
    });
    // Members without a value are left out here, where payload 1.0 has null.
    let more = [
        ("cookies", (!cookies.is_empty()).then(|| json!(cookies))),
        ("queryStringParameters", (!query.is_empty()).then(|| Value::Object(joined(&query)))),
        ("pathParameters", (!incoming.parameters.is_empty()).then(|| Value::Object(incoming.parameters()))),
        ("body", (!body.is_null()).then_some(body)),
    ];
    for (name, value) in more {
        if let Some(value) = value {
            event[name] = value;
        }
    }
    event.to_string().into()
}

/// Percent-encoded, as it stood in the query.
fn encoded(text: &str) -> String {
    let piece = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(piece).collect()
}
