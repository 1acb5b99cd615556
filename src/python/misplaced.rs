//! Statements that parse and that Python refuses all the same: `return` outside a function and its like.

use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_ast::{Expr, Stmt};
use ruff_text_size::Ranged;

use crate::diagnostic::Span;

/// The first such place, with what is wrong there.
pub(super) fn first(body: &[Stmt]) -> Option<(Span, &'static str)> {
    let mut search = Search { function: false, asynchronous: false, looping: false, found: None };
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
