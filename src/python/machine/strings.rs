//! Strings: joining, formatting and their methods, also where only their origin is known.

use std::rc::Rc;

use super::{Arguments, Eval, Machine, Obj, Value};
use crate::diagnostic::Span;
use crate::python::data::{Data, Kind, What};

/// Methods of `str` and `bytes`.
pub(super) const METHODS: &[&str] = &[
    "strip",
    "lstrip",
    "rstrip",
    "lower",
    "upper",
    "title",
    "capitalize",
    "casefold",
    "swapcase",
    "replace",
    "split",
    "rsplit",
    "splitlines",
    "partition",
    "rpartition",
    "join",
    "format",
    "format_map",
    "encode",
    "decode",
    "startswith",
    "endswith",
    "find",
    "rfind",
    "index",
    "rindex",
    "count",
    "isdigit",
    "isalpha",
    "isalnum",
    "isupper",
    "islower",
    "isspace",
    "isnumeric",
    "isdecimal",
    "isidentifier",
    "zfill",
    "ljust",
    "rjust",
    "center",
    "removeprefix",
    "removesuffix",
    "expandtabs",
    "translate",
    "hex",
    "isascii",
    "isprintable",
    "istitle",
    "maketrans",
];

impl Machine<'_, '_> {
    /// Texts one after the other.
    pub(super) fn joined(&mut self, parts: &[Value]) -> Value {
        let mut merged: Vec<Data> = Vec::new();
        let mut add = |data: Data| match (merged.last_mut(), &data) {
            (_, Data::Str(text)) if text.is_empty() => {}
            (Some(Data::Str(last)), Data::Str(text)) if last.len() + text.len() < 20_000 => {
                *last = format!("{last}{text}").into();
            }
            _ => merged.push(data),
        };
        for part in parts {
            match part.what() {
                Some(What::Joined(inner)) => inner.iter().cloned().for_each(&mut add),
                _ => add(self.snapshot(part)),
            }
        }
        self.spend(merged.iter().map(|part| if let Data::Str(text) = part { text.len() / 16 } else { 1 }).sum());
        match merged.as_slice() {
            [] => Value::str(""),
            [Data::Str(text)] => Value::Str(text.clone()),
            [Data::Symbol(symbol)] => Value::Symbol(symbol.clone()),
            _ if merged.len() > 200 => self.made(Kind::Str, "text"),
            _ => Value::symbol(Kind::Str, What::Joined(merged)),
        }
    }

    /// `template % values`.
    pub(super) fn percent(&mut self, template: &Value, values: &Value, place: Span) -> Eval {
        let Some(text) = template.as_str().map(ToOwned::to_owned) else { return Ok(self.made(Kind::Str, "text")) };
        let mut values = match self.value_obj(values) {
            Some(Obj::Tuple(items)) => items.clone().into_iter(),
            Some(Obj::Dict(_)) if text.contains("%(") => return Ok(self.made(Kind::Str, "text")),
            _ => vec![values.clone()].into_iter(),
        };
        let mut parts = Vec::new();
        let mut pieces = text.split('%');
        parts.push(Value::str(pieces.next().unwrap_or_default()));
        let mut escaped = false;
        for piece in pieces {
            if escaped {
                escaped = false;
                parts.push(Value::str(piece));
                continue;
            }
            if piece.is_empty() {
                escaped = true;
                parts.push(Value::str("%"));
                continue;
            }
            let at = piece.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(0);
            let (spec, rest) = piece.split_at((at + 1).min(piece.len()));
            let Some(value) = values.next() else {
                return self.raise("TypeError", "not enough arguments for format string", place);
            };
            parts.push(self.text_of(&value, spec.ends_with('r'), place)?);
            parts.push(Value::str(rest));
        }
        if values.next().is_some() {
            return self.raise("TypeError", "not all arguments converted during string formatting", place);
        }
        Ok(self.joined(&parts))
    }

    /// `template.format(…)`.
    fn format(&mut self, template: &str, arguments: &Arguments, place: Span) -> Eval {
        let mut parts = Vec::new();
        let mut rest = template;
        let mut automatic = 0;
        while let Some(at) = rest.find(['{', '}']) {
            parts.push(Value::str(&rest[..at]));
            let brace = &rest[at..=at];
            rest = &rest[at + 1..];
            if rest.starts_with(brace) {
                parts.push(Value::str(brace));
                rest = &rest[1..];
                continue;
            }
            let Some(end) = rest.find('}').filter(|_| brace == "{") else {
                return self.raise("ValueError", "Single '}' encountered in format string", place);
            };
            let field = &rest[..end];
            rest = &rest[end + 1..];
            let repr = field.contains("!r");
            let name = field.split(['!', ':']).next().unwrap_or_default();
            let head = name.split(['.', '[']).next().unwrap_or_default();
            let value = if head.is_empty() {
                automatic += 1;
                arguments.positional.get(automatic - 1)
            } else {
                head.parse::<usize>().ok().map_or_else(|| arguments.keyword(head), |at| arguments.positional.get(at))
            };
            let value = match value {
                Some(value) if head == name => value.clone(),
                Some(_) => self.made(Kind::Any, "text"),
                None if arguments.open => self.unknown("text"),
                None => {
                    return self.raise("IndexError", "Replacement index out of range for positional args tuple", place);
                }
            };
            parts.push(self.text_of(&value, repr, place)?);
        }
        parts.push(Value::str(rest));
        Ok(self.joined(&parts))
    }

