//! The errors of SQS, each under both its names: the one of the JSON protocol, and the one that clients of the older query
//! protocol match on, which boto3 still shows.

use serde_json::json;

use crate::sandbox::Fault;

/// The member of [`Fault::more`] that goes into the header of this name, not into the body.
pub const QUERY_ERROR: &str = "x-amzn-query-error";

/// An error whose two names are the same.
pub fn fault(code: &str, message: impl Into<String>) -> Fault {
    named(code, code, message)
}

/// An error that the query protocol names `AWS.SimpleQueueService.CODE`.
pub fn prefixed(code: &str, message: impl Into<String>) -> Fault {
    named(code, &format!("AWS.SimpleQueueService.{code}"), message)
}

fn named(code: &str, query: &str, message: impl Into<String>) -> Fault {
    let more = json!({ "__type": format!("com.amazonaws.sqs#{code}"), QUERY_ERROR: format!("{query};Sender") });
    Fault { more: Some(Box::new(more)), ..Fault::sender(code, message) }
}

pub fn no_queue() -> Fault {
    named("QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist.")
}

pub fn queue_exists(attribute: &str) -> Fault {
    let message = format!("A queue already exists with the same name and a different value for attribute {attribute}");
    named("QueueNameExists", "QueueAlreadyExists", message)
}

pub fn invalid(message: impl Into<String>) -> Fault {
    fault("InvalidParameterValue", message)
}

/// `Value VALUE for parameter NAME is invalid. Reason: REASON`.
pub fn invalid_value(name: &str, value: impl std::fmt::Display, reason: &str) -> Fault {
    invalid(format!("Value {value} for parameter {name} is invalid. Reason: {reason}"))
}

pub fn missing(name: &str) -> Fault {
    fault("MissingParameter", format!("The request must contain the parameter {name}."))
}
