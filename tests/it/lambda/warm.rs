//! What a handler sees, and which instance sees it.

use serde_json::json;

use super::{Cloud, nothing, until};

const COUNTING: &str = "
import os
print('module level')
calls = 0

def handler(event, context):
    global calls
    calls += 1
    return {'calls': calls, 'process': os.getpid(), 'event': event}
";

#[tokio::test]
async fn an_instance_is_reused_and_module_code_runs_once() {
    let cloud = Cloud::new();
    cloud.deploy("count", COUNTING);
    let first = cloud.call("count", &json!({"é": [1, null]})).await;
    let second = cloud.call("count", &nothing()).await;
    assert_eq!((&first["calls"], &second["calls"]), (&json!(1), &json!(2)));
    assert_eq!(first["process"], second["process"]);
    assert_eq!(first["event"], json!({"é": [1, null]}));
    assert_eq!(cloud.lines.all().iter().filter(|line| *line == "module level").count(), 1);
}

#[tokio::test]
async fn a_log_reads_as_lambdas() {
    let cloud = Cloud::new();
    cloud.deploy(
        "talk",
        "
import logging, sys
logging.getLogger().setLevel('INFO')

def handler(event, context):
    print('plain')
    logging.info('two\\nlines')
    print('to stderr', file=sys.stderr)
    logging.getLogger('x').warning('%s left', 3)
    logging.debug('not this')
    print('no end of line', end='')
",
    );
    let invocation = cloud.invoke("talk", &nothing()).await;
    let id = &invocation.request_id;
    let lines = cloud.lines.all();
    let [start, plain, info, stderr, warning, open, end, report] = lines.as_slice() else { panic!("{lines:#?}") };
    assert_eq!(*start, format!("START RequestId: {id} Version: $LATEST"));
    assert_eq!([plain, stderr, open].map(String::as_str), ["plain", "to stderr", "no end of line"]);
    assert!(info.starts_with("[INFO]\t20") && info.ends_with(&format!("Z\t{id}\ttwo\nlines")), "{info:?}");
    assert!(warning.starts_with("[WARNING]\t") && warning.ends_with(&format!("Z\t{id}\t3 left")), "{warning:?}");
    assert_eq!(*end, format!("END RequestId: {id}"));
    assert!(report.starts_with(&format!("REPORT RequestId: {id}\tDuration: ")), "{report}");
    assert!(
        report.contains("\tMemory Size: 256 MB\tMax Memory Used: ") && report.contains("\tInit Duration: "),
        "{report}"
    );
    assert!(cloud.lines.streams()[0].contains("/[$LATEST]"));
    assert!(invocation.log_tail.starts_with("START") && invocation.log_tail.ends_with(&format!("{report}\n")));
    // Only the first request of an instance pays for its making.
    cloud.invoke("talk", &nothing()).await;
    assert!(!cloud.lines.all().last().unwrap().contains("Init Duration"));
}

#[tokio::test]
async fn requests_at_the_same_time_have_instances_of_their_own_up_to_a_limit() {
    let cloud = Cloud::new();
    let gate = cloud.folder.path().join("service/gate");
    cloud.deploy(
        "wait",
        "
import os, time
def handler(event, context):
    print('here')
    while not os.path.exists('gate'):
        time.sleep(0.005)
    return os.getpid()
",
    );
    let calls: Vec<_> = (0..10)
        .map(|_| {
            let lambda = std::sync::Arc::clone(&cloud.lambda);
            tokio::spawn(
                async move { rydes::sandbox::Invoke::invoke(&*lambda, super::REGION, "wait", "{}".into()).await },
            )
        })
        .collect();
    until("ten requests", || cloud.lines.all().iter().filter(|line| *line == "here").count() == 10).await;
    let throttled =
        rydes::sandbox::Invoke::invoke(&*cloud.lambda, super::REGION, "wait", "{}".into()).await.unwrap_err();
    assert_eq!((throttled.status, throttled.code.as_str()), (429, "TooManyRequestsException"));
    std::fs::write(gate, "").unwrap();
    let mut processes = Vec::new();
    for call in calls {
        processes.push(String::from_utf8(call.await.unwrap().unwrap().payload.to_vec()).unwrap());
    }
    processes.sort();
    processes.dedup();
    assert_eq!(processes.len(), 10);
}

