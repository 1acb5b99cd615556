//! What the screen knows of the sandbox: its state, the last deploy of each service, rides, and what happened in it last.

use std::collections::VecDeque;
use std::time::Duration;

use super::Sheet;
use crate::sandbox::{Outcome, Progress};
use crate::tui::effect::Spot;
use crate::tui::message::DeployStep;
use crate::tui::theme::Role;

/// Lines of activity that are kept.
const MOST_LINES: usize = 400;
/// Resources and remarks of one deploy that are kept.
const MOST_ROWS: usize = 500;

/// The sandbox as the screen knows it.
#[derive(Debug)]
pub struct Cloud {
    /// Whether it can be used.
    pub sandbox: Sandbox,
    /// Why handlers cannot run, if that is so.
    pub no_python: Option<String>,
    /// How far the Python environment is that is being made, if one is.
    pub making: Option<PythonMaking>,
    /// How many times as fast as the wall's its clock runs.
    pub speed: f64,
    /// The last deploy of each service, in the module's order.
    pub deploys: Vec<Deployment>,
    /// Rides that were requested here.
    pub rides: Rides,
    /// What happened, oldest first.
    pub lines: VecDeque<Line>,
    /// How many lines there were in all.
    pub told: usize,
    /// The last permission that was missing: where to grant it.
    pub denied: Option<Spot>,
}

/// A Python environment that is being made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PythonMaking {
    /// `Downloading boto3`.
    pub step: String,
    /// Steps that are done.
    pub done: usize,
    /// Steps in all.
    pub of: usize,
}

/// Whether the sandbox can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sandbox {
    /// Nobody asked for it yet.
    Off,
    /// It is being started.
    Starting,
    /// It answers.
    On {
        /// Port on 127.0.0.1.
        port: u16,
        /// The process that runs it, if that is another one.
        other: Option<u32>,
    },
    /// It was stopped, or cannot be started.
    Stopped(String),
    /// The learner works on AWS: there is none.
    Aws,
}

/// The last deploy of one service.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Deployment {
    /// Folder of the service.
    pub service: String,
    /// How far it is.
    pub state: Deploying,
    /// `wild-rydes-dev`, once it is known.
    pub stack: String,
    /// `us-east-2`.
    pub region: String,
    /// How long it has been going on.
    pub elapsed: Duration,
    /// Resources, in the order in which they were begun.
    pub resources: Vec<Resource>,
    /// What was left out, and warnings.
    pub remarks: Vec<Remark>,
    /// Grows with each step.
    pub generation: usize,
}

/// How far a deploy is.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Deploying {
    /// The service was not deployed in this session.
    #[default]
    Never,
    /// It waits for its turn.
    Waiting,
    /// It is going on.
    Running,
    /// It is done.
    Done(Box<Outcome>),
    /// It failed; the stack is as it was.
    Failed {
        /// What and why.
        message: String,
        /// What to do.
        help: Option<String>,
        /// `wild-rydes/serverless.yml:12:3`, where there is a place.
        place: Option<String>,
    },
    /// A service before it failed, or there was no sandbox.
    NotTried,
}

/// A resource that a deploy changes.
#[derive(Clone, Debug, PartialEq)]
pub struct Resource {
    /// `RidesSnsTopic`.
    pub logical: String,
    /// `AWS::SNS::Topic`.
    pub kind: String,
    /// `CREATE_IN_PROGRESS` and its like: the last one.
    pub status: String,
    /// Milliseconds from the beginning of the deploy to the last status.
    pub at: f64,
    /// Why it failed, if it did; kept when it is taken back.
    pub failure: Option<String>,
}

/// Something that a deploy left out, or warns of.
#[derive(Clone, Debug, PartialEq)]
pub struct Remark {
    /// Whether it was left out.
    pub skipped: bool,
    /// One sentence.
    pub message: String,
    /// Where, as `wild-rydes/serverless.yml:12:3`.
    pub place: Option<String>,
}

/// Rides that were requested here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rides {
    /// How many were answered, and requested, of those under way.
    pub underway: Option<(u64, u64)>,
    /// How many were answered with a ride since the start.
    pub answered: u64,
    /// How many were not.
    pub failed: u64,
    /// What came of the last one, in a few words.
    pub last: String,
}

/// A line of activity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// When, or nothing.
    pub time: String,
    /// How it is meant.
    pub role: Role,
    /// What happened.
    pub text: String,
    /// More of it: what to do.
    pub more: Option<String>,
}

/// The screen with deploys and activity.
#[derive(Clone, Debug, Default)]
pub struct CloudScreen {
    /// Which page: deploys by their index, then the activity.
    pub page: usize,
    /// The page.
    pub sheet: Sheet,
}

