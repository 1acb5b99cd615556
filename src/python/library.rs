//! Libraries as handlers use them: what their modules hold and what calling them does.

mod attributes;
mod aws;
mod environment;
mod functions;
mod http;
mod json;
pub(super) mod known;
mod parameters;
mod powertools;
mod services;

pub(super) use powertools::is_event_source;

use std::rc::Rc;

use super::data::{Data, Kind, Native};
use super::effect::Effect;
use super::machine::{Arguments, Eval, Machine, Obj, Value};
use crate::diagnostic::Span;

const LOG_LEVELS: &[&str] =
    &["debug", "info", "warning", "warn", "error", "exception", "critical", "fatal", "log", "bind", "success"];

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
            Native::Client(..)
            | Native::DocumentClient(_)
            | Native::Resource(..)
            | Native::Topic(..)
            | Native::Table(..)
            | Native::Batch(..) => self.aws_method(native, name, arguments, place),
            Native::Session => self.session_method(name, arguments, place),
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
}
