//! # An SNS client at module level
//!
//! ## What it asks
//! At module level, `SNS_CLIENT` is a boto3 client for SNS: `boto3.client('sns')`, or the same from a session. A resource (`boto3.resource('sns')`) is
//! accepted where the code publishes through it.
//!
//! ## Why
//! Making a client costs time: boto3 reads its service descriptions and opens a connection. What stands at module level is made once, when Lambda loads the
//! function, and serves every request after that. Made inside a function, it would be made anew for every ride.
//!
//! ## Passes
//! ```python
//! SNS_CLIENT = boto3.client('sns')
//! ```
//!
//! ## Fails
//! ```python
//! def _publish_ride_record(ride):
//!     SNS_CLIENT = boto3.client('sns')     # lives for one call
//! ```

use serde::Deserialize;

use super::constants::{self, used_to_publish};
use super::say::{Verdict, error, failure, near, replace, sum, unsure, warning};
use super::subject::{Setup, Subject, publishes};
use crate::check::Evidence;
use crate::check::rule::{Findings, Parameters, Rule};
use crate::python::data::{Data, Made, Native, What};
use crate::python::effect::{At, Path};

pub(super) static RULE: Rule = Rule { code: CODE, name: "sns-client", source: include_str!("sns_client.rs"), judge };
const CODE: &str = "RY253";

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Asked {
    file: String,
    name: String,
    service: String,
    function: String,
}

impl Default for Asked {
    fn default() -> Self {
        Self {
            file: "wild-rydes/handlers/request_ride.py".to_owned(),
            name: "SNS_CLIENT".to_owned(),
            service: "sns".to_owned(),
            function: "_publish_ride_record".to_owned(),
        }
    }
}

fn judge(evidence: &Evidence, parameters: &Parameters) -> Findings {
    let asked: Asked = parameters.read()?;
    let subject = match Subject::open(evidence, &asked.file) {
        Ok(subject) => subject,
        Err(finding) => return Ok(vec![*finding]),
    };
    let import = subject.run(None, Setup { provided: subject.boto3(), ..Setup::default() });
    let verdicts = import.paths.iter().map(|path| (path, look(&subject, &asked, path))).collect();
    let mut findings: Vec<_> = sum(CODE, &import, verdicts).into_iter().collect();
    if findings.is_empty() {
        findings = super::say::provided_notes(CODE, &import, &|_| "task 2.5a");
    }
    Ok(findings)
}

