//! What survives a restart, and whom IAM is asked about; how clients see the store is in tests/contract/ssm.py.

use serde_json::json;

use super::*;
use crate::sandbox::keys::Caller;

fn call(operation: &str, input: Value) -> Call {
    let (operation, region) = (operation.to_owned(), "us-east-2".to_owned());
    Call { operation, input, region, caller: Caller::Learner, request_id: String::new(), rest: None }
}

fn store() -> Ssm {
    Ssm::new(Arc::new(Account::new(None, 1.0)))
}

#[test]
fn snapshots_hold_all_and_nonsense_is_refused() {
    let (first, second) = (store(), store());
    let tags = json!([{"Key": "k", "Value": "v"}]);
    first.answer(&call("PutParameter", json!({"Name": "x", "Value": "1", "Type": "String", "Tags": tags}))).unwrap();
    first.answer(&call("PutParameter", json!({"Name": "x", "Value": "2", "Overwrite": true}))).unwrap();
    let snapshot = first.snapshot().unwrap();
    second.restore(&snapshot).unwrap();
    assert_eq!(second.snapshot().unwrap(), snapshot);
    for wrong in [
        &b"{"[..],
        b"{}",
        br#"{"format":2,"regions":{}}"#,
        br#"{"format":1,"regions":{"r":{"x":{"versions":[],"tags":{}}}}}"#,
    ] {
        assert!(second.restore(wrong).is_err(), "{}", String::from_utf8_lossy(wrong));
    }
    assert_eq!(second.snapshot().unwrap(), snapshot, "what is refused changes nothing");
}

#[test]
fn changes_are_counted_and_reading_is_none() {
    let store = store();
    store.answer(&call("PutParameter", json!({"Name": "x", "Value": "1", "Type": "String"}))).unwrap();
    assert_eq!(store.account.changes(), 1);
    store.answer(&call("GetParameter", json!({"Name": "x"}))).unwrap();
    assert!(store.answer(&call("PutParameter", json!({"Name": "x", "Value": "1"}))).is_err());
    assert_eq!(store.account.changes(), 1);
}

#[test]
fn the_oldest_version_goes_when_there_are_too_many() {
    let store = store();
    for number in 0..103 {
        let input = json!({"Name": "x", "Value": number.to_string(), "Type": "String", "Overwrite": true});
        store.answer(&call("PutParameter", input)).unwrap();
    }
    let code = |name: &str| store.answer(&call("GetParameter", json!({ "Name": name }))).err().map(|fault| fault.code);
    assert_eq!((code("x:3").as_deref(), code("x:4"), code("x")), (Some("ParameterVersionNotFound"), None, None));
}

#[test]
fn permissions_are_asked_for_each_parameter() {
    let prefix = "arn:aws:ssm:us-east-2:123456789012:";
    for (operation, input, expected) in [
        ("GetParameter", json!({"Name": "/a/b:2"}), vec!["parameter/a/b"]),
        ("GetParameters", json!({"Names": ["x", "/y"]}), vec!["parameter/x", "parameter/y"]),
        ("GetParametersByPath", json!({"Path": "/a/"}), vec!["parameter/a"]),
        ("AddTagsToResource", json!({"ResourceId": "x"}), vec!["parameter/x"]),
        ("DescribeParameters", json!({}), vec!["*"]),
    ] {
        let access = store().access(&call(operation, input));
        let found: Vec<_> = access.iter().map(|access| access.resource.trim_start_matches(prefix)).collect();
        assert_eq!(found, expected, "{operation}");
        assert!(access.iter().all(|access| access.action == format!("ssm:{operation}")));
    }
}
