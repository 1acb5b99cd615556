//! `wild-rydes`: topic, permission, parameter, variables.

use super::{judge, status, words};
use crate::check::Status::{self, Blocked, Fail, Pass, Warn};

/// What the case varies, in an otherwise complete service.
#[derive(Clone, Copy, Default)]
struct Parts<'a> {
    top: &'a str,
    custom: &'a str,
    provider: &'a str,
    function: &'a str,
    environment: &'a str,
    functions: &'a str,
    resources: &'a str,
}

fn service(parts: Parts) -> String {
    let Parts { top, custom, provider, function, environment, functions, resources } = parts;
    format!(
        "service: wild-rydes\n{top}\ncustom:\n  stage: ${{opt:stage, env:SLS_STAGE, 'dev'}}\n  region: us-east-1\n{custom}\n\
         provider:\n  name: aws\n  runtime: python3.6\n  stage: ${{self:custom.stage}}\n  region: ${{self:custom.region}}\n{provider}\n\
         functions:\n  RequestRide:\n    handler: handlers/request_ride.handler\n{function}\n    environment:\n      LOG_LEVEL: INFO\n{environment}\n    \
         events:\n      - http:\n          path: /ride\n          method: post\n{functions}\n\
         resources:\n  Resources:\n    UsersTable:\n      Type: AWS::DynamoDB::Table\n{resources}\n"
    )
}

type Case = (&'static str, Status, &'static str);

