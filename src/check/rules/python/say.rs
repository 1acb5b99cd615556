//! Findings about Python handlers, in one voice, and how the ways through the code add up to a verdict.

use crate::diagnostic::{Block, Diagnostic, Edit, Severity, Span};
use crate::python::data::Data;
use crate::python::effect::{At, Effect, Failure, Path};
use crate::python::{Paths, PythonFile};

/// What one way through the code shows.
pub(super) enum Verdict {
    Right,
    Wrong(Diagnostic),
    Unsure(Diagnostic),
}

pub(super) fn error(code: &'static str, at: &At, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(code, Severity::Error, &at.file, message).at(at.span)
}

pub(super) fn warning(code: &'static str, at: &At, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(code, Severity::Warning, &at.file, message).at(at.span)
}

pub(super) fn note(code: &'static str, at: &At, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(code, Severity::Note, &at.file, message).at(at.span)
}

pub(super) fn unsure(code: &'static str, at: &At, message: impl Into<String>) -> Diagnostic {
    Diagnostic::blocked(code, Block::Unsure, &at.file, format!("not certain: {}", message.into()))
        .at(at.span)
        .help("Reading the code does not settle it, so this is no failure. Running it does.")
}

/// An edit that puts `text` in the place of what stands there.
pub(super) fn replace(at: &At, text: impl Into<String>, title: impl Into<String>) -> Edit {
    Edit { title: title.into(), file: at.file.to_string(), span: at.span, text: text.into() }
}

/// The verdict on all ways: right if all are, wrong if all are, and otherwise it depends on what reading does not decide.
pub(super) fn sum(code: &'static str, paths: &Paths, verdicts: Vec<(&Path, Verdict)>) -> Option<Diagnostic> {
    let mut right = false;
    let mut wrong: Option<(&Path, Diagnostic)> = None;
    let mut uncertain = None;
    for (path, verdict) in verdicts {
        match verdict {
            Verdict::Right => right = true,
            Verdict::Wrong(finding) => {
                wrong.get_or_insert((path, finding));
            }
            Verdict::Unsure(finding) => {
                uncertain.get_or_insert(finding);
            }
        }
    }
    match (wrong, uncertain) {
        (None, None) => None,
        (None, Some(finding)) => Some(finding),
        (Some((_, finding)), None) if !right && paths.complete => Some(finding),
        (Some((path, finding)), uncertain) => match path.supposed.last() {
            Some(at) => {
                let message = format!("one way through this condition is not right: {}", finding.message);
                Some(unsure(code, at, message))
            }
            None => Some(uncertain.unwrap_or(finding)),
        },
    }
}

/// An exception in words, with what would be a better name where that is clear.
pub(super) fn failure(code: &'static str, doing: &str, failure: &Failure, file: &PythonFile) -> Diagnostic {
    let Failure { class, message, at, .. } = failure;
    let shown = match &**class {
        "KeyError" => format!("KeyError: '{message}'"),
        _ if message.is_empty() => class.to_string(),
        _ => format!("{class}: {message}"),
    };
    let finding = error(code, at, format!("{doing} stops here with {shown}"));
    match &**class {
        "NameError" => undefined(finding, failure, file),
        "ModuleNotFoundError" => finding.help(
            "Lambda imports from the folder of the service, not from that of the handler: write `from handlers.… import …`.",
        ),
        "AttributeError" if message.starts_with("'str'") => {
            finding.help("This is still text. `json.loads(…)` makes a dict of it.")
        }
        "TypeError" if message.starts_with("string indices") => {
            finding.help("This is still text. `json.loads(…)` makes a dict of it.")
        }
        "TypeError" if message.contains("not JSON serializable") => {
            finding.help("JSON has no form for it: turn it into a string first, for instance with `str(…)`.")
        }
        "TypeError" if message.starts_with("the JSON object must be") => {
            finding.help("`json.loads` reads text. Give it the string that holds the JSON, not a value that was read already.")
        }
        "JSONDecodeError" => finding.help("The text is not JSON; Python's `str(…)` writes single quotes, JSON wants double ones."),
        _ => finding,
    }
}

fn undefined(finding: Diagnostic, failure: &Failure, file: &PythonFile) -> Diagnostic {
    let name = failure.message.split('\'').nth(1).unwrap_or_default();
    let names = file.bound_anywhere();
    let near = names.iter().copied().find(|bound| near(bound, name));
    match near {
        Some(near) if *failure.at.file == *file.path() => finding
            .help(format!("The file has {near}; is that the name you mean?"))
            .edit(replace(&failure.at, near, format!("rename to {near}"))),
        _ if ["json", "os", "boto3", "logging", "requests"].contains(&name) => {
            finding.help(format!("Put `import {name}` at the top of the file."))
        }
        _ => finding.help("Nothing in the file gives this name a value before it is used."),
    }
}

