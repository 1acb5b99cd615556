//! Differences as lines: numbers, signs, the code's own colours, and what changed within a line.

use std::sync::Arc;

use ratatui::style::Style;
use ratatui::text::Span;

use super::{Snippet, Writer};
use crate::diff::{Diff, Hunk, Kind, Line};
use crate::tui::highlight::{Code, Highlighted};
use crate::tui::theme::Role;
use crate::tui::wrap;

mod split;

pub(super) use split::side_by_side;

/// Which hunk is selected, and how hunks are counted.
#[derive(Clone, Copy)]
pub(super) struct Cursor {
    /// The number of the first hunk of this file.
    pub(super) first: usize,
    /// The number of the selected one.
    pub(super) selected: usize,
    /// How many there are in all files.
    pub(super) all: usize,
}

/// The colours of both texts of a difference.
struct Colours {
    old: Option<Arc<Highlighted>>,
    new: Option<Arc<Highlighted>>,
}

impl Colours {
    fn new(writer: &mut Writer<'_>, path: &str, (old, new): (&str, &str)) -> Self {
        let mut known = |text: &str| {
            let code = Code::of_file(path, text);
            let found = writer.highlights.get(&code).cloned();
            if found.is_none() {
                writer.page.wanted.push(code);
            }
            found
        };
        Self { old: known(old), new: known(new) }
    }
}

/// Old and new lines below each other.
pub(super) fn unified(writer: &mut Writer<'_>, path: &str, texts: (&str, &str), diff: &Diff, cursor: Option<Cursor>) {
    let colours = Colours::new(writer, path, texts);
    file_line(writer, path, diff);
    let digits = digits(diff);
    for (index, hunk) in diff.hunks.iter().enumerate() {
        let bar = hunk_line(writer, hunk, index, cursor);
        let start = writer.page.lines.len();
        for line in &hunk.lines {
            let number = line.new.or(line.old).unwrap_or(0);
            let (sign, role) = sign(line.kind);
            let gutter = vec![
                bar.clone(),
                writer.look.span(Role::Dim, format!("{number:>digits$} ")),
                writer.look.span(role, format!("{sign} ")),
            ];
            let room = writer.width().saturating_sub(digits + 4);
            let spans = spans(writer, line, &colours);
            put(writer, &gutter, spans, room, line.kind);
        }
        let lines = start..writer.page.lines.len();
        writer.page.snippets.push(Snippet { text: new_text(hunk), lines });
    }
}

/// The name of the file, and how much changes in it.
fn file_line(writer: &mut Writer<'_>, path: &str, diff: &Diff) {
    let look = writer.look;
    let (added, removed) = diff.counts();
    let mut line = vec![look.span(Role::Strong, path), Span::raw(" ")];
    for (count, role, sign) in [(added, Role::Pass, '+'), (removed, Role::Fail, '-')] {
        if count > 0 {
            line.push(look.span(role, format!(" {sign}{count}")));
        }
    }
    writer.line(line);
}

/// The line above a hunk; gives what stands left of its lines.
fn hunk_line(writer: &mut Writer<'_>, hunk: &Hunk, index: usize, cursor: Option<Cursor>) -> Span<'static> {
    let look = writer.look;
    let selected = cursor.is_some_and(|cursor| cursor.first + index == cursor.selected);
    let bar = if selected { look.span(Role::Accent, look.glyphs.bar) } else { Span::raw(" ") };
    if let Some(cursor) = cursor {
        let number = cursor.first + index;
        writer.anchor(&format!("hunk {number}"));
        let changed = hunk.lines.iter().find(|line| line.kind != Kind::Kept);
        let line = changed.and_then(|line| line.new.or(line.old)).unwrap_or(hunk.new_lines.start + 1);
        let lines = format!("line {line}");
        let text = format!(" Change {} of {} {} {lines}", number + 1, cursor.all, look.glyphs.dot);
        let role = if selected { Role::Accent } else { Role::Dim };
        writer.line(vec![bar.clone(), look.span(role, text)]);
    } else if index > 0 {
        writer.line(vec![look.span(Role::Dim, format!(" {}", look.glyphs.ellipsis))]);
    }
    bar
}

fn put(writer: &mut Writer<'_>, gutter: &[Span<'static>], spans: Vec<Span<'static>>, room: usize, kind: Kind) {
    let look = writer.look;
    let width = super::writer::width_of(gutter);
    // What is read aloud stays in one line.
    let room = if look.glyphs.spoken { usize::MAX } else { room };
    for (index, mut part) in wrap::hard(spans, room).into_iter().enumerate() {
        fill(writer, &mut part, room, kind);
        let mut line = if index == 0 {
            gutter.to_vec()
        } else {
            let mark = format!("{:>1$} ", look.glyphs.wrapped, width.saturating_sub(2));
            vec![gutter[0].clone(), look.span(Role::Dim, mark)]
        };
        line.extend(part);
        writer.line(line);
    }
}

