//! What running a module and one of its functions would do, as far as reading tells: a walk over the ordinary way through the code, with local
//! functions followed into. Both sides of an undecided condition are walked, and what happens on one of them only is marked as not certain.

use std::collections::BTreeMap;
use std::rc::Rc;

use ruff_python_ast::{Expr, Stmt, StmtFunctionDef};

use super::{PythonFile, Value};
use crate::diagnostic::Span;

/// A call that running the code makes, or a value that it returns.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Something is called.
    Call {
        /// What.
        callee: Value,
        /// Positional arguments, then keyword arguments by name; `None` for what cannot be told apart (`*args`).
        arguments: Vec<(Option<Rc<str>>, Value)>,
        /// Whether it happens on every ordinary way through the code.
        certain: bool,
        /// Whether it happens for each element of a loop.
        repeated: bool,
        /// Where.
        span: Span,
    },
    /// The outermost function returns.
    Return(Value, Span),
    /// A name that is bound nowhere is used.
    Unbound(Rc<str>, Span),
    /// Code that is not followed; what it does is not known.
    Vague(Span),
}

/// What a run does.
#[derive(Clone, Debug, Default)]
pub struct Run {
    /// During the import of the module.
    pub import: Vec<Effect>,
    /// During the call of the function.
    pub effects: Vec<Effect>,
    /// The module's names after the import.
    pub globals: BTreeMap<Rc<str>, Value>,
}

const MOST_DEPTH: usize = 12;
const MOST_STEPS: usize = 20_000;

impl Run {
    /// Imports `file` and calls `function`, if one is named and there.
    pub fn of(file: &PythonFile, function: Option<&str>) -> Self {
        let mut machine = Machine {
            file,
            globals: BTreeMap::new(),
            locals: Vec::new(),
            effects: Vec::new(),
            doubt: 0,
            loops: 0,
            steps: 0,
            stack: Vec::new(),
        };
        machine.block(file.body());
        let import = std::mem::take(&mut machine.effects);
        if let Some(function) = function.and_then(|name| file.function(name)) {
            let count = function.parameters.iter_non_variadic_params().count();
            machine.enter(function, &(0..count).map(|index| (None, Value::Argument(index))).collect::<Vec<_>>(), true);
        }
        Self { import, effects: machine.effects, globals: machine.globals }
    }
}

/// How a block ends.
#[derive(Clone, PartialEq)]
pub(super) enum Flow {
    On,
    Return(Value),
    Leave,
}

pub(super) struct Machine<'a> {
    pub(super) file: &'a PythonFile,
    pub(super) globals: BTreeMap<Rc<str>, Value>,
    pub(super) locals: Vec<BTreeMap<Rc<str>, Value>>,
    pub(super) effects: Vec<Effect>,
    /// How many undecided conditions surround the code.
    pub(super) doubt: usize,
    pub(super) loops: usize,
    steps: usize,
    pub(super) stack: Vec<Rc<str>>,
}

impl<'a> Machine<'a> {
    /// Runs a function with arguments; gives what it returns.
    pub(super) fn enter(
        &mut self,
        function: &'a StmtFunctionDef,
        arguments: &[(Option<Rc<str>>, Value)],
        outermost: bool,
    ) -> Value {
        let name: Rc<str> = function.name.as_str().into();
        if self.stack.len() > MOST_DEPTH || self.stack.contains(&name) {
            self.effects.push(Effect::Vague(self.file.span(function)));
            return Value::Unknown;
        }
        let mut locals = BTreeMap::new();
        let names: Vec<Rc<str>> = function
            .parameters
            .iter_non_variadic_params()
            .map(|parameter| parameter.parameter.name.as_str().into())
            .collect();
        for (name, parameter) in names.iter().zip(function.parameters.iter_non_variadic_params()) {
            let default = parameter.default.as_ref().map_or(Value::Unknown, |default| self.value(default));
            locals.insert(name.clone(), default);
        }
        for (index, (keyword, value)) in arguments.iter().enumerate() {
            if let Some(name) = keyword.clone().or_else(|| names.get(index).cloned()) {
                locals.insert(name, value.clone());
            }
        }
        for rest in [&function.parameters.vararg, &function.parameters.kwarg].into_iter().flatten() {
            locals.insert(rest.name.as_str().into(), Value::Unknown);
        }
        self.stack.push(name);
        self.locals.push(locals);
        let flow = self.block(&function.body);
        self.locals.pop();
        self.stack.pop();
        let value = match flow {
            Flow::Return(value) => value,
            Flow::On | Flow::Leave => Value::None,
        };
        if outermost {
            self.effects.push(Effect::Return(value.clone(), self.last_return(function)));
        }
        value
    }

