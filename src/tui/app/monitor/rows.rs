//! Which rides the table shows, in which order, and which of them is selected.
//!
//! In the order of their arrival, rides are found by their numbers: what is not visible costs nothing. Any other order is a list, made anew a few
//! times a second.

use std::cmp::Reverse;

use super::describe;
use super::picture::Row;
use super::{Monitor, Part};
use crate::ride::{Fate, Hop, Mark, Ride};

/// How long a list of rides is good for, in microseconds.
const LISTED: i64 = 300_000;
/// Rides that can be looked at while the picture is frozen.
const HELD: usize = 2000;

/// In which order rides are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// The newest first.
    #[default]
    Newest,
    /// The slowest first.
    Slowest,
    /// Those in trouble first.
    Fate,
    /// By their unicorns' names.
    Unicorn,
}

impl Sort {
    /// The next order.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Newest => Self::Slowest,
            Self::Slowest => Self::Fate,
            Self::Fate => Self::Unicorn,
            Self::Unicorn => Self::Newest,
        }
    }

    /// `newest first`.
    pub fn words(self) -> &'static str {
        match self {
            Self::Newest => "newest first",
            Self::Slowest => "slowest first",
            Self::Fate => "trouble first",
            Self::Unicorn => "by unicorn",
        }
    }
}

/// Which rides are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Only {
    /// All of them.
    #[default]
    All,
    /// Those that are on their way.
    Travelling,
    /// Those that failed, are lost, late, or came twice.
    Trouble,
}

impl Only {
    /// The next choice.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::All => Self::Travelling,
            Self::Travelling => Self::Trouble,
            Self::Trouble => Self::All,
        }
    }

    /// `on their way`.
    pub fn words(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Travelling => "on their way",
            Self::Trouble => "in trouble",
        }
    }

    fn holds(self, ride: &Ride) -> bool {
        match self {
            Self::All => true,
            Self::Travelling => ride.fate() == Fate::Travelling,
            Self::Trouble => {
                matches!(ride.fate(), Fate::Failed | Fate::Lost)
                    || [Mark::Late, Mark::DeliveredTwice, Mark::RecordedTwice, Mark::Retried]
                        .into_iter()
                        .any(|mark| ride.has(mark))
            }
        }
    }
}

/// The rides that can be scrolled through.
#[derive(Debug)]
pub(super) enum Listing {
    /// All that the book remembers, the newest first.
    Arrival,
    /// These, by their numbers.
    List(Vec<u64>),
    /// What was there when the picture was frozen.
    Held(Vec<Row>),
}

impl Monitor {
    /// Makes the list of rides anew if there is one and it is old.
    pub(super) fn list(&mut self) {
        if matches!(self.listing, Listing::Held(_)) {
            return;
        }
        if self.sort == Sort::Newest && self.only == Only::All && self.query.trim().is_empty() {
            if !matches!(self.listing, Listing::Arrival) {
                self.listing = Listing::Arrival;
                self.top = self.selected.unwrap_or(u64::MAX);
            }
            return;
        }
        let is_list = matches!(self.listing, Listing::List(_));
        if is_list && self.now.since(self.listed_at) < LISTED {
            return;
        }
        if !is_list {
            self.top = 0;
        }
        self.listed_at = self.now;
        let words: Vec<String> = self.query.to_lowercase().split_whitespace().map(str::to_owned).collect();
        let mut rides: Vec<&Ride> = self
            .book
            .rides()
            .rev()
            .filter(|ride| self.only.holds(ride))
            .filter(|ride| words.is_empty() || describe::holds(ride, &words))
            .collect();
        let clocks = self.book.clocks();
        match self.sort {
            Sort::Newest => {}
            Sort::Slowest => {
                rides.sort_by_cached_key(|ride| {
                    let hops = ride.hops(clocks);
                    let whole = hops.between(Hop::Requested, Hop::Recorded);
                    Reverse(whole.or_else(|| hops.between(Hop::Requested, Hop::Answered)))
                });
            }
            Sort::Fate => rides.sort_by_key(|ride| match ride.fate() {
                Fate::Failed => 0,
                Fate::Lost => 1,
                Fate::Travelling => 2,
                Fate::Recorded => 3,
            }),
            Sort::Unicorn => rides.sort_by(|one, other| {
                one.unicorn().map(|unicorn| &unicorn.name).cmp(&other.unicorn().map(|unicorn| &unicorn.name))
            }),
        }
        self.listing = Listing::List(rides.into_iter().map(Ride::number).collect());
    }

    /// The list is another one from now on: what is selected stays so where it is in it.
    pub fn relist(&mut self) {
        self.listed_at = crate::ride::Time(i64::MIN);
        if let Listing::List(_) = self.listing {
            self.top = 0;
        }
    }

    /// Keeps what can be looked at while the picture is frozen.
    pub(super) fn hold(&mut self) {
        let (top, selected) = (self.top, self.selected);
        let rows: Vec<Row> = match &self.listing {
            Listing::Held(_) => return,
            Listing::Arrival => self.book.rides().rev().take(HELD).map(|ride| Row::of(ride, &self.book)).collect(),
            Listing::List(list) => {
                let rides = list.iter().take(HELD).filter_map(|number| self.book.numbered(*number));
                rides.map(|ride| Row::of(ride, &self.book)).collect()
            }
        };
        if let Listing::Arrival = self.listing {
            let at = rows.iter().position(|row| row.number <= top).unwrap_or(0);
            self.top = at as u64;
        }
        self.selected = selected.filter(|number| rows.iter().any(|row| row.number == *number));
        self.listing = Listing::Held(rows);
    }

