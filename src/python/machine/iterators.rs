//! What runs only when it is iterated, and then once: generators, `map`, generator expressions.

use std::collections::VecDeque;

use ruff_python_ast::{ExprGenerator, StmtWith};

use super::heap::Iter;
use super::{Arguments, Eval, Flow, Id, Machine, Obj, Value, span};
use crate::diagnostic::Span;

impl<'a> Machine<'a, '_> {
    /// A generator expression: only its first iterable is evaluated now.
    pub(super) fn generator_expression(&mut self, node: &'a ExprGenerator) -> Eval {
        let first = match node.generators.first() {
            Some(first) => self.eval(&first.iter)?,
            None => Value::None,
        };
        let (module, function) = self.frame().map_or((0, None), |frame| (frame.module, frame.function.clone()));
        let scope = self.scope();
        Ok(self.alloc(Obj::Iterator(Iter::Expression { node, first, scope, module, function })))
    }

    /// `map(…)` and its like, which run when they are iterated.
    pub(in crate::python) fn put_off(&mut self, name: &'static str, arguments: &Arguments) -> Value {
        self.alloc(Obj::Iterator(Iter::Call { name, arguments: arguments.clone() }))
    }

    /// `iter(items)`.
    pub(in crate::python) fn iterator(&mut self, items: Vec<Value>) -> Value {
        self.alloc(Obj::Iterator(Iter::Items(items.into())))
    }

    /// `with` over a generator of `@contextmanager`: the block runs where the generator yields.
    pub(super) fn with_generator(&mut self, id: Id, node: &'a StmtWith, index: usize) -> Result<(), Flow> {
        let Obj::Generator(pending) = std::mem::replace(self.obj_mut(id), Obj::Iterator(Iter::Items(VecDeque::new())))
        else {
            return Ok(());
        };
        let slot = self.left_blocks.len();
        self.left_blocks.push(None);
        self.managed = Some((node, index, slot));
        let (result, _) = self.resume(pending);
        self.managed = None;
        let left = self.left_blocks.pop().flatten();
        result?;
        left.map_or(Ok(()), Err)
    }

    /// The block of the `with` that a yielding generator manages. Its exception is raised at the `yield`.
    pub(super) fn managed_block(&mut self, yielded: Value, node: &'a StmtWith, index: usize, slot: usize) -> Eval {
        let generator = self.frames.pop();
        let target = node.items.get(index).and_then(|item| item.optional_vars.as_deref());
        let mut result = target.map_or(Ok(()), |target| self.assign(target, yielded));
        if result.is_ok() {
            result = self.with(node, index + 1);
        }
        self.frames.extend(generator);
        match result {
            Ok(()) => Ok(Value::None),
            Err(flow @ (Flow::Raise(_) | Flow::Abandon(..))) => Err(flow),
            // A `return` or `break` goes on once the generator is through.
            Err(flow) => {
                if let Some(left) = self.left_blocks.get_mut(slot) {
                    *left = Some(flow);
                }
                Ok(Value::None)
            }
        }
    }

    /// Everything that is left of an iterator.
    pub(super) fn drain(&mut self, id: Id) -> Result<Vec<Value>, Flow> {
        self.force(id)?;
        match self.obj_mut(id) {
            Obj::Iterator(Iter::Items(items)) => Ok(std::mem::take(items).into()),
            _ => Ok(Vec::new()),
        }
    }

    /// `next(…)` of an iterator; none at its end.
    pub(super) fn next_item(&mut self, id: Id) -> Result<Option<Value>, Flow> {
        self.force(id)?;
        match self.obj_mut(id) {
            Obj::Iterator(Iter::Items(items)) => Ok(items.pop_front()),
            _ => Ok(None),
        }
    }

    /// Runs what was put off, to its end.
    fn force(&mut self, id: Id) -> Result<(), Flow> {
        let empty = Obj::Iterator(Iter::Items(VecDeque::new()));
        let items = match std::mem::replace(self.obj_mut(id), empty) {
            Obj::Generator(pending) => {
                let (result, yielded) = self.resume(pending);
                result?;
                yielded
            }
            Obj::Iterator(Iter::Items(items)) => items.into(),
            Obj::Iterator(Iter::Call { name, arguments }) => self.iterated_call(name, &arguments, Span::default())?,
            Obj::Iterator(Iter::Expression { node, first, scope, module, function }) => {
                self.push_frame(scope, module, function);
                let result = self.comprehend_from(&first, node);
                self.frames.pop();
                result?
            }
            other => {
                *self.obj_mut(id) = other;
                return Ok(());
            }
        };
        *self.obj_mut(id) = Obj::Iterator(Iter::Items(items.into()));
        Ok(())
    }

    fn comprehend_from(&mut self, first: &Value, node: &'a ExprGenerator) -> Result<Vec<Value>, Flow> {
        let place = node.generators.first().map_or_else(|| span(node), |first| span(&first.iter));
        let items = self.iterate(first, place)?;
        self.comprehend_over(Some(items), &node.generators, &node.elt)
    }

    /// The items of `map`, `filter`, `zip`, `enumerate`.
    fn iterated_call(&mut self, name: &str, arguments: &Arguments, place: Span) -> Result<Vec<Value>, Flow> {
        match name {
            "enumerate" => {
                let source = arguments.get(0, "iterable").cloned().unwrap_or(Value::None);
                let items = self.iterate(&source, place)?;
                let start = match arguments.get(1, "start") {
                    Some(Value::Int(start)) => *start,
                    _ => 0,
                };
                Ok((start..).zip(items).map(|(index, item)| self.new_tuple(vec![Value::Int(index), item])).collect())
            }
            "zip" => {
                let mut columns = Vec::new();
                for value in &arguments.positional {
                    columns.push(self.iterate(value, place)?);
                }
                let rows = columns.iter().map(Vec::len).min().unwrap_or(0);
                let row = |at: usize| columns.iter().filter_map(|column| column.get(at).cloned()).collect::<Vec<_>>();
                let rows: Vec<Vec<Value>> = (0..rows).map(row).collect();
                Ok(rows.into_iter().map(|row| self.new_tuple(row)).collect())
            }
            _ => self.map_or_filter(name, arguments, place),
        }
    }

    fn map_or_filter(&mut self, name: &str, arguments: &Arguments, place: Span) -> Result<Vec<Value>, Flow> {
        let function = arguments.positional.first().cloned().unwrap_or(Value::None);
        let mut columns = Vec::new();
        for value in arguments.positional.iter().skip(1) {
            columns.push(self.iterate(value, place)?);
        }
        let rows = columns.iter().map(Vec::len).min().unwrap_or(0);
        let mut results = Vec::new();
        for row in 0..rows {
            let mut given: Vec<Value> = columns.iter().filter_map(|column| column.get(row).cloned()).collect();
            if name == "starmap" {
                given = match given.first().cloned() {
                    Some(tuple) => self.iterate(&tuple, place)?,
                    None => Vec::new(),
                };
            }
            let item = given.first().cloned().unwrap_or(Value::None);
            let result = match function {
                Value::None => item.clone(),
                _ => self.call(&function, Arguments::of(given), place)?,
            };
            if name != "filter" {
                results.push(result);
            } else if self.truth(&result, place)? {
                results.push(item);
            }
        }
        Ok(results)
    }
}
