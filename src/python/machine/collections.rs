//! Dicts, lists, tuples and sets: items, slices, iteration.

use super::{Arguments, Eval, Flow, Machine, Obj, Value};
use crate::diagnostic::Span;
use crate::python::data::{Data, Kind, Native};

/// What is followed of a sequence, at most.
const MOST_ITEMS: usize = 500;

impl Machine<'_, '_> {
    /// `object[key]`.
    pub(in crate::python) fn item(&mut self, object: &Value, key: &Value, place: Span) -> Eval {
        match object {
            Value::None | Value::Bool(_) | Value::Int(_) | Value::Float(_) => {
                let message = format!("'{}' object is not subscriptable", self.type_name(object));
                self.raise("TypeError", &message, place)
            }
            Value::Str(text) => match key {
                Value::Int(index) => {
                    let length = text.chars().count();
                    let found = position(*index, length).and_then(|at| text.chars().nth(at));
                    match found {
                        Some(found) => Ok(Value::Str(found.to_string().into())),
                        None => self.raise("IndexError", "string index out of range", place),
                    }
                }
                _ => self.raise("TypeError", "string indices must be integers", place),
            },
            Value::Symbol(symbol) => match symbol.kind {
                Kind::Str | Kind::Bytes if matches!(key, Value::Str(_)) => {
                    self.raise("TypeError", "string indices must be integers", place)
                }
                Kind::Str => Ok(self.made(Kind::Str, "a character")),
                Kind::Any => {
                    let part = self.key_label(key);
                    Ok(self.part_of(object, &part))
                }
                _ => {
                    let message = format!("'{}' object is not subscriptable", self.type_name(object));
                    self.raise("TypeError", &message, place)
                }
            },
            Value::Native(native) => match &**native {
                Native::Environ => self.env_item(key, place),
                Native::Lib(_) | Native::Builtin(_) => Ok(object.clone()),
                _ => {
                    let message = format!("'{}' object is not subscriptable", self.type_name(object));
                    self.raise("TypeError", &message, place)
                }
            },
            Value::Ref(id) => match self.obj(*id) {
                Obj::Dict(_) => self.dict_item(object, key, place),
                Obj::List(items) | Obj::Tuple(items) => {
                    let items_len = items.len();
                    match key {
                        Value::Int(index) => match position(*index, items_len) {
                            Some(at) => Ok(items.get(at).cloned().unwrap_or(Value::None)),
                            None => self.raise("IndexError", "list index out of range", place),
                        },
                        Value::Symbol(_) => Ok(self.unknown("an item")),
                        _ => {
                            let (one, two) = (self.type_name(object), self.type_name(key));
                            let message = format!("{one} indices must be integers or slices, not {two}");
                            self.raise("TypeError", &message, place)
                        }
                    }
                }
                Obj::Instance { .. } => match self.special(object, "__getitem__") {
                    Some(method) => self.call(&method, Arguments::of(vec![key.clone()]), place),
                    None => self.raise("TypeError", "the object is not subscriptable", place),
                },
                Obj::Class(_) => Ok(object.clone()),
                Obj::Event(raw) => {
                    let raw = raw.clone();
                    self.item(&raw, key, place)
                }
                Obj::Method { receiver: Value::Native(native), name } if is_half_known(native) => {
                    let name = name.clone();
                    Ok(self.unknown(&name))
                }
                _ => {
                    let message = format!("'{}' object is not subscriptable", self.type_name(object));
                    self.raise("TypeError", &message, place)
                }
            },
        }
    }

    fn key_label(&self, key: &Value) -> String {
        match key {
            Value::Str(text) => text.to_string(),
            Value::Int(index) => index.to_string(),
            other => self.type_name(other).to_owned(),
        }
    }

    /// The value under a key; none if it is certainly missing.
    pub(super) fn dict_get(&mut self, object: &Value, key: &Value) -> Option<Value> {
        let dict = self.dict(object)?;
        let found = dict.entries.iter().rev().find(|(candidate, _)| self.equal(candidate, key) == Some(true));
        if let Some((_, value)) = found {
            return Some(value.clone());
        }
        let maybe = dict.entries.iter().any(|(candidate, _)| self.equal(candidate, key).is_none());
        let open = dict.open;
        if maybe {
            return Some(self.unknown("an entry"));
        }
        if open {
            let label = self.key_label(key);
            return Some(self.made(Kind::Any, &label));
        }
        None
    }

    fn dict_item(&mut self, object: &Value, key: &Value, place: Span) -> Eval {
        if let Some(value) = self.dict_get(object, key) {
            return Ok(value);
        }
        if let Some(factory) = self.dict(object).and_then(|dict| dict.factory.clone()) {
            let value = self.call(&factory, Arguments::default(), place)?;
            self.set_item(object, key.clone(), value.clone(), place)?;
            return Ok(value);
        }
        let label = self.key_label(key);
        let keys: Vec<String> = self
            .dict(object)
            .map(|dict| dict.entries.iter().filter_map(|(key, _)| key.as_str().map(ToOwned::to_owned)).collect())
            .unwrap_or_default();
        let at = self.at(place);
        let arguments = vec![Value::str(&label), Value::str(&keys.join("\n"))];
        let value = self.alloc(Obj::Error { class: "KeyError".into(), arguments });
        Err(Flow::Raise(Box::new(super::Raised { value, at, supposed: false })))
    }

