//! # The handler publishes the ride
//!
//! ## What it asks
//! On its way to the answer, `handler` calls `_publish_ride_record` once, with the ride. The answer stays what it was: status 201 and the ride as JSON body.
//!
//! ## Why
//! A function that nobody calls does nothing. Publishing comes before the answer, because what stands after `return` never runs; and the user still gets the
//! ride, from the same variable that was published.
//!
//! ## Passes
//! ```python
//! ride = _get_ride(pickup_location)
//! _publish_ride_record(ride)
//! ```
//!
//! ## Fails
//! ```python
//! _publish_ride_record(pickup_location)   # that is where the user waits, not the ride
//! ```

use serde::Deserialize;

use super::delivery::{deliveries, judge as judge_delivery, same_ride};
use super::publish_function::stands_alone;
use super::say::{self, Verdict, calls, error, sum, unsure};
use super::subject::{Setup, Subject, http_call, looks_like_ride, pickup, publishes};
use crate::check::Evidence;
use crate::check::rule::{Findings, Parameters, Rule};
use crate::python::data::Data;
use crate::python::effect::{At, End, Failure, Path};

pub(super) static RULE: Rule =
    Rule { code: CODE, name: "handler-publishes", source: include_str!("handler_publishes.rs"), judge };
const CODE: &str = "RY256";

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Asked {
    file: String,
    handler: String,
    function: String,
    replaces: String,
    constant: String,
    variable: String,
    client: String,
}

