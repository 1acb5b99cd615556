//! # A function that publishes the ride
//!
//! ## What it asks
//! The function `_publish_ride_record(ride, sns_topic_arn=RIDES_SNS_TOPIC_ARN)` publishes the ride, as a JSON string, to the topic: once, and without a return
//! value. Its parameters may have other names. `MessageStructure='json'`, `publish_batch` and `Topic(…).publish` are as good where they deliver the ride.
//!
//! ## Why
//! The receiver reads the message with `json.loads` and expects the ride itself. SNS takes strings only, so a dict makes boto3 refuse the call; Python's own
//! `str(ride)` is no JSON; a ride that is turned into JSON twice arrives as a string in a string.
//!
//! ## Passes
//! ```python
//! def _publish_ride_record(ride, sns_topic_arn=RIDES_SNS_TOPIC_ARN):
//!     SNS_CLIENT.publish(TopicArn=sns_topic_arn, Message=json.dumps(ride))
//! ```
//!
//! ## Fails
//! ```python
//! def _publish_ride_record(ride, sns_topic_arn=RIDES_SNS_TOPIC_ARN):
//!     SNS_CLIENT.publish(TopicArn=sns_topic_arn, Message=ride)   # a dict is no string
//! ```

use serde::Deserialize;

use super::delivery::{deliveries, judge as judge_delivery};
use super::say::{self, Verdict, calls, error, near, note, replace, sum, unsure, warning};
use super::subject::{Setup, Subject, http_call, looks_like_ride, pickup, publishes, ride};
use crate::check::Evidence;
use crate::check::rule::{Findings, Parameters, Rule};
use crate::diagnostic::Diagnostic;
use crate::python::Call;
use crate::python::data::{Data, Made};
use crate::python::effect::{At, Effect, End, Path};

pub(super) static RULE: Rule =
    Rule { code: CODE, name: "publish-function", source: include_str!("publish_function.rs"), judge };
const CODE: &str = "RY255";

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Asked {
    file: String,
    function: String,
    handler: String,
    constant: String,
    variable: String,
    client: String,
}

impl Default for Asked {
    fn default() -> Self {
        Self {
            file: "wild-rydes/handlers/request_ride.py".to_owned(),
            function: "_publish_ride_record".to_owned(),
            handler: "handler".to_owned(),
            constant: "RIDES_SNS_TOPIC_ARN".to_owned(),
            variable: "RIDES_SNS_TOPIC_ARN".to_owned(),
            client: "SNS_CLIENT".to_owned(),
        }
    }
}

fn judge(evidence: &Evidence, parameters: &Parameters) -> Findings {
    let asked: Asked = parameters.read()?;
    let subject = match Subject::open(evidence, &asked.file) {
        Ok(subject) => subject,
        Err(finding) => return Ok(vec![*finding]),
    };
    let provided = subject.neighbours(&asked.constant, &asked.variable, &asked.client);
    let setup = || Setup { provided: provided.clone(), ..Setup::default() };
    let alone = subject.run(Some((&asked.function, Call::First(ride()))), setup());
    let defined = alone.paths.iter().any(|path| path.global(&asked.function).is_some_and(is_callable));
    if !defined {
        return Ok(vec![missing(&subject, &asked)]);
    }
    let verdicts = alone.paths.iter().filter(|path| path.is_sunny()).map(|path| (path, look(&subject, &asked, path)));
    let mut finding = sum(CODE, &alone, verdicts.collect());
    let mut paths = &alone;
    let through = subject.run(Some((&asked.handler, http_call(pickup(), "/ride"))), setup());
    if finding.is_some() && delivers_through(&subject, &asked, &through.paths) {
        // Called as the handler calls it, it does deliver the ride.
        finding = None;
        paths = &through;
    }
    let mut findings: Vec<Diagnostic> = finding.into_iter().collect();
    if findings.is_empty() {
        findings.extend(advice(&subject, &asked, &paths.paths));
        findings.extend(say::provided_notes(CODE, paths, &maker));
    }
    Ok(findings)
}

