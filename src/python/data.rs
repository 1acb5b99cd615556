//! What the evaluator knows of a value at one moment: a plain tree without references, so that later changes of the program's own
//! objects do not reach back into what was recorded.

use std::rc::Rc;

use super::effect::At;

/// A snapshot of a Python value.
#[derive(Clone, Debug, PartialEq)]
pub enum Data {
    /// `None`.
    None,
    /// `True` or `False`.
    Bool(bool),
    /// An integer that fits.
    Int(i64),
    /// A float.
    Float(f64),
    /// A string known in full.
    Str(Rc<str>),
    /// A dict; `open` if it may hold more than the entries.
    Dict(Rc<DictData>),
    /// A list.
    List(Rc<[Data]>),
    /// A tuple.
    Tuple(Rc<[Data]>),
    /// A set.
    Set(Rc<[Data]>),
    /// A value that stands for what is known only when the program runs.
    Symbol(Rc<Symbol>),
    /// An object of a library that the evaluator knows.
    Native(Rc<Native>),
    /// A function of the learner's.
    Function(Rc<str>, At),
    /// Some other object, in words: `an instance of RideStore`.
    Object(Rc<str>),
}

/// Content of a dict.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DictData {
    /// Keys and values in order of insertion.
    pub entries: Vec<(Data, Data)>,
    /// There may be further keys, such as in a request context.
    pub open: bool,
}

/// What type a symbol's value has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `str`.
    Str,
    /// `bytes`.
    Bytes,
    /// `int` or `float`.
    Number,
    /// `bool`.
    Bool,
    /// `uuid.UUID`: has no JSON form.
    Uuid,
    /// `datetime`: has no JSON form.
    Time,
    /// `Decimal`: has no JSON form.
    Decimal,
    /// Not known.
    Any,
}

/// A value known only by where it comes from.
#[derive(Debug, PartialEq)]
pub struct Symbol {
    /// Its type.
    pub kind: Kind,
    /// Its origin.
    pub what: What,
}

/// Where a symbol comes from.
#[derive(Debug, PartialEq)]
pub enum What {
    /// The environment variable of this name.
    Env(Rc<str>),
    /// A part of what the function was given: `event.body.PickupLocation.Latitude`.
    Input(Rc<str>),
    /// The JSON text of a value.
    Json(Data),
    /// Python's own text of a value: `str(value)`.
    Repr(Data),
    /// Texts and values joined: an f-string, `+`, `format`.
    Joined(Vec<Data>),
    /// A value in DynamoDB's typed form.
    Serialized(Data),
    /// The result of a library call whose meaning is known, and its number in the run.
    Made(Rc<str>, u32),
    /// What could not be followed, in words, and its number in the run.
    Unknown(Rc<str>, u32),
}

/// Where an object was made, which decides whether it outlives an invocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Made {
    /// While the module was imported.
    AtImport,
    /// Inside a function call.
    InCall,
}

/// Objects of libraries.
#[derive(Debug, PartialEq)]
pub enum Native {
    /// A module or something in it, by its dotted name: `boto3.client`.
    Lib(Rc<str>),
    /// A built-in function or type.
    Builtin(&'static str),
    /// An exception class, by its canonical name.
    ErrorType(Rc<str>),
    /// `os.environ`.
    Environ,
    /// A low-level client of an AWS service.
    Client(Rc<str>, Made),
    /// The client of a DynamoDB resource, which takes plain values.
    DocumentClient(Made),
    /// A resource of an AWS service.
    Resource(Rc<str>, Made),
    /// A boto3 session.
    Session,
    /// `boto3.resource('sns').Topic(arn)`.
    Topic(Data, Made),
    /// `boto3.resource('dynamodb').Table(name)`.
    Table(Data, Made),
    /// What `table.batch_writer()` gives.
    Batch(Data, Made),
    /// `boto3.dynamodb.types.TypeSerializer()`.
    Serializer,
    /// The answer to an HTTP request: its URL and status.
    Response(Data, i64),
    /// A logger.
    Logger,
    /// Lambda's context object.
    Context,
    /// Stands in for a function that a later task writes.
    Stub(Rc<str>),
}

impl Data {
    /// A known string.
    pub fn str(text: &str) -> Self {
        Self::Str(text.into())
    }

    /// A symbol.
    pub fn symbol(kind: Kind, what: What) -> Self {
        Self::Symbol(Rc::new(Symbol { kind, what }))
    }

    /// The string in the environment variable `name`.
    pub fn env(name: &str) -> Self {
        Self::symbol(Kind::Str, What::Env(name.into()))
    }

    /// A part of what a function is given.
    pub fn input(kind: Kind, path: &str) -> Self {
        Self::symbol(kind, What::Input(path.into()))
    }

    /// JSON text of `value`.
    pub fn json(value: Self) -> Self {
        Self::symbol(Kind::Str, What::Json(value))
    }