fn table(code: &str, cases: &[Case], build: impl Fn(&'static str) -> String) {
    let mut wrong = Vec::new();
    for (variant, expected, says) in cases {
        let text = build(variant);
        let findings = judge(code, "", "wild-rydes", &text);
        let said = words(&findings);
        if status(&findings) != *expected || !said.contains(says) {
            wrong.push(format!("{variant}\n--- expected {expected:?} {says:?}, found {:?}:\n{said}", status(&findings)));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n\n"));
}

#[test]
fn topic_resource() {
    let resources: &[Case] = &[
        ("    RidesSnsTopic:\n      Type: AWS::SNS::Topic", Pass, ""),
        ("    RidesSnsTopic: {Type: AWS::SNS::Topic}", Pass, ""),
        ("    'RidesSnsTopic': {\"Type\": \"AWS::SNS::Topic\"}", Pass, ""),
        ("    RidesSnsTopic:\n        Type: 'AWS::SNS::Topic'\n        Properties: {}", Pass, ""),
        ("    RidesSnsTopic:\n      Type: AWS::SNS::Topic\n      Properties:\n        DisplayName: rides", Pass, ""),
        ("    RidesSnsTopic:\n      Type: AWS::SNS::Topic\n      DeletionPolicy: Retain\n      DependsOn: UsersTable", Pass, ""),
        ("    RidesSnsTopic: &topic\n      Type: AWS::SNS::Topic\n    OtherTopic: *topic", Pass, ""),
        ("    Base: &base\n      Type: AWS::SNS::Topic\n    RidesSnsTopic:\n      <<: *base", Pass, ""),
        ("    RidesSnsTopic:\n      Type: AWS::SNS::Topic   # the topic", Pass, ""),
        ("    # RidesSnsTopic:\n    RidesSnsTopic:\n      Type: >-\n        AWS::SNS::Topic", Pass, ""),
        ("    RidesSnsTopic:\n      Type: AWS::SNS::Topic\n      Properties:\n        TopicName: rides", Pass, ""),
        ("    RidesSnsTopic:\n      Type: ${self:custom.topic_type}", Pass, ""),
        ("", Fail, "there is no resource `RidesSnsTopic`"),
        ("    RidesSnsTopic:\n      Type: AWS::SQS::Queue", Fail, "AWS::SQS::Queue"),
        ("    RidesSnsTopic:\n      Type: AWS::SNS::topic", Fail, "a topic is `AWS::SNS::Topic`"),
        ("    RidesSnsTopic:\n      Type: AWS:SNS:Topic", Fail, "a topic is `AWS::SNS::Topic`"),
        ("    RidesSnsTopic:\n      Type: AWS::SNS::Subscription", Fail, "subscription connects"),
        ("    RidesSnsTopic:", Fail, "has no `Type`"),
        ("    RidesSnsTopic:\n      type: AWS::SNS::Topic", Fail, "wants `Type`"),
        ("    RideSnsTopic:\n      Type: AWS::SNS::Topic", Fail, "called `RideSnsTopic`, and it should be called `RidesSnsTopic`"),
        ("    RidesSNSTopic:\n      Type: AWS::SNS::Topic", Fail, "called `RidesSNSTopic`"),
        ("    MyTopic:\n      Type: AWS::SNS::Topic", Fail, "called `MyTopic`"),
        ("      RidesSnsTopic:\n        Type: AWS::SNS::Topic", Fail, "slipped inside the resource `UsersTable`"),
        ("      Properties:\n        RidesSnsTopic:\n          Type: AWS::SNS::Topic", Fail, "slipped inside the resource `UsersTable`"),
        ("  RidesSnsTopic:\n    Type: AWS::SNS::Topic", Fail, "directly under `resources`"),
        ("RidesSnsTopic:\n  Type: AWS::SNS::Topic", Fail, "at the top level"),
        ("    # RidesSnsTopic:\n    #   Type: AWS::SNS::Topic", Fail, "commented out"),
        ("  Outputs:\n    RidesSnsTopic:\n      Type: AWS::SNS::Topic", Fail, "under `Outputs`"),
        ("    RidesSnsTopic:\n      Type: AWS::SNS::Topic\n      TopicName: rides", Fail, "belongs under `Properties`"),
        ("    RidesSnsTopic:\n      Type: AWS::SNS::Topic\n      Properties:\n        Name: rides", Fail, "no property `Name`"),
        ("    RidesSnsTopic:\n      Type: AWS::SNS::Topic\n      UrlParam:\n        Type: AWS::SSM::Parameter", Fail, "slipped inside `RidesSnsTopic`"),
        ("    RidesSnsTopic: AWS::SNS::Topic", Fail, "has no `Type`"),
        ("    RidesSnsTopic:\n      Type: ${self:custom.tpyo}", Fail, "cannot be worked out"),
        ("    RidesSnsTopic:\n      Type: AWS::SNS::Topic\n      Condition: IsProduction", Blocked, "IsProduction"),
        ("    Fn::Transform: {Name: AWS::Include}", Blocked, "not certain"),
        ("    RidesSnsTopic:\n      Type: !Ref Kind", Fail, "has no `Type`"),
        ("    RidesSnsTopic:\n      Type: AWS::SNS::Topic\n      Properties: {FifoTopic: true}", Fail, "FIFO"),
    ];
    table("RY201", resources, |resources| service(Parts { resources, custom: "  topic_type: AWS::SNS::Topic", ..Parts::default() }));
    let elsewhere: &[Case] = &[
        ("  RidesSnsTopic:\n    Type: AWS::SNS::Topic", Fail, "you created the topic `RidesSnsTopic` under `functions`"),
    ];
    table("RY201", elsewhere, |functions| service(Parts { functions, ..Parts::default() }));
    table("RY201", &[("  RidesSnsTopic:\n    Type: AWS::SNS::Topic", Fail, "under `custom`")], |custom| service(Parts { custom, ..Parts::default() }));
    table("RY201", &[("  RidesSnsTopic:\n    Type: AWS::SNS::Topic", Fail, "under `provider`")], |provider| service(Parts { provider, ..Parts::default() }));
    table("RY201", &[("Resources:\n  RidesSnsTopic:\n    Type: AWS::SNS::Topic", Fail, "`Resources` of its own")], |top| service(Parts { top, ..Parts::default() }));
}

#[test]
fn resources_in_fragments() {
    let cases: &[Case] = &[
        ("service: wild-rydes\nresources:\n  - Resources:\n      A: {Type: X}\n  - Resources:\n      RidesSnsTopic:\n        Type: AWS::SNS::Topic\n", Pass, ""),
        ("service: wild-rydes\nresources:\n- ${self:custom.more}\ncustom:\n  more:\n    Resources:\n      RidesSnsTopic: {Type: AWS::SNS::Topic}\n", Pass, ""),
        ("service: wild-rydes\nresources: ${file(more.js)}\n", Blocked, "not certain"),
        ("service: wild-rydes\nresources:\n  - ${file(more.js):x}\n  - Resources: {}\n", Blocked, "not certain"),
        ("service: wild-rydes\nresources:\n  resources:\n    RidesSnsTopic: {Type: AWS::SNS::Topic}\n", Fail, "`Resources`"),
        ("service: wild-rydes\nresources:\n  Resources:\n    - RidesSnsTopic: {Type: AWS::SNS::Topic}\n", Fail, "is a list here"),
        ("\u{feff}service: wild-rydes\r\nresources:\r\n  Resources:\r\n    RidesSnsTopic:\r\n      Type: AWS::SNS::Topic\r\n", Pass, ""),
        ("service: wild-rydes\n", Fail, "there is no resource"),
        ("service: wild-rydes\nresources:\n", Fail, "there is no resource"),
        ("service: wild-rydes\nresources:\n\tResources:\n", Blocked, "tab"),
        ("- a\n", Blocked, "a list"),
        ("", Blocked, "empty"),
        ("service: wild-rydes\nresources:\n  Resources:\n    RidesSnsTopic: {Type: AWS::SNS::Topic}\n    RidesSnsTopic: {Type: AWS::SNS::Topic}\n", Blocked, "twice"),
    ];
    table("RY201", cases, ToOwned::to_owned);
}

#[test]
fn topic_fixed_name() {
    let cases: &[Case] = &[
        ("", Pass, ""),
        ("    RidesSnsTopic:\n      Type: AWS::SNS::Topic", Pass, ""),
        ("    RidesSnsTopic:\n      Type: AWS::SNS::Topic\n      Properties:\n        TopicName: ${self:service}-rides-${self:custom.stage}", Pass, ""),
        ("    RidesSnsTopic:\n      Type: AWS::SNS::Topic\n      Properties:\n        TopicName: !Sub '${AWS::StackName}-rides'", Pass, ""),
        ("    RidesSnsTopic:\n      Type: AWS::SNS::Topic\n      Properties:\n        TopicName: rides", Warn, "fixed"),
        ("    RidesSnsTopic:\n      Type: AWS::SNS::Topic\n      Properties: {TopicName: \"${self:service}-rides\"}", Warn, "wild-rydes-rides"),
    ];
    table("RY202", cases, |resources| service(Parts { resources, ..Parts::default() }));
}

const TOPIC: &str = "    RidesSnsTopic:\n      Type: AWS::SNS::Topic";

#[test]
fn publish_permission() {
    let provider: &[Case] = &[
        ("  iamRoleStatements:\n    - Effect: Allow\n      Action:\n        - sns:Publish\n      Resource:\n        - Ref: RidesSnsTopic", Pass, ""),
        ("  iamRoleStatements:\n  - Effect: Allow\n    Action: sns:Publish\n    Resource: !Ref RidesSnsTopic", Pass, ""),
        ("  iamRoleStatements: [{Effect: Allow, Action: 'sns:publish', Resource: {Ref: RidesSnsTopic}}]", Pass, ""),
        ("  iam:\n    role:\n      statements:\n        - Effect: Allow\n          Action: sns:Publish\n          Resource: !Ref RidesSnsTopic", Pass, ""),
        ("  iamRoleStatements:\n    - Effect: Allow\n      Action: [SNS:Publish, sns:Subscribe]\n      Resource: !GetAtt RidesSnsTopic.TopicArn", Pass, ""),
        ("  iamRoleStatements:\n    - Effect: Allow\n      Action: sns:Pub*\n      Resource: {'Fn::GetAtt': [RidesSnsTopic, TopicArn]}", Pass, ""),
        ("  iamRoleStatements:\n    - Effect: Allow\n      Action: sns:Publish\n      Resource: !Sub '${RidesSnsTopic}'", Pass, ""),
        ("  iamRoleStatements:\n    - Effect: Allow\n      Action: sns:Publish\n      Resource: !Sub 'arn:aws:sns:${AWS::Region}:${AWS::AccountId}:${RidesSnsTopic.TopicName}'", Pass, ""),
        ("  iamRoleStatements:\n    - Effect: Allow\n      Action: sns:Publish\n      Resource:\n        Fn::Join: ['', ['arn:aws:sns:', Ref: AWS::Region, ':', Ref: AWS::AccountId, ':', !GetAtt RidesSnsTopic.TopicName]]", Pass, ""),
        ("  iamRoleStatements:\n    - Effect: Allow\n      Action: sns:Publish\n      Resource: !Sub 'arn:${AWS::Partition}:sns:${self:custom.region}:*:wild-rydes-${self:custom.stage}-RidesSnsTopic-*'", Pass, ""),
        ("  iamRoleStatements: ${self:custom.statements}", Pass, ""),
        ("  iamRoleStatements:\n    - Effect: Allow\n      Action: sns:Publish\n      Resource: '*'", Pass, ""),
        ("  iamRoleStatements:\n    - Effect: Allow\n      Action: '*'\n      Resource: arn:aws:sns:*:*:*", Pass, ""),
        ("  iamManagedPolicies:\n    - arn:aws:iam::aws:policy/AmazonSNSFullAccess", Pass, ""),
        ("  iamRoleStatements:\n    - Effect: Allow\n      Action: dynamodb:*\n      Resource: '*'\n    - Effect: Allow\n      Action: sns:Publish\n      Resource: [!GetAtt UsersTable.Arn, !Ref RidesSnsTopic]", Pass, ""),
        ("  iamRoleStatements:\n    - Effect: Allow\n      Action: sns:Publish\n      Resource: !Ref RidesSnsTopic\n  iam:\n    role:\n      name: ride", Pass, ""),
        ("  role: PublishRole", Pass, ""),
        ("", Fail, "nothing allows"),
        ("  iamRoleStatements:\n    - Effect: Deny\n      Action: sns:Publish\n      Resource: !Ref RidesSnsTopic", Fail, "`Deny` always wins"),
        ("  iamRoleStatements:\n    - Effect: Allow\n      Action: sns:Publish\n      Resource: !Ref RidesSnsTopic\n    - Effect: Deny\n      Action: sns:*\n      Resource: '*'", Fail, "`Deny` always wins"),
        ("  iamRoleStatements:\n    - Effect: allow\n      Action: sns:Publish\n      Resource: !Ref RidesSnsTopic", Fail, "`Effect` is `allow`"),
        ("  iamRoleStatements:\n    - Effect: Allow\n      Action: sns:Subscribe\n      Resource: !Ref RidesSnsTopic", Fail, "sns:Subscribe"),
        ("  iamRoleStatements:\n    - Effect: Allow\n      Action: sns:Pubish\n      Resource: !Ref RidesSnsTopic", Fail, "sns:Pubish"),
        ("  iamRoleStatements:\n    - Effect: Allow\n      Action: Publish\n      Resource: !Ref RidesSnsTopic", Fail, "sns:Publish"),
        ("  iamRoleStatements:\n    - Effect: Allow\n      Action:\n        - sns: Publish\n      Resource: !Ref RidesSnsTopic", Fail, "space after the colon"),
        ("  iamRoleStatements:\n    - Effect: Allow\n      Action: sns:Publish\n      Resource: RidesSnsTopic", Fail, "the text `RidesSnsTopic`"),
        ("  iamRoleStatements:\n    - Effect: Allow\n      Action: sns:Publish\n      Resource: 'Ref: RidesSnsTopic'", Fail, "the text"),
        ("  iamRoleStatements:\n    - Effect: Allow\n      Action: sns:Publish\n      Resource: '!Ref RidesSnsTopic'", Fail, "the text"),
        ("  iamRoleStatements:\n    - Effect: Allow\n      Action: sns:Publish\n      Resource: !GetAtt RidesSnsTopic.TopicName", Fail, "topic's name"),
        ("  iamRoleStatements:\n    - Effect: Allow\n      Action: sns:Publish\n      Resource: !GetAtt RidesSnsTopic.Arn", Fail, "no attribute `Arn`"),
        ("  iamRoleStatements:\n    - Effect: Allow\n      Action: sns:Publish\n      Resource: !GetAtt UsersTable.Arn", Fail, "UsersTable"),
        ("  iamRoleStatements:\n    - Effect: Allow\n      Action: sns:Publish\n      Resource: !Ref RideSnsTopic", Fail, "`RideSnsTopic`"),
        ("  iamRoleStatements:\n    - Effect: Allow\n      Action: sns:Publish\n      Resource: arn:aws:sns:us-east-1:123456789012:rides", Fail, "does not cover"),
        ("  iamRoleStatements:\n    - Effect: Allow\n      Action: sns:Publish\n      Resource: !Sub '${RidesSnsTopic}/*'", Fail, "not the ARN"),
        ("  iamRoleStatements:\n    - Effect: Allow\n      Action: sns:Publish", Fail, "no `Resource`"),
        ("  iamRoleStatements:\n    - Effect: Allow\n    - Action: sns:Publish\n    - Resource: !Ref RidesSnsTopic", Fail, "no `Effect`"),
        ("  iamRoleStatements:\n    - Effect: Allow\n      Actions: sns:Publish\n      Resource: !Ref RidesSnsTopic", Fail, "`Actions` is no part"),
        ("  iamRoleStatements:\n    Effect: Allow\n    Action: sns:Publish\n    Resource: !Ref RidesSnsTopic", Fail, "no list"),
        ("  iamRoleStatement:\n    - Effect: Allow\n      Action: sns:Publish\n      Resource: !Ref RidesSnsTopic", Fail, "`iamRoleStatement` is not known"),
        ("  iam:\n    roleStatements:\n    - Effect: Allow\n      Action: sns:Publish\n      Resource: !Ref RidesSnsTopic", Fail, "under `provider.iam.roleStatements`"),
        ("  iam:\n    role:\n      statements:\n        - {Effect: Allow, Action: dynamodb:GetItem, Resource: '*'}\n  iamRoleStatements:\n    - {Effect: Allow, Action: sns:Publish, Resource: !Ref RidesSnsTopic}", Fail, "no effect"),
        ("  iamRoleStatements:\n    - Effect: Allow\n      Action: sns:Publish\n      Resource: !Ref RidesSnsTopic\n  role: arn:aws:iam::123456789012:role/lambda", Fail, "no effect"),
        ("  iamRoleStatements:\n    # - Effect: Allow\n    #   Action:\n    #     - sns:Publish\n    #   Resource: !Ref RidesSnsTopic\n    - {Effect: Allow, Action: x:y, Resource: '*'}", Fail, "commented out"),
        ("  iamRoleStatements:\n    - Effect: Allow\n      NotAction: sns:Publish\n      Resource: '*'", Fail, ""),
        ("  role: arn:aws:iam::123456789012:role/lambda", Blocked, "not certain"),
        ("  iamRoleStatements: ${file(iam.js)}", Blocked, "not certain"),
        ("  iamRoleStatements:\n    - Effect: Allow\n      Action: sns:Publish\n      Resource: !Ref RidesSnsTopic\n      Condition: {StringEquals: {a: b}}", Blocked, "condition"),
        ("  iamRoleStatements:\n    - {Effect: Allow, Action: sns:Publish, Resource: !Ref RidesSnsTopic}\n  iam:\n    role:\n      statements:\n        - {Effect: Allow, Action: sns:Publish, Resource: !Ref RidesSnsTopic}", Warn, "no effect"),
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
    let statement = "    iamRoleStatements:\n      - {Effect: Allow, Action: sns:Publish, Resource: !Ref RidesSnsTopic}";
    let on_function: &[Case] = &[("plugins: [serverless-iam-roles-per-function]", Pass, ""), ("", Fail, "plugin")];
    table("RY203", on_function, |top| service(Parts { top, function: statement, resources: TOPIC, ..Parts::default() }));
    let attached: &[Case] = &[
        ("    P:\n      Type: AWS::IAM::Policy\n      Properties:\n        Roles: [!Ref IamRoleLambdaExecution]\n        PolicyDocument:\n          Statement: {Effect: Allow, Action: sns:Publish, Resource: !Ref RidesSnsTopic}", Pass, ""),
        ("    P:\n      Type: AWS::IAM::Policy\n      Properties:\n        PolicyDocument:\n          Statement: {Effect: Allow, Action: sns:Publish, Resource: !Ref RidesSnsTopic}", Fail, "not to the role"),
    ];
    table("RY203", attached, |resources| service(Parts { resources, ..Parts::default() }));
}

#[test]
fn permission_too_wide() {
    let cases: &[Case] = &[
        ("", Pass, ""),
        ("    - {Effect: Allow, Action: sns:Publish, Resource: !Ref RidesSnsTopic}", Pass, ""),
        ("    - {Effect: Allow, Action: 'sns:Pub*', Resource: !Ref RidesSnsTopic}", Pass, ""),
        ("    - {Effect: Allow, Action: xray:PutTraceSegments, Resource: '*'}\n    - {Effect: Allow, Action: sns:Publish, Resource: [!Ref RidesSnsTopic]}", Pass, ""),
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
fn topic_parameter() {
    let properties: &[Case] = &[
        ("        Type: String\n        Name: /wild-rydes/${self:provider.stage}/SnsTopicArn\n        Value: !Ref RidesSnsTopic", Pass, ""),
        ("        Type: String\n        Name: /${self:service}/${self:custom.stage}/SnsTopicArn\n        Value:\n          Ref: RidesSnsTopic", Pass, ""),
        ("        Type: 'String'\n        Name: /wild-rydes/${opt:stage, 'dev'}/SnsTopicArn\n        Value: !GetAtt RidesSnsTopic.TopicArn", Pass, ""),
        ("        Type: String\n        Name: /wild-rydes/${sls:stage}/SnsTopicArn\n        Value: !Sub '${RidesSnsTopic}'", Pass, ""),
        ("        Type: String\n        Name: /wild-rydes/${env:SLS_STAGE, 'dev'}/SnsTopicArn\n        Value: !Sub 'arn:aws:sns:${AWS::Region}:${AWS::AccountId}:${RidesSnsTopic.TopicName}'", Pass, ""),
        ("        Type: String\n        Name: !Sub '/wild-rydes/${self:provider.stage}/SnsTopicArn'\n        Value: {Ref: RidesSnsTopic}", Pass, ""),
        ("        Type: String\n        Name: !Join ['/', ['', wild-rydes, '${self:provider.stage}', SnsTopicArn]]\n        Value: !Ref RidesSnsTopic", Pass, ""),
        ("        Type: String\n        Name: !Sub ['/wild-rydes/${s}/SnsTopicArn', {s: '${self:provider.stage}'}]\n        Value: !Ref RidesSnsTopic", Pass, ""),
        ("        Name: ${self:custom.parameter}\n        Value: !Join ['', [!Ref RidesSnsTopic]]\n        Type: String", Pass, ""),
        ("        { Type: String, Name: '/wild-rydes/${self:provider.stage}/SnsTopicArn', Value: !Ref RidesSnsTopic, Description: x }", Pass, ""),
        ("        Type: String\n        Name: /wild-rydes/${opt:stage, self:provider.stage}/SnsTopicArn\n        Value: !Ref RidesSnsTopic\n        Tier: Standard", Pass, ""),
        ("        Type: String\n        Name: /wild-rydes/dev/SnsTopicArn\n        Value: !Ref RidesSnsTopic", Warn, "written out as `dev`"),
        ("        Type: String\n        Name: /wild-rydes/STAGE/SnsTopicArn\n        Value: !Ref RidesSnsTopic", Fail, "placeholder"),
        ("        Type: String\n        Name: /wild-rydes/<stage>/SnsTopicArn\n        Value: !Ref RidesSnsTopic", Fail, "placeholder"),
        ("        Type: String\n        Name: /wild-rydes/${STAGE}/SnsTopicArn\n        Value: !Ref RidesSnsTopic", Fail, "placeholder"),
        ("        Type: String\n        Name: wild-rydes/${self:provider.stage}/SnsTopicArn\n        Value: !Ref RidesSnsTopic", Fail, "no `/` at the start"),
        ("        Type: String\n        Name: /wild-rydes/${self:provider.stage}/SNSTopicArn\n        Value: !Ref RidesSnsTopic", Fail, "capital letters"),
        ("        Type: String\n        Name: /wild-rydes-ride-record/${self:provider.stage}/SnsTopicArn\n        Value: !Ref RidesSnsTopic", Fail, "`wild-rydes-ride-record` where `wild-rydes` belongs"),
        ("        Type: String\n        Name: /wild-rydes/SnsTopicArn\n        Value: !Ref RidesSnsTopic", Fail, "`STAGE` is missing"),
        ("        Type: String\n        Name: /wild-rydes/${self:provider.stag}/SnsTopicArn\n        Value: !Ref RidesSnsTopic", Fail, "provider.stag"),
        ("        Type: String\n        Name: /wild-rydes/${self:provider.stage}/URL\n        Value: !Ref RidesSnsTopic", Fail, "`URL` where `SnsTopicArn` belongs"),
        ("        Name: /wild-rydes/${self:provider.stage}/SnsTopicArn\n        Value: !Ref RidesSnsTopic", Fail, "no `Type`"),
        ("        Type: SecureString\n        Name: /wild-rydes/${self:provider.stage}/SnsTopicArn\n        Value: !Ref RidesSnsTopic", Fail, "SecureString"),
        ("        Type: string\n        Name: /wild-rydes/${self:provider.stage}/SnsTopicArn\n        Value: !Ref RidesSnsTopic", Fail, "should be `String`"),
        ("        Type: String\n        Name: /wild-rydes/${self:provider.stage}/SnsTopicArn\n        Value: !GetAtt RidesSnsTopic.TopicName", Fail, "TopicName"),
        ("        Type: String\n        Name: /wild-rydes/${self:provider.stage}/SnsTopicArn\n        Value: 'Ref: RidesSnsTopic'", Fail, "the text"),
        ("        Type: String\n        Name: /wild-rydes/${self:provider.stage}/SnsTopicArn\n        Value: RidesSnsTopic", Fail, "the text"),
        ("        Type: String\n        Name: /wild-rydes/${self:provider.stage}/SnsTopicArn\n        Value: ${RidesSnsTopic}", Fail, "the text"),
        ("        Type: String\n        Name: /wild-rydes/${self:provider.stage}/SnsTopicArn\n        Value: arn:aws:sns:us-east-1:123456789012:rides", Fail, "written out"),
        ("        Type: String\n        Name: /wild-rydes/${self:provider.stage}/SnsTopicArn\n        Value: !Ref UsersTable", Fail, "UsersTable"),
        ("        Type: String\n        Name: /wild-rydes/${self:provider.stage}/SnsTopicArn\n        Value:", Fail, "no value"),
        ("        Type: String\n        Name: /wild-rydes/${self:provider.stage}/SnsTopicArn", Fail, "no `Value`"),
        ("        Type: String\n        Value: !Ref RidesSnsTopic", Fail, "no `Name`"),
        ("        Type: String\n        Name: /wild-rydes/${env:WHO}/SnsTopicArn\n        Value: !Ref RidesSnsTopic", Blocked, "known only at deployment"),
        ("        Type: String\n        Name: /wild-rydes/${self:provider.stage}/SnsTopicArn\n        Value: !If [A, !Ref RidesSnsTopic, x]", Blocked, "not certain"),
    ];
    table("RY205", properties, |properties| {
        let resources = format!("{TOPIC}\n    Anything:\n      Type: AWS::SSM::Parameter\n      Properties:\n{properties}");
        service(Parts { resources: &resources, custom: "  parameter: /wild-rydes/${self:custom.stage}/SnsTopicArn", ..Parts::default() })
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
        ("    P: {Type: AWS::SSM::Parameter, Properties: {Type: String, Name: /wild-rydes/dev/URL, Value: x}}", Fail, "there is no SSM parameter"),
    ];
    table("RY205", whole, |resources| {
        service(Parts { resources: &format!("{TOPIC}\n{}", resources.replace("INNER", inner)), ..Parts::default() })
    });
}

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
        ("      RIDES_SNS_TOPIC_ARN: !Join ['', ['arn:aws:sns:', !Ref 'AWS::Region', ':', !Ref 'AWS::AccountId', ':', !GetAtt RidesSnsTopic.TopicName]]", Pass, ""),
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
        ("      RIDES_SNS_TOPIC_ARN: ${ssm:/wild-rydes/${self:provider.stage}/SnsTopicArn}", Fail, "before this very service"),
        ("      # RIDES_SNS_TOPIC_ARN: !Ref RidesSnsTopic", Fail, "commented out"),
        ("    RIDES_SNS_TOPIC_ARN: !Ref RidesSnsTopic", Fail, "beside `environment`"),
        ("      RIDES_SNS_TOPIC_ARN: ${self:custom.nope}", Fail, "cannot be worked out"),
        ("      RIDES_SNS_TOPIC_ARN: ${env:TOPIC}", Blocked, "not certain"),
        ("      RIDES_SNS_TOPIC_ARN: !ImportValue x", Blocked, "not certain"),
    ];
    let resources = "    RidesSnsTopic:\n      Type: AWS::SNS::Topic\n    Parameter:\n      Type: AWS::SSM::Parameter\n      Properties: {Type: String, Name: x, Value: !Ref RidesSnsTopic}";
    table("RY206", cases, |environment| service(Parts { environment, resources, custom: "  topic: !Ref RidesSnsTopic", ..Parts::default() }));
    let inherited: &[Case] = &[
        ("  environment:\n    RIDES_SNS_TOPIC_ARN: !Ref RidesSnsTopic", Pass, ""),
        ("  RIDES_SNS_TOPIC_ARN: !Ref RidesSnsTopic", Fail, "under `provider`"),
        ("  environment: ${file(x.js)}", Blocked, "not certain"),
    ];
    table("RY206", inherited, |provider| service(Parts { provider, resources, ..Parts::default() }));
    let other = [("  Other:\n    handler: a.b\n    environment:\n      RIDES_SNS_TOPIC_ARN: !Ref RidesSnsTopic", Fail, "environment of `Other`")];
    table("RY206", &other, |functions| service(Parts { functions, resources, ..Parts::default() }));
}

#[test]
fn variable_removed() {
    let cases: &[Case] = &[
        ("", Pass, ""),
        ("      RIDES_SNS_TOPIC_ARN: !Ref RidesSnsTopic", Pass, ""),
        ("      # RIDE_RECORD_URL: x", Pass, ""),
        ("      RIDE_RECORD_URL: ${self:custom.ride_record_url}", Fail, "still has `RIDE_RECORD_URL`"),
        ("      RIDE_RECORD_URL:", Fail, "still has"),
        ("      RIDE_RECORD_URL: ''", Fail, "still has"),
        ("      <<: {RIDE_RECORD_URL: x}", Fail, "still has"),
    ];
    table("RY207", cases, |environment| service(Parts { environment, ..Parts::default() }));
    table("RY207", &[("  environment:\n    RIDE_RECORD_URL: x", Fail, "provider.environment")], |provider| service(Parts { provider, ..Parts::default() }));
    table("RY207", &[("  ride_record_url: ${ssm:/x}", Pass, "still there")], |custom| service(Parts { custom, ..Parts::default() }));
}
