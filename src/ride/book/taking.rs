//! What each kind of event tells of rides.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::Value;

use super::super::clock::Source;
use super::super::event::{Change, Event, Happening, Time};
use super::super::fact::{Fact, NO_TIME, Say};
use super::super::health::Feed;
use super::super::said::{self, Kind, Said};
use super::super::seen::Unicorn;
use super::super::text;
use super::super::topology::Role;
use super::{Arc, Book, Edge, UNICORNS, fingerprint};

/// A ride as it is published.
#[derive(Deserialize)]
struct Body<'a> {
    #[serde(rename = "RideId", borrow)]
    id: Cow<'a, str>,
    #[serde(rename = "Unicorn", borrow, default)]
    unicorn: Option<BodyUnicorn<'a>>,
}

#[derive(Deserialize)]
struct BodyUnicorn<'a> {
    #[serde(rename = "Name", borrow, default)]
    name: Cow<'a, str>,
    #[serde(rename = "Color", borrow, default)]
    color: Cow<'a, str>,
}

/// Where and when an event was seen.
#[derive(Clone, Copy)]
struct Sight {
    feed: Feed,
    source: Source,
    seen: Time,
    at: Option<Time>,
    /// Number by which the event is kept.
    number: u32,
}

impl Sight {
    fn at(self) -> Time {
        self.at.unwrap_or(self.seen)
    }
}

impl Book {
    /// Takes an event, in whatever order they come, and however often.
    pub fn take(&mut self, event: Event) {
        self.counts.events += 1;
        self.now = self.now.max(event.seen);
        let feed = event.happening.feed();
        let source = match feed {
            Feed::Discovery | Feed::Requests => Source::Local,
            Feed::Topic => Source::Topic,
            Feed::Logs => Source::Logs,
            Feed::Table => Source::Table,
        };
        let number = self.kept.next(feed);
        let sight = Sight { feed, source, seen: event.seen, at: event.at, number };
        let rides = match &event.happening {
            Happening::Requested { request } => self.take_request(*request, sight),
            Happening::Answered { request, status, body, error, latency } => {
                let latency = i64::try_from(*latency).unwrap_or(i64::MAX);
                self.take_answer((*request, *status, latency), body.as_ref(), error.as_deref(), sight)
            }
            Happening::Message { id, body, .. } => self.take_message(id, body, sight),
            Happening::Log { group, stream, id, message } => self.take_line(group, stream, id, message, sight),
            Happening::Item { change, item, .. } => self.take_item(*change, item, sight),
            Happening::Health { feed, health } => {
                if let Some(known) = self.healths.get_mut(feed.index()) {
                    *known = Some(health.clone());
                }
                return;
            }
            Happening::Topology(topology) => {
                let roles_changed = self.groups.deployed(&topology.functions);
                self.topology = topology.clone();
                if roles_changed {
                    let all: Vec<u64> = self.rides.keys().copied().collect();
                    all.into_iter().for_each(|number| self.fold(number));
                }
                Vec::new()
            }
        };
        self.kept.push(event);
        if !rides.is_empty() {
            self.shrink();
        }
    }

    /// Notes that the ride was seen, and what that tells of the clocks.
    fn sighted(&mut self, number: u64, sight: Sight) {
        let Some(ride) = self.rides.get_mut(&number) else { return };
        ride.touch(sight.feed, sight.seen);
        ride.keep(sight.number);
        if let Some(at) = sight.at {
            ride.clocks.seen(sight.source, at, sight.seen);
        }
    }

    fn add(&mut self, number: u64, fact: Fact) -> bool {
        let is_new = self.rides.get_mut(&number).is_some_and(|ride| ride.facts.add(fact));
        self.tallies.units.publishes += u64::from(is_new && fact.say == Say::Message);
        is_new
    }

