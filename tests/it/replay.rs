//! `rydes monitor --replay`: recordings of real rides on the sandbox, played through the whole monitor without a cloud.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{Ran, Workshop};

/// How many rides have which marks.
type Marks = &'static [(&'static str, u64)];

fn recording(name: &str) -> String {
    format!("{}/tests/monitor/{name}.jsonl", env!("CARGO_MANIFEST_DIR"))
}

fn play(name: &str, more: &[&str]) -> Ran {
    let path = recording(name);
    let mut arguments = vec!["monitor", "--replay", &path, "--speed", "max"];
    arguments.extend(more);
    Workshop::empty().run(&arguments)
}

/// Lines of JSON: rides, and the summary.
fn rides(name: &str) -> (Vec<Value>, Value) {
    let ran = play(name, &["--rides", "--format", "jsonl"]).code(0);
    let mut lines: Vec<Value> = ran.stdout().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let summary = lines.pop().unwrap();
    (lines, summary)
}

#[test]
fn recordings_come_to_the_rides_that_they_are_of() {
    // Name, rides that end, fates, path, and the number of marks.
    let cases: [(&str, usize, &str, &str, Marks); 5] = [
        ("synchronous", 3, "recorded", "synchronous", &[("recorded", 3), ("synchronous", 3), ("published", 0)]),
        (
            "event_driven",
            5,
            "recorded",
            "event_driven",
            &[("recorded", 5), ("published", 5), ("delivered", 5), ("late", 0)],
        ),
        ("unrecorded", 0, "", "", &[("answered", 2), ("published", 2), ("recorded", 0), ("lost", 0)]),
        ("retried", 2, "recorded", "event_driven", &[("retried", 2), ("delivered_twice", 0), ("recorded_twice", 0)]),
        ("failing", 2, "failed", "", &[("failed", 2), ("answered", 0), ("published", 0)]),
    ];
    for (name, ended, fate, path, marks) in cases {
        let (rides, summary) = rides(name);
        assert_eq!(rides.len(), ended, "{name}: {rides:?}");
        for ride in &rides {
            assert_eq!((&ride["v"], &ride["fate"]), (&Value::from(1), &Value::from(fate)), "{name}: {ride}");
            assert_eq!(ride["path"].as_str().unwrap_or_default(), path, "{name}: {ride}");
            let hops = ["requested", "published", "delivered", "recorded"].map(|hop| ride["at"][hop].as_i64());
            assert!(hops.iter().flatten().is_sorted(), "{name}: {ride}");
        }
        for (mark, count) in marks {
            assert_eq!(summary["marks"][mark], *count, "{name}: {mark} in {summary}");
        }
        assert!(summary["cost_usd"]["per_million_rides"].as_f64().unwrap() > 5.0, "{name}: {summary}");
    }
}

#[test]
fn a_clock_that_runs_sixty_times_as_fast_is_corrected() {
    let (rides, _) = rides("retried");
    for ride in rides {
        assert!(ride["skew"]["logs"].as_i64().unwrap() < -60_000_000, "{ride}");
        assert!(ride["whole"].as_i64().unwrap() < 5_000_000, "{ride}");
    }
}

#[test]
fn people_read_a_line_a_ride_and_a_summary() {
    play("event_driven", &[])
        .code(0)
        .prints("Rocinante (yellow): answered in ")
        .prints(" through the topic")
        .prints("5 rides: 5 recorded, 0 failed, 0 lost, 0 on their way.")
        .prints("On AWS a million such rides cost $")
        .says("topic: live");
    play("failing", &[])
        .code(0)
        .prints("no ride: answered 502: Internal server error")
        .prints("failed: AuthorizationErrorException")
        .prints("2 of 2 requests were not answered with a ride.");
}

#[test]
fn what_is_recorded_plays_like_what_it_was_recorded_from() {
    let workshop = Workshop::empty();
    let (path, copy) = (recording("event_driven"), workshop.path("copy.jsonl").display().to_string());
    let all = ["monitor", "--replay", &path, "--speed", "max", "--record", &copy, "--format", "jsonl"];
    let printed = workshop.run(&all).code(0).says("`rydes monitor --replay ").stdout();
    assert_eq!(printed, workshop.read("copy.jsonl"));
    let events = |text: &str| text.lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<Value>>();
    assert_eq!(events(&printed).len(), events(&std::fs::read_to_string(&path).unwrap()).len());
    let again = ["monitor", "--replay", &copy, "--speed", "max", "--format", "jsonl"];
    assert_eq!(workshop.run(&again).code(0).stdout(), printed);
    // Recordings are not overwritten unasked.
    workshop.run(&all).code(2).says("is there already");
    assert_eq!(workshop.read("copy.jsonl"), printed);
}

