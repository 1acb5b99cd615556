//! A small workshop for tests, so that edits of the real prose break none of them.

pub mod rides;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::layout::Size;

use super::app::App;
use super::effect::Effect;
use super::keymap::{Key, Keymap};
use super::look::Look;
use super::message::{CloudNews, DeployStep, Graded, Message, Seen};
use super::theme::ThemeName;
use super::update::{start, update};
use crate::check::{Finding, Report, TaskReport};
use crate::diagnostic::{Diagnostic, Edit, Place, Span, Status};
use crate::sandbox::{Happening, Outcome, Progress as Told};
use crate::workshop::progress::Progress;
use crate::workshop::{Answer, Hint, Link, Module, Question, Step, Task, TaskId};

pub const YAML: &str = "service: rides\n\nfunctions:\n  Ride:\n    handler: ride.handler\n\nresources:\n  Resources:\n    Table:\n      Type: AWS::DynamoDB::Table\n\noutputs:\n  Url: one\n";

const PATCH: &str = "\
--- a/rides/serverless.yml
+++ b/rides/serverless.yml
@@ -1,4 +1,4 @@
-service: rides
+service: wild-rides
 
 functions:
   Ride:
@@ -8,6 +8,9 @@
   Resources:
     Table:
       Type: AWS::DynamoDB::Table
+
+    Topic:
+      Type: AWS::SNS::Topic
 
 outputs:
   Url: one
";

const SCAFFOLD: &str = "\
--- a/rides/serverless.yml
+++ b/rides/serverless.yml
@@ -8,6 +8,7 @@
   Resources:
     Table:
       Type: AWS::DynamoDB::Table
+    # FIXME: the topic
 
 outputs:
   Url: one
";

fn task(id: &str, title: &str) -> Task {
    Task {
        id: TaskId(id.to_owned()),
        title: title.to_owned(),
        file: Some("rides/serverless.yml".to_owned()),
        prose: "Add a topic with the name `Topic`.\n\n```sh sandbox\nrydes deploy rides\n```\n\n```sh aws\nsls deploy --verbose\n```\n\n> **Note** Leave the name to CloudFormation.".to_owned(),
        checks: Vec::new(),
        docs: vec![Link { title: "AWS::SNS::Topic".to_owned(), url: "https://docs.example.com/topic".to_owned() }],
        hints: vec![
            Hint { title: "Where".to_owned(), prose: "Under `Resources`.".to_owned(), scaffold: None },
            Hint { title: "Scaffold".to_owned(), prose: "A place is marked.".to_owned(), scaffold: Some(SCAFFOLD.to_owned()) },
        ],
        answer: Some(Answer { patch: PATCH.to_owned(), explanation: "A type is **enough**.".to_owned() }),
        any_order: None,
        deploys: None,
    }
}

pub fn module() -> Module {
    let bare = |id: &str, title: &str| Task { answer: None, hints: Vec::new(), docs: Vec::new(), ..task(id, title) };
    Module {
        id: "test".to_owned(),
        title: "A small workshop".to_owned(),
        summary: "For tests.".to_owned(),
        services: vec!["rides".to_owned()],
        steps: vec![
            Step { id: "0".to_owned(), title: "Welcome".to_owned(), prose: "Rides are **slow**.\n\n```diagram\nmap\n```\n\n| what | why |\n| --- | --- |\n| topic | many listen |\n\n- one\n- two".to_owned(), tasks: Vec::new() },
            Step {
                id: "1".to_owned(),
                title: "Publish".to_owned(),
                prose: "A step.".to_owned(),
                tasks: vec![task("1.1", "Add the topic"), bare("1.2", "Allow publishing"), Task { deploys: Some("rides".to_owned()), ..bare("1.3", "Deploy") }],
            },
        ],
        questions: vec![Question { id: "why".to_owned(), title: "Retries".to_owned(), step: "1".to_owned(), prose: "Who tries again?".to_owned(), model_answer: "Lambda does, **twice**.".to_owned() }],
        diagrams: vec![toml::from_str("id = \"map\"\ntitle = \"Map\"\nnodes = [{ id = \"a\", label = \"User\", kind = \"user\", row = 0, column = 0 }, { id = \"b\", label = \"RidesTopic\", kind = \"topic\", row = 0, column = 1 }]\nedges = [{ from = \"a\", to = \"b\", label = \"ride\", style = \"async\" }]\n").unwrap()],
        starter: BTreeMap::from([("rides/serverless.yml".to_owned(), YAML.to_owned())]),
        samples: BTreeMap::new(),
    }
}

