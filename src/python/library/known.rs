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

const JSON: &[&str] = &[
    "dumps",
    "loads",
    "dump",
    "load",
    "decoder",
    "encoder",
    "scanner",
    "codecs",
    "detect_encoding",
    "JSONDecodeError",
    "JSONDecoder",
    "JSONEncoder",
];

const BOTO3: &[&str] = &[
    "client",
    "resource",
    "Session",
    "session",
    "setup_default_session",
    "set_stream_logger",
    "DEFAULT_SESSION",
    "NullHandler",
    "logging",
    "dynamodb",
    "exceptions",
    "utils",
    "compat",
    "docs",
    "resources",
    "s3",
    "ec2",
    "data",
    "crt",
];

/// Submodules of boto3: what can be imported by a dotted name.
const BOTO3_MODULES: &[&str] = &[
    "session",
    "dynamodb",
    "exceptions",
    "utils",
    "compat",
    "docs",
    "resources",
    "s3",
    "ec2",
    "crt",
    "data",
    "examples",
];

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
            !BOTO3_MODULES.contains(&first)
        }
        Some(("json", rest)) => !["decoder", "encoder", "scanner", "tool"].contains(&rest),
        Some(("uuid", _)) => true,
        _ => false,
    }
}

/// The names that `from module import *` brings, where they are known.
pub(in crate::python) fn star(module: &str) -> Option<&'static [&'static str]> {
    match module {
        "json" => Some(&["dump", "dumps", "load", "loads", "JSONDecoder", "JSONDecodeError", "JSONEncoder"]),
        "boto3" => Some(&[
            "client",
            "resource",
            "Session",
            "session",
            "setup_default_session",
            "set_stream_logger",
            "DEFAULT_SESSION",
            "NullHandler",
            "logging",
            "exceptions",
            "utils",
            "compat",
            "docs",
            "resources",
            "dynamodb",
        ]),
        _ => None,
    }
}

/// What a name that a module certainly does not have was likely meant to be, in words; none for a name that it has or may have.
pub(in crate::python) fn slip(module: &str, name: &str) -> Option<String> {
    let members: &[&str] = match module {
        "json" => JSON,
        "boto3" => BOTO3,
        "uuid" => UUID,
        "boto3.session" if ["client", "resource"].contains(&name) => &["Session"],
        "os" if NOT_IN_OS.contains(&name) => &["environ", "getenv"],
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
