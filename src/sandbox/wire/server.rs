//! The HTTP server on loopback: connections, their end, and what is refused before anything is understood.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, TcpListener as StdListener};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::Request;
use hyper::body::Incoming;
use hyper::header::HOST;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use super::Wire;
use super::answer::{Answer, words};
use super::request::{Arrived, LONGEST_BODY, Unread, is_loopback};

/// How long requests that are being answered may go on once the server stops.
const GRACE: Duration = Duration::from_millis(500);
/// When the system is out of sockets, asking again at once would only burn the processor.
const OUT_OF_SOCKETS: Duration = Duration::from_millis(50);

/// Listens on 127.0.0.1: on `wanted` if it is free, on `must` or not at all, else on any free port.
///
/// # Errors
/// The port that it must be is taken, or the system has none left.
pub fn listen(must: Option<u16>, wanted: Option<u16>) -> io::Result<StdListener> {
    let bind = |port| StdListener::bind((Ipv4Addr::LOCALHOST, port));
    let listener = match (must, wanted) {
        (Some(port), _) => bind(port)?,
        (None, Some(port)) => bind(port).or_else(|_| bind(0))?,
        (None, None) => bind(0)?,
    };
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// A server that runs until it is stopped or dropped.
#[derive(Debug)]
pub struct Server {
    stop: watch::Sender<bool>,
    task: Option<JoinHandle<()>>,
}

impl Server {
    /// Serves `wire` on the current runtime.
    ///
    /// # Errors
    /// The listener cannot be used.
    pub fn start(listener: StdListener, wire: Arc<Wire>) -> io::Result<Self> {
        let listener = TcpListener::from_std(listener)?;
        let (stop, stopping) = watch::channel(false);
        Ok(Self { stop, task: Some(tokio::spawn(accept(listener, wire, stopping))) })
    }

    /// Takes no more requests and waits, not for long, for those that are being answered.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        if let Some(task) = self.task.take() {
            let _ = task.await;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
        }
    }
}

async fn accept(listener: TcpListener, wire: Arc<Wire>, mut stopping: watch::Receiver<bool>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(serve(stream, Arc::clone(&wire), stopping.clone()));
                }
                Err(_) => tokio::time::sleep(OUT_OF_SOCKETS).await,
            },
            Some(_) = connections.join_next() => {}
            _ = stopping.changed() => break,
        }
    }
    drop(listener);
    let _ = tokio::time::timeout(GRACE, async { while connections.join_next().await.is_some() {} }).await;
    connections.shutdown().await;
}

async fn serve(stream: TcpStream, wire: Arc<Wire>, mut stopping: watch::Receiver<bool>) {
    // Answers are small and asked for one after another: waiting to fill a packet would only delay them.
    let _ = stream.set_nodelay(true);
    let answer = service_fn(move |request| {
        let wire = Arc::clone(&wire);
        async move { Ok::<_, Infallible>(answer(&wire, request).await) }
    });
    let mut connection = pin!(http1::Builder::new().serve_connection(TokioIo::new(stream), answer));
    tokio::select! {
        // A client that leaves or talks nonsense is its own affair.
        _ = connection.as_mut() => return,
        _ = stopping.wait_for(|stop| *stop) => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = connection.await;
}

async fn answer(wire: &Wire, request: Request<Incoming>) -> Answer {
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok());
    let authority = request.uri().authority().map(|authority| authority.as_str());
    let hosts = [host, authority];
    if hosts == [None, None] || !hosts.into_iter().flatten().all(is_loopback) {
        return words(403, "The rydes sandbox answers only to this machine's own names: 127.0.0.1 and localhost.");
    }
    match Arrived::read(request).await {
        Ok(arrived) => wire.answer(arrived).await,
        Err(Unread::TooLong) => words(413, &format!("The body is longer than {} MiB.", LONGEST_BODY >> 20)),
        Err(Unread::Broken) => words(400, "The body could not be read."),
    }
}
