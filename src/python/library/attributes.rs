//! What library objects and modules hold.

use std::rc::Rc;

use super::parameters;
use crate::diagnostic::Span;
use crate::python::data::{Data, Kind, Made, Native, What};
use crate::python::machine::{Eval, Machine, Obj, Value};

impl Machine<'_, '_> {
    /// An attribute of a library object.
    pub(in crate::python) fn native_attribute(&mut self, native: &Rc<Native>, name: &str, place: Span) -> Eval {
        let this = Value::Native(native.clone());
        Ok(match &**native {
            Native::Lib(path) => {
                if let Some(near) = slip(path, name) {
                    let message = format!("module '{path}' has no attribute '{name}'{near}");
                    return self.raise("AttributeError", &message, place);
                }
                self.lib_attribute(path, name)
            }
            Native::Builtin(kind) => match (*kind, name) {
                (_, "__name__") => Value::str(kind),
                _ => self.bound(&this, name),
            },
            Native::ErrorType(class) if name == "__name__" => Value::Str(class.clone()),
            Native::Client(..) | Native::Resource(..) if name == "exceptions" => Value::lib("client.exceptions"),
            Native::Client(..) if name == "meta" => Value::lib("client.meta"),
            Native::Table(_, made) if name == "meta" => Value::native(Native::Lib(match made {
                Made::AtImport => "dynamodb.meta.early".into(),
                Made::InCall => "dynamodb.meta.late".into(),
            })),
            Native::Topic(arn, _) if name == "arn" => self.import_data(&arn.clone()),
            Native::Table(table, _) if name == "name" || name == "table_name" => self.import_data(&table.clone()),
            Native::Response(_, status) => match name {
                "status_code" | "status" | "code" => Value::Int(*status),
                "ok" => Value::Bool(*status < 400),
                "text" | "content" | "data" => Value::symbol(Kind::Str, What::Json(Data::input(Kind::Any, "unicorn"))),
                "headers" => self.import_data(&Data::open_dict([])),
                "reason" | "url" => self.made(Kind::Str, name),
                _ => self.bound(&this, name),
            },
            Native::Context => match name {
                "aws_request_id"
                | "function_name"
                | "function_version"
                | "invoked_function_arn"
                | "log_group_name"
                | "log_stream_name"
                | "memory_limit_in_mb" => Value::symbol(Kind::Str, What::Input(format!("context.{name}").into())),
                "identity" | "client_context" => Value::None,
                "get_remaining_time_in_millis" => self.bound(&this, name),
                _ => return self.no_attribute(&this, name, place),
            },
            Native::Client(service, _) | Native::Resource(service, _) => {
                if let Some(near) = parameters::mistyped_operation(service, name) {
                    let class = if service.as_ref() == "sns" { "SNS" } else { "DynamoDB" };
                    let message = format!("'{class}' object has no attribute '{name}'; boto3 calls it {near}");
                    return self.raise("AttributeError", &message, place);
                }
                self.bound(&this, name)
            }
            _ => self.bound(&this, name),
        })
    }

    fn bound(&mut self, receiver: &Value, name: &str) -> Value {
        self.alloc(Obj::Method { receiver: receiver.clone(), name: name.into() })
    }

    fn lib_attribute(&mut self, path: &str, name: &str) -> Value {
        match (path, name) {
            ("os", "environ") => Value::native(Native::Environ),
            ("dynamodb.meta.early" | "dynamodb.meta.late", "client") => {
                let made = if path.ends_with("early") { Made::AtImport } else { Made::InCall };
                Value::native(Native::Client("dynamodb".into(), made))
            }
            ("typing", "TYPE_CHECKING") => Value::Bool(false),
            ("logging", "INFO" | "DEBUG" | "ERROR" | "WARNING" | "CRITICAL" | "NOTSET") => Value::Int(20),
            ("logging", "root") | ("structlog", "logger") | ("loguru", "logger") => Value::native(Native::Logger),
            ("string", _) | ("os", "sep" | "linesep" | "name") | ("sys", "version" | "platform") => {
                self.made(Kind::Str, name)
            }
            ("sys", "stdout" | "stderr") => Value::lib("sys.stdout"),
            _ => {
                let last_is_class = name.ends_with("Error") || name.ends_with("Exception");
                if last_is_class && path != "client.exceptions" {
                    return Value::native(Native::ErrorType(name.into()));
                }
                if path.ends_with("exceptions") && matches!(name, "Timeout" | "ConnectTimeout" | "ReadTimeout") {
                    return Value::native(Native::ErrorType(name.into()));
                }
                Value::lib(&format!("{path}.{name}"))
            }
        }
    }
}

/// What a name that a module certainly does not have was likely meant to be, in words; none for a name that it has or may have.
fn slip(module: &str, name: &str) -> Option<String> {
    let members: &[&str] = match module {
        "json" => {
            &["dumps", "loads", "dump", "load", "decoder", "encoder", "JSONDecodeError", "JSONDecoder", "JSONEncoder"]
        }
        "boto3" => &[
            "client",
            "resource",
            "Session",
            "session",
            "setup_default_session",
            "set_stream_logger",
            "DEFAULT_SESSION",
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
        ],
        "os" if ["env", "getEnv", "get_env", "environment", "Environ", "envrion", "enviorn", "environs"]
            .contains(&name) =>
        {
            &["environ", "getenv"]
        }
        _ => return None,
    };
    if members.contains(&name) || name.starts_with("__") {
        return None;
    }
    let best =
        members.iter().max_by(|one, two| strsim::jaro_winkler(one, name).total_cmp(&strsim::jaro_winkler(two, name)));
    let near = best.filter(|best| strsim::jaro_winkler(best, name) > 0.75);
    Some(near.map(|near| format!("; did you mean {module}.{near}?")).unwrap_or_default())
}
