//! The sandbox through the AWS SDK for Rust, as everything of ours will reach it.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_ssm::config::{Credentials, SharedCredentialsProvider};
use aws_sdk_ssm::error::ProvideErrorMetadata;
use aws_sdk_ssm::types::ParameterType;
use rydes::sandbox::{Options, Sandbox};

/// Settings for a client of `sandbox` as the learner.
pub(crate) fn settings(sandbox: &Sandbox) -> SdkConfig {
    let key = sandbox.account().keys.learner();
    let credentials = Credentials::new(&key.id, &key.secret, key.token.clone(), None, "test");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(sandbox.endpoint())
        .region(Region::new("us-east-2"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build()
}

#[tokio::test]
async fn parameters_are_kept() {
    let sandbox = Sandbox::start(Options::scratch()).await.unwrap();
    let ssm = aws_sdk_ssm::Client::new(&settings(&sandbox));
    let put = ssm.put_parameter().name("/a/b").value("v & <w> é").r#type(ParameterType::String).send().await.unwrap();
    assert_eq!(put.version, 1);
    let got = ssm.get_parameter().name("/a/b").send().await.unwrap().parameter.unwrap();
    assert_eq!((got.value(), got.r#type()), (Some("v & <w> é"), Some(&ParameterType::String)));
    assert!(got.last_modified_date.is_some());
    let missing = ssm.get_parameter().name("/a/c").send().await.unwrap_err();
    assert!(missing.as_service_error().is_some_and(|error| error.is_parameter_not_found()), "{missing:?}");
    let mut pages = ssm.get_parameters_by_path().path("/a").into_paginator().send();
    assert_eq!(pages.next().await.unwrap().unwrap().parameters().len(), 1);
    ssm.delete_parameter().name("/a/b").send().await.unwrap();
    sandbox.stop().await.unwrap();
}

#[tokio::test]
async fn callers_are_known() {
    let sandbox = Sandbox::start(Options::scratch()).await.unwrap();
    let settings = settings(&sandbox);
    let identity = aws_sdk_sts::Client::new(&settings).get_caller_identity().send().await.unwrap();
    assert_eq!(identity.arn(), Some("arn:aws:iam::123456789012:user/learner"));
    let stranger = Credentials::new("AKIAIOSFODNN7EXAMPLE", "secret", None, None, "test");
    let settings = settings.into_builder().credentials_provider(SharedCredentialsProvider::new(stranger)).build();
    let refused = aws_sdk_sts::Client::new(&settings).get_caller_identity().send().await.unwrap_err();
    assert_eq!(refused.as_service_error().and_then(ProvideErrorMetadata::code), Some("InvalidClientTokenId"));
    let refused = aws_sdk_ssm::Client::new(&settings).get_parameter().name("x").send().await.unwrap_err();
    assert_eq!(refused.as_service_error().and_then(ProvideErrorMetadata::code), Some("UnrecognizedClientException"));
    sandbox.stop().await.unwrap();
}
