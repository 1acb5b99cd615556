//! Builds the tree from the parser's events, without recursion, so that no input can exhaust the stack.

use std::collections::HashMap;
use std::sync::Arc;

use saphyr_parser::{Event, Parser, ScalarStyle, Span as Marks, Tag};

use super::error::{YamlError, explain, tab_error, tab_in_indentation, too_deep};
use super::position::Lines;
use super::{Entry, Location, Map, Node, Value, scalar};
use crate::diagnostic::Span;
use crate::serverless::text::Text;

/// Deepest nesting that is read: four times what a large service needs.
const MAX_DEPTH: usize = 96;
/// Most entries that merge keys may add to one file.
const MAX_MERGED: usize = 100_000;

/// Tags that Serverless knows, all of them CloudFormation intrinsics.
const INTRINSICS: &[&str] = &[
    "And",
    "Base64",
    "Cidr",
    "Condition",
    "Equals",
    "FindInMap",
    "GetAtt",
    "GetAZs",
    "If",
    "ImportValue",
    "Join",
    "Length",
    "Not",
    "Or",
    "Ref",
    "Select",
    "Split",
    "Sub",
    "ToJsonString",
    "Transform",
];

/// Reads one document. `file` is only remembered for the places of nodes.
///
/// # Errors
/// The first place that Serverless would not read.
pub fn read(file: &Arc<str>, text: &str) -> Result<Arc<Node>, YamlError> {
    read_as_written(file, text).or_else(|error| {
        // YAML lets a tab follow the colon, and the parser does not. Blanks of the same length keep every place.
        let spaced = text.replace(":\t", ": ");
        if spaced == text { Err(error) } else { read_as_written(file, &spaced).map_err(|_| error) }
    })
}

fn read_as_written(file: &Arc<str>, text: &str) -> Result<Arc<Node>, YamlError> {
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = Lines::new(body, text.len() - body.len());
    let mut reader =
        Reader { file, lines, frames: Vec::new(), anchors: HashMap::new(), root: None, documents: 0, merged: 0 };
    for event in Parser::new_from_str(body) {
        match event {
            Ok((event, marks)) => reader.take(event, marks)?,
            Err(error) => return Err(explain(&error, &reader.lines)),
        }
    }
    let root = reader.root.filter(|root| !root.is_null());
    root.ok_or_else(|| {
        YamlError::new(Span::at(0), "the file is empty", "Restore it from the starter, or from version control.")
    })
}

struct Reader<'a> {
    file: &'a Arc<str>,
    lines: Lines<'a>,
    frames: Vec<Frame>,
    /// With the height of each.
    anchors: HashMap<usize, (Arc<Node>, usize)>,
    root: Option<Arc<Node>>,
    documents: usize,
    merged: usize,
}

struct Frame {
    start: usize,
    /// After the last child, or after the opening bracket.
    end: usize,
    anchor: usize,
    /// Height of the highest child.
    height: usize,
    tag: Option<&'static str>,
    content: Content,
}

enum Content {
    List(Vec<Arc<Node>>),
    Map { entries: Vec<Entry>, known: HashMap<Arc<str>, usize>, merges: Vec<Arc<Node>>, key: Option<Key> },
}

struct Key {
    text: Arc<str>,
    span: Span,
    merge: bool,
}

