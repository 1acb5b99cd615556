//! A small module that is right, and the same one broken in each way.

use super::*;
use crate::check::{Finding, Status};
use crate::diagnostic::{Block, Diagnostic};
use crate::workshop::load::load;
use crate::workshop::{BUILT_IN, built_in, built_in_files};

const MANIFEST: &str = r#"format = 1
id = "m"
title = "M"
summary = "S"
services = ["shop"]
steps = ["one.md"]
questions = "questions.md"

[[diagrams]]
id = "d"
title = "D"
nodes = [
  { id = "a", label = "A", kind = "user", row = 0, column = 0 },
  { id = "b", label = "B", kind = "api", row = 0, column = 1 },
]
edges = [
  { from = "a", to = "b", style = "sync" },
]
"#;

const STEP: &str = r#"+++
id = "1"
title = "One"

[[tasks]]
id = "1.1"
title = "First"
file = "shop/serverless.yml"
checks = [{ code = "HAS", word = "one" }]
docs = [{ title = "T", url = "https://docs.example.com/a" }]
answer = "1.1.patch"
hints = [{ title = "H" }, { title = "S", patch = "1.1.hint.patch" }]

[[tasks]]
id = "1.2"
title = "Second"
checks = [{ code = "HAS", word = "two" }]
answer = "1.2.patch"
any_order = "g"
hints = [{ title = "H" }]

[[tasks]]
id = "1.3"
title = "Third"
checks = [{ code = "HAS", word = "three" }]
answer = "1.3.patch"
any_order = "g"
hints = [{ title = "H" }]

