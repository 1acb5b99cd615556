//! Policies as people write them, and what they allow.

use serde_json::{Value, json};

use super::*;

const TOPIC: &str = "arn:aws:sns:us-east-2:123456789012:rides";

fn caller(statements: &Value) -> Caller {
    Caller::Function(Arc::new(Role {
        name: "svc-role".into(),
        session: "fn".into(),
        policies: vec![json!({"Version": "2012-10-17", "Statement": statements})],
        service: "svc".into(),
    }))
}

fn attempt(statements: &Value, action: &str, resource: &str) -> Result<(), String> {
    let access = [Access { action: action.into(), resource: resource.into() }];
    Iam::default().permit(&Account::new(None, 1.0), &caller(statements), "us-east-2", &access)
}

#[test]
fn statements_allow_and_deny() {
    let allow = |action: Value, resource: Value| json!([{"Effect": "Allow", "Action": action, "Resource": resource}]);
    let with = |statement: Value| json!([{"Effect": "Allow", "Action": "*", "Resource": "*"}, statement]);
    let when = |condition: Value| json!([{"Effect": "Allow", "Action": "sns:Publish", "Resource": TOPIC, "Condition": condition}]);
    for (statements, allowed) in [
        (allow(json!("sns:Publish"), json!(TOPIC)), true),
        (allow(json!("SNS:publish"), json!(TOPIC)), true),
        (allow(json!(["sqs:*", "sns:Pub*"]), json!(["arn:aws:sqs:*", "arn:aws:sns:*:*:rides"])), true),
        (allow(json!("*"), json!("*")), true),
        (allow(json!("sns:Publish"), json!("arn:aws:sns:us-east-2:123456789012:ride?")), true),
        (allow(json!("sns:Publish"), json!("arn:aws:sns:us-east-2:123456789012:other")), false),
        (allow(json!("sns:Publish"), json!("arn:aws:sns:us-east-1:123456789012:rides")), false),
        (allow(json!("sns:Subscribe"), json!(TOPIC)), false),
        (json!([]), false),
        (with(json!({"Effect": "Deny", "Action": "sns:*", "Resource": TOPIC})), false),
        (with(json!({"Effect": "Deny", "NotAction": "sns:*", "Resource": "*"})), true),
        (json!([{"Effect": "Allow", "NotAction": "sqs:*", "Resource": "*"}]), true),
        (json!([{"Effect": "Allow", "NotAction": "sns:*", "Resource": "*"}]), false),
        (json!([{"Effect": "Allow", "Action": "sns:Publish", "NotResource": "arn:aws:sns:*:*:other"}]), true),
        (json!([{"Effect": "Allow", "Action": "sns:Publish", "NotResource": TOPIC}]), false),
        (json!({"Effect": "Allow", "Action": "sns:Publish", "Resource": TOPIC}), true),
        (when(json!({"StringEquals": {"aws:RequestedRegion": "us-east-2"}})), true),
        (when(json!({"StringEquals": {"aws:RequestedRegion": ["eu-west-1", "us-east-1"]}})), false),
        (when(json!({"StringLike": {"aws:PrincipalArn": "*role/svc-*"}})), true),
        (when(json!({"Bool": {"aws:SecureTransport": "true"}})), true),
        (when(json!({"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}})), true),
        (when(json!({"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}})), false),
        (when(json!({"StringEquals": {"aws:PrincipalTag/team": "rides"}})), false),
    ] {
        assert_eq!(attempt(&statements, "sns:Publish", TOPIC).is_ok(), allowed, "{statements}");
    }
}

#[test]
fn denials_say_what_is_missing_and_the_feed_hears() {
    let account = Account::new(None, 1.0);
    let mut feed = account.feed.listen();
    let access = [Access { action: "sns:Publish".into(), resource: TOPIC.into() }];
    let iam = Iam::default();
    assert_eq!(
        iam.permit(&account, &caller(&json!([])), "us-east-2", &access).unwrap_err(),
        "User: arn:aws:sts::123456789012:assumed-role/svc-role/fn is not authorized to perform: sns:Publish on resource: \
         arn:aws:sns:us-east-2:123456789012:rides because no identity-based policy allows the sns:Publish action"
    );
    let deny = json!([{"Effect": "Deny", "Action": "*", "Resource": "*"}]);
    let said = iam.permit(&account, &caller(&deny), "us-east-2", &access).unwrap_err();
    assert!(said.ends_with("with an explicit deny in an identity-based policy"), "{said}");
    for expected in [false, true] {
        match feed.try_recv().unwrap().happening {
            Happening::Denied { action, service, explicit, .. } => {
                assert_eq!((action.as_str(), service.as_str(), explicit), ("sns:Publish", "svc", expected));
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn all_that_a_call_needs_must_be_allowed() {
    let statements = json!([{"Effect": "Allow", "Action": "dynamodb:PutItem", "Resource": "*"}]);
    let access = |action: &str| Access { action: action.into(), resource: "arn:aws:dynamodb:r:1:table/t".into() };
    let attempt =
        |needed: &[Access]| Iam::default().permit(&Account::new(None, 1.0), &caller(&statements), "r", needed);
    attempt(&[]).unwrap();
    attempt(&[access("dynamodb:PutItem")]).unwrap();
    assert!(attempt(&[access("dynamodb:PutItem"), access("dynamodb:DeleteItem")]).unwrap_err().contains("DeleteItem"));
}

#[test]
fn a_policy_that_is_no_policy_grants_nothing_and_is_said() {
    let account = Account::new(None, 1.0);
    let mut feed = account.feed.listen();
    let access = [Access { action: "sns:Publish".into(), resource: TOPIC.into() }];
    let broken = caller(&json!([{"Effect": "Maybe", "Action": "*", "Resource": "*"}]));
    assert!(Iam::default().permit(&account, &broken, "us-east-2", &access).is_err());
    assert!(matches!(feed.try_recv().unwrap().happening, Happening::Note(words) if words.contains("svc-role")));
}

#[test]
fn roles_are_remembered_as_long_as_they_live() {
    let (iam, account) = (Iam::default(), Account::new(None, 1.0));
    let access = [Access { action: "sns:Publish".into(), resource: TOPIC.into() }];
    for _ in 0..100 {
        let may = caller(&json!([{"Effect": "Allow", "Action": "*", "Resource": "*"}]));
        iam.permit(&account, &may, "us-east-2", &access).unwrap();
        drop(may);
        assert!(iam.permit(&account, &caller(&json!([])), "us-east-2", &access).is_err());
    }
    assert!(iam.roles.read().unwrap().len() <= 2, "dead roles are forgotten");
}
