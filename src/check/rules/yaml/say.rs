//! Findings about `serverless.yml`, in one voice.

use crate::diagnostic::{Block, Diagnostic, Edit, Severity, Span};
use crate::serverless::yaml::{Entry, Location};
use crate::serverless::{Resource, Service};

/// The task is not done, because of what stands there.
pub(super) fn error(code: &'static str, at: &Location, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(code, Severity::Error, &at.file, message).at(at.span)
}

/// It works, with advice.
pub(super) fn warning(code: &'static str, at: &Location, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(code, Severity::Warning, &at.file, message).at(at.span)
}

/// Good to know.
pub(super) fn note(code: &'static str, at: &Location, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(code, Severity::Note, &at.file, message).at(at.span)
}

/// Reading does not settle it: a deployment will.
pub(super) fn unsure(code: &'static str, at: &Location, message: impl Into<String>) -> Diagnostic {
    Diagnostic::blocked(code, Block::Unsure, &at.file, format!("not certain: {}", message.into()))
        .at(at.span)
        .help("Reading the file does not settle it, so this is no failure. Deploying does.")
}

/// The resource is made under a condition only: no verdict, unless there is no such condition.
pub(super) fn conditional(code: &'static str, service: &Service, resource: &Resource) -> Option<Diagnostic> {
    let condition = resource.condition.as_ref()?;
    let (id, at, known) = (&resource.key.name, &resource.key.location, &service.resources);
    let is_there = known.conditions.iter().any(|entry| Some(&*entry.key) == condition.as_literal());
    let all_read = known.unknown.is_empty() && known.broken.is_empty() && condition.as_literal().is_some();
    Some(if !is_there && all_read {
        error(code, at, format!("`{id}` names the condition `{condition}`, which the template does not have"))
            .help("Remove `Condition`: it is made in every stage.")
    } else {
        unsure(code, at, format!("`{id}` is made only if the condition `{condition}` holds"))
    })
}

/// `entry` is a variable that leads nowhere, so that no deployment begins.
pub(super) fn broken(code: &'static str, entry: Option<&Entry>) -> Option<Diagnostic> {
    let entry = entry?;
    let text = entry.value.as_text()?;
    let message = format!("`{}` cannot be worked out: {}", entry.key, text.broken()?);
    Some(
        error(code, &entry.value.location, message)
            .help("Compare the variable with the names in the section that it reads."),
    )
}

/// An edit of what stands at `at`.
pub(super) fn replace(at: &Location, text: impl Into<String>, title: impl Into<String>) -> Edit {
    Edit { title: title.into(), file: at.file.to_string(), span: at.span, text: text.into() }
}

/// Whether the value of `entry` stands right behind its key, and not where an alias or a variable leads: others may use what stands there.
pub(super) fn written_there(text: Option<&str>, entry: &Entry) -> bool {
    let (key, value) = (&entry.key_location, &entry.value.location);
    let between = text.and_then(|text| text.get(key.span.end..value.span.start));
    key.file == value.file && between.is_some_and(|between| between.trim() == ":")
}

/// An edit that takes the lines of `entry` away; none where that would leave something broken.
pub(super) fn remove_lines(text: Option<&str>, entry: &Entry, title: impl Into<String>) -> Option<Edit> {
    let text = text?;
    if !entry.value.is_null() && !written_there(Some(text), entry) {
        return None;
    }
    let at = entry.location();
    let start = text.get(..at.span.start)?.rfind('\n').map_or(0, |newline| newline + 1);
    let rest = text.get(at.span.end..)?;
    let end = at.span.end + rest.find('\n').map_or(rest.len(), |newline| newline + 1);
    let alone = text[start..at.span.start].trim().is_empty();
    let tail = text[at.span.end..end].trim();
    (alone && (tail.is_empty() || tail.starts_with('#'))).then(|| Edit {
        title: title.into(),
        file: at.file.to_string(),
        span: Span::new(start, end),
        text: String::new(),
    })
}

/// The place to point at when something is missing: the given key, or the start of the file.
pub(super) fn place_of(service: &Service, path: &[&str]) -> Location {
    let start = Location { file: std::sync::Arc::clone(&service.path), span: Span::at(0) };
    let mut place = start;
    let mut node = &service.root;
    for key in path {
        let Some(entry) = node.entry(key) else { break };
        place = entry.key_location.clone();
        node = &entry.value;
    }
    place
}
