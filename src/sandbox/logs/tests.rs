//! The service as clients see it, call by call; its memory; and what survives a restart.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use aws_smithy_eventstream::frame::read_message_from;
use futures::StreamExt;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::{Account, Call, Caller, Fault, Happening, Reply, Service};
use super::Logs;
use super::store::Place;

const REGION: &str = "us-east-2";
const GROUP: &str = "/aws/lambda/ride";

fn logs() -> Logs {
    Logs::new(Arc::new(Account::new(None, 1.0)))
}

fn call(operation: &str, input: Value) -> Call {
    let (operation, region) = (operation.to_owned(), REGION.to_owned());
    Call { operation, input, region, caller: Caller::Learner, request_id: "r".to_owned(), rest: None }
}

async fn try_ask(logs: &Logs, operation: &str, input: Value) -> Result<Value, Fault> {
    match logs.call(call(operation, input)).await? {
        Reply::Output(output) => Ok(output),
        _ => panic!("{operation} answers no output"),
    }
}

async fn ask(logs: &Logs, operation: &str, input: Value) -> Value {
    try_ask(logs, operation, input.clone()).await.unwrap_or_else(|fault| panic!("{operation} {input}: {fault}"))
}

fn messages(output: &Value) -> Vec<&str> {
    output["events"].as_array().unwrap().iter().map(|event| event["message"].as_str().unwrap()).collect()
}

/// With `count` lines in the stream `s`, a millisecond apart, the last one now.
fn with_lines(count: i64) -> (Logs, i64) {
    let logs = logs();
    let start = logs.shared.account.clock.millis() - count;
    for index in 0..count {
        logs.put(REGION, GROUP, "s", vec![(start + index, format!("line {index}"))]);
    }
    (logs, start)
}