    fn rode(&mut self, number: u64, name: &str, color: &str) {
        let unicorn = Unicorn { name: cut(name), color: cut(color) };
        let Some(ride) = self.rides.get_mut(&number) else { return };
        // Should the sources differ, the choice does not hang on who came first.
        if unicorn.name.is_empty() || ride.unicorn.as_deref().is_some_and(|known| *known >= unicorn) {
            return;
        }
        let shared = self.unicorns.get(&unicorn).cloned().unwrap_or_else(|| Arc::new(unicorn));
        if self.unicorns.len() < UNICORNS {
            self.unicorns.insert(Arc::clone(&shared));
        }
        ride.unicorn = Some(shared);
    }

    fn take_request(&mut self, request: u64, sight: Sight) -> Vec<u64> {
        let at = sight.at();
        let (is_news, is_new, ride) = self.requests.asked(request, at);
        self.counts.requests += u64::from(is_new);
        if let Some(number) = ride {
            self.add(number, Fact::new(Say::Requested, request, at));
            self.sighted(number, sight);
            self.fold(number);
            return vec![number];
        }
        if is_news {
            self.pulse(Edge::Request, None);
        }
        Vec::new()
    }

    fn take_answer(
        &mut self,
        (request, status, latency): (u64, Option<u16>, i64),
        body: Option<&Value>,
        error: Option<&str>,
        sight: Sight,
    ) -> Vec<u64> {
        let at = sight.at();
        let id = body.and_then(|body| body["RideId"].as_str()).filter(|_| error.is_none());
        let number = id.and_then(|id| self.joined(id, sight));
        let (is_news, is_new, asked) = self.requests.answered(request, number);
        self.counts.requests += u64::from(is_new);
        if is_news && id.is_none() {
            self.counts.failed_requests += 1;
            let words = match (error, status) {
                (Some(error), _) => cut(error),
                (None, Some(status)) => format!("answered {status} without a ride"),
                (None, None) => "no answer".to_owned(),
            };
            self.failed(&words);
            self.pulse(Edge::Answer, None);
        }
        let Some(number) = number else { return Vec::new() };
        if is_news && asked.is_none() {
            let id = self.rides.get(&number).map(|ride| ride.id.clone());
            self.pulse(Edge::Request, id);
        }
        let asked = asked.unwrap_or(NO_TIME).min(Time(at.0.saturating_sub(latency)));
        self.add(number, Fact::new(Say::Requested, request, asked));
        self.add(number, Fact::new(Say::Answered, request, at).with(u32::from(status.unwrap_or_default())));
        self.tallies.units.answers += u64::from(is_news);
        if let Some(unicorn) = body.map(|body| &body["Unicorn"]) {
            let words = |name: &str| unicorn[name].as_str().unwrap_or_default();
            self.rode(number, words("Name"), words("Color"));
        }
        self.handed_over(number, sight.seen);
        self.fold(number);
        vec![number]
    }

    fn take_message(&mut self, id: &str, body: &str, sight: Sight) -> Vec<u64> {
        let parsed = serde_json::from_str::<Body<'_>>(body).ok();
        let found = match &parsed {
            Some(body) => vec![&*body.id],
            None => text::rides_named(body),
        };
        if found.is_empty() {
            self.counts.without_ride += 1;
        }
        let numbers: Vec<u64> = found.into_iter().filter_map(|id| self.joined(id, sight)).collect();
        for number in &numbers {
            self.add(*number, Fact::new(Say::Message, fingerprint(id), sight.at()));
            if let Some(unicorn) = parsed.as_ref().and_then(|body| body.unicorn.as_ref()) {
                self.rode(*number, &unicorn.name, &unicorn.color);
            }
            self.handed_over(*number, sight.seen);
            self.fold(*number);
        }
        numbers
    }

