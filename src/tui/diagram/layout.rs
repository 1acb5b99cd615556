//! Where the boxes of a diagram stand and how its arrows run.

use crate::workshop::{Diagram, Edge, EdgeStyle, Node};

/// A box on the canvas.
pub(super) struct Placed {
    pub(super) x: usize,
    pub(super) y: usize,
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) text: Vec<String>,
}

/// An arrow on the canvas: corners from start to end, the last of which carries the arrow's head.
pub(super) struct Route {
    pub(super) points: Vec<(usize, usize)>,
    pub(super) style: EdgeStyle,
    pub(super) label_at: Option<(usize, usize)>,
}

/// A diagram laid out.
pub(super) struct Layout {
    pub(super) boxes: Vec<Placed>,
    pub(super) routes: Vec<Route>,
    pub(super) width: usize,
    pub(super) height: usize,
    /// What stands on arrows.
    pub(super) labels: Labels,
}

/// What stands on arrows that have a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Labels {
    /// The label.
    Written,
    /// A number, which a legend explains.
    Numbered,
    /// Nothing, and all else stands as close together as it can; the arrows are told below.
    Told,
}

/// Lines between two rows of boxes: room for an arrow and its label.
const ROW_GAP: usize = 2;

impl Layout {
    /// A layout with boxes whose text is at most about `box_width` columns wide.
    pub(super) fn new(diagram: &Diagram, box_width: usize, labels: Labels) -> Self {
        let texts: Vec<Vec<String>> = diagram.nodes.iter().map(|node| broken(&node.label, box_width)).collect();
        let air = if labels == Labels::Told { 2 } else { 4 };
        let columns = Axis::new(&diagram.nodes, |node| node.column, |index| air + longest(&texts[index]));
        let rows = Axis::new(&diagram.nodes, |node| node.row, |index| 2 + texts[index].len());
        let xs = columns.starts(|column| gap(diagram, column, labels));
        let ys = rows.starts(|_| ROW_GAP);
        let boxes: Vec<Placed> = diagram
            .nodes
            .iter()
            .zip(texts)
            .map(|(node, text)| {
                let (column, row) = (usize::from(node.column), usize::from(node.row));
                let (width, height) = (air + longest(&text), 2 + text.len());
                let x = xs[column] + (columns.sizes[column] - width) / 2;
                let y = ys[row] + (rows.sizes[row] - height) / 2;
                Placed { x, y, width, height, text }
            })
            .collect();
        let middles: Vec<usize> =
            ys.iter().zip(&rows.sizes).map(|(y, height)| y + height.saturating_sub(1) / 2).collect();
        let routes = diagram.edges.iter().map(|edge| route(diagram, &boxes, &middles, edge, labels)).collect();
        let width = boxes.iter().map(|place| place.x + place.width).max().unwrap_or(0);
        let height = boxes.iter().map(|place| place.y + place.height).max().unwrap_or(0);
        Self { boxes, routes, width, height, labels }
    }
}

/// The sizes of the grid's columns or rows.
struct Axis {
    sizes: Vec<usize>,
}

impl Axis {
    fn new(nodes: &[Node], index_of: impl Fn(&Node) -> u16, size: impl Fn(usize) -> usize) -> Self {
        let count = nodes.iter().map(|node| usize::from(index_of(node)) + 1).max().unwrap_or(0);
        let mut sizes = vec![0; count];
        for (index, node) in nodes.iter().enumerate() {
            let at = usize::from(index_of(node));
            sizes[at] = sizes[at].max(size(index));
        }
        Self { sizes }
    }

    fn starts(&self, gap: impl Fn(usize) -> usize) -> Vec<usize> {
        let mut at = 0;
        let each = self.sizes.iter().enumerate().map(|(index, size)| {
            let start = at;
            at += size + gap(index);
            start
        });
        each.collect()
    }
}

