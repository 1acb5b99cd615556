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

mod evaluate;
mod evaluate_call;
mod value;

use ruff_python_ast::{ModModule, Stmt, StmtFunctionDef};
use ruff_python_parser::{Parsed, parse_module};
use ruff_text_size::{Ranged, TextRange};

use crate::diagnostic::{Block, Diagnostic, Span};

pub use evaluate::{Effect, Run};
pub use value::Value;

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
            let help = "Look at the indentation: the line may belong into the function above.";
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

fn collect<'a>(body: &'a [Stmt], found: &mut Vec<&'a StmtFunctionDef>) {
    for statement in body {
        match statement {
            Stmt::FunctionDef(function) => found.push(function),
            Stmt::If(branch) => {
                collect(&branch.body, found);
                branch.elif_else_clauses.iter().for_each(|clause| collect(&clause.body, found));
            }
            Stmt::Try(attempt) => {
                collect(&attempt.body, found);
                collect(&attempt.orelse, found);
            }
            _ => {}
        }
    }
}

fn line_at(text: &str, offset: usize) -> &str {
    let offset = text.floor_char_boundary(offset);
    let start = text[..offset].rfind('\n').map_or(0, |newline| newline + 1);
    text[start..].lines().next().unwrap_or_default()
}

fn advice(line: &str) -> &'static str {
    let line = line.trim_start();
    if line.starts_with("print ") || line.starts_with("exec ") || line.contains("except") && line.contains(',') {
        "This looks like Python 2, whose life ended in 2020. In Python 3 `print` is a function: `print(…)`; and it is `except X as error:`."
    } else if line.contains('\t') {
        "The line is indented with a tab where others use spaces. Python wants one of the two throughout: four spaces."
    } else {
        "Nothing in this file can be graded until Python can read it. The mistake may be on the line before: a bracket or a quote left open, a missing colon."
    }
}

/// Where brackets, indentation or chains of operators nest deeper than the parser should follow.
fn too_deep(text: &str) -> Option<usize> {
    let (mut depth, mut run) = (0usize, 0usize);
    let mut indents: Vec<usize> = vec![0];
    let mut offset = 0;
    for line in text.split_inclusive(['\n', '\r']) {
        let code = line.trim_start_matches([' ', '\t', '\u{c}']);
        if depth == 0 && !code.trim().is_empty() && !code.starts_with('#') {
            let indent = line.len() - code.len();
            while indents.last().is_some_and(|last| *last > indent) {
                indents.pop();
            }
            if indents.last().is_some_and(|last| *last < indent) {
                indents.push(indent);
            }
            run = 0;
        }
        for (at, byte) in line.bytes().enumerate() {
            match byte {
                b'(' | b'[' | b'{' => depth += 1,
                b')' | b']' | b'}' => depth = depth.saturating_sub(1),
                // Unary and right-hand operators, lambdas and conditional expressions recurse as well.
                b'~' | b'-' | b'+' | b'*' | b':' => run += 1,
                b'e' | b't' | b'a'
                    if line[at..].starts_with("else")
                        || line[at..].starts_with("not ")
                        || line[at..].starts_with("await") =>
                {
                    run += 1
                }
                _ => {}
            }
            if depth > DEEPEST || indents.len() > DEEPEST || run > 40 * DEEPEST {
                return Some(offset + at);
            }
        }
        offset += line.len();
    }
    None
}

#[cfg(test)]
mod tests;
