//! What library objects and modules hold.

use std::rc::Rc;

use super::known::slip;
use super::services::Has;
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
            Native::Client(..) | Native::DocumentClient(_) if name == "exceptions" => Value::lib("client.exceptions"),
            Native::Client(..) | Native::DocumentClient(_) if name == "meta" => Value::lib("client.meta"),
            Native::Table(_, made) if name == "meta" => meta("dynamodb", *made),
            Native::Topic(_, made) if name == "meta" => meta("sns", *made),
            Native::Resource(service, made) if name == "meta" => meta(service, *made),
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
            Native::Logger => match name {
                "handlers" | "filters" | "level" | "parent" | "root" | "manager" | "propagate" | "disabled" => {
                    self.made(Kind::Any, name)
                }
                "name" => self.made(Kind::Str, name),
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
            Native::Client(..)
            | Native::DocumentClient(_)
            | Native::Resource(..)
            | Native::Topic(..)
            | Native::Table(..)
            | Native::Batch(..)
            | Native::Session => {
                let (has, class) = known_object(native);
                if has.is_some_and(|has| has.attribute(name) == Some(false)) {
                    let meant = has.and_then(|has| has.meant(name));
                    let meant = meant.map(|meant| format!("; boto3 calls it {meant}")).unwrap_or_default();
                    let message = format!("'{class}' object has no attribute '{name}'{meant}");
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
            ("dynamodb.meta.early", "client") => Value::native(Native::DocumentClient(Made::AtImport)),
            ("dynamodb.meta.late", "client") => Value::native(Native::DocumentClient(Made::InCall)),
            ("sns.meta.early", "client") => Value::native(Native::Client("sns".into(), Made::AtImport)),
            ("sns.meta.late", "client") => Value::native(Native::Client("sns".into(), Made::InCall)),
            ("http", "HTTPStatus") => Value::lib("http.HTTPStatus"),
            ("http.HTTPStatus" | "http.client" | "requests.codes" | "requests.status_codes.codes", _)
                if status(name).is_some() =>
            {
                status(name).map_or(Value::None, Value::Int)
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

/// `meta` of a resource, through which its client is found.
fn meta(service: &str, made: Made) -> Value {
    let when = if made == Made::AtImport { "early" } else { "late" };
    Value::lib(&format!("{service}.meta.{when}"))
}

/// What is known of an object's attributes, and Python's name for its class.
fn known_object(native: &Native) -> (Option<Has<'_>>, &'static str) {
    match native {
        Native::Client(service, _) => match &**service {
            "sns" => (Some(Has::Client("sns")), "SNS"),
            "dynamodb" => (Some(Has::Client("dynamodb")), "DynamoDB"),
            _ => (None, "client"),
        },
        Native::DocumentClient(_) => (Some(Has::Client("dynamodb")), "DynamoDB"),
        Native::Resource(service, _) => match &**service {
            "sns" => (Some(Has::Resource("sns")), "sns.ServiceResource"),
            "dynamodb" => (Some(Has::Resource("dynamodb")), "dynamodb.ServiceResource"),
            _ => (None, "ServiceResource"),
        },
        Native::Topic(..) => (Some(Has::Topic), "sns.Topic"),
        Native::Table(..) => (Some(Has::Table), "dynamodb.Table"),
        Native::Batch(..) => (Some(Has::Batch), "BatchWriter"),
        Native::Session => (Some(Has::Session), "Session"),
        _ => (None, "object"),
    }
}

/// The number of an HTTP status by its name.
fn status(name: &str) -> Option<i64> {
    Some(match name.to_ascii_uppercase().as_str() {
        "CONTINUE" => 100,
        "OK" => 200,
        "CREATED" => 201,
        "ACCEPTED" => 202,
        "NO_CONTENT" => 204,
        "MOVED_PERMANENTLY" => 301,
        "FOUND" => 302,
        "SEE_OTHER" => 303,
        "NOT_MODIFIED" => 304,
        "BAD_REQUEST" => 400,
        "UNAUTHORIZED" => 401,
        "FORBIDDEN" => 403,
        "NOT_FOUND" => 404,
        "METHOD_NOT_ALLOWED" => 405,
        "CONFLICT" => 409,
        "UNPROCESSABLE_ENTITY" => 422,
        "TOO_MANY_REQUESTS" => 429,
        "INTERNAL_SERVER_ERROR" => 500,
        "NOT_IMPLEMENTED" => 501,
        "BAD_GATEWAY" => 502,
        "SERVICE_UNAVAILABLE" => 503,
        "GATEWAY_TIMEOUT" => 504,
        _ => return None,
    })
}
