//! Facts that can be read off the tree: functions, names, imports, decorators.

use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_ast::{Decorator, Expr, Stmt, StmtFunctionDef};
use ruff_text_size::Ranged;

use super::PythonFile;
use crate::diagnostic::Span;

/// A function that the module defines at its top level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// Where the name stands in the `def`.
    pub span: Span,
    /// The whole definition.
    pub whole: Span,
    /// Dotted names of its decorators, without arguments.
    pub decorators: Vec<String>,
    /// Names of its positional parameters.
    pub parameters: Vec<String>,
    /// How many of them have no default.
    pub required: usize,
    /// Whether it takes `*arguments`.
    pub variadic: bool,
    /// Whether it is an `async def`.
    pub asynchronous: bool,
}

/// A name bound at module level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// The name.
    pub name: String,
    /// Where it is bound.
    pub span: Span,
    /// The statement that binds it.
    pub whole: Span,
}

impl PythonFile {
    /// Functions of the top level, also under `if` and `try`, in the order of the text.
    pub fn functions(&self) -> Vec<Function> {
        let mut found = Vec::new();
        top_level(self.body(), &mut |statement| {
            if let Stmt::FunctionDef(node) = statement {
                found.push(function(node));
            }
        });
        found
    }

    /// The last top-level function of this name: the one that counts.
    pub fn function(&self, name: &str) -> Option<Function> {
        self.functions().into_iter().rev().find(|function| function.name == name)
    }

    /// Names that the top level binds, by whatever statement.
    pub fn names(&self) -> Vec<Name> {
        let mut found = Vec::new();
        top_level(self.body(), &mut |statement| {
            let whole = span(statement);
            let mut add = |name: &str, span: Span| found.push(Name { name: name.to_owned(), span, whole });
            match statement {
                Stmt::FunctionDef(node) => add(node.name.as_str(), span(&node.name)),
                Stmt::ClassDef(node) => add(node.name.as_str(), span(&node.name)),
                Stmt::Assign(node) => node.targets.iter().for_each(|target| targets(target, &mut add)),
                Stmt::AnnAssign(node) if node.value.is_some() => targets(&node.target, &mut add),
                Stmt::Import(node) => {
                    for alias in &node.names {
                        let name = alias.asname.as_ref().unwrap_or(&alias.name);
                        add(name.as_str().split('.').next().unwrap_or_default(), span(alias));
                    }
                }
                Stmt::ImportFrom(node) => {
                    for alias in &node.names {
                        add(alias.asname.as_ref().unwrap_or(&alias.name).as_str(), span(alias));
                    }
                }
                Stmt::Expr(node) => {
                    if let Expr::Named(named) = &*node.value {
                        targets(&named.target, &mut add);
                    }
                }
                _ => {}
            }
        });
        found
    }

    /// Where the top level last binds `name`.
    pub fn binding(&self, name: &str) -> Option<Name> {
        self.names().into_iter().rev().find(|bound| bound.name == name)
    }

    /// Imports anywhere in the file: module (`boto3`, `boto3.session`), place, and whether it stands at the top level.
    pub fn imports(&self) -> Vec<(String, Span, bool)> {
        let mut visitor = Imports { depth: 0, found: Vec::new() };
        visitor.visit_body(self.body());
        visitor.found
    }

    /// Places where a name is read, anywhere in the file.
    pub fn reads(&self, name: &str) -> Vec<Span> {
        struct Reads<'n>(&'n str, Vec<Span>);
        impl<'v> Visitor<'v> for Reads<'_> {
            fn visit_expr(&mut self, expr: &'v Expr) {
                if let Expr::Name(node) = expr
                    && node.id.as_str() == self.0
                    && node.ctx == ruff_python_ast::ExprContext::Load
                {
                    self.1.push(span(expr));
                }
                walk_expr(self, expr);
            }
        }
        let mut reads = Reads(name, Vec::new());
        reads.visit_body(self.body());
        reads.1
    }

    /// Every name that is bound anywhere: also parameters and variables of functions.
    pub fn bound_anywhere(&self) -> Vec<&str> {
        struct Bound<'v>(Vec<&'v str>);
        impl<'v> Visitor<'v> for Bound<'v> {
            fn visit_expr(&mut self, expr: &'v Expr) {
                if let Expr::Name(node) = expr
                    && node.ctx == ruff_python_ast::ExprContext::Store
                {
                    self.0.push(node.id.as_str());
                }
                walk_expr(self, expr);
            }
            fn visit_parameter(&mut self, parameter: &'v ruff_python_ast::Parameter) {
                self.0.push(parameter.name.as_str());
            }
        }
        let mut bound = Bound(Vec::new());
        bound.visit_body(self.body());
        let mut names = bound.0;
        top_level(self.body(), &mut |statement| match statement {
            Stmt::FunctionDef(node) => names.push(node.name.as_str()),
            Stmt::ClassDef(node) => names.push(node.name.as_str()),
            Stmt::Import(node) => {
                names.extend(node.names.iter().map(|alias| alias.asname.as_ref().unwrap_or(&alias.name).as_str()))
            }
            Stmt::ImportFrom(node) => {
                names.extend(node.names.iter().map(|alias| alias.asname.as_ref().unwrap_or(&alias.name).as_str()))
            }
            _ => {}
        });
        names
    }

    /// The first statement of a top-level function that can never run, because what stands before it leaves the block.
    pub fn unreachable(&self) -> Option<Span> {
        fn search(body: &[Stmt]) -> Option<Span> {
            let leaves = |statement: &Stmt| matches!(statement, Stmt::Return(_) | Stmt::Raise(_));
            let end = body.iter().position(leaves)?;
            body.get(end + 1).map(span)
        }
        let mut found = None;
        top_level(self.body(), &mut |statement| {
            if let Stmt::FunctionDef(node) = statement {
                found = found.or_else(|| search(&node.body));
            }
        });
        found
    }

    /// Whether any function of the file carries a decorator of this name.
    pub fn uses_decorator(&self, name: &str) -> bool {
        self.functions().iter().any(|function| function.decorated_with(name))
    }
}

