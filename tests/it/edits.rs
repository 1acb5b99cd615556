//! The edits that findings offer, made on every case of `tests/grading`: each mends what it says it mends, and breaks nothing.

use rydes::check::{Evidence, Finding, Report, grade};
use rydes::diagnostic::{Severity, Status};
use rydes::workshop::{Module, Source, Task, Tree, built_in};

use crate::grading::all_cases;

fn graded<'a>(module: &Module, tasks: impl Iterator<Item = &'a Task>, tree: &Tree) -> Report {
    let files = tree.iter().map(|(path, text)| (path.clone(), Source::Text(text.as_str().into())));
    grade(module, tasks, &Evidence::new(files)).unwrap()
}

fn badness(status: Status) -> u8 {
    match status {
        Status::Pass => 0,
        Status::Warn => 1,
        Status::Blocked => 2,
        Status::Fail => 3,
    }
}

/// How many of the task's findings say the same.
fn same(finding: &Finding, report: &Report, task: &str) -> usize {
    let task = report.tasks.iter().find(|other| other.id.0 == task).unwrap();
    let is_same = |other: &&Finding| {
        other.diagnostic.code == finding.diagnostic.code && other.diagnostic.message == finding.diagnostic.message
    };
    task.findings.iter().filter(is_same).count()
}

#[test]
fn every_edit_mends_its_finding_and_breaks_nothing() {
    let module = built_in().unwrap();
    let (mut tried, mut wrong) = (0, Vec::new());
    for (name, cases) in &all_cases() {
        for case in &cases.cases {
            let Ok(tree) = case.tree(&module, cases) else { continue };
            let own = || module.tasks().filter(|task| task.id.0 == cases.task);
            let alone = graded(&module, own(), &tree);
            if alone.tasks[0].findings.iter().all(|finding| finding.diagnostic.edit.is_none()) {
                continue;
            }
            // All tasks about that file: what mends one must not break another.
            let file = own().next().and_then(|task| task.file.as_ref());
            let neighbours = || module.tasks().filter(|task| task.file.as_ref() == file);
            let before = graded(&module, neighbours(), &tree);
            for finding in &alone.tasks[0].findings {
                let Some(edit) = &finding.diagnostic.edit else { continue };
                tried += 1;
                let mut say = |what: String| {
                    wrong.push(format!("{name}: {}: {} ({}): {what}", case.name, edit.title, finding.diagnostic.code));
                };
                let mut after = tree.clone();
                let Some(text) = after.get_mut(&edit.file) else {
                    say(format!("there is no {}", edit.file));
                    continue;
                };
                if text.get(edit.span.start..edit.span.end).is_none() {
                    say(format!("{:?} is no place in {}", edit.span, edit.file));
                    continue;
                }
                text.replace_range(edit.span.start..edit.span.end, &edit.text);
                let report = graded(&module, neighbours(), &after);
                if same(finding, &report, &cases.task) >= same(finding, &before, &cases.task) {
                    say(format!("the finding stays: {}", finding.diagnostic.message));
                }
                for (old, new) in before.tasks.iter().zip(&report.tasks) {
                    let unreadable = |task: &rydes::check::TaskReport| {
                        task.findings.iter().any(|finding| {
                            matches!(finding.diagnostic.severity, Severity::Blocked(rydes::diagnostic::Block::File))
                        })
                    };
                    if badness(new.status) > badness(old.status) || unreadable(new) && !unreadable(old) {
                        let words = new.findings.iter().map(|finding| finding.diagnostic.message.as_str());
                        say(format!(
                            "task {} was {:?} and is {:?}: {}",
                            old.id,
                            old.status,
                            new.status,
                            words.collect::<Vec<_>>().join("; ")
                        ));
                    }
                }
            }
        }
    }
    assert!(tried > 0, "no edits were found");
    assert!(wrong.is_empty(), "{} of {tried} edits are wrong:\n{}", wrong.len(), wrong.join("\n"));
}
