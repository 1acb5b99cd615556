//! Every operation that the sandbox promises (tests/contract/operations.txt), driven by the AWS SDK for Rust.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use aws_config::SdkConfig;
use rydes::sandbox::{Role, Running};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::sdk::settings;

mod data;
mod messages;
mod service;

/// What was driven: `service Operation`.
#[derive(Default)]
struct Driven(BTreeSet<String>);

/// Sends a request, notes its operation, and gives the output.
macro_rules! drive {
    ($driven:ident, $service:literal $operation:literal, $request:expr) => {{
        $driven.0.insert(concat!($service, " ", $operation).to_owned());
        $request.send().await.unwrap_or_else(|error| panic!("{} {}: {error:?}", $service, $operation))
    }};
}
use drive;

/// What is promised.
fn promised() -> BTreeSet<String> {
    let list = include_str!("../contract/operations.txt");
    let rows = list.lines().filter(|line| !line.starts_with('#')).map(|line| line.split_whitespace());
    rows.filter_map(|mut words| words.next().map(|service| (service, words)))
        .flat_map(|(service, operations)| operations.map(move |operation| format!("{service} {operation}")))
        .collect()
}

fn now() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap()
}

/// Deploys a service `shop` of one topic, as another process asks for it.
async fn deploy(workspace: &Path, running: &Running) {
    fs::create_dir_all(workspace.join("shop")).unwrap();
    let file = "service: shop
provider: { name: aws, runtime: python3.13, region: us-east-2 }
resources:
  Resources: { Topic: { Type: AWS::SNS::Topic } }
  Outputs: { TopicArn: { Value: !Ref Topic, Export: { Name: rides } } }
";
    fs::write(workspace.join("shop/serverless.yml"), file).unwrap();
    let (endpoint, token, body) = (running.endpoint(), &running.token, r#"{"service": "shop"}"#);
    let address = endpoint.trim_start_matches("http://");
    let mut connection = tokio::net::TcpStream::connect(address).await.unwrap();
    let request = format!(
        "POST /rydes/deploy HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut told = String::new();
    connection.read_to_string(&mut told).await.unwrap();
    assert!(told.contains("\"type\":\"done\""), "{told}");
}

#[tokio::test]
async fn the_sdk_for_rust_drives_every_operation() {
    let workspace = tempfile::tempdir().unwrap();
    let (sandbox, running) = crate::contract::start(workspace.path()).await;
    let role = Arc::new(Role {
        name: "role".to_owned(),
        session: "session".to_owned(),
        policies: Vec::new(),
        service: "service".to_owned(),
    });
    crate::lambda::deploy_for_contract(&sandbox, workspace.path(), &role);
    let settings: SdkConfig = settings(&sandbox);
    let mut driven = Driven::default();
    service::parameters(&settings, &mut driven).await;
    messages::queues_and_topics(&settings, &mut driven).await;
    data::tables(&settings, &mut driven).await;
    data::logs(&settings, &mut driven).await;
    service::functions(&settings, &mut driven).await;
    deploy(workspace.path(), &running).await;
    service::stacks(&settings, &mut driven).await;
    assert_eq!(driven.0, promised());
    sandbox.stop().await.unwrap();
}
