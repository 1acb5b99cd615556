//! The whole program, measured from outside: a command from start to exit, the first frame after exec, and a verdict on screen after a save.
//!
//! `cargo bench --bench process` prints the median and the 95th percentile of each against its budget.

#![expect(clippy::expect_used, clippy::panic, reason = "a measurement that cannot be made must stop")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};

const PROGRAM: &str = env!("CARGO_BIN_EXE_rydes");
const ROUNDS: usize = 40;
const PATIENCE: Duration = Duration::from_secs(10);

fn main() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let root = folder.path().to_str().expect("a path in UTF-8").to_owned();
    run(&["init", &root]);
    report(
        "peer: /bin/true",
        0.0,
        (0..ROUNDS)
            .map(|_| {
                timed(|| {
                    let _ = Command::new("/bin/true").status();
                })
            })
            .collect(),
    );
    report(
        "rydes check --all --static, whole process",
        30.0,
        (0..ROUNDS).map(|_| timed(|| run(&["check", "--all", "--static", "--workspace", &root]))).collect(),
    );
    report(
        "rydes check 2.5, handlers run, whole process",
        700.0,
        (0..ROUNDS / 4).map(|_| timed(|| run(&["check", "2.5", "--workspace", &root]))).collect(),
    );
    report("sandbox: start to first answer", 20.0, (0..ROUNDS).map(|_| first_answer(&root)).collect());
    report("first frame after exec", 30.0, (0..ROUNDS).map(|_| first_frame(&root)).collect());
    report("verdict on screen after a save", 50.0, after_save(&root));
}

fn run(arguments: &[&str]) {
    let status = Command::new(PROGRAM).args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status();
    assert!(status.is_ok(), "the program runs");
}

/// From the start of `rydes sandbox` to the answer to a request, AWS's refusal of an unsigned one.
fn first_answer(root: &str) -> Duration {
    let start = Instant::now();
    let mut sandbox = Command::new(PROGRAM)
        .args(["sandbox", "--format", "json", "--workspace", root])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program runs");
    let mut lines = BufReader::new(sandbox.stdout.take().expect("its output"));
    let mut line = String::new();
    lines.read_line(&mut line).expect("a line that tells where it is");
    let ready: serde_json::Value = serde_json::from_str(&line).expect("JSON");
    let endpoint = ready["ready"]["endpoint"].as_str().expect("an endpoint").to_owned();
    let host = endpoint.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).expect("it listens");
    let request = format!("GET /?Action=GetCallerIdentity HTTP/1.0\r\nHost: {host}\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("it takes a request");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    let took = start.elapsed();
    assert!(answer.contains("MissingAuthenticationToken"), "{answer}");
    let _ = Command::new("kill").arg(sandbox.id().to_string()).status();
    assert!(sandbox.wait().expect("it ends").success(), "it ends cleanly");
    took
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn report(what: &str, budget: f64, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1000.0;
    let against =
        if budget > 0.0 { format!("  budget {budget:.0} ms, ratio {:.2}", at(0.5) / budget) } else { String::new() };
    println!("{what:<46} median {:>6.1} ms  p95 {:>6.1} ms{against}", at(0.5), at(0.95));
}

/// The program on a terminal of its own; each entry is what it wrote and when.
struct Screen {
    child: Box<dyn portable_pty::Child + Send + Sync>,
    input: Box<dyn Write + Send>,
    output: Receiver<(Instant, Vec<u8>)>,
    _keep: Box<dyn portable_pty::MasterPty + Send>,
    started: Instant,
    parser: vt100::Parser,
}

impl Screen {
    fn open(root: &str) -> Self {
        let size = PtySize { rows: 36, cols: 120, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("a pty");
        let mut command = CommandBuilder::new(PROGRAM);
        command.args(["--workspace", root]);
        command.env("TERM", "xterm-256color");
        let mut reader = pair.master.try_clone_reader().expect("a reader");
        let input = pair.master.take_writer().expect("a writer");
        let (sender, output) = channel();
        thread::spawn(move || {
            let mut buffer = [0; 65536];
            while let Ok(size @ 1..) = reader.read(&mut buffer) {
                if sender.send((Instant::now(), buffer[..size].to_vec())).is_err() {
                    break;
                }
            }
        });
        let started = Instant::now();
        let child = pair.slave.spawn_command(command).expect("the program starts");
        Self { child, input, output, _keep: pair.master, started, parser: vt100::Parser::new(36, 120, 0) }
    }

    /// Waits until the screen satisfies `wanted`; gives the moment.
    fn until(&mut self, what: &str, wanted: impl Fn(&str) -> bool) -> Instant {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let Ok((moment, bytes)) = self.output.recv_timeout(left) else {
                panic!("never saw {what} in\n{}", self.parser.screen().contents())
            };
            if bytes.windows(4).any(|window| window == b"\x1b[6n") {
                let _ = self.input.write_all(b"\x1b[1;1R");
            }
            self.parser.process(&bytes);
            if wanted(&self.parser.screen().contents()) {
                return moment;
            }
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn first_frame(root: &str) -> Duration {
    let mut screen = Screen::open(root);
    screen.until("a frame", |text| text.contains("2.1")) - screen.started
}

fn after_save(root: &str) -> Vec<Duration> {
    let path = format!("{root}/wild-rydes/serverless.yml");
    let starter = std::fs::read_to_string(&path).expect("the starter is there");
    let solved = starter.replace(
        "resources:\n  Resources:\n",
        "resources:\n  Resources:\n    RidesSnsTopic:\n      Type: AWS::SNS::Topic\n",
    );
    assert_ne!(starter, solved);
    let mut screen = Screen::open(root);
    screen.until("the grades", |text| text.contains("1 of 17") || text.contains("0 of 17"));
    (0..ROUNDS)
        .map(|round| {
            let (text, count) = if round % 2 == 0 { (&solved, "1 of 17") } else { (&starter, "0 of 17") };
            let saved = Instant::now();
            std::fs::write(&path, text).expect("the file can be written");
            screen.until(count, |screen| screen.contains(count)) - saved
        })
        .collect()
}
