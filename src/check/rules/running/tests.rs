//! Verdicts on deployments, in every state in between.

use crate::check::deployments::{Denial, Deployed, DeployedResource, Deployments, Failure, Probe};
use crate::check::{Evidence, Status, TaskReport, grade_task};
use crate::workshop::{Source, TaskId, built_in};

const TOPIC: &str = "arn:aws:sns:us-east-2:123456789012:rides";
const TASKS: [&str; 4] = ["1.1", "1.2", "2.6", "5"];

fn stack(service: &str, resources: &[(&str, &str, &str)]) -> Deployed {
    let resource = |(logical, kind, physical): &(&str, &str, &str)| DeployedResource {
        logical: (*logical).to_owned(),
        kind: (*kind).to_owned(),
        physical: (*physical).to_owned(),
    };
    Deployed {
        service: service.to_owned(),
        name: format!("{service}-dev"),
        status: "CREATE_COMPLETE".to_owned(),
        compared: true,
        resources: resources.iter().map(resource).collect(),
        ..Deployed::default()
    }
}

/// As after step 1: all is up, a ride is answered and recorded by HTTP.
fn baseline() -> Deployments {
    Deployments {
        target: "the sandbox".to_owned(),
        is_sandbox: true,
        stage: "dev".to_owned(),
        stacks: vec![
            stack("wild-rydes-ride-fleet", &[]),
            stack(
                "wild-rydes-ride-record",
                &[
                    ("RideRecordTable", "AWS::DynamoDB::Table", "records"),
                    ("PutRideRecordLambdaFunction", "AWS::Lambda::Function", "put"),
                ],
            ),
            stack("wild-rydes", &[("RequestRideLambdaFunction", "AWS::Lambda::Function", "request")]),
        ],
        probe: Some(Probe {
            status: Some(201),
            ride: Some("7f".to_owned()),
            recorded: Some(true),
            waited: 1,
            watched: true,
            recorded_by: vec!["put".to_owned()],
            requests: vec![("POST /record".to_owned(), 201), ("POST /ride".to_owned(), 201)],
            ..Probe::default()
        }),
        trouble: None,
    }
}

/// As after 2.6: published, and nobody listens.
fn published() -> Deployments {
    let mut deployments = baseline();
    let topic = ("RidesSnsTopic", "AWS::SNS::Topic", TOPIC);
    deployments.stacks[2] =
        stack("wild-rydes", &[topic, ("RequestRideLambdaFunction", "AWS::Lambda::Function", "request")]);
    let probe = deployments.probe.as_mut().unwrap();
    (probe.recorded, probe.recorded_by, probe.requests) =
        (Some(false), Vec::new(), vec![("POST /ride".to_owned(), 201)]);
    probe.published_to = vec![TOPIC.to_owned()];
    deployments
}

/// As after step 5.
fn finished() -> Deployments {
    let mut deployments = published();
    deployments.stacks[1].resources.push(DeployedResource {
        logical: "PutRideRecordSnsLambdaFunction".to_owned(),
        kind: "AWS::Lambda::Function".to_owned(),
        physical: "put-sns".to_owned(),
    });
    let probe = deployments.probe.as_mut().unwrap();
    (probe.recorded, probe.recorded_by, probe.subscribers) =
        (Some(true), vec!["put-sns".to_owned()], vec!["put-sns".to_owned()]);
    deployments
}

/// Grades on the files after the answer of `state`; the starters if it is empty.
fn graded(task: &str, state: &str, deployments: Option<Deployments>) -> TaskReport {
    let module = built_in().unwrap();
    let tree = match state {
        "" => module.state_before(&TaskId("2.1".to_owned())),
        state => module.state_after(&TaskId(state.to_owned())),
    };
    let evidence = Evidence::new(tree.unwrap().into_iter().map(|(path, text)| (path, Source::Text(text.into()))));
    let evidence = match deployments {
        Some(deployments) => evidence.with_deployments(deployments),
        None => evidence,
    };
    grade_task(module.task(task).unwrap(), &evidence).unwrap()
}

fn words(report: &TaskReport) -> String {
    let line = |finding: &crate::check::Finding| {
        let diagnostic = &finding.diagnostic;
        let place = finding.place.map(|place| format!(":{}:{}", place.line, place.column)).unwrap_or_default();
        let file = diagnostic.file.as_deref().unwrap_or_default();
        format!(
            "{} {file}{place} {} / {}\n",
            diagnostic.code,
            diagnostic.message,
            diagnostic.help.as_deref().unwrap_or_default()
        )
    };
    report.findings.iter().map(line).collect()
}