/// Whether two names are so close that one is likely a slip for the other.
pub(super) fn near(one: &str, two: &str) -> bool {
    let flat = |name: &str| name.replace('_', "").to_lowercase();
    one != two && (flat(one) == flat(two) || (one.len() > 4 && strsim::osa_distance(&flat(one), &flat(two)) <= 2))
}

/// Code on this way that cannot be followed and was given something for which `matters` holds.
pub(super) fn hidden<'p>(path: &'p Path, matters: &dyn Fn(&Data) -> bool) -> Option<(&'p str, &'p At)> {
    path.effects.iter().find_map(|effect| match effect {
        Effect::Opaque(what, given, at) if given.iter().any(|data| data.any(&mut |part| matters(part))) => {
            Some((&**what, at))
        }
        _ => None,
    })
}

/// Notes on names that a neighbouring task defines and that are not there yet.
pub(super) fn provided_notes(
    code: &'static str,
    paths: &Paths,
    maker: &dyn Fn(&str) -> &'static str,
) -> Vec<Diagnostic> {
    let mut notes: Vec<Diagnostic> = Vec::new();
    for effect in paths.paths.iter().flat_map(|path| &path.effects) {
        if let Effect::Provided(name, at) = effect {
            let text =
                format!("{name} is not defined yet: {} does that. Until then the code does not run", maker(name));
            let finding = note(code, at, text);
            if !notes.iter().any(|known| known.message == finding.message) {
                notes.push(finding);
            }
        }
    }
    notes
}

/// What keeps the module from being imported, whatever way it takes: then nothing in it runs.
pub(super) fn broken_import(code: &'static str, paths: &Paths, file: &PythonFile) -> Option<Diagnostic> {
    broken_import_but(code, paths, file, &|_| false)
}

/// As [`broken_import`], but for failures that are another task's affair.
pub(super) fn broken_import_but(
    code: &'static str,
    paths: &Paths,
    file: &PythonFile,
    is_other: &dyn Fn(&Failure) -> bool,
) -> Option<Diagnostic> {
    let first = paths.paths.first()?.import_failures.iter().find(|failure| !is_other(failure))?;
    let everywhere = paths.complete
        && paths.paths.iter().all(|path| path.import_failures.iter().any(|failure| failure.at == first.at));
    everywhere.then(|| failure(code, "the import of the module", first, file))
}

/// A function's failure has no place where Lambda's own call does not fit: then it is the definition.
pub(super) fn placed(failure: &Failure, definition: &At) -> Failure {
    let mut failure = failure.clone();
    if failure.at.span == Span::default() {
        failure.at = definition.clone();
    }
    failure
}

/// The name under which a function was defined, which an alias or a lambda may hide.
pub(super) fn real_name(path: &Path, name: &str) -> std::rc::Rc<str> {
    match path.global(name) {
        Some(Data::Function(real, _)) => real.clone(),
        _ => name.into(),
    }
}

/// A call of a function of the learner's on a way through the code.
pub(super) struct Called<'p> {
    /// What it is given; of a wrapper, what it hands to the function inside.
    pub arguments: Vec<&'p Data>,
    /// The call.
    pub at: &'p At,
    /// What happens while it runs.
    pub during: &'p [Effect],
}

/// The outermost calls of `function`.
pub(super) fn calls<'p>(effects: &'p [Effect], function: &str) -> Vec<Called<'p>> {
    let mut found: Vec<Called<'p>> = Vec::new();
    let mut depth = 0_usize;
    let mut started = 0;
    for (index, effect) in effects.iter().enumerate() {
        match effect {
            Effect::Enter(name, given, at) if &**name == function => {
                let arguments = spread(given);
                if depth == 0 {
                    started = index + 1;
                    let during = effects.get(started..).unwrap_or_default();
                    found.push(Called { arguments, at, during });
                } else if let Some(last) = found.last_mut() {
                    last.arguments = arguments;
                }
                depth += 1;
            }
            Effect::Leave(name) if &**name == function => {
                depth = depth.saturating_sub(1);
                if let (0, Some(last)) = (depth, found.last_mut()) {
                    last.during = effects.get(started..index).unwrap_or_default();
                }
            }
            _ => {}
        }
    }
    found
}

/// The arguments of a call, those in `*arguments` one by one.
fn spread(given: &[(std::rc::Rc<str>, Data)]) -> Vec<&Data> {
    let mut arguments = Vec::new();
    for (_, value) in given {
        match value {
            Data::Tuple(items) => arguments.extend(items.iter()),
            other => arguments.push(other),
        }
    }
    arguments
}