    /// How many rides fit the filter; none where all do.
    pub fn matching(&self) -> Option<usize> {
        match &self.listing {
            Listing::List(list) if self.only != Only::All || !self.query.trim().is_empty() => Some(list.len()),
            _ => None,
        }
    }

    /// The numbers of at most `most` rides from `number` on, away from the beginning of the table or towards it, without `number` itself.
    fn next(&self, number: u64, most: usize, down: bool) -> Option<u64> {
        match &self.listing {
            Listing::Arrival if down => self.book.range(..number).rev().take(most).last().map(Ride::number),
            Listing::Arrival => self.book.range(number.saturating_add(1)..).take(most).last().map(Ride::number),
            Listing::List(list) => {
                let at = list.iter().position(|known| *known == number)?;
                list.get(step(at, most, down, list.len())).copied()
            }
            Listing::Held(rows) => {
                let at = rows.iter().position(|row| row.number == number)?;
                rows.get(step(at, most, down, rows.len())).map(|row| row.number)
            }
        }
    }

    /// The first ride of the table, or the last.
    fn end(&self, last: bool) -> Option<u64> {
        match &self.listing {
            Listing::Arrival if last => self.book.rides().next().map(Ride::number),
            Listing::Arrival => self.book.rides().next_back().map(Ride::number),
            Listing::List(list) => (if last { list.last() } else { list.first() }).copied(),
            Listing::Held(rows) => (if last { rows.last() } else { rows.first() }).map(|row| row.number),
        }
    }

    /// Selects the ride `by` rows further down or up.
    pub fn move_selection(&mut self, by: usize, down: bool) {
        if self.book.is_empty() {
            return;
        }
        self.follow = false;
        let Some(selected) = self.selected else {
            self.selected = self.end(false);
            return;
        };
        match self.next(selected, by, down) {
            Some(number) => self.selected = Some(number),
            None if !down => self.selected = self.end(false),
            None => {}
        }
    }

    /// Selects the first ride of the table, and follows it if that is the newest; or the last.
    pub fn select_end(&mut self, last: bool) {
        self.selected = self.end(last);
        self.follow = !last && self.frozen.is_none();
    }

    /// Selects the ride in this visible row.
    pub fn select_row(&mut self, row: usize) {
        if let Some(row) = self.picture.rows.get(row) {
            self.selected = Some(row.number);
            self.follow = false;
            self.part = Part::Rides;
        }
    }

    /// Keeps a ride selected, and visible in a table of `height` rows.
    pub(super) fn keep_selection(&mut self, height: usize) {
        let known = |number: &u64| match &self.listing {
            Listing::Arrival => self.book.numbered(*number).is_some(),
            Listing::List(list) => list.contains(number),
            Listing::Held(rows) => rows.iter().any(|row| row.number == *number),
        };
        if (self.follow && self.frozen.is_none()) || !self.selected.as_ref().is_some_and(known) {
            self.selected = self.end(false);
        }
        let Some(selected) = self.selected else { return };
        let room = height.max(1);
        match &self.listing {
            Listing::Arrival => {
                if self.follow {
                    self.top = selected;
                    return;
                }
                self.top = self.top.max(selected);
                // As many rides above the selected one as there is room for, not more.
                let above = self.book.range(selected.saturating_add(1)..=self.top.max(selected.saturating_add(1)));
                if above.take(room).count() + 1 > room {
                    let rides = self.book.range(selected.saturating_add(1)..).take(room - 1);
                    self.top = rides.last().map_or(selected, Ride::number);
                }
            }
            Listing::List(list) => {
                let at = list.iter().position(|known| *known == selected);
                self.top = within(self.top, at, room);
            }
            Listing::Held(rows) => {
                let at = rows.iter().position(|row| row.number == selected);
                self.top = within(self.top, at, room);
            }
        }
    }

    /// The rows that are visible in a table of `height` rows.
    pub(super) fn window(&self, height: usize) -> Vec<Row> {
        let skip = usize::try_from(self.top).unwrap_or(usize::MAX);
        match &self.listing {
            Listing::Arrival => {
                self.book.range(..=self.top).rev().take(height).map(|ride| Row::of(ride, &self.book)).collect()
            }
            Listing::List(list) => {
                let rides = list.iter().skip(skip).take(height).filter_map(|number| self.book.numbered(*number));
                rides.map(|ride| Row::of(ride, &self.book)).collect()
            }
            Listing::Held(rows) => rows.iter().skip(skip).take(height).cloned().collect(),
        }
    }

    /// How many rides are above the visible ones.
    pub(super) fn above(&self) -> u64 {
        match &self.listing {
            Listing::Arrival => self.end(false).map_or(0, |newest| newest.saturating_sub(self.top)),
            Listing::List(_) | Listing::Held(_) => self.top,
        }
    }
}

fn step(at: usize, by: usize, down: bool, len: usize) -> usize {
    if down { (at + by).min(len.saturating_sub(1)) } else { at.saturating_sub(by) }
}

/// The first visible place of a list so that place `at` is one of `room` visible ones.
fn within(top: u64, at: Option<usize>, room: usize) -> u64 {
    let at = at.unwrap_or(0) as u64;
    let least = (at + 1).saturating_sub(room as u64);
    top.clamp(least, at.max(least))
}