/// The statuses of all deployment tasks: `p`ass, `f`ail, `b`locked, `w`arn.
fn statuses(state: &str, deployments: &Deployments) -> String {
    let letter = |task: &&str| match graded(task, state, Some(deployments.clone())).status {
        Status::Pass => 'p',
        Status::Warn => 'w',
        Status::Fail => 'f',
        Status::Blocked => 'b',
    };
    TASKS.iter().map(letter).collect()
}

#[test]
fn verdicts_are_fair_in_every_state_on_the_way() {
    let edited = |mut deployments: Deployments, stack: usize, path: &str| {
        deployments.stacks[stack].edited = vec![path.to_owned()];
        deployments
    };
    let without = |mut deployments: Deployments, service: &str| {
        deployments.stacks.retain(|stack| stack.service != service);
        deployments.probe = None;
        deployments
    };
    let cases: [(&str, &str, Deployments, &str); 11] = [
        ("nothing is deployed", "", Deployments { stacks: Vec::new(), probe: None, ..baseline() }, "bbbb"),
        ("the record service alone", "", without(without(baseline(), "wild-rydes-ride-fleet"), "wild-rydes"), "ffff"),
        ("the two that come first", "", without(baseline(), "wild-rydes"), "pfff"),
        ("the baseline", "", baseline(), "ppff"),
        ("the baseline, and the first edit", "2.1", edited(baseline(), 2, "wild-rydes/serverless.yml"), "ppff"),
        ("published, before anybody listens", "2.5c", published(), "pppf"),
        (
            "the handler is split",
            "3.4",
            edited(published(), 1, "wild-rydes-ride-record/handlers/put_ride_record.py"),
            "pppf",
        ),
        (
            "the second function is written",
            "4.2",
            edited(published(), 1, "wild-rydes-ride-record/serverless.yml"),
            "pppf",
        ),
        ("finished", "4.2", finished(), "pppp"),
        ("the fleet is gone", "4.2", without(finished(), "wild-rydes-ride-fleet"), "fpbb"),
        ("the baseline deployed again over the answers", "4.2", baseline(), "ppff"),
    ];
    for (name, state, deployments, expected) in cases {
        let found = statuses(state, &deployments);
        let told: String = TASKS.iter().map(|task| words(&graded(task, state, Some(deployments.clone())))).collect();
        assert_eq!(found, expected, "{name}\n{told}");
    }
}

#[test]
fn without_a_target_nothing_is_said_but_that() {
    for task in TASKS {
        let report = graded(task, "4.2", None);
        assert_eq!((report.status, report.findings.len()), (Status::Blocked, 1), "{task}");
        assert_eq!(report.findings[0].diagnostic.code, "RY101");
    }
    let trouble = Deployments { trouble: Some("the token has expired".to_owned()), ..Deployments::default() };
    let report = graded("1.1", "", Some(trouble));
    assert!(report.needs_target() && words(&report).contains("the token has expired"));
}

