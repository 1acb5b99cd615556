//! Deploys that fail: everything is as it was.

use super::*;

/// A parameter that cannot be made, after everything else.
const BROKEN: &str = "    Broken:\n      Type: AWS::SSM::Parameter\n      DependsOn: [Topic, RideLambdaFunction]\n      Properties: { Name: /broken, Value: x }\n";

fn file(color: &str, topic: &str, more: &str) -> String {
    format!(
        "functions:\n  Ride:\n    handler: handlers/ride.handler\n    environment: {{ COLOR: {color} }}\nresources:\n  Resources:\n    Topic:\n      \
         Type: AWS::SNS::Topic\n      Properties: {{ {topic} }}\n{more}"
    )
}

#[tokio::test]
async fn a_first_deploy_that_fails_leaves_nothing() {
    let cloud = Cloud::new().await;
    cloud.write("shop/handlers/ride.py", "def handler(event, context): return {}\n");
    cloud.shop(&file("red", "TopicName: t", BROKEN));
    let (outcome, told) = cloud.run("shop").await;
    let error = outcome.unwrap_err();
    assert!(error.message.starts_with("Broken: the property Type is missing"), "{error:?}");
    assert_eq!(error.place.as_deref(), Some("shop/serverless.yml:15:5"), "{error:?}");
    let stack = cloud.stack("shop-dev");
    assert_eq!((stack.status.as_str(), stack.is_live()), ("ROLLBACK_COMPLETE", false));
    assert!(stack.reason.unwrap().contains("Broken failed"));
    assert!(cloud.topic("arn:aws:sns:us-east-2:123456789012:t").await.is_err());
    assert!(cloud.function("shop-dev-Ride").is_none());
    assert_eq!(cloud.log_groups().await, Vec::<String>::new());
    let told = resources(&told);
    assert!(told.contains(&("Broken".to_owned(), "CREATE_FAILED".to_owned())));
    assert!(told.contains(&("Topic".to_owned(), "DELETE_COMPLETE".to_owned())));
    assert!(!told.iter().any(|(logical, status)| logical == "Broken" && status.starts_with("DELETE")));

    cloud.shop(&file("red", "TopicName: t", ""));
    cloud.deploy("shop").await;
    assert_eq!(cloud.stack("shop-dev").status, "CREATE_COMPLETE");
    assert_eq!(cloud.stack("shop-dev").reason, None);
}

#[tokio::test]
async fn an_update_that_fails_changes_nothing() {
    let cloud = Cloud::new().await;
    cloud.write("shop/handlers/ride.py", "def handler(event, context): return {}\n");
    cloud.shop(&file("red", "TopicName: t, DisplayName: Old", "    Extra: { Type: AWS::SNS::Topic }\n"));
    cloud.deploy("shop").await;
    let before = cloud.stack("shop-dev");
    let (topic, function) = (cloud.physical("Topic"), cloud.function("shop-dev-Ride").unwrap());

    // Extra goes, Other comes, the topic and the function change.
    let other = format!("    Other: {{ Type: AWS::SNS::Topic }}\n{BROKEN}");
    cloud.shop(&file("blue", "TopicName: t, DisplayName: New", &other));
    let error = cloud.fails("shop").await;
    assert_eq!(error.help.as_deref(), Some("Everything is as it was before this deploy."));
    let after = cloud.stack("shop-dev");
    assert_eq!(after.status, "UPDATE_ROLLBACK_COMPLETE");
    assert_eq!(after.resources, before.resources);
    assert_eq!((&after.outputs, &after.files, &after.template), (&before.outputs, &before.files, &before.template));
    assert_eq!(*cloud.function("shop-dev-Ride").unwrap(), *function);
    assert_eq!(cloud.topic(&topic).await.unwrap()["Attributes"]["DisplayName"], "Old");
    assert!(cloud.topic(&cloud.physical("Extra")).await.is_ok());
    let sns = &*cloud.sandbox.services().sns;
    let topics = cloud.call(sns, "ListTopics", json!({})).await.unwrap();
    assert_eq!(topics["Topics"].as_array().unwrap().len(), 2, "{topics}");

    // The mended file goes on from there.
    cloud.shop(&file("blue", "TopicName: t, DisplayName: New", ""));
    cloud.deploy("shop").await;
    assert_eq!(cloud.function("shop-dev-Ride").unwrap().environment["COLOR"], "blue");
    assert_eq!(cloud.stack("shop-dev").status, "UPDATE_COMPLETE");
}

