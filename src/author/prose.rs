//! The prose: what its fenced blocks name is there, its links are addresses, and what could be shown is shown.

use std::collections::BTreeSet;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag};

use super::Proof;
use crate::diagnostic::Span;
use crate::workshop::load::{front_matter, join};

impl Proof<'_> {
    pub(super) fn prose(&mut self) {
        let mut shown = BTreeSet::new();
        for path in self.places.prose.clone() {
            let Some(text) = self.files.get(&path) else { continue };
            for (mention, span) in mentions(text) {
                if let Some(message) = self.fault(&mention) {
                    self.report(&path, Some(span), message);
                }
                shown.insert(mention);
            }
        }
        self.unshown(&shown);
    }

    fn fault(&self, mention: &Mention) -> Option<String> {
        match mention {
            Mention::Diagram(id) if self.module.diagrams.iter().any(|diagram| diagram.id == *id) => None,
            Mention::Diagram(id) => Some(format!("module.toml has no diagram with the id `{id}`")),
            Mention::Sample(name) if self.module.samples.contains_key(name) => None,
            Mention::Sample(name) => Some(format!("the samples have no file `{name}`")),
            Mention::Link(url) => address_fault(url).map(|fault| format!("`{url}` is no web address: {fault}")),
        }
    }

    /// Diagrams and samples that no prose shows.
    fn unshown(&mut self, shown: &BTreeSet<Mention>) {
        let (module, manifest) = (self.module, self.places.manifest.clone());
        for (index, diagram) in module.diagrams.iter().enumerate() {
            if !shown.contains(&Mention::Diagram(diagram.id.clone())) {
                let span = self.places.diagrams.get(index).map(|places| places.id);
                self.report(&manifest, span, format!("no prose shows the diagram {}", diagram.id));
            }
        }
        for name in module.samples.keys().filter(|name| !shown.contains(&Mention::Sample((*name).clone()))) {
            self.report(&join(&self.places.samples.clone(), name), None, "no prose shows it: name it or remove it");
        }
    }
}

/// Something that prose points at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Mention {
    Diagram(String),
    Sample(String),
    Link(String),
}

fn mentions(text: &str) -> Vec<(Mention, Span)> {
    let start = front_matter(text).map_or(0, |(front, offset)| offset + front.len());
    let mut found = Vec::new();
    let mut fence: Option<fn(String) -> Mention> = None;
    for (event, range) in Parser::new_ext(&text[start..], Options::ENABLE_TABLES).into_offset_iter() {
        let span = Span::new(start + range.start, start + range.end);
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                fence = match info.split_whitespace().next() {
                    Some("diagram") => Some(Mention::Diagram),
                    Some("include") => Some(Mention::Sample),
                    _ => None,
                };
            }
            Event::Text(inside) => {
                if let Some(mention) = fence.take() {
                    found.push((mention(inside.trim().to_owned()), span));
                }
            }
            Event::End(_) => {
                // An empty block names nothing, which is no name either.
                if let Some(mention) = fence.take() {
                    found.push((mention(String::new()), span));
                }
            }
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                found.push((Mention::Link(dest_url.into_string()), span));
            }
            _ => {}
        }
    }
    found
}

/// What keeps `url` from being an address that a browser opens.
pub(super) fn address_fault(url: &str) -> Option<&'static str> {
    let Some(rest) = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")) else {
        return Some("it does not begin with https:// or http://");
    };
    if url.chars().any(|letter| letter.is_whitespace() || letter.is_control() || "<>\"{}|\\^`".contains(letter)) {
        return Some("it holds a character that addresses do not have");
    }
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let (name, port) = host.split_once(':').map_or((host, None), |(name, port)| (name, Some(port)));
    let is_label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|letter| letter.is_alphanumeric() || letter == '-')
    };
    if !name.contains('.') || !name.split('.').all(is_label) {
        return Some("it has no host such as docs.example.com");
    }
    if port.is_some_and(|port| port.parse::<u16>().is_err()) {
        return Some("its port is no number");
    }
    let escapes_are_hex = rest
        .split('%')
        .skip(1)
        .all(|after| after.len() >= 2 && after.bytes().take(2).all(|byte| byte.is_ascii_hexdigit()));
    (!escapes_are_hex).then_some("a `%` in it is not followed by two hexadecimal digits")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for good in [
            "https://docs.aws.amazon.com/a/b.html#c",
            "http://x.y",
            "https://a.b:8080/?q=%C3%A9",
            "https://bücher.example/",
        ] {
            assert_eq!(address_fault(good), None, "{good}");
        }
        for bad in [
            "",
            "docs.aws.amazon.com",
            "ftp://a.b",
            "https://",
            "https:///a",
            "https://a b.c",
            "https://localhost/x",
            "https://a..b",
            "https://a.b:http/",
            "https://a.b/%zz",
            "https://a.b/%C",
            "https://-a.b",
            "https://a.b/<x>",
            "#anchor",
            "2-publish.md",
        ] {
            assert!(address_fault(bad).is_some(), "{bad}");
        }
    }
}
