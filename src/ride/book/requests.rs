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

#[derive(Debug, Default)]
struct Request {
    asked: Option<Time>,
    answered: bool,
    ride: Option<u64>,
}

impl Requests {
    /// Remembers so many.
    pub(super) fn new(most: usize) -> Self {
        Self { known: HashMap::new(), order: VecDeque::new(), most, outstanding: 0 }
    }

    /// Requests that left and were not answered.
    pub(super) fn outstanding(&self) -> u64 {
        self.outstanding
    }

    fn entry(&mut self, number: u64) -> (bool, &mut Request) {
        let is_new = !self.known.contains_key(&number);
        if is_new {
            self.order.push_back(number);
            if self.order.len() > self.most
                && let Some(oldest) = self.order.pop_front()
            {
                self.known.remove(&oldest);
            }
        }
        (is_new, self.known.entry(number).or_default())
    }

    /// A request left: whether that is news, whether the request is, and its ride if that is known.
    pub(super) fn asked(&mut self, number: u64, at: Time) -> (bool, bool, Option<u64>) {
        let (is_new, request) = self.entry(number);
        let is_news = request.asked.is_none();
        request.asked = Some(request.asked.map_or(at, |known| known.min(at)));
        let (answered, ride) = (request.answered, request.ride);
        self.outstanding += u64::from(is_news && !answered);
        (is_news, is_new, ride)
    }

    /// A request was answered: whether that is news, whether the request is, and when it left if that is known.
    pub(super) fn answered(&mut self, number: u64, ride: Option<u64>) -> (bool, bool, Option<Time>) {
        let (is_new, request) = self.entry(number);
        let is_news = !request.answered;
        request.answered = true;
        request.ride = ride;
        let asked = request.asked;
        if is_news && asked.is_some() {
            self.outstanding = self.outstanding.saturating_sub(1);
        }
        (is_news, is_new, asked)
    }
}
