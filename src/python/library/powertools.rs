//! The event classes of Powertools for AWS Lambda: attributes in Python's spelling around the event itself.

use crate::diagnostic::Span;
use crate::python::data::{Data, What};
use crate::python::machine::{Arguments, Eval, Machine, Obj, Value};

const PACKAGE: &str = "aws_lambda_powertools.utilities.data_classes";

/// The event class that a dotted name means.
pub(super) fn event_class(path: &str) -> Option<&str> {
    let rest = path.strip_prefix(PACKAGE)?;
    rest.rsplit('.').next().filter(|name| name.ends_with("Event") || name.ends_with("EventV2"))
}

/// Whether a dotted name is the decorator that hands a handler its event in such a class.
pub(in crate::python) fn is_event_source(path: &str) -> bool {
    path.starts_with(PACKAGE) && path.ends_with(".event_source")
}

impl Machine<'_, '_> {
    /// An event in a class.
    pub(in crate::python) fn event(&mut self, raw: &Value) -> Value {
        match self.value_obj(raw) {
            Some(Obj::Event(_)) => raw.clone(),
            _ => self.alloc(Obj::Event(raw.clone())),
        }
    }

    /// An attribute of an event in a class.
    pub(in crate::python) fn event_attribute(&mut self, raw: &Value, name: &str, place: Span) -> Eval {
        match name {
            "raw_event" => return Ok(raw.clone()),
            "get" | "items" | "keys" | "values" => return self.attribute(raw, name, place),
            "json_body" | "decoded_body" => {
                let body = self.item(raw, &Value::str("body"), place)?;
                let read = Arguments::of(vec![body.clone()]);
                return if name == "json_body" { self.json_loads(&read, place) } else { Ok(body) };
            }
            "records" => {
                let records = self.item(raw, &Value::str("Records"), place)?;
                let records = self.iterate(&records, place)?;
                let records = records.iter().map(|record| self.event(record)).collect();
                return Ok(self.iterator(records));
            }
            "record" => {
                let records = self.item(raw, &Value::str("Records"), place)?;
                let first = self.item(&records, &Value::Int(0), place)?;
                return Ok(self.event(&first));
            }
            "sns_message" => {
                let record = self.event_attribute(raw, "record", place)?;
                let sns = self.attribute(&record, "sns", place)?;
                return self.attribute(&sns, "message", place);
            }
            _ => {}
        }
        for key in [camel(name, false), camel(name, true), name.to_owned()] {
            let Data::Dict(dict) = self.snapshot(raw) else { break };
            if dict.entries.iter().any(|(known, _)| *known == Data::str(&key)) {
                let value = self.item(raw, &Value::Str(key.into()), place)?;
                return Ok(if self.dict(&value).is_some() { self.event(&value) } else { value });
            }
        }
        Ok(Value::symbol(crate::python::data::Kind::Any, What::Unknown(format!("event.{name}").into(), 0)))
    }
}

/// `http_method` as `httpMethod` or `HttpMethod`.
fn camel(name: &str, first: bool) -> String {
    let mut upper = first;
    let mut result = String::new();
    for letter in name.chars() {
        if letter == '_' {
            upper = true;
        } else if std::mem::take(&mut upper) {
            result.extend(letter.to_uppercase());
        } else {
            result.push(letter);
        }
    }
    result
}
