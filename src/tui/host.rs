//! Hosts the sandbox for the screen: starts and stops it, deploys, requests rides and listens, on threads of its own, so that neither drawing nor
//! an open editor holds it up. What comes of it are messages.

mod deploying;
mod looking;
mod monitoring;
mod riding;
mod watching;

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc as blocking;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::runtime::Builder;
use tokio::sync::mpsc::{Sender, UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;

use super::effect::Job;
use super::message::{CloudNews, Message};
use crate::cloud::{Connection, Monitor, MonitorOptions, Reach, Rides, Target, stage};
use crate::ride::{Event, RideId};
use monitoring::{Clock, Pump};

pub use looking::Standing;

/// Handlers run in processes of their own: two threads serve the wire and what stands behind it.
const THREADS: usize = 2;
/// How long a deploy that is under way may take to end when the program does. It is not cut off half-way.
const LAST_DEPLOY: Duration = Duration::from_secs(20);
/// How long stopping may take before the program ends without it.
const LAST_STOP: Duration = Duration::from_secs(10);
/// A pause that people notice, and wonder about.
const NOTICEABLE: Duration = Duration::from_secs(1);
/// How long to wait before looking for a sandbox again after another program's has gone.
const AGAIN: Duration = Duration::from_millis(300);

/// What deploys and rides need to know.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The workshop folder.
    pub root: PathBuf,
    /// `--stage`.
    pub stage: Option<String>,
    /// `--region`.
    pub region: Option<String>,
    /// The account to work on, where it is not the sandbox.
    pub aws: Option<Target>,
}

/// The thread that hosts the sandbox; it does nothing before there is a job.
pub struct Host {
    jobs: Option<UnboundedSender<Job>>,
    thread: Option<JoinHandle<()>>,
    ended: blocking::Receiver<()>,
}

impl Host {
    /// A host without sandbox.
    /// What is deployed is told in `standing`.
    pub fn new(setup: Setup, standing: Standing, messages: UnboundedSender<Message>) -> Self {
        let (jobs, orders) = unbounded_channel();
        let (ending, ended) = blocking::channel();
        let thread = thread::spawn(move || {
            run(setup, standing, messages, orders);
            let _ = ending.send(());
        });
        Self { jobs: Some(jobs), thread: Some(thread), ended }
    }

    /// Begins a job.
    pub fn start(&self, job: Job) {
        if let Some(jobs) = &self.jobs {
            let _ = jobs.send(job);
        }
    }

    /// Stops the sandbox, keeping its state, and waits for it. What failed is given in words.
    pub fn finish(mut self) -> Option<String> {
        self.jobs = None;
        if let Err(blocking::RecvTimeoutError::Timeout) = self.ended.recv_timeout(NOTICEABLE) {
            let _ = writeln!(io::stderr(), "Stopping the sandbox. A deploy that is under way ends first.");
        } else {
            return self.broken();
        }
        if self.ended.recv_timeout(LAST_DEPLOY + LAST_STOP * 2).is_err() {
            return Some("The sandbox did not stop in time; what it changed last may be lost.".to_owned());
        }
        self.broken()
    }

    /// Whether the thread, which has ended, panicked.
    fn broken(&mut self) -> Option<String> {
        self.thread
            .take()
            .and_then(|thread| thread.join().err())
            .map(|_| "The sandbox broke while stopping.".to_owned())
    }
}

fn run(setup: Setup, standing: Standing, messages: UnboundedSender<Message>, mut jobs: UnboundedReceiver<Job>) {
    let Some(first) = jobs.blocking_recv() else { return };
    let runtime = match Builder::new_multi_thread().worker_threads(THREADS).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            let words = format!("The threads of the sandbox cannot be started: {error}.");
            let _ = messages.send(Message::Cloud(CloudNews::Failed(words)));
            refuse(first, &messages);
            while let Some(job) = jobs.blocking_recv() {
                refuse(job, &messages);
            }
            return;
        }
    };
    runtime.block_on(Hosting::new(setup, standing, messages).serve(first, jobs));
    // A thread that follows another process's sandbox may be blocked for as long as that runs.
    runtime.shutdown_background();
}

