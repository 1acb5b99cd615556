//! The permission to publish.

use super::wild_rydes::{Case, Parts, TOPIC, service, table};
use crate::check::Status::{Blocked, Fail, Pass, Warn};

#[test]
fn publish_permission() {
    let provider: &[Case] = &[
        (
            "  iamRoleStatements:\n    - Effect: Allow\n      Action:\n        - sns:Publish\n      Resource:\n        - Ref: RidesSnsTopic",
            Pass,
            "",
        ),
        (
            "  iamRoleStatements:\n  - Effect: Allow\n    Action: sns:Publish\n    Resource: !Ref RidesSnsTopic",
            Pass,
            "",
        ),
        ("  iamRoleStatements: [{Effect: Allow, Action: 'sns:publish', Resource: {Ref: RidesSnsTopic}}]", Pass, ""),
        (
            "  iam:\n    role:\n      statements:\n        - Effect: Allow\n          Action: sns:Publish\n          Resource: !Ref RidesSnsTopic",
            Pass,
            "",
        ),
        (
            "  iamRoleStatements:\n    - Effect: Allow\n      Action: [SNS:Publish, sns:Subscribe]\n      Resource: !GetAtt RidesSnsTopic.TopicArn",
            Pass,
            "",
        ),
        (
            "  iamRoleStatements:\n    - Effect: Allow\n      Action: sns:Pub*\n      Resource: {'Fn::GetAtt': [RidesSnsTopic, TopicArn]}",
            Pass,
            "",
        ),
        (
            "  iamRoleStatements:\n    - Effect: Allow\n      Action: sns:Publish\n      Resource: !Sub '${RidesSnsTopic}'",
            Pass,
            "",
        ),
        (
            "  iamRoleStatements:\n    - Effect: Allow\n      Action: sns:Publish\n      Resource: !Sub 'arn:aws:sns:${AWS::Region}:${AWS::AccountId}:${RidesSnsTopic.TopicName}'",
            Pass,
            "",
        ),
        (
            "  iamRoleStatements:\n    - Effect: Allow\n      Action: sns:Publish\n      Resource:\n        Fn::Join: ['', ['arn:aws:sns:', Ref: AWS::Region, ':', Ref: AWS::AccountId, ':', !GetAtt RidesSnsTopic.TopicName]]",
            Pass,
            "",
        ),
        (
            "  iamRoleStatements:\n    - Effect: Allow\n      Action: sns:Publish\n      Resource: !Sub 'arn:${AWS::Partition}:sns:${self:custom.region}:*:wild-rydes-${self:custom.stage}-RidesSnsTopic-*'",
            Pass,
            "",
        ),
        ("  iamRoleStatements: ${self:custom.statements}", Pass, ""),
        ("  iamRoleStatements:\n    - Effect: Allow\n      Action: sns:Publish\n      Resource: '*'", Pass, ""),
        ("  iamRoleStatements:\n    - Effect: Allow\n      Action: '*'\n      Resource: arn:aws:sns:*:*:*", Pass, ""),
        ("  iamManagedPolicies:\n    - arn:aws:iam::aws:policy/AmazonSNSFullAccess", Pass, ""),
        (
            "  iamRoleStatements:\n    - Effect: Allow\n      Action: dynamodb:*\n      Resource: '*'\n    - Effect: Allow\n      Action: sns:Publish\n      Resource: [!GetAtt UsersTable.Arn, !Ref RidesSnsTopic]",
            Pass,
            "",
        ),
        (
            "  iamRoleStatements:\n    - Effect: Allow\n      Action: sns:Publish\n      Resource: !Ref RidesSnsTopic\n  iam:\n    role:\n      name: ride",
            Pass,
            "",
        ),
        ("  role: PublishRole", Pass, ""),
        ("", Fail, "nothing allows"),
        (
            "  iamRoleStatements:\n    - Effect: Deny\n      Action: sns:Publish\n      Resource: !Ref RidesSnsTopic",
            Fail,
            "`Deny` always wins",
        ),
        (
            "  iamRoleStatements:\n    - Effect: Allow\n      Action: sns:Publish\n      Resource: !Ref RidesSnsTopic\n    - Effect: Deny\n      Action: sns:*\n      Resource: '*'",
            Fail,
            "`Deny` always wins",
        ),
        (
            "  iamRoleStatements:\n    - Effect: allow\n      Action: sns:Publish\n      Resource: !Ref RidesSnsTopic",
            Fail,
            "`Effect` is `allow`",
        ),
        (
            "  iamRoleStatements:\n    - Effect: Allow\n      Action: sns:Subscribe\n      Resource: !Ref RidesSnsTopic",
            Fail,
            "sns:Subscribe",
        ),
        (
            "  iamRoleStatements:\n    - Effect: Allow\n      Action: sns:Pubish\n      Resource: !Ref RidesSnsTopic",
            Fail,
            "sns:Pubish",
        ),
        (
            "  iamRoleStatements:\n    - Effect: Allow\n      Action: Publish\n      Resource: !Ref RidesSnsTopic",
            Fail,
            "sns:Publish",
        ),
        (
            "  iamRoleStatements:\n    - Effect: Allow\n      Action:\n        - sns: Publish\n      Resource: !Ref RidesSnsTopic",
            Fail,
            "space after the colon",
        ),
        (
            "  iamRoleStatements:\n    - Effect: Allow\n      Action: sns:Publish\n      Resource: RidesSnsTopic",
            Fail,
            "the text `RidesSnsTopic`",
        ),
        (
            "  iamRoleStatements:\n    - Effect: Allow\n      Action: sns:Publish\n      Resource: 'Ref: RidesSnsTopic'",
            Fail,
            "the text",
        ),
        (
            "  iamRoleStatements:\n    - Effect: Allow\n      Action: sns:Publish\n      Resource: '!Ref RidesSnsTopic'",
            Fail,
            "the text",
        ),
        (
            "  iamRoleStatements:\n    - Effect: Allow\n      Action: sns:Publish\n      Resource: !GetAtt RidesSnsTopic.TopicName",
            Fail,
            "topic's name",
        ),
        (
            "  iamRoleStatements:\n    - Effect: Allow\n      Action: sns:Publish\n      Resource: !GetAtt RidesSnsTopic.Arn",
            Fail,
            "no attribute `Arn`",
        ),
        (
            "  iamRoleStatements:\n    - Effect: Allow\n      Action: sns:Publish\n      Resource: !GetAtt UsersTable.Arn",
            Fail,
            "UsersTable",
        ),
        (
            "  iamRoleStatements:\n    - Effect: Allow\n      Action: sns:Publish\n      Resource: !Ref RideSnsTopic",
            Fail,
            "`RideSnsTopic`",
        ),
        (
            "  iamRoleStatements:\n    - Effect: Allow\n      Action: sns:Publish\n      Resource: arn:aws:sns:us-east-1:123456789012:rides",
            Fail,
            "does not cover",
        ),
        (
            "  iamRoleStatements:\n    - Effect: Allow\n      Action: sns:Publish\n      Resource: !Sub '${RidesSnsTopic}/*'",
            Fail,
            "not the ARN",
        ),
        ("  iamRoleStatements:\n    - Effect: Allow\n      Action: sns:Publish", Fail, "no `Resource`"),
        (
            "  iamRoleStatements:\n    - Effect: Allow\n    - Action: sns:Publish\n    - Resource: !Ref RidesSnsTopic",
            Fail,
            "no `Effect`",
        ),
        (
            "  iamRoleStatements:\n    - Effect: Allow\n      Actions: sns:Publish\n      Resource: !Ref RidesSnsTopic",
            Fail,
            "`Actions` is no part",
        ),
        (
            "  iamRoleStatements:\n    Effect: Allow\n    Action: sns:Publish\n    Resource: !Ref RidesSnsTopic",
            Fail,
            "no list",
        ),
        (
            "  iamRoleStatement:\n    - Effect: Allow\n      Action: sns:Publish\n      Resource: !Ref RidesSnsTopic",
            Fail,
            "`iamRoleStatement` is not known",
        ),
        (
            "  iam:\n    roleStatements:\n    - Effect: Allow\n      Action: sns:Publish\n      Resource: !Ref RidesSnsTopic",
            Fail,
            "under `provider.iam.roleStatements`",
        ),
        (
            "  iam:\n    role:\n      statements:\n        - {Effect: Allow, Action: dynamodb:GetItem, Resource: '*'}\n  iamRoleStatements:\n    - {Effect: Allow, Action: sns:Publish, Resource: !Ref RidesSnsTopic}",
            Fail,
            "no effect",
        ),
        (
            "  iamRoleStatements:\n    - Effect: Allow\n      Action: sns:Publish\n      Resource: !Ref RidesSnsTopic\n  role: arn:aws:iam::123456789012:role/lambda",
            Blocked,
            "no effect",
        ),
        (
            "  iamRoleStatements:\n    # - Effect: Allow\n    #   Action:\n    #     - sns:Publish\n    #   Resource: !Ref RidesSnsTopic\n    - {Effect: Allow, Action: x:y, Resource: '*'}",
            Fail,
            "commented out",
        ),
        ("  iamRoleStatements:\n    - Effect: Allow\n      NotAction: sns:Publish\n      Resource: '*'", Fail, ""),
        ("  role: arn:aws:iam::123456789012:role/lambda", Blocked, "not certain"),
        ("  iamRoleStatements: ${file(iam.js)}", Blocked, "not certain"),
        (
            "  iamRoleStatements:\n    - Effect: Allow\n      Action: sns:Publish\n      Resource: !Ref RidesSnsTopic\n      Condition: {StringEquals: {a: b}}",
            Blocked,
            "condition",
        ),
        (
            "  iamRoleStatements:\n    - {Effect: Allow, Action: sns:Publish, Resource: !Ref RidesSnsTopic}\n  iam:\n    role:\n      statements:\n        - {Effect: Allow, Action: sns:Publish, Resource: !Ref RidesSnsTopic}",
            Warn,
            "no effect",
        ),
    ];
    table("RY203", provider, |provider| {
        service(Parts {
            provider,
            custom: "  statements:\n    - Effect: Allow\n      Action: sns:Publish\n      Resource: !Ref RidesSnsTopic",
            resources: "    RidesSnsTopic:\n      Type: AWS::SNS::Topic\n    PublishRole:\n      Type: AWS::IAM::Role\n      Properties:\n        Policies:\n          - PolicyName: p\n            PolicyDocument:\n              Statement:\n                - {Effect: Allow, Action: sns:Publish, Resource: !Ref RidesSnsTopic}",
            ..Parts::default()
        })
        // The statement under `custom` is there for one case only.
        .replace(if provider.contains("self:custom.statements") { "\0" } else { "  statements:\n    - Effect: Allow\n      Action: sns:Publish\n      Resource: !Ref RidesSnsTopic" }, "  unused: 1")
        .replace(if provider.contains("PublishRole") { "\0" } else { "                - {Effect: Allow, Action: sns:Publish, Resource: !Ref RidesSnsTopic}\n" }, "                - {Effect: Allow, Action: logs:*, Resource: '*'}\n")
    });
    let statement =
        "    iamRoleStatements:\n      - {Effect: Allow, Action: sns:Publish, Resource: !Ref RidesSnsTopic}";
    let on_function: &[Case] = &[("plugins: [serverless-iam-roles-per-function]", Pass, ""), ("", Fail, "plugin")];
    table("RY203", on_function, |top| {
        service(Parts { top, function: statement, resources: TOPIC, ..Parts::default() })
    });
    let attached: &[Case] = &[
        (
            "    P:\n      Type: AWS::IAM::Policy\n      Properties:\n        Roles: [!Ref IamRoleLambdaExecution]\n        PolicyDocument:\n          Statement: {Effect: Allow, Action: sns:Publish, Resource: !Ref RidesSnsTopic}",
            Pass,
            "",
        ),
        (
            "    P:\n      Type: AWS::IAM::Policy\n      Properties:\n        PolicyDocument:\n          Statement: {Effect: Allow, Action: sns:Publish, Resource: !Ref RidesSnsTopic}",
            Fail,
            "not to the role",
        ),
    ];
    table("RY203", attached, |resources| service(Parts { resources, ..Parts::default() }));
}

