//! From text to a syntax tree, or to one finding that says where and why the text is not Python 3.

use ruff_python_ast::token::TokenKind;
use ruff_python_ast::{ModModule, PythonVersion};
use ruff_python_parser::{LexicalErrorType, Mode, ParseErrorType, ParseOptions, lexer, parse_unchecked};
use ruff_text_size::Ranged;

use crate::diagnostic::{Block, Diagnostic, Span};

/// Deeper than any handler, and shallow enough for every walk over the tree.
const DEEPEST: usize = 150;
/// Larger files are refused before they are read; this keeps offsets far from the parser's own limit.
const LARGEST: usize = 8 * 1024 * 1024;

/// Parses a module.
pub(super) fn parse(path: &str, text: &str) -> Result<ModModule, Box<Diagnostic>> {
    if text.len() > LARGEST {
        return Err(blocked(path, "the file is too large to be a handler", Span::at(0), None));
    }
    if let Some(at) = text.find('\0') {
        let help = "Save the file as plain UTF-8 text.";
        return Err(blocked(
            path,
            "there is a NUL character in the code, which Python refuses",
            Span::new(at, at + 1),
            Some(help),
        ));
    }
    if let Some(place) = too_deep(text) {
        let help =
            "Brackets or blocks are nested far deeper than a handler needs; split the code into smaller statements.";
        return Err(blocked(path, "the code is nested too deeply to be read", place, Some(help)));
    }
    let options = ParseOptions::from(Mode::Module).with_target_version(PythonVersion::PY313);
    let parsed = parse_unchecked(text, options);
    let first = parsed.errors().iter().min_by_key(|error| error.location.start());
    if let Some(error) = first {
        let place = place(error.location.start().to_usize(), error.location.end().to_usize(), text);
        return Err(explain(path, text, &error.error, place));
    }
    if let Some(error) = parsed.unsupported_syntax_errors().first() {
        let range = error.range();
        let place = place(range.start().to_usize(), range.end().to_usize(), text);
        let line = line_of(text, place.start);
        if line.starts_with("except") && line.contains(',') {
            let help = "Python 2 wrote `except Error, e:`. In Python 3 it is `except Error as e:`.";
            return Err(blocked(path, "`except Error, name:` is Python 2", place, Some(help)));
        }
        return Err(blocked(path, &format!("the Python of Lambda does not know this: {error}"), place, None));
    }
    match parsed.into_syntax() {
        ruff_python_ast::Mod::Module(module) => Ok(module),
        ruff_python_ast::Mod::Expression(_) => Err(blocked(path, "the file is not a module", Span::at(0), None)),
    }
}

/// A `RY003` finding.
pub(super) fn blocked(path: &str, message: &str, place: Span, help: Option<&str>) -> Box<Diagnostic> {
    let finding =
        Diagnostic::blocked("RY003", Block::File, path, format!("{path} is not valid Python: {message}")).at(place);
    Box::new(match help {
        Some(help) => finding.help(help),
        None => finding,
    })
}

/// The line where nesting passes the limit. The tree of such a text could not be walked, so it is never made.
fn too_deep(text: &str) -> Option<Span> {
    if !is_too_deep(text) {
        return None;
    }
    // The tokens carry no places here: look for the shortest beginning of the text that is too deep already.
    let ends: Vec<usize> = text.match_indices('\n').map(|(at, _)| at + 1).chain([text.len()]).collect();
    let line = ends.partition_point(|end| !is_too_deep(&text[..*end])).min(ends.len() - 1);
    let start = if line == 0 { 0 } else { ends[line - 1] };
    let end = start + text[start..ends[line]].trim_end().len();
    Some(place(start, end.min(start + 80), text))
}

/// Whether a walk over the tree would go too deep, told by counting tokens.
fn is_too_deep(text: &str) -> bool {
    let mut lexer = lexer::lex(text, Mode::Module);
    // For each open bracket, how many operators follow each other: each may add a level to the tree.
    let mut levels: Vec<usize> = vec![0];
    let mut blocks: usize = 0;
    let mut total: usize = 0;
    loop {
        match lexer.next_token() {
            TokenKind::EndOfFile => return false,
            TokenKind::Lpar
            | TokenKind::Lsqb
            | TokenKind::Lbrace
            | TokenKind::FStringStart
            | TokenKind::TStringStart => {
                if let Some(level) = levels.last_mut() {
                    *level += 1;
                }
                total += 1;
                levels.push(0);
            }
            TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace | TokenKind::FStringEnd | TokenKind::TStringEnd
                if levels.len() > 1 =>
            {
                total -= levels.pop().unwrap_or(0).min(total);
            }
            TokenKind::Newline | TokenKind::Semi => {
                levels = vec![0];
                total = 0;
            }
            TokenKind::Comma => {
                if let Some(level) = levels.last_mut() {
                    total -= (*level).min(total);
                    *level = 0;
                }
            }
            TokenKind::Indent => blocks += 1,
            TokenKind::Dedent => blocks = blocks.saturating_sub(1),
            kind if deepens(kind) => {
                if let Some(level) = levels.last_mut() {
                    *level += 1;
                }
                total += 1;
            }
            _ => {}
        }
        if total + blocks > DEEPEST || levels.len() > DEEPEST {
            return true;
        }
    }
}