/// Tells that a job cannot be done: there is no sandbox, which was said already.
fn refuse(job: Job, messages: &UnboundedSender<Message>) {
    match job {
        Job::Start | Job::Speed(_) | Job::Look | Job::Watch(_) | Job::Replay(..) | Job::Record(_) => {}
        Job::Deploy(services) => deploying::refuse(services, messages),
        Job::Ride(_) => {
            let reason = "there is no sandbox to request rides from".to_owned();
            let _ = messages.send(Message::Rides(Err(reason)));
        }
    }
}

/// Why there is no sandbox any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gone {
    /// Another program asked it to stop.
    Asked,
    /// The process that ran it has ended.
    Ended,
}

struct Hosting {
    setup: Setup,
    messages: UnboundedSender<Message>,
    reach: Option<Arc<Reach>>,
    deploys: JoinSet<()>,
    rides: JoinSet<()>,
    watching: JoinSet<()>,
    gone: (UnboundedSender<Gone>, UnboundedReceiver<Gone>),
    standing: Standing,
    looks: (UnboundedSender<Rides>, UnboundedReceiver<Rides>),
    pump: Option<Pump>,
    monitor: Option<Monitor>,
    /// Rides that were answered, to be looked up in the table.
    answered: (UnboundedSender<RideId>, UnboundedReceiver<RideId>),
    /// Requests of this run, counted for the monitor.
    requested: u64,
}

impl Hosting {
    fn new(setup: Setup, standing: Standing, messages: UnboundedSender<Message>) -> Self {
        Self {
            setup,
            messages,
            reach: None,
            deploys: JoinSet::new(),
            rides: JoinSet::new(),
            watching: JoinSet::new(),
            gone: unbounded_channel(),
            standing,
            looks: unbounded_channel(),
            pump: None,
            monitor: None,
            answered: unbounded_channel(),
            requested: 0,
        }
    }

    async fn serve(mut self, first: Job, mut jobs: UnboundedReceiver<Job>) {
        self.begin(first).await;
        loop {
            tokio::select! {
                job = jobs.recv() => match job {
                    Some(job) => self.begin(job).await,
                    None => break,
                },
                Some(gone) = self.gone.1.recv() => self.lost(gone).await,
                Some(rides) = self.looks.1.recv() => self.look(rides),
                Some(ride) = self.answered.1.recv() => {
                    if let Some(monitor) = &self.monitor {
                        monitor.look_for(&ride);
                    }
                }
                Some(_) = self.deploys.join_next() => {}
                Some(_) = self.rides.join_next() => {}
            }
        }
        let pump = self.pump.take();
        let _ = tokio::time::timeout(LAST_STOP + LAST_DEPLOY, self.close()).await;
        if let Some(pump) = pump {
            pump.close().await;
        }
    }

    /// Looks at what is deployed, if there is a sandbox.
    fn look(&mut self, rides: Rides) {
        if let Some(reach) = self.reach.clone() {
            let (setup, standing, messages) = (self.setup.clone(), self.standing.clone(), self.messages.clone());
            self.rides.spawn(looking::look(reach, setup, standing, rides, messages));
        }
    }

    async fn begin(&mut self, job: Job) {
        if job == Job::Look {
            return self.look(Rides::Never);
        }
        match job {
            Job::Replay(file, speed) => {
                self.pump = Some(Pump::start(self.messages.clone(), Clock::Recorded, self.setup.root.clone()));
                return monitoring::replay(file, speed, self.events(), self.messages.clone());
            }
            Job::Record(file) => return self.pump().record(file),
            _ => {}
        }
        if let Some(aws) = self.setup.aws.clone() {
            match job {
                Job::Watch(creates) => self.watch(&aws, creates, None).await,
                Job::Ride(count) => self.ride(aws, count),
                job => refuse(job, &self.messages),
            }
            return;
        }
        let Some(reach) = self.open().await else {
            refuse(job, &self.messages);
            return;
        };
        let (setup, messages) = (self.setup.clone(), self.messages.clone());
        match job {
            Job::Start | Job::Look | Job::Watch(_) | Job::Replay(..) | Job::Record(_) => {}
            Job::Deploy(services) => {
                self.deploys.spawn(deploying::deploy(reach, setup, services, messages, self.looks.0.clone()));
            }
            Job::Ride(count) => {
                self.ride(reach.target(), count);
            }
            Job::Speed(speed) => match reach.set_speed(speed).await {
                Ok(speed) => self.tell(CloudNews::Speed(speed)),
                Err(error) => self.say(format!("The speed of the clock is as it was: {error:#}.")),
            },
        }
    }