fn look(subject: &Subject<'_>, asked: &Asked, path: &Path) -> Verdict {
    let at = subject.place(&asked.name);
    let Some(value) = path.global(&asked.name) else { return missing(subject, asked, path) };
    let own = subject.file.binding(&asked.name).map(|bound| bound.whole);
    let failed = path.import_failures.iter().find(|failure| {
        *failure.at.file == *subject.file.path()
            && own.is_some_and(|own| own.start <= failure.at.span.start && failure.at.span.end <= own.end)
    });
    if let Some(failed) = failed {
        return Verdict::Wrong(self::failure(CODE, "the import of the module", failed, subject.file));
    }
    let text = match value {
        Data::Native(native) => match &**native {
            Native::Client(service, Made::AtImport) if **service == *asked.service => return Verdict::Right,
            Native::Topic(_, Made::AtImport) => return Verdict::Right,
            Native::Resource(service, Made::AtImport) if **service == *asked.service => {
                if used_to_publish(subject, &asked.function, |call| call.made == Made::AtImport) {
                    return Verdict::Right;
                }
                let text = format!("{} is a resource and no client: it has no `publish`", asked.name);
                let help = format!(
                    "`boto3.client('{}')` makes the client that 2.5c publishes with; of a resource, `Topic(…)` publishes.",
                    asked.service
                );
                return Verdict::Wrong(warning(CODE, &at, text).help(help));
            }
            Native::Client(service, Made::InCall) if **service == *asked.service => return Verdict::Right,
            Native::Client(service, _) | Native::Resource(service, _) => {
                let finding = error(
                    CODE,
                    &at,
                    format!(
                        "{} is a client for {service}; rides are published with one for {}",
                        asked.name, asked.service
                    ),
                );
                return Verdict::Wrong(finding);
            }
            Native::Lib(path) if path.starts_with("boto3") => {
                format!(
                    "{} is {path} itself and no client: call it, as in `boto3.client('{}')`",
                    asked.name, asked.service
                )
            }
            Native::Session => {
                format!("{} is a session; `.client('{}')` of it makes the client", asked.name, asked.service)
            }
            _ => format!("{} is no boto3 client for SNS", asked.name),
        },
        Data::None if subject.file.text().contains(&format!("global {}", asked.name)) => {
            let text = format!("{} is made with the first request and kept", asked.name);
            return Verdict::Wrong(
                warning(CODE, &at, text)
                    .help("It works. Made at module level it is ready before the first request, in one line."),
            );
        }
        Data::Symbol(symbol) => match &symbol.what {
            What::Unknown(label, _) | What::Made(label, _) => {
                let text = format!("{} comes from {label}, which cannot be followed", asked.name);
                return Verdict::Unsure(unsure(CODE, &at, text));
            }
            _ => format!("{} is no boto3 client for SNS", asked.name),
        },
        Data::Function(name, _) => {
            format!("{} is the function {name} itself and no client: the function is never called", asked.name)
        }
        Data::Object(what) if !what.starts_with("an instance") && !what.starts_with("an object") => {
            format!("{} is {what} and no client", asked.name)
        }
        Data::Object(_) => {
            if used_to_publish(subject, &asked.function, |call| call.made == Made::AtImport) {
                return Verdict::Right;
            }
            let text = format!("whether {} reaches SNS through boto3 does not show", asked.name);
            return Verdict::Unsure(unsure(CODE, &at, text));
        }
        _ => format!("{} is no boto3 client for SNS", asked.name),
    };
    let help = format!("At module level: `{} = boto3.client('{}')`", asked.name, asked.service);
    Verdict::Wrong(error(CODE, &at, text).help(help))
}

fn missing(subject: &Subject<'_>, asked: &Asked, path: &Path) -> Verdict {
    let other = path.globals.iter().find(|(_, value)| publishes(value)).map(|(name, _)| name.clone());
    if let Some(name) = other {
        let at = subject.place(&name);
        if used_to_publish(subject, &asked.function, |call| call.made == Made::AtImport) {
            let text = format!("the lesson calls this client {}; as {name} it works as well", asked.name);
            return Verdict::Wrong(warning(CODE, &at, text));
        }
        let finding = error(
            CODE,
            &at,
            format!("the client is called {name}; {} is asked for, and 2.5c uses that name", asked.name),
        );
        let alone = subject.file.reads(&name).is_empty() && subject.text_at(&at) == Some(&*name);
        return Verdict::Wrong(if alone {
            finding.edit(replace(&at, asked.name.as_str(), format!("rename to {}", asked.name)))
        } else {
            finding
        });
    }
    if let Some(slip) = subject.file.names().into_iter().find(|bound| near(&bound.name, &asked.name)) {
        let at = At { file: asked.file.as_str().into(), span: slip.span };
        return Verdict::Wrong(error(
            CODE,
            &at,
            format!("the client is called {}; {} is asked for", slip.name, asked.name),
        ));
    }
    let text = subject.file.text();
    let made_inside = [format!("client('{}'", asked.service), format!("client(\"{}\"", asked.service)]
        .iter()
        .find_map(|call| text.find(call.as_str()).map(|at| (at, call.len())));
    let why = constants::where_else(subject, &asked.name);
    let message = match made_inside {
        Some(_) if why.is_empty() && !subject.is_commented_out("client(") => {
            format!(
                "the module has no {} at its top level: a client made inside a function is made anew for every ride",
                asked.name
            )
        }
        _ => format!("the module has no {}{why}", asked.name),
    };
    let at = match made_inside {
        Some((start, length)) => {
            At { file: asked.file.as_str().into(), span: crate::diagnostic::Span::new(start, start + length) }
        }
        None => subject.place("RIDES_SNS_TOPIC_ARN"),
    };
    let help = format!("At module level: `{} = boto3.client('{}')`", asked.name, asked.service);
    Verdict::Wrong(error(CODE, &at, message).help(help))
}
