//! The whole workshop on the sandbox, as a learner types it: deployed, ridden, refactored and graded.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use serde_json::Value;

use crate::support::Workshop;

fn apply(workshop: &Workshop, tasks: &[&str]) {
    for task in tasks {
        workshop.run(&["answer", task, "--apply", "--yes"]).code(0);
    }
}

/// The ride that was answered.
fn ride(workshop: &Workshop) -> Value {
    let lines = workshop.run(&["ride", "--format", "json"]).code(0).stdout();
    let first: Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    assert_eq!(first["status"], 201, "{lines}");
    first
}

/// What grading saw of the last ride.
fn last_ride(workshop: &Workshop) -> Value {
    serde_json::from_str::<Value>(&workshop.read(".rydes/last-ride.json")).unwrap()["probe"].clone()
}

#[test]
fn the_complete_path_from_init_to_a_record_through_the_topic() {
    let workshop = Workshop::starter();
    workshop.run(&["check", "1.1"]).code(2).prints("nothing is deployed to the sandbox");
    workshop.run(&["deploy"]).code(0).prints("endpoint: POST http://127.0.0.1:");
    ride(&workshop);
    workshop.run(&["check", "1"]).code(0).prints("2 of 2 tasks done");
    let seen = last_ride(&workshop);
    assert_eq!(seen["recorded_by"], serde_json::json!(["wild-rydes-ride-record-dev-PutRideRecord"]));

    apply(&workshop, &["2.1", "2.2", "2.3", "2.4", "2.5a", "2.5b", "2.5c"]);
    workshop.run(&["check", "2.6"]).code(1).prints("edited since the last deploy: wild-rydes/handlers/request_ride.py");
    workshop.run(&["check", "1"]).code(0);
    workshop.run(&["deploy", "wild-rydes"]).code(0);
    ride(&workshop);
    workshop.run(&["check", "1", "2"]).code(0);
    assert_eq!(last_ride(&workshop)["recorded"], false, "nobody listens yet");

    apply(&workshop, &["3.1", "3.2", "3.3", "3.4", "4.1", "4.2"]);
    workshop.run(&["check", "5"]).code(1).prints("wild-rydes-ride-record was edited since the last deploy");
    workshop.run(&["deploy", "record"]).code(0);
    ride(&workshop);
    workshop.run(&["check", "--all"]).code(0).prints("17 of 17 tasks done");
    let seen = last_ride(&workshop);
    assert_eq!(seen["recorded_by"], serde_json::json!(["wild-rydes-ride-record-dev-PutRideRecordSns"]));

    let status = workshop.run(&["status", "--format", "json"]).code(0).json();
    assert_eq!(
        (&status["done"], &status["deployed"]["stacks"][0]["edited"]),
        (&17.into(), &serde_json::json!([])),
        "{status}"
    );
    fs::write(workshop.path("wild-rydes/handlers/request_ride.py"), "x = 1\n").unwrap();
    workshop
        .run(&["status"])
        .code(0)
        .prints("wild-rydes-dev")
        .prints("edited since: wild-rydes/handlers/request_ride.py");
}

#[test]
fn a_ride_that_fails_is_told_with_its_cause() {
    let workshop = Workshop::starter();
    apply(&workshop, &["2.1", "2.3", "2.4", "2.5a", "2.5b", "2.5c"]);
    workshop.run(&["deploy"]).code(0);
    // The permission of 2.2 is missing.
    let ran = workshop.run(&["check", "2.6"]).code(1);
    ran.prints("RY107").prints("may not do `sns:Publish` on RidesSnsTopic").prints("wild-rydes/serverless.yml:");
    apply(&workshop, &["2.2"]);
    workshop.run(&["deploy", "wild-rydes"]).code(0);
    workshop.run(&["check", "2.6"]).code(0);

    let handler = "wild-rydes/handlers/request_ride.py";
    let broken = workshop.read(handler).replace(
        "def handler(event, context):",
        "def handler(event, context):\n    raise RuntimeError('out of unicorns')\n\n\ndef other(event, context):",
    );
    workshop.write(handler, &broken);
    workshop.run(&["deploy", "wild-rydes"]).code(0);
    workshop.run(&["check", "2.6"]).code(1).prints("RuntimeError: out of unicorns");
}

/// `rydes sandbox`, ended when dropped.
pub(crate) struct Running(Child);

impl Running {
    pub(crate) fn start(workshop: &Workshop) -> Self {
        let mut child = workshop
            .command(&["sandbox", "--format", "json"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        lines.read_line(&mut line).unwrap();
        assert!(line.contains("ready"), "{line}");
        // Whoever does not read on would end it.
        std::thread::spawn(move || lines.lines().for_each(drop));
        Self(child)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = std::process::Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status();
        let _ = self.0.wait();
    }
}

#[test]
fn a_second_program_deploys_rides_and_checks_through_the_one_that_runs() {
    let workshop = Workshop::starter();
    let running = Running::start(&workshop);
    workshop.run(&["deploy"]).code(0).prints("endpoint: POST");
    ride(&workshop);
    workshop.run(&["check", "1"]).code(0);
    assert_eq!(last_ride(&workshop)["watched"], true);
    let again = workshop.run(&["deploy", "--format", "json"]).code(0).stdout();
    let steps: Vec<Value> = again.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(!steps.iter().any(|step| step["type"] == "resource"), "{again}");
    workshop.run(&["deploy", "wild-rydes", "--remove"]).code(0).prints("DELETE_COMPLETE");
    workshop.run(&["check", "1.2"]).code(1).prints("wild-rydes is not deployed");
    workshop.run(&["ride"]).code(2).says("wild-rydes is not deployed on stage dev");
    drop(running);
    // What it left is there for the next.
    workshop.run(&["check", "1.1"]).code(0);
}

#[test]
fn a_deploy_that_fails_says_where_and_what_to_do() {
    let workshop = Workshop::starter();
    workshop.run(&["deploy", "fleet"]).code(0);
    let file = workshop.read("wild-rydes/serverless.yml");
    workshop.write("wild-rydes/serverless.yml", &file.replace("/wild-rydes-ride-record/", "/nobody/"));
    workshop.run(&["deploy", "wild-rydes"]).code(1).says("wild-rydes/serverless.yml:").says("/nobody/");
}

#[test]
fn a_plan_is_the_template_and_deploys_nothing() {
    let workshop = Workshop::starter();
    let template = workshop.run(&["deploy", "wild-rydes-ride-record", "--plan", "--format", "json"]).code(0).json();
    assert_eq!(template["Resources"]["RideRecordTable"]["Type"], "AWS::DynamoDB::Table");
    workshop.run(&["check", "1.1"]).code(2).prints("nothing is deployed");
    workshop
        .run(&["deploy", "wild-rydes", "--plan"])
        .code(2)
        .says("wild-rydes/serverless.yml:12:")
        .says("Deploy `wild-rydes-ride-fleet` first");
    workshop.run(&["deploy", "nothing"]).code(2).says("There are: wild-rydes-ride-fleet");
}
