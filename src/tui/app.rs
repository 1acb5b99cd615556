//! The state of the terminal UI. `update` changes it, `view` draws it.

mod answer;
mod cloud;
mod marks;
mod monitor;
mod pages;
mod stops;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ratatui::layout::Size;
use ratatui_textarea::TextArea;

pub use answer::AnswerScreen;
pub use cloud::{Cloud, CloudScreen, Deploying, Deployment, Line, PythonMaking, Resource, Sandbox};
pub use monitor::{
    Entry, EventScreen, FRAMES, FeedState, LANES, Monitor, Moving, Only, Part, RideShown, Room, Row, Source, Trouble,
    duration, short,
};
pub use stops::Stop;

use super::command::{Command, Scope};
use super::highlight::{Code, Highlights};
use super::keymap::Keymap;
use super::look::Look;
use super::page::Page;
use super::theme::Role;
use crate::check::{Report, TaskReport};
use crate::workshop::progress::Progress;
use crate::workshop::{Module, Question, Task};

/// Everything that the screen shows, and all that is needed to answer a key.
pub struct App {
    /// The workshop.
    pub module: Arc<Module>,
    /// The workshop folder as the learner knows it.
    pub folder: String,
    /// Theme and characters.
    pub look: Look,
    /// Keys.
    pub keymap: Keymap,
    /// Columns and rows of the terminal.
    pub size: Size,
    /// The screens that are open, the lesson first, the visible one last.
    pub screens: Vec<Screen>,
    /// Steps, tasks and questions in order.
    pub stops: Vec<Stop>,
    /// The stop that is open.
    pub at: usize,
    /// The pane that the moving keys move.
    pub focus: Pane,
    /// Whether that pane is shown alone.
    pub zoomed: bool,
    /// The first visible row of the step list.
    pub steps_scroll: usize,
    /// The stop that the list was scrolled to.
    pub steps_at: usize,
    /// The lesson of the stop.
    pub lesson: Sheet,
    /// The verdict on the stop's task.
    pub verdict: Sheet,
    /// Which of the verdict's findings is selected.
    pub finding: usize,
    /// What the learner did so far.
    pub progress: Progress,
    /// The last grading.
    pub report: Option<Report>,
    /// Why nothing can be graded, if that is so.
    pub trouble: Option<String>,
    /// How often was graded.
    pub gradings: usize,
    /// What the grader is doing.
    pub grading: Grading,
    /// The learner's files as they were graded last.
    pub files: BTreeMap<String, String>,
    /// Whether there is any service in the folder; not known before the first grading.
    pub has_services: Option<bool>,
    /// Ids of questions whose model answer is open.
    pub models: BTreeSet<String>,
    /// One line of news.
    pub notice: Option<Notice>,
    /// What is being celebrated.
    pub celebration: Option<Celebration>,
    /// Colours of code.
    pub highlights: Highlights,
    /// Code that waits for its colours to be asked for.
    pub wanted: Vec<Code>,
    /// Which piece of code was copied last, to go on with the next.
    pub copied: Option<usize>,
    /// The sandbox.
    pub cloud: Cloud,
    /// Rides as they travel.
    pub monitor: Monitor,
    /// Whether there is the monitor alone, without a lesson.
    pub alone: bool,
    /// Whether the mouse is ours.
    pub mouse: bool,
    /// Whether the screen must be drawn again.
    pub changed: bool,
}

