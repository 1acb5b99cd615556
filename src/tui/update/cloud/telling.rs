//! What happened in the sandbox, in lines for people.

use crate::cloud::{RideOutcome, Summary};
use crate::sandbox::Happening;
use crate::tui::app::{App, Line};
use crate::tui::effect::Spot;
use crate::tui::message::Seen;
use crate::tui::theme::Role;

/// Takes something in that happened.
pub(super) fn tell(app: &mut App, seen: Seen) {
    let Seen { time, happening } = seen;
    let (role, text, more) = match &happening {
        Happening::Denied { action, resource, service, explicit, .. } => {
            let spot = statements(app, service);
            let text = format!("Denied: {action} on {resource}");
            let more = if *explicit {
                format!("A statement with Effect: Deny in {} forbids it.", spot.file)
            } else {
                format!(
                    "{} lacks this statement under iamRoleStatements: Effect: Allow, Action: {action}, Resource: {resource}",
                    spot.file
                )
            };
            let why = if *explicit { "forbids it" } else { "has no statement that allows it" };
            app.say(Role::Fail, format!("{action} is denied: {}:{} {why}.", spot.file, spot.line));
            app.cloud.denied = Some(spot);
            (Role::Fail, text, Some(more))
        }
        Happening::Invoked { function, error: Some((kind, message)), attempt, .. } => {
            let again = if *attempt > 1 { format!(", attempt {attempt}") } else { String::new() };
            (Role::Fail, format!("{} failed{again}: {kind}: {message}", short(function)), None)
        }
        Happening::Request { route, status, duration, function } => {
            let role = if *status < 400 { Role::Pass } else { Role::Fail };
            let by = function.as_ref().map(|function| format!(" by {}", short(function))).unwrap_or_default();
            (role, format!("{route} → {status} in {duration:.1} ms{by}"), None)
        }
        Happening::Invoked { function, duration, .. } => {
            (Role::Text, format!("{} ran {duration:.1} ms", short(function)), None)
        }
        Happening::Note(_) => (Role::Text, happening.to_string(), None),
        Happening::Called { .. } | Happening::Unknown { .. } => (Role::Warn, happening.to_string(), None),
    };
    let text = text.replace('\n', " ");
    app.cloud.tell(Line { time, role, text, more });
}

/// The name of a function without service and stage: `RequestRide` of `wild-rydes-dev-RequestRide`.
fn short(function: &str) -> &str {
    function.rsplit('-').next().unwrap_or(function)
}

/// Where statements of the role of `service` belong.
fn statements(app: &App, service: &str) -> Spot {
    let file = format!("{service}/serverless.yml");
    let text = app.files.get(&file).map(String::as_str).unwrap_or_default();
    let place = |wanted: &str| text.lines().position(|line| line.trim_start().starts_with(wanted));
    let line = place("iamRoleStatements:").or_else(|| place("statements:")).or_else(|| place("provider:"));
    Spot { file, line: line.unwrap_or(0) + 1, column: 1 }
}

/// What came of a ride.
pub(super) fn ride(outcome: &RideOutcome) -> (Role, String) {
    let latency = outcome.latency.as_secs_f64() * 1000.0;
    match (&outcome.error, &outcome.ride) {
        (None, Some(ride)) => {
            let text = |name: &str| ride["Unicorn"][name].as_str().unwrap_or("?").to_owned();
            let (name, color) = (text("Name"), text("Color").to_lowercase());
            (Role::Pass, format!("{name} is on its way, a {color} unicorn: answered in {latency:.1} ms."))
        }
        (error, _) => {
            let error = error.as_deref().unwrap_or("there was no ride in the answer");
            (Role::Fail, format!("No ride: {error}, after {latency:.1} ms."))
        }
    }
}

/// What came of many.
pub(super) fn summary(summary: &Summary) -> (Role, String) {
    let mut text = format!("{} of {} rides answered", summary.answered, summary.sent);
    if let (Some(half), Some(most)) = (summary.percentile(0.5), summary.percentile(0.95)) {
        text.push_str(&format!(": half in {half:.1} ms, 95 of 100 in {most:.1} ms"));
    }
    text.push('.');
    for (error, count) in &summary.errors {
        text.push_str(&format!(" {count} times: {error}."));
    }
    (if summary.errors.is_empty() { Role::Pass } else { Role::Fail }, text)
}

/// Words with a full stop at their end.
pub(super) fn sentence(words: &str) -> String {
    let words = words.trim_end();
    if words.ends_with(['.', '!', '?']) { words.to_owned() } else { format!("{words}.") }
}
