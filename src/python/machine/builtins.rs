//! Python's built-in functions and types.

use super::errors::is_builtin_error;
use super::{Arguments, Eval, Machine, Obj, Value};
use crate::diagnostic::Span;
use crate::python::data::{Data, Kind, Native, What};
use crate::python::effect::Effect;

const NAMES: &[&str] = &[
    "abs",
    "all",
    "any",
    "bool",
    "bytes",
    "callable",
    "chr",
    "classmethod",
    "delattr",
    "dict",
    "dir",
    "divmod",
    "enumerate",
    "filter",
    "float",
    "format",
    "frozenset",
    "getattr",
    "globals",
    "hasattr",
    "hash",
    "hex",
    "id",
    "input",
    "int",
    "isinstance",
    "issubclass",
    "iter",
    "len",
    "list",
    "locals",
    "map",
    "max",
    "min",
    "next",
    "object",
    "open",
    "ord",
    "pow",
    "print",
    "property",
    "range",
    "repr",
    "reversed",
    "round",
    "set",
    "setattr",
    "slice",
    "sorted",
    "staticmethod",
    "str",
    "sum",
    "super",
    "tuple",
    "type",
    "vars",
    "zip",
    "bytearray",
    "bin",
    "oct",
    "ascii",
    "eval",
    "exec",
    "__import__",
    "exit",
    "quit",
    "complex",
    "memoryview",
    "compile",
    "breakpoint",
    "help",
    "__build_class__",
];

/// What a name means where the code does not define it.
pub(super) fn builtin(name: &str) -> Option<Value> {
    if let Some(name) = NAMES.iter().find(|known| **known == name) {
        return Some(Value::native(Native::Builtin(name)));
    }
    match name {
        "__debug__" => Some(Value::Bool(true)),
        "NotImplemented" | "Ellipsis" => Some(Value::lib(name)),
        "__annotations__" | "__doc__" | "__spec__" | "__package__" | "__loader__" => Some(Value::lib(name)),
        _ if is_builtin_error(name) => Some(Value::native(Native::ErrorType(name.into()))),
        _ => None,
    }
}

