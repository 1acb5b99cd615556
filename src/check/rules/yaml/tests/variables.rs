//! Variables that come and go.

use super::wild_rydes::{Case, Parts, service, table};
use crate::check::Status::{Blocked, Fail, Pass, Warn};

#[test]
fn function_variable() {
    let cases: &[Case] = &[
        ("      RIDES_SNS_TOPIC_ARN: !Ref RidesSnsTopic", Pass, ""),
        ("      RIDES_SNS_TOPIC_ARN:\n        Ref: RidesSnsTopic", Pass, ""),
        ("      RIDES_SNS_TOPIC_ARN: {\"Ref\": \"RidesSnsTopic\"}", Pass, ""),
        ("      RIDES_SNS_TOPIC_ARN: !GetAtt RidesSnsTopic.TopicArn", Pass, ""),
        ("      RIDES_SNS_TOPIC_ARN: {Fn::GetAtt: [RidesSnsTopic, TopicArn]}", Pass, ""),
        ("      RIDES_SNS_TOPIC_ARN: !Sub '${RidesSnsTopic}'", Pass, ""),
        ("      RIDES_SNS_TOPIC_ARN: ${self:custom.topic}", Pass, ""),
        ("      RIDES_SNS_TOPIC_ARN: !GetAtt Parameter.Value", Pass, ""),
        (
            "      RIDES_SNS_TOPIC_ARN: !Join ['', ['arn:aws:sns:', !Ref 'AWS::Region', ':', !Ref 'AWS::AccountId', ':', !GetAtt RidesSnsTopic.TopicName]]",
            Pass,
            "",
        ),
        ("      'RIDES_SNS_TOPIC_ARN': !Ref   RidesSnsTopic  # topic", Pass, ""),
        ("", Fail, "has no `RIDES_SNS_TOPIC_ARN`"),
        ("      RIDE_SNS_TOPIC_ARN: !Ref RidesSnsTopic", Fail, "called `RIDE_SNS_TOPIC_ARN`"),
        ("      RIDES_SNS_TOPIC: !Ref RidesSnsTopic", Fail, "called `RIDES_SNS_TOPIC`"),
        ("      rides_sns_topic_arn: !Ref RidesSnsTopic", Fail, "called `rides_sns_topic_arn`"),
        ("      RIDES_SNS_TOPIC_ARN: RidesSnsTopic", Fail, "the text `RidesSnsTopic`"),
        ("      RIDES_SNS_TOPIC_ARN: 'Ref: RidesSnsTopic'", Fail, "the text"),
        ("      RIDES_SNS_TOPIC_ARN: ${RidesSnsTopic}", Fail, "the text"),
        ("      RIDES_SNS_TOPIC_ARN: Ref RidesSnsTopic", Fail, "the text"),
        ("      RIDES_SNS_TOPIC_ARN:", Fail, "no value"),
        ("      RIDES_SNS_TOPIC_ARN: !GetAtt RidesSnsTopic.TopicName", Fail, "TopicName"),
        ("      RIDES_SNS_TOPIC_ARN: !GetAtt RidesSnsTopic.Arn", Fail, "`Arn`"),
        ("      RIDES_SNS_TOPIC_ARN: !Ref RideSnsTopic", Fail, "`RideSnsTopic`"),
        ("      RIDES_SNS_TOPIC_ARN: !Ref UsersTable", Fail, "UsersTable"),
        ("      RIDES_SNS_TOPIC_ARN: arn:aws:sns:us-east-1:123456789012:rides", Fail, "written out"),
        (
            "      RIDES_SNS_TOPIC_ARN: ${ssm:/wild-rydes/${self:provider.stage}/SnsTopicArn}",
            Fail,
            "before this very service",
        ),
        ("      # RIDES_SNS_TOPIC_ARN: !Ref RidesSnsTopic", Fail, "commented out"),
        ("    RIDES_SNS_TOPIC_ARN: !Ref RidesSnsTopic", Fail, "beside `environment`"),
        ("      RIDES_SNS_TOPIC_ARN: ${self:custom.nope}", Fail, "cannot be worked out"),
        ("      RIDES_SNS_TOPIC_ARN: ${env:TOPIC}", Blocked, "not certain"),
        ("      RIDES_SNS_TOPIC_ARN: !ImportValue x", Blocked, "not certain"),
    ];
    let resources = "    RidesSnsTopic:\n      Type: AWS::SNS::Topic\n    Parameter:\n      Type: AWS::SSM::Parameter\n      Properties: {Type: String, Name: x, Value: !Ref RidesSnsTopic}";
    table("RY206", cases, |environment| {
        service(Parts { environment, resources, custom: "  topic: !Ref RidesSnsTopic", ..Parts::default() })
    });
    let inherited: &[Case] = &[
        ("  environment:\n    RIDES_SNS_TOPIC_ARN: !Ref RidesSnsTopic", Pass, ""),
        ("  RIDES_SNS_TOPIC_ARN: !Ref RidesSnsTopic", Fail, "under `provider`"),
        ("  environment: ${file(x.js)}", Blocked, "not certain"),
    ];
    table("RY206", inherited, |provider| service(Parts { provider, resources, ..Parts::default() }));
    let other = [(
        "  Other:\n    handler: a.b\n    environment:\n      RIDES_SNS_TOPIC_ARN: !Ref RidesSnsTopic",
        Fail,
        "environment of `Other`",
    )];
    table("RY206", &other, |functions| service(Parts { functions, resources, ..Parts::default() }));
}

#[test]
fn variable_removed() {
    let cases: &[Case] = &[
        ("", Pass, ""),
        ("      RIDES_SNS_TOPIC_ARN: !Ref RidesSnsTopic", Pass, ""),
        ("      # RIDE_RECORD_URL: x", Pass, ""),
        ("      RIDE_RECORD_URL: ${self:custom.ride_record_url}", Fail, "still has `RIDE_RECORD_URL`"),
        ("      RIDE_RECORD_URL:", Warn, "without a value"),
        ("      RIDE_RECORD_URL: ''", Fail, "still has"),
        ("      <<: {RIDE_RECORD_URL: x}", Fail, "still has"),
    ];
    table("RY207", cases, |environment| service(Parts { environment, ..Parts::default() }));
    table("RY207", &[("  environment:\n    RIDE_RECORD_URL: x", Fail, "provider.environment")], |provider| {
        service(Parts { provider, ..Parts::default() })
    });
    table("RY207", &[("  ride_record_url: ${ssm:/x}", Pass, "still there")], |custom| {
        service(Parts { custom, ..Parts::default() })
    });
}
