//! Code as styled lines, with colours where they are known already.

use ratatui::text::Span;

use super::Writer;
use crate::tui::highlight::Code;
use crate::tui::theme::Role;
use crate::tui::wrap;

/// The lines of `code`; what has no colours yet is noted on the page as wanted.
pub(super) fn lines(writer: &mut Writer<'_>, code: &Code) -> Vec<Vec<Span<'static>>> {
    let look = writer.look;
    if let Some(known) = writer.highlights.get(code) {
        let span = |(role, text): &(Role, String)| look.span(*role, wrap::printable(text));
        return known.iter().map(|line| line.iter().map(span).collect()).collect();
    }
    writer.page.wanted.push(code.clone());
    code.text.lines().map(|line| vec![look.span(Role::Text, wrap::printable(line))]).collect()
}
