//! A request as it arrived, read whole.

use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body, Incoming};
use hyper::header::HeaderMap;

use super::encoding::{decode_text, pairs};
use crate::sandbox::service::RestRequest;

/// The most that a body may hold: DynamoDB takes 16 MiB in a batch, every other service less.
pub(super) const LONGEST_BODY: usize = 20 << 20;

/// A request, decoded, and the parts of it that signatures cover as they were sent.
#[derive(Debug, Default)]
pub(super) struct Arrived {
    pub(super) request: RestRequest,
    pub(super) raw_path: String,
    pub(super) raw_query: String,
}

/// Why a request could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unread {
    /// Its body is longer than [`LONGEST_BODY`].
    TooLong,
    /// The client left, or sent no HTTP.
    Broken,
}

impl Arrived {
    /// Reads all of `request`.
    pub(super) async fn read(request: hyper::Request<Incoming>) -> Result<Self, Unread> {
        let (parts, body) = request.into_parts();
        if body.size_hint().lower() > LONGEST_BODY as u64 {
            return Err(Unread::TooLong);
        }
        let body = match Limited::new(body, LONGEST_BODY).collect().await {
            Ok(collected) => collected.to_bytes(),
            Err(error) if error.is::<LengthLimitError>() => return Err(Unread::TooLong),
            Err(_) => return Err(Unread::Broken),
        };
        let (path, query) = (parts.uri.path(), parts.uri.query().unwrap_or_default());
        Ok(Self::from_parts(parts.method.as_str(), path, query, headers(&parts.headers), body))
    }

    pub(super) fn from_parts(
        method: &str,
        path: &str,
        query: &str,
        headers: Vec<(String, String)>,
        body: Bytes,
    ) -> Self {
        Self {
            request: RestRequest {
                method: method.to_owned(),
                path: decode_text(path, false),
                query: pairs(query),
                headers,
                body,
            },
            raw_path: path.to_owned(),
            raw_query: query.to_owned(),
        }
    }
}

fn headers(map: &HeaderMap) -> Vec<(String, String)> {
    map.iter()
        .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect()
}

/// Whether a `Host` header, or the authority of a URL, names this machine: a web page that had its own name resolve to 127.0.0.1 is not
/// answered.
pub(super) fn is_loopback(host: &str) -> bool {
    let (name, port) = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((name, port)) => (name, port),
        None => host.split_at(host.find(':').unwrap_or(host.len())),
    };
    let port_is_one = port.is_empty()
        || port
            .strip_prefix(':')
            .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit()));
    let name = name.to_ascii_lowercase();
    let is_local = match host.starts_with('[') {
        true => name == "::1",
        false => name == "127.0.0.1" || name == "localhost" || name.ends_with(".localhost"),
    };
    port_is_one && is_local
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_answered() {
        for host in ["127.0.0.1", "127.0.0.1:4566", "localhost:1", "LOCALHOST", "sqs.localhost:80", "[::1]:80", "[::1]"]
        {
            assert!(is_loopback(host), "{host}");
        }
        for host in [
            "",
            "example.com",
            "example.com:4566",
            "127.0.0.1.evil.com",
            "localhost.evil.com",
            "evil-localhost",
            "127.0.0.1:x",
            "127.0.0.1:",
            "user@127.0.0.1",
            "[::2]",
            "[127.0.0.1]",
            "[::1]x",
            "::1",
            "0.0.0.0",
            "10.0.0.1:80",
            "[::1",
            "127.0.0.1:1:2",
        ] {
            assert!(!is_loopback(host), "{host}");
        }
    }

    #[test]
    fn paths_are_decoded_and_kept_as_sent() {
        let arrived = Arrived::from_parts("GET", "/a%20b/c+d", "x=1+2", Vec::new(), Bytes::new());
        assert_eq!((arrived.request.path.as_str(), arrived.raw_path.as_str()), ("/a b/c+d", "/a%20b/c+d"));
        assert_eq!(arrived.request.parameter("x"), Some("1 2"));
    }
}
