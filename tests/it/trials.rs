//! Grading by running: the cases of `tests/grading` that are about Python, judged with what their handlers did when they ran.
//!
//! A sample is tried, the same each time; `RYDES_TRIALS=all` tries every case.

use std::collections::BTreeSet;
use std::fs;

use rydes::check::behaviour::Subject;
use rydes::check::{Evidence, grade_task};
use rydes::sandbox::Trials;
use rydes::workshop::{Source, built_in};

use super::grading::{all_cases, words};

/// Of the cases, every so manieth is tried.
const EVERY: usize = 23;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn running_agrees_with_what_is_expected() {
    let module = built_in().unwrap();
    let everything = std::env::var("RYDES_TRIALS").is_ok_and(|which| which == "all");
    let trials = Trials::default();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/grading/trial-gaps.txt");
    let gaps = fs::read_to_string(path).unwrap_or_default();
    let gaps: BTreeSet<&str> = gaps.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    let (mut count, mut number, mut wrong, mut ran) = (0, 0, Vec::new(), 0);
    for (name, cases) in &all_cases() {
        let task = module.task(&cases.task).unwrap();
        let Some(subject) = Subject::of(task) else { continue };
        for case in &cases.cases {
            number += 1;
            if !everything && number % EVERY != 0 {
                continue;
            }
            count += 1;
            let title = format!("{name}: {}", case.name);
            let tree = case.tree(&module, cases).unwrap();
            let files: Vec<_> = tree.into_iter().map(|(path, text)| (path, Source::Text(text.into()))).collect();
            let done = trials.run(&files, std::slice::from_ref(&subject)).await.unwrap();
            ran += done.iter().filter(|trial| trial.import.is_none()).count();
            let seen = format!("{:?}", done.first());
            let evidence = Evidence::new(files).with_trials(done);
            let report = grade_task(task, &evidence).unwrap();
            let status = format!("{:?}", report.status).to_lowercase();
            if case.expects(&status) == gaps.contains(title.as_str()) {
                let detail = if std::env::var("RYDES_SHOW").is_ok() { seen } else { String::new() };
                let expect = case.expectation();
                wrong.push(format!("{title}: {status}, expected {expect}\n      {}\n{detail}", words(&report)));
            }
        }
    }
    trials.stop().await;
    eprintln!("{count} cases, {ran} ran, {} disagree", wrong.len());
    assert!(ran > 0, "nothing ran");
    assert!(wrong.is_empty(), "{} of {count} verdicts are wrong:\n{}", wrong.len(), wrong.join("\n"));
}
