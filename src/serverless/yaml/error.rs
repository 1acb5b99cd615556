//! What is not YAML that Serverless would read, in words for a learner.

use saphyr_parser::ScanError;

use super::position::Lines;
use crate::diagnostic::Span;

/// A place that is not readable YAML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct YamlError {
    /// Where in the file.
    pub span: Span,
    /// What is there.
    pub message: String,
    /// What to do.
    pub help: String,
}

impl YamlError {
    pub(super) fn new(span: Span, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { span, message: message.into(), help: help.into() }
    }
}

/// The scanner's complaint in our words. It often notices late, so the lines before are searched for the true cause.
pub(super) fn explain(error: &ScanError, lines: &Lines) -> YamlError {
    let line = error.marker().line().min(lines.count());
    let local = lines.local(*error.marker());
    if let Some(found) = tab_near(line, lines) {
        return found;
    }
    let (start, text) = lines.line(line).unwrap_or((local, ""));
    let at_line = |from: usize, to: usize| Span::new(lines.global(start + from), lines.global(start + to));
    let indent = text.len() - text.trim_start().len();
    let whole = at_line(indent, text.trim_end().len().max(indent));
    let here = Span::new(lines.global(local), lines.global(next_boundary(lines.text(), local)));
    let info = error.info();
    if let Some(star) = bare_star(text) {
        return YamlError::new(
            at_line(star, star + 1),
            "a bare `*` starts an alias in YAML, and no name follows",
            "Put it in quotes: \"*\".",
        );
    }
    if let Some(colon) = lines.line(line.saturating_sub(1)).and_then(|(_, text)| colon_without_space(text))
        && info.contains("mapping values are not allowed")
        && let Some((previous, _)) = lines.line(line.saturating_sub(1))
    {
        return YamlError::new(
            Span::new(lines.global(previous + colon), lines.global(previous + colon + 1)),
            "a space is missing after this `:`",
            "Without it the whole line is one word. Write `key: value`.",
        );
    }
    if info.contains("block sequence entries are not allowed") {
        return YamlError::new(
            here,
            "a list cannot start on the line of its key",
            "Put the `-` on a line of its own, below the key and indented deeper.",
        );
    }
    if info.contains("unknown anchor") {
        return YamlError::new(
            here,
            "this alias (`*name`) names an anchor that is not there",
            "Text that starts with `*` needs quotes; for an alias, write the anchor (`&name`) first.",
        );
    }
    if info.contains("mapping values are not allowed") || info.contains("illegal placement of ':'") {
        return YamlError::new(
            here,
            "this `:` starts a new value where none can stand",
            "Compare the indentation with the line above: a key that belongs to the same mapping starts in the same column. Text with `: ` inside needs quotes.",
        );
    }
    if info.contains("quoted scalar") || info.contains("end of stream") && info.contains("scalar") {
        return YamlError::new(
            here,
            "quoted text has no closing quote",
            "Close the quote on the line where the text ends.",
        );
    }
    if info.contains("simple key") {
        return YamlError::new(
            whole,
            "this line is no `key: value`",
            "A key ends with a colon and a space; the lines of one mapping start in the same column.",
        );
    }
    if info.contains("while parsing a flow") || info.contains("flow") || info.contains("bracket") {
        return YamlError::new(
            here,
            "`[…]` or `{…}` is not written to its end",
            "Entries are separated by commas, and each opening bracket needs its closing one.",
        );
    }
    if info.contains("block mapping") || info.contains("indentation") || info.contains("block collection") {
        return YamlError::new(
            whole,
            "this line does not fit the indentation around it",
            "Lines of one mapping or list start in the same column, and what belongs to a key is indented deeper than the key.",
        );
    }
    if info.contains("recursion limit") {
        return too_deep(here);
    }
    if info.contains("start any token") || info.contains("unexpected character") {
        return YamlError::new(here, "text cannot start with this character here", "Put the text in quotes.");
    }
    YamlError::new(
        here,
        format!("this is not YAML: {info}"),
        "Compare with the lines around it: indentation, colons, quotes and brackets.",
    )
}

pub(super) fn too_deep(span: Span) -> YamlError {
    YamlError::new(
        span,
        "mappings and lists are nested deeper than any service needs",
        "Look for brackets or dashes without an end.",
    )
}

fn next_boundary(text: &str, local: usize) -> usize {
    text[local..].chars().next().filter(|c| *c != '\n' && *c != '\r').map_or(local, |c| local + c.len_utf8())
}

/// A tab in the indentation of this line or of one just before it.
fn tab_near(line: usize, lines: &Lines) -> Option<YamlError> {
    let candidates = (line.saturating_sub(3)..=line + 1).filter_map(|number| lines.line(number));
    candidates
        .filter_map(|(start, text)| tab_in_indentation(start, text))
        .map(|(from, to)| tab_error(from, to, lines))
        .next()
}

pub(super) fn tab_in_indentation(start: usize, text: &str) -> Option<(usize, usize)> {
    let indent = &text[..text.len() - text.trim_start_matches([' ', '\t']).len()];
    let rest = &text[indent.len()..];
    let first = indent.find('\t')?;
    (!rest.is_empty() && !rest.starts_with('#')).then_some((start + first, start + indent.len()))
}

pub(super) fn tab_error(from: usize, to: usize, lines: &Lines) -> YamlError {
    YamlError::new(
        Span::new(lines.global(from), lines.global(to)),
        "this line is indented with a tab",
        "YAML allows only spaces there. Replace the tab by spaces (two a level is usual) and let your editor insert spaces for tabs.",
    )
}

/// The first colon of a line like `key:value`.
fn colon_without_space(text: &str) -> Option<usize> {
    let trimmed = text.trim_start().trim_start_matches("- ");
    let key = trimmed
        .split(':')
        .next()
        .filter(|key| !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || c == '_'))?;
    let start = text.len() - trimmed.len() + key.len();
    let after = text[start..].strip_prefix(':')?;
    (after.starts_with(|c: char| !c.is_whitespace() && c != ':') && !after.contains(": ")).then_some(start)
}

fn bare_star(text: &str) -> Option<usize> {
    text.char_indices().find_map(|(index, c)| {
        let before = text[..index].trim_end();
        let starts_value = before.ends_with([':', '-', '[', ',']) && text[..index].ends_with([' ', '[', ',']);
        let after = text[index + c.len_utf8()..].chars().next();
        let bare = after.is_none_or(|next| next.is_whitespace() || matches!(next, ',' | ']' | '}'));
        (c == '*' && starts_value && bare).then_some(index)
    })
}