#[test]
fn permission_too_wide() {
    let cases: &[Case] = &[
        ("", Pass, ""),
        ("    - {Effect: Allow, Action: sns:Publish, Resource: !Ref RidesSnsTopic}", Pass, ""),
        ("    - {Effect: Allow, Action: 'sns:Pub*', Resource: !Ref RidesSnsTopic}", Pass, ""),
        (
            "    - {Effect: Allow, Action: xray:PutTraceSegments, Resource: '*'}\n    - {Effect: Allow, Action: sns:Publish, Resource: [!Ref RidesSnsTopic]}",
            Pass,
            "",
        ),
        ("    - {Effect: Allow, Action: sns:Publish, Resource: '*'}", Warn, "more topics"),
        ("    - {Effect: Allow, Action: 'sns:*', Resource: !Ref RidesSnsTopic}", Warn, "`sns:*` allows far more"),
        ("    - {Effect: Allow, Action: '*', Resource: !Ref RidesSnsTopic}", Warn, "far more"),
        ("    - {Effect: Allow, Action: sns:Publish, Resource: 'arn:aws:sns:*:*:*'}", Warn, "more topics"),
        ("    - {Effect: Allow, Action: sns:Publish, Resource: 'arn:aws:sns:*'}", Warn, "more topics"),
        ("    - {Effect: Allow, NotAction: iam:*, Resource: !Ref RidesSnsTopic}", Warn, "leaves out some actions"),
    ];
    table("RY204", cases, |statements| {
        let provider: &'static str = Box::leak(format!("  iamRoleStatements:\n{statements}").into_boxed_str());
        service(Parts { provider, resources: TOPIC, ..Parts::default() })
    });
}

#[test]
fn an_edit_narrows_nothing_else() {
    let cases = [
        ("    - {Effect: Allow, Action: sns:Publish, Resource: '*'}", 1),
        ("    - {Effect: Allow, Action: 'sns:*', Resource: '*'}", 2),
        // X-Ray would lose its resource with that, and the table its actions.
        ("    - {Effect: Allow, Action: [xray:PutTraceSegments, sns:Publish], Resource: '*'}", 0),
        ("    - {Effect: Allow, Action: 'sns:*', Resource: [!Ref RidesSnsTopic, !GetAtt UsersTable.Arn]}", 0),
        ("    - {Effect: Allow, Action: '*', Resource: '*'}", 0),
    ];
    for (statements, edits) in cases {
        let provider = format!("  iamRoleStatements:\n{statements}");
        let text = service(Parts { provider: &provider, resources: TOPIC, ..Parts::default() });
        let findings = super::judge("RY204", "", "wild-rydes", &text);
        assert!(!findings.is_empty(), "{statements}");
        assert_eq!(findings.iter().filter(|finding| finding.edit.is_some()).count(), edits, "{statements}");
    }
}
