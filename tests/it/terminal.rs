//! The real program in a real terminal: it starts, is used, and gives the terminal back however it ends.

use std::ffi::OsStr;
use std::fs;
use std::io::{Read, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use vt100::Parser;

const PATIENCE: Duration = Duration::from_secs(30);
const BACK: &str = "\x1b[?1049l";

struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    output: Receiver<Vec<u8>>,
    input: Box<dyn Write + Send>,
    _master: Box<dyn MasterPty + Send>,
    screen: Parser,
    raw: String,
}

impl Terminal {
    fn start(folder: &Path, environment: &[(&str, &str)]) -> Self {
        Self::start_in(folder, folder.as_os_str(), environment)
    }

    /// The program started in `folder`, with the workshop folder named as `named`.
    fn start_in(folder: &Path, named: &OsStr, environment: &[(&str, &str)]) -> Self {
        Self::start_with(folder, &[named], environment)
    }

    /// The program started in `folder` with these arguments.
    fn start_with(folder: &Path, arguments: &[&OsStr], environment: &[(&str, &str)]) -> Self {
        let pty = native_pty_system().openpty(PtySize { rows: 30, cols: 100, ..PtySize::default() }).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_rydes"));
        command.cwd(folder);
        command.args(arguments);
        for name in ["NO_COLOR", "VISUAL", "EDITOR", "RYDES_WORKSHOP", "WORKSHOP", "RYDES_MODULE"] {
            command.env_remove(name);
        }
        command.env("XDG_CONFIG_HOME", folder.join("no-settings"));
        command.env("TERM", "xterm-256color");
        environment.iter().for_each(|(name, value)| command.env(name, value));
        let child = pty.slave.spawn_command(command).unwrap();
        drop(pty.slave);
        let mut reader = pty.master.try_clone_reader().unwrap();
        let (sender, output) = channel();
        thread::spawn(move || {
            let mut buffer = [0; 8192];
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                if sender.send(buffer[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        let input = pty.master.take_writer().unwrap();
        Self { child, output, input, _master: pty.master, screen: Parser::new(30, 100, 0), raw: String::new() }
    }

    fn press(&mut self, keys: &str) {
        self.input.write_all(keys.as_bytes()).unwrap();
        self.input.flush().unwrap();
    }

    /// Waits until `text` is on the screen.
    fn until(&mut self, text: &str) {
        self.wait(text, true);
    }

    /// Waits until `text` is no more on the screen.
    fn until_gone(&mut self, text: &str) {
        self.wait(text, false);
    }

    fn wait(&mut self, text: &str, shown: bool) {
        let deadline = Instant::now() + PATIENCE;
        while self.screen.screen().contents().contains(text) != shown {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(bytes) => self.take_in(&bytes),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    panic!("never came to shown={shown} of {text:?}:\n{}", self.screen.screen().contents())
                }
            }
        }
    }

    fn take_in(&mut self, bytes: &[u8]) {
        self.screen.process(bytes);
        self.raw.push_str(&String::from_utf8_lossy(bytes));
    }

    /// Waits for the end; everything that the program wrote.
    fn end(mut self) -> String {
        let deadline = Instant::now() + PATIENCE;
        while let Ok(bytes) = self.output.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            self.take_in(&bytes);
        }
        self.child.wait().unwrap();
        assert!(!self.screen.screen().alternate_screen(), "the terminal was not given back");
        assert!(!self.screen.screen().hide_cursor());
        assert!(!self.screen.screen().bracketed_paste());
        self.raw
    }
}

#[test]
fn an_empty_folder_leads_to_the_first_lesson_and_leaves_no_trace_on_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::start(folder.path(), &[]);
    terminal.until("Start here?");
    assert!(fs::read_dir(folder.path()).unwrap().next().is_none(), "nothing is written unasked");
    terminal.press("y");
    terminal.until("files written");
    assert!(folder.path().join("wild-rydes/serverless.yml").is_file());
    terminal.press("q");
    assert!(terminal.end().contains(BACK));
    assert!(folder.path().join(".rydes/progress.json").is_file());
}

