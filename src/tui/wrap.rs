//! Styled text broken into lines of a given width, at spaces where there are any.

use ratatui::style::Style;
use ratatui::text::Span;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Breaks `spans` into lines of at most `width` columns.
pub fn words(spans: &[Span<'static>], width: usize) -> Vec<Vec<Span<'static>>> {
    at_spaces(spans, Lines::new(width))
}

/// The same, but no word is broken, however long it is: an address stays one that can be followed.
pub fn whole_words(spans: &[Span<'static>], width: usize) -> Vec<Vec<Span<'static>>> {
    at_spaces(spans, Lines { whole: true, ..Lines::new(width) })
}

fn at_spaces(spans: &[Span<'static>], mut lines: Lines) -> Vec<Vec<Span<'static>>> {
    let mut word: Vec<(String, Style)> = Vec::new();
    let mut space: Option<Style> = None;
    for span in spans {
        for piece in span.content.split_inclusive([' ', '\n']) {
            let text = piece.trim_end_matches([' ', '\n']);
            if !text.is_empty() {
                word.push((text.to_owned(), span.style));
            }
            if text.len() < piece.len() {
                lines.word(&mut word, space.take());
                if piece.ends_with('\n') {
                    lines.end();
                } else {
                    space = Some(span.style);
                }
            }
        }
    }
    lines.word(&mut word, space);
    lines.end();
    lines.done
}

struct Lines {
    width: usize,
    /// Whether words longer than a line stay whole.
    whole: bool,
    done: Vec<Vec<Span<'static>>>,
    line: Vec<Span<'static>>,
    used: usize,
}

impl Lines {
    fn new(width: usize) -> Self {
        Self { width: width.max(1), whole: false, done: Vec::new(), line: Vec::new(), used: 0 }
    }

    fn word(&mut self, word: &mut Vec<(String, Style)>, space: Option<Style>) {
        let length: usize = word.iter().map(|(text, _)| text.width()).sum();
        if length == 0 {
            return;
        }
        if self.used > 0 {
            if self.used + 1 + length > self.width {
                self.end();
            } else if let Some(style) = space {
                self.put(" ", style);
            }
        }
        for (text, style) in word.drain(..) {
            let mut rest = text.as_str();
            while !rest.is_empty() {
                let room = self.width.saturating_sub(self.used);
                let mut end = if self.whole || rest.width() <= room { rest.len() } else { break_of(rest, room) };
                if end == 0 && self.used == 0 {
                    end = rest.graphemes(true).next().map_or(rest.len(), str::len);
                }
                self.put(&rest[..end], style);
                rest = &rest[end..];
                if !rest.is_empty() {
                    self.end();
                }
            }
        }
    }

    fn put(&mut self, text: &str, style: Style) {
        if text.is_empty() {
            return;
        }
        self.used += text.width();
        match self.line.last_mut() {
            Some(last) if last.style == style => last.content.to_mut().push_str(text),
            _ => self.line.push(Span::styled(text.to_owned(), style)),
        }
    }

    fn end(&mut self) {
        self.done.push(std::mem::take(&mut self.line));
        self.used = 0;
    }
}

/// Where a word that is longer than `room` columns is broken: between the folders of a path or address, else after a sign, else anywhere.
fn break_of(word: &str, room: usize) -> usize {
    let (mut end, mut used) = (0, 0);
    for (at, grapheme) in word.grapheme_indices(true) {
        used += grapheme.width();
        if used > room {
            break;
        }
        end = at + grapheme.len();
    }
    let fits = &word[..end];
    let after = |signs: &[char]| fits.rfind(signs).map(|at| at + 1).filter(|at| *at >= end / 2);
    after(&['/']).or_else(|| after(&['?', '&', '=', '#', '-', '_'])).unwrap_or(end)
}

/// Breaks `spans` at `width` columns with all spaces kept, after a space near the end where there is one, else after a sign: for code.
pub fn hard(spans: Vec<Span<'static>>, width: usize) -> Vec<Vec<Span<'static>>> {
    let width = width.max(1);
    if spans.iter().map(|span| span.content.width()).sum::<usize>() <= width {
        return vec![spans];
    }
    let graphemes: Vec<(&str, Style)> =
        spans.iter().flat_map(|span| span.content.graphemes(true).map(|grapheme| (grapheme, span.style))).collect();
    let mut lines = Lines::new(width);
    let mut from = 0;
    while from < graphemes.len() {
        let (mut end, mut used) = (from, 0);
        while end < graphemes.len() && (end == from || used + graphemes[end].0.width() <= width) {
            used += graphemes[end].0.width();
            end += 1;
        }
        if end < graphemes.len() {
            let near =
                |signs: &[&str]| (from + (end - from) * 3 / 5..end).rev().find(|at| signs.contains(&graphemes[*at].0));
            let near = near(&[" "]).or_else(|| near(&[",", "(", "[", "{", "/", ":", "=", "-"]));
            end = near.map_or(end, |at| at + 1);
        }
        graphemes[from..end].iter().for_each(|(text, style)| lines.put(text, *style));
        lines.end();
        from = end;
    }
    lines.done
}

/// `text` cut to `width` columns, with `ellipsis` where something is missing.
pub fn cut(text: &str, width: usize, ellipsis: &str) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut result = String::new();
    let mut used = 0;
    for grapheme in text.graphemes(true) {
        if used + grapheme.width() + ellipsis.width() > width {
            break;
        }
        used += grapheme.width();
        result.push_str(grapheme);
    }
    if ellipsis.width() <= width {
        result.push_str(ellipsis);
    }
    result
}

/// Tabs as spaces, so that columns are where they seem; control characters shown as one harmless character.
pub fn printable(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut result, character| {
        match character {
            '\t' => result.push_str("    "),
            '\u{feff}' => {}
            _ if character.is_control() => result.push('\u{fffd}'),
            _ => result.push(character),
        }
        result
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(text: &str, width: usize) -> Vec<String> {
        let spans = [Span::raw(text.to_owned())];
        words(&spans, width).iter().map(|line| line.iter().map(|span| span.content.as_ref()).collect()).collect()
    }

    #[test]
    fn words_stay_whole_where_they_can() {
        let cases: &[(&str, usize, &[&str])] = &[
            ("one two three", 7, &["one two", "three"]),
            ("one  two", 20, &["one two"]),
            ("abcdefgh", 3, &["abc", "def", "gh"]),
            ("a\nb", 9, &["a", "b"]),
            ("日本語", 4, &["日本", "語"]),
            ("", 5, &[""]),
            ("x", 0, &["x"]),
            ("see rides/handlers/put_ride.py", 16, &["see", "rides/handlers/", "put_ride.py"]),
            ("https://example.com/a-long-name", 14, &["https://", "example.com/", "a-long-name"]),
            ("日", 1, &["日"]),
        ];
        for (text, width, expected) in cases {
            assert_eq!(broken(text, *width), *expected, "{text:?} at {width}");
        }
    }

    #[test]
    fn an_address_can_stay_whole() {
        let spans = [Span::raw("see https://example.com/a-long-name there")];
        let lines: Vec<String> = whole_words(&spans, 10).iter().map(|line| line[0].content.to_string()).collect();
        assert_eq!(lines, ["see", "https://example.com/a-long-name", "there"]);
    }

    #[test]
    fn code_breaks_at_spaces_first_and_never_inside_a_number() {
        let cases: &[(&str, usize, &[&str])] = &[
            ("info('Event: %s', json.dumps(event))", 24, &["info('Event: %s', ", "json.dumps(event))"]),
            ("{\"Latitude\": 47.6174}", 17, &["{\"Latitude\": ", "47.6174}"]),
            ("abcdefgh", 4, &["abcd", "efgh"]),
        ];
        for (text, width, expected) in cases {
            let lines = hard(vec![Span::raw((*text).to_owned())], *width);
            let lines: Vec<String> =
                lines.iter().map(|line| line.iter().map(|span| span.content.as_ref()).collect()).collect();
            assert_eq!(lines, *expected, "{text:?} at {width}");
        }
    }

    #[test]
    fn a_word_of_two_styles_is_one_word() {
        let spans = [Span::raw("see "), Span::styled("this", Style::new().bold()), Span::raw(", then")];
        let lines: Vec<String> =
            words(&spans, 9).iter().map(|line| line.iter().map(|span| span.content.as_ref()).collect()).collect();
        assert_eq!(lines, ["see this,", "then"]);
    }

    #[test]
    fn cut_says_that_something_is_missing() {
        assert_eq!(cut("abcdef", 4, "…"), "abc…");
        assert_eq!(cut("abc", 4, "…"), "abc");
        assert_eq!(cut("abc", 0, "…"), "");
    }
}
