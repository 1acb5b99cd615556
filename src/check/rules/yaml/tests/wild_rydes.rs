//! A `serverless.yml` of `wild-rydes`, close to the public one, of which a case varies parts.

use super::{judge, status, words};
use crate::check::Status;

/// What the case varies, in an otherwise complete service.
#[derive(Clone, Copy, Default)]
pub(super) struct Parts<'a> {
    pub(super) top: &'a str,
    pub(super) custom: &'a str,
    pub(super) provider: &'a str,
    pub(super) function: &'a str,
    pub(super) environment: &'a str,
    pub(super) functions: &'a str,
    pub(super) resources: &'a str,
}

pub(super) fn service(parts: Parts) -> String {
    let Parts { top, custom, provider, function, environment, functions, resources } = parts;
    format!(
        "service: wild-rydes\n{top}\ncustom:\n  stage: ${{opt:stage, env:SLS_STAGE, 'dev'}}\n  region: us-east-1\n{custom}\n\
         provider:\n  name: aws\n  runtime: python3.6\n  stage: ${{self:custom.stage}}\n  region: ${{self:custom.region}}\n{provider}\n\
         functions:\n  RequestRide:\n    handler: handlers/request_ride.handler\n{function}\n    environment:\n      LOG_LEVEL: INFO\n{environment}\n    \
         events:\n      - http:\n          path: /ride\n          method: post\n{functions}\n\
         resources:\n  Resources:\n    UsersTable:\n      Type: AWS::DynamoDB::Table\n{resources}\n"
    )
}

pub(super) type Case = (&'static str, Status, &'static str);

pub(super) fn table(code: &str, cases: &[Case], build: impl Fn(&'static str) -> String) {
    let mut wrong = Vec::new();
    for (variant, expected, says) in cases {
        let text = build(variant);
        let findings = judge(code, "", "wild-rydes", &text);
        let said = words(&findings);
        if status(&findings) != *expected || !said.contains(says) {
            wrong
                .push(format!("{variant}\n--- expected {expected:?} {says:?}, found {:?}:\n{said}", status(&findings)));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n\n"));
}

pub(super) const TOPIC: &str = "    RidesSnsTopic:\n      Type: AWS::SNS::Topic";
