//! Answers over HTTP: whole ones and streams.

use std::convert::Infallible;
use std::pin::Pin;

use bytes::Bytes;
use futures::stream::{Stream, StreamExt};
use http_body_util::{Either, Full, StreamBody};
use hyper::body::Frame;
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};

use crate::sandbox::front::{Page, PageBody};

type Frames = Pin<Box<dyn Stream<Item = Result<Frame<Bytes>, Infallible>> + Send>>;

/// An answer that hyper sends.
pub(super) type Answer = Response<Either<Full<Bytes>, StreamBody<Frames>>>;

/// What the connection decides, not who answers.
const OF_THE_CONNECTION: [&str; 4] = ["content-length", "transfer-encoding", "connection", "keep-alive"];

/// An answer that is ready.
pub(super) fn bytes(status: u16, headers: Vec<(String, String)>, body: Bytes) -> Answer {
    with_head(status, headers, Either::Left(Full::new(body)))
}

/// An answer that comes bit by bit.
pub(super) fn stream(
    status: u16,
    headers: Vec<(String, String)>,
    body: Pin<Box<dyn Stream<Item = Bytes> + Send>>,
) -> Answer {
    let frames: Frames = Box::pin(body.map(|bit| Ok(Frame::data(bit))));
    with_head(status, headers, Either::Right(StreamBody::new(frames)))
}

/// Words for a person whose request goes no further.
pub(super) fn words(status: u16, words: &str) -> Answer {
    let headers = vec![("content-type".to_owned(), "text/plain; charset=utf-8".to_owned())];
    bytes(status, headers, Bytes::from(format!("{words}\n")))
}

/// A page of a front.
pub(super) fn page(page: Page) -> Answer {
    match page.body {
        PageBody::Whole(body) => bytes(page.status, page.headers, body),
        PageBody::Stream(body) => stream(page.status, page.headers, body),
    }
}

fn with_head<B>(status: u16, headers: Vec<(String, String)>, body: B) -> Response<B> {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let map: &mut HeaderMap = response.headers_mut();
    for (name, value) in headers {
        // What cannot stand in a header is left out rather than breaking the answer.
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value))
            && !OF_THE_CONNECTION.contains(&name.as_str())
        {
            map.append(name, value);
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_cannot_break_an_answer() {
        let given =
            [("a", "1"), ("a", "2"), ("Content-Length", "99"), ("b", "x\r\ny: z"), ("no name", "1"), ("é", "1")];
        let given = given.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let answer = bytes(999, given, Bytes::new());
        let kept: Vec<_> =
            answer.headers().iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
        assert_eq!((answer.status().as_u16(), kept), (999, vec![("a", "1"), ("a", "2")]));
        assert_eq!(bytes(7, Vec::new(), Bytes::new()).status().as_u16(), 500);
    }
}
