//! Line mode: the whole way of a learner who types commands and reads, or listens to, plain text.

use std::io::Write;
use std::process::Stdio;

use crate::support::Workshop;

/// What the program prints in line mode when these lines are typed.
fn typed(workshop: &Workshop, lines: &[&str]) -> String {
    let mut child = workshop
        .command(&["--plain"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all((lines.join("\n") + "\n").as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_task_is_solved_by_typing() {
    let workshop = Workshop::empty();
    let printed = typed(&workshop, &["yes", "2.1", "hint", "answer", "yes", "apply", "apply", "back", "check", "quit"]);
    assert!(printed.contains("files written"), "{printed}");
    assert!(printed.contains("Hint 1 of 2"), "{printed}");
    assert!(printed.contains("Verdict: not there yet."), "{printed}");
    assert!(printed.contains("2.1 is done! Next: 2.2"), "{printed}");
    assert_eq!(workshop.status("2.1"), "pass");
}

#[test]
fn services_are_deployed_and_rides_requested_by_typing() {
    let workshop = Workshop::starter();
    let printed = typed(
        &workshop,
        &["ride", "deploy fleet", "deploy", "2.1", "deploy", "ride", "ride 5", "deploy nothing", "quit"],
    );
    assert!(printed.contains("No ride: wild-rydes is not deployed"), "{printed}");
    for service in ["wild-rydes-ride-fleet", "wild-rydes-ride-record", "wild-rydes"] {
        assert!(printed.contains(&format!("{service} is deployed to {service}-dev")), "{service}: {printed}");
    }
    assert!(printed.contains("wild-rydes-dev (us-east-2, sandbox) is as your files say: nothing to do"), "{printed}");
    assert!(printed.contains("is on its way"), "{printed}");
    assert!(printed.contains("5 of 5 rides answered"), "{printed}");
    assert!(printed.contains("There is no service \"nothing\""), "{printed}");
    assert!(!workshop.path(".rydes/sandbox.json").exists());
}

#[test]
fn every_check_ends_with_a_verdict() {
    let workshop = Workshop::starter();
    // Laying out and saving is noticed by the watch, too: its messages come in between and are no verdict.
    let mut lines = vec!["2.1"];
    lines.extend(["check"; 6]);
    let printed = typed(&workshop, &lines);
    assert_eq!(printed.matches("Verdict: not there yet.").count(), 7, "{printed}");
    assert!(!printed.contains("Checking your files"), "{printed}");
}

#[test]
fn commands_are_called_by_name_and_nothing_is_drawn() {
    let workshop = Workshop::starter();
    let printed = typed(&workshop, &["2.1", "h", "h", "go retries", "write", "Lambda does.", ".", "answer", "steps"]);
    assert!(printed.contains("the gentlest first: hint\n"), "{printed}");
    assert!(printed.contains("Hint 2 of 2"), "the keys of the screen work as well: {printed}");
    assert!(printed.contains("Wrong: There is no resource"), "{printed}");
    assert!(printed.contains("Retries (a question)"), "{printed}");
    assert!(printed.contains("Your answer\n\nLambda does."), "{printed}");
    for sign in ['✗', '✓', '│', '─', '↪', '▎'] {
        assert!(!printed.contains(sign), "{sign}: {printed}");
    }
    let address = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-topic.html";
    assert!(printed.contains(address), "an address is not broken: {printed}");
}
