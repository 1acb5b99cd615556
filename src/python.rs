//! A Python handler understood: its syntax tree, the facts that stand in it, and what running it would do.
//!
//! [`PythonFile`] is the tree; [`Scenario`] runs it over symbolic values and gives every [`Path`] through it. What is right or
//! wrong about a path is left to the rules of [`crate::check`].

pub mod data;
pub mod effect;
mod facts;
mod library;
mod machine;
mod misplaced;
mod syntax;

use std::fmt;

use ruff_python_ast::{ModModule, Stmt};

pub use effect::Path;
pub use facts::{Function, Name};
pub use machine::{Call, Loader, Paths, Scenario};

use crate::diagnostic::Diagnostic;

/// What a Python file says.
pub struct PythonFile {
    path: String,
    text: String,
    module: ModModule,
}

impl PythonFile {
    /// Reads the source at `path`, which counts from the workshop folder.
    ///
    /// # Errors
    /// A `RY003` finding (blocked) at the first place that is not Python 3.
    pub fn parse(path: &str, text: &str) -> Result<Self, Box<Diagnostic>> {
        let module = syntax::parse(path, text)?;
        if let Some((place, message)) = misplaced::first(&module.body) {
            let help = if message.contains("__future__") {
                "Move the line above all other imports."
            } else if message.starts_with('`') {
                "Look at the indentation: the line may belong into the function above."
            } else {
                "Python refuses the file for it; keep one of the two."
            };
            return Err(syntax::blocked(path, message, place, Some(help)));
        }
        Ok(Self { path: path.to_owned(), text: text.to_owned(), module })
    }

    /// Path from the workshop folder.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The source.
    pub fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn body(&self) -> &[Stmt] {
        &self.module.body
    }
}

impl fmt::Debug for PythonFile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("PythonFile").field("path", &self.path).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
