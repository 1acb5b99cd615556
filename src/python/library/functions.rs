//! What calling the functions of library modules does.

use std::rc::Rc;

use super::LOG_LEVELS;
use super::known::is_module;
use super::powertools::{event_class, is_event_source};
use crate::diagnostic::Span;
use crate::python::data::{Data, Kind, Native, What};
use crate::python::effect::Effect;
use crate::python::machine::{Arguments, Dict, Eval, Machine, Obj, Value};

const HTTP_METHODS: &[&str] = &["get", "post", "put", "patch", "delete", "head", "options", "request"];

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
    /// A call of something in a module, by its dotted name.
    pub(super) fn call_lib(&mut self, path: &str, arguments: &Arguments, place: Span) -> Eval {
        let first = arguments.positional.first().cloned();
        let head = path.split('.').next().unwrap_or(path);
        let last = path.rsplit('.').next().unwrap_or(path);
        if is_module(path) {
            let name = path.rsplit('.').next().unwrap_or(path);
            return self.raise("TypeError", &format!("'module' object is not callable: {name} is a module"), place);
        }
        if is_event_source(path) {
            return Ok(Value::lib(path));
        }
        if event_class(path).is_some() {
            return Ok(first.map_or(Value::None, |raw| self.event(&raw)));
        }
        match path {
            "json.dumps" | "simplejson.dumps" | "ujson.dumps" => return self.json_dumps(arguments, place),
            "json.loads" | "simplejson.loads" | "ujson.loads" => return self.json_loads(arguments, place),
            "json.dump" | "json.load" => return self.json_file(last, arguments, place),
            "json.JSONEncoder" | "json.encoder.JSONEncoder" => return Ok(Value::lib("json.encoder.made")),
            "json.JSONDecoder" | "json.decoder.JSONDecoder" => return Ok(Value::lib("json.decoder.made")),
            "json.encoder.made.encode" => return self.json_dumps(arguments, place),
            "json.decoder.made.decode" => return self.json_loads(arguments, place),
            "os.getenv" => return self.environ_method("get", arguments, place),
            "boto3.client" | "boto3.resource" => return self.session_method(last, arguments, place),
            "boto3.Session" | "boto3.session.Session" => return Ok(Value::native(Native::Session)),
            "boto3.Session.client"
            | "boto3.Session.resource"
            | "boto3.session.Session.client"
            | "boto3.session.Session.resource" => {
                let mut rest = arguments.clone();
                if rest.positional.is_empty() || matches!(rest.positional.first(), Some(Value::Str(_))) {
                    let message =
                        format!("{last}() is called on the class Session: make a session first, Session().{last}(…)");
                    return self.raise("TypeError", &message, place);
                }
                rest.positional.remove(0);
                return self.session_method(last, &rest, place);
            }
            "importlib.import_module" => {
                if let Some(path) = arguments.get(0, "name").and_then(Value::as_str).map(ToOwned::to_owned) {
                    return self.import_by_name(&path, place);
                }
            }
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
            "functools.reduce" => return self.reduce(arguments, place),
            "collections.deque" => return self.call_builtin("list", arguments, place),
            "itertools.starmap" => return Ok(self.put_off("starmap", arguments)),
            "operator.getitem" => {
                if let [object, key] = arguments.positional.as_slice() {
                    return self.item(&object.clone(), &key.clone(), place);
                }
            }
            "operator.itemgetter" => {
                let func = Value::native(Native::Builtin("itemgetter"));
                let positional = arguments.positional.clone();
                return Ok(self.alloc(Obj::Partial { func, positional, keywords: Vec::new() }));
            }
            "itertools.islice" => {
                let items = self.iterate(&first.unwrap_or(Value::None), place)?;
                let (start, end) = match arguments.positional.get(1..).unwrap_or_default() {
                    [Value::Int(end)] => (0, *end),
                    [Value::Int(start), Value::Int(end)] => (*start, *end),
                    [Value::Int(start), Value::None] => (*start, i64::MAX),
                    _ => return Ok(self.unknown(path)),
                };
                let count = usize::try_from(end.saturating_sub(start)).unwrap_or(0);
                let items = items.into_iter().skip(usize::try_from(start).unwrap_or(0)).take(count).collect();
                return Ok(self.iterator(items));
            }
            "itertools.chain" => {
                let mut items = Vec::new();
                for value in &arguments.positional {
                    items.extend(self.iterate(value, place)?);
                }
                return Ok(self.iterator(items));
            }
            "itertools.chain.from_iterable" => {
                let mut items = Vec::new();
                for value in self.iterate(&first.unwrap_or(Value::None), place)? {
                    items.extend(self.iterate(&value, place)?);
                }
                return Ok(self.iterator(items));
            }
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
            "asyncio.run" | "asyncio.run_until_complete" | "asyncio.loop.run_until_complete" => {
                let Some(value) = first else { return self.raise("TypeError", "run() is given no coroutine", place) };
                if matches!(value, Value::None) || self.dict(&value).is_some() {
                    return self.raise("ValueError", "a coroutine was expected: an `async def` that is called", place);
                }
                return self.await_value(&value, place);
            }
            "asyncio.create_task"
            | "asyncio.ensure_future"
            | "asyncio.wait_for"
            | "asyncio.shield"
            | "asyncio.loop.create_task" => {
                return Ok(first.unwrap_or(Value::None));
            }
            "asyncio.get_event_loop" | "asyncio.new_event_loop" | "asyncio.get_running_loop" => {
                return Ok(Value::lib("asyncio.loop"));
            }
            "asyncio.loop.run_in_executor" if arguments.positional.len() > 1 => {
                let mut rest = arguments.clone();
                rest.positional.remove(0);
                let callee = rest.positional.remove(0);
                return self.call(&callee, rest, place);
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
            "threading.Thread" => return self.thread(arguments, place),
            "concurrent.futures.as_completed" | "concurrent.futures.wait" => {
                let futures = self.iterate(&first.unwrap_or(Value::None), place)?;
                let done = self.new_list(futures);
                if last == "as_completed" {
                    return Ok(done);
                }
                let pending = self.new_list(Vec::new());
                return Ok(self.new_tuple(vec![done, pending]));
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
            // What goes in may come out again in some other form.
            let carries = |value: &Value| {
                self.snapshot(value).any(&mut |part| matches!(part.what(), Some(What::Input(_) | What::Json(_))))
            };
            if arguments.all().into_iter().any(carries) {
                return Ok(self.unknown(path));
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

    fn reduce(&mut self, arguments: &Arguments, place: Span) -> Eval {
        let (Some(function), Some(items)) = (arguments.positional.first(), arguments.positional.get(1)) else {
            return self.raise("TypeError", "reduce expected at least 2 arguments", place);
        };
        let function = function.clone();
        let mut items = self.iterate(&items.clone(), place)?.into_iter();
        let start = arguments.positional.get(2).cloned().or_else(|| items.next());
        let Some(mut result) = start else {
            return self.raise("TypeError", "reduce() of empty iterable with no initial value", place);
        };
        for item in items {
            result = self.call(&function, Arguments::of(vec![result, item]), place)?;
        }
        Ok(result)
    }
}
