//! Threads, pools and futures: what is handed over runs when it is waited for.

use super::{Arguments, Eval, Flow, Id, Machine, Obj, Value};
use crate::diagnostic::Span;
use crate::python::data::Kind;

impl Machine<'_, '_> {
    /// `threading.Thread(target=…, args=…, kwargs=…)`.
    pub(in crate::python) fn thread(&mut self, arguments: &Arguments, place: Span) -> Eval {
        let target = arguments.get(1, "target").cloned().unwrap_or(Value::None);
        let mut given = Arguments::default();
        if let Some(positional) = arguments.get(3, "args").cloned() {
            given.positional = self.iterate(&positional, place)?;
        }
        if let Some(named) = arguments.get(4, "kwargs").cloned() {
            let entries = self.dict(&named).map(|dict| dict.entries.clone()).unwrap_or_default();
            given.keywords =
                entries.into_iter().filter_map(|(key, value)| key.as_str().map(|key| (key.into(), value))).collect();
        }
        Ok(self.alloc(Obj::Thread { target, arguments: given, started: false }))
    }

    pub(super) fn thread_method(&mut self, id: Id, name: &str, place: Span) -> Eval {
        let Obj::Thread { target, arguments, started } = self.obj_mut(id) else { return Ok(Value::None) };
        let (target, arguments) = (target.clone(), arguments.clone());
        match name {
            "start" if *started => self.raise("RuntimeError", "threads can only be started once", place),
            "start" => {
                *started = true;
                self.running.push(id);
                Ok(Value::None)
            }
            "join" if !*started => self.raise("RuntimeError", "cannot join thread before it is started", place),
            "join" => {
                let count = self.running.len();
                self.running.retain(|running| *running != id);
                if self.running.len() < count {
                    self.run_target(&target, arguments, place)?;
                }
                Ok(Value::None)
            }
            "run" => self.call(&target, arguments, place),
            "is_alive" | "isAlive" => Ok(self.made(Kind::Bool, name)),
            _ => Ok(Value::None),
        }
    }

    /// Runs what a thread was given. An exception ends the thread, and nobody else.
    fn run_target(&mut self, target: &Value, arguments: Arguments, place: Span) -> Result<(), Flow> {
        if *target == Value::None {
            return Ok(());
        }
        match self.call(target, arguments, place) {
            Ok(_) | Err(Flow::Raise(_)) => Ok(()),
            Err(other) => Err(other),
        }
    }

    /// What threads do that nobody waits for does not show: Lambda freezes the process with the answer.
    pub(super) fn leave_threads(&mut self) {
        for id in std::mem::take(&mut self.running) {
            self.opaque("a thread that is not waited for", &[&Value::Ref(id)], Span::default());
        }
    }

    /// `ThreadPoolExecutor`: what is submitted is run.
    pub(super) fn pool_method(&mut self, name: &str, arguments: &Arguments, place: Span) -> Eval {
        let mut rest = arguments.clone();
        if rest.positional.is_empty() || !matches!(name, "submit" | "map" | "apply" | "apply_async") {
            return Ok(self.made(Kind::Any, name));
        }
        let callee = rest.positional.remove(0);
        if name == "map" {
            let items = match rest.positional.first().cloned() {
                Some(items) => self.iterate(&items, place)?,
                None => Vec::new(),
            };
            let mut results = Vec::new();
            for item in items {
                results.push(self.call(&callee, Arguments::of(vec![item]), place)?);
            }
            return Ok(self.iterator(results));
        }
        // An exception stays in the future until someone asks for the result.
        match self.call(&callee, rest, place) {
            Ok(value) => Ok(self.alloc(Obj::Future(Ok(value)))),
            Err(Flow::Raise(raised)) => Ok(self.alloc(Obj::Future(Err(raised)))),
            Err(other) => Err(other),
        }
    }

    pub(super) fn future_method(&mut self, id: Id, name: &str, arguments: &Arguments, place: Span) -> Eval {
        let Obj::Future(outcome) = self.obj(id) else { return Ok(Value::None) };
        match (name, outcome) {
            ("result" | "get", Ok(value)) => Ok(value.clone()),
            ("result" | "get", Err(raised)) => Err(Flow::Raise(raised.clone())),
            ("exception", Ok(_)) => Ok(Value::None),
            ("exception", Err(raised)) => Ok(raised.value.clone()),
            ("done", _) => Ok(Value::Bool(true)),
            ("add_done_callback", _) => match arguments.positional.first().cloned() {
                Some(callback) => self.call(&callback, Arguments::of(vec![Value::Ref(id)]), place),
                None => Ok(Value::None),
            },
            _ => Ok(Value::None),
        }
    }
}