    pub(super) fn set_item(&mut self, object: &Value, key: Value, value: Value, place: Span) -> Result<(), Flow> {
        let Value::Ref(id) = object else {
            return match object {
                Value::Symbol(symbol) if symbol.kind == Kind::Any => Ok(()),
                Value::Native(native) if matches!(&**native, Native::Environ) => Ok(()),
                _ => {
                    let message = format!("'{}' object does not support item assignment", self.type_name(object));
                    self.raise("TypeError", &message, place)
                }
            };
        };
        match self.obj(*id) {
            Obj::Dict(dict) => {
                let at = dict.entries.iter().position(|(candidate, _)| self.equal(candidate, &key) == Some(true));
                if let Obj::Dict(dict) = self.obj_mut(*id) {
                    match at.and_then(|at| dict.entries.get_mut(at)) {
                        Some(entry) => entry.1 = value,
                        None => dict.entries.push((key, value)),
                    }
                }
                Ok(())
            }
            Obj::List(items) => {
                let at = match key {
                    Value::Int(index) => position(index, items.len()),
                    _ => None,
                };
                if let (Some(at), Obj::List(items)) = (at, self.obj_mut(*id)) {
                    items[at] = value;
                }
                Ok(())
            }
            Obj::Instance { .. } => match self.special(object, "__setitem__") {
                Some(method) => self.call(&method, Arguments::of(vec![key, value]), place).map(|_| ()),
                None => self.raise("TypeError", "the object does not support item assignment", place),
            },
            _ => {
                let message = format!("'{}' object does not support item assignment", self.type_name(object));
                self.raise("TypeError", &message, place)
            }
        }
    }

    pub(super) fn delete_item(&mut self, object: &Value, key: &Value, place: Span) -> Result<(), Flow> {
        let Some(dict) = self.dict(object) else { return Ok(()) };
        let open = dict.open;
        let at = dict.entries.iter().position(|(candidate, _)| self.equal(candidate, key) == Some(true));
        match at {
            Some(at) => {
                if let Some(dict) = self.dict_mut(object) {
                    dict.entries.remove(at);
                }
                Ok(())
            }
            None if open => Ok(()),
            None => self.dict_item(object, key, place).map(|_| ()),
        }
    }

    pub(super) fn update_dict(&mut self, target: &Value, source: &Value, place: Span) -> Result<(), Flow> {
        if let Some(dict) = self.dict(source) {
            let (entries, open) = (dict.entries.clone(), dict.open);
            for (key, value) in entries {
                self.set_item(target, key, value, place)?;
            }
            if let (true, Some(dict)) = (open, self.dict_mut(target)) {
                dict.open = true;
            }
            return Ok(());
        }
        if matches!(self.value_obj(source), Some(Obj::List(_) | Obj::Tuple(_) | Obj::Generator(_) | Obj::Iterator(_))) {
            for pair in self.iterate(source, place)? {
                let pair = self.iterate(&pair, place)?;
                if let [key, value] = pair.as_slice() {
                    self.set_item(target, key.clone(), value.clone(), place)?;
                }
            }
            return Ok(());
        }
        match source {
            Value::Symbol(symbol) if symbol.kind == Kind::Any => {
                let rest = (Value::Symbol(symbol.clone()), Value::Symbol(symbol.clone()));
                if let Some(dict) = self.dict_mut(target) {
                    dict.open = true;
                    dict.entries.push(rest);
                }
                Ok(())
            }
            Value::Native(_) | Value::None => {
                if let Some(dict) = self.dict_mut(target) {
                    dict.open = true;
                }
                Ok(())
            }
            _ => {
                let message = format!("'{}' object is not a mapping", self.type_name(source));
                self.raise("TypeError", &message, place)
            }
        }
    }

