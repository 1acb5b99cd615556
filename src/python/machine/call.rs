//! Calls: of the learner's functions, which are executed, and of everything else.

use std::collections::BTreeSet;
use std::rc::Rc;

use ruff_python_ast::{self as ast, Expr};

use super::heap::Pending;
use super::{Eval, Flow, Id, MOST_DEPTH, Machine, Node, Obj, Scope, Value, span};
use crate::diagnostic::Span;
use crate::python::data::{Kind, Native, What};
use crate::python::effect::Effect;

/// What a call passes.
#[derive(Clone, Default)]
pub(in crate::python) struct Arguments {
    pub positional: Vec<Value>,
    pub keywords: Vec<(Rc<str>, Value)>,
    /// Where the keyword arguments' values stand.
    pub places: Vec<(Rc<str>, Span)>,
    /// More may be passed than is known: `*unknown`, `**unknown`.
    pub open: bool,
}

impl Arguments {
    pub fn of(positional: Vec<Value>) -> Self {
        Self { positional, ..Self::default() }
    }

    pub fn keyword(&self, name: &str) -> Option<&Value> {
        self.keywords.iter().find(|(key, _)| &**key == name).map(|(_, value)| value)
    }

    /// The argument at a position, or of a name.
    pub fn get(&self, position: usize, name: &str) -> Option<&Value> {
        self.positional.get(position).or_else(|| self.keyword(name))
    }

    pub fn all(&self) -> Vec<&Value> {
        self.positional.iter().chain(self.keywords.iter().map(|(_, value)| value)).collect()
    }
}

