//! Services as their public originals are written: more in them than the starters, and all of it must read.

use super::{judge, status, words};
use crate::check::{Evidence, Status};
use crate::serverless::text::Text;
use crate::workshop::Source;

const WILD_RYDES: &str = include_str!("clones/wild-rydes.yml");
const RIDE_RECORD: &str = include_str!("clones/wild-rydes-ride-record.yml");

#[test]
fn originals_read() {
    let files = [("wild-rydes", WILD_RYDES), ("wild-rydes-ride-record", RIDE_RECORD)];
    let files = files.map(|(folder, text)| (format!("{folder}/serverless.yml"), Source::Text(text.into())));
    let evidence = Evidence::new(files);
    let service = evidence.service("wild-rydes").unwrap();
    assert_eq!(service.name, Some(Text::literal("wild-rydes")));
    assert_eq!(service.stage.default.as_deref(), Some("dev"));
    assert_eq!(service.functions.list.len(), 2);
    assert!(service.functions.unknown.is_empty() && service.resources.unknown.is_empty());
    assert_eq!(service.resources.list.len(), 6);
    assert!(service.resources.get("StaticSiteDns").is_some());
    assert_eq!(evidence.service("wild-rydes-ride-record").unwrap().functions.list.len(), 1);
}

/// The public start has no trace of the record service: nothing of the tasks is done by that.
#[test]
fn an_untouched_original_has_done_nothing() {
    for code in ["RY201", "RY203", "RY205", "RY206"] {
        let findings = judge(code, "", "wild-rydes", WILD_RYDES);
        assert_eq!(status(&findings), Status::Fail, "{code}: {}", words(&findings));
    }
    for code in ["RY202", "RY204", "RY207"] {
        let findings = judge(code, "", "wild-rydes", WILD_RYDES);
        assert_eq!(status(&findings), Status::Pass, "{code}: {}", words(&findings));
    }
    for code in ["RY401", "RY402", "RY404"] {
        let findings = judge(code, "", "wild-rydes-ride-record", RIDE_RECORD);
        assert_eq!(status(&findings), Status::Fail, "{code}: {}", words(&findings));
    }
}

#[test]
fn the_answers_fit_the_originals_too() {
    let done = WILD_RYDES
        .replace("  Resources:\n", "  Resources:\n    RidesSnsTopic:\n      Type: AWS::SNS::Topic\n    RidesSnsTopicArnSsmParam:\n      Type: \"AWS::SSM::Parameter\"\n      Properties:\n        Type: String\n        Name: \"/${self:service}/${self:provider.stage}/SnsTopicArn\"\n        Value:\n          Ref: RidesSnsTopic\n")
        .replace("  iamRoleStatements:\n", "  iamRoleStatements:\n    - Effect: Allow\n      Action:\n        - SNS:Publish\n      Resource:\n        - Ref: RidesSnsTopic\n")
        .replace("      REQUEST_UNICORN_URL:", "      RIDES_SNS_TOPIC_ARN:\n        Ref: RidesSnsTopic\n      REQUEST_UNICORN_URL:");
    for code in ["RY201", "RY202", "RY203", "RY204", "RY205", "RY206", "RY207"] {
        let findings = judge(code, "", "wild-rydes", &done);
        assert_eq!(status(&findings), Status::Pass, "{code}: {}", words(&findings));
    }
    let done = RIDE_RECORD
        .replace("  PutRideRecord:", "  PutRideRecordHttp:")
        .replace("put_ride_record.handler", "put_ride_record.handler_http");
    for code in ["RY401", "RY402"] {
        let findings = judge(code, "", "wild-rydes-ride-record", &done);
        assert_eq!(status(&findings), Status::Pass, "{code}: {}", words(&findings));
    }
}
