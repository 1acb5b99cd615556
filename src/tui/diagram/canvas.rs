//! A canvas of characters on which lines that meet are joined.

use ratatui::text::{Line, Span};

use super::layout::Placed;
use crate::tui::look::Look;
use crate::tui::theme::Role;
use crate::workshop::EdgeStyle;

/// What stands in one cell.
#[derive(Clone, Copy)]
enum Cell {
    Empty,
    Text(char, Role),
    /// A line that leaves the cell in these directions.
    Line(u8, EdgeStyle, Role),
    /// The head of an arrow.
    Head(u8, Role),
}

const NORTH: u8 = 1;
const EAST: u8 = 2;
const SOUTH: u8 = 4;
const WEST: u8 = 8;

/// A canvas.
pub(super) struct Canvas {
    width: usize,
    cells: Vec<Cell>,
}

impl Canvas {
    pub(super) fn new(width: usize, height: usize) -> Self {
        Self { width, cells: vec![Cell::Empty; width * height] }
    }

    fn put(&mut self, x: usize, y: usize, cell: Cell) {
        if x < self.width
            && let Some(place) = self.cells.get_mut(y * self.width + x)
        {
            *place = cell;
        }
    }

    /// The frame of a box.
    pub(super) fn frame(&mut self, place: &Placed, role: Role, ascii: bool) {
        let glyphs = if ascii { ['+', '+', '+', '+', '-', '|'] } else { ['╭', '╮', '╰', '╯', '─', '│'] };
        let (right, bottom) = (place.x + place.width - 1, place.y + place.height - 1);
        for x in place.x..=right {
            self.put(x, place.y, Cell::Text(glyphs[4], role));
            self.put(x, bottom, Cell::Text(glyphs[4], role));
        }
        for y in place.y..=bottom {
            self.put(place.x, y, Cell::Text(glyphs[5], role));
            self.put(right, y, Cell::Text(glyphs[5], role));
        }
        let corners = [(place.x, place.y), (right, place.y), (place.x, bottom), (right, bottom)];
        for ((x, y), glyph) in corners.into_iter().zip(glyphs) {
            self.put(x, y, Cell::Text(glyph, role));
        }
    }

    pub(super) fn text(&mut self, x: usize, y: usize, text: &str, role: Role) {
        for (index, character) in text.chars().enumerate() {
            self.put(x + index, y, Cell::Text(character, role));
        }
    }

    /// A line through `points`, with a head at the last one.
    pub(super) fn path(&mut self, points: &[(usize, usize)], style: EdgeStyle, role: Role) {
        let cells: Vec<(usize, usize)> = points.windows(2).flat_map(|pair| between(pair[0], pair[1])).collect();
        let mut walked: Vec<(usize, usize)> = Vec::new();
        for cell in cells {
            if walked.last() != Some(&cell) {
                walked.push(cell);
            }
        }
        for (index, (x, y)) in walked.iter().copied().enumerate() {
            let before = index.checked_sub(1).and_then(|index| walked.get(index)).copied();
            let after = walked.get(index + 1).copied();
            let came = before.map(|before| direction((x, y), before));
            match (came, after) {
                (Some(came), None) => self.put(x, y, Cell::Head(opposite(came), role)),
                (came, Some(after)) => {
                    let goes = direction((x, y), after);
                    let mask = came.unwrap_or_else(|| opposite(goes)) | goes;
                    self.join(x, y, mask, style, role);
                }
                (None, None) => {}
            }
        }
    }

    fn join(&mut self, x: usize, y: usize, mask: u8, style: EdgeStyle, role: Role) {
        let known = self.cells.get(y * self.width + x).copied();
        let (mask, style) = match known {
            Some(Cell::Line(other, other_style, _)) if other != mask => {
                (mask | other, if style == other_style { style } else { EdgeStyle::Sync })
            }
            _ => (mask, style),
        };
        self.put(x, y, Cell::Line(mask, style, role));
    }

    /// The canvas as lines, without empty space at their ends.
    pub(super) fn lines(&self, look: &Look) -> Vec<Line<'static>> {
        let rows = self.cells.chunks(self.width.max(1));
        rows.map(|row| {
            let end = row.iter().rposition(|cell| !matches!(cell, Cell::Empty)).map_or(0, |last| last + 1);
            let mut spans: Vec<Span<'static>> = Vec::new();
            for cell in &row[..end] {
                let (glyph, role) = glyph(*cell, look.glyphs.ascii);
                let style = look.style(role);
                match spans.last_mut() {
                    Some(last) if last.style == style => last.content.to_mut().push(glyph),
                    _ => spans.push(Span::styled(glyph.to_string(), style)),
                }
            }
            Line::from(spans)
        })
        .collect()
    }
}

fn between((x, y): (usize, usize), (to_x, to_y): (usize, usize)) -> Vec<(usize, usize)> {
    if y == to_y {
        let way: Vec<_> = (x.min(to_x)..=x.max(to_x)).map(|x| (x, y)).collect();
        if x <= to_x { way } else { way.into_iter().rev().collect() }
    } else {
        let way: Vec<_> = (y.min(to_y)..=y.max(to_y)).map(|y| (x, y)).collect();
        if y <= to_y { way } else { way.into_iter().rev().collect() }
    }
}

fn direction((x, y): (usize, usize), (to_x, to_y): (usize, usize)) -> u8 {
    match (to_x.cmp(&x), to_y.cmp(&y)) {
        (std::cmp::Ordering::Greater, _) => EAST,
        (std::cmp::Ordering::Less, _) => WEST,
        (_, std::cmp::Ordering::Less) => NORTH,
        _ => SOUTH,
    }
}

fn opposite(direction: u8) -> u8 {
    match direction {
        NORTH => SOUTH,
        SOUTH => NORTH,
        EAST => WEST,
        _ => EAST,
    }
}

fn glyph(cell: Cell, ascii: bool) -> (char, Role) {
    match cell {
        Cell::Empty => (' ', Role::Text),
        Cell::Text(character, role) if ascii && !character.is_ascii() => ('?', role),
        Cell::Text(character, role) => (character, role),
        Cell::Head(way, role) => {
            let index = [NORTH, EAST, SOUTH, WEST].iter().position(|other| *other == way).unwrap_or(1);
            (if ascii { ['^', '>', 'v', '<'][index] } else { ['▲', '▶', '▼', '◀'][index] }, role)
        }
        Cell::Line(mask, style, role) => (line(mask, style, ascii), role),
    }
}

fn line(mask: u8, style: EdgeStyle, ascii: bool) -> char {
    let (horizontal, vertical) = (EAST | WEST, NORTH | SOUTH);
    let straight = mask & horizontal == 0 || mask & vertical == 0;
    let dashed = style == EdgeStyle::Async;
    if straight {
        let across = mask & vertical == 0;
        return match (across, dashed, ascii) {
            (true, false, false) => '─',
            (true, true, false) => '╌',
            (true, false, true) => '-',
            (true, true, true) => '.',
            (false, false, false) => '│',
            (false, true, false) => '╎',
            (false, false, true) => '|',
            (false, true, true) => ':',
        };
    }
    if ascii {
        return '+';
    }
    match mask {
        m if m == NORTH | EAST => '╰',
        m if m == NORTH | WEST => '╯',
        m if m == SOUTH | EAST => '╭',
        m if m == SOUTH | WEST => '╮',
        m if m == horizontal | SOUTH => '┬',
        m if m == horizontal | NORTH => '┴',
        m if m == vertical | EAST => '├',
        m if m == vertical | WEST => '┤',
        _ => '┼',
    }
}
