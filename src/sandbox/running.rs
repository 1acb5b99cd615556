//! The sandbox that runs on a workshop, found by other programs: `.rydes/sandbox.json`, and the small HTTP client that its control needs.

use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::account::DEFAULT_REGION;
use super::keys::AccessKey;
use super::state::write_passing;

/// How long a sandbox that is alive may take to say so.
const PATIENCE: Duration = Duration::from_secs(2);
const FORMAT: u32 = 1;

/// What a program needs to use a sandbox that runs.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Running {
    format: u32,
    /// Process that runs it.
    pub pid: u32,
    /// When that process started, in the system's own count: tells it from a later process of the same number.
    started: Option<u64>,
    /// Port on 127.0.0.1.
    pub port: u16,
    /// Region to use where none is named.
    pub region: String,
    /// The learner's access key id.
    pub key: String,
    /// Its secret.
    pub secret: String,
    /// For the control.
    pub token: String,
    /// Version of the program.
    pub version: String,
}

impl std::fmt::Debug for Running {
    /// Never shows secrets.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Running").field("pid", &self.pid).field("port", &self.port).finish_non_exhaustive()
    }
}

impl Running {
    /// Where it is written for the workshop folder `workspace`.
    pub fn path(workspace: &Path) -> PathBuf {
        workspace.join(".rydes").join("sandbox.json")
    }

    /// This process, as others will find it.
    pub(super) fn this(port: u16, key: &AccessKey, token: &str) -> Self {
        let pid = std::process::id();
        Self {
            format: FORMAT,
            pid,
            started: start_mark(pid),
            port,
            region: DEFAULT_REGION.to_owned(),
            key: key.id.clone(),
            secret: key.secret.clone(),
            token: token.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }

    pub(super) fn write(&self, path: &Path) -> io::Result<()> {
        write_passing(path, serde_json::to_string_pretty(self).map_err(io::Error::other)?.as_bytes())
    }

    /// The sandbox that runs on the workshop folder `workspace`; none if nothing does, whatever a killed one left behind. Blocks for as
    /// long as it takes to answer, at most two seconds.
    pub fn find(workspace: &Path) -> Option<Self> {
        let text = fs::read_to_string(Self::path(workspace)).ok()?;
        let found: Self = serde_json::from_str(&text).ok()?;
        let is_other = found.started.is_some() && start_mark(found.pid) != found.started;
        if found.format != FORMAT || is_other {
            return None;
        }
        let (status, body) = found.ask("GET", "/rydes/status", "").ok()?;
        let answer: Value = serde_json::from_str(&body).ok()?;
        (status == 200 && answer["pid"].as_u64() == Some(u64::from(found.pid))).then_some(found)
    }

    /// `http://127.0.0.1:PORT`, without a slash at the end.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Asks its control and gives HTTP status and body. Blocks.
    ///
    /// # Errors
    /// Nothing listens any more, or it takes more than two seconds.
    pub fn ask(&self, method: &str, path: &str, body: &str) -> io::Result<(u16, String)> {
        let (status, mut answer) = self.open(method, path, body, Some(PATIENCE))?;
        let mut text = String::new();
        answer.read_to_string(&mut text)?;
        Ok((status, text))
    }

    /// Asks its control for something that is told line by line as it happens; `line` says whether to go on. Blocks until the end.
    ///
    /// # Errors
    /// Nothing listens any more.
    pub fn follow(&self, method: &str, path: &str, body: &str, mut line: impl FnMut(&str) -> bool) -> io::Result<u16> {
        let (status, answer) = self.open(method, path, body, None)?;
        for text in answer.lines() {
            if !line(&text?) {
                break;
            }
        }
        Ok(status)
    }

    /// Asks its control for something that is told line by line, and returns once it answers: nothing that happens from then on is missed.
    /// Reading the lines blocks.
    ///
    /// # Errors
    /// Nothing listens any more, or the control refuses.
    pub fn lines(&self, path: &str) -> io::Result<impl Iterator<Item = io::Result<String>> + use<>> {
        match self.open("GET", path, "", None)? {
            (200, answer) => Ok(answer.lines()),
            (status, _) => Err(io::Error::other(format!("the sandbox answered {status}"))),
        }
    }

    /// HTTP/1.0, so that the body needs no decoding: it ends with the connection.
    fn open(
        &self,
        method: &str,
        path: &str,
        body: &str,
        patience: Option<Duration>,
    ) -> io::Result<(u16, BufReader<TcpStream>)> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(patience)?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let request = format!(
            "{method} {path} HTTP/1.0\r\nHost: 127.0.0.1:{}\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.port,
            self.token,
            body.len()
        );
        stream.write_all(request.as_bytes())?;
        let mut answer = BufReader::new(stream);
        let mut line = String::new();
        answer.read_line(&mut line)?;
        let status = line.split(' ').nth(1).and_then(|status| status.parse().ok());
        let status = status.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "no HTTP answer"))?;
        while line.trim_end() != "" {
            line.clear();
            answer.read_line(&mut line)?;
        }
        Ok((status, answer))
    }
}

/// When the process `pid` started; none where the system does not tell.
fn start_mark(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name of the program, in parentheses, may hold anything; the mark is the twentieth field after it.
    stat.rsplit_once(')')?.1.split_whitespace().nth(19)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn running(port: u16) -> Running {
        let key = AccessKey { id: "AKIA".into(), secret: "s".into(), token: None };
        Running::this(port, &key, "t")
    }

    #[test]
    fn what_is_not_there_is_not_found() {
        let folder = tempfile::tempdir().unwrap();
        let path = Running::path(folder.path());
        assert_eq!(Running::find(folder.path()), None);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        for text in ["", "{}", "[1]"] {
            fs::write(&path, text).unwrap();
            assert_eq!(Running::find(folder.path()), None, "{text}");
        }
        // Nobody listens there.
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        running(port).write(&path).unwrap();
        assert_eq!(Running::find(folder.path()), None);
    }

    #[test]
    fn another_server_on_the_port_is_not_taken_for_it() {
        let folder = tempfile::tempdir().unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        running(listener.local_addr().unwrap().port()).write(&Running::path(folder.path())).unwrap();
        let other = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            stream.write_all(b"HTTP/1.0 200 OK\r\n\r\n{\"pid\": 0}").unwrap();
            // Closing with the request unread would reset the connection.
            let _ = stream.read(&mut [0; 4096]);
        });
        assert_eq!(Running::find(folder.path()), None);
        other.join().unwrap();
    }

    #[test]
    fn a_later_process_of_the_same_number_is_told_apart() {
        if cfg!(target_os = "linux") {
            let mark = start_mark(std::process::id()).unwrap();
            assert_eq!(start_mark(std::process::id()), Some(mark));
            assert_ne!(start_mark(1), Some(mark));
        }
        assert_eq!(start_mark(u32::MAX), None);
    }

    #[cfg(unix)]
    #[test]
    fn only_the_user_can_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = Running::path(folder.path());
        running(1).write(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(!format!("{:?}", running(1)).contains("secret"));
    }
}
