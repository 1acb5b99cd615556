//! Statements that parse and that Python refuses all the same: `return` outside a function and its like.

use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_ast::{Arguments, Expr, Parameters, Stmt};
use ruff_text_size::Ranged;

use crate::diagnostic::Span;

/// The first such place, with what is wrong there.
pub(super) fn first(body: &[Stmt]) -> Option<(Span, &'static str)> {
    let mut search = Search { function: false, asynchronous: false, looping: false, found: None };
    search.late_future(body);
    search.visit_body(body);
    search.found
}

struct Search {
    function: bool,
    asynchronous: bool,
    looping: bool,
    found: Option<(Span, &'static str)>,
}

impl Search {
    fn report(&mut self, node: &impl Ranged, message: &'static str) {
        let range = node.range();
        let place = Span::new(range.start().to_usize(), range.end().to_usize());
        self.found.get_or_insert((place, message));
    }

    /// `from __future__ import …` behind something else than the docstring.
    fn late_future(&mut self, body: &[Stmt]) {
        let future = |statement: &Stmt| matches!(statement, Stmt::ImportFrom(node) if node.module.as_deref() == Some("__future__"));
        let docstring = |statement: &Stmt| matches!(statement, Stmt::Expr(node) if node.value.is_string_literal_expr());
        let head = body.iter().take_while(|statement| future(statement) || docstring(statement)).count();
        if let Some(late) = body.iter().skip(head).find(|statement| future(statement)) {
            self.report(late, "`from __future__` has to stand at the top of the file");
        }
    }

    /// `f(a=1, a=2)`.
    fn named_twice(&mut self, arguments: &Arguments) {
        let mut seen: Vec<&str> = Vec::new();
        for keyword in &arguments.keywords {
            let Some(name) = &keyword.arg else { continue };
            if seen.contains(&name.as_str()) {
                return self.report(keyword, "this argument is given twice in one call");
            }
            seen.push(name.as_str());
        }
    }

    /// `def f(a, a)`.
    fn parameter_twice(&mut self, parameters: &Parameters) {
        let mut seen: Vec<&str> = Vec::new();
        for parameter in parameters.iter() {
            let name = parameter.name();
            if seen.contains(&name.as_str()) {
                return self.report(name, "two parameters have the same name");
            }
            seen.push(name.as_str());
        }
    }

    fn inside(&mut self, function: bool, asynchronous: bool, looping: bool, walk: impl FnOnce(&mut Self)) {
        let before = (self.function, self.asynchronous, self.looping);
        (self.function, self.asynchronous, self.looping) = (function, asynchronous, looping);
        walk(self);
        (self.function, self.asynchronous, self.looping) = before;
    }
}

impl<'v> Visitor<'v> for Search {
    fn visit_stmt(&mut self, statement: &'v Stmt) {
        match statement {
            Stmt::Return(node) if !self.function => self.report(node, "`return` stands outside a function"),
            Stmt::Break(node) if !self.looping => self.report(node, "`break` stands outside a loop"),
            Stmt::Continue(node) if !self.looping => self.report(node, "`continue` stands outside a loop"),
            _ => {}
        }
        match statement {
            Stmt::FunctionDef(node) => {
                self.parameter_twice(&node.parameters);
                self.inside(true, node.is_async, false, |search| walk_stmt(search, statement));
            }
            Stmt::ClassDef(_) => self.inside(false, false, false, |search| walk_stmt(search, statement)),
            Stmt::For(_) | Stmt::While(_) => {
                let (function, asynchronous) = (self.function, self.asynchronous);
                self.inside(function, asynchronous, true, |search| walk_stmt(search, statement));
            }
            _ => walk_stmt(self, statement),
        }
    }

    fn visit_expr(&mut self, expr: &'v Expr) {
        match expr {
            Expr::Await(node) if !self.asynchronous => self.report(node, "`await` stands outside an `async def`"),
            Expr::Yield(node) if !self.function => self.report(node, "`yield` stands outside a function"),
            Expr::YieldFrom(node) if !self.function => self.report(node, "`yield` stands outside a function"),
            Expr::Call(node) => self.named_twice(&node.arguments),
            Expr::Lambda(node) => {
                if let Some(parameters) = &node.parameters {
                    self.parameter_twice(parameters);
                }
            }
            _ => {}
        }
        if matches!(expr, Expr::Lambda(_)) {
            let asynchronous = self.asynchronous;
            self.inside(true, asynchronous, false, |search| walk_expr(search, expr));
        } else {
            walk_expr(self, expr);
        }
    }
}
