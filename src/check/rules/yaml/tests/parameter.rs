//! The SSM parameter with the ARN.

use super::wild_rydes::{Case, Parts, TOPIC, service, table};
use crate::check::Status::{Blocked, Fail, Pass, Warn};

#[test]
fn topic_parameter() {
    let properties: &[Case] = &[
        (
            "        Type: String\n        Name: /wild-rydes/${self:provider.stage}/SnsTopicArn\n        Value: !Ref RidesSnsTopic",
            Pass,
            "",
        ),
        (
            "        Type: String\n        Name: /${self:service}/${self:custom.stage}/SnsTopicArn\n        Value:\n          Ref: RidesSnsTopic",
            Pass,
            "",
        ),
        (
            "        Type: 'String'\n        Name: /wild-rydes/${opt:stage, 'dev'}/SnsTopicArn\n        Value: !GetAtt RidesSnsTopic.TopicArn",
            Pass,
            "",
        ),
        (
            "        Type: String\n        Name: /wild-rydes/${sls:stage}/SnsTopicArn\n        Value: !Sub '${RidesSnsTopic}'",
            Pass,
            "",
        ),
        (
            "        Type: String\n        Name: /wild-rydes/${env:SLS_STAGE, 'dev'}/SnsTopicArn\n        Value: !Sub 'arn:aws:sns:${AWS::Region}:${AWS::AccountId}:${RidesSnsTopic.TopicName}'",
            Pass,
            "",
        ),
        (
            "        Type: String\n        Name: !Sub '/wild-rydes/${self:provider.stage}/SnsTopicArn'\n        Value: {Ref: RidesSnsTopic}",
            Pass,
            "",
        ),
        (
            "        Type: String\n        Name: !Join ['/', ['', wild-rydes, '${self:provider.stage}', SnsTopicArn]]\n        Value: !Ref RidesSnsTopic",
            Pass,
            "",
        ),
        (
            "        Type: String\n        Name: !Sub ['/wild-rydes/${s}/SnsTopicArn', {s: '${self:provider.stage}'}]\n        Value: !Ref RidesSnsTopic",
            Pass,
            "",
        ),
        (
            "        Name: ${self:custom.parameter}\n        Value: !Join ['', [!Ref RidesSnsTopic]]\n        Type: String",
            Pass,
            "",
        ),
        (
            "        { Type: String, Name: '/wild-rydes/${self:provider.stage}/SnsTopicArn', Value: !Ref RidesSnsTopic, Description: x }",
            Pass,
            "",
        ),
        (
            "        Type: String\n        Name: /wild-rydes/${opt:stage, self:provider.stage}/SnsTopicArn\n        Value: !Ref RidesSnsTopic\n        Tier: Standard",
            Pass,
            "",
        ),
        (
            "        Type: String\n        Name: /wild-rydes/dev/SnsTopicArn\n        Value: !Ref RidesSnsTopic",
            Warn,
            "written out as `dev`",
        ),
        (
            "        Type: String\n        Name: /wild-rydes/STAGE/SnsTopicArn\n        Value: !Ref RidesSnsTopic",
            Fail,
            "placeholder",
        ),
        (
            "        Type: String\n        Name: /wild-rydes/<stage>/SnsTopicArn\n        Value: !Ref RidesSnsTopic",
            Fail,
            "placeholder",
        ),
        (
            "        Type: String\n        Name: /wild-rydes/${STAGE}/SnsTopicArn\n        Value: !Ref RidesSnsTopic",
            Fail,
            "placeholder",
        ),
        (
            "        Type: String\n        Name: wild-rydes/${self:provider.stage}/SnsTopicArn\n        Value: !Ref RidesSnsTopic",
            Fail,
            "no `/` at the start",
        ),
        (
            "        Type: String\n        Name: /wild-rydes/${self:provider.stage}/SNSTopicArn\n        Value: !Ref RidesSnsTopic",
            Fail,
            "capital letters",
        ),
        (
            "        Type: String\n        Name: /wild-rydes-ride-record/${self:provider.stage}/SnsTopicArn\n        Value: !Ref RidesSnsTopic",
            Fail,
            "`wild-rydes-ride-record` where `wild-rydes` belongs",
        ),
        (
            "        Type: String\n        Name: /wild-rydes/SnsTopicArn\n        Value: !Ref RidesSnsTopic",
            Fail,
            "`STAGE` is missing",
        ),
        (
            "        Type: String\n        Name: /wild-rydes/${self:provider.stag}/SnsTopicArn\n        Value: !Ref RidesSnsTopic",
            Fail,
            "provider.stag",
        ),
        (
            "        Type: String\n        Name: /wild-rydes/${self:provider.stage}/URL\n        Value: !Ref RidesSnsTopic",
            Fail,
            "`URL` where `SnsTopicArn` belongs",
        ),
        (
            "        Name: /wild-rydes/${self:provider.stage}/SnsTopicArn\n        Value: !Ref RidesSnsTopic",
            Fail,
            "no `Type`",
        ),
        (
            "        Type: SecureString\n        Name: /wild-rydes/${self:provider.stage}/SnsTopicArn\n        Value: !Ref RidesSnsTopic",
            Fail,
            "SecureString",
        ),
        (
            "        Type: string\n        Name: /wild-rydes/${self:provider.stage}/SnsTopicArn\n        Value: !Ref RidesSnsTopic",
            Fail,
            "should be `String`",
        ),
        (
            "        Type: String\n        Name: /wild-rydes/${self:provider.stage}/SnsTopicArn\n        Value: !GetAtt RidesSnsTopic.TopicName",
            Fail,
            "TopicName",
        ),
        (
            "        Type: String\n        Name: /wild-rydes/${self:provider.stage}/SnsTopicArn\n        Value: 'Ref: RidesSnsTopic'",
            Fail,
            "the text",
        ),
        (
            "        Type: String\n        Name: /wild-rydes/${self:provider.stage}/SnsTopicArn\n        Value: RidesSnsTopic",
            Fail,
            "the text",
        ),
        (
            "        Type: String\n        Name: /wild-rydes/${self:provider.stage}/SnsTopicArn\n        Value: ${RidesSnsTopic}",
            Fail,
            "the text",
        ),
        (
            "        Type: String\n        Name: /wild-rydes/${self:provider.stage}/SnsTopicArn\n        Value: arn:aws:sns:us-east-1:123456789012:rides",
            Fail,
            "written out",
        ),
        (
            "        Type: String\n        Name: /wild-rydes/${self:provider.stage}/SnsTopicArn\n        Value: !Ref UsersTable",
            Fail,
            "UsersTable",
        ),
        (
            "        Type: String\n        Name: /wild-rydes/${self:provider.stage}/SnsTopicArn\n        Value:",
            Fail,
            "no value",
        ),
        ("        Type: String\n        Name: /wild-rydes/${self:provider.stage}/SnsTopicArn", Fail, "no `Value`"),
        ("        Type: String\n        Value: !Ref RidesSnsTopic", Fail, "no `Name`"),
        (
            "        Type: String\n        Name: /wild-rydes/${env:WHO}/SnsTopicArn\n        Value: !Ref RidesSnsTopic",
            Blocked,
            "known only at deployment",
        ),
        (
            "        Type: String\n        Name: /wild-rydes/${self:provider.stage}/SnsTopicArn\n        Value: !If [A, !Ref RidesSnsTopic, x]",
            Blocked,
            "not certain",
        ),
    ];
    table("RY205", properties, |properties| {
        let resources =
            format!("{TOPIC}\n    Anything:\n      Type: AWS::SSM::Parameter\n      Properties:\n{properties}");
        service(Parts {
            resources: &resources,
            custom: "  parameter: /wild-rydes/${self:custom.stage}/SnsTopicArn",
            ..Parts::default()
        })
    });
    let inner = "Type: String, Name: '/wild-rydes/${self:provider.stage}/SnsTopicArn', Value: !Ref RidesSnsTopic";
    let whole: &[Case] = &[
        ("    P: {Type: AWS::SSM::Parameter, Properties: {INNER}}", Pass, ""),
        ("    P: {Type: AWS::SSM::parameter, Properties: {INNER}}", Fail, "AWS::SSM::parameter"),
        ("    P: {Type: String, Properties: {INNER}}", Fail, "of type `String`"),
        ("    P: {Properties: {INNER}}", Fail, "no `Type`"),
        ("  P: {Type: AWS::SSM::Parameter, Properties: {INNER}}", Fail, "directly under `resources`"),
        ("P: {Type: AWS::SSM::Parameter, Properties: {INNER}}", Fail, "at the top level"),
        ("", Fail, "there is no SSM parameter"),
        (
            "    P: {Type: AWS::SSM::Parameter, Properties: {Type: String, Name: /wild-rydes/dev/URL, Value: x}}",
            Fail,
            "there is no SSM parameter",
        ),
    ];
    table("RY205", whole, |resources| {
        service(Parts { resources: &format!("{TOPIC}\n{}", resources.replace("INNER", inner)), ..Parts::default() })
    });
}
