//! The house stands as `lib.rs` says: arrows point down, pure floors stay pure, files stay readable.

use std::fs;
use std::path::{Path, PathBuf};

/// From the top to the bottom: a module may use those below it.
const FLOORS: [&str; 16] = [
    "main",
    "cli",
    "tui",
    "settings",
    "watch",
    "cloud",
    "sandbox",
    "author",
    "check",
    "ride",
    "workshop",
    "diff",
    "serverless",
    "python",
    "diagnostic",
    "lib",
];
const PURE: [&str; 8] = ["author", "check", "ride", "workshop", "diff", "serverless", "python", "diagnostic"];
/// Where the workshop's folder is read and written, and what is carried in the binary.
const NOT_PURE: [&str; 2] = ["src/workshop/store", "src/workshop/embedded"];
const IMPURE: [&str; 9] =
    ["tokio", "ratatui", "crossterm", "clap", "aws_", "std::fs", "std::net", "std::process", "std::env"];
const LONGEST: usize = 480;

fn sources() -> Vec<(PathBuf, String)> {
    fn add(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
        for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                add(&entry, found);
            } else if entry.extension().is_some_and(|extension| extension == "rs") {
                found.push((entry.clone(), fs::read_to_string(&entry).unwrap()));
            }
        }
    }
    let mut found = Vec::new();
    add(&PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    assert!(found.len() > 30, "the sources were not found");
    found
}

fn relative(path: &Path) -> String {
    path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap().to_string_lossy().replace('\\', "/")
}

/// The module of the top level that a file belongs to.
fn floor(path: &str) -> &str {
    path.trim_start_matches("src/").split(['/', '.']).next().unwrap()
}

fn is_test(path: &str) -> bool {
    path.ends_with("tests.rs") || path.contains("/tests/")
}

/// The lines of a file up to its tests, without comments.
fn code(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.lines().take_while(|line| !line.starts_with("#[cfg(test)]"));
    lines.filter(|line| !line.trim_start().starts_with("//"))
}

#[test]
fn arrows_point_down() {
    let rank = |name: &str| FLOORS.iter().position(|floor| *floor == name);
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let path = relative(&path);
        let own = rank(floor(&path)).unwrap_or_else(|| panic!("{path}: its floor is not in the list of this test"));
        if floor(&path) == "lib" {
            continue;
        }
        for line in code(&text) {
            for used in line.split("crate::").skip(1) {
                let name: String =
                    used.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect();
                if rank(&name).is_some_and(|used| used < own) {
                    wrong.push(format!("{path}: {line}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "arrows that point up:\n{}", wrong.join("\n"));
}

#[test]
fn pure_floors_do_no_io() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let path = relative(&path);
        let is_pure =
            PURE.contains(&floor(&path)) && !NOT_PURE.iter().any(|other| path.starts_with(other)) && !is_test(&path);
        let uses = |line: &str| {
            !line.trim_start().starts_with("//")
                && IMPURE
                    .iter()
                    .any(|name| line.contains(&format!("{name}::")) || line.contains(&format!("use {name}")))
        };
        wrong.extend(code(&text).filter(|line| is_pure && uses(line)).map(|line| format!("{path}: {line}")));
    }
    assert!(wrong.is_empty(), "a pure floor does I/O:\n{}", wrong.join("\n"));
}

#[test]
fn files_can_be_read_in_one_go_and_say_what_they_are_for() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let (path, lines) = (relative(&path), text.lines().count());
        if lines > LONGEST && !is_test(&path) {
            wrong.push(format!("{path}: {lines} lines"));
        }
        if !text.starts_with("//!") {
            wrong.push(format!("{path}: does not begin with `//!`"));
        }
        if path.ends_with("/mod.rs") {
            wrong.push(format!("{path}: `foo.rs` beside `foo/`, not mod.rs"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
