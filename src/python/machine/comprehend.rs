//! Comprehensions.

use ruff_python_ast::{Comprehension, Expr, ExprDictComp};

use super::{Eval, Flow, Machine, Obj, Scope, Value, span};

impl<'a> Machine<'a, '_> {
    pub(super) fn comprehend(
        &mut self,
        generators: &'a [Comprehension],
        element: &'a Expr,
    ) -> Result<Vec<Value>, Flow> {
        self.comprehend_over(None, generators, element)
    }

    /// As [`Self::comprehend`], over items of the first iterable that are there already.
    pub(super) fn comprehend_over(
        &mut self,
        first: Option<Vec<Value>>,
        generators: &'a [Comprehension],
        element: &'a Expr,
    ) -> Result<Vec<Value>, Flow> {
        let mut items = Vec::new();
        self.in_own_scope(|machine| {
            machine.rounds(first, generators, &mut |machine| {
                let value = machine.eval(element)?;
                items.push(value);
                Ok(())
            })
        })?;
        Ok(items)
    }

    pub(super) fn dict_comprehension(&mut self, node: &'a ExprDictComp) -> Eval {
        let result = self.new_dict(Vec::new());
        self.in_own_scope(|machine| {
            machine.rounds(None, &node.generators, &mut |machine| {
                let Some(key) = &node.key else { return Ok(()) };
                let place = span(&**key);
                let key = machine.eval(key)?;
                let value = machine.eval(&node.value)?;
                machine.set_item(&result, key, value, place)
            })
        })?;
        Ok(result)
    }

    fn in_own_scope(&mut self, run: impl FnOnce(&mut Self) -> Result<(), Flow>) -> Result<(), Flow> {
        let parent = self.scope();
        let scope = self.alloc_id(Obj::Scope(Scope { parent: Some(parent), ..Scope::default() }));
        if let Some(frame) = self.frames.last_mut() {
            frame.scope = scope;
        }
        let result = run(self);
        if let Some(frame) = self.frames.last_mut() {
            frame.scope = parent;
        }
        result
    }

    fn rounds(
        &mut self,
        items: Option<Vec<Value>>,
        generators: &'a [Comprehension],
        each: &mut dyn FnMut(&mut Self) -> Result<(), Flow>,
    ) -> Result<(), Flow> {
        let Some((first, rest)) = generators.split_first() else { return each(self) };
        let items = match items {
            Some(items) => items,
            None => {
                let iterable = self.eval(&first.iter)?;
                self.iterate(&iterable, span(&first.iter))?
            }
        };
        for item in items {
            self.step(span(&first.iter))?;
            self.assign(&first.target, item)?;
            let mut wanted = true;
            for condition in &first.ifs {
                if !self.test(condition)? {
                    wanted = false;
                    break;
                }
            }
            if wanted {
                self.rounds(None, rest, each)?;
            }
        }
        Ok(())
    }
}
