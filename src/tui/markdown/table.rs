//! Tables: columns as wide as their text, cells wrapped where the page is too narrow.

use ratatui::text::Span;
use unicode_width::UnicodeWidthStr;

use crate::tui::page::Writer;
use crate::tui::theme::Role;
use crate::tui::wrap;

type Cell = Vec<Span<'static>>;

/// A table: the first row is its head.
#[derive(Default)]
pub(super) struct Table {
    pub(super) rows: Vec<Vec<Cell>>,
}

const GAP: usize = 3;

impl Table {
    pub(super) fn write(self, writer: &mut Writer<'_>) {
        let look = writer.look();
        if look.glyphs.spoken {
            return self.tell(writer);
        }
        let widths = self.widths(writer.width());
        let separator = look.span(Role::Rule, format!(" {} ", look.glyphs.vertical));
        for (index, row) in self.rows.into_iter().enumerate() {
            let row: Vec<Cell> = row
                .into_iter()
                .map(|cell| match index {
                    0 => cell.into_iter().map(|span| span.patch_style(look.style(Role::Strong))).collect(),
                    _ => cell,
                })
                .collect();
            write_row(writer, &row, &widths, &separator);
            if index == 0 {
                let rule: Vec<String> = widths.iter().map(|width| look.glyphs.horizontal.repeat(*width)).collect();
                let cross = if look.glyphs.ascii { "-+-" } else { "─┼─" };
                writer.line(vec![look.span(Role::Rule, rule.join(cross))]);
            }
        }
    }

    /// A row at a time, each cell after its head: columns mean nothing to the ear.
    fn tell(self, writer: &mut Writer<'_>) {
        let mut rows = self.rows.into_iter();
        let heads = rows.next().unwrap_or_default();
        for row in rows {
            for (head, cell) in heads.iter().zip(row) {
                let mut spans = head.clone();
                spans.push(Span::raw(": "));
                spans.extend(cell);
                writer.text(&spans);
            }
            writer.blank();
        }
    }

    /// The width of each column: natural where all fit, else the widest give way.
    fn widths(&self, available: usize) -> Vec<usize> {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let natural = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.iter().map(|span| span.content.width()).sum::<usize>()).max().unwrap_or(0).max(1)
        };
        let mut widths: Vec<usize> = (0..columns).map(natural).collect();
        let available = available.saturating_sub(GAP * columns.saturating_sub(1)).max(columns * 3);
        while widths.iter().sum::<usize>() > available {
            match widths.iter_mut().max() {
                Some(widest) if *widest > 3 => *widest -= 1,
                _ => break,
            }
        }
        widths
    }
}

fn write_row(writer: &mut Writer<'_>, row: &[Cell], widths: &[usize], separator: &Span<'static>) {
    let empty = Cell::new();
    let cells: Vec<Vec<Cell>> = widths
        .iter()
        .enumerate()
        .map(|(column, width)| wrap::words(row.get(column).unwrap_or(&empty), *width))
        .collect();
    let height = cells.iter().map(Vec::len).max().unwrap_or(1);
    for line in 0..height {
        let mut spans = Vec::new();
        for (column, (cell, width)) in cells.iter().zip(widths).enumerate() {
            if column > 0 {
                spans.push(separator.clone());
            }
            let part = cell.get(line).cloned().unwrap_or_default();
            let used: usize = part.iter().map(|span| span.content.width()).sum();
            spans.extend(part);
            if column + 1 < widths.len() {
                spans.push(Span::raw(" ".repeat(width.saturating_sub(used))));
            }
        }
        writer.line(spans);
    }
}
