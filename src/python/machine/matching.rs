//! `match` statements.

use ruff_python_ast::{Pattern, Singleton, StmtMatch};

use super::{Flow, Machine, Obj, Value, span};

impl<'a> Machine<'a, '_> {
    pub(super) fn match_(&mut self, node: &'a StmtMatch) -> Result<(), Flow> {
        let subject = self.eval(&node.subject)?;
        for case in &node.cases {
            let matches = match self.matches(&case.pattern, &subject)? {
                Some(answer) => answer,
                None => {
                    self.supposed.push(self.at(span(&case.pattern)));
                    self.choose(2) == 0
                }
            };
            if !matches {
                continue;
            }
            if let Some(guard) = &case.guard
                && !self.test(guard)?
            {
                continue;
            }
            return self.block(&case.body);
        }
        Ok(())
    }

    /// Whether the subject has the pattern's shape, binding its names; none where that is not known.
    fn matches(&mut self, pattern: &'a Pattern, subject: &Value) -> Result<Option<bool>, Flow> {
        match pattern {
            Pattern::MatchValue(node) => {
                let value = self.eval(&node.value)?;
                Ok(self.equal(subject, &value))
            }
            Pattern::MatchSingleton(node) => {
                let value = match node.value {
                    Singleton::None => Value::None,
                    Singleton::True => Value::Bool(true),
                    Singleton::False => Value::Bool(false),
                };
                Ok(self.equal(subject, &value))
            }
            Pattern::MatchAs(node) => {
                let answer = match &node.pattern {
                    Some(pattern) => self.matches(pattern, subject)?,
                    None => Some(true),
                };
                if let Some(name) = &node.name {
                    self.bind(name.as_str(), subject.clone());
                }
                Ok(answer)
            }
            Pattern::MatchOr(node) => {
                let mut answer = Some(false);
                for pattern in &node.patterns {
                    match self.matches(pattern, subject)? {
                        Some(true) => return Ok(Some(true)),
                        Some(false) => {}
                        None => answer = None,
                    }
                }
                Ok(answer)
            }
            Pattern::MatchMapping(node) => {
                if self.dict(subject).is_none() {
                    return Ok(if matches!(subject, Value::Symbol(_)) { None } else { Some(false) });
                }
                let mut answer = Some(true);
                for (key, pattern) in node.keys.iter().zip(&node.patterns) {
                    let key = self.eval(key)?;
                    let Some(value) = self.dict_get(subject, &key) else { return Ok(Some(false)) };
                    match self.matches(pattern, &value)? {
                        Some(true) => {}
                        other => answer = other,
                    }
                }
                if let Some(rest) = &node.rest {
                    let copy = self.copy_of(subject);
                    self.bind(rest.as_str(), copy);
                }
                Ok(answer)
            }
            Pattern::MatchSequence(node) => {
                let items = match self.value_obj(subject) {
                    Some(Obj::List(items) | Obj::Tuple(items)) => items.clone(),
                    _ => return Ok(if matches!(subject, Value::Symbol(_)) { None } else { Some(false) }),
                };
                if node.patterns.iter().any(|pattern| matches!(pattern, Pattern::MatchStar(_))) {
                    return Ok(None);
                }
                if items.len() != node.patterns.len() {
                    return Ok(Some(false));
                }
                let mut answer = Some(true);
                for (pattern, item) in node.patterns.iter().zip(&items) {
                    match self.matches(pattern, item)? {
                        Some(true) => {}
                        other => answer = other,
                    }
                }
                Ok(answer)
            }
            Pattern::MatchClass(_) | Pattern::MatchStar(_) => Ok(None),
        }
    }
}
