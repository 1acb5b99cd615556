//! A Python handler understood: syntax tree, module-level facts, and what running a function would do.

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
    parsed: Parsed<ModModule>,
    /// Bytes before the text that was parsed: a byte-order mark.
    shift: usize,
}

/// The parser descends as deep as the code nests; beyond this no handler goes, and a stack does not.
const DEEPEST: usize = 90;

impl PythonFile {
    /// Reads the source at `path`.
    ///
    /// # Errors
    /// A `RY003` finding (blocked) at the first place that is not Python 3.
    pub fn parse(path: &str, text: &str) -> Result<Self, Box<Diagnostic>> {
        let blocked = |span, message: String, help: &str| {
            Box::new(Diagnostic::blocked("RY003", Block::File, path, message).at(span).help(help))
        };
        let code = text.strip_prefix('\u{feff}').unwrap_or(text);
        let shift = text.len() - code.len();
        if let Some(offset) = too_deep(code) {
            let message = format!("the code nests deeper than {DEEPEST} levels here");
            return Err(blocked(
                Span::at(offset + shift),
                message,
                "No handler needs that: look for brackets that were never closed.",
            ));
        }
        match parse_module(code) {
            Ok(parsed) => Ok(Self { path: path.to_owned(), parsed, shift }),
            Err(error) => {
                let range = error.location;
                let span = Span::new(usize::from(range.start()) + shift, usize::from(range.end()) + shift);
                let line = line_at(code, usize::from(range.start()));
                Err(blocked(span, format!("this is not Python 3: {}", error.error), advice(line)))
            }
        }
    }

    /// Path from the workshop folder.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The statements of the module.
    pub(crate) fn body(&self) -> &[Stmt] {
        &self.parsed.syntax().body
    }

    /// The last module-level definition of a function, as that is the one that counts.
    pub fn function(&self, name: &str) -> Option<&StmtFunctionDef> {
        self.functions().filter(|function| function.name.as_str() == name).last()
    }

    /// All functions that the module's own statements define, those below `if` and `try` included.
    pub fn functions(&self) -> impl Iterator<Item = &StmtFunctionDef> {
        let mut found = Vec::new();
        collect(self.body(), &mut found);
        found.into_iter()
    }

    /// Where a node stands in the file.
    pub fn span(&self, node: &impl Ranged) -> Span {
        self.span_of(node.range())
    }

    pub(crate) fn span_of(&self, range: TextRange) -> Span {
        Span::new(usize::from(range.start()) + self.shift, usize::from(range.end()) + self.shift)
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
