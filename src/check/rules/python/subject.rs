//! The file that a rule judges, and how it is run: with events as Lambda delivers them, and with what neighbouring tasks provide.

use crate::check::Evidence;
use crate::diagnostic::Diagnostic;
use crate::python::data::{Data, Kind, Made, Native};
use crate::python::effect::At;
use crate::python::{Call, Paths, PythonFile, Scenario};
use std::rc::Rc;

/// A handler file among the learner's other files.
pub(super) struct Subject<'a> {
    pub file: &'a PythonFile,
    evidence: &'a Evidence,
}

/// How a run differs from a plain one.
#[derive(Default)]
pub(super) struct Setup<'a> {
    /// Names that a neighbouring task defines.
    pub provided: Vec<(&'a str, Data)>,
    /// Functions that are entered and not executed.
    pub stubs: Vec<&'a str>,
    /// Environment variables that are not set.
    pub unset: Vec<&'a str>,
}

impl<'a> Subject<'a> {
    pub fn open(evidence: &'a Evidence, path: &str) -> Result<Self, Box<Diagnostic>> {
        evidence.python(path).map(|file| Self { file, evidence })
    }

    /// Every way through the import, and then through `call`.
    pub fn run(&self, call: Option<(&str, Call)>, setup: Setup<'_>) -> Paths {
        let evidence = self.evidence;
        let loader = move |path: &str| evidence.python(path).ok();
        let Setup { provided, stubs, unset } = setup;
        Scenario { call, provided, stubs, unset, ..Scenario::import(self.file, &loader) }.explore()
    }

    /// The start of the file, or where `name` is bound at its top level.
    pub fn place(&self, name: &str) -> At {
        let span = self.file.binding(name).map(|bound| bound.span).unwrap_or_default();
        At { file: self.file.path().into(), span }
    }

    /// The text at a place of this file.
    pub fn text_at(&self, at: &At) -> Option<&'a str> {
        (&*at.file == self.file.path()).then(|| self.file.text().get(at.span.start..at.span.end)).flatten()
    }

    /// Whether a place lies inside the definition of this file's function `name`.
    pub fn is_inside(&self, at: &At, name: &str) -> bool {
        let whole = self.file.function(name).map(|function| function.whole);
        &*at.file == self.file.path()
            && whole.is_some_and(|whole| whole.start <= at.span.start && at.span.end <= whole.end)
    }

    /// Whether a comment of the file holds `text`.
    pub fn is_commented_out(&self, text: &str) -> bool {
        self.file.text().lines().any(|line| line.trim_start().starts_with('#') && line.contains(text))
    }

    /// boto3, for a module that does not import it yet: that is a task of its own. Whoever imports it has to use what it is imported as.
    pub fn boto3<'n>(&self) -> Vec<(&'n str, Data)> {
        if self.file.imports().iter().any(|(name, ..)| name == "boto3" || name.starts_with("boto3.")) {
            return Vec::new();
        }
        vec![("boto3", Data::Native(Rc::new(Native::Lib("boto3".into()))))]
    }

    /// What 2.5a and 2.5b define, for whoever looks at what builds on them: each only where the module has nothing in its place.
    pub fn neighbours<'n>(&self, constant: &'n str, variable: &str, client: &'n str) -> Vec<(&'n str, Data)> {
        let mut provided = self.boto3();
        let import = self.run(None, Setup { provided: provided.clone(), ..Setup::default() });
        let globals = import.paths.first().map(|path| path.globals.clone()).unwrap_or_default();
        if !globals.iter().any(|(_, value)| is_env(value, variable)) {
            provided.push((constant, Data::env(variable)));
        }
        if !globals.iter().any(|(_, value)| publishes(value)) {
            provided.push((client, Data::Native(Rc::new(Native::Client("sns".into(), Made::AtImport)))));
        }
        provided
    }
}