[[tasks]]
id = "1.4"
title = "Deploy"
deploys = "shop"
+++
See [this](https://docs.example.com/b).

```diagram
d
```

```include title="An event"
event.json
```

## 1.1 First
### Hint 1
h
### Hint 2
h
### Answer
a

## 1.2 Second
### Hint 1
h

## 1.3 Third
### Hint 1
h

## 1.4 Deploy
"#;

const QUESTIONS: &str = r#"+++
[[questions]]
id = "q"
title = "Q"
step = "1"
+++
## q Q
### Model answer
yes
"#;

fn patch(after: &str, word: &str) -> String {
    format!("--- a/shop/serverless.yml\n+++ b/shop/serverless.yml\n@@ -1 +1,2 @@\n {after}\n+{word}\n")
}

fn base() -> Files {
    let files = [
        ("m/module.toml", MANIFEST.to_owned()),
        ("m/one.md", STEP.to_owned()),
        ("m/questions.md", QUESTIONS.to_owned()),
        ("m/answers/1.1.patch", patch("A", "one")),
        ("m/answers/1.1.hint.patch", patch("A", "FIXME")),
        ("m/answers/1.2.patch", patch("B", "two")),
        ("m/answers/1.3.patch", patch("C", "three")),
        ("m/samples/event.json", "{}".to_owned()),
        ("m/starter/shop/serverless.yml", "A\n\nB\n\nC\n".to_owned()),
    ];
    files.into_iter().map(|(path, text)| (path.to_owned(), text)).collect()
}

/// One check, `HAS`: the service's file holds `word`. `BROKEN` in the file means that it does not parse, `ADVICE` earns a warning.
fn judge(task: &Task, evidence: &Evidence) -> Result<TaskReport, ParameterError> {
    let file = "shop/serverless.yml";
    let mut findings = Vec::new();
    for check in &task.checks {
        if check.code != "HAS" {
            return Err(ParameterError(format!("task {}: there is no check {}", task.id, check.code)));
        }
        let Some(word) = check.parameters.get("word").and_then(toml::Value::as_str) else {
            return Err(ParameterError(format!("task {}: check HAS: missing field `word`", task.id)));
        };
        let text = evidence.text(file).unwrap_or("BROKEN");
        if text.contains("BROKEN") {
            findings.push(Diagnostic::blocked("RY002", Block::File, file, "not YAML"));
        } else if !text.lines().any(|line| line == word) {
            findings.push(Diagnostic::error("HAS", file, format!("no {word}")));
        } else if text.contains("ADVICE") {
            findings.push(Diagnostic::warning("HAS", file, "could be nicer"));
        }
    }
    let status = Status::of(findings.iter().map(|finding| finding.severity));
    let findings =
        findings.into_iter().map(|diagnostic| Finding { diagnostic, place: None, edit_place: None }).collect();
    Ok(TaskReport { id: task.id.clone(), status, findings })
}

fn problems(files: &Files) -> Vec<String> {
    let module = load(files, "m").unwrap_or_else(|errors| panic!("{errors:?}"));
    prove_with(&module, files, "m", &judge).iter().map(ToString::to_string).collect()
}

#[test]
fn a_sound_module_has_no_problems() {
    assert_eq!(problems(&base()), Vec::<String>::new());
}

#[test]
fn each_way_of_breaking_it_is_reported() {
    // File, what is replaced by what, and what is reported.
    #[rustfmt::skip]
    let cases = [
        ("one.md", "code = \"HAS\", word = \"one\"", "code = \"HAT\"", "m/one.md:9:11: task 1.1: there is no check HAT"),
        ("one.md", "word = \"two\"", "wort = \"two\"", "m/one.md:17:11: task 1.2: check HAS: missing field `word`"),
        ("one.md", "https://docs.example.com/a", "docs.example.com/a", "m/one.md:10:30: `docs.example.com/a` is no web address"),
        ("one.md", "https://docs.example.com/b", "next.md", "m/one.md:35:5: `next.md` is no web address"),
        ("one.md", "```diagram\nd", "```diagram\ne", "m/one.md:38:1: module.toml has no diagram with the id `e`"),
        ("one.md", "```diagram\nd", "```diagram", "m/one.md:37:1: module.toml has no diagram with the id ``"),
        ("one.md", "```diagram\nd", "```text\nd", "m/module.toml:10:6: no prose shows the diagram d"),
        ("one.md", "event.json", "events.json", "m/one.md:42:1: the samples have no file `events.json`"),
        ("one.md", "```include", "```text", "m/samples/event.json: no prose shows it"),
        ("one.md", "deploys = \"shop\"", "deploys = \"shot\"", "m/one.md:31:6: task 1.4 deploys shot, which is not among the services"),
        ("one.md", "deploys = \"shop\"", "", "m/one.md:31:6: task 1.4 has neither checks nor a deployment"),
        ("one.md", "answer = \"1.1.patch\"\nhints = [{ title = \"H\" }, { title = \"S\", patch = \"1.1.hint.patch\" }]", "answer = \"1.1.patch\"", "m/one.md:6:6: task 1.1 is graded and has no hint"),
        ("one.md", "answer = \"1.2.patch\"\n", "", "m/one.md:15:6: task 1.2 is graded and has no answer"),
        ("one.md", "file = \"shop/serverless.yml\"", "file = \"shop/handler.py\"", "m/one.md:6:6: task 1.1 names the file shop/handler.py"),
        ("questions.md", "step = \"1\"", "step = \"2\"", "m/questions.md:5:8: question q names step 2"),
        ("module.toml", "[\"shop\"]", "[\"shop\", \"shed\"]", "m/module.toml:5:21: the starter has no shed/serverless.yml"),
        ("module.toml", "to = \"b\"", "to = \"c\"", "m/module.toml:17:3: an edge of diagram d names the node c"),
        ("module.toml", "id = \"b\"", "id = \"a\"", "m/module.toml:14:3: two nodes of diagram d have the id a"),
        ("module.toml", "column = 1", "column = 0", "m/module.toml:14:3: two nodes of diagram d stand at row 0, column 0"),
        ("starter/shop/serverless.yml", "A\n\n", "A\none\n", "m/module.toml: the starter, task 1.1 passes already"),
        ("answers/1.1.patch", "+one", "+uno", "m/answers/1.1.patch: after this answer, task 1.1 should pass and fails (HAS shop/serverless.yml: no one)"),
        ("answers/1.1.patch", "+one", "+one ADVICE", "m/answers/1.1.patch: after this answer, task 1.1 should pass and fails"),
        ("answers/1.1.patch", "@@ -1 +1,2 @@\n A\n+one\n", "@@ -1 +1,3 @@\n A\n+one\n+ADVICE\n", "m/answers/1.1.patch: after this answer, task 1.1 passes only with advice (HAS shop/serverless.yml: could be nicer)"),
        ("answers/1.1.patch", "@@ -1 +1,2 @@\n A\n+one\n", "@@ -1 +1,3 @@\n A\n+one\n+two\n", "m/answers/1.1.patch: after this answer, task 1.2 passes already"),
        ("answers/1.1.patch", "@@ -1 +1,2 @@\n A\n", "@@ -1 +1,2 @@\n X\n", "m/answers/1.1.patch: does not apply to the state before task 1.1"),
        ("answers/1.1.patch", "--- a/", "not a patch: ", "m/answers/1.1.patch: does not apply to the state before task 1.1: not a unified diff"),
        ("answers/1.2.patch", "@@ -1 +1,2 @@\n B\n+two\n", "@@ -1 +1,3 @@\n B\n+two\n+three\n", "m/answers/1.2.patch: after this answer alone, task 1.3 passes already"),
        ("answers/1.3.patch", "@@ -1 +1,2 @@\n C\n", "@@ -3,2 +3,3 @@\n B\n two\n", "m/answers/1.3.patch: does not apply to the state before task 1.3"),
        ("answers/1.2.patch", "@@ -1 +1,2 @@\n B\n", "@@ -3,3 +3,4 @@\n B\n \n C\n", ""),
        ("answers/1.1.hint.patch", "+FIXME", "+one", "m/answers/1.1.hint.patch: the scaffold passes task 1.1"),
        ("answers/1.1.hint.patch", "+FIXME", "+BROKEN", "m/answers/1.1.hint.patch: with the scaffold the file does not parse (RY002"),
        ("answers/1.1.hint.patch", " A\n", " X\n", "m/answers/1.1.hint.patch: does not apply to the state before task 1.1"),
    ];
    let mut wrong = Vec::new();
    for (file, old, new, expected) in cases {
        let mut files = base();
        let text = files.get_mut(&format!("m/{file}")).unwrap();
        assert!(text.contains(old), "{file}: {old}");
        *text = text.replacen(old, new, 1);
        if old.contains("1.1.hint.patch") {
            // The loader refuses patches and headings that belong to nothing.
            files.remove("m/answers/1.1.hint.patch");
            let text = files.get_mut("m/one.md").unwrap();
            *text = text.replacen("### Hint 1\nh\n### Hint 2\nh\n", "", 1);
        }
        if old == "answer = \"1.2.patch\"\n" {
            files.remove("m/answers/1.2.patch");
        }
        let found = problems(&files);
        let as_expected =
            found.iter().any(|problem| problem.starts_with(expected)) || (expected.is_empty() && found.is_empty());
        if !as_expected {
            wrong.push(format!("{file}: {old:?} -> {new:?}: expected {expected:?}, found {found:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_scaffold_must_leave_earlier_tasks_done() {
    let mut files = base();
    let step = files.get_mut("m/one.md").unwrap();
    *step = step.replacen(
        "any_order = \"g\"\nhints = [{ title = \"H\" }]",
        "hints = [{ title = \"H\", patch = \"1.2.hint.patch\" }]",
        1,
    );
    let undo = "--- a/shop/serverless.yml\n+++ b/shop/serverless.yml\n@@ -1,2 +1,1 @@\n A\n-one\n";
    files.insert("m/answers/1.2.hint.patch".to_owned(), undo.to_owned());
    assert_eq!(problems(&files), ["m/answers/1.2.hint.patch: the scaffold undoes task 1.1"]);
}

#[test]
fn tasks_of_a_group_stand_together() {
    let mut files = base();
    let step = files.get_mut("m/one.md").unwrap();
    *step = step.replacen("answer = \"1.1.patch\"", "answer = \"1.1.patch\"\nany_order = \"g\"", 1);
    *step = step.replacen("any_order = \"g\"\nhints = [{ title = \"H\" }]", "hints = [{ title = \"H\" }]", 1);
    let found = problems(&files);
    assert_eq!(found, ["m/one.md:23:6: task 1.3 belongs to the group g, but other tasks stand between"]);
}

#[test]
fn answers_that_get_in_each_other_s_way_are_no_group() {
    let mut files = base();
    // Each alone is right, and both in order; backwards the second has moved what the first looks for.
    files.insert("m/answers/1.3.patch".to_owned(), patch("B", "three"));
    files.insert(
        "m/answers/1.2.patch".to_owned(),
        "--- a/shop/serverless.yml\n+++ b/shop/serverless.yml\n@@ -3,2 +3,3 @@\n B\n \n+two\n".to_owned(),
    );
    let found = problems(&files);
    assert!(
        found.iter().any(|problem| problem.starts_with(
            "m/answers/1.2.patch: does not apply when the tasks of its group are done backwards: it does not fit"
        )),
        "{found:#?}"
    );
}

#[test]
fn the_built_in_module_holds_what_it_promises() {
    let module = built_in().unwrap_or_else(|errors| panic!("{errors:?}"));
    let mut problems: Vec<String> =
        prove(&module, &built_in_files(), BUILT_IN).iter().map(ToString::to_string).collect();
    // That every check exists is for the test of `rydes author check` to say: this one also runs while a rule is being written.
    problems.retain(|problem| !problem.contains("there is no check"));
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn the_finished_file_in_the_lesson_is_the_finished_file() {
    let module = built_in().unwrap_or_else(|errors| panic!("{errors:?}"));
    let task = module.task("3.4").unwrap();
    let after = module.state_after(&task.id).unwrap();
    assert!(task.prose.contains(after["wild-rydes-ride-record/handlers/put_ride_record.py"].as_str()));
}