#[test]
fn exit_codes_are_for_scripts() {
    play("event_driven", &["--until-rides", "3"]).code(0).prints("3 recorded");
    play("event_driven", &["--until-rides", "6"]).code(1);
    play("failing", &["--until-rides", "2"]).code(1);
    play("unrecorded", &["--until-rides", "1"]).code(1);
    // At its own pace it would take longer.
    let path = recording("event_driven");
    let ran = Workshop::empty().run(&[
        "monitor",
        "--replay",
        &path,
        "--speed",
        "0.001",
        "--for",
        "100ms",
        "--until-rides",
        "1",
    ]);
    ran.code(1);
    let ran = Workshop::empty().run(&["monitor", "--replay", &path, "--speed", "0.001", "--for", "100ms"]);
    ran.code(0).prints("0 rides");
}

#[test]
fn broken_recordings_are_told_with_their_line() {
    let workshop = Workshop::empty();
    let whole = std::fs::read_to_string(recording("event_driven")).unwrap();
    let lines: Vec<&str> = whole.lines().collect();
    let replay = |text: &str| {
        workshop.write("r.jsonl", text);
        workshop.run(&["monitor", "--replay", "r.jsonl", "--speed", "max"])
    };
    replay(&format!("{}\n{}\nwhat?\n", lines[0], lines[1])).code(2).says("line 3 is not an event of a recording");
    replay(&lines[0].replace("\"v\": 1", "\"v\": 9")).code(2).says("line 1 is of format version 9");
    // A killed run leaves half a line at the end.
    let half = &whole[..whole.len() - 40];
    replay(half).code(0).says("The last line of r.jsonl is cut off");
    replay("").code(0).prints("0 rides");
    workshop.run(&["monitor", "--replay", "none.jsonl"]).code(2).says("cannot replay none.jsonl");
    workshop.run(&["monitor", "--replay", "."]).code(2).says("it is a folder");
    workshop.run(&["monitor", "--speed", "2"]).code(2);
}

fn spawn(workshop: &Workshop, arguments: &[&str]) -> Child {
    let mut command = workshop.command(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// The exit code, unless the program does not end in time.
fn ended(child: &mut Child) -> Option<i32> {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code();
        }
        if Instant::now() > deadline {
            let _ = child.kill();
            panic!("the monitor did not end");
        }
        std::thread::yield_now();
        std::thread::park_timeout(Duration::from_millis(5));
    }
}

#[test]
fn a_closed_pipe_ends_it_quietly() {
    let workshop = Workshop::empty();
    let mut child = spawn(&workshop, &["monitor", "--replay", "-", "--speed", "max", "--format", "jsonl"]);
    let text = std::fs::read_to_string(recording("event_driven")).unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let feeding = std::thread::spawn(move || {
        // Standard input stays open: that nobody reads must be enough.
        for _ in 0..20 {
            if stdin.write_all(text.as_bytes()).is_err() {
                break;
            }
        }
        stdin
    });
    let mut first = String::new();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    stdout.read_line(&mut first).unwrap();
    assert!(first.starts_with("{\"v\":1,"), "{first}");
    drop(stdout);
    assert_eq!(ended(&mut child), Some(0));
    let mut errors = String::new();
    child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
    assert!(!errors.contains("rydes:") && !errors.contains("panicked"), "{errors}");
    drop(feeding.join());
}

#[cfg(unix)]
#[test]
fn a_signal_ends_it_with_a_summary_though_nobody_reads() {
    let workshop = Workshop::empty();
    for (signal, is_read) in [("TERM", true), ("INT", true), ("TERM", false)] {
        let mut child =
            spawn(&workshop, &["monitor", "--replay", "-", "--speed", "max", "--format", "jsonl", "--rides"]);
        let mut stdin = child.stdin.take().unwrap();
        let text = std::fs::read_to_string(recording("event_driven")).unwrap();
        stdin.write_all(text.as_bytes()).unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        // It is on its way once a ride was printed.
        stdout.read_line(&mut line).unwrap();
        assert!(line.contains("\"type\":\"ride\""), "{line}");
        let kill = std::process::Command::new("kill").args([&format!("-{signal}"), &child.id().to_string()]).status();
        assert!(kill.unwrap().success());
        if is_read {
            let mut rest = String::new();
            stdout.read_to_string(&mut rest).unwrap();
            assert!(rest.lines().last().unwrap().contains("\"type\":\"summary\""), "{rest}");
        }
        assert_eq!(ended(&mut child), Some(0), "{signal}");
        drop(stdin);
    }
}