impl Function {
    /// Whether it carries a decorator of this name.
    pub fn decorated_with(&self, name: &str) -> bool {
        self.decorators.iter().any(|decorator| decorator.rsplit('.').next() == Some(name))
    }
}

struct Imports {
    depth: usize,
    found: Vec<(String, Span, bool)>,
}

impl<'v> Visitor<'v> for Imports {
    fn visit_stmt(&mut self, statement: &'v Stmt) {
        let top = self.depth == 0;
        match statement {
            Stmt::Import(node) => {
                self.found.extend(node.names.iter().map(|alias| (alias.name.to_string(), span(alias), top)));
            }
            Stmt::ImportFrom(node) if node.level == 0 => {
                if let Some(module) = &node.module {
                    self.found.push((module.to_string(), span(node), top));
                }
            }
            Stmt::FunctionDef(_) | Stmt::ClassDef(_) => {
                self.depth += 1;
                walk_stmt(self, statement);
                self.depth -= 1;
            }
            _ => walk_stmt(self, statement),
        }
    }
}

fn function(node: &StmtFunctionDef) -> Function {
    let positional = || node.parameters.posonlyargs.iter().chain(&node.parameters.args);
    Function {
        name: node.name.to_string(),
        span: span(&node.name),
        whole: span(node),
        decorators: node.decorator_list.iter().filter_map(decorator_name).collect(),
        parameters: positional().map(|parameter| parameter.parameter.name.to_string()).collect(),
        required: positional().filter(|parameter| parameter.default.is_none()).count(),
        variadic: node.parameters.vararg.is_some(),
        asynchronous: node.is_async,
    }
}

fn decorator_name(decorator: &Decorator) -> Option<String> {
    let mut expr = &decorator.expression;
    if let Expr::Call(call) = expr {
        expr = &call.func;
    }
    let mut parts = Vec::new();
    loop {
        match expr {
            Expr::Attribute(attribute) => {
                parts.push(attribute.attr.as_str());
                expr = &attribute.value;
            }
            Expr::Name(name) => {
                parts.push(name.id.as_str());
                parts.reverse();
                return Some(parts.join("."));
            }
            _ => return None,
        }
    }
}

/// Statements that run when the module is imported: those of functions and classes do not.
fn top_level<'a>(body: &'a [Stmt], each: &mut dyn FnMut(&'a Stmt)) {
    for statement in body {
        each(statement);
        match statement {
            Stmt::If(node) => {
                top_level(&node.body, each);
                node.elif_else_clauses.iter().for_each(|clause| top_level(&clause.body, each));
            }
            Stmt::Try(node) => {
                top_level(&node.body, each);
                for ruff_python_ast::ExceptHandler::ExceptHandler(handler) in &node.handlers {
                    top_level(&handler.body, each);
                }
                top_level(&node.orelse, each);
                top_level(&node.finalbody, each);
            }
            Stmt::With(node) => top_level(&node.body, each),
            Stmt::For(node) => top_level(&node.body, each),
            Stmt::While(node) => top_level(&node.body, each),
            _ => {}
        }
    }
}

fn targets(target: &Expr, add: &mut dyn FnMut(&str, Span)) {
    match target {
        Expr::Name(name) => add(name.id.as_str(), span(target)),
        Expr::Tuple(tuple) => tuple.elts.iter().for_each(|target| targets(target, add)),
        Expr::List(list) => list.elts.iter().for_each(|target| targets(target, add)),
        _ => {}
    }
}

fn span(node: &impl Ranged) -> Span {
    let range = node.range();
    Span::new(range.start().to_usize(), range.end().to_usize())
}
