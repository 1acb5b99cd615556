//! Old and new lines side by side.

use ratatui::text::Span;

use super::{Colours, Cursor, Snippet, Writer, digits, file_line, fill, hunk_line, new_text, sign, spans};
use crate::diff::{Diff, Hunk, Kind, Line};
use crate::tui::theme::Role;
use crate::tui::wrap;

/// The difference in two columns.
pub(in crate::tui::page) fn side_by_side(
    writer: &mut Writer<'_>,
    path: &str,
    texts: (&str, &str),
    diff: &Diff,
    cursor: Option<Cursor>,
) {
    let colours = Colours::new(writer, path, texts);
    file_line(writer, path, diff);
    let digits = digits(diff);
    let half = writer.width().saturating_sub(4) / 2;
    for (index, hunk) in diff.hunks.iter().enumerate() {
        let bar = hunk_line(writer, hunk, index, cursor);
        let start = writer.page.lines.len();
        for (left, right) in pairs(hunk) {
            let old = column(writer, left, left.and_then(|line| line.old), digits, half, &colours);
            let new = column(writer, right, right.and_then(|line| line.new), digits, half, &colours);
            let rule = writer.look.span(Role::Rule, format!(" {} ", writer.look.glyphs.vertical));
            let rows = old.len().max(new.len());
            let (mut old, mut new) = (old.into_iter(), new.into_iter());
            for _ in 0..rows {
                let mut line = vec![bar.clone()];
                let side = old.next().unwrap_or_default();
                let used = super::super::writer::width_of(&side);
                line.extend(side);
                line.push(Span::raw(" ".repeat(half.saturating_sub(used))));
                line.push(rule.clone());
                line.extend(new.next().unwrap_or_default());
                writer.line(line);
            }
        }
        let lines = start..writer.page.lines.len();
        writer.page.snippets.push(Snippet { text: new_text(hunk), lines });
    }
}

/// The lines of a hunk as rows: kept lines on both sides, removed ones beside the added ones that follow them.
fn pairs(hunk: &Hunk) -> Vec<(Option<&Line>, Option<&Line>)> {
    let mut rows = Vec::new();
    let (mut removed, mut added): (Vec<&Line>, Vec<&Line>) = (Vec::new(), Vec::new());
    for line in &hunk.lines {
        match line.kind {
            Kind::Removed if added.is_empty() => removed.push(line),
            Kind::Removed => {
                settle(&mut rows, &mut removed, &mut added);
                removed.push(line);
            }
            Kind::Added => added.push(line),
            Kind::Kept => {
                settle(&mut rows, &mut removed, &mut added);
                rows.push((Some(line), Some(line)));
            }
        }
    }
    settle(&mut rows, &mut removed, &mut added);
    rows
}

fn settle<'a>(
    rows: &mut Vec<(Option<&'a Line>, Option<&'a Line>)>,
    removed: &mut Vec<&'a Line>,
    added: &mut Vec<&'a Line>,
) {
    let count = removed.len().max(added.len());
    rows.extend((0..count).map(|index| (removed.get(index).copied(), added.get(index).copied())));
    removed.clear();
    added.clear();
}

/// One side of a row, in as many lines as it takes.
fn column(
    writer: &Writer<'_>,
    line: Option<&Line>,
    number: Option<usize>,
    digits: usize,
    width: usize,
    colours: &Colours,
) -> Vec<Vec<Span<'static>>> {
    let Some(line) = line else { return Vec::new() };
    let look = writer.look;
    let number = number.map(|number| number.to_string()).unwrap_or_default();
    let (sign, role) = sign(line.kind);
    let room = width.saturating_sub(digits + 3);
    let parts = wrap::hard(spans(writer, line, colours), room).into_iter().enumerate();
    let lines = parts.map(|(index, mut part)| {
        fill(writer, &mut part, room, line.kind);
        let mut whole = match index {
            0 => vec![look.span(Role::Dim, format!("{number:>digits$} ")), look.span(role, format!("{sign} "))],
            _ => vec![look.span(Role::Dim, format!("{:>1$} ", look.glyphs.wrapped, digits + 2))],
        };
        whole.extend(part);
        whole
    });
    lines.collect()
}
