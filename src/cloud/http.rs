//! A small HTTP client for the learner's own addresses: kept-alive connections, TLS with the system's certificates.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::{Method, Request};
use hyper_rustls::{ConfigBuilderExt, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

/// Answers beyond this are cut off: a ride is below a kilobyte.
const LARGEST: usize = 1 << 20;

/// The client; clones share connections.
#[derive(Clone, Debug)]
pub struct Http(Client<HttpsConnector<HttpConnector>, Full<Bytes>>);

/// Why there was no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// The address is none.
    #[error("{0} is not an address")]
    Address(String),
    /// TLS cannot be set up.
    #[error("the certificates of this system cannot be used: {0}")]
    Certificates(String),
    /// Nobody is there, or the connection broke.
    #[error("no connection: {0}")]
    Connection(String),
    /// It took too long.
    #[error("no answer within {} s", .0.as_secs())]
    TimedOut(Duration),
}

impl Http {
    /// A client without connections yet.
    ///
    /// # Errors
    /// [`HttpError::Certificates`].
    pub fn new() -> Result<Self, HttpError> {
        let words = |error: &dyn std::fmt::Display| HttpError::Certificates(error.to_string());
        let provider = rustls::crypto::ring::default_provider();
        let tls = rustls::ClientConfig::builder_with_provider(provider.into())
            .with_safe_default_protocol_versions()
            .map_err(|error| words(&error))?
            .with_native_roots()
            .map_err(|error| words(&error))?
            .with_no_client_auth();
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        let connector =
            HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().wrap_connector(tcp);
        Ok(Self(Client::builder(TokioExecutor::new()).build(connector)))
    }

    /// Posts JSON and gives status and body.
    ///
    /// # Errors
    /// There was no answer within `patience`.
    pub async fn post_json(&self, url: &str, body: Bytes, patience: Duration) -> Result<(u16, Bytes), HttpError> {
        let request = Request::builder()
            .method(Method::POST)
            .uri(url)
            .header("content-type", "application/json")
            .header("user-agent", concat!("rydes/", env!("CARGO_PKG_VERSION")))
            .body(Full::new(body))
            .map_err(|_| HttpError::Address(url.to_owned()))?;
        let answer = async {
            let answer = self.0.request(request).await.map_err(|error| HttpError::Connection(reason(&error)))?;
            let status = answer.status().as_u16();
            let body = Limited::new(answer.into_body(), LARGEST).collect().await;
            let body = body.map_err(|error| HttpError::Connection(error.to_string()))?.to_bytes();
            Ok((status, body))
        };
        tokio::time::timeout(patience, answer).await.map_err(|_| HttpError::TimedOut(patience))?
    }
}

/// The innermost cause: "client error (Connect)" alone helps nobody.
fn reason(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
