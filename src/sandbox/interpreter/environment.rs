//! Makes the virtual environment with boto3 and requests, once, from a pinned list.

use std::fs::{self, File, TryLockError};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::Command;

use super::{Progress, Python};

const PINNED: &str = include_str!("../../../assets/lambda/requirements.txt");
/// What to do where the companion cannot.
pub(super) const BY_HAND: &str = "Install them yourself: `python3 -m pip install boto3 requests`";
const NO_VENV: &str =
    "Install what Python makes virtual environments with (Debian, Ubuntu: `apt install python3-venv`)";
const NO_NETWORK: &str =
    "It needs the network once, to reach PyPI; or install them yourself: `python3 -m pip install boto3 requests`";
/// How often whoever waits for another program's making looks whether it is done.
const LOOKING: Duration = Duration::from_millis(200);
/// Written last: an environment without it is half made.
const COMPLETE: &str = "complete";

/// Why it could not be made, and what to do.
pub(super) type Trouble = (String, String);

/// Makes the environment for `base` below `cache`, or finds it there; gives its Python. Dropping the future stops the making.
pub(super) async fn make(base: &Python, cache: &Path, tell: &(dyn Fn(Progress) + Sync)) -> Result<PathBuf, Trouble> {
    let by_hand = |error: io::Error| (error.to_string(), BY_HAND.to_owned());
    let folder = cache.join(name(base));
    let python = program(&folder);
    fs::create_dir_all(cache).map_err(by_hand)?;
    let lock = File::create(folder.with_extension("lock")).map_err(by_hand)?;
    // Held until the end of this function, and by nobody whose program was killed.
    loop {
        match lock.try_lock() {
            Ok(()) => break,
            Err(TryLockError::WouldBlock) => {
                tell(Progress::Making { step: "Waiting for another rydes that makes it".to_owned(), done: 0, of: 1 });
                tokio::time::sleep(LOOKING).await;
            }
            Err(TryLockError::Error(error)) => return Err(by_hand(error)),
        }
    }
    if folder.join(COMPLETE).exists() {
        return Ok(python);
    }
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(by_hand)?;
    }
    let packages = PINNED.lines().filter(|line| line.contains("==")).count();
    // The environment, each package, and putting them in place.
    let mut steps = Steps { done: 0, of: packages + 2, tell };
    steps.begin("Making a virtual environment");
    run(&base.executable, &["-m", "venv"], Some(&folder), |_| {}).await.map_err(|why| (why, NO_VENV.to_owned()))?;
    steps.done = 1;
    steps.begin("Looking for the packages");
    let list = folder.join("requirements.txt");
    fs::write(&list, PINNED).map_err(by_hand)?;
    let pip = ["-m", "pip", "install", "--no-deps", "--only-binary=:all:", "--no-input", "--disable-pip-version-check"];
    run(&python, &[&pip[..], &["--progress-bar=off", "-r"]].concat(), Some(&list), |line| {
        if let Some(package) = line.strip_prefix("Collecting ") {
            steps.begin(&format!("Downloading {}", package.split(['=', ' ']).next().unwrap_or(package)));
            steps.done += 1;
        } else if line.starts_with("Installing") {
            steps.begin("Putting the packages in place");
        }
    })
    .await
    .map_err(|why| (why, NO_NETWORK.to_owned()))?;
    fs::write(folder.join(COMPLETE), "").map_err(by_hand)?;
    Ok(python)
}

struct Steps<'a> {
    done: usize,
    of: usize,
    tell: &'a (dyn Fn(Progress) + Sync),
}

impl Steps<'_> {
    fn begin(&self, step: &str) {
        (self.tell)(Progress::Making { step: step.to_owned(), done: self.done.min(self.of), of: self.of });
    }
}

/// Another Python or another list is another environment.
fn name(base: &Python) -> String {
    let mut hasher = DefaultHasher::new();
    (&base.executable, &base.version, PINNED).hash(&mut hasher);
    format!("python-{}-{:08x}", base.version, hasher.finish() & 0xffff_ffff)
}

fn program(folder: &Path) -> PathBuf {
    if cfg!(windows) { folder.join("Scripts").join("python.exe") } else { folder.join("bin").join("python") }
}

/// Runs Python to its end; the error is the last line of what it complained of.
async fn run(
    program: &Path,
    arguments: &[&str],
    last: Option<&Path>,
    mut line: impl FnMut(&str),
) -> Result<(), String> {
    let mut child = Command::new(program)
        // Nothing of the user's Python settings; the network's (proxies) and pip's own count.
        .args(["-I"])
        .args(arguments)
        .args(last)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| error.to_string())?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let complaint = async {
        let mut text = String::new();
        if let Some(mut stderr) = stderr {
            let _ = stderr.read_to_string(&mut text).await;
        }
        text
    };
    let mut said = String::new();
    let listening = async {
        if let Some(stdout) = stdout {
            let mut lines = BufReader::new(stdout).lines();
            while let Ok(Some(text)) = lines.next_line().await {
                line(text.trim());
                said = text;
            }
        }
    };
    let (complaint, ()) = tokio::join!(complaint, listening);
    let status = child.wait().await.map_err(|error| error.to_string())?;
    if status.success() {
        return Ok(());
    }
    let told = complaint.lines().rev().chain([said.as_str()]).find(|line| !line.trim().is_empty());
    Err(told.map_or_else(|| status.to_string(), |line| line.trim().trim_start_matches("ERROR: ").to_owned()))
}
