//! How things are drawn: a theme and a set of characters.

use ratatui::style::Style;
use ratatui::text::Span;

use super::glyphs::Glyphs;
use super::theme::{Role, Theme, ThemeName};

/// A theme and a set of characters.
#[derive(Clone, Debug)]
pub struct Look {
    /// Colours.
    pub theme: Theme,
    /// Characters.
    pub glyphs: &'static Glyphs,
    /// Whether the terminal shows more than 256 colours.
    pub true_colour: bool,
}

impl Look {
    /// The look of a theme, in ASCII or with all characters.
    pub fn new(theme: ThemeName, ascii: bool, true_colour: bool) -> Self {
        Self { theme: Theme::new(theme, true_colour), glyphs: Glyphs::of(ascii, false), true_colour }
    }

    /// The look of line mode, whose text may be read aloud.
    pub fn spoken(ascii: bool) -> Self {
        Self { theme: Theme::new(ThemeName::None, false), glyphs: Glyphs::of(ascii, true), true_colour: false }
    }

    /// The same look in another theme.
    #[must_use]
    pub fn with_theme(&self, theme: ThemeName) -> Self {
        Self { theme: Theme::new(theme, self.true_colour), ..self.clone() }
    }

    /// How `role` looks.
    pub fn style(&self, role: Role) -> Style {
        self.theme.style(role)
    }

    /// `text` as `role`, in characters that the terminal has.
    pub fn span(&self, role: Role, text: impl AsRef<str>) -> Span<'static> {
        Span::styled(self.glyphs.plain(text.as_ref()), self.style(role))
    }
}
