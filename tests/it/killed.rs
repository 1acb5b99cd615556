//! The learner's files through kills: whenever the program dies while it changes them, undoing gives every byte back.

use std::fs;
use std::time::Instant;

use crate::support::Workshop;

const FILES: [&str; 2] = ["wild-rydes/serverless.yml", "wild-rydes/handlers/request_ride.py"];

#[test]
fn a_kill_at_any_moment_loses_nothing() {
    let workshop = Workshop::starter();
    for task in ["2.1", "2.2", "2.5a", "2.5b"] {
        workshop.run(&["answer", task, "--apply", "--yes"]).code(0);
    }
    // Nothing but the reset itself can be undone.
    fs::remove_dir_all(workshop.path(".rydes")).unwrap();
    let old: Vec<Vec<u8>> = FILES.iter().map(|path| fs::read(workshop.path(path)).unwrap()).collect();
    let reset = ["reset", "2", "--yes"];
    let started = Instant::now();
    workshop.run(&reset).code(0);
    let whole = started.elapsed();
    let new: Vec<Vec<u8>> = FILES.iter().map(|path| fs::read(workshop.path(path)).unwrap()).collect();
    workshop.run(&["reset", "--undo", "--yes"]).code(0);
    for moment in 0..40u32 {
        let mut child = workshop.command(&reset).stderr(std::process::Stdio::null()).spawn().unwrap();
        // A spread of moments over a whole run; the exact one does not matter, and none is waited for in vain.
        let deadline = Instant::now() + whole * moment / 36;
        while Instant::now() < deadline {
            std::hint::spin_loop();
        }
        let _ = child.kill();
        child.wait().unwrap();
        for (index, path) in FILES.iter().enumerate() {
            let now = fs::read(workshop.path(path)).unwrap();
            assert!(now == old[index] || now == new[index], "{path} is neither old nor new after a kill at {moment}");
        }
        let undo = workshop.run(&["reset", "--undo", "--yes"]);
        let changed =
            FILES.iter().enumerate().any(|(index, path)| fs::read(workshop.path(path)).unwrap() != old[index]);
        assert!(!changed, "kill at {moment}: {}", undo.stderr());
    }
}
