//! Definitions of functions: defaults evaluated, decorators applied.

use std::collections::BTreeSet;
use std::rc::Rc;

use ruff_python_ast::{self as ast, Expr, StmtFunctionDef};

use super::lookup::bound_names;
use super::{Arguments, Eval, Flow, Func, Id, Machine, Node, Obj, Value, span};
use crate::python::data::Native;
use crate::python::library::is_event_source;

impl<'a> Machine<'a, '_> {
    pub(super) fn define_function(&mut self, node: &'a StmtFunctionDef) -> Result<(), Flow> {
        let defaults = self.defaults(&node.parameters)?;
        let annotations = node.parameters.iter().filter_map(ast::AnyParameterRef::annotation);
        for annotation in annotations.chain(node.returns.as_deref()) {
            self.annotation(annotation)?;
        }
        self.bind_function(node, defaults)
    }

    pub(super) fn bind_function(
        &mut self,
        node: &'a StmtFunctionDef,
        defaults: Vec<(Rc<str>, Value)>,
    ) -> Result<(), Flow> {
        let scope = self.scope();
        let class = match self.obj(scope) {
            Obj::Scope(scope) if scope.class_body => self.building.last().copied(),
            _ => None,
        };
        let mut names: BTreeSet<&'a str> = BTreeSet::new();
        let mut elsewhere = BTreeSet::new();
        bound_names(&node.body, &mut names, &mut elsewhere);
        names.retain(|name| !elsewhere.contains(name));
        // An object that is called goes by its class: `RideWriter.__call__`.
        let name: Rc<str> = match class.map(|class| self.obj(class)) {
            Some(Obj::Class(class)) if node.name.as_str() == "__call__" => format!("{}.__call__", class.name).into(),
            _ => node.name.as_str().into(),
        };
        let func = Func {
            name,
            node: Node::Def(node),
            defaults,
            closure: scope,
            module: self.frame().map_or(0, |frame| frame.module),
            span: span(&node.name),
            locals: Rc::new(names),
            generator: yields(&node.body),
            class,
        };
        let mut value = self.alloc(Obj::Func(func));
        for decorator in node.decorator_list.iter().rev() {
            value = self.decorate(&decorator.expression, value)?;
        }
        self.bind(node.name.as_str(), value);
        Ok(())
    }

    /// A type hint, which Python evaluates where it is written: a name in it has to be there.
    pub(super) fn annotation(&mut self, annotation: &'a Expr) -> Result<(), Flow> {
        struct Names<'v>(Vec<&'v ast::ExprName>);
        impl<'v> ast::visitor::Visitor<'v> for Names<'v> {
            fn visit_expr(&mut self, expr: &'v Expr) {
                if let Expr::Name(name) = expr {
                    self.0.push(name);
                }
                ast::visitor::walk_expr(self, expr);
            }
        }
        if self.hints_are_text {
            return Ok(());
        }
        let mut names = Names(Vec::new());
        ast::visitor::Visitor::visit_expr(&mut names, annotation);
        for name in names.0 {
            self.lookup(name.id.as_str(), span(name))?;
        }
        Ok(())
    }

    fn decorate(&mut self, decorator: &'a Expr, value: Value) -> Eval {
        let place = span(decorator);
        let callee = self.eval(decorator)?;
        match &callee {
            Value::Native(native) => match &**native {
                Native::Builtin(kind @ ("property" | "staticmethod" | "classmethod")) => {
                    Ok(self.alloc(Obj::Descriptor { kind, func: value }))
                }
                Native::Lib(path) if is_event_source(path) => {
                    let func = Value::native(Native::Builtin("event_source"));
                    Ok(self.alloc(Obj::Partial { func, positional: vec![value], keywords: Vec::new() }))
                }
                _ => Ok(value),
            },
            Value::Ref(id) if !matches!(self.obj(*id), Obj::Method { .. }) => {
                let before = self.heap.len();
                let name = match self.value_obj(&value) {
                    Some(Obj::Func(func)) => Some(func.name.clone()),
                    _ => None,
                };
                let wrapped = self.call(&callee, Arguments::of(vec![value]), place)?;
                // A wrapper made for this function goes by its name, so that calls of it are told from those of other wrappers.
                if let (Value::Ref(Id(at)), Some(name)) = (&wrapped, name)
                    && *at >= before
                    && let Obj::Func(func) = self.obj_mut(Id(*at))
                {
                    func.name = name;
                }
                Ok(wrapped)
            }
            // Decorators of libraries are taken to be transparent, as tracing and logging decorators are.
            _ => Ok(value),
        }
    }

    pub(super) fn defaults(&mut self, parameters: &'a ast::Parameters) -> Result<Vec<(Rc<str>, Value)>, Flow> {
        let mut defaults = Vec::new();
        for parameter in parameters.iter_non_variadic_params() {
            if let Some(default) = &parameter.default {
                let value = self.eval(default)?;
                defaults.push((parameter.parameter.name.as_str().into(), value));
            }
        }
        Ok(defaults)
    }
}

/// Whether a function's own body yields.
fn yields(body: &[ast::Stmt]) -> bool {
    use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
    struct Yields(bool);
    impl<'v> Visitor<'v> for Yields {
        fn visit_stmt(&mut self, statement: &'v ast::Stmt) {
            if !self.0 && !matches!(statement, ast::Stmt::FunctionDef(_) | ast::Stmt::ClassDef(_)) {
                walk_stmt(self, statement);
            }
        }
        fn visit_expr(&mut self, expr: &'v Expr) {
            match expr {
                Expr::Yield(_) | Expr::YieldFrom(_) => self.0 = true,
                Expr::Lambda(_) => {}
                _ if !self.0 => walk_expr(self, expr),
                _ => {}
            }
        }
    }
    let mut visitor = Yields(false);
    visitor.visit_body(body);
    visitor.0
}
