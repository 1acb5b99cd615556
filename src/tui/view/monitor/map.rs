//! Where nodes and edges of the deployed architecture stand in a picture of a given size.

use ratatui::layout::{Position, Rect};

use crate::ride::{Edge, Function, Role as Task, Topology};

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    User,
    Answers,
    Fleet,
    Topic,
    /// Records what comes from the topic.
    Consumer,
    /// Records what comes over HTTP.
    Recorder,
    Table,
}

/// A node.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Node {
    pub(super) kind: Kind,
    pub(super) name: String,
    /// Whether it is deployed.
    pub(super) exists: bool,
    pub(super) area: Rect,
}

/// A way between two nodes: the cells from one to the other.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Way {
    pub(super) edges: &'static [Edge],
    pub(super) cells: Vec<Position>,
    pub(super) label: &'static str,
    /// Whether the sender goes on at once.
    pub(super) is_async: bool,
    /// Whether both ends are there.
    pub(super) exists: bool,
}

/// The picture.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Map {
    pub(super) nodes: Vec<Node>,
    pub(super) ways: Vec<Way>,
    /// Whether nodes are boxes.
    pub(super) boxed: bool,
}

/// Rows of a box: its frame and two lines.
const BOX: u16 = 4;
/// The widest gap between nodes.
const WIDEST: u16 = 18;

impl Map {
    /// The picture of what is deployed, in `area`.
    pub(super) fn new(topology: &Topology, area: Rect, boxed: bool) -> Self {
        let mut map = Self { boxed, ..Self::default() };
        if area.width < 20 || area.height < if boxed { 8 } else { 3 } {
            return map;
        }
        let function = |task: Task| topology.functions.iter().find(|function| function.role == task);
        let is_event_driven =
            topology.topic.is_some() || topology.functions.iter().any(|function| function.role == Task::RecordsTopic);
        let name = |function: Option<&Function>, other: &str| {
            function.map_or_else(|| other.to_owned(), |function| function.logical.clone())
        };
        let (requests, http) = (function(Task::Requests), function(Task::RecordsHttp));
        let mut row = vec![
            (Kind::User, "You".to_owned(), true),
            (Kind::Answers, name(requests, "RequestRide"), requests.is_some()),
        ];
        let consumers = consumers(topology);
        if is_event_driven {
            let topic = topology.topic.as_ref();
            let topic_name = topic.and_then(|topic| topic.arn.rsplit(':').next()).unwrap_or("RidesSnsTopic");
            row.push((Kind::Topic, short_topic(topic_name), topic.is_some()));
            let (consumer, is_subscribed) = consumers.first().cloned().unwrap_or(("no subscriber".to_owned(), false));
            let more = consumers.len().saturating_sub(1);
            let consumer = if more > 0 { format!("{consumer} +{more}") } else { consumer };
            row.push((Kind::Consumer, consumer, is_subscribed));
        } else {
            row.push((Kind::Recorder, name(http, "PutRideRecord"), http.is_some()));
        }
        let table = topology.table.as_ref();
        let table_name = table.map_or("RideRecordTable", |table| table.name.as_str());
        row.push((Kind::Table, short_table(table_name), table.is_some()));
        map.main_row(row, area);
        let fleet = function(Task::Fleet);
        map.above(Kind::Fleet, Kind::Answers, name(fleet, "GetUnicorn"), fleet.is_some(), area);
        if is_event_driven && let Some(http) = http {
            map.above(Kind::Recorder, Kind::Consumer, http.logical.clone(), true, area);
        }
        map.connect(is_event_driven);
        map
    }

    fn main_row(&mut self, row: Vec<(Kind, String, bool)>, area: Rect) {
        let count = u16::try_from(row.len()).unwrap_or(1).max(2);
        let air = if self.boxed { 4 } else { 0 };
        let least = if self.boxed { 18 } else { 0 };
        let wanted: Vec<u16> = row
            .iter()
            .map(|(kind, name, _)| {
                let least = if *kind == Kind::User { least.min(14) } else { least };
                (u16::try_from(name.chars().count()).unwrap_or(u16::MAX).saturating_add(air)).max(least)
            })
            .collect();
        let least_gap = if self.boxed { 5 } else { 4 };
        let room = area.width.saturating_sub(least_gap * (count - 1));
        let all: u16 = wanted.iter().fold(0, |all, width| all.saturating_add(*width));
        // Too long names are cut, the longest most.
        let most =
            (0..=area.width).rev().find(|most| wanted.iter().map(|width| (*width).min(*most)).sum::<u16>() <= room);
        let widths: Vec<u16> = wanted.iter().map(|width| (*width).min(most.unwrap_or(0))).collect();
        let used: u16 = widths.iter().sum();
        let gap = (area.width.saturating_sub(used) / (count - 1)).min(if all < room { WIDEST } else { least_gap });
        let whole = used + gap * (count - 1);
        let mut x = area.x + area.width.saturating_sub(whole) / if self.boxed { 2 } else { 1000 };
        let (y, height) = if self.boxed { (area.y + area.height - BOX, BOX) } else { (area.y + 1, 1) };
        for ((kind, name, exists), width) in row.into_iter().zip(widths) {
            self.nodes.push(Node { kind, name, exists, area: Rect { x, y, width, height } });
            x += width + gap;
        }
    }

