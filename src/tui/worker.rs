//! Does what effects ask for, away from the screen: grading, writing, colours, watching. Results come back as messages.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};

use tokio::sync::mpsc::UnboundedSender;

use super::effect::{Effect, Job};
use super::highlight::highlight;
use super::host::{Host, Setup, Standing};
use super::message::{Graded, Message};
use super::trials::{Order, Trier};
use crate::check::behaviour::Subject;
use crate::check::{Evidence, grade};
use crate::sandbox::Trials;
use crate::watch;
use crate::workshop::Module;
use crate::workshop::progress::Progress;
use crate::workshop::store::{Folder, StoreError};

/// Where effects are done and messages go.
pub struct Worker {
    module: Arc<Module>,
    root: PathBuf,
    messages: UnboundedSender<Message>,
    /// What changes files is done by one thread, in order.
    writes: Option<mpsc::Sender<Effect>>,
    writer: Option<JoinHandle<()>>,
    /// What runs handlers.
    trier: Trier,
    /// Whether saves are being watched for.
    watching: Cell<bool>,
    /// Who runs the sandbox.
    host: Host,
    /// What the host saw in it.
    standing: Standing,
}

impl Worker {
    /// A worker for the workshop folder of `setup`, which need not be there yet.
    pub fn new(module: Arc<Module>, setup: Setup, messages: UnboundedSender<Message>) -> Self {
        let root = setup.root.clone();
        let standing = Standing::default();
        let host = Host::new(setup, standing.clone(), messages.clone());
        let (writes, orders) = mpsc::channel();
        let writer = Writer { module: Arc::clone(&module), root: root.clone(), messages: messages.clone() };
        let writer = thread::spawn(move || writer.run(&orders));
        let trier = Trier::start(Arc::clone(&module), root.clone(), standing.clone(), messages.clone());
        let watching = Cell::new(false);
        Self { module, root, messages, writes: Some(writes), writer: Some(writer), trier, watching, host, standing }
    }

    /// The workshop folder.
    pub fn root(&self) -> &PathBuf {
        &self.root
    }

    /// Where messages go.
    pub fn messages(&self) -> &UnboundedSender<Message> {
        &self.messages
    }

    /// Begins to do `effect`. Effects on the terminal are not done here.
    pub fn start(&self, effect: Effect) {
        match effect {
            Effect::Grade => {
                // Where there was no folder to watch at the start, there may be one now.
                if !self.watching.get() && self.root.is_dir() {
                    self.watch();
                }
                let (module, root) = (Arc::clone(&self.module), self.root.clone());
                let trials = Arc::clone(self.trier.trials());
                let standing = self.standing.clone();
                let work = move || Message::Graded(Box::new(graded(&module, &root, &trials, &standing)));
                // A saved file is one that is not deployed: if that changes a verdict, it is graded again.
                self.host.start(Job::Look);
                // Reading tells at once; what running tells comes after it.
                self.task("grading", Message::GradingFailed, work, Some(self.trier.orders()));
            }
            Effect::Highlight(codes) => {
                let work = move || {
                    Message::Highlighted(codes.into_iter().map(|code| (code.clone(), highlight(&code))).collect())
                };
                self.task("colouring code", Message::Failed, work, None);
            }
            Effect::Wake(time) => {
                let messages = self.messages.clone();
                tokio::spawn(async move {
                    tokio::time::sleep(time).await;
                    let _ = messages.send(Message::Wake);
                });
            }
            Effect::Animate(time) => {
                let messages = self.messages.clone();
                tokio::spawn(async move {
                    tokio::time::sleep(time).await;
                    let _ = messages.send(Message::Frame);
                });
            }
            Effect::Cloud(job) => self.host.start(job),
            write => {
                if let Some(writes) = &self.writes {
                    let _ = writes.send(write);
                }
            }
        }
    }