#[test]
fn the_linux_console_gets_the_characters_that_its_font_has() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::start(folder.path(), &[("TERM", "linux")]);
    terminal.until("Start here?");
    let contents = terminal.screen.screen().contents();
    assert!(contents.is_ascii(), "{contents}");
    terminal.press("nq");
    terminal.end();
}

#[test]
fn saved_files_are_graded_in_place() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::start(folder.path(), &[]);
    terminal.until("Start here?");
    terminal.press("y");
    terminal.until("files written");
    terminal.press("nnnnn");
    terminal.until("2.1  Add the topic");
    terminal.until("not there yet");
    let file = folder.path().join("wild-rydes/serverless.yml");
    let text = fs::read_to_string(&file).unwrap();
    // As vim saves: a new file takes the place of the old one.
    let beside = folder.path().join("wild-rydes/.serverless.yml.swp");
    fs::write(
        &beside,
        text.replace("  Resources:\n", "  Resources:\n    RidesSnsTopic:\n      Type: AWS::SNS::Topic\n"),
    )
    .unwrap();
    fs::rename(&beside, &file).unwrap();
    terminal.until("2.1 is done! Next: 2.2");
    terminal.press("q");
    terminal.end();
}

#[cfg(unix)]
#[test]
fn the_editor_has_the_terminal_and_gives_it_back() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let editor = folder.path().join("editor");
    fs::write(&editor, "#!/bin/sh\nprintf 'EDITING %s\\n' \"$1\"\nread line\n").unwrap();
    fs::set_permissions(&editor, fs::Permissions::from_mode(0o755)).unwrap();
    let mut terminal = Terminal::start(folder.path(), &[("EDITOR", editor.to_str().unwrap())]);
    terminal.until("Start here?");
    terminal.press("y");
    terminal.until("files written");
    terminal.press("nnnnn");
    terminal.until("2.1  Add the topic");
    terminal.press("e");
    terminal.until("EDITING");
    terminal.press("done\n");
    terminal.until("2.1  Add the topic");
    terminal.press("q");
    terminal.end();
}

#[cfg(unix)]
#[test]
fn the_editor_finds_the_file_of_a_workshop_that_was_named_relatively() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let editor = folder.path().join("editor");
    fs::write(&editor, "#!/bin/sh\nhead -n 1 \"$1\"\nread line\n").unwrap();
    fs::set_permissions(&editor, fs::Permissions::from_mode(0o755)).unwrap();
    fs::create_dir(folder.path().join("rides")).unwrap();
    let mut terminal = Terminal::start_in(folder.path(), OsStr::new("rides"), &[("EDITOR", editor.to_str().unwrap())]);
    terminal.until("Start here?");
    terminal.press("y");
    terminal.until("files written");
    terminal.press("nnnnn");
    terminal.until("2.1  Add the topic");
    terminal.press("e");
    let file = fs::read_to_string(folder.path().join("rides/wild-rydes/serverless.yml")).unwrap();
    terminal.until(file.lines().next().unwrap());
    terminal.press("done\n");
    terminal.until("2.1  Add the topic");
    terminal.press("q");
    terminal.end();
}

#[test]
fn services_are_deployed_and_a_ride_travels_through_them() {
    let workshop = crate::support::Workshop::starter();
    let mut terminal = Terminal::start(workshop.root(), &[]);
    terminal.until("sandbox :");
    terminal.press("D");
    terminal.until("✓ wild-rydes │ activity");
    terminal.until("created");
    terminal.press("o");
    terminal.until("wild-rydes-dev is deployed");
    terminal.press("R");
    terminal.until("is on its way");
    terminal.press("\x1b");
    terminal.until("Sandbox  1 ride");
    // A handler that breaks shows, and so does that it was mended.
    let handler = workshop.read("wild-rydes/handlers/request_ride.py");
    workshop.write("wild-rydes/handlers/request_ride.py", &format!("{handler}\n1 / 0\n"));
    terminal.press("R");
    terminal.until("No ride: answered 502");
    terminal.until("ZeroDivisionError");
    workshop.write("wild-rydes/handlers/request_ride.py", &handler);
    terminal.press("R");
    terminal.until("Sandbox  2 rides, 1 failed");
    terminal.press("q");
    terminal.end();
    assert!(!workshop.path(".rydes/sandbox.json").exists(), "the sandbox has ended");
    // What was deployed is there the next time.
    let stacks = workshop.read(".rydes/sandbox/cloudformation.json");
    assert!(stacks.contains("wild-rydes-ride-record-dev"));
}

