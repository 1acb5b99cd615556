//! Exceptions: raising them, and which `except` catches which.

use std::rc::Rc;

use super::{Eval, Machine, Obj, Value};
use crate::diagnostic::Span;
use crate::python::data::Native;
use crate::python::effect::{At, Failure};

/// Why execution does not simply go on with the next statement.
pub(in crate::python) enum Flow {
    Raise(Box<Raised>),
    Return(Value),
    Break,
    Continue,
    /// The evaluator gives up.
    Abandon(Rc<str>, Option<At>),
}

/// An exception under way.
#[derive(Clone)]
pub(in crate::python) struct Raised {
    pub value: Value,
    pub at: At,
    /// It stands for a fault of AWS that this run supposes.
    pub supposed: bool,
}

/// Classes and their base, for the built-in hierarchy and the libraries of the workshop.
const BASES: &[(&str, &str)] = &[
    ("Exception", "BaseException"),
    ("SystemExit", "BaseException"),
    ("KeyboardInterrupt", "BaseException"),
    ("ArithmeticError", "Exception"),
    ("ZeroDivisionError", "ArithmeticError"),
    ("OverflowError", "ArithmeticError"),
    ("AssertionError", "Exception"),
    ("AttributeError", "Exception"),
    ("ImportError", "Exception"),
    ("ModuleNotFoundError", "ImportError"),
    ("LookupError", "Exception"),
    ("IndexError", "LookupError"),
    ("KeyError", "LookupError"),
    ("NameError", "Exception"),
    ("UnboundLocalError", "NameError"),
    ("OSError", "Exception"),
    ("ConnectionError", "OSError"),
    ("TimeoutError", "OSError"),
    ("FileNotFoundError", "OSError"),
    ("PermissionError", "OSError"),
    ("RuntimeError", "Exception"),
    ("NotImplementedError", "RuntimeError"),
    ("RecursionError", "RuntimeError"),
    ("StopIteration", "Exception"),
    ("TypeError", "Exception"),
    ("ValueError", "Exception"),
    ("UnicodeError", "ValueError"),
    ("UnicodeDecodeError", "UnicodeError"),
    ("JSONDecodeError", "ValueError"),
    ("Warning", "Exception"),
    ("UserWarning", "Warning"),
    ("DeprecationWarning", "Warning"),
    ("ClientError", "Exception"),
    ("BotoCoreError", "Exception"),
    ("Boto3Error", "Exception"),
    ("ParamValidationError", "BotoCoreError"),
    ("NoRegionError", "BotoCoreError"),
    ("EndpointConnectionError", "BotoCoreError"),
    ("RequestException", "OSError"),
    ("HTTPError", "RequestException"),
];

/// Whether a name is that of a built-in exception class.
pub(in crate::python) fn is_builtin_error(name: &str) -> bool {
    let library =
        ["JSONDecodeError", "ClientError", "BotoCoreError", "Boto3Error", "ParamValidationError", "NoRegionError"];
    let library =
        library.contains(&name) || ["EndpointConnectionError", "RequestException", "HTTPError"].contains(&name);
    name == "BaseException" || name == "EnvironmentError" || name == "IOError" || !library && base(name).is_some()
}

fn base(name: &str) -> Option<&'static str> {
    BASES.iter().find(|(class, _)| *class == name).map(|(_, base)| *base)
}

fn derives(name: &str, wanted: &str) -> bool {
    let wanted = if matches!(wanted, "EnvironmentError" | "IOError") { "OSError" } else { wanted };
    let mut class = Some(name);
    while let Some(name) = class {
        if name == wanted {
            return true;
        }
        // Classes that the table does not know derive from Exception, as nearly all do.
        class = base(name).or_else(|| (name != "BaseException").then_some("Exception")).filter(|next| *next != name);
    }
    false
}

impl Machine<'_, '_> {
    /// Raises a built-in exception.
    pub(in crate::python) fn raise<T>(&mut self, class: &str, message: &str, span: Span) -> Result<T, Flow> {
        let at = self.at(span);
        let value = self.alloc(Obj::Error { class: class.into(), arguments: vec![Value::str(message)] });
        Err(Flow::Raise(Box::new(Raised { value, at, supposed: false })))
    }

