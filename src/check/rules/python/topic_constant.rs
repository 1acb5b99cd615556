//! # The topic's ARN in a constant
//!
//! ## What it asks
//! At module level, the constant `RIDES_SNS_TOPIC_ARN` holds the value of the environment variable of the same name. `os.environ[…]`, `os.environ.get(…)`,
//! `os.getenv(…)` and `from os import environ` are all as good.
//!
//! ## Why
//! `serverless.yml` puts the ARN of the topic of this very deployment into the environment. Read from there, the same code works in every stage and account;
//! an ARN in the code would work in one. Read at module level, it is read once, and a missing variable shows when the function is loaded.
//!
//! ## Passes
//! ```python
//! RIDES_SNS_TOPIC_ARN = os.environ['RIDES_SNS_TOPIC_ARN']
//! ```
//!
//! ## Fails
//! ```python
//! RIDES_SNS_TOPIC_ARN = 'arn:aws:sns:us-east-1:123456789012:rides'   # one account, one stage
//! RIDE_SNS_TOPIC_ARN = os.environ['RIDES_SNS_TOPIC_ARN']             # another name
//! ```

use serde::Deserialize;

use super::constants::{self, used_to_publish};
use super::say::{self, Verdict, error, failure, near, note, replace, sum, unsure, warning};
use super::subject::{Setup, Subject, is_env};
use crate::check::Evidence;
use crate::check::rule::{Findings, Parameters, Rule};
use crate::python::data::{Data, What};
use crate::python::effect::{At, Effect, Failure, Path};

pub(super) static RULE: Rule =
    Rule { code: CODE, name: "topic-constant", source: include_str!("topic_constant.rs"), judge };
const CODE: &str = "RY252";

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Asked {
    file: String,
    name: String,
    variable: String,
    replaces: String,
    client: String,
    function: String,
}

impl Default for Asked {
    fn default() -> Self {
        Self {
            file: "wild-rydes/handlers/request_ride.py".to_owned(),
            name: "RIDES_SNS_TOPIC_ARN".to_owned(),
            variable: "RIDES_SNS_TOPIC_ARN".to_owned(),
            replaces: "RIDE_RECORD_URL".to_owned(),
            client: "SNS_CLIENT".to_owned(),
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
        let failures = import.paths.iter().flat_map(|path| &path.import_failures);
        let gone = format!("name '{}' is not defined", asked.replaces);
        if let Some(failure) = failures.into_iter().find(|failure| *failure.message == *gone) {
            let text = format!(
                "the module does not import yet: this still names {}, which is gone. Task 2.5c replaces the function",
                asked.replaces
            );
            findings.push(note(CODE, &failure.at, text));
        }
        // The client is told by RY253.
        let client = subject.file.binding(&asked.client).map(|bound| bound.whole);
        let others = |failure: &Failure| {
            let place = failure.at.span;
            *failure.message == *gone || client.is_some_and(|own| own.start <= place.start && place.end <= own.end)
        };
        findings.extend(say::broken_import_but(CODE, &import, subject.file, &others));
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
        value if is_env(value, &asked.variable) => return Verdict::Right,
        Data::Symbol(symbol) => match &symbol.what {
            What::Env(name) => return other_variable(subject, asked, path, name),
            What::Unknown(label, _) | What::Made(label, _) => {
                let text = format!("the value of {} comes from {label}, which cannot be followed", asked.name);
                return Verdict::Unsure(unsure(CODE, &at, text));
            }
            _ => format!("{} holds more than the value of the environment variable {}", asked.name, asked.variable),
        },
        Data::Str(text) if text.starts_with("arn:") => {
            format!(
                "{} is a fixed ARN: it names one topic of one account and stage; read the environment variable {}",
                asked.name, asked.variable
            )
        }
        Data::Str(text) if **text == *asked.variable => {
            format!(
                "{} is only the name as text; `os.environ['{}']` gives what the variable holds",
                asked.name, asked.variable
            )
        }
        Data::Native(_) | Data::Function(..) | Data::Object(_) => {
            format!(
                "{} is no value of the environment; `os.environ['{}']` reads the variable",
                asked.name, asked.variable
            )
        }
        Data::None => format!("{} is None; `os.environ['{}']` reads the variable", asked.name, asked.variable),
        _ => format!("{} does not come from the environment variable {}", asked.name, asked.variable),
    };
    Verdict::Wrong(error(CODE, &at, text))
}

fn other_variable(subject: &Subject<'_>, asked: &Asked, path: &Path, name: &str) -> Verdict {
    let read = path.effects.iter().find_map(|effect| match effect {
        Effect::Env(read, at) if **read == *name => Some(at.clone()),
        _ => None,
    });
    let at = read.unwrap_or_else(|| subject.place(&asked.name));
    let text = format!(
        "{} reads the environment variable {name}; serverless.yml gives the topic's ARN in {}",
        asked.name, asked.variable
    );
    let finding = error(CODE, &at, text);
    let quoted = subject.text_at(&at).filter(|text| text.starts_with(['\'', '"']));
    Verdict::Wrong(match quoted {
        Some(quoted) => {
            let quote = &quoted[..1];
            finding.edit(replace(&at, format!("{quote}{}{quote}", asked.variable), format!("read {}", asked.variable)))
        }
        None => finding,
    })
}

fn missing(subject: &Subject<'_>, asked: &Asked, path: &Path) -> Verdict {
    let names: Vec<&str> =
        path.globals.iter().filter(|(_, value)| is_env(value, &asked.variable)).map(|(name, _)| &**name).collect();
    if let Some(name) = names.first() {
        let at = subject.place(name);
        if used_to_publish(subject, &asked.function, |call| {
            call.argument("TopicArn")
                .or_else(|| call.argument("TargetArn"))
                .is_some_and(|topic| is_env(topic, &asked.variable))
        }) {
            let text = format!("the lesson calls this constant {}; as {name} it works as well", asked.name);
            return Verdict::Wrong(warning(CODE, &at, text));
        }
        let text = format!("the constant is called {name}; {} is asked for, and 2.5c uses that name", asked.name);
        let finding = error(CODE, &at, text);
        let alone = subject.file.reads(name).is_empty() && subject.text_at(&at) == Some(*name);
        return Verdict::Wrong(if alone {
            finding.edit(replace(&at, asked.name.as_str(), format!("rename to {}", asked.name)))
        } else {
            finding
        });
    }
    let slip = subject.file.names().into_iter().find(|bound| near(&bound.name, &asked.name));
    if let Some(slip) = slip {
        let at = At { file: asked.file.as_str().into(), span: slip.span };
        return Verdict::Wrong(error(
            CODE,
            &at,
            format!("the constant is called {}; {} is asked for", slip.name, asked.name),
        ));
    }
    let replaces = subject.file.binding(&asked.replaces).map(|_| subject.place(&asked.replaces));
    let at = replaces.unwrap_or_else(|| subject.place(&asked.name));
    let why = constants::where_else(subject, &asked.name);
    let text = format!("the module has no constant {}{why}", asked.name);
    let help = format!("At module level: `{} = os.environ['{}']`", asked.name, asked.variable);
    Verdict::Wrong(error(CODE, &at, text).help(help))
}