    pub(super) fn text_method(&mut self, text: &Value, name: &str, arguments: &Arguments, place: Span) -> Eval {
        if name == "join" {
            return self.join(text, arguments, place);
        }
        if let Value::Str(known) = text {
            let known = known.clone();
            return self.known_text_method(&known, name, arguments, place);
        }
        let Value::Symbol(symbol) = text else { return Ok(self.made(Kind::Any, name)) };
        let same = |kind: Kind| -> Value {
            match &symbol.what {
                What::Env(name) => Value::symbol(kind, What::Env(name.clone())),
                What::Input(path) => Value::symbol(kind, What::Input(path.clone())),
                What::Json(data) => Value::symbol(kind, What::Json(data.clone())),
                What::Repr(data) => Value::symbol(kind, What::Repr(data.clone())),
                What::Joined(parts) => Value::symbol(kind, What::Joined(parts.clone())),
                What::Serialized(data) => Value::symbol(kind, What::Serialized(data.clone())),
                What::Made(label, serial) => Value::symbol(kind, What::Made(label.clone(), *serial)),
                What::Unknown(label, serial) => Value::symbol(kind, What::Unknown(label.clone(), *serial)),
            }
        };
        match name {
            "strip" | "lstrip" | "rstrip" if arguments.positional.is_empty() => Ok(text.clone()),
            "encode" => Ok(same(Kind::Bytes)),
            "decode" => Ok(same(Kind::Str)),
            "replace" => match (&symbol.what, arguments.positional.as_slice()) {
                // Python's text of a dict of strings, with the quotes changed, is JSON.
                (What::Repr(data @ Data::Dict(_)), [Value::Str(from), Value::Str(to)])
                    if &**from == "'" && &**to == "\"" =>
                {
                    Ok(Value::symbol(Kind::Str, What::Json(data.clone())))
                }
                _ => Ok(self.made(Kind::Str, "text")),
            },
            "split" | "rsplit" | "splitlines" | "partition" | "rpartition" => {
                Ok(self.made(Kind::Any, "parts of a text"))
            }
            "find" | "rfind" | "index" | "rindex" | "count" => Ok(self.made(Kind::Number, "a position")),
            _ if name.starts_with("is") || name.ends_with("swith") => Ok(self.made(Kind::Bool, "a test of a text")),
            _ => Ok(self.made(Kind::Str, "text")),
        }
    }

    fn join(&mut self, separator: &Value, arguments: &Arguments, place: Span) -> Eval {
        let Some(items) = arguments.positional.first() else {
            return self.raise("TypeError", "join() takes exactly one argument", place);
        };
        if items.kind() == Some(Kind::Any) {
            return Ok(self.made(Kind::Str, "text"));
        }
        let items = self.iterate(&items.clone(), place)?;
        let mut parts = Vec::new();
        for (index, item) in items.into_iter().enumerate() {
            if index > 0 {
                parts.push(separator.clone());
            }
            if !item.is_text() && item.kind() != Some(Kind::Any) {
                let message = format!("sequence item {index}: expected str instance, {} found", self.type_name(&item));
                return self.raise("TypeError", &message, place);
            }
            parts.push(item);
        }
        Ok(self.joined(&parts))
    }

    fn known_text_method(&mut self, text: &Rc<str>, name: &str, arguments: &Arguments, place: Span) -> Eval {
        let first = arguments.positional.first().and_then(Value::as_str);
        let second = arguments.positional.get(1).and_then(Value::as_str);
        let result = match (name, first, second) {
            ("format", ..) => return self.format(&text.clone(), arguments, place),
            ("strip", None, _) => text.trim().to_owned(),
            ("lstrip", None, _) => text.trim_start().to_owned(),
            ("rstrip", None, _) => text.trim_end().to_owned(),
            ("lower" | "casefold", ..) => text.to_lowercase(),
            ("upper", ..) => text.to_uppercase(),
            ("replace", Some(from), Some(to)) if text.len() < 10_000 && to.len() < 100 => text.replace(from, to),
            ("removeprefix", Some(prefix), _) => text.strip_prefix(prefix).unwrap_or(text).to_owned(),
            ("removesuffix", Some(suffix), _) => text.strip_suffix(suffix).unwrap_or(text).to_owned(),
            ("startswith", Some(prefix), _) => return Ok(Value::Bool(text.starts_with(prefix))),
            ("endswith", Some(suffix), _) => return Ok(Value::Bool(text.ends_with(suffix))),
            ("isdigit" | "isnumeric", ..) => {
                return Ok(Value::Bool(!text.is_empty() && text.chars().all(char::is_numeric)));
            }
            ("split", Some(separator), None) if !separator.is_empty() => {
                let parts = text.split(separator).take(1_000).map(Value::str).collect();
                return Ok(self.new_list(parts));
            }
            ("split", None, None) if arguments.positional.is_empty() => {
                let parts = text.split_whitespace().take(1_000).map(Value::str).collect();
                return Ok(self.new_list(parts));
            }
            ("encode", ..) => {
                let what = serde_json::from_str(text)
                    .map(|value: serde_json::Value| What::Json(crate::python::data::from_json(&value)));
                return Ok(match what {
                    Ok(what) => Value::symbol(Kind::Bytes, what),
                    Err(_) => self.made(Kind::Bytes, "bytes"),
                });
            }
            _ => {
                let symbol = self.made(Kind::Str, "text");
                return self.text_method(&symbol, name, arguments, place);
            }
        };
        Ok(Value::Str(result.into()))
    }
}
