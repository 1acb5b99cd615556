//! `json`: text and values, exact where the value is known.

use crate::diagnostic::Span;
use crate::python::data::{Data, Kind, What};
use crate::python::machine::{Arguments, Eval, Machine, Value};

/// Parameters of `json.dumps`.
const DUMPS: &[&str] = &[
    "obj",
    "skipkeys",
    "ensure_ascii",
    "check_circular",
    "allow_nan",
    "cls",
    "indent",
    "separators",
    "default",
    "sort_keys",
];

/// Parameters of `json.loads`.
const LOADS: &[&str] =
    &["s", "cls", "object_hook", "parse_float", "parse_int", "parse_constant", "object_pairs_hook", "strict"];

impl Machine<'_, '_> {
    pub(super) fn json_dumps(&mut self, arguments: &Arguments, place: Span) -> Eval {
        let Some(value) = arguments.get(0, "obj").cloned() else {
            return self.raise("TypeError", "dumps() is called without the value to write", place);
        };
        if arguments.positional.len() > 1 {
            let message = format!("dumps() takes 1 positional argument but {} were given", arguments.positional.len());
            return self.raise("TypeError", &message, place);
        }
        let plain = arguments.keyword("cls").is_none() && !arguments.open;
        if let (true, Some((unknown, _))) = (plain, arguments.keywords.iter().find(|(key, _)| !DUMPS.contains(&&**key)))
        {
            return self.raise("TypeError", &format!("dumps() has no parameter '{unknown}'"), place);
        }
        let data = self.snapshot(&value);
        let converts =
            ["default", "cls"].iter().any(|name| !matches!(arguments.keyword(name), None | Some(Value::None)));
        if let (Some(name), false) = (data.unserializable(), converts || arguments.open) {
            return self.raise("TypeError", &format!("Object of type {name} is not JSON serializable"), place);
        }
        Ok(Value::symbol(Kind::Str, What::Json(data)))
    }

    /// `json.dump` and `json.load`, which want a file.
    pub(super) fn json_file(&mut self, name: &str, arguments: &Arguments, place: Span) -> Eval {
        let file = if name == "dump" { arguments.get(1, "fp") } else { arguments.get(0, "fp") };
        match file {
            None if arguments.open => Ok(self.unknown(name)),
            None => {
                let message = format!("{name}() is called without the file: json.{name}s is the one for text");
                self.raise("TypeError", &message, place)
            }
            Some(file) => {
                let text = file.is_text() || matches!(file, Value::None | Value::Int(_)) || self.dict(file).is_some();
                if text || file.kind() == Some(Kind::Bytes) {
                    let wanted = if name == "dump" { "write" } else { "read" };
                    let class = self.type_name(file);
                    let message =
                        format!("'{class}' object has no attribute '{wanted}': json.{name}s is the one for text");
                    return self.raise("AttributeError", &message, place);
                }
                Ok(self.unknown(&format!("json.{name}")))
            }
        }
    }

    pub(super) fn json_loads(&mut self, arguments: &Arguments, place: Span) -> Eval {
        let Some(value) = arguments.get(0, "s").cloned() else {
            return self.raise("TypeError", "loads() is called without the text to read", place);
        };
        let plain = arguments.keyword("cls").is_none() && !arguments.open;
        if let (true, Some((unknown, _))) = (plain, arguments.keywords.iter().find(|(key, _)| !LOADS.contains(&&**key)))
        {
            return self.raise("TypeError", &format!("loads() has no parameter '{unknown}'"), place);
        }
        if arguments.positional.len() > 1 {
            let message = format!("loads() takes 1 positional argument but {} were given", arguments.positional.len());
            return self.raise("TypeError", &message, place);
        }
        match &value {
            Value::Str(text) => match serde_json::from_str::<serde_json::Value>(text) {
                Ok(parsed) => {
                    let data = crate::python::data::from_json(&parsed);
                    Ok(self.import_data(&data))
                }
                Err(_) => self.raise("JSONDecodeError", "the text is not JSON", place),
            },
            Value::Symbol(symbol) => match (&symbol.what, symbol.kind) {
                (What::Json(data), _) => {
                    let data = data.through_json();
                    Ok(self.import_data(&data))
                }
                (What::Repr(Data::Dict(_) | Data::List(_)), _) => {
                    self.raise("JSONDecodeError", "Expecting property name enclosed in double quotes", place)
                }
                (What::Unknown(label, _), _) => {
                    let label = format!("the content of {label}");
                    Ok(self.unknown(&label))
                }
                (What::Input(path), _) => {
                    let path = format!("json({path})");
                    Ok(Value::symbol(Kind::Any, What::Input(path.into())))
                }
                (_, Kind::Number | Kind::Bool | Kind::Uuid | Kind::Time | Kind::Decimal) => {
                    let message =
                        format!("the JSON object must be str, bytes or bytearray, not {}", self.type_name(&value));
                    self.raise("TypeError", &message, place)
                }
                _ => Ok(self.made(Kind::Any, "parsed JSON")),
            },
            _ => {
                let message =
                    format!("the JSON object must be str, bytes or bytearray, not {}", self.type_name(&value));
                self.raise("TypeError", &message, place)
            }
        }
    }
}
