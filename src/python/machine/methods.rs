//! Attributes, and the methods of Python's own types.

use std::rc::Rc;

use ruff_python_ast::Operator;

use super::{Arguments, Eval, Machine, Obj, Value, strings};
use crate::diagnostic::Span;
use crate::python::data::Kind;

const DICT: &[&str] = &[
    "get",
    "items",
    "keys",
    "values",
    "update",
    "copy",
    "pop",
    "setdefault",
    "popitem",
    "clear",
    "fromkeys",
    "move_to_end",
];
const LIST: &[&str] =
    &["append", "extend", "insert", "pop", "remove", "index", "count", "sort", "reverse", "copy", "clear"];
const TUPLE: &[&str] = &["index", "count", "_asdict", "_replace"];
const SET: &[&str] = &[
    "add",
    "update",
    "discard",
    "remove",
    "pop",
    "copy",
    "clear",
    "union",
    "intersection",
    "difference",
    "issubset",
    "issuperset",
];

impl Machine<'_, '_> {
    /// `object.name`.
    pub(in crate::python) fn attribute(&mut self, object: &Value, name: &str, place: Span) -> Eval {
        match object {
            Value::Native(native) => {
                let native = native.clone();
                self.native_attribute(&native, name, place)
            }
            Value::Str(_) if strings::METHODS.contains(&name) => Ok(self.method(object, name)),
            Value::Symbol(symbol) => match symbol.kind {
                Kind::Str | Kind::Bytes if strings::METHODS.contains(&name) => Ok(self.method(object, name)),
                Kind::Str => self.no_attribute(object, name, place),
                Kind::Any => Ok(self.part_of(object, name)),
                Kind::Uuid | Kind::Time | Kind::Decimal | Kind::Bytes => {
                    let kind = match name {
                        "hex" | "urn" => Kind::Str,
                        "time" | "int" | "year" | "month" | "day" => Kind::Any,
                        _ => return Ok(self.method(object, name)),
                    };
                    Ok(self.made(kind, name))
                }
                Kind::Number | Kind::Bool => Ok(self.method(object, name)),
            },
            Value::Ref(id) => match self.obj(*id) {
                Obj::Dict(_) if DICT.contains(&name) => Ok(self.method(object, name)),
                Obj::List(_) if LIST.contains(&name) => Ok(self.method(object, name)),
                Obj::Tuple(_) if TUPLE.contains(&name) => Ok(self.method(object, name)),
                Obj::Set(_) if SET.contains(&name) => Ok(self.method(object, name)),
                Obj::Instance { .. } | Obj::Class(_) | Obj::Super { .. } => self.class_attribute(object, name, place),
                Obj::Module(module) => self.module_attribute(*module, name, place),
                Obj::Error { class, arguments } => {
                    let (class, arguments) = (class.clone(), arguments.clone());
                    Ok(self.error_attribute(&class, &arguments, name))
                }
                Obj::Func(_) | Obj::Bound { .. } | Obj::Partial { .. } => match name {
                    "__name__" | "__qualname__" | "__doc__" | "__module__" => Ok(self.made(Kind::Str, name)),
                    "__wrapped__" => Ok(object.clone()),
                    _ => Ok(self.unknown(name)),
                },
                Obj::Pool
                | Obj::Coroutine(..)
                | Obj::Generator(_)
                | Obj::Iterator(_)
                | Obj::Thread { .. }
                | Obj::Future(_) => Ok(self.method(object, name)),
                Obj::Event(raw) => {
                    let raw = raw.clone();
                    self.event_attribute(&raw, name, place)
                }
                Obj::Descriptor { func, .. } if matches!(name, "setter" | "getter" | "deleter") => {
                    let _ = func;
                    Ok(Value::lib("transparent"))
                }
                Obj::Scope(_) | Obj::Method { .. } | Obj::Descriptor { .. } => Ok(self.unknown(name)),
                _ => self.no_attribute(object, name, place),
            },
            // Members of `HTTPStatus` and other enumerations of numbers and texts.
            Value::Int(_) | Value::Str(_) if name == "value" => Ok(object.clone()),
            Value::Int(_) if matches!(name, "phrase" | "description" | "name") => Ok(self.made(Kind::Str, name)),
            Value::Int(_) | Value::Float(_) | Value::Bool(_)
                if ["real", "imag", "bit_length", "to_bytes", "is_integer", "hex"].contains(&name) =>
            {
                Ok(self.method(object, name))
            }
            _ => self.no_attribute(object, name, place),
        }
    }

