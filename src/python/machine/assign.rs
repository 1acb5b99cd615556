//! Assignment to names, attributes, items and unpacked targets.

use ruff_python_ast::{Expr, StmtAnnAssign, StmtAugAssign};

use super::{Flow, Machine, Obj, Value, span};
use crate::python::data::Kind;

type Exec = Result<(), Flow>;

impl<'a> Machine<'a, '_> {
    pub(super) fn assign(&mut self, target: &'a Expr, value: Value) -> Exec {
        let place = span(target);
        match target {
            Expr::Name(name) => {
                self.bind(name.id.as_str(), value);
                Ok(())
            }
            Expr::Attribute(attribute) => {
                let object = self.eval(&attribute.value)?;
                self.set_attribute(&object, attribute.attr.as_str(), value, place)
            }
            Expr::Subscript(subscript) => {
                let object = self.eval(&subscript.value)?;
                let key = self.eval(&subscript.slice)?;
                self.set_item(&object, key, value, place)
            }
            Expr::Tuple(tuple) => self.unpack(&tuple.elts, &value, place),
            Expr::List(list) => self.unpack(&list.elts, &value, place),
            Expr::Starred(starred) => self.assign(&starred.value, value),
            _ => Ok(()),
        }
    }

    fn unpack(&mut self, targets: &'a [Expr], value: &Value, place: crate::diagnostic::Span) -> Exec {
        if value.kind() == Some(Kind::Any) {
            for target in targets {
                let part = self.part_of(value, "item");
                self.assign(target, part)?;
            }
            return Ok(());
        }
        let items = self.iterate(value, place)?;
        let star = targets.iter().position(|target| matches!(target, Expr::Starred(_)));
        let fixed = targets.len() - usize::from(star.is_some());
        if items.len() < fixed || (star.is_none() && items.len() != fixed) {
            let message = format!("cannot unpack {} values into {} names", items.len(), targets.len());
            return self.raise("ValueError", &message, place);
        }
        let surplus = items.len() - fixed;
        let mut items = items.into_iter();
        for target in targets {
            if matches!(target, Expr::Starred(_)) {
                let rest = items.by_ref().take(surplus).collect();
                let rest = self.new_list(rest);
                self.assign(target, rest)?;
            } else if let Some(item) = items.next() {
                self.assign(target, item)?;
            }
        }
        Ok(())
    }

    pub(super) fn annotated(&mut self, node: &'a StmtAnnAssign) -> Exec {
        // Of a function's own variables, Python does not evaluate the hints.
        if self.frame().is_some_and(|frame| frame.function.is_none()) {
            self.annotation(&node.annotation)?;
        }
        match &node.value {
            Some(value) => {
                let value = self.eval(value)?;
                self.assign(&node.target, value)
            }
            None => Ok(()),
        }
    }

    pub(super) fn augmented(&mut self, node: &'a StmtAugAssign) -> Exec {
        let current = self.eval(&node.target)?;
        let operand = self.eval(&node.value)?;
        let place = span(node);
        if node.op == ruff_python_ast::Operator::Add
            && let Value::Ref(id) = current
            && matches!(self.obj(id), Obj::List(_))
        {
            let more = self.iterate(&operand, place)?;
            self.spend(more.len());
            if let Obj::List(items) = self.obj_mut(id) {
                items.extend(more);
            }
            return Ok(());
        }
        if node.op == ruff_python_ast::Operator::BitOr && self.dict(&current).is_some() {
            return self.update_dict(&current, &operand, place);
        }
        let value = self.binary(&current, node.op, &operand, place)?;
        self.assign(&node.target, value)
    }

    pub(super) fn delete(&mut self, target: &'a Expr) -> Exec {
        let place = span(target);
        match target {
            Expr::Name(name) => self.unbind(name.id.as_str(), place),
            Expr::Subscript(subscript) => {
                let object = self.eval(&subscript.value)?;
                let key = self.eval(&subscript.slice)?;
                self.delete_item(&object, &key, place)
            }
            Expr::Tuple(tuple) => tuple.elts.iter().try_for_each(|target| self.delete(target)),
            Expr::Attribute(attribute) => {
                let object = self.eval(&attribute.value)?;
                if let Value::Ref(id) = object
                    && let Obj::Instance { attributes, .. } = self.obj_mut(id)
                {
                    attributes.retain(|(name, _)| &**name != attribute.attr.as_str());
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    pub(super) fn set_attribute(
        &mut self,
        object: &Value,
        name: &str,
        value: Value,
        place: crate::diagnostic::Span,
    ) -> Exec {
        let Value::Ref(id) = object else {
            return match object {
                Value::Native(_) | Value::Symbol(_) => Ok(()),
                _ => {
                    let message = format!("'{}' object has no attribute '{name}'", self.type_name(object));
                    self.raise("AttributeError", &message, place)
                }
            };
        };
        match self.obj_mut(*id) {
            Obj::Instance { attributes, .. } => put(attributes, name, value),
            Obj::Class(class) => put(&mut class.attributes, name, value),
            Obj::Module(module) => {
                let module = *module;
                if let Some(scope) = self.modules.get(module).map(|module| module.scope) {
                    self.bind_in(scope, name, value);
                }
            }
            Obj::Dict(_) | Obj::List(_) | Obj::Tuple(_) | Obj::Set(_) => {
                let message = format!("'{}' object has no attribute '{name}'", self.type_name(object));
                return self.raise("AttributeError", &message, place);
            }
            _ => {}
        }
        Ok(())
    }
}

pub(super) fn put(attributes: &mut Vec<(std::rc::Rc<str>, Value)>, name: &str, value: Value) {
    match attributes.iter_mut().find(|(key, _)| &**key == name) {
        Some((_, slot)) => *slot = value,
        None => attributes.push((name.into(), value)),
    }
}
