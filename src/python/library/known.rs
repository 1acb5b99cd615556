//! Which names the modules that handlers import really have, where that is known in full or in the part that is mistaken most.

/// Modules of Python and of the workshop's libraries. Anything else below them is an object, or not known.
const MODULES: &[&str] = &[
    "asyncio",
    "base64",
    "boto3",
    "boto3.session",
    "botocore",
    "botocore.exceptions",
    "botocore.config",
    "collections",
    "concurrent.futures",
    "contextlib",
    "copy",
    "datetime",
    "decimal",
    "functools",
    "http",
    "itertools",
    "json",
    "json.decoder",
    "json.encoder",
    "logging",
    "math",
    "os",
    "os.path",
    "random",
    "re",
    "requests",
    "requests.exceptions",
    "string",
    "sys",
    "threading",
    "time",
    "traceback",
    "typing",
    "urllib",
    "urllib.request",
    "urllib.parse",
    "uuid",
];

/// A name that a module has.
struct Name {
    name: &'static str,
    /// Whether `from module import *` brings it.
    star: bool,
    /// Whether it is a module of its own, which a dotted name imports.
    module: bool,
}

const fn star(name: &'static str) -> Name {
    Name { name, star: true, module: false }
}

const fn hidden(name: &'static str) -> Name {
    Name { name, star: false, module: false }
}

const fn module(name: &'static str, star: bool) -> Name {
    Name { name, star, module: true }
}

const JSON: &[Name] = &[
    star("dumps"),
    star("loads"),
    star("dump"),
    star("load"),
    module("decoder", false),
    module("encoder", false),
    module("scanner", false),
    hidden("codecs"),
    hidden("detect_encoding"),
    star("JSONDecodeError"),
    star("JSONDecoder"),
    star("JSONEncoder"),
];

/// Modules below json that are loaded by their own name alone.
const JSON_APART: &[&str] = &["tool"];

const BOTO3: &[Name] = &[
    star("client"),
    star("resource"),
    star("Session"),
    module("session", true),
    star("setup_default_session"),
    star("set_stream_logger"),
    star("DEFAULT_SESSION"),
    star("NullHandler"),
    star("logging"),
    module("dynamodb", true),
    module("exceptions", true),
    module("utils", true),
    module("compat", true),
    module("docs", true),
    module("resources", true),
    module("s3", false),
    module("ec2", false),
    module("data", false),
    module("crt", false),
];

/// As [`JSON_APART`], below boto3.
const BOTO3_APART: &[&str] = &["examples"];

const UUID: &[&str] = &[
    "uuid1",
    "uuid3",
    "uuid4",
    "uuid5",
    "uuid6",
    "uuid7",
    "uuid8",
    "UUID",
    "SafeUUID",
    "getnode",
    "NAMESPACE_DNS",
    "NAMESPACE_URL",
    "NAMESPACE_OID",
    "NAMESPACE_X500",
    "RESERVED_NCS",
    "RFC_4122",
    "RESERVED_MICROSOFT",
    "RESERVED_FUTURE",
    "Enum",
    "os",
    "sys",
    "main",
    "time",
    "platform",
    "bytes_",
    "int_",
    "MAX",
    "NIL",
];

/// Slips for what `os` has.
const NOT_IN_OS: &[&str] = &[
    "env",
    "getEnv",
    "get_env",
    "environment",
    "Environ",
    "envrion",
    "enviorn",
    "environs",
    "envirion",
    "ENVIRON",
    "get",
];

/// Whether a dotted name is that of a module, which cannot be called.
pub(in crate::python) fn is_module(path: &str) -> bool {
    MODULES.contains(&path)
}

/// What a module of Python or boto3 is called in a message: its last part is a module that cannot be imported.
pub(in crate::python) fn is_missing_module(path: &str) -> bool {
    match path.split_once('.') {
        Some(("boto3", rest)) => {
            let first = rest.split('.').next().unwrap_or(rest);
            !has_module(BOTO3, first) && !BOTO3_APART.contains(&first)
        }
        Some(("json", rest)) => !has_module(JSON, rest) && !JSON_APART.contains(&rest),
        Some(("uuid", _)) => true,
        _ => false,
    }
}

fn has_module(names: &[Name], wanted: &str) -> bool {
    names.iter().any(|name| name.module && name.name == wanted)
}

/// The names that `from module import *` brings, where they are known.
pub(in crate::python) fn imported_by_star(module: &str) -> Option<impl Iterator<Item = &'static str>> {
    let names = match module {
        "json" => JSON,
        "boto3" => BOTO3,
        _ => return None,
    };
    Some(names.iter().filter(|name| name.star).map(|name| name.name))
}

/// What a name that a module certainly does not have was likely meant to be, in words; none for a name that it has or may have.
pub(in crate::python) fn slip(module: &str, name: &str) -> Option<String> {
    let members: Vec<&str> = match module {
        "json" => JSON.iter().map(|known| known.name).collect(),
        "boto3" => BOTO3.iter().map(|known| known.name).collect(),
        "uuid" => UUID.to_vec(),
        "boto3.session" if ["client", "resource"].contains(&name) => vec!["Session"],
        "os" if NOT_IN_OS.contains(&name) => vec!["environ", "getenv"],
        _ => return None,
    };
    if members.contains(&name) || name.starts_with('_') {
        return None;
    }
    let best =
        members.iter().max_by(|one, two| strsim::jaro_winkler(one, name).total_cmp(&strsim::jaro_winkler(two, name)));
    let near = best.filter(|best| strsim::jaro_winkler(best, name) > 0.75);
    Some(near.map(|near| format!("; did you mean {module}.{near}?")).unwrap_or_default())
}
