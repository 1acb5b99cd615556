//! The services of the workshop: ours, and those in the manner of the originals.

use std::path::Path;

use super::*;

/// Copies a folder of this repository into the workshop.
fn copy(cloud: &Cloud, from: &str, to: &str) {
    fn walk(folder: &Path, inside: &str, found: &mut Vec<(String, String)>) {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let name = format!("{inside}/{}", entry.file_name().to_string_lossy());
            match entry.path().is_dir() {
                true => walk(&entry.path(), &name, found),
                false => found.push((name, fs::read_to_string(entry.path()).unwrap())),
            }
        }
    }
    let mut found = Vec::new();
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join(from);
    match from.is_dir() {
        true => walk(&from, to, &mut found),
        false => found.push((format!("{to}/serverless.yml"), fs::read_to_string(from).unwrap())),
    }
    found.iter().for_each(|(path, text)| cloud.write(path, text));
}

fn starters(cloud: &Cloud) {
    for service in ["wild-rydes-ride-fleet", "wild-rydes-ride-record", "wild-rydes"] {
        copy(cloud, &format!("assets/starter/{service}"), service);
    }
}

#[tokio::test]
async fn the_order_of_deploys_is_said_where_it_matters() {
    let cloud = Cloud::new().await;
    starters(&cloud);
    let error = cloud.fails("wild-rydes").await;
    assert_eq!(error.place.as_deref(), Some("wild-rydes/serverless.yml:12:24"), "{error:?}");
    let help = error.help.unwrap();
    assert!(
        help.contains("rydes deploy wild-rydes-ride-fleet") || error.message.contains("wild-rydes-ride-fleet"),
        "{help}"
    );
    cloud.deploy("wild-rydes-ride-fleet").await;
    let error = cloud.fails("wild-rydes").await;
    let words = format!("{} {}", error.message, error.help.unwrap_or_default());
    assert!(
        words.contains("wild-rydes-ride-record") && error.place.unwrap().starts_with("wild-rydes/serverless.yml:13:"),
        "{words}"
    );
    cloud.deploy("wild-rydes-ride-record").await;
    cloud.deploy("wild-rydes").await;
}

#[tokio::test]
async fn everything_is_there_after_a_restart_and_addresses_follow_the_port() {
    let cloud = Cloud::new().await;
    starters(&cloud);
    for service in ["wild-rydes-ride-fleet", "wild-rydes-ride-record", "wild-rydes"] {
        cloud.deploy(service).await;
    }
    let before = cloud.stack("wild-rydes-dev");
    let old_port = cloud.sandbox.endpoint();
    let table = cloud.stack("wild-rydes-ride-fleet-dev").resources["UnicornsTable"].physical.clone();
    let count = async |cloud: &Cloud| {
        cloud.call(&*cloud.sandbox.services().dynamodb, "Scan", json!({ "TableName": table })).await.unwrap()["Count"]
            .clone()
    };
    let unicorns = count(&cloud).await;
    assert!(unicorns.as_u64().unwrap() > 2, "the custom resource fills the table: {unicorns}");

    let cloud = cloud.restart().await;
    assert_eq!(cloud.sandbox.endpoint(), old_port);
    assert_eq!(cloud.stack("wild-rydes-dev"), before);
    assert_eq!(count(&cloud).await, unicorns);

    // Another program has the port now.
    let Cloud { workspace, sandbox } = cloud;
    sandbox.stop().await.unwrap();
    let port: u16 = old_port.rsplit(':').next().unwrap().parse().unwrap();
    let _taken = std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();
    let sandbox = Sandbox::start(Start::of(workspace.path())).await.unwrap();
    let cloud = Cloud { workspace, sandbox };
    assert_ne!(cloud.sandbox.endpoint(), old_port);
    let url = cloud.stack("wild-rydes-dev").output("RequestRideUrl").unwrap().to_owned();
    assert!(url.starts_with(&cloud.sandbox.endpoint()), "{url}");
    let function = cloud.function("wild-rydes-dev-RequestRide").unwrap();
    for name in ["REQUEST_UNICORN_URL", "RIDE_RECORD_URL"] {
        assert!(function.environment[name].starts_with(&cloud.sandbox.endpoint()), "{:?}", function.environment);
    }
    assert!(cloud.parameter("/wild-rydes/dev/URL").await.unwrap().starts_with(&cloud.sandbox.endpoint()));
    assert!(cloud.log_groups().await.contains(&"/aws/lambda/wild-rydes-dev-RequestRide".to_owned()));
    assert_eq!(count(&cloud).await, unicorns);
    // The port is not a change of the learner's.
    for service in ["wild-rydes-ride-fleet", "wild-rydes-ride-record", "wild-rydes"] {
        let (outcome, told) = cloud.run(service).await;
        assert!(outcome.unwrap().is_unchanged(), "{service}: {:?}", resources(&told));
    }
}

#[tokio::test]
async fn services_in_the_manner_of_the_originals_deploy_and_say_once_what_is_left_out() {
    let cloud = Cloud::new().await;
    copy(&cloud, "assets/starter/wild-rydes-ride-fleet", "wild-rydes-ride-fleet");
    cloud.deploy("wild-rydes-ride-fleet").await;
    for (from, service) in [
        ("tests/grading/originals/wild-rydes-ride-record.yml", "wild-rydes-ride-record"),
        ("tests/grading/originals/wild-rydes.yml", "wild-rydes"),
        ("tests/template/cases/clone-ride-record", "wild-rydes-ride-record"),
        ("tests/template/cases/clone-wild-rydes", "wild-rydes"),
    ] {
        let _ = fs::remove_dir_all(cloud.workspace.path().join(service));
        copy(&cloud, from, service);
        cloud.write(&format!("{service}/handlers/request_ride.py"), "def handler(event, context): return {}\n");
        cloud.write(&format!("{service}/handlers/put_ride_record.py"), "def handler(event, context): return {}\n");
        cloud.write(&format!("{service}/handlers/upload_site_config.py"), "import cfn_resource\n");
        let (outcome, told) = cloud.run(service).await;
        outcome.unwrap_or_else(|error| panic!("{from}: {error:?}"));
        let left_out: Vec<&str> = told
            .iter()
            .filter_map(|step| match step {
                Progress::Remark { skipped: true, message, .. } => Some(message.as_str()),
                _ => None,
            })
            .collect();
        let mut once = left_out.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), left_out.len(), "{from}: {left_out:?}");
        if service == "wild-rydes" {
            for kind in ["AWS::S3::Bucket:", "AWS::S3::BucketPolicy", "AWS::Route53::RecordSet"] {
                assert_eq!(left_out.iter().filter(|message| message.contains(kind)).count(), 1, "{kind}: {left_out:?}");
            }
        }
    }
}
