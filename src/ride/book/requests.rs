//! Requests of this program, by their numbers, until they are told from rides that others requested.

use std::collections::{HashMap, VecDeque};

use super::super::event::Time;

/// The last requests.
#[derive(Debug)]
pub(super) struct Requests {
    known: HashMap<u64, Request>,
    order: VecDeque<u64>,
    most: usize,
    outstanding: u64,
}

/// What is known of a request.
#[derive(Clone, Copy, Debug)]
enum Request {
    /// It left.
    Asked(Time),
    /// It was answered, with the ride of this number; that it left was not told.
    Answered(Option<Ride>),
    /// Both.
    Whole(Option<Ride>),
}

/// The number of a ride, small: requests are remembered by the hundred thousand.
#[derive(Clone, Copy, Debug)]
struct Ride(u32);

impl Requests {
    /// Remembers so many.
    pub(super) fn new(most: usize) -> Self {
        Self { known: HashMap::new(), order: VecDeque::new(), most, outstanding: 0 }
    }

    /// Requests that left and were not answered.
    pub(super) fn outstanding(&self) -> u64 {
        self.outstanding
    }

    fn know(&mut self, number: u64, request: Request) {
        if self.known.insert(number, request).is_some() {
            return;
        }
        self.order.push_back(number);
        if self.order.len() > self.most
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
    }

    /// A request left: whether that is news, whether the request is, and its ride if that is known.
    pub(super) fn asked(&mut self, number: u64, at: Time) -> (bool, bool, Option<u64>) {
        match self.known.get(&number).copied() {
            None => {
                self.know(number, Request::Asked(at));
                self.outstanding += 1;
                (true, true, None)
            }
            Some(Request::Asked(_)) => (false, false, None),
            Some(Request::Answered(ride)) => {
                self.know(number, Request::Whole(ride));
                (true, false, ride.map(|ride| u64::from(ride.0)))
            }
            Some(Request::Whole(ride)) => (false, false, ride.map(|ride| u64::from(ride.0))),
        }
    }

    /// A request was answered: whether that is news, whether the request is, and when it left if that is known and was not taken before.
    pub(super) fn answered(&mut self, number: u64, ride: Option<u64>) -> (bool, bool, Option<Time>) {
        let ride = ride.and_then(|ride| u32::try_from(ride).ok()).map(Ride);
        match self.known.get(&number).copied() {
            None => {
                self.know(number, Request::Answered(ride));
                (true, true, None)
            }
            Some(Request::Asked(at)) => {
                self.know(number, Request::Whole(ride));
                self.outstanding = self.outstanding.saturating_sub(1);
                (true, false, Some(at))
            }
            Some(Request::Answered(_) | Request::Whole(_)) => (false, false, None),
        }
    }
}
