//! Styled text broken into lines of a given width, at spaces where there are any.

use ratatui::style::Style;
use ratatui::text::Span;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Breaks `spans` into lines of at most `width` columns.
pub fn words(spans: &[Span<'static>], width: usize) -> Vec<Vec<Span<'static>>> {
    let width = width.max(1);
    let mut lines = Lines { width, done: Vec::new(), line: Vec::new(), used: 0 };
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
    done: Vec<Vec<Span<'static>>>,
    line: Vec<Span<'static>>,
    used: usize,
}

impl Lines {
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
            if self.used + text.width() <= self.width {
                self.put(&text, style);
                continue;
            }
            for grapheme in text.graphemes(true) {
                if self.used > 0 && self.used + grapheme.width() > self.width {
                    self.end();
                }
                self.put(grapheme, style);
            }
        }
    }

    fn put(&mut self, text: &str, style: Style) {
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

/// Breaks `spans` at `width` columns with all spaces kept, after a sign or space near the end where there is one: for code.
pub fn hard(spans: Vec<Span<'static>>, width: usize) -> Vec<Vec<Span<'static>>> {
    let width = width.max(1);
    if spans.iter().map(|span| span.content.width()).sum::<usize>() <= width {
        return vec![spans];
    }
    let graphemes: Vec<(&str, Style)> =
        spans.iter().flat_map(|span| span.content.graphemes(true).map(|grapheme| (grapheme, span.style))).collect();
    let mut lines = Lines { width, done: Vec::new(), line: Vec::new(), used: 0 };
    let mut from = 0;
    while from < graphemes.len() {
        let (mut end, mut used) = (from, 0);
        while end < graphemes.len() && (end == from || used + graphemes[end].0.width() <= width) {
            used += graphemes[end].0.width();
            end += 1;
        }
        if end < graphemes.len() {
            let signs = [" ", ",", "(", "[", "{", "/", ":", ".", "=", "-"];
            let near = (from + (end - from) * 3 / 5..end).rev().find(|at| signs.contains(&graphemes[*at].0));
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
        ];
        for (text, width, expected) in cases {
            assert_eq!(broken(text, *width), *expected, "{text:?} at {width}");
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