/// Columns between the grid's `column` and the next: room for the longest label on an arrow that runs there.
fn gap(diagram: &Diagram, column: usize, labels: Labels) -> usize {
    if labels == Labels::Told {
        // A line, its corner, the head.
        return 3;
    }
    let crossing = diagram.edges.iter().filter(|edge| {
        let (Some(from), Some(to)) = (node(diagram, &edge.from), node(diagram, &edge.to)) else { return false };
        let (a, b) = (usize::from(diagram.nodes[from].column), usize::from(diagram.nodes[to].column));
        a.min(b) == column && a != b
    });
    let label = crossing.map(|edge| label_width(edge, labels)).max().unwrap_or(0);
    (label + 4).max(5)
}

fn label_width(edge: &Edge, labels: Labels) -> usize {
    match (labels, edge.label.chars().count()) {
        (_, 0) | (Labels::Told, _) => 0,
        (Labels::Numbered, _) => 3,
        (Labels::Written, width) => width,
    }
}

fn node(diagram: &Diagram, id: &str) -> Option<usize> {
    diagram.nodes.iter().position(|node| node.id == id)
}

/// `middles` are the lines in which arrows run through each row of boxes.
fn route(diagram: &Diagram, boxes: &[Placed], middles: &[usize], edge: &Edge, labels: Labels) -> Route {
    let nothing = Route { points: Vec::new(), style: edge.style, label_at: None };
    let (Some(from), Some(to)) = (node(diagram, &edge.from), node(diagram, &edge.to)) else { return nothing };
    let (a, b) = (&boxes[from], &boxes[to]);
    let (a_node, b_node) = (&diagram.nodes[from], &diagram.nodes[to]);
    let label = label_width(edge, labels);
    if a_node.column == b_node.column {
        let x = a.x + a.width / 2;
        let (start, end) = if a.y < b.y { (a.y + a.height, b.y - 1) } else { (a.y - 1, b.y + b.height) };
        let label_at = (label > 0).then_some((x + 2, start.min(end)));
        return Route { points: vec![(x, start), (x, end)], label_at, ..nothing };
    }
    let right = a_node.column < b_node.column;
    let (start, end) = if right { (a.x + a.width, b.x - 1) } else { (a.x - 1, b.x + b.width) };
    let (a_y, b_y) = (middles[usize::from(a_node.row)], middles[usize::from(b_node.row)]);
    let label_at = |from: usize, to: usize, y: usize| {
        let (left, right) = (from.min(to), from.max(to));
        let room = (right + 1 - left).saturating_sub(label) / 2;
        (label > 0).then_some((left + room, y.saturating_sub(1)))
    };
    if a_y == b_y {
        return Route { points: vec![(start, a_y), (end, b_y)], label_at: label_at(start, end, a_y), ..nothing };
    }
    // One column away from the start, so that arrows that fan out share their beginning.
    let turn = if right { start + 1 } else { start - 1 };
    let points = vec![(start, a_y), (turn, a_y), (turn, b_y), (end, b_y)];
    Route { points, label_at: label_at(turn + 1, end, b_y), ..nothing }
}

fn longest(lines: &[String]) -> usize {
    lines.iter().map(|line| line.chars().count()).max().unwrap_or(0)
}

/// `label` in lines of at most `width` characters, broken at spaces, and inside names where a capital begins a word.
fn broken(label: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in label.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.extend(humps(word, width)),
        }
    }
    if lines.is_empty() {
        lines.push(String::new());
    }
    lines
}

fn humps(word: &str, width: usize) -> Vec<String> {
    if word.chars().count() <= width {
        return vec![word.to_owned()];
    }
    let mut parts: Vec<String> = vec![String::new()];
    let mut humps: Vec<String> = Vec::new();
    for character in word.chars() {
        let starts = humps.is_empty() || character.is_uppercase();
        match humps.last_mut() {
            Some(hump) if !starts => hump.push(character),
            _ => humps.push(character.to_string()),
        }
    }
    for hump in humps {
        match parts.last_mut() {
            Some(part) if part.is_empty() || part.chars().count() + hump.chars().count() <= width => {
                part.push_str(&hump)
            }
            _ => parts.push(hump),
        }
    }
    parts
}
