//! Which parameter gets which argument, and what Python says where they do not fit.

use std::rc::Rc;

use super::{Arguments, Flow, Id, Machine, Node, Obj, Value};
use crate::diagnostic::Span;

impl Machine<'_, '_> {
    pub(super) fn bind_parameters(
        &mut self,
        id: Id,
        arguments: Arguments,
        place: Span,
    ) -> Result<Vec<(Rc<str>, Value)>, Flow> {
        let Obj::Func(func) = self.obj(id) else { return Ok(Vec::new()) };
        let (name, node, defaults) = (func.name.clone(), func.node, func.defaults.clone());
        let parameters = match node {
            Node::Def(def) => Some(&*def.parameters),
            Node::Lambda(lambda) => lambda.parameters.as_deref(),
        };
        let Arguments { positional, mut keywords, open, .. } = arguments;
        let mut bound: Vec<(Rc<str>, Value)> = Vec::new();
        let Some(parameters) = parameters else {
            if positional.is_empty() && keywords.is_empty() {
                return Ok(bound);
            }
            return self.raise("TypeError", &format!("{name}() takes no arguments"), place);
        };
        let mut given = positional.into_iter();
        let mut missing: Vec<&str> = Vec::new();
        let positional_count = parameters.posonlyargs.len() + parameters.args.len();
        for (index, parameter) in parameters.iter_non_variadic_params().enumerate() {
            let key = parameter.parameter.name.as_str();
            let keyword_at = keywords.iter().position(|(name, _)| &**name == key);
            let value = match (index < positional_count).then(|| given.next()).flatten() {
                Some(_) if keyword_at.is_some() => {
                    let message = format!("{name}() got multiple values for argument '{key}'");
                    return self.raise("TypeError", &message, place);
                }
                Some(value) => value,
                None => match keyword_at {
                    Some(at) => keywords.remove(at).1,
                    None => match defaults.iter().find(|(name, _)| &**name == key) {
                        Some((_, value)) => value.clone(),
                        None if open => self.unknown(key),
                        None => {
                            missing.push(key);
                            continue;
                        }
                    },
                },
            };
            bound.push((key.into(), value));
        }
        let rest: Vec<Value> = given.collect();
        match &parameters.vararg {
            Some(vararg) => {
                let rest = self.new_tuple(rest);
                bound.push((vararg.name.as_str().into(), rest));
            }
            None if !rest.is_empty() => {
                let given = positional_count + rest.len();
                let message = format!("{name}() takes {positional_count} arguments and is given {given}");
                return self.raise("TypeError", &message, place);
            }
            None => {}
        }
        if !missing.is_empty() {
            let message = format!("{name}() is called without its argument '{}'", missing.join("', '"));
            return self.raise("TypeError", &message, place);
        }
        match &parameters.kwarg {
            Some(kwarg) => {
                let rest = keywords.into_iter().map(|(key, value)| (Value::Str(key), value)).collect();
                let rest = self.new_dict(rest);
                bound.push((kwarg.name.as_str().into(), rest));
            }
            None => {
                if let Some((key, _)) = keywords.first() {
                    let message = format!("{name}() has no parameter '{key}'");
                    return self.raise("TypeError", &message, place);
                }
            }
        }
        Ok(bound)
    }

    /// Names of the parameters that a caller must give.
    pub(super) fn required_parameters(&self, callee: &Value) -> Vec<String> {
        let Some(Obj::Func(func)) = self.value_obj(callee) else { return vec!["argument".to_owned()] };
        let parameters = match func.node {
            Node::Def(def) => Some(&*def.parameters),
            Node::Lambda(lambda) => lambda.parameters.as_deref(),
        };
        let Some(parameters) = parameters else { return Vec::new() };
        let positional = parameters.posonlyargs.iter().chain(&parameters.args);
        positional
            .filter(|parameter| parameter.default.is_none())
            .map(|parameter| parameter.parameter.name.to_string())
            .collect()
    }

    /// Whether the function takes any positional argument.
    pub(super) fn takes_positional(&self, callee: &Value) -> bool {
        let Some(Obj::Func(func)) = self.value_obj(callee) else { return true };
        let parameters = match func.node {
            Node::Def(def) => Some(&*def.parameters),
            Node::Lambda(lambda) => lambda.parameters.as_deref(),
        };
        parameters.is_some_and(|parameters| {
            !parameters.args.is_empty() || !parameters.posonlyargs.is_empty() || parameters.vararg.is_some()
        })
    }
}
