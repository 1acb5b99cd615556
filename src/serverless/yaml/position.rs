//! From the scanner's lines and columns, which count characters, to bytes.

use saphyr_parser::Marker;

/// Where the lines of a text start.
pub(super) struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
    /// Bytes before `text` in the file: a byte-order mark.
    offset: usize,
}

impl<'a> Lines<'a> {
    /// `offset` bytes of the file lie before `text`.
    pub(super) fn new(text: &'a str, offset: usize) -> Self {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        for (index, byte) in bytes.iter().enumerate() {
            // As the scanner counts: \n, \r\n, and a lone \r.
            if *byte == b'\n' || (*byte == b'\r' && bytes.get(index + 1) != Some(&b'\n')) {
                starts.push(index + 1);
            }
        }
        Self { text, starts, offset }
    }

    /// Offset in the text. The scanner's own index counts differently inside comments, its line and column do not.
    pub(super) fn local(&self, marker: Marker) -> usize {
        let Some(start) = self.starts.get(marker.line().saturating_sub(1)).copied() else { return self.text.len() };
        let rest = &self.text[start..];
        rest.char_indices().nth(marker.col()).map_or(self.text.len(), |(index, _)| start + index)
    }

    /// Offset in the file of an offset in the text.
    pub(super) fn global(&self, local: usize) -> usize {
        local + self.offset
    }

    /// The text.
    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    /// Offsets in the text of line number `line` (from 1), without its end.
    pub(super) fn line(&self, line: usize) -> Option<(usize, &'a str)> {
        let start = *self.starts.get(line.checked_sub(1)?)?;
        let end = self.starts.get(line).copied().unwrap_or(self.text.len());
        Some((start, self.text[start..end].trim_end_matches(['\n', '\r'])))
    }

    /// How many lines there are.
    pub(super) fn count(&self) -> usize {
        self.starts.len()
    }
}
