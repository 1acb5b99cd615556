//! Rides that are drawn on their way. The book tells where a ride was seen; here it runs from one place to the next at a speed that eyes can follow.

use std::collections::HashMap;

use crate::ride::{Book, Edge, Fate, Path, RideId, Role};

/// Frames that a ride takes from one node to the next.
pub const FRAMES: u8 = 10;
/// Rides that are drawn at once; of more, the oldest have arrived.
const MOST: usize = 160;
/// Rides that are drawn waiting at a node.
const PARKED: usize = 24;

/// Something on its way along an edge.
#[derive(Clone, Debug, PartialEq)]
pub struct Moving {
    /// Which edge.
    pub edge: Edge,
    /// How far it is along the edge, in frames of [`FRAMES`].
    pub frame: u8,
    /// The colour of its unicorn, once it is known.
    pub color: Option<String>,
}

#[derive(Debug)]
struct Journey {
    ride: Option<RideId>,
    path: Path,
    color: Option<String>,
    /// Which edge of its way it is on, and how far along.
    leg: usize,
    frame: u8,
    /// The last edge of its way on which it was seen.
    reached: Option<usize>,
    /// How far the answer is on its way back; none before it is given.
    answer: Option<u8>,
    answered: bool,
}

/// All that is on its way.
#[derive(Debug, Default)]
pub struct Journeys {
    all: Vec<Journey>,
    by_ride: HashMap<RideId, usize>,
    seen: u64,
    event_driven: bool,
}

/// The edges of a ride's way. The answer of the event-driven path goes its own way.
fn way(path: Path, event_driven: bool) -> &'static [Edge] {
    match (path, event_driven) {
        (Path::EventDriven, _) | (Path::Unknown, true) => {
            &[Edge::Request, Edge::Unicorn, Edge::Publish, Edge::Deliver, Edge::Record]
        }
        _ => &[Edge::Request, Edge::Unicorn, Edge::Post, Edge::Record, Edge::Answer],
    }
}

impl Journeys {
    /// Takes in what moved since the last time; `still` means that nothing new is drawn.
    pub fn take_in(&mut self, book: &Book, still: bool) {
        let last = book.last_pulse();
        if self.seen == last {
            return;
        }
        let topology = book.topology();
        self.event_driven =
            topology.topic.is_some() || topology.functions.iter().any(|function| function.role == Role::RecordsTopic);
        let since = std::mem::replace(&mut self.seen, last);
        if still {
            return;
        }
        // Of very many, the last ones say enough.
        let since = since.max(last.saturating_sub(4 * MOST as u64));
        let pulses: Vec<_> = book.pulses(since).cloned().collect();
        for pulse in pulses {
            self.pulse(pulse.edge, pulse.ride.as_ref(), book);
        }
        self.shrink(book);
    }

    fn pulse(&mut self, edge: Edge, ride: Option<&RideId>, book: &Book) {
        let Some(at) = self.journey(edge, ride) else { return };
        let event_driven = self.event_driven;
        let Some(journey) = self.all.get_mut(at) else { return };
        if let Some(known) = ride.and_then(|ride| book.get(ride)) {
            journey.path = known.path();
            if journey.color.is_none() {
                journey.color = known.unicorn().map(|unicorn| unicorn.color.clone());
            }
        }
        match way(journey.path, event_driven).iter().position(|other| *other == edge) {
            Some(leg) => journey.reached = journey.reached.max(Some(leg)),
            None if edge == Edge::Answer => {
                journey.answered = true;
                // Whoever is answered was asked, and has found a unicorn.
                journey.reached = journey.reached.max(Some(1));
            }
            None => {}
        }
    }

