//! What handlers did when they were run: pure data, made by the sandbox, and the verdicts that follow from it.
//!
//! Running decides, reading gives the place and the advice: `settle` brings a rule's findings in line with a trial. A trial is made of
//! [`Run`]s, each one call of one function. Everything about one handler file is one [`Trial`].

mod publish;
mod record;
mod settle;
mod words;

use serde_json::Value;

use crate::workshop::Task;

pub(super) use settle::settle;

/// Which of the module's handler files a trial is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `request_ride.py`: publishes rides.
    Publish,
    /// `put_ride_record.py`: writes rides.
    Record,
}

/// A handler file to be tried.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Subject {
    /// As what.
    pub kind: Kind,
    /// Path from the workshop folder, with `/`.
    pub file: String,
}

impl Subject {
    /// What has to be tried to judge `task`, if running tells anything about it.
    pub fn of(task: &Task) -> Option<Self> {
        task.checks.iter().find_map(|check| {
            let kind = kind_of(&check.code)?;
            // Whoever names functions otherwise is judged by reading.
            let names = check.parameters.keys().all(|key| key == "file");
            let file = check.parameters.get("file").and_then(toml::Value::as_str).unwrap_or(match kind {
                Kind::Publish => "wild-rydes/handlers/request_ride.py",
                Kind::Record => "wild-rydes-ride-record/handlers/put_ride_record.py",
            });
            names.then(|| Self { kind, file: file.to_owned() })
        })
    }

    /// What has to be tried to judge `tasks`, each once.
    pub fn all<'a>(tasks: impl IntoIterator<Item = &'a Task>) -> Vec<Self> {
        let mut found = Vec::new();
        for subject in tasks.into_iter().filter_map(Self::of) {
            if !found.contains(&subject) {
                found.push(subject);
            }
        }
        found
    }

    /// The folder of its service.
    pub fn service(&self) -> &str {
        self.file.split('/').next().unwrap_or_default()
    }
}

/// Whether handlers are run to judge the rule `code`.
pub(super) fn tells_by_running(code: &str) -> bool {
    kind_of(code).is_some()
}

/// What a rule is tried by.
fn kind_of(code: &str) -> Option<Kind> {
    match code {
        "RY251" | "RY252" | "RY253" | "RY255" | "RY256" | "RY257" => Some(Kind::Publish),
        "RY301" | "RY302" | "RY303" | "RY304" => Some(Kind::Record),
        _ => None,
    }
}

/// All that one handler file did.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    /// Which file.
    pub subject: Subject,
    /// ARN of the topic that rides are to be published to.
    pub topic: String,
    /// What the module holds where the old constant is within reach, as before task 2.5c.
    pub constants: Vec<(String, Held)>,
    /// What the module holds after its import; empty if it cannot be imported.
    pub names: Vec<(String, Held)>,
    /// Names of neighbouring tasks that its import found nowhere in it.
    pub borrowed: Vec<String>,
    /// Why the module cannot be imported, if it cannot.
    pub import: Option<Failure>,
    /// Its runs, in order.
    pub runs: Vec<Run>,
    /// Why nothing could be tried, in words.
    pub trouble: Option<String>,
}

/// What a name of the module holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Held {
    /// A text.
    Text(String),
    /// A boto3 client for the service.
    Client(String),
    /// A part of boto3 that is no client: the module, a session, a resource.
    Boto3,
    /// Something that can be called, with the name that it was defined by.
    Function(String),
    /// Anything else.
    Other,
}

/// What a run calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The function that publishes, with a ride.
    Publishing,
    /// The handler of `POST /ride`.
    Request,
    /// The handler behind API Gateway.
    Http,
    /// The handler behind SNS.
    Sns,
    /// The function that writes, with a ride.
    Writing,
    /// The same while the table is not there.
    Failing,
}

/// One call of one function.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// What was called.
    pub step: Step,
    /// The ride that it was about; of a request for a ride only its unicorn.
    pub ride: Value,
    /// How it ended.
    pub end: End,
    /// Calls of AWS, in order.
    pub calls: Vec<AwsCall>,
    /// HTTP calls to other services, in order.
    pub requests: Vec<HttpCall>,
    /// What the function that publishes or writes was given.
    pub handed: Vec<Handed>,
    /// The items that the table holds afterwards.
    pub items: Vec<Value>,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq)]