/// Whether the value is what the environment variable holds.
pub(super) fn is_env(value: &Data, variable: &str) -> bool {
    matches!(value.what(), Some(crate::python::data::What::Env(name)) if &**name == variable)
}

/// Whether the value is an object that SNS is reached through.
pub(super) fn publishes(value: &Data) -> bool {
    let Data::Native(native) = value else { return false };
    match &**native {
        Native::Client(service, _) | Native::Resource(service, _) => &**service == "sns",
        Native::Topic(..) => true,
        _ => false,
    }
}

/// A ride as it leaves `_get_ride` and as it arrives at the record service.
pub(super) fn ride() -> Data {
    let text = |path: &str| Data::input(Kind::Str, path);
    let unicorn = Data::dict([("Name", text("ride.Unicorn.Name")), ("Color", text("ride.Unicorn.Color"))]);
    Data::dict([("RideId", text("ride.RideId")), ("Unicorn", unicorn), ("RequestTime", text("ride.RequestTime"))])
}

/// Whether the value is a dict with the parts of a ride.
pub(super) fn looks_like_ride(value: &Data) -> bool {
    ["RideId", "Unicorn", "RequestTime"].iter().all(|key| value.get(key).is_some())
}

/// The body of `POST /ride`.
pub(super) fn pickup() -> Data {
    let number = |path: &str| Data::input(Kind::Number, path);
    let place = [("Latitude", number("pickup.Latitude")), ("Longitude", number("pickup.Longitude"))];
    Data::dict([("PickupLocation", Data::dict(place))])
}

/// The two arguments of a handler behind API Gateway.
pub(super) fn http_call(body: Data, path: &str) -> Call {
    let text = |path: &str| Data::input(Kind::Str, path);
    let context = Data::open_dict([
        ("resourcePath", Data::str(path)),
        ("httpMethod", Data::str("POST")),
        ("requestId", text("event.requestContext.requestId")),
        ("stage", text("event.requestContext.stage")),
        ("identity", Data::open_dict([("sourceIp", text("event.requestContext.identity.sourceIp"))])),
    ]);
    let event = Data::dict([
        ("resource", Data::str(path)),
        ("path", Data::str(path)),
        ("httpMethod", Data::str("POST")),
        ("headers", Data::open_dict([("Content-Type", Data::str("application/json"))])),
        ("multiValueHeaders", Data::open_dict([])),
        ("queryStringParameters", Data::None),
        ("multiValueQueryStringParameters", Data::None),
        ("pathParameters", Data::None),
        ("stageVariables", Data::None),
        ("requestContext", context),
        ("body", Data::json(body)),
        ("isBase64Encoded", Data::Bool(false)),
    ]);
    Call::With(vec![event, context_object()])
}

/// The two arguments of a handler behind SNS.
pub(super) fn sns_call(message: Data) -> Call {
    let text = |name: &str| Data::input(Kind::Str, &format!("event.Records.0.Sns.{name}"));
    let sns = Data::dict([
        ("Type", Data::str("Notification")),
        ("MessageId", text("MessageId")),
        ("TopicArn", text("TopicArn")),
        ("Subject", Data::None),
        ("Message", Data::json(message)),
        ("Timestamp", text("Timestamp")),
        ("SignatureVersion", Data::str("1")),
        ("Signature", text("Signature")),
        ("SigningCertUrl", text("SigningCertUrl")),
        ("UnsubscribeUrl", text("UnsubscribeUrl")),
        ("MessageAttributes", Data::open_dict([])),
    ]);
    let record = Data::dict([
        ("EventSource", Data::str("aws:sns")),
        ("EventVersion", Data::str("1.0")),
        ("EventSubscriptionArn", Data::input(Kind::Str, "event.Records.0.EventSubscriptionArn")),
        ("Sns", sns),
    ]);
    Call::With(vec![Data::dict([("Records", Data::List(Rc::new([record])))]), context_object()])
}

fn context_object() -> Data {
    Data::Native(Rc::new(Native::Context))
}