impl Reader<'_> {
    fn take(&mut self, event: Event, marks: Marks) -> Result<(), YamlError> {
        let start = self.lines.local(marks.start);
        let end = self.lines.local(marks.end).max(start);
        match event {
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    return Err(YamlError::new(
                        self.span(start, end),
                        "a second document starts here",
                        "A `serverless.yml` is one document: remove this `---`.",
                    ));
                }
                Ok(())
            }
            Event::Alias(anchor) => {
                let (target, height) = self.anchors.get(&anchor).cloned().ok_or_else(|| {
                    YamlError::new(
                        self.span(start, end),
                        "this alias stands inside what it names",
                        "An alias (`*name`) can only name something that was written out before it.",
                    )
                })?;
                self.finish(target, height, self.span(start, end), false)
            }
            Event::Scalar(text, style, anchor, tag) => self.scalar(&text, style, anchor, tag.as_deref(), start, end),
            Event::SequenceStart(anchor, tag) => {
                self.open(Content::List(Vec::new()), anchor, tag.as_deref(), start, end)
            }
            Event::MappingStart(anchor, tag) => {
                let content =
                    Content::Map { entries: Vec::new(), known: HashMap::new(), merges: Vec::new(), key: None };
                self.open(content, anchor, tag.as_deref(), start, end)
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(start, end),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => Ok(()),
        }
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.lines.global(start), self.lines.global(end))
    }

    fn location(&self, span: Span) -> Location {
        Location { file: Arc::clone(self.file), span }
    }

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        start: usize,
        end: usize,
    ) -> Result<(), YamlError> {
        let source = self.lines.text();
        // The scanner counts trailing blanks and line ends to a plain or block scalar.
        let end = start + source[start..end].trim_end().len();
        let start =
            if matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) { self.header(start) } else { start };
        let start = if tag.is_some() { self.tag_start(start) } else { start };
        let span = self.span(start, end);
        let (intrinsic, forced) = self.tag(tag, span)?;
        let value = if style == ScalarStyle::Plain && !forced && intrinsic.is_none() {
            self.indentation(text, start, end)?;
            scalar::plain(text)
        } else {
            Value::Text(Text::literal(text))
        };
        let is_merge = style == ScalarStyle::Plain && text == "<<" && tag.is_none();
        let node = Arc::new(Node { location: self.location(span), tag: intrinsic, value });
        if anchor > 0 {
            self.anchors.insert(anchor, (Arc::clone(&node), 0));
        }
        if let Some(Frame { content: Content::Map { key: key @ None, .. }, .. }) = self.frames.last_mut() {
            // A key is text whatever it looks like, and keeps its spelling.
            *key = Some(Key { text: Arc::from(text), span, merge: is_merge });
            return Ok(());
        }
        self.finish(node, 0, span, true)
    }

    /// A plain scalar that runs over several lines may hide a tab that js-yaml refuses.
    fn indentation(&self, _text: &str, start: usize, end: usize) -> Result<(), YamlError> {
        let source = &self.lines.text()[start..end];
        if !source.contains('\t') {
            return Ok(());
        }
        let mut offset = start;
        for (index, line) in source.split_inclusive('\n').enumerate() {
            if index > 0
                && let Some((from, to)) = tab_in_indentation(offset, line.trim_end())
            {
                return Err(tab_error(from, to, &self.lines));
            }
            offset += line.len();
        }
        Ok(())
    }

    /// The `|` or `>` of a block of text, which the scanner leaves out: whoever replaces the block replaces that too.
    fn header(&self, start: usize) -> usize {
        let source = self.lines.text();
        if source[start..].starts_with(['|', '>']) {
            return start;
        }
        let before = source[..start].trim_end();
        let line = before.rfind('\n').map_or(0, |newline| newline + 1);
        let written = &before[line..];
        let written = written.find(" #").map_or(written, |comment| &written[..comment]).trim_end();
        let bare = written.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-'));
        if bare.ends_with(['|', '>']) { line + bare.len() - 1 } else { start }
    }

    /// The node's start, moved before its tag if the scanner left that out.
    fn tag_start(&self, start: usize) -> usize {
        let source = self.lines.text();
        if source[start..].starts_with('!') {
            return start;
        }
        let before = source[..start].trim_end();
        let word = before.rfind([' ', '\t', '\n', '[', '{', ',']).map_or(0, |index| index + 1);
        if before[word..].starts_with('!') { word } else { start }
    }

    /// The intrinsic that a tag names, and whether it forces text.
    fn tag(&self, tag: Option<&Tag>, span: Span) -> Result<(Option<&'static str>, bool), YamlError> {
        let Some(tag) = tag else { return Ok((None, false)) };
        if tag.is_yaml_core_schema() {
            return Ok((None, tag.suffix == "str"));
        }
        if tag.handle.is_empty() && tag.suffix == "!" || tag.handle == "!" && tag.suffix.is_empty() {
            return Ok((None, true));
        }
        if tag.handle == "!"
            && let Some(known) = INTRINSICS.iter().find(|known| **known == tag.suffix)
        {
            return Ok((Some(known), false));
        }
        let written = format!("{}{}", tag.handle, tag.suffix);
        let near = INTRINSICS.iter().find(|known| {
            let (known, suffix) = (known.to_ascii_lowercase(), tag.suffix.to_ascii_lowercase());
            known == suffix || strsim::osa_distance(&known, &suffix) <= 1
        });
        let help = match near {
            Some(known) => format!("Write `!{known}`: the spelling matters, capitals too."),
            None => "Serverless knows the tags of CloudFormation's intrinsic functions, such as `!Ref`, `!GetAtt` and `!Sub`. Text that starts with `!` needs quotes.".to_owned(),
        };
        let start = span.start;
        let span = Span::new(start, start + written.len().min(span.end.saturating_sub(start)));
        Err(YamlError::new(span, format!("there is no tag `{written}`"), help))
    }

    fn open(
        &mut self,
        content: Content,
        anchor: usize,
        tag: Option<&Tag>,
        start: usize,
        end: usize,
    ) -> Result<(), YamlError> {
        let begin = if tag.is_some() { self.tag_start(start) } else { start };
        let span = self.span(begin, end.max(begin));
        if self.frames.len() >= MAX_DEPTH {
            return Err(too_deep(span));
        }
        if let Some(Frame { content: Content::Map { key: None, .. }, .. }) = self.frames.last() {
            return Err(YamlError::new(
                span,
                "a key must be text, and this is a list or mapping",
                "Did you mean `${…}` or quotes around it?",
            ));
        }
        let (tag, _) = self.tag(tag, span)?;
        self.frames.push(Frame { start: begin, end: end.max(begin), anchor, height: 0, tag, content });
        Ok(())
    }

    fn close(&mut self, start: usize, end: usize) -> Result<(), YamlError> {
        let Some(mut frame) = self.frames.pop() else { return Ok(()) };
        // A block ends with its last child; the scanner notices only at the next token.
        if self.lines.text()[start..end].starts_with([']', '}']) {
            let written = &self.lines.text()[start..end];
            frame.end = start + written.trim_end().len();
        }
        let value = match frame.content {
            Content::List(items) => Value::List(items),
            Content::Map { mut entries, mut known, merges, .. } => {
                for source in &merges {
                    self.merge(source, &mut entries, &mut known)?;
                }
                Value::Map(Map { entries })
            }
        };
        let span = self.span(frame.start, frame.end.max(frame.start));
        let node = Arc::new(Node { location: self.location(span), tag: frame.tag, value });
        if frame.anchor > 0 {
            self.anchors.insert(frame.anchor, (Arc::clone(&node), frame.height + 1));
        }
        self.finish(node, frame.height + 1, span, true)
    }

    /// Puts a finished value where it belongs. `span` is where it is used, which differs from the node's own place for an alias.
    fn finish(&mut self, node: Arc<Node>, height: usize, span: Span, own: bool) -> Result<(), YamlError> {
        let file = Arc::clone(self.file);
        let end = self.local(span.end);
        // Aliases of aliases grow a tree that is deeper than anything that is written out.
        if self.frames.len() + height > MAX_DEPTH {
            return Err(too_deep(span));
        }
        let Some(frame) = self.frames.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        frame.height = frame.height.max(height);
        frame.end = frame.end.max(end);
        match &mut frame.content {
            Content::List(items) => items.push(node),
            Content::Map { entries, known, merges, key } => match key.take() {
                None => {
                    // Only an alias comes here: scalars and collections as keys were taken care of.
                    let text = node.as_text().and_then(|text| text.as_literal().map(Arc::from));
                    let text = text.filter(|_| !own).ok_or_else(|| {
                        YamlError::new(
                            span,
                            "a key must be text",
                            "Write the key out, followed by a colon and a space.",
                        )
                    })?;
                    *key = Some(Key { text, span, merge: false });
                }
                Some(Key { merge: true, .. }) => merges.push(node),
                Some(found) => {
                    if let Some(first) = known.get(&found.text) {
                        let line = self.lines.text()[..*first].matches('\n').count() + 1;
                        return Err(YamlError::new(
                            found.span,
                            format!("the key `{}` stands twice in this mapping", found.text),
                            format!(
                                "It is already on line {line}. Serverless refuses the file: merge the two, or remove one."
                            ),
                        ));
                    }
                    known.insert(Arc::clone(&found.text), found.span.start.saturating_sub(self.lines.global(0)));
                    let key_location = Location { file, span: found.span };
                    entries.push(Entry { key: found.text, key_location, value: node });
                }
            },
        }
        Ok(())
    }

    fn local(&self, global: usize) -> usize {
        global - self.lines.global(0)
    }

    /// Adds what `<<` brings, without replacing what stands there.
    fn merge(
        &mut self,
        source: &Arc<Node>,
        entries: &mut Vec<Entry>,
        known: &mut HashMap<Arc<str>, usize>,
    ) -> Result<(), YamlError> {
        let sources = match &source.value {
            Value::Map(_) => std::slice::from_ref(source),
            Value::List(items) => items.as_slice(),
            _ => &[],
        };
        if sources.is_empty() || sources.iter().any(|source| source.as_map().is_none()) {
            return Err(YamlError::new(
                source.location.span,
                "a merge key (`<<`) takes a mapping or a list of mappings",
                "Name an anchor that marks a mapping: `<<: *defaults`.",
            ));
        }
        for entry in sources.iter().filter_map(|source| source.as_map()).flat_map(|map| &map.entries) {
            self.merged += 1;
            if self.merged > MAX_MERGED {
                return Err(too_deep(source.location.span));
            }
            if !known.contains_key(&entry.key) {
                known.insert(Arc::clone(&entry.key), 0);
                entries.push(entry.clone());
            }
        }
        Ok(())
    }
}