/// A screen.
pub enum Screen {
    /// Steps, lesson and verdict.
    Lesson,
    /// The answer to a task.
    Answer(Box<AnswerScreen>),
    /// Deploys and activity of the sandbox.
    Cloud(Box<CloudScreen>),
    /// Rides as they travel.
    Monitor,
    /// What an event holds.
    Event(Box<EventScreen>),
    /// Words are typed that the shown rides must hold.
    FindRide,
    /// The learner writes an answer to a question.
    Writing(Box<TextArea<'static>>),
    /// Something is asked before it is done.
    Ask(Ask),
    /// The search in the lessons.
    Search(Finder),
    /// Commands and tasks by name.
    Palette(Finder),
    /// All keys, from this row on.
    Help(usize),
}

/// A question to be answered with yes or no.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Lay out the starter services?
    LayOut,
    /// Show the answer of this task?
    Answer(crate::workshop::TaskId),
    /// Show the model answer of the question with this id?
    Model(String),
    /// Apply all changes of the answer?
    ApplyAll,
    /// Make the change that a finding offers?
    Fix,
    /// Take back the last change?
    Undo,
    /// Watch rides in a real account?
    Watch,
}

/// A line to type in, and the rows that fit it.
#[derive(Clone, Debug, Default)]
pub struct Finder {
    /// What was typed.
    pub query: String,
    /// Rows that fit.
    pub rows: Vec<Found>,
    /// The selected one.
    pub selected: usize,
}

/// A row of a [`Finder`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What choosing it does.
    pub action: Action,
    /// What it is.
    pub title: String,
    /// More of it: an excerpt, a key.
    pub detail: String,
}

/// What choosing a row does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Runs a command.
    Run(Command),
    /// Goes to a stop.
    Go(usize),
    /// Goes to the place in a stop where this text stands.
    Find(usize, String),
    /// Deploys a service.
    Deploy(String),
    /// Requests so many rides.
    Rides(u64),
}

/// The panes of the lesson screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pane {
    /// The list of steps.
    Steps,
    /// The lesson.
    Lesson,
    /// The verdict.
    Verdict,
}

/// What the grader is doing. One grading runs; of all that is asked for meanwhile, one follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grading {
    /// Nothing.
    Idle,
    /// One grading runs.
    Running,
    /// One runs, and the files changed since it began.
    RunningAndNext,
}

/// A page that is kept, how far it is scrolled, and what it was made from.
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    /// The page.
    pub page: Page,
    /// Its first visible line.
    pub scroll: usize,
    /// What it was made from; a different value means that it must be made again.
    pub key: Option<pages::Key>,
}

/// One line of news at the bottom of the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// How it is meant.
    pub role: Role,
    /// What it says.
    pub text: String,
}

/// A task that has just passed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Celebration {
    /// Which one.
    pub task: crate::workshop::TaskId,
    /// The frame of the short animation.
    pub frame: usize,
}

impl Celebration {
    /// How many frames the animation has.
    pub const FRAMES: usize = 12;
}

impl App {
    /// The state before anything happened: at the place where `progress` left.
    pub fn new(module: Arc<Module>, folder: String, look: Look, keymap: Keymap, progress: Progress) -> Self {
        let stops = stops::all(&module);
        let at = stops::resume(&module, &stops, &progress);
        let cloud = Cloud::new(&module.services);
        Self {
            module,
            folder,
            look,
            keymap,
            size: Size::new(0, 0),
            screens: vec![Screen::Lesson],
            stops,
            at,
            focus: Pane::Lesson,
            zoomed: false,
            steps_scroll: 0,
            steps_at: usize::MAX,
            lesson: Sheet::default(),
            verdict: Sheet::default(),
            finding: 0,
            progress,
            report: None,
            trouble: None,
            gradings: 0,
            grading: Grading::Idle,
            files: BTreeMap::new(),
            has_services: None,
            models: BTreeSet::new(),
            notice: None,
            celebration: None,
            highlights: Highlights::default(),
            wanted: Vec::new(),
            copied: None,
            cloud,
            monitor: Monitor::default(),
            alone: false,
            mouse: true,
            changed: true,
        }
    }

    /// The visible screen.
    pub fn screen(&self) -> &Screen {
        self.screens.last().unwrap_or(&Screen::Lesson)
    }

    /// The answer screen, wherever it is on the stack.
    pub fn answer(&self) -> Option<&AnswerScreen> {
        self.screens.iter().rev().find_map(|screen| match screen {
            Screen::Answer(answer) => Some(&**answer),
            _ => None,
        })
    }