    pub(super) fn slice(&mut self, object: &Value, bounds: &Value, place: Span) -> Eval {
        let bounds = match self.value_obj(bounds) {
            Some(Obj::Tuple(bounds)) => bounds.clone(),
            _ => Vec::new(),
        };
        let known = bounds.iter().all(|bound| matches!(bound, Value::None | Value::Int(_)));
        let cut = |length: usize| -> Option<(usize, usize)> {
            let bound = |value: Option<&Value>, default: usize| match value {
                Some(Value::Int(index)) => {
                    let index = if *index < 0 { index.saturating_add(i64::try_from(length).ok()?) } else { *index };
                    Some(usize::try_from(index.max(0)).ok()?.min(length))
                }
                _ => Some(default),
            };
            Some((bound(bounds.first(), 0)?, bound(bounds.get(1), length)?))
        };
        let stepped = !matches!(bounds.get(2), None | Some(Value::None));
        match object {
            Value::Str(text) if known && !stepped => {
                let characters: Vec<char> = text.chars().collect();
                let (start, end) = cut(characters.len()).unwrap_or((0, characters.len()));
                let part: String = characters.get(start..end.max(start)).unwrap_or_default().iter().collect();
                Ok(Value::Str(part.into()))
            }
            Value::Str(_) => Ok(self.made(Kind::Str, "a part of a text")),
            Value::Symbol(symbol) => match symbol.kind {
                Kind::Any => Ok(self.part_of(object, "slice")),
                kind => Ok(self.made(kind, "a part")),
            },
            Value::Ref(id) => match self.obj(*id) {
                Obj::List(items) | Obj::Tuple(items) => {
                    let items = items.clone();
                    if !known || stepped {
                        return Ok(self.unknown("a slice"));
                    }
                    let (start, end) = cut(items.len()).unwrap_or((0, items.len()));
                    let part = items.get(start..end.max(start)).unwrap_or_default().to_vec();
                    Ok(self.new_list(part))
                }
                _ => self.raise("TypeError", "the object cannot be sliced", place),
            },
            _ => self.raise("TypeError", "the object cannot be sliced", place),
        }
    }

    /// The items that a loop over the value visits.
    pub(in crate::python) fn iterate(&mut self, value: &Value, place: Span) -> Result<Vec<Value>, Flow> {
        match value {
            Value::Str(text) => Ok(text.chars().take(MOST_ITEMS).map(|c| Value::Str(c.to_string().into())).collect()),
            Value::Symbol(symbol) => match symbol.kind {
                Kind::Str | Kind::Bytes => Ok(vec![self.made(Kind::Str, "a character")]),
                Kind::Any => Ok(vec![self.part_of(value, "item")]),
                _ => {
                    let message = format!("'{}' object is not iterable", self.type_name(value));
                    self.raise("TypeError", &message, place)
                }
            },
            Value::Native(_) => Ok(vec![self.made(Kind::Any, "an item")]),
            Value::Ref(id) => match self.obj(*id) {
                Obj::List(items) | Obj::Tuple(items) | Obj::Set(items) => {
                    Ok(items.iter().take(MOST_ITEMS).cloned().collect())
                }
                Obj::Dict(dict) => {
                    let mut keys: Vec<Value> =
                        dict.entries.iter().take(MOST_ITEMS).map(|(key, _)| key.clone()).collect();
                    if dict.open && keys.is_empty() {
                        keys.push(self.made(Kind::Str, "a key"));
                    }
                    Ok(keys)
                }
                Obj::Generator(_) | Obj::Iterator(_) => self.drain(*id),
                // An attribute of a library's object may well be no method.
                Obj::Method { receiver: Value::Native(native), name } if is_half_known(native) => {
                    let name = name.clone();
                    Ok(vec![self.unknown(&name)])
                }
                Obj::Event(raw) => {
                    let raw = raw.clone();
                    self.iterate(&raw, place)
                }
                Obj::Instance { .. } => match self.special(value, "__iter__") {
                    Some(method) => {
                        let items = self.call(&method, Arguments::default(), place)?;
                        if items == *value { Ok(vec![self.unknown("an item")]) } else { self.iterate(&items, place) }
                    }
                    None => Ok(vec![self.unknown("an item")]),
                },
                _ => {
                    let message = format!("'{}' object is not iterable", self.type_name(value));
                    self.raise("TypeError", &message, place)
                }
            },
            _ => {
                let message = format!("'{}' object is not iterable", self.type_name(value));
                self.raise("TypeError", &message, place)
            }
        }
    }

    /// A shallow copy.
    pub(super) fn copy_of(&mut self, value: &Value) -> Value {
        let Value::Ref(id) = value else { return value.clone() };
        let copy = match self.obj(*id) {
            Obj::Dict(dict) => {
                Obj::Dict(super::Dict { entries: dict.entries.clone(), open: dict.open, factory: dict.factory.clone() })
            }
            Obj::List(items) => Obj::List(items.clone()),
            Obj::Set(items) => Obj::Set(items.clone()),
            Obj::Instance { class, attributes } => Obj::Instance { class: *class, attributes: attributes.clone() },
            _ => return value.clone(),
        };
        self.alloc(copy)
    }

    /// A copy all the way down.
    pub(in crate::python) fn deep_copy(&mut self, value: &Value) -> Value {
        let data = self.snapshot(value);
        let plain = !data.any(&mut |part| matches!(part, Data::Object(_) | Data::Function(..)));
        if plain { self.import_data(&data) } else { self.copy_of(value) }
    }
}

/// Whether an attribute of the object that is taken for a method may be something else.
fn is_half_known(native: &Native) -> bool {
    matches!(native, Native::Response(..) | Native::Logger | Native::Context | Native::Builtin(_) | Native::Table(..))
}

fn position(index: i64, length: usize) -> Option<usize> {
    let length = i64::try_from(length).ok()?;
    let at = if index < 0 { index + length } else { index };
    usize::try_from(at).ok().filter(|_| at < length)
}
