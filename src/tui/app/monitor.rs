//! What the monitor's screen knows: the book, which part of it is shown, and what is moving.
//!
//! Drawing never looks into the book: a [`Picture`] holds the few rows that are visible. It is made after each message, and left alone while the
//! screen is frozen; the book goes on.

mod describe;
mod event;
mod journeys;
mod picture;
mod rows;

pub use describe::{duration, short};
pub use event::EventScreen;
pub use journeys::{FRAMES, Journeys, Moving};
pub use picture::{Entry, FeedState, LANES, Picture, RideShown, Row};
pub use rows::{Only, Sort};

use chrono::{DateTime, FixedOffset};

use crate::ride::{Book, Event, Limits, Time};
use rows::Listing;

/// A part of the monitor's screen that can have the focus.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Part {
    /// The table of rides.
    #[default]
    Rides,
    /// The way of the selected ride.
    Ride,
    /// Messages of the topic.
    Topic,
    /// Log lines.
    Logs,
    /// Items of the table.
    Table,
    /// Latencies, errors, cost.
    Numbers,
}

impl Part {
    /// All of them, in the order of the tab key.
    pub const ALL: [Self; 6] = [Self::Rides, Self::Ride, Self::Topic, Self::Logs, Self::Table, Self::Numbers];

    /// Which of the lanes it is.
    pub fn lane(self) -> Option<usize> {
        match self {
            Self::Topic => Some(0),
            Self::Logs => Some(1),
            Self::Table => Some(2),
            Self::Rides | Self::Ride | Self::Numbers => None,
        }
    }
}

/// Something that keeps rides from being seen.
#[derive(Clone, Debug, PartialEq)]
pub enum Trouble {
    /// A feed is not live.
    Feed(FeedState),
    /// Things are not deployed.
    Missing(Vec<crate::ride::Missing>),
}

/// Where the monitor's events come from.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Source {
    /// From nowhere yet.
    #[default]
    None,
    /// From a recording.
    Replay {
        /// Its name.
        file: String,
        /// How many times as fast as it was recorded.
        speed: f64,
        /// Whether it was played to the end.
        ended: bool,
    },
}

/// Everything that the monitor's screen needs.
#[derive(Debug)]
pub struct Monitor {
    /// All that was seen.
    pub book: Book,
    /// Where it comes from.
    pub source: Source,
    /// What is shown.
    pub picture: Picture,
    /// Rides that are drawn on their way.
    pub journeys: Journeys,
    /// Events that came since the picture was frozen; none if it is not.
    pub frozen: Option<u64>,
    /// Whether account ids, ARNs and addresses are hidden.
    pub masked: bool,
    /// The file that is written to, if there is one.
    pub recording: Option<String>,
    /// The part that has the focus.
    pub part: Part,
    /// Whether it is shown alone.
    pub zoomed: bool,
    /// In which order rides are shown.
    pub sort: Sort,
    /// Which rides are shown.
    pub only: Only,
    /// Words that the shown rides hold.
    pub query: String,
    /// Whether the newest ride is selected as it comes.
    pub follow: bool,
    /// The number of the selected ride.
    pub selected: Option<u64>,
    /// The first line of the ride's events, and of the numbers, that is visible.
    pub scroll: [usize; 2],
    /// The selected event of each lane by its number; the newest if there is none.
    pub marked: [Option<u64>; 3],
    /// Whether a frame of the animation was asked for.
    pub ticking: bool,
    /// Seconds by which local time is ahead of UTC.
    pub offset: i32,
    /// Whether the cloud is asked already: not before somebody wants to see it.
    pub asked: bool,
    listing: Listing,
    /// The ride, or the place in the list, at the top of the table.
    top: u64,
    listed_at: Time,
    now: Time,
}

impl Default for Monitor {
    fn default() -> Self {
        Self {
            book: Book::new(Limits::default()),
            source: Source::None,
            picture: Picture::default(),
            journeys: Journeys::default(),
            frozen: None,
            masked: false,
            recording: None,
            part: Part::Rides,
            zoomed: false,
            sort: Sort::Newest,
            only: Only::All,
            query: String::new(),
            follow: true,
            selected: None,
            scroll: [0; 2],
            marked: [None; 3],
            ticking: false,
            offset: 0,
            asked: false,
            listing: Listing::Arrival,
            top: 0,
            listed_at: Time::default(),
            now: Time::default(),
        }
    }
}

/// How much of the picture is visible, and so has to be made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Room {
    /// Rows of the table of rides.
    pub rides: usize,
    /// Rows of each lane.
    pub lanes: usize,
    /// Seconds of history.
    pub seconds: usize,
}

impl Monitor {
    /// Takes in events, and what time it is.
    pub fn take(&mut self, events: Vec<Event>, now: Time) {
        if let Some(waiting) = &mut self.frozen {
            *waiting += events.len() as u64;
        }
        for event in events {
            self.book.take(event);
        }
        self.tick(now);
    }

    /// Tells what time it is.
    pub fn tick(&mut self, now: Time) {
        self.now = self.now.max(now);
        self.book.tick(now);
        self.journeys.take_in(&self.book, self.frozen.is_some());
    }

    /// A time as the clocks show it where the screen stands.
    pub fn local(&self, time: Time) -> Option<DateTime<FixedOffset>> {
        Some(DateTime::from_timestamp_micros(time.0)?.with_timezone(&FixedOffset::east_opt(self.offset)?))
    }

    /// Makes the picture anew, unless it is frozen: then only what the learner looks at in it changes.
    pub fn refresh(&mut self, room: Room) {
        self.list();
        self.keep_selection(room.rides);
        let rows = self.window(room.rides);
        self.picture.above = self.above();
        self.picture.rows = rows;
        let ride = self.selected.and_then(|number| self.book.numbered(number));
        if self.frozen.is_none() || self.picture.ride.as_ref().map(|ride| ride.row.number) != self.selected {
            self.picture.ride = ride.map(|ride| RideShown::of(ride, &self.book));
        }
        if self.frozen.is_none() {
            self.picture.renew(&self.book, self.now, room);
        }
    }

    /// Freezes the picture, or lets it go on.
    pub fn freeze(&mut self) {
        if self.frozen.take().is_some() {
            self.listing = Listing::Arrival;
            self.relist();
            return;
        }
        self.list();
        self.hold();
        self.frozen = Some(0);
    }
}