#[tokio::test]
async fn what_aws_refuses_is_refused() {
    let (logs, start) = with_lines(1);
    let events = |events: Value| json!({ "logGroupName": GROUP, "logStreamName": "s", "logEvents": events });
    let many: Vec<_> = (0..10_001).map(|_| json!({ "timestamp": start, "message": "m" })).collect();
    let large: Vec<_> = (0..2).map(|_| json!({ "timestamp": start, "message": "m".repeat(600_000) })).collect();
    let arn = |name: &str| format!("arn:aws:logs:{REGION}:123456789012:log-group:{name}");
    let tail = |more: Value| {
        let mut input = json!({ "logGroupIdentifiers": [arn(GROUP)] });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        input
    };
    let invalid = "InvalidParameterException";
    let missing = "ResourceNotFoundException";
    let cases = [
        ("CreateLogGroup", json!({}), invalid, "Value null at 'logGroupName'"),
        ("CreateLogGroup", json!({ "logGroupName": "" }), invalid, "length greater than or equal to 1"),
        ("CreateLogGroup", json!({ "logGroupName": "a b" }), invalid, "regular expression pattern"),
        ("CreateLogGroup", json!({ "logGroupName": "a".repeat(513) }), invalid, "less than or equal to 512"),
        ("CreateLogGroup", json!({ "logGroupName": 7 }), "SerializationException", "must be a string"),
        ("CreateLogGroup", json!({ "logGroupName": GROUP }), "ResourceAlreadyExistsException", "already exists"),
        ("CreateLogGroup", json!({ "logGroupName": "k", "kmsKeyId": "k" }), invalid, "KMS"),
        ("CreateLogGroup", json!({ "logGroupName": "k", "tags": { "aws:x": "y" } }), invalid, "no tag"),
        ("DeleteLogGroup", json!({ "logGroupName": "none" }), missing, "log group does not exist"),
        ("DescribeLogGroups", json!({ "limit": 51 }), invalid, "less than or equal to 50"),
        ("DescribeLogGroups", json!({ "limit": 0 }), invalid, "greater than or equal to 1"),
        ("DescribeLogGroups", json!({ "nextToken": "?" }), invalid, "nextToken is invalid"),
        (
            "DescribeLogGroups",
            json!({ "logGroupNamePrefix": "a", "logGroupNamePattern": "b" }),
            invalid,
            "mutually exclusive",
        ),
        ("CreateLogStream", json!({ "logGroupName": "none", "logStreamName": "s" }), missing, "log group"),
        ("CreateLogStream", json!({ "logGroupName": GROUP, "logStreamName": "a:b" }), invalid, "regular expression"),
        (
            "CreateLogStream",
            json!({ "logGroupName": GROUP, "logStreamName": "s" }),
            "ResourceAlreadyExistsException",
            "log stream",
        ),
        ("DeleteLogStream", json!({ "logGroupName": GROUP, "logStreamName": "none" }), missing, "log stream"),
        ("DescribeLogStreams", json!({}), invalid, "must be specified"),
        ("DescribeLogStreams", json!({ "logGroupName": GROUP, "orderBy": "Size" }), invalid, "enum value set"),
        (
            "DescribeLogStreams",
            json!({ "logGroupName": GROUP, "orderBy": "LastEventTime", "logStreamNamePrefix": "s" }),
            invalid,
            "Cannot order by LastEventTime",
        ),
        ("PutLogEvents", events(json!([])), invalid, "greater than or equal to 1"),
        ("PutLogEvents", events(json!([{ "timestamp": start, "message": "" }])), invalid, "Value '' at"),
        ("PutLogEvents", events(json!([{ "message": "m" }])), invalid, "timestamp"),
        ("PutLogEvents", events(json!(many)), invalid, "less than or equal to 10000"),
        ("PutLogEvents", events(json!(large)), invalid, "Upload too large: 1200052 bytes exceeds limit of 1048576"),
        (
            "PutLogEvents",
            events(json!([{ "timestamp": start, "message": "m" }, { "timestamp": start - 1, "message": "m" }])),
            invalid,
            "chronological order",
        ),
        (
            "PutLogEvents",
            events(
                json!([{ "timestamp": start - 90_000_000, "message": "m" }, { "timestamp": start, "message": "m" }]),
            ),
            invalid,
            "more than 24 hours",
        ),
        (
            "PutLogEvents",
            json!({ "logGroupName": GROUP, "logStreamName": "t", "logEvents": [{ "timestamp": start, "message": "m" }] }),
            missing,
            "log stream",
        ),
        ("GetLogEvents", json!({ "logGroupName": GROUP, "logStreamName": "none" }), missing, "log stream"),
        (
            "GetLogEvents",
            json!({ "logGroupName": GROUP, "logStreamName": "s", "nextToken": "f/1/s" }),
            invalid,
            "invalid",
        ),
        ("GetLogEvents", json!({ "logGroupName": GROUP, "logStreamName": "s", "limit": 10_001 }), invalid, "10000"),
        ("FilterLogEvents", json!({ "logGroupName": GROUP, "filterPattern": "{" }), invalid, "Invalid filter pattern"),
        ("FilterLogEvents", json!({ "logGroupName": GROUP, "nextToken": "eA==" }), invalid, "nextToken is invalid"),
        ("FilterLogEvents", json!({ "logGroupName": GROUP, "logStreamNames": ["none"] }), missing, "log stream"),
        ("FilterLogEvents", json!({ "logGroupName": GROUP, "startTime": -1 }), invalid, "startTime"),
        (
            "FilterLogEvents",
            json!({ "logGroupName": GROUP, "logStreamNames": ["s"], "logStreamNamePrefix": "s" }),
            invalid,
            "mutually exclusive",
        ),
        ("FilterLogEvents", json!({ "logGroupIdentifier": arn("none") }), missing, "log group"),
        (
            "FilterLogEvents",
            json!({ "logGroupIdentifier": arn(GROUP).replace("us-east-2", "us-east-1") }),
            invalid,
            "is not the ARN",
        ),
        ("PutRetentionPolicy", json!({ "logGroupName": GROUP, "retentionInDays": 2 }), invalid, "enum value set"),
        ("PutRetentionPolicy", json!({ "logGroupName": "none", "retentionInDays": 7 }), missing, "log group"),
        ("ListTagsForResource", json!({ "resourceArn": arn("none") }), missing, "log group"),
        ("TagResource", json!({ "resourceArn": arn(GROUP), "tags": {} }), invalid, "at least one"),
        ("StartLiveTail", json!({}), invalid, "logGroupIdentifiers"),
        ("StartLiveTail", json!({ "logGroupIdentifiers": [GROUP] }), invalid, "is not the ARN"),
        ("StartLiveTail", json!({ "logGroupIdentifiers": [arn("none")] }), missing, "log group"),
        ("StartLiveTail", json!({ "logGroupIdentifiers": [arn("x:*")] }), invalid, "asterisk"),
        ("StartLiveTail", tail(json!({ "logEventFilterPattern": "[" })), invalid, "Invalid filter pattern"),
        (
            "StartLiveTail",
            tail(json!({ "logStreamNames": ["a"], "logStreamNamePrefixes": ["a"] })),
            invalid,
            "mutually exclusive",
        ),
        ("StartQuery", json!({}), "UnknownOperationException", "StartQuery"),
    ];
    for (operation, input, code, message) in cases {
        let short: String = input.to_string().chars().take(200).collect();
        let fault = match logs.call(call(operation, input)).await {
            Err(fault) => fault,
            Ok(_) => panic!("{operation} {short} is taken"),
        };
        assert_eq!((fault.code.as_str(), fault.status), (code, 400), "{operation} {short}: {fault}");
        assert!(fault.message.contains(message), "{operation} {short}: {fault}");
    }
}

