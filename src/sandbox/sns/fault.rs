//! The errors of SNS, with AWS's codes and, where they are known, AWS's words.

use crate::sandbox::Fault;

pub fn invalid(message: impl std::fmt::Display) -> Fault {
    Fault::sender("InvalidParameter", format!("Invalid parameter: {message}"))
}

/// What SNS refuses of message attributes has a code of its own.
pub fn invalid_attribute(message: impl Into<String>) -> Fault {
    Fault::sender("ParameterValueInvalid", message)
}

pub fn missing(name: &str) -> Fault {
    Fault::sender("ValidationError", format!("The request must contain the parameter {name}."))
}

pub fn no_topic() -> Fault {
    Fault::sender("NotFound", "Topic does not exist").status(404)
}

pub fn no_subscription() -> Fault {
    Fault::sender("NotFound", "Subscription does not exist").status(404)
}

pub fn no_resource() -> Fault {
    Fault::sender("ResourceNotFound", "Resource does not exist").status(404)
}
