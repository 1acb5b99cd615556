//! Drawing: each screen at 200x60, and what a key costs before it.

#![expect(clippy::expect_used, reason = "a measurement that cannot be made must stop")]

use divan::Bencher;
use rydes::tui::preview::Preview;
use rydes::workshop::built_in;

fn main() {
    divan::main();
}

/// The commands that lead from a task to each screen.
const SCREENS: [&[&str]; 6] = [&[], &["hint", "hint"], &["answer", "open"], &["help"], &["palette"], &["search"]];

fn preview(commands: &[&str]) -> Preview {
    let module = built_in().expect("the built-in module");
    let mut preview = Preview::new(module, "2.5c", 200, 60).expect("a screen");
    commands.iter().for_each(|command| preview.run(command));
    preview.draw();
    preview
}

#[divan::bench(args = SCREENS)]
fn draw(bencher: Bencher, commands: &&[&str]) {
    let mut preview = preview(commands);
    bencher.bench_local(|| preview.draw());
}

#[divan::bench]
fn next_page(bencher: Bencher) {
    let mut preview = preview(&[]);
    let mut forward = true;
    bencher.bench_local(|| {
        preview.run(if forward { "next" } else { "previous" });
        forward = !forward;
        preview.draw();
    });
}
