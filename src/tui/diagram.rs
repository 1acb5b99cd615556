//! Architecture diagrams: boxes on a grid, solid arrows where the sender waits, dashed ones where it goes on.
//!
//! A diagram that is too wide is tried again with narrower boxes, then with its labels in a legend, then without air; at last it is told in
//! words.

mod canvas;
mod layout;

use ratatui::text::{Line, Span};

use super::look::Look;
use super::theme::Role;
use crate::workshop::{Diagram, Edge, EdgeStyle, NodeKind};
use canvas::Canvas;
use layout::{Labels, Layout};

/// The lines of `diagram`, at most `width` columns wide.
pub fn draw(diagram: &Diagram, look: &Look, width: usize) -> Vec<Line<'static>> {
    let mut lines = vec![Line::from(look.span(Role::Strong, &diagram.title)), Line::default()];
    match fitting(diagram, width).filter(|_| !look.glyphs.spoken) {
        Some(layout) => lines.extend(picture(diagram, &layout, look)),
        None => lines.extend(words(diagram, look)),
    }
    if !look.glyphs.spoken && diagram.edges.iter().any(|edge| edge.style == EdgeStyle::Async) {
        lines.push(Line::default());
        let (solid, dashed) = if look.glyphs.ascii { ("-->", "..>") } else { ("──▶", "╌╌▶") };
        lines.push(Line::from(vec![
            look.span(Role::Sync, solid),
            look.span(Role::Dim, " waits for the answer   "),
            look.span(Role::Async, dashed),
            look.span(Role::Dim, " goes on at once"),
        ]));
    }
    lines
}

/// Whether `diagram` can be drawn as a picture on a page of this width.
pub fn fits(diagram: &Diagram, width: usize) -> bool {
    fitting(diagram, width).is_some()
}

/// The most generous layout that is no wider than `width`.
fn fitting(diagram: &Diagram, width: usize) -> Option<Layout> {
    use Labels::{Numbered, Told, Written};
    let tries = [(24, Written), (14, Written), (11, Written), (11, Numbered), (8, Numbered), (11, Told), (7, Told)];
    let layouts = tries.iter().map(|(box_width, labels)| Layout::new(diagram, *box_width, *labels));
    layouts.into_iter().find(|layout| layout.width <= width)
}

fn picture(diagram: &Diagram, layout: &Layout, look: &Look) -> Vec<Line<'static>> {
    let mut canvas = Canvas::new(layout.width, layout.height);
    for (node, place) in diagram.nodes.iter().zip(&layout.boxes) {
        canvas.frame(place, kind_role(node.kind), look.glyphs.ascii);
        for (row, text) in place.text.iter().enumerate() {
            let indent = (place.width - 2).saturating_sub(text.chars().count()) / 2;
            canvas.text(place.x + 1 + indent, place.y + 1 + row, text, Role::Text);
        }
    }
    for (index, route) in layout.routes.iter().enumerate() {
        let role = edge_role(route.style);
        canvas.path(&route.points, route.style, role);
        if let Some((x, y)) = route.label_at {
            let number = format!("({})", index + 1);
            let numbered = layout.labels == Labels::Numbered;
            let text = if numbered { number.as_str() } else { diagram.edges[index].label.as_str() };
            canvas.text(x, y, text, Role::Dim);
        }
    }
    let mut lines = canvas.lines(look);
    let mut labelled = diagram.edges.iter().enumerate().filter(|(_, edge)| !edge.label.is_empty()).peekable();
    if layout.labels == Labels::Written || labelled.peek().is_none() {
        return lines;
    }
    lines.push(Line::default());
    for (index, edge) in labelled {
        lines.push(match layout.labels {
            Labels::Told => told(diagram, edge, look),
            _ => Line::from(look.span(Role::Dim, format!("({}) {}", index + 1, edge.label))),
        });
    }
    lines
}

/// The arrows in words, where the page is too narrow for a picture.
fn words(diagram: &Diagram, look: &Look) -> Vec<Line<'static>> {
    diagram.edges.iter().map(|edge| told(diagram, edge, look)).collect()
}

/// One arrow in words.
fn told(diagram: &Diagram, edge: &Edge, look: &Look) -> Line<'static> {
    let label =
        |id: &str| diagram.nodes.iter().find(|node| node.id == id).map_or(id, |node| node.label.as_str()).to_owned();
    let arrow = match (edge.style, look.glyphs.spoken, look.glyphs.ascii) {
        (EdgeStyle::Sync, true, _) => " asks and waits for ",
        (EdgeStyle::Async, true, _) => " passes on to ",
        (EdgeStyle::Sync, false, false) => " ──▶ ",
        (EdgeStyle::Async, false, false) => " ╌╌▶ ",
        (EdgeStyle::Sync, false, true) => " --> ",
        (EdgeStyle::Async, false, true) => " ..> ",
    };
    let mut spans = vec![
        look.span(Role::Text, label(&edge.from)),
        Span::styled(arrow, look.style(edge_role(edge.style))),
        look.span(Role::Text, label(&edge.to)),
    ];
    if !edge.label.is_empty() {
        spans.push(look.span(Role::Dim, format!(" ({})", edge.label)));
    }
    Line::from(spans)
}

fn edge_role(style: EdgeStyle) -> Role {
    match style {
        EdgeStyle::Sync => Role::Sync,
        EdgeStyle::Async => Role::Async,
    }
}

fn kind_role(kind: NodeKind) -> Role {
    match kind {
        NodeKind::User => Role::Dim,
        NodeKind::Api => Role::Constant,
        NodeKind::Function => Role::Accent,
        NodeKind::Topic => Role::Async,
        NodeKind::Table => Role::Pass,
    }
}

#[cfg(test)]
mod tests;
