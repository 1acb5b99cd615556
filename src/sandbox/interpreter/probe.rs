//! Asks a Python what it is and what it has.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::process::Command;

use super::Python;

/// The oldest Python that today's boto3 runs on.
const OLDEST: (u32, u32) = (3, 9);
/// A Python that has not answered after this is none that handlers could run in.
const PATIENCE: Duration = Duration::from_secs(30);

const QUESTION: &str = "\
import sys, json
sys.path[:] = [path for path in sys.path if path]
missing = []
for name in ('boto3', 'requests'):
    try:
        __import__(name)
    except Exception as error:
        missing.append(f'{name} ({error})')
home = getattr(sys.modules.get('boto3'), '__file__', '')
version = sys.version.split()[0]
print(json.dumps({'executable': sys.executable, 'version': version, 'path': sys.path, 'missing': missing, 'boto3': home}))";

/// What a Python said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Answer {
    /// The modules that it lacks, each with why.
    missing: Vec<String>,
    /// The file of boto3: while it is there, so is boto3.
    pub(super) boto3: String,
    #[serde(flatten)]
    pub(super) python: Python,
}

impl Answer {
    /// Whether handlers could run in it if it had what they need.
    pub(super) fn is_recent(&self) -> bool {
        let number = |place| self.python.version.split('.').nth(place).and_then(|part: &str| part.parse::<u32>().ok());
        (number(0), number(1)) >= (Some(OLDEST.0), Some(OLDEST.1))
    }

    /// The Python, if handlers can run in it; otherwise why not.
    pub(super) fn fit(&self) -> Result<Python, String> {
        if !self.is_recent() {
            return Err(format!(
                "it is Python {}; handlers need {}.{} or newer",
                self.python.version, OLDEST.0, OLDEST.1
            ));
        }
        if self.missing.is_empty() {
            Ok(self.python.clone())
        } else {
            Err(format!("it lacks {}", self.missing.join(" and ")))
        }
    }
}

/// Asks a Python. Variables such as `PYTHONPATH` do not count: instances have none of them.
///
/// # Errors
/// In words, why it did not answer.
pub(super) async fn ask(program: &Path, arguments: &[&str]) -> Result<Answer, String> {
    let asked = Command::new(program)
        .args(arguments)
        .args(["-E", "-c", QUESTION])
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(PATIENCE, asked)
        .await
        .map_err(|_| format!("it gave no answer in {} s", PATIENCE.as_secs()))?
        .map_err(|error| error.to_string())?;
    serde_json::from_slice(&output.stdout).map_err(|_| {
        let complaint = String::from_utf8_lossy(&output.stderr);
        complaint.lines().last().unwrap_or("it said nothing").to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_python_is_fit_or_lacks_something_that_is_named() {
        for (version, missing, fit) in [
            ("3.9.0", vec![], Ok(())),
            ("3.14.0rc1", vec![], Ok(())),
            ("4.0.0", vec![], Ok(())),
            ("3.8.20", vec![], Err("it is Python 3.8.20; handlers need 3.9 or newer")),
            ("2.7.18", vec![], Err("it is Python 2.7.18; handlers need 3.9 or newer")),
            ("3.12.1", vec!["boto3 (No module named 'boto3')"], Err("it lacks boto3 (No module named 'boto3')")),
            ("3.12.1", vec!["boto3 (x)", "requests (y)"], Err("it lacks boto3 (x) and requests (y)")),
        ] {
            let python = Python { executable: "python3".into(), version: version.to_owned(), path: Vec::new() };
            let missing = missing.into_iter().map(str::to_owned).collect();
            let answer = Answer { missing, boto3: String::new(), python };
            assert_eq!(answer.fit().map(drop), fit.map_err(str::to_owned), "{version}");
        }
    }

    #[tokio::test]
    async fn what_is_no_python_is_told() {
        let why = ask(Path::new("/nonexistent/python3"), &[]).await.unwrap_err();
        assert!(why.contains("No such file"), "{why}");
    }
}
