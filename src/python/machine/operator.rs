//! Binary operators.

use ruff_python_ast::Operator;

use super::{Eval, Machine, Obj, Value};
use crate::diagnostic::Span;
use crate::python::data::{Kind, Native};

impl Machine<'_, '_> {
    pub(super) fn binary(&mut self, left: &Value, op: Operator, right: &Value, place: Span) -> Eval {
        match (op, left, right) {
            (Operator::Add, _, _) if left.is_text() && right.is_text() => {
                Ok(self.joined(&[left.clone(), right.clone()]))
            }
            (Operator::Mod, _, _) if left.is_text() => self.percent(left, right, place),
            (Operator::Mult, Value::Str(text), Value::Int(count)) => {
                let count = usize::try_from(*count).unwrap_or(0);
                if text.len().saturating_mul(count) > 10_000 {
                    return Ok(self.made(Kind::Str, "text"));
                }
                self.spend(text.len() * count / 16);
                Ok(Value::Str(text.repeat(count).into()))
            }
            (_, Value::Int(left), Value::Int(right)) => self.integers(*left, op, *right, place),
            (_, Value::Float(_) | Value::Int(_), Value::Float(_) | Value::Int(_)) => {
                Ok(self.made(Kind::Number, "number"))
            }
            (Operator::BitOr, _, _) if self.dict(left).is_some() && self.dict(right).is_some() => {
                let copy = self.copy_of(left);
                self.update_dict(&copy, right, place)?;
                Ok(copy)
            }
            (Operator::Sub | Operator::BitAnd | Operator::BitOr, Value::Ref(one), Value::Ref(two))
                if matches!(self.obj(*one), Obj::Set(_)) || matches!(self.obj(*two), Obj::Set(_)) =>
            {
                Ok(self.set_operation(op, left, right).unwrap_or_else(|| self.unknown("a set")))
            }
            (Operator::Add, Value::Ref(one), Value::Ref(two)) => match (self.obj(*one), self.obj(*two)) {
                (Obj::List(one), Obj::List(two)) if one.len() + two.len() > 10_000 => Ok(self.unknown("a long list")),
                (Obj::List(one), Obj::List(two)) => {
                    let items = one.iter().chain(two).cloned().collect();
                    Ok(self.new_list(items))
                }
                (Obj::Tuple(one), Obj::Tuple(two)) => {
                    let items = one.iter().chain(two).cloned().collect();
                    Ok(self.new_tuple(items))
                }
                _ => self.unsupported(left, op, right, place),
            },
            _ if self.is_open_ended(left) || self.is_open_ended(right) => Ok(self.result_of(left, op, right)),
            _ => self.unsupported(left, op, right, place),
        }
    }

    /// `-`, `&` and `|` of sets; none where it is not known which items are equal.
    pub(super) fn set_operation(&mut self, op: Operator, left: &Value, right: &Value) -> Option<Value> {
        let items = |value: &Value| match self.value_obj(value) {
            Some(Obj::Set(items) | Obj::List(items) | Obj::Tuple(items)) => Some(items.clone()),
            Some(Obj::Dict(dict)) if !dict.open => Some(dict.entries.iter().map(|(key, _)| key.clone()).collect()),
            _ => None,
        };
        let (one, two) = (items(left)?, items(right)?);
        let mut result = if op == Operator::BitOr { two.clone() } else { Vec::new() };
        for item in one {
            let inside = self.any_equal(&two, &item)?;
            if inside == (op == Operator::BitAnd) {
                result.push(item);
            }
        }
        Some(self.alloc(Obj::Set(result)))
    }

    /// Whether an operator on the value may well be defined.
    fn is_open_ended(&self, value: &Value) -> bool {
        match value {
            Value::Symbol(symbol) => symbol.kind != Kind::Str,
            Value::Native(native) => matches!(&**native, Native::Lib(_) | Native::Builtin(_) | Native::ErrorType(_)),
            Value::Ref(id) => {
                matches!(self.obj(*id), Obj::Instance { .. } | Obj::Set(_) | Obj::Class(_) | Obj::List(_))
            }
            _ => false,
        }
    }

    fn result_of(&mut self, left: &Value, op: Operator, right: &Value) -> Value {
        let kinds = (left.kind(), right.kind());
        if kinds.0 == Some(Kind::Time) || kinds.1 == Some(Kind::Time) {
            return self.made(Kind::Time, "time");
        }
        let unknown = |value: &Value| matches!(value.what(), Some(crate::python::data::What::Unknown(..)));
        if unknown(left) || unknown(right) {
            return self.unknown("an expression");
        }
        let number = op != Operator::Add && op != Operator::BitOr && op != Operator::Mod;
        self.made(if number { Kind::Number } else { Kind::Any }, "an expression")
    }

    fn integers(&mut self, left: i64, op: Operator, right: i64, place: Span) -> Eval {
        let result = match op {
            Operator::Add => left.checked_add(right),
            Operator::Sub => left.checked_sub(right),
            Operator::Mult => left.checked_mul(right),
            Operator::FloorDiv | Operator::Mod | Operator::Div if right == 0 => {
                return self.raise("ZeroDivisionError", "division by zero", place);
            }
            Operator::FloorDiv => left.checked_div_euclid(right).filter(|_| right > 0),
            Operator::Mod => left.checked_rem_euclid(right).filter(|_| right > 0),
            Operator::BitAnd => Some(left & right),
            Operator::BitOr => Some(left | right),
            Operator::BitXor => Some(left ^ right),
            Operator::Pow => u32::try_from(right).ok().and_then(|right| left.checked_pow(right)),
            Operator::LShift => {
                u32::try_from(right).ok().filter(|right| *right < 62).and_then(|right| left.checked_mul(1 << right))
            }
            Operator::RShift => u32::try_from(right).ok().map(|right| left >> right.min(63)),
            Operator::Div | Operator::MatMult => None,
        };
        Ok(result.map_or_else(|| self.made(Kind::Number, "number"), Value::Int))
    }

    fn unsupported(&mut self, left: &Value, op: Operator, right: &Value, place: Span) -> Eval {
        let (one, two) = (self.type_name(left), self.type_name(right));
        let message = match op {
            Operator::Add if one == "str" => format!("can only concatenate str (not \"{two}\") to str"),
            _ => format!("unsupported operand types for {}: '{one}' and '{two}'", op.as_str()),
        };
        self.raise("TypeError", &message, place)
    }
}