    fn take_item(&mut self, change: Change, item: &Value, sight: Sight) -> Vec<u64> {
        let key = self.topology.table.as_ref().map_or("RideId", |table| &table.key);
        let Some(id) = item[key].as_str().or_else(|| item["RideId"].as_str()) else {
            self.counts.without_ride += 1;
            return Vec::new();
        };
        let Some(number) = self.joined(id, sight) else { return Vec::new() };
        let (say, key, at) = match change {
            Change::Inserted => (Say::Inserted, fingerprint(sight.at()), sight.at),
            Change::Modified => (Say::Modified, fingerprint(sight.at()), sight.at),
            Change::Removed => (Say::Removed, fingerprint(sight.at()), sight.at),
            // That it is there can be seen any number of times.
            Change::Found => (Say::Found, 0, None),
        };
        self.add(number, Fact::new(say, key, at.unwrap_or(NO_TIME)));
        if change != Change::Removed {
            let words = |name: &str| item["Unicorn"][name].as_str().unwrap_or_default();
            self.rode(number, words("Name"), words("Color"));
            if let Some(ride) = self.rides.get_mut(&number) {
                ride.seen.recorded = ride.seen.recorded.min(sight.seen);
            }
        }
        self.fold(number);
        vec![number]
    }

    fn take_line(&mut self, group: &str, stream: &str, id: &str, message: &str, sight: Sight) -> Vec<u64> {
        let said = said::read(message);
        let group_number = self.groups.number(group);
        let in_stream = fingerprint((group, stream));
        // A line without an event id is told from others by what it is.
        let key = if id.is_empty() { fingerprint((in_stream, sight.at, message)) } else { fingerprint(id) };
        let request = said.request.map(fingerprint);
        if let (Some(request), Kind::Start) = (request, &said.kind) {
            self.invocations.starts(in_stream, sight.at(), request);
        }
        // What is printed bears no id: it is of the invocation that runs in its stream.
        let request = request.or_else(|| self.invocations.running(in_stream));
        if let (Some(request), Kind::End) = (request, &said.kind) {
            self.invocations.ends(in_stream, request);
        }
        let named: Vec<u64> = said.rides.iter().filter_map(|id| self.joined(id, sight)).collect();
        let mut numbers = named.clone();
        numbers.extend(said.mentions.iter().filter_map(|id| self.numbers.get(*id).copied()));
        for number in &numbers {
            self.sighted(*number, sight);
            if let Some(request) = request {
                self.join(request, *number, group_number);
            }
        }
        if let Some(request) = request {
            let mut facts = facts_of(&said, key, request, sight);
            if let Kind::Error(words) = &said.kind {
                let class = self.classes.number(words);
                facts.push(Fact::new(Say::Error, key, sight.at()).with(class));
            }
            numbers = self.note(request, group_number, &said, &facts, sight);
        }
        self.take_records(&said, &named, sight);
        if let (Some((name, color)), [number]) = (said.unicorn, &*named) {
            self.rode(*number, name, color);
        }
        numbers.iter().for_each(|number| self.fold(*number));
        numbers
    }

    /// Messages of SNS that a line shows: each is of its own ride.
    fn take_records(&mut self, said: &Said<'_>, named: &[u64], sight: Sight) {
        if said.records.len() != named.len() {
            return;
        }
        for ((message, published), number) in said.records.iter().zip(named) {
            let Some(published) = published else { continue };
            self.add(*number, Fact::new(Say::Message, fingerprint(*message), *published));
            if let Some(ride) = self.rides.get_mut(number) {
                ride.clocks.seen(Source::Topic, *published, sight.seen);
            }
            self.handed_over(*number, sight.seen);
        }
    }

