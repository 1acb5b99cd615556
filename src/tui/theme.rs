//! Colours by what they mean: a screen names a [`Role`], a theme says how it looks.
//!
//! The default theme uses the sixteen ANSI colours, so that the terminal's own palette rules. The named themes bring their own
//! background, so that they look the same everywhere. Without colour, only weight and reversal tell things apart.

use std::str::FromStr;

use ratatui::style::{Color, Modifier, Style};

use super::palette::{self, Palette};

/// Which set of colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ThemeName {
    /// The sixteen colours of the terminal itself.
    #[default]
    Terminal,
    /// Light text on a dark background.
    Dark,
    /// Dark text on a light background.
    Light,
    /// The strongest contrast.
    Contrast,
    /// No colour at all (`NO_COLOR`).
    None,
}

impl ThemeName {
    /// All that can be chosen, in the order in which the theme command walks through them.
    pub const ALL: [Self; 4] = [Self::Terminal, Self::Dark, Self::Light, Self::Contrast];

    /// The name as the settings file spells it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Terminal => "terminal",
            Self::Dark => "dark",
            Self::Light => "light",
            Self::Contrast => "high-contrast",
            Self::None => "none",
        }
    }

    /// The theme after this one.
    #[must_use]
    pub fn next(self) -> Self {
        let at = Self::ALL.iter().position(|name| *name == self).map_or(0, |at| at + 1);
        Self::ALL[at % Self::ALL.len()]
    }
}

impl FromStr for ThemeName {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let all = Self::ALL.into_iter().chain([Self::None]);
        all.into_iter().find(|theme| theme.name() == name.trim().to_ascii_lowercase()).ok_or_else(|| {
            let names: Vec<_> = Self::ALL.iter().map(|theme| theme.name()).collect();
            format!("there is no theme {name:?}; there are {} and none", names.join(", "))
        })
    }
}

/// What a piece of text means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Running text.
    Text,
    /// Less important than text.
    Dim,
    /// Lines and other ornament.
    Rule,
    /// What has the focus, and the name of the program.
    Accent,
    /// Headings of prose.
    Heading,
    /// `**strong**`.
    Strong,
    /// `*emphasis*`.
    Emphasis,
    /// A link.
    Link,
    /// Code between backticks.
    Code,
    /// The selected row.
    Selected,
    /// A task that passes.
    Pass,
    /// A task that passes with advice.
    Warn,
    /// A task that fails.
    Fail,
    /// A task without verdict.
    Blocked,
    /// A key to press.
    Key,
    /// Text that a search found.
    Match,
    /// An added line of a diff.
    Added,
    /// The part of it that changed.
    AddedWord,
    /// A removed line of a diff.
    Removed,
    /// The part of it that changed.
    RemovedWord,
    /// Boxes and arrows of a diagram where the sender waits.
    Sync,
    /// Arrows of a diagram where the sender goes on.
    Async,
    /// In code: a comment.
    Comment,
    /// In code: a keyword.
    Keyword,
    /// In code: a string.
    Text2,
    /// In code: a number or constant.
    Constant,
    /// In code: a function's or class's name.
    Function,
    /// In code: the key of a mapping.
    Property,
    /// In code: punctuation and operators.
    Punctuation,
}

/// A theme, ready to be asked for styles.
#[derive(Clone, Debug)]
pub struct Theme {
    /// Which one.
    pub name: ThemeName,
    palette: Palette,
}

impl Theme {
    /// The theme of this name; `true_colour` says whether the terminal shows more than 256 colours.
    pub fn new(name: ThemeName, true_colour: bool) -> Self {
        let palette = palette::of(name);
        Self { name, palette: if true_colour { palette } else { palette.map(palette::nearest, palette::same_hue) } }
    }

    /// The style of the empty screen.
    pub fn base(&self) -> Style {
        Style::new().fg(self.palette.text).bg(self.palette.background)
    }

