//! One ride as a row: what its facts come to. The row follows from the set of facts alone, not from their order.

use super::clock::{Clocks, Source, Stamp};
use super::event::Time;
use super::fact::{Facts, NO_TIME, Say};
use super::group::Groups;
use super::mark::{Mark, Marks};
use super::topology::Role;

/// The way that a ride's record takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Path {
    /// Nothing has told yet.
    #[default]
    Unknown,
    /// By HTTP, before the answer.
    Synchronous,
    /// Through the topic.
    EventDriven,
}

/// The places where a ride is seen, in the order in which it gets there. On the synchronous path the answer comes last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hop {
    /// It was requested.
    Requested,
    /// It was answered.
    Answered,
    /// It was published.
    Published,
    /// The function that records it started.
    Delivered,
    /// Its record was written.
    Recorded,
}

impl Hop {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Requested, Self::Answered, Self::Published, Self::Delivered, Self::Recorded];

    /// `requested`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Answered => "answered",
            Self::Published => "published",
            Self::Delivered => "delivered",
            Self::Recorded => "recorded",
        }
    }
}

/// When a ride was where, by this machine's clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hops {
    /// The request left.
    pub requested: Option<Time>,
    /// The answer came.
    pub answered: Option<Time>,
    /// SNS took the message.
    pub published: Option<Time>,
    /// The function that records it started.
    pub delivered: Option<Time>,
    /// The record was written.
    pub recorded: Option<Time>,
}

impl Hops {
    /// When it was there.
    pub fn at(&self, hop: Hop) -> Option<Time> {
        match hop {
            Hop::Requested => self.requested,
            Hop::Answered => self.answered,
            Hop::Published => self.published,
            Hop::Delivered => self.delivered,
            Hop::Recorded => self.recorded,
        }
    }

    /// Microseconds from one hop to another, if both are known.
    pub fn between(&self, from: Hop, to: Hop) -> Option<i64> {
        Some(self.at(to)?.since(self.at(from)?))
    }
}

/// What the facts come to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Row {
    pub(super) path: Path,
    /// Times and sources of the hops, apart from each other because that is smaller.
    raw: ([Time; 5], [Source; 5]),
    pub(super) marks: Marks,
    /// Class of the error that the invocation that answers failed with.
    pub(super) error: Option<u32>,
    pub(super) retries: u16,
    pub(super) deliveries: u16,
    pub(super) records: u16,
}

impl Default for Row {
    fn default() -> Self {
        Self {
            path: Path::Unknown,
            raw: ([NO_TIME; 5], [Source::Local; 5]),
            marks: Marks::default(),
            error: None,
            retries: 0,
            deliveries: 0,
            records: 0,
        }
    }
}

/// What is known beside the facts: times by this machine's clock.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    /// When the answer or the message was first seen.
    pub(super) handed_over: Time,
    /// When the record was first seen.
    pub(super) recorded: Time,
}

#[derive(Clone, Copy)]
struct Tally {
    group: u16,
    role: Role,
    starts: u16,
    reports: u16,
    errors: u16,
    cut_off: bool,
    first_start: Time,
    given: Time,
    gateway: Time,
    first_end: Time,
    last_end: Time,
    error: Option<(Time, u64, u32)>,
}

impl Tally {
    fn attempts(&self) -> u16 {
        self.starts.max(self.reports)
    }

    fn failures(&self) -> u16 {
        self.errors.max(u16::from(self.cut_off))
    }

    /// When it ended well.
    fn done(&self) -> Option<Time> {
        let end = if self.failures() == 0 { self.first_end } else { self.last_end };
        (end != NO_TIME && (self.failures() == 0 || self.attempts() > self.failures())).then_some(end)
    }

    fn is_record(&self) -> bool {
        matches!(self.role, Role::RecordsHttp | Role::RecordsTopic)
    }
}

