//! Errors of AWS, told apart by what can be done about them.

use std::fmt::Debug;

use aws_sdk_sns::error::{ProvideErrorMetadata, SdkError};

use crate::ride::{State, Time};

/// Why a call failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Too many calls: it works again when there are fewer.
    Throttled,
    /// The account has as many of these as it may have.
    Quota {
        /// What AWS said.
        reason: String,
    },
    /// The caller may not do it.
    Denied {
        /// `sqs:CreateQueue`.
        permission: String,
        /// What AWS said.
        reason: String,
    },
    /// There are no credentials, or they are not accepted (any more).
    Credentials {
        /// What AWS or the SDK said.
        reason: String,
    },
    /// What it was asked about does not exist (any more).
    Gone {
        /// What AWS said.
        reason: String,
    },
    /// It was refused for another reason.
    Refused {
        /// What AWS said.
        reason: String,
    },
    /// No answer, or the service has a problem of its own.
    Down {
        /// What the network or AWS said.
        reason: String,
    },
}

impl Fault {
    /// Tells what `error` means, which came of calling `permission` (`sqs:CreateQueue`).
    pub fn of<E, R>(permission: &str, error: &SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
        R: Debug + 'static,
    {
        let reason = reason(error);
        if matches!(error, SdkError::ServiceError(_)) {
            return Self::said(permission, error.code().unwrap_or_default(), reason);
        }
        let lower = reason.to_lowercase();
        if lower.contains("credential") || lower.contains("sso") && lower.contains("token") {
            return Self::Credentials { reason };
        }
        Self::Down { reason }
    }

    /// What an error code of AWS means.
    fn said(permission: &str, code: &str, reason: String) -> Self {
        // Query services and JSON services spell the same things differently, some with the service before it.
        let code = code.rsplit(['#', '.']).next().unwrap_or(code);
        match code {
            "Throttling"
            | "ThrottlingException"
            | "ThrottledException"
            | "RequestThrottled"
            | "RequestThrottledException"
            | "RequestLimitExceeded"
            | "TooManyRequestsException"
            | "ProvisionedThroughputExceededException"
            | "BandwidthLimitExceeded"
            | "SlowDown" => Self::Throttled,
            "LimitExceededException" | "LimitExceeded" | "ServiceQuotaExceededException" | "OverLimit" => {
                Self::Quota { reason }
            }
            "AccessDenied"
            | "AccessDeniedException"
            | "AuthorizationError"
            | "AuthorizationErrorException"
            | "NotAuthorized"
            | "UnauthorizedOperation" => {
                Self::Denied { permission: named(&reason).unwrap_or(permission).to_owned(), reason }
            }
            "ExpiredToken"
            | "ExpiredTokenException"
            | "RequestExpired"
            | "UnrecognizedClientException"
            | "InvalidClientTokenId"
            | "InvalidAccessKeyId"
            | "InvalidSignatureException"
            | "SignatureDoesNotMatch"
            | "IncompleteSignature"
            | "MissingAuthenticationToken"
            | "MissingAuthenticationTokenException"
            | "OptInRequired" => Self::Credentials { reason },
            "ResourceNotFoundException"
            | "NotFound"
            | "NotFoundException"
            | "QueueDoesNotExist"
            | "NonExistentQueue"
            | "QueueDeletedRecently"
            | "ParameterNotFound"
            | "TrimmedDataAccessException" => Self::Gone { reason },
            "ValidationError" if reason.contains("does not exist") => Self::Gone { reason },
            "InternalFailure"
            | "InternalError"
            | "InternalServerError"
            | "ServiceUnavailable"
            | "InternalErrorException" => Self::Down { reason },
            _ => Self::Refused { reason },
        }
    }

    /// How a feed is that ran into it and tries again at `until`.
    pub fn state(self, until: Time) -> State {
        match self {
            Self::Throttled => State::Throttled { until },
            Self::Denied { permission, reason } => State::Denied { permission, reason },
            Self::Credentials { reason } => State::Failing {
                reason: format!(
                    "AWS does not accept the credentials: {reason}. Once they are renewed it goes on by itself"
                ),
                until,
            },
            Self::Gone { reason } => State::Gone { reason },
            Self::Quota { reason } | Self::Refused { reason } | Self::Down { reason } => {
                State::Failing { reason, until }
            }
        }
    }

    /// What AWS, the SDK or the network said.
    pub fn reason(&self) -> &str {
        match self {
            Self::Throttled => "too many calls at once",
            Self::Quota { reason }
            | Self::Denied { reason, .. }
            | Self::Credentials { reason }
            | Self::Gone { reason }
            | Self::Refused { reason }
            | Self::Down { reason } => reason,
        }
    }
}

/// The permission that AWS names: `… is not authorized to perform: sqs:CreateQueue on resource: …`.
fn named(reason: &str) -> Option<&str> {
    let (_, rest) = reason.split_once("not authorized to perform: ")?;
    let permission = rest.split([' ', ',']).next()?;
    permission.contains(':').then_some(permission)
}

/// All that an error says about why: the outer errors of the SDK say "service error" and no more.
pub(super) fn reason(error: &(dyn std::error::Error + 'static)) -> String {
    let mut reason = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        reason = if reason == "service error" || reason == "dispatch failure" {
            error.to_string()
        } else {
            format!("{reason}: {error}")
        };
        cause = error.source();
    }
    reason
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_told_apart_whatever_the_service_calls_them() {
        let said = |code: &str, reason: &str| Fault::said("sqs:CreateQueue", code, reason.to_owned());
        for code in ["Throttling", "com.amazonaws.sqs#ThrottlingException", "AWS.SimpleQueueService.RequestThrottled"] {
            assert_eq!(said(code, ""), Fault::Throttled, "{code}");
        }
        let reason = "User: arn:aws:iam::1:user/a is not authorized to perform: sqs:TagQueue on resource: arn";
        let Fault::Denied { permission, .. } = said("AccessDeniedException", reason) else { panic!("not denied") };
        assert_eq!(permission, "sqs:TagQueue");
        let Fault::Denied { permission, .. } = said("AuthorizationError", "no") else { panic!("not denied") };
        assert_eq!(permission, "sqs:CreateQueue");
        assert!(matches!(said("ExpiredToken", ""), Fault::Credentials { .. }));
        assert!(matches!(said("AWS.SimpleQueueService.NonExistentQueue", ""), Fault::Gone { .. }));
        assert!(matches!(said("ValidationError", "Stack with id a-dev does not exist"), Fault::Gone { .. }));
        assert!(matches!(said("ValidationError", "a name is too long"), Fault::Refused { .. }));
        assert!(matches!(said("LimitExceededException", ""), Fault::Quota { .. }));
        assert!(matches!(said("InternalFailure", ""), Fault::Down { .. }));
    }
}
