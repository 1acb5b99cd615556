//! The topic.

use super::wild_rydes::{Case, Parts, service, table};
use crate::check::Status::{Blocked, Fail, Pass, Warn};

#[test]
fn topic_resource() {
    let resources: &[Case] = &[
        ("    RidesSnsTopic:\n      Type: AWS::SNS::Topic", Pass, ""),
        ("    RidesSnsTopic: {Type: AWS::SNS::Topic}", Pass, ""),
        ("    'RidesSnsTopic': {\"Type\": \"AWS::SNS::Topic\"}", Pass, ""),
        ("    RidesSnsTopic:\n        Type: 'AWS::SNS::Topic'\n        Properties: {}", Pass, ""),
        ("    RidesSnsTopic:\n      Type: AWS::SNS::Topic\n      Properties:\n        DisplayName: rides", Pass, ""),
        (
            "    RidesSnsTopic:\n      Type: AWS::SNS::Topic\n      DeletionPolicy: Retain\n      DependsOn: UsersTable",
            Pass,
            "",
        ),
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
        (
            "    RideSnsTopic:\n      Type: AWS::SNS::Topic",
            Fail,
            "called `RideSnsTopic`, and it should be called `RidesSnsTopic`",
        ),
        ("    RidesSNSTopic:\n      Type: AWS::SNS::Topic", Fail, "called `RidesSNSTopic`"),
        ("    MyTopic:\n      Type: AWS::SNS::Topic", Fail, "called `MyTopic`"),
        ("      RidesSnsTopic:\n        Type: AWS::SNS::Topic", Fail, "slipped inside the resource `UsersTable`"),
        (
            "      Properties:\n        RidesSnsTopic:\n          Type: AWS::SNS::Topic",
            Fail,
            "slipped inside the resource `UsersTable`",
        ),
        ("  RidesSnsTopic:\n    Type: AWS::SNS::Topic", Fail, "directly under `resources`"),
        ("RidesSnsTopic:\n  Type: AWS::SNS::Topic", Fail, "at the top level"),
        ("    # RidesSnsTopic:\n    #   Type: AWS::SNS::Topic", Fail, "commented out"),
        ("  Outputs:\n    RidesSnsTopic:\n      Type: AWS::SNS::Topic", Fail, "under `Outputs`"),
        ("    RidesSnsTopic:\n      Type: AWS::SNS::Topic\n      TopicName: rides", Fail, "belongs under `Properties`"),
        (
            "    RidesSnsTopic:\n      Type: AWS::SNS::Topic\n      Properties:\n        Name: rides",
            Fail,
            "no property `Name`",
        ),
        (
            "    RidesSnsTopic:\n      Type: AWS::SNS::Topic\n      UrlParam:\n        Type: AWS::SSM::Parameter",
            Fail,
            "slipped inside `RidesSnsTopic`",
        ),
        ("    RidesSnsTopic:\n      Type: AWS::SNS::Topic\n      Properties: {Brandnew: 1}", Warn, "Brandnew"),
        ("    RidesSnsTopic: AWS::SNS::Topic", Fail, "has no `Type`"),
        ("    RidesSnsTopic:\n      Type: ${self:custom.tpyo}", Fail, "cannot be worked out"),
        ("    RidesSnsTopic:\n      Type: AWS::SNS::Topic\n      Condition: IsProduction", Fail, "does not have"),
        (
            "    RidesSnsTopic:\n      Type: AWS::SNS::Topic\n      Condition: IsProduction\n  Conditions:\n    IsProduction: !Equals [a, a]",
            Blocked,
            "IsProduction",
        ),
        ("    Fn::Transform: {Name: AWS::Include}", Blocked, "not certain"),
        ("    RidesSnsTopic:\n      Type: !Ref Kind", Fail, "has no `Type`"),
        ("    RidesSnsTopic:\n      Type: AWS::SNS::Topic\n      Properties: {FifoTopic: true}", Fail, "FIFO"),
    ];
    table("RY201", resources, |resources| {
        service(Parts { resources, custom: "  topic_type: AWS::SNS::Topic", ..Parts::default() })
    });
    let elsewhere: &[Case] = &[(
        "  RidesSnsTopic:\n    Type: AWS::SNS::Topic",
        Fail,
        "you created the topic `RidesSnsTopic` under `functions`",
    )];
    table("RY201", elsewhere, |functions| service(Parts { functions, ..Parts::default() }));
    table("RY201", &[("  RidesSnsTopic:\n    Type: AWS::SNS::Topic", Fail, "under `custom`")], |custom| {
        service(Parts { custom, ..Parts::default() })
    });
    table("RY201", &[("  RidesSnsTopic:\n    Type: AWS::SNS::Topic", Fail, "under `provider`")], |provider| {
        service(Parts { provider, ..Parts::default() })
    });
    table(
        "RY201",
        &[("Resources:\n  RidesSnsTopic:\n    Type: AWS::SNS::Topic", Fail, "`Resources` of its own")],
        |top| service(Parts { top, ..Parts::default() }),
    );
}

