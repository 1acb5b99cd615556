//! The API as a client sees it, where nothing has to run.

use std::time::Duration;

use super::*;
use crate::sandbox::account::Account;
use crate::sandbox::interpreter::Interpreter;
use crate::sandbox::keys::Caller;
use crate::sandbox::lambda::LogSink;

struct Nowhere;

impl LogSink for Nowhere {
    fn put(&self, _: &str, _: &str, _: &str, _: Vec<(i64, String)>) {}
}

fn lambda() -> Lambda {
    let lambda = Lambda::new(
        Arc::new(Account::new(None, 1.0)),
        Arc::new(Nowhere),
        Arc::new(Interpreter::new(Some("/nonexistent".into()), None)),
    );
    for name in ["a", "b", "c"] {
        let function = Function {
            name: name.to_owned(),
            handler: "handlers/x.handler".to_owned(),
            timeout: Duration::from_secs(6),
            ..Function::default()
        };
        lambda.put_function("us-east-2", function);
    }
    lambda
}

async fn call(lambda: &Lambda, method: &str, path: &str, body: &str) -> Result<(u16, Value), Fault> {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let pair = |pair: &str| pair.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
    let (header, body) = body.split_once('|').unwrap_or(("", body));
    let rest = RestRequest {
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.split('&').filter_map(pair).collect(),
        headers: pair(header).into_iter().collect(),
        body: Bytes::copy_from_slice(body.as_bytes()),
    };
    let call = Call {
        operation: format!("{method} {path}"),
        input: Value::Null,
        region: "us-east-2".to_owned(),
        caller: Caller::Learner,
        request_id: "r".to_owned(),
        rest: Some(rest),
    };
    match Service::call(lambda, call).await? {
        Reply::Output(output) => Ok((200, output)),
        Reply::Raw { status, body, .. } => Ok((status, serde_json::from_slice(&body).unwrap_or_default())),
        Reply::Stream { .. } => panic!("a stream"),
    }
}

#[tokio::test]
async fn functions_are_listed_in_pages_and_read() {
    let lambda = lambda();
    let names = |page: &Value| -> Vec<String> {
        page["Functions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["FunctionName"].as_str().unwrap().to_owned())
            .collect()
    };
    let (_, page) = call(&lambda, "GET", "/2015-03-31/functions/?MaxItems=2", "").await.unwrap();
    assert_eq!(names(&page), ["a", "b"]);
    let (_, page) = call(&lambda, "GET", "/2015-03-31/functions?Marker=b", "").await.unwrap();
    assert_eq!((names(&page), &page["NextMarker"]), (vec!["c".to_owned()], &Value::Null));
    let arn = "arn:aws:lambda:us-east-2:123456789012:function:a";
    for name in ["a", arn, "a:$LATEST"] {
        let (_, found) = call(&lambda, "GET", &format!("/2015-03-31/functions/{name}"), "").await.unwrap();
        assert_eq!(
            (&found["Configuration"]["FunctionArn"], &found["Configuration"]["Timeout"]),
            (&json!(arn), &json!(6))
        );
    }
}

#[tokio::test]
async fn mistakes_get_lambdas_errors() {
    let lambda = lambda();
    for (method, path, body, status, code) in [
        ("GET", "/2015-03-31/functions/z", "", 404, "ResourceNotFoundException"),
        ("GET", "/2015-03-31/functions/a?Qualifier=live", "", 404, "ResourceNotFoundException"),
        ("GET", "/2015-03-31/functions/a b", "", 400, "ValidationException"),
        ("GET", "/2015-03-31/functions/a/policy", "", 404, "ResourceNotFoundException"),
        ("GET", "/2015-03-31/functions?MaxItems=0", "", 400, "ValidationException"),
        ("POST", "/2015-03-31/functions/z/invocations", "{}", 404, "ResourceNotFoundException"),
        ("POST", "/2015-03-31/functions/a/invocations", "{", 400, "InvalidRequestContentException"),
        ("POST", "/2015-03-31/functions/a/invocations", "x-amz-invocation-type=Later|{}", 400, "ValidationException"),
        (
            "POST",
            "/2015-03-31/functions/a/invocations",
            "x-amz-client-context=x|{}",
            400,
            "InvalidRequestContentException",
        ),
        // There is no Python in this test.
        ("POST", "/2015-03-31/functions/a/invocations", "{}", 500, "ServiceException"),
        ("POST", "/2015-03-31/functions", "{}", 400, "UnknownOperationException"),
        ("DELETE", "/2015-03-31/functions/a", "", 400, "UnknownOperationException"),
        ("GET", "/2019-09-25/functions/a/event-invoke-config", "", 404, "ResourceNotFoundException"),
        ("POST", "/2019-09-25/functions/a/event-invoke-config", "{}", 404, "ResourceNotFoundException"),
        (
            "PUT",
            "/2019-09-25/functions/a/event-invoke-config",
            r#"{"MaximumRetryAttempts": 3}"#,
            400,
            "ValidationException",
        ),
        (
            "PUT",
            "/2019-09-25/functions/a/event-invoke-config",
            r#"{"MaximumEventAgeInSeconds": 5}"#,
            400,
            "ValidationException",
        ),
    ] {
        let fault = call(&lambda, method, path, body).await.unwrap_err();
        assert_eq!((fault.status, fault.code.as_str()), (status, code), "{method} {path} {body}: {fault}");
    }
    let large = format!("\"{}\"", "x".repeat(LONGEST_REQUEST));
    let fault = call(&lambda, "POST", "/2015-03-31/functions/a/invocations", &large).await.unwrap_err();
    assert_eq!((fault.status, fault.code.as_str()), (413, "RequestTooLargeException"));
    let dry = call(&lambda, "POST", "/2015-03-31/functions/a/invocations", "x-amz-invocation-type=DryRun|{}").await;
    assert_eq!(dry.unwrap().0, 204);
}

#[tokio::test]
async fn event_invoke_configs_are_put_changed_and_deleted_and_survive() {
    let lambda = lambda();
    let path = "/2019-09-25/functions/a/event-invoke-config";
    let queue = "arn:aws:sqs:us-east-2:123456789012:dead";
    let body = json!({ "MaximumRetryAttempts": 1, "DestinationConfig": { "OnFailure": { "Destination": queue } } })
        .to_string();
    call(&lambda, "PUT", path, &body).await.unwrap();
    call(&lambda, "POST", path, r#"{"MaximumEventAgeInSeconds": 60}"#).await.unwrap();
    let saved = Service::snapshot(&lambda).unwrap();
    let check = |shown: Value| {
        assert_eq!((&shown["MaximumRetryAttempts"], &shown["MaximumEventAgeInSeconds"]), (&json!(1), &json!(60)));
        assert_eq!(shown["DestinationConfig"], json!({ "OnSuccess": {}, "OnFailure": { "Destination": queue } }));
    };
    check(call(&lambda, "GET", path, "").await.unwrap().1);
    assert_eq!(call(&lambda, "DELETE", path, "").await.unwrap().0, 204);
    assert!(call(&lambda, "GET", path, "").await.is_err());
    Service::restore(&lambda, &saved).unwrap();
    check(call(&lambda, "GET", path, "").await.unwrap().1);
    let (_, list) = call(&lambda, "GET", &format!("{path}/list"), "").await.unwrap();
    assert_eq!(list["FunctionEventInvokeConfigs"].as_array().unwrap().len(), 1);
    assert!(Service::restore(&lambda, b"[]").is_err());
}