    /// The same, to be changed.
    pub fn answer_mut(&mut self) -> Option<&mut AnswerScreen> {
        self.screens.iter_mut().rev().find_map(|screen| match screen {
            Screen::Answer(answer) => Some(&mut **answer),
            _ => None,
        })
    }

    /// The screen of the sandbox, wherever it is on the stack.
    pub fn cloud_screen(&self) -> Option<&CloudScreen> {
        self.screens.iter().rev().find_map(|screen| match screen {
            Screen::Cloud(cloud) => Some(&**cloud),
            _ => None,
        })
    }

    /// The same, to be changed.
    pub fn cloud_screen_mut(&mut self) -> Option<&mut CloudScreen> {
        self.screens.iter_mut().rev().find_map(|screen| match screen {
            Screen::Cloud(cloud) => Some(&mut **cloud),
            _ => None,
        })
    }

    /// The screen of an event, wherever it is on the stack.
    pub fn event_screen(&self) -> Option<&EventScreen> {
        self.screens.iter().rev().find_map(|screen| match screen {
            Screen::Event(event) => Some(&**event),
            _ => None,
        })
    }

    /// The same, to be changed.
    pub fn event_screen_mut(&mut self) -> Option<&mut EventScreen> {
        self.screens.iter_mut().rev().find_map(|screen| match screen {
            Screen::Event(event) => Some(&mut **event),
            _ => None,
        })
    }

    /// Whether the monitor is on the screen, or under something small.
    pub fn is_monitoring(&self) -> bool {
        self.screens.iter().any(|screen| matches!(screen, Screen::Monitor))
    }

    /// The service that is meant: the one whose deploy is shown, else that of the open task.
    pub fn service(&self) -> Option<String> {
        let shown = self.cloud_screen().and_then(|screen| self.cloud.deploys.get(screen.page));
        if let Some(shown) = shown {
            return Some(shown.service.clone());
        }
        let task = self.task()?;
        let of_file = || task.file.as_ref()?.split('/').next();
        let service = task.deploys.as_deref().or_else(of_file)?;
        self.module.services.iter().find(|known| *known == service).cloned()
    }

    /// Which commands can be used on the visible screen; none where the learner types text.
    pub fn scope(&self) -> Option<Scope> {
        match self.screen() {
            Screen::Lesson => Some(Scope::Lesson),
            Screen::Answer(_) => Some(Scope::Answer),
            Screen::Cloud(_) => Some(Scope::Cloud),
            Screen::Monitor => Some(Scope::Monitor),
            Screen::Event(_) => Some(Scope::Event),
            Screen::Help(_) => Some(Scope::Everywhere),
            Screen::Writing(_) | Screen::Ask(_) | Screen::Search(_) | Screen::Palette(_) | Screen::FindRide => None,
        }
    }

    /// The stop that is open.
    pub fn stop(&self) -> Stop {
        self.stops.get(self.at).copied().unwrap_or(Stop::Step(0))
    }

    /// The task that is open.
    pub fn task(&self) -> Option<&Task> {
        match self.stop() {
            Stop::Task(step, task) => self.module.steps.get(step)?.tasks.get(task),
            Stop::Step(_) | Stop::Question(_) => None,
        }
    }

    /// The question that is open.
    pub fn question(&self) -> Option<&Question> {
        match self.stop() {
            Stop::Question(question) => self.module.questions.get(question),
            Stop::Step(_) | Stop::Task(..) => None,
        }
    }

    /// The verdict on the open task.
    pub fn task_report(&self) -> Option<&TaskReport> {
        self.report.as_ref()?.task(&self.task()?.id)
    }

    /// Says `text` at the bottom of the screen.
    pub fn say(&mut self, role: Role, text: impl Into<String>) {
        self.notice = Some(Notice { role, text: text.into() });
    }
}
