//! The built-in module's own states.

use super::words;
use crate::check::{Evidence, Status, grade_task};
use crate::workshop::{Source, Tree, built_in};

fn evidence(tree: Tree) -> Evidence {
    Evidence::new(tree.into_iter().map(|(path, text)| (path, Source::Text(text.into()))))
}

#[test]
fn answers_pass_and_states_before_them_fail() {
    let module = built_in().unwrap();
    for task in module.tasks().filter(|task| task.file.as_deref().is_some_and(|file| file.ends_with(".yml"))) {
        let after = grade_task(task, &evidence(module.state_after(&task.id).unwrap())).unwrap();
        let findings: Vec<_> = after.findings.into_iter().map(|finding| finding.diagnostic).collect();
        assert_eq!(after.status, Status::Pass, "after {}: {}", task.id, words(&findings));
        let before = grade_task(task, &evidence(module.state_before(&task.id).unwrap())).unwrap();
        let findings: Vec<_> = before.findings.into_iter().map(|finding| finding.diagnostic).collect();
        assert_eq!(before.status, Status::Fail, "before {}: {}", task.id, words(&findings));
        println!("{}: {}", task.id, words(&findings));
    }
}
