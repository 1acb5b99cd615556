//! Statements.

use ruff_python_ast::{ElifElseClause, ExceptHandler, Expr, Stmt, StmtFor, StmtTry, StmtWhile, StmtWith};

use super::{Flow, Machine, Raised, Value, span};
use crate::diagnostic::Span;
use crate::python::data::{Kind, Native};

type Exec = Result<(), Flow>;

/// A loop that reading does not end is followed this often.
const MOST_UNDECIDED_ROUNDS: usize = 2;

impl<'a> Machine<'a, '_> {
    pub(super) fn block(&mut self, body: &'a [Stmt]) -> Exec {
        for statement in body {
            self.statement(statement)?;
        }
        Ok(())
    }

    pub(super) fn statement(&mut self, statement: &'a Stmt) -> Exec {
        let place = span(statement);
        self.step(place)?;
        match statement {
            Stmt::Expr(node) => self.eval(&node.value).map(|_| ()),
            Stmt::Assign(node) => {
                let value = self.eval(&node.value)?;
                node.targets.iter().try_for_each(|target| self.assign(target, value.clone()))
            }
            Stmt::AnnAssign(node) => self.annotated(node),
            Stmt::AugAssign(node) => self.augmented(node),
            Stmt::Return(node) => self.return_(node),
            Stmt::If(node) => {
                if self.test(&node.test)? {
                    return self.block(&node.body);
                }
                self.clauses(&node.elif_else_clauses)
            }
            Stmt::For(node) => self.for_(node),
            Stmt::While(node) => self.while_(node),
            Stmt::With(node) => self.with(node, 0),
            Stmt::Try(node) => self.try_(node),
            Stmt::Raise(node) => {
                let value = match &node.exc {
                    Some(value) => self.eval(value)?,
                    None => return Err(self.reraise(place)),
                };
                if let Some(cause) = &node.cause {
                    self.eval(cause)?;
                }
                let value = self.exception(value, place)?;
                let supposed = self.handles_supposed();
                Err(Flow::Raise(Box::new(Raised { value, at: self.at(place), supposed })))
            }
            Stmt::Assert(node) => {
                if self.test(&node.test)? {
                    return Ok(());
                }
                self.raise("AssertionError", "", place)
            }
            Stmt::FunctionDef(node) => self.define_function(node),
            Stmt::ClassDef(node) => self.define_class(node),
            Stmt::Import(node) => self.import(node),
            Stmt::ImportFrom(node) => self.import_from(node),
            Stmt::Global(node) => {
                self.declare(&node.names, true);
                Ok(())
            }
            Stmt::Nonlocal(node) => {
                self.declare(&node.names, false);
                Ok(())
            }
            Stmt::Delete(node) => node.targets.iter().try_for_each(|target| self.delete(target)),
            Stmt::Match(node) => self.match_(node),
            Stmt::Break(_) => Err(Flow::Break),
            Stmt::Continue(_) => Err(Flow::Continue),
            Stmt::Pass(_) | Stmt::TypeAlias(_) | Stmt::IpyEscapeCommand(_) => Ok(()),
        }
    }

    fn return_(&mut self, node: &'a ruff_python_ast::StmtReturn) -> Exec {
        let value = match &node.value {
            Some(value) => self.eval(value)?,
            None => Value::None,
        };
        let at = self.at(node.value.as_deref().map_or_else(|| span(node), span));
        if let Some(frame) = self.frames.last_mut() {
            frame.returned_at = Some(at);
        }
        Err(Flow::Return(value))
    }

    fn clauses(&mut self, clauses: &'a [ElifElseClause]) -> Exec {
        for clause in clauses {
            let taken = match &clause.test {
                Some(test) => self.test(test)?,
                None => true,
            };
            if taken {
                return self.block(&clause.body);
            }
        }
        Ok(())
    }

    /// Whether a condition holds; takes a side where that is not decided.
    pub(super) fn test(&mut self, condition: &'a Expr) -> Result<bool, Flow> {
        let value = self.eval(condition)?;
        self.truth(&value, span(condition))
    }

    fn for_(&mut self, node: &'a StmtFor) -> Exec {
        let iterable = self.eval(&node.iter)?;
        let items = self.iterate(&iterable, span(&*node.iter))?;
        for item in items {
            self.step(span(node))?;
            self.assign(&node.target, item)?;
            match self.block(&node.body) {
                Ok(()) | Err(Flow::Continue) => {}
                Err(Flow::Break) => return Ok(()),
                Err(other) => return Err(other),
            }
        }
        self.block(&node.orelse)
    }

    fn while_(&mut self, node: &'a StmtWhile) -> Exec {
        let mut undecided = 0;
        loop {
            self.step(span(node))?;
            let before = self.supposed.len();
            let value = self.eval(&node.test)?;
            if self.known_truth(&value).is_none() && undecided >= MOST_UNDECIDED_ROUNDS {
                break;
            }
            if !self.truth(&value, span(&*node.test))? {
                break;
            }
            undecided += usize::from(self.supposed.len() > before);
            match self.block(&node.body) {
                Ok(()) | Err(Flow::Continue) => {}
                Err(Flow::Break) => return Ok(()),
                Err(other) => return Err(other),
            }
        }
        self.block(&node.orelse)
    }

    pub(super) fn with(&mut self, node: &'a StmtWith, index: usize) -> Exec {
        let Some(item) = node.items.get(index) else { return self.block(&node.body) };
        let place = span(&item.context_expr);
        let manager = self.eval(&item.context_expr)?;
        if let Value::Ref(id) = manager
            && matches!(self.obj(id), super::Obj::Generator(_))
        {
            return self.with_generator(id, node, index);
        }
        let entered = self.enter(&manager, place)?;
        if let Some(target) = &item.optional_vars {
            self.assign(target, entered)?;
        }
        let result = self.with(node, index + 1);
        let suppressed = self.leave(&manager, &result, place)?;
        if suppressed && matches!(result, Err(Flow::Raise(_))) { Ok(()) } else { result }
    }

    fn enter(&mut self, manager: &Value, place: Span) -> Result<Value, Flow> {
        if let Some(enter) = self.special(manager, "__enter__") {
            return self.call(&enter, super::Arguments::default(), place);
        }
        if let Value::Native(native) = manager
            && matches!(&**native, Native::Batch(..))
        {
            self.entered.push(native.clone());
        }
        Ok(manager.clone())
    }

    /// Leaves a `with`; whether its manager swallows the exception.
    fn leave(&mut self, manager: &Value, result: &Exec, place: Span) -> Result<bool, Flow> {
        if let Some(exit) = self.special(manager, "__exit__") {
            let raised = match result {
                Err(Flow::Raise(raised)) => raised.value.clone(),
                _ => Value::None,
            };
            let positional = vec![raised.clone(), raised, Value::None];
            let swallows = self.call(&exit, super::Arguments { positional, ..Default::default() }, place)?;
            return self.truth(&swallows, place);
        }
        if let (Some(super::Obj::Partial { func: Value::Native(native), positional, .. }), Err(Flow::Raise(raised))) =
            (self.value_obj(manager), result)
            && **native == Native::Builtin("suppress")
        {
            let (patterns, raised) = (positional.clone(), raised.clone());
            return Ok(patterns.iter().any(|pattern| self.catches(pattern, &raised) == Some(true)));
        }
        Ok(false)
    }

    fn try_(&mut self, node: &'a StmtTry) -> Exec {
        let mut result = self.block(&node.body);
        if let Err(Flow::Raise(raised)) = result {
            result = self.handlers(node, *raised);
        } else if result.is_ok() {
            result = self.block(&node.orelse);
        }
        if matches!(result, Err(Flow::Abandon(..))) {
            return result;
        }
        // A `return`, `break` or exception in `finally` replaces what was under way.
        self.block(&node.finalbody)?;
        result
    }

    fn handlers(&mut self, node: &'a StmtTry, raised: Raised) -> Exec {
        for ExceptHandler::ExceptHandler(handler) in &node.handlers {
            let catches = match &handler.type_ {
                None => true,
                Some(pattern) => {
                    let value = self.eval(pattern)?;
                    match self.catches(&value, &raised) {
                        Some(answer) => answer,
                        None => {
                            self.supposed.push(self.at(span(&**pattern)));
                            self.choose(2) == 0
                        }
                    }
                }
            };
            if !catches {
                continue;
            }
            if let Some(name) = &handler.name {
                self.bind(name.as_str(), raised.value.clone());
            }
            if let Some(frame) = self.frames.last_mut() {
                frame.handling.push(raised);
            }
            let result = self.block(&handler.body);
            if let Some(frame) = self.frames.last_mut() {
                frame.handling.pop();
            }
            return result;
        }
        Err(Flow::Raise(Box::new(raised)))
    }

    fn reraise(&mut self, place: Span) -> Flow {
        let handled = self.frames.iter().rev().find_map(|frame| frame.handling.last().cloned());
        match handled {
            Some(raised) => Flow::Raise(Box::new(raised)),
            None => match self.raise::<()>("RuntimeError", "No active exception to reraise", place) {
                Err(flow) => flow,
                Ok(()) => Flow::Break,
            },
        }
    }

    /// Whether an exception raised now answers one that this run supposes.
    fn handles_supposed(&self) -> bool {
        self.frames.iter().any(|frame| frame.handling.iter().any(|raised| raised.supposed))
    }

    /// Whether a value counts as true, where that is certain.
    pub(super) fn known_truth(&self, value: &Value) -> Option<bool> {
        use crate::python::data::What;
        match value {
            Value::None => Some(false),
            Value::Bool(value) => Some(*value),
            Value::Int(value) => Some(*value != 0),
            Value::Float(value) => Some(*value != 0.0),
            Value::Str(text) => Some(!text.is_empty()),
            Value::Native(native) => match &**native {
                Native::Response(_, status) => Some(*status < 400),
                _ => Some(true),
            },
            Value::Symbol(symbol) => match &symbol.what {
                What::Env(name) => self.is_set(name).then_some(true),
                What::Input(_) if symbol.kind != Kind::Any => Some(true),
                What::Input(_) | What::Json(_) | What::Repr(_) | What::Serialized(_) => Some(true),
                What::Joined(parts) => {
                    let solid = |part: &crate::python::data::Data| matches!(part, crate::python::data::Data::Str(text) if !text.is_empty());
                    parts.iter().any(solid).then_some(true)
                }
                What::Made(..) if matches!(symbol.kind, Kind::Uuid | Kind::Time | Kind::Str) => Some(true),
                What::Made(..) | What::Unknown(..) => {
                    self.decided.iter().find(|(known, _)| known == symbol).map(|(_, value)| *value)
                }
            },
            Value::Ref(id) => match self.obj(*id) {
                super::Obj::Dict(dict) if dict.open && dict.entries.is_empty() => None,
                super::Obj::Dict(dict) => Some(!dict.entries.is_empty()),
                super::Obj::List(items) | super::Obj::Tuple(items) | super::Obj::Set(items) => Some(!items.is_empty()),
                _ => Some(true),
            },
        }
    }

    /// Whether a value counts as true; takes a side where that is not decided.
    pub(super) fn truth(&mut self, value: &Value, place: Span) -> Result<bool, Flow> {
        if let Some(answer) = self.known_truth(value) {
            return Ok(answer);
        }
        self.step(place)?;
        self.supposed.push(self.at(place));
        let answer = self.choose(2) == 0;
        if let Value::Symbol(symbol) = value {
            self.decided.push((symbol.clone(), answer));
        }
        Ok(answer)
    }
}
