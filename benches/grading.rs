//! Grading by reading, in process. Budget: the whole workspace in 5 ms.

#![expect(clippy::expect_used, reason = "a measurement that cannot be made must stop")]

use rydes::check::{Evidence, grade};
use rydes::workshop::{Source, Tree, built_in};

fn main() {
    divan::main();
}

fn evidence(tree: &Tree) -> Evidence {
    Evidence::new(tree.iter().map(|(path, text)| (path.clone(), Source::Text(text.as_str().into()))))
}

/// From text to verdict: parsing included.
#[divan::bench(args = ["starter", "finished"])]
fn whole_workspace(bencher: divan::Bencher<'_, '_>, state: &str) {
    let module = built_in().expect("the built-in module loads");
    let last = module.tasks().last().expect("the module has tasks").id.clone();
    let tree =
        if state == "starter" { module.starter.clone() } else { module.state_after(&last).expect("the answers apply") };
    bencher.bench(|| grade(&module, module.tasks(), &evidence(&tree)).expect("the checks exist"));
}

#[divan::bench]
fn load_the_built_in_module() -> usize {
    built_in().expect("the built-in module loads").steps.len()
}
