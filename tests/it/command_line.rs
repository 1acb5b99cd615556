//! The commands as a person or a script types them.

use std::fs;

use crate::support::Workshop;

const YAML: &str = "wild-rydes/serverless.yml";
const HANDLER: &str = "wild-rydes/handlers/request_ride.py";
const RECORD: &str = "wild-rydes-ride-record/handlers/put_ride_record.py";

/// All tasks that are graded by reading, in order.
const TASKS: [&str; 13] =
    ["2.1", "2.2", "2.3", "2.4", "2.5a", "2.5b", "2.5c", "3.1", "3.2", "3.3", "3.4", "4.1", "4.2"];

#[test]
fn the_whole_module_is_walked_by_its_answers() {
    let workshop = Workshop::starter();
    for task in TASKS {
        assert_eq!(workshop.status(task), "fail", "{task} before its answer");
        workshop.run(&["answer", task, "--apply", "--yes"]).code(0);
        assert_eq!(workshop.status(task), "pass", "{task} after its answer");
    }
    // Nothing is left but what needs a running target.
    let report = workshop.run(&["check", "--all", "--format", "json"]).code(2).json();
    let blocked: Vec<&str> = report["tasks"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|task| task["status"] == "blocked")
        .map(|task| task["id"].as_str().unwrap())
        .collect();
    assert_eq!(blocked, ["1.1", "1.2", "2.6", "5"]);
    for _ in TASKS {
        workshop.run(&["answer", "--undo", "--yes"]).code(0);
    }
    workshop.run(&["answer", "--undo", "--yes"]).code(2).says("nothing to undo");
    assert_eq!(workshop.status("2.1"), "fail");
}

#[test]
fn init_leaves_what_is_there_alone() {
    let workshop = Workshop::empty();
    fs::create_dir_all(workshop.path("wild-rydes/handlers")).unwrap();
    workshop.write(HANDLER, "mine = 1\n");
    workshop.run(&["init"]).code(0).says("1 that were there were left alone");
    assert_eq!(workshop.read(HANDLER), "mine = 1\n");
    workshop.run(&["init"]).code(0).says("nothing was changed");
}

#[test]
fn exit_codes_tell_passed_findings_and_could_not_run() {
    let workshop = Workshop::starter();
    workshop.run(&["check", "2.1"]).code(1).prints("RY201");
    workshop.run(&["check", "1.1"]).code(2);
    workshop.run(&["check", "9.9"]).code(2).says("there is no task or step 9.9");
    workshop.run(&["check", "--workspace", "nowhere"]).code(2).says("nowhere");
    workshop.run(&["chek"]).code(2);
    workshop.run(&["answer", "2.1", "--apply", "--yes"]).code(0);
    workshop.run(&["check", "2.1"]).code(0);
    workshop.write(YAML, "service: [\n");
    workshop.run(&["check", "2.1"]).code(1).prints("RY002");
}

#[test]
fn without_a_terminal_nothing_is_changed_without_a_yes() {
    let workshop = Workshop::starter();
    let before = workshop.read(YAML);
    workshop.run(&["answer", "2.1", "--apply"]).code(2).says("--yes");
    assert_eq!(workshop.read(YAML), before);
    workshop.run(&["answer", "2.1", "--apply", "--yes"]).code(0);
    workshop.run(&["reset", "2"]).code(2).says("--yes");
    workshop.run(&["reset", "2", "--yes"]).code(0);
    assert_eq!(workshop.read(YAML), before);
    workshop.run(&["reset", "--undo"]).code(0).says("Undid \"reset 2\"");
    assert_eq!(workshop.status("2.1"), "pass");
}