    fn last_return(&self, function: &StmtFunctionDef) -> Span {
        let last = function.body.iter().rev().find(|statement| matches!(statement, Stmt::Return(_)));
        last.map_or_else(|| self.file.span(&function.name), |statement| self.file.span(statement))
    }

    pub(super) fn block(&mut self, body: &'a [Stmt]) -> Flow {
        for statement in body {
            self.steps += 1;
            if self.steps > MOST_STEPS {
                self.effects.push(Effect::Vague(self.file.span(statement)));
                return Flow::Leave;
            }
            let flow = self.statement(statement);
            if flow != Flow::On {
                return flow;
            }
        }
        Flow::On
    }

    fn statement(&mut self, statement: &'a Stmt) -> Flow {
        match statement {
            Stmt::Expr(expression) => {
                self.value(&expression.value);
            }
            Stmt::Assign(assign) => {
                let value = self.value(&assign.value);
                for target in &assign.targets {
                    self.bind(target, value.clone());
                }
            }
            Stmt::AnnAssign(assign) => {
                if let Some(value) = &assign.value {
                    let value = self.value(value);
                    self.bind(&assign.target, value);
                }
            }
            Stmt::AugAssign(assign) => {
                self.value(&assign.value);
                self.bind(&assign.target, Value::Unknown);
            }
            Stmt::Return(back) => {
                let value = back.value.as_ref().map_or(Value::None, |value| self.value(value));
                return Flow::Return(value);
            }
            Stmt::Raise(raise) => {
                raise.exc.iter().for_each(|exception| {
                    self.value(exception);
                });
                return Flow::Leave;
            }
            Stmt::If(branch) => return self.branch(branch),
            Stmt::For(each) => {
                let over = self.value(&each.iter);
                let element = match &over {
                    Value::List(items) if items.len() == 1 => items[0].clone(),
                    _ => over.field(Value::Int(0)),
                };
                self.bind(&each.target, element);
                self.loops += 1;
                let flow = self.block(&each.body);
                self.loops -= 1;
                if let Flow::Return(_) = flow {
                    return flow;
                }
                return self.block(&each.orelse);
            }
            Stmt::While(again) => {
                self.value(&again.test);
                self.loops += 1;
                self.block(&again.body);
                self.loops -= 1;
            }
            Stmt::With(with) => {
                for item in &with.items {
                    let value = self.value(&item.context_expr);
                    if let Some(target) = &item.optional_vars {
                        self.bind(target, value);
                    }
                }
                return self.block(&with.body);
            }
            Stmt::Try(attempt) => {
                let flow = self.block(&attempt.body);
                let flow = if flow == Flow::On { self.block(&attempt.orelse) } else { flow };
                let last = self.block(&attempt.finalbody);
                return if last == Flow::On { flow } else { last };
            }
            Stmt::Import(import) => {
                for alias in &import.names {
                    let name = alias.name.as_str();
                    let bound = alias
                        .asname
                        .as_ref()
                        .map_or_else(|| name.split('.').next().unwrap_or(name), |asname| asname.as_str());
                    let module = if alias.asname.is_some() { name } else { bound };
                    self.set(bound, Value::Library(module.into()));
                }
            }
            Stmt::ImportFrom(import) => {
                let module = import.module.as_ref().map_or("", |module| module.as_str());
                for alias in &import.names {
                    let bound = alias.asname.as_ref().unwrap_or(&alias.name);
                    self.set(bound.as_str(), Value::Library(format!("{module}.{}", alias.name).into()));
                }
            }
            Stmt::FunctionDef(function) => {
                let known = self.locals.is_empty() && self.file.function(function.name.as_str()).is_some();
                let value = if known { Value::Function(function.name.as_str().into()) } else { Value::Unknown };
                // A default that names nothing stops the import.
                for parameter in function.parameters.iter_non_variadic_params() {
                    if let Some(default) = &parameter.default {
                        self.value(default);
                    }
                }
                self.set(function.name.as_str(), value);
            }
            Stmt::ClassDef(class) => self.set(class.name.as_str(), Value::Unknown),
            Stmt::Match(_) => self.effects.push(Effect::Vague(self.file.span(statement))),
            Stmt::Break(_) | Stmt::Continue(_) => return Flow::Leave,
            _ => {}
        }
        Flow::On
    }

