//! The value of an expression, and what calls give: local functions are followed, the parts of the standard library and boto3 that handlers use are known.

use std::rc::Rc;

use ruff_python_ast::{Expr, ExprCall, Number};

use super::evaluate::{Effect, Machine};
use super::value::Value;

type Arguments = Vec<(Option<Rc<str>>, Value)>;

impl<'a> Machine<'a> {
    pub(super) fn value(&mut self, expression: &'a Expr) -> Value {
        match expression {
            Expr::StringLiteral(text) => Value::str(text.value.to_str()),
            Expr::NumberLiteral(number) => match &number.value {
                Number::Int(value) => value.as_i64().map_or(Value::Unknown, Value::Int),
                _ => Value::Unknown,
            },
            Expr::BooleanLiteral(value) => Value::Bool(value.value),
            Expr::NoneLiteral(_) => Value::None,
            Expr::Name(name) => self.name(name.id.as_str(), expression),
            Expr::Attribute(attribute) => {
                let owner = self.value(&attribute.value);
                member(owner, attribute.attr.as_str())
            }
            Expr::Subscript(subscript) => {
                let owner = self.value(&subscript.value);
                let key = self.value(&subscript.slice);
                match (&owner, &key) {
                    (Value::Library(path), Value::Str(name)) if &**path == "os.environ" => {
                        Value::Env { name: name.clone(), strict: true, span: self.file.span(expression) }
                    }
                    _ => owner.field(key),
                }
            }
            Expr::Dict(dict) => {
                let entries = dict.items.iter().map(|item| {
                    let key = item.key.as_ref().map_or(Value::Unknown, |key| self.value(key));
                    (key, self.value(&item.value))
                });
                Value::Dict(Rc::new(entries.collect()))
            }
            Expr::List(list) => Value::List(Rc::new(list.elts.iter().map(|item| self.value(item)).collect())),
            Expr::Tuple(tuple) => Value::List(Rc::new(tuple.elts.iter().map(|item| self.value(item)).collect())),
            Expr::Call(call) => self.call(call, expression),
            Expr::Named(named) => {
                let value = self.value(&named.value);
                self.bind(&named.target, value.clone());
                value
            }
            Expr::Await(waited) => self.value(&waited.value),
            Expr::BoolOp(operation) => {
                let values: Vec<Value> = operation.values.iter().map(|value| self.value(value)).collect();
                // `os.environ.get('X') or 'default'`
                match values.first() {
                    Some(first @ Value::Env { .. }) => first.clone(),
                    _ => Value::Unknown,
                }
            }
            Expr::If(choice) => {
                self.value(&choice.test);
                let (one, other) = (self.value(&choice.body), self.value(&choice.orelse));
                if one == other { one } else { Value::Unknown }
            }
            Expr::FString(_) => Value::Text(Rc::new(Value::Unknown)),
            Expr::BinOp(operation) => {
                let (left, right) = (self.value(&operation.left), self.value(&operation.right));
                match (left, right) {
                    (Value::Str(left), Value::Str(right)) => Value::str(&format!("{left}{right}")),
                    _ => Value::Unknown,
                }
            }
            Expr::UnaryOp(operation) => {
                self.value(&operation.operand);
                Value::Unknown
            }
            Expr::Compare(compare) => {
                self.value(&compare.left);
                compare.comparators.iter().for_each(|value| {
                    self.value(value);
                });
                Value::Unknown
            }
            Expr::ListComp(list) => self.comprehension(&list.elt, &list.generators),
            Expr::SetComp(set) => self.comprehension(&set.elt, &set.generators),
            Expr::Generator(generator) => self.comprehension(&generator.elt, &generator.generators),
            _ => Value::Unknown,
        }
    }

    fn comprehension(&mut self, element: &'a Expr, generators: &'a [ruff_python_ast::Comprehension]) -> Value {
        for generator in generators {
            let over = self.value(&generator.iter);
            self.bind(&generator.target, over.field(Value::Int(0)));
        }
        self.loops += 1;
        let value = self.value(element);
        self.loops -= 1;
        Value::List(Rc::new(vec![value]))
    }

    fn name(&mut self, name: &str, expression: &'a Expr) -> Value {
        let local = self.locals.last().and_then(|locals| locals.get(name));
        if let Some(value) = local.or_else(|| self.globals.get(name)) {
            return value.clone();
        }
        if BUILTINS.contains(&name) {
            return Value::Library(format!("builtins.{name}").into());
        }
        self.effects.push(Effect::Unbound(name.into(), self.file.span(expression)));
        Value::Unbound(name.into())
    }

