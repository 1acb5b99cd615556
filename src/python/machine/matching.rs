//! `match` statements.

use ruff_python_ast::{Pattern, PatternMatchClass, Singleton, StmtMatch};

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
                    answer = both(answer, self.matches(pattern, &value)?);
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
                self.matches_sequence(&node.patterns, &items)
            }
            Pattern::MatchClass(node) => self.matches_class(node, subject),
            Pattern::MatchStar(_) => Ok(None),
        }
    }

    fn matches_sequence(&mut self, patterns: &'a [Pattern], items: &[Value]) -> Result<Option<bool>, Flow> {
        let star = patterns.iter().position(|pattern| matches!(pattern, Pattern::MatchStar(_)));
        let fixed = patterns.len() - usize::from(star.is_some());
        if items.len() < fixed || (star.is_none() && items.len() != fixed) {
            return Ok(Some(false));
        }
        let surplus = items.len() - fixed;
        let mut items = items.iter();
        let mut answer = Some(true);
        for pattern in patterns {
            if let Pattern::MatchStar(node) = pattern {
                let rest = items.by_ref().take(surplus).cloned().collect();
                if let Some(name) = &node.name {
                    let rest = self.new_list(rest);
                    self.bind(name.as_str(), rest);
                }
            } else if let Some(item) = items.next() {
                answer = both(answer, self.matches(pattern, item)?);
            }
        }
        Ok(answer)
    }

    /// `case str():`, `case Ride(RideId=ride_id):`.
    fn matches_class(&mut self, node: &'a PatternMatchClass, subject: &Value) -> Result<Option<bool>, Flow> {
        let class = self.eval(&node.cls)?;
        let mut answer = self.is_instance(subject, &class);
        if answer == Some(false) {
            return Ok(answer);
        }
        for keyword in &node.arguments.keywords {
            let value = match self.attribute(subject, keyword.attr.as_str(), span(&keyword.pattern)) {
                Err(Flow::Raise(_)) => return Ok(Some(false)),
                other => other?,
            };
            answer = both(answer, self.matches(&keyword.pattern, &value)?);
        }
        match node.arguments.patterns.as_slice() {
            [] => {}
            // `case str(text):` hands the whole value on.
            [whole] if matches!(&class, Value::Native(_)) => answer = both(answer, self.matches(whole, subject)?),
            _ => answer = both(answer, None),
        }
        Ok(answer)
    }
}

fn both(one: Option<bool>, two: Option<bool>) -> Option<bool> {
    match (one, two) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}
