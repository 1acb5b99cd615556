//! Running text within a block: strong, emphasis, code, links.

use ratatui::style::Style;
use ratatui::text::Span;

use crate::tui::look::Look;
use crate::tui::theme::Role;

/// The running text of one block.
#[derive(Default)]
pub(super) struct Inline {
    spans: Vec<Span<'static>>,
    roles: Vec<Role>,
    link: Option<(String, usize)>,
}

impl Inline {
    pub(super) fn open(&mut self, role: Role) {
        self.roles.push(role);
    }

    pub(super) fn close(&mut self) {
        self.roles.pop();
    }

    pub(super) fn text(&mut self, look: &Look, text: &str) {
        let style = self.roles.iter().fold(Style::new(), |style, role| style.patch(look.style(*role)));
        let style = if self.link.is_some() { style.patch(look.style(Role::Link)) } else { style };
        self.spans.push(Span::styled(look.glyphs.plain(text), style));
    }

    pub(super) fn code(&mut self, look: &Look, text: &str) {
        // Without colour, the backticks are what tells code from prose.
        let bare = look.style(Role::Code) != Style::new();
        let text = if bare { text.to_owned() } else { format!("`{text}`") };
        let style = self.roles.iter().fold(Style::new(), |style, role| style.patch(look.style(*role)));
        self.spans.push(Span::styled(look.glyphs.plain(&text), style.patch(look.style(Role::Code))));
    }

    pub(super) fn link(&mut self, url: String) {
        self.link = Some((url, self.spans.len()));
    }

    /// Ends a link: the address follows where the text does not show it, so that it can be read and copied.
    pub(super) fn end_link(&mut self, look: &Look) {
        let Some((url, start)) = self.link.take() else { return };
        let text: String = self.spans.iter().skip(start).map(|span| span.content.as_ref()).collect();
        let web = url.starts_with("http://") || url.starts_with("https://");
        if web && text != url && text != url.trim_start_matches("https://") {
            self.spans.push(look.span(Role::Dim, format!(" ({url})")));
        }
    }

    pub(super) fn take(&mut self) -> Vec<Span<'static>> {
        std::mem::take(&mut self.spans)
    }
}
