//! Markdown as lessons use it, written to a page: headings, lists, tables, links, callouts, code, and the module's own fences.

mod inline;
mod table;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use ratatui::text::Span;

use super::diagram;
use super::highlight::Code;
use super::page::Writer;
use super::theme::Role;
use crate::workshop::Module;
use inline::Inline;
use table::Table;

/// Writes `markdown`; `module` holds the diagrams and samples that its fences name.
pub fn write(writer: &mut Writer<'_>, module: &Module, markdown: &str) {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut prose =
        Prose { writer, module, inline: Inline::default(), lists: Vec::new(), table: None, code: None, quote: None };
    for event in Parser::new_ext(markdown, options) {
        prose.event(event);
    }
    prose.flush();
}

struct Prose<'a, 'w> {
    writer: &'a mut Writer<'w>,
    module: &'a Module,
    inline: Inline,
    /// The next number of each open list, or none if it is not numbered.
    lists: Vec<Option<u64>>,
    table: Option<Table>,
    code: Option<(String, String)>,
    /// Whether the next text is the first of a quotation, whose first strong words make it a callout.
    quote: Option<Quote>,
}

#[derive(PartialEq)]
enum Quote {
    Fresh,
    Open,
}

impl Prose<'_, '_> {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(end) => self.end(end),
            Event::Text(text) => match &mut self.code {
                Some((_, code)) => code.push_str(&text),
                None => self.inline.text(self.writer.look(), &text),
            },
            Event::Code(text) => self.inline.code(self.writer.look(), &text),
            Event::SoftBreak => self.inline.text(self.writer.look(), " "),
            Event::HardBreak => self.inline.text(self.writer.look(), "\n"),
            Event::Rule => {
                self.flush();
                let line = self.writer.look().glyphs.horizontal.repeat(self.writer.width().min(24));
                let line = self.writer.look().span(Role::Rule, line);
                self.writer.line(vec![line]);
                self.writer.blank();
            }
            Event::TaskListMarker(done) => self.inline.text(self.writer.look(), if done { "[x] " } else { "[ ] " }),
            Event::Html(_) | Event::InlineHtml(_) | Event::FootnoteReference(_) => {}
            Event::InlineMath(text) | Event::DisplayMath(text) => self.inline.text(self.writer.look(), &text),
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Heading { .. } => {
                self.flush();
                self.writer.blank();
                self.inline.open(Role::Heading);
            }
            Tag::BlockQuote(_) => {
                self.flush();
                self.quote = Some(Quote::Fresh);
                let bar = format!("{} ", self.writer.look().glyphs.bar);
                let bar = self.writer.look().span(Role::Accent, bar);
                self.writer.indent(vec![bar.clone()], vec![bar]);
            }
            Tag::CodeBlock(kind) => {
                self.flush();
                let fence = match kind {
                    CodeBlockKind::Fenced(fence) => fence.to_string(),
                    CodeBlockKind::Indented => String::new(),
                };
                self.code = Some((fence, String::new()));
            }
            Tag::List(first) => {
                self.flush();
                self.lists.push(first);
            }
            Tag::Item => {
                self.flush();
                let look = self.writer.look();
                let mark = match self.lists.last_mut() {
                    Some(Some(number)) => {
                        *number += 1;
                        format!("{}. ", *number - 1)
                    }
                    _ => format!("{} ", look.glyphs.bullet),
                };
                let rest = " ".repeat(mark.chars().count());
                self.writer.indent(vec![look.span(Role::Accent, mark)], vec![Span::raw(rest)]);
            }
            Tag::Table(_) => {
                self.flush();
                self.table = Some(Table::default());
            }
            Tag::TableHead | Tag::TableRow => {
                if let Some(table) = &mut self.table {
                    table.rows.push(Vec::new());
                }
            }
            Tag::Emphasis => self.inline.open(Role::Emphasis),
            Tag::Strong if self.quote == Some(Quote::Fresh) => self.inline.open(Role::Accent),
            Tag::Strong => self.inline.open(Role::Strong),
            Tag::Link { dest_url, .. } => self.inline.link(dest_url.to_string()),
            _ => {}
        }
    }

    fn end(&mut self, end: TagEnd) {
        match end {
            TagEnd::Paragraph => {
                self.flush();
                if self.lists.is_empty() || self.quote.is_some() {
                    self.writer.blank();
                }
            }
            TagEnd::Heading(_) => {
                self.flush();
                self.inline.close();
                self.writer.blank();
            }
            TagEnd::BlockQuote(_) => {
                self.flush();
                self.writer.dedent();
                self.quote = None;
                self.writer.blank_after_quote();
            }
            TagEnd::CodeBlock => {
                if let Some((fence, text)) = self.code.take() {
                    self.fence(&fence, &text);
                    self.writer.blank();
                }
            }
            TagEnd::List(_) => {
                self.lists.pop();
                if self.lists.is_empty() {
                    self.writer.blank();
                }
            }
            TagEnd::Item => {
                self.flush();
                self.writer.dedent();
            }
            TagEnd::TableCell => {
                let cell = self.inline.take();
                if let Some(row) = self.table.as_mut().and_then(|table| table.rows.last_mut()) {
                    row.push(cell);
                }
            }
            TagEnd::Table => {
                if let Some(table) = self.table.take() {
                    table.write(self.writer);
                    self.writer.blank();
                }
            }
            TagEnd::Strong if self.quote == Some(Quote::Fresh) => {
                self.inline.close();
                self.quote = Some(Quote::Open);
            }
            TagEnd::Emphasis | TagEnd::Strong => self.inline.close(),
            TagEnd::Link => self.inline.end_link(self.writer.look()),
            _ => {}
        }
    }

    /// Writes the running text that was gathered.
    fn flush(&mut self) {
        let spans = self.inline.take();
        if !spans.is_empty() {
            self.writer.text(&spans);
        }
    }

    fn fence(&mut self, fence: &str, text: &str) {
        let (language, rest) = fence.split_once(' ').unwrap_or((fence, ""));
        match language {
            "diagram" => self.diagram(text.trim()),
            "include" => self.include(text.trim(), rest),
            _ => {
                let language = language.to_owned();
                let label = match rest.trim() {
                    "sandbox" => Some("sandbox"),
                    "aws" => Some("real AWS"),
                    _ => title(rest),
                };
                let text = text.trim_end_matches('\n').to_owned() + "\n";
                self.writer.code(&Code { language, text }, label);
            }
        }
    }

    fn diagram(&mut self, id: &str) {
        match self.module.diagrams.iter().find(|diagram| diagram.id == id) {
            Some(diagram) => {
                let (look, width) = (self.writer.look(), self.writer.width());
                self.writer.lines(diagram::draw(diagram, look, width));
                if let Some(wider) = self.writer.wider.clone().filter(|_| !diagram::fits(diagram, width)) {
                    self.writer.blank();
                    self.writer.say(Role::Dim, &wider);
                }
            }
            None => self.writer.say(Role::Dim, &format!("(the module has no diagram {id})")),
        }
    }

    fn include(&mut self, path: &str, rest: &str) {
        match self.module.samples.get(path) {
            Some(text) => self.writer.code(&Code::of_file(path, text), Some(title(rest).unwrap_or(path))),
            None => self.writer.say(Role::Dim, &format!("(the module has no sample {path})")),
        }
    }
}

/// The title that a fence gives after its first word: `title="…"`.
fn title(rest: &str) -> Option<&str> {
    rest.split_once("title=\"")?.1.split_once('"').map(|(title, _)| title)
}

#[cfg(test)]
mod tests;