    /// Does `work` in a task; a panic in it becomes the message `broken` instead of the end of the program.
    /// Afterwards handlers are tried, if `then` says where to order that.
    fn task(
        &self,
        what: &'static str,
        broken: fn(String) -> Message,
        work: impl FnOnce() -> Message + Send + 'static,
        then: Option<mpsc::Sender<Order>>,
    ) {
        let messages = self.messages.clone();
        tokio::spawn(async move {
            let message = tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| {
                broken(format!(
                    "Something of ours broke while {what} ({error}). Your files are untouched; please report it."
                ))
            });
            let _ = messages.send(message);
            if let Some(orders) = then {
                let _ = orders.send(Order::Try);
            }
        });
    }

    /// Watches the folder for saves, as long as the program runs.
    fn watch(&self) {
        self.watching.set(true);
        let (module, root, messages) = (Arc::clone(&self.module), self.root.clone(), self.messages.clone());
        thread::spawn(move || {
            let services = || module.services.iter().filter(|service| root.join(service).is_dir()).count();
            loop {
                let known = services();
                let saves = match watch::saves(&root, &module.services) {
                    Ok(saves) => saves,
                    Err(error) => {
                        let _ = messages.send(Message::WatchFailed(error.to_string()));
                        return;
                    }
                };
                // Services may come later: whenever one does, all are watched anew.
                while services() == known {
                    if !saves.wait() || messages.send(Message::FilesChanged).is_err() {
                        return;
                    }
                }
            }
        });
    }

    /// Waits until everything is written and the sandbox has stopped. What failed is given in words.
    pub fn finish(mut self) -> Option<String> {
        self.writes = None;
        self.trier.finish();
        if let Some(writer) = self.writer.take() {
            // A panic of the writer was reported already.
            let _ = writer.join();
        }
        self.host.finish()
    }
}

/// Grades the files as they are now, with what is known of their handlers.
pub(super) fn graded(module: &Module, root: &std::path::Path, trials: &Trials, standing: &Standing) -> Graded {
    let Ok(folder) = Folder::open(root) else {
        return Graded { report: Ok(Default::default()), files: BTreeMap::new(), has_services: false };
    };
    let files = folder.files(module);
    let known = trials.known(&files, &Subject::all(module.tasks()));
    let mut evidence = Evidence::new(files).with_trials(known);
    if let Some(deployments) = standing.last() {
        evidence = evidence.with_deployments(deployments);
    }
    let report = grade(module, module.tasks(), &evidence).map_err(|error| error.to_string());
    let files =
        evidence.paths("").filter_map(|path| Some((path.to_owned(), evidence.text(path)?.to_owned()))).collect();
    Graded { report, files, has_services: folder.has_services(module) }
}

/// Changes files, one change after the other.
struct Writer {
    module: Arc<Module>,
    root: PathBuf,
    messages: UnboundedSender<Message>,
}

impl Writer {
    fn run(&self, orders: &mpsc::Receiver<Effect>) {
        let mut waiting = None;
        while let Some(order) = waiting.take().or_else(|| orders.recv().ok()) {
            if let Effect::Save(progress) = order {
                // Of several states of progress in a row only the last one is worth a write.
                match orders.try_recv() {
                    Ok(next @ Effect::Save(_)) => waiting = Some(next),
                    next => {
                        self.save(&progress);
                        waiting = next.ok();
                    }
                }
                continue;
            }
            if let Some(message) = self.write(order) {
                let _ = self.messages.send(message);
            }
        }
    }

    fn write(&self, order: Effect) -> Option<Message> {
        let words = |error: StoreError| error.to_string();
        match order {
            Effect::LayOut => {
                let done = Folder::create(&self.root).and_then(|folder| folder.lay_out(&self.module));
                Some(Message::LaidOut(done.map_err(words)))
            }
            Effect::Change(what, changes) => {
                let done = Folder::open(&self.root).and_then(|folder| folder.change(&what, &changes));
                Some(Message::Changed(what, done.map_err(words)))
            }
            Effect::Undo => {
                Some(Message::Undone(Folder::open(&self.root).and_then(|folder| folder.undo()).map_err(words)))
            }
            _ => None,
        }
    }

    /// Keeps progress, unless there is no workshop yet: a look around leaves nothing behind.
    fn save(&self, progress: &Progress) {
        let Ok(folder) = Folder::open(&self.root) else { return };
        let known = self.root.join(".rydes").is_dir() || folder.has_services(&self.module);
        if known && let Err(error) = folder.save_progress(progress) {
            let _ = self.messages.send(Message::Failed(error.to_string()));
        }
    }
}
