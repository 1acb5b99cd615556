//! Pythons that are there, are not, and are made.

use std::fs;
use std::path::Path;

use super::*;

/// A program that answers as a Python would, in a folder of its own.
#[cfg(unix)]
fn pretend(folder: &Path, answer: &str) -> PathBuf {
    use std::os::unix::fs::PermissionsExt;
    let program = folder.join("python");
    fs::write(&program, format!("#!/bin/sh\necho asked >> {}\n{answer}\n", folder.join("log").display())).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    program
}

#[cfg(unix)]
fn answer(program: &Path, missing: &str) -> String {
    let executable = program.display();
    format!(
        r#"echo '{{"executable": "{executable}", "version": "3.12.1", "path": [], "missing": [{missing}], "boto3": "{executable}"}}'"#
    )
}

#[cfg(unix)]
#[tokio::test]
async fn a_python_that_does_is_asked_once_and_anew_when_it_changed() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("python");
    pretend(folder.path(), &answer(&program, ""));
    let asked = || fs::read_to_string(folder.path().join("log")).unwrap().lines().count();
    for _ in 0..2 {
        let interpreter = Interpreter::new(Some(program.clone()), Some(folder.path().join("cache")));
        assert_eq!(interpreter.python().await.unwrap().version, "3.12.1");
        assert_eq!(asked(), 1);
    }
    pretend(folder.path(), &format!("{} # other", answer(&program, "")));
    let interpreter = Interpreter::new(Some(program.clone()), Some(folder.path().join("cache")));
    interpreter.python().await.unwrap();
    assert_eq!(asked(), 2);
}

#[cfg(unix)]
#[tokio::test]
async fn the_python_that_was_asked_for_is_the_only_one_and_what_it_lacks_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("python");
    pretend(folder.path(), &answer(&program, "\"boto3 (No module)\""));
    let fault = Interpreter::new(Some(program.clone()), None).python().await.unwrap_err();
    let words = fault.to_string();
    assert!(words.contains("(from RYDES_PYTHON) cannot run handlers: it lacks boto3 (No module)"), "{words}");
    // It is asked again: somebody may have installed it.
    pretend(folder.path(), &answer(&program, ""));
    assert!(Interpreter::new(Some(program), None).python().await.is_ok());
}

#[cfg(unix)]
#[tokio::test]
async fn a_half_made_environment_is_made_anew_and_a_whole_one_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    // Makes `bin/python`, which succeeds at everything pip is asked for.
    let make = r#"mkdir -p "$4/bin"; printf '#!/bin/sh\necho Collecting boto3==1\n' > "$4/bin/python"; chmod +x "$4/bin/python""#;
    let executable = pretend(folder.path(), make);
    let base = Python { executable, version: "3.12.1".to_owned(), path: Vec::new() };
    let cache = folder.path().join("cache");
    let told = std::sync::Mutex::new(Vec::new());
    let tell = |progress| told.lock().unwrap().push(progress);
    let python = environment::make(&base, &cache, &tell).await.unwrap();
    assert!(told.lock().unwrap().iter().any(|progress| matches!(progress,
        Progress::Making { step, done: 1, .. } if step == "Downloading boto3")));
    let made = python.parent().unwrap().parent().unwrap().to_owned();
    fs::write(made.join("left"), "").unwrap();
    environment::make(&base, &cache, &tell).await.unwrap();
    assert!(made.join("left").exists(), "it was whole");
    fs::remove_file(made.join("complete")).unwrap();
    environment::make(&base, &cache, &tell).await.unwrap();
    assert!(!made.join("left").exists() && made.join("complete").exists());
}

#[cfg(unix)]
#[tokio::test]
async fn why_an_environment_cannot_be_made_is_told_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let base = |answer: &str| {
        let executable = pretend(folder.path(), answer);
        Python { executable, version: "3.12.1".to_owned(), path: Vec::new() }
    };
    let cache = folder.path().join("cache");
    let (why, advice) = environment::make(&base("echo no ensurepip >&2; exit 1"), &cache, &|_| {}).await.unwrap_err();
    assert!(why == "no ensurepip" && advice.contains("python3-venv"), "{why}: {advice}");
    let no_network = r#"mkdir -p "$4/bin"; printf '#!/bin/sh\necho "ERROR: No matching distribution" >&2; exit 1\n' > "$4/bin/python"
chmod +x "$4/bin/python""#;
    let (why, advice) = environment::make(&base(no_network), &cache, &|_| {}).await.unwrap_err();
    assert!(why == "No matching distribution" && advice.contains("network"), "{why}: {advice}");
}
