//! What happens to the program: keys, files, results, signals. All of it comes through one queue, so that one order holds.

use std::collections::BTreeMap;

use crossterm::event::{KeyEvent, MouseEvent};

use super::command::Command;
use super::highlight::{Code, Highlighted};
use crate::check::Report;
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
    /// The time that an effect asked for is over.
    Wake,
    /// The program is back after it was stopped.
    Resumed,
    /// The program must end: a signal, or the terminal is gone.
    Stop,
}

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
