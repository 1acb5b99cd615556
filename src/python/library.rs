//! Libraries as handlers use them: what their modules hold and what calling them does.

mod attributes;
mod aws;
mod environment;
mod http;
mod json;
mod parameters;

use std::rc::Rc;

use super::data::{Data, Kind, Native};
use super::effect::Effect;
use super::machine::{Arguments, Dict, Eval, Machine, Obj, Value};
use crate::diagnostic::Span;

const HTTP_METHODS: &[&str] = &["get", "post", "put", "patch", "delete", "head", "options", "request"];
const LOG_LEVELS: &[&str] =
    &["debug", "info", "warning", "warn", "error", "exception", "critical", "fatal", "log", "bind", "success"];

/// Modules whose functions are known to do nothing that matters here, beside those treated one by one.
const HARMLESS: &[&str] = &[
    "abc",
    "argparse",
    "array",
    "ast",
    "asyncio",
    "base64",
    "binascii",
    "bisect",
    "calendar",
    "cmath",
    "collections",
    "contextlib",
    "copy",
    "csv",
    "ctypes",
    "dataclasses",
    "datetime",
    "decimal",
    "difflib",
    "email",
    "enum",
    "errno",
    "fractions",
    "functools",
    "gc",
    "getpass",
    "glob",
    "gzip",
    "hashlib",
    "heapq",
    "hmac",
    "html",
    "inspect",
    "io",
    "ipaddress",
    "itertools",
    "json",
    "locale",
    "logging",
    "math",
    "numbers",
    "operator",
    "os",
    "pathlib",
    "platform",
    "pprint",
    "random",
    "re",
    "secrets",
    "shutil",
    "signal",
    "socket",
    "ssl",
    "statistics",
    "string",
    "struct",
    "sys",
    "tempfile",
    "textwrap",
    "time",
    "timeit",
    "traceback",
    "types",
    "typing",
    "typing_extensions",
    "unicodedata",
    "urllib",
    "uuid",
    "warnings",
    "weakref",
    "zlib",
    "zoneinfo",
    "botocore",
    "boto3",
    "requests",
    "transparent",
];

impl Machine<'_, '_> {
    /// A call of a library object itself.
    pub(super) fn call_native(&mut self, native: &Rc<Native>, arguments: &Arguments, place: Span) -> Eval {
        match &**native {
            Native::Lib(path) => self.call_lib(&path.clone(), arguments, place),
            Native::Builtin(name) => self.call_builtin(name, arguments, place),
            Native::ErrorType(class) => {
                Ok(self.alloc(Obj::Error { class: class.clone(), arguments: arguments.positional.clone() }))
            }
            Native::Stub(name) => {
                let named =
                    arguments.positional.iter().enumerate().map(|(at, value)| (Rc::from(at.to_string()), value));
                let named = named.chain(arguments.keywords.iter().map(|(name, value)| (name.clone(), value)));
                let shown = named.map(|(name, value)| (name, self.snapshot(value))).collect();
                let at = self.at(place);
                self.emit(Effect::Enter(name.clone(), shown, at));
                self.stub(name, place)
            }
            _ => {
                let value = Value::Native(native.clone());
                let message = format!("'{}' object is not callable", self.type_name(&value));
                self.raise("TypeError", &message, place)
            }
        }
    }

    /// A method of a library object.
    pub(super) fn native_method(
        &mut self,
        native: &Rc<Native>,
        name: &str,
        arguments: &Arguments,
        place: Span,
    ) -> Eval {
        match &**native {
            Native::Client(..) | Native::Resource(..) | Native::Topic(..) | Native::Table(..) | Native::Batch(..) => {
                self.aws_method(native, name, arguments, place)
            }
            Native::Session => Ok(self.session_method(name, arguments)),
            Native::Environ => self.environ_method(name, arguments, place),
            Native::Serializer => {
                let data = arguments.positional.first().map_or(Data::None, |value| self.snapshot(value));
                Ok(Value::symbol(Kind::Any, super::data::What::Serialized(data)))
            }
            Native::Response(url, _) => match name {
                "json" => Ok(Value::symbol(Kind::Any, super::data::What::Input("unicorn".into()))),
                "read" => Ok(Value::symbol(Kind::Bytes, super::data::What::Json(Data::input(Kind::Any, "unicorn")))),
                "getcode" => Ok(Value::Int(200)),
                "raise_for_status" | "close" => Ok(Value::None),
                _ => {
                    let _ = url;
                    Ok(self.made(Kind::Any, name))
                }
            },
            Native::Logger => {
                if LOG_LEVELS.contains(&name) {
                    let at = self.at(place);
                    self.emit(Effect::Log(name.into(), at));
                }
                Ok(if matches!(name, "getChild" | "bind") { Value::native(Native::Logger) } else { Value::None })
            }
            Native::Context => Ok(self.made(Kind::Number, name)),
            Native::Builtin("dict") if name == "fromkeys" => Ok(self.unknown("a dict")),
            Native::Builtin("str") if name == "join" || name == "format" => {
                let mut rest = arguments.clone();
                if rest.positional.is_empty() {
                    return Ok(self.made(Kind::Str, name));
                }
                let text = rest.positional.remove(0);
                let method = self.attribute(&text, name, place)?;
                self.call(&method, rest, place)
            }
            _ => Ok(self.made(Kind::Any, name)),
        }
    }

