//! Questions before something of the learner's is changed.

use std::io::{self, BufRead, IsTerminal, Write};

use anyhow::bail;

use crate::settings::Settings;

/// Asks a question that is answered with yes or no; `--yes` answers it. No answer is no.
///
/// # Errors
/// There is nobody to ask.
pub(super) fn confirm(settings: &Settings, question: &str) -> anyhow::Result<bool> {
    if settings.yes {
        return Ok(true);
    }
    if !io::stdin().is_terminal() {
        bail!("{question} There is no terminal to ask on: say `--yes` if you mean it. Nothing was changed.");
    }
    let mut stderr = anstream::stderr();
    write!(stderr, "{question} [y/N] ")?;
    stderr.flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}
