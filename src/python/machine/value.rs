//! Values while a program runs: cheap to copy, with references to the heap where Python's objects can change.

use std::rc::Rc;

use super::heap::{Dict, Id, Iter, Obj};
use super::{Machine, Span};
use crate::python::data::{Data, DictData, Kind, Native, Symbol, What};
use crate::python::effect::At;

/// A Python value.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::python) enum Value {
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    Str(Rc<str>),
    Symbol(Rc<Symbol>),
    Native(Rc<Native>),
    Ref(Id),
}

impl Value {
    pub fn str(text: &str) -> Self {
        Self::Str(text.into())
    }

    pub fn symbol(kind: Kind, what: What) -> Self {
        Self::Symbol(Rc::new(Symbol { kind, what }))
    }

    pub fn lib(path: &str) -> Self {
        Self::native(Native::Lib(path.into()))
    }

    pub fn native(native: Native) -> Self {
        Self::Native(Rc::new(native))
    }

    /// The type, where it is a symbol's.
    pub fn kind(&self) -> Option<Kind> {
        match self {
            Self::Symbol(symbol) => Some(symbol.kind),
            _ => None,
        }
    }

    pub fn what(&self) -> Option<&What> {
        match self {
            Self::Symbol(symbol) => Some(&symbol.what),
            _ => None,
        }
    }

    pub fn is_text(&self) -> bool {
        matches!(self, Self::Str(_)) || self.kind() == Some(Kind::Str)
    }

    /// The text of a string that is known in full.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Str(text) => Some(text),
            _ => None,
        }
    }
}

