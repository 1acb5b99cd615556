//! The thread that reads what an earlier run left and writes what this one changes.

use std::path::PathBuf;
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};

use super::super::Happening;
use super::Shared;
use super::journal::{Queue, Segments, Work};
use super::record::{apply, records};

/// Starts it. When this returns, the store is locked until all is read: nobody sees half of it, and the start of the sandbox waits for
/// the logs only if it asks for them.
pub(super) fn start(shared: &Arc<Shared>, folder: PathBuf) -> Option<JoinHandle<()>> {
    let (locked, wait) = mpsc::channel();
    let of_thread = Arc::clone(shared);
    let thread = thread::Builder::new().name("logs".to_owned()).spawn(move || {
        let Some(queue) = &of_thread.queue else { return };
        match read(&of_thread, &folder, &locked) {
            Ok(segments) => write(&of_thread, queue, segments),
            Err(error) => give_up(&of_thread, queue, &folder, &error),
        }
    });
    match thread {
        Ok(thread) => {
            // An error says that the thread is past reading, or ended.
            let _ = wait.recv();
            Some(thread)
        }
        Err(error) => {
            let note = format!("logs are not kept across restarts: their thread did not start ({error})");
            shared.account.tell(Happening::Note(note));
            shared.queue.as_ref().map(Queue::end);
            None
        }
    }
}

fn give_up(shared: &Shared, queue: &Queue, folder: &std::path::Path, error: &std::io::Error) {
    // Nobody takes what is queued from here on.
    queue.end();
    queue.take();
    let note = format!("logs are not kept across restarts: {} cannot be used ({error})", folder.display());
    shared.account.tell(Happening::Note(note));
}

fn read(shared: &Shared, folder: &std::path::Path, locked: &mpsc::Sender<()>) -> std::io::Result<Segments> {
    let mut store = shared.lock();
    // Whoever made the logs is gone if nobody listens; there is nothing to do about it here.
    let _ = locked.send(());
    let (segments, damage) = Segments::open(folder, |record| apply(&mut store, record, shared.budget))?;
    store.newly_dropped = 0;
    drop(store);
    if let Some(damage) = damage {
        shared.account.tell(Happening::Note(format!("the last lines of the logs before a crash are lost: {damage}")));
    }
    Ok(segments)
}

fn write(shared: &Shared, queue: &Queue, mut segments: Segments) {
    let mut failing = false;
    loop {
        let (records, ended) = match queue.wait() {
            Work::Write(records) => (records, false),
            Work::End(records) => (records, true),
        };
        let written = segments.write(&records).and_then(|()| compact(shared, queue, &mut segments));
        match written {
            // Told once, not with every line of a full disk.
            Err(error) if !failing => {
                failing = true;
                shared.account.tell(Happening::Note(format!("lines of the logs could not be kept on disk: {error}")));
            }
            Err(_) => {}
            Ok(()) => failing = false,
        }
        let lost = queue.lost();
        if lost > 0 {
            let note =
                format!("the disk is too slow for the logs: {lost} batches of lines will be gone after a restart");
            shared.account.tell(Happening::Note(note));
        }
        if ended {
            return;
        }
    }
}

/// Replaces the segments once they hold much more than the store.
fn compact(shared: &Shared, queue: &Queue, segments: &mut Segments) -> std::io::Result<()> {
    let store = shared.lock();
    if !segments.are_long(store.cost as u64) {
        return Ok(());
    }
    // What is queued is in the image; what comes after follows it.
    // Messages are shared, so that this copies little.
    let image = store.clone();
    queue.take();
    drop(store);
    segments.replace(&records(&image))
}
