//! Values as far as reading the code tells them.

use std::rc::Rc;

use crate::diagnostic::Span;

/// What an expression stands for.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing is known of it.
    Unknown,
    /// `None`.
    None,
    /// `True` or `False`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A string that is known in full.
    Str(Rc<str>),
    /// What an environment variable holds.
    Env {
        /// Its name.
        name: Rc<str>,
        /// Whether reading it fails where it is not set.
        strict: bool,
        /// Where it is read.
        span: Span,
    },
    /// An argument of the function that is run, by its place.
    Argument(usize),
    /// `value[key]`, `.get(key)` or an element of a loop (`key` 0).
    Field(Rc<Value>, Rc<Value>),
    /// `json.loads(value)`.
    Loads(Rc<Value>),
    /// `json.dumps(value)`.
    Dumps(Rc<Value>),
    /// `str(value)` and other texts made of it that are not JSON.
    Text(Rc<Value>),
    /// A dictionary; `open` where further keys may be in it.
    Dict(Rc<Vec<(Value, Value)>>),
    /// A list or tuple.
    List(Rc<Vec<Value>>),
    /// A name that an import gives, dotted: `boto3`, `os.environ.get`.
    Library(Rc<str>),
    /// A client or resource of boto3.
    Client {
        /// Service as boto3 names it: `sns`.
        service: Rc<str>,
        /// Whether it is a resource.
        resource: bool,
        /// Whether it is made at module level.
        at_import: bool,
    },
    /// A `Topic` or `Table` of a resource, with its ARN or name.
    Part(Rc<str>, Rc<Value>),
    /// A method of a value.
    Method(Rc<Value>, Rc<str>),
    /// A function of the file.
    Function(Rc<str>),
    /// What a call of something outside gave: its dotted name.
    Result(Rc<str>),
    /// A name that is bound nowhere.
    Unbound(Rc<str>),
}

impl Value {
    /// A string that is known in full.
    pub fn str(text: &str) -> Self {
        Self::Str(text.into())
    }

    /// `self[key]`; what a dictionary or list holds there, where that is known.
    #[must_use]
    pub fn field(self, key: Self) -> Self {
        match (&self, &key) {
            (Self::Dict(entries), _) => {
                entries.iter().rev().find(|(name, _)| *name == key).map_or(Self::Unknown, |(_, value)| value.clone())
            }
            (Self::List(items), Self::Int(index)) => {
                usize::try_from(*index).ok().and_then(|index| items.get(index).cloned()).unwrap_or(Self::Unknown)
            }
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
            _ => Self::Field(Rc::new(self), Rc::new(key)),
        }
    }

    /// `self["a"]["b"]`.
    #[must_use]
    pub fn fields(self, keys: &[&str]) -> Self {
        keys.iter().fold(self, |value, key| value.field(Self::str(key)))
    }

    /// Whether something in it is not known.
    pub fn is_vague(&self) -> bool {
        match self {
            Self::Unknown => true,
            Self::Field(value, key) => value.is_vague() || key.is_vague(),
            Self::Loads(value) | Self::Dumps(value) | Self::Text(value) | Self::Part(_, value) => value.is_vague(),
            Self::Dict(entries) => entries.iter().any(|(key, value)| key.is_vague() || value.is_vague()),
            Self::List(items) => items.iter().any(Self::is_vague),
            _ => false,
        }
    }
}