#[cfg(unix)]
#[test]
fn a_signal_ends_the_sandbox_with_the_program() {
    let workshop = crate::support::Workshop::starter();
    let mut terminal = Terminal::start(workshop.root(), &[]);
    terminal.until("sandbox :");
    let id = terminal.child.process_id().unwrap().to_string();
    assert!(workshop.path(".rydes/sandbox.json").exists());
    assert!(std::process::Command::new("kill").args(["-s", "TERM", &id]).status().unwrap().success());
    assert!(terminal.end().contains(BACK));
    assert!(!workshop.path(".rydes/sandbox.json").exists());
}

#[test]
fn a_second_program_uses_the_sandbox_of_the_first() {
    let workshop = crate::support::Workshop::starter();
    let mut first = Terminal::start(workshop.root(), &[]);
    first.until("sandbox :");
    let mut second = Terminal::start(workshop.root(), &[]);
    second.until("of another rydes");
    second.press("D");
    second.until("✓ wild-rydes │ activity");
    first.press("o");
    first.until("wild-rydes-dev is deployed");
    // When the first leaves, the second goes on with a sandbox of its own.
    first.press("q");
    first.end();
    second.press("\x1b");
    second.until_gone("of another rydes");
    second.until("sandbox :");
    second.press("q");
    second.end();
}

#[cfg(unix)]
#[test]
fn signals_give_the_terminal_back() {
    for signal in ["TERM", "HUP", "INT"] {
        let folder = tempfile::tempdir().unwrap();
        let mut terminal = Terminal::start(folder.path(), &[]);
        terminal.until("Start here?");
        let id = terminal.child.process_id().unwrap().to_string();
        let status = std::process::Command::new("kill").args(["-s", signal, &id]).status().unwrap();
        assert!(status.success());
        assert!(terminal.end().contains(BACK), "{signal}");
    }
}

#[test]
fn a_recording_is_played_on_the_screen_and_recorded_again() {
    let folder = tempfile::tempdir().unwrap();
    let recording = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/monitor/event_driven.jsonl");
    fs::copy(recording, folder.path().join("rides.jsonl")).unwrap();
    let arguments = ["monitor", "--replay", "rides.jsonl", "--speed", "max", "--record", "again.jsonl"];
    let mut terminal = Terminal::start_with(folder.path(), &arguments.map(OsStr::new), &[]);
    terminal.until("Live ride monitor");
    terminal.until("played to the end");
    terminal.until("5 recorded");
    terminal.press("\r");
    terminal.until("RideId");
    terminal.until_gone("Live rides");
    terminal.press("\x1b");
    terminal.until("Live rides");
    terminal.press("q");
    assert!(terminal.end().contains(BACK));
    let events = |path: &Path| {
        let text = fs::read_to_string(path).unwrap();
        text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()).collect::<Vec<_>>()
    };
    let (before, after) = (events(Path::new(recording)), events(&folder.path().join("again.jsonl")));
    assert_eq!(before.len(), after.len(), "nothing is dropped on the way");
    assert!(before.iter().zip(&after).all(|(one, other)| one["seen"] == other["seen"] && one["type"] == other["type"]));
}

#[test]
fn a_recording_that_is_not_there_is_said_on_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let terminal = Terminal::start_with(folder.path(), &["monitor", "--replay", "no.jsonl"].map(OsStr::new), &[]);
    let said = terminal.end();
    assert!(said.contains("cannot read no.jsonl"), "{said}");
}
