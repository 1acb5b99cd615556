//! boto3: sessions, clients, resources, and the calls that reach AWS.

use std::rc::Rc;

use super::parameters;
use crate::diagnostic::Span;
use crate::python::data::{Data, Made, Native};
use crate::python::effect::{AwsCall, Effect};
use crate::python::machine::{Arguments, Eval, Machine, Value};

impl Machine<'_, '_> {
    fn made_now(&self) -> Made {
        if self.is_in_call() { Made::InCall } else { Made::AtImport }
    }

    /// `client` and `resource` of boto3 and its sessions.
    pub(super) fn session_method(&mut self, name: &str, arguments: &Arguments) -> Value {
        let service = arguments.get(0, "service_name").and_then(Value::as_str).map(Rc::from);
        match (name, service) {
            ("client", Some(service)) => Value::native(Native::Client(service, self.made_now())),
            ("resource", Some(service)) => Value::native(Native::Resource(service, self.made_now())),
            ("client" | "resource", None) => self.unknown("an AWS client"),
            _ => self.made(crate::python::data::Kind::Any, name),
        }
    }

    /// A method of a client, resource, topic, table or batch.
    pub(super) fn aws_method(&mut self, native: &Rc<Native>, name: &str, arguments: &Arguments, place: Span) -> Eval {
        let first = arguments.positional.first().or_else(|| arguments.keywords.first().map(|(_, value)| value));
        let first = first.map(|value| self.snapshot(value));
        match &**native {
            Native::Client(service, made) => {
                if matches!(name, "get_paginator" | "get_waiter" | "can_paginate" | "close" | "generate_presigned_url")
                {
                    return Ok(self.unknown(name));
                }
                if let Some(argument) = first.filter(|_| !arguments.positional.is_empty()) {
                    let _ = argument;
                    return self.raise("TypeError", &format!("{name}() only accepts keyword arguments."), place);
                }
                self.send(service, name, arguments, Vec::new(), *made, false, place)
            }
            Native::Resource(service, made) => match (&**service, name, first) {
                ("sns", "Topic" | "PlatformEndpoint", Some(arn)) => Ok(Value::native(Native::Topic(arn, *made))),
                ("sns", "Topic", None) | ("dynamodb", "Table", None) => {
                    self.raise("ValueError", &format!("{name}() needs its identifier"), place)
                }
                ("dynamodb", "Table", Some(table)) => Ok(Value::native(Native::Table(table, *made))),
                ("dynamodb", "batch_write_item", _) => {
                    self.send(service, name, arguments, Vec::new(), *made, true, place)
                }
                _ => Ok(self.unknown(name)),
            },
            Native::Topic(arn, made) => match name {
                "publish" => self.resource_call("sns", name, ("TopicArn", arn.clone()), arguments, *made, place),
                _ => Ok(self.unknown(name)),
            },
            Native::Table(table, made) => match name {
                "put_item" => {
                    self.resource_call("dynamodb", name, ("TableName", table.clone()), arguments, *made, place)
                }
                "batch_writer" => Ok(Value::native(Native::Batch(table.clone(), *made))),
                "load" | "reload" => Ok(Value::None),
                _ => {
                    if let Some(near) = parameters::mistyped_operation("dynamodb", name) {
                        let message =
                            format!("'dynamodb.Table' object has no attribute '{name}'; boto3 calls it {near}");
                        return self.raise("AttributeError", &message, place);
                    }
                    self.resource_call("dynamodb", name, ("TableName", table.clone()), arguments, *made, place)
                }
            },
            Native::Batch(table, made) => match name {
                "put_item" => {
                    let mut given = arguments.clone();
                    if !given.positional.is_empty() {
                        let item = given.positional.remove(0);
                        given.keywords.push(("Item".into(), item));
                    }
                    self.resource_call("dynamodb", name, ("TableName", table.clone()), &given, *made, place)
                }
                _ => Ok(self.unknown(name)),
            },
            _ => Ok(self.unknown(name)),
        }
    }

    fn resource_call(
        &mut self,
        service: &str,
        operation: &str,
        implied: (&'static str, Data),
        arguments: &Arguments,
        made: Made,
        place: Span,
    ) -> Eval {
        if !arguments.positional.is_empty() {
            let message = format!("{operation}() takes no positional arguments: name them");
            return self.raise("TypeError", &message, place);
        }
        self.send(service, operation, arguments, vec![implied], made, true, place)
    }

    #[expect(clippy::too_many_arguments, reason = "one call, told in full")]
    fn send(
        &mut self,
        service: &str,
        operation: &str,
        arguments: &Arguments,
        implied: Vec<(&'static str, Data)>,
        made: Made,
        resource: bool,
        place: Span,
    ) -> Eval {
        let mut given: Vec<(Rc<str>, Data)> =
            arguments.keywords.iter().map(|(name, value)| (name.clone(), self.snapshot(value))).collect();
        let names: Vec<&str> = implied.iter().map(|(name, _)| *name).collect();
        if let Some((reason, parameter)) = parameters::refusal(service, operation, &given, &names, arguments.open) {
            let at = parameter.and_then(|name| arguments.places.iter().find(|(key, _)| **key == *name));
            let at = at.map_or(place, |(_, span)| *span);
            return self.raise("ParamValidationError", &reason, at);
        }
        for (name, value) in implied {
            if !given.iter().any(|(key, _)| &**key == name) {
                given.push((name.into(), value));
            }
        }
        if arguments.open {
            let rest = self.unknown("further arguments");
            let rest = self.snapshot(&rest);
            given.push(("**".into(), rest));
        }
        let at = self.at(place);
        let places = arguments.places.iter().map(|(name, span)| (name.clone(), self.at(*span))).collect();
        let fails = self.choose(2) == 1;
        self.emit(Effect::Aws(AwsCall {
            service: service.into(),
            operation: operation.into(),
            arguments: given,
            argument_places: places,
            made,
            resource,
            fails,
            at,
        }));
        if fails {
            return self.raise_fault(operation, place);
        }
        let answer = Data::open_dict([("ResponseMetadata", Data::open_dict([("HTTPStatusCode", Data::Int(200))]))]);
        Ok(self.import_data(&answer))
    }
}
