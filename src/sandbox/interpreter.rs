//! The Python that handlers run in: found on this machine, or made once in the user's cache folder.

mod environment;
mod probe;
mod progress;
mod verdicts;

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use etcetera::BaseStrategy;
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use self::progress::Listeners;
use self::verdicts::Verdicts;

pub use progress::Progress;

/// A Python that has what handlers need.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// There is one without boto3 and requests, and they could not be had.
    #[error(
        "handlers need boto3 and requests. {python} has not got both, and a virtual environment with them could not be made in \
         {folder}: {why}. {advice}. Everything but running handlers works without"
    )]
    Unmade {
        /// The Python that would be the base.
        python: String,
        /// Where.
        folder: String,
        /// The last words of whatever failed.
        why: String,
        /// What to do.
        advice: String,
    },
}

/// What looking for Python came to.
#[derive(Debug, Default)]
enum Found {
    #[default]
    Nothing,
    Python(Python),
    Fault(InterpreterFault, Instant),
}

/// After a failure it is looked for again only after this: each invocation would wait for a network that is not there.
const AGAIN: Duration = Duration::from_secs(20);

/// Finds Python once, when it is first needed. Whoever waits for it may stop waiting: then whatever was being made is not, and is made
/// the next time.
#[derive(Debug)]
pub struct Interpreter {
    wanted: Option<PathBuf>,
    cache: Option<PathBuf>,
    found: Mutex<Found>,
    listeners: Listeners,
}

impl Default for Interpreter {
    /// Takes what `RYDES_PYTHON` says, if it says anything, and the cache folder of the user.
    fn default() -> Self {
        let wanted = std::env::var_os("RYDES_PYTHON").filter(|path| !path.is_empty()).map(PathBuf::from);
        let cache = etcetera::choose_base_strategy().ok().map(|folders| folders.cache_dir().join("rydes"));
        Self::new(wanted, cache)
    }
}

impl Interpreter {
    /// Takes `wanted` and nothing else, or finds one; remembers and makes what it must in `cache`.
    pub fn new(wanted: Option<PathBuf>, cache: Option<PathBuf>) -> Self {
        Self { wanted, cache, found: Mutex::default(), listeners: Listeners::default() }
    }

    /// The one of this process: all its sandboxes run handlers in the same Python.
    pub fn shared() -> Arc<Self> {
        static SHARED: LazyLock<Arc<Interpreter>> = LazyLock::new(Arc::default);
        Arc::clone(&SHARED)
    }

    /// Has `listener` told, from whichever thread makes it, how far the making of a virtual environment is. What [`Interpreter::python`]
    /// gives comes after the last of it.
    pub fn listen(&self, listener: impl Fn(&Progress) + Send + Sync + 'static) {
        self.listeners.add(listener);
    }

    /// The Python to run handlers in.
    ///
    /// # Errors
    /// In words for the learner, what to do.
    pub async fn python(&self) -> Result<Python, InterpreterFault> {
        let mut found = self.found.lock().await;
        match &*found {
            Found::Python(python) if python.executable.exists() => return Ok(python.clone()),
            Found::Fault(fault, when) if when.elapsed() < AGAIN => return Err(fault.clone()),
            _ => {}
        }
        let python = self.find().await;
        *found = match &python {
            Ok(python) => Found::Python(python.clone()),
            Err(fault) => Found::Fault(fault.clone(), Instant::now()),
        };
        python
    }

    async fn find(&self) -> Result<Python, InterpreterFault> {
        let verdicts = Verdicts::read(self.cache.as_deref());
        if let Some(wanted) = &self.wanted {
            let unfit = |why| InterpreterFault::Unfit(wanted.clone(), why);
            let answer = verdicts.ask(wanted, &[]).await.map_err(unfit)?;
            return answer.fit().map_err(unfit);
        }
        let mut base = None;
        for (program, arguments) in [("python3", &[][..]), ("python", &[]), ("py", &["-3"])] {
            let Ok(answer) = verdicts.ask(Path::new(program), arguments).await else { continue };
            match answer.fit() {
                Ok(python) => return Ok(python),
                Err(_) if answer.is_recent() && base.is_none() => base = Some(answer),
                Err(_) => {}
            }
        }
        let base = base.ok_or(InterpreterFault::None)?;
        let unmade = |folder: &Path, (why, advice): (String, String)| InterpreterFault::Unmade {
            python: base.python.executable.display().to_string(),
            folder: folder.display().to_string(),
            why,
            advice,
        };
        let Some(cache) = &self.cache else {
            let why = "this system has no cache folder for you".to_owned();
            return Err(unmade(Path::new("a cache folder"), (why, environment::BY_HAND.to_owned())));
        };
        let telling = self.listeners.begin();
        let made = environment::make(&base.python, cache, &|progress| telling.tell(progress)).await;
        let made = made.map_err(|trouble| unmade(cache, trouble))?;
        let advice = || "Remove that folder and try again".to_owned();
        let answer = verdicts.ask(&made, &[]).await.map_err(|why| unmade(cache, (why, advice())))?;
        let python = answer.fit().map_err(|why| unmade(cache, (why, advice())))?;
        telling.end(&python);
        Ok(python)
    }
}

#[cfg(test)]
mod tests;