    /// The journey of a ride: its own, that of a request whose ride was not known yet, or a new one.
    fn journey(&mut self, edge: Edge, ride: Option<&RideId>) -> Option<usize> {
        if let Some(ride) = ride {
            if let Some(at) = self.by_ride.get(ride) {
                return Some(*at);
            }
            if let Some(at) = self.all.iter().position(|journey| journey.ride.is_none()) {
                if let Some(journey) = self.all.get_mut(at) {
                    journey.ride = Some(ride.clone());
                }
                self.by_ride.insert(ride.clone(), at);
                return Some(at);
            }
            self.by_ride.insert(ride.clone(), self.all.len());
        } else if edge != Edge::Request {
            return None;
        }
        self.all.push(Journey {
            ride: ride.cloned(),
            path: Path::Unknown,
            color: None,
            leg: 0,
            frame: 0,
            reached: None,
            answer: None,
            answered: false,
        });
        Some(self.all.len() - 1)
    }

    /// Forgets rides that have arrived, those that will not move any more, and the oldest if there are too many.
    fn shrink(&mut self, book: &Book) {
        let event_driven = self.event_driven;
        let is_over = |journey: &Journey| {
            let fate = journey.ride.as_ref().and_then(|ride| book.get(ride)).map(crate::ride::Ride::fate);
            matches!(fate, Some(Fate::Lost | Fate::Failed)) && !journey.moves(event_driven)
        };
        let before = self.all.len();
        self.all.retain(|journey| !journey.is_done(event_driven) && !is_over(journey));
        let parked = self.all.iter().filter(|journey| !journey.moves(event_driven)).count();
        let mut surplus = parked.saturating_sub(PARKED);
        self.all.retain(|journey| {
            let drop = surplus > 0 && !journey.moves(event_driven);
            surplus -= usize::from(drop);
            !drop
        });
        let most = self.all.len().saturating_sub(MOST);
        self.all.drain(..most);
        if self.all.len() != before {
            self.index();
        }
    }

    fn index(&mut self) {
        self.by_ride.clear();
        for (at, journey) in self.all.iter().enumerate() {
            if let Some(ride) = &journey.ride {
                self.by_ride.insert(ride.clone(), at);
            }
        }
    }

    /// Lets everything move on by a frame.
    pub fn frame(&mut self) {
        let event_driven = self.event_driven;
        for journey in &mut self.all {
            journey.step(event_driven);
        }
        let before = self.all.len();
        self.all.retain(|journey| !journey.is_done(event_driven));
        if self.all.len() != before {
            self.index();
        }
    }

    /// Whether anything moves.
    pub fn is_moving(&self) -> bool {
        self.all.iter().any(|journey| journey.moves(self.event_driven))
    }

    /// What is on its way now.
    pub fn moving(&self) -> Vec<Moving> {
        let mut moving = Vec::new();
        for journey in &self.all {
            let way = way(journey.path, self.event_driven);
            if let Some(edge) = way.get(journey.leg)
                && journey.reached.is_some_and(|reached| journey.leg <= reached)
            {
                moving.push(Moving { edge: *edge, frame: journey.frame, color: journey.color.clone() });
            }
            if let Some(frame) = journey.answer.filter(|frame| *frame < FRAMES) {
                moving.push(Moving { edge: Edge::Answer, frame, color: journey.color.clone() });
            }
        }
        moving
    }

    /// Nothing moves any more.
    pub fn clear(&mut self) {
        self.all.clear();
        self.by_ride.clear();
    }
}

impl Journey {
    fn moves(&self, event_driven: bool) -> bool {
        let onward =
            self.leg < way(self.path, event_driven).len() && self.reached.is_some_and(|reached| self.leg <= reached);
        onward || self.answer_moves()
    }

    fn answer_moves(&self) -> bool {
        self.answered && self.leg >= 2 && self.answer.is_none_or(|frame| frame < FRAMES)
    }

    fn is_done(&self, event_driven: bool) -> bool {
        self.leg >= way(self.path, event_driven).len() && (!self.answered || self.answer == Some(FRAMES))
    }

    fn step(&mut self, event_driven: bool) {
        if self.answer_moves() {
            self.answer = Some(self.answer.map_or(0, |frame| frame + 1));
        }
        let last = way(self.path, event_driven).len();
        if self.leg < last && self.reached.is_some_and(|reached| self.leg <= reached) {
            self.frame += 1;
            if self.frame >= FRAMES {
                self.frame = 0;
                self.leg += 1;
            }
        }
    }
}
