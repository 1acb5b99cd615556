//! The gateway with a function that answers what a test says: routes, events, answers, and everything that goes wrong.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::{
    Account, Fault, Front, FunctionError, Happening, Invocation, Invoke, Invoking, Page, PageBody, RestRequest,
};
use super::routes::{Found, Resources};
use super::{Api, Cors, Gateway, Route};

/// What the function does.
#[derive(Clone)]
enum Does {
    Answers(Value),
    Raw(Vec<u8>),
    Fails(FunctionError),
    IsRefused(Fault),
    TakesLong,
}

struct Functions {
    does: Does,
    events: Mutex<Vec<(String, String, Value)>>,
}

impl Invoke for Functions {
    fn invoke<'a>(&'a self, region: &'a str, function: &'a str, payload: Bytes) -> Invoking<'a> {
        let event = serde_json::from_slice(&payload).unwrap();
        self.events.lock().unwrap().push((region.to_owned(), function.to_owned(), event));
        Box::pin(async move {
            let (payload, error) = match self.does.clone() {
                Does::Answers(answer) => (answer.to_string().into(), None),
                Does::Raw(bytes) => (bytes.into(), None),
                Does::Fails(error) => (Bytes::from_static(br#"{"errorMessage": "secret"}"#), Some(error)),
                Does::IsRefused(fault) => return Err(fault),
                Does::TakesLong => {
                    tokio::time::sleep(Duration::from_secs(60)).await;
                    (Bytes::new(), None)
                }
            };
            Ok(Invocation { request_id: "i".to_owned(), payload, error, log_tail: String::new(), duration: 1.0 })
        })
    }

    fn invoke_later(&self, _: &str, _: &str, _: Bytes) -> Result<String, Fault> {
        panic!("API Gateway invokes synchronously")
    }
}

const FUNCTION: &str = "arn:aws:lambda:us-east-2:123456789012:function:wild-rydes-dev-RequestRide";

fn route(method: &str, path: &str, cors: Option<Cors>) -> Route {
    Route { method: method.to_owned(), path: path.to_owned(), function: FUNCTION.to_owned(), cors }
}

fn api() -> Api {
    let routes = vec![
        route("POST", "/ride", Some(Cors::default())),
        route("GET", "ride/{id}", None),
        route(
            "ANY",
            "/files/{proxy+}",
            Some(Cors { origins: vec!["https://a".into(), "https://b".into()], ..Cors::default() }),
        ),
    ];
    Api { id: "abcde12345".to_owned(), name: "dev-wild-rydes".to_owned(), stage: "dev".to_owned(), routes }
}

fn gateway(does: Does) -> (Gateway, Arc<Functions>, Arc<Account>) {
    let functions = Arc::new(Functions { does, events: Mutex::default() });
    let account = Arc::new(Account::new(None, 1.0));
    account.bound(4242);
    let gateway = Gateway::new(Arc::clone(&account), Arc::clone(&functions) as Arc<dyn Invoke>);
    gateway.put_api("us-east-2", api());
    (gateway, functions, account)
}

fn request(method: &str, path: &str) -> RestRequest {
    let path = format!("/execute-api/abcde12345/dev{path}");
    RestRequest { method: method.to_owned(), path, ..RestRequest::default() }
}

fn body(page: &Page) -> &[u8] {
    match &page.body {
        PageBody::Whole(bytes) => bytes,
        PageBody::Stream(_) => panic!("a stream"),
    }
}

fn header<'a>(page: &'a Page, name: &str) -> Vec<&'a str> {
    page.headers.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str()).collect()
}

async fn text(gateway: &Gateway, request: RestRequest) -> (u16, String) {
    let page = gateway.serve(request).await;
    (page.status, String::from_utf8(body(&page).to_vec()).unwrap())
}

