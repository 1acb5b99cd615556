//! What an event holds, and where the ride sits in it.

use crate::ride::Event;
use crate::tui::app::Sheet;

/// One event of several that can be leafed through.
#[derive(Clone, Debug)]
pub struct EventScreen {
    /// The events, in order.
    pub events: Vec<Event>,
    /// Which of them is shown.
    pub at: usize,
    /// The page.
    pub sheet: Sheet,
}

impl EventScreen {
    /// The screen of one of `events`.
    pub fn new(events: Vec<Event>, at: usize) -> Self {
        Self { events, at, sheet: Sheet::default() }
    }

    /// The event that is shown.
    pub fn event(&self) -> Option<&Event> {
        self.events.get(self.at)
    }
}