    /// A dict with these entries and no others.
    pub fn dict<'k>(entries: impl IntoIterator<Item = (&'k str, Self)>) -> Self {
        let entries = entries.into_iter().map(|(key, value)| (Self::str(key), value)).collect();
        Self::Dict(Rc::new(DictData { entries, open: false }))
    }

    /// A dict with these entries that may hold others.
    pub fn open_dict<'k>(entries: impl IntoIterator<Item = (&'k str, Self)>) -> Self {
        let entries = entries.into_iter().map(|(key, value)| (Self::str(key), value)).collect();
        Self::Dict(Rc::new(DictData { entries, open: true }))
    }

    /// The value under a string key of a dict.
    pub fn get(&self, key: &str) -> Option<&Self> {
        let Self::Dict(dict) = self else { return None };
        let wanted = |candidate: &Self| matches!(candidate, Self::Str(text) if &**text == key);
        dict.entries.iter().rev().find(|(candidate, _)| wanted(candidate)).map(|(_, value)| value)
    }

    /// What the symbol stands for.
    pub fn what(&self) -> Option<&What> {
        match self {
            Self::Symbol(symbol) => Some(&symbol.what),
            _ => None,
        }
    }

    /// The value whose JSON text this is.
    pub fn parsed(&self) -> Option<Self> {
        match self {
            Self::Symbol(symbol) => match &symbol.what {
                What::Json(value) => Some(value.clone()),
                _ => None,
            },
            Self::Str(text) => serde_json::from_str(text).ok().map(|value| from_json(&value)),
            _ => None,
        }
    }

    /// The value that arrives in Python on the far side of JSON: tuples become lists.
    pub fn through_json(&self) -> Self {
        match self {
            Self::Dict(dict) => {
                let through = |(key, value): &(Self, Self)| (key.clone(), value.through_json());
                Self::Dict(Rc::new(DictData { entries: dict.entries.iter().map(through).collect(), open: dict.open }))
            }
            Self::List(items) | Self::Tuple(items) => Self::List(items.iter().map(Self::through_json).collect()),
            other => other.clone(),
        }
    }

    /// Whether the two are the same value, whatever the order of keys.
    pub fn same_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Dict(one), Self::Dict(two)) => one.same_as(two),
            (Self::List(one) | Self::Tuple(one), Self::List(two) | Self::Tuple(two)) => {
                one.len() == two.len() && one.iter().zip(two.iter()).all(|(one, two)| one.same_as(two))
            }
            _ => self == other,
        }
    }

    /// Whether something that could not be followed is part of the value.
    pub fn is_uncertain(&self) -> bool {
        self.any(&mut |data| matches!(data.what(), Some(What::Unknown(..))))
    }

    /// The type of the first part that has no JSON form.
    pub fn unserializable(&self) -> Option<&'static str> {
        match self {
            Self::Dict(dict) => dict.entries.iter().find_map(|(_, value)| value.unserializable()),
            Self::List(items) | Self::Tuple(items) => items.iter().find_map(Self::unserializable),
            Self::Symbol(symbol) => match symbol.kind {
                Kind::Uuid => Some("UUID"),
                Kind::Time => Some("datetime"),
                Kind::Decimal => Some("Decimal"),
                Kind::Bytes => Some("bytes"),
                _ => None,
            },
            Self::Set(_) => Some("set"),
            Self::Function(..) => Some("function"),
            Self::Native(native) => match &**native {
                Native::Response(..) => Some("Response"),
                Native::Context => Some("LambdaContext"),
                _ => Some("object"),
            },
            Self::Object(_) => Some("object"),
            _ => None,
        }
    }

    /// Whether `test` holds for the value or a part of it.
    pub fn any(&self, test: &mut dyn FnMut(&Self) -> bool) -> bool {
        if test(self) {
            return true;
        }
        match self {
            Self::Dict(dict) => dict.entries.iter().any(|(key, value)| key.any(test) || value.any(test)),
            Self::List(items) | Self::Tuple(items) | Self::Set(items) => items.iter().any(|item| item.any(test)),
            Self::Symbol(symbol) => match &symbol.what {
                What::Json(value) | What::Repr(value) | What::Serialized(value) => value.any(test),
                What::Joined(parts) => parts.iter().any(|part| part.any(test)),
                _ => false,
            },
            Self::Native(native) => match &**native {
                Native::Topic(value, _) | Native::Table(value, _) | Native::Batch(value, _) => value.any(test),
                _ => false,
            },
            _ => false,
        }
    }
}

impl DictData {
    fn same_as(&self, other: &Self) -> bool {
        let key = |wanted: &Data| other.entries.iter().find(|(key, _)| key == wanted);
        self.entries.len() == other.entries.len()
            && self.entries.iter().all(|(name, value)| key(name).is_some_and(|(_, found)| value.same_as(found)))
    }
}

/// A JSON document as Python would read it.
pub fn from_json(value: &serde_json::Value) -> Data {
    match value {
        serde_json::Value::Null => Data::None,
        serde_json::Value::Bool(value) => Data::Bool(*value),
        serde_json::Value::Number(number) => {
            number.as_i64().map_or_else(|| Data::Float(number.as_f64().unwrap_or(0.0)), Data::Int)
        }
        serde_json::Value::String(text) => Data::str(text),
        serde_json::Value::Array(items) => Data::List(items.iter().map(from_json).collect()),
        serde_json::Value::Object(entries) => {
            Data::dict(entries.iter().map(|(key, value)| (key.as_str(), from_json(value))))
        }
    }
}
