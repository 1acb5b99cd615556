//! The Python rules on what learners write; the full table stands as data in `tests/grading`.

use crate::check::{Evidence, Source, find};
use crate::diagnostic::Status;

fn judge(code: &str, path: &str, text: &str) -> Status {
    let evidence = Evidence::new([(path.to_owned(), Source::Text(text.into()))]);
    let rule = find(code).unwrap();
    let found = (rule.judge)(&evidence, &crate::check::Parameters::default()).unwrap();
    Status::of(found.iter().map(|finding| finding.severity))
}

#[test]
fn the_constant_is_judged_by_what_it_holds() {
    let path = "wild-rydes/handlers/request_ride.py";
    for (text, expected) in [
        ("import os\nRIDES_SNS_TOPIC_ARN = os.environ['RIDES_SNS_TOPIC_ARN']\n", Status::Pass),
        ("from os import getenv as g\nRIDES_SNS_TOPIC_ARN: str = g('RIDES_SNS_TOPIC_ARN', '')\n", Status::Pass),
        ("import os\nNAME = 'RIDES_SNS_TOPIC_ARN'\nRIDES_SNS_TOPIC_ARN = os.environ[NAME]\n", Status::Pass),
        ("import os\nRIDES_SNS_TOPIC_ARN = os.environ['TOPIC']\n", Status::Fail),
        ("RIDES_SNS_TOPIC_ARN = 'RIDES_SNS_TOPIC_ARN'\n", Status::Fail),
        ("# RIDES_SNS_TOPIC_ARN = os.environ['RIDES_SNS_TOPIC_ARN']\n", Status::Fail),
        ("def f():\n    RIDES_SNS_TOPIC_ARN = 1\n", Status::Fail),
        ("RIDES_SNS_TOPIC_ARN = (\n", Status::Blocked),
    ] {
        assert_eq!(judge("RY252", path, text), expected, "{text}");
    }
}

#[test]
fn a_swallowed_failure_fails() {
    let path = "wild-rydes-ride-record/handlers/put_ride_record.py";
    let file = |handler: &str| {
        format!(
            "import boto3\nT = boto3.resource('dynamodb').Table('t')\ndef _put_ride_record(r):\n    try:\n        T.put_item(Item=r)\n    except Exception as e:\n        {handler}\n"
        )
    };
    for (handler, expected) in [
        ("print(e)\n        raise", Status::Pass),
        ("raise", Status::Warn),
        ("print(e)", Status::Fail),
        ("pass", Status::Fail),
    ] {
        assert_eq!(judge("RY303", path, &file(handler)), expected, "{handler}");
    }
}