impl Row {
    /// The row of these facts, and what the ride's own request bounds of the clocks; `groups` are the log groups of the ride's invocations, `lost_after` is the deadline in microseconds.
    pub(super) fn of(
        facts: &Facts,
        invocations: &[(u64, u16)],
        groups: &Groups,
        seen: Seen,
        lost_after: i64,
    ) -> (Self, Clocks) {
        let (mut row, mut clocks) = (Self::default(), Clocks::default());
        let mut tallies: Vec<Tally> = invocations.iter().map(|(_, group)| tally(*group, groups)).collect();
        let (mut requested, mut answered, mut published) = (NO_TIME, NO_TIME, NO_TIME);
        let (mut table, mut messages, mut inserted, mut modified, mut found) = (NO_TIME, 0_u16, 0_u16, 0_u16, false);
        let mut earliest = [NO_TIME; 3];
        for fact in facts.iter() {
            let invocation = tallies.get_mut(usize::from(fact.invocation));
            match fact.say {
                Say::Requested => requested = requested.min(fact.at),
                Say::Answered => answered = answered.min(fact.at),
                Say::Message => {
                    messages = messages.saturating_add(1);
                    published = published.min(fact.at);
                }
                Say::Inserted | Say::Modified => {
                    let count = if fact.say == Say::Inserted { &mut inserted } else { &mut modified };
                    *count = count.saturating_add(1);
                    table = table.min(fact.at);
                }
                Say::Found => found = true,
                Say::Removed => {}
                _ => {
                    let Some(tally) = invocation else { continue };
                    match fact.say {
                        Say::Gateway => tally.gateway = tally.gateway.min(fact.at),
                        Say::Start => {
                            tally.starts = tally.starts.saturating_add(1);
                            tally.first_start = tally.first_start.min(fact.at);
                        }
                        Say::End => {
                            tally.first_end = tally.first_end.min(fact.at);
                            let last = if tally.last_end == NO_TIME { fact.at } else { tally.last_end.max(fact.at) };
                            tally.last_end = last;
                        }
                        Say::Report => {
                            tally.reports = tally.reports.saturating_add(1);
                            tally.cut_off |= fact.value == 1;
                        }
                        Say::Error => {
                            tally.errors = tally.errors.saturating_add(1);
                            let error = (fact.at, fact.key, fact.value);
                            tally.error = Some(tally.error.map_or(error, |known| known.min(error)));
                        }
                        Say::Delivery => {
                            tally.role = Role::RecordsTopic;
                            tally.given = tally.given.min(fact.at);
                        }
                        Say::Post => {
                            tally.role = Role::RecordsHttp;
                            tally.given = tally.given.min(fact.at);
                        }
                        _ => {}
                    }
                }
            }
        }
        let (mut gateway, mut ended, mut delivered, mut written) = (NO_TIME, NO_TIME, NO_TIME, NO_TIME);
        let (mut by_topic, mut by_http, mut failed) = (false, false, false);
        for tally in &tallies {
            row.retries = row.retries.saturating_add(tally.attempts().saturating_sub(1));
            let start = tally.first_start.min(tally.given);
            match tally.role {
                Role::Requests => {
                    gateway = gateway.min(tally.gateway.min(tally.first_start));
                    ended = ended.min(tally.done().unwrap_or(NO_TIME));
                    if tally.failures() > 0 {
                        failed = true;
                        row.error = row.error.max(tally.error.map(|error| error.2));
                    }
                    earliest[0] = earliest[0].min(tally.gateway.min(start));
                }
                Role::RecordsTopic | Role::RecordsHttp => {
                    by_topic |= tally.role == Role::RecordsTopic;
                    by_http |= tally.role == Role::RecordsHttp;
                    delivered = delivered.min(start);
                    written = written.min(tally.done().unwrap_or(NO_TIME));
                    earliest[0] = earliest[0].min(start);
                }
                Role::Fleet | Role::Other => {}
            }
        }
        let is_recorded = inserted > 0 || modified > 0 || found;
        let is_own = requested != NO_TIME;
        earliest[1] = published;
        earliest[2] = table;
        if is_own {
            for (source, at) in Source::REMOTE.into_iter().zip(earliest).filter(|(_, at)| *at != NO_TIME) {
                clocks.caused(source, at, requested);
            }
        }
        row.path = match (messages > 0 || by_topic, by_http) {
            (true, _) => Path::EventDriven,
            (false, true) => Path::Synchronous,
            (false, false) => Path::Unknown,
        };
        // DynamoDB tells whole seconds, which is too coarse for what takes milliseconds.
        let table = if table.0 % 1_000_000 == 0 { NO_TIME } else { table };
        let recorded = [(table, Source::Table), (written, Source::Logs), (seen.recorded, Source::Local)];
        row.tell(Hop::Requested, &[(requested, Source::Local), (gateway, Source::Logs)]);
        row.tell(Hop::Answered, &[(answered, Source::Local), (ended, Source::Logs)]);
        row.tell(Hop::Published, &[(published, Source::Topic)]);
        row.tell(Hop::Delivered, &[(delivered, Source::Logs)]);
        row.tell(Hop::Recorded, if is_recorded { &recorded } else { &[] });
        row.deliveries = messages.max(most_in_a_group(&tallies));
        row.records = if is_recorded { inserted.max(1).saturating_add(modified) } else { 0 };
        let late = row.is_late(seen, lost_after);
        let marks = &mut row.marks;
        for (mark, at) in [Mark::Requested, Mark::Answered, Mark::Published, Mark::Delivered].into_iter().zip(row.raw.0)
        {
            marks.set(mark, at != NO_TIME);
        }
        marks.set(Mark::Recorded, is_recorded);
        marks.set(Mark::Failed, failed && !is_recorded);
        marks.set(Mark::Late, is_recorded && late);
        marks.set(Mark::DeliveredTwice, row.deliveries > 1);
        marks.set(Mark::RecordedTwice, row.records > 1);
        marks.set(Mark::Retried, row.retries > 0);
        marks.set(Mark::Synchronous, row.path == Path::Synchronous);
        marks.set(Mark::EventDriven, row.path == Path::EventDriven);
        (row, clocks)
    }

