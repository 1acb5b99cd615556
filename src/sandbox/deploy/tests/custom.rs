//! Custom resources, made by functions of the service in real Python.

use super::*;

const FILE: &str = "
functions:
  Maker: { handler: handlers/maker.handler, timeout: 20 }
resources:
  Resources:
    Thing:
      Type: Custom::Thing
      Properties: { ServiceToken: !GetAtt MakerLambdaFunction.Arn, Size: SIZE }
  Outputs:
    Answer: { Value: !GetAtt Thing.Answer }
    Id: { Value: !Ref Thing }
";

/// Answers `STATUS`, and tells in its answer what it was asked.
const MAKER: &str = "
import json, urllib.request

def handler(event, context):
    old = event.get('OldResourceProperties', {}).get('Size')
    told = '%s %s %s' % (event['RequestType'], event['ResourceProperties']['Size'], old)
    answer = {'Status': 'STATUS', 'Reason': 'out of ' + told, 'PhysicalResourceId': 'thing-1', 'StackId': event['StackId'],
              'RequestId': event['RequestId'], 'LogicalResourceId': event['LogicalResourceId'], 'Data': {'Answer': told}}
    request = urllib.request.Request(event['ResponseURL'], json.dumps(answer).encode(), method='PUT')
    urllib.request.urlopen(request)
";

fn write(cloud: &Cloud, size: &str, status: &str) {
    cloud.shop(&FILE.replace("SIZE", size));
    cloud.write("shop/handlers/maker.py", &MAKER.replace("STATUS", status));
}

#[tokio::test]
async fn they_are_made_changed_and_removed_by_their_function() {
    let cloud = Cloud::new().await;
    write(&cloud, "1", "SUCCESS");
    cloud.deploy("shop").await;
    let output = |cloud: &Cloud, key: &str| cloud.stack("shop-dev").output(key).unwrap().to_owned();
    assert_eq!((output(&cloud, "Answer"), output(&cloud, "Id")), ("Create 1 None".to_owned(), "thing-1".to_owned()));
    write(&cloud, "2", "SUCCESS");
    cloud.deploy("shop").await;
    assert_eq!(output(&cloud, "Answer"), "Update 2 1");

    write(&cloud, "3", "FAILED");
    let error = cloud.fails("shop").await;
    assert!(error.message.contains("its function answered FAILED: out of Update 3 2"), "{error:?}");
    assert_eq!(output(&cloud, "Answer"), "Update 2 1");

    write(&cloud, "2", "SUCCESS");
    cloud.deploy("shop").await;
    cloud.remove("shop").await.unwrap();
    let stack = cloud.stack("shop-dev");
    let events: Vec<&StackEvent> = stack.events.iter().filter(|event| event.logical == "Thing").collect();
    assert_eq!(events.last().unwrap().status, "DELETE_COMPLETE", "{events:?}");
}

#[tokio::test]
async fn a_first_answer_of_failed_takes_everything_back() {
    let cloud = Cloud::new().await;
    write(&cloud, "1", "FAILED");
    let error = cloud.fails("shop").await;
    assert!(error.message.contains("FAILED: out of Create 1 None"), "{error:?}");
    assert!(!cloud.stack("shop-dev").is_live() && cloud.function("shop-dev-Maker").is_none());
}

#[tokio::test]
async fn one_whose_function_lacks_a_package_is_skipped_with_the_reason() {
    let cloud = Cloud::new().await;
    cloud.shop(&FILE.replace("SIZE", "1"));
    cloud.write("shop/handlers/maker.py", "import no_such_package_anywhere\n");
    let (outcome, told) = cloud.run("shop").await;
    outcome.unwrap();
    let reasons = told.iter().filter_map(|step| match step {
        Progress::Resource { logical, reason: Some(reason), .. } if logical == "Thing" => Some(reason.as_str()),
        _ => None,
    });
    assert!(reasons.collect::<String>().contains("needs the Python package no_such_package_anywhere"));
    // What was never made is not asked to go.
    assert!(cloud.remove("shop").await.is_ok());
}

#[tokio::test]
async fn one_whose_function_crashes_or_stays_silent_fails() {
    let cloud = Cloud::new().await;
    for (code, says) in [
        ("def handler(event, context): raise ValueError('no')\n", "ValueError"),
        ("def handler(event, context): pass\n", "did not answer"),
    ] {
        cloud.shop(&FILE.replace("SIZE", "1"));
        cloud.write("shop/handlers/maker.py", code);
        assert!(cloud.fails("shop").await.message.contains(says), "{says}");
    }
}