#[tokio::test]
async fn a_request_becomes_the_event_that_aws_makes() {
    let (gateway, functions, account) = gateway(Does::Answers(json!({ "statusCode": 201, "body": "{}" })));
    let mut feed = account.feed.listen();
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let asked = RestRequest {
        query: vec![pair("a", "1"), pair("b", "é"), pair("a", "2")],
        headers: vec![
            pair("host", "127.0.0.1:4242"),
            pair("user-agent", "curl/8"),
            pair("x-api-key", "k"),
            pair("accept", "a"),
            pair("accept", "b"),
            pair("content-length", "7"),
            pair("connection", "close"),
        ],
        body: Bytes::from_static(b"{\"a\":1}"),
        ..request("POST", "/ride")
    };
    let page = gateway.serve(asked).await;
    assert_eq!((page.status, body(&page)), (201, &b"{}"[..]));
    assert_eq!(header(&page, "content-type"), ["application/json"]);
    let (region, function, mut event) = functions.events.lock().unwrap().pop().unwrap();
    assert_eq!((region.as_str(), function.as_str()), ("us-east-2", FUNCTION));
    assert_eq!(header(&page, "x-amzn-requestid"), [event["requestContext"]["requestId"].as_str().unwrap()]);
    assert_eq!(header(&page, "x-amz-apigw-id"), [event["requestContext"]["extendedRequestId"].as_str().unwrap()]);
    assert_eq!(header(&page, "x-amzn-trace-id"), [event["headers"]["X-Amzn-Trace-Id"].as_str().unwrap()]);
    // What differs from run to run, after a look at its shape.
    let context = event["requestContext"].as_object_mut().unwrap();
    assert!(context["requestTimeEpoch"].as_i64().unwrap() > 1_700_000_000_000);
    assert_eq!(context["extendedRequestId"].as_str().unwrap().len(), 16);
    let time = context["requestTime"].as_str().unwrap();
    chrono::DateTime::parse_from_str(time, "%d/%b/%Y:%H:%M:%S %z").unwrap();
    for name in ["requestId", "extendedRequestId", "requestTime", "requestTimeEpoch"] {
        context[name] = "*".into();
    }
    let trace = std::mem::replace(&mut event["headers"]["X-Amzn-Trace-Id"], "*".into());
    assert_eq!(trace.as_str().unwrap().len(), "Root=1-5759e988-bd862e3fe1be46a994272793".len());
    event["multiValueHeaders"]["X-Amzn-Trace-Id"] = "*".into();
    insta::assert_json_snapshot!(event);
    let Happening::Request { route, function, status, .. } = feed.try_recv().unwrap().happening else { panic!() };
    assert_eq!((route.as_str(), function.as_deref(), status), ("POST /ride", Some("wild-rydes-dev-RequestRide"), 201));
}

#[tokio::test]
async fn bodies_that_are_no_text_are_base64_both_ways() {
    let answer = json!({ "statusCode": 200, "isBase64Encoded": true, "body": "/wA=" });
    let (gateway, functions, _) = gateway(Does::Answers(answer));
    let page = gateway.serve(RestRequest { body: Bytes::from_static(&[255, 0]), ..request("POST", "/ride") }).await;
    assert_eq!(body(&page), [255, 0]);
    gateway.serve(request("POST", "/ride")).await;
    let events: Vec<_> = functions.events.lock().unwrap().drain(..).map(|(.., event)| event).collect();
    assert_eq!((&events[0]["body"], &events[0]["isBase64Encoded"]), (&json!("/wA="), &json!(true)));
    assert_eq!((&events[1]["body"], &events[1]["isBase64Encoded"]), (&Value::Null, &json!(false)));
}