#[test]
fn resources_in_fragments() {
    let cases: &[Case] = &[
        (
            "service: wild-rydes\nresources:\n  - Resources:\n      A: {Type: X}\n  - Resources:\n      RidesSnsTopic:\n        Type: AWS::SNS::Topic\n",
            Pass,
            "",
        ),
        (
            "service: wild-rydes\nresources:\n- ${self:custom.more}\ncustom:\n  more:\n    Resources:\n      RidesSnsTopic: {Type: AWS::SNS::Topic}\n",
            Pass,
            "",
        ),
        ("service: wild-rydes\nresources: ${file(more.js)}\n", Blocked, "not certain"),
        ("service: wild-rydes\nresources:\n  - ${file(more.js):x}\n  - Resources: {}\n", Blocked, "not certain"),
        (
            "service: wild-rydes\nresources:\n  resources:\n    RidesSnsTopic: {Type: AWS::SNS::Topic}\n",
            Fail,
            "`Resources`",
        ),
        (
            "service: wild-rydes\nresources:\n  Resources:\n    - RidesSnsTopic: {Type: AWS::SNS::Topic}\n",
            Fail,
            "is a list here",
        ),
        (
            "\u{feff}service: wild-rydes\r\nresources:\r\n  Resources:\r\n    RidesSnsTopic:\r\n      Type: AWS::SNS::Topic\r\n",
            Pass,
            "",
        ),
        ("service: wild-rydes\n", Fail, "there is no resource"),
        ("service: wild-rydes\nresources:\n", Fail, "there is no resource"),
        ("service: wild-rydes\nresources:\n\tResources:\n", Blocked, "tab"),
        ("- a\n", Blocked, "a list"),
        ("", Blocked, "empty"),
        (
            "service: wild-rydes\nresources:\n  Resources:\n    RidesSnsTopic: {Type: AWS::SNS::Topic}\n    RidesSnsTopic: {Type: AWS::SNS::Topic}\n",
            Blocked,
            "twice",
        ),
    ];
    table("RY201", cases, ToOwned::to_owned);
}

#[test]
fn topic_fixed_name() {
    let cases: &[Case] = &[
        ("", Pass, ""),
        ("    RidesSnsTopic:\n      Type: AWS::SNS::Topic", Pass, ""),
        (
            "    RidesSnsTopic:\n      Type: AWS::SNS::Topic\n      Properties:\n        TopicName: ${self:service}-rides-${self:custom.stage}",
            Pass,
            "",
        ),
        (
            "    RidesSnsTopic:\n      Type: AWS::SNS::Topic\n      Properties:\n        TopicName: !Sub '${AWS::StackName}-rides'",
            Pass,
            "",
        ),
        ("    RidesSnsTopic:\n      Type: AWS::SNS::Topic\n      Properties:\n        TopicName: rides", Warn, "fixed"),
        (
            "    RidesSnsTopic:\n      Type: AWS::SNS::Topic\n      Properties: {TopicName: \"${self:service}-rides\"}",
            Warn,
            "wild-rydes-rides",
        ),
    ];
    table("RY202", cases, |resources| service(Parts { resources, ..Parts::default() }));
}
