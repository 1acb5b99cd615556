//! What several rules look for in a handler.

use std::rc::Rc;

use crate::check::Evidence;
use crate::diagnostic::{Block, Diagnostic, Span};
use crate::python::{Effect, PythonFile, Run, Value};

/// One file, imported and one of its functions run.
pub(super) struct Look<'a> {
    pub(super) code: &'static str,
    pub(super) file: &'a PythonFile,
    pub(super) run: Run,
}

/// A call that a run makes.
pub(super) struct Call<'a> {
    pub(super) callee: &'a Value,
    pub(super) arguments: &'a [(Option<Rc<str>>, Value)],
    pub(super) certain: bool,
    pub(super) repeated: bool,
    pub(super) span: Span,
}

impl Call<'_> {
    /// An argument by name, or by place where it has none.
    pub(super) fn argument(&self, name: &str, place: Option<usize>) -> Option<&Value> {
        let named = self.arguments.iter().find(|(key, _)| key.as_deref() == Some(name)).map(|(_, value)| value);
        let placed = place.and_then(|place| self.arguments.iter().filter(|(key, _)| key.is_none()).nth(place));
        named.or_else(|| placed.map(|(_, value)| value))
    }
}

impl<'a> Look<'a> {
    /// Reads `path` and runs `function` of it, if one is named.
    pub(super) fn at(
        code: &'static str,
        evidence: &'a Evidence,
        path: &str,
        function: Option<&str>,
    ) -> Result<Self, Vec<Diagnostic>> {
        let file = evidence.python(path).map_err(|blocked| vec![*blocked])?;
        Ok(Self { code, file, run: Run::of(file, function) })
    }

    pub(super) fn error(&self, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(self.code, self.file.path(), message).at(span)
    }

    pub(super) fn warning(&self, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::warning(self.code, self.file.path(), message).at(span)
    }

    /// Reading does not settle it.
    pub(super) fn not_certain(&self, span: Span, what: &str) -> Diagnostic {
        let message = format!("not certain: {what}");
        Diagnostic::blocked(self.code, Block::Unsure, self.file.path(), message)
            .at(span)
            .help("Reading the code does not settle this. Running it will; until then the task has no verdict.")
    }

    /// Nothing of that name is there: an error at the top of the file, with the near name that may have been meant.
    pub(super) fn missing(&self, name: &str, what: &str) -> Diagnostic {
        let globals = self.run.globals.keys().map(|name| &**name).filter(|other| !KNOWN.contains(other));
        let near = globals
            .map(|other| (strsim::jaro_winkler(other, name), other))
            .max_by(|one, other| one.0.total_cmp(&other.0));
        let near = near.filter(|(score, other)| *score > 0.92 && *other != name).map(|(_, other)| other);
        match near {
            Some(near) => self
                .error(
                    self.place_of(near),
                    format!("`{near}` is there, and {what} is called `{name}`: is it a slip of the keyboard?"),
                )
                .help(format!("Rename it to `{name}` wherever it is used.")),
            None => self.error(Span::at(0), format!("there is no {what} `{name}` at module level")),
        }
    }

    fn place_of(&self, name: &str) -> Span {
        self.file.function(name).map_or_else(|| Span::at(0), |function| self.file.span(&function.name))
    }

    /// The calls of the run, those of the import left out.
    pub(super) fn calls(&self) -> impl Iterator<Item = Call<'_>> {
        self.run.effects.iter().filter_map(|effect| match effect {
            Effect::Call { callee, arguments, certain, repeated, span } => {
                Some(Call { callee, arguments, certain: *certain, repeated: *repeated, span: *span })
            }
            _ => None,
        })
    }

    /// The calls of a function of the file, or of a name that nothing defines yet.
    pub(super) fn calls_of(&self, name: &str) -> Vec<Call<'_>> {
        let is_it = |callee: &Value| match callee {
            Value::Function(called) | Value::Unbound(called) => &**called == name,
            Value::Library(path) => path.rsplit('.').next() == Some(name),
            _ => false,
        };
        self.calls().filter(|call| is_it(call.callee)).collect()
    }

    /// Where code was met that cannot be followed.
    pub(super) fn vague(&self) -> Option<Span> {
        self.run.effects.iter().find_map(|effect| match effect {
            Effect::Vague(span) => Some(*span),
            _ => None,
        })
    }

    /// What the function returns.
    pub(super) fn returned(&self) -> Option<(&Value, Span)> {
        self.run.effects.iter().rev().find_map(|effect| match effect {
            Effect::Return(value, span) => Some((value, *span)),
            _ => None,
        })
    }
}

const KNOWN: [&str; 6] =
    ["handler", "handler_http", "handler_sns", "RIDE_RECORD_URL", "REQUEST_UNICORN_URL", "_post_ride_record"];

/// How a finding names a value.
pub(super) fn describe(value: &Value) -> String {
    match value {
        Value::Argument(0) => "the first argument itself".to_owned(),
        Value::Argument(_) => "another argument".to_owned(),
        Value::Dict(_) => "a dictionary".to_owned(),
        Value::Text(_) => "Python's own way of writing it, which is not JSON".to_owned(),
        Value::Dumps(inner) if matches!(**inner, Value::Dumps(_)) => "JSON inside JSON".to_owned(),
        Value::Dumps(_) => "the JSON of something else".to_owned(),
        Value::Loads(_) => "a dictionary read from JSON".to_owned(),
        Value::Str(text) => format!("the constant \"{text}\""),
        Value::None => "None".to_owned(),
        Value::Env { name, .. } => format!("the environment variable {name}"),
        Value::Field(..) => "a part of the event".to_owned(),
        _ => "something else".to_owned(),
    }
}