#[test]
fn findings_name_the_cause() {
    let probe = |change: &dyn Fn(&mut Probe)| {
        let mut deployments = finished();
        change(deployments.probe.as_mut().unwrap());
        deployments
    };
    let failure = |synchronous: bool| Failure {
        function: if synchronous { "request" } else { "put-sns" }.to_owned(),
        synchronous,
        kind: "KeyError".to_owned(),
        message: "'PickupLocation'\nat line 3".to_owned(),
    };
    let broken = probe(&|probe| {
        (probe.status, probe.error, probe.ride) =
            (Some(502), Some("answered 502: Internal server error".to_owned()), None);
        probe.failures = vec![failure(true)];
    });
    let unheard = probe(&|probe| {
        (probe.recorded, probe.failures) = (Some(false), vec![failure(false)]);
    });
    let twice = probe(&|probe| probe.requests.push(("POST /record".to_owned(), 201)));
    let by_http = probe(&|probe| probe.recorded_by = vec!["put".to_owned()]);
    let alone = probe(&|probe| probe.subscribers = Vec::new());
    let elsewhere = probe(&|probe| probe.published_to = vec!["arn:other".to_owned()]);
    let silent = probe(&|probe| probe.published_to = Vec::new());
    let mut rolled_back = finished();
    (rolled_back.stacks[2].status, rolled_back.stacks[2].reason) =
        ("ROLLBACK_COMPLETE".to_owned(), Some("Broken failed".to_owned()));
    let mut edited = finished();
    edited.stacks[2].edited = vec!["wild-rydes/handlers/x.py".to_owned(), "wild-rydes/serverless.yml".to_owned()];
    let mut touched = edited.clone();
    (touched.stacks[2].compared, touched.is_sandbox) = (false, false);
    let no_ride = Deployments { probe: None, ..finished() };
    let without_python = probe(&|probe| {
        (probe.status, probe.error) = (Some(502), Some("answered 502".to_owned()));
        probe.failures = vec![Failure {
            message: "handlers need Python 3.9 or newer, and none was found".to_owned(),
            ..failure(true)
        }];
    });
    let cases: [(&str, Deployments, Status, &str); 13] = [
        ("2.6", broken.clone(), Status::Fail, "request failed: KeyError: 'PickupLocation' /"),
        ("2.6", broken, Status::Fail, "a ride was not answered with a 201: answered 502: Internal server error"),
        ("5", unheard, Status::Fail, "put-sns failed: KeyError: 'PickupLocation' / Nobody waited"),
        ("5", twice, Status::Fail, "recorded twice"),
        ("5", by_http, Status::Fail, "written by put, which is not subscribed"),
        ("5", alone, Status::Fail, "no function of wild-rydes-ride-record-dev is subscribed"),
        ("2.6", elsewhere, Status::Fail, "published to arn:other, not to RidesSnsTopic"),
        ("2.6", silent, Status::Fail, "was not published to RidesSnsTopic"),
        ("2.6", rolled_back, Status::Fail, "ended with ROLLBACK_COMPLETE: Broken failed"),
        (
            "2.6",
            edited,
            Status::Fail,
            "edited since the last deploy: wild-rydes/handlers/x.py, wild-rydes/serverless.yml",
        ),
        ("2.6", touched, Status::Warn, "by the times of the files"),
        ("2.6", no_ride, Status::Blocked, "no ride was requested"),
        ("2.6", without_python, Status::Blocked, "handlers need Python"),
    ];
    for (task, deployments, status, says) in cases {
        let report = graded(task, "4.2", Some(deployments));
        assert!(
            report.status == status && words(&report).contains(says),
            "{task}: no {says:?} in\n{:?}\n{}",
            report.status,
            words(&report)
        );
    }
}

#[test]
fn a_denial_names_the_statement_and_its_place() {
    let denied = |action: &str, resource: &str, service: &str, explicit: bool| {
        let mut deployments = finished();
        let probe = deployments.probe.as_mut().unwrap();
        (probe.status, probe.error) = (Some(502), Some("answered 502".to_owned()));
        probe.denials = vec![Denial {
            action: action.to_owned(),
            resource: resource.to_owned(),
            service: service.to_owned(),
            explicit,
        }];
        words(&graded("2.6", "4.2", Some(deployments)))
    };
    let publish = denied("sns:Publish", TOPIC, "wild-rydes", false);
    assert!(publish.contains("RY107 wild-rydes/serverless.yml:"), "{publish}");
    assert!(
        publish.contains("may not do `sns:Publish` on RidesSnsTopic: no statement of its role allows it"),
        "{publish}"
    );
    assert!(publish.contains("`- Effect: Allow`, `Action: sns:Publish`, `Resource: !Ref RidesSnsTopic`"), "{publish}");
    let put = denied(
        "dynamodb:PutItem",
        "arn:aws:dynamodb:us-east-2:123456789012:table/records",
        "wild-rydes-ride-record",
        false,
    );
    assert!(
        put.contains("`Resource: !GetAtt RideRecordTable.Arn`")
            && put.contains("wild-rydes-ride-record/serverless.yml:"),
        "{put}"
    );
    let elsewhere = denied("ssm:GetParameter", "arn:aws:ssm:us-east-2:123456789012:parameter/x", "wild-rydes", false);
    assert!(elsewhere.contains("`Resource: arn:aws:ssm:us-east-2:123456789012:parameter/x`"), "{elsewhere}");
    let explicit = denied("sns:Publish", TOPIC, "wild-rydes", true);
    assert!(explicit.contains("a statement denies it") && explicit.contains("always wins"), "{explicit}");
}

#[test]
fn an_early_revision_of_the_original_records_nothing_and_passes() {
    let mut deployments = baseline();
    deployments.probe.as_mut().unwrap().recorded = Some(false);
    assert_eq!(graded("1.2", "", Some(deployments.clone())).status, Status::Fail);
    let module = built_in().unwrap();
    let original = include_str!("../../../../tests/grading/originals/wild-rydes.yml");
    let files = [("wild-rydes/serverless.yml".to_owned(), Source::Text(original.into()))];
    let report = grade_task(module.task("1.2").unwrap(), &Evidence::new(files).with_deployments(deployments)).unwrap();
    assert_eq!(report.status, Status::Pass);
    assert!(words(&report).contains("records no rides yet"));
}