/// Whether the function by itself, given a ride, publishes it as it should: then what goes wrong is its call.
pub(super) fn stands_alone(subject: &Subject<'_>, function: &str, variable: &str, setup: Setup<'_>) -> bool {
    let asked = Asked { function: function.to_owned(), variable: variable.to_owned(), ..Asked::default() };
    let alone = subject.run(Some((function, Call::First(ride()))), setup);
    alone.paths.iter().filter(|path| path.is_sunny()).all(|path| matches!(look(subject, &asked, path), Verdict::Right))
}

fn maker(name: &str) -> &'static str {
    if name == "boto3" { "task 2.5a" } else { "task 2.5b" }
}

fn is_callable(value: &Data) -> bool {
    matches!(value, Data::Function(..) | Data::Object(_)) || value.is_uncertain()
}

fn missing(subject: &Subject<'_>, asked: &Asked) -> Diagnostic {
    let functions = subject.file.functions();
    let start = At { file: asked.file.as_str().into(), span: crate::diagnostic::Span::at(0) };
    let similar = functions.iter().find(|function| {
        near(&function.name, &asked.function) || (function.name.contains("publish") && !function.name.contains("post"))
    });
    if let Some(function) = similar {
        let at = At { span: function.span, ..start };
        let finding =
            error(CODE, &at, format!("the function is called {}; {} is asked for", function.name, asked.function));
        let alone = subject.file.reads(&function.name).is_empty();
        return if alone {
            finding.edit(replace(&at, asked.function.as_str(), format!("rename to {}", asked.function)))
        } else {
            finding.help("Rename it where it is defined and where it is called.")
        };
    }
    let text = format!("the module has no function {}", asked.function);
    let commented = subject.is_commented_out(&format!("def {}", asked.function));
    let (text, at) = if commented {
        (format!("{text}: it stands in a comment only"), start)
    } else {
        match subject.file.function("_post_ride_record") {
            Some(old) => (format!("{text}; it replaces _post_ride_record"), At { span: old.span, ..start }),
            None => (text, start),
        }
    };
    error(CODE, &at, text)
}

/// Whether every way on which `handler` answers 201 publishes the ride in one call of the function.
fn delivers_through(subject: &Subject<'_>, asked: &Asked, paths: &[Path]) -> bool {
    let sunny: Vec<&Path> = paths.iter().filter(|path| path.is_sunny()).collect();
    !sunny.is_empty()
        && sunny.iter().all(|path| {
            let End::Returned(answer, _) = &path.end else { return false };
            let Some(ride) = answer.get("body").and_then(Data::parsed).filter(looks_like_ride) else { return false };
            let effects = path.during_call();
            let called = calls(effects, &say::real_name(path, &asked.function));
            let [called] = called.as_slice() else { return false };
            let Ok(found) = deliveries(called.during) else { return false };
            let [delivery] = found.as_slice() else { return false };
            matches!(judge_delivery(CODE, subject, delivery, &ride, &asked.variable), Verdict::Right)
        })
}

