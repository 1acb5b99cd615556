//! How far the making of a virtual environment is, told to whoever shows it.

use std::sync::{Mutex, PoisonError, RwLock};

use super::Python;

/// How far the making of a virtual environment is. Nothing is told when there is nothing to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// It is being made.
    Making {
        /// `Downloading boto3`.
        step: String,
        /// Steps that are done.
        done: usize,
        /// Steps in all.
        of: usize,
    },
    /// It is there, with this version of Python: `3.12.1`.
    Made(String),
    /// It was not made; whoever wanted the Python hears why.
    Ended,
}

type Listener = Box<dyn Fn(&Progress) + Send + Sync>;

/// Those who show it.
#[derive(Default)]
pub(super) struct Listeners(RwLock<Vec<Listener>>);

impl Listeners {
    pub(super) fn add(&self, listener: impl Fn(&Progress) + Send + Sync + 'static) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).push(Box::new(listener));
    }

    fn tell(&self, progress: &Progress) {
        self.0.read().unwrap_or_else(PoisonError::into_inner).iter().for_each(|listener| listener(progress));
    }

    /// One making; dropped without [`Telling::end`] it came to nothing.
    pub(super) fn begin(&self) -> Telling<'_> {
        Telling { listeners: self, last: Mutex::default() }
    }
}

impl std::fmt::Debug for Listeners {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("Listeners").finish_non_exhaustive()
    }
}

/// Tells of one making, and always of its end if anything of it was told.
pub(super) struct Telling<'a> {
    listeners: &'a Listeners,
    last: Mutex<Option<Progress>>,
}

impl Telling<'_> {
    /// Tells what is new.
    pub(super) fn tell(&self, progress: Progress) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.as_ref() != Some(&progress) {
            self.listeners.tell(&progress);
            *last = Some(progress);
        }
    }

    /// It is made.
    pub(super) fn end(self, python: &Python) {
        self.close(&Progress::Made(python.version.clone()));
    }

    fn close(&self, end: &Progress) {
        if self.last.lock().unwrap_or_else(PoisonError::into_inner).take().is_some() {
            self.listeners.tell(end);
        }
    }
}

impl Drop for Telling<'_> {
    fn drop(&mut self) {
        self.close(&Progress::Ended);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn each_step_is_told_once_and_the_end_of_what_was_begun() {
        let step = |done| Progress::Making { step: "Downloading boto3".to_owned(), done, of: 2 };
        let python = Python { executable: "python3".into(), version: "3.12.1".to_owned(), path: Vec::new() };
        let heard = Arc::new(Mutex::new(Vec::new()));
        let listeners = Listeners::default();
        let hearing = Arc::clone(&heard);
        listeners.add(move |progress| hearing.lock().unwrap().push(progress.clone()));
        let heard = || std::mem::take(&mut *heard.lock().unwrap());

        let telling = listeners.begin();
        [0, 0, 1].into_iter().for_each(|done| telling.tell(step(done)));
        telling.end(&python);
        assert_eq!(heard(), [step(0), step(1), Progress::Made("3.12.1".to_owned())]);

        let telling = listeners.begin();
        telling.tell(step(0));
        drop(telling);
        assert_eq!(heard(), [step(0), Progress::Ended]);

        listeners.begin().end(&python);
        drop(listeners.begin());
        assert_eq!(heard(), [], "there was nothing to make");
    }
}