impl Machine<'_, '_> {
    pub(in crate::python) fn call_builtin(&mut self, name: &'static str, arguments: &Arguments, place: Span) -> Eval {
        let first = arguments.positional.first().cloned();
        let second = arguments.positional.get(1).cloned();
        match (name, first) {
            ("print", _) => {
                let at = self.at(place);
                self.emit(Effect::Log("info".into(), at));
                Ok(Value::None)
            }
            // What `@event_source(…)` makes of a handler.
            ("event_source", Some(handler)) => {
                let mut given = arguments.clone();
                given.positional.remove(0);
                if let Some(event) = given.positional.first_mut() {
                    *event = self.event(event);
                }
                self.call(&handler, given, place)
            }
            // What `itemgetter(…)` gives: its keys, and behind them the value.
            ("itemgetter", Some(_)) => {
                let Some((object, keys)) = arguments.positional.split_last() else { return Ok(Value::None) };
                let mut parts = Vec::new();
                for key in keys {
                    parts.push(self.item(object, key, place)?);
                }
                Ok(if parts.len() == 1 { parts.remove(0) } else { self.new_tuple(parts) })
            }
            ("str", Some(value)) => self.text_of(&value, false, place),
            ("str", None) => Ok(Value::str("")),
            ("repr" | "ascii", Some(value)) => self.text_of(&value, true, place),
            ("format", Some(value)) => self.text_of(&value, false, place),
            ("dict", source) => {
                let result = self.new_dict(Vec::new());
                match source {
                    Some(Value::Native(native)) if matches!(&*native, Native::Environ) => {
                        return Ok(Value::Native(native));
                    }
                    Some(source) => self.update_dict(&result, &source, place)?,
                    None => {}
                }
                for (key, value) in &arguments.keywords {
                    self.set_item(&result, Value::Str(key.clone()), value.clone(), place)?;
                }
                if let (true, Some(dict)) = (arguments.open, self.dict_mut(&result)) {
                    dict.open = true;
                }
                Ok(result)
            }
            ("iter", Some(Value::Ref(id))) if matches!(self.obj(id), Obj::Generator(_) | Obj::Iterator(_)) => {
                Ok(Value::Ref(id))
            }
            ("list" | "tuple" | "set" | "frozenset" | "sorted" | "reversed" | "iter", source) => {
                let mut items = match &source {
                    Some(Value::Symbol(symbol)) if symbol.kind == Kind::Any && name != "set" => {
                        return Ok(Value::Symbol(symbol.clone()));
                    }
                    Some(source) => self.iterate(source, place)?,
                    None => Vec::new(),
                };
                if name == "reversed" {
                    items.reverse();
                }
                Ok(match name {
                    "reversed" | "iter" => self.iterator(items),
                    "tuple" => self.new_tuple(items),
                    "set" | "frozenset" => self.alloc(Obj::Set(items)),
                    _ => self.new_list(items),
                })
            }
            ("len", Some(value)) => self.len(&value, place),
            ("bool", Some(value)) => Ok(match self.known_truth(&value) {
                Some(answer) => Value::Bool(answer),
                None => self.made(Kind::Bool, "bool"),
            }),
            ("int" | "float", Some(value)) => match &value {
                Value::Int(_) if name == "int" => Ok(value),
                Value::Str(text) => match text.trim().parse() {
                    Ok(number) if name == "int" => Ok(Value::Int(number)),
                    _ => Ok(self.made(Kind::Number, name)),
                },
                Value::None => self.raise("TypeError", &format!("{name}() argument must not be None"), place),
                _ => Ok(self.made(Kind::Number, name)),
            },
            ("isinstance", Some(value)) => {
                let answer = second.and_then(|class| self.is_instance(&value, &class));
                Ok(answer.map_or_else(|| self.made(Kind::Bool, name), Value::Bool))
            }
            ("callable", Some(value)) => Ok(Value::Bool(matches!(value, Value::Ref(_) | Value::Native(_)))),
            ("hasattr", Some(value)) => {
                let Some(Value::Str(attribute)) = second else { return Ok(self.made(Kind::Bool, name)) };
                let found = self.attribute(&value, &attribute, place);
                Ok(match found {
                    Ok(Value::Symbol(_)) => self.made(Kind::Bool, name),
                    Ok(_) => Value::Bool(true),
                    Err(super::Flow::Raise(_)) => Value::Bool(false),
                    Err(other) => return Err(other),
                })
            }
            ("getattr", Some(value)) => {
                let Some(Value::Str(attribute)) = second else { return Ok(self.unknown("an attribute")) };
                let default = arguments.positional.get(2).cloned();
                match (self.attribute(&value, &attribute, place), default) {
                    (Err(super::Flow::Raise(_)), Some(default)) => Ok(default),
                    (other, _) => other,
                }
            }
            ("setattr", Some(value)) => {
                let attribute = second.as_ref().and_then(Value::as_str).map(ToOwned::to_owned);
                if let (Some(attribute), Some(new)) = (attribute, arguments.positional.get(2)) {
                    self.set_attribute(&value, &attribute, new.clone(), place)?;
                }
                Ok(Value::None)
            }
            ("type", Some(value)) => Ok(self.type_of(&value)),
            ("range", Some(_)) => self.range(arguments),
            ("enumerate" | "map" | "filter", Some(_)) | ("zip", _) => Ok(self.put_off(name, arguments)),
            ("any" | "all", Some(value)) => {
                let items = self.iterate(&value, place)?;
                for item in items {
                    if self.truth(&item, place)? == (name == "any") {
                        return Ok(Value::Bool(name == "any"));
                    }
                }
                Ok(Value::Bool(name == "all"))
            }
            ("next", Some(value)) => {
                let item = match &value {
                    Value::Ref(id) if matches!(self.obj(*id), Obj::Generator(_) | Obj::Iterator(_)) => {
                        self.next_item(*id)?
                    }
                    Value::Ref(id) if matches!(self.obj(*id), Obj::List(_) | Obj::Tuple(_) | Obj::Dict(_)) => {
                        let message = format!("'{}' object is not an iterator", self.type_name(&value));
                        return self.raise("TypeError", &message, place);
                    }
                    _ => self.iterate(&value, place)?.into_iter().next(),
                };
                match item.or(second) {
                    Some(item) => Ok(item),
                    None => self.raise("StopIteration", "", place),
                }
            }
            ("object", _) => Ok(self.made(Kind::Any, name)),
            ("exit" | "quit", _) => self.raise("SystemExit", "", place),
            ("__import__", Some(Value::Str(path))) => {
                let head = path.split('.').next().unwrap_or(&path);
                self.import_by_name(head, place)
            }
            ("vars", Some(value)) if matches!(self.value_obj(&value), Some(Obj::Instance { .. })) => {
                Ok(self.attributes_of(&value))
            }
            ("globals" | "locals" | "vars" | "eval" | "exec" | "__import__" | "compile", _) => {
                let at = self.at(place);
                self.emit(Effect::Opaque(
                    format!("{name}()").into(),
                    vec![Data::Object("the whole program".into())],
                    at,
                ));
                Ok(self.unknown(name))
            }
            ("sum", Some(value)) => {
                self.iterate(&value, place)?;
                Ok(self.made(Kind::Number, name))
            }
            ("abs" | "round" | "pow" | "ord" | "hash" | "id" | "divmod", Some(_)) => Ok(self.made(Kind::Number, name)),
            ("min" | "max", Some(value)) => {
                if arguments.positional.len() == 1 {
                    self.iterate(&value, place)?;
                }
                Ok(self.made(Kind::Any, name))
            }
            ("chr" | "hex" | "bin" | "oct", Some(_)) => Ok(self.made(Kind::Str, name)),
            ("bytes" | "bytearray", Some(value)) if value.is_text() => {
                let method = Arguments::default();
                self.text_method(&value, "encode", &method, place)
            }
            _ => Ok(self.made(Kind::Any, name)),
        }
    }

