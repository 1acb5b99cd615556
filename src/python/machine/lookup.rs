//! Names: binding them and finding what they are bound to.

use std::collections::BTreeSet;
use std::rc::Rc;

use ruff_python_ast::{ExceptHandler, Expr, Stmt};

use super::{ANONYMOUS, Eval, Flow, Id, Machine, Obj, Value, builtins};
use crate::diagnostic::Span;
use crate::python::effect::Effect;

impl Machine<'_, '_> {
    /// The value bound in exactly this scope.
    pub(super) fn local(&self, scope: Id, name: &str) -> Option<Value> {
        match self.obj(scope) {
            Obj::Scope(scope) => scope.names.get(name).cloned(),
            _ => None,
        }
    }

    /// The value of a name, as the code at hand sees it.
    pub(super) fn lookup(&mut self, name: &str, span: Span) -> Eval {
        let mut current = Some(self.scope());
        let mut innermost = true;
        while let Some(id) = current {
            let Obj::Scope(scope) = self.obj(id) else { break };
            if let Some((_, elsewhere)) = scope.elsewhere.iter().find(|(declared, _)| &**declared == name) {
                current = Some(*elsewhere);
                innermost = false;
                continue;
            }
            if innermost || !scope.class_body {
                if let Some(value) = scope.names.get(name) {
                    return Ok(value.clone());
                }
                if scope.locals.contains(name) {
                    let message = format!("local variable '{name}' is used before it has a value");
                    return self.raise("UnboundLocalError", &message, span);
                }
            }
            innermost = false;
            current = scope.parent;
        }
        if let Some(value) = builtins::builtin(name) {
            return Ok(value);
        }
        let module = self.frame().map_or(0, |frame| frame.module);
        let provided = self.scenario.provided.iter().find(|(provided, _)| *provided == name);
        if let (0, Some((_, data))) = (module, provided) {
            let at = self.at(span);
            self.emit(Effect::Provided(name.into(), at));
            return Ok(self.import_data(&data.clone()));
        }
        if self.starred && !name.starts_with('_') {
            return Ok(self.unknown(name));
        }
        self.raise("NameError", &format!("name '{name}' is not defined"), span)
    }

    /// Binds a name where an assignment at this place binds it.
    pub(super) fn bind(&mut self, name: &str, value: Value) {
        let mut target = self.scope();
        if let Obj::Scope(scope) = self.obj(target)
            && let Some((_, elsewhere)) = scope.elsewhere.iter().find(|(declared, _)| &**declared == name)
        {
            target = *elsewhere;
        }
        self.bind_in(target, name, value);
    }

    pub(super) fn bind_in(&mut self, scope: Id, name: &str, value: Value) {
        if let Value::Ref(id) = value
            && let Obj::Func(func) = self.obj_mut(id)
            && &*func.name == ANONYMOUS
        {
            func.name = name.into();
        }
        if let Obj::Scope(scope) = self.obj_mut(scope) {
            scope.names.insert(name.into(), value);
        }
    }

    pub(super) fn unbind(&mut self, name: &str, span: Span) -> Result<(), Flow> {
        let scope = self.scope();
        if let Obj::Scope(scope) = self.obj_mut(scope)
            && scope.names.remove(name).is_some()
        {
            return Ok(());
        }
        self.raise("NameError", &format!("name '{name}' is not defined"), span)
    }

    /// Declares names `global` (or `nonlocal`) in the function that is executing.
    pub(super) fn declare(&mut self, names: &[ruff_python_ast::Identifier], global: bool) {
        let here = self.scope();
        for name in names {
            let target = if global { self.module_scope() } else { self.enclosing(here, name.as_str()) };
            if let (Some(target), Obj::Scope(scope)) = (target, self.obj_mut(here)) {
                scope.elsewhere.push((Rc::from(name.as_str()), target));
            }
        }
    }

    fn module_scope(&self) -> Option<Id> {
        let module = self.frame()?.module;
        self.modules.get(module).map(|module| module.scope)
    }

    fn enclosing(&self, here: Id, name: &str) -> Option<Id> {
        let parent = |id: Id| match self.obj(id) {
            Obj::Scope(scope) => scope.parent,
            _ => None,
        };
        let mut current = parent(here);
        while let Some(id) = current {
            let Obj::Scope(scope) = self.obj(id) else { return None };
            if scope.names.contains_key(name) || scope.locals.contains(name) {
                return Some(id);
            }
            current = scope.parent;
        }
        parent(here)
    }
}

/// The names that a function's body binds, which makes them local to it.
pub(super) fn bound_names<'a>(body: &'a [Stmt], names: &mut BTreeSet<&'a str>, elsewhere: &mut BTreeSet<&'a str>) {
    for statement in body {
        match statement {
            Stmt::Assign(assign) => assign.targets.iter().for_each(|target| target_names(target, names)),
            Stmt::AnnAssign(assign) => target_names(&assign.target, names),
            Stmt::AugAssign(assign) => target_names(&assign.target, names),
            Stmt::FunctionDef(def) => {
                names.insert(def.name.as_str());
            }
            Stmt::ClassDef(def) => {
                names.insert(def.name.as_str());
            }
            Stmt::Import(import) => {
                for alias in &import.names {
                    let name = alias.asname.as_ref().unwrap_or(&alias.name).as_str();
                    names.insert(name.split('.').next().unwrap_or(name));
                }
            }
            Stmt::ImportFrom(import) => {
                for alias in &import.names {
                    names.insert(alias.asname.as_ref().unwrap_or(&alias.name).as_str());
                }
            }
            Stmt::For(node) => {
                target_names(&node.target, names);
                bound_names(&node.body, names, elsewhere);
                bound_names(&node.orelse, names, elsewhere);
            }
            Stmt::While(node) => {
                bound_names(&node.body, names, elsewhere);
                bound_names(&node.orelse, names, elsewhere);
            }
            Stmt::If(node) => {
                bound_names(&node.body, names, elsewhere);
                node.elif_else_clauses.iter().for_each(|clause| bound_names(&clause.body, names, elsewhere));
            }
            Stmt::With(node) => {
                let targets = node.items.iter().filter_map(|item| item.optional_vars.as_deref());
                targets.for_each(|target| target_names(target, names));
                bound_names(&node.body, names, elsewhere);
            }
            Stmt::Try(node) => {
                bound_names(&node.body, names, elsewhere);
                for ExceptHandler::ExceptHandler(handler) in &node.handlers {
                    names.extend(handler.name.as_ref().map(ruff_python_ast::Identifier::as_str));
                    bound_names(&handler.body, names, elsewhere);
                }
                bound_names(&node.orelse, names, elsewhere);
                bound_names(&node.finalbody, names, elsewhere);
            }
            Stmt::Match(node) => node.cases.iter().for_each(|case| bound_names(&case.body, names, elsewhere)),
            Stmt::Global(node) => elsewhere.extend(node.names.iter().map(ruff_python_ast::Identifier::as_str)),
            Stmt::Nonlocal(node) => elsewhere.extend(node.names.iter().map(ruff_python_ast::Identifier::as_str)),
            _ => {}
        }
    }
}

fn target_names<'a>(target: &'a Expr, names: &mut BTreeSet<&'a str>) {
    match target {
        Expr::Name(name) => {
            names.insert(name.id.as_str());
        }
        Expr::Tuple(tuple) => tuple.elts.iter().for_each(|target| target_names(target, names)),
        Expr::List(list) => list.elts.iter().for_each(|target| target_names(target, names)),
        Expr::Starred(starred) => target_names(&starred.value, names),
        _ => {}
    }
}
