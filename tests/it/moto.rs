//! An implementation of AWS that is not ours: `moto_server` from PyPI, in an environment of its own below target/.
//!
//! Tests and benches share this file. Without Python, venv or the package it panics: nothing is skipped.

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

const PACKAGE: &str = "moto[server]==5.2.0";

/// A `moto_server` of its own, which ends with the value.
pub struct Moto {
    child: Child,
    /// `http://127.0.0.1:PORT`.
    pub endpoint: String,
    /// A Python that has boto3.
    pub python: PathBuf,
}

impl Moto {
    /// Starts one and waits until it answers.
    pub fn start() -> Self {
        let python = install();
        let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).unwrap().port();
        let child = Command::new(&python)
            .args(["-m", "moto.server", "-H", "127.0.0.1", "-p", &port.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut moto = Self { child, endpoint: format!("http://127.0.0.1:{port}"), python };
        let deadline = Instant::now() + Duration::from_secs(60);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < deadline, "moto_server does not answer");
            assert!(moto.child.try_wait().unwrap().is_none(), "moto_server ended");
            std::thread::yield_now();
        }
        moto
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Makes the environment once.
fn install() -> PathBuf {
    environment("moto", &[PACKAGE])
}

/// The Python of an environment `target/NAME` that has `packages`; made once.
pub fn environment(name: &str, packages: &[&str]) -> PathBuf {
    static MAKING: Mutex<()> = Mutex::new(());
    let _making = MAKING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target").join(name);
    let (python, done) = (folder.join("bin/python"), folder.join(packages.join(" ").replace(['[', ']'], "-")));
    if !done.exists() {
        let run = |program: &Path, arguments: &[&str]| {
            let status = Command::new(program).args(arguments).status().unwrap();
            assert!(status.success(), "{} {arguments:?} failed", program.display());
        };
        run(Path::new("python3"), &["-m", "venv", &folder.to_string_lossy()]);
        run(&python, &[&["-m", "pip", "install", "--quiet"], packages].concat());
        std::fs::write(done, "").unwrap();
    }
    python
}

#[test]
fn it_is_there_for_tests() {
    let moto = Moto::start();
    let script = "import boto3, sys; print(boto3.client('sts', endpoint_url=sys.argv[1], region_name='us-east-2', aws_access_key_id='a', aws_secret_access_key='b').get_caller_identity()['Account'])";
    let told = Command::new(&moto.python).args(["-c", script, &moto.endpoint]).output().unwrap();
    assert_eq!(
        String::from_utf8_lossy(&told.stdout).trim(),
        "123456789012",
        "{}",
        String::from_utf8_lossy(&told.stderr)
    );
}
