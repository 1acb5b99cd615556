//! The program itself, killed while it listens: what it left is found, shown and removed.

use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::deployments::Running;
use crate::support::Workshop;

/// What `clean` says of the queue once a monitor listens.
fn listening(workshop: &Workshop) -> String {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let told = workshop.run(&["clean"]).code(0).stdout();
        if told.contains("in use") {
            return told;
        }
        assert!(Instant::now() < deadline, "no queue was made");
    }
}

fn start(workshop: &Workshop) -> Child {
    let mut monitor = workshop.command(&["monitor", "--format", "jsonl"]);
    monitor.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

#[test]
fn what_a_killed_monitor_left_is_proven_and_cleaned() {
    let workshop = Workshop::starter();
    let running = Running::start(&workshop);
    workshop.run(&["deploy"]).code(0);
    for task in ["2.1", "2.2", "2.3", "2.4", "2.5a", "2.5b", "2.5c"] {
        workshop.run(&["answer", task, "--apply", "--yes"]).code(0);
    }
    workshop.run(&["deploy", "wild-rydes"]).code(0);

    let mut monitor = start(&workshop);
    let told = listening(&workshop);
    assert!(told.contains(&format!("process {}", monitor.id())), "{told}");
    workshop.run(&["clean", "--prove"]).code(0);
    // `kill` sends SIGKILL: nothing of it gets to tidy up.
    monitor.kill().unwrap();
    monitor.wait().unwrap();
    workshop.run(&["clean", "--prove"]).code(1).prints("left behind");
    // Nobody is there to be asked.
    workshop.run(&["clean"]).code(2);
    workshop.run(&["clean", "--prove"]).code(1);
    workshop.run(&["clean", "--yes"]).code(0);
    workshop.run(&["clean", "--prove"]).code(0);
    assert_eq!(workshop.run(&["clean", "--format", "json"]).code(0).stdout(), "");

    // One that is told to end leaves nothing.
    let mut monitor = start(&workshop);
    listening(&workshop);
    let signalled = std::process::Command::new("kill").args(["-TERM", &monitor.id().to_string()]).status().unwrap();
    assert!(signalled.success());
    monitor.wait().unwrap();
    workshop.run(&["clean", "--prove"]).code(0);
    assert_eq!(workshop.run(&["clean"]).code(0).stdout(), "");
    drop(running);
}