    /// Takes the first of these times that is known.
    fn tell(&mut self, hop: Hop, candidates: &[(Time, Source)]) {
        let known = candidates.iter().find(|(at, _)| *at != NO_TIME);
        if let (Some((at, source)), Some(told), Some(by)) =
            (known, self.raw.0.get_mut(hop as usize), self.raw.1.get_mut(hop as usize))
        {
            (*told, *by) = (*at, *source);
        }
    }

    /// Recorded after the deadline: by what was seen here, and by the sources' own clocks where they tell.
    fn is_late(&self, seen: Seen, lost_after: i64) -> bool {
        if seen.recorded == NO_TIME
            || seen.handed_over == NO_TIME
            || seen.recorded.since(seen.handed_over) <= lost_after
        {
            return false;
        }
        let remote = |hop: Hop| self.stamp(hop).filter(|stamp| stamp.source != Source::Local);
        match (remote(Hop::Published).or_else(|| remote(Hop::Answered)), remote(Hop::Recorded)) {
            (Some(handed_over), Some(recorded)) => recorded.at.since(handed_over.at) > lost_after,
            _ => true,
        }
    }

    /// What a source told of a hop.
    pub(super) fn stamp(&self, hop: Hop) -> Option<Stamp> {
        let (at, source) = (*self.raw.0.get(hop as usize)?, *self.raw.1.get(hop as usize)?);
        (at != NO_TIME).then_some(Stamp { at, source })
    }

    /// The hops by this machine's clock; none before what caused it.
    pub(super) fn hops(&self, clocks: &Clocks) -> Hops {
        let at = |hop| self.stamp(hop).map(|stamp| clocks.local(stamp));
        let after =
            |time: Option<Time>, cause: Option<Time>| time.map(|time| cause.map_or(time, |cause| cause.max(time)));
        let requested = at(Hop::Requested);
        let published = after(at(Hop::Published), requested);
        let delivered = after(at(Hop::Delivered), published.or(requested));
        let recorded = after(at(Hop::Recorded), delivered.or(published).or(requested));
        Hops { requested, answered: after(at(Hop::Answered), requested), published, delivered, recorded }
    }

    /// Whether nothing more is to come of a ride that goes well.
    pub(super) fn is_whole(&self) -> bool {
        let has = |mark| self.marks.has(mark);
        has(Mark::Requested)
            && has(Mark::Answered)
            && has(Mark::Recorded)
            && has(Mark::Delivered)
            && (self.path == Path::Synchronous || has(Mark::Published))
    }
}

fn tally(group: u16, groups: &Groups) -> Tally {
    Tally {
        group,
        role: groups.role(group),
        starts: 0,
        reports: 0,
        errors: 0,
        cut_off: false,
        first_start: NO_TIME,
        given: NO_TIME,
        gateway: NO_TIME,
        first_end: NO_TIME,
        last_end: NO_TIME,
        error: None,
    }
}

/// How often the function was given the ride that was given it most often: several functions may listen, each once.
fn most_in_a_group(tallies: &[Tally]) -> u16 {
    if tallies.iter().filter(|tally| tally.is_record()).count() < 2 {
        return u16::from(tallies.iter().any(Tally::is_record));
    }
    let in_group = |group| tallies.iter().filter(|tally| tally.is_record() && tally.group == group).count();
    // A retry storm has few groups and many invocations.
    let mut groups: Vec<u16> = tallies.iter().filter(|tally| tally.is_record()).map(|tally| tally.group).collect();
    groups.sort_unstable();
    groups.dedup();
    groups.into_iter().map(in_group).max().map_or(0, |most| u16::try_from(most).unwrap_or(u16::MAX))
}
