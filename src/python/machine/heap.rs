//! The objects of a running program. They live in one arena, so that a run of whatever shape leaves nothing behind.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

use ruff_python_ast::{ExprGenerator, ExprLambda, StmtFunctionDef};

use super::{Arguments, Machine, Raised, Value};
use crate::diagnostic::Span;
use crate::python::data::Data;
use crate::python::effect::At;

/// An object's place in the arena.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::python) struct Id(pub usize);

/// An object.
pub(in crate::python) enum Obj<'a> {
    Dict(Dict),
    List(Vec<Value>),
    Tuple(Vec<Value>),
    Set(Vec<Value>),
    Func(Func<'a>),
    /// A function bound to its first argument.
    Bound {
        func: Value,
        this: Value,
    },
    /// A method of a built-in or library object.
    Method {
        receiver: Value,
        name: Rc<str>,
    },
    Partial {
        func: Value,
        positional: Vec<Value>,
        keywords: Vec<(Rc<str>, Value)>,
    },
    Class(Class),
    Instance {
        class: Id,
        attributes: Vec<(Rc<str>, Value)>,
    },
    /// An exception of a built-in or library class.
    Error {
        class: Rc<str>,
        arguments: Vec<Value>,
    },
    Module(usize),
    Scope(Scope),
    /// What calling a generator function gives: its body runs when it is iterated.
    Generator(Pending),
    /// What iterates once: `map`, a generator expression, `iter(…)`.
    Iterator(Iter<'a>),
    /// What calling an `async def` gives: it runs when it is awaited, once.
    Coroutine(Pending, bool),
    /// A thread, which runs its target while it is waited for.
    Thread {
        target: Value,
        arguments: Arguments,
        started: bool,
    },
    /// What a pool was asked to do, and how that ended.
    Future(Result<Value, Box<Raised>>),
    /// An event in a class of Powertools, around the event itself.
    Event(Value),
    /// `property`, `staticmethod` or `classmethod` around a function.
    Descriptor {
        kind: &'static str,
        func: Value,
    },
    Super {
        this: Value,
        class: Id,
    },
    /// A thread pool.
    Pool,
}

/// A call of a function whose body has not run yet.
pub(in crate::python) struct Pending {
    pub func: Id,
    pub scope: Id,
    /// What it was called with, and where.
    pub entered: (Vec<(Rc<str>, Data)>, At),
}

/// What can be iterated once. Nothing of it runs before.
pub(in crate::python) enum Iter<'a> {
    /// What is left of items that are there.
    Items(VecDeque<Value>),
    /// `map`, `filter` and their like.
    Call { name: &'static str, arguments: Arguments },
    /// A generator expression, with its first iterable, which Python evaluates at once.
    Expression { node: &'a ExprGenerator, first: Value, scope: Id, module: usize, function: Option<Rc<str>> },
}

/// A dict.
#[derive(Default)]
pub(in crate::python) struct Dict {
    pub entries: Vec<(Value, Value)>,
    /// There may be keys that are not listed.
    pub open: bool,
    /// What makes a missing value, for `defaultdict`.
    pub factory: Option<Value>,
}

/// A function's syntax.
#[derive(Clone, Copy)]
pub(in crate::python) enum Node<'a> {
    Def(&'a StmtFunctionDef),
    Lambda(&'a ExprLambda),
}

/// A function of the learner's.
pub(in crate::python) struct Func<'a> {
    pub name: Rc<str>,
    pub node: Node<'a>,
    pub defaults: Vec<(Rc<str>, Value)>,
    pub closure: Id,
    pub module: usize,
    /// The name in the `def`.
    pub span: Span,
    pub locals: Rc<BTreeSet<&'a str>>,
    pub generator: bool,
    /// The class in whose body it stands.
    pub class: Option<Id>,
}

/// A class of the learner's.
#[derive(Default)]
pub(in crate::python) struct Class {
    pub name: Rc<str>,
    pub bases: Vec<Value>,
    pub attributes: Vec<(Rc<str>, Value)>,
    /// Fields with their defaults, for a dataclass or a named tuple.
    pub fields: Option<Vec<(Rc<str>, Option<Value>)>>,
}

/// Names of a module, function or class body.
#[derive(Default)]
pub(in crate::python) struct Scope {
    pub names: BTreeMap<Rc<str>, Value>,
    pub parent: Option<Id>,
    /// Names that the function declares `global` or `nonlocal`.
    pub elsewhere: Vec<(Rc<str>, Id)>,
    /// Names that are local to the function, bound or not.
    pub locals: Rc<BTreeSet<Rc<str>>>,
    /// A class body: invisible to the functions inside.
    pub class_body: bool,
}

impl<'a> Machine<'a, '_> {
    pub(in crate::python) fn alloc(&mut self, obj: Obj<'a>) -> Value {
        Value::Ref(self.alloc_id(obj))
    }

    pub(in crate::python) fn alloc_id(&mut self, obj: Obj<'a>) -> Id {
        self.spend(match &obj {
            Obj::List(items) | Obj::Tuple(items) | Obj::Set(items) => items.len(),
            Obj::Dict(dict) => dict.entries.len(),
            _ => 1,
        });
        self.heap.push(obj);
        Id(self.heap.len() - 1)
    }

    pub(in crate::python) fn obj(&self, id: Id) -> &Obj<'a> {
        // Ids are handed out by `alloc_id` alone and objects are never removed.
        &self.heap[id.0]
    }

    pub(in crate::python) fn obj_mut(&mut self, id: Id) -> &mut Obj<'a> {
        &mut self.heap[id.0]
    }

    pub(in crate::python) fn value_obj(&self, value: &Value) -> Option<&Obj<'a>> {
        match value {
            Value::Ref(id) => Some(self.obj(*id)),
            _ => None,
        }
    }

    pub(in crate::python) fn dict(&self, value: &Value) -> Option<&Dict> {
        match self.value_obj(value) {
            Some(Obj::Dict(dict)) => Some(dict),
            _ => None,
        }
    }

    pub(in crate::python) fn dict_mut(&mut self, value: &Value) -> Option<&mut Dict> {
        match value {
            Value::Ref(id) => match self.obj_mut(*id) {
                Obj::Dict(dict) => Some(dict),
                _ => None,
            },
            _ => None,
        }
    }

    pub(in crate::python) fn new_dict(&mut self, entries: Vec<(Value, Value)>) -> Value {
        self.alloc(Obj::Dict(Dict { entries, ..Dict::default() }))
    }

    pub(in crate::python) fn new_list(&mut self, items: Vec<Value>) -> Value {
        self.alloc(Obj::List(items))
    }

    pub(in crate::python) fn new_tuple(&mut self, items: Vec<Value>) -> Value {
        self.alloc(Obj::Tuple(items))
    }
}
