//! What the rules on the two handlers of the record service share: was the ride handed to the function that writes it?

use super::delivery::same_ride;
use super::say::{self, Verdict, calls, error, near, replace, sum, unsure, warning};
use super::subject::{Setup, Subject, looks_like_ride, ride};
use crate::diagnostic::{Diagnostic, Span};
use crate::python::data::{Data, Native};
use crate::python::effect::{At, Effect, End, Path};
use crate::python::{Call, Paths};
use std::rc::Rc;

/// A handler and the function that it is to call.
pub(super) struct Handover<'a> {
    pub code: &'static str,
    pub handler: &'a str,
    pub function: &'a str,
    pub call: Call,
    /// How the ride is found in the event, in Python.
    pub read_with: &'a str,
    /// What is asked of the answer.
    pub answer: fn(&'static str, &Path, &At) -> Verdict,
    /// Whether an answer is asked for at all.
    pub answers: bool,
}

impl Handover<'_> {
    pub fn judge(&self, subject: &Subject<'_>) -> Vec<Diagnostic> {
        let stub = || vec![(self.function, Data::Native(Rc::new(Native::Stub(self.function.into()))))];
        let whole =
            subject.run(Some((self.handler, self.call.clone())), Setup { provided: stub(), ..Setup::default() });
        let defined = whole.paths.iter().any(|path| {
            path.global(self.handler)
                .is_some_and(|value| matches!(value, Data::Function(..) | Data::Object(_)) || value.is_uncertain())
        });
        if let Some(broken) = say::broken_import(self.code, &whole, subject.file) {
            return vec![broken];
        }
        if !defined {
            return vec![self.missing(subject)];
        }
        let mut paths = whole;
        let mut finding = self.sum(subject, &paths);
        if finding.is_some() {
            // The function that writes is another task's: look again without running it.
            let setup = Setup { provided: stub(), stubs: vec![self.function], ..Setup::default() };
            let apart = subject.run(Some((self.handler, self.call.clone())), setup);
            let second = self.sum(subject, &apart);
            let inside = finding
                .as_ref()
                .and_then(|finding| finding.span)
                .is_some_and(|span| subject.is_inside(&At { file: subject.file.path().into(), span }, self.function));
            if second.is_none() || inside {
                finding = second;
                paths = apart;
            }
        }
        let mut findings: Vec<Diagnostic> = finding.into_iter().collect();
        if findings.is_empty() {
            findings.extend(self.swallowed(subject, &paths));
            findings.extend(say::provided_notes(self.code, &paths, &|_| "task 3.3"));
        }
        findings
    }

    fn sum(&self, subject: &Subject<'_>, paths: &Paths) -> Option<Diagnostic> {
        let sunny: Vec<&Path> = paths.paths.iter().filter(|path| path.is_sunny()).collect();
        // A way that refuses an event (400 …) is no way on which a ride arrives.
        let refuses = |path: &Path| match &path.end {
            End::Returned(answer, _) => matches!(answer.get("statusCode"), Some(Data::Int(status)) if *status >= 400),
            _ => false,
        };
        let accepting: Vec<&Path> = sunny.iter().copied().filter(|path| !refuses(path)).collect();
        let judged = if accepting.is_empty() { sunny } else { accepting };
        sum(self.code, paths, judged.into_iter().map(|path| (path, self.look(subject, path))).collect())
    }

    fn missing(&self, subject: &Subject<'_>) -> Diagnostic {
        let start = At { file: subject.file.path().into(), span: Span::at(0) };
        let functions = subject.file.functions();
        let taken = ["handler", "handler_http", "handler_sns"];
        if let Some(function) = functions
            .iter()
            .find(|function| near(&function.name, self.handler) && !taken.contains(&function.name.as_str()))
        {
            let at = At { span: function.span, ..start };
            let finding = error(
                self.code,
                &at,
                format!(
                    "the function is called {}; {} is asked for, and serverless.yml will name it so",
                    function.name, self.handler
                ),
            );
            return if subject.file.reads(&function.name).is_empty() {
                finding.edit(replace(&at, self.handler, format!("rename to {}", self.handler)))
            } else {
                finding
            };
        }
        let commented = subject.is_commented_out(&format!("def {}", self.handler));
        let why = if commented { ": it stands in a comment only" } else { "" };
        error(self.code, &start, format!("the module has no function {}{why}", self.handler))
            .help(format!("`def {}(event, context):` at the top level of the module.", self.handler))
    }

    fn look(&self, subject: &Subject<'_>, path: &Path) -> Verdict {
        let definition = subject.place(self.handler);
        match &path.end {
            End::Abandoned(why, at) => {
                return Verdict::Unsure(unsure(self.code, at.as_ref().unwrap_or(&definition), why.to_string()));
            }
            End::Raised(failure) => {
                let failure = say::placed(failure, &definition);
                let mut finding = say::failure(self.code, self.handler, &failure, subject.file);
                if failure.at == definition {
                    finding = finding
                        .help(format!("Lambda calls it with two arguments: `def {}(event, context):`.", self.handler));
                } else if &*failure.class == "KeyError" {
                    finding = self.wrong_key(subject, &failure.message, &failure.at, finding);
                }
                return Verdict::Wrong(finding);
            }
            End::Returned(Data::Object(what), at) if what.contains("never awaited") || what.contains("has not run") => {
                let at = at.as_ref().unwrap_or(&definition);
                return Verdict::Wrong(error(
                    self.code,
                    at,
                    format!("Lambda only gets {what}: the body of {} does not run", self.handler),
                ));
            }
            End::Returned(..) => {}
        }
        match self.look_at_call(subject, path, &definition) {
            Verdict::Right if self.answers => (self.answer)(self.code, path, &definition),
            Verdict::Right => self.look_at_result(path, &definition),
            other => other,
        }
    }

    /// What is returned where nobody asks for an answer: Lambda writes it as JSON all the same.
    fn look_at_result(&self, path: &Path, definition: &At) -> Verdict {
        let End::Returned(value, at) = &path.end else { return Verdict::Right };
        let Some(kind) = value.unserializable() else { return Verdict::Right };
        let at = at.as_ref().unwrap_or(definition);
        let text = format!(
            "what is returned here cannot be written as JSON (a {kind}): Lambda counts the call as failed, and calls again"
        );
        Verdict::Wrong(
            error(self.code, at, text).help("Nobody reads what this handler returns: leave the `return` out."),
        )
    }

    fn wrong_key(&self, subject: &Subject<'_>, key: &str, at: &At, finding: Diagnostic) -> Diagnostic {
        let known = ["Records", "Sns", "Message", "body", "RideId", "PickupLocation"];
        let right = known.iter().find(|known| known.eq_ignore_ascii_case(key) && **known != key);
        match (right, subject.text_at(at)) {
            (Some(right), Some(quoted)) if quoted.starts_with(['\'', '"']) => {
                let quote = &quoted[..1];
                finding.help(format!("The key is spelt {right}: capitals count.")).edit(replace(
                    at,
                    format!("{quote}{right}{quote}"),
                    format!("spell it {right}"),
                ))
            }
            (Some(right), _) => finding.help(format!("The key is spelt {right}: capitals count.")),
            _ => finding.help(format!("The ride is found with `{}`.", self.read_with)),
        }
    }

    fn look_at_call(&self, subject: &Subject<'_>, path: &Path, definition: &At) -> Verdict {
        let called = calls(path.during_call(), &say::real_name(path, self.function));
        let Some(first) = called.first() else { return self.never_called(subject, path, definition) };
        let (arguments, at) = (&first.arguments, first.at);
        let mut given = called.iter().flat_map(|called| called.arguments.iter());
        if given.any(|value| same_ride(value, &ride())) {
            if let (true, Some(again)) = (self.answers, called.get(1)) {
                return Verdict::Wrong(error(
                    self.code,
                    again.at,
                    format!("{} is called more than once for one request", self.function),
                ));
            }
            return Verdict::Right;
        }
        if arguments.iter().any(|value| value.is_uncertain()) {
            return Verdict::Unsure(unsure(
                self.code,
                at,
                format!("whether {} is given the ride cannot be followed", self.function),
            ));
        }
        let (given, help) = match arguments.first() {
            Some(value) if value.parsed().is_some_and(|parsed| same_ride(&parsed, &ride())) => (
                "the ride as JSON text, not parsed",
                "`json.loads(…)` makes a dict of it, which is what the table takes.",
            ),
            Some(value) if value.parsed().and_then(|parsed| parsed.parsed()).is_some() => {
                ("JSON text of JSON text", "`json.dumps` writes text; `json.loads` reads it.")
            }
            Some(value) if value.get("Records").is_some() || value.get("httpMethod").is_some() => {
                ("the whole event", "")
            }
            Some(value) if value.get("Sns").is_some() => ("the whole record of the event", ""),
            Some(value) if value.get("Message").is_some() => ("the whole SNS notification", ""),
            Some(value) if matches!(value, Data::Dict(_)) && value.get("RideId").is_some() => {
                ("a part of the ride only", "")
            }
            Some(Data::Dict(dict)) if dict.entries.iter().any(|(_, value)| looks_like_ride(value)) => {
                ("the ride wrapped in another dict", "")
            }
            Some(Data::None) => ("None", ""),
            None => ("nothing", ""),
            _ => ("something other than the ride", ""),
        };
        let finding = error(self.code, at, format!("{} is given {given}; it is to be given the ride", self.function));
        let help =
            if help.is_empty() { format!("The ride is found with `{}`.", self.read_with) } else { help.to_owned() };
        Verdict::Wrong(finding.help(help))
    }

    fn never_called(&self, subject: &Subject<'_>, path: &Path, definition: &At) -> Verdict {
        let matters =
            |data: &Data| looks_like_ride(data) || matches!(data, Data::Function(name, _) if **name == *self.function);
        if let Some((what, at)) = say::hidden(path, &matters) {
            return Verdict::Unsure(unsure(self.code, at, format!("what {what} does with this cannot be followed")));
        }
        let puts = path.during_call().iter().find_map(|effect| match effect {
            Effect::Aws(call) if &*call.service == "dynamodb" => Some(&call.at),
            _ => None,
        });
        if let Some(at) = puts {
            let text = format!(
                "{} writes the item itself; it is to call {}, so that both handlers share it",
                self.handler, self.function
            );
            return Verdict::Wrong(error(self.code, at, text));
        }
        let handler = subject.file.function(self.handler).map(|function| function.whole).unwrap_or_default();
        let unreached = subject
            .file
            .reads(self.function)
            .into_iter()
            .find(|read| handler.start <= read.start && read.end <= handler.end);
        let asynchronous = subject.file.function(self.function).is_some_and(|function| function.asynchronous);
        let finding = match unreached {
            Some(span) if asynchronous => error(
                self.code,
                &At { file: subject.file.path().into(), span },
                format!("this only makes a coroutine: {} is an `async def`, and nobody awaits it", self.function),
            ),
            Some(span) => error(
                self.code,
                &At { file: subject.file.path().into(), span },
                format!("this call of {} is never reached", self.function),
            ),
            None => error(self.code, definition, format!("`{}` never calls `{}`", self.handler, self.function)),
        };
        Verdict::Wrong(finding.help(format!("`{}({})`", self.function, self.read_with)))
    }

    /// A failed write that the handler keeps to itself.
    fn swallowed(&self, subject: &Subject<'_>, paths: &Paths) -> Option<Diagnostic> {
        let fine = |path: &Path| match &path.end {
            End::Returned(answer, _) => !matches!(answer.get("statusCode"), Some(Data::Int(status)) if *status >= 400),
            _ => false,
        };
        // Inside the function that writes, swallowing is told by the rule on that function.
        let own = subject.run(
            Some((self.handler, self.call.clone())),
            Setup {
                provided: vec![(self.function, Data::Native(Rc::new(Native::Stub(self.function.into()))))],
                stubs: vec![self.function],
                ..Setup::default()
            },
        );
        let _ = paths;
        let kept = own.paths.iter().any(|path| !path.is_sunny() && fine(path));
        kept.then(|| {
            warning(self.code, &subject.place(self.handler), format!("when writing fails, {} keeps the exception to itself", self.handler))
                .help("The ride is lost and nobody learns of it: SNS and Lambda try again only if the exception leaves the handler.")
        })
    }
}
