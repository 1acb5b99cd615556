//! The grader against files that learners might write: `tests/grading/*.toml`, each case with its expected verdict.
//!
//! ```toml
//! task = "2.1"                         # which task the cases of this file are about
//! file = "wild-rydes/serverless.yml"   # which file they change
//! state = "before"                     # from which state: before (default) or after the task, or "after 3.4"
//!
//! [[case]]
//! name   = "flow style"
//! expect = "pass"                      # pass, warn, fail, blocked, or several: "pass|warn"
//! says   = "RidesSnsTopic"             # optional: a piece of a finding's message or help
//! replace = [["old text", "new text"]] # each must occur in the file; or
//! text   = "…"                         # the whole file; or
//! base   = "originals/wild-rydes.yml"  # the whole file, beside the cases; `replace` applies to it
//! append = "…"                         # added at the end
//! files  = { "wild-rydes/handlers/x.py" = "…" }   # optional: other files
//! remove = ["wild-rydes/x.py"]         # optional: files that are not there
//! also   = { "2.4" = "fail" }          # optional: verdicts on other tasks
//! ```
//!
//! `gaps.txt` lists the cases whose verdict is known to be wrong today; a case that became right must be taken off it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use rydes::check::{Evidence, TaskReport, grade_task};
use rydes::workshop::{Module, Source, TaskId, Tree, built_in};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cases {
    pub(crate) task: String,
    file: String,
    #[serde(default)]
    state: Option<String>,
    #[serde(rename = "case")]
    pub(crate) cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    pub(crate) name: String,
    expect: String,
    says: Option<String>,
    state: Option<String>,
    #[serde(default)]
    replace: Vec<(String, String)>,
    text: Option<String>,
    base: Option<String>,
    append: Option<String>,
    #[serde(default)]
    files: BTreeMap<String, String>,
    #[serde(default)]
    remove: Vec<String>,
    #[serde(default)]
    also: BTreeMap<String, String>,
}

fn state(module: &Module, task: &str, state: &str) -> Tree {
    let id = TaskId(task.to_owned());
    match state.split_once(' ') {
        Some(("after", other)) => module.state_after(&TaskId(other.to_owned())),
        Some(("before", other)) => module.state_before(&TaskId(other.to_owned())),
        _ if state == "before" => module.state_before(&id),
        _ if state == "after" => module.state_after(&id),
        _ => panic!("no such state: {state}"),
    }
    .unwrap()
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/grading")
}

impl Case {
    /// Whether this verdict is right.
    pub(crate) fn expects(&self, status: &str) -> bool {
        self.expect.split('|').any(|wanted| wanted == status)
    }

    /// The verdict that is right.
    pub(crate) fn expectation(&self) -> &str {
        &self.expect
    }

    /// The files that are graded; an error in words if the case itself makes no sense.
    pub(crate) fn tree(&self, module: &Module, cases: &Cases) -> Result<Tree, String> {
        let name = self.state.as_deref().or(cases.state.as_deref()).unwrap_or("before");
        let mut tree = state(module, &cases.task, name);
        let mut text = match (&self.text, &self.base) {
            (Some(text), _) => text.clone(),
            (None, Some(base)) => {
                fs::read_to_string(folder().join(base)).map_err(|error| format!("{base}: {error}"))?
            }
            (None, None) => tree[&cases.file].clone(),
        };
        for (old, new) in &self.replace {
            if !text.contains(old.as_str()) {
                return Err(format!("{old:?} is not in the file"));
            }
            text = text.replacen(old.as_str(), new, 1);
        }
        text.push_str(self.append.as_deref().unwrap_or_default());
        tree.insert(cases.file.clone(), text);
        tree.extend(self.files.clone());
        tree.retain(|path, _| !self.remove.contains(path));
        Ok(tree)
    }
}

pub(crate) fn words(report: &TaskReport) -> String {
    let line = |finding: &rydes::check::Finding| {
        let place = finding.place.map(|place| format!("{}:{} ", place.line, place.column)).unwrap_or_default();
        format!(
            "{} {place}{} — {}",
            finding.diagnostic.code,
            finding.diagnostic.message,
            finding.diagnostic.help.as_deref().unwrap_or_default()
        )
    };
    report.findings.iter().map(line).collect::<Vec<_>>().join("\n      ")
}

/// All files of cases, by name. `RYDES_CASES=2.1` takes those whose name holds that alone.
pub(crate) fn all_cases() -> Vec<(String, Cases)> {
    cases_in(&folder())
}

/// All files of cases in a folder.
pub(crate) fn cases_in(folder: &std::path::Path) -> Vec<(String, Cases)> {
    let only = std::env::var("RYDES_CASES").unwrap_or_default();
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.retain(|path| path.to_string_lossy().ends_with(".toml") && path.to_string_lossy().contains(&only));
    let read = |path: &PathBuf| {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let cases =
            toml::from_str(&fs::read_to_string(path).unwrap()).unwrap_or_else(|error| panic!("{name}: {error}"));
        (name, cases)
    };
    paths.iter().map(read).collect()
}

#[test]
fn verdicts_are_fair_in_both_directions() {
    let module = built_in().unwrap();
    let gaps = fs::read_to_string(folder().join("gaps.txt")).unwrap_or_default();
    let gaps: BTreeSet<&str> = gaps.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    let (mut count, mut wrong) = (0, Vec::new());
    let mut titles = BTreeSet::new();
    for (name, cases) in &all_cases() {
        for case in &cases.cases {
            count += 1;
            let title = format!("{name}: {}", case.name);
            titles.insert(title.clone());
            let before = wrong.len();
            let tree = match case.tree(&module, cases) {
                Ok(tree) => tree,
                Err(error) => {
                    wrong.push(format!("{name}: {}: {error}", case.name));
                    continue;
                }
            };
            let evidence = Evidence::new(tree.into_iter().map(|(path, text)| (path, Source::Text(text.into()))));
            let mut expected: Vec<(&str, &str)> = vec![(&cases.task, &case.expect)];
            expected.extend(case.also.iter().map(|(task, status)| (task.as_str(), status.as_str())));
            for (task, expect) in expected {
                let report = grade_task(module.task(task).unwrap(), &evidence).unwrap();
                let status = format!("{:?}", report.status).to_lowercase();
                let words = words(&report);
                if !expect.split('|').any(|wanted| wanted == status) {
                    wrong.push(format!(
                        "{name}: {}: task {task} is {status}, expected {expect}\n      {words}",
                        case.name
                    ));
                } else if let Some(says) = case.says.as_ref().filter(|_| task == cases.task)
                    && !words.contains(says.as_str())
                {
                    wrong.push(format!("{name}: {}: no {says:?} in\n      {words}", case.name));
                }
            }
            // A known gap must still be one: whoever closes it takes it off the list.
            if gaps.contains(title.as_str()) {
                let closed = wrong.len() == before;
                wrong.truncate(before);
                if closed {
                    wrong.push(format!("{title}: is right now: take it off gaps.txt"));
                }
            }
        }
    }
    let everything = std::env::var("RYDES_CASES").unwrap_or_default().is_empty();
    let gone = gaps.iter().filter(|gap| everything && !titles.contains(**gap));
    wrong.extend(gone.map(|gap| format!("{gap}: gaps.txt names a case that there is not")));
    assert!(count > 0, "no cases were found");
    assert!(wrong.is_empty(), "{} of {count} verdicts are wrong:\n{}", wrong.len(), wrong.join("\n"));
}