    pub(super) fn method(&mut self, receiver: &Value, name: &str) -> Value {
        self.alloc(Obj::Method { receiver: receiver.clone(), name: name.into() })
    }

    pub(in crate::python) fn no_attribute(&mut self, object: &Value, name: &str, place: Span) -> Eval {
        if name.starts_with("__") && name.ends_with("__") {
            // Every object has methods behind its operators; which ones is not worth a verdict.
            return Ok(self.unknown(name));
        }
        let message = format!("'{}' object has no attribute '{name}'", self.type_name(object));
        self.raise("AttributeError", &message, place)
    }

    fn error_attribute(&mut self, class: &Rc<str>, arguments: &[Value], name: &str) -> Value {
        match name {
            "args" => self.new_tuple(arguments.to_vec()),
            "response" if &**class == "ClientError" => self.import_data(&crate::python::data::Data::open_dict([(
                "Error",
                crate::python::data::Data::open_dict([]),
            )])),
            _ => self.made(Kind::Any, name),
        }
    }

    pub(super) fn call_method(&mut self, receiver: &Value, name: &str, arguments: &Arguments, place: Span) -> Eval {
        match receiver {
            Value::Native(native) => {
                let native = native.clone();
                self.native_method(&native, name, arguments, place)
            }
            Value::Str(_) => self.text_method(receiver, name, arguments, place),
            Value::Symbol(symbol) => match symbol.kind {
                Kind::Str | Kind::Bytes => self.text_method(receiver, name, arguments, place),
                Kind::Time => Ok(match name {
                    "isoformat" | "strftime" | "ctime" => self.made(Kind::Str, name),
                    "timestamp" | "total_seconds" => self.made(Kind::Number, name),
                    _ => self.made(Kind::Time, name),
                }),
                _ => Ok(self.made(Kind::Any, name)),
            },
            Value::Ref(id) => match self.obj(*id) {
                Obj::Dict(_) => self.dict_method(receiver, name, arguments, place),
                Obj::List(_) => self.list_method(receiver, name, arguments, place),
                Obj::Set(_) => self.set_method(receiver, name, arguments, place),
                Obj::Pool => self.pool_method(name, arguments, place),
                Obj::Thread { .. } => self.thread_method(*id, name, place),
                Obj::Future(_) => self.future_method(*id, name, arguments, place),
                Obj::Generator(_) | Obj::Iterator(_) if matches!(name, "__next__" | "send") => {
                    match self.next_item(*id)? {
                        Some(item) => Ok(item),
                        None => self.raise("StopIteration", "", place),
                    }
                }
                Obj::Tuple(items) => {
                    let count = items.len();
                    Ok(if name == "count" { Value::Int(i64::try_from(count).unwrap_or(0)) } else { self.unknown(name) })
                }
                _ => Ok(self.unknown(name)),
            },
            _ => Ok(self.made(Kind::Any, name)),
        }
    }

    fn dict_method(&mut self, dict: &Value, name: &str, arguments: &Arguments, place: Span) -> Eval {
        let key = arguments.positional.first().cloned();
        let default = arguments.get(1, "default").cloned();
        let entries = self.dict(dict).map(|dict| dict.entries.clone()).unwrap_or_default();
        match (name, key) {
            ("get", Some(key)) => Ok(self.dict_get(dict, &key).or(default).unwrap_or(Value::None)),
            ("pop", Some(key)) => match self.dict_get(dict, &key) {
                Some(value) => {
                    self.delete_item(dict, &key, place)?;
                    Ok(value)
                }
                None => match default {
                    Some(default) => Ok(default),
                    None => self.item(dict, &key, place),
                },
            },
            ("setdefault", Some(key)) => match self.dict_get(dict, &key) {
                Some(value) => Ok(value),
                None => {
                    let value = default.unwrap_or(Value::None);
                    self.set_item(dict, key, value.clone(), place)?;
                    Ok(value)
                }
            },
            ("update", source) => {
                if let Some(source) = source {
                    self.update_dict(dict, &source, place)?;
                }
                for (key, value) in &arguments.keywords {
                    self.set_item(dict, Value::Str(key.clone()), value.clone(), place)?;
                }
                Ok(Value::None)
            }
            ("copy", _) => Ok(self.copy_of(dict)),
            ("keys", _) => {
                let keys = self.iterate(dict, place)?;
                Ok(self.new_list(keys))
            }
            ("values", _) => Ok(self.new_list(entries.into_iter().map(|(_, value)| value).collect())),
            ("items", _) => {
                let pairs = entries.into_iter().map(|(key, value)| self.new_tuple(vec![key, value])).collect();
                Ok(self.new_list(pairs))
            }
            ("clear", _) => {
                if let Some(dict) = self.dict_mut(dict) {
                    dict.entries.clear();
                    dict.open = false;
                }
                Ok(Value::None)
            }
            ("popitem", _) => Ok(self.unknown("an item")),
            ("fromkeys", _) => Ok(self.unknown("a dict")),
            ("get" | "pop" | "setdefault", None) => {
                self.raise("TypeError", &format!("{name} expected at least 1 argument, got 0"), place)
            }
            _ => Ok(Value::None),
        }
    }

