//! A panic in a real terminal: this test program runs itself there.

use std::env;
use std::io::Read;

use portable_pty::{CommandBuilder, PtySize, native_pty_system};

use super::*;

#[test]
#[ignore = "runs in the terminal of the test below"]
fn child() {
    let _taken = Taken::take().unwrap();
    // A task that breaks must not spoil the screen.
    thread::spawn(|| panic!("quiet")).join().unwrap_err();
    panic!("loud");
}

#[test]
fn a_panic_gives_the_terminal_back_before_it_is_reported() {
    let pty = native_pty_system().openpty(PtySize { rows: 24, cols: 80, ..PtySize::default() }).unwrap();
    let mut command = CommandBuilder::new(env::current_exe().unwrap());
    command.args(["--exact", "tui::terminal::tests::child", "--ignored", "--nocapture"]);
    let mut child = pty.slave.spawn_command(command).unwrap();
    drop(pty.slave);
    let mut reader = pty.master.try_clone_reader().unwrap();
    let mut output = Vec::new();
    // Reading from a terminal whose program has ended is an error on Linux: what was read stays.
    let _ = reader.read_to_end(&mut output);
    child.wait().unwrap();
    let output = String::from_utf8_lossy(&output);
    let at = |needle: &str| output.find(needle).unwrap_or_else(|| panic!("no {needle:?} in {output:?}"));
    assert!(at("\x1b[?1049h") < at("\x1b[2J") && at("\x1b[2J") < at("\x1b[?1049l"), "{output:?}");
    assert!(at("\x1b[?1049l") < at("loud"), "{output:?}");
    assert!(at("\x1b[?1000h") < at("\x1b[?1000l") && at("\x1b[?2004h") < at("\x1b[?2004l"));
    assert!(output.contains("\x1b[?25h"));
    assert!(!output.contains("quiet"), "{output:?}");
}
