//! Comparisons.

use ruff_python_ast::{CmpOp, ExprCompare};

use super::{Eval, Flow, Machine, Obj, Value, span};
use crate::diagnostic::Span;
use crate::python::data::{Kind, Native, What};

impl<'a> Machine<'a, '_> {
    pub(super) fn compare(&mut self, node: &'a ExprCompare) -> Eval {
        let mut left = self.eval(&node.left)?;
        let last = node.ops.len().saturating_sub(1);
        for (index, (op, right)) in node.ops.iter().zip(node.comparators.iter()).enumerate() {
            let right = self.eval(right)?;
            let outcome = self.compare_pair(&left, *op, &right, span(node))?;
            if index == last {
                return Ok(outcome);
            }
            if !self.truth(&outcome, span(node))? {
                return Ok(Value::Bool(false));
            }
            left = right;
        }
        Ok(Value::Bool(true))
    }

    fn compare_pair(&mut self, left: &Value, op: CmpOp, right: &Value, place: Span) -> Eval {
        let answer = match op {
            CmpOp::Eq => self.equal(left, right),
            CmpOp::NotEq => self.equal(left, right).map(|equal| !equal),
            CmpOp::Is => self.identical(left, right),
            CmpOp::IsNot => self.identical(left, right).map(|same| !same),
            CmpOp::In => self.contains(right, left, place)?,
            CmpOp::NotIn => self.contains(right, left, place)?.map(|inside| !inside),
            CmpOp::Lt => order(left, right).map(std::cmp::Ordering::is_lt),
            CmpOp::LtE => order(left, right).map(std::cmp::Ordering::is_le),
            CmpOp::Gt => order(left, right).map(std::cmp::Ordering::is_gt),
            CmpOp::GtE => order(left, right).map(std::cmp::Ordering::is_ge),
        };
        Ok(answer.map_or_else(|| self.made(Kind::Bool, "a comparison"), Value::Bool))
    }

    /// Whether two values are equal; none where that is not known.
    pub(super) fn equal(&self, left: &Value, right: &Value) -> Option<bool> {
        match (left, right) {
            (Value::Int(one), Value::Bool(two)) | (Value::Bool(two), Value::Int(one)) => Some(*one == i64::from(*two)),
            (Value::Int(_) | Value::Float(_), Value::Int(_) | Value::Float(_)) => order(left, right).map(|o| o.is_eq()),
            (Value::Symbol(one), Value::Symbol(two)) if one == two => Some(true),
            (Value::Symbol(symbol), other) | (other, Value::Symbol(symbol)) => self.symbol_equals(symbol, other),
            (Value::Ref(one), Value::Ref(two)) if one == two => Some(true),
            (Value::Ref(one), Value::Ref(two)) => match (self.obj(*one), self.obj(*two)) {
                (Obj::Dict(_), Obj::Dict(_)) | (Obj::List(_), Obj::List(_)) | (Obj::Tuple(_), Obj::Tuple(_)) => {
                    let (one, two) = (self.snapshot(left), self.snapshot(right));
                    if one.same_as(&two) {
                        return Some(true);
                    }
                    let symbolic = |data: &crate::python::data::Data| data.any(&mut |part| part.what().is_some());
                    (!symbolic(&one) && !symbolic(&two)).then_some(false)
                }
                (Obj::Instance { .. }, _) | (_, Obj::Instance { .. }) | (Obj::Set(_), Obj::Set(_)) => None,
                _ => Some(false),
            },
            (Value::Native(one), Value::Native(two)) => match (&**one, &**two) {
                (Native::Lib(one), Native::Lib(two)) => (one == two).then_some(true),
                (one, two) => Some(one == two),
            },
            _ => Some(left == right),
        }
    }

    fn symbol_equals(&self, symbol: &crate::python::data::Symbol, other: &Value) -> Option<bool> {
        let set = match &symbol.what {
            What::Env(name) => self.is_set(name),
            What::Unknown(..) => false,
            What::Made(..) => symbol.kind != Kind::Any,
            _ => true,
        };
        match other {
            Value::None => set.then_some(false),
            Value::Str(text) if text.is_empty() => match &symbol.what {
                What::Json(_) | What::Repr(_) | What::Input(_) => Some(false),
                What::Env(name) => self.is_set(name).then_some(false),
                _ => None,
            },
            Value::Str(_) => (symbol.kind == Kind::Number).then_some(false),
            Value::Int(_) | Value::Float(_) | Value::Bool(_) => (symbol.kind == Kind::Str).then_some(false),
            Value::Ref(id) if matches!(self.obj(*id), Obj::Dict(_)) => (symbol.kind != Kind::Any).then_some(false),
            _ => None,
        }
    }

    fn identical(&self, left: &Value, right: &Value) -> Option<bool> {
        match (left, right) {
            (Value::Ref(one), Value::Ref(two)) => Some(one == two),
            _ => self.equal(left, right),
        }
    }

    fn contains(&mut self, container: &Value, item: &Value, place: Span) -> Result<Option<bool>, Flow> {
        if let (Some(text), Some(part)) = (container.as_str(), item.as_str()) {
            return Ok(Some(text.contains(part)));
        }
        if let Value::Native(native) = container {
            return Ok(match (&**native, item.as_str()) {
                (Native::Environ, Some(name)) => self.env_presence(name),
                _ => None,
            });
        }
        let items = match self.value_obj(container) {
            Some(Obj::Dict(dict)) => {
                let open = dict.open;
                let keys: Vec<Value> = dict.entries.iter().map(|(key, _)| key.clone()).collect();
                let known = self.any_equal(&keys, item);
                return Ok(if open && known == Some(false) { None } else { known });
            }
            Some(Obj::List(items) | Obj::Tuple(items) | Obj::Set(items)) => items.clone(),
            Some(Obj::Generator(_) | Obj::Iterator(_) | Obj::Event(_)) => self.iterate(container, place)?,
            Some(_) => return Ok(None),
            None if matches!(container, Value::Symbol(_) | Value::Str(_)) => return Ok(None),
            None => {
                let message = format!("argument of type '{}' is not iterable", self.type_name(container));
                return self.raise("TypeError", &message, place);
            }
        };
        Ok(self.any_equal(&items, item))
    }

    pub(super) fn any_equal(&self, items: &[Value], wanted: &Value) -> Option<bool> {
        let mut answer = Some(false);
        for item in items {
            match self.equal(item, wanted) {
                Some(true) => return Some(true),
                Some(false) => {}
                None => answer = None,
            }
        }
        answer
    }
}

fn order(left: &Value, right: &Value) -> Option<std::cmp::Ordering> {
    match (left, right) {
        (Value::Int(one), Value::Int(two)) => Some(one.cmp(two)),
        (Value::Str(one), Value::Str(two)) => Some(one.cmp(two)),
        (Value::Float(one), Value::Float(two)) => one.partial_cmp(two),
        #[expect(clippy::cast_precision_loss, reason = "Python compares an int with a float by value")]
        (Value::Int(one), Value::Float(two)) => (*one as f64).partial_cmp(two),
        #[expect(clippy::cast_precision_loss, reason = "Python compares an int with a float by value")]
        (Value::Float(one), Value::Int(two)) => one.partial_cmp(&(*two as f64)),
        _ => None,
    }
}