/// The workshop on a terminal of this size, before any message.
pub fn app(width: u16, height: u16) -> App {
    app_with(width, height, Look::new(ThemeName::Terminal, false, true), Progress::new("test"))
}

pub fn app_with(width: u16, height: u16, look: Look, progress: Progress) -> App {
    let keymap = Keymap::new(&BTreeMap::new()).unwrap();
    let mut app = App::new(Arc::new(module()), "~/rides".to_owned(), look, keymap, progress);
    app.size = Size::new(width, height);
    app
}

/// The same, with services in the folder, graded once: everything fails.
pub fn graded(width: u16, height: u16) -> App {
    let mut app = app(width, height);
    start(&mut app, true);
    update(&mut app, Message::Cloud(CloudNews::On { port: 4566, other: None }));
    update(&mut app, grading(&[Status::Fail, Status::Fail, Status::Blocked]));
    app
}

/// The outcome of a grading, one status a task.
pub fn grading(statuses: &[Status]) -> Message {
    let module = module();
    let tasks = module.tasks().zip(statuses).map(|(task, status)| {
        let findings = if *status == Status::Fail { findings() } else { Vec::new() };
        TaskReport { id: task.id.clone(), status: *status, findings }
    });
    let report = Report { module: "test".to_owned(), tasks: tasks.collect() };
    let files = BTreeMap::from([("rides/serverless.yml".to_owned(), YAML.to_owned())]);
    Message::Graded(Box::new(Graded { report: Ok(report), files, has_services: true }))
}

fn findings() -> Vec<Finding> {
    let span = Span::new(9, 14);
    let file = "rides/serverless.yml";
    let edit =
        Edit { title: "rename to wild-rides".to_owned(), file: file.to_owned(), span, text: "wild-rides".to_owned() };
    let named = Diagnostic::error("RY201", file, "the service is called `rides`")
        .at(span)
        .help("Call it `wild-rides`.")
        .edit(edit);
    let missing = Diagnostic::error("RY202", file, "there is no topic");
    let place = Place { line: 1, column: 10, end_line: 1, end_column: 15 };
    vec![
        Finding { diagnostic: named, place: Some(place), edit_place: None },
        Finding { diagnostic: missing, place: None, edit_place: None },
    ]
}

/// Presses keys, named as in the settings file and separated by spaces; gives the effects of all of them.
pub fn press(app: &mut App, keys: &str) -> Vec<Effect> {
    keys.split_whitespace().flat_map(|key| update(app, pressed(key))).collect()
}

/// The message of one key.
pub fn pressed(key: &str) -> Message {
    let code = match key {
        "enter" => KeyCode::Enter,
        "esc" => KeyCode::Esc,
        "tab" => KeyCode::Tab,
        "backtab" => KeyCode::BackTab,
        "space" => KeyCode::Char(' '),
        "down" => KeyCode::Down,
        "up" => KeyCode::Up,
        "backspace" => KeyCode::Backspace,
        "ctrl-c" => return Message::Key(KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL)),
        "ctrl-z" => return Message::Key(KeyEvent::new(KeyCode::Char('z'), KeyModifiers::CONTROL)),
        other => {
            other.parse::<Key>().unwrap();
            KeyCode::Char(other.chars().next().unwrap())
        }
    };
    Message::Key(KeyEvent::new(code, KeyModifiers::NONE))
}

