//! One check: a stable code, a manual page, and a function from evidence to findings.

use serde::de::DeserializeOwned;

use super::Evidence;
use super::behaviour::tells_by_running;
use crate::diagnostic::Diagnostic;

/// What a task's front matter gives to a rule beside its code.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parameters(pub toml::Table);

impl Parameters {
    /// The parameters as the rule's own type, whose `Default` fills what the front matter leaves out.
    ///
    /// # Errors
    /// A key that the rule does not know, or a value of the wrong type. The type wants `#[serde(default, deny_unknown_fields)]`.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, ParameterError> {
        toml::Value::Table(self.0.clone())
            .try_into()
            .map_err(|error: toml::de::Error| ParameterError(error.message().to_owned()))
    }
}

/// A task's front matter gives a rule something that it does not take: a mistake of the module's author.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ParameterError(pub String);

/// What a rule found, or why its parameters make no sense.
pub type Findings = Result<Vec<Diagnostic>, ParameterError>;

/// One check. Each has a file of its own under `rules/`, whose `//!` comment is its manual page.
pub struct Rule {
    /// Stable code, `RY` and three digits.
    pub code: &'static str,
    /// Short name in kebab-case: `topic-resource`.
    pub name: &'static str,
    /// The rule's own source file, from which [`Rule::manual`] takes the `//!` comment.
    pub source: &'static str,
    /// Judges the evidence. No finding, or notes only: passed.
    pub judge: fn(&Evidence, &Parameters) -> Findings,
}

/// What the manual pages of all checks that run handlers say of it.
const RUNNING: &str = "

## How it is judged
Where this machine has Python, your handler is run: in a sandbox apart from your stacks, with sample and random events, a fleet, a topic and a
table of its own. What counts is what it did, that is its AWS calls, HTTP calls and answers. Reading the code tells the place and the advice, and it
judges alone where there is no Python, or with `rydes check --static`.";

impl Rule {
    /// The manual page in Markdown: what is asked, why, examples that pass and that fail, and how running tells if it does.
    pub fn manual(&self) -> String {
        let lines = self.source.lines().take_while(|line| line.starts_with("//!"));
        let lines = lines.map(|line| line.trim_start_matches("//!").strip_prefix(' ').unwrap_or(""));
        let mut page = lines.collect::<Vec<_>>().join("\n");
        if tells_by_running(self.code) {
            page.push_str(RUNNING);
        }
        page
    }
}