    fn list_method(&mut self, list: &Value, name: &str, arguments: &Arguments, place: Span) -> Eval {
        let Value::Ref(id) = list else { return Ok(Value::None) };
        let first = arguments.positional.first().cloned();
        match (name, first) {
            ("append", Some(value)) => self.change_list(*id, |items| items.push(value)),
            ("extend", Some(more)) => {
                let more = self.iterate(&more, place)?;
                self.change_list(*id, |items| items.extend(more));
            }
            ("insert", Some(_)) => {
                let value = arguments.positional.get(1).cloned().unwrap_or(Value::None);
                self.change_list(*id, |items| items.insert(0, value));
            }
            ("reverse", _) => self.change_list(*id, |items| items.reverse()),
            ("clear", _) => self.change_list(*id, Vec::clear),
            ("copy", _) => return Ok(self.copy_of(list)),
            ("pop", index) => {
                let index = index.unwrap_or(Value::Int(-1));
                let value = self.item(list, &index, place)?;
                self.change_list(*id, |items| match index {
                    Value::Int(0) if !items.is_empty() => {
                        items.remove(0);
                    }
                    _ => {
                        items.pop();
                    }
                });
                return Ok(value);
            }
            ("index" | "count", _) => return Ok(self.made(Kind::Number, name)),
            ("append" | "extend" | "insert", None) => {
                return self.raise("TypeError", &format!("{name}() takes exactly one argument"), place);
            }
            _ => {}
        }
        Ok(Value::None)
    }

    fn change_list(&mut self, id: super::Id, change: impl FnOnce(&mut Vec<Value>)) {
        if let Obj::List(items) = self.obj_mut(id) {
            let before = items.len();
            change(items);
            let grown = items.len().saturating_sub(before);
            self.spend(grown);
        }
    }

    fn set_method(&mut self, set: &Value, name: &str, arguments: &Arguments, place: Span) -> Eval {
        let Value::Ref(id) = set else { return Ok(Value::None) };
        match (name, arguments.positional.first().cloned()) {
            ("add", Some(value)) => {
                if let Obj::Set(items) = self.obj_mut(*id)
                    && !items.contains(&value)
                {
                    items.push(value);
                }
                Ok(Value::None)
            }
            ("update", Some(more)) => {
                let more = self.iterate(&more, place)?;
                if let Obj::Set(items) = self.obj_mut(*id) {
                    items.extend(more);
                }
                self.spend(500);
                Ok(Value::None)
            }
            ("copy", _) => Ok(self.copy_of(set)),
            ("difference" | "intersection" | "union", Some(other)) => {
                let op = match name {
                    "difference" => Operator::Sub,
                    "intersection" => Operator::BitAnd,
                    _ => Operator::BitOr,
                };
                Ok(self.set_operation(op, set, &other).unwrap_or_else(|| self.unknown(name)))
            }
            ("issubset" | "issuperset", Some(other)) => {
                let (inner, outer) = if name == "issubset" { (set, &other) } else { (&other, set) };
                let rest = self.set_operation(Operator::Sub, inner, outer);
                let empty = rest.and_then(|rest| self.known_truth(&rest)).map(|some| Value::Bool(!some));
                Ok(empty.unwrap_or_else(|| self.made(Kind::Bool, name)))
            }
            _ => Ok(self.made(Kind::Any, name)),
        }
    }
}