impl<'a> Machine<'a, '_> {
    /// A value of the running program from a plain one.
    pub(in crate::python) fn import_data(&mut self, data: &Data) -> Value {
        match data {
            Data::None => Value::None,
            Data::Bool(value) => Value::Bool(*value),
            Data::Int(value) => Value::Int(*value),
            Data::Float(value) => Value::Float(*value),
            Data::Str(text) => Value::Str(text.clone()),
            Data::Symbol(symbol) => Value::Symbol(symbol.clone()),
            Data::Native(native) => Value::Native(native.clone()),
            Data::Dict(dict) => {
                let entries = dict.entries.iter();
                let entries = entries.map(|(key, value)| (self.import_data(key), self.import_data(value))).collect();
                self.alloc(Obj::Dict(Dict { entries, open: dict.open, factory: None }))
            }
            Data::List(items) => {
                let items = items.iter().map(|item| self.import_data(item)).collect();
                self.alloc(Obj::List(items))
            }
            Data::Tuple(items) => {
                let items = items.iter().map(|item| self.import_data(item)).collect();
                self.alloc(Obj::Tuple(items))
            }
            Data::Set(items) => {
                let items = items.iter().map(|item| self.import_data(item)).collect();
                self.alloc(Obj::Set(items))
            }
            Data::Function(name, _) | Data::Object(name) => {
                let name = name.clone();
                self.unknown(&name)
            }
        }
    }

    /// The value as it is now.
    pub(in crate::python) fn snapshot(&self, value: &Value) -> Data {
        let mut count = 0;
        let data = self.snapshot_below(value, 0, &mut count);
        self.spend(count);
        data
    }

    fn snapshot_below(&self, value: &Value, depth: usize, count: &mut usize) -> Data {
        *count += 1;
        if depth > 24 || *count > 2_000 {
            return Data::Object("a value too large to follow".into());
        }
        let all = |items: &[Value], count: &mut usize| -> Rc<[Data]> {
            items.iter().map(|item| self.snapshot_below(item, depth + 1, count)).collect()
        };
        let id = match value {
            Value::None => return Data::None,
            Value::Bool(value) => return Data::Bool(*value),
            Value::Int(value) => return Data::Int(*value),
            Value::Float(value) => return Data::Float(*value),
            Value::Str(text) => return Data::Str(text.clone()),
            Value::Symbol(symbol) => return Data::Symbol(symbol.clone()),
            Value::Native(native) => return Data::Native(native.clone()),
            Value::Ref(id) => *id,
        };
        match self.obj(id) {
            Obj::Dict(dict) => {
                let mut entries = Vec::with_capacity(dict.entries.len());
                for (key, value) in &dict.entries {
                    let key = self.snapshot_below(key, depth + 1, count);
                    entries.push((key, self.snapshot_below(value, depth + 1, count)));
                }
                Data::Dict(Rc::new(DictData { entries, open: dict.open }))
            }
            Obj::List(items) => Data::List(all(items, count)),
            Obj::Tuple(items) => Data::Tuple(all(items, count)),
            Obj::Set(items) => Data::Set(all(items, count)),
            Obj::Func(func) => Data::Function(func.name.clone(), self.def_place(func.module, func.span)),
            Obj::Bound { func, .. } => self.snapshot_below(func, depth + 1, count),
            Obj::Partial { func, .. } => match self.snapshot_below(func, depth + 1, count) {
                Data::Function(name, at) => Data::Function(name, at),
                _ => Data::Object("a functools.partial".into()),
            },
            Obj::Class(class) => Data::Object(format!("the class {}", class.name).into()),
            Obj::Instance { class, .. } => match self.obj(*class) {
                Obj::Class(of) => match self.special_function(*class, "__call__") {
                    Some(func) => self.snapshot_below(&func, depth + 1, count),
                    None => Data::Object(format!("an instance of {}", of.name).into()),
                },
                _ => Data::Object("an instance".into()),
            },
            Obj::Error { class, .. } => Data::Object(format!("a {class}").into()),
            Obj::Module(_) => Data::Object("a module".into()),
            Obj::Method { name, .. } => Data::Object(format!("the method {name}").into()),
            Obj::Generator { .. } | Obj::Iterator(Iter::Call { .. } | Iter::Expression { .. }) => {
                Data::Object("a generator that has not run".into())
            }
            Obj::Iterator(Iter::Items(_)) => Data::Object("an iterator".into()),
            Obj::Thread { target, .. } => match self.snapshot_below(target, depth + 1, count) {
                Data::Function(name, at) => Data::Function(name, at),
                _ => Data::Object("a thread".into()),
            },
            Obj::Future(_) => Data::Object("a future".into()),
            Obj::Event(raw) => self.snapshot_below(raw, depth + 1, count),
            Obj::Coroutine { .. } => Data::Object("a coroutine that was never awaited".into()),
            Obj::Descriptor { func, .. } => self.snapshot_below(func, depth + 1, count),
            Obj::Super { .. } | Obj::Scope(_) | Obj::Pool => Data::Object("an object".into()),
        }
    }

    fn def_place(&self, module: usize, span: Span) -> At {
        let file = self.modules.get(module).map_or_else(|| Rc::from(""), |module| module.path.clone());
        At { file, span }
    }

    /// Python's name for the type of a value.
    pub(in crate::python) fn type_name(&self, value: &Value) -> &'static str {
        match value {
            Value::None => "NoneType",
            Value::Bool(_) => "bool",
            Value::Int(_) => "int",
            Value::Float(_) => "float",
            Value::Str(_) => "str",
            Value::Symbol(symbol) => match symbol.kind {
                Kind::Str => "str",
                Kind::Bytes => "bytes",
                Kind::Number => "number",
                Kind::Bool => "bool",
                Kind::Uuid => "UUID",
                Kind::Time => "datetime",
                Kind::Decimal => "Decimal",
                Kind::Any => "object",
            },
            Value::Native(native) => match &**native {
                Native::Client(..) | Native::DocumentClient(_) => "client",
                Native::Response(..) => "Response",
                Native::Context => "LambdaContext",
                Native::Environ => "_Environ",
                Native::Lib(_) => "module",
                Native::Builtin(_) | Native::ErrorType(_) => "type",
                _ => "object",
            },
            Value::Ref(id) => match self.obj(*id) {
                Obj::Dict(_) => "dict",
                Obj::List(_) => "list",
                Obj::Tuple(_) => "tuple",
                Obj::Set(_) => "set",
                Obj::Func(_) | Obj::Partial { .. } => "function",
                Obj::Bound { .. } | Obj::Method { .. } => "method",
                Obj::Class(_) => "type",
                Obj::Module(_) => "module",
                Obj::Generator { .. } | Obj::Iterator(_) => "generator",
                Obj::Thread { .. } => "Thread",
                Obj::Future(_) => "Future",
                Obj::Coroutine { .. } => "coroutine",
                Obj::Error { .. } => "exception",
                _ => "object",
            },
        }
    }
}
