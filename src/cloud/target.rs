//! Which cloud is meant, and a connection to it.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_cloudformation::config::Credentials;
use aws_sdk_cloudformation::config::retry::RetryConfig;
use aws_sdk_cloudformation::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;

use super::fault::Fault;

/// Which cloud is meant.
#[derive(Clone, PartialEq, Eq)]
pub enum Target {
    /// A sandbox that runs.
    Sandbox {
        /// `http://127.0.0.1:PORT`.
        endpoint: String,
        /// Region of the stacks.
        region: String,
        /// The learner's access key id in it.
        key: String,
        /// Its secret.
        secret: String,
    },
    /// An account of the learner's on AWS, or what answers at `endpoint` in its place.
    Aws {
        /// Profile in the AWS configuration files; else the SDK's own chain.
        profile: Option<String>,
        /// Region; else the SDK's own chain.
        region: Option<String>,
        /// Another address than AWS's.
        endpoint: Option<String>,
    },
}

impl std::fmt::Debug for Target {
    /// Never shows the secret.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sandbox { endpoint, .. } => write!(formatter, "Sandbox({endpoint})"),
            Self::Aws { profile, region, endpoint } => write!(formatter, "Aws({profile:?}, {region:?}, {endpoint:?})"),
        }
    }
}

/// Why the cloud cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// Nobody says which region.
    #[error("no AWS region is set. Name one with `--region`, in AWS_REGION, or in the profile.")]
    NoRegion,
    /// No ride could be requested.
    #[error("POST /ride failed: {reason}")]
    Request {
        /// Why.
        reason: String,
    },
    /// A call failed.
    #[error("{operation} failed: {reason}")]
    Call {
        /// `DescribeStacks of wild-rydes-dev`.
        operation: String,
        /// What AWS or the network said.
        reason: String,
        /// What can be done about it.
        fault: Fault,
    },
}

impl TargetError {
    /// A failed call of the SDK: of `operation` (`DescribeStacks of wild-rydes-dev`), which needs `permission`.
    pub(super) fn call<E, R>(operation: impl Into<String>, permission: &str, error: &SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
        R: std::fmt::Debug + 'static,
    {
        let fault = Fault::of(permission, error);
        Self::Call { operation: operation.into(), reason: fault.reason().to_owned(), fault }
    }

    /// What can be done about it.
    pub(super) fn fault(self) -> Fault {
        match self {
            Self::NoRegion | Self::Request { .. } => Fault::Refused { reason: self.to_string() },
            Self::Call { fault, .. } => fault,
        }
    }
}

/// A connection to a cloud.
#[derive(Clone, Debug)]
pub struct Connection {
    config: SdkConfig,
    region: String,
    is_sandbox: bool,
}

impl Connection {
    /// Prepares the SDK for `target`; nothing is called yet.
    ///
    /// # Errors
    /// [`TargetError::NoRegion`].
    pub async fn open(target: &Target) -> Result<Self, TargetError> {
        let http = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
        let loader = aws_config::defaults(BehaviorVersion::latest()).http_client(http);
        let (loader, is_sandbox) = match target {
            Target::Sandbox { endpoint, region, key, secret } => {
                let credentials = Credentials::new(key, secret, None, None, "rydes sandbox");
                let loader = loader.credentials_provider(credentials).region(Region::new(region.clone()));
                (loader.endpoint_url(endpoint), true)
            }
            Target::Aws { profile, region, endpoint } => {
                let mut loader = loader;
                if let Some(profile) = profile {
                    loader = loader.profile_name(profile);
                }
                if let Some(region) = region {
                    loader = loader.region(Region::new(region.clone()));
                }
                if let Some(endpoint) = endpoint {
                    loader = loader.endpoint_url(endpoint);
                }
                (loader, false)
            }
        };
        let config = loader.load().await;
        let region = config.region().map(ToString::to_string).ok_or(TargetError::NoRegion)?;
        Ok(Self { config, region, is_sandbox })
    }

    /// Settings for the SDK's clients.
    pub fn config(&self) -> &SdkConfig {
        &self.config
    }

    /// The same, but a call that fails is not tried again: for those who pace their calls themselves and tell how they fare.
    pub(super) fn without_retries(&self) -> Self {
        let config = self.config.to_builder().retry_config(RetryConfig::disabled()).build();
        Self { config, ..self.clone() }
    }

    /// The region.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// Whether it is a sandbox, rather than an account that costs money.
    pub fn is_sandbox(&self) -> bool {
        self.is_sandbox
    }
}