/// Fills a changed line to the end of its column, where the theme tints it.
fn fill(writer: &Writer<'_>, line: &mut Vec<Span<'static>>, room: usize, kind: Kind) {
    if kind != Kind::Kept && writer.look.theme.tints_diffs() {
        let used = super::writer::width_of(line);
        line.push(Span::styled(" ".repeat(room.saturating_sub(used)), writer.look.style(sign(kind).1)));
    }
}

fn sign(kind: Kind) -> (&'static str, Role) {
    match kind {
        Kind::Kept => (" ", Role::Dim),
        Kind::Added => ("+", Role::Added),
        Kind::Removed => ("-", Role::Removed),
    }
}

/// The text of a line with the code's colours below and those of the difference above.
fn spans(writer: &Writer<'_>, line: &Line, colours: &Colours) -> Vec<Span<'static>> {
    let look = writer.look;
    let (known, number) = match line.kind {
        Kind::Removed => (&colours.old, line.old),
        Kind::Kept | Kind::Added => (&colours.new, line.new),
    };
    let pieces = known.as_ref().and_then(|known| known.get(number?.checked_sub(1)?));
    let (base, word) = match line.kind {
        Kind::Kept => (Style::new(), Style::new()),
        Kind::Added => (look.style(Role::Added), look.style(Role::AddedWord)),
        Kind::Removed => (look.style(Role::Removed), look.style(Role::RemovedWord)),
    };
    // One style for each character of the line: the code's, then the line's, then the word's.
    let mut styles: Vec<Style> = match pieces {
        Some(pieces) => pieces
            .iter()
            .flat_map(|(role, text)| std::iter::repeat_n(look.style(*role), text.chars().count()))
            .collect(),
        None => Vec::new(),
    };
    let text = line.text();
    styles.resize(text.chars().count(), look.style(Role::Text));
    let calm = is_rewritten(line);
    let emphasized = line.parts.iter().flat_map(|part| {
        let on = part.emphasized && !calm && !part.text.trim().is_empty();
        std::iter::repeat_n(on, part.text.chars().count())
    });
    let mut spans: Vec<Span<'static>> = Vec::new();
    // Without a tint the colour itself tells that a line has changed: the code's own would hide it, and make a comment faint.
    let coloured = line.kind == Kind::Kept || look.theme.tints_diffs();
    for ((character, style), emphasized) in text.chars().zip(styles).zip(emphasized) {
        let style = if coloured { style } else { Style::new() };
        let style = style.patch(base).patch(if emphasized { word } else { Style::new() });
        let shown = look.glyphs.plain(&wrap::printable(character.encode_utf8(&mut [0; 4])));
        match spans.last_mut() {
            Some(last) if last.style == style => last.content.to_mut().push_str(&shown),
            _ => spans.push(Span::styled(shown, style)),
        }
    }
    spans
}

/// Whether so much of a line differs that pointing at words would only make it hard to read.
fn is_rewritten(line: &Line) -> bool {
    let length = |part: &crate::diff::Part| part.text.trim().chars().count();
    let all: usize = line.parts.iter().map(length).sum();
    let emphasized: usize = line.parts.iter().filter(|part| part.emphasized).map(length).sum();
    emphasized * 10 > all * 7
}

/// What a hunk leaves in the file: for copying.
fn new_text(hunk: &Hunk) -> String {
    hunk.lines.iter().filter(|line| line.kind == Kind::Added).map(|line| line.text() + "\n").collect()
}

fn digits(diff: &Diff) -> usize {
    let last = diff.hunks.last().map_or(0, |hunk| hunk.old_lines.end.max(hunk.new_lines.end));
    last.to_string().len().max(3)
}