impl Default for Asked {
    fn default() -> Self {
        Self {
            file: "wild-rydes/handlers/request_ride.py".to_owned(),
            handler: "handler".to_owned(),
            function: "_publish_ride_record".to_owned(),
            replaces: "_post_ride_record".to_owned(),
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
    let alone = stands_alone(&subject, &asked.function, &asked.variable, setup());
    let run = subject.run(Some((&asked.handler, http_call(pickup(), "/ride"))), setup());
    let sunny: Vec<&Path> = run.paths.iter().filter(|path| path.is_sunny()).collect();
    // A way that refuses a request (400 …) is no way on which a ride is made.
    let answers: Vec<&Path> = sunny.iter().copied().filter(|path| status(path) == Some(201)).collect();
    let judged = if answers.is_empty() { &sunny } else { &answers };
    let verdicts = judged.iter().map(|path| (*path, look(&subject, &asked, path, alone))).collect();
    let mut findings: Vec<_> = sum(CODE, &run, verdicts).into_iter().collect();
    let broken = sunny.iter().flat_map(|path| &path.import_failures).find(|failure| is_own(&subject, &asked, failure));
    if let Some(failure) = broken {
        findings.insert(0, say::failure(CODE, "the import of the module", failure, subject.file));
    }
    Ok(findings)
}

/// Whether a failing import is this task's affair: that of the old function is told by RY257, and constants by 2.5b.
fn is_own(subject: &Subject<'_>, asked: &Asked, failure: &Failure) -> bool {
    let constants = subject.file.binding(&asked.constant).into_iter().chain(subject.file.binding(&asked.client));
    let in_constant = constants
        .into_iter()
        .any(|bound| bound.whole.start <= failure.at.span.start && failure.at.span.end <= bound.whole.end);
    !subject.is_inside(&failure.at, &asked.replaces) && !in_constant
}

fn status(path: &Path) -> Option<i64> {
    let End::Returned(answer, _) = &path.end else { return None };
    match answer.get("statusCode") {
        Some(Data::Int(status)) => Some(*status),
        Some(Data::Str(status)) => status.parse().ok(),
        _ => None,
    }
}

fn look(subject: &Subject<'_>, asked: &Asked, path: &Path, alone: bool) -> Verdict {
    let definition = subject.place(&asked.handler);
    let (answer, returned_at) = match &path.end {
        End::Abandoned(why, at) => {
            if subject.file.function(&asked.handler).is_none() && why.starts_with("there is no") {
                return Verdict::Wrong(error(
                    CODE,
                    &definition,
                    format!("the module has no function {}", asked.handler),
                ));
            }
            return Verdict::Unsure(unsure(CODE, at.as_ref().unwrap_or(&definition), why.to_string()));
        }
        End::Raised(failure) => {
            let failure = say::placed(failure, &definition);
            // What goes wrong inside the function that publishes is told by RY255.
            let inside =
                subject.is_inside(&failure.at, &asked.function) || subject.is_inside(&failure.at, &asked.replaces);
            if inside && !alone && !calls(path.during_call(), &say::real_name(path, &asked.function)).is_empty() {
                return look_at_call(asked, path, None);
            }
            return Verdict::Wrong(say::failure(CODE, &asked.handler, &failure, subject.file));
        }
        End::Returned(answer, at) => (answer, at.as_ref().unwrap_or(&definition)),
    };
    let body = answer.get("body").and_then(Data::parsed);
    match look_at_call(asked, path, body.as_ref()) {
        Verdict::Right => match look_at_delivery(subject, asked, path, body.as_ref(), alone) {
            Verdict::Right => look_at_answer(asked, path, answer, returned_at),
            other => other,
        },
        Verdict::Wrong(finding) if finding.message.contains("never calls") => {
            never_called(subject, asked, path, finding)
        }
        other => other,
    }
}

/// What the call delivers in the end, where the function itself is in order: it may be given a wrong topic, or JSON where it wants the ride.
fn look_at_delivery(subject: &Subject<'_>, asked: &Asked, path: &Path, body: Option<&Data>, alone: bool) -> Verdict {
    let called = calls(path.during_call(), &say::real_name(path, &asked.function));
    let (Some(called), Some(ride), true) = (called.first(), body, alone) else { return Verdict::Right };
    let Ok(found) = deliveries(called.during) else { return Verdict::Right };
    let Some(delivery) = found.first().filter(|_| looks_like_ride(ride)) else { return Verdict::Right };
    match judge_delivery(CODE, subject, delivery, ride, &asked.variable) {
        Verdict::Wrong(finding) => Verdict::Wrong(crate::diagnostic::Diagnostic {
            span: Some(called.at.span),
            file: Some(called.at.file.to_string()),
            edit: None,
            ..finding
        }),
        other => other,
    }
}

fn look_at_call(asked: &Asked, path: &Path, body: Option<&Data>) -> Verdict {
    let effects = path.during_call();
    let called = calls(effects, &say::real_name(path, &asked.function));
    let function = &asked.function;
    let (arguments, at) = match called.as_slice() {
        [] => {
            let at = At { file: asked.file.as_str().into(), span: crate::diagnostic::Span::at(0) };
            return Verdict::Wrong(error(CODE, &at, format!("`{}` never calls `{function}`", asked.handler)));
        }
        [called] => (&called.arguments, called.at),
        [_, again, ..] => {
            return Verdict::Wrong(error(
                CODE,
                again.at,
                format!("{function} is called more than once: the ride would be recorded more than once"),
            ));
        }
    };
    let is_ride = |value: &Data| {
        looks_like_ride(value) || body.is_some_and(|body| matches!(body, Data::Dict(_)) && same_ride(value, body))
    };
    let passes = |value: &&Data| is_ride(value) || value.parsed().is_some_and(|value| is_ride(&value));
    if arguments.iter().any(passes) {
        let others = deliveries(effects).map(|found| found.len()).unwrap_or(0);
        if others > 1 {
            return Verdict::Wrong(error(
                CODE,
                at,
                "the ride is published more than once on this way: it would be recorded more than once",
            ));
        }
        return Verdict::Right;
    }
    if arguments.iter().any(|value| value.is_uncertain()) {
        return Verdict::Unsure(unsure(CODE, at, format!("whether {function} is given the ride cannot be followed")));
    }
    let given = match arguments.first() {
        Some(value) if value.get("PickupLocation").is_some() => "the request's body",
        Some(value) if value.get("Latitude").is_some() => "the pickup location",
        Some(value) if value.get("httpMethod").is_some() => "the whole event",
        Some(value) if value.get("statusCode").is_some() => "the answer to the user",
        Some(Data::Symbol(symbol)) if matches!(&symbol.what, crate::python::data::What::Input(path) if path.starts_with("unicorn")) => {
            "the unicorn"
        }
        Some(Data::None) => "None",
        None => "nothing",
        _ => "something other than the ride",
    };
    Verdict::Wrong(error(CODE, at, format!("{function} is given {given}; it is to be given the ride")))
}

fn never_called(subject: &Subject<'_>, asked: &Asked, path: &Path, finding: crate::diagnostic::Diagnostic) -> Verdict {
    let reads = subject.file.reads(&asked.function);
    let handler = subject.file.function(&asked.handler);
    let unreached = reads.iter().find(|read| {
        handler.as_ref().is_some_and(|handler| handler.whole.start <= read.start && read.end <= handler.whole.end)
    });
    let hands_over = |data: &Data| match data {
        Data::Function(name, _) => **name == *asked.function,
        _ => looks_like_ride(data) || publishes(data),
    };
    if let Some((what, at)) = say::hidden(path, &hands_over) {
        return Verdict::Unsure(unsure(CODE, at, format!("what {what} does with this cannot be followed")));
    }
    if let Some(read) = unreached {
        let at = At { file: asked.file.as_str().into(), span: *read };
        if subject.file.function(&asked.function).is_some_and(|function| function.asynchronous) {
            let text =
                format!("this only makes a coroutine: {} is an `async def`, and nobody awaits it", asked.function);
            return Verdict::Wrong(error(CODE, &at, text).help("Lambda calls plain functions: leave `async` out."));
        }
        let text = format!("this call of {} is never reached", asked.function);
        return Verdict::Wrong(error(CODE, &at, text).help("What stands after `return`, or under a condition that never holds, does not run. Put it before the answer is returned."));
    }
    if let Ok(found) = deliveries(path.during_call())
        && let Some(delivery) = found.first()
    {
        let text = format!(
            "the ride is published here directly; the task asks for the function {} and for its call",
            asked.function
        );
        return Verdict::Wrong(error(CODE, &delivery.call.at, text));
    }
    let at = subject.place(&asked.handler);
    let commented = subject.is_commented_out(&format!("{}(", asked.function));
    let help = if commented {
        "The call stands in a comment only."
    } else {
        "Once the ride is there, and before the answer is returned."
    };
    Verdict::Wrong(crate::diagnostic::Diagnostic { span: Some(at.span), ..finding }.help(help))
}

fn look_at_answer(asked: &Asked, path: &Path, answer: &Data, at: &At) -> Verdict {
    let handler = &asked.handler;
    if answer.is_uncertain() && answer.get("statusCode").is_none() {
        return Verdict::Unsure(unsure(CODE, at, format!("what {handler} answers cannot be followed")));
    }
    let wrong = |text: String| Verdict::Wrong(error(CODE, at, text));
    match answer {
        Data::Dict(_) => {}
        Data::None => {
            return wrong(format!("{handler} returns nothing any more: the user gets an error instead of the ride"));
        }
        _ => {
            return wrong(format!(
                "{handler} does not return an answer for API Gateway: a dict with statusCode and body"
            ));
        }
    }
    match status(path) {
        Some(201) => {}
        Some(other) => return wrong(format!("{handler} answers with status {other}; it answered 201 before")),
        None if answer.get("statusCode").is_some_and(Data::is_uncertain) => {
            return Verdict::Unsure(unsure(CODE, at, "the status of the answer cannot be followed"));
        }
        None => return wrong(format!("the answer of {handler} has no statusCode")),
    }
    match answer.get("body") {
        None => wrong(format!("the answer of {handler} has no body; the user is waiting for the ride")),
        Some(Data::Dict(_)) => wrong("the body is a dict; API Gateway takes only a string: json.dumps(…)".to_owned()),
        Some(body) => match body.parsed() {
            Some(parsed) if looks_like_ride(&parsed) => Verdict::Right,
            Some(parsed) if parsed.is_uncertain() => Verdict::Right,
            Some(_) => wrong("the body is no longer the ride that the user is waiting for".to_owned()),
            None if body.is_uncertain() => {
                Verdict::Unsure(unsure(CODE, at, "the body of the answer cannot be followed"))
            }
            None => wrong("the body is no longer the ride as JSON".to_owned()),
        },
    }
}