/// Steps of a deploy of `rides` up to its end, but without it.
pub fn deploying(app: &mut App) {
    let step = |progress| Message::Deploying("rides".to_owned(), DeployStep::Progress(progress));
    let resource = |elapsed, status: &str, kind: &str, logical: &str, reason: Option<&str>| Told::Resource {
        elapsed,
        status: status.to_owned(),
        kind: kind.to_owned(),
        logical: logical.to_owned(),
        reason: reason.map(str::to_owned),
    };
    let (stack, region) = ("rides-dev".to_owned(), "us-east-2".to_owned());
    let message = "the plugin `serverless-python-requirements` is skipped".to_owned();
    let place = Some("rides/serverless.yml:3:1".to_owned());
    for progress in [
        Told::Started { stack, region },
        Told::Remark { skipped: true, message, place },
        resource(2.0, "CREATE_IN_PROGRESS", "AWS::DynamoDB::Table", "Table", None),
        resource(14.0, "CREATE_COMPLETE", "AWS::DynamoDB::Table", "Table", None),
        resource(15.0, "CREATE_IN_PROGRESS", "AWS::SNS::Topic", "Topic", None),
    ] {
        update(app, step(progress));
    }
    update(app, Message::Deploying("rides".to_owned(), DeployStep::Elapsed(Duration::from_millis(1234))));
}

/// The deploy that [`deploying`] began ends well.
pub fn deployed(app: &mut App) -> Vec<Effect> {
    let outcome = Outcome {
        stack: "rides-dev".to_owned(),
        region: "us-east-2".to_owned(),
        stage: "dev".to_owned(),
        created: 2,
        endpoints: vec![("POST".to_owned(), "http://127.0.0.1:4566/execute-api/abcdefghij/dev/ride".to_owned())],
        functions: vec!["rides-dev-Ride".to_owned()],
        outputs: vec![("Url".to_owned(), "one".to_owned())],
        elapsed: 1300.0,
        ..Outcome::default()
    };
    update(app, Message::Deploying("rides".to_owned(), DeployStep::Progress(Told::Done(outcome))));
    update(app, Message::Deployed("rides".to_owned()))
}

/// The deploy that [`deploying`] began fails at the topic, and is taken back.
pub fn not_deployed(app: &mut App) -> Vec<Effect> {
    let topic = |status: &str, reason: Option<&str>| {
        let (kind, logical) = ("AWS::SNS::Topic".to_owned(), "Topic".to_owned());
        Told::Resource { elapsed: 20.0, status: status.to_owned(), kind, logical, reason: reason.map(str::to_owned) }
    };
    let failed = Told::Failed {
        message: "Topic: the property `Nmae` is unknown".to_owned(),
        help: Some("Everything is as it was before this deploy.".to_owned()),
        place: Some("rides/serverless.yml:10:5".to_owned()),
    };
    for progress in
        [topic("CREATE_FAILED", Some("the property `Nmae` is unknown")), topic("DELETE_COMPLETE", None), failed]
    {
        update(app, Message::Deploying("rides".to_owned(), DeployStep::Progress(progress)));
    }
    update(app, Message::Deployed("rides".to_owned()))
}

/// Things that happen in the sandbox.
pub fn activity(app: &mut App) {
    let text = str::to_owned;
    let happened = [
        Happening::Note(text("rides-dev is deployed")),
        Happening::Request {
            route: text("POST /ride"),
            function: Some(text("rides-dev-Ride")),
            status: 201,
            duration: 8.1,
        },
        Happening::Invoked {
            function: text("rides-dev-Ride"),
            request_id: text("1"),
            attempt: 2,
            synchronous: false,
            error: Some((text("KeyError"), text("'RideId'"))),
            duration: 3.0,
        },
        Happening::Denied {
            action: text("sns:Publish"),
            resource: text("arn:aws:sns:us-east-2:123456789012:Topic"),
            role: text("rides-dev-us-east-2-lambdaRole"),
            service: text("rides"),
            explicit: false,
        },
    ];
    let seen = happened.into_iter().map(|happening| Seen { time: text("14:03:59"), happening });
    update(app, Message::Activity(seen.collect()));
}