    /// Adds what a line tells of an invocation to its rides, or keeps it until there is one; gives the rides.
    fn note(&mut self, request: u64, group: u16, said: &Said<'_>, facts: &[Fact], sight: Sight) -> Vec<u64> {
        let numbers = self.invocations.rides(request).to_vec();
        let mut is_first = vec![false; facts.len()];
        if numbers.is_empty() {
            self.invocations.wait(request, sight.number);
        }
        for (is_first, fact) in is_first.iter_mut().zip(facts) {
            if numbers.is_empty() {
                *is_first = self.invocations.keep(request, *fact, sight.seen);
            }
            for number in &numbers {
                let place = self.rides.get_mut(number).and_then(|ride| ride.invocation(request, group));
                if let Some(place) = place {
                    *is_first |= self.add(*number, Fact { invocation: place, ..*fact });
                }
            }
        }
        for number in &numbers {
            self.sighted(*number, sight);
            if said.kind == Kind::End && self.groups.role(group) == Role::Requests {
                self.handed_over(*number, sight.seen);
            }
        }
        for (fact, _) in facts.iter().zip(is_first).filter(|(_, is_first)| *is_first) {
            match fact.say {
                Say::Report => {
                    if let Kind::Report(report) = said.kind {
                        self.tallies.units.invoked(self.groups.role(group), report);
                    }
                }
                Say::Start if self.groups.role(group) == Role::Fleet => self.pulse(Edge::Unicorn, None),
                Say::Error => {
                    if let Kind::Error(words) = &said.kind {
                        self.failed(words);
                    }
                }
                _ => {}
            }
        }
        numbers
    }

    /// Gives an invocation to a ride, with all that was known of it.
    fn join(&mut self, request: u64, number: u64, group: u16) {
        let Some(before) = self.invocations.join(request, number) else { return };
        let mut facts = before.facts;
        if let Some(sibling) = before.sibling.and_then(|sibling| self.rides.get(&sibling)) {
            let place = sibling.invocations.iter().position(|(known, _)| *known == request);
            let place = place.and_then(|place| u8::try_from(place).ok());
            facts
                .extend(sibling.facts.iter().filter(|fact| Some(fact.invocation) == place && fact.say != Say::Message));
        }
        let Some(ride) = self.rides.get_mut(&number) else { return };
        let Some(place) = ride.invocation(request, group) else { return };
        before.events.into_iter().for_each(|event| ride.keep(event));
        let mut answered = NO_TIME;
        for (say, at, seen) in before.seen {
            ride.touch(Feed::Logs, seen);
            ride.clocks.seen(Source::Logs, at, seen);
            if say == Say::End {
                answered = answered.min(seen);
            }
        }
        for fact in facts {
            self.add(number, Fact { invocation: place, ..fact });
        }
        if answered != NO_TIME && self.groups.role(group) == Role::Requests {
            self.handed_over(number, answered);
        }
    }

    /// The ride of this id, seen now; new if it was not met.
    fn joined(&mut self, id: &str, sight: Sight) -> Option<u64> {
        let number = self.ride(id, sight.seen)?;
        self.sighted(number, sight);
        if let Some(at) = sight.at {
            self.clocks.seen(sight.source, at, sight.seen);
        }
        Some(number)
    }

    fn failed(&mut self, words: &str) {
        let class = self.classes.number(words);
        if let Some(words) = self.classes.words(class) {
            self.tallies.failed(words);
        }
    }
}

/// What a line tells of its invocation.
fn facts_of(said: &Said<'_>, key: u64, request: u64, sight: Sight) -> Vec<Fact> {
    let mut facts = Vec::with_capacity(2);
    let at = sight.at();
    match &said.kind {
        Kind::Start => facts.push(Fact::new(Say::Start, key, at)),
        Kind::End => facts.push(Fact::new(Say::End, key, at)),
        Kind::Report(report) => facts.push(Fact::new(Say::Report, key, at).with(u32::from(report.failed))),
        Kind::Error(_) | Kind::Other => {}
    }
    if let Some(gateway) = said.gateway {
        facts.push(Fact::new(Say::Gateway, 0, gateway));
    }
    if said.http && !said.rides.is_empty() {
        facts.push(Fact::new(Say::Post, request, at));
    }
    if !said.records.is_empty() {
        facts.push(Fact::new(Say::Delivery, request, at));
    }
    facts
}

fn cut(words: &str) -> String {
    words.chars().take(160).collect()
}
