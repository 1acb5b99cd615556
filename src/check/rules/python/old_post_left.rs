//! # The old call is gone
//!
//! ## What it asks
//! `handler` no longer calls `_post_ride_record`, in whatever way, and sends the ride to no URL. The function itself may go as well.
//!
//! ## Why
//! The point of the exercise is that the user no longer waits for the record. While the old call stands, the request still takes that long and still fails when
//! the record service does; and the ride would be recorded twice.
//!
//! ## Passes
//! ```python
//! ride = _get_ride(pickup_location)
//! _publish_ride_record(ride)
//! ```
//!
//! ## Fails
//! ```python
//! _post_ride_record(ride)       # still waits
//! _publish_ride_record(ride)
//! ```

use serde::Deserialize;

use super::say::{calls, error, real_name, warning};
use super::subject::{Setup, Subject, http_call, is_env, looks_like_ride, pickup};
use crate::check::Evidence;
use crate::check::rule::{Findings, Parameters, Rule};
use crate::diagnostic::{Edit, Span};
use crate::python::data::Data;
use crate::python::effect::Effect;

pub(super) static RULE: Rule =
    Rule { code: CODE, name: "old-post-left", source: include_str!("old_post_left.rs"), judge };
const CODE: &str = "RY257";

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Asked {
    file: String,
    handler: String,
    function: String,
    constant: String,
    variable: String,
}

impl Default for Asked {
    fn default() -> Self {
        Self {
            file: "wild-rydes/handlers/request_ride.py".to_owned(),
            handler: "handler".to_owned(),
            function: "_post_ride_record".to_owned(),
            constant: "RIDE_RECORD_URL".to_owned(),
            variable: "RIDE_RECORD_URL".to_owned(),
        }
    }
}

fn judge(evidence: &Evidence, parameters: &Parameters) -> Findings {
    let asked: Asked = parameters.read()?;
    let subject = match Subject::open(evidence, &asked.file) {
        Ok(subject) => subject,
        Err(finding) => return Ok(vec![*finding]),
    };
    let mut provided = subject.neighbours("RIDES_SNS_TOPIC_ARN", "RIDES_SNS_TOPIC_ARN", "SNS_CLIENT");
    let import = subject.run(None, Setup { provided: subject.boto3(), ..Setup::default() });
    provided.push((asked.constant.as_str(), Data::env(&asked.variable)));
    let run = subject.run(Some((&asked.handler, http_call(pickup(), "/ride"))), Setup { provided, ..Setup::default() });
    let sunny = || run.paths.iter().filter(|path| path.is_sunny());
    for path in sunny() {
        if let Some(called) = calls(path.during_call(), &real_name(path, &asked.function)).first() {
            let finding = error(
                CODE,
                called.at,
                format!("`{}` still calls `{}`: the user still waits for the record", asked.handler, asked.function),
            );
            return Ok(vec![finding.help("_publish_ride_record takes its place.")]);
        }
        let sends = path.during_call().iter().find_map(|effect| match effect {
            Effect::Http(call) if is_env(&call.url, &asked.variable) || call.body.as_ref().is_some_and(holds_ride) => {
                Some(&call.at)
            }
            _ => None,
        });
        if let Some(at) = sends {
            let text = "the ride is still sent over HTTP: the user still waits for the record";
            return Ok(vec![error(CODE, at, text).help("Publishing to the topic takes its place.")]);
        }
    }
    let Some(old) = subject.file.function(&asked.function) else { return Ok(Vec::new()) };
    let at = subject.place(&asked.function);
    let gone = format!("name '{}' is not defined", asked.constant);
    let failures = import.paths.iter().flat_map(|path| &path.import_failures);
    let stops = failures
        .into_iter()
        .find(|failure| *failure.message == *gone && subject.is_inside(&failure.at, &asked.function));
    let edit = remove(&subject, &asked, old.whole);
    let finding = match stops {
        Some(failure) => error(
            CODE,
            &failure.at,
            format!(
                "{} still names {}, which is gone: the module raises NameError when Lambda loads it",
                asked.function, asked.constant
            ),
        )
        .help("Nothing needs the old function any more: take it out."),
        None => warning(CODE, &at, format!("{} is still defined, and nothing calls it", asked.function))
            .help("It does no harm. Take it out, so that the next reader does not look for its use."),
    };
    Ok(vec![match edit {
        Some(edit) => finding.edit(edit),
        None => finding,
    }])
}

fn holds_ride(body: &Data) -> bool {
    looks_like_ride(body) || body.parsed().is_some_and(|parsed| looks_like_ride(&parsed))
}

/// An edit that takes the function away, with the empty lines after it.
fn remove(subject: &Subject<'_>, asked: &Asked, whole: Span) -> Option<Edit> {
    if !subject.file.reads(&asked.function).is_empty() {
        return None;
    }
    let text = subject.file.text();
    let start = text.get(..whole.start)?.rfind('\n').map_or(0, |newline| newline + 1);
    let rest = text.get(whole.end..)?;
    let end = whole.end + (rest.len() - rest.trim_start().len());
    (start == whole.start).then(|| Edit {
        title: format!("take {} out", asked.function),
        file: asked.file.clone(),
        span: Span::new(start, end),
        text: String::new(),
    })
}