    fn call_lib(&mut self, path: &str, arguments: &Arguments, place: Span) -> Eval {
        let first = arguments.positional.first().cloned();
        let head = path.split('.').next().unwrap_or(path);
        let last = path.rsplit('.').next().unwrap_or(path);
        match path {
            "json.dumps" | "simplejson.dumps" | "ujson.dumps" => return self.json_dumps(arguments, place),
            "json.loads" | "simplejson.loads" | "ujson.loads" => return self.json_loads(arguments, place),
            "json.dump" | "json.load" => return Ok(self.unknown(path)),
            "os.getenv" => return self.environ_method("get", arguments, place),
            "boto3.client" | "boto3.resource" => return Ok(self.session_method(last, arguments)),
            "boto3.Session" | "boto3.session.Session" => return Ok(Value::native(Native::Session)),
            "boto3.dynamodb.types.TypeSerializer" => return Ok(Value::native(Native::Serializer)),
            "uuid.uuid1" | "uuid.uuid4" | "uuid.UUID" => return Ok(self.made(Kind::Uuid, last)),
            "decimal.Decimal" => return Ok(self.made(Kind::Decimal, "Decimal")),
            "functools.partial" => {
                let mut rest = arguments.clone();
                if rest.positional.is_empty() {
                    return self.raise("TypeError", "partial expected at least 1 argument", place);
                }
                let func = rest.positional.remove(0);
                return Ok(self.alloc(Obj::Partial { func, positional: rest.positional, keywords: rest.keywords }));
            }
            "functools.wraps" => return Ok(Value::lib("transparent")),
            "transparent" | "functools.lru_cache" | "functools.cache" | "contextlib.contextmanager" => {
                return Ok(first.unwrap_or_else(|| Value::lib("transparent")));
            }
            "functools.reduce" => return Ok(self.unknown(path)),
            "copy.copy" => return Ok(first.map_or(Value::None, |value| self.deep_copy(&value))),
            "copy.deepcopy" => return Ok(first.map_or(Value::None, |value| self.deep_copy(&value))),
            "dataclasses.asdict" | "vars" => return Ok(first.map_or(Value::None, |value| self.as_dict(&value))),
            "dataclasses.dataclass" | "dataclass" => return Ok(first.unwrap_or_else(|| Value::lib(path))),
            "dataclasses.field" => return Ok(self.field_default(arguments, place)),
            "collections.OrderedDict" | "types.MappingProxyType" | "collections.ChainMap" => {
                return self.call_builtin("dict", arguments, place);
            }
            "collections.defaultdict" => {
                let dict = Dict { factory: first, ..Dict::default() };
                return Ok(self.alloc(Obj::Dict(dict)));
            }
            "collections.namedtuple" => {
                let name = first.as_ref().and_then(Value::as_str).unwrap_or("tuple").to_owned();
                let fields = match arguments.positional.get(1).cloned() {
                    Some(Value::Str(text)) => {
                        text.split([' ', ',']).filter(|part| !part.is_empty()).map(Rc::from).collect()
                    }
                    Some(list) => {
                        let items = self.iterate(&list, place)?;
                        items.iter().filter_map(Value::as_str).map(Rc::from).collect()
                    }
                    None => Vec::new(),
                };
                return Ok(self.namedtuple(&name, fields));
            }
            "typing.cast" => return Ok(arguments.positional.get(1).cloned().unwrap_or(Value::None)),
            "base64.b64decode" | "base64.b64encode" => {
                return Ok(self.made(Kind::Bytes, path));
            }
            "asyncio.run" | "asyncio.get_event_loop.run_until_complete" | "asyncio.create_task" => {
                return first.map_or(Ok(Value::None), |value| self.await_value(&value, place));
            }
            "asyncio.gather" => {
                let mut results = Vec::new();
                for value in &arguments.positional {
                    results.push(self.await_value(value, place)?);
                }
                return Ok(self.new_list(results));
            }
            "asyncio.to_thread" => {
                let mut rest = arguments.clone();
                if !rest.positional.is_empty() {
                    let callee = rest.positional.remove(0);
                    return self.call(&callee, rest, place);
                }
            }
            "threading.Thread" => {
                let target = arguments.keyword("target").cloned().unwrap_or(Value::None);
                let positional = match arguments.keyword("args").cloned() {
                    Some(given) => self.iterate(&given, place)?,
                    None => Vec::new(),
                };
                let func = Value::native(Native::Builtin("thread"));
                let mut all = vec![target];
                all.extend(positional);
                return Ok(self.alloc(Obj::Partial { func, positional: all, keywords: Vec::new() }));
            }
            "contextlib.suppress" => {
                let func = Value::native(Native::Builtin("suppress"));
                let positional = arguments.positional.clone();
                return Ok(self.alloc(Obj::Partial { func, positional, keywords: Vec::new() }));
            }
            "sys.exit" | "os._exit" => return self.raise("SystemExit", "", place),
            "traceback.print_exc"
            | "sys.stdout.write"
            | "pprint.pprint"
            | "warnings.warn"
            | "traceback.print_stack" => {
                let at = self.at(place);
                self.emit(Effect::Log("error".into(), at));
                return Ok(Value::None);
            }
            "traceback.format_exc" | "time.strftime" | "pprint.pformat" | "datetime.datetime.strftime" => {
                return Ok(self.made(Kind::Str, path));
            }
            "requests.Session"
            | "requests.session"
            | "httpx.Client"
            | "requests.sessions.Session"
            | "urllib3.PoolManager" => return Ok(Value::lib("requests")),
            "urllib.request.Request" => {
                let url = arguments.get(0, "url").map_or(Data::None, |value| self.snapshot(value));
                let body = arguments.get(1, "data").map(|value| self.snapshot(value));
                let mut entries = vec![("url", url)];
                entries.extend(body.map(|body| ("data", body)));
                return Ok(self.import_data(&Data::dict(entries)));
            }
            "urllib.request.urlopen" => return Ok(self.urlopen(arguments, place)),
            "concurrent.futures.ThreadPoolExecutor" | "multiprocessing.pool.ThreadPool" | "ThreadPoolExecutor" => {
                return Ok(self.alloc(Obj::Pool));
            }
            "time.sleep" => return Ok(Value::None),
            _ => {}
        }
        if matches!(head, "requests" | "httpx" | "urllib3") && HTTP_METHODS.contains(&last) {
            return Ok(self.http(last, arguments, place));
        }
        if head == "datetime" {
            return Ok(match last {
                "isoformat" | "strftime" => self.made(Kind::Str, path),
                "timestamp" => self.made(Kind::Number, path),
                _ => self.made(Kind::Time, path),
            });
        }
        if path.starts_with("logging.") || last == "getLogger" || matches!(last, "get_logger" | "Logger") {
            if LOG_LEVELS.contains(&last) {
                let at = self.at(place);
                self.emit(Effect::Log(last.into(), at));
                return Ok(Value::None);
            }
            return Ok(match last {
                "getLogger" | "get_logger" | "Logger" => Value::native(Native::Logger),
                "getLevelName" => self.made(Kind::Any, path),
                _ => Value::lib(path),
            });
        }
        if path.starts_with("time.") || path.starts_with("random.") || path.starts_with("math.") {
            return Ok(self.made(Kind::Number, path));
        }
        if HARMLESS.contains(&head) {
            let keeps = |value: &Value| matches!(self.snapshot(value), Data::Function(..));
            if arguments.all().into_iter().any(keeps) && !path.starts_with("typing") {
                return self.call_unknown(path, arguments, place);
            }
            return Ok(self.made(Kind::Any, path));
        }
        self.call_unknown(path, arguments, place)
    }

    fn field_default(&mut self, arguments: &Arguments, place: Span) -> Value {
        match (arguments.keyword("default"), arguments.keyword("default_factory").cloned()) {
            (Some(value), _) => value.clone(),
            (None, Some(factory)) => {
                self.call(&factory, Arguments::default(), place).unwrap_or_else(|_| self.unknown("a default"))
            }
            _ => self.unknown("a field"),
        }
    }
}
