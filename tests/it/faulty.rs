//! Something between a client and a cloud that answers in its place, as a cloud in trouble would.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What comes in place of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Too many calls.
    Throttled,
    /// The caller may not do it.
    Denied,
    /// The credentials have expired.
    Expired,
    /// The account has as many as it may have.
    Quota,
    /// The connection is closed without an answer.
    Closed,
}

impl Fault {
    fn codes(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Throttled => ("ThrottlingException", "Throttling", "Rate exceeded"),
            Self::Denied => {
                ("AccessDeniedException", "AccessDenied", "User is not authorized to perform this operation")
            }
            Self::Expired => {
                ("ExpiredTokenException", "ExpiredToken", "The security token included in the request is expired")
            }
            Self::Quota => ("LimitExceededException", "LimitExceeded", "The limit is reached"),
            Self::Closed => ("", "", ""),
        }
    }
}

/// A way to a cloud on which faults can be put.
pub(crate) struct Faulty {
    /// Where clients find it.
    pub(crate) endpoint: String,
    state: Arc<State>,
    task: tokio::task::JoinHandle<()>,
}

#[derive(Default)]
struct State {
    /// Of each operation: what comes, and how often.
    faults: Mutex<HashMap<String, (Fault, usize)>>,
    calls: Mutex<HashMap<String, usize>>,
    down: AtomicBool,
}

impl Faulty {
    /// Before the cloud at `upstream` (`http://127.0.0.1:PORT`).
    pub(crate) async fn before(upstream: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let (upstream, state) = (upstream.trim_start_matches("http://").to_owned(), Arc::new(State::default()));
        let shared = Arc::clone(&state);
        let task = tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                let (upstream, state) = (upstream.clone(), Arc::clone(&shared));
                // A client that leaves in the middle is its own business.
                tokio::spawn(async move { serve(client, &upstream, &state).await.ok() });
            }
        });
        Self { endpoint, state, task }
    }

    /// From now on the operation (`ReceiveMessage`) meets this fault.
    pub(crate) fn put(&self, operation: &str, fault: Fault) {
        self.put_times(operation, fault, usize::MAX);
    }

    /// The operation meets this fault so many times.
    pub(crate) fn put_times(&self, operation: &str, fault: Fault, times: usize) {
        self.state.faults.lock().unwrap().insert(operation.to_owned(), (fault, times));
    }

    /// All is well again.
    pub(crate) fn mend(&self) {
        self.state.faults.lock().unwrap().clear();
        self.state.down.store(false, Ordering::SeqCst);
    }

    /// No connection is answered any more, those that wait for an answer included.
    pub(crate) fn take_down(&self) {
        self.state.down.store(true, Ordering::SeqCst);
    }

    /// How often an operation was called.
    pub(crate) fn calls(&self, operation: &str) -> usize {
        self.state.calls.lock().unwrap().get(operation).copied().unwrap_or(0)
    }
}

impl Drop for Faulty {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut client: TcpStream, upstream: &str, state: &State) -> std::io::Result<()> {
    let (head, body) = request(&mut client).await?;
    let target = header(&head, "x-amz-target").and_then(|target| target.rsplit('.').next().map(str::to_owned));
    let is_json = target.is_some();
    let action = || {
        let body = String::from_utf8_lossy(&body).into_owned();
        body.split('&').find_map(|pair| pair.strip_prefix("Action=").map(str::to_owned))
    };
    let operation = target.or_else(action).unwrap_or_default();
    *state.calls.lock().unwrap().entry(operation.clone()).or_default() += 1;
    let fault = {
        let mut faults = state.faults.lock().unwrap();
        faults.get_mut(&operation).filter(|(_, times)| *times > 0).map(|(fault, times)| {
            *times -= 1;
            *fault
        })
    };
    match fault {
        _ if state.down.load(Ordering::SeqCst) => return Ok(()),
        Some(Fault::Closed) => return Ok(()),
        Some(fault) => {
            let (json, query, words) = fault.codes();
            let (kind, text) = if is_json {
                ("application/x-amz-json-1.0", format!(r#"{{"__type": "{json}", "message": "{words}"}}"#))
            } else {
                let error = format!("<Error><Type>Sender</Type><Code>{query}</Code><Message>{words}</Message></Error>");
                ("text/xml", format!("<ErrorResponse>{error}<RequestId>r</RequestId></ErrorResponse>"))
            };
            let answer = format!(
                "HTTP/1.1 400 Bad Request\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{text}",
                text.len()
            );
            return client.write_all(answer.as_bytes()).await;
        }
        None => {}
    }
    let mut server = TcpStream::connect(upstream).await?;
    let kept = head.lines().filter(|line| !line.to_ascii_lowercase().starts_with("connection:") && !line.is_empty());
    let head = kept.collect::<Vec<_>>().join("\r\n") + "\r\nconnection: close\r\n\r\n";
    server.write_all(head.as_bytes()).await?;
    server.write_all(&body).await?;
    let mut buffer = vec![0; 64 << 10];
    loop {
        let read = tokio::select! {
            read = server.read(&mut buffer) => read?,
            () = downed(state) => return Ok(()),
        };
        if read == 0 {
            return Ok(());
        }
        client.write_all(&buffer[..read]).await?;
    }
}

async fn downed(state: &State) {
    let mut ticks = tokio::time::interval(std::time::Duration::from_millis(10));
    while !state.down.load(Ordering::SeqCst) {
        ticks.tick().await;
    }
}

/// Head and body of the next request.
async fn request(client: &mut TcpStream) -> std::io::Result<(String, Vec<u8>)> {
    let mut all = Vec::new();
    let end = loop {
        if let Some(end) = all.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        if client.read_buf(&mut all).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    };
    let head = String::from_utf8_lossy(&all[..end]).into_owned();
    let length: usize = header(&head, "content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    while all.len() < end + 4 + length {
        if client.read_buf(&mut all).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok((head, all.split_off(end + 4)))
}

fn header(head: &str, name: &str) -> Option<String> {
    let mut fields = head.lines().filter_map(|line| line.split_once(':'));
    let found = fields.find(|(key, _)| key.trim().eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.trim().to_owned())
}
