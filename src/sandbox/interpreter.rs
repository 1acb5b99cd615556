//! The Python that handlers run in: found on this machine, or made once in the user's cache folder.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde::Deserialize;
use tokio::process::Command;
use tokio::sync::Mutex;

/// The oldest Python that today's boto3 runs on.
const OLDEST: (u32, u32) = (3, 9);
/// A Python that has not answered after this is none that handlers could run in.
const PATIENCE: Duration = Duration::from_secs(20);

/// A Python that has what handlers need.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Python {
    /// The program itself, not a shim.
    pub executable: PathBuf,
    /// `3.11.7`.
    pub version: String,
    /// Where it finds modules; an isolated one (`-I`) leaves out those that the user installed for themselves.
    pub path: Vec<String>,
}

/// Why there is no Python.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InterpreterFault {
    /// None at all.
    #[error(
        "handlers need Python 3.9 or newer, and none was found. Install it from https://www.python.org/downloads/ or with your \
         system's packages (Debian, Ubuntu: `apt install python3 python3-venv`; macOS: `brew install python`), or say where it is with \
         RYDES_PYTHON. Everything but running handlers works without"
    )]
    None,
    /// The one that was asked for does not do.
    #[error("{0} (from RYDES_PYTHON) cannot run handlers: {1}")]
    Unfit(PathBuf, String),
}

/// Finds Python once, when it is first needed.
#[derive(Debug)]
pub struct Interpreter {
    wanted: Option<PathBuf>,
    found: Mutex<Option<Python>>,
}

impl Default for Interpreter {
    /// Takes what `RYDES_PYTHON` says, if it says anything.
    fn default() -> Self {
        Self::new(std::env::var_os("RYDES_PYTHON").filter(|path| !path.is_empty()).map(PathBuf::from))
    }
}

impl Interpreter {
    /// Takes `wanted` and nothing else, or finds one.
    pub fn new(wanted: Option<PathBuf>) -> Self {
        Self { wanted, found: Mutex::new(None) }
    }

    /// The Python to run handlers in.
    ///
    /// # Errors
    /// In words for the learner, what to do.
    pub async fn python(&self) -> Result<Python, InterpreterFault> {
        let mut found = self.found.lock().await;
        if let Some(python) = &*found {
            return Ok(python.clone());
        }
        let python = self.find().await?;
        *found = Some(python.clone());
        Ok(python)
    }

    async fn find(&self) -> Result<Python, InterpreterFault> {
        if let Some(wanted) = &self.wanted {
            return probe(wanted, &[]).await.map_err(|why| InterpreterFault::Unfit(wanted.clone(), why));
        }
        for (program, arguments) in [("python3", &[][..]), ("python", &[]), ("py", &["-3"])] {
            if let Ok(python) = probe(Path::new(program), arguments).await {
                return Ok(python);
            }
        }
        Err(InterpreterFault::None)
    }
}

/// Asks a Python what it is.
async fn probe(program: &Path, arguments: &[&str]) -> Result<Python, String> {
    const QUESTION: &str = "\
import sys, json
sys.path[:] = [path for path in sys.path if path]
missing = []
for name in ('boto3', 'requests'):
    try:
        __import__(name)
    except Exception as error:
        missing.append(f'{name} ({error})')
print(json.dumps({'executable': sys.executable, 'version': sys.version.split()[0], 'path': sys.path, 'missing': missing}))";

    #[derive(Deserialize)]
    struct Answer {
        missing: Vec<String>,
        #[serde(flatten)]
        python: Python,
    }
    let asked = Command::new(program)
        .args(arguments)
        .args(["-E", "-B", "-c", QUESTION])
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(PATIENCE, asked)
        .await
        .map_err(|_| format!("it gave no answer in {} s", PATIENCE.as_secs()))?
        .map_err(|error| error.to_string())?;
    let Ok(Answer { missing, python }) = serde_json::from_slice(&output.stdout) else {
        let complaint = String::from_utf8_lossy(&output.stderr);
        return Err(complaint.lines().last().unwrap_or("it said nothing").to_owned());
    };
    let number = |place| python.version.split('.').nth(place).and_then(|part: &str| part.parse::<u32>().ok());
    if (number(0), number(1)) < (Some(OLDEST.0), Some(OLDEST.1)) {
        return Err(format!("it is Python {}; handlers need {}.{} or newer", python.version, OLDEST.0, OLDEST.1));
    }
    if !missing.is_empty() {
        return Err(format!("it lacks {}", missing.join(" and ")));
    }
    Ok(python)
}
