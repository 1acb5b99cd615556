//! What `update` wants done in the world. Plain data; [`super::worker`] and [`super::runtime`] do it.

use std::path::PathBuf;
use std::time::Duration;

use super::highlight::Code;
use crate::workshop::progress::Progress;
use crate::workshop::store::Change;

/// Something to be done.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Grade the learner's files.
    Grade,
    /// Write the starter services that are missing.
    LayOut,
    /// Keep the learner's progress.
    Save(Box<Progress>),
    /// Change the learner's files, with a snapshot first.
    Change(String, Vec<Change>),
    /// Take back the last change.
    Undo,
    /// Find the colours of code.
    Highlight(Vec<Code>),
    /// Send [`super::message::Message::Wake`] after this time.
    Wake(Duration),
    /// Send [`super::message::Message::Frame`] after this time.
    Animate(Duration),
    /// Do something with the sandbox.
    Cloud(Job),
    /// Open the learner's editor.
    Edit(Spot),
    /// Put text on the terminal's clipboard.
    Copy(String),
    /// Take the mouse, or leave it to the terminal.
    Mouse(bool),
    /// Draw everything again.
    Redraw,
    /// Take the terminal again after somebody else had it.
    Retake,
    /// Stop until the shell's `fg`.
    Suspend,
    /// Leave.
    Quit,
}

/// Something to be done with the sandbox, which is started for it if need be.
#[derive(Clone, Debug, PartialEq)]
pub enum Job {
    /// Start it.
    Start,
    /// Deploy these services, one after the other.
    Deploy(Vec<String>),
    /// Request so many rides.
    Ride(u64),
    /// Let its clock run so many times as fast as the wall's.
    Speed(f64),
    /// Look at what is deployed, if there is one.
    Look,
    /// Watch rides; in a real account, whether a queue may be created for it.
    Watch(bool),
    /// Play a recording, so many times as fast as it was made.
    Replay(PathBuf, f64),
    /// Write what is watched to a file: this one, or a new one; or end that.
    Record(Option<PathBuf>),
}

/// A place in a file of the workshop folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    /// Path from the workshop folder.
    pub file: String,
    /// Line from 1.
    pub line: usize,
    /// Column from 1.
    pub column: usize,
}
