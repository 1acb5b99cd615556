//! Every way in which a function can fail, in Lambda's words.

use std::time::Duration;

use rydes::sandbox::FunctionError;
use serde_json::json;

use super::{Cloud, REGION, nothing, runs};

#[tokio::test]
async fn errors_read_as_lambdas() {
    let cloud = Cloud::new();
    for (name, code, kind, message) in [
        ("raises", "def handler(event, context):\n    return event['body']\n", "KeyError", "'body'"),
        (
            "imports",
            "import nowhere\n",
            "Runtime.ImportModuleError",
            "Unable to import module 'handlers/imports': No module named 'nowhere'",
        ),
        (
            "missing",
            "def other(): pass\n",
            "Runtime.HandlerNotFound",
            "Handler 'handler' missing on module 'handlers/missing'",
        ),
        (
            "broken",
            "x = 1\ndef handler(:\n    pass\n",
            "Runtime.UserCodeSyntaxError",
            "Syntax error in module 'handlers/broken': invalid syntax (broken.py, line 2)",
        ),
        ("early", "undefined\n", "NameError", "name 'undefined' is not defined"),
        (
            "answers",
            "def handler(event, context):\n    return {1, 2}\n",
            "Runtime.MarshalError",
            "Unable to marshal response: Object of type set is not JSON serializable",
        ),
        (
            "large",
            "def handler(event, context):\n    return 'x' * 6291556\n",
            "Function.ResponseSizeTooLarge",
            "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
        ),
    ] {
        cloud.deploy(name, code);
        let (how, error) = cloud.fails(name, &nothing()).await;
        assert_eq!(how, FunctionError::Unhandled);
        assert_eq!((&error["errorType"], &error["errorMessage"]), (&json!(kind), &json!(message)), "{name}");
        assert!(error["requestId"].is_string() && error["stackTrace"].is_array(), "{error}");
        // And it is logged, as one event.
        let lines = cloud.lines.all();
        assert!(
            lines.iter().any(|line| line.starts_with(&format!("[ERROR] {kind}: {message}\nTraceback"))),
            "{lines:#?}"
        );
        // It fails the same way again.
        assert_eq!(cloud.fails(name, &nothing()).await.1["errorType"], kind);
    }
    let (_, error) = cloud.fails("raises", &nothing()).await;
    let place = format!(
        "  File \"{}/handlers/raises.py\", line 2, in handler\n",
        cloud.service().canonicalize().unwrap().display()
    );
    let trace = error["stackTrace"].as_array().unwrap();
    assert!(trace.len() == 1 && trace[0].as_str().unwrap().starts_with(&place), "{trace:?}");
    let unknown = rydes::sandbox::Invoke::invoke(&*cloud.lambda, REGION, "nobody", "{}".into()).await.unwrap_err();
    assert_eq!((unknown.status, unknown.code.as_str()), (404, "ResourceNotFoundException"));
    assert_eq!(unknown.message, "Function not found: arn:aws:lambda:us-east-2:123456789012:function:nobody");
}

#[tokio::test]
async fn a_function_that_takes_too_long_is_stopped() {
    let cloud = Cloud::new();
    cloud.save("loop", "import os\ndef handler(event, context):\n    print(os.getpid())\n    while True: pass\n");
    cloud
        .lambda
        .put_function(REGION, rydes::sandbox::Function { timeout: Duration::from_secs(1), ..cloud.function("loop") });
    let (how, error) = cloud.fails("loop", &nothing()).await;
    assert_eq!((how, &error["errorType"]), (FunctionError::TimedOut, &json!("Sandbox.Timedout")));
    assert!(error["errorMessage"].as_str().unwrap().ends_with(" Error: Task timed out after 1.00 seconds"), "{error}");
    let lines = cloud.lines.all();
    let [_, process, words, _, report] = lines.as_slice() else { panic!("{lines:#?}") };
    assert!(words.ends_with(" Task timed out after 1.00 seconds"), "{words}");
    assert!(
        report.contains("\tDuration: 1000.00 ms\tBilled Duration: 1000 ms\t") && report.ends_with("\tStatus: timeout"),
        "{report}"
    );
    assert!(!runs(process.parse().unwrap()), "the endless loop goes on");
}

#[tokio::test]
async fn a_process_that_ends_is_told_apart() {
    let cloud = Cloud::new();
    for (name, code, words) in [
        ("exits", "import sys\ndef handler(event, context):\n    sys.exit(3)\n", "exited with error: exit status 3"),
        ("quits", "import os\ndef handler(event, context):\n    os._exit(0)\n", "exited without providing a reason"),
        (
            "dies",
            "import os\ndef handler(event, context):\n    os.kill(os.getpid(), 9)\n",
            "exited with error: signal: killed",
        ),
        ("early", "import os\nos._exit(2)\n", "exited with error: exit status 2"),
    ] {
        cloud.deploy(name, code);
        let (how, error) = cloud.fails(name, &nothing()).await;
        assert_eq!((how, &error["errorType"]), (FunctionError::Died, &json!("Runtime.ExitError")), "{name}");
        assert!(error["errorMessage"].as_str().unwrap().ends_with(&format!(" Error: Runtime {words}")), "{error}");
    }
}