    /// A node above another one.
    fn above(&mut self, kind: Kind, below: Kind, name: String, exists: bool, area: Rect) {
        let Some(under) = self.node(below).map(|node| node.area) else { return };
        let wanted = u16::try_from(name.chars().count()).unwrap_or(u16::MAX);
        let place = if self.boxed {
            let width = under.width.max(wanted.saturating_add(4)).min(under.width + 4);
            Rect { x: under.x + under.width / 2 - (width / 2).min(under.width / 2), y: area.y, width, height: BOX - 1 }
        } else {
            let x = under.x + 3;
            Rect { x, y: area.y, width: wanted.min((area.x + area.width).saturating_sub(x)), height: 1 }
        };
        self.nodes.push(Node { kind, name, exists, area: place });
    }

    pub(super) fn node(&self, kind: Kind) -> Option<&Node> {
        self.nodes.iter().find(|node| node.kind == kind)
    }

    fn connect(&mut self, is_event_driven: bool) {
        let straight: &[(Kind, Kind, &'static [Edge], &'static str, bool)] = if is_event_driven {
            &[
                (Kind::User, Kind::Answers, &[Edge::Request, Edge::Answer], "POST", false),
                (Kind::Answers, Kind::Topic, &[Edge::Publish], "publish", true),
                (Kind::Topic, Kind::Consumer, &[Edge::Deliver], "deliver", true),
                (Kind::Consumer, Kind::Table, &[Edge::Record], "put", false),
            ]
        } else {
            &[
                (Kind::User, Kind::Answers, &[Edge::Request, Edge::Answer], "POST", false),
                (Kind::Answers, Kind::Recorder, &[Edge::Post], "POST", false),
                (Kind::Recorder, Kind::Table, &[Edge::Record], "put", false),
            ]
        };
        for (from, to, edges, label, is_async) in straight {
            let (Some(a), Some(b)) = (self.node(*from), self.node(*to)) else { continue };
            let y = if self.boxed { a.area.y + 1 } else { a.area.y };
            let (start, end) = (a.area.x + a.area.width, b.area.x);
            // A space on both sides of names without a frame.
            let air = u16::from(!self.boxed);
            let cells = (start + air..end.saturating_sub(air)).map(|x| Position::new(x, y)).collect();
            let exists = a.exists && b.exists;
            self.ways.push(Way { edges, cells, label, is_async: *is_async, exists });
        }
        self.way_to_fleet();
        if is_event_driven {
            self.http_way_in();
        }
    }

    fn way_to_fleet(&mut self) {
        let (Some(a), Some(b)) = (self.node(Kind::Answers), self.node(Kind::Fleet)) else { return };
        let exists = a.exists && b.exists;
        let cells = if self.boxed {
            let x = a.area.x + a.area.width / 2;
            (b.area.y + b.area.height..a.area.y).rev().map(|y| Position::new(x, y)).collect()
        } else {
            let (x, y) = (a.area.x + 1, b.area.y);
            vec![Position::new(x, y), Position::new(x + 1, y)]
        };
        self.ways.push(Way { edges: &[Edge::Unicorn], cells, label: "", is_async: false, exists });
    }

    /// From the function that records by HTTP down to the table.
    fn http_way_in(&mut self) {
        let (Some(a), Some(b)) = (self.node(Kind::Recorder), self.node(Kind::Table)) else { return };
        let y = if self.boxed { a.area.y + 1 } else { a.area.y };
        let start = a.area.x + a.area.width + u16::from(!self.boxed);
        let turn = b.area.x + b.area.width / 2;
        let mut cells: Vec<Position> = (start..=turn).map(|x| Position::new(x, y)).collect();
        cells.extend((y + 1..b.area.y).map(|y| Position::new(turn, y)));
        let exists = a.exists && b.exists;
        self.ways.push(Way { edges: &[], cells, label: "", is_async: false, exists });
    }
}

/// Who gets the topic's messages, by name, and whether it is subscribed: subscribers first.
fn consumers(topology: &Topology) -> Vec<(String, bool)> {
    let subscriptions = topology.topic.iter().flat_map(|topic| &topic.subscriptions);
    let mut consumers: Vec<(String, bool)> = subscriptions
        .map(|subscription| {
            let end = subscription.endpoint.rsplit(':').next().unwrap_or(&subscription.endpoint);
            let function = topology.functions.iter().find(|function| function.name == end);
            let name = function
                .map_or_else(|| format!("{} {end}", subscription.protocol), |function| function.logical.clone());
            (name, true)
        })
        .collect();
    for function in topology.functions.iter().filter(|function| function.role == Task::RecordsTopic) {
        if !consumers.iter().any(|(name, _)| *name == function.logical) {
            consumers.push((function.logical.clone(), false));
        }
    }
    // The one that records is what the lesson is about.
    consumers.sort_by_key(|(name, subscribed)| {
        let records =
            topology.functions.iter().any(|function| function.role == Task::RecordsTopic && function.logical == *name);
        (!records, !subscribed)
    });
    consumers
}

/// A topic's name as the lesson says it: without stack in front and without CloudFormation's letters behind.
fn short_topic(name: &str) -> String {
    logical(name, "Topic")
}

fn short_table(name: &str) -> String {
    logical(name, "Table")
}

/// The part of a generated name (`stack-Logical-1AB2C3`) that the template gives; names that are not generated stay.
fn logical(name: &str, kind: &str) -> String {
    let parts: Vec<&str> = name.split('-').collect();
    let known =
        parts.iter().rev().find(|part| part.ends_with(kind) && part.starts_with(|letter: char| letter.is_uppercase()));
    known.map_or_else(|| name.to_owned(), |part| (*part).to_owned())
}