    /// Raises the fault of AWS that this run supposes.
    pub(in crate::python) fn raise_fault<T>(&mut self, operation: &str, span: Span) -> Result<T, Flow> {
        let at = self.at(span);
        let message = format!("An error occurred when calling the {operation} operation");
        let value = self.alloc(Obj::Error { class: "ClientError".into(), arguments: vec![Value::str(&message)] });
        Err(Flow::Raise(Box::new(Raised { value, at, supposed: true })))
    }

    pub(in crate::python) fn class_name(&self, value: &Value) -> Rc<str> {
        match self.value_obj(value) {
            Some(Obj::Error { class, .. }) => class.clone(),
            Some(Obj::Instance { class, .. }) => match self.obj(*class) {
                Obj::Class(class) => class.name.clone(),
                _ => "Exception".into(),
            },
            _ => "Exception".into(),
        }
    }

    /// The exception in words.
    pub(super) fn failure(&mut self, raised: &Raised) -> Failure {
        let message = match self.value_obj(&raised.value) {
            Some(Obj::Error { arguments, .. }) => match arguments.first() {
                Some(Value::Str(text)) => text.clone(),
                _ => "".into(),
            },
            _ => "".into(),
        };
        Failure { class: self.class_name(&raised.value), message, at: raised.at.clone(), supposed: raised.supposed }
    }

    /// Whether `except pattern` catches the exception; none if that is not known.
    pub(super) fn catches(&mut self, pattern: &Value, raised: &Raised) -> Option<bool> {
        match pattern {
            Value::Native(native) => match &**native {
                Native::ErrorType(wanted) => Some(self.is_error_of(&raised.value, wanted)),
                // `client.exceptions.NotFoundException` and its like: one particular fault, not the one supposed.
                Native::Lib(path) => Some(self.is_error_of(&raised.value, path.rsplit('.').next().unwrap_or(path))),
                _ => None,
            },
            Value::Ref(id) => match self.obj(*id) {
                Obj::Tuple(items) | Obj::List(items) => {
                    let items = items.clone();
                    let mut answer = Some(false);
                    for item in &items {
                        match self.catches(item, raised) {
                            Some(true) => return Some(true),
                            Some(false) => {}
                            None => answer = None,
                        }
                    }
                    answer
                }
                Obj::Class(_) => {
                    let Some(Obj::Instance { class, .. }) = self.value_obj(&raised.value) else { return Some(false) };
                    Some(self.class_chain(*class).contains(id))
                }
                _ => None,
            },
            _ => None,
        }
    }

    fn is_error_of(&self, value: &Value, wanted: &str) -> bool {
        match self.value_obj(value) {
            Some(Obj::Error { class, .. }) => derives(class, wanted),
            Some(Obj::Instance { class, .. }) => self.class_chain(*class).iter().any(|id| match self.obj(*id) {
                Obj::Class(class) => class.bases.iter().any(|base| match base {
                    Value::Native(native) => match &**native {
                        Native::ErrorType(name) => derives(name, wanted),
                        _ => wanted == "Exception" || wanted == "BaseException",
                    },
                    _ => false,
                }),
                _ => false,
            }),
            _ => wanted == "Exception" || wanted == "BaseException",
        }
    }

    /// What `raise value` raises: an instance, made if a class is given.
    pub(super) fn exception(&mut self, value: Value, span: Span) -> Eval {
        match &value {
            Value::Native(native) => match &**native {
                Native::ErrorType(class) => {
                    let class = class.clone();
                    Ok(self.alloc(Obj::Error { class, arguments: Vec::new() }))
                }
                Native::Lib(path) => {
                    let class = path.rsplit('.').next().unwrap_or(path).into();
                    Ok(self.alloc(Obj::Error { class, arguments: Vec::new() }))
                }
                _ => self.raise("TypeError", "exceptions must derive from BaseException", span),
            },
            Value::Ref(id) => match self.obj(*id) {
                Obj::Class(_) => self.call(&value, super::Arguments::default(), span),
                Obj::Error { .. } | Obj::Instance { .. } => Ok(value),
                _ => self.raise("TypeError", "exceptions must derive from BaseException", span),
            },
            Value::Symbol(symbol) if symbol.kind == crate::python::data::Kind::Any => {
                Ok(self.alloc(Obj::Error { class: "Exception".into(), arguments: Vec::new() }))
            }
            _ => self.raise("TypeError", "exceptions must derive from BaseException", span),
        }
    }
}