    fn ride(&mut self, target: Target, count: u64) {
        let first = self.requested;
        self.requested += count;
        let (events, answered) = (self.events(), self.answered.0.clone());
        let telling = riding::Telling { events, answered, messages: self.messages.clone() };
        self.rides.spawn(riding::ride(target, self.setup.clone(), first, count, telling));
    }

    /// Watches rides in `target`; `reach` is the sandbox, if it is one.
    async fn watch(&mut self, target: &Target, creates: bool, reach: Option<&Reach>) {
        if self.monitor.is_some() {
            return;
        }
        let connection = match Connection::open(target).await {
            Ok(connection) => connection,
            Err(error) => return self.say(format!("Rides cannot be watched: {error}")),
        };
        let hints = match reach {
            Some(reach) => reach.feed().await.ok(),
            None => None,
        };
        let options = MonitorOptions { stage: stage(self.setup.stage.as_deref()), creates, hints };
        self.monitor = Some(Monitor::start(&connection, options, &self.events()));
    }

    /// What brings events to the screen.
    fn pump(&mut self) -> &Pump {
        let (messages, folder) = (self.messages.clone(), self.setup.root.clone());
        self.pump.get_or_insert_with(|| Pump::start(messages, Clock::Wall, folder))
    }

    /// Where events of rides go.
    fn events(&mut self) -> Sender<Event> {
        self.pump().events.clone()
    }

    /// The sandbox, found or started now if there was none.
    async fn open(&mut self) -> Option<Arc<Reach>> {
        if let Some(reach) = &self.reach {
            return Some(Arc::clone(reach));
        }
        self.tell(CloudNews::Starting);
        let reach = match Reach::open(&self.setup.root).await {
            Ok(reach) => Arc::new(reach),
            Err(error) => {
                self.tell(CloudNews::Failed(error.to_string()));
                return None;
            }
        };
        let other = match &*reach {
            Reach::Other(running) => Some(running.pid),
            Reach::Own(_) => None,
        };
        self.tell(CloudNews::On { port: reach.port(), other });
        reach.troubles().iter().for_each(|trouble| self.say(trouble.clone()));
        let (messages, gone) = (self.messages.clone(), self.gone.0.clone());
        self.watching.spawn(watching::watch(Arc::clone(&reach), messages.clone(), gone.clone()));
        self.watching.spawn(watching::attend(Arc::clone(&reach), messages, gone));
        self.reach = Some(Arc::clone(&reach));
        self.watch(&reach.target(), true, Some(&reach)).await;
        self.look(Rides::Never);
        Some(reach)
    }

    async fn lost(&mut self, gone: Gone) {
        // With the sandbox, all that it created there has gone.
        self.monitor = None;
        self.close().await;
        match gone {
            Gone::Asked => self.tell(CloudNews::Off("another program stopped it".to_owned())),
            Gone::Ended => {
                tokio::time::sleep(AGAIN).await;
                self.open().await;
            }
        }
    }

    /// Stops the sandbox: rides end now, deploys may end in their own time.
    async fn close(&mut self) {
        self.rides.shutdown().await;
        let _ = tokio::time::timeout(LAST_DEPLOY, async { while self.deploys.join_next().await.is_some() {} }).await;
        self.deploys.shutdown().await;
        self.watching.shutdown().await;
        if let Some(monitor) = self.monitor.take() {
            monitor.stop().await;
        }
        self.standing.put(None);
        // Nobody else holds it any more.
        if let Some(reach) = self.reach.take().and_then(Arc::into_inner)
            && let Err(error) = reach.close().await
        {
            self.say(error.to_string());
        }
    }

    fn tell(&self, news: CloudNews) {
        let _ = self.messages.send(Message::Cloud(news));
    }

    fn say(&self, words: String) {
        let _ = self.messages.send(Message::Failed(words));
    }
}
