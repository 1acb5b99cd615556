//! Grading by running: the cases of `tests/grading` that are about Python, judged with what their handlers did when they ran.
//!
//! Of those a sample is tried, the same each time; `RYDES_TRIALS=all` tries every case.

use rydes::check::behaviour::Subject;
use rydes::check::{Evidence, grade_task};
use rydes::sandbox::Trials;
use rydes::workshop::{Source, TaskId, built_in};

use super::grading::{Cases, all_cases, cases_in, words};
use super::support::Workshop;

/// Of the cases, every so manieth is tried.
const EVERY: usize = 23;

/// Judges cases with what their handlers do; gives how many were tried, how many of them ran, and what is wrong.
async fn judge(cases: &[(String, Cases)], every: usize) -> (usize, usize, Vec<String>) {
    let module = built_in().unwrap();
    let trials = Trials::default();
    let (mut count, mut number, mut ran, mut wrong) = (0, 0, 0, Vec::new());
    for (name, cases) in cases {
        let task = module.task(&cases.task).unwrap();
        let Some(subject) = Subject::of(task) else { continue };
        for case in &cases.cases {
            number += 1;
            if number % every != 0 {
                continue;
            }
            count += 1;
            let tree = case.tree(&module, cases).unwrap_or_else(|error| panic!("{name}: {}: {error}", case.name));
            let files: Vec<_> = tree.into_iter().map(|(path, text)| (path, Source::Text(text.into()))).collect();
            let done = trials.run(&files, std::slice::from_ref(&subject)).await.unwrap();
            ran += done.iter().filter(|trial| trial.import.is_none() || !trial.constants.is_empty()).count();
            let seen = std::env::var("RYDES_SHOW").map(|_| format!("\n{done:?}")).unwrap_or_default();
            let report = grade_task(task, &Evidence::new(files).with_trials(done)).unwrap();
            let status = format!("{:?}", report.status).to_lowercase();
            if !case.expects(&status) {
                let expect = case.expectation();
                wrong.push(format!(
                    "{name}: {}: {status}, expected {expect}\n      {}{seen}",
                    case.name,
                    words(&report)
                ));
            }
        }
    }
    trials.stop().await;
    eprintln!("{count} cases, {ran} ran, {} disagree", wrong.len());
    (count, ran, wrong)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn running_agrees_with_what_reading_was_found_to_say() {
    let everything = std::env::var("RYDES_TRIALS").is_ok_and(|which| which == "all");
    let (count, ran, wrong) = judge(&all_cases(), if everything { 1 } else { EVERY }).await;
    assert!(ran > 0, "nothing ran");
    assert!(wrong.is_empty(), "{} of {count} verdicts are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn running_settles_what_reading_cannot() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/trials");
    let (count, ran, wrong) = judge(&cases_in(folder.as_ref()), 1).await;
    assert!(ran > 0, "nothing ran");
    assert!(wrong.is_empty(), "{} of {count} verdicts are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// The function publishes the first ride for ever: reading cannot tell.
const ONLY_THE_FIRST: &str = "
_RIDES = []


def _publish_ride_record(ride, sns_topic_arn=RIDES_SNS_TOPIC_ARN):
    _RIDES.append(ride)
    SNS_CLIENT.publish(TopicArn=sns_topic_arn, Message=json.dumps(_RIDES[0]))
";

fn with_only_the_first() -> Workshop {
    let workshop = Workshop::starter();
    let module = built_in().unwrap();
    let tree = module.state_after(&TaskId("2.5c".to_owned())).unwrap();
    for (path, text) in tree.iter().filter(|(path, _)| path.starts_with("wild-rydes/")) {
        let text = match text.find("def _publish_ride_record") {
            Some(start) => {
                let end = text.find("def handler").unwrap();
                format!("{}{}\n\n{}", &text[..start], ONLY_THE_FIRST.trim_start(), &text[end..])
            }
            None => text.clone(),
        };
        workshop.write(path, &text);
    }
    workshop
}

#[test]
fn check_runs_handlers_unless_told_not_to() {
    let workshop = with_only_the_first();
    let temporary = tempfile::tempdir().unwrap();
    let output = workshop.command(&["check", "2.5c"]).env("TMPDIR", temporary.path()).output().unwrap();
    let words = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{words}");
    assert!(words.contains("is not the ride") && words.contains("sns Publish("), "{words}");
    assert_eq!(std::fs::read_dir(temporary.path()).unwrap().count(), 0, "something is left in the temporary folder");
    let read = workshop.run(&["check", "2.5c", "--static"]).stdout();
    assert!(!read.contains("Run with"), "{read}");
}

#[test]
fn without_python_handlers_are_judged_by_reading_and_that_is_said_once() {
    let workshop = with_only_the_first();
    let temporary = tempfile::tempdir().unwrap();
    let mut command = workshop.command(&["check", "2.5", "3", "--format", "json"]);
    let output = command.env("RYDES_PYTHON", "/nowhere/python3").env("TMPDIR", temporary.path()).output().unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert_eq!(complaint.matches("judged by reading them alone").count(), 1, "{complaint}");
    let read = workshop.run(&["check", "2.5", "3", "--static", "--format", "json"]).stdout();
    assert_eq!(String::from_utf8_lossy(&output.stdout), read);
    assert_eq!(std::fs::read_dir(temporary.path()).unwrap().count(), 0, "something is left in the temporary folder");
}