/// Tokens that may put one part of an expression or statement below another.
fn deepens(kind: TokenKind) -> bool {
    kind.is_operator()
        || matches!(
            kind,
            TokenKind::Dot
                | TokenKind::Not
                | TokenKind::And
                | TokenKind::Or
                | TokenKind::In
                | TokenKind::Is
                | TokenKind::Lambda
                | TokenKind::If
                | TokenKind::Else
                | TokenKind::Await
                | TokenKind::Yield
                | TokenKind::Colon
                | TokenKind::For
        )
}

fn place(start: usize, end: usize, text: &str) -> Span {
    let start = text.floor_char_boundary(start.min(text.len()));
    let end = text.floor_char_boundary(end.min(text.len())).max(start);
    // A message about the end of a file points at its last character that shows.
    if start == text.len() {
        let shown = text.trim_end().len();
        let last = text[..shown].char_indices().next_back().map_or(0, |(at, _)| at);
        return Span::new(last, shown);
    }
    Span::new(start, end)
}

fn line_of(text: &str, at: usize) -> &str {
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    text[start..].lines().next().unwrap_or_default().trim()
}

fn explain(path: &str, text: &str, error: &ParseErrorType, at: Span) -> Box<Diagnostic> {
    let line = line_of(text, at.start);
    let first_word = line.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
    let python2 = ["print", "exec"].contains(&first_word)
        && !line[first_word.len()..].trim_start().starts_with(['(', '=', '.', '[']);
    if python2 {
        let help = format!("In Python 3 {first_word} is a function: write {first_word}(…).");
        return blocked(path, &format!("`{first_word}` without parentheses is Python 2"), at, Some(&help));
    }
    if line.starts_with("<<<<<<<") || line.starts_with("=======") || line.starts_with(">>>>>>>") {
        return blocked(
            path,
            "a merge conflict is left in the file",
            at,
            Some("Keep one of the two versions and delete the marker lines."),
        );
    }
    if line.starts_with("except") && line.contains(',') && !line.contains('(') {
        return blocked(
            path,
            "`except Error, name:` is Python 2",
            at,
            Some("In Python 3 it is `except Error as name:`."),
        );
    }
    let (message, help) = match error {
        ParseErrorType::Lexical(lexical) => lexical_words(lexical),
        ParseErrorType::UnexpectedIndentation => (
            "this line is indented deeper than the one before".to_owned(),
            "Lines of one block start at the same column; only the line after a colon goes deeper.",
        ),
        ParseErrorType::ExpectedToken { expected: TokenKind::Colon, found: TokenKind::Equal } => (
            "`=` stands where a comparison is expected".to_owned(),
            "`=` gives a name a value; to compare, write `==`.",
        ),
        ParseErrorType::ExpectedToken { expected: TokenKind::Colon, .. } => {
            ("a colon is missing".to_owned(), "`def`, `if`, `for`, `try` and their like end their line with a colon.")
        }
        ParseErrorType::ExpectedToken { expected, found: TokenKind::EndOfFile } => (
            format!("the file ends where {expected} is expected"),
            "A bracket or quote that was opened is not closed; look at the last lines that you changed.",
        ),
        ParseErrorType::ExpectedToken { expected, found } => (
            format!("{expected} is expected here, and there is {found}"),
            "Often a bracket, comma or quote is missing here or on the line before.",
        ),
        ParseErrorType::ExpectedExpression => (
            "something is missing here: a value is expected".to_owned(),
            "Finish the statement, or take out what is left over.",
        ),
        ParseErrorType::SimpleStatementsOnSameLine | ParseErrorType::SimpleAndCompoundStatementOnSameLine => (
            "two statements stand on one line".to_owned(),
            "Often an operator, comma or bracket is missing between them.",
        ),
        ParseErrorType::InvalidAssignmentTarget | ParseErrorType::InvalidNamedAssignmentTarget => {
            ("this cannot be assigned to".to_owned(), "`=` gives a name a value; to compare, write `==`.")
        }
        ParseErrorType::OtherError(message) if message.contains("indented block") => (
            "a block is missing after the colon".to_owned(),
            "Indent the lines that belong to it; `pass` stands for an empty block.",
        ),
        other => (other.to_string(), "Python stops reading here, so nothing in this file runs until it is mended."),
    };
    blocked(path, &message, at, Some(help))
}

fn lexical_words(error: &LexicalErrorType) -> (String, &'static str) {
    match error {
        LexicalErrorType::IndentationError => (
            "the indentation fits no block above".to_owned(),
            "Lines of one block start at the same column, and tabs and spaces do not mix: use four spaces everywhere.",
        ),
        LexicalErrorType::UnclosedStringError | LexicalErrorType::StringError => (
            "a string is not closed".to_owned(),
            "End it with the quote that it starts with; only triple quotes go over several lines.",
        ),
        LexicalErrorType::Eof => (
            "the file ends in the middle of a statement".to_owned(),
            "A bracket or quote that was opened is not closed; look at the last lines that you changed.",
        ),
        LexicalErrorType::UnrecognizedToken { tok } => (
            format!("Python does not know the character {tok:?}"),
            "Text copied from a web page may carry curly quotes, long dashes or invisible spaces: type it again.",
        ),
        other => (other.to_string(), "Python stops reading here, so nothing in this file runs until it is mended."),
    }
}