pub enum End {
    /// With this answer.
    Returned(Value),
    /// With an exception.
    Raised(Failure),
    /// Not by itself, or with the end of its process; in words.
    Stopped(String),
}

impl End {
    /// Whether it ended with an answer, of whatever kind.
    fn returned(&self) -> bool {
        match self {
            Self::Returned(_) => true,
            Self::Raised(failure) => failure.class == NO_JSON,
            Self::Stopped(_) => false,
        }
    }
}

/// What Lambda calls an answer that JSON has no form for.
const NO_JSON: &str = "Runtime.MarshalError";

/// An exception that left the function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// `KeyError`.
    pub class: String,
    /// Its message.
    pub message: String,
    /// Where in the learner's files.
    pub place: Option<Line>,
    /// The module that is not there, of an error of imports.
    pub module: Option<String>,
}

/// A line of a file of the learner's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Path from the folder of the service, with `/`.
    pub file: String,
    /// From 1.
    pub line: usize,
}

/// A call of AWS.
#[derive(Clone, Debug, PartialEq)]
pub struct AwsCall {
    /// `sns`.
    pub service: String,
    /// `Publish`.
    pub operation: String,
    /// Its input.
    pub input: Value,
    /// Code and message of its error, if it failed.
    pub fault: Option<(String, String)>,
    /// Where it was made.
    pub place: Option<Line>,
    /// The learner's functions that were running, innermost first.
    pub inside: Vec<String>,
}

/// An HTTP call to another service.
#[derive(Clone, Debug, PartialEq)]
pub struct HttpCall {
    /// `POST`.
    pub method: String,
    /// Whether it went to the record service, and not to the fleet.
    pub to_record: bool,
    /// Its body.
    pub body: String,
}

/// A call of the watched function.
#[derive(Clone, Debug, PartialEq)]
pub struct Handed {
    /// What it was given.
    pub arguments: Vec<Value>,
    /// Where it was called.
    pub place: Option<Line>,
}

/// What a trial says about one rule.
#[derive(Clone, Debug, PartialEq)]
enum Outcome {
    /// Nothing.
    Silent,
    /// The required behaviour happened.
    Right,
    /// It did not.
    Wrong(Wrong),
    /// It could not be tried, for this reason.
    Impossible(String),
}

/// What went wrong.
#[derive(Clone, Debug, PartialEq)]
struct Wrong {
    message: String,
    /// Where, if it shows in the learner's code.
    place: Option<Line>,
    /// The function whose definition is the place otherwise.
    function: &'static str,
    /// What was seen.
    seen: String,
}

/// Whether `value` is the ride, with or without more beside it.
fn carries(value: &Value, ride: &Value) -> bool {
    let (Some(value), Some(ride)) = (value.as_object(), ride.as_object()) else { return value == ride };
    ride.iter().all(|(name, part)| value.get(name) == Some(part))
}

impl Trial {
    fn outcome(&self, code: &str) -> Outcome {
        if kind_of(code) != Some(self.subject.kind) {
            return Outcome::Silent;
        }
        if let Some(trouble) = &self.trouble {
            return Outcome::Impossible(trouble.clone());
        }
        match self.subject.kind {
            Kind::Publish => publish::outcome(self, code),
            Kind::Record => record::outcome(self, code),
        }
    }

    fn runs(&self, step: Step) -> impl Iterator<Item = &Run> {
        self.runs.iter().filter(move |run| run.step == step)
    }

    fn holds(&self, name: &str) -> Option<&Held> {
        self.names.iter().find(|(own, _)| own == name).map(|(_, held)| held)
    }

    /// What a failing import means for a rule whose function cannot run for it.
    fn broken(&self, function: &'static str) -> Option<Outcome> {
        let failure = self.import.as_ref()?;
        Some(match &failure.module {
            Some(module) => Outcome::Impossible(format!("the package {module} is not on this machine")),
            None => Outcome::Wrong(Wrong {
                message: format!("importing the module stops with {}", words::failure(failure)),
                place: failure.place.clone(),
                function,
                seen: "Nothing of the module runs.".to_owned(),
            }),
        })
    }
}