#[tokio::test]
async fn saved_code_and_changed_settings_mean_fresh_instances() {
    let cloud = Cloud::new();
    cloud.deploy("count", COUNTING);
    let first = cloud.call("count", &nothing()).await;
    cloud.save("count", &COUNTING.replace("calls += 1", "calls += 100"));
    let saved = cloud.call("count", &nothing()).await;
    assert_eq!(saved["calls"], 100);
    assert_ne!(saved["process"], first["process"]);
    // The same again is no change.
    cloud.lambda.put_function(super::REGION, cloud.function("count"));
    assert_eq!(cloud.call("count", &nothing()).await["calls"], 200);
    let mut function = cloud.function("count");
    function.code_sha = "other".to_owned();
    cloud.lambda.put_function(super::REGION, function);
    assert_eq!(cloud.call("count", &nothing()).await["calls"], 100);
    // Nothing was written where the learner works.
    assert!(!cloud.service().join("handlers/__pycache__").exists());
}

#[tokio::test]
async fn the_environment_is_lambdas_and_nothing_of_the_users() {
    let cloud = Cloud::new();
    cloud.deploy(
        "look",
        "
import os, sys, boto3
def handler(event, context):
    context.get_remaining_time_in_millis() > 19000 or exit(3)
    return {
        'environment': dict(os.environ), 'folder': os.getcwd(), 'path': sys.path[0],
        'context': {name: getattr(context, name) for name in (
            'function_name', 'function_version', 'invoked_function_arn', 'memory_limit_in_mb',
            'aws_request_id', 'log_group_name', 'log_stream_name', 'client_context')},
        'identity': context.identity.cognito_identity_id,
        'key': boto3.client('sns')._request_signer._credentials.access_key,
        'endpoint': boto3.client('sns').meta.endpoint_url,
        'region': boto3.Session().region_name,
    }
",
    );
    let seen = cloud.call("look", &nothing()).await;
    let environment = seen["environment"].as_object().unwrap();
    for (name, value) in [
        ("AWS_REGION", "us-east-2"),
        ("AWS_DEFAULT_REGION", "us-east-2"),
        ("AWS_LAMBDA_FUNCTION_NAME", "look"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
        ("_HANDLER", "handlers/look.handler"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("COLOUR", "golden"),
        ("TZ", ":UTC"),
    ] {
        assert_eq!(environment[name], value, "{name}");
    }
    assert_eq!(environment["AWS_ENDPOINT_URL"], cloud.account.endpoint());
    assert_eq!(seen["endpoint"], cloud.account.endpoint());
    assert_eq!(seen["region"], "us-east-2");
    let folder = cloud.service().canonicalize().unwrap();
    assert_eq!([&seen["folder"], &seen["path"], &environment["LAMBDA_TASK_ROOT"]], [folder.to_str().unwrap(); 3]);
    // Nothing that this process has, the tests' own variables least of all.
    for name in ["CARGO", "CARGO_MANIFEST_DIR", "USER", "SSH_AUTH_SOCK"] {
        assert!(!environment.contains_key(name), "{name}");
    }
    let (_, caller) = cloud.account.keys.find(seen["key"].as_str().unwrap()).unwrap();
    assert!(caller.arn().ends_with(":assumed-role/role/look"));
    let context = &seen["context"];
    assert_eq!(context["invoked_function_arn"], "arn:aws:lambda:us-east-2:123456789012:function:look");
    assert_eq!(context["function_version"], "$LATEST");
    assert_eq!(context["memory_limit_in_mb"], "256");
    assert_eq!(context["log_group_name"], "/aws/lambda/look");
    assert_eq!(context["log_stream_name"], environment["AWS_LAMBDA_LOG_STREAM_NAME"]);
    assert_eq!(seen["identity"], json!(null));
}
