//! Requests over HTTP, which are taken to succeed.

use std::rc::Rc;

use crate::diagnostic::Span;
use crate::python::data::{Data, Native};
use crate::python::effect::{Effect, HttpCall};
use crate::python::machine::{Arguments, Machine, Value};

impl Machine<'_, '_> {
    pub(super) fn http(&mut self, method: &str, arguments: &Arguments, place: Span) -> Value {
        let (method, url_at): (Rc<str>, usize) = if method == "request" {
            let method = arguments.get(0, "method").and_then(Value::as_str).unwrap_or("request");
            (method.to_lowercase().into(), 1)
        } else {
            (method.into(), 0)
        };
        let url = arguments.get(url_at, "url").map_or(Data::None, |value| self.snapshot(value));
        let body = ["json", "data", "body"].iter().find_map(|name| arguments.keyword(name));
        let body = body.or_else(|| arguments.positional.get(url_at + 1)).map(|value| self.snapshot(value));
        let at = self.at(place);
        let status = if &*method == "post" { 201 } else { 200 };
        self.emit(Effect::Http(HttpCall { method, url: url.clone(), body, at }));
        Value::native(Native::Response(url, status))
    }

    pub(super) fn urlopen(&mut self, arguments: &Arguments, place: Span) -> Value {
        let request = arguments.get(0, "url").map_or(Data::None, |value| self.snapshot(value));
        let url = request.get("url").cloned().unwrap_or_else(|| request.clone());
        let body = request.get("data").cloned().or_else(|| arguments.get(1, "data").map(|value| self.snapshot(value)));
        let method = if body.is_some() { "post" } else { "get" };
        let at = self.at(place);
        self.emit(Effect::Http(HttpCall { method: method.into(), url: url.clone(), body, at }));
        Value::native(Native::Response(url, 200))
    }
}