#[tokio::test]
async fn what_is_no_answer_becomes_the_error_that_aws_gives() {
    const BROKEN: (u16, &str) = (502, r#"{"message": "Internal server error"}"#);
    let answers = |answer: Value| Does::Answers(answer);
    let cases = [
        (answers(json!({ "statusCode": "201", "body": "ok" })), (201, "ok")),
        (answers(json!({ "statusCode": 200.0, "body": null })), (200, "")),
        (answers(json!({ "statusCode": 204 })), (204, "")),
        (answers(json!({ "statusCode": 418, "body": "é", "headers": null })), (418, "é")),
        (answers(json!({ "body": "x" })), BROKEN),
        (answers(json!({ "statusCode": "ok" })), BROKEN),
        (answers(json!({ "statusCode": 99 })), BROKEN),
        (answers(json!({ "statusCode": 1000 })), BROKEN),
        (answers(json!({ "statusCode": 200.5 })), BROKEN),
        (answers(json!({ "statusCode": true })), BROKEN),
        (answers(json!({ "statusCode": 200, "body": { "a": 1 } })), BROKEN),
        (answers(json!({ "statusCode": 200, "body": "%", "isBase64Encoded": true })), BROKEN),
        (answers(json!({ "statusCode": 200, "headers": ["a"] })), BROKEN),
        (answers(json!({ "statusCode": 200, "headers": { "a": {} } })), BROKEN),
        (answers(json!({ "statusCode": 200, "headers": { "a b": "c" } })), BROKEN),
        (answers(json!({ "statusCode": 200, "headers": { "a": "b\r\nc: d" } })), BROKEN),
        (answers(json!({ "statusCode": 200, "multiValueHeaders": { "a": "b" } })), BROKEN),
        (answers(json!("text")), BROKEN),
        (answers(json!(null)), BROKEN),
        (Does::Raw(b"{".to_vec()), BROKEN),
        (answers(json!({ "statusCode": 200, "body": "x".repeat(7 << 20) })), BROKEN),
        (Does::Fails(FunctionError::Unhandled), BROKEN),
        (Does::Fails(FunctionError::TimedOut), BROKEN),
        (Does::Fails(FunctionError::Died), BROKEN),
        (
            Does::IsRefused(Fault::sender("TooManyRequestsException", "Rate Exceeded.").status(429)),
            (500, r#"{"message": "Internal server error"}"#),
        ),
        (
            Does::IsRefused(Fault::sender("ResourceNotFoundException", "Function not found").status(404)),
            (500, r#"{"message": "Internal server error"}"#),
        ),
    ];
    for (index, (does, (status, expected))) in cases.into_iter().enumerate() {
        let (gateway, ..) = gateway(does);
        let page = gateway.serve(request("POST", "/ride")).await;
        assert_eq!((page.status, body(&page)), (status, expected.as_bytes()), "case {index}");
        assert_eq!(header(&page, "x-amzn-requestid").len(), 1, "case {index}");
    }
}

#[tokio::test]
async fn headers_of_answers_arrive_once_and_never_break_the_wire() {
    let (gateway, ..) = gateway(Does::Answers(json!({
        "statusCode": 200,
        "headers": { "Access-Control-Allow-Origin": "*", "X-Count": 3, "content-type": "text/html", "Content-Length": "9" },
        "multiValueHeaders": { "Set-Cookie": ["a=1", "b=2"], "X-Count": [3], "Transfer-Encoding": ["chunked"] },
    })));
    let page = gateway.serve(request("POST", "/ride")).await;
    assert_eq!(header(&page, "access-control-allow-origin"), ["*"]);
    assert_eq!(header(&page, "content-type"), ["text/html"]);
    assert_eq!(header(&page, "set-cookie"), ["a=1", "b=2"]);
    assert_eq!(header(&page, "x-count"), ["3"]);
    assert!(header(&page, "content-length").is_empty() && header(&page, "transfer-encoding").is_empty());
}

#[tokio::test(start_paused = true)]
async fn after_29_seconds_the_client_is_let_go() {
    let (gateway, ..) = gateway(Does::TakesLong);
    let began = tokio::time::Instant::now();
    let expected = (504, r#"{"message": "Endpoint request timed out"}"#.to_owned());
    assert_eq!(text(&gateway, request("POST", "/ride")).await, expected);
    assert_eq!(began.elapsed().as_secs(), 29);
}

#[tokio::test]
async fn who_asks_for_what_is_not_there_is_refused() {
    let (gateway, functions, _) = gateway(Does::Answers(json!({ "statusCode": 200 })));
    let missing = r#"{"message":"Missing Authentication Token"}"#;
    let forbidden = r#"{"message":"Forbidden"}"#;
    let at = |path: &str| RestRequest { path: path.to_owned(), ..request("POST", "") };
    let cases = [
        (request("POST", "/rides"), 403, missing),
        (request("GET", "/ride"), 403, missing),
        (request("OPTIONS", "/ride/7"), 403, missing),
        (request("POST", ""), 403, missing),
        (request("POST", "/files"), 403, missing),
        (at("/execute-api/abcde12345/prod/ride"), 403, forbidden),
        (at("/execute-api/abcde12345/development/ride"), 403, forbidden),
        (at("/execute-api/zzzzz/dev/ride"), 403, forbidden),
        (at("/execute-api"), 403, forbidden),
        (at("/execute-api/abcde12345"), 403, forbidden),
        (
            RestRequest { body: vec![b'x'; (10 << 20) + 1].into(), ..request("POST", "/ride") },
            413,
            r#"{"message":"Request Too Long"}"#,
        ),
    ];
    for (request, status, expected) in cases {
        let path = format!("{} {}", request.method, request.path);
        assert_eq!(text(&gateway, request).await, (status, expected.to_owned()), "{path}");
    }
    assert!(functions.events.lock().unwrap().is_empty());
    gateway.delete_api("us-east-1", "abcde12345");
    assert_eq!(gateway.serve(request("POST", "/ride")).await.status, 200, "another region's is another");
    gateway.delete_api("us-east-2", "abcde12345");
    assert_eq!(gateway.serve(request("POST", "/ride")).await.status, 403);
    assert_eq!(gateway.url("abcde12345", "dev"), "http://127.0.0.1:4242/execute-api/abcde12345/dev");
}

#[tokio::test]
async fn browsers_may_ask_before_they_send() {
    let (gateway, functions, _) = gateway(Does::Answers(json!({ "statusCode": 200 })));
    let page = gateway.serve(request("OPTIONS", "/ride")).await;
    assert_eq!((page.status, body(&page).len()), (200, 0));
    assert_eq!(header(&page, "access-control-allow-origin"), ["*"]);
    assert_eq!(header(&page, "access-control-allow-methods"), ["OPTIONS,POST"]);
    assert!(header(&page, "access-control-allow-headers")[0].starts_with("Content-Type,X-Amz-Date,Authorization"));
    // Before ANY; and the origin that asks is named if it may.
    for (origin, allowed) in [("https://b", "https://b"), ("https://evil", "https://a")] {
        let headers = vec![("origin".to_owned(), origin.to_owned())];
        let page = gateway.serve(RestRequest { headers, ..request("OPTIONS", "/files/a/b") }).await;
        assert_eq!(header(&page, "access-control-allow-origin"), [allowed]);
    }
    assert!(functions.events.lock().unwrap().is_empty());
}

#[test]
fn exact_paths_go_before_parameters_and_these_before_the_rest() {
    let paths = ["/", "/a", "/a/b", "/a/{x}", "/{y}/c", "/a/{x}/d", "/{proxy+}", "/f/{rest+}"];
    let routes: Vec<_> = paths.iter().map(|path| route("ANY", path, None)).collect();
    let resources = Resources::new(&routes);
    let cases = [
        ("/", "/", ""),
        ("/a", "/a", ""),
        ("/a/", "/a", ""),
        ("/a/b", "/a/b", ""),
        ("/a/z", "/a/{x}", "x=z"),
        ("/a/c", "/a/{x}", "x=c"),
        ("/b/c", "/{y}/c", "y=b"),
        ("/a/b/d", "/a/{x}/d", "x=b"),
        ("/a/b/e", "/{proxy+}", "proxy=a/b/e"),
        ("/z", "/{proxy+}", "proxy=z"),
        ("/f", "/{proxy+}", "proxy=f"),
        ("/f/g/h", "/f/{rest+}", "rest=g/h"),
        ("/a b/é", "/{proxy+}", "proxy=a b/é"),
    ];
    for (path, expected, expected_parameters) in cases {
        let Found::Route { resource, parameters, .. } = resources.find("GET", path) else { panic!("{path}") };
        let parameters: HashMap<_, _> = parameters.into_iter().collect();
        let parameters: Vec<_> = parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!((resource, parameters.join("&").as_str()), (expected, expected_parameters), "{path}");
    }
    let methods = Resources::new(&[route("ANY", "/a", None), route("post", "/a", None), route("ANY", "/{p+}", None)]);
    let method = |method: &str, path: &str| match methods.find(method, path) {
        Found::Route { route, .. } => route.method.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        (method("POST", "/a"), method("PUT", "/a"), method("PUT", "/b")),
        ("post".into(), "ANY".into(), "ANY".into())
    );
}

#[tokio::test]
async fn http_apis_speak_payload_2() {
    let (gateway, functions, _) = gateway(Does::Answers(json!({ "RideId": 7 })));
    gateway.put_http_api("us-east-2", Api { id: "http".to_owned(), ..api() });
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let asked = RestRequest {
        path: "/execute-api/http/dev/ride/a b".to_owned(),
        query: vec![pair("q", "1 2"), pair("q", "3")],
        headers: vec![pair("cookie", "a=1; b=2"), pair("accept", "x"), pair("accept", "y")],
        ..request("GET", "")
    };
    assert_eq!(text(&gateway, asked).await, (200, r#"{"RideId":7}"#.to_owned()));
    let (.., event) = functions.events.lock().unwrap().pop().unwrap();
    let expected = [
        ("/version", json!("2.0")),
        ("/routeKey", json!("GET /ride/{id}")),
        ("/rawPath", json!("/ride/a b")),
        ("/rawQueryString", json!("q=1%202&q=3")),
        ("/queryStringParameters/q", json!("1 2,3")),
        ("/pathParameters/id", json!("a b")),
        ("/cookies", json!(["a=1", "b=2"])),
        ("/headers/accept", json!("x,y")),
        ("/requestContext/http/method", json!("GET")),
    ];
    for (pointer, value) in expected {
        assert_eq!(event.pointer(pointer), Some(&value), "{pointer}");
    }
    assert!(event.get("body").is_none() && event["headers"].get("cookie").is_none());
    let at = |path: &str| RestRequest { path: path.to_owned(), ..request("GET", "") };
    gateway.put_http_api("us-east-2", Api { id: "plain".to_owned(), stage: "$default".to_owned(), ..api() });
    assert_eq!(gateway.url("plain", "$default"), "http://127.0.0.1:4242/execute-api/plain");
    assert_eq!(gateway.serve(at("/execute-api/plain/ride/7")).await.status, 200);
    let missing = at("/execute-api/http/dev/none");
    assert_eq!(text(&gateway, missing).await, (404, r#"{"message":"Not Found"}"#.to_owned()));
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,8}".prop_map(Value::from),
        (200..600_i64).prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        let keys =
            prop::sample::select(vec!["statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded", "a b"]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((keys, inner), 0..5).prop_map(|pairs| {
                Value::Object(pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
            }),
        ]
    })
}

proptest! {
    /// Whatever a function answers, the page can be sent.
    #[test]
    fn any_answer_is_a_page_or_a_refusal(answer in json_value()) {
        let stamp = super::answer::Stamp::new(0);
        for kind in [super::Kind::Rest, super::Kind::Http] {
            if let Ok(page) = super::answer::page(kind, answer.to_string().as_bytes(), &stamp) {
                prop_assert!((200..600).contains(&page.status));
                for (name, value) in &page.headers {
                    prop_assert!(hyper::header::HeaderName::from_bytes(name.as_bytes()).is_ok());
                    prop_assert!(hyper::header::HeaderValue::from_str(value).is_ok());
                }
            }
        }
    }
}