#[tokio::test]
async fn groups_are_described_page_by_page() {
    let logs = logs();
    for name in ["/b/Two", "/a/one", "/b/one", "/c"] {
        ask(&logs, "CreateLogGroup", json!({ "logGroupName": name, "tags": { "stage": "dev" } })).await;
    }
    let names = |output: &Value| {
        let groups = output["logGroups"].as_array().unwrap().clone();
        groups.iter().map(|group| group["logGroupName"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let first = ask(&logs, "DescribeLogGroups", json!({ "limit": 3 })).await;
    assert_eq!(names(&first), ["/a/one", "/b/Two", "/b/one"]);
    let second = ask(&logs, "DescribeLogGroups", json!({ "limit": 3, "nextToken": first["nextToken"] })).await;
    assert_eq!((names(&second), &second["nextToken"]), (vec!["/c".to_owned()], &Value::Null));
    assert_eq!(
        names(&ask(&logs, "DescribeLogGroups", json!({ "logGroupNamePrefix": "/b" })).await),
        ["/b/Two", "/b/one"]
    );
    assert_eq!(names(&ask(&logs, "DescribeLogGroups", json!({ "logGroupNamePattern": "two" })).await), ["/b/Two"]);
    ask(&logs, "PutRetentionPolicy", json!({ "logGroupName": "/c", "retentionInDays": 7 })).await;
    logs.put(REGION, "/c", "s", vec![(0, "12345".to_owned())]);
    logs.put(REGION, "/c", "s", vec![(i64::MAX, "12345".to_owned())]);
    let group = &ask(&logs, "DescribeLogGroups", json!({ "logGroupNamePrefix": "/c" })).await["logGroups"][0];
    assert_eq!(group["retentionInDays"], 7);
    assert_eq!(group["arn"], "arn:aws:logs:us-east-2:123456789012:log-group:/c:*");
    assert_eq!(group["storedBytes"], 31, "what is older than the retention is gone");
    ask(&logs, "DeleteRetentionPolicy", json!({ "logGroupName": "/c" })).await;
    let arn = "arn:aws:logs:us-east-2:123456789012:log-group:/c";
    ask(&logs, "TagResource", json!({ "resourceArn": arn, "tags": { "a": "b" } })).await;
    ask(&logs, "UntagResource", json!({ "resourceArn": arn, "tagKeys": ["stage"] })).await;
    assert_eq!(ask(&logs, "ListTagsForResource", json!({ "resourceArn": arn })).await, json!({ "tags": { "a": "b" } }));
    ask(&logs, "DeleteLogGroup", json!({ "logGroupName": "/c" })).await;
    assert_eq!(names(&ask(&logs, "DescribeLogGroups", json!({})).await).len(), 3);
}

#[tokio::test]
async fn streams_are_described_in_either_order() {
    let logs = logs();
    let now = logs.shared.account.clock.millis();
    for (name, age) in [("b", 1), ("a", 3), ("c", 2)] {
        logs.put(REGION, GROUP, name, vec![(now - age, "m".to_owned())]);
    }
    ask(&logs, "CreateLogStream", json!({ "logGroupName": GROUP, "logStreamName": "empty" })).await;
    let cases = [
        (json!({}), "a b c empty"),
        (json!({ "descending": true }), "empty c b a"),
        (json!({ "orderBy": "LastEventTime" }), "empty a c b"),
        (json!({ "orderBy": "LastEventTime", "descending": true }), "b c a empty"),
        (json!({ "logStreamNamePrefix": "c" }), "c"),
    ];
    for (mut input, expected) in cases {
        input["logGroupIdentifier"] = "arn:aws:logs:us-east-2:123456789012:log-group:/aws/lambda/ride:*".into();
        let mut names = Vec::new();
        loop {
            input["limit"] = 1.into();
            let output = ask(&logs, "DescribeLogStreams", input.clone()).await;
            names.push(output["logStreams"][0]["logStreamName"].as_str().unwrap().to_owned());
            match output["nextToken"].as_str() {
                Some(token) => input["nextToken"] = token.into(),
                None => break,
            }
        }
        assert_eq!(names.join(" "), expected, "{input}");
    }
}

#[tokio::test]
async fn events_outside_the_window_are_rejected_and_told() {
    let (logs, _) = with_lines(1);
    let now = logs.shared.account.clock.millis();
    let put = |events: Vec<i64>| {
        let events: Vec<_> = events.iter().map(|at| json!({ "timestamp": at, "message": "m" })).collect();
        json!({ "logGroupName": GROUP, "logStreamName": "s", "logEvents": events })
    };
    let output = ask(&logs, "PutLogEvents", put(vec![now, now, now + 3 * 3_600_000])).await;
    assert_eq!(output["rejectedLogEventsInfo"], json!({ "tooNewLogEventStartIndex": 2 }));
    assert_eq!(output["nextSequenceToken"].as_str().unwrap().len(), 56);
    let output = ask(&logs, "PutLogEvents", put(vec![0])).await;
    assert_eq!(output["rejectedLogEventsInfo"], json!({ "tooOldLogEventEndIndex": 1 }));
    ask(&logs, "PutRetentionPolicy", json!({ "logGroupName": GROUP, "retentionInDays": 1 })).await;
    let output = ask(&logs, "PutLogEvents", put(vec![now - 86_400_100, now - 1000])).await;
    assert_eq!(output["rejectedLogEventsInfo"], json!({ "expiredLogEventEndIndex": 1 }));
    let output = ask(&logs, "PutLogEvents", put(vec![now])).await;
    assert_eq!(output["rejectedLogEventsInfo"], Value::Null);
    let output = ask(&logs, "FilterLogEvents", json!({ "logGroupName": GROUP })).await;
    assert_eq!(messages(&output).len(), 5);
}

#[tokio::test]
async fn one_stream_is_read_forward_and_backward() {
    let (logs, start) = with_lines(5);
    let get = |more: Value| {
        let mut input = json!({ "logGroupName": GROUP, "logStreamName": "s" });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        input
    };
    // Without a token: the newest, in order of time.
    let page = ask(&logs, "GetLogEvents", get(json!({ "limit": 2 }))).await;
    assert_eq!(messages(&page), ["line 3", "line 4"]);
    let older = ask(&logs, "GetLogEvents", get(json!({ "limit": 2, "nextToken": page["nextBackwardToken"] }))).await;
    assert_eq!(messages(&older), ["line 1", "line 2"]);
    let oldest = ask(&logs, "GetLogEvents", get(json!({ "limit": 2, "nextToken": older["nextBackwardToken"] }))).await;
    assert_eq!(messages(&oldest), ["line 0"]);
    let end = ask(&logs, "GetLogEvents", get(json!({ "nextToken": oldest["nextBackwardToken"] }))).await;
    assert_eq!((messages(&end).len(), &end["nextBackwardToken"]), (0, &oldest["nextBackwardToken"]));
    // Turned round at the end: nothing is passed over.
    let again = ask(&logs, "GetLogEvents", get(json!({ "limit": 1, "nextToken": end["nextForwardToken"] }))).await;
    assert_eq!(messages(&again), ["line 0"]);
    // Forward, to the same token at the end; then what has come since.
    let head = ask(&logs, "GetLogEvents", get(json!({ "startFromHead": true, "limit": 3 }))).await;
    assert_eq!(messages(&head), ["line 0", "line 1", "line 2"]);
    let rest = ask(&logs, "GetLogEvents", get(json!({ "nextToken": head["nextForwardToken"] }))).await;
    assert_eq!(messages(&rest), ["line 3", "line 4"]);
    let token = rest["nextForwardToken"].clone();
    let end = ask(&logs, "GetLogEvents", get(json!({ "nextToken": token }))).await;
    assert_eq!((messages(&end).len(), &end["nextForwardToken"]), (0, &token));
    let back = ask(&logs, "GetLogEvents", get(json!({ "limit": 1, "nextToken": end["nextBackwardToken"] }))).await;
    assert_eq!(messages(&back), ["line 4"]);
    logs.put(REGION, GROUP, "s", vec![(start + 9, "new".to_owned())]);
    assert_eq!(messages(&ask(&logs, "GetLogEvents", get(json!({ "nextToken": token }))).await), ["new"]);
    // The end of a range is outside of it here.
    let range = get(json!({ "startTime": start + 1, "endTime": start + 3, "startFromHead": true }));
    assert_eq!(messages(&ask(&logs, "GetLogEvents", range).await), ["line 1", "line 2"]);
    // An empty stream can be polled from before its first event.
    ask(&logs, "CreateLogStream", json!({ "logGroupName": GROUP, "logStreamName": "empty" })).await;
    let poll = |token: &Value| json!({ "logGroupName": GROUP, "logStreamName": "empty", "nextToken": token });
    let empty = ask(&logs, "GetLogEvents", poll(&Value::Null)).await;
    logs.put(REGION, GROUP, "empty", vec![(start, "first".to_owned())]);
    assert_eq!(messages(&ask(&logs, "GetLogEvents", poll(&empty["nextForwardToken"])).await), ["first"]);
}

#[tokio::test]
async fn a_filter_interleaves_streams_and_pages() {
    let logs = logs();
    let now = logs.shared.account.clock.millis();
    for index in 0..3000_i64 {
        // Streams take turns; every third pair has one time.
        let stream = ["x/1", "x/2", "y/1"][(index % 3) as usize];
        logs.put(REGION, GROUP, stream, vec![(now - 10_000 + index / 2, format!("line {index} {}", index % 10))]);
    }
    let mut input = json!({ "logGroupName": GROUP, "limit": 700 });
    let (mut all, mut ids, mut pages) = (Vec::new(), BTreeSet::new(), 0);
    loop {
        let output = ask(&logs, "FilterLogEvents", input.clone()).await;
        all.extend(messages(&output).iter().map(|message| (*message).to_owned()));
        ids.extend(
            output["events"].as_array().unwrap().iter().map(|event| event["eventId"].as_str().unwrap().to_owned()),
        );
        pages += 1;
        match output["nextToken"].as_str() {
            Some(token) => input["nextToken"] = token.into(),
            None => break,
        }
    }
    let expected: Vec<_> = (0..3000).map(|index| format!("line {index} {}", index % 10)).collect();
    assert_eq!((all, ids.len(), pages), (expected, 3000, 5));
    let cases = [
        (json!({ "filterPattern": "% 7$%" }), 300),
        (json!({ "filterPattern": "line -% 7$%" }), 2700),
        (json!({ "logStreamNames": ["x/1", "y/1"] }), 2000),
        (json!({ "logStreamNamePrefix": "x/" }), 2000),
        // The end of a range is inside of it here.
        (json!({ "startTime": now - 10_000 + 10, "endTime": now - 10_000 + 19 }), 20),
        (json!({ "filterPattern": "nowhere" }), 0),
    ];
    for (mut input, count) in cases {
        input["logGroupName"] = GROUP.into();
        let output = ask(&logs, "FilterLogEvents", input.clone()).await;
        assert_eq!((messages(&output).len(), &output["nextToken"]), (count, &Value::Null), "{input}");
    }
}

#[tokio::test]
async fn access_is_asked_for_on_arns_that_policies_name() {
    let logs = logs();
    let cases = [
        ("PutLogEvents", json!({ "logGroupName": "g", "logStreamName": "s" }), ":log-group:g:log-stream:s"),
        ("CreateLogStream", json!({ "logGroupName": "g", "logStreamName": "s" }), ":log-group:g:log-stream:s"),
        ("CreateLogGroup", json!({ "logGroupName": "g" }), ":log-group:g:log-stream:"),
        ("DescribeLogGroups", json!({}), ":log-group::log-stream:"),
        (
            "FilterLogEvents",
            json!({ "logGroupIdentifier": "arn:aws:logs:us-east-2:123456789012:log-group:g" }),
            ":log-group:g:log-stream:",
        ),
        (
            "StartLiveTail",
            json!({ "logGroupIdentifiers": ["arn:aws:logs:us-east-2:123456789012:log-group:g"] }),
            ":log-group:g:log-stream:",
        ),
    ];
    for (operation, input, resource) in cases {
        let access = logs.access(&call(operation, input));
        assert_eq!(access.len(), 1, "{operation}");
        assert_eq!(access[0].action, format!("logs:{operation}"));
        assert_eq!(access[0].resource, format!("arn:aws:logs:us-east-2:123456789012{resource}"), "{operation}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_live_tail_tells_at_once_and_each_second() {
    let (logs, start) = with_lines(1);
    let arn = format!("arn:aws:logs:{REGION}:123456789012:log-group:{GROUP}");
    let input = json!({ "logGroupIdentifiers": [arn], "logEventFilterPattern": "ride", "logStreamNames": ["s"] });
    let Ok(Reply::Stream { content_type, mut body }) = logs.call(call("StartLiveTail", input.clone())).await else {
        panic!("no stream")
    };
    assert_eq!(content_type, "application/vnd.amazon.eventstream");
    let mut next = async || {
        let message = read_message_from(&mut &body.next().await.unwrap()[..]).unwrap();
        let kind = message.headers().iter().find(|header| header.name().as_str() == ":event-type").unwrap();
        let kind = kind.value().as_string().unwrap().as_str().to_owned();
        (kind, serde_json::from_slice::<Value>(message.payload()).unwrap())
    };
    assert_eq!(next().await.0, "initial-response");
    let (kind, payload) = next().await;
    assert_eq!((kind.as_str(), &payload["logEventFilterPattern"]), ("sessionStart", &json!("ride")));
    let began = tokio::time::Instant::now();
    logs.put(REGION, GROUP, "other", vec![(start, "ride elsewhere".to_owned())]);
    logs.put(REGION, "/other", "s", vec![(start, "ride elsewhere".to_owned())]);
    logs.put(REGION, GROUP, "s", vec![(start, "ride 1".to_owned()), (start, "noise".to_owned())]);
    let (kind, payload) = next().await;
    assert_eq!(kind, "sessionUpdate");
    assert_eq!(payload["sessionMetadata"], json!({ "sampled": false }));
    assert_eq!(payload["sessionResults"].as_array().unwrap().len(), 1);
    assert_eq!(payload["sessionResults"][0]["message"], "ride 1");
    assert_eq!(payload["sessionResults"][0]["logGroupIdentifier"], format!("123456789012:{GROUP}"));
    assert_eq!(began.elapsed(), Duration::ZERO, "nothing was waited for");
    let (_, payload) = next().await;
    assert_eq!((payload["sessionResults"].clone(), began.elapsed().as_secs()), (json!([]), 1));
    // More than the ring holds: the rest is said to be missing.
    for index in 0..11_000 {
        logs.put(REGION, GROUP, "s", vec![(start, format!("ride {index}"))]);
    }
    let (_, payload) = next().await;
    assert_eq!(payload["sessionMetadata"], json!({ "sampled": true }));
    assert_eq!(payload["sessionResults"].as_array().unwrap().len(), 500);
    // Sessions are counted, and a client that left counts no more.
    let mut sessions = Vec::new();
    for _ in 0..14 {
        sessions.push(logs.call(call("StartLiveTail", input.clone())).await.ok().unwrap());
    }
    let Err(fault) = logs.call(call("StartLiveTail", input.clone())).await else { panic!("one too many") };
    assert_eq!(fault.code, "LimitExceededException");
    sessions.pop();
    assert!(logs.call(call("StartLiveTail", input)).await.is_ok());
}

#[tokio::test]
async fn memory_is_bounded_and_the_loss_is_told() {
    let account = Arc::new(Account::new(None, 1.0));
    let mut feed = account.feed.listen();
    let logs = Logs::with_budget(Arc::clone(&account), 1 << 20);
    let now = account.clock.millis();
    logs.put(REGION, "small", "s", vec![(now - 1_000_000, "old but alone".to_owned())]);
    for index in 0..20_000 {
        let stream = if index % 2 == 0 { "a" } else { "b" };
        logs.put(REGION, GROUP, stream, vec![(now - 20_000 + index, format!("{index:0100}"))]);
    }
    assert!(logs.shared.lock().cost <= 1 << 20);
    let groups = ask(&logs, "DescribeLogGroups", json!({})).await;
    let dropped = groups["logGroups"][0]["droppedEvents"].as_u64().unwrap();
    let kept = groups["logGroups"][0]["storedBytes"].as_u64().unwrap() / 126;
    assert_eq!((dropped + kept, &groups["logGroups"][1]["storedBytes"]), (20_000, &json!(39)));
    assert!(kept > 4000, "{kept} is little for the budget");
    let first = ask(&logs, "FilterLogEvents", json!({ "logGroupName": GROUP, "limit": 1 })).await;
    assert_eq!(messages(&first)[0].trim_start_matches('0'), dropped.to_string(), "the oldest went, of both streams");
    assert!(
        matches!(feed.try_recv().unwrap().happening, Happening::Note(text) if text.contains("the logs are full (1 MiB)"))
    );
}

#[tokio::test]
async fn logs_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let open = || Logs::new(Arc::new(Account::new(Some(folder.path().to_owned()), 1.0)));
    let all = async |logs: &Logs| {
        let groups = ask(logs, "DescribeLogGroups", json!({})).await;
        let streams = ask(logs, "DescribeLogStreams", json!({ "logGroupName": GROUP })).await;
        let events = ask(logs, "FilterLogEvents", json!({ "logGroupName": GROUP })).await;
        (groups, streams, events)
    };
    let logs = open();
    let now = logs.shared.account.clock.millis();
    ask(&logs, "CreateLogGroup", json!({ "logGroupName": GROUP, "tags": { "a": "b" } })).await;
    ask(&logs, "PutRetentionPolicy", json!({ "logGroupName": GROUP, "retentionInDays": 30 })).await;
    for index in 0..100 {
        logs.put(REGION, GROUP, ["s", "t"][index % 2], vec![(now, format!("🦄 {index}\n")), (now - 1, String::new())]);
    }
    ask(&logs, "CreateLogStream", json!({ "logGroupName": GROUP, "logStreamName": "empty" })).await;
    ask(&logs, "CreateLogStream", json!({ "logGroupName": GROUP, "logStreamName": "gone" })).await;
    ask(&logs, "DeleteLogStream", json!({ "logGroupName": GROUP, "logStreamName": "gone" })).await;
    logs.put(REGION, "gone", "s", vec![(now, "m".to_owned())]);
    logs.delete_group(REGION, "gone");
    let before = all(&logs).await;
    drop(logs);
    let logs = open();
    assert_eq!(all(&logs).await, before);
    // Rewritten, it is the same; and ids are not used twice.
    let image = super::record::records(&logs.shared.lock());
    let next = logs.shared.lock().next;
    drop(logs);
    let (mut segments, damage) = super::journal::Segments::open(&folder.path().join("logs"), |_| {}).unwrap();
    assert_eq!(damage, None);
    segments.replace(&image).unwrap();
    let logs = open();
    assert_eq!((all(&logs).await, logs.shared.lock().next), (before, next));
}

#[tokio::test]
async fn a_folder_that_cannot_be_used_costs_persistence_alone() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("logs"), "no folder").unwrap();
    let account = Arc::new(Account::new(Some(folder.path().to_owned()), 1.0));
    let mut feed = account.feed.listen();
    let logs = Logs::new(Arc::clone(&account));
    logs.put(REGION, GROUP, "s", vec![(1, "m".to_owned())]);
    let told = feed.recv().await.unwrap().happening;
    assert!(matches!(told, Happening::Note(text) if text.contains("are not kept across restarts")));
}

proptest! {
    #[test]
    fn places_sort_as_their_ids(left in (0..i64::MAX, any::<u64>()), right in (0..i64::MAX, any::<u64>())) {
        let [left, right] = [left, right].map(|(timestamp, number)| Place { timestamp, number });
        prop_assert_eq!(left.cmp(&right), left.id().cmp(&right.id()));
        prop_assert_eq!(Place::from_id(&left.id()), Some(left));
    }

    /// Whatever order lines come in, streams stay in order and pages of any size hold each line once.
    #[test]
    fn pages_hold_every_line_once(lines in prop::collection::vec((0..50_i64, 0..3_usize), 0..60), limit in 1..20_usize) {
        let logs = logs();
        for (index, (time, stream)) in lines.iter().enumerate() {
            logs.put(REGION, GROUP, ["a", "b", "c"][*stream], vec![(*time, index.to_string())]);
        }
        logs.create_group(REGION, GROUP);
        let mut expected: Vec<_> = lines.iter().enumerate().map(|(index, (time, _))| (*time, index)).collect();
        expected.sort_unstable();
        let expected: Vec<_> = expected.iter().map(|(_, index)| index.to_string()).collect();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let found = runtime.block_on(async {
            let (mut input, mut found) = (json!({ "logGroupName": GROUP, "limit": limit }), Vec::new());
            loop {
                let output = ask(&logs, "FilterLogEvents", input.clone()).await;
                found.extend(messages(&output).iter().map(|message| (*message).to_owned()));
                match output["nextToken"].as_str() {
                    Some(token) => input["nextToken"] = token.into(),
                    None => return found,
                }
            }
        });
        prop_assert_eq!(found, expected);
    }
}
