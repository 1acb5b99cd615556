//! The Python environment that is made once, as whoever waits for it sees it. The Pythons here only pretend.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Output;

use super::support::Workshop;

/// Answers as a Python without boto3, and makes environments whose pip does what `PIP` says.
const BARE: &str = r#"#!/bin/sh
case "$*" in
  *"-m venv"*) mkdir -p "$4/bin"; printf '#!/bin/sh\n%s\n' "$PRETENDED_PIP" > "$4/bin/python"; chmod +x "$4/bin/python" ;;
  *) echo '{"executable": "'"$0"'", "version": "3.12.1", "path": [], "missing": ["boto3 (no such module)"], "boto3": ""}' ;;
esac
"#;

fn check_with(workshop: &Workshop, cache: &Path, pip: &str) -> Output {
    let programs = workshop.path("programs");
    fs::create_dir_all(&programs).unwrap();
    fs::write(programs.join("python3"), BARE).unwrap();
    fs::set_permissions(programs.join("python3"), fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = workshop.command(&["check", "3.3"]);
    command.env("PATH", format!("{}:/usr/bin:/bin", programs.display())).env("XDG_CACHE_HOME", cache);
    command.env("PRETENDED_PIP", pip).env_remove("RYDES_PYTHON").output().unwrap()
}

#[test]
fn each_step_of_the_making_is_told_and_why_it_failed_and_everything_else_works() {
    let workshop = Workshop::starter();
    let cache = tempfile::tempdir().unwrap();
    let pip = "echo Collecting boto3==1; echo 'ERROR: No matching distribution found for boto3' >&2; exit 1";
    let output = check_with(&workshop, cache.path(), pip);
    let (words, verdict) = (String::from_utf8_lossy(&output.stderr), String::from_utf8_lossy(&output.stdout));
    assert_eq!(output.status.code(), Some(1), "{words}");
    assert!(verdict.contains("3.3"), "{verdict}");
    for part in [
        "An environment with them is made now, once.",
        "0 of 13: Making a virtual environment",
        "1 of 13: Downloading boto3",
        "No matching distribution found for boto3",
        "It needs the network once",
        "judged by reading them alone",
    ] {
        assert_eq!(words.matches(part).count(), 1, "{part}: {words}");
    }
    assert!(!words.contains("is ready"), "{words}");
}

#[test]
fn what_is_there_is_not_told() {
    let workshop = Workshop::starter();
    let output = workshop.command(&["check", "3.3"]).env("RYDES_PYTHON", "/nowhere/python3").output().unwrap();
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(words.contains("/nowhere/python3") && !words.contains("is made now"), "{words}");
}