#[test]
fn machine_formats_stand_alone_on_stdout() {
    let workshop = Workshop::starter();
    let report = workshop.run(&["check", "--all", "--format", "json"]).json();
    assert_eq!(
        (&report["schema"], &report["module"]),
        (&serde_json::json!(1), &serde_json::json!("async-event-driven"))
    );
    let ids: Vec<&str> = report["tasks"].as_array().unwrap().iter().map(|task| task["id"].as_str().unwrap()).collect();
    assert_eq!(ids.join(" "), "1.1 1.2 2.1 2.2 2.3 2.4 2.5a 2.5b 2.5c 2.6 3.1 3.2 3.3 3.4 4.1 4.2 5");
    let sarif = workshop.run(&["check", "--all", "--format", "sarif"]).json();
    assert_eq!(sarif["version"], "2.1.0");
    let junit = workshop.run(&["check", "--all", "--format", "junit"]).code(1).stdout();
    assert!(junit.starts_with("<?xml") && junit.contains("tests=\"17\""), "{junit}");
    workshop.run(&["check", "2.1", "--format", "github"]).code(1).prints("::error title=RY201");
    let status = workshop.run(&["status", "--format", "json"]).code(0).json();
    assert_eq!(
        (&status["done"], &status["of"], &status["next"]),
        (&serde_json::json!(0), &serde_json::json!(17), &serde_json::json!("2.1"))
    );
}

#[test]
fn colour_is_for_terminals() {
    let workshop = Workshop::starter();
    assert!(!workshop.run(&["check", "2.1"]).stdout().contains('\x1b'));
    let output = workshop.command(&["check", "2.1"]).env("CLICOLOR_FORCE", "1").output().unwrap();
    assert!(output.stdout.contains(&b'\x1b'));
}

#[test]
fn a_task_that_was_got_wrong_can_still_be_answered() {
    let workshop = Workshop::starter();
    let text = workshop.read(YAML);
    workshop.write(
        YAML,
        &text.replace(
            "resources:\n  Resources:\n",
            "resources:\n  Resources:\n    RidesSnsTpic:\n      Type: AWS::SNS::Topic\n",
        ),
    );
    assert_eq!(workshop.status("2.1"), "fail");
    workshop.run(&["answer", "2.1", "--apply", "--yes"]).code(0);
    assert_eq!(workshop.status("2.1"), "pass");
}

#[test]
fn carriage_returns_and_a_byte_order_mark_stay() {
    let workshop = Workshop::starter();
    let text = format!("\u{feff}{}", workshop.read(YAML).replace('\n', "\r\n"));
    workshop.write(YAML, &text);
    workshop.run(&["answer", "2.1", "--apply", "--yes"]).code(0);
    let after = workshop.read(YAML);
    assert!(after.starts_with('\u{feff}') && after.matches('\n').count() == after.matches("\r\n").count());
    assert_eq!(workshop.status("2.1"), "pass");
}

#[test]
fn hints_come_one_by_one_and_are_counted() {
    let workshop = Workshop::starter();
    workshop.run(&["hint", "2.5b"]).code(0).prints("Hint 1 of 2");
    workshop.run(&["hint", "2.5b"]).code(0).prints("Hint 2 of 2");
    workshop.run(&["hint", "2.5b"]).code(0).prints("Hint 2 of 2");
    let status = workshop.run(&["status", "--format", "json"]).json();
    let task = status["tasks"].as_array().unwrap().iter().find(|task| task["id"] == "2.5b").unwrap();
    assert_eq!(task["hints_shown"], 2);
}

#[test]
fn every_check_of_the_module_has_a_manual_page() {
    let workshop = Workshop::empty();
    let list = workshop.run(&["explain"]).code(0).stdout();
    assert!(list.lines().count() >= 20, "{list}");
    for line in list.lines() {
        let (code, name) = line.split_once("  ").unwrap();
        workshop.run(&["explain", code]).code(0).prints(name);
    }
    workshop.run(&["explain", "RY20"]).code(2).says("Did you mean RY20");
}

#[test]
fn lessons_are_read_without_the_screen() {
    let workshop = Workshop::starter();
    for step in ["0", "1", "2", "2.5", "2.5a", "3", "4", "5"] {
        let text = workshop.run(&["lesson", step]).code(0).stdout();
        assert!(text.len() > 100, "{step}: {text}");
    }
    workshop.run(&["lesson"]).code(0);
}

