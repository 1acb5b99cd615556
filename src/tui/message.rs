//! What happens to the program: keys, files, results, signals. All of it comes through one queue, so that one order holds.

use std::collections::BTreeMap;
use std::time::Duration;

use crossterm::event::{KeyEvent, MouseEvent};
use tokio::sync::OwnedSemaphorePermit;

use super::app::{Action, Source};
use super::command::Command;
use super::highlight::{Code, Highlighted};
use crate::check::Report;
use crate::cloud::{RideOutcome, Summary};
use crate::ride::{Event, Time};
use crate::sandbox::{Happening, Progress, PythonProgress};
use crate::workshop::store::{LaidOut, Undo};

/// Something that happened.
#[derive(Debug)]
pub enum Message {
    /// A key was pressed.
    Key(KeyEvent),
    /// The mouse was clicked or its wheel turned.
    Mouse(MouseEvent),
    /// Text was pasted.
    Paste(String),
    /// The terminal has this many columns and rows now.
    Resize(u16, u16),
    /// A command was given by name.
    Command(Command),
    /// What the palette offers was named.
    Act(Action),
    /// A stop of the lesson was named: its index.
    Go(usize),
    /// Something in the workshop folder was saved, made or removed.
    FilesChanged,
    /// Saves are not noticed, for this reason.
    WatchFailed(String),
    /// The learner's files were graded.
    Graded(Box<Graded>),
    /// The learner's files were graded again, with what their handlers did when they were run.
    Tried(Box<Graded>),
    /// Handlers cannot be run on this machine, for this reason.
    Untried(String),
    /// Code has its colours.
    Highlighted(Vec<(Code, Highlighted)>),
    /// The starters were laid out.
    LaidOut(Result<Vec<LaidOut>, String>),
    /// The learner's files were changed, for this reason.
    Changed(String, Result<(), String>),
    /// The last change was taken back, if there was one.
    Undone(Result<Option<Undo>, String>),
    /// The editor was left.
    EditorClosed(Result<(), String>),
    /// The grader itself broke, in words: there is no verdict.
    GradingFailed(String),
    /// Something in the background went wrong, in words.
    Failed(String),
    /// The sandbox is in another state.
    Cloud(CloudNews),
    /// A step of the deploy of this service.
    Deploying(String, DeployStep),
    /// What is deployed, or what a ride through it did, is another than it was.
    Looked,
    /// The deploy of this service has ended, well or not: what is deployed may be graded.
    Deployed(String),
    /// What came of one ride, and when: `14:03:59`.
    Rode(String, Box<RideOutcome>),
    /// What came of all rides that were requested, or why none was.
    Rides(Result<Box<Summary>, String>),
    /// What happened in the sandbox, oldest first.
    Activity(Vec<Seen>),
    /// What the monitor of rides has to tell.
    Monitor(MonitorNews),
    /// The next frame of the monitor's animation is due.
    Frame,
    /// The time that an effect asked for is over.
    Wake,
    /// The program is back after it was stopped.
    Resumed,
    /// The program must end: a signal, or the terminal is gone.
    Stop,
}

/// What the monitor of rides has to tell.
#[derive(Debug)]
pub enum MonitorNews {
    /// Events, in the order in which they came.
    Events(Vec<Event>, Time, Permit),
    /// What time it is.
    Tick(Time),
    /// Where events come from.
    Source(Source),
    /// What happens is written to this file, or to none any more.
    Recording(Option<String>),
}

/// Held until events are taken in: whoever brings them waits for it, so that few are on their way at once.
#[derive(Debug, Default)]
pub struct Permit(
    #[expect(dead_code, reason = "it is given back when it is dropped")] pub Option<OwnedSemaphorePermit>,
);

/// The outcome of one grading.
#[derive(Debug)]
pub struct Graded {
    /// The verdicts, or what is wrong with the module.
    pub report: Result<Report, String>,
    /// The learner's files as they were graded: path from the workshop folder → text.
    pub files: BTreeMap<String, String>,
    /// Whether there is any service in the folder.
    pub has_services: bool,
}

/// A change of the sandbox's own state.
#[derive(Clone, Debug, PartialEq)]
pub enum CloudNews {
    /// It is being started, or looked for.
    Starting,
    /// It can be used.
    On {
        /// Port on 127.0.0.1.
        port: u16,
        /// The process that runs it, if that is another one.
        other: Option<u32>,
    },
    /// It was stopped, for this reason.
    Off(String),
    /// It cannot be started, in words.
    Failed(String),
    /// Python is loaded, or handlers cannot run, in words.
    Python(Result<(), String>),
    /// An environment with what handlers need is being made, or was.
    Making(PythonProgress),
    /// Its clock runs so many times as fast as the wall's.
    Speed(f64),
}

/// A step of a deploy.
#[derive(Clone, Debug, PartialEq)]
pub enum DeployStep {
    /// Something was begun or done.
    Progress(Progress),
    /// It is going on for so long.
    Elapsed(Duration),
    /// It was not tried: a service before it failed, or there is no sandbox.
    NotTried,
}

/// Something that happened in the sandbox.
#[derive(Clone, Debug)]
pub struct Seen {
    /// When, on the clock of the sandbox, where the learner is: `14:03:59`.
    pub time: String,
    /// What.
    pub happening: Happening,
}