    fn call(&mut self, call: &'a ExprCall, expression: &'a Expr) -> Value {
        let callee = self.value(&call.func);
        let mut arguments: Arguments = Vec::new();
        for argument in &call.arguments.args {
            let value = match argument {
                Expr::Starred(starred) => {
                    self.value(&starred.value);
                    Value::Unknown
                }
                other => self.value(other),
            };
            arguments.push((None, value));
        }
        for keyword in &call.arguments.keywords {
            let value = self.value(&keyword.value);
            match (&keyword.arg, value) {
                (Some(name), value) => arguments.push((Some(name.as_str().into()), value)),
                (None, Value::Dict(entries)) => arguments.extend(entries.iter().map(|(key, value)| match key {
                    Value::Str(name) => (Some(name.clone()), value.clone()),
                    _ => (Some("**".into()), Value::Unknown),
                })),
                (None, _) => arguments.push((Some("**".into()), Value::Unknown)),
            }
        }
        let span = self.file.span(expression);
        self.effects.push(Effect::Call {
            callee: callee.clone(),
            arguments: arguments.clone(),
            certain: self.doubt == 0,
            repeated: self.loops > 0,
            span,
        });
        if let Value::Function(name) = &callee {
            let file = self.file;
            return match file.function(name) {
                Some(function) if function.decorator_list.is_empty() || known_decorators(function) => {
                    self.enter(function, &arguments, false)
                }
                _ => Value::Unknown,
            };
        }
        if let Value::Unknown = callee {
            self.effects.push(Effect::Vague(span));
        }
        self.result(&callee, &arguments, expression)
    }

    fn result(&mut self, callee: &Value, arguments: &Arguments, expression: &'a Expr) -> Value {
        let first = || arguments.first().map_or(Value::Unknown, |(_, value)| value.clone());
        match callee {
            Value::Library(path) => match &**path {
                "json.loads" => Value::Loads(Rc::new(first())),
                "json.dumps" => Value::Dumps(Rc::new(first())),
                "builtins.str" | "builtins.repr" => Value::Text(Rc::new(first())),
                "builtins.dict" if arguments.len() == 1 && arguments[0].0.is_none() => first(),
                "copy.copy" | "copy.deepcopy" => first(),
                "os.getenv" | "os.environ.get" => match first() {
                    Value::Str(name) => Value::Env { name, strict: false, span: self.file.span(expression) },
                    _ => Value::Unknown,
                },
                "boto3.client" | "boto3.resource" => {
                    let named = arguments.iter().find(|(name, _)| name.as_deref() == Some("service_name"));
                    match named.map_or_else(first, |(_, value)| value.clone()) {
                        Value::Str(service) => Value::Client {
                            service,
                            resource: path.ends_with("resource"),
                            at_import: self.stack.is_empty(),
                        },
                        _ => Value::Unknown,
                    }
                }
                "boto3.Session" | "boto3.session.Session" => Value::Library("boto3".into()),
                path => Value::Result(path.into()),
            },
            Value::Method(owner, name) => match (&**owner, &**name) {
                (Value::Client { resource: true, .. }, "Topic" | "Table") => {
                    Value::Part(name.clone(), Rc::new(first()))
                }
                (Value::Result(path), _) => Value::Result(format!("{path}.{name}").into()),
                (Value::Library(_), _) => Value::Unknown,
                (value, "get") if !matches!(value, Value::Client { .. } | Value::Part(..)) => {
                    value.clone().field(first())
                }
                (value, "copy") => value.clone(),
                _ => Value::Unknown,
            },
            _ => Value::Unknown,
        }
    }
}

fn known_decorators(function: &ruff_python_ast::StmtFunctionDef) -> bool {
    // Tracing decorators of other people call the function as it is.
    function.decorator_list.iter().all(|decorator| {
        let expression = match &decorator.expression {
            Expr::Call(call) => &*call.func,
            other => other,
        };
        let name = match expression {
            Expr::Name(name) => name.id.as_str(),
            Expr::Attribute(attribute) => attribute.attr.as_str(),
            _ => "",
        };
        ["Traceable", "lru_cache", "cache", "capture_method", "inject_lambda_context", "capture_lambda_handler"]
            .contains(&name)
    })
}

fn member(owner: Value, name: &str) -> Value {
    match &owner {
        Value::Library(path) => Value::Library(format!("{path}.{name}").into()),
        Value::Unknown => Value::Unknown,
        _ => Value::Method(Rc::new(owner), name.into()),
    }
}

const BUILTINS: [&str; 58] = [
    "print",
    "len",
    "str",
    "int",
    "float",
    "dict",
    "list",
    "set",
    "tuple",
    "bool",
    "repr",
    "isinstance",
    "enumerate",
    "range",
    "zip",
    "map",
    "filter",
    "sorted",
    "any",
    "all",
    "min",
    "max",
    "sum",
    "abs",
    "round",
    "getattr",
    "setattr",
    "hasattr",
    "type",
    "open",
    "super",
    "object",
    "Exception",
    "BaseException",
    "ValueError",
    "KeyError",
    "TypeError",
    "RuntimeError",
    "AttributeError",
    "IndexError",
    "NameError",
    "OSError",
    "LookupError",
    "ConnectionError",
    "TimeoutError",
    "NotImplementedError",
    "StopIteration",
    "bytes",
    "callable",
    "format",
    "globals",
    "hash",
    "id",
    "iter",
    "next",
    "reversed",
    "__name__",
    "__file__",
];
