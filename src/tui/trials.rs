//! Grading by running, away from the screen: one thread with one sandbox apart, which tries the files as they were saved last.

use std::path::PathBuf;
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};

use tokio::sync::mpsc::UnboundedSender;

use super::host::Standing;
use super::message::Message;
use super::worker::graded;
use crate::check::behaviour::Subject;
use crate::sandbox::Trials;
use crate::workshop::Module;
use crate::workshop::store::Folder;

/// What the thread is told.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// The files may have changed.
    Try,
    /// The program ends.
    End,
}

/// The thread, and how it is told that there is something to try.
pub(super) struct Trier {
    trials: Arc<Trials>,
    orders: mpsc::Sender<Order>,
    thread: Option<JoinHandle<()>>,
}

impl Trier {
    /// Starts the thread; Python is started with the first order.
    pub(super) fn start(
        module: Arc<Module>,
        root: PathBuf,
        standing: Standing,
        messages: UnboundedSender<Message>,
    ) -> Self {
        let trials = Arc::new(Trials::default());
        let (sender, orders) = mpsc::channel();
        let own = Arc::clone(&trials);
        let thread = thread::spawn(move || serve(&module, &root, &own, &standing, &orders, &messages));
        Self { trials, orders: sender, thread: Some(thread) }
    }

    /// What was tried so far.
    pub(super) fn trials(&self) -> &Arc<Trials> {
        &self.trials
    }

    /// Where orders go. Several in a row are one.
    pub(super) fn orders(&self) -> mpsc::Sender<Order> {
        self.orders.clone()
    }

    /// Waits for the end of what is being tried.
    pub(super) fn finish(&mut self) {
        let _ = self.orders.send(Order::End);
        if let Some(thread) = self.thread.take() {
            // A panic there costs no verdict: reading gave one.
            let _ = thread.join();
        }
    }
}

fn serve(
    module: &Module,
    root: &std::path::Path,
    trials: &Trials,
    standing: &Standing,
    orders: &mpsc::Receiver<Order>,
    messages: &UnboundedSender<Message>,
) {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
    let subjects = Subject::all(module.tasks());
    let mut unable = false;
    while orders.recv() == Ok(Order::Try) {
        let mut ends = false;
        while let Ok(next) = orders.try_recv() {
            ends |= next == Order::End;
        }
        if ends {
            break;
        }
        let Ok(folder) = Folder::open(root) else { continue };
        if unable || !folder.has_services(module) {
            continue;
        }
        let files = folder.files(module);
        if trials.known(&files, &subjects).len() == subjects.len() {
            continue;
        }
        match runtime.block_on(trials.run(&files, &subjects)) {
            Ok(_) => {
                let graded = graded(module, root, trials, standing);
                if messages.send(Message::Tried(Box::new(graded))).is_err() {
                    break;
                }
            }
            Err(why) => {
                unable = true;
                let _ = messages.send(Message::Untried(why));
            }
        }
    }
    runtime.block_on(trials.stop());
}
