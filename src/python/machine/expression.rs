//! Expressions.

use ruff_python_ast::{self as ast, Expr, UnaryOp};

use super::{Eval, Func, Machine, Node, Obj, Value, span};
use crate::diagnostic::Span;
use crate::python::data::{Data, Kind, What};

/// Room that one level of evaluation may need, and what is added when there is less.
const RED_ZONE: usize = 128 * 1024;
const MORE_STACK: usize = 2 * 1024 * 1024;

impl<'a> Machine<'a, '_> {
    pub(super) fn eval(&mut self, expr: &'a Expr) -> Eval {
        stacker::maybe_grow(RED_ZONE, MORE_STACK, || self.eval_here(expr))
    }

    fn eval_here(&mut self, expr: &'a Expr) -> Eval {
        let place = span(expr);
        self.step(place)?;
        match expr {
            Expr::NoneLiteral(_) => Ok(Value::None),
            Expr::BooleanLiteral(node) => Ok(Value::Bool(node.value)),
            Expr::NumberLiteral(node) => Ok(self.number(&node.value)),
            Expr::StringLiteral(node) => Ok(Value::str(node.value.to_str())),
            Expr::BytesLiteral(_) => Ok(self.made(Kind::Bytes, "bytes")),
            Expr::EllipsisLiteral(_) => Ok(self.made(Kind::Any, "...")),
            Expr::FString(node) => self.fstring(node),
            Expr::Name(node) => self.lookup(node.id.as_str(), place),
            Expr::Attribute(node) => {
                let object = self.eval(&node.value)?;
                self.attribute(&object, node.attr.as_str(), place)
            }
            Expr::Subscript(node) => self.subscript(node),
            Expr::Call(node) => self.call_expression(node),
            Expr::Dict(node) => self.dict_display(node),
            Expr::List(node) => {
                let items = self.items(&node.elts)?;
                Ok(self.new_list(items))
            }
            Expr::Tuple(node) => {
                let items = self.items(&node.elts)?;
                Ok(self.new_tuple(items))
            }
            Expr::Set(node) => {
                let items = self.items(&node.elts)?;
                Ok(self.alloc(Obj::Set(items)))
            }
            Expr::BoolOp(node) => self.bool_op(node),
            Expr::UnaryOp(node) => self.unary(node),
            Expr::BinOp(node) => {
                let left = self.eval(&node.left)?;
                let right = self.eval(&node.right)?;
                self.binary(&left, node.op, &right, place)
            }
            Expr::Compare(node) => self.compare(node),
            Expr::If(node) => {
                if self.test(&node.test)? {
                    self.eval(&node.body)
                } else {
                    self.eval(&node.orelse)
                }
            }
            Expr::Named(node) => {
                let value = self.eval(&node.value)?;
                self.assign(&node.target, value.clone())?;
                Ok(value)
            }
            Expr::Lambda(node) => self.lambda(node),
            Expr::ListComp(node) => {
                let items = self.comprehend(&node.generators, &node.elt)?;
                Ok(self.new_list(items))
            }
            Expr::Generator(node) => self.generator_expression(node),
            Expr::SetComp(node) => {
                let items = self.comprehend(&node.generators, &node.elt)?;
                Ok(self.alloc(Obj::Set(items)))
            }
            Expr::DictComp(node) => self.dict_comprehension(node),
            Expr::Await(node) => {
                let value = self.eval(&node.value)?;
                self.awaited(&value, place)
            }
            Expr::Yield(node) => {
                let value = match &node.value {
                    Some(value) => self.eval(value)?,
                    None => Value::None,
                };
                if let Some((node, index, slot)) = self.frames.last_mut().and_then(|frame| frame.managed.take()) {
                    return self.managed_block(value, node, index, slot);
                }
                if let Some(frame) = self.frames.last_mut() {
                    frame.yielded.push(value);
                }
                Ok(Value::None)
            }
            Expr::YieldFrom(node) => {
                let value = self.eval(&node.value)?;
                let items = self.iterate(&value, place)?;
                if let Some(frame) = self.frames.last_mut() {
                    frame.yielded.extend(items);
                }
                Ok(Value::None)
            }
            Expr::Starred(node) => self.eval(&node.value),
            Expr::Slice(node) => self.slice_bounds(node),
            Expr::TString(_) | Expr::IpyEscapeCommand(_) => Ok(self.unknown("a template string")),
        }
    }

    fn number(&mut self, number: &ast::Number) -> Value {
        match number {
            ast::Number::Int(value) => value.as_i64().map_or_else(|| self.made(Kind::Number, "number"), Value::Int),
            ast::Number::Float(value) => Value::Float(*value),
            ast::Number::Complex { .. } => self.made(Kind::Number, "complex"),
        }
    }

    /// The elements of a display, starred ones spread.
    pub(super) fn items(&mut self, elements: &'a [Expr]) -> Result<Vec<Value>, super::Flow> {
        let mut items = Vec::with_capacity(elements.len());
        for element in elements {
            if let Expr::Starred(starred) = element {
                let value = self.eval(&starred.value)?;
                items.extend(self.iterate(&value, span(element))?);
            } else {
                items.push(self.eval(element)?);
            }
        }
        Ok(items)
    }

    fn dict_display(&mut self, node: &'a ast::ExprDict) -> Eval {
        let result = self.new_dict(Vec::new());
        for item in &node.items {
            match &item.key {
                Some(key) => {
                    let key = self.eval(key)?;
                    let value = self.eval(&item.value)?;
                    self.set_item(&result, key, value, span(&item.value))?;
                }
                None => {
                    let spread = self.eval(&item.value)?;
                    self.update_dict(&result, &spread, span(&item.value))?;
                }
            }
        }
        Ok(result)
    }

    fn bool_op(&mut self, node: &'a ast::ExprBoolOp) -> Eval {
        let stops_at = node.op == ast::BoolOp::Or;
        let mut result = Value::None;
        for (index, operand) in node.values.iter().enumerate() {
            result = self.eval(operand)?;
            if index + 1 < node.values.len() && self.truth(&result, span(operand))? == stops_at {
                break;
            }
        }
        Ok(result)
    }

    fn unary(&mut self, node: &'a ast::ExprUnaryOp) -> Eval {
        let operand = self.eval(&node.operand)?;
        match (node.op, &operand) {
            (UnaryOp::Not, _) => match self.known_truth(&operand) {
                Some(answer) => Ok(Value::Bool(!answer)),
                None => Ok(Value::Bool(!self.truth(&operand, span(node))?)),
            },
            (UnaryOp::USub, Value::Int(value)) => Ok(value.checked_neg().map_or(Value::Float(0.0), Value::Int)),
            (UnaryOp::USub, Value::Float(value)) => Ok(Value::Float(-value)),
            (UnaryOp::UAdd, Value::Int(_) | Value::Float(_)) => Ok(operand),
            (UnaryOp::Invert, Value::Int(value)) => Ok(Value::Int(!value)),
            _ => Ok(self.made(Kind::Number, "number")),
        }
    }

    fn lambda(&mut self, node: &'a ast::ExprLambda) -> Eval {
        let defaults = match &node.parameters {
            Some(parameters) => self.defaults(parameters)?,
            None => Vec::new(),
        };
        let func = Func {
            name: super::ANONYMOUS.into(),
            node: Node::Lambda(node),
            defaults,
            closure: self.scope(),
            module: self.frame().map_or(0, |frame| frame.module),
            span: span(node),
            locals: std::rc::Rc::default(),
            generator: false,
            class: None,
        };
        Ok(self.alloc(Obj::Func(func)))
    }

    fn fstring(&mut self, node: &'a ast::ExprFString) -> Eval {
        let mut parts = Vec::new();
        for part in node.value.iter() {
            match part {
                ast::FStringPart::Literal(literal) => parts.push(Value::str(&literal.value)),
                ast::FStringPart::FString(fstring) => {
                    for element in &fstring.elements {
                        match element {
                            ast::InterpolatedStringElement::Literal(literal) => parts.push(Value::str(&literal.value)),
                            ast::InterpolatedStringElement::Interpolation(hole) => {
                                let value = self.eval(&hole.expression)?;
                                let repr = hole.conversion == ast::ConversionFlag::Repr;
                                let text = self.text_of(&value, repr, span(&*hole.expression))?;
                                let shaped = hole.format_spec.as_ref().is_some_and(|spec| !spec.elements.is_empty());
                                let known = matches!(text, Value::Str(_));
                                parts.push(if shaped && known { self.made(Kind::Str, "text") } else { text });
                            }
                        }
                    }
                }
            }
        }
        Ok(self.joined(&parts))
    }

    fn slice_bounds(&mut self, node: &'a ast::ExprSlice) -> Eval {
        let mut bounds = Vec::with_capacity(3);
        for bound in [&node.lower, &node.upper, &node.step] {
            bounds.push(match bound {
                Some(bound) => self.eval(bound)?,
                None => Value::None,
            });
        }
        Ok(self.new_tuple(bounds))
    }

    fn subscript(&mut self, node: &'a ast::ExprSubscript) -> Eval {
        let object = self.eval(&node.value)?;
        let key = self.eval(&node.slice)?;
        if matches!(&*node.slice, Expr::Slice(_)) {
            return self.slice(&object, &key, span(node));
        }
        let place = if key.as_str().is_some() { span(&*node.slice) } else { span(node) };
        self.item(&object, &key, place)
    }

    /// A part of a symbolic value, itself symbolic: the same part each time.
    pub(super) fn part_of(&mut self, whole: &Value, part: &str) -> Value {
        match whole.what() {
            Some(What::Input(path)) => Value::symbol(Kind::Any, What::Input(format!("{path}.{part}").into())),
            Some(What::Made(label, serial)) => {
                Value::symbol(Kind::Any, What::Made(format!("{label}.{part}").into(), *serial))
            }
            Some(What::Unknown(label, serial)) => {
                Value::symbol(Kind::Any, What::Unknown(format!("{label}.{part}").into(), *serial))
            }
            _ => self.unknown(part),
        }
    }

    /// The text that `str(value)` gives.
    pub(super) fn text_of(&mut self, value: &Value, repr: bool, place: Span) -> Eval {
        if !repr {
            match value {
                Value::Str(_) => return Ok(value.clone()),
                Value::Symbol(symbol) if symbol.kind == Kind::Str => return Ok(value.clone()),
                _ => {}
            }
        }
        let text = match value {
            Value::None => "None".to_owned(),
            Value::Bool(true) => "True".to_owned(),
            Value::Bool(false) => "False".to_owned(),
            Value::Int(value) => value.to_string(),
            Value::Str(text) if !text.contains(['\'', '\\', '\n', '\t', '\r']) => format!("'{text}'"),
            _ => {
                if let Some(method) = self.special(value, "__str__") {
                    return self.call(&method, super::Arguments::default(), place);
                }
                let data = self.snapshot(value);
                if let Data::Symbol(symbol) = &data
                    && matches!(symbol.what, What::Unknown(..))
                {
                    return Ok(self.unknown("text"));
                }
                return Ok(Value::symbol(Kind::Str, What::Repr(data)));
            }
        };
        Ok(Value::Str(text.into()))
    }
}