fn look(subject: &Subject<'_>, asked: &Asked, path: &Path) -> Verdict {
    let definition = subject.place(&asked.function);
    if let Some(function) = subject.file.function(&asked.function)
        && function.parameters.is_empty()
        && !function.variadic
    {
        return Verdict::Wrong(error(
            CODE,
            &definition,
            format!("{} takes no ride: give it a parameter for it", asked.function),
        ));
    }
    match &path.end {
        End::Raised(failure) => {
            let failure = say::placed(failure, &definition);
            let mut finding = say::failure(CODE, "publishing", &failure, subject.file);
            if &*failure.class == "ParamValidationError" {
                finding.message = format!("boto3 refuses the call: {}", failure.message);
                if failure.message.contains("as Message, and a dict") {
                    finding = finding.help("SNS takes strings only. `json.dumps(…)` writes the ride as a JSON string.");
                    if let Some(text) = subject.text_at(&failure.at) {
                        finding = finding.edit(replace(&failure.at, format!("json.dumps({text})"), "write it as JSON"));
                    }
                } else if let Some((_, right)) = failure.message.split_once("boto3 spells it ") {
                    finding = finding.help(format!("The parameter is called {right}."));
                }
            }
            return Verdict::Wrong(finding);
        }
        End::Abandoned(why, at) => {
            return Verdict::Unsure(unsure(CODE, at.as_ref().unwrap_or(&definition), why.to_string()));
        }
        End::Returned(Data::Object(what), at) if what.contains("never awaited") || what.contains("has not run") => {
            let at = at.as_ref().unwrap_or(&definition);
            return Verdict::Wrong(error(
                CODE,
                at,
                format!("calling this function only makes {what}: nothing is published"),
            ));
        }
        End::Returned(..) => {}
    }
    let effects = path.during_call();
    let found = match deliveries(effects) {
        Ok(found) => found,
        Err(at) => return Verdict::Unsure(unsure(CODE, &at, "what this call publishes cannot be followed")),
    };
    match found.as_slice() {
        [] => nothing(&definition, path, &asked.function),
        [delivery] => judge_delivery(CODE, subject, delivery, &ride(), &asked.variable),
        [_, second, ..] => Verdict::Wrong(error(
            CODE,
            &second.call.at,
            "the ride is published more than once: it would be recorded more than once",
        )),
    }
}

fn nothing(definition: &At, path: &Path, function: &str) -> Verdict {
    let hands_over =
        |data: &Data| publishes(data) || looks_like_ride(data) || matches!(data, Data::Object(_) | Data::Function(..));
    if let Some((what, at)) = say::hidden(path, &hands_over) {
        return Verdict::Unsure(unsure(CODE, at, format!("what {what} does with this cannot be followed")));
    }
    let http = path.during_call().iter().find_map(|effect| match effect {
        Effect::Http(call) if &*call.method != "get" => Some(&call.at),
        _ => None,
    });
    Verdict::Wrong(match http {
        Some(at) => {
            error(CODE, at, format!("{function} still sends the ride over HTTP; it is to publish it to the topic"))
        }
        None => error(CODE, definition, format!("{function} publishes nothing"))
            .help("It calls `SNS_CLIENT.publish(TopicArn=…, Message=…)`."),
    })
}

/// What works and could be better.
fn advice(subject: &Subject<'_>, asked: &Asked, paths: &[Path]) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    let calls = || {
        paths.iter().flat_map(|path| path.during_call()).filter_map(|effect| match effect {
            Effect::Aws(call) if &*call.service == "sns" => Some(call),
            _ => None,
        })
    };
    if let Some(call) = calls().find(|call| call.made == Made::InCall) {
        findings.push(
            warning(CODE, &call.at, "the client for this call is made inside a function, anew for every ride")
                .help("The client at module level serves every ride."),
        );
    }
    let swallowed = paths.iter().any(|path| {
        let fails = path.during_call().iter().any(|effect| matches!(effect, Effect::Aws(call) if call.fails));
        let recovers = path
            .during_call()
            .iter()
            .any(|effect| matches!(effect, Effect::Aws(call) if !call.fails && &*call.service == "sns"));
        fails && !recovers && matches!(path.end, End::Returned(..))
    });
    if let (true, Some(call)) = (swallowed, calls().find(|call| call.fails)) {
        findings.push(
            warning(
                CODE,
                &call.at,
                "when publishing fails, the exception ends here and the user is told that all is well",
            )
            .help("The ride would be lost without a trace. Let the exception pass, or log it and raise it again."),
        );
    }
    if let Some(function) = subject.file.function(&asked.function)
        && subject.file.uses_decorator("Traceable")
        && !function.decorated_with("Traceable")
    {
        let at = subject.place(&asked.function);
        findings.push(note(
            CODE,
            &at,
            "the other functions carry @Traceable; with it, this one shows in the traces as well",
        ));
    }
    findings
}