#[tokio::test]
async fn a_replacement_is_taken_back() {
    let cloud = Cloud::new().await;
    cloud.write("shop/handlers/ride.py", "def handler(event, context): return {}\n");
    cloud.shop(&file("red", "TopicName: one", ""));
    cloud.deploy("shop").await;
    cloud.shop(&file("red", "TopicName: two", BROKEN));
    cloud.fails("shop").await;
    assert!(cloud.physical("Topic").ends_with(":one"));
    assert!(cloud.topic("arn:aws:sns:us-east-2:123456789012:one").await.is_ok());
    assert!(cloud.topic("arn:aws:sns:us-east-2:123456789012:two").await.is_err());
}

#[tokio::test]
async fn what_cannot_be_deployed_is_said_with_its_place() {
    let cloud = Cloud::new().await;
    for (rest, message, place) in [
        (
            "functions:\n  Ride: { handler: handlers/ride.handler, runtime: nodejs22.x }\n",
            "Python functions only",
            "shop/serverless.yml:7:3",
        ),
        ("functions:\n  Ride: { handler: ride }\n", "not of the form", "shop/serverless.yml:7:3"),
        (
            "resources:\n  Resources:\n    A: { Type: AWS::SNS::Topic, DependsOn: B }\n    B: { Type: AWS::SNS::Topic, DependsOn: A }\n",
            "ring",
            "",
        ),
        (
            "resources:\n  Resources:\n    A: { Type: AWS::SNS::Topic, DependsOn: [Nothing] }\n",
            "`Nothing` is no resource",
            "shop/serverless.yml:8:",
        ),
        ("custom:\n  a: ${self:custom.nothing}\n", "custom.nothing", "shop/serverless.yml:7:6"),
        ("resources: [\n", "", "shop/serverless.yml"),
    ] {
        cloud.shop(rest);
        let error = cloud.fails("shop").await;
        let found = error.place.clone().unwrap_or_default();
        assert!(error.message.contains(message) && found.starts_with(place), "{rest}: {error:?}");
    }
    for service in ["", "..", "/etc", "nowhere", "shop/../shop"] {
        assert!(cloud.fails(service).await.message.contains("there is no service"), "{service}");
    }
    cloud.write("empty/README.md", "");
    assert!(cloud.fails("empty").await.message.contains("no serverless.yml"));
}

#[tokio::test]
async fn statements_that_iam_refuses_fail_the_deploy_at_their_place() {
    let cloud = Cloud::new().await;
    cloud.write("shop/handlers/ride.py", "def handler(event, context): return {}\n");
    let shop = |statements: &str| {
        let head =
            "service: shop\nprovider:\n  name: aws\n  runtime: python3.13\n  region: us-east-2\n  iamRoleStatements:\n";
        let rest = "functions:\n  Ride:\n    handler: handlers/ride.handler\n";
        cloud.write("shop/serverless.yml", &format!("{head}{statements}{rest}"));
    };
    shop("    - { Effect: Alow, Action: sns:Publish, Resource: '*' }\n");
    let error = cloud.fails("shop").await;
    assert!(error.message.contains("not \"Alow\"") && error.message.contains("MalformedPolicyDocument"), "{error:?}");
    assert_eq!(error.place.as_deref(), Some("shop/serverless.yml:6:3"));
    shop("    { Effect: Allow, Action: sns:Publish, Resource: '*' }\n");
    let (done, told) = cloud.run("shop").await;
    done.unwrap();
    assert!(remarks(&told).iter().any(|remark| remark.contains("are no list")), "{told:?}");
}

#[tokio::test]
async fn a_handler_without_a_file_is_said_before_it_fails() {
    let cloud = Cloud::new().await;
    cloud.write("shop/handlers/__init__.py", "");
    cloud.write("shop/handlers/ride.py", "def handler(event, context): return {}\n");
    cloud.write("shop/handlers/record/__init__.py", "def handler(event, context): return {}\n");
    let ways = ["handlers/ride.handler", "handlers.ride.handler", "handlers/record.handler", "handlers/rode.handler"];
    let functions: String =
        ways.iter().enumerate().map(|(index, way)| format!("  Ride{index}: {{ handler: {way} }}\n")).collect();
    cloud.shop(&format!("functions:\n{functions}"));
    let (done, told) = cloud.run("shop").await;
    done.unwrap();
    let missing: Vec<String> = remarks(&told).into_iter().filter(|remark| remark.contains("no file")).collect();
    assert_eq!(missing, ["there is no file for the handler handlers/rode.handler: Ride3 will fail"]);
}

/// What a deploy warned of.
fn remarks(told: &[Progress]) -> Vec<String> {
    told.iter()
        .filter_map(|step| match step {
            Progress::Remark { skipped: false, message, .. } => Some(message.clone()),
            _ => None,
        })
        .collect()
}
