//! What stderr shows while something takes long: bars on a terminal, lines elsewhere.

use std::cell::Cell;
use std::io::IsTerminal;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::session::say;
use crate::sandbox::{Interpreter, PythonProgress};

/// How often the bars are drawn while nothing comes.
const TICK: Duration = Duration::from_millis(200);

/// All bars of this process: they are drawn together.
static BARS: LazyLock<MultiProgress> = LazyLock::new(MultiProgress::new);

thread_local! {
    /// Whether this thread prints aside of the bars already.
    static ASIDE: Cell<bool> = const { Cell::new(false) };
}

/// Prints something while the bars stand aside. What prints may call what prints aside itself.
pub(super) fn aside<T>(print: impl FnOnce() -> T) -> T {
    if ASIDE.get() {
        return print();
    }
    BARS.suspend(|| {
        ASIDE.set(true);
        let printed = print();
        ASIDE.set(false);
        printed
    })
}

/// A bar of `length` steps; nothing where stderr is no terminal.
pub(super) fn bar(length: u64, template: &str) -> ProgressBar {
    let bar = BARS.add(ProgressBar::new(length));
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.enable_steady_tick(TICK);
    bar
}

/// From now on, shows how a Python environment is made when one has to be.
pub(super) fn show_python() {
    let shown: Mutex<Option<ProgressBar>> = Mutex::default();
    Interpreter::shared().listen(move |progress| {
        let mut shown = shown.lock().unwrap_or_else(PoisonError::into_inner);
        match progress {
            PythonProgress::Making { step, done, of } => {
                if shown.is_none() {
                    say("Handlers run in Python with boto3 and requests. An environment with them is made now, once.");
                }
                let bar = shown.get_or_insert_with(|| bar(*of as u64, "{bar:40} {pos}/{len} {msg}"));
                bar.set_length(*of as u64);
                bar.set_position(*done as u64);
                bar.set_message(step.clone());
                if !std::io::stderr().is_terminal() {
                    say(&format!("  {done} of {of}: {step}"));
                }
            }
            PythonProgress::Made(version) => {
                end(shown.take());
                say(&format!("Python {version} with boto3 and requests is ready."));
            }
            PythonProgress::Ended => end(shown.take()),
        }
    });
}

fn end(bar: Option<ProgressBar>) {
    if let Some(bar) = bar {
        bar.finish_and_clear();
        BARS.remove(&bar);
    }
}
