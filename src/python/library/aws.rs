//! boto3: sessions, clients, resources, and the calls that reach AWS.

use std::rc::Rc;

use super::parameters;
use super::services::is_service;
use crate::diagnostic::Span;
use crate::python::data::{Data, Made, Native, What};
use crate::python::effect::{AwsCall, Effect};
use crate::python::machine::{Arguments, Eval, Machine, Value};

/// Parameters of `client` and `resource`.
const SESSION_PARAMETERS: &[&str] = &[
    "service_name",
    "region_name",
    "api_version",
    "use_ssl",
    "verify",
    "endpoint_url",
    "aws_access_key_id",
    "aws_secret_access_key",
    "aws_session_token",
    "config",
    "aws_account_id",
];

impl Machine<'_, '_> {
    fn made_now(&self) -> Made {
        if self.is_in_call() { Made::InCall } else { Made::AtImport }
    }

    /// `client` and `resource` of boto3 and its sessions.
    pub(super) fn session_method(&mut self, name: &str, arguments: &Arguments, place: Span) -> Eval {
        if !matches!(name, "client" | "resource") {
            return Ok(self.made(crate::python::data::Kind::Any, name));
        }
        if let Some((unknown, _)) = arguments.keywords.iter().find(|(key, _)| !SESSION_PARAMETERS.contains(&&**key)) {
            let message = format!("{name}() has no parameter '{unknown}': the service is its first argument");
            return self.raise("TypeError", &message, place);
        }
        let service = match arguments.get(0, "service_name") {
            Some(Value::Str(service)) => service.clone(),
            Some(Value::Symbol(symbol)) => match &symbol.what {
                What::Env(variable) if self.is_set(variable) => {
                    let message = format!("Unknown service: what {variable} holds is not the name of a service");
                    return self.raise("UnknownServiceError", &message, place);
                }
                _ => return Ok(self.unknown("an AWS client")),
            },
            Some(_) => {
                let message = format!("{name}() wants the name of a service, as in {name}('sns')");
                return self.raise("TypeError", &message, place);
            }
            None if arguments.open => return Ok(self.unknown("an AWS client")),
            None => {
                let message = format!("{name}() is not told for which service: {name}('sns')");
                return self.raise("TypeError", &message, place);
            }
        };
        if !is_service(name, &service) {
            let lower = service.trim().to_lowercase();
            let meant = ["sns", "dynamodb"].into_iter().find(|known| strsim::levenshtein(known, &lower) <= 1);
            let meant = meant.map(|meant| format!("; did you mean '{meant}'?")).unwrap_or_default();
            let class = if name == "resource" { "ResourceNotExistsError" } else { "UnknownServiceError" };
            return self.raise(class, &format!("Unknown service: '{service}'{meant}"), place);
        }
        let made = self.made_now();
        Ok(Value::native(if name == "client" {
            Native::Client(service, made)
        } else {
            Native::Resource(service, made)
        }))
    }

    /// A method of a client, resource, topic, table or batch.
    pub(super) fn aws_method(&mut self, native: &Rc<Native>, name: &str, arguments: &Arguments, place: Span) -> Eval {
        let first = arguments.positional.first().or_else(|| arguments.keywords.first().map(|(_, value)| value));
        let first = first.map(|value| self.snapshot(value));
        match &**native {
            Native::Client(..) | Native::DocumentClient(_)
                if matches!(
                    name,
                    "get_paginator" | "get_waiter" | "can_paginate" | "close" | "generate_presigned_url"
                ) =>
            {
                Ok(self.unknown(name))
            }
            Native::Client(..) | Native::DocumentClient(_) if !arguments.positional.is_empty() => {
                self.raise("TypeError", &format!("{name}() only accepts keyword arguments."), place)
            }
            Native::Client(service, made) => self.send(service, name, arguments, Vec::new(), *made, false, place),
            // The client of a resource takes plain values, as the resource does.
            Native::DocumentClient(made) => self.send("dynamodb", name, arguments, Vec::new(), *made, true, place),
            Native::Resource(service, made) => match (&**service, name, first) {
                ("sns", "Topic" | "PlatformEndpoint", Some(arn)) => Ok(Value::native(Native::Topic(arn, *made))),
                ("sns", "Topic", None) | ("dynamodb", "Table", None) => {
                    self.raise("ValueError", &format!("{name}() needs its identifier"), place)
                }
                ("dynamodb", "Table", Some(table)) => self.table(table, *made, place),
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
                "batch_writer" => Ok(Value::native(Native::Batch(table.clone(), *made))),
                "load" | "reload" => Ok(Value::None),
                _ => self.resource_call("dynamodb", name, ("TableName", table.clone()), arguments, *made, place),
            },
            Native::Batch(table, made) => match name {
                // A batch that nobody enters gathers what it is given, and sends nothing.
                "put_item" if !self.is_entered(native) => Ok(Value::None),
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

    fn table(&mut self, table: Data, made: Made, place: Span) -> Eval {
        if let Some(found) = parameters::not_text(&table) {
            let message = format!("Table() wants the table's name as a string, and {found} is given");
            return self.raise("ParamValidationError", &message, place);
        }
        Ok(Value::native(Native::Table(table, made)))
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
        let call = parameters::Call { service, operation, plain: resource, implied: &names, open: arguments.open };
        if let Some(refusal) = call.refusal(&given) {
            let at = refusal.parameter.and_then(|name| arguments.places.iter().find(|(key, _)| **key == *name));
            let at = at.map_or(place, |(_, span)| *span);
            return self.raise(refusal.class, &refusal.reason, at);
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