impl<'a> Machine<'a, '_> {
    pub(super) fn call_expression(&mut self, node: &'a ast::ExprCall) -> Eval {
        let callee = self.eval(&node.func)?;
        if let Value::Native(native) = &callee
            && **native == Native::Builtin("super")
            && node.arguments.args.is_empty()
        {
            return Ok(self.super_object());
        }
        let arguments = self.arguments(&node.arguments)?;
        self.call(&callee, arguments, span(node))
    }

    pub(super) fn arguments(&mut self, node: &'a ast::Arguments) -> Result<Arguments, Flow> {
        let mut arguments = Arguments::default();
        for argument in &node.args {
            if let Expr::Starred(starred) = argument {
                let value = self.eval(&starred.value)?;
                if value.kind() == Some(Kind::Any) {
                    arguments.open = true;
                } else {
                    arguments.positional.extend(self.iterate(&value, span(argument))?);
                }
            } else {
                arguments.positional.push(self.eval(argument)?);
            }
        }
        for keyword in &node.keywords {
            let value = self.eval(&keyword.value)?;
            match &keyword.arg {
                Some(name) => {
                    let name: Rc<str> = name.as_str().into();
                    arguments.places.push((name.clone(), span(&keyword.value)));
                    arguments.keywords.push((name, value));
                }
                None => match self.dict(&value) {
                    Some(dict) => {
                        arguments.open |= dict.open;
                        let entries = dict.entries.clone();
                        for (key, value) in entries {
                            match key {
                                Value::Str(key) => arguments.keywords.push((key, value)),
                                _ => arguments.open = true,
                            }
                        }
                    }
                    None => arguments.open = true,
                },
            }
        }
        Ok(arguments)
    }

    /// Calls anything.
    pub(in crate::python) fn call(&mut self, callee: &Value, arguments: Arguments, place: Span) -> Eval {
        self.step(place)?;
        if self.depth >= MOST_DEPTH {
            let at = self.at(place);
            return Err(Flow::Abandon("functions call each other too deeply to be followed".into(), Some(at)));
        }
        self.depth += 1;
        let result = stacker::maybe_grow(128 * 1024, 2 * 1024 * 1024, || self.dispatch(callee, arguments, place));
        self.depth -= 1;
        result
    }

    fn dispatch(&mut self, callee: &Value, mut arguments: Arguments, place: Span) -> Eval {
        match callee {
            Value::Native(native) => {
                let native = native.clone();
                self.call_native(&native, &arguments, place)
            }
            Value::Ref(id) => match self.obj(*id) {
                Obj::Func(_) => self.call_function(*id, arguments, place, None),
                Obj::Bound { func, this } => {
                    let (func, this) = (func.clone(), this.clone());
                    arguments.positional.insert(0, this.clone());
                    match &func {
                        Value::Ref(id) if matches!(self.obj(*id), Obj::Func(_)) => {
                            self.call_function(*id, arguments, place, Some(this))
                        }
                        _ => self.call(&func, arguments, place),
                    }
                }
                Obj::Method { receiver, name } => {
                    let (receiver, name) = (receiver.clone(), name.clone());
                    self.call_method(&receiver, &name, &arguments, place)
                }
                Obj::Partial { func, positional, keywords } => {
                    let func = func.clone();
                    let mut merged = positional.clone();
                    merged.append(&mut arguments.positional);
                    let mut named: Vec<_> = keywords.clone();
                    named.retain(|(key, _)| arguments.keyword(key).is_none());
                    named.append(&mut arguments.keywords);
                    arguments.positional = merged;
                    arguments.keywords = named;
                    self.call(&func, arguments, place)
                }
                Obj::Class(_) => self.instantiate(*id, arguments, place),
                Obj::Descriptor { func, .. } => {
                    let func = func.clone();
                    self.call(&func, arguments, place)
                }
                Obj::Instance { .. } => match self.special(callee, "__call__") {
                    Some(method) => self.call(&method, arguments, place),
                    None => self.not_callable(callee, place),
                },
                _ => self.not_callable(callee, place),
            },
            Value::Symbol(symbol) if symbol.kind == Kind::Any => {
                let label = match &symbol.what {
                    What::Input(label) | What::Made(label, _) | What::Unknown(label, _) => label.clone(),
                    _ => "a value".into(),
                };
                self.call_unknown(&label, &arguments, place)
            }
            _ => self.not_callable(callee, place),
        }
    }

    /// A call of code that cannot be followed. A function that goes in alone comes out again: so wrappers work.
    pub(in crate::python) fn call_unknown(&mut self, label: &str, arguments: &Arguments, place: Span) -> Eval {
        if let ([only], true) = (arguments.positional.as_slice(), arguments.keywords.is_empty())
            && !self.in_function()
            && matches!(self.value_obj(only), Some(Obj::Func(_)))
        {
            return Ok(only.clone());
        }
        self.opaque(label, &arguments.all(), place);
        Ok(self.unknown(label))
    }

    fn not_callable(&mut self, callee: &Value, place: Span) -> Eval {
        let message = format!("'{}' object is not callable", self.type_name(callee));
        self.raise("TypeError", &message, place)
    }

    /// Enters a function: binds its parameters and executes its body.
    pub(super) fn call_function(&mut self, id: Id, arguments: Arguments, place: Span, this: Option<Value>) -> Eval {
        let Obj::Func(func) = self.obj(id) else { return Ok(Value::None) };
        let (name, node, module, closure, class) =
            (func.name.clone(), func.node, func.module, func.closure, func.class);
        let generator = func.generator;
        let locals: BTreeSet<Rc<str>> = func.locals.iter().map(|name| Rc::from(*name)).collect();
        let bound = self.bind_parameters(id, arguments, place)?;
        let lambda = &*name == super::ANONYMOUS;
        let asynchronous = matches!(node, Node::Def(def) if def.is_async);
        let shown: Vec<_> = match lambda {
            true => Vec::new(),
            false => bound.iter().map(|(name, value)| (name.clone(), self.snapshot(value))).collect(),
        };
        if (generator || asynchronous) && !self.is_stubbed(id) {
            let names = bound.into_iter().collect();
            let scope = Scope { names, parent: Some(closure), locals: Rc::new(locals), ..Scope::default() };
            let scope = self.alloc_id(Obj::Scope(scope));
            let pending = Pending { func: id, scope, entered: (shown, self.at(place)) };
            return Ok(self.alloc(if generator { Obj::Generator(pending) } else { Obj::Coroutine(pending, false) }));
        }
        if !lambda {
            let at = self.at(place);
            self.emit(Effect::Enter(name.clone(), shown, at));
        }
        if self.is_stubbed(id) {
            return self.stub(&name, place);
        }
        let names = bound.into_iter().collect();
        let scope = Scope { names, parent: Some(closure), locals: Rc::new(locals), ..Scope::default() };
        let scope = self.alloc_id(Obj::Scope(scope));
        let method = this.zip(class);
        let (result, _) = self.execute(node, module, scope, &name, method);
        if !lambda {
            self.emit(Effect::Leave(name));
        }
        result
    }

    /// Whether the function is one that the scenario enters without executing it.
    fn is_stubbed(&self, id: Id) -> bool {
        let Some(module) = self.modules.first() else { return false };
        self.scenario.stubs.iter().any(|name| self.local(module.scope, name) == Some(Value::Ref(id)))
    }

    /// Executes a function's body in a scope that is ready; also gives what it yielded.
    pub(super) fn execute(
        &mut self,
        node: Node<'a>,
        module: usize,
        scope: Id,
        name: &Rc<str>,
        method: Option<(Value, Id)>,
    ) -> (Eval, Vec<Value>) {
        self.push_frame(scope, module, Some(name.clone()));
        if let Some(frame) = self.frames.last_mut() {
            frame.method = method;
            frame.managed = self.managed.take();
        }
        let result = match node {
            Node::Lambda(lambda) => self.eval(&lambda.body),
            Node::Def(def) => match self.block(&def.body) {
                Ok(()) | Err(Flow::Break | Flow::Continue) => Ok(Value::None),
                Err(Flow::Return(value)) => Ok(value),
                Err(other) => Err(other),
            },
        };
        let frame = self.frames.pop();
        let (returned_at, yielded) = frame.map(|frame| (frame.returned_at, frame.yielded)).unwrap_or_default();
        // The place of the innermost `return` that made the value is the most useful one for the function under test.
        if let Some(outer) = self.frames.last_mut()
            && outer.function.is_none()
        {
            outer.returned_at = returned_at;
        }
        (result, yielded)
    }

    /// Stands in for a function: it may fail as its call to AWS may.
    pub(in crate::python) fn stub(&mut self, name: &Rc<str>, place: Span) -> Eval {
        let fails = self.choose(2) == 1;
        self.emit(Effect::Leave(name.clone()));
        if fails {
            let at = self.at(place);
            self.emit(Effect::Fault(at));
            return self.raise_fault(name, place);
        }
        Ok(Value::None)
    }

    /// What awaiting a value gives.
    pub(in crate::python) fn await_value(&mut self, value: &Value, place: Span) -> Eval {
        self.awaited(value, place)
    }

    pub(super) fn awaited(&mut self, value: &Value, _place: Span) -> Eval {
        let Value::Ref(id) = value else { return Ok(value.clone()) };
        let Obj::Coroutine(pending, ran) = self.obj_mut(*id) else { return Ok(value.clone()) };
        if std::mem::replace(ran, true) {
            return Ok(Value::None);
        }
        let (func, scope) = (pending.func, pending.scope);
        let entered = std::mem::take(&mut pending.entered.0);
        let pending = Pending { func, scope, entered: (entered, pending.entered.1.clone()) };
        self.resume(pending).0
    }

    /// Executes the body of a call that was put off; also gives what it yielded.
    pub(super) fn resume(&mut self, pending: Pending) -> (Eval, Vec<Value>) {
        let Obj::Func(func) = self.obj(pending.func) else { return (Ok(Value::None), Vec::new()) };
        let (node, module, name) = (func.node, func.module, func.name.clone());
        let (shown, at) = pending.entered;
        self.emit(Effect::Enter(name.clone(), shown, at));
        let result = self.execute(node, module, pending.scope, &name, None);
        self.emit(Effect::Leave(name));
        result
    }
}