    /// Walks both sides of a condition; names that differ afterwards are not known. A side that leaves early is a way for special cases.
    fn branch(&mut self, branch: &'a ruff_python_ast::StmtIf) -> Flow {
        let test = self.value(&branch.test);
        let clauses = &branch.elif_else_clauses;
        match test {
            Value::Bool(true) => return self.block(&branch.body),
            Value::Bool(false) if clauses.is_empty() => return Flow::On,
            _ => {}
        }
        let before = (self.globals.clone(), self.locals.clone());
        let mut ends = Vec::new();
        let mut ways: Vec<&'a [Stmt]> = vec![&branch.body];
        ways.extend(clauses.iter().map(|clause| &*clause.body));
        let complete = clauses.last().is_some_and(|clause| clause.test.is_none());
        self.doubt += 1;
        for way in ways {
            (self.globals, self.locals) = before.clone();
            let flow = self.block(way);
            ends.push((flow, (std::mem::take(&mut self.globals), std::mem::take(&mut self.locals))));
        }
        self.doubt -= 1;
        if !complete {
            ends.push((Flow::On, before.clone()));
        }
        let first_return = ends.iter().find_map(|(flow, _)| matches!(flow, Flow::Return(_)).then(|| flow.clone()));
        let mut going: Vec<_> =
            ends.into_iter().filter(|(flow, _)| *flow == Flow::On).map(|(_, names)| names).collect();
        let Some((globals, locals)) = going.pop() else {
            (self.globals, self.locals) = before;
            return first_return.unwrap_or(Flow::Leave);
        };
        (self.globals, self.locals) = (globals, locals);
        for (globals, locals) in going {
            merge(&mut self.globals, &globals);
            self.locals.iter_mut().zip(&locals).for_each(|(mine, other)| merge(mine, other));
        }
        Flow::On
    }

    fn set(&mut self, name: &str, value: Value) {
        self.locals.last_mut().unwrap_or(&mut self.globals).insert(name.into(), value);
    }

    pub(super) fn bind(&mut self, target: &'a Expr, value: Value) {
        match target {
            Expr::Name(name) => self.set(name.id.as_str(), value),
            Expr::Tuple(tuple) => self.bind_all(&tuple.elts, &value),
            Expr::List(list) => self.bind_all(&list.elts, &value),
            Expr::Starred(starred) => self.bind(&starred.value, Value::Unknown),
            // `ride['x'] = …`: the dictionary is no longer what it was, unless its keys are known.
            Expr::Subscript(subscript) => {
                let key = self.value(&subscript.slice);
                if let Expr::Name(name) = &*subscript.value
                    && let Some(entry) = self.locals.last_mut().unwrap_or(&mut self.globals).get_mut(name.id.as_str())
                {
                    *entry = match (&*entry, key) {
                        (Value::Dict(entries), key) if !key.is_vague() => {
                            let mut entries = entries.to_vec();
                            entries.push((key, value));
                            Value::Dict(Rc::new(entries))
                        }
                        _ => Value::Unknown,
                    };
                }
            }
            _ => {}
        }
    }

    fn bind_all(&mut self, targets: &'a [Expr], value: &Value) {
        for (index, target) in targets.iter().enumerate() {
            let item = i64::try_from(index).map_or(Value::Unknown, |index| value.clone().field(Value::Int(index)));
            self.bind(target, item);
        }
    }
}

fn merge(mine: &mut BTreeMap<Rc<str>, Value>, other: &BTreeMap<Rc<str>, Value>) {
    for (name, value) in other {
        match mine.get(name) {
            Some(known) if known == value => {}
            Some(_) => {
                mine.insert(name.clone(), Value::Unknown);
            }
            None => {
                mine.insert(name.clone(), value.clone());
            }
        }
    }
}
