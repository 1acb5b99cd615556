//! Pages of the sandbox that are no AWS API: the API Gateway front, where custom resources answer, and the control of the sandbox itself.

use std::pin::Pin;

use bytes::Bytes;
use futures::stream::Stream;

use super::service::RestRequest;

/// A page that is being made.
pub type Serving<'a> = Pin<Box<dyn Future<Output = Page> + Send + 'a>>;

/// Answers plain HTTP requests below one prefix. Nobody has verified who asks: the front does, where that matters.
pub trait Front: Send + Sync {
    /// The first piece of its paths: `execute-api` for `/execute-api/…`.
    fn prefix(&self) -> &'static str;

    /// Answers; never fails.
    fn serve<'a>(&'a self, request: RestRequest) -> Serving<'a>;
}

/// An answer of a [`Front`].
pub struct Page {
    /// HTTP status.
    pub status: u16,
    /// Headers; the length is added.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: PageBody,
}

/// The body of a [`Page`].
pub enum PageBody {
    /// All at once.
    Whole(Bytes),
    /// Bit by bit; dropped when the client leaves.
    Stream(Pin<Box<dyn Stream<Item = Bytes> + Send>>),
}