    fn len(&mut self, value: &Value, place: Span) -> Eval {
        let count = match value {
            Value::Str(text) => text.chars().count(),
            Value::Ref(id) => match self.obj(*id) {
                Obj::Dict(dict) if !dict.open => dict.entries.len(),
                Obj::List(items) | Obj::Tuple(items) | Obj::Set(items) => items.len(),
                _ => return Ok(self.made(Kind::Number, "len")),
            },
            Value::None | Value::Bool(_) | Value::Int(_) | Value::Float(_) => {
                let message = format!("object of type '{}' has no len()", self.type_name(value));
                return self.raise("TypeError", &message, place);
            }
            _ => return Ok(self.made(Kind::Number, "len")),
        };
        Ok(Value::Int(i64::try_from(count).unwrap_or(i64::MAX)))
    }

    fn range(&mut self, arguments: &Arguments) -> Eval {
        let bounds: Vec<i64> = arguments
            .positional
            .iter()
            .filter_map(|value| match value {
                Value::Int(value) => Some(*value),
                _ => None,
            })
            .collect();
        let (start, end, step) = match (bounds.as_slice(), arguments.positional.len()) {
            ([end], 1) => (0, *end, 1),
            ([start, end], 2) => (*start, *end, 1),
            ([start, end, step], 3) if *step > 0 => (*start, *end, *step),
            _ => {
                let item = self.made(Kind::Number, "a number of a range");
                return Ok(self.new_list(vec![item]));
            }
        };
        let step = usize::try_from(step).unwrap_or(1);
        let items = (start..end).step_by(step).take(200).map(Value::Int).collect();
        Ok(self.new_list(items))
    }

    fn type_of(&mut self, value: &Value) -> Value {
        match self.value_obj(value) {
            Some(Obj::Instance { class, .. }) => return Value::Ref(*class),
            Some(Obj::Error { class, .. }) => return Value::native(Native::ErrorType(class.clone())),
            _ => {}
        }
        let name = self.type_name(value);
        builtin(name).unwrap_or_else(|| Value::lib(name))
    }

    pub(super) fn is_instance(&self, value: &Value, class: &Value) -> Option<bool> {
        if let Some(Obj::Tuple(classes)) = self.value_obj(class) {
            let answers: Vec<_> = classes.iter().map(|class| self.is_instance(value, class)).collect();
            return if answers.contains(&Some(true)) {
                Some(true)
            } else if answers.contains(&None) {
                None
            } else {
                Some(false)
            };
        }
        let unsure = value.kind() == Some(Kind::Any)
            || matches!(value.what(), Some(What::Unknown(..)))
            || matches!(value.what(), Some(What::Env(name)) if !self.is_set(name));
        match class {
            Value::Native(native) => match &**native {
                Native::Builtin(_) if unsure => None,
                Native::Builtin("object") => Some(true),
                Native::Builtin(name @ ("int" | "float")) => match value {
                    Value::Int(_) | Value::Bool(_) => Some(*name == "int"),
                    Value::Float(_) => Some(*name == "float"),
                    Value::Symbol(symbol) if symbol.kind == Kind::Number => None,
                    _ => Some(false),
                },
                Native::Builtin(name) => Some(self.type_name(value) == *name),
                Native::ErrorType(_) => match self.value_obj(value) {
                    Some(Obj::Error { .. } | Obj::Instance { .. }) => None,
                    _ => Some(false),
                },
                Native::Lib(path) if path.ends_with("Mapping") => Some(self.dict(value).is_some()).filter(|_| !unsure),
                Native::Lib(_) => match value {
                    Value::Symbol(_) => None,
                    _ => Some(false),
                },
                _ => None,
            },
            Value::Ref(id) => match self.value_obj(value) {
                Some(Obj::Instance { class, .. }) => Some(self.class_chain(*class).contains(id)),
                _ if unsure => None,
                _ => Some(false),
            },
            _ => None,
        }
    }
}