impl Cloud {
    /// Nothing known yet of these services.
    pub fn new(services: &[String]) -> Self {
        let deploys = services.iter().map(|service| Deployment { service: service.clone(), ..Deployment::default() });
        Self {
            sandbox: Sandbox::Off,
            no_python: None,
            making: None,
            speed: 1.0,
            deploys: deploys.collect(),
            rides: Rides::default(),
            lines: VecDeque::new(),
            told: 0,
            denied: None,
        }
    }

    /// The last deploy of a service.
    pub fn deploy_mut(&mut self, service: &str) -> Option<&mut Deployment> {
        self.deploys.iter_mut().find(|deploy| deploy.service == service)
    }

    /// Adds a line; the oldest is forgotten.
    pub fn tell(&mut self, line: Line) {
        if self.lines.len() >= MOST_LINES {
            self.lines.pop_front();
        }
        self.lines.push_back(line);
        self.told += 1;
    }

    /// Its state in a few words, for the line at the bottom.
    pub fn words(&self) -> Vec<(Role, String)> {
        let mut words = match &self.sandbox {
            Sandbox::Off => vec![(Role::Dim, "sandbox off".to_owned())],
            Sandbox::Aws => vec![(Role::Warn, "on AWS, no sandbox".to_owned())],
            Sandbox::Starting => vec![(Role::Dim, "sandbox starting".to_owned())],
            Sandbox::Stopped(_) => vec![(Role::Fail, "no sandbox".to_owned())],
            Sandbox::On { port, other: None } => vec![(Role::Pass, format!("sandbox :{port}"))],
            Sandbox::On { port, other: Some(_) } => vec![(Role::Pass, format!("sandbox :{port} of another rydes"))],
        };
        if let Some(making) = &self.making {
            words.push((Role::Warn, format!("Python {} of {}", making.done, making.of)));
        } else if self.is_on() && self.no_python.is_some() {
            words.push((Role::Fail, "no Python".to_owned()));
        }
        if (self.speed - 1.0).abs() > f64::EPSILON {
            words.push((Role::Warn, format!("×{}", self.speed)));
        }
        words
    }

    /// Whether it answers.
    pub fn is_on(&self) -> bool {
        matches!(self.sandbox, Sandbox::On { .. })
    }
}

impl Deployment {
    /// Whether it goes on, or waits to.
    pub fn is_underway(&self) -> bool {
        matches!(self.state, Deploying::Waiting | Deploying::Running)
    }

    /// It was asked for: what the last one told is forgotten.
    pub fn begin(&mut self) {
        let generation = self.generation + 1;
        *self = Self { service: self.service.clone(), state: Deploying::Waiting, generation, ..Self::default() };
    }

    /// Takes in a step.
    pub fn take(&mut self, step: DeployStep) {
        self.generation += 1;
        let progress = match step {
            DeployStep::NotTried => {
                self.state = Deploying::NotTried;
                return;
            }
            DeployStep::Elapsed(elapsed) => {
                self.elapsed = elapsed;
                return;
            }
            DeployStep::Progress(progress) => progress,
        };
        match progress {
            Progress::Started { stack, region } => {
                (self.stack, self.region, self.state) = (stack, region, Deploying::Running);
            }
            Progress::Resource { elapsed, status, kind, logical, reason } => {
                self.state = Deploying::Running;
                let failure = reason.filter(|_| status.ends_with("FAILED"));
                let known = self.resources.iter_mut().find(|resource| resource.logical == logical);
                if let Some(resource) = known {
                    (resource.status, resource.at) = (status, elapsed);
                    resource.failure = failure.or(resource.failure.take());
                } else if self.resources.len() < MOST_ROWS {
                    self.resources.push(Resource { logical, kind, status, at: elapsed, failure });
                }
            }
            Progress::Remark { skipped, message, place } => {
                if self.remarks.len() < MOST_ROWS {
                    self.remarks.push(Remark { skipped, message, place });
                }
            }
            Progress::Done(outcome) => self.state = Deploying::Done(Box::new(outcome)),
            Progress::Failed { message, help, place } => self.state = Deploying::Failed { message, help, place },
        }
    }

    /// Where its failure is, if it failed and there is a place.
    pub fn spot(&self) -> Option<Spot> {
        match &self.state {
            Deploying::Failed { place: Some(place), .. } => spot(place),
            _ => None,
        }
    }
}

/// A place written as `wild-rydes/serverless.yml:12:3`.
fn spot(place: &str) -> Option<Spot> {
    let mut parts = place.rsplitn(3, ':');
    let (column, line, file) = (parts.next()?, parts.next()?, parts.next()?);
    Some(Spot { file: file.to_owned(), line: line.parse().ok()?, column: column.parse().ok()? })
}