#[test]
fn the_module_proves_itself() {
    Workshop::empty().run(&["author", "check"]).code(0);
    let folder = format!("{}/lessons/async-event-driven", env!("CARGO_MANIFEST_DIR"));
    Workshop::empty().run(&["author", "check", "--module", &folder]).code(0);
}

#[test]
fn a_broken_module_is_told_with_its_places() {
    let workshop = Workshop::empty();
    fs::create_dir_all(workshop.path("m")).unwrap();
    workshop.write(
        "m/module.toml",
        "format = 1\nid = \"m\"\ntitle = \"M\"\nsummary = \"S\"\nservices = []\nsteps = [\"one.md\", \"two.md\"]\n",
    );
    workshop.write("m/one.md", "+++\nid = \"1\"\ntitle = \"One\"\ncolour = \"red\"\n+++\ntext\n");
    workshop.write("m/orphan.md", "+++\n+++\n");
    let ran = workshop.run(&["author", "check", "--module", "m"]).code(1);
    let words = format!("{}{}", ran.stdout(), ran.stderr());
    assert!(words.contains("one.md:4:1: unknown field `colour`"), "{words}");
    assert!(words.contains("two.md") && words.contains("orphan.md"), "{words}");
    workshop.run(&["check", "--module", "m"]).code(2).says("has mistakes");
}

#[test]
fn trouble_with_files_is_said_in_words() {
    let workshop = Workshop::starter();
    workshop.write(YAML, &"#".repeat((1 << 20) + 1));
    workshop.run(&["check", "2.1"]).code(1).prints("1 MiB");
    workshop.run(&["answer", "2.1", "--apply", "--yes"]).code(2).says("left alone");
    fs::write(workshop.path(HANDLER), b"x = '\xff'\n").unwrap();
    workshop.run(&["check", "2.5a"]).code(1).prints("not UTF-8");
    fs::remove_file(workshop.path(RECORD)).unwrap();
    workshop.run(&["check", "3.1"]).code(1).prints("is not there");
}

#[test]
fn what_is_undone_is_not_done_any_more() {
    let workshop = Workshop::starter();
    workshop.run(&["answer", "2.1", "--apply", "--yes"]).code(0);
    workshop.run(&["hint"]).code(0).says("rydes hint 2.2");
    workshop.run(&["answer", "--undo", "--yes"]).code(0);
    workshop.run(&["hint"]).code(0).says("rydes hint 2.1");
}

#[test]
fn an_error_says_its_cause_once() {
    let workshop = Workshop::starter();
    let missing = workshop.path("nowhere").display().to_string();
    for arguments in
        [["check", "--workspace", &missing], ["check", "--module", &missing], ["status", "--workspace", &missing]]
    {
        let words = workshop.run(&arguments).code(2).says("it is not there").stderr();
        assert!(!words.contains("os error") && !words.contains(".:"), "{words}");
    }
    let file = workshop.path(YAML).display().to_string();
    for arguments in [["init", &file, "--yes"], ["check", "--workspace", &file]] {
        let words = workshop.run(&arguments).code(2).stderr();
        assert!(!words.contains(".:"), "{words}");
    }
}

#[cfg(unix)]
#[test]
fn a_reader_that_has_enough_does_not_change_the_verdict() {
    let workshop = Workshop::starter();
    for format in ["human", "json", "junit", "sarif", "github"] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let status = workshop.command(&["check", "2.1", "--format", format]).stdout(writer).status().unwrap();
        assert_eq!(status.code(), Some(1), "{format}");
    }
}

#[test]
fn a_reader_that_has_enough_is_no_error() {
    let workshop = Workshop::starter();
    let program = env!("CARGO_BIN_EXE_rydes");
    let script = format!(
        "set -o pipefail; '{program}' check --all --workspace '{}' --format json | head -c 10 >/dev/null; test ${{PIPESTATUS[0]}} -ne 101",
        workshop.root().display()
    );
    let status = std::process::Command::new("bash").args(["-c", &script]).status().unwrap();
    assert!(status.success());
}