    /// How `role` looks. Styles are laid over [`Theme::base`], so most leave the background alone.
    pub fn style(&self, role: Role) -> Style {
        let p = &self.palette;
        let colour = |colour: Color| Style::new().fg(colour);
        let bold = |colour: Color| Style::new().fg(colour).add_modifier(Modifier::BOLD);
        if self.name == ThemeName::None {
            return colourless(role);
        }
        match role {
            Role::Text => colour(p.text),
            Role::Dim | Role::Comment => faint(p.dim),
            Role::Rule => faint(p.rule),
            Role::Accent | Role::Heading => bold(p.accent),
            Role::Strong => bold(p.strong),
            Role::Emphasis => colour(p.text).add_modifier(Modifier::ITALIC),
            Role::Link => colour(p.blue).add_modifier(Modifier::UNDERLINED),
            Role::Code => colour(p.code),
            Role::Selected => match p.selection {
                Some(background) => bold(p.strong).bg(background),
                None => Style::new().add_modifier(Modifier::REVERSED),
            },
            Role::Pass => colour(p.green),
            Role::Warn => colour(p.yellow),
            Role::Fail => colour(p.red),
            Role::Blocked => colour(p.blue),
            Role::Key => bold(p.accent),
            Role::Match => Style::new().fg(p.on_match).bg(p.yellow),
            Role::Added => tinted(p.green, p.added),
            Role::Removed => tinted(p.red, p.removed),
            Role::AddedWord => emphasized(p.green, p.added_word, p.strong),
            Role::RemovedWord => emphasized(p.red, p.removed_word, p.strong),
            Role::Sync => colour(p.blue),
            Role::Async => colour(p.magenta),
            Role::Keyword => colour(p.magenta),
            Role::Text2 => colour(p.green),
            Role::Constant => colour(p.yellow),
            Role::Function => colour(p.blue),
            Role::Property => colour(p.cyan),
            Role::Punctuation => colour(p.text),
        }
    }

    /// Whether changed lines of a diff have a tinted background, on which code keeps its own colours.
    pub fn tints_diffs(&self) -> bool {
        self.palette.added.is_some()
    }
}

/// Less important text. Without a colour of its own it is drawn faint: the palette's grey is the colour of the background in some terminals.
fn faint(colour: Color) -> Style {
    match colour {
        Color::Reset => Style::new().fg(colour).add_modifier(Modifier::DIM),
        colour => Style::new().fg(colour),
    }
}

/// A changed line: a tint under it where the theme has one, else coloured text.
fn tinted(colour: Color, tint: Option<Color>) -> Style {
    tint.map_or_else(|| Style::new().fg(colour), |tint| Style::new().bg(tint))
}

fn emphasized(colour: Color, tint: Option<Color>, strong: Color) -> Style {
    match tint {
        Some(tint) => Style::new().fg(strong).bg(tint).add_modifier(Modifier::BOLD),
        None => Style::new().fg(colour).add_modifier(Modifier::BOLD | Modifier::UNDERLINED),
    }
}

fn colourless(role: Role) -> Style {
    let style = Style::new();
    match role {
        Role::Accent | Role::Heading | Role::Strong | Role::Key | Role::Fail | Role::Keyword | Role::Property => {
            style.add_modifier(Modifier::BOLD)
        }
        Role::Dim | Role::Rule | Role::Comment => style.add_modifier(Modifier::DIM),
        Role::Emphasis => style.add_modifier(Modifier::ITALIC),
        Role::Link | Role::Match => style.add_modifier(Modifier::UNDERLINED),
        Role::Selected => style.add_modifier(Modifier::REVERSED),
        Role::AddedWord | Role::RemovedWord => style.add_modifier(Modifier::BOLD | Modifier::UNDERLINED),
        _ => style,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for name in ThemeName::ALL {
            assert_eq!(name.name().parse(), Ok(name));
        }
        assert!("neon".parse::<ThemeName>().is_err_and(|message| message.contains("dark")));
    }

    #[test]
    fn without_colour_there_is_no_colour() {
        let theme = Theme::new(ThemeName::None, true);
        for role in [Role::Fail, Role::Selected, Role::Added, Role::AddedWord, Role::Link] {
            let style = theme.style(role);
            assert_eq!((style.fg, style.bg), (None, None), "{role:?}");
        }
        assert_eq!(theme.base(), Style::new().fg(Color::Reset).bg(Color::Reset));
    }
}
