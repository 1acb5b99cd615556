//! Environment variables: those that the workshop's services set are there; others may be.

use crate::diagnostic::Span;
use crate::python::data::{Kind, What};
use crate::python::effect::Effect;
use crate::python::machine::{Arguments, Eval, Machine, Value};

/// Variables that the services of the workshop or Lambda itself set.
const SET: &[&str] = &[
    "LOG_LEVEL",
    "REQUEST_UNICORN_URL",
    "RIDE_RECORD_URL",
    "RIDES_SNS_TOPIC_ARN",
    "DDB_TABLE_NAME",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_EXECUTION_ENV",
    "LAMBDA_TASK_ROOT",
    "PATH",
];

/// Variables that nothing sets in the workshop.
const NOT_SET: &[&str] = &["AWS_SAM_LOCAL", "IS_OFFLINE", "DDB_TABLE_HASH_KEY", "DEBUG", "LOCAL"];

impl Machine<'_, '_> {
    /// Whether a variable is certainly set, and not empty.
    pub(in crate::python) fn is_set(&self, name: &str) -> bool {
        self.env_presence(name) == Some(true)
    }

    /// Whether a variable is set, where that is certain.
    pub(in crate::python) fn env_presence(&self, name: &str) -> Option<bool> {
        if self.is_unset(name) || NOT_SET.contains(&name) {
            return Some(false);
        }
        SET.contains(&name).then_some(true)
    }

    pub(in crate::python) fn env_item(&mut self, key: &Value, place: Span) -> Eval {
        let Some(name) = key.as_str() else { return Ok(self.unknown("an environment variable")) };
        let at = self.at(place);
        self.emit(Effect::Env(name.into(), at));
        if self.is_unset(name) {
            return self.raise("KeyError", name, place);
        }
        // A variable that nobody is known to set may be in the learner's configuration: reading it is taken to work.
        Ok(Value::symbol(Kind::Str, What::Env(name.into())))
    }

    pub(in crate::python) fn environ_method(&mut self, name: &str, arguments: &Arguments, place: Span) -> Eval {
        let environ = Value::native(crate::python::data::Native::Environ);
        let Some(variable) = arguments.get(0, "key").and_then(Value::as_str).map(ToOwned::to_owned) else {
            return Ok(if name == "copy" { environ } else { self.unknown("an environment variable") });
        };
        let default = arguments.get(1, "default").cloned();
        match name {
            "get" | "pop" | "setdefault" => {
                let at = self.at(place);
                self.emit(Effect::Env(variable.as_str().into(), at));
                if self.env_presence(&variable) == Some(false) {
                    return match (name, default) {
                        ("pop", None) => self.raise("KeyError", &variable, place),
                        (_, default) => Ok(default.unwrap_or(Value::None)),
                    };
                }
                Ok(Value::symbol(Kind::Str, What::Env(variable.into())))
            }
            _ => Ok(self.unknown("an environment variable")),
        }
    }
}
