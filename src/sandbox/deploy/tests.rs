//! Deploys of real services into a real sandbox.

mod custom;
mod failures;
mod workshop;

use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::mpsc;

use super::*;
use crate::sandbox::keys::Caller;
use crate::sandbox::service::{Call, Reply, Service};
use crate::sandbox::{Options as Start, Sandbox};

const REGION: &str = "us-east-2";
/// What every service begins with.
const HEAD: &str = "service: shop\nprovider:\n  name: aws\n  runtime: python3.13\n  region: us-east-2\n";

/// A workshop folder and its sandbox.
struct Cloud {
    workspace: TempDir,
    sandbox: Sandbox,
}

impl Cloud {
    async fn new() -> Self {
        let workspace = tempfile::tempdir().unwrap();
        let sandbox = Sandbox::start(Start::of(workspace.path())).await.unwrap();
        Self { workspace, sandbox }
    }

    /// Ends the sandbox and starts the next one on the same folder.
    async fn restart(self) -> Self {
        self.sandbox.stop().await.unwrap();
        let sandbox = Sandbox::start(Start::of(self.workspace.path())).await.unwrap();
        assert!(sandbox.troubles().is_empty(), "{:?}", sandbox.troubles());
        Self { sandbox, workspace: self.workspace }
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.workspace.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Writes `shop/serverless.yml`: [`HEAD`] and what is given.
    fn shop(&self, rest: &str) {
        self.write("shop/serverless.yml", &format!("{HEAD}{rest}"));
    }

    async fn run(&self, service: &str) -> (Result<Outcome, DeployError>, Vec<Progress>) {
        let (sender, mut steps) = mpsc::unbounded_channel();
        let order = Order { service: service.to_owned(), ..Order::default() };
        let done = self.sandbox.deployer().deploy(&order, &sender).await;
        let mut told = Vec::new();
        while let Ok(step) = steps.try_recv() {
            told.push(step);
        }
        assert_eq!(told.last(), Some(&last_step(&done)), "the end is told last");
        (done, told)
    }

    async fn deploy(&self, service: &str) -> Outcome {
        self.run(service).await.0.unwrap()
    }

    async fn fails(&self, service: &str) -> DeployError {
        self.run(service).await.0.unwrap_err()
    }

    async fn remove(&self, service: &str) -> Result<Outcome, DeployError> {
        let order = Order { service: service.to_owned(), ..Order::default() };
        self.sandbox.deployer().remove(&order, &mpsc::unbounded_channel().0).await
    }

    fn stack(&self, name: &str) -> Stack {
        (*self.sandbox.deployer().stacks().get(REGION, name).unwrap()).clone()
    }

    fn physical(&self, logical: &str) -> String {
        self.stack("shop-dev").resources[logical].physical.clone()
    }

    /// Output, or the code of the fault.
    async fn call(&self, service: &dyn Service, operation: &str, input: Value) -> Result<Value, String> {
        let call = Call {
            operation: operation.to_owned(),
            input,
            region: REGION.to_owned(),
            caller: Caller::Learner,
            request_id: String::new(),
            rest: None,
        };
        match service.call(call).await {
            Ok(Reply::Output(output)) => Ok(output),
            Ok(_) => panic!("no JSON"),
            Err(fault) => Err(fault.code),
        }
    }

    async fn topic(&self, arn: &str) -> Result<Value, String> {
        self.call(&*self.sandbox.services().sns, "GetTopicAttributes", json!({ "TopicArn": arn })).await
    }

    async fn table(&self, name: &str) -> Result<Value, String> {
        self.call(&*self.sandbox.services().dynamodb, "DescribeTable", json!({ "TableName": name })).await
    }

    async fn parameter(&self, name: &str) -> Result<String, String> {
        let found = self.call(&*self.sandbox.services().ssm, "GetParameter", json!({ "Name": name })).await?;
        Ok(found["Parameter"]["Value"].as_str().unwrap().to_owned())
    }

    async fn log_groups(&self) -> Vec<String> {
        let found = self.call(&*self.sandbox.services().logs, "DescribeLogGroups", json!({})).await.unwrap();
        let groups = found["logGroups"].as_array().unwrap().iter();
        groups.map(|group| group["logGroupName"].as_str().unwrap().to_owned()).collect()
    }

    fn function(&self, name: &str) -> Option<std::sync::Arc<crate::sandbox::lambda::Function>> {
        self.sandbox.services().lambda.function(REGION, name)
    }
}

/// Logical id and status of what was told of resources, without the stack itself.
fn resources(told: &[Progress]) -> Vec<(String, String)> {
    let of = |step: &Progress| match step {
        Progress::Resource { logical, status, kind, .. } if kind != "AWS::CloudFormation::Stack" => {
            Some((logical.clone(), status.clone()))
        }
        _ => None,
    };
    told.iter().filter_map(of).collect()
}

const RIDES: &str = "
functions:
  Ride:
    handler: handlers/ride.handler
    environment:
      TOPIC: !Ref Topic
      URL: !Sub https://${ApiGatewayRestApi}.execute-api.${AWS::Region}.amazonaws.com/dev/ride
    events:
      - http: POST /ride
resources:
  Resources:
    Topic: { Type: AWS::SNS::Topic }
    Table:
      Type: AWS::DynamoDB::Table
      Properties:
        BillingMode: PAY_PER_REQUEST
        AttributeDefinitions: [{ AttributeName: Id, AttributeType: S }]
        KeySchema: [{ AttributeName: Id, KeyType: HASH }]
    Url:
      Type: AWS::SSM::Parameter
      Properties:
        Type: String
        Name: /shop/url
        Value: !Sub https://${ApiGatewayRestApi}.execute-api.${AWS::Region}.amazonaws.com/dev/ride
  Outputs:
    RideUrl: { Value: !Sub 'https://${ApiGatewayRestApi}.execute-api.${AWS::Region}.amazonaws.com/dev/ride' }
    TopicArn: { Value: !Ref Topic, Export: { Name: rides } }
    TableArn: { Value: !GetAtt Table.Arn }
";

#[tokio::test]
async fn a_service_is_made_and_made_once() {
    let cloud = Cloud::new().await;
    cloud.shop(RIDES);
    cloud.write("shop/handlers/ride.py", "def handler(event, context): return {}\n");
    let (outcome, told) = cloud.run("shop").await;
    let outcome = outcome.unwrap();
    assert_eq!((outcome.stack.as_str(), outcome.updated, outcome.deleted), ("shop-dev", 0, 0));
    let url = format!("{}/execute-api/{}/dev/ride", cloud.sandbox.endpoint(), cloud.physical("ApiGatewayRestApi"));
    assert_eq!(outcome.endpoints, [("POST".to_owned(), url.clone())]);
    let output = |key: &str| outcome.outputs.iter().find(|(name, _)| name == key).unwrap().1.clone();
    assert_eq!(output("RideUrl"), url);
    assert_eq!(cloud.parameter("/shop/url").await.unwrap(), url);
    assert_eq!(output("TopicArn"), cloud.physical("Topic"));
    assert!(output("TableArn").ends_with(&format!(":table/{}", cloud.physical("Table"))));
    let function = cloud.function("shop-dev-Ride").unwrap();
    assert_eq!((&function.environment["TOPIC"], &function.environment["URL"]), (&cloud.physical("Topic"), &url));
    assert!(cloud.topic(&cloud.physical("Topic")).await.is_ok() && cloud.table(&cloud.physical("Table")).await.is_ok());
    assert_eq!(cloud.log_groups().await, ["/aws/lambda/shop-dev-Ride"]);

    // Each resource begins and completes; what others name comes before them.
    let told = resources(&told);
    let at =
        |logical: &str, status: &str| told.iter().position(|step| *step == (logical.to_owned(), status.to_owned()));
    for logical in ["Topic", "Table", "Url", "RideLambdaFunction", "ApiGatewayRestApi"] {
        assert!(at(logical, "CREATE_IN_PROGRESS").unwrap() < at(logical, "CREATE_COMPLETE").unwrap(), "{logical}");
    }
    assert!(at("Topic", "CREATE_COMPLETE") < at("RideLambdaFunction", "CREATE_IN_PROGRESS"));
    // Versions come and go with every change: they are not counted.
    let made = told.iter().filter(|(_, status)| status == "CREATE_COMPLETE").count();
    assert_eq!(outcome.created, made - 1);

    let before = cloud.stack("shop-dev");
    assert_eq!(before.status, "CREATE_COMPLETE");
    let (outcome, told) = cloud.run("shop").await;
    assert!(outcome.unwrap().is_unchanged());
    assert_eq!(resources(&told), []);
    assert!(cloud.stack("shop-dev") == before, "a deploy that changes nothing leaves no trace");
}

#[tokio::test]
async fn some_changes_are_made_in_place_and_others_need_another_resource() {
    let cloud = Cloud::new().await;
    let file = |topic: &str, key: &str, description: &str| {
        format!(
            "resources:\n  Resources:\n    Topic:\n      Type: AWS::SNS::Topic\n      Properties: {{ {topic} }}\n    Table:\n      Type: AWS::DynamoDB::Table\n      \
             Properties:\n        BillingMode: PAY_PER_REQUEST\n        AttributeDefinitions: [{{ AttributeName: {key}, AttributeType: S }}]\n        \
             KeySchema: [{{ AttributeName: {key}, KeyType: HASH }}]\n    Name:\n      Type: AWS::SSM::Parameter\n      \
             Properties: {{ Type: String, Name: /name, Value: !Ref Table, Description: {description} }}\n"
        )
    };
    cloud.shop(&file("TopicName: one", "Id", "a"));
    cloud.deploy("shop").await;
    let (topic, table) = (cloud.physical("Topic"), cloud.physical("Table"));

    cloud.shop(&file("TopicName: one, DisplayName: Rides", "Id", "b"));
    let outcome = cloud.deploy("shop").await;
    assert_eq!((outcome.created, outcome.updated, outcome.deleted), (0, 2, 0));
    assert_eq!((cloud.physical("Topic"), cloud.physical("Table")), (topic.clone(), table.clone()));
    assert_eq!(cloud.topic(&topic).await.unwrap()["Attributes"]["DisplayName"], "Rides");

    cloud.shop(&file("TopicName: two, DisplayName: Rides", "RideId", "b"));
    let (outcome, told) = cloud.run("shop").await;
    assert_eq!(outcome.unwrap().updated, 3, "the parameter names the table");
    let (new_topic, new_table) = (cloud.physical("Topic"), cloud.physical("Table"));
    assert!(new_topic.ends_with(":two") && new_table != table);
    assert!(cloud.topic(&topic).await.is_err() && cloud.table(&table).await.is_err());
    assert!(cloud.topic(&new_topic).await.is_ok() && cloud.table(&new_table).await.is_ok());
    assert_eq!(cloud.parameter("/name").await.unwrap(), new_table);
    // The old ones go when all of the new is there.
    let told = resources(&told);
    let at =
        |logical: &str, status: &str| told.iter().position(|step| *step == (logical.to_owned(), status.to_owned()));
    assert!(at("Name", "UPDATE_COMPLETE") < at("Table", "DELETE_IN_PROGRESS"));
}

#[tokio::test]
async fn a_subscription_follows_its_endpoint() {
    let cloud = Cloud::new().await;
    let file = |queue: &str| {
        format!(
            "resources:\n  Resources:\n    Topic: {{ Type: AWS::SNS::Topic }}\n    A: {{ Type: AWS::SQS::Queue }}\n    B: {{ Type: AWS::SQS::Queue }}\n    \
             Subscription:\n      Type: AWS::SNS::Subscription\n      Properties: {{ TopicArn: !Ref Topic, Protocol: sqs, Endpoint: !GetAtt {queue}.Arn }}\n"
        )
    };
    for queue in ["A", "B"] {
        cloud.shop(&file(queue));
        cloud.deploy("shop").await;
        let sns = &*cloud.sandbox.services().sns;
        let found =
            cloud.call(sns, "ListSubscriptionsByTopic", json!({ "TopicArn": cloud.physical("Topic") })).await.unwrap();
        let endpoints: Vec<&str> =
            found["Subscriptions"].as_array().unwrap().iter().map(|one| one["Endpoint"].as_str().unwrap()).collect();
        assert!(endpoints.len() == 1 && endpoints[0].contains(&format!("shop-dev-{queue}-")), "{endpoints:?}");
    }
}

#[tokio::test]
async fn renaming_a_function_removes_the_old_one_and_its_log_group() {
    let cloud = Cloud::new().await;
    cloud.write("shop/handlers/ride.py", "def handler(event, context): return {}\n");
    cloud.shop("functions:\n  Old: { handler: handlers/ride.handler }\n");
    cloud.deploy("shop").await;
    cloud.shop("functions:\n  New: { handler: handlers/ride.handler }\n");
    let outcome = cloud.deploy("shop").await;
    assert_eq!((outcome.created, outcome.deleted), (2, 2), "a function and its log group each");
    assert!(cloud.function("shop-dev-Old").is_none() && cloud.function("shop-dev-New").is_some());
    assert_eq!(cloud.log_groups().await, ["/aws/lambda/shop-dev-New"]);
}

#[tokio::test]
async fn edited_code_updates_functions_alone() {
    let cloud = Cloud::new().await;
    cloud.shop("functions:\n  Ride: { handler: handlers/ride.handler }\nresources:\n  Resources:\n    Topic: { Type: AWS::SNS::Topic }\n");
    cloud.write("shop/handlers/ride.py", "x = 1\n");
    cloud.deploy("shop").await;
    let edited = |cloud: &Cloud| cloud.sandbox.deployer().standing(REGION, "dev")[0].edited.clone();
    assert_eq!(edited(&cloud), Vec::<String>::new());
    cloud.write("shop/README.md", "words\n");
    cloud.write("shop/handlers/ride.py", "x = 2\n");
    assert_eq!(edited(&cloud), ["shop/handlers/ride.py"]);
    let outcome = cloud.deploy("shop").await;
    assert_eq!((outcome.created, outcome.updated, outcome.deleted), (0, 1, 0));
    assert_eq!(edited(&cloud), Vec::<String>::new());
}

#[tokio::test]
async fn conditions_make_and_remove() {
    let cloud = Cloud::new().await;
    let file = |stage: &str| {
        format!(
            "resources:\n  Conditions:\n    Live: !Equals [!Ref 'AWS::Region', {stage}]\n  Resources:\n    Always: {{ Type: AWS::SNS::Topic }}\n    \
             Sometimes: {{ Type: AWS::SNS::Topic, Condition: Live }}\n  Outputs:\n    Sometimes: {{ Condition: Live, Value: !Ref Sometimes }}\n"
        )
    };
    cloud.shop(&file("nowhere"));
    cloud.deploy("shop").await;
    assert!(!cloud.stack("shop-dev").resources.contains_key("Sometimes"));
    assert_eq!(cloud.stack("shop-dev").output("Sometimes"), None);
    cloud.shop(&file(REGION));
    assert_eq!(cloud.deploy("shop").await.created, 1);
    let topic = cloud.physical("Sometimes");
    assert_eq!(cloud.stack("shop-dev").output("Sometimes"), Some(topic.as_str()));
    cloud.shop(&file("nowhere"));
    assert_eq!(cloud.deploy("shop").await.deleted, 1);
    assert!(cloud.topic(&topic).await.is_err());
}

#[tokio::test]
async fn what_is_retained_stays_when_the_stack_goes() {
    let cloud = Cloud::new().await;
    cloud.shop("resources:\n  Resources:\n    Kept: { Type: AWS::SNS::Topic, DeletionPolicy: Retain }\n    Gone: { Type: AWS::SNS::Topic }\n");
    cloud.deploy("shop").await;
    let (kept, gone) = (cloud.physical("Kept"), cloud.physical("Gone"));
    let outcome = cloud.remove("shop").await.unwrap();
    assert_eq!(outcome.deleted, 3, "the other topic, and the bucket of Serverless with its policy");
    assert!(cloud.topic(&kept).await.is_ok() && cloud.topic(&gone).await.is_err());
    assert_eq!(cloud.stack("shop-dev").status, "DELETE_COMPLETE");
    assert!(cloud.remove("shop").await.unwrap_err().message.contains("not deployed"));
    // A stack of the same name begins anew.
    assert_eq!(cloud.deploy("shop").await.deleted, 0);
    assert_ne!(cloud.physical("Kept"), kept);
}

#[tokio::test]
async fn stacks_tell_each_other_by_exports() {
    let cloud = Cloud::new().await;
    cloud.shop("resources:\n  Resources:\n    Topic: { Type: AWS::SNS::Topic }\n  Outputs:\n    Arn: { Value: !Ref Topic, Export: { Name: the-topic } }\n");
    cloud.write(
        "buyer/serverless.yml",
        "service: buyer\nprovider: { name: aws, region: us-east-2 }\nresources:\n  Resources:\n    P:\n      Type: AWS::SSM::Parameter\n      \
         Properties: { Type: String, Name: /topic, Value: !ImportValue the-topic }\n",
    );
    let error = cloud.fails("buyer").await;
    assert!(error.message.contains("the-topic"), "{error:?}");
    cloud.deploy("shop").await;
    cloud.deploy("buyer").await;
    assert_eq!(cloud.parameter("/topic").await.unwrap(), cloud.physical("Topic"));
}
