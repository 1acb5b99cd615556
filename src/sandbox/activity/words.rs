//! What happened, in a line for people.

use std::fmt;

use super::Happening;

impl fmt::Display for Happening {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Called { service, operation, caller, fault, .. } => {
                let who = caller.rsplit('/').next().unwrap_or_default();
                write!(formatter, "{service} {operation} by {who}")?;
                match fault {
                    Some((code, message)) => write!(formatter, ": {code}: {message}"),
                    None => Ok(()),
                }
            }
            Self::Denied { action, resource, role, service, explicit } => {
                let why = if *explicit { "a statement denies it" } else { "no statement allows it" };
                write!(formatter, "denied: {action} on {resource} by the role {role} of {service}, {why}")
            }
            Self::Unknown { operation } => write!(formatter, "unknown to the sandbox: {operation}"),
            Self::Request { route, function, status, duration } => {
                let to = function.as_deref().map(|function| format!(" to {function}")).unwrap_or_default();
                write!(formatter, "{route}{to}: {status} in {duration:.1} ms")
            }
            Self::Invoked { function, attempt, error, duration, .. } => {
                let again = if *attempt > 1 { format!(" (attempt {attempt})") } else { String::new() };
                write!(formatter, "{function}{again} ran {duration:.1} ms")?;
                match error {
                    Some((kind, message)) => write!(formatter, " and failed: {kind}: {message}"),
                    None => Ok(()),
                }
            }
            Self::Note(words) => formatter.write_str(words),
        }
    }
}
