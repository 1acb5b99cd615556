//! What the rules on the module's constants share.

use super::subject::{Setup, Subject, pickup};
use crate::python::effect::{AwsCall, Effect};

/// Whether `handler`, by way of whatever function, makes a call to SNS for which `test` holds.
pub(super) fn used_to_publish(subject: &Subject<'_>, function: &str, test: impl Fn(&AwsCall) -> bool) -> bool {
    let setup = || Setup { provided: subject.boto3(), ..Setup::default() };
    let handler = subject.run(Some(("handler", super::subject::http_call(pickup(), "/ride"))), setup());
    let alone = subject.run(Some((function, crate::python::Call::First(super::subject::ride()))), setup());
    handler.paths.iter().chain(&alone.paths).any(|path| {
        path.during_call()
            .iter()
            .any(|effect| matches!(effect, Effect::Aws(call) if &*call.service == "sns" && test(call)))
    })
}

/// Where a name is used that the module level does not bind, in words that follow "has no …".
pub(super) fn where_else(subject: &Subject<'_>, name: &str) -> &'static str {
    let assigned = format!("{name} =");
    let lines = || subject.file.text().lines();
    if lines().any(|line| line.starts_with([' ', '\t']) && line.trim_start().starts_with(&assigned)) {
        ": inside a function the name lives only until the function returns"
    } else if subject.is_commented_out(&assigned) {
        ": it stands in a comment only"
    } else {
        ""
    }
}
